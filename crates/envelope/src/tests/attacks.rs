//! Makes `vectors/envelope/attacks.json` and judges it: each attack is refused, and for the reason that the file gives.
//!
//! The file is golden. `BLESS=1 cargo test -p sealdesk-envelope attacks` writes it anew and fails; the run after it judges.

use curve25519_dalek::constants::{ED25519_BASEPOINT_POINT, EIGHT_TORSION};
use curve25519_dalek::scalar::Scalar;
use sealdesk_protocol::envelope::{Context, Kind, client_message};
use sealdesk_protocol::wire::virtengine::encryption::v1::MultiRecipientEnvelope;
use serde::Serialize;
use sha2::{Digest as _, Sha512};

use super::changes::{SIGNED, UNSIGNED};
use super::scene::{DEK, NONCE, Scene, reader, secret, signing};
use super::two_keys::envelope_of_two;
use crate::backend::secretbox_seal;
use crate::known_answers::attacks::Attack;
use crate::known_answers::check;
use crate::known_answers::format::{ContextFields, EntryFields, EnvelopeFields, Hex};
use crate::schedule;
use crate::secret::Secret;
use crate::wrap::{Binding, Wrapper};

const FILE: &str = include_str!("../../../../vectors/envelope/attacks.json");
const PATH: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../../vectors/envelope/attacks.json");

/// Encodings of low-order points, canonical and not.
const LOW_ORDER: [&str; 7] = [
    "0000000000000000000000000000000000000000000000000000000000000000",
    "0100000000000000000000000000000000000000000000000000000000000000",
    "e0eb7a7c3b41b8ae1656e3faf19fc46ada098deb9c32b1fd866205165f49b800",
    "5f9c95bca3508c24b1d0b1559c83ef5b04445cc4581c8e86d8224eddd09f1157",
    "ecffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
    "edffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
    "eeffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff",
];

struct Maker {
    scene: Scene,
    base: MultiRecipientEnvelope,
    attacks: Vec<Attack>,
}

impl Maker {
    fn new() -> Self {
        let scene = Scene::new();
        let base = scene.seal().to_wire();
        Self { scene, base, attacks: Vec::new() }
    }

    /// An attack on the first reader with everything else as it must be.
    fn add(&mut self, name: &str, why: &str, wire: &MultiRecipientEnvelope) -> &mut Attack {
        self.attacks.push(Attack {
            name: name.to_owned(),
            why: why.to_owned(),
            context: fields(&self.scene.context),
            reader_secret: Hex(self.scene.readers[0].secret().expose().to_vec()),
            client_public: Hex(self.scene.signing.public().as_bytes().to_vec()),
            user_pub_key: Hex(self.scene.account.public_key().to_vec()),
            envelope: EnvelopeFields::of(wire),
            grant: None,
        });
        self.attacks.last_mut().unwrap()
    }

    fn changes(&mut self) {
        for (name, why, change) in UNSIGNED {
            let mut wire = self.base.clone();
            change(&mut wire);
            self.add(name, why, &wire);
        }
        for (name, why, change) in SIGNED {
            let mut wire = self.base.clone();
            change(&mut wire);
            let signed = self.scene.resign(&wire);
            self.add(name, why, &signed);
        }
        for (n, point) in LOW_ORDER.iter().enumerate() {
            let mut wire = self.base.clone();
            wire.wrapped_keys[0].ephemeral_pub_key = hex::decode(point).unwrap();
            let signed = self.scene.resign(&wire);
            self.add(&format!("low-order ephemeral key {n}, properly signed"), "unwrap", &signed);
        }
    }

    fn places(&mut self) {
        let context = self.scene.context.clone();
        let other_sender = "virtengine16nctck3fmcrt2y8e4fpg78hdh2fxqy44u084n4";
        let places = [
            ("chain", Context { chain_id: "desk-ffffffffffffffff".into(), ..context.clone() }),
            ("ticket", Context { ticket_id: "TKT-00000002".into(), ..context.clone() }),
            ("kind", Context { kind: Kind::Response, ..context.clone() }),
            ("kind, a note", Context { kind: Kind::Note, ..context.clone() }),
            ("sender", Context { sender: other_sender.into(), ..context.clone() }),
            ("sender, in upper case", Context { sender: context.sender.to_uppercase(), ..context.clone() }),
            ("sequence", Context { sequence: 8, ..context.clone() }),
            ("index", Context { index: 1, ..context.clone() }),
        ];
        let base = self.base.clone();
        for (what, place) in &places {
            self.add(&format!("replay into another {what}"), "client signature", &base).context =
                fields(place);
            let signed = self.scene.resign_in(place, &base);
            let name = format!("replay into another {what}, signed again");
            self.add(&name, "unwrap", &signed).context = fields(place);
        }
        self.add("a record of kind 0", "no record", &base).context.kind = 0;
    }

