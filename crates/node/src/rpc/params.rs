//! What a method is given: by name or by position in JSON, where bytes are base64 and long numbers are texts; or as a URI has it, where
//! texts stand in quotes and bytes are `0x…`.

use std::collections::BTreeMap;
use std::str::FromStr;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD as BASE64;
use serde::de::DeserializeSeed as _;
use serde_json::value::RawValue;

use super::error::RpcError;
use super::scalar::{Named, Scalar};

/// One value.
#[derive(Clone, Debug, PartialEq)]
enum Given {
    Json(Scalar),
    Uri(String),
}

/// What a method is given, by name.
#[derive(Clone, Debug, Default, PartialEq)]
pub(super) struct Params(BTreeMap<String, Given>);

impl Params {
    /// Reads `params` of a request; `names` are the method's, in the order in which they count by position. All else is passed over.
    ///
    /// # Errors
    /// Where it is neither an object nor an array, is longer than the names are many, or has one of them twice.
    pub(super) fn of_json(params: Option<&RawValue>, names: &[&str]) -> Result<Self, RpcError> {
        let text = match params.map(RawValue::get) {
            None | Some("null") => return Ok(Self::default()),
            Some(text) => text,
        };
        if !text.starts_with(['{', '[']) {
            return Err(RpcError::params("`params` is an object or an array"));
        }
        let read = Named(names).deserialize(&mut serde_json::Deserializer::from_str(text));
        let read = read.map_err(|_| {
            RpcError::params(format!("at most {} values are expected, each once", names.len()))
        })?;
        Ok(Self(read.into_iter().map(|(name, value)| (name, Given::Json(value))).collect()))
    }

    /// Reads the query of a URI. Of a name that stands there more than once the first counts, as in Go.
    pub(super) fn of_uri(query: Vec<(String, String)>) -> Self {
        Self(query.into_iter().rev().map(|(name, value)| (name, Given::Uri(value))).collect())
    }

    /// What was given, unless it is as good as nothing.
    fn given(&self, name: &str) -> Option<&Given> {
        self.0.get(name).filter(|given| match given {
            Given::Json(Scalar::Null) => false,
            Given::Json(_) => true,
            Given::Uri(text) => !text.is_empty(),
        })
    }

    /// A text.
    pub(super) fn text(&self, name: &str) -> Result<Option<String>, RpcError> {
        self.given(name)
            .map(|given| match given {
                Given::Json(Scalar::Text(text)) => Ok(text.clone()),
                Given::Uri(text) => Ok(unquoted(text).unwrap_or_else(|| text.clone())),
                Given::Json(_) => Err(wrong(name, "a text")),
            })
            .transpose()
    }

    /// A text that must be there.
    pub(super) fn needed_text(&self, name: &str) -> Result<String, RpcError> {
        self.text(name)?.ok_or_else(|| RpcError::params(format!("`{name}` is missing")))
    }

    /// A number that is not negative.
    pub(super) fn number(&self, name: &str) -> Result<Option<u64>, RpcError> {
        self.whole(name, "a whole number that is not negative")
    }

    /// A number that may be negative.
    pub(super) fn signed(&self, name: &str) -> Result<Option<i64>, RpcError> {
        self.whole(name, "a whole number")
    }

    fn whole<N: FromStr>(&self, name: &str, expected: &str) -> Result<Option<N>, RpcError> {
        let text = match self.given(name) {
            None => return Ok(None),
            Some(Given::Json(Scalar::Number(text) | Scalar::Text(text))) => text.clone(),
            Some(Given::Uri(text)) => unquoted(text).unwrap_or_else(|| text.clone()),
            Some(Given::Json(_)) => return Err(wrong(name, "a number")),
        };
        match text.as_str() {
            "" => Ok(None),
            text => text.parse().map(Some).map_err(|_| wrong(name, expected)),
        }
    }

    /// Yes or no; no where nothing is said.
    pub(super) fn flag(&self, name: &str) -> Result<bool, RpcError> {
        match self.given(name) {
            None => Ok(false),
            Some(Given::Json(Scalar::Flag(flag))) => Ok(*flag),
            Some(Given::Uri(text)) => text.parse().map_err(|_| wrong(name, "true or false")),
            Some(Given::Json(_)) => Err(wrong(name, "true or false")),
        }
    }

    /// Bytes: base64 in JSON, `0x…` or a text in quotes in a URI.
    pub(super) fn bytes(&self, name: &str) -> Result<Option<Vec<u8>>, RpcError> {
        self.bytes_by(name, "base64", |text| BASE64.decode(text).ok())
    }

    /// Bytes that are hexadecimal in JSON, too.
    pub(super) fn hex(&self, name: &str) -> Result<Option<Vec<u8>>, RpcError> {
        self.bytes_by(name, "hexadecimal digits", |text| hex::decode(digits(text).unwrap_or(text)).ok())
    }

    /// A hash of 32 bytes that must be there. CometBFT's JSON has base64 for some calls and hexadecimal digits for others; here each takes both, with
    /// and without `0x`, since no text is a hash both ways.
    pub(super) fn hash(&self, name: &str) -> Result<[u8; 32], RpcError> {
        let text = match self.given(name) {
            None => return Err(RpcError::params(format!("`{name}` is missing"))),
            Some(Given::Json(Scalar::Text(text))) => Some(text.clone()),
            Some(Given::Json(_)) => None,
            Some(Given::Uri(text)) => Some(unquoted(text).unwrap_or_else(|| text.clone())),
        };
        text.and_then(|text| read_hash(&text)).ok_or_else(|| {
            wrong(name, "a hash of 32 bytes: 64 hexadecimal digits, behind 0x in a URI, or base64 in JSON")
        })
    }

