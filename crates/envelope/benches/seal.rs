//! Sealing and opening 1 KiB for 1, 3, 10 and 100 readers, beside the same by libsodium in the same run.
//!
//! Both do all of it: keys, padding, boxes, digests, Ed25519 signature or its verification. A hundred readers are
//! beyond the ledger's limit; the limit is an argument, so that growth can be seen.
//!
//! The last lines print the ratios, ours to libsodium's: below 1 is faster.

#![allow(clippy::unwrap_used, clippy::print_stdout)]

use std::hint::black_box;
use std::time::{Duration, Instant};

use criterion::{BenchmarkId, Criterion};
use sealdesk_envelope::{EncryptionSecret, Expected, Message, Received, Signers, SigningSecret, seal};
use sealdesk_protocol::envelope::{AccountKey, Context, Envelope, EnvelopeLimits};
use sealdesk_protocol::keys::EncryptionKey;
use sodiumoxide::crypto::sign;

#[path = "../tests/it/libsodium.rs"]
mod libsodium;
#[path = "../tests/it/support.rs"]
mod support;

use support::{Prepared, SIGNING_SEED, reader, reader_bytes, signing, ticket_context};

const READERS: [usize; 4] = [1, 3, 10, 100];
const LIMITS: EnvelopeLimits = EnvelopeLimits { envelope_bytes_max: 1 << 20, recipients_max: 100 };

/// Everything that one size of audience needs.
struct Case {
    context: Context,
    plaintext: Vec<u8>,
    publics: Vec<EncryptionKey>,
    reader: EncryptionSecret,
    signing: SigningSecret,
    sodium: libsodium::Sender,
    sodium_public: sign::PublicKey,
    envelope: Envelope,
}

impl Case {
    fn new(readers: usize) -> Self {
        let (sodium_public, secret) = sign::keypair_from_seed(&sign::Seed(SIGNING_SEED));
        let sodium = libsodium::Sender { dek: [1; 32], nonce: [2; 24], signing: secret };
        let publics: Vec<EncryptionKey> = (0..readers).map(|n| *reader(n).public()).collect();
        let (context, plaintext) = (ticket_context(), vec![b'x'; 1024]);
        let envelope = libsodium::seal(&context, &plaintext, &publics, &sodium);
        let (reader, signing) = (reader(0), signing());
        let case = Self { context, plaintext, publics, reader, signing, sodium, sodium_public, envelope };
        assert_eq!(case.seal(), case.envelope, "both seal the same bytes");
        case.open();
        case.open_by_libsodium();
        case
    }

    fn seal(&self) -> Envelope {
        let message = Message {
            context: &self.context,
            plaintext: &self.plaintext,
            readers: &self.publics,
            client_id: "",
            limits: LIMITS,
        };
        let mut rng = Prepared([&self.sodium.dek[..], &self.sodium.nonce].concat());
        seal(&message, &Signers { signing: &self.signing, account: None }, &mut rng).unwrap()
    }

    fn seal_by_libsodium(&self) -> Envelope {
        libsodium::seal(&self.context, &self.plaintext, &self.publics, &self.sodium)
    }

    fn open(&self) -> usize {
        let expected = Expected {
            context: &self.context,
            signing_key: self.signing.public(),
            account: AccountKey::OfSender,
        };
        let received = Received::verify_shaped(self.envelope.clone(), &expected).unwrap();
        received.open(&self.reader, &[]).unwrap().plaintext().len()
    }

    fn open_by_libsodium(&self) -> usize {
        let reader = (self.reader.public(), &reader_bytes(0));
        libsodium::open(&self.context, &self.envelope.clone(), &self.sodium_public, reader).unwrap().len()
    }
}

/// The least of several means, alternating, so that a busy neighbour hurts both alike.
fn ratio<A, B>(ours: impl Fn() -> A, theirs: impl Fn() -> B) -> (f64, f64) {
    let time = |call: &dyn Fn()| {
        let start = Instant::now();
        (0..100).for_each(|_| call());
        start.elapsed().as_secs_f64() * 1e4
    };
    let (mut best_ours, mut best_theirs) = (f64::MAX, f64::MAX);
    for _ in 0..15 {
        best_ours = best_ours.min(time(&|| drop(black_box(ours()))));
        best_theirs = best_theirs.min(time(&|| drop(black_box(theirs()))));
    }
    (best_ours, best_theirs)
}

fn main() {
    sodiumoxide::init().unwrap();
    let mut criterion = Criterion::default()
        .sample_size(20)
        .warm_up_time(Duration::from_millis(200))
        .measurement_time(Duration::from_millis(800))
        .configure_from_args();
    let cases: Vec<(usize, Case)> = READERS.iter().map(|n| (*n, Case::new(*n))).collect();
    for (name, ours, theirs) in operations() {
        let mut group = criterion.benchmark_group(name);
        for (n, case) in &cases {
            group.bench_with_input(BenchmarkId::new("sealdesk", n), case, |bench, case| {
                bench.iter(|| ours(case))
            });
            let id = BenchmarkId::new("libsodium", n);
            group.bench_with_input(id, case, |bench, case| bench.iter(|| theirs(case)));
        }
        group.finish();
    }
    criterion.final_summary();
    for (name, ours, theirs) in operations() {
        for (n, case) in &cases {
            let (ours, theirs) = ratio(|| ours(case), || theirs(case));
            println!(
                "{name} 1 KiB, {n} readers: {ours:.0} µs, libsodium {theirs:.0} µs, ratio {:.2}",
                ours / theirs
            );
        }
    }
}

type Operation = fn(&Case) -> usize;

fn operations() -> [(&'static str, Operation, Operation); 2] {
    let seal: Operation = |case| case.seal().wrapped_keys().len();
    let seal_theirs: Operation = |case| case.seal_by_libsodium().wrapped_keys().len();
    [("seal", seal, seal_theirs), ("open", Case::open, Case::open_by_libsodium)]
}
