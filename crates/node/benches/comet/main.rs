//! The replicated ledger's share of `make bench`: what the socket of CometBFT adds to a block, and what a network with this application
//! does beside one of the same CometBFT, with the same configuration, and its own `kvstore`.
//!
//! Progress goes to standard error, figures to standard output. Everything is on loopback, and stops by itself.

#![allow(
    missing_docs,
    unreachable_pub,
    dead_code,
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::print_stdout,
    clippy::print_stderr
)]

#[path = "../../tests/it/comet/abci.rs"]
mod abci;
#[path = "../../tests/it/desk/mod.rs"]
mod desk;
#[path = "../../tests/it/comet/network.rs"]
mod network;
mod overhead;
mod throughput;

fn main() {
    let cores = std::thread::available_parallelism().map_or(0, usize::from);
    println!("comet: {cores} cores");
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build().unwrap();
    runtime.block_on(overhead::measure());
    runtime.block_on(throughput::measure());
}
