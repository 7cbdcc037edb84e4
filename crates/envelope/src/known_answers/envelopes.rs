//! `vectors`: sealing gives these bytes, every reader opens them, and so does the reader of a grant.

use sealdesk_protocol::envelope::{AccountKey, Context, Envelope, EnvelopeLimits, grant_digest};
use sealdesk_protocol::keys::EncryptionKey;
use serde::Deserialize;
use serde_json::Value;

use super::format::{ContextFields, EntryFields, EnvelopeFields, Hex, read, same};
use crate::open::{Expected, Received};
use crate::schedule;
use crate::seal::{Message, Signers, seal_with};
use crate::secret::{AccountSecret, EncryptionSecret, Secret, SigningSecret};

#[derive(Deserialize)]
struct Random {
    dek: Hex,
    payload_nonce: Hex,
}

#[derive(Deserialize)]
struct Vector {
    context: ContextFields,
    plaintext: Hex,
    random: Random,
    esk: Hex,
    client_secret: Hex,
    user_secret: Hex,
    reader_secrets: Vec<Hex>,
    reader_public: Vec<Hex>,
    header: Hex,
    content: Hex,
    digest: Hex,
    envelope: EnvelopeFields,
}

#[derive(Deserialize)]
struct GrantVector {
    of: String,
    granter: String,
    granter_secret: Hex,
    esk: Hex,
    reader_secret: Hex,
    entry: EntryFields,
    grant_digest: Hex,
    grant_signature: Hex,
}

/// Judges one of `all`: an envelope, or a grant to a reader of another of them.
pub(super) fn judge(case: &Value, all: &[Value]) -> Result<(), String> {
    if case.get("of").is_some() { judge_grant(&read(case)?, all) } else { judge_envelope(&read(case)?) }
}

/// The secrets and keys of a vector.
struct Parties {
    context: Context,
    signing: SigningSecret,
    account: Option<AccountSecret>,
    readers: Vec<EncryptionSecret>,
}

impl Parties {
    fn of(vector: &Vector) -> Result<Self, String> {
        let account = if vector.user_secret.0.is_empty() {
            None
        } else {
            let mut bytes = vector.user_secret.array("user_secret")?;
            Some(AccountSecret::take(&mut bytes).map_err(|_| "user_secret is not a key")?)
        };
        Ok(Self {
            context: vector.context.context().ok_or("the kind is not one that is known")?,
            signing: signing(&vector.client_secret)?,
            account,
            readers: vector.reader_secrets.iter().map(encryption).collect::<Result<_, _>>()?,
        })
    }

    /// Verifies the vector's envelope as one of its readers would.
    fn receive(&self, envelope: &EnvelopeFields) -> Result<Received, String> {
        let public = self.account.as_ref().map(AccountSecret::public_key);
        let expected = Expected {
            context: &self.context,
            signing_key: self.signing.public(),
            account: public.as_ref().map_or(AccountKey::OfSender, AccountKey::Is),
        };
        Received::verify(&envelope.wire(), &expected).map_err(|error| format!("refused: {}", error.0))
    }
}

fn judge_envelope(vector: &Vector) -> Result<(), String> {
    let parties = Parties::of(vector)?;
    let publics: Vec<Hex> =
        parties.readers.iter().map(|reader| Hex(reader.public().as_bytes().to_vec())).collect();
    same("reader_public", &publics, &vector.reader_public)?;
    let sealed = seal_again(vector, &parties)?;
    same("header", &parties.context.header(sealed.payload_nonce()), &vector.header.0)?;
    let digests = sealed.digests(&parties.context);
    same("content", digests.content.as_slice(), &vector.content.0)?;
    same("digest", digests.envelope.as_slice(), &vector.digest.0)?;
    same("envelope", &sealed.to_wire(), &vector.envelope.wire())?;
    let received = parties.receive(&vector.envelope)?;
    let publics: Vec<EncryptionKey> = parties.readers.iter().map(|reader| *reader.public()).collect();
    for reader in &parties.readers {
        let opened = received.open(reader, &[]).map_err(|error| format!("not opened: {}", error.0))?;
        same("plaintext", opened.plaintext(), &vector.plaintext.0)?;
        if !opened.entries_that_cannot_open(&publics).is_empty() {
            return Err("a reader's entry is not the one that sealing makes".to_owned());
        }
    }
    Ok(())
}

fn seal_again(vector: &Vector, parties: &Parties) -> Result<Envelope, String> {
    let key = Secret::take(&mut vector.random.dek.array("dek")?);
    let nonce = vector.random.payload_nonce.array("payload_nonce")?;
    let esk = schedule::ephemeral_secret(&key, &parties.context.header(&nonce));
    same("esk", esk.expose().as_slice(), &vector.esk.0)?;
    let readers: Vec<EncryptionKey> = parties.readers.iter().map(|reader| *reader.public()).collect();
    let message = Message {
        context: &parties.context,
        plaintext: &vector.plaintext.0,
        readers: &readers,
        client_id: &vector.envelope.client_id,
        limits: EnvelopeLimits::WIDEST,
    };
    let signers = Signers { signing: &parties.signing, account: parties.account.as_ref() };
    seal_with(&message, &signers, &key, nonce).map_err(|error| format!("not sealed: {error}"))
}

fn judge_grant(vector: &GrantVector, all: &[Value]) -> Result<(), String> {
    let named = |case: &&Value| case.get("name").and_then(Value::as_str) == Some(&vector.of);
    let of: Vector = read(all.iter().find(named).ok_or("the envelope named in `of` is missing")?)?;
    let parties = Parties::of(&of)?;
    let received = parties.receive(&of.envelope)?;
    let granter = parties.readers.first().ok_or("the envelope has no reader")?;
    let opened = received.open(granter, &[]).map_err(|error| format!("not opened: {}", error.0))?;
    let reader = encryption(&vector.reader_secret)?;
    let esk = Secret::take(&mut vector.esk.array("esk")?);
    let grant = opened
        .grant_with(reader.public(), &vector.granter, &signing(&vector.granter_secret)?, esk)
        .map_err(|error| format!("not granted: {error}"))?;
    same("entry", &EntryFields::of(&grant.entry.to_wire()), &vector.entry)?;
    let digest = grant_digest(&received.digests().content, &vector.granter, &grant.entry);
    same("grant_digest", digest.as_slice(), &vector.grant_digest.0)?;
    same("grant_signature", grant.signature.as_slice(), &vector.grant_signature.0)?;
    let opened = received
        .open(&reader, &[vector.entry.wire()])
        .map_err(|error| format!("not opened by the grant: {}", error.0))?;
    same("plaintext", opened.plaintext(), &of.plaintext.0)
}

fn encryption(secret: &Hex) -> Result<EncryptionSecret, String> {
    EncryptionSecret::take(&mut secret.array("a reader's secret")?).map_err(|error| error.to_string())
}

fn signing(secret: &Hex) -> Result<SigningSecret, String> {
    SigningSecret::take(&mut secret.array("a signing secret")?).map_err(|error| error.to_string())
}
