//! The program, as people, scripts, operators and other processes meet it. `tidy` stands beside as a program of its own,
//! because `make check` runs it alone.

#![allow(
    unreachable_pub,
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::print_stdout,
    reason = "a test fails by them and says what it saw; nothing of it is reachable from elsewhere"
)]

mod acts;
mod admission;
mod adversary;
mod agent;
mod answers;
mod backup;
mod choosing;
mod client_over_node;
mod comet;
mod continuing;
mod crash;
mod deploy;
mod desk;
mod disclosing;
mod documents;
mod export;
mod files;
mod homes;
mod https;
mod inbox;
mod inviting;
mod joining;
mod keplr;
mod keys;
mod kills;
mod known;
mod life;
mod localnet;
mod making;
mod manual;
mod metrics;
mod npm;
mod operating;
mod os_keyring;
mod outside;
mod packaging;
mod page;
mod people;
mod places;
mod program;
mod pruning;
mod reassigning;
mod remembering;
mod rest;
mod service;
mod service_levels;
mod settings;
mod signing;
mod stacks;
mod staffing;
mod stories;
mod terminal;
mod truth;
mod validators;
mod verbs;
mod watching;
mod webhooks;
mod working;
