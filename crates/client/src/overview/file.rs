//! The file of subjects in a home: sealed under a key that follows from its owner's phrase alone. Whoever removes it loses nothing.

use std::io::ErrorKind;
use std::path::{Path, PathBuf};

use chacha20poly1305::aead::{Aead as _, KeyInit as _, Payload};
use chacha20poly1305::{XChaCha20Poly1305, XNonce};
use sealdesk_protocol::identity::Identity;
use sealdesk_protocol::ids::Address;
use sha2::{Digest as _, Sha256};
use thiserror::Error;
use zeroize::Zeroizing;

use super::cache::Subjects;
use crate::actor::Actor;
use crate::durable;

/// What a file begins with.
const BEGINS: &[u8] = b"sealdesk subjects 1\n";
const NONCE_BYTES: usize = 24;
/// Largest file that is read, in bytes: more than 10,000 subjects of the longest have.
const BYTES_MAX: u64 = 12 * 1_048_576;
/// What the names of all such files begin with.
const NAMES: &str = "subjects-";

/// Why subjects cannot be kept.
#[derive(Debug, Error)]
pub enum SubjectsError {
    /// The file cannot be written or removed.
    #[error("cannot use {path}: {source}")]
    File {
        /// Which file.
        path: PathBuf,
        /// What the system said.
        source: std::io::Error,
    },
    /// The key cannot be derived, or the random number generator failed.
    #[error("the subjects cannot be sealed")]
    Seal,
}

/// The file of one person's subjects on one ledger.
pub struct SubjectsFile {
    path: PathBuf,
    /// What it is sealed for: the file of another person or ledger does not open in its place.
    place: Vec<u8>,
    key: Zeroizing<[u8; 32]>,
}

impl SubjectsFile {
    /// The file of somebody's subjects in this home.
    ///
    /// # Errors
    /// [`SubjectsError::Seal`], which has never been seen.
    pub fn of(home: &Path, ledger: &Identity, owner: &Address, actor: &Actor) -> Result<Self, SubjectsError> {
        let place = format!("{ledger}\n{owner}").into_bytes();
        let name = hex::encode(&Sha256::digest(&place)[..8]);
        let key = actor.cache_key().map_err(|_| SubjectsError::Seal)?;
        Ok(Self { path: home.join(format!("{NAMES}{name}.sealed")), place, key })
    }

    /// What was opened before. A file that is not there, was damaged or is somebody else's holds nothing.
    pub fn load(&self) -> Subjects {
        let read = durable::read_bounded(&self.path, BYTES_MAX).ok();
        read.and_then(|bytes| self.open(&bytes)).unwrap_or_default()
    }

    /// Keeps what is known by now, where that is more than was read.
    ///
    /// # Errors
    /// [`SubjectsError`]; the old file stays whole then.
    pub fn keep(&self, subjects: &Subjects) -> Result<(), SubjectsError> {
        if !subjects.is_changed() {
            return Ok(());
        }
        let mut nonce = [0; NONCE_BYTES];
        getrandom::fill(&mut nonce).map_err(|_| SubjectsError::Seal)?;
        let plain = subjects.to_bytes();
        let payload = Payload { msg: &plain, aad: &self.aad() };
        let sealed =
            self.cipher()?.encrypt(&XNonce::from(nonce), payload).map_err(|_| SubjectsError::Seal)?;
        let bytes = [BEGINS, &nonce, &sealed].concat();
        durable::write_private(&self.path, &bytes)
            .map_err(|source| SubjectsError::File { path: self.path.clone(), source })
    }

    fn open(&self, bytes: &[u8]) -> Option<Subjects> {
        let (nonce, sealed) = bytes.strip_prefix(BEGINS)?.split_first_chunk::<NONCE_BYTES>()?;
        let payload = Payload { msg: sealed, aad: &self.aad() };
        let plain = self.cipher().ok()?.decrypt(&XNonce::from(*nonce), payload).ok()?;
        Subjects::from_bytes(&Zeroizing::new(plain))
    }

