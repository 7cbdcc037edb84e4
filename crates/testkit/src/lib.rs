//! What both outside views of the machine build with: people with fixed keys, envelopes that only look sealed, signed
//! transactions, and a ledger in memory. Nothing here decides what the machine should answer.
#![allow(dead_code, reason = "each test crate that includes this uses its own part of it")]

pub mod ledger;
pub mod people;
pub mod random;
pub mod sealing;
pub mod transaction;
