//! Letters and grants as a client would make them, and every way of making them wrong.

use std::collections::BTreeMap;

use prost::Message as _;
use sealdesk_protocol::envelope::{Context, Kind};
use sealdesk_protocol::wire::virtengine::encryption::v1::MultiRecipientEnvelope;
use sealdesk_testkit::people::{Crowd, KeyPair};
use sealdesk_testkit::random::Random;
use sealdesk_testkit::sealing;

use super::desk::{Desk, GRACE, Key, Place, ticket_text};
use super::plan::{GrantPlan, Letter};
use super::readers::Audience;

/// What is wrong with a letter.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Flaw {
    None,
    DropReader,
    Stranger,
    AnyKey,
    /// Without those whose key is a minute old just now, and to the keys revoked a minute ago.
    Minute,
    Chain,
    Ticket,
    OtherKind,
    Sender,
    Sequence,
    Index,
    Tampered,
    ForeignSigner,
    AnySigner,
    OldVersion,
    Long,
    UserSigned,
    UserTampered,
}

pub const FLAWS: [Flaw; 16] = [
    Flaw::DropReader,
    Flaw::Stranger,
    Flaw::AnyKey,
    Flaw::Chain,
    Flaw::Ticket,
    Flaw::OtherKind,
    Flaw::Sender,
    Flaw::Sequence,
    Flaw::Index,
    Flaw::Tampered,
    Flaw::ForeignSigner,
    Flaw::AnySigner,
    Flaw::OldVersion,
    Flaw::Long,
    Flaw::UserSigned,
    Flaw::UserTampered,
];

/// Who writes, on what, from which place of a transaction.
pub struct Writer<'a> {
    pub who: &'a str,
    pub ticket_id: &'a str,
    pub kind: Kind,
    pub place: Place,
    pub flaw: Flaw,
}

/// Who must read a letter, and who may.
pub struct People {
    pub required: Vec<String>,
    pub allowed: Vec<String>,
}

/// Who grants what to whom.
pub struct Wish<'a> {
    pub who: &'a str,
    pub ticket: u64,
    pub target: u32,
    pub recipient: &'a str,
}

/// Pairs that a person of the campaign has.
pub const PAIRS: usize = 9;

/// The crowd, and its pairs by their signing halves.
pub struct Pairs {
    crowd: Crowd,
    pairs: BTreeMap<[u8; 32], KeyPair>,
}

impl Pairs {
    pub fn new(crowd: &Crowd) -> Self {
        let all = crowd.all().flat_map(|person| (0..PAIRS).map(|n| person.key(n)));
        let pairs = all.map(|pair| (pair.signing_public(), pair)).collect();
        Self { crowd: crowd.clone(), pairs }
    }

    fn signing(&self, key: &Key) -> KeyPair {
        KeyPair::new(key.public, self.pairs[&key.signing].signing.clone())
    }

    pub fn any(&self, random: &mut Random) -> &KeyPair {
        self.pairs.values().nth(random.below(self.pairs.len())).unwrap()
    }

    /// One of someone's keys for signing: an active one, else any, else one that nobody registered.
    fn signer(&self, desk: &Desk, who: &str, any: bool, random: &mut Random) -> KeyPair {
        let keys = desk.keys_of(who);
        let fit: Vec<&Key> = keys.iter().filter(|key| any || key.revoked_at.is_none()).collect();
        if fit.is_empty() { KeyPair::of("nobody", 0) } else { self.signing(fit[random.below(fit.len())]) }
    }

    pub fn letter(
        &self,
        desk: &Desk,
        writer: &Writer<'_>,
        audience: &Audience<'_>,
        random: &mut Random,
    ) -> Letter {
        let people = People { required: desk.required(audience), allowed: desk.allowed(audience) };
        self.letter_for(desk, writer, &people, random)
    }

    /// As [`Pairs::letter`], for those who must and those who may read it.
    pub fn letter_for(
        &self,
        desk: &Desk,
        writer: &Writer<'_>,
        people: &People,
        random: &mut Random,
    ) -> Letter {
        let flaw = writer.flaw;
        let readers = choose_readers(desk, people, flaw, random);
        let mut ticket_id = writer.ticket_id.to_owned();
        let (mut chain_id, mut kind, mut sender) =
            (desk.chain_id.clone(), writer.kind, writer.who.to_owned());
        let Place { mut sequence, mut index } = writer.place;
        match flaw {
            Flaw::Chain => chain_id.push('0'),
            Flaw::Ticket => ticket_id = ticket_text(77),
            Flaw::OtherKind => kind = if kind == Kind::Note { Kind::Response } else { Kind::Note },
            Flaw::Sender => sender.push('x'),
            Flaw::Sequence => sequence += 1,
            Flaw::Index => index += 1,
            _ => {}
        }
        let context = Context { chain_id, ticket_id, kind, sender, sequence, index };
        let key = match flaw {
            Flaw::ForeignSigner => KeyPair::of("nobody", 1),
            other => self.signer(desk, writer.who, other == Flaw::AnySigner, random),
        };
        let bytes = if flaw == Flaw::Long { 48 + 17_408 } else { sealing::CIPHERTEXT_BYTES_MIN };
        let unsigned = sealing::unsigned(&readers, bytes, random);
        let person = matches!(flaw, Flaw::UserSigned | Flaw::UserTampered)
            .then(|| self.crowd.of_address(writer.who).unwrap());
        let wire =
            if readers.is_empty() { unsigned } else { sealing::sign(unsigned, &context, &key, person) };
        finish(wire, context, &key, flaw)
    }

