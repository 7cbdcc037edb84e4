//! Signing a transaction that was composed elsewhere, from a file. No node is needed.
//!
//! What is sealed in it is bound to its place: ledger, sender, sequence, message. So whoever changes a file between composing and signing
//! changes either what the signer is shown, or a sealed text, and that is refused here.

use prost::Message as _;
use sealdesk_protocol::codes::Refusal;
use sealdesk_protocol::envelope::{AccountKey, Context, Envelope, EnvelopeLimits, Kind, verify_signatures};
use sealdesk_protocol::ids::{Address, ChainId, Prefix};
use sealdesk_protocol::import::response_index_in_context;
use sealdesk_protocol::keys::VerifyKey;
use sealdesk_protocol::limits::TX_BYTES_MAX;
use sealdesk_protocol::messages::{DocumentChange, Message, PutDocument, RawEnvelope};
use sealdesk_protocol::tx::json::to_json;
use sealdesk_protocol::tx::{Tx, VerifiedTx, amino, sign_digest, signers_of};
use sealdesk_protocol::wire::cosmos::tx::v1beta1 as wire;
use sealdesk_protocol::wire::virtengine::encryption::v1::MultiRecipientEnvelope;
use serde_json::Value;
use sha2::{Digest as _, Sha256};
use thiserror::Error;

use crate::actor::{Actor, Pair};
use crate::compose::{ComposeError, SignMode, auth_info, bounded};

/// How many of the signer's own keys may have sealed it.
const KEYS_TRIED: u32 = 320;
/// In how many sequences beside the one asked for a sealed text is looked for, either way, to say for which it was sealed.
const SEQUENCES_TRIED: u64 = 32;
/// With how many keys that is done.
const KEYS_TRIED_ELSEWHERE: u32 = 4;

/// Why a transaction from a file is neither signed nor sent.
#[derive(Debug, Error)]
pub enum SigningError {
    /// The ledger would refuse it as it stands.
    #[error("the ledger would refuse this transaction: {0}")]
    Form(Refusal),
    /// Another account has to sign.
    #[error("{signer} has to sign this, not {key}")]
    AnotherSigner {
        /// Whose signature the messages need.
        signer: Address,
        /// Whose key was to sign.
        key: Address,
    },
    /// Several accounts have to sign.
    #[error("{0} accounts have to sign this transaction, and only those of one are signed and sent here")]
    SeveralSigners(usize),
    /// A sealed text fits another sequence.
    #[error("message {message} was sealed for sequence {sealed} of the account, not {asked}")]
    AnotherSequence {
        /// Which message, from 1.
        message: usize,
        /// The sequence that it was sealed for.
        sealed: u64,
        /// The one that it was to be signed with.
        asked: u64,
    },
    /// A sealed text fits nowhere.
    #[error(
        "the sealed text of message {message} does not fit ledger {chain_id} and sequence {sequence} (nor one near it): one of both is wrong, or the file was changed, or sealed by another key"
    )]
    Changed {
        /// Which message, from 1.
        message: usize,
        /// The ledger that it was to be signed for.
        chain_id: ChainId,
        /// The sequence that it was to be signed with.
        sequence: u64,
    },
    /// A message of a later program seals something where this one does not look.
    #[error("message {0} holds a sealed text that this program does not know how to check")]
    Unchecked(usize),
    /// The signature is not one of these bytes.
    #[error(
        "the signature does not fit the transaction: it was changed after it was signed, or signed for another ledger than {0}"
    )]
    NotItsSignature(ChainId),
    /// Nobody has signed it.
    #[error("nobody has signed this transaction yet")]
    Unsigned,
    /// It cannot be signed.
    #[error(transparent)]
    Compose(#[from] ComposeError),
}

/// What a signature is made for.
#[derive(Debug, Clone, Copy)]
pub struct SignedFor<'a> {
    /// The ledger.
    pub chain_id: &'a ChainId,
    /// The account's sequence.
    pub sequence: u64,
    /// What is signed.
    pub mode: SignMode,
}

/// A transaction of one account from a file.
#[derive(Debug, Clone, PartialEq)]
pub struct FromElsewhere {
    tx: wire::Tx,
    prefix: Prefix,
    signer: Address,
    messages: Vec<Message>,
}

