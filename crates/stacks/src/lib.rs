//! The wire of Stacks, and the desk's contract upon it: what its bytes mean, and what everyone can check of them.
//!
//! Nothing here reads a file, a socket, a clock or a source of randomness, and no secret ever enters; it builds for wasm32.
//! From the bytes inwards: [`address`] and [`principal`] name accounts and contracts, [`value`] is what contracts are
//! called with and answer, [`transaction`] leads from bytes to a verified transaction, [`contract`] is the desk's contract
//! as typed calls, answers and events.
//!
//! Every decoder is total (any bytes give a value or a [`DecodeError`]), bounded before it allocates, and canonical: what
//! it accepts, it writes again byte for byte. So one thing has one spelling, and comparing bytes compares what they name.

pub mod address;
pub mod contract;
pub mod limits;
pub mod name;
pub mod principal;
mod reader;
pub mod transaction;
pub mod value;

pub use reader::DecodeError;
