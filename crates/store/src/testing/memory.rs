//! A disk in memory.

use std::io;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use crate::disk::Disk;

/// A disk in memory that never fails. Clones share their bytes, so one kept aside is the disk a test opens again.
#[derive(Clone, Debug, Default)]
pub struct MemoryDisk(Arc<Mutex<Vec<u8>>>);

impl MemoryDisk {
    /// An empty disk.
    pub fn new() -> Self {
        Self::default()
    }

    /// A disk that holds `bytes`.
    pub fn with_bytes(bytes: Vec<u8>) -> Self {
        Self(Arc::new(Mutex::new(bytes)))
    }

    /// A copy of everything on the disk.
    pub fn bytes(&self) -> Vec<u8> {
        self.lock().clone()
    }

    fn lock(&self) -> MutexGuard<'_, Vec<u8>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// The part of `bytes` that a call is about, or the error a file would give.
pub(super) fn span(bytes: &mut [u8], offset: u64, len: usize) -> io::Result<&mut [u8]> {
    let start = usize::try_from(offset).map_err(io::Error::other)?;
    let end = start.checked_add(len).ok_or(io::ErrorKind::UnexpectedEof)?;
    bytes.get_mut(start..end).ok_or_else(|| io::ErrorKind::UnexpectedEof.into())
}

/// Grows with zeros or shrinks. `Vec::resize` goes byte by byte in a build without optimisation, and disks are large.
pub(super) fn resize(bytes: &mut Vec<u8>, len: usize) {
    bytes.truncate(len);
    bytes.extend_from_slice(&vec![0; len - bytes.len()]);
}

impl Disk for MemoryDisk {
    fn len(&self) -> io::Result<u64> {
        Ok(self.lock().len() as u64)
    }

    fn read(&self, offset: u64, out: &mut [u8]) -> io::Result<()> {
        out.copy_from_slice(span(&mut self.lock(), offset, out.len())?);
        Ok(())
    }

    fn set_len(&self, len: u64) -> io::Result<()> {
        resize(&mut self.lock(), usize::try_from(len).map_err(io::Error::other)?);
        Ok(())
    }

    fn sync_data(&self) -> io::Result<()> {
        Ok(())
    }

    fn write(&self, offset: u64, data: &[u8]) -> io::Result<()> {
        let mut bytes = self.lock();
        let end = usize::try_from(offset).map_err(io::Error::other)?.saturating_add(data.len());
        if bytes.len() < end {
            resize(&mut bytes, end);
        }
        span(&mut bytes, offset, data.len())?.copy_from_slice(data);
        Ok(())
    }
}
