//! Everything between a person's words and the ledger's API.
//!
//! A write travels: [`desk::Desk`] reads proven facts through [`verify`], [`compose`] chooses the readers, seals and signs,
//! [`submit`] sends it and never sends it twice. A read travels back: `read` checks every record against a proof, opens what
//! is meant for the reader, and says why where it cannot. [`stacks`] is the same desk as a contract on Stacks. What comes of
//! either is a [`view`]: one reading for many faces. [`node`] is the wire, [`trust`] whom to believe, [`documents`] what stands on shelves beside the tickets, [`contacts`] what people are called, [`invite_link`] the one line with which a desk is found, [`follow`] what happens
//! next, [`files`] what is attached, [`receipt`] a proof to keep, [`page`] whether the page that a node serves is the one that the ledger names, [`sla`] what was promised of a ticket and what became of it, [`renewals`] what ended and can be made anew, [`fitting`] how much of a text fits, [`admission`] what
//! a node asks of a new account. `durable`, `keyring`, `contacts::file`, `trust::pins` and `trust::remembered::file` keep files, and stand where there are files: everything else
//! builds for the browser too.
//!
//! ```no_run
//! # async fn story() -> Result<(), Box<dyn std::error::Error>> {
//! use sealdesk_client::{desk::Desk, keyring::{Backend, Keyring}, messages::NewTicket, node::Node, trust::Trust};
//! let keyring = Keyring::open("/home/me/.sealdesk".as_ref(), Backend::File)?;
//! let me = keyring.unlock("me", b"a passphrase")?;
//! let node = Node::connect("http://127.0.0.1:9090").await?;
//! let desk = Desk::open(node, Trust::FirstUse).await?;
//! let ticket = NewTicket::new("technical", "It does not start", "Since this morning.");
//! let outcome = desk.create_ticket(&me, &ticket).await?;
//! println!("{} at height {}", outcome.txhash, outcome.height);
//! # Ok(()) }
//! ```

pub mod access;
pub mod actor;
pub mod admission;
mod assigned_readers;
mod audience;
pub mod can_open;
pub mod compose;
pub mod contacts;
pub mod desk;
pub mod disclosure;
mod disclosure_error;
pub mod documents;
pub mod draft;
#[cfg(not(target_arch = "wasm32"))]
pub mod durable;
pub mod erase;
pub mod error;
mod file_error;
pub mod files;
pub mod follow;
pub mod genesis;
mod granter;
pub mod inbox;
pub mod invite_link;
#[cfg(not(target_arch = "wasm32"))]
pub mod keyring;
pub mod lookup;
pub mod messages;
pub mod node;
pub mod notes;
pub mod offboarding;
pub mod outcome;
pub mod overview;
#[cfg(not(target_arch = "wasm32"))]
pub mod page;
mod passphrase_seal;
pub mod presence;
mod push;
mod queue;
pub mod ratings;
mod read;
pub mod reassign;
pub mod receipt;
pub mod renewals;
pub mod roster;
#[cfg(not(target_arch = "wasm32"))]
pub mod sealed_files;
pub mod signing;
pub mod sla;
pub mod stacks;
pub mod staff;
pub mod submit;
pub mod text_budget;
mod time;
#[cfg(not(target_arch = "wasm32"))]
pub mod tls;
pub mod trust;
pub mod vault;
pub mod verify;
mod verify_error;
pub mod view;
pub mod wallet;

pub use error::{Error, Result};
