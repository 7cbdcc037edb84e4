//! The agent: a process that holds the keyring keys of one home, so that a passphrase is typed once.
//!
//! `sealdesk unlock` makes the keyring keys of the passphrase and hands them to the agent through a pipe (`begin`). The agent holds them
//! in one locked page of memory (`vault`), listens at a socket in a folder of its user's alone (`place`), and tells a keyring key to
//! whoever of the same user asks for it (`server`; `wire` has the bytes). Commands ask it first (`ask`). It ends, and its keys with it,
//! at its time, with its session, when it is told to, and when its keyring is another one (`bond`).
//!
//! It opens nothing itself, and never holds a passphrase or a recovery phrase.

mod ask;
mod begin;
mod error;
mod lifetime;
mod place;
mod server;
mod vault;
mod wire;

pub(crate) use ask::{key, lock, state};
pub(crate) use begin::{asked, begin, check_session};
pub(crate) use error::AgentError;