    pub fn grant(&self, desk: &Desk, wish: &Wish<'_>, random: &mut Random) -> GrantPlan {
        let Wish { who, ticket, target, recipient } = *wish;
        let record = &desk.tickets[&ticket];
        let sealed = record.sealed(target);
        let content = sealed.map_or([0; 32], |sealed| sealed.content);
        let (flaw, key) = match random.below(14) {
            0 => (1, KeyPair::of("nobody", 2)),
            1 => (2, self.signer(desk, who, true, random)),
            n @ 2..=4 => (n, self.signer(desk, who, false, random)),
            _ => (0, self.signer(desk, who, false, random)),
        };
        let signed_content = if flaw == 2 { [1; 32] } else { content };
        let granter = if flaw == 3 { record.customer.clone() } else { who.to_owned() };
        let entry = sealing::entry(recipient, random);
        let mut wire = sealing::grant(&signed_content, &granter, target, entry, &key);
        let signing = key.signing_public();
        let version = (1..).zip(desk.keys_of(who)).filter(|(_, key)| key.signing == signing).last();
        wire.granter_key_version = match random.below(20) {
            0 => 0,
            1 => 1 + u32::try_from(random.below(3)).unwrap(),
            _ => version.map_or(1, |(version, _)| version),
        };
        let misshapen = flaw == 4;
        if misshapen {
            wire.entry.as_mut().unwrap().wrapped_key.push(0);
        }
        GrantPlan {
            wire,
            recipient: recipient.to_owned(),
            content: signed_content,
            granter,
            signer: key.signing_public(),
            misshapen,
            tampered: false,
        }
    }
}

/// Everyone of the campaign.
pub const PEOPLE: [&str; 14] =
    ["ann", "abe", "ada", "gus", "gia", "geo", "eve", "cal", "cem", "cyd", "con", "sue", "ted", "pia"];

fn finish(mut wire: MultiRecipientEnvelope, context: Context, key: &KeyPair, flaw: Flaw) -> Letter {
    let readers: Vec<String> = wire.wrapped_keys.iter().map(|entry| entry.recipient_id.clone()).collect();
    let (digest, content) =
        if readers.is_empty() { ([0; 32], [0; 32]) } else { sealing::digests(&wire, &context) };
    match flaw {
        Flaw::Tampered => wire.payload_ciphertext[5] ^= 1,
        Flaw::OldVersion => wire.version = 2,
        Flaw::UserTampered => wire.user_signature.iter_mut().take(1).for_each(|byte| *byte ^= 1),
        _ => {}
    }
    Letter {
        readers,
        context,
        signer: key.signing_public(),
        bytes: wire.encoded_len(),
        misshapen: flaw == Flaw::OldVersion,
        tampered: matches!(flaw, Flaw::Tampered | Flaw::UserTampered),
        digest,
        content,
        wire,
    }
}

/// Whether the grace of a key's registration or revocation ends within a second.
pub fn a_minute_old(desk: &Desk, key: &Key) -> bool {
    let turned = key.revoked_at.unwrap_or(key.registered_at);
    (GRACE - 1..=GRACE + 1).contains(&(desk.now - turned))
}

fn choose_readers(
    desk: &Desk,
    People { required, allowed }: &People,
    flaw: Flaw,
    random: &mut Random,
) -> Vec<String> {
    let mut readers: Vec<String> = Vec::new();
    for who in allowed {
        if flaw == Flaw::Minute && desk.keys_of(who).iter().any(|key| a_minute_old(desk, key)) {
            let revoked = desk.keys_of(who).iter().filter(|key| key.revoked_at.is_some());
            let last = revoked.rev().find(|key| a_minute_old(desk, key));
            readers.extend(last.map(|key| key.fingerprint.clone()));
            continue;
        }
        let usable: Vec<&Key> = desk.keys_of(who).iter().filter(|key| desk.usable(key)).collect();
        if !usable.is_empty() && (required.contains(who) || random.percent(30)) {
            readers.push(random.pick(&usable).fingerprint.clone());
        }
    }
    // A desk where nobody has a key for long enough requires no reader; a client still seals to someone.
    if readers.is_empty() {
        let anyone = allowed.iter().flat_map(|who| desk.keys_of(who)).find(|key| desk.usable(key));
        readers.extend(anyone.map(|key| key.fingerprint.clone()));
    }
    match flaw {
        Flaw::DropReader if readers.len() > 1 => {
            readers.remove(random.below(readers.len()));
        }
        Flaw::Stranger => readers.push(KeyPair::of("nobody", 3).fingerprint),
        Flaw::AnyKey => {
            let all: Vec<&Key> = desk.keys.values().flatten().collect();
            if !all.is_empty() {
                readers.push(random.pick(&all).fingerprint.clone());
            }
        }
        _ => {}
    }
    readers.sort();
    readers.dedup();
    readers
}
