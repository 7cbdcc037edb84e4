//! How values stand in the document: bytes as base64, times as RFC 3339 in UTC with whole seconds.

use ::base64::Engine as _;
use ::base64::engine::general_purpose::STANDARD;
use serde::{Deserialize as _, Deserializer, Serializer, de::Error as _};

use crate::time::{parse_time, time_text};

/// Bytes as base64 with padding.
pub(super) mod base64 {
    use super::*;

    pub(crate) fn serialize<S: Serializer>(bytes: &[u8], serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(&STANDARD.encode(bytes))
    }

    pub(crate) fn deserialize<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Vec<u8>, D::Error> {
        let text = std::borrow::Cow::<'de, str>::deserialize(deserializer)?;
        STANDARD.decode(text.as_bytes()).map_err(|_| D::Error::custom("bytes are written as padded base64"))
    }
}

/// A time that has come.
pub(super) mod time {
    use super::*;

    pub(crate) fn serialize<S: Serializer>(seconds: &i64, serializer: S) -> Result<S::Ok, S::Error> {
        let text = time_text(*seconds).ok_or_else(|| serde::ser::Error::custom("a time is out of range"))?;
        serializer.serialize_str(&text)
    }

    pub(crate) fn deserialize<'de, D: Deserializer<'de>>(deserializer: D) -> Result<i64, D::Error> {
        let text = String::deserialize(deserializer)?;
        parse_time(&text).ok_or_else(|| D::Error::custom("a time is written as 2026-11-21T09:00:00Z"))
    }
}

/// A time, or null while it has not come; 0 on the wire.
pub(super) mod later {
    use super::*;

    pub(crate) fn serialize<S: Serializer>(seconds: &i64, serializer: S) -> Result<S::Ok, S::Error> {
        if *seconds == 0 { serializer.serialize_none() } else { time::serialize(seconds, serializer) }
    }

    pub(crate) fn deserialize<'de, D: Deserializer<'de>>(deserializer: D) -> Result<i64, D::Error> {
        let Some(text) = Option::<String>::deserialize(deserializer)? else { return Ok(0) };
        parse_time(&text)
            .ok_or_else(|| D::Error::custom("a time is written as 2026-11-21T09:00:00Z, or null"))
    }
}

/// Several times.
pub(super) mod times {
    use super::*;
    use serde::ser::SerializeSeq as _;

    pub(crate) fn serialize<S: Serializer>(times: &[i64], serializer: S) -> Result<S::Ok, S::Error> {
        let mut list = serializer.serialize_seq(Some(times.len()))?;
        for seconds in times {
            let text =
                time_text(*seconds).ok_or_else(|| serde::ser::Error::custom("a time is out of range"))?;
            list.serialize_element(&text)?;
        }
        list.end()
    }

    pub(crate) fn deserialize<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Vec<i64>, D::Error> {
        let texts = Vec::<String>::deserialize(deserializer)?;
        let read = |text: &String| parse_time(text).ok_or_else(|| D::Error::custom("a time is not RFC 3339"));
        texts.iter().map(read).collect()
    }
}
