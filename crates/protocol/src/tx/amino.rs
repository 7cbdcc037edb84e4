//! What a wallet signs in `SIGN_MODE_LEGACY_AMINO_JSON`, the only mode of hardware wallets: the transaction as JSON with sorted keys.
//!
//! The JSON of a message follows from `proto/` by Cosmos's rules, and is frozen by a golden file: fields by their names there, absent
//! where they have their default, 64-bit integers as text, bytes as base64. Two transactions of different bytes never have the same
//! JSON: the bytes are canonical, and what the JSON would not show is refused ([`SignDoc::new`]).

// A browser has the table alone: it shows wallets what they sign, and judges no transaction.
#[cfg(not(target_arch = "wasm32"))]
mod reflected;
#[cfg(any(test, target_arch = "wasm32"))]
mod table;

use std::collections::BTreeMap;
use std::sync::LazyLock;

use prost_reflect::DescriptorPool;
use prost_types::{Any, Timestamp};
use tendermint::Time;

use crate::codes::{Refusal, SdkError};
use crate::ids::ChainId;
use crate::in_order::InOrder as _;
use crate::wire::DESCRIPTORS;
use crate::wire::cosmos::tx::v1beta1::{AuthInfo, Fee, TxBody};

#[cfg(not(target_arch = "wasm32"))]
use reflected::json as fields_of;
#[cfg(target_arch = "wasm32")]
use table::json as fields_of;

/// The contract's descriptors; `None` where they cannot be read, which has never been seen.
pub(super) static POOL: LazyLock<Option<DescriptorPool>> =
    LazyLock::new(|| DescriptorPool::decode(DESCRIPTORS).ok());

/// What all signers of a transaction sign, but for each one's sequence.
#[derive(Debug)]
pub struct SignDoc<'a> {
    body: &'a TxBody,
    fee: &'a Fee,
    chain_id: &'a ChainId,
}

impl<'a> SignDoc<'a> {
    /// The document of a transaction on one chain. The account number is 0 for everyone.
    ///
    /// # Errors
    /// Code 18 of `sdk` where the transaction has no fee: the document would be that of an empty one, so that whoever carries the
    /// transaction could change its bytes, and with them its hash.
    pub fn new(body: &'a TxBody, auth_info: &'a AuthInfo, chain_id: &'a ChainId) -> Result<Self, Refusal> {
        let fee = auth_info.fee.as_ref().ok_or_else(|| {
            let text = "a transaction in SIGN_MODE_LEGACY_AMINO_JSON states its fee, even an empty one";
            SdkError::InvalidRequest(text.to_owned())
        })?;
        Ok(Self { body, fee, chain_id })
    }

    /// The document that the signer with this sequence signs: keys sorted, no spaces, `&`, `<` and `>` escaped as CosmJS and Cosmos do.
    ///
    /// # Errors
    /// Code 2 of `sdk` where a message cannot be read.
    pub fn text(&self, sequence: u64) -> Result<String, Refusal> {
        let messages = self.body.messages.iter().map(message).collect::<Result<Vec<_>, _>>()?;
        let amount = self
            .fee
            .amount
            .iter()
            .map(|coin| object([("amount", string(&coin.amount)), ("denom", string(&coin.denom))]));
        let fee = object([("amount", list(amount)), ("gas", quoted(self.fee.gas_limit))]);
        let mut fields = BTreeMap::from([
            ("account_number", quoted(0_u64)),
            ("chain_id", string(self.chain_id.as_str())),
            ("fee", fee),
            ("memo", string(&self.body.memo)),
            ("msgs", list(messages)),
            ("sequence", quoted(sequence)),
        ]);
        if self.body.timeout_height > 0 {
            fields.insert("timeout_height", quoted(self.body.timeout_height));
        }
        if let Some(timeout) = &self.body.timeout_timestamp {
            fields.insert("timeout_timestamp", string(&time(timeout)));
        }
        Ok(object(fields))
    }
}

/// The amino name of a message: `support/MsgCreateTicket` for `/virtengine.support.v1.MsgCreateTicket`.
pub fn name(type_url: &str) -> String {
    let mut parts = type_url.trim_start_matches('/').split('.');
    let module = parts.nth(1).unwrap_or_default();
    format!("{module}/{}", parts.next_back().unwrap_or_default())
}

/// A message of a transaction.
fn message(any: &Any) -> Result<String, Refusal> {
    let unreadable = || SdkError::TxDecode(format!("{}: it has no amino JSON", any.type_url));
    let name_in_proto = any.type_url.trim_start_matches('/');
    let value = fields_of(name_in_proto, &any.value).ok_or_else(unreadable)?;
    Ok(object([("type", string(&name(&any.type_url))), ("value", value)]))
}

/// RFC 3339 in UTC, with a fraction only where there is one.
fn time(time: &Timestamp) -> String {
    let nanos = u32::try_from(time.nanos).unwrap_or_default();
    Time::from_unix_timestamp(time.seconds, nanos).map(|time| time.to_rfc3339()).unwrap_or_default()
}

fn object<'a>(fields: impl IntoIterator<Item = (&'a str, String)>) -> String {
    let sorted = fields.into_iter().into_map();
    let fields: Vec<_> = sorted.iter().map(|(name, value)| format!("{}:{value}", string(name))).collect();
    format!("{{{}}}", fields.join(","))
}

fn list(values: impl IntoIterator<Item = String>) -> String {
    let values: Vec<_> = values.into_iter().collect();
    format!("[{}]", values.join(","))
}

/// A number that JavaScript could not hold.
fn quoted(number: impl std::fmt::Display) -> String {
    format!("\"{number}\"")
}

fn string(text: &str) -> String {
    let quoted = serde_json::Value::from(text).to_string();
    quoted.replace('&', "\\u0026").replace('<', "\\u003c").replace('>', "\\u003e")
}

#[cfg(test)]
mod tests;
