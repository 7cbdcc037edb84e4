//! What tests and benches share: a place, people, and generators without chance.

// Used by tests and benches alone, where a panic is the report.
#![allow(clippy::unwrap_used, clippy::panic)]

use std::convert::Infallible;

use rand_core::{TryCryptoRng, TryRng};
use sealdesk_envelope::{EncryptionSecret, SigningSecret};
use sealdesk_protocol::envelope::{Context, Kind};

/// Gives prepared bytes, in order. Panics when they run out: sealing takes exactly what it says.
pub(crate) struct Prepared(pub(crate) Vec<u8>);

impl TryRng for Prepared {
    type Error = Infallible;
    fn try_next_u32(&mut self) -> Result<u32, Infallible> {
        panic!("sealing takes bytes, not numbers")
    }
    fn try_next_u64(&mut self) -> Result<u64, Infallible> {
        panic!("sealing takes bytes, not numbers")
    }
    fn try_fill_bytes(&mut self, destination: &mut [u8]) -> Result<(), Infallible> {
        let rest = self.0.split_off(destination.len());
        destination.copy_from_slice(&self.0);
        self.0 = rest;
        Ok(())
    }
}

impl TryCryptoRng for Prepared {}

pub(crate) fn ticket_context() -> Context {
    Context {
        chain_id: "desk-00112233aabbccdd".to_owned(),
        ticket_id: String::new(),
        kind: Kind::Ticket,
        sender: "virtengine19rl4cm2hmr8afy4kldpxz3fka4jguq0a6mvv5p".to_owned(),
        sequence: 7,
        index: 0,
    }
}

/// The secret bytes of the `n`-th reader.
pub(crate) fn reader_bytes(n: usize) -> [u8; 32] {
    let mut bytes = [0x5a; 32];
    // Not in the first byte: X25519 clears its lowest three bits.
    bytes[1..9].copy_from_slice(&(n as u64).to_le_bytes());
    bytes
}

pub(crate) fn reader(n: usize) -> EncryptionSecret {
    EncryptionSecret::take(&mut reader_bytes(n)).unwrap()
}

pub(crate) const SIGNING_SEED: [u8; 32] = [0x33; 32];

pub(crate) fn signing() -> SigningSecret {
    SigningSecret::take(&mut SIGNING_SEED.clone()).unwrap()
}
