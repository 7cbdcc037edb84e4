//! What is asked of the pieces over HTTP. A body is read only once its bringer has been judged.

use std::time::{SystemTime, UNIX_EPOCH};

use axum::Json;
use axum::body::{Body, to_bytes};
use axum::extract::{Path, Request, State};
use axum::response::{IntoResponse as _, Response};
use http::{HeaderMap, HeaderValue, Method, StatusCode, header};
use sealdesk_machine::{Machine, QueryError};
use sealdesk_protocol::account::AccountState;
use sealdesk_protocol::attachment::{BLOB_BYTES_MAX, BlobHash};
use sealdesk_protocol::upload::{SignedUpload, Upload};
use sealdesk_protocol::wire::virtengine::roles::v1::QueryAccountRequest;
use sealdesk_store::Snapshot;
use serde_json::json;
use tonic::Status;

use super::Blobs;
use super::folder::{hash_of, is_of};
use super::pending::Bringer;
use crate::http::problem;
use crate::http::source::Source;

/// Bytes that stay free on the disk for the ledger itself.
const DISK_RESERVE: u64 = 256 << 20;

/// Why a request is refused: a status of HTTP, and in words what happened and what to do.
type Refused = (StatusCode, String);

/// How a piece comes in.
enum Entrance {
    /// It is here already.
    Here,
    /// A message names it, so that whoever brings it is welcome.
    Named,
    /// Its bringer signed for it.
    Signed(Bringer),
}

fn refuse(status: StatusCode, why: impl Into<String>) -> Refused {
    (status, why.into())
}

fn asked(hash: &str) -> Result<BlobHash, Refused> {
    hash_of(hash).ok_or_else(|| {
        refuse(
            StatusCode::BAD_REQUEST,
            "a piece of a file is asked for by SHA-256, as 64 lower-case hex digits",
        )
    })
}

/// Where a request comes from.
pub(crate) fn source_of(request: &Request) -> Source {
    let unknown = Source::Other(std::net::Ipv4Addr::UNSPECIFIED.into());
    request.extensions().get().copied().unwrap_or(unknown)
}

/// `GET` and `HEAD`.
pub(super) async fn get(State(blobs): State<Blobs>, Path(hash): Path<String>, request: Request) -> Response {
    let hash = match asked(&hash) {
        Ok(hash) => hash,
        Err((status, why)) => return problem::response(status, &why),
    };
    let account = blobs.pending().account_of(&hash);
    let (head, shared) = (request.method() == Method::HEAD, blobs.clone());
    let found = blobs.0.api.work(source_of(&request), move |_| {
        let folder = &shared.0.folder;
        if head {
            let length = folder.length(&hash, account.as_deref());
            return Ok(length.map(|length| (length, Body::empty())));
        }
        let read = folder.read(&hash, account.as_deref());
        let read = read.map_err(|error| {
            tracing::error!("a piece of a file cannot be read: {error}");
            Status::data_loss("this node's copy cannot be read; its log says why; ask another node")
        })?;
        Ok(read.map(|bytes| (u64::try_from(bytes.len()).unwrap_or(u64::MAX), Body::from(bytes))))
    });
    match found.await {
        Ok(Some((length, body))) => sealed(length, body),
        Ok(None) => problem::response(StatusCode::NOT_FOUND, "this node does not have that piece of a file"),
        Err(status) => problem::of_status(&status),
    }
}

/// `GET /blobs`: what the last look at all pieces found, by name; nulls before the first one has ended.
pub(super) async fn found(State(blobs): State<Blobs>) -> Response {
    let found = *blobs.found();
    let counts =
        json!({ "named": found.map(|found| found.named), "missing": found.map(|found| found.missing) });
    ([(header::CACHE_CONTROL, "no-store")], Json(counts)).into_response()
}

