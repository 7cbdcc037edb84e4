//! Answers in JSON, each with an ETag, so that whoever has it already is told so in a line.

use axum::body::Body;
use axum::response::{IntoResponse as _, Response};
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use bytes::Bytes;
use http::{HeaderMap, HeaderValue, StatusCode, header};
use sealdesk_protocol::text;
use serde::Serialize;
use sha2::{Digest as _, Sha256};

use super::problem::Problem;

/// The media type of our JSON.
pub(super) const JSON: &str = "application/json";
/// Bytes of a digest that an ETag has: enough that no two answers of one path share one.
const TAG_BYTES: usize = 16;

/// An answer in JSON.
///
/// # Errors
/// [`Problem`] where the value has no JSON.
pub(super) fn json<T: Serialize>(asked: &HeaderMap, value: &T) -> Result<Response, Problem> {
    Ok(tagged(asked, JSON, written(value)?))
}

/// As the program prints it: what could drive a terminal is escaped.
fn written(value: &impl Serialize) -> Result<Vec<u8>, Problem> {
    let text = serde_json::to_string(value).map_err(|_| Problem::broken())?;
    Ok((text::escaped_json(&text) + "\n").into_bytes())
}

/// An answer in JSON of which a part may move though nothing has happened: its ETag, a weak one, is that of what `happened`.
///
/// # Errors
/// As [`json`].
pub(super) fn json_of<T: Serialize>(
    asked: &HeaderMap,
    value: &T,
    happened: &impl Serialize,
) -> Result<Response, Problem> {
    let tag = format!("W/{}", tag_of(&written(happened)?));
    Ok(Tagged { media_type: JSON, bytes: written(value)?.into(), tag }.answer(asked))
}

/// An answer with the ETag of its bytes; nothing but that for who has it.
pub(super) fn tagged(asked: &HeaderMap, media_type: &'static str, bytes: Vec<u8>) -> Response {
    Tagged::new(media_type, bytes).answer(asked)
}

/// Bytes with their ETag, for as many answers as there are.
pub(super) struct Tagged {
    media_type: &'static str,
    bytes: Bytes,
    tag: String,
}

impl Tagged {
    /// Bytes, tagged once.
    pub(super) fn new(media_type: &'static str, bytes: impl Into<Bytes>) -> Self {
        let bytes = bytes.into();
        let tag = tag_of(&bytes);
        Self { media_type, bytes, tag }
    }

    /// An answer of them; nothing but the tag for who has it.
    pub(super) fn answer(&self, asked: &HeaderMap) -> Response {
        let mut response = match has(asked, &self.tag) {
            true => StatusCode::NOT_MODIFIED.into_response(),
            false => {
                let mut response = Body::from(self.bytes.clone()).into_response();
                let media_type = HeaderValue::from_static(self.media_type);
                response.headers_mut().insert(header::CONTENT_TYPE, media_type);
                response
            }
        };
        let headers = response.headers_mut();
        if let Ok(tag) = HeaderValue::from_str(&self.tag) {
            headers.insert(header::ETAG, tag);
        }
        headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("no-cache"));
        headers.insert(header::X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff"));
        response
    }
}

fn tag_of(bytes: &[u8]) -> String {
    let digest = Sha256::digest(bytes);
    format!("\"{}\"", URL_SAFE_NO_PAD.encode(digest.get(..TAG_BYTES).unwrap_or(&digest)))
}

/// Whether who asks names this tag as one that they have, a weak one or not.
fn has(asked: &HeaderMap, tag: &str) -> bool {
    let strong = |tag: &str| tag.strip_prefix("W/").unwrap_or(tag).to_owned();
    let named = asked.get_all(header::IF_NONE_MATCH).iter().filter_map(|value| value.to_str().ok());
    let mut named = named.flat_map(|value| value.split(',')).map(str::trim);
    named.any(|known| known == "*" || strong(known) == strong(tag))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn who_names_the_tag_gets_nothing_but_the_tag() {
        let first = tagged(&HeaderMap::new(), JSON, b"{}".to_vec());
        assert_eq!(first.status(), StatusCode::OK);
        let tag = first.headers()[header::ETAG].to_str().unwrap().to_owned();
        let named = |value: String| {
            let mut asked = HeaderMap::new();
            asked.insert(header::IF_NONE_MATCH, value.parse().unwrap());
            tagged(&asked, JSON, b"{}".to_vec()).status()
        };
        for value in [tag.clone(), format!("W/{tag}"), format!("\"x\", {tag}"), "*".to_owned()] {
            assert_eq!(named(value.clone()), StatusCode::NOT_MODIFIED, "{value}");
        }
        for value in ["\"x\"".to_owned(), tag.trim_matches('"').to_owned(), "W/".to_owned()] {
            assert_eq!(named(value.clone()), StatusCode::OK, "{value}");
        }
        assert_ne!(tagged(&HeaderMap::new(), JSON, b"[]".to_vec()).headers()[header::ETAG], tag.as_str());
    }
}
