//! What an operator signed of the page for browsers with WEBCAT: the files below `/.well-known/webcat/`, as they are in a folder. The node
//! makes none of them and judges no signature; it says where the signed page is another than the one that it serves.

use std::io::Read as _;
use std::path::{Path, PathBuf};
use std::sync::{Arc, PoisonError, RwLock};

use axum::Router;
use axum::body::Body;
use axum::extract::{Path as Named, State};
use axum::response::Response;
use axum::routing::get;
use bytes::Bytes;
use http::{HeaderName, HeaderValue, StatusCode};
use serde_json::Value;
use thiserror::Error;

use crate::http::problem;

/// The files that WEBCAT knows; those that end in `-prev` are there while an enrolment changes.
const NAMES: [&str; 6] = [
    "bundle.json",
    "bundle-prev.json",
    "enrollment.json",
    "enrollment-prev.json",
    "manifest.json",
    "manifest-prev.json",
];
/// Largest of these files, in bytes.
const FILE_BYTES_MAX: u64 = 1 << 20;
/// Where browsers look for them.
const PATH: &str = "/.well-known/webcat/{name}";
const HEADERS: [(&str, &str); 5] = [
    ("content-type", "application/json"),
    ("x-content-type-options", "nosniff"),
    ("content-security-policy", "default-src 'none'"),
    ("referrer-policy", "no-referrer"),
    ("cache-control", "no-cache"),
];

/// Why a folder of signed files cannot be used. Nothing of it is served then, or what was before.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
#[error("{path}: {why}")]
pub struct WebcatError {
    /// The folder or file.
    pub path: PathBuf,
    /// What is wrong with it.
    pub why: String,
}