    fn aad(&self) -> Vec<u8> {
        [BEGINS, &self.place].concat()
    }

    fn cipher(&self) -> Result<XChaCha20Poly1305, SubjectsError> {
        XChaCha20Poly1305::new_from_slice(self.key.as_slice()).map_err(|_| SubjectsError::Seal)
    }
}

/// Removes every file of subjects from a home: what was erased elsewhere is not to be shown from there.
///
/// # Errors
/// [`SubjectsError::File`].
pub fn forget_subjects(home: &Path) -> Result<(), SubjectsError> {
    let at = |path: &Path, source| SubjectsError::File { path: path.to_owned(), source };
    let entries = match std::fs::read_dir(home) {
        Err(error) if error.kind() == ErrorKind::NotFound => return Ok(()),
        entries => entries.map_err(|error| at(home, error))?,
    };
    for entry in entries {
        let path = entry.map_err(|error| at(home, error))?.path();
        let name = path.file_name().map(|name| name.to_string_lossy().into_owned()).unwrap_or_default();
        if name.starts_with(NAMES) && name.ends_with(".sealed") {
            durable::remove(&path).map_err(|error| at(&path, error))?;
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use sealdesk_envelope::Phrase;
    use sealdesk_protocol::ids::{Prefix, TicketId};

    use super::*;

    const CANARY: &str = "canary-9f3c: boiler on the third floor";

    fn actor(phrase: &str) -> Actor {
        Actor::of(&Phrase::parse(phrase).unwrap()).unwrap()
    }

    #[test]
    fn subjects_lie_sealed_on_the_disk_and_open_for_their_owner_alone() {
        let home = tempfile::tempdir().unwrap();
        let one = actor(
            "abandon abandon abandon abandon abandon abandon abandon abandon abandon abandon abandon about",
        );
        let other = actor("legal winner thank year wave sausage worth useful legal winner thank yellow");
        let address = one.address(&Prefix::parse(Prefix::DEFAULT).unwrap());
        let (ledger, elsewhere) = (Identity([1; 32]), Identity([2; 32]));
        let of = |ledger, actor| SubjectsFile::of(home.path(), ledger, &address, actor).unwrap();
        let file = of(&ledger, &one);
        assert!(file.load().is_empty(), "no file is no subject");
        let mut subjects = Subjects::default();
        file.keep(&subjects).unwrap();
        assert!(!file.path.exists(), "nothing new, nothing written");
        let id = TicketId::new(7).unwrap();
        subjects.put(id, &[7; 32], CANARY);
        file.keep(&subjects).unwrap();
        assert_eq!(file.load().get(id, &[7; 32]), Some(CANARY));
        let bytes = std::fs::read(&file.path).unwrap();
        for canary in [CANARY.as_bytes(), &CANARY.as_bytes()[..6], &[7; 32][..], &file.key[..]] {
            assert!(!bytes.windows(canary.len()).any(|window| window == canary));
        }
        for entry in std::fs::read_dir(home.path()).unwrap() {
            let name = entry.unwrap().file_name().to_string_lossy().into_owned();
            assert!(name.starts_with(NAMES) && !name.contains(address.as_str()), "{name}");
        }
        assert!(of(&ledger, &other).load().is_empty(), "another phrase opens nothing");
        // The same file in another ledger's place, and damaged.
        std::fs::copy(&file.path, &of(&elsewhere, &one).path).unwrap();
        assert!(of(&elsewhere, &one).load().is_empty());
        for place in [0, BEGINS.len(), bytes.len() - 1] {
            let mut damaged = bytes.clone();
            damaged[place] ^= 1;
            std::fs::write(&file.path, damaged).unwrap();
            assert!(file.load().is_empty());
        }
        forget_subjects(home.path()).unwrap();
        assert_eq!(std::fs::read_dir(home.path()).unwrap().count(), 0);
    }
}
