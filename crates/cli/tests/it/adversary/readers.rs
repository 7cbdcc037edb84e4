//! Who can read what left the program: each envelope and each grant is opened with everybody's keys.

use std::collections::BTreeSet;

use prost::Message as _;
use sealdesk_client::actor::{Actor, Pair};
use sealdesk_envelope::{Expected, Received};
use sealdesk_protocol::envelope::{AccountKey, Context, Kind};
use sealdesk_protocol::ids::Prefix;
use sealdesk_protocol::tx::Tx;
use sealdesk_protocol::wire::cosmos::tx::v1beta1::{TxBody, TxRaw};
use sealdesk_protocol::wire::virtengine::encryption::v1::MultiRecipientEnvelope;
use sealdesk_protocol::wire::virtengine::support::v1 as support;

/// Pairs of a phrase that are tried.
const PAIRS: u32 = 3;

/// Somebody with their secrets.
pub struct Reader {
    name: String,
    address: String,
    pairs: Vec<Pair>,
}

impl Reader {
    pub fn new(name: &str, actor: Actor) -> Self {
        let prefix = Prefix::parse(Prefix::DEFAULT).unwrap();
        let pairs = (0..PAIRS).map(|n| actor.pair(n).unwrap()).collect();
        Self { name: name.to_owned(), address: actor.address(&prefix).to_string(), pairs }
    }

    fn has(&self, fingerprint: &str) -> bool {
        self.pairs.iter().any(|pair| pair.encryption.fingerprint().to_string() == fingerprint)
    }
}

/// An envelope as it left, and the kind of its place.
struct Sent {
    envelope: MultiRecipientEnvelope,
    kind: Kind,
    ticket: String,
}

/// Everybody for whom something in these transactions was sealed. Whoever is named can open it, and nobody else.
pub fn readers_of(chain_id: &str, sent: &[Vec<u8>], readers: &[Reader]) -> BTreeSet<String> {
    let mut names = BTreeSet::new();
    let prefix = Prefix::parse(Prefix::DEFAULT).unwrap();
    for bytes in sent {
        let tx = Tx::decode(bytes, &prefix).unwrap();
        let (sender, sequence) = (tx.signers()[0].address.to_string(), tx.signers()[0].sequence);
        let body = TxBody::decode(TxRaw::decode(bytes.as_slice()).unwrap().body_bytes.as_slice()).unwrap();
        for (index, message) in (0..).zip(&body.messages) {
            let value = message.value.as_slice();
            let found = match message.type_url.rsplit('.').next().unwrap() {
                "MsgCreateTicket" => {
                    let made = support::MsgCreateTicket::decode(value).unwrap();
                    Sent {
                        envelope: made.encrypted_payload.unwrap(),
                        kind: Kind::Ticket,
                        ticket: String::new(),
                    }
                }
                "MsgRespondToTicket" => {
                    let made = support::MsgRespondToTicket::decode(value).unwrap();
                    let kind = if made.internal { Kind::Note } else { Kind::Response };
                    Sent { envelope: made.encrypted_payload.unwrap(), kind, ticket: made.ticket_id }
                }
                "MsgGrantAccess" => {
                    let grants = support::MsgGrantAccess::decode(value).unwrap().grants;
                    names.extend(
                        grants
                            .iter()
                            .map(|grant| named(readers, &grant.entry.as_ref().unwrap().recipient_id)),
                    );
                    continue;
                }
                "MsgPutDocument" => {
                    let put = support::MsgPutDocument::decode(value).unwrap();
                    let entries = put.envelope.unwrap().wrapped_keys;
                    names.extend(entries.iter().map(|entry| named(readers, &entry.recipient_id)));
                    continue;
                }
                _ => continue,
            };
            let context = Context {
                chain_id: chain_id.to_owned(),
                ticket_id: found.ticket,
                kind: found.kind,
                sender: sender.clone(),
                sequence,
                index,
            };
            names.extend(opened_by(&found.envelope, &context, readers));
        }
    }
    names
}

fn named(readers: &[Reader], fingerprint: &str) -> String {
    let found = readers.iter().find(|reader| reader.has(fingerprint));
    found.map_or_else(|| "somebody unknown".to_owned(), |reader| reader.name.clone())
}

/// Who opens an envelope, which must be exactly those whom it names.
fn opened_by(envelope: &MultiRecipientEnvelope, context: &Context, readers: &[Reader]) -> BTreeSet<String> {
    let author = readers.iter().find(|reader| reader.address == context.sender).unwrap();
    let received = author.pairs.iter().find_map(|pair| {
        let expected =
            Expected { context, signing_key: pair.signing.public(), account: AccountKey::OfSender };
        Received::verify(envelope, &expected).ok()
    });
    let received = received.expect("its sender signed it");
    let opens =
        |reader: &&Reader| reader.pairs.iter().any(|pair| received.open(&pair.encryption, &[]).is_ok());
    let opened: BTreeSet<String> = readers.iter().filter(opens).map(|reader| reader.name.clone()).collect();
    let entries = envelope.wrapped_keys.iter();
    let told: BTreeSet<String> = entries.map(|entry| named(readers, &entry.recipient_id)).collect();
    assert_eq!(opened, told, "who opens it and whom it names");
    opened
}