impl FromElsewhere {
    /// Reads whose it is, and checks its messages.
    ///
    /// # Errors
    /// [`SigningError::Form`], [`SigningError::SeveralSigners`].
    pub fn read(tx: wire::Tx, prefix: &Prefix) -> Result<Self, SigningError> {
        let body = tx.body.clone().unwrap_or_default();
        let mut signers = signers_of(&body.messages, prefix).map_err(SigningError::Form)?.into_iter();
        let (first, others) = (signers.next(), signers.len());
        let Some(signer) = first.filter(|_| others == 0) else {
            // A transaction of no message is refused for that by the checks of its form.
            return Err(match others {
                0 => Self::form(&tx, prefix).map_or_else(|error| error, |_| SigningError::Unsigned),
                others => SigningError::SeveralSigners(others + 1),
            });
        };
        let read = |any| Message::decode(any, prefix);
        let messages =
            body.messages.iter().map(read).collect::<Result<_, _>>().map_err(SigningError::Form)?;
        let tx = wire::Tx { body: Some(body), ..tx };
        let read = Self { tx, prefix: prefix.clone(), signer, messages };
        Self::form(&read.with_signer(wire::SignerInfo::default()), prefix)?;
        Ok(read)
    }

    /// Whose signature it needs.
    pub fn signer(&self) -> &Address {
        &self.signer
    }

    /// The transaction as it was read.
    pub fn tx(&self) -> &wire::Tx {
        &self.tx
    }

    /// The same with one signer, whoever else is named.
    fn with_signer(&self, info: wire::SignerInfo) -> wire::Tx {
        let fee = self.tx.auth_info.as_ref().and_then(|info| info.fee.clone());
        let auth_info = wire::AuthInfo { signer_infos: vec![info], fee };
        wire::Tx { auth_info: Some(auth_info), signatures: vec![Vec::new()], ..self.tx.clone() }
    }

    fn form(tx: &wire::Tx, prefix: &Prefix) -> Result<Tx, SigningError> {
        Tx::decode_unsigned(&raw(tx).encode_to_vec(), prefix).map_err(SigningError::Form)
    }

    /// Signs it. What else the file said of signers is replaced; fee and gas stay as they are.
    ///
    /// # Errors
    /// [`SigningError`], and nothing is signed: where another account has to, where a sealed text was changed or sealed for another
    /// sequence, and where the ledger would refuse the result.
    pub fn sign(&self, actor: &Actor, target: &SignedFor<'_>) -> Result<wire::Tx, SigningError> {
        let key = actor.address(&self.prefix);
        if key != self.signer {
            return Err(SigningError::AnotherSigner { signer: self.signer.clone(), key });
        }
        self.check_sealed(actor, target)?;
        let fee = self.tx.auth_info.as_ref().and_then(|info| info.fee.clone()).unwrap_or_default();
        let auth_info = auth_info(actor.public_key(), target.sequence, target.mode);
        let auth_info = wire::AuthInfo { fee: Some(fee), ..auth_info };
        let body = self.tx.body.clone().unwrap_or_default();
        let digest = match target.mode {
            SignMode::Direct => {
                sign_digest(&body.encode_to_vec(), &auth_info.encode_to_vec(), target.chain_id)
            }
            SignMode::Amino => {
                let document = amino::SignDoc::new(&body, &auth_info, target.chain_id);
                let text = document.and_then(|document| document.text(target.sequence));
                Sha256::digest(text.map_err(SigningError::Form)?).into()
            }
        };
        let account = actor.account().map_err(ComposeError::from)?;
        let signature = account.sign_digest(&digest).map_err(ComposeError::from)?;
        let tx =
            wire::Tx { body: Some(body), auth_info: Some(auth_info), signatures: vec![signature.to_vec()] };
        verified(&tx, &self.prefix, target.chain_id)?;
        Ok(tx)
    }

    /// That every sealed text in it was sealed by the signer's own keys for just this place.
    fn check_sealed(&self, actor: &Actor, target: &SignedFor<'_>) -> Result<(), SigningError> {
        let json = to_json(&self.tx).unwrap_or_default();
        for (number, message) in (1..).zip(&self.messages) {
            let found = sealed_in(message, number - 1);
            if envelopes(&json["body"]["messages"][number - 1]) > found.len() {
                return Err(SigningError::Unchecked(number));
            }
            found.iter().try_for_each(|text| self.check_text(actor, target, number, text))?;
        }
        Ok(())
    }

