//! The files, each as it was built, with the headers that a browser holds them to.

use std::sync::OnceLock;

use axum::body::Body;
use axum::response::Response;
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use bytes::Bytes;
use http::{HeaderMap, HeaderName, HeaderValue, StatusCode, header};
use sha2::{Digest as _, Sha256};

include!(concat!(env!("OUT_DIR"), "/page.rs"));

/// Where the page begins.
pub(super) const INDEX: &str = "/index.html";
/// The one policy of the page and everything in it, which a browser enforces: no script but the page's own, no connection but to this
/// node. It ends in a line feed, as files do.
const POLICY: &str = include_str!("policy.txt");
/// A name with the hash of its content never has another one.
const IMMUTABLE: &str = "public, max-age=31536000, immutable";
/// What has no hash in its name is asked for again, and mostly not sent again.
const ASKED_AGAIN: &str = "no-cache";
/// Where files have names with hashes.
const HASHED: &str = "/assets/";
/// What a browser may not do on the page's behalf, whoever asks it to.
const PERMISSIONS: &str = "accelerometer=(), camera=(), display-capture=(), geolocation=(), gyroscope=(), microphone=(), midi=(), payment=(), usb=()";

/// One file of the page.
pub(super) struct File {
    /// Its path on this node.
    pub(super) path: &'static str,
    /// Its bytes.
    pub(super) bytes: &'static [u8],
    /// The same as brotli, where that is shorter.
    pub(super) brotli: Option<&'static [u8]>,
    /// The same as gzip, where that is shorter.
    pub(super) gzip: Option<&'static [u8]>,
}

/// The page itself; `None` in a program that was built without it.
pub(crate) fn index(asked: &HeaderMap) -> Option<Response> {
    FILES.iter().find(|file| file.path == INDEX).map(|file| file.answer(asked))
}

impl File {
    /// An answer of it, in the shortest form that the browser takes; nothing but the tag for who has it.
    pub(super) fn answer(&self, asked: &HeaderMap) -> Response {
        let tag = self.tag();
        let named = asked.get_all(header::IF_NONE_MATCH).iter().filter_map(|value| value.to_str().ok());
        let has = named
            .flat_map(|value| value.split(','))
            .any(|known| known.trim().trim_start_matches("W/") == tag.trim_start_matches("W/"));
        let (encoding, bytes) = self.encoded(asked);
        let body = if has { Body::empty() } else { Body::from(Bytes::from_static(bytes)) };
        let mut response = Response::new(body);
        if has {
            *response.status_mut() = StatusCode::NOT_MODIFIED;
        }
        let headers = response.headers_mut();
        for (name, value) in obeyed(self.path) {
            headers.insert(HeaderName::from_static(name), HeaderValue::from_static(value));
        }
        headers.insert(header::VARY, HeaderValue::from_static("accept-encoding, accept"));
        if let Some(encoding) = encoding.filter(|_| !has) {
            headers.insert(header::CONTENT_ENCODING, HeaderValue::from_static(encoding));
        }
        if let Ok(tag) = HeaderValue::from_str(&tag) {
            headers.insert(header::ETAG, tag);
        }
        response
    }

    fn encoded(&self, asked: &HeaderMap) -> (Option<&'static str>, &'static [u8]) {
        let forms = [("br", self.brotli), ("gzip", self.gzip)];
        let taken = forms
            .into_iter()
            .find_map(|(name, form)| form.filter(|_| takes(asked, name)).map(|form| (name, form)));
        taken.map_or((None, self.bytes), |(name, form)| (Some(name), form))
    }

    /// The same for every form of the file, and so a weak one: whoever has one of them needs no other.
    fn tag(&self) -> String {
        static TAGS: OnceLock<Vec<String>> = OnceLock::new();
        let tags = TAGS.get_or_init(|| {
            let tag = |file: &File| format!("W/\"{}\"", URL_SAFE_NO_PAD.encode(Sha256::digest(file.bytes)));
            FILES.iter().map(tag).collect()
        });
        let place = FILES.iter().position(|file| file.path == self.path);
        place.and_then(|place| tags.get(place)).cloned().unwrap_or_default()
    }
}

