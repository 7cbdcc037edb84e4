//! Padding that hides the length: one 0x80 and zeroes up to a Padmé length of at least 256 bytes.

use sealdesk_protocol::envelope::padded_len;
use zeroize::Zeroizing;

/// `m ‖ 0x80 ‖ 0x00…`, or `None` for a message near the machine's greatest length.
pub(crate) fn pad(message: &[u8]) -> Option<Zeroizing<Vec<u8>>> {
    let length = padded_len(message.len().checked_add(1)?)?;
    // Reserved at once, so that growing leaves no copy of the message behind.
    let mut padded = Zeroizing::new(Vec::with_capacity(length));
    padded.extend_from_slice(message);
    padded.push(0x80);
    padded.resize(length, 0);
    Some(padded)
}

/// The length of the message in a padded one, if this is the only way to pad that message.
///
/// Looks at secret bytes in variable time; that is safe only after the box has been found authentic.
pub(crate) fn message_len(padded: &[u8]) -> Option<usize> {
    let last = padded.iter().rposition(|byte| *byte != 0)?;
    let canonical = padded[last] == 0x80 && padded_len(last + 1) == Some(padded.len());
    canonical.then_some(last)
}