    fn check_text(
        &self,
        actor: &Actor,
        target: &SignedFor<'_>,
        message: usize,
        text: &SealedText,
    ) -> Result<(), SigningError> {
        let wrong = || SigningError::Changed {
            message,
            chain_id: target.chain_id.clone(),
            sequence: target.sequence,
        };
        let envelope =
            Envelope::from_wire(&text.envelope, EnvelopeLimits::WIDEST_DOCUMENT).map_err(|_| wrong())?;
        let context = |sequence| Context {
            chain_id: target.chain_id.to_string(),
            ticket_id: text.place.clone(),
            kind: text.kind,
            sender: self.signer.to_string(),
            sequence,
            index: text.index,
        };
        let fits = |key: &VerifyKey, sequence| {
            verify_signatures(&envelope, &context(sequence), key, AccountKey::OfSender).is_ok()
        };
        if any_key(actor, KEYS_TRIED, |key| fits(key, target.sequence))? {
            return Ok(());
        }
        let begin = target.sequence.saturating_sub(SEQUENCES_TRIED);
        let end = target.sequence.saturating_add(SEQUENCES_TRIED);
        let mut found = None;
        any_key(actor, KEYS_TRIED_ELSEWHERE, |key| {
            found = (begin..=end).find(|sequence| fits(key, *sequence));
            found.is_some()
        })?;
        Err(found.map_or_else(wrong, |sealed| SigningError::AnotherSequence {
            message,
            sealed,
            asked: target.sequence,
        }))
    }
}

/// Whether this holds of one of the first so many signing keys of an identity.
fn any_key(
    actor: &Actor,
    keys: u32,
    mut holds: impl FnMut(&VerifyKey) -> bool,
) -> Result<bool, SigningError> {
    for n in 0..keys {
        let Pair { signing, .. } = actor.pair(n).map_err(ComposeError::from)?;
        if holds(signing.public()) {
            return Ok(true);
        }
    }
    Ok(false)
}

/// A sealed text in a message, and the place that its context names.
struct SealedText {
    kind: Kind,
    place: String,
    index: u32,
    envelope: MultiRecipientEnvelope,
}

/// What the message of this index holds sealed.
fn sealed_in(message: &Message, index: usize) -> Vec<SealedText> {
    let index = u32::try_from(index).unwrap_or(u32::MAX);
    let one = |kind, place: String, envelope: &RawEnvelope| {
        let text = |envelope| SealedText { kind, place, index, envelope };
        envelope.clone().map(text).into_iter().collect()
    };
    match message {
        Message::CreateTicket(message) => one(Kind::Ticket, String::new(), &message.envelope),
        Message::RespondToTicket(message) => {
            let kind = if message.internal { Kind::Note } else { Kind::Response };
            one(kind, message.ticket.to_string(), &message.envelope)
        }
        Message::RateTicket(message) => one(Kind::Rating, message.ticket.to_string(), &message.comment),
        Message::PutDocument(PutDocument { change: DocumentChange::Seal(envelope), place, .. }) => {
            one(Kind::Document, place.to_string(), envelope)
        }
        Message::ImportTicket(message) => {
            let first: Vec<SealedText> = one(Kind::Ticket, String::new(), &message.envelope);
            let responses = (0..).zip(&message.responses).filter_map(|(k, response)| {
                let kind = if response.internal { Kind::Note } else { Kind::Response };
                let (index, envelope) = (response_index_in_context(index, k), response.envelope.clone()?);
                Some(SealedText { kind, place: String::new(), index, envelope })
            });
            first.into_iter().chain(responses).collect()
        }
        _ => Vec::new(),
    }
}

/// How many envelopes there are in a message, wherever they stand.
fn envelopes(value: &Value) -> usize {
    match value {
        Value::Array(list) => list.iter().map(envelopes).sum(),
        Value::Object(members) => {
            let own = usize::from(members.contains_key("wrapped_keys"));
            own + members.values().map(envelopes).sum::<usize>()
        }
        _ => 0,
    }
}

/// A transaction as it is sent.
pub(crate) fn raw(tx: &wire::Tx) -> wire::TxRaw {
    let body_bytes = tx.body.clone().unwrap_or_default().encode_to_vec();
    let auth_info_bytes = tx.auth_info.clone().unwrap_or_default().encode_to_vec();
    wire::TxRaw { body_bytes, auth_info_bytes, signatures: tx.signatures.clone() }
}

/// A transaction whose form is right, and whose one signature is its signer's over just these bytes, for this ledger.
pub(crate) fn verified(
    tx: &wire::Tx,
    prefix: &Prefix,
    chain_id: &ChainId,
) -> Result<VerifiedTx, SigningError> {
    if tx.signatures.iter().all(Vec::is_empty) {
        return Err(SigningError::Unsigned);
    }
    let bytes = raw(tx).encode_to_vec();
    bounded("bytes", bytes.len(), TX_BYTES_MAX)?;
    let tx = Tx::decode(&bytes, prefix).map_err(SigningError::Form)?;
    let signers = tx.signers().len();
    let verified = tx.verify(chain_id).map_err(|_| SigningError::NotItsSignature(chain_id.clone()))?;
    if signers == 1 { Ok(verified) } else { Err(SigningError::SeveralSigners(signers)) }
}
