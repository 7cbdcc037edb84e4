//! Which pieces ever came here, so that one that is lost and one that nobody brought are told apart: who writes a ticket that names a file
//! and never brings it must not be able to keep an alarm on.
//!
//! `data/blobs.came` has the first eight bytes of each piece's name, and only grows. It is beside the folder, so that it stays where the
//! folder is lost.

use std::collections::BTreeSet;
use std::fs::{self, OpenOptions};
use std::io::{ErrorKind, Result, Write as _};
use std::path::{Path, PathBuf};

use sealdesk_protocol::attachment::BlobHash;

/// The file, in the directory of the ledger's data.
const FILE: &str = "blobs.came";

/// How a piece is remembered. Two that begin alike are taken for one: who makes such a pair makes a false count of their own.
type Mark = [u8; 8];

/// See the module.
#[derive(Debug)]
pub(super) struct Came {
    path: PathBuf,
    marks: BTreeSet<Mark>,
}

impl Came {
    /// What the file in a directory of data says; nothing where it is not there.
    ///
    /// # Errors
    /// What the system says.
    pub(super) fn read(data_dir: &Path) -> Result<Self> {
        let path = data_dir.join(FILE);
        let bytes = match fs::read(&path) {
            Err(error) if error.kind() == ErrorKind::NotFound => Vec::new(),
            read => read?,
        };
        // A crash may have left a part of the last one, which then is written again.
        let whole = bytes.as_chunks::<8>().0;
        if !bytes.len().is_multiple_of(8) {
            let length = whole.len().saturating_mul(8);
            OpenOptions::new().write(true).open(&path)?.set_len(u64::try_from(length).unwrap_or(u64::MAX))?;
        }
        Ok(Self { path, marks: whole.iter().copied().collect() })
    }

    /// These are here. What fails is told in the log: they count as pieces that never came, should they get lost before the next start.
    pub(super) fn add(&mut self, hashes: &[BlobHash]) {
        let new: Vec<Mark> = hashes.iter().map(mark_of).filter(|mark| self.marks.insert(*mark)).collect();
        if new.is_empty() {
            return;
        }
        let file = OpenOptions::new().append(true).create(true).open(&self.path);
        if let Err(error) = file.and_then(|mut file| file.write_all(new.as_flattened())) {
            tracing::error!("{} cannot be written: {error}", self.path.display());
        }
    }

    /// Whether a piece ever came.
    pub(super) fn has(&self, hash: &BlobHash) -> bool {
        self.marks.contains(&mark_of(hash))
    }
}

fn mark_of(hash: &BlobHash) -> Mark {
    hash.first_chunk().copied().unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_came_is_known_after_a_restart_and_after_half_a_write() {
        let dir = tempfile::tempdir().unwrap();
        let mut came = Came::read(dir.path()).unwrap();
        came.add(&[[1; 32], [2; 32]]);
        came.add(&[[2; 32]]);
        assert_eq!(fs::read(dir.path().join(FILE)).unwrap().len(), 16);
        fs::write(dir.path().join(FILE), [&[1; 8][..], &[2; 3]].concat()).unwrap();
        let mut came = Came::read(dir.path()).unwrap();
        assert!(came.has(&[1; 32]) && !came.has(&[2; 32]));
        came.add(&[[3; 32]]);
        let came = Came::read(dir.path()).unwrap();
        assert!(came.has(&[1; 32]) && came.has(&[3; 32]) && !came.has(&[2; 32]));
    }
}
