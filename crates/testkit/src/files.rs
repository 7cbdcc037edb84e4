//! Attached files that only look sealed: pieces with made-up names, under the root that these give.

use prost_types::Any;
use sealdesk_protocol::attachment::{Attachment, Layout};
use sealdesk_protocol::messages::to_any;
use sealdesk_protocol::wire::virtengine::support::v1 as support;
use sha2::{Digest as _, Sha256};

/// A file of a size, another one for each seed.
pub fn file(size: u64, seed: u64) -> support::Attachment {
    let layout = Layout::of_file(size).unwrap();
    let blob = |i: u32| Sha256::digest([&seed.to_be_bytes()[..], &i.to_be_bytes()].concat()).into();
    Attachment::new(layout, (0..layout.chunks()).map(blob).collect()).unwrap().to_wire()
}

/// One file of each size.
pub fn files(sizes: &[u64]) -> Vec<support::Attachment> {
    (0..).zip(sizes).map(|(seed, size)| file(*size, seed)).collect()
}

/// A new ticket with files.
pub fn create_with(message: support::MsgCreateTicket, attachments: Vec<support::Attachment>) -> Any {
    to_any(&support::MsgCreateTicket { attachments, ..message })
}

/// A response with files.
pub fn respond_with(message: support::MsgRespondToTicket, attachments: Vec<support::Attachment>) -> Any {
    to_any(&support::MsgRespondToTicket { attachments, ..message })
}