/// Sealed bytes: nothing that a browser would show, and the same for ever.
fn sealed(length: u64, body: Body) -> Response {
    let mut response = Response::new(body);
    let headers = response.headers_mut();
    headers.insert(header::CONTENT_LENGTH, HeaderValue::from(length));
    for (name, value) in [
        (header::CONTENT_TYPE, "application/octet-stream"),
        (header::CONTENT_DISPOSITION, "attachment"),
        (header::CONTENT_SECURITY_POLICY, "default-src 'none'; sandbox"),
        (header::X_CONTENT_TYPE_OPTIONS, "nosniff"),
        (header::CACHE_CONTROL, "public, max-age=31536000, immutable"),
    ] {
        headers.insert(name, HeaderValue::from_static(value));
    }
    response
}

/// `PUT`.
pub(super) async fn put(State(blobs): State<Blobs>, Path(hash): Path<String>, request: Request) -> Response {
    match take(&blobs, &hash, request).await {
        Ok(status) => {
            let mut response = Response::new(Body::empty());
            *response.status_mut() = status;
            response
        }
        Err((status, why)) => problem::response(status, &why),
    }
}

async fn take(blobs: &Blobs, hash: &str, request: Request) -> Result<StatusCode, Refused> {
    let (hash, source) = (asked(hash)?, source_of(&request));
    let bytes = length_of(request.headers())?;
    let entrance = blobs.judge(hash, bytes, source, request.headers().clone()).await?;
    let bringer = match entrance {
        Entrance::Here => {
            // Read all the same, so that whoever sends it hears the answer and goes on with this connection.
            drop(to_bytes(request.into_body(), BLOB_BYTES_MAX).await);
            return Ok(StatusCode::OK);
        }
        Entrance::Named => None,
        Entrance::Signed(bringer) => Some(bringer),
    };
    let _place = bringer.as_ref().map(|bringer| OnItsWay::begin(blobs, hash, bytes, bringer)).transpose()?;
    let body = to_bytes(request.into_body(), BLOB_BYTES_MAX).await;
    let body = body
        .map_err(|_| refuse(StatusCode::BAD_REQUEST, "the piece did not arrive as a whole: send it again"))?;
    if u64::try_from(body.len()) != Ok(bytes) || !is_of(&hash, &body) {
        return Err(refuse(
            StatusCode::BAD_REQUEST,
            "the bytes are not those of that hash: send the piece again",
        ));
    }
    let shared = blobs.clone();
    let written = blobs.0.api.work(source, move |_| {
        let written = match &bringer {
            None => shared.keep_named(&hash, &body),
            Some(bringer) => shared.0.folder.wait(&bringer.account, &hash, &body),
        };
        written.map_err(|error| {
            tracing::error!("a piece of a file cannot be written: {error}");
            Status::unavailable("the piece cannot be written; the node's log says why")
        })?;
        let mut pending = shared.pending();
        pending.arrived(&hash);
        shared.show_pending(&pending);
        Ok(StatusCode::CREATED)
    });
    written.await.map_err(of_status)
}

fn length_of(headers: &HeaderMap) -> Result<u64, Refused> {
    let length =
        headers.get(header::CONTENT_LENGTH).and_then(|length| length.to_str().ok()?.parse::<u64>().ok());
    let length = length.ok_or_else(|| {
        refuse(StatusCode::LENGTH_REQUIRED, "say with content-length how long the piece is")
    })?;
    let most = u64::try_from(BLOB_BYTES_MAX).unwrap_or(u64::MAX);
    if length == 0 || length > most {
        let why = format!("a piece of a file has 1 to {most} bytes, not {length}");
        return Err(refuse(StatusCode::PAYLOAD_TOO_LARGE, why));
    }
    Ok(length)
}

fn of_status(status: Status) -> Refused {
    (problem::http_status(status.code()), status.message().to_owned())
}

