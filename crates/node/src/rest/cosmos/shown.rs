//! Answers in proto3 JSON as Cosmos writes it: names as in proto, 64-bit numbers as text, nothing left out, and null for a message or for
//! bytes that are not there: scripts go through pages until `next_key` is null.

use bytes::Bytes;
use prost_reflect::{DynamicMessage, Kind, MessageDescriptor, ReflectMessage as _, SerializeOptions};
use prost_types::Any;
use serde_json::Value;

use super::POOL;
use crate::rest::problem::Problem;

/// Google's type of a message of any type.
const ANY: &str = "google.protobuf.Any";

/// A message's JSON.
///
/// # Errors
/// [`Problem`] where it is not such a message, or holds one of a type that this ledger does not know.
pub(super) fn json(output: MessageDescriptor, encoded: Bytes) -> Result<Value, Problem> {
    let message = DynamicMessage::decode(output, encoded).map_err(|_| Problem::broken())?;
    let options = SerializeOptions::new().use_proto_field_name(true).skip_default_fields(false);
    let mut value =
        message.serialize_with_options(serde_json::value::Serializer, &options).map_err(|error| {
            tracing::error!("an answer has no JSON: {error}");
            Problem::broken()
        })?;
    fill(&mut value, &message.descriptor());
    Ok(value)
}

/// A message of any type in JSON; `None` where its type is not known.
pub(in crate::rest) fn any_json(any: &Any) -> Option<Value> {
    let descriptor = POOL.get_message_by_name(any.type_url.rsplit('/').next()?)?;
    let mut value = json(descriptor, any.value.clone().into()).ok()?;
    match &mut value {
        Value::Object(members) => drop(members.insert("@type".to_owned(), any.type_url.clone().into())),
        other => value = serde_json::json!({ "@type": any.type_url, "value": other.take() }),
    }
    Some(value)
}

/// Writes null where a message is not there, or bytes are not.
fn fill(value: &mut Value, descriptor: &MessageDescriptor) {
    let Value::Object(members) = value else { return };
    if descriptor.full_name() == ANY {
        let name = members.get("@type").and_then(Value::as_str).and_then(|url| url.rsplit('/').next());
        let inner = name.and_then(|name| POOL.get_message_by_name(name));
        return inner.into_iter().for_each(|inner| fill(value, &inner));
    }
    for field in descriptor.fields().filter(|field| !field.is_map()) {
        let inner = match field.kind() {
            Kind::Message(inner) => inner,
            // Those of a choice are there even where they are empty.
            Kind::Bytes if field.containing_oneof().is_none() => {
                let shown = members.get_mut(field.name()).filter(|shown| shown.as_str() == Some(""));
                shown.into_iter().for_each(|shown| *shown = Value::Null);
                continue;
            }
            _ => continue,
        };
        match members.get_mut(field.name()) {
            Some(Value::Array(list)) => list.iter_mut().for_each(|one| fill(one, &inner)),
            Some(one) => fill(one, &inner),
            None if field.containing_oneof().is_none() => {
                members.insert(field.name().to_owned(), Value::Null);
            }
            None => {}
        }
    }
}

#[cfg(test)]
mod tests {
    use prost::{Message as _, Name as _};
    use sealdesk_protocol::wire::cosmos::auth::v1beta1::{BaseAccount, QueryAccountResponse};
    use sealdesk_protocol::wire::cosmos::base::query::v1beta1::PageResponse;
    use serde_json::json as value;

    use super::*;

    #[test]
    fn an_account_is_shown_as_cosmos_shows_it() {
        let account = BaseAccount { address: "virtengine1x".to_owned(), sequence: 7, ..Default::default() };
        let account = Any { type_url: BaseAccount::type_url(), value: account.encode_to_vec() };
        let output = POOL.get_message_by_name("cosmos.auth.v1beta1.QueryAccountResponse").unwrap();
        let encoded = QueryAccountResponse { account: Some(account) }.encode_to_vec();
        let expected = value!({ "account": {
            "@type": "/cosmos.auth.v1beta1.BaseAccount",
            "address": "virtengine1x",
            "pub_key": null,
            "account_number": "0",
            "sequence": "7",
        } });
        assert_eq!(json(output.clone(), encoded.into()).unwrap(), expected);
        assert_eq!(json(output, Bytes::new()).unwrap(), value!({ "account": null }));
    }

    #[test]
    fn the_key_of_the_next_page_is_null_after_the_last_one() {
        let output = POOL.get_message_by_name("cosmos.base.query.v1beta1.PageResponse").unwrap();
        let page = |next_key: &[u8]| PageResponse { next_key: next_key.to_vec(), total: 3 }.encode_to_vec();
        let shown = |next_key| json(output.clone(), page(next_key).into()).unwrap();
        assert_eq!(shown(b""), value!({ "next_key": null, "total": "3" }));
        assert_eq!(shown(b"\x01"), value!({ "next_key": "AQ==", "total": "3" }));
    }
}
