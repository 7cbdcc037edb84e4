//! What is asked of the pieces over HTTP. A body is read only once its bringer has been judged.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::SystemTime;

use axum::Json;
use axum::body::{Body, to_bytes};
use axum::extract::{Path, Request, State};
use axum::response::{IntoResponse as _, Response};
use http::{HeaderMap, HeaderValue, Method, StatusCode, header};
use http_body_util::BodyExt as _;
use sealdesk_machine::admission::Standing;
use sealdesk_machine::{Machine, QueryError};
use sealdesk_protocol::account::AccountState;
use sealdesk_protocol::attachment::{BLOB_BYTES_MAX, BlobHash};
use sealdesk_protocol::ids::Address;
use sealdesk_protocol::upload::Upload;
use sealdesk_protocol::wire::virtengine::roles::v1::QueryAccountRequest;
use sealdesk_store::Snapshot;
use serde_json::json;
use tonic::Status;

use super::Blobs;
use super::folder::{hash_of, is_of};
use super::pending::{Bringer, UploadId};
use super::pieces::{unread, unwritten};
use crate::http::body::{self, Unread};
use crate::http::problem;
use crate::http::source::Source;
use crate::signed_request::signer;

/// Bytes that stay free on the disk for the ledger itself.
const DISK_RESERVE: u64 = 256 << 20;
/// Bytes of the smallest piece: the smallest file is padded to 4,096, and so many more are the seal's. The last piece of a file of many is
/// never smaller.
const PIECE_BYTES_MIN: u64 = 4_112;

/// Why a request is refused: a status of HTTP, and in words what happened and what to do.
type Refused = (StatusCode, String);

