//! How many blocks an operator has kept, as an option of more than one command.

use sealdesk_node::home::{KEEP_BLOCKS_MIN, may_keep};

/// Reads how many blocks are kept.
pub(crate) fn parse(text: &str) -> Result<u32, String> {
    let blocks = text.parse().ok().filter(|blocks| may_keep(*blocks));
    blocks.ok_or_else(|| format!("write at least {KEEP_BLOCKS_MIN}, or 0 to keep all"))
}
