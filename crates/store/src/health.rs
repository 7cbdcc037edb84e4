//! The latch that stops a store after a failure, and the seam that trips it.

use std::io;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use crate::disk::Disk;
use crate::error::{Result, StoreError};

/// Whether a write or a sync has failed. After a failed sync the kernel may have dropped the dirty pages and answer the
/// next sync with success, so nothing is ever tried again: only opening the files anew tells what is on them.
#[derive(Clone, Debug, Default)]
pub(crate) struct Health(Arc<AtomicBool>);

impl Health {
    /// Refuses once a failure has happened.
    pub(crate) fn check(&self) -> Result<()> {
        if self.failed() { Err(StoreError::Failed) } else { Ok(()) }
    }

    /// Stops everything that shares this latch, for good.
    pub(crate) fn fail(&self) {
        self.0.store(true, Ordering::SeqCst);
    }

    fn failed(&self) -> bool {
        self.0.load(Ordering::SeqCst)
    }

    /// Runs a read. The database may panic on structural damage that its checksums did not cover; that panic is no
    /// answer, so it becomes a typed error and stops the store.
    pub(crate) fn reading<T>(&self, work: impl FnOnce() -> Result<T>) -> Result<T> {
        self.check()?;
        match catch_unwind(AssertUnwindSafe(work)) {
            Ok(result) => result,
            Err(_) => {
                self.fail();
                Err(StoreError::corrupt("the database's structure is damaged"))
            }
        }
    }

    /// Runs a write, whose failure leaves the device in an unknown state and therefore stops the store.
    pub(crate) fn writing<T>(&self, work: impl FnOnce() -> Result<T>) -> Result<T> {
        let result = self.reading(work);
        if result.is_err() {
            self.fail();
        }
        result
    }
}

/// A disk that is cut off from its user at the first failed write, resize or sync, so that not even the database's own
/// clean-up on closing can touch the device again.
#[derive(Debug)]
pub(crate) struct Guarded {
    disk: Box<dyn Disk>,
    health: Health,
}

impl Guarded {
    pub(crate) fn new(disk: impl Disk, health: Health) -> Self {
        Self { disk: Box::new(disk), health }
    }

    fn mutate(&self, call: impl FnOnce(&dyn Disk) -> io::Result<()>) -> io::Result<()> {
        if self.health.failed() {
            return Err(io::Error::other("the device failed earlier"));
        }
        call(self.disk.as_ref()).inspect_err(|_| self.health.fail())
    }
}

impl Disk for Guarded {
    fn len(&self) -> io::Result<u64> {
        self.disk.len()
    }

    fn read(&self, offset: u64, out: &mut [u8]) -> io::Result<()> {
        self.disk.read(offset, out)
    }

    fn set_len(&self, len: u64) -> io::Result<()> {
        self.mutate(|disk| disk.set_len(len))
    }

    fn sync_data(&self) -> io::Result<()> {
        self.mutate(|disk| disk.sync_data())
    }

    fn write(&self, offset: u64, data: &[u8]) -> io::Result<()> {
        self.mutate(|disk| disk.write(offset, data))
    }

    fn close(&self) -> io::Result<()> {
        self.disk.close()
    }
}
