//! XSalsa20-Poly1305 does not commit: here is one box that opens under two keys, to two texts. What stops it is `COM`.

use num_bigint::BigUint;
use salsa20::XSalsa20;
use salsa20::cipher::{KeyIvInit as _, StreamCipher as _};
use sealdesk_protocol::envelope::{Context, Envelope};

use super::scene::{NONCE, PLAINTEXT, Scene, secret};
use crate::backend::secretbox_open;
use crate::open::Reason;
use crate::schedule::{self, DataKey};
use crate::secret::Secret;
use crate::wrap::{Binding, Wrapper};

const BLOCKS: u32 = 16;
const LENGTH: usize = 256;

/// One key's half of the construction: its stream and its Poly1305 key.
struct Half {
    stream: Vec<u8>,
    r: BigUint,
    s: BigUint,
}

impl Half {
    fn of(key: &DataKey, header: &[u8]) -> Self {
        let payload_key = schedule::payload_key(key, header);
        let mut bytes = vec![0; 32 + LENGTH];
        XSalsa20::new(payload_key.expose().into(), &NONCE.into()).apply_keystream(&mut bytes);
        let clamp = BigUint::from(0x0fff_fffc_0fff_fffc_0fff_fffc_0fff_ffff_u128);
        let r = BigUint::from_bytes_le(&bytes[..16]) & clamp;
        Self { r, s: BigUint::from_bytes_le(&bytes[16..32]), stream: bytes.split_off(32) }
    }
}

fn prime() -> BigUint {
    (BigUint::from(1_u8) << 130) - 5_u8
}

/// A block as Poly1305 reads it.
fn block(bytes: &[u8]) -> BigUint {
    BigUint::from_bytes_le(bytes) + (BigUint::from(1_u8) << 128)
}

/// What the two free blocks must contribute so that the tag becomes `tag`.
fn target(half: &Half, ciphertext: &[u8], tag: &BigUint) -> BigUint {
    let wanted = ((BigUint::from(1_u8) << 128) + tag - &half.s) % (BigUint::from(1_u8) << 128);
    let fixed = (2..BLOCKS).map(|n| {
        let at = n as usize * 16;
        block(&ciphertext[at..at + 16]) * half.r.modpow(&(BLOCKS - n).into(), &prime())
    });
    (wanted + prime() - fixed.sum::<BigUint>() % prime()) % prime()
}

/// Solves for the first two blocks: two linear equations modulo 2¹³⁰ − 5.
fn solve(first: &Half, second: &Half, ciphertext: &[u8], tag: &BigUint) -> Option<[u8; 32]> {
    let p = prime();
    let power = |half: &Half, n: u32| half.r.modpow(&n.into(), &p);
    let (a, b) = (power(first, BLOCKS), power(first, BLOCKS - 1));
    let (c, d) = (power(second, BLOCKS), power(second, BLOCKS - 1));
    let (e, f) = (target(first, ciphertext, tag), target(second, ciphertext, tag));
    let minus = |x: BigUint, y: BigUint| (x % &p + &p - y % &p) % &p;
    let inverse = minus(&a * &d, &b * &c).modinv(&p)?;
    let x = minus(&e * &d, &b * &f) * &inverse % &p;
    let y = minus(&a * &f, &e * &c) * &inverse % &p;
    let mut blocks = [0; 32];
    for (n, value) in [x, y].into_iter().enumerate() {
        let bytes = value.to_bytes_le();
        if bytes.len() != 17 || bytes[16] != 1 {
            return None;
        }
        blocks[n * 16..][..16].copy_from_slice(&bytes[..16]);
    }
    Some(blocks)
}

/// Tag and ciphertext that open under both keys' payload keys, canonically padded under both.
fn box_of_two(first: &DataKey, second: &DataKey, header: &[u8]) -> Option<Vec<u8>> {
    let (first, second) = (Half::of(first, header), Half::of(second, header));
    // The padding's mark must be right under both: that costs 256 tries on average.
    if first.stream[LENGTH - 1] != second.stream[LENGTH - 1] {
        return None;
    }
    let mut ciphertext = first.stream.clone();
    ciphertext[LENGTH - 1] ^= 0x80;
    for tag in 1_u8..=255 {
        if let Some(blocks) = solve(&first, &second, &ciphertext, &BigUint::from(tag)) {
            ciphertext[..32].copy_from_slice(&blocks);
            let mut tag_bytes = [0; 16];
            tag_bytes[0] = tag;
            return Some([&tag_bytes[..], &ciphertext].concat());
        }
    }
    None
}

/// A properly signed envelope that gives reader 0 one data key and reader 1 another one, over one box for both.
pub(super) fn envelope_of_two(scene: &Scene, context: &Context) -> (Envelope, DataKey, DataKey) {
    let header = context.header(&NONCE);
    let first = secret(0x91);
    let (sealed, second) = (0_u32..)
        .find_map(|n| {
            let mut bytes = [0x19; 32];
            bytes[..4].copy_from_slice(&n.to_le_bytes());
            let second = Secret::take(&mut bytes);
            Some((box_of_two(&first, &second, &header)?, second))
        })
        .unwrap();
    let commitment = schedule::commitment(&first, &header);
    let binding = Binding { header: &header, commitment: &commitment };
    let wrapper = Wrapper::new(binding, schedule::ephemeral_secret(&first, &header));
    let mut wire = scene.seal().to_wire();
    wire.payload_ciphertext = [&commitment[..], &sealed].concat();
    wire.wrapped_keys[0] = wrapper.wrap(&first, scene.readers[0].public()).unwrap().to_wire();
    wire.wrapped_keys[1] = wrapper.wrap(&second, scene.readers[1].public()).unwrap().to_wire();
    let limits = sealdesk_protocol::envelope::EnvelopeLimits::WIDEST;
    let envelope = Envelope::from_wire(&scene.resign_in(context, &wire), limits).unwrap();
    (envelope, first, second)
}

#[test]
fn one_ciphertext_with_two_data_keys_opens_for_one_of_them_only() {
    let scene = Scene::new();
    let (envelope, first, second) = envelope_of_two(&scene, &scene.context);
    let header = scene.context.header(&NONCE);
    let boxed = &envelope.payload_ciphertext()[32..];
    let raw = |key| secretbox_open(&schedule::payload_key(key, &header), &NONCE, boxed);
    let (one, other) = (raw(&first).unwrap(), raw(&second).unwrap());
    assert_ne!(one, other, "without the commitment, two readers would read two texts");
    assert_eq!((one[LENGTH - 1], other[LENGTH - 1]), (0x80, 0x80));

    let wire = envelope.to_wire();
    assert_eq!(scene.open_as(&wire, &scene.readers[0], &[]).unwrap(), &one[..LENGTH - 1]);
    assert_eq!(scene.open_as(&wire, &scene.readers[1], &[]), Err(Reason::Commitment));
    let received = scene.receive_in(&scene.context, &wire).unwrap();
    let opened = received.open(&scene.readers[0], &[]).unwrap();
    let wrong = opened.entries_that_cannot_open(&scene.publics());
    assert!(wrong.contains(scene.readers[1].fingerprint()), "the honest reader is warned");
    assert_ne!(opened.plaintext(), PLAINTEXT);
}
