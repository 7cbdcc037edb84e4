//! One message for somebody who is not its reader: its text, and what makes its digest again, so that it can be held against a receipt.
//!
//! A disclosure holds the data key, and not the payload's key: XSalsa20-Poly1305 alone can be made to open under two keys, and only the
//! commitment, which binds the data key, rules that out. With the data key and the text the ciphertext is made again, so that the file
//! needs none. A data key is of one envelope alone: it opens no other message, and says nothing of anybody's own keys. What an opened
//! message holds itself, it shows: the keys of its files are among that.

use sealdesk_protocol::envelope::{Context, Digests, Disclosed, NONCE_BYTES};
use sealdesk_protocol::ids::TicketId;
use sealdesk_protocol::keys::ACCOUNT_KEY_BYTES;
use serde::{Deserialize, Serialize};
use thiserror::Error;
use zeroize::Zeroizing;

use crate::content::CONTENT_BYTES_MAX;
use crate::open::Opened;
use crate::schedule::DataKey;
use crate::seal::{SealError, seal_payload};
use crate::secret::Secret;

/// The form that this program writes, and the only one that it reads.
const VERSION: u64 = 1;
/// Longest file that is read, in bytes: each byte of a text may be written as six.
pub const DISCLOSURE_BYTES_MAX: usize = 6 * CONTENT_BYTES_MAX + 4_096;

/// Why something is not a disclosure. Says nothing of what stands in it.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub enum DisclosureError {
    /// More bytes than any has.
    #[error("it is longer than any disclosure")]
    TooLong,
    /// Not JSON, or not with just these fields.
    #[error("it is not a disclosure (line {line}, column {column})")]
    Form {
        /// The line of the first mistake, from 1.
        line: usize,
        /// The column of the first mistake.
        column: usize,
    },
    /// A later form.
    #[error("it is of form {0}, and this program knows form {VERSION}")]
    Version(u64),
    /// A field that does not hold what it should.
    #[error("its field {0} does not hold what it should")]
    Field(&'static str),
    /// What was sealed is not text in UTF-8, so that no such file holds it.
    #[error("what was sealed is not text")]
    NotText,
}

/// Which message a file says that it is. A receipt decides.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DisclosedPlace {
    /// The ledger.
    pub chain_id: String,
    /// The ticket.
    pub ticket: TicketId,
    /// Which answer or note of it, from 0; `None` = its first message.
    pub response: Option<u32>,
}

/// An opened message, and what makes its digest again. Neither printable nor cloneable:
///
/// ```compile_fail
/// fn print(disclosure: &sealdesk_envelope::Disclosure) { format!("{disclosure:?}"); }
/// ```
/// ```compile_fail
/// fn copy(disclosure: sealdesk_envelope::Disclosure) { let _ = (disclosure.clone(), disclosure); }
/// ```
pub struct Disclosure {
    key: DataKey,
    payload_nonce: [u8; NONCE_BYTES],
    recipients: [u8; 32],
    client_id: String,
    user_pub_key: Option<[u8; ACCOUNT_KEY_BYTES]>,
    plaintext: Zeroizing<Vec<u8>>,
}

impl Opened<'_> {
    /// Takes what a third party needs to match this message against a receipt. Whoever has it can open this message.
    pub fn disclose(self) -> Disclosure {
        let envelope = self.received.envelope();
        Disclosure {
            payload_nonce: *envelope.payload_nonce(),
            recipients: self.received.digests().root,
            client_id: envelope.client_id().to_owned(),
            user_pub_key: envelope.user().map(|user| user.public_key),
            plaintext: self.plaintext,
            key: self.key,
        }
    }
}

impl Disclosure {
    /// What was sealed, if the digest is the one that a receipt proves.
    pub fn plaintext(&self) -> &[u8] {
        &self.plaintext
    }

    /// The digest of the envelope at a place that the caller expects, from a receipt and never from the file: of another text, another
    /// key, another place, it is another.
    ///
    /// # Errors
    /// [`SealError::MessageTooLong`].
    pub fn digest(&self, context: &Context) -> Result<[u8; 32], SealError> {
        let header = context.header(&self.payload_nonce);
        let ciphertext = seal_payload(&self.plaintext, &self.key, &header, &self.payload_nonce)?;
        let disclosed = Disclosed {
            payload_nonce: &self.payload_nonce,
            payload_ciphertext: &ciphertext,
            recipients: self.recipients,
            client_id: &self.client_id,
            user_pub_key: self.user_pub_key.as_ref().map_or(&[], |key| key.as_slice()),
        };
        Ok(Digests::of_disclosed(context, &disclosed).envelope)
    }

