//! Secret files under a passphrase, as a backup holds them: Argon2id, then XChaCha20-Poly1305, as the keyring seals its phrases.
//!
//! `memory in KiB u32 ‖ passes u32 ‖ salt (16) ‖ nonce (24) ‖ ciphertext`. What is sealed is `length of the name u16 ‖ name ‖ length u32 ‖
//! bytes`, file by file. It is bound to what it was sealed for: the digest of the backup before it.

use rand_core::TryCryptoRng;
use thiserror::Error;
use zeroize::Zeroizing;

use crate::passphrase_seal::{self, Effort, NONCE_BYTES, SALT_BYTES, random};

/// Shortest passphrase, in bytes.
const PASSPHRASE_BYTES_MIN: usize = 8;
/// What the cipher binds beside the digest: nothing that was sealed for another purpose opens here.
const LABEL: &[u8] = b"sealdesk/backup/1";

/// Why secret files are not sealed or opened.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
pub enum SealedFilesError {
    /// The passphrase is wrong, or the bytes were changed: the two cannot be told apart.
    #[error("the passphrase does not open the keys in this backup")]
    WrongPassphrase,
    /// A short passphrase protects nothing.
    #[error("a passphrase has at least 8 bytes")]
    PassphraseTooShort,
    /// The bytes are something else.
    #[error("the keys in this backup are not of a form that this program knows")]
    Form,
    /// There is more than can be sealed at once.
    #[error("the secret files are longer than a backup can hold")]
    TooLong,
    /// The system gave no randomness.
    #[error("the random number generator failed")]
    Random,
}

/// A secret file. Its bytes are overwritten in memory when it is dropped.
pub struct SecretFile {
    /// Its path below the home.
    pub name: String,
    /// What it holds.
    pub bytes: Zeroizing<Vec<u8>>,
}

/// Seals files under a passphrase, for the backup with this digest.
///
/// # Errors
/// [`SealedFilesError`].
pub fn seal<R: TryCryptoRng + ?Sized>(
    files: &[SecretFile],
    passphrase: &[u8],
    sealed_for: &[u8; 32],
    rng: &mut R,
) -> Result<Vec<u8>, SealedFilesError> {
    if passphrase.len() < PASSPHRASE_BYTES_MIN {
        return Err(SealedFilesError::PassphraseTooShort);
    }
    let salt = random::<SALT_BYTES>(rng).ok_or(SealedFilesError::Random)?;
    let nonce = random::<NONCE_BYTES>(rng).ok_or(SealedFilesError::Random)?;
    let plain = joined(files)?;
    let Effort { memory_kib, passes } = Effort::NEW;
    let head = [&memory_kib.to_be_bytes()[..], &passes.to_be_bytes(), &salt, &nonce].concat();
    let key = Effort::NEW.stretched(passphrase, &salt).ok_or(SealedFilesError::Random)?;
    let ciphertext = passphrase_seal::seal(&key, nonce, &plain, &bound(sealed_for, &head));
    Ok([head, ciphertext.ok_or(SealedFilesError::TooLong)?].concat())
}

/// Opens what [`seal`] made for the backup with this digest.
///
/// # Errors
/// [`SealedFilesError`].
pub fn open(
    sealed: &[u8],
    passphrase: &[u8],
    sealed_for: &[u8; 32],
) -> Result<Vec<SecretFile>, SealedFilesError> {
    let form = SealedFilesError::Form;
    let (memory, rest) = sealed.split_first_chunk().ok_or(form)?;
    let (passes, rest) = rest.split_first_chunk().ok_or(form)?;
    let (salt, rest) = rest.split_first_chunk::<SALT_BYTES>().ok_or(form)?;
    let (nonce, ciphertext) = rest.split_first_chunk::<NONCE_BYTES>().ok_or(form)?;
    let effort = Effort { memory_kib: u32::from_be_bytes(*memory), passes: u32::from_be_bytes(*passes) };
    if !effort.is_within(Effort::MOST) {
        return Err(form);
    }
    let head = sealed.get(..sealed.len().saturating_sub(ciphertext.len())).ok_or(form)?;
    let key = effort.stretched(passphrase, salt).ok_or(form)?;
    let plain = passphrase_seal::open(&key, *nonce, ciphertext, &bound(sealed_for, head));
    split(&plain.ok_or(SealedFilesError::WrongPassphrase)?).ok_or(form)
}