type Signed = Vec<(&'static str, Bytes)>;

/// The signed files of a node, read at its start and when it is told to.
#[derive(Clone, Debug)]
pub(crate) struct Webcat {
    folder: PathBuf,
    /// Whether an operator named the folder, so that it has to be there.
    is_named: bool,
    signed: Arc<RwLock<Signed>>,
}

impl Webcat {
    /// Those of a folder that was named, which has to be there, or else of the usual one in the home, which may come later.
    ///
    /// # Errors
    /// [`WebcatError`].
    pub(crate) fn open(named: Option<&Path>, usual: PathBuf) -> Result<Self, WebcatError> {
        let folder = named.map_or(usual, Path::to_owned);
        let opened = Self { folder, is_named: named.is_some(), signed: Arc::default() };
        opened.reload()?;
        Ok(opened)
    }

    /// Reads the folder again, and says whether it is there.
    ///
    /// # Errors
    /// [`WebcatError`]; what is served stays what it was then.
    pub(crate) fn reload(&self) -> Result<bool, WebcatError> {
        let is_there = self.is_named || self.folder.exists();
        let signed = if is_there { read(&self.folder)? } else { Signed::new() };
        *self.signed.write().unwrap_or_else(PoisonError::into_inner) = signed;
        Ok(is_there)
    }

    pub(crate) fn router(self) -> Router {
        Router::new().route(PATH, get(answer)).with_state(self)
    }
}

async fn answer(State(webcat): State<Webcat>, Named(name): Named<String>) -> Response {
    let signed = webcat.signed.read().unwrap_or_else(PoisonError::into_inner);
    let Some((_, bytes)) = signed.iter().find(|(known, _)| *known == name) else {
        return problem::response(StatusCode::NOT_FOUND, "the operator of this node signed no such file");
    };
    let mut response = Response::new(Body::from(bytes.clone()));
    for (name, value) in HEADERS {
        response.headers_mut().insert(HeaderName::from_static(name), HeaderValue::from_static(value));
    }
    response
}

/// The files of a folder, each whole and JSON. Others are not looked at.
fn read(folder: &Path) -> Result<Signed, WebcatError> {
    let wrong = |path: &Path, why: String| WebcatError { path: path.to_owned(), why };
    if !folder.is_dir() {
        return Err(wrong(folder, "it is not a folder".to_owned()));
    }
    let mut signed = Signed::new();
    for name in NAMES {
        let path = folder.join(name);
        let file = match std::fs::File::open(&path) {
            Ok(file) => file,
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => continue,
            Err(error) => return Err(wrong(&path, error.to_string())),
        };
        if !file.metadata().is_ok_and(|found| found.is_file()) {
            return Err(wrong(&path, "it is not a file".to_owned()));
        }
        let mut bytes = Vec::new();
        let taken = file.take(FILE_BYTES_MAX + 1).read_to_end(&mut bytes);
        taken.map_err(|error| wrong(&path, error.to_string()))?;
        if bytes.len() as u64 > FILE_BYTES_MAX {
            return Err(wrong(&path, "it is longer than 1 MiB".to_owned()));
        }
        let json: Value = serde_json::from_slice(&bytes).map_err(|error| wrong(&path, error.to_string()))?;
        if name == "manifest.json" && !is_of_this_page(&json) {
            tracing::warn!(
                "{}: it is signed for another page than this node serves: browsers with WEBCAT will refuse this one; sign /manifest.json",
                path.display()
            );
        }
        signed.push((name, bytes.into()));
    }
    Ok(signed)
}

/// Whether a signed manifest names the files that this node serves.
fn is_of_this_page(signed: &Value) -> bool {
    let own = super::manifest().and_then(|text| serde_json::from_str::<Value>(text).ok());
    let is_same =
        |own: Value| ["files", "wasm", "default_csp"].iter().all(|name| own[*name] == signed[*name]);
    own.is_some_and(is_same)
}

#[cfg(test)]
mod tests {
    use std::fs;

    use http::Request;
    use http_body_util::BodyExt as _;
    use tower::ServiceExt as _;

    use super::*;

    async fn ask(webcat: &Webcat, name: &str) -> (StatusCode, Bytes) {
        let request = Request::get(format!("/.well-known/webcat/{name}")).body(Body::empty()).unwrap();
        let answer = webcat.clone().router().oneshot(request).await.unwrap();
        let status = answer.status();
        (status, answer.into_body().collect().await.unwrap().to_bytes())
    }

    #[tokio::test]
    async fn what_was_signed_is_served_as_it_is_and_nothing_else_of_the_folder() {
        let dir = tempfile::tempdir().unwrap();
        let folder = dir.path().join("webcat");
        let webcat = Webcat::open(None, folder.clone()).unwrap();
        assert!(!webcat.reload().unwrap(), "nothing was signed");
        assert_eq!(ask(&webcat, "bundle.json").await.0, StatusCode::NOT_FOUND);
        fs::create_dir(&folder).unwrap();
        fs::write(folder.join("bundle.json"), b"{ \"a\": 1 }\n").unwrap();
        fs::write(folder.join("signing.key"), b"{}").unwrap();
        assert!(webcat.reload().unwrap(), "the folder came later");
        assert_eq!(
            ask(&webcat, "bundle.json").await,
            (StatusCode::OK, Bytes::from_static(b"{ \"a\": 1 }\n"))
        );
        for absent in ["signing.key", "manifest.json", "..%2fgenesis.json", "%00"] {
            assert_eq!(ask(&webcat, absent).await.0, StatusCode::NOT_FOUND, "{absent}");
        }
        // What cannot be read changes nothing of what is served.
        fs::write(folder.join("bundle.json"), b"no").unwrap();
        assert!(webcat.reload().unwrap_err().path.ends_with("bundle.json"));
        assert_eq!(ask(&webcat, "bundle.json").await.0, StatusCode::OK);
        fs::write(folder.join("bundle.json"), b"[2]").unwrap();
        webcat.reload().unwrap();
        assert_eq!(ask(&webcat, "bundle.json").await.1, "[2]");
    }

    #[test]
    fn a_folder_that_cannot_be_used_is_named() {
        let dir = tempfile::tempdir().unwrap();
        let (usual, named) = (dir.path().join("webcat"), dir.path().join("absent"));
        assert_eq!(Webcat::open(Some(&named), usual.clone()).unwrap_err().path, named);
        fs::create_dir(&named).unwrap();
        fs::write(named.join("manifest.json"), vec![b' '; (1 << 20) + 1]).unwrap();
        let error = Webcat::open(Some(&named), usual.clone()).unwrap_err();
        assert!(error.to_string().contains("longer than 1 MiB"), "{error}");
    }
}
