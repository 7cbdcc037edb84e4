//! One call as it was posted, and several at once. Nothing is read into memory but what a call needs: what a value is made of is looked at
//! only where a method asks for it by name ([`super::params`]).

use std::fmt;

use serde::de::{Error as _, SeqAccess, Visitor};
use serde::{Deserialize, Deserializer};
use serde_json::value::RawValue;

use super::error::RpcError;

/// Most calls of one request.
const CALLS_MAX: usize = 20;
/// Longest id, in bytes as it stands in the request. Every notice of a subscription repeats it.
const ID_BYTES_MAX: usize = 128;
/// Longest name of a method that is looked at, in bytes with its quotes.
const METHOD_BYTES_MAX: usize = 64;

/// The id of a request, in JSON.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Id(String);

impl Id {
    /// That of an answer to a request that has none, as in CometBFT.
    pub(super) fn none() -> Self {
        Self("-1".to_owned())
    }

    pub(super) fn as_json(&self) -> &str {
        &self.0
    }

    fn read(given: &RawValue) -> Option<Self> {
        let text = given.get();
        let scalar = text == "null"
            || text.starts_with(|first: char| first == '"' || first == '-' || first.is_ascii_digit());
        (scalar && text.len() <= ID_BYTES_MAX).then(|| Self(text.to_owned()))
    }
}

/// What was posted: one call, or several.
pub(super) enum Body<'a> {
    One(&'a RawValue),
    Several(Vec<&'a RawValue>),
}

impl<'a> Body<'a> {
    /// Reads the body of a request.
    ///
    /// # Errors
    /// Where it is not JSON, or has more calls than one request may.
    pub(super) fn read(body: &'a [u8]) -> Result<Self, RpcError> {
        let whole: &RawValue =
            serde_json::from_slice(body).map_err(|error| RpcError::parse(error.to_string()))?;
        if !whole.get().starts_with('[') {
            return Ok(Self::One(whole));
        }
        let calls: Result<Calls<'a>, _> = serde_json::from_str(whole.get());
        match calls {
            Ok(Calls(calls)) if !calls.is_empty() => Ok(Self::Several(calls)),
            _ => Err(RpcError::request(format!("a request has 1 to {CALLS_MAX} calls"))),
        }
    }
}

/// At most [`CALLS_MAX`] of them.
struct Calls<'a>(Vec<&'a RawValue>);

impl<'a> Deserialize<'a> for Calls<'a> {
    fn deserialize<D: Deserializer<'a>>(deserializer: D) -> Result<Self, D::Error> {
        struct Read;
        impl<'a> Visitor<'a> for Read {
            type Value = Calls<'a>;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("an array of calls")
            }

            fn visit_seq<A: SeqAccess<'a>>(self, mut given: A) -> Result<Calls<'a>, A::Error> {
                let mut calls = Vec::new();
                while let Some(call) = given.next_element()? {
                    if calls.len() >= CALLS_MAX {
                        return Err(A::Error::custom("too many calls"));
                    }
                    calls.push(call);
                }
                Ok(Calls(calls))
            }
        }
        deserializer.deserialize_seq(Read)
    }
}

/// One call.
#[derive(Debug)]
pub(super) struct Posted<'a> {
    /// Repeated in the answer; nothing where no answer is wanted.
    pub(super) id: Option<Id>,
    pub(super) method: String,
    pub(super) params: Option<&'a RawValue>,
}

/// A request as it stands there. `null` is not the same as nothing.
#[derive(Deserialize)]
struct Form<'a> {
    #[serde(default, borrow, deserialize_with = "given")]
    jsonrpc: Option<&'a RawValue>,
    #[serde(default, borrow, deserialize_with = "given")]
    id: Option<&'a RawValue>,
    #[serde(default, borrow, deserialize_with = "given")]
    method: Option<&'a RawValue>,
    #[serde(default, borrow, deserialize_with = "given")]
    params: Option<&'a RawValue>,
}

fn given<'a, D: Deserializer<'a>>(deserializer: D) -> Result<Option<&'a RawValue>, D::Error> {
    <&RawValue>::deserialize(deserializer).map(Some)
}

impl<'a> Posted<'a> {
    /// Reads one request.
    ///
    /// # Errors
    /// Why it is none, and the id of the answer that says so.
    pub(super) fn read(request: &'a RawValue) -> Result<Self, (Id, RpcError)> {
        let refused =
            |id: &Option<Id>, why: &str| Err((id.clone().unwrap_or_else(Id::none), RpcError::request(why)));
        if !request.get().starts_with('{') {
            return refused(&None, "a request is an object");
        }
        let form: Result<Form<'a>, _> = serde_json::from_str(request.get());
        let Ok(Form { jsonrpc, id, method, params }) = form else {
            return refused(&None, "a request has each of jsonrpc, id, method and params once");
        };
        let id = match id.map(Id::read) {
            None => None,
            Some(Some(id)) => Some(id),
            Some(None) => {
                return refused(
                    &None,
                    &format!("`id` is a text or a number of at most {ID_BYTES_MAX} bytes"),
                );
            }
        };
        if jsonrpc.is_some_and(|version| version.get() != "\"2.0\"") {
            return refused(&id, "`jsonrpc` is \"2.0\"");
        }
        let method = method.filter(|method| method.get().len() <= METHOD_BYTES_MAX);
        let Some(Ok(method)) = method.map(|method| serde_json::from_str(method.get())) else {
            return refused(&id, "`method` is the name of a call");
        };
        Ok(Self { id, method, params })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(text: &str) -> Result<Posted<'_>, (Id, RpcError)> {
        Posted::read(serde_json::from_str(text).unwrap())
    }

    #[test]
    fn an_id_is_repeated_as_it_was_given_and_short() {
        for id in ["null", "7", "-1.5e3", r#""a\u0041""#] {
            let text = format!(r#"{{"jsonrpc":"2.0","id":{id},"method":"status","more":[[{{}}]]}}"#);
            assert_eq!(read(&text).unwrap().id.unwrap().as_json(), id);
        }
        assert!(read(r#"{"method":"status"}"#).unwrap().id.is_none());
        let long = format!("\"{}\"", "x".repeat(ID_BYTES_MAX - 1));
        for id in ["[]", "{}", "true", &long] {
            let (id, _) = read(&format!(r#"{{"id":{id},"method":"status"}}"#)).unwrap_err();
            assert_eq!(id, Id::none());
        }
    }

    #[test]
    fn what_is_no_request_is_refused() {
        for text in [
            "7",
            "[]",
            "{}",
            r#"{"id":1,"method":1}"#,
            r#"{"id":1,"method":"a","method":"b"}"#,
            r#"{"id":1,"jsonrpc":"1.0","method":"a"}"#,
        ] {
            assert!(read(text).is_err(), "{text}");
        }
    }

    #[test]
    fn a_body_has_a_bounded_number_of_calls() {
        let calls = |many: usize| format!("[{}]", vec!["1"; many].join(","));
        for many in [1, CALLS_MAX] {
            let text = calls(many);
            assert!(matches!(Body::read(text.as_bytes()), Ok(Body::Several(calls)) if calls.len() == many));
        }
        for text in [calls(0), calls(CALLS_MAX + 1), calls(200_000), "[".repeat(300_000)] {
            assert!(Body::read(text.as_bytes()).is_err());
        }
    }
}