/// The headers of a file that decide what a browser does with it.
pub(super) fn obeyed(path: &str) -> [(&'static str, &'static str); 8] {
    [
        ("content-type", media_type(path)),
        ("content-security-policy", POLICY.trim_ascii_end()),
        ("x-content-type-options", "nosniff"),
        ("referrer-policy", "no-referrer"),
        ("cross-origin-opener-policy", "same-origin"),
        ("cross-origin-resource-policy", "same-origin"),
        ("permissions-policy", PERMISSIONS),
        ("cache-control", if path.starts_with(HASHED) { IMMUTABLE } else { ASKED_AGAIN }),
    ]
}

fn media_type(path: &str) -> &'static str {
    match path.rsplit('.').next() {
        Some("html") => "text/html; charset=utf-8",
        Some("js") => "text/javascript; charset=utf-8",
        Some("css") => "text/css; charset=utf-8",
        Some("svg") => "image/svg+xml",
        Some("wasm") => "application/wasm",
        Some("json") => "application/json",
        Some("webmanifest") => "application/manifest+json",
        Some("woff2") => "font/woff2",
        _ => "application/octet-stream",
    }
}

/// Whether a browser takes an encoding. What it refuses has `q=0`.
fn takes(asked: &HeaderMap, encoding: &str) -> bool {
    let listed = asked.get_all(header::ACCEPT_ENCODING).iter().filter_map(|value| value.to_str().ok());
    listed.flat_map(|value| value.split(',')).any(|entry| {
        let mut parts = entry.split(';').map(str::trim);
        let is_named = parts.next().is_some_and(|name| name.eq_ignore_ascii_case(encoding));
        is_named && !parts.any(|weight| matches!(weight, "q=0" | "q=0.0" | "q=0.00" | "q=0.000"))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    const FILE: File =
        File { path: "/assets/x-1.js", bytes: b"whole", brotli: Some(b"br"), gzip: Some(b"gz") };

    fn asked(name: HeaderName, value: &str) -> HeaderMap {
        HeaderMap::from_iter([(name, value.parse().unwrap())])
    }

    #[test]
    fn a_browser_gets_the_shortest_form_that_it_takes() {
        for (accepted, encoding) in [
            ("gzip, deflate, br, zstd", Some("br")),
            ("gzip", Some("gzip")),
            ("br;q=0, gzip;q=0.5", Some("gzip")),
            ("identity", None),
            ("", None),
        ] {
            let answer = FILE.answer(&asked(header::ACCEPT_ENCODING, accepted));
            let named = answer.headers().get(header::CONTENT_ENCODING).map(|value| value.to_str().unwrap());
            assert_eq!(named, encoding, "{accepted}");
        }
    }

    #[test]
    fn the_policy_is_one_line_that_lets_nothing_else_run() {
        let answer = FILE.answer(&HeaderMap::new());
        let policies = answer.headers().get_all(header::CONTENT_SECURITY_POLICY);
        let policies: Vec<_> = policies.iter().map(|policy| policy.to_str().unwrap()).collect();
        assert_eq!(policies.len(), 1);
        let directives: Vec<&str> = policies[0].split(';').map(str::trim).collect();
        for directive in [
            "default-src 'none'",
            "require-trusted-types-for 'script'",
            "connect-src 'self'",
            "form-action 'none'",
        ] {
            assert!(directives.contains(&directive), "{directive}: {directives:?}");
        }
        for never in ["unsafe-inline", "'unsafe-eval'", "http:", "https:", "data:", "*"] {
            assert!(!policies[0].contains(never), "{never}");
        }
    }
}