    fn bytes_by(
        &self,
        name: &str,
        form: &str,
        read: impl Fn(&str) -> Option<Vec<u8>>,
    ) -> Result<Option<Vec<u8>>, RpcError> {
        let bytes = match self.given(name) {
            None => return Ok(None),
            Some(Given::Json(Scalar::Text(text))) => read(text),
            Some(Given::Json(_)) => None,
            Some(Given::Uri(text)) => match digits(text) {
                Some(digits) => hex::decode(digits).ok(),
                None => unquoted(text).map(String::into_bytes),
            },
        };
        bytes
            .map(Some)
            .ok_or_else(|| wrong(name, &format!("{form} in JSON; 0x… or a text in quotes in a URI")))
    }
}

/// What stands behind `0x`, which may be written large.
fn digits(text: &str) -> Option<&str> {
    text.strip_prefix("0x").or_else(|| text.strip_prefix("0X"))
}

fn read_hash(text: &str) -> Option<[u8; 32]> {
    let digits = hex::decode(digits(text).unwrap_or(text)).ok();
    let read = |bytes: Vec<u8>| bytes.try_into().ok();
    digits.and_then(read).or_else(|| BASE64.decode(text).ok().and_then(read))
}

fn unquoted(text: &str) -> Option<String> {
    let quoted = text.starts_with('"').then(|| serde_json::from_str(text));
    quoted.and_then(Result::ok)
}

fn wrong(name: &str, expected: &str) -> RpcError {
    RpcError::params(format!("`{name}` is not {expected}"))
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::*;

    fn of_json(params: Value, names: &[&str]) -> Result<Params, RpcError> {
        Params::of_json(Some(&serde_json::value::to_raw_value(&params).unwrap()), names)
    }

    #[test]
    fn values_are_read_by_name_by_position_and_from_a_uri() {
        let names = ["path", "data", "height", "prove"];
        let by_name = of_json(json!({ "path": "/a", "data": "0a", "height": "5" }), &names).unwrap();
        let by_position = of_json(json!(["/a", "0A", 5, null]), &names).unwrap();
        let uri = [("path", "\"/a\""), ("data", "0x0a"), ("height", "5"), ("prove", "")];
        let uri = uri.map(|(name, value)| (name.to_owned(), value.to_owned())).to_vec();
        for params in [by_name, by_position, Params::of_uri(uri)] {
            assert_eq!(params.needed_text("path"), Ok("/a".to_owned()));
            assert_eq!(params.hex("data"), Ok(Some(vec![10])));
            assert_eq!(params.number("height"), Ok(Some(5)));
            assert_eq!(params.flag("prove"), Ok(false));
        }
    }

    #[test]
    fn a_uri_is_read_as_go_reads_it() {
        let uri = [("height", "1"), ("height", "2"), ("tx", "0X0a"), ("prove", "false"), ("prove", "true")];
        let uri = Params::of_uri(uri.map(|(name, value)| (name.to_owned(), value.to_owned())).to_vec());
        assert_eq!(uri.number("height"), Ok(Some(1)));
        assert_eq!(uri.bytes("tx"), Ok(Some(vec![10])));
        assert_eq!(uri.flag("prove"), Ok(false));
    }

    #[test]
    fn a_hash_is_read_in_every_form_in_which_clients_write_one() {
        let hash: [u8; 32] = std::array::from_fn(|n| u8::try_from(n * 7 % 256).unwrap());
        let (small, base64) = (hex::encode(hash), BASE64.encode(hash));
        let large = small.to_uppercase();
        for text in [&small, &large, &format!("0x{large}"), &format!("0X{small}"), &base64] {
            let posted = of_json(json!({ "hash": text }), &["hash"]).unwrap();
            assert_eq!(posted.hash("hash"), Ok(hash), "{text}");
        }
        for text in [&small, &format!("0x{large}"), &format!("\"0x{small}\""), &format!("\"{large}\"")] {
            let uri = Params::of_uri(vec![("hash".to_owned(), text.clone())]);
            assert_eq!(uri.hash("hash"), Ok(hash), "{text}");
        }
        for short in [&small[2..], "", "0x", "*", &base64[4..]] {
            assert!(of_json(json!({ "hash": short }), &["hash"]).unwrap().hash("hash").is_err(), "{short}");
        }
        assert!(Params::default().hash("hash").is_err());
    }

    #[test]
    fn what_has_another_form_is_refused() {
        let names = ["a"];
        assert!(of_json(json!(["x", "y"]), &names).is_err());
        assert!(of_json(json!("x"), &names).is_err());
        let twice = serde_json::from_str(r#"{"a":"1","a":"2"}"#).unwrap();
        assert!(Params::of_json(Some(twice), &names).is_err(), "nobody knows which of the two is meant");
        for value in [json!(-1), json!("-1"), json!(1.5), json!({}), json!("1e3")] {
            assert!(of_json(json!({ "a": value }), &names).unwrap().number("a").is_err(), "{value}");
        }
        let odd = of_json(json!({ "a": "*" }), &names).unwrap();
        assert!(odd.bytes("a").is_err() && odd.hex("a").is_err() && odd.flag("a").is_err());
        assert!(odd.needed_text("b").is_err());
    }
    #[test]
    fn what_no_method_asks_for_is_passed_over_and_what_is_no_scalar_is_not_kept() {
        let deep = format!(r#"{{"other":{0}{1},"a":{0}{1}}}"#, "[".repeat(100), "]".repeat(100));
        let params = Params::of_json(Some(serde_json::from_str(&deep).unwrap()), &["a"]).unwrap();
        assert_eq!(params.0.into_iter().collect::<Vec<_>>(), [("a".to_owned(), Given::Json(Scalar::Other))]);
    }
}