impl Blobs {
    /// Whether a piece may come in, and for whom.
    async fn judge(
        &self,
        hash: BlobHash,
        bytes: u64,
        source: Source,
        headers: HeaderMap,
    ) -> Result<Entrance, Refused> {
        let (shared, pending) = (self.clone(), self.pending().account_of(&hash).is_some());
        let judged = self.0.api.work(source, move |api| {
            let (machine, tip) = (api.ledger().machine(), api.ledger().tip());
            if pending || shared.0.folder.has(&hash) && shared.0.folder.read(&hash, None).is_ok() {
                return Ok(Ok(Entrance::Here));
            }
            let failed = |error: QueryError| Status::internal(error.to_string());
            if machine.names_blob(&tip.snapshot, &hash).map_err(failed)? {
                return Ok(Ok(Entrance::Named));
            }
            let signed = match signed(machine, &headers, hash, bytes) {
                Ok(signed) => signed,
                Err(refused) => return Ok(Err(refused)),
            };
            let newcomer = match standing(machine, &tip.snapshot, &signed).map_err(failed)? {
                Ok(newcomer) => newcomer,
                Err(refused) => return Ok(Err(refused)),
            };
            shared.room()?;
            let account = signed.account.to_string();
            Ok(Ok(Entrance::Signed(Bringer { account, source, newcomer })))
        });
        judged.await.map_err(of_status)?
    }

    /// Whether the disk has room for more than the ledger needs.
    pub(super) fn room(&self) -> Result<(), Status> {
        let place = self.0.folder.path().parent().unwrap_or(self.0.folder.path());
        let room = rustix::fs::statvfs(place);
        let free = room.map_or(u64::MAX, |room| room.f_bavail.saturating_mul(room.f_frsize));
        if free < DISK_RESERVE {
            return Err(Status::unavailable(
                "the node's disk is nearly full, and it takes no files: tell its operator",
            ));
        }
        Ok(())
    }
}

/// Who signed for the piece.
fn signed(
    machine: &Machine,
    headers: &HeaderMap,
    hash: BlobHash,
    bytes: u64,
) -> Result<SignedUpload, Refused> {
    let unsigned = |why: String| refuse(StatusCode::UNAUTHORIZED, why);
    let header =
        headers.get(header::AUTHORIZATION).and_then(|header| header.to_str().ok()).unwrap_or_default();
    let signed =
        SignedUpload::parse(machine.prefix(), header).map_err(|error| unsigned(error.to_string()))?;
    let now = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default().as_secs();
    if !signed.is_fresh(i64::try_from(now).unwrap_or(i64::MAX)) {
        let why =
            "the signature is older than an hour, or of a time to come: set the clock right, and sign again";
        return Err(unsigned(why.to_owned()));
    }
    let upload = Upload { ledger: machine.chain_id(), identity: machine.identity(), blob: &hash, bytes };
    let wrong = "the signature is not the account's over this piece on this ledger";
    signed.verify(&upload).map_err(|_| unsigned(wrong.to_owned()))?;
    Ok(signed)
}

/// Whether an account may bring pieces, and whether the ledger does not know it.
fn standing(
    machine: &Machine,
    snapshot: &Snapshot,
    signed: &SignedUpload,
) -> Result<Result<bool, Refused>, QueryError> {
    let forbidden = |why: &str| Ok(Err(refuse(StatusCode::FORBIDDEN, why)));
    let params = machine.params(snapshot)?.params.unwrap_or_default();
    if params.max_attachment_bytes == 0 {
        return forbidden("this desk takes no files");
    }
    let request = QueryAccountRequest { address: signed.account.to_string() };
    let account = machine.account(snapshot, &request)?;
    if account.state != AccountState::Active.to_wire() {
        return forbidden("the account is not active: ask an administrator");
    }
    Ok(Ok(machine.account_sequence(snapshot, &signed.account)? == 0))
}

/// Room for a piece that is on its way. Where it does not come, the room is given back.
struct OnItsWay<'a> {
    blobs: &'a Blobs,
    hash: BlobHash,
}

impl<'a> OnItsWay<'a> {
    fn begin(blobs: &'a Blobs, hash: BlobHash, bytes: u64, bringer: &Bringer) -> Result<Self, Refused> {
        let begun = blobs.pending().begin(hash, bytes, bringer, SystemTime::now());
        begun.map_err(|why| refuse(StatusCode::TOO_MANY_REQUESTS, why.to_string()))?;
        Ok(Self { blobs, hash })
    }
}

impl Drop for OnItsWay<'_> {
    fn drop(&mut self) {
        self.blobs.pending().broke_off(&self.hash);
    }
}
