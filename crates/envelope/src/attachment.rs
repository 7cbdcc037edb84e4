//! Attached files (docs/spec/workday.md): sealed in pieces of 2^20 bytes under a key of the file's own, and opened piece by piece.
//!
//! [`Sealer`] and [`Opener`] hold one piece at a time, whatever the file's size. A sealer takes its key over and every piece once, in
//! order: no key and nonce ever meet two plaintexts. The file's key travels inside the sealed content; so whoever can open the
//! message can open its files, and a grant of the message is a grant of them.

mod open;
mod seal;

use sealdesk_protocol::attachment::{ATTACHMENT_LABEL_PREFIX, Layout};
use zeroize::Zeroizing;

pub use open::{CannotOpenFile, Opener};
pub use seal::{SealFileError, SealedFile, SealedPiece, Sealer};

use crate::backend;
use crate::secret::Secret;

/// Bytes of a file's key.
pub const FILE_KEY_BYTES: usize = 32;

/// `FK`, from the caller's generator, for one file only. Not printable, not cloneable:
///
/// ```compile_fail
/// fn print(key: &sealdesk_envelope::attachment::FileKey) { format!("{key:?}"); }
/// ```
/// ```compile_fail
/// fn copy(key: sealdesk_envelope::attachment::FileKey) { let _ = (key.clone(), key); }
/// ```
pub struct FileKey(Secret<FILE_KEY_BYTES>);

impl FileKey {
    /// Takes 32 secret bytes over, wiping them at their old place.
    pub fn take(bytes: &mut [u8; FILE_KEY_BYTES]) -> Self {
        Self(Secret::take(bytes))
    }

    /// The bytes, for the sealed content alone.
    pub(crate) fn to_bytes(&self) -> Zeroizing<[u8; FILE_KEY_BYTES]> {
        Zeroizing::new(*self.0.expose())
    }

    /// `K`, the key of every piece.
    pub(crate) fn pieces(&self, layout: Layout) -> Secret<32> {
        backend::mac_of(&self.0, ATTACHMENT_LABEL_PREFIX, "payload", &layout.header())
    }
}

/// What stands in the padded file from `from` on, where the file of `size` bytes has ended: 0x80 behind its last byte, then zeroes.
fn padding_byte(size: u64, place: u64) -> u8 {
    if place == size { 0x80 } else { 0 }
}

/// How many of the file's own bytes are in piece `index`.
fn own_bytes(layout: Layout, size: u64, index: u32) -> u32 {
    let left = size.saturating_sub(layout.chunk_start(index));
    let most = layout.chunk_bytes(index);
    u32::try_from(left).map_or(most, |left| left.min(most))
}
