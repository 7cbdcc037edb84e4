//! The node from outside: the embedded ledger without threads, the API over loopback, restarts and failing disks, and the
//! replicated ledger through its real socket.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    unreachable_pub,
    reason = "a test fails by panicking"
)]

mod backup;
mod browser;
mod comet;
mod crash;
mod desk;
mod grpc;
mod hostile;
mod live;
mod memory;
mod pace;
mod port;
mod pruning;
mod restart;
mod script;
mod solo;
mod tickets;
mod wallets;
mod webhooks;
