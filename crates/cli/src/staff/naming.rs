//! What somebody on the staff is called in this home. The one seam to where names are kept.

use sealdesk_protocol::ids::Address;

use crate::context::Context;
use crate::failure::Failure;

/// Records that an address is called so in this home. `false` where this home keeps no names but those of its keys.
///
/// # Errors
/// Another key of this home has that name.
pub(crate) fn record(context: &Context, name: &str, address: &Address) -> Result<bool, Failure> {
    match context.people().iter().find(|(known, _)| known == name) {
        Some((_, of)) if of == address.as_str() => Ok(true),
        Some((_, of)) => Err(Failure::usage(
            format!("{name} is another key of this home: {of}"),
            "give them another name; `sealdesk keys rename` renames a key",
        )),
        None => Ok(false),
    }
}
