//! The folder: `ab/abcd…` for what the ledger names, `pending/ACCOUNT/abcd…` for what it does not name yet.

use std::fs::{self, File};
use std::io::{Error, ErrorKind, Result};
use std::path::{Path, PathBuf};
use std::time::SystemTime;

use sealdesk_protocol::attachment::{BLOB_BYTES_MAX, BLOB_HASH_BYTES, BlobHash};
use sha2::{Digest as _, Sha256};

use crate::durable::{self, Readers};

const PENDING: &str = "pending";
/// How often a file is written whose directory goes meanwhile.
const WRITES_MAX: u32 = 4;

/// See the module. Nothing is made before there is something to keep.
#[derive(Debug)]
pub(super) struct Folder(PathBuf);

/// A piece that waits to be named.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Waiting {
    pub(super) hash: BlobHash,
    /// Who signed for it.
    pub(super) account: String,
    pub(super) bytes: u64,
    pub(super) since: SystemTime,
}

impl Folder {
    pub(super) fn new(path: PathBuf) -> Self {
        Self(path)
    }

    pub(super) fn path(&self) -> &Path {
        &self.0
    }

    fn kept(&self, hash: &BlobHash) -> PathBuf {
        let name = hex::encode(hash);
        self.0.join(name.get(..2).unwrap_or_default()).join(name)
    }

    fn waiting(&self, account: &str, hash: &BlobHash) -> PathBuf {
        self.0.join(PENDING).join(account).join(hex::encode(hash))
    }

    /// Whether a piece is kept for good.
    pub(super) fn has(&self, hash: &BlobHash) -> bool {
        fs::symlink_metadata(self.kept(hash)).is_ok_and(|found| found.is_file())
    }

    /// A piece's bytes, kept or waiting for an account; `None` where there is none.
    ///
    /// # Errors
    /// What the system says; [`ErrorKind::InvalidData`] where the file is not the piece any more.
    pub(super) fn read(&self, hash: &BlobHash, account: Option<&str>) -> Result<Option<Vec<u8>>> {
        match (read_piece(&self.kept(hash), hash)?, account) {
            (None, Some(account)) => self.read_waiting(account, hash),
            (found, _) => Ok(found),
        }
    }

    /// The bytes of a piece that waits for an account; `None` where there is none.
    ///
    /// # Errors
    /// As [`Folder::read`].
    pub(super) fn read_waiting(&self, account: &str, hash: &BlobHash) -> Result<Option<Vec<u8>>> {
        read_piece(&self.waiting(account, hash), hash)
    }

    /// A piece's length, kept or waiting; `None` where there is none.
    pub(super) fn length(&self, hash: &BlobHash, account: Option<&str>) -> Option<u64> {
        let waiting = account.map(|account| self.waiting(account, hash));
        let mut paths = std::iter::once(self.kept(hash)).chain(waiting);
        paths.find_map(|path| fs::symlink_metadata(path).ok().map(|found| found.len()))
    }

    /// Keeps a piece for good. One that is there and damaged is replaced.
    ///
    /// # Errors
    /// What the system says.
    pub(super) fn keep(&self, hash: &BlobHash, bytes: &[u8]) -> Result<()> {
        write(&self.kept(hash), bytes)
    }

    /// Keeps a piece until it is named.
    ///
    /// # Errors
    /// What the system says.
    pub(super) fn wait(&self, account: &str, hash: &BlobHash, bytes: &[u8]) -> Result<()> {
        write(&self.waiting(account, hash), bytes)
    }

    /// Keeps for good what waited; whether it waited still.
    ///
    /// # Errors
    /// What the system says.
    pub(super) fn name(&self, account: &str, hash: &BlobHash) -> Result<bool> {
        let (from, to) = (self.waiting(account, hash), self.kept(hash));
        make_parent(&to)?;
        match fs::rename(from, &to) {
            Err(error) if error.kind() == ErrorKind::NotFound => return Ok(false),
            renamed => renamed?,
        }
        to.parent().map_or(Ok(()), |parent| File::open(parent)?.sync_all())?;
        Ok(true)
    }

    /// Everything that is kept for good, and its bytes together.
    ///
    /// # Errors
    /// What the system says.
    pub(super) fn all_kept(&self) -> Result<(Vec<BlobHash>, u64)> {
        let (mut all, mut bytes) = (Vec::new(), 0_u64);
        for directory in entries(&self.0)? {
            if directory.file_name() == PENDING || !directory.file_type()?.is_dir() {
                continue;
            }
            for file in entries(&directory.path())? {
                bytes = bytes.saturating_add(file.metadata()?.len());
                all.extend(file.file_name().to_str().and_then(hash_of));
            }
        }
        Ok((all, bytes))
    }

    /// Removes what was kept; whether there was something.
    ///
    /// # Errors
    /// What the system says.
    pub(super) fn remove(&self, hash: &BlobHash) -> Result<bool> {
        let path = self.kept(hash);
        match fs::remove_file(&path) {
            Err(error) if error.kind() == ErrorKind::NotFound => Ok(false),
            Err(error) => Err(error),
            Ok(()) => {
                path.parent().map_or(Ok(()), |parent| File::open(parent)?.sync_all())?;
                Ok(true)
            }
        }
    }

    /// Lets go of what waited.
    ///
    /// # Errors
    /// What the system says.
    pub(super) fn forget(&self, account: &str, hash: &BlobHash) -> Result<()> {
        let path = self.waiting(account, hash);
        match fs::remove_file(&path) {
            Err(error) if error.kind() != ErrorKind::NotFound => return Err(error),
            _ => {}
        }
        // Whose last piece it was needs no directory; where others are in it, it stays.
        path.parent().map(fs::remove_dir);
        Ok(())
    }

