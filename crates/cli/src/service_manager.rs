//! What a service manager such as systemd is told, and what it gives: readiness by `sd_notify`, and the passphrase as a credential.

use std::os::linux::net::SocketAddrExt as _;
use std::os::unix::ffi::OsStrExt as _;
use std::os::unix::net::{SocketAddr, UnixDatagram};
use std::path::PathBuf;

/// The credential that holds the passphrase of the keyring in its first line.
const PASSPHRASE: &str = "sealdesk.passphrase";

/// What a service says of itself.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum State {
    /// It serves.
    Ready,
    /// It is about to end.
    Stopping,
}

/// Tells the service manager, where one asked to be told.
///
/// # Errors
/// What the system says.
pub(crate) fn tell(state: State) -> std::io::Result<()> {
    let Some(place) = std::env::var_os("NOTIFY_SOCKET").filter(|place| !place.is_empty()) else {
        return Ok(());
    };
    let text: &[u8] = match state {
        State::Ready => b"READY=1",
        State::Stopping => b"STOPPING=1",
    };
    let address = match place.as_bytes().strip_prefix(b"@") {
        Some(name) => SocketAddr::from_abstract_name(name)?,
        None => SocketAddr::from_pathname(&place)?,
    };
    UnixDatagram::unbound()?.send_to_addr(text, &address).map(drop)
}

/// The file of the passphrase that the service manager gave; nothing where it gave none.
pub(crate) fn passphrase_file() -> Option<PathBuf> {
    let folder = std::env::var_os("CREDENTIALS_DIRECTORY").filter(|folder| !folder.is_empty())?;
    Some(PathBuf::from(folder).join(PASSPHRASE)).filter(|file| file.is_file())
}
