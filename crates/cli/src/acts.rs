//! What is done with tickets, one file an act. Each has two names: the daily one, `sealdesk close`, and Cosmos's,
//! `sealdesk tx support close-ticket`. Both are this code.

pub(crate) mod assign;
mod bulk;
pub(crate) mod create;
mod explained;
pub(crate) mod granted;
pub(crate) mod link;
pub(crate) mod rate;
pub(crate) mod reply;
pub(crate) mod resolve;
pub(crate) mod snooze;
pub(crate) mod step;
pub(crate) mod take;
pub(crate) mod tickets;
pub(crate) mod transfer;

pub(crate) use explained::{Asked, Explaining, of_read};
