//! What accounts sign as texts: that keys are theirs, and their votes.

use prost::{Message as _, Name as _};
use prost_types::Any;
use sealdesk_machine::Machine;
use sealdesk_protocol::adr36;
use sealdesk_protocol::appointment::Appointee;
use sealdesk_protocol::circle::{Ballot, Change, Circle, Vote};
use sealdesk_protocol::genesis::Genesis;
use sealdesk_protocol::identity::Identity;
use sealdesk_protocol::ids::{Address, ChainId};
use sealdesk_protocol::messages::{AssignableRole, to_any};
use sealdesk_protocol::ownership::Ownership;
use sealdesk_protocol::signer::{KeySignature, text_for};
use sealdesk_protocol::wire::sealdesk::ledger::v1::MsgContinueLedger;
use sealdesk_protocol::wire::virtengine::encryption::v1::MsgRegisterRecipientKey;
use sealdesk_protocol::wire::virtengine::roles::v1::{MsgAssignRole, MsgRevokeRole};

use crate::people::{KeyPair, Person};
use crate::{prefix, sealing};

/// The ledger that is signed for.
#[derive(Clone, Debug)]
pub struct Ledger {
    pub chain_id: ChainId,
    pub identity: Identity,
    pub circle: Circle,
    /// When votes are made.
    pub now: i64,
}

impl Ledger {
    /// The ledger of a genesis, before its first block.
    pub fn of(genesis: &Genesis) -> Self {
        let checked = genesis.check().unwrap();
        let identity = checked.ancestry.identity();
        Self { chain_id: checked.chain_id, identity, circle: checked.circle, now: checked.time }
    }
}

impl Person {
    /// ADR-36; for an account of several keys each of them for itself, and for whom.
    pub fn sign_text(&self, text: &str) -> Vec<u8> {
        self.signed_text(text).to_vec()
    }

    fn signed_text(&self, text: &str) -> KeySignature {
        let text = if self.is_several() { text_for(text, &self.address) } else { text.to_owned() };
        self.sign_each(|one| adr36::digest(&one.address, &text))
    }

    /// A vote on a ballot, whoever they are.
    pub fn vote_on(&self, ledger: &Ledger, ballot: &Ballot<'_>) -> Vote {
        let (position, made) = (ledger.circle.next(), ledger.now);
        let fingerprint = ledger.circle.fingerprint(&ledger.identity);
        let text = ballot.text(&ledger.chain_id, &fingerprint, position, made);
        let signature = self.signed_text(&text);
        Vote { voter: self.address.clone(), made, account_pub_key: self.account_key(), signature }
    }

    /// That somebody is an agent or a gateway.
    pub fn appoints(&self, ledger: &Ledger, role: AssignableRole, account: &Address) -> Vec<u8> {
        let fingerprint = ledger.circle.fingerprint(&ledger.identity);
        self.sign_text(&Appointee { role, account }.text(&ledger.chain_id, &fingerprint, ledger.now))
    }

    /// That these keys are theirs.
    pub fn own(
        &self,
        chain_id: &ChainId,
        identity: &Identity,
        x25519: &[u8; 32],
        ed25519: &[u8; 32],
    ) -> Vec<u8> {
        let account = &self.address;
        let text = Ownership { ledger: chain_id, identity, account, x25519, ed25519 }.text();
        // Of an account of several keys, by a key that is not among them: such an account owns no keys.
        self.sign_digest(&adr36::digest(account, &text))
    }
}

/// The registration of a pair of keys that its owner has signed for this ledger.
pub fn registered(chain_id: &ChainId, identity: &Identity, person: &Person, key: &KeyPair) -> Any {
    let mut message = sealing::registration(chain_id.as_str(), person, key, "");
    message.account_signature = person.own(chain_id, identity, &key.public, &key.signing_public());
    to_any(&message)
}

/// The same on the ledger of a machine.
pub fn registered_on(machine: &Machine, person: &Person, key: &KeyPair) -> Any {
    registered(machine.chain_id(), machine.identity(), person, key)
}

/// The same on another ledger than those of the tests, of this name.
pub fn registered_elsewhere(chain_id: &str, person: &Person) -> Any {
    registered(&ChainId::parse(chain_id).unwrap(), &Identity([0; 32]), person, &person.key(0))
}

/// A member's vote that the ledger of another identity continues this one.
pub fn continues(old: &Ledger, person: &Person, new: &Identity) -> MsgContinueLedger {
    let vote = person.vote_on(old, &Ballot::Continue(new));
    MsgContinueLedger {
        sender: person.text.clone(),
        made: vote.made,
        account_pub_key: vote.account_pub_key.to_vec(),
        account_signature: vote.signature.to_vec(),
    }
}

/// Signs a registration, a vote or an appointment that its sender has not signed; gives back any other message as it is.
pub fn complete(ledger: &Ledger, person: &Person, message: Any) -> Any {
    let url = message.type_url.as_str();
    if url == MsgRegisterRecipientKey::type_url() {
        return register(ledger, person, message);
    }
    if url != MsgAssignRole::type_url() && url != MsgRevokeRole::type_url() {
        return message;
    }
    if let Some(appointment) = appointment(ledger, person, &message) {
        return appointment;
    }
    // The two have the same fields.
    let Ok(mut wire) = MsgAssignRole::decode(message.value.as_slice()) else { return message };
    let about = Address::parse(&prefix(), &wire.address).ok();
    let Some(about) = about.filter(|_| {
        wire.role == "administrator" && wire.account_pub_key.is_empty() && wire.account_signature.is_empty()
    }) else {
        return message;
    };
    let change = Change::of(about, url == MsgRevokeRole::type_url());
    let vote = person.vote_on(ledger, &Ballot::Change(&change));
    (wire.change, wire.made) = (ledger.circle.next(), vote.made);
    (wire.account_pub_key, wire.account_signature) = (vote.account_pub_key.to_vec(), vote.signature.to_vec());
    Any { value: wire.encode_to_vec(), ..message }
}

/// The appointment of an agent or a gateway, signed; `None` of another message, or of one that is signed already.
fn appointment(ledger: &Ledger, person: &Person, message: &Any) -> Option<Any> {
    let is_given = message.type_url == MsgAssignRole::type_url();
    let mut wire = MsgAssignRole::decode(message.value.as_slice()).ok().filter(|_| is_given)?;
    let role = AssignableRole::parse(&wire.role).filter(|role| role.is_appointed())?;
    let account = Address::parse(&prefix(), &wire.address).ok()?;
    if !wire.account_pub_key.is_empty() || !wire.account_signature.is_empty() {
        return None;
    }
    wire.made = ledger.now;
    wire.account_pub_key = person.account_key().to_vec();
    wire.account_signature = person.appoints(ledger, role, &account);
    Some(to_any(&wire))
}

fn register(ledger: &Ledger, person: &Person, message: Any) -> Any {
    let Ok(mut wire) = MsgRegisterRecipientKey::decode(message.value.as_slice()) else { return message };
    let keys = (wire.public_key.as_slice().try_into(), wire.signing_key.as_slice().try_into());
    let (Ok(x25519), Ok(ed25519)) = keys else { return message };
    if !wire.account_signature.is_empty() {
        return message;
    }
    wire.account_signature = person.own(&ledger.chain_id, &ledger.identity, x25519, ed25519);
    to_any(&wire)
}