    fn keys(&mut self) {
        let base = self.base.clone();
        let thief = Scene { signing: signing(0x44), ..Scene::new() };
        let stolen = thief.resign(&base);
        self.add("signed by another sender", "client signature", &stolen);
        self.add("another signing key", "client signature", &base).client_public =
            Hex(thief.signing.public().as_bytes().to_vec());
        let mut other = self.scene.account.public_key().to_vec();
        other[0] ^= 1;
        self.add("the account key of another", "not the sender's", &base).user_pub_key = Hex(other);
        self.add("a reader who is none", "not a recipient", &base).reader_secret = Hex(vec![0x77; 32]);
        let identity = EIGHT_TORSION[0].compress().to_bytes().to_vec();
        let mut wire = base.clone();
        wire.client_signature = [identity.clone(), vec![0; 32]].concat();
        self.add("a small-order signing key, for which zeroes sign everything", "low order", &wire)
            .client_public = Hex(identity);
        let mut minus_zero = vec![0; 32];
        (minus_zero[0], minus_zero[31]) = (1, 0x80);
        self.add("a non-canonical signing key", "canonical", &base).client_public = Hex(minus_zero);
        let digest = self.digest();
        let mut wire = base;
        wire.client_signature = [digest, digest].concat();
        self.add("a digest in place of the signature", "client signature", &wire);
    }

    fn digest(&self) -> [u8; 32] {
        let received = self.scene.receive_in(&self.scene.context, &self.base).unwrap();
        received.digests().envelope
    }

    /// Signatures whose R has a small-order part: a cofactored rule accepts all of them.
    fn torsion(&mut self) {
        let secret = Scalar::from(1_234_567_u64);
        let public = (ED25519_BASEPOINT_POINT * secret).compress().to_bytes();
        let nonce = Scalar::from(7_654_321_u64);
        for (n, torsion) in EIGHT_TORSION.iter().enumerate().skip(1) {
            let r = (ED25519_BASEPOINT_POINT * nonce + torsion).compress().to_bytes();
            let message = client_message(&self.digest());
            let hash = Sha512::new().chain_update(r).chain_update(public).chain_update(message);
            let k = Scalar::from_bytes_mod_order_wide(&hash.finalize().into());
            let mut wire = self.base.clone();
            wire.client_signature = [r, (nonce + k * secret).to_bytes()].concat();
            let name = format!("mixed-order signature {n} that a cofactored verifier accepts");
            self.add(&name, "client signature", &wire).client_public = Hex(public.to_vec());
        }
    }

    fn padding(&mut self) {
        type Marks = &'static [(usize, u8)];
        let cases: [(&str, usize, Marks); 5] = [
            ("padding without a mark", 256, &[]),
            ("padding longer than Padmé's", 272, &[(0, b'm'), (1, 0x80)]),
            ("padding with another mark", 256, &[(0, b'm'), (1, 0x81)]),
            ("padding with a byte after the mark", 256, &[(1, 0x80), (255, 1)]),
            ("a mark in the last byte of a longer length than needed", 1_088, &[(1_000, 0x80)]),
        ];
        let key = Secret::take(&mut DEK.clone());
        let payload_key = schedule::payload_key(&key, &self.scene.context.header(&NONCE));
        for (name, length, bytes) in cases {
            let mut padded = vec![0; length];
            bytes.iter().for_each(|(at, byte)| padded[*at] = *byte);
            let mut wire = self.base.clone();
            wire.payload_ciphertext.truncate(32);
            wire.payload_ciphertext.extend(secretbox_seal(&payload_key, &NONCE, &padded));
            let signed = self.scene.resign(&wire);
            self.add(name, "padding", &signed);
        }
    }

