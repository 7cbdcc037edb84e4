//! Sealed pieces of files at a node, and erasing there: plain HTTP beside gRPC, over the same transport.

use bytes::Bytes;
use http::{Method, Request, StatusCode, header};
use http_body_util::{BodyExt as _, Full, Limited};
use sealdesk_protocol::attachment::{BLOB_BYTES_MAX, BlobHash};
use sealdesk_protocol::ids::TicketId;
use serde::Deserialize;
use tonic::body::Body;

use super::{Node, NodeError, Transport};
use crate::time::within;

/// What the calls are named in errors.
const CALL: &str = "/blobs";
/// Bytes of an answer that says why not.
const WORDS_BYTES_MAX: usize = 4_096;

/// What a node says to a piece that it is brought.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Brought {
    /// It has it now.
    Kept,
    /// It is refused, in its words; asking again changes nothing.
    Refused(String),
}

/// How many pieces of files a node counted, by its word.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
pub struct PiecesCounted {
    /// Named by messages; `None` before the node has looked at all of them.
    pub named: Option<u64>,
    /// Of these, at the node once and not any more.
    pub missing: Option<u64>,
    /// Of these, never brought to the node.
    pub never_came: Option<u64>,
}

impl<T: Transport> Node<T> {
    /// What the node counts of the pieces of files; `None` where it does not count them, as older ones.
    ///
    /// # Errors
    /// [`NodeError::Unreachable`], [`NodeError::Silent`], [`NodeError::Answer`].
    pub async fn pieces(&self) -> Result<Option<PiecesCounted>, NodeError> {
        let (status, words) = self.plain(Method::GET, CALL.to_owned(), None, WORDS_BYTES_MAX).await?;
        match status {
            StatusCode::OK => Ok(serde_json::from_slice(&words).ok()),
            StatusCode::NOT_FOUND => Ok(None),
            status => Err(self.answered(status, &words)),
        }
    }

    /// Whether the node has a piece.
    ///
    /// # Errors
    /// [`NodeError::Unreachable`], [`NodeError::Silent`].
    pub(crate) async fn has_blob(&self, hash: &BlobHash) -> Result<bool, NodeError> {
        let (status, _) = self.plain(Method::HEAD, path(hash), None, WORDS_BYTES_MAX).await?;
        Ok(status == StatusCode::OK)
    }

    /// Brings a piece. `authorization` is who signed for it.
    ///
    /// # Errors
    /// [`NodeError::Unreachable`], [`NodeError::Silent`]; [`NodeError::Answer`] where it may help to ask again.
    pub(crate) async fn put_blob(
        &self,
        hash: &BlobHash,
        bytes: Bytes,
        authorization: &str,
    ) -> Result<Brought, NodeError> {
        let (status, words) =
            self.plain(Method::PUT, path(hash), Some((bytes, authorization)), WORDS_BYTES_MAX).await?;
        match status {
            StatusCode::OK | StatusCode::CREATED => Ok(Brought::Kept),
            status if status.is_client_error() && status != StatusCode::REQUEST_TIMEOUT => {
                Ok(Brought::Refused(in_words(status, &words)))
            }
            status => Err(self.answered(status, &words)),
        }
    }

    /// A piece; `None` where the node does not have it.
    ///
    /// # Errors
    /// As [`Node::put_blob`].
    pub(crate) async fn get_blob(&self, hash: &BlobHash) -> Result<Option<Bytes>, NodeError> {
        let (status, bytes) = self.plain(Method::GET, path(hash), None, BLOB_BYTES_MAX).await?;
        match status {
            StatusCode::OK => Ok(Some(bytes)),
            StatusCode::NOT_FOUND => Ok(None),
            status => Err(self.answered(status, &bytes)),
        }
    }

    /// Has the node erase a ticket: its answer, or why not in its words.
    ///
    /// # Errors
    /// As [`Node::put_blob`].
    pub(crate) async fn erase(
        &self,
        ticket: TicketId,
        authorization: &str,
    ) -> Result<Result<Bytes, String>, NodeError> {
        let (path, brought) = (format!("/erase/{ticket}"), Some((Bytes::new(), authorization)));
        let (status, words) = self.plain(Method::POST, path, brought, WORDS_BYTES_MAX).await?;
        match status {
            StatusCode::OK => Ok(Ok(words)),
            status if status.is_client_error() => Ok(Err(in_words(status, &words))),
            status => Err(self.answered(status, &words)),
        }
    }

    async fn plain(
        &self,
        method: Method,
        path: String,
        brought: Option<(Bytes, &str)>,
        bytes_max: usize,
    ) -> Result<(StatusCode, Bytes), NodeError> {
        let mut request = Request::builder().method(method).uri(path);
        let body = match brought {
            None => Body::empty(),
            Some((bytes, authorization)) => {
                request = request
                    .header(header::AUTHORIZATION, authorization)
                    .header(header::CONTENT_TYPE, "application/octet-stream")
                    .header(header::CONTENT_LENGTH, bytes.len());
                Body::new(Full::new(bytes))
            }
        };
        let request = request.body(body).map_err(|error| self.away(&error.to_string()))?;
        let mut transport = self.transport.clone();
        let answer = async {
            let ready = std::future::poll_fn(|cx| transport.poll_ready(cx)).await;
            ready.map_err(|error| self.away(&error.into().to_string()))?;
            let response =
                transport.call(request).await.map_err(|error| self.away(&error.into().to_string()))?;
            let (head, body) = response.into_parts();
            let body = Limited::new(Body::new(body), bytes_max).collect().await;
            let body = body.map_err(|error| self.away(&error.to_string()))?;
            Ok((head.status, body.to_bytes()))
        };
        within(self.patience, answer).await.unwrap_or_else(|| Err(self.silent(CALL)))
    }

    fn away(&self, why: &str) -> NodeError {
        NodeError::Unreachable { node: self.address.clone(), why: why.to_owned() }
    }

    fn answered(&self, status: StatusCode, words: &[u8]) -> NodeError {
        let (code, message) = (status.to_string(), in_words(status, words));
        NodeError::Answer { node: self.address.clone(), call: CALL, code, message }
    }
}

fn path(hash: &BlobHash) -> String {
    format!("/blobs/{}", hex::encode(hash))
}

/// What a problem of RFC 9457 says in detail, on one line and not at length; else the status.
fn in_words(status: StatusCode, body: &[u8]) -> String {
    let detail = serde_json::from_slice::<serde_json::Value>(body).ok();
    let detail = detail.as_ref().and_then(|detail| detail.get("detail")?.as_str());
    let words = detail.map_or_else(|| status.to_string(), sealdesk_protocol::text::line);
    words.chars().take(300).collect()
}
