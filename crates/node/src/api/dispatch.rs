//! Any unary call by its path: the one way by which JSON-RPC's `abci_query`, REST and whatever comes later reach the gRPC services.
//!
//! The call goes through the same [`Routes`] as one that arrives over HTTP/2, so that bounds, turns, admission and errors are the same
//! by every door.

use std::collections::BTreeSet;
use std::sync::LazyLock;

use bytes::{BufMut as _, Bytes, BytesMut};
use http::HeaderMap;
use http_body_util::{BodyExt as _, Full, LengthLimitError, Limited};
use prost::Message as _;
use prost_types::FileDescriptorSet;
use sealdesk_protocol::wire;
use tonic::service::Routes;
use tonic::{Code, Status};
use tower::Service as _;

use super::{REQUEST_BYTES_MAX, RESPONSE_BYTES_MAX};
use crate::http::source::Source;

/// The one method that hands something in: a signed transaction. All others ask.
pub(crate) const BROADCAST: &str = "/cosmos.tx.v1beta1.Service/BroadcastTx";
/// Bytes before a message in gRPC: whether it is compressed, and its length.
const FRAME_BYTES: usize = 5;

/// The paths of the methods that answer one message with one. A method that streams may never end, and what it sends would be collected.
pub(crate) static UNARY: LazyLock<BTreeSet<String>> = LazyLock::new(|| {
    let files = FileDescriptorSet::decode(wire::DESCRIPTORS).unwrap_or_default().file;
    let mut unary = BTreeSet::new();
    for file in &files {
        for service in &file.service {
            let methods = service
                .method
                .iter()
                .filter(|method| !method.client_streaming() && !method.server_streaming());
            unary.extend(
                methods.map(|method| format!("/{}.{}/{}", file.package(), service.name(), method.name())),
            );
        }
    }
    unary
});

/// The node's services, by path.
#[derive(Clone, Debug)]
pub(crate) struct Dispatch(Routes);

/// A call of a unary method.
#[derive(Debug)]
pub(crate) struct Call<'a> {
    /// Whose it is.
    pub(crate) source: Source,
    /// `/package.Service/Method`.
    pub(crate) path: &'a str,
    /// gRPC metadata that comes with it.
    pub(crate) metadata: HeaderMap,
    /// The request, encoded.
    pub(crate) message: Bytes,
}

/// What a unary method answered.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Answer {
    /// Its message, encoded.
    pub(crate) message: Bytes,
    /// Seconds after which to come back, where what was asked for was not done now.
    pub(crate) retry_after: Option<u32>,
}

impl Dispatch {
    /// Calls of these services.
    pub(crate) fn new(routes: Routes) -> Self {
        Self(routes)
    }

    /// Calls a unary method, and returns its answer, encoded.
    ///
    /// # Errors
    /// What the service says; [`Code::Unimplemented`] where there is no such method or it streams.
    pub(crate) async fn unary(&self, call: Call<'_>) -> Result<Answer, Status> {
        if !UNARY.contains(call.path) {
            return Err(Status::unimplemented(
                "the method does not exist, or does not answer with one message",
            ));
        }
        let request = request(call)?;
        let Ok(response) = self.0.clone().call(request).await;
        let (head, body) = response.into_parts();
        if let Some(status) = Status::from_header_map(&head.headers) {
            let nothing = Answer { message: Bytes::new(), retry_after: None };
            return if status.code() == Code::Ok { Ok(nothing) } else { Err(status) };
        }
        let retry_after = seconds(&head.headers);
        Ok(Answer { message: collected(body).await?, retry_after })
    }
}

/// The one message of an answer that is as long as answers may be.
async fn collected<B>(body: B) -> Result<Bytes, Status>
where
    B: hyper::body::Body<Data = Bytes>,
    B::Error: Into<Box<dyn std::error::Error + Send + Sync>>,
{
    let collected = Limited::new(body, RESPONSE_BYTES_MAX + FRAME_BYTES).collect().await;
    let collected = collected.map_err(|error| match error.is::<LengthLimitError>() {
        true => Status::out_of_range(format!("the answer has more than {RESPONSE_BYTES_MAX} bytes")),
        false => Status::from_error(error),
    })?;
    match collected.trailers().and_then(Status::from_header_map) {
        Some(status) if status.code() == Code::Ok => message(collected.to_bytes()),
        Some(status) => Err(status),
        None => Err(Status::internal("the service did not say how the call ended")),
    }
}

/// After how many seconds to come back, where an answer says so.
fn seconds(headers: &HeaderMap) -> Option<u32> {
    headers.get(http::header::RETRY_AFTER)?.to_str().ok()?.parse().ok()
}

/// The request as it would arrive over HTTP/2.
fn request(call: Call<'_>) -> Result<http::Request<Full<Bytes>>, Status> {
    if call.message.len() > REQUEST_BYTES_MAX {
        return Err(Status::out_of_range(format!("a request has at most {REQUEST_BYTES_MAX} bytes")));
    }
    let length =
        u32::try_from(call.message.len()).map_err(|_| Status::out_of_range("the request is too long"))?;
    let mut framed = BytesMut::with_capacity(FRAME_BYTES + call.message.len());
    framed.put_u8(0);
    framed.put_u32(length);
    framed.put(call.message);
    let mut request = http::Request::post(call.path)
        .header(http::header::CONTENT_TYPE, "application/grpc")
        .body(Full::new(framed.freeze()))
        .map_err(|_| Status::invalid_argument("this is not the path of a method"))?;
    request.headers_mut().extend(call.metadata);
    request.extensions_mut().insert(call.source);
    Ok(request)
}

/// The one message of an answer.
fn message(mut body: Bytes) -> Result<Bytes, Status> {
    let framed = |body: &Bytes| {
        let length = body.get(1..FRAME_BYTES)?.try_into().ok().map(u32::from_be_bytes)?;
        (body.first() == Some(&0) && usize::try_from(length).ok()? == body.len() - FRAME_BYTES).then_some(())
    };
    if framed(&body).is_none() {
        return Err(Status::unimplemented("this method does not answer with one message"));
    }
    Ok(body.split_off(FRAME_BYTES))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn an_answer_is_collected_no_further_than_answers_may_go() {
        let endless = futures_util::stream::repeat_with(|| {
            Ok::<_, Status>(hyper::body::Frame::data(Bytes::from_static(&[0; 65_536])))
        });
        let refused = collected(http_body_util::StreamBody::new(Box::pin(endless))).await.unwrap_err();
        assert_eq!(refused.code(), Code::OutOfRange, "{refused}");
    }

    #[test]
    fn no_method_that_streams_is_called() {
        for path in ["/sealdesk.ledger.v1.Ledger/Follow", "/grpc.health.v1.Health/Watch"] {
            assert!(!UNARY.contains(path), "{path}");
        }
        assert!(UNARY.contains("/sealdesk.ledger.v1.Ledger/Status"));
    }
}
