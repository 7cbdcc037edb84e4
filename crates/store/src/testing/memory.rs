//! A disk in memory.

use std::collections::BTreeMap;
use std::io;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use crate::disk::{AnyDisk, Disk};
use crate::error::Result;
use crate::folder::Folder;

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

/// A directory of disks in memory. Clones share it.
#[derive(Clone, Debug, Default)]
pub struct MemoryFolder(Arc<Mutex<BTreeMap<String, MemoryDisk>>>);

impl MemoryFolder {
    /// An empty directory.
    pub fn new() -> Self {
        Self::default()
    }

    /// A directory of one file.
    pub fn with_file(name: &str, bytes: Vec<u8>) -> Self {
        let folder = Self::new();
        folder.lock().insert(name.to_owned(), MemoryDisk::with_bytes(bytes));
        folder
    }

    /// A copy that later writes do not touch.
    pub fn copy(&self) -> Self {
        let files = self.lock();
        let copies = files.iter().map(|(name, disk)| (name.clone(), MemoryDisk::with_bytes(disk.bytes())));
        Self(Arc::new(Mutex::new(copies.collect())))
    }

    /// Everything in a file; nothing where there is none.
    pub fn bytes(&self, name: &str) -> Vec<u8> {
        self.lock().get(name).map_or_else(Vec::new, MemoryDisk::bytes)
    }

    fn lock(&self) -> MutexGuard<'_, BTreeMap<String, MemoryDisk>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Folder for MemoryFolder {
    fn open(&self, name: &str) -> Result<AnyDisk> {
        Ok(AnyDisk::new(self.lock().entry(name.to_owned()).or_default().clone()))
    }

    fn names(&self) -> Result<Vec<String>> {
        Ok(self.lock().keys().cloned().collect())
    }

    fn rename(&self, from: &str, to: &str) -> Result<()> {
        let mut files = self.lock();
        let disk = files.remove(from).ok_or_else(|| io::Error::from(io::ErrorKind::NotFound))?;
        files.insert(to.to_owned(), disk);
        Ok(())
    }

    fn remove(&self, name: &str) -> Result<()> {
        self.lock().remove(name);
        Ok(())
    }

    fn free_bytes(&self) -> Result<u64> {
        Ok(u64::MAX)
    }
}
