//! Webhooks over a desk in memory and endpoints on loopback: what arrives, in which order, how often, and what never happens.

mod commands;
mod endpoints;
mod kit;
mod order;