/// How a piece comes in.
enum Entrance {
    /// It is here already.
    Here,
    /// It has a room. The account that signed for it, where no message names it yet.
    Comes(OnItsWay, Option<String>),
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
    let found = blobs.work(source_of(&request), move |_| {
        let pieces = &shared.0.pieces;
        if head && pieces.check_counted().is_ok() {
            let length = pieces.length(&hash, account.as_deref());
            return Ok(length.map(|length| (length, Body::empty())));
        }
        let read = pieces.read(&hash, account.as_deref()).map_err(|error| unread(&error))?;
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
    let counts = json!({
        "named": found.map(|found| found.named),
        "missing": found.map(|found| found.missing),
        "never_came": found.map(|found| found.never_came),
    });
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
    let Entrance::Comes(place, account) = entrance else {
        // Read all the same, so that whoever sends it hears the answer and goes on with this connection.
        drop(to_bytes(request.into_body(), BLOB_BYTES_MAX).await);
        return Ok(StatusCode::OK);
    };
    let body = to_bytes(place.counted(request.into_body()), BLOB_BYTES_MAX).await;
    let body = body.map_err(|error| match body::unread(error.into()) {
        Some(Unread::Late(why)) => refuse(StatusCode::REQUEST_TIMEOUT, why),
        Some(Unread::NoRoom(status)) => of_status(status),
        None => refuse(StatusCode::BAD_REQUEST, "the piece did not arrive as a whole: send it again"),
    })?;
    if u64::try_from(body.len()) != Ok(bytes) || !is_of(&hash, &body) {
        return Err(refuse(
            StatusCode::BAD_REQUEST,
            "the bytes are not those of that hash: send the piece again",
        ));
    }
    // The room goes with the work: who takes the request back does not have it given back before the file is there and counted.
    let written = blobs.work(source, move |_| place.write(&hash, account.as_deref(), &body));
    written.await.map_err(of_status)
}

fn length_of(headers: &HeaderMap) -> Result<u64, Refused> {
    let length =
        headers.get(header::CONTENT_LENGTH).and_then(|length| length.to_str().ok()?.parse::<u64>().ok());
    let length = length.ok_or_else(|| {
        refuse(StatusCode::LENGTH_REQUIRED, "say with content-length how long the piece is")
    })?;
    let most = u64::try_from(BLOB_BYTES_MAX).unwrap_or(u64::MAX);
    let why = || format!("a piece of a file has {PIECE_BYTES_MIN} to {most} bytes, not {length}");
    if length > most {
        return Err(refuse(StatusCode::PAYLOAD_TOO_LARGE, why()));
    }
    if length < PIECE_BYTES_MIN {
        return Err(refuse(StatusCode::BAD_REQUEST, why()));
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
        let shared = self.clone();
        let judged = self.work(source, move |api| {
            if shared.is_here(&hash, bytes) {
                return Ok(Ok(Entrance::Here));
            }
            let (machine, tip) = (api.ledger().machine(), api.ledger().tip());
            let failed = |error: QueryError| Status::internal(error.to_string());
            let is_named = machine.names_blob(&tip.snapshot, &hash).map_err(failed)?;
            let upload =
                Upload { ledger: machine.chain_id(), identity: machine.identity(), blob: &hash, bytes };
            let standing = signer(machine, &headers, &upload)
                .map(|signer| standing(machine, &tip.snapshot, &signer).map(|standing| (signer, standing)));
            let bringer = match standing {
                Ok(standing) => match standing.map_err(failed)? {
                    (signer, Ok(standing)) => {
                        let account = (!is_named).then(|| signer.to_string());
                        Bringer { account, source, standing }
                    }
                    (_, Err(_)) if is_named => nobody(source),
                    (_, Err(refused)) => return Ok(Err(refused)),
                },
                Err(_) if is_named => nobody(source),
                Err(why) => return Ok(Err(refuse(StatusCode::UNAUTHORIZED, why))),
            };
            shared.room(bytes)?;
            Ok(OnItsWay::begin(&shared, bytes, &bringer).map(|place| Entrance::Comes(place, bringer.account)))
        });
        judged.await.map_err(of_status)?
    }

    /// Whether a piece of so many bytes is kept or waits. What it has is read only where the length is right.
    fn is_here(&self, hash: &BlobHash, bytes: u64) -> bool {
        let (account, pieces) = (self.pending().account_of(hash), &self.0.pieces);
        pieces.length(hash, account.as_deref()) == Some(bytes)
            && pieces.read(hash, account.as_deref()).is_ok_and(|found| found.is_some())
    }

    /// Whether the disk has room for more than the ledger needs, and it is known how much is kept.
    pub(super) fn room(&self, bytes: u64) -> Result<(), Status> {
        self.0.pieces.check_counted()?;
        let folder = self.0.pieces.folder().path();
        let place = folder.parent().unwrap_or(folder);
        let room = rustix::fs::statvfs(place);
        let free = room.map_or(u64::MAX, |room| room.f_bavail.saturating_mul(room.f_frsize));
        if !leaves_reserve(free, self.pending().coming_bytes(), bytes) {
            return Err(Status::unavailable(
                "the node's disk is nearly full, and it takes no files: tell its operator",
            ));
        }
        Ok(())
    }
}

/// Whether of so many free bytes enough are left, with what is on its way and with this piece.
fn leaves_reserve(free: u64, coming: u64, bytes: u64) -> bool {
    free.saturating_sub(coming).saturating_sub(bytes) >= DISK_RESERVE
}

/// Who brings a piece that a message names, and need not sign.
fn nobody(source: Source) -> Bringer {
    Bringer { account: None, source, standing: Standing::Newcomer }
}

/// Whether an account may bring pieces, and what it is to the ledger.
fn standing(
    machine: &Machine,
    snapshot: &Snapshot,
    account: &Address,
) -> Result<Result<Standing, Refused>, QueryError> {
    let forbidden = |why: &str| Ok(Err(refuse(StatusCode::FORBIDDEN, why)));
    let params = machine.params(snapshot)?.params.unwrap_or_default();
    if params.max_attachment_bytes == 0 {
        return forbidden("this desk takes no files");
    }
    let request = QueryAccountRequest { address: account.to_string() };
    let found = machine.account(snapshot, &request)?;
    if found.state != AccountState::Active.to_wire() {
        return forbidden("the account is not active: ask an administrator");
    }
    Ok(Ok(machine.standing(snapshot, account)?))
}

/// Room for a piece that is on its way, until it has been written or broke off: then what is left of the room is given back.
pub(super) struct OnItsWay {
    blobs: Blobs,
    upload: UploadId,
    /// How many of its bytes have come.
    arrived: Arc<AtomicU64>,
}

impl OnItsWay {
    pub(super) fn begin(blobs: &Blobs, bytes: u64, bringer: &Bringer) -> Result<Self, Refused> {
        let begun = blobs.pending().begin(bytes, bringer, SystemTime::now());
        let upload = begun.map_err(|why| refuse(StatusCode::TOO_MANY_REQUESTS, why.to_string()))?;
        Ok(Self { blobs: blobs.clone(), upload, arrived: Arc::default() })
    }

    /// The body that brings it, of which each byte is counted as it comes.
    fn counted(&self, body: Body) -> Body {
        let arrived = self.arrived.clone();
        Body::new(body.map_frame(move |frame| {
            let bytes = frame.data_ref().map_or(0, |data| data.len().try_into().unwrap_or(u64::MAX));
            arrived.fetch_add(bytes, Ordering::Relaxed);
            frame
        }))
    }

    /// Keeps the piece: for good, or until it is named for the account that signed for it.
    pub(super) fn write(
        self,
        hash: &BlobHash,
        account: Option<&str>,
        body: &[u8],
    ) -> Result<StatusCode, Status> {
        let failed = |error: std::io::Error| unwritten(&error);
        let bytes = u64::try_from(body.len()).unwrap_or(u64::MAX);
        let (pieces, _alone) = (&self.blobs.0.pieces, self.blobs.alone(hash));
        // Another upload of it may have been first.
        if self.blobs.is_here(hash, bytes) {
            return Ok(StatusCode::OK);
        }
        match account {
            None => {
                self.check_named(hash)?;
                let before = pieces.keep(hash, body).map_err(failed)?;
                let mut pending = self.blobs.pending();
                pending.removed(before);
                pending.kept(bytes);
                drop(pending);
                self.blobs.came().add(&[*hash]);
            }
            Some(account) => {
                pieces.folder().wait(account, hash, body).map_err(failed)?;
                self.blobs.pending().arrived(self.upload, *hash);
            }
        }
        self.blobs.show_pending(&self.blobs.pending());
        Ok(StatusCode::CREATED)
    }

    /// The message that named it may have been erased meanwhile: then it must not come back.
    fn check_named(&self, hash: &BlobHash) -> Result<(), Status> {
        let ledger = self.blobs.0.api.ledger();
        let is_named = ledger.machine().names_blob(&ledger.tip().snapshot, hash);
        match is_named.map_err(|error| Status::internal(error.to_string()))? {
            true => Ok(()),
            false => Err(Status::failed_precondition("no message names that piece any more")),
        }
    }
}

impl Drop for OnItsWay {
    fn drop(&mut self) {
        self.blobs.pending().ended(self.upload, self.arrived.load(Ordering::Relaxed));
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use sealdesk_protocol::attachment::{CHUNK_BYTES, Layout};
    use sha2::{Digest as _, Sha256};

    use super::*;
    use crate::api::Api;
    use crate::desk::{Memory, clock, open};
    use crate::home::BlobsConfig;

    fn here(dir: &tempfile::TempDir) -> Blobs {
        let solo = open(Memory::default().disks(), &clock()).unwrap();
        Blobs::open(
            dir.path(),
            Api::new(solo.handle().clone(), BTreeMap::new()),
            None,
            &BlobsConfig::default(),
        )
        .unwrap()
    }

    fn bringer(account: &str) -> Bringer {
        let source = Source::Other([10, 0, 0, 1].into());
        Bringer { account: Some(account.to_owned()), source, standing: Standing::Known }
    }

    #[test]
    fn no_piece_of_a_file_is_smaller_than_the_smallest_that_is_taken() {
        let chunk = u64::from(CHUNK_BYTES);
        let sizes = (1..40).flat_map(|n| [n * chunk - 1, n * chunk, n * chunk + 1]).chain([0, 1, 4_095]);
        for layout in sizes.filter_map(Layout::of_file) {
            let last = layout.chunk_bytes(layout.chunks() - 1);
            assert!(u64::from(last) + 16 >= PIECE_BYTES_MIN, "{layout:?}");
        }
    }

    #[test]
    fn what_is_on_its_way_leaves_the_reserve_too() {
        let mib = 1 << 20;
        assert!(leaves_reserve(DISK_RESERVE + 3 * mib, 2 * mib, mib));
        assert!(!leaves_reserve(DISK_RESERVE + 3 * mib, 3 * mib, mib));
        assert!(!leaves_reserve(0, 0, 1));
    }

    #[test]
    fn of_two_uploads_of_one_piece_whoever_writes_it_has_it_counted() {
        let dir = tempfile::tempdir().unwrap();
        let blobs = here(&dir);
        let (piece, other) = (vec![7_u8; 5_000], vec![8_u8; 5_000]);
        let hash = BlobHash::from(Sha256::digest(&piece));
        let begin = |account: &str| OnItsWay::begin(&blobs, 5_000, &bringer(account)).unwrap();
        let (first, second) = (begin("ann"), begin("bob"));
        drop(second);
        assert_eq!(blobs.pending().bytes(), 5_000, "bob gives back his own room alone");
        let second = begin("bob");
        drop(first);
        assert_eq!(second.write(&hash, Some("bob"), &piece).unwrap(), StatusCode::CREATED);
        assert_eq!(blobs.pending().bytes(), 5_000);
        assert_eq!(blobs.pending().account_of(&hash), Some("bob".to_owned()));
        let late = begin("ann");
        assert_eq!(late.write(&hash, Some("ann"), &piece).unwrap(), StatusCode::OK);
        assert_eq!(blobs.0.pieces.folder().pending().unwrap().len(), 1, "no file beside the counted one");
        let other_hash = BlobHash::from(Sha256::digest(&other));
        let refused = begin("ann").write(&other_hash, None, &other);
        assert_eq!(refused.unwrap_err().code(), tonic::Code::FailedPrecondition);
        assert_eq!(blobs.pending().pieces(), 1);
    }

    #[test]
    fn what_waits_no_more_in_the_folder_is_done() {
        let dir = tempfile::tempdir().unwrap();
        let blobs = here(&dir);
        let hash = [9; 32];
        assert!(!blobs.0.pieces.folder().name("ann", &hash).unwrap());
    }

    #[test]
    fn a_piece_of_another_length_is_not_read() {
        let dir = tempfile::tempdir().unwrap();
        let blobs = here(&dir);
        let piece = vec![7_u8; 5_000];
        let hash = BlobHash::from(Sha256::digest(&piece));
        blobs.0.pieces.folder().keep(&hash, &piece).unwrap();
        assert!(blobs.is_here(&hash, 5_000) && !blobs.is_here(&hash, 4_999));
    }
}