fn joined(files: &[SecretFile]) -> Result<Zeroizing<Vec<u8>>, SealedFilesError> {
    let bytes =
        files.iter().map(|file| file.name.len().saturating_add(file.bytes.len()).saturating_add(6)).sum();
    // Made in one piece: a buffer that grows leaves copies behind.
    let mut plain = Zeroizing::new(Vec::with_capacity(bytes));
    for file in files {
        let name = u16::try_from(file.name.len()).map_err(|_| SealedFilesError::TooLong)?;
        let length = u32::try_from(file.bytes.len()).map_err(|_| SealedFilesError::TooLong)?;
        plain.extend_from_slice(&name.to_be_bytes());
        plain.extend_from_slice(file.name.as_bytes());
        plain.extend_from_slice(&length.to_be_bytes());
        plain.extend_from_slice(&file.bytes);
    }
    Ok(plain)
}

fn split(plain: &[u8]) -> Option<Vec<SecretFile>> {
    let (mut files, mut rest) = (Vec::new(), plain);
    while !rest.is_empty() {
        let (length, tail) = rest.split_first_chunk()?;
        let (name, tail) = tail.split_at_checked(u16::from_be_bytes(*length).into())?;
        let (length, tail) = tail.split_first_chunk()?;
        let length = usize::try_from(u32::from_be_bytes(*length)).ok()?;
        let (bytes, tail) = tail.split_at_checked(length)?;
        let name = std::str::from_utf8(name).ok()?.to_owned();
        files.push(SecretFile { name, bytes: Zeroizing::new(bytes.to_vec()) });
        rest = tail;
    }
    Some(files)
}

fn bound(sealed_for: &[u8; 32], head: &[u8]) -> Vec<u8> {
    [LABEL, sealed_for, head].concat()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn files() -> Vec<SecretFile> {
        let file = |name: &str, bytes: &[u8]| SecretFile {
            name: name.to_owned(),
            bytes: Zeroizing::new(bytes.to_vec()),
        };
        vec![file("keyring-file/admin.json", b"{}"), file("keyring.passphrase", b"canary words")]
    }

    fn sealed() -> Vec<u8> {
        seal(&files(), b"a passphrase", &[7; 32], &mut getrandom::SysRng).unwrap()
    }

    #[test]
    fn files_come_back_under_their_passphrase_and_backup_only() {
        let sealed = sealed();
        let opened = open(&sealed, b"a passphrase", &[7; 32]).unwrap();
        let pairs = |files: &[SecretFile]| -> Vec<(String, Vec<u8>)> {
            files.iter().map(|file| (file.name.clone(), file.bytes.to_vec())).collect()
        };
        assert_eq!(pairs(&opened), pairs(&files()));
        assert!(!sealed.windows(6).any(|window| window == b"canary"));
        for (passphrase, sealed_for) in [(&b"another one"[..], [7; 32]), (b"a passphrase", [8; 32])] {
            assert_eq!(open(&sealed, passphrase, &sealed_for).err(), Some(SealedFilesError::WrongPassphrase));
        }
    }

    #[test]
    fn a_changed_byte_opens_nothing() {
        let whole = sealed();
        // Of the head every byte, of the rest the ends: each try takes the time of a guess.
        for at in [0, 4, 8, 23, 24, 47, 48, whole.len() - 1] {
            let mut changed = whole.clone();
            changed[at] ^= 1;
            assert!(open(&changed, b"a passphrase", &[7; 32]).is_err(), "byte {at}");
        }
        for length in [0, 3, 47, 50] {
            assert!(open(&whole[..length], b"a passphrase", &[7; 32]).is_err(), "{length} bytes");
        }
    }

    #[test]
    fn a_short_passphrase_and_dear_parameters_are_refused() {
        let short = seal(&files(), b"short", &[7; 32], &mut getrandom::SysRng).unwrap_err();
        assert_eq!(short, SealedFilesError::PassphraseTooShort);
        let mut dear = sealed();
        dear[..4].copy_from_slice(&u32::MAX.to_be_bytes());
        assert_eq!(open(&dear, b"a passphrase", &[7; 32]).err(), Some(SealedFilesError::Form));
    }
}
