//! The public contract of a Sealdesk ledger: what its bytes mean, and what everyone can check of them.
//!
//! Nothing here reads a file, a socket, a clock or a source of randomness; it builds for wasm32. From the bytes
//! inwards: [`wire`] holds the generated messages, [`canonical`] the one encoding that is accepted, [`tx`] the way from
//! bytes to a verified transaction, [`gas`] what it can cost, [`messages`] what can be asked, [`ticket`] what may happen to a ticket, [`customer`]
//! how much of it a customer may have, [`events`] what the ledger says of it, [`state`] under which keys it stands. [`envelope`], [`attachment`] and [`keys`] are what the ledger must
//! check of a sealed payload; [`block`], [`proof`] and [`receipt`] what a client must check of a ledger; [`identity`],
//! [`ownership`], [`circle`] and [`appointment`] whom it may believe there, by signatures that wallets make ([`adr36`], [`signer`], [`multisig`]). [`work`] and
//! [`invitation`] are what a node may ask of accounts that the ledger has never seen.

pub mod account;
pub mod adr36;
pub mod appointment;
pub mod attachment;
pub mod block;
pub mod canonical;
pub mod circle;
pub mod codes;
pub mod customer;
pub mod document;
pub mod engine;
pub mod envelope;
pub mod erasure;
pub mod events;
pub mod gas;
pub mod genesis;
pub mod hints;
pub mod identity;
pub mod ids;
pub mod import;
pub mod in_order;
pub mod invitation;
pub mod json;
pub mod keys;
pub mod limits;
pub mod log;
pub mod messages;
pub mod multisig;
mod names;
pub mod node_request;
pub mod ownership;
pub mod params;
pub mod presence;
pub mod proof;
pub mod push;
pub mod receipt;
pub mod signer;
pub mod state;
pub mod text;
pub mod ticket;
mod time;
pub mod tx;
pub mod tx_index;
pub mod upload;
pub mod wire;
pub mod work;
