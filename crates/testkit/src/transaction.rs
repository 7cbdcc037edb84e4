//! Transactions from the wire's types: body, signer infos, signatures.

use prost::Message as _;
use prost_types::Any;
use sealdesk_protocol::ids::ChainId;
use sealdesk_protocol::messages::to_any;
use sealdesk_protocol::signer::{KeySignature, SignerKey};
use sealdesk_protocol::tx::amino::SignDoc;
use sealdesk_protocol::tx::sign_digest;
use sealdesk_protocol::wire::cosmos::tx::signing::v1beta1::SignMode;
use sealdesk_protocol::wire::cosmos::tx::v1beta1::mode_info::{Multi, Single, Sum};
use sealdesk_protocol::wire::cosmos::tx::v1beta1::{AuthInfo, Fee, ModeInfo, SignerInfo, TxBody, TxRaw};
use sealdesk_protocol::wire::virtengine::support::v1::MsgCloseTicket;
use sha2::{Digest as _, Sha256};

use crate::chain_id;
use crate::people::{self, Person};
use crate::scenario::{assign_role, set_state};

/// A transaction before it is signed.
#[derive(Clone, Debug)]
pub struct Draft {
    pub body: TxBody,
    pub auth: AuthInfo,
    pub chain_id: String,
}

pub fn signer_info(person: &Person, sequence: u64) -> SignerInfo {
    let public_key = person.account_key();
    let mode_info = match &public_key {
        SignerKey::Single(_) => single(SignMode::Direct),
        SignerKey::Multisig(key) => {
            let (keys, threshold) = (key.keys().len(), key.threshold());
            let mode_infos = vec![single(SignMode::LegacyAminoJson); threshold];
            let bitarray = Some(people::bits(keys, keys - threshold));
            ModeInfo { sum: Some(Sum::Multi(Multi { bitarray, mode_infos })) }
        }
    };
    SignerInfo { public_key: Some(public_key.to_any()), mode_info: Some(mode_info), sequence }
}

/// The mode of one key.
pub fn single(mode: SignMode) -> ModeInfo {
    ModeInfo { sum: Some(Sum::Single(Single { mode: mode.into() })) }
}

impl Draft {
    pub fn new(chain_id: &str, messages: Vec<Any>, signers: &[(&Person, u64)]) -> Self {
        let infos = signers.iter().map(|(person, sequence)| signer_info(person, *sequence));
        Self {
            body: TxBody { messages, ..TxBody::default() },
            auth: AuthInfo { signer_infos: infos.collect(), fee: Some(Fee::default()) },
            chain_id: chain_id.to_owned(),
        }
    }

    pub fn sign(&self, signers: &[&Person]) -> Vec<u8> {
        let raw = sign_raw(self.body.encode_to_vec(), self.auth.encode_to_vec(), &self.chain_id, signers);
        raw.encode_to_vec()
    }
}

/// Signs encoded halves as they are, canonical or not.
pub fn sign_raw(body: Vec<u8>, auth: Vec<u8>, chain_id: &str, signers: &[&Person]) -> TxRaw {
    let digest = sign_digest(&body, &auth, &ChainId::parse(chain_id).unwrap());
    let json = |place: usize| amino_digest(&body, &auth, chain_id, place).unwrap_or_default();
    let sign = |(place, person): (usize, &&Person)| match person
        .sign_each(|one| if one.text == person.text { digest } else { json(place) })
    {
        KeySignature::Single(signature) => signature.to_vec(),
        KeySignature::Multisig(signed) => signed.to_multi_signature(),
    };
    let signatures = signers.iter().enumerate().map(sign).collect();
    TxRaw { body_bytes: body, auth_info_bytes: auth, signatures }
}

/// What a signer in a place signs of the transaction's JSON; nothing where there is none.
fn amino_digest(body: &[u8], auth: &[u8], chain_id: &str, place: usize) -> Option<[u8; 32]> {
    let (body, auth) = (TxBody::decode(body).ok()?, AuthInfo::decode(auth).ok()?);
    let chain_id = ChainId::parse(chain_id).ok()?;
    let sequence = auth.signer_infos.get(place)?.sequence;
    let text = SignDoc::new(&body, &auth, &chain_id).ok()?.text(sequence).ok()?;
    Some(Sha256::digest(text).into())
}

/// What can be wrong with a transaction that is otherwise well made.
#[derive(Clone, Default)]
pub struct Options {
    pub memo: String,
    pub timeout_height: u64,
    pub chain: Option<ChainId>,
    pub fee: Option<Fee>,
}

/// A transaction of these messages, each signer with their sequence.
pub fn transaction(messages: Vec<Any>, signers: &[(&Person, u64)], options: &Options) -> Vec<u8> {
    let chain = options.chain.clone().unwrap_or_else(chain_id);
    let mut draft = Draft::new(chain.as_str(), messages, signers);
    draft.body.memo.clone_from(&options.memo);
    draft.body.timeout_height = options.timeout_height;
    draft.auth.fee = Some(options.fee.clone().unwrap_or_default());
    let people: Vec<&Person> = signers.iter().map(|(person, _)| *person).collect();
    draft.sign(&people)
}

impl Person {
    /// Signs messages as a transaction with this sequence.
    pub fn sign(&self, sequence: u64, messages: &[Any], timeout_height: u64) -> Vec<u8> {
        let options = Options { timeout_height, ..Options::default() };
        transaction(messages.to_vec(), &[(self, sequence)], &options)
    }

    /// Signs messages with a note beside them.
    pub fn sign_with_memo(&self, sequence: u64, messages: &[Any], memo: &str) -> Vec<u8> {
        let options = Options { memo: memo.to_owned(), ..Options::default() };
        transaction(messages.to_vec(), &[(self, sequence)], &options)
    }

    /// Signs messages of several senders as one transaction, each with a sequence of their own.
    pub fn sign_together(signers: &[(&Self, u64)], messages: &[Any]) -> Vec<u8> {
        transaction(messages.to_vec(), signers, &Options::default())
    }

    /// A transaction that lists someone as a customer, if an administrator signs it.
    pub fn appoint(&self, sequence: u64, customer: &Self) -> Vec<u8> {
        self.sign(sequence, &[appointment(self, customer)], 0)
    }

    /// A transaction that every mempool takes from anyone and every block refuses, with `support`: there is no such ticket. Whom it names
    /// makes it another one.
    pub fn attempt(&self, sequence: u64, whom: &Self) -> Vec<u8> {
        self.sign(sequence, &[attempt(self, whom)], 0)
    }

    /// A transaction that suspends someone, if an administrator signs it.
    pub fn suspend(&self, sequence: u64, whom: &Self) -> Vec<u8> {
        self.sign(sequence, &[set_state(self, whom, "suspended")], 0)
    }
}

/// The message of [`Person::attempt`].
pub fn attempt(sender: &Person, whom: &Person) -> Any {
    let (sender, reason) = (sender.text.clone(), whom.text.clone());
    to_any(&MsgCloseTicket { sender, ticket_id: "TKT-99999999".to_owned(), reason })
}

/// The message that lists someone as a customer: the one role that is given without a signature over the ledger.
pub fn appointment(sender: &Person, customer: &Person) -> Any {
    assign_role(sender, customer, "customer")
}
