//! A million attempts to open with a wrong key or after a changed bit, on two threads. None opens.
//!
//! Most flips never pass the signatures, so the attempts go against the ciphertext itself: the box and the commitment
//! under the right and under wrong data keys, the entries under the right and under wrong secrets; and a part of them
//! is signed again by the sender and goes the whole way.

use chacha20::ChaCha20Rng;
use chacha20::rand_core::{Rng as _, SeedableRng as _};
use sealdesk_protocol::envelope::{Envelope, EnvelopeLimits, WrappedKey};

use super::scene::{DEK, NONCE, PLAINTEXT, Scene};
use crate::backend::secretbox_open;
use crate::open::open_payload;
use crate::schedule;
use crate::secret::{EncryptionSecret, Secret};
use crate::wrap::Binding;

const ATTEMPTS: usize = 1_000_000;
const THREADS: usize = 2;
/// One of this many attempts goes against an entry; X25519 makes those dear.
const ENTRY_EVERY: usize = 8;
/// One of this many attempts is signed again and goes the whole way.
const WHOLE_WAY_EVERY: usize = 64;

fn flip(rng: &mut ChaCha20Rng, bytes: &mut [u8]) {
    let bits = u32::try_from(bytes.len() * 8).unwrap();
    let at = rng.next_u32() % bits;
    bytes[at as usize / 8] ^= 1 << (at % 8);
}

struct Attacker {
    scene: Scene,
    rng: ChaCha20Rng,
    envelope: Envelope,
    header: Vec<u8>,
    key: Secret<32>,
}

impl Attacker {
    fn new(seed: u8) -> Self {
        let scene = Scene::new();
        let (envelope, header) = (scene.seal(), scene.context.header(&NONCE));
        let rng = ChaCha20Rng::from_seed([seed; 32]);
        Self { scene, rng, envelope, header, key: Secret::take(&mut DEK.clone()) }
    }

    fn random_secret(&mut self) -> Secret<32> {
        Secret::filled(|bytes| {
            self.rng.fill_bytes(bytes);
            Ok::<(), ()>(())
        })
        .unwrap()
    }

    /// A key that differs from the right one in one bit, or altogether.
    fn wrong_key(&mut self) -> Secret<32> {
        if self.rng.next_u32().is_multiple_of(2) {
            return self.random_secret();
        }
        let mut bytes = DEK;
        flip(&mut self.rng, &mut bytes);
        Secret::take(&mut bytes)
    }

    /// True if something opened.
    fn attempt(&mut self, n: usize) -> bool {
        match n {
            _ if n.is_multiple_of(WHOLE_WAY_EVERY) => self.whole_way(),
            _ if n.is_multiple_of(ENTRY_EVERY) => self.entry(n),
            _ if n.is_multiple_of(2) => self.wrong_data_key(),
            _ => self.flipped_box(),
        }
    }

    fn wrong_data_key(&mut self) -> bool {
        let key = self.wrong_key();
        let payload_key = schedule::payload_key(&key, &self.header);
        // Without the commitment, too: the tag alone must hold.
        secretbox_open(&payload_key, &NONCE, &self.envelope.payload_ciphertext()[32..]).is_ok()
    }

    fn flipped_box(&mut self) -> bool {
        let mut sealed = self.envelope.payload_ciphertext()[32..].to_vec();
        flip(&mut self.rng, &mut sealed);
        secretbox_open(&schedule::payload_key(&self.key, &self.header), &NONCE, &sealed).is_ok()
    }

    fn binding(&self) -> Binding<'_> {
        Binding { header: &self.header, commitment: self.envelope.commitment() }
    }

    fn entry(&mut self, n: usize) -> bool {
        let mut entry: WrappedKey = self.envelope.wrapped_keys()[0].clone();
        if n.is_multiple_of(ENTRY_EVERY * 2) {
            let wrong = EncryptionSecret::new(self.random_secret()).unwrap();
            return self.binding().unwrap(&entry, &wrong).is_ok();
        }
        if self.rng.next_u32().is_multiple_of(2) {
            flip(&mut self.rng, &mut entry.wrapped_key);
        } else {
            // The highest bit of an X25519 key is ignored by its arithmetic, but the nonce covers it.
            flip(&mut self.rng, &mut entry.ephemeral_key);
        }
        self.binding().unwrap(&entry, &self.scene.readers[0]).is_ok()
    }

    fn whole_way(&mut self) -> bool {
        let mut wire = self.envelope.to_wire();
        match self.rng.next_u32() % 4 {
            0 => flip(&mut self.rng, &mut wire.payload_nonce),
            1 => flip(&mut self.rng, &mut wire.wrapped_keys[0].wrapped_key),
            2 => flip(&mut self.rng, &mut wire.wrapped_keys[0].ephemeral_pub_key),
            _ => flip(&mut self.rng, &mut wire.payload_ciphertext),
        }
        let signed = self.scene.resign(&wire);
        let envelope = Envelope::from_wire(&signed, EnvelopeLimits::WIDEST).unwrap();
        let header = self.scene.context.header(envelope.payload_nonce());
        let flipped_payload = envelope.payload_ciphertext() != self.envelope.payload_ciphertext();
        let with_key = flipped_payload && open_payload(&self.key, &header, &envelope).is_ok();
        with_key || self.scene.open(&signed).is_ok()
    }
}

#[test]
fn a_million_wrong_keys_and_flipped_bits_open_nothing() {
    let scene = Scene::new();
    assert_eq!(scene.open(&scene.seal().to_wire()).as_deref(), Ok(PLAINTEXT), "the unchanged one opens");
    let workers: Vec<_> = (0..THREADS)
        .map(|thread| {
            std::thread::spawn(move || {
                let mut attacker = Attacker::new(u8::try_from(thread).unwrap());
                let attempts = ATTEMPTS / THREADS;
                let mut opened = 0;
                for n in 0..attempts {
                    opened += usize::from(attacker.attempt(n));
                    if n % (attempts / 5) == 0 {
                        println!("thread {thread}: {n} of {attempts} attempts, {opened} opened");
                    }
                }
                (attempts, opened)
            })
        })
        .collect();
    let (mut attempts, mut opened) = (0, 0);
    for worker in workers {
        let (tried, through) = worker.join().unwrap();
        attempts += tried;
        opened += through;
    }
    assert_eq!((attempts, opened), (ATTEMPTS, 0));
}