    fn grants(&mut self) {
        let base = self.base.clone();
        let late = reader(0x77);
        let header = self.scene.context.header(&NONCE);
        let commitment = base.payload_ciphertext[..32].to_vec();
        let elsewhere = Context { index: 1, ..self.scene.context.clone() }.header(&NONCE);
        let wrap = |header: &[u8], key: u8| {
            let binding = Binding { header, commitment: &commitment };
            let key = if key == 0 { Secret::take(&mut DEK.clone()) } else { secret(key) };
            EntryFields::of(&Wrapper::new(binding, secret(0x12)).wrap(&key, late.public()).unwrap().to_wire())
        };
        let good = wrap(&header, 0);
        let mut low_order = good.clone();
        low_order.ephemeral_pub_key = Hex(vec![0; 32]);
        let mut flipped = good.clone();
        flipped.wrapped_key.0[20] ^= 4;
        let mut algorithm = good.clone();
        algorithm.algorithm = "none".into();
        let mut short = good.clone();
        short.wrapped_key.0.truncate(47);
        let mut renamed = good;
        renamed.recipient_id = self.scene.readers[0].fingerprint().to_string();
        let cases = [
            ("grant with a different DEK", "commitment", wrap(&header, 0x13)),
            ("grant of another envelope", "unwrap", wrap(&elsewhere, 0)),
            ("grant with a low-order ephemeral key", "unwrap", low_order),
            ("grant with a flipped bit", "unwrap", flipped),
            ("grant of another algorithm", "algorithm", algorithm),
            ("grant of 47 bytes", "wrapped_key", short),
            ("grant under another reader's name", "not a recipient", renamed.clone()),
        ];
        for (name, why, entry) in cases {
            let attack = self.add(name, why, &base);
            (attack.grant, attack.reader_secret) = (Some(entry), Hex(vec![0x77; 32]));
        }
        self.add("the grant of another in place of the own entry", "unwrap", &base).grant = Some(renamed);
    }

    fn two_keys(&mut self) {
        let (envelope, ..) = envelope_of_two(&self.scene, &self.scene.context);
        let name = "one ciphertext that opens under two data keys, to two texts";
        let second = Hex(self.scene.readers[1].secret().expose().to_vec());
        self.add(name, "commitment", &envelope.to_wire()).reader_secret = second;
    }
}

fn fields(context: &Context) -> ContextFields {
    ContextFields {
        chain_id: context.chain_id.clone(),
        ticket_id: context.ticket_id.clone(),
        kind: context.kind.number().into(),
        sender: context.sender.clone(),
        sequence: context.sequence,
        index: context.index,
    }
}

#[derive(Serialize)]
struct File {
    note: &'static str,
    attacks: Vec<Attack>,
}

fn made() -> String {
    let mut maker = Maker::new();
    maker.changes();
    maker.places();
    maker.keys();
    maker.torsion();
    maker.padding();
    maker.grants();
    maker.two_keys();
    let note = "Every one must be refused. Made by a test of the envelope crate, without chance.";
    let mut json = serde_json::to_string_pretty(&File { note, attacks: maker.attacks }).unwrap();
    json.push('\n');
    json
}

#[test]
fn the_attack_file_is_the_one_that_is_made() {
    let made = made();
    if std::env::var_os("BLESS").is_some() {
        std::fs::write(PATH, &made).unwrap();
        // A run that writes never passes, so that no setting of a build machine can wave a change through.
        panic!("written anew: read the difference, then run without BLESS");
    }
    assert!(
        made == FILE,
        "vectors/envelope/attacks.json is not what this test makes; see its module's first lines"
    );
}

#[test]
fn every_attack_of_the_file_is_refused_for_its_reason() {
    let report = check(FILE).unwrap();
    assert_eq!(report.failed, 0, "{report}");
    let file: serde_json::Value = serde_json::from_str(FILE).unwrap();
    let attacks = file["attacks"].as_array().unwrap();
    assert!(attacks.len() >= 40 && report.passed == attacks.len(), "{} attacks", attacks.len());
    for (attack, line) in attacks.iter().zip(&report.lines) {
        let why = attack["why"].as_str().unwrap();
        let (_, reason) = line.split_once("(refused: ").unwrap();
        assert!(reason.contains(why), "{line}: expected for {why}");
    }
}

#[test]
fn an_attack_that_is_none_is_reported_as_a_failure() {
    // The unchanged envelope opens, so a file that calls it an attack must fail: the judge is not a rubber stamp.
    let mut maker = Maker::new();
    let base = maker.base.clone();
    maker.add("the unchanged envelope", "none", &base);
    let json = serde_json::to_string(&File { note: "", attacks: maker.attacks }).unwrap();
    let report = check(&json).unwrap();
    assert_eq!((report.passed, report.failed), (0, 1), "{report}");
    assert!(report.lines[0].contains("opened, 57 bytes released"), "{report}");
}
