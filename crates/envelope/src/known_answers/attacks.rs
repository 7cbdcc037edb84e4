//! `attacks`: each must be refused without releasing a byte.

use sealdesk_protocol::envelope::{AccountKey, WrappedKey};
use sealdesk_protocol::keys::VerifyKey;
use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::format::{ContextFields, EntryFields, EnvelopeFields, Hex, read};
use crate::open::{Expected, Received};
use crate::secret::EncryptionSecret;

#[derive(Clone, Serialize, Deserialize)]
pub(crate) struct Attack {
    pub(crate) name: String,
    pub(crate) why: String,
    pub(crate) context: ContextFields,
    pub(crate) reader_secret: Hex,
    pub(crate) client_public: Hex,
    #[serde(default)]
    pub(crate) user_pub_key: Hex,
    pub(crate) envelope: EnvelopeFields,
    #[serde(default)]
    pub(crate) grant: Option<EntryFields>,
}

/// How the attack was refused, or why it cannot be judged, or that it went through.
pub(super) fn judge(case: &Value) -> Result<String, String> {
    let attack: Attack = read(case)?;
    let mut secret = attack.reader_secret.array("reader_secret")?;
    let reader = EncryptionSecret::take(&mut secret).map_err(|error| error.to_string())?;
    match attempt(&attack, &reader)? {
        Ok(length) => Err(format!("opened, {length} bytes released")),
        Err(reason) => Ok(reason),
    }
}

/// Does what a reader does. Inner `Err`: refused, and why; inner `Ok`: the length of what came out.
fn attempt(attack: &Attack, reader: &EncryptionSecret) -> Result<Result<usize, String>, String> {
    let Some(context) = attack.context.context() else {
        return Ok(Err("no record is of this kind".to_owned()));
    };
    let signing_key = match VerifyKey::parse(&attack.client_public.0) {
        Ok(key) => key,
        Err(error) => return Ok(Err(error.to_string())),
    };
    let public = match attack.user_pub_key.0.len() {
        0 => None,
        _ => Some(attack.user_pub_key.array("user_pub_key")?),
    };
    let account = public.as_ref().map_or(AccountKey::OfSender, AccountKey::Is);
    let expected = Expected { context: &context, signing_key: &signing_key, account };
    let received = match Received::verify(&attack.envelope.wire(), &expected) {
        Ok(received) => received,
        Err(refused) => return Ok(Err(refused.0.to_string())),
    };
    let opened = match &attack.grant {
        None => received.open(reader, &[]),
        Some(grant) => match WrappedKey::from_wire(&grant.wire(), 0) {
            Ok(entry) => received.open_by(reader, std::iter::once(entry)).map_err(Into::into),
            Err(error) => return Ok(Err(error.to_string())),
        },
    };
    Ok(opened.map(|opened| opened.plaintext().len()).map_err(|refused| refused.0.to_string()))
}
