//! The client against a small ledger in memory, whose network can be told to fail, and against a contract whose node lies.

#![allow(
    unreachable_pub,
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    reason = "a test fails by them; nothing of it is reachable from elsewhere"
)]

mod adversary;
mod composing;
mod continuing;
mod disclosing;
mod documents;
mod doubts;
mod erasing;
mod files;
mod headers;
mod held;
mod histories;
mod imports;
mod impostors;
mod learning;
mod let_in;
mod liars;
mod outcomes;
mod own_keys;
mod paged;
mod presence;
mod queue;
mod reading;
mod remembering;
mod renewing;
mod sla;
mod stacks;
mod submitting;
mod transferred;
mod truth;
mod waiting;
mod wallet;
mod world;
