//! The keyring of the computer's desktop: any service that speaks the Secret Service protocol over D-Bus, such as GNOME's keyring,
//! KWallet or KeePassXC. It keeps the keyring key of `--keyring-backend os`; the key files themselves stay in the home.
//!
//! It is reached by `secret-tool`, the program of libsecret: the 26 crates that speak D-Bus would be in every process that holds a key.
//! The key goes through pipes, never onto a command line, and libsecret seals it on the bus.

use std::io::{ErrorKind, Write as _};
use std::process::{Command, Stdio};

use sealdesk_client::keyring::{KEYRING_KEY_BYTES, KeyringKey, KeyringKeyId};
use thiserror::Error;
use zeroize::Zeroizing;

/// The program that speaks with the service.
const PROGRAM: &str = "secret-tool";
/// What people see in the service's own program.
const LABEL: &str = "Sealdesk: key of the keyring in a home";

/// Why the computer's keyring keeps nothing, or gives nothing.
#[derive(Debug, Error)]
pub(crate) enum OsKeyringError {
    /// Nothing here can ask.
    #[error("the program {PROGRAM}, which talks to the computer's keyring, is not installed")]
    NoProgram,
    /// It does not have what this home needs, or whoever was asked to unlock it did not.
    #[error("the computer's keyring does not have the key of this home's keyring, or stays locked")]
    NotFound,
    /// It gave back something else than it was given.
    #[error("the computer's keyring does not keep what it is given")]
    NotKept,
    /// There is none in this session, or it has trouble of its own.
    #[error("the computer's keyring cannot be used: {0}")]
    Service(String),
}

/// The key of a name. A person may be asked by the service to unlock it.
pub(crate) fn find(id: KeyringKeyId) -> Result<Zeroizing<[u8; KEYRING_KEY_BYTES]>, OsKeyringError> {
    let told = run(&["lookup"], id, &[])?;
    let mut key = Zeroizing::new([0; KEYRING_KEY_BYTES]);
    hex::decode_to_slice(told.trim_ascii(), key.as_mut_slice()).map_err(|_| OsKeyringError::NotKept)?;
    Ok(key)
}

/// Gives it a key to keep, and looks whether it does.
pub(crate) fn keep(key: &KeyringKey) -> Result<(), OsKeyringError> {
    let text = Zeroizing::new(hex::encode(key.reveal()));
    run(&["store", "--label", LABEL], key.id(), text.as_bytes())?;
    if *find(key.id())? == *key.reveal() { Ok(()) } else { Err(OsKeyringError::NotKept) }
}

/// Runs the program for the item of a key, and gives what it prints.
fn run(words: &[&str], id: KeyringKeyId, input: &[u8]) -> Result<Zeroizing<Vec<u8>>, OsKeyringError> {
    let failed = |error: std::io::Error| match error.kind() {
        ErrorKind::NotFound => OsKeyringError::NoProgram,
        _ => OsKeyringError::Service(error.to_string()),
    };
    let mut program = Command::new(PROGRAM);
    program.args(words).args(["application", "sealdesk", "keyring-key"]).arg(hex::encode(id.0));
    let program = program.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn();
    let mut program = program.map_err(failed)?;
    if let Some(mut pipe) = program.stdin.take() {
        // Where it ended before it read, it says why.
        let _ = pipe.write_all(input);
    }
    let output = program.wait_with_output().map_err(failed)?;
    let told = Zeroizing::new(output.stdout);
    if output.status.success() {
        return Ok(told);
    }
    let why = String::from_utf8_lossy(&output.stderr).into_owned();
    match why.lines().find(|line| !line.trim().is_empty()) {
        Some(line) => Err(OsKeyringError::Service(sealdesk_protocol::text::line(line))),
        // It says nothing where it has nothing.
        None => Err(OsKeyringError::NotFound),
    }
}