    /// Everything that waits. Files of other names are left alone.
    ///
    /// # Errors
    /// What the system says.
    pub(super) fn pending(&self) -> Result<Vec<Waiting>> {
        let mut all = Vec::new();
        for directory in entries(&self.0.join(PENDING))? {
            let Ok(account) = directory.file_name().into_string() else { continue };
            if !directory.file_type()?.is_dir() {
                continue;
            }
            for file in entries(&directory.path())? {
                let Some(hash) = file.file_name().to_str().and_then(hash_of) else { continue };
                let found = file.metadata()?;
                let since = found.modified()?;
                all.push(Waiting { hash, account: account.clone(), bytes: found.len(), since });
            }
        }
        Ok(all)
    }
}

/// The hash that a name is: 64 lower-case hex digits.
pub(super) fn hash_of(name: &str) -> Option<BlobHash> {
    let plain = name.bytes().all(|byte| byte.is_ascii_digit() || (b'a'..=b'f').contains(&byte));
    if name.len() != 2 * BLOB_HASH_BYTES || !plain {
        return None;
    }
    hex::decode(name).ok()?.try_into().ok()
}

/// Whether bytes are the piece of that name.
pub(super) fn is_of(hash: &BlobHash, bytes: &[u8]) -> bool {
    bytes.len() <= BLOB_BYTES_MAX && BlobHash::from(Sha256::digest(bytes)) == *hash
}

fn read_piece(path: &Path, hash: &BlobHash) -> Result<Option<Vec<u8>>> {
    match fs::read(path) {
        Ok(bytes) if is_of(hash, &bytes) => Ok(Some(bytes)),
        Ok(_) => Err(damaged(path)),
        Err(error) if error.kind() == ErrorKind::NotFound => Ok(None),
        Err(error) => Err(error),
    }
}

fn damaged(path: &Path) -> Error {
    Error::new(ErrorKind::InvalidData, format!("{} is not what its name says", path.display()))
}

fn make_parent(path: &Path) -> Result<()> {
    path.parent().map_or(Ok(()), durable::create_dir)
}

/// Whoever lets go of an account's last piece removes its directory, which may be just when another one comes.
fn write(path: &Path, bytes: &[u8]) -> Result<()> {
    for _ in 1..WRITES_MAX {
        make_parent(path)?;
        match durable::replace(path, bytes, Readers::Owner) {
            Err(error) if error.kind() == ErrorKind::NotFound => {}
            written => return written,
        }
    }
    make_parent(path)?;
    durable::replace(path, bytes, Readers::Owner)
}

fn entries(path: &Path) -> Result<Vec<fs::DirEntry>> {
    match fs::read_dir(path) {
        Ok(entries) => entries.collect(),
        Err(error) if error.kind() == ErrorKind::NotFound => Ok(Vec::new()),
        Err(error) => Err(error),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn piece(text: &[u8]) -> BlobHash {
        Sha256::digest(text).into()
    }

    #[test]
    fn a_piece_waits_for_its_account_and_is_kept_once_it_is_named() {
        let dir = tempfile::tempdir().unwrap();
        let folder = Folder::new(dir.path().join("blobs"));
        assert_eq!(folder.pending().unwrap(), []);
        let hash = piece(b"sealed");
        folder.wait("ann", &hash, b"sealed").unwrap();
        folder.wait("ann", &hash, b"sealed").unwrap();
        assert!(!folder.has(&hash));
        assert_eq!(folder.read(&hash, None).unwrap(), None);
        assert_eq!(folder.read(&hash, Some("ann")).unwrap().as_deref(), Some(&b"sealed"[..]));
        let [waiting] = folder.pending().unwrap().try_into().unwrap();
        assert_eq!((waiting.hash, waiting.account.as_str(), waiting.bytes), (hash, "ann", 6));
        assert!(folder.name("ann", &hash).unwrap() && !folder.name("ann", &hash).unwrap());
        assert_eq!(folder.all_kept().unwrap(), (vec![hash], 6));
        assert!(folder.has(&hash) && folder.pending().unwrap().is_empty());
        assert_eq!(folder.length(&hash, None), Some(6));
        let other = piece(b"other");
        folder.wait("ann", &other, b"other").unwrap();
        folder.forget("ann", &other).unwrap();
        folder.forget("ann", &other).unwrap();
        assert_eq!((folder.pending().unwrap(), folder.read(&other, Some("ann")).unwrap()), (vec![], None));
    }

    #[test]
    fn a_damaged_piece_is_never_served_and_can_be_brought_again() {
        let dir = tempfile::tempdir().unwrap();
        let folder = Folder::new(dir.path().join("blobs"));
        let hash = piece(b"sealed");
        folder.keep(&hash, b"sealed").unwrap();
        fs::write(folder.kept(&hash), b"seal").unwrap();
        assert_eq!(folder.read(&hash, None).unwrap_err().kind(), ErrorKind::InvalidData);
        folder.keep(&hash, b"sealed").unwrap();
        assert!(folder.read(&hash, None).unwrap().is_some());
    }

    #[test]
    fn only_a_hash_is_a_name() {
        assert_eq!(hash_of(&"ab".repeat(32)), Some([0xab; 32]));
        for name in ["", "..", "../../etc/passwd", &"AB".repeat(32), &"ab".repeat(33), &"é".repeat(32)] {
            assert_eq!(hash_of(name), None, "{name}");
        }
    }
}
