//! The page's manifest, in the form of WEBCAT's: each file with its hash, and the one policy that all of them come with.

use std::collections::{BTreeMap, BTreeSet};

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use sealdesk_protocol::document::check_public_body;
use serde::Deserialize;
use sha2::{Digest as _, Sha256};
use thiserror::Error;

/// Most files of a page.
const FILES_MAX: usize = 512;
/// Longest path of a file, in bytes.
const PATH_BYTES_MAX: usize = 128;
/// Longest version, in bytes.
const VERSION_BYTES_MAX: usize = 32;

/// Why a text is not the manifest of a page.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
#[error("it is not the manifest of a desk's page: {0}")]
pub struct ManifestError(String);

/// The manifest of a page.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Manifest {
    text: String,
    fields: Fields,
    files: BTreeMap<String, [u8; 32]>,
}

/// What stands in it. A field that this program does not know may change what the others mean, so there must not be one.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
struct Fields {
    app: String,
    name: String,
    version: String,
    default_csp: String,
    default_index: String,
    default_fallback: String,
    files: BTreeMap<String, String>,
    wasm: Vec<String>,
}

impl Manifest {
    /// Reads one: a public document, at most 512 files, paths of letters, digits and `/ . - _`, one index for every place.
    ///
    /// # Errors
    /// [`ManifestError`].
    pub fn parse(text: &str) -> Result<Self, ManifestError> {
        let wrong = |why: &str| ManifestError(why.to_owned());
        let text = text.trim();
        check_public_body(text.as_bytes()).map_err(|error| ManifestError(error.to_string()))?;
        let fields: Fields = serde_json::from_str(text).map_err(|error| ManifestError(error.to_string()))?;
        if fields.app != "sealdesk" || fields.name != "sealdesk" {
            return Err(wrong("it is of something else than sealdesk"));
        }
        if numbers(&fields.version).is_none() {
            return Err(wrong("its version is not numbers with dots between"));
        }
        if fields.files.len() > FILES_MAX {
            return Err(wrong("it names more than 512 files"));
        }
        let mut files = BTreeMap::new();
        for (path, hash) in &fields.files {
            let hash = read_hash(hash).filter(|_| is_path(path));
            files.insert(path.clone(), hash.ok_or_else(|| ManifestError(format!("the file {path:?}")))?);
        }
        if !files.contains_key(&fields.default_index) || fields.default_fallback != fields.default_index {
            return Err(wrong("its index is not one of its files, or another than its fallback"));
        }
        let named: BTreeSet<&String> = fields.wasm.iter().collect();
        let is_wasm = |(path, _): &(&String, &String)| path.ends_with(".wasm");
        let found: BTreeSet<&String> = fields.files.iter().filter(is_wasm).map(|(_, hash)| hash).collect();
        if named != found {
            return Err(wrong("its list of modules is not that of its files"));
        }
        Ok(Self { text: text.to_owned(), fields, files })
    }

    /// As it was written.
    pub fn text(&self) -> &str {
        &self.text
    }

    /// Which version of the page it is.
    pub fn version(&self) -> &str {
        &self.fields.version
    }

    /// The one policy.
    pub fn policy(&self) -> &str {
        &self.fields.default_csp
    }

    /// The file that is shown at `/`, and at every place of the desk.
    pub fn index(&self) -> &str {
        &self.fields.default_index
    }

    /// The files by their paths, with the SHA-256 of each.
    pub fn files(&self) -> impl ExactSizeIterator<Item = (&str, &[u8; 32])> {
        self.files.iter().map(|(path, hash)| (path.as_str(), hash))
    }

    /// The hash of a file.
    pub fn file(&self, path: &str) -> Option<&[u8; 32]> {
        self.files.get(path)
    }

    /// Whether its version comes before another's.
    pub fn is_older_than(&self, other: &Self) -> bool {
        numbers(self.version()) < numbers(other.version())
    }
}