    /// The file for a third party: JSON, for a person to read as well.
    ///
    /// # Errors
    /// [`DisclosureError::NotText`].
    pub fn to_json(&self, place: &DisclosedPlace) -> Result<Zeroizing<Vec<u8>>, DisclosureError> {
        let key = Zeroizing::new(hex::encode(self.key.expose()));
        let written = Fields {
            disclosure: VERSION,
            chain_id: place.chain_id.clone(),
            ticket_id: place.ticket.to_string(),
            response_index: place.response,
            content: std::str::from_utf8(&self.plaintext).map_err(|_| DisclosureError::NotText)?,
            data_key: &key,
            payload_nonce: hex::encode(self.payload_nonce),
            recipients: hex::encode(self.recipients),
            client_id: self.client_id.clone(),
            user_pub_key: self.user_pub_key.map(hex::encode).unwrap_or_default(),
        };
        let mut json =
            Zeroizing::new(serde_json::to_vec_pretty(&written).map_err(|_| DisclosureError::NotText)?);
        json.push(b'\n');
        Ok(json)
    }

    /// Reads such a file: what it says that it is, and what it holds. Nothing of it is believed yet.
    ///
    /// # Errors
    /// [`DisclosureError`].
    pub fn from_json(json: &[u8]) -> Result<(DisclosedPlace, Self), DisclosureError> {
        if json.len() > DISCLOSURE_BYTES_MAX {
            return Err(DisclosureError::TooLong);
        }
        let form =
            |error: serde_json::Error| DisclosureError::Form { line: error.line(), column: error.column() };
        let OwnedFields {
            disclosure,
            chain_id,
            ticket_id,
            response_index,
            content,
            data_key,
            payload_nonce,
            recipients,
            client_id,
            user_pub_key,
        } = serde_json::from_slice(json).map_err(form)?;
        let (plaintext, data_key) = (Zeroizing::new(content.into_bytes()), Zeroizing::new(data_key));
        if disclosure != VERSION {
            return Err(DisclosureError::Version(disclosure));
        }
        let ticket = TicketId::parse(&ticket_id).map_err(|_| DisclosureError::Field("ticket_id"))?;
        let mut key = bytes(&data_key, "data_key")?;
        let disclosure = Self {
            key: Secret::take(&mut key),
            payload_nonce: bytes(&payload_nonce, "payload_nonce")?,
            recipients: bytes(&recipients, "recipients")?,
            client_id,
            user_pub_key: match user_pub_key.as_str() {
                "" => None,
                key => Some(bytes(key, "user_pub_key")?),
            },
            plaintext,
        };
        Ok((DisclosedPlace { chain_id, ticket, response: response_index }, disclosure))
    }
}

/// The fields, as they are written.
#[derive(Serialize)]
struct Fields<'a> {
    disclosure: u64,
    chain_id: String,
    ticket_id: String,
    response_index: Option<u32>,
    content: &'a str,
    data_key: &'a str,
    payload_nonce: String,
    recipients: String,
    client_id: String,
    user_pub_key: String,
}

/// The fields, as they are read: all of them, each once, and no others.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct OwnedFields {
    disclosure: u64,
    chain_id: String,
    ticket_id: String,
    response_index: Option<u32>,
    content: String,
    data_key: String,
    payload_nonce: String,
    recipients: String,
    client_id: String,
    user_pub_key: String,
}

/// Bytes of lower-case hex.
fn bytes<const N: usize>(text: &str, field: &'static str) -> Result<[u8; N], DisclosureError> {
    let mut bytes = [0; N];
    let is_lower = !text.bytes().any(|byte| byte.is_ascii_uppercase());
    match hex::decode_to_slice(text, &mut bytes) {
        Ok(()) if is_lower => Ok(bytes),
        _ => Err(DisclosureError::Field(field)),
    }
}