/// SHA-256, as a manifest has it.
pub(super) fn hash_of(bytes: &[u8]) -> [u8; 32] {
    Sha256::digest(bytes).into()
}

fn read_hash(text: &str) -> Option<[u8; 32]> {
    URL_SAFE_NO_PAD.decode(text).ok()?.try_into().ok()
}

/// Whether a browser asks for exactly this, and a terminal shows it as it is.
fn is_path(path: &str) -> bool {
    let is_plain = |byte: u8| byte.is_ascii_alphanumeric() || b"/.-_".contains(&byte);
    path.len() <= PATH_BYTES_MAX
        && path.len() > 1
        && path.starts_with('/')
        && path.bytes().all(is_plain)
        && path.split('/').skip(1).all(|part| !part.is_empty() && part != "." && part != "..")
}

fn numbers(version: &str) -> Option<Vec<u32>> {
    if version.len() > VERSION_BYTES_MAX {
        return None;
    }
    version.split('.').map(|number| number.parse().ok()).collect()
}

#[cfg(test)]
pub(super) mod tests {
    use proptest::prelude::*;
    use serde_json::{Value, json};

    use super::*;

    /// A manifest of two files.
    fn example() -> Value {
        let hash = URL_SAFE_NO_PAD.encode(hash_of(b"index"));
        let module = URL_SAFE_NO_PAD.encode(hash_of(b"module"));
        json!({
            "app": "sealdesk", "name": "sealdesk", "version": "0.10.0", "default_csp": "default-src 'none'",
            "default_index": "/index.html", "default_fallback": "/index.html",
            "files": { "/index.html": hash, "/assets/m.wasm": module }, "wasm": [module],
        })
    }

    /// The same, as it is read.
    pub(in super::super) fn of_two_files() -> Manifest {
        Manifest::parse(&example().to_string()).unwrap()
    }

    #[test]
    fn a_manifest_is_read_strictly() {
        let good = Manifest::parse(&example().to_string()).unwrap();
        assert_eq!((good.version(), good.index(), good.files().len()), ("0.10.0", "/index.html", 2));
        let changes: [(&str, Value); 12] = [
            ("app", json!("other")),
            ("name", json!("other")),
            ("version", json!("1.x")),
            ("version", json!("1\u{1b}[2J")),
            ("default_index", json!("/other.html")),
            ("default_fallback", json!("/assets/m.wasm")),
            ("extra_csp", json!({ "/evil": "script-src *" })),
            ("wasm", json!([])),
            ("files", json!({ "/index.html": "short" })),
            (
                "files",
                json!({ "/index.html": good.fields.files["/index.html"], "/../x": good.fields.files["/index.html"] }),
            ),
            (
                "files",
                json!({ "/index.html": good.fields.files["/index.html"], "/a\u{202e}b": good.fields.files["/index.html"] }),
            ),
            (
                "files",
                json!({ "/index.html": good.fields.files["/index.html"], "//evil.example/x": good.fields.files["/index.html"] }),
            ),
        ];
        for (field, value) in changes {
            let mut changed = example();
            changed[field] = value;
            assert!(Manifest::parse(&changed.to_string()).is_err(), "{changed}");
        }
        assert!(Manifest::parse(&"x".repeat(20_000)).is_err());
    }

    #[test]
    fn versions_are_numbers_and_not_texts() {
        let version = |version: &str| {
            let mut changed = example();
            changed["version"] = json!(version);
            Manifest::parse(&changed.to_string()).unwrap()
        };
        assert!(version("0.9.0").is_older_than(&version("0.10.0")));
        assert!(!version("0.10.0").is_older_than(&version("0.9.9")));
        assert!(!version("1.0.0").is_older_than(&version("1.0.0")));
    }

    proptest! {
        #[test]
        fn no_text_is_more_than_refused(text in "\\PC*") {
            let _ = Manifest::parse(&text);
        }
    }
}
