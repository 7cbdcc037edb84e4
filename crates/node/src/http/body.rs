//! Bodies of requests and answers on their way: counted in a [`Budget`], and watched for progress.

use std::future::Future as _;
use std::pin::Pin;
use std::sync::{Arc, Mutex, PoisonError};
use std::task::{Context, Poll, ready};
use std::time::Duration;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD as BASE64;
use hyper::body::{Body, Bytes, Frame, SizeHint};
use tokio::time::{Instant, Sleep};
use tonic::Status;

use super::activity::{Activity, OpenRequest, Unread};
use super::budget::{Budget, Share};
use super::retry::{busy, busy_answering};
use super::source::Source;

/// How long a request's body may stay away.
pub(crate) const BODY_WAIT: Duration = Duration::from_secs(30);
/// How long it may take as a whole, in however many pieces it comes. A call that streams both ways is not answered before its body has
/// ended, so that a bound on answers does not bound it.
pub(crate) const BODY_MAX: Duration = Duration::from_secs(60);
/// Bytes of a request, or of an answer, that no budget counts: queries and short answers go on when a budget is spent. The places and
/// the streams of each connection bound them.
pub(crate) const UNCOUNTED_BYTES: usize = 4_096;
/// Most bytes that are handed on to be sent at once, so that progress is seen.
const CHUNK_BYTES: usize = 16_384;

/// How gRPC-web marks the frame of trailers.
const GRPC_WEB_TRAILERS: u8 = 0x80;

/// How long a request may take until its answer begins, the time to send it included.
pub(crate) const REQUEST_WAIT: Duration = Duration::from_secs(60);

/// Where the bytes of all requests and answers are counted. A request's extensions have it, for those who make answers in pieces or serve
/// what a connection was upgraded to.
#[derive(Clone)]
pub(crate) struct Memory {
    pub(crate) requests: Arc<Budget>,
    pub(crate) answers: Arc<Budget>,
}

/// What a request holds while it arrives, and until it is answered.
pub(crate) type Held = Arc<Mutex<Share>>;

/// A request's body.
pub(crate) struct Arriving<B> {
    body: B,
    bytes: usize,
    held: Held,
    activity: Arc<Activity>,
    deadline: Pin<Box<Sleep>>,
    /// When all of it has to be there.
    whole: Instant,
}

impl<B> Arriving<B> {
    /// A body that begins to arrive, after a head of so many bytes.
    pub(crate) fn new(body: B, head_bytes: usize, held: Held, activity: Arc<Activity>) -> Self {
        let deadline = Box::pin(tokio::time::sleep(BODY_WAIT));
        Self { body, bytes: head_bytes, held, activity, deadline, whole: Instant::now() + BODY_MAX }
    }

    fn count(&mut self, bytes: usize) -> Result<(), Status> {
        let counted = |bytes: usize| bytes.saturating_sub(UNCOUNTED_BYTES);
        let before = counted(self.bytes);
        self.bytes = self.bytes.saturating_add(bytes);
        let mut share = self.held.lock().unwrap_or_else(PoisonError::into_inner);
        share
            .grow(counted(self.bytes) - before)
            .map_err(|_| busy("it holds as many bytes of requests as it can"))
    }
}

impl<B> Body for Arriving<B>
where
    B: Body<Data = Bytes> + Unpin,
    B::Error: std::error::Error + Send + Sync + 'static,
{
    type Data = Bytes;
    type Error = Status;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, Status>>> {
        let Poll::Ready(frame) = Pin::new(&mut self.body).poll_frame(cx) else {
            ready!(self.deadline.as_mut().poll(cx));
            let (seconds, whole) = (BODY_WAIT.as_secs(), BODY_MAX.as_secs());
            let late = format!(
                "the rest of the request did not come within {seconds} seconds, or all of it within {whole}"
            );
            return Poll::Ready(Some(Err(Status::deadline_exceeded(late))));
        };
        let Some(frame) = frame else { return Poll::Ready(None) };
        let frame = match frame {
            Ok(frame) => frame,
            Err(error) => return Poll::Ready(Some(Err(Status::from_error(Box::new(error))))),
        };
        let bytes = frame.data_ref().map_or(0, Bytes::len);
        if bytes > 0 {
            self.activity.progress();
            let end = self.whole.min(Instant::now() + BODY_WAIT);
            self.deadline.as_mut().reset(end);
            self.count(bytes)?;
        }
        Poll::Ready(Some(Ok(frame)))
    }

    fn is_end_stream(&self) -> bool {
        self.body.is_end_stream()
    }

    fn size_hint(&self) -> SizeHint {
        self.body.size_hint()
    }
}

/// Where an answer's bytes are counted, and for whom.
#[derive(Clone)]
pub(crate) struct Outbox {
    pub(crate) budget: Arc<Budget>,
    pub(crate) source: Source,
    pub(crate) activity: Arc<Activity>,
}

/// How a stream ends before its time, so that its peer learns why.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Ending {
    /// With trailers.
    Grpc,
    /// With a frame that holds trailers, or with that in base64.
    GrpcWeb {
        /// Whether it is base64.
        text: bool,
    },
    /// With nothing more: the body breaks off.
    Plain,
}

impl Ending {
    /// The ending of an answer with this `content-type`.
    pub(crate) fn of(content_type: Option<&http::HeaderValue>) -> Self {
        let content_type = content_type.map_or(&b""[..], http::HeaderValue::as_bytes);
        match content_type {
            text if text.starts_with(b"application/grpc-web-text") => Self::GrpcWeb { text: true },
            web if web.starts_with(b"application/grpc-web") => Self::GrpcWeb { text: false },
            grpc if grpc.starts_with(b"application/grpc") => Self::Grpc,
            _ => Self::Plain,
        }
    }

    /// The last frame of a stream that ends with this reason.
    fn frame(self, reason: Status) -> Result<Frame<Bytes>, Status> {
        let Self::GrpcWeb { text } = self else {
            if self == Self::Plain {
                return Err(reason);
            }
            let mut trailers = http::HeaderMap::new();
            return reason.add_header(&mut trailers).map(|()| Frame::trailers(trailers));
        };
        let mut trailers = http::HeaderMap::new();
        reason.add_header(&mut trailers)?;
        let mut lines = Vec::new();
        for (name, value) in &trailers {
            lines.extend([name.as_str().as_bytes(), b":", value.as_bytes(), b"\r\n"].concat());
        }
        let length = u32::try_from(lines.len()).unwrap_or(u32::MAX).to_be_bytes();
        let frame = [&[GRPC_WEB_TRAILERS][..], &length, &lines].concat();
        let frame = if text { BASE64.encode(frame).into_bytes() } else { frame };
        Ok(Frame::data(frame.into()))
    }
}

/// An answer's body. What it hands on stays counted until its peer has been sent it.
pub(crate) struct Leaving {
    body: axum::body::Body,
    ending: Ending,
    outbox: Outbox,
    /// What is left of the part at hand.
    part: Option<(Bytes, Arc<Part>)>,
    /// What was there when the answer began, if it has not been handed on.
    first: Option<Frame<Bytes>>,
    ended: bool,
    _open: OpenRequest,
}

/// A part of an answer, in memory until all its chunks are sent.
struct Part {
    unread: Unread,
    _share: Option<Share>,
}

/// Bytes on their way to the peer.
struct Chunk {
    bytes: Bytes,
    part: Arc<Part>,
}

impl AsRef<[u8]> for Chunk {
    fn as_ref(&self) -> &[u8] {
        &self.bytes
    }
}

impl Drop for Chunk {
    fn drop(&mut self) {
        self.part.unread.progress();
    }
}

impl Leaving {
    /// An answer that begins. What is ready of it is counted now: it is in memory whether or not its peer reads.
    ///
    /// # Errors
    /// What to say instead, where no budget is left for it.
    pub(crate) async fn begin(
        body: axum::body::Body,
        ending: Ending,
        outbox: Outbox,
        open: OpenRequest,
    ) -> Result<Self, (Status, OpenRequest)> {
        let mut leaving = Self { ending, ..Self::short(body, outbox, open) };
        let polled = std::future::poll_fn(|cx| Poll::Ready(Pin::new(&mut leaving.body).poll_frame(cx))).await;
        match polled {
            Poll::Pending => {}
            Poll::Ready(None) => leaving.ended = true,
            Poll::Ready(Some(Err(error))) => return Err((Status::from_error(error.into()), leaving._open)),
            Poll::Ready(Some(Ok(frame))) => {
                if let Err(status) = leaving.accept(frame) {
                    return Err((status, leaving._open));
                }
            }
        }
        Ok(leaving)
    }

    /// A body that is not counted: an error's, which is empty or has a few words.
    pub(crate) fn short(body: axum::body::Body, outbox: Outbox, open: OpenRequest) -> Self {
        Self { body, ending: Ending::Plain, outbox, part: None, first: None, ended: false, _open: open }
    }

    /// Counts a frame and keeps it to be handed on.
    fn accept(&mut self, frame: Frame<Bytes>) -> Result<(), Status> {
        let bytes = match frame.into_data() {
            Ok(bytes) => bytes,
            Err(frame) => {
                self.first = Some(frame);
                return Ok(());
            }
        };
        let Outbox { budget, source, activity } = &self.outbox;
        let share = match bytes.len() {
            ..=UNCOUNTED_BYTES => None,
            long => {
                let taken = budget.take(*source, long);
                Some(taken.map_err(|_| busy_answering("too many of its answers have not been read"))?)
            }
        };
        let unread = activity.unread(bytes.len());
        self.part = Some((bytes, Arc::new(Part { unread, _share: share })));
        Ok(())
    }

    /// The next of what was accepted.
    fn next(&mut self) -> Option<Frame<Bytes>> {
        if let Some((bytes, part)) = &mut self.part {
            let chunk = Chunk { bytes: bytes.split_to(bytes.len().min(CHUNK_BYTES)), part: part.clone() };
            if bytes.is_empty() {
                self.part = None;
            }
            return Some(Frame::data(Bytes::from_owner(chunk)));
        }
        self.first.take()
    }
}

impl Body for Leaving {
    type Data = Bytes;
    type Error = Status;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, Status>>> {
        loop {
            if let Some(frame) = self.next() {
                return Poll::Ready(Some(Ok(frame)));
            }
            if self.ended {
                return Poll::Ready(None);
            }
            let refused = match ready!(Pin::new(&mut self.body).poll_frame(cx)) {
                None => return Poll::Ready(None),
                Some(Err(error)) => Status::from_error(error.into()),
                Some(Ok(frame)) => match self.accept(frame) {
                    Ok(()) => continue,
                    Err(status) => status,
                },
            };
            // A stream ends with its reason, as any answer.
            self.ended = true;
            return Poll::Ready(Some(self.ending.frame(refused)));
        }
    }

    fn is_end_stream(&self) -> bool {
        self.part.is_none() && self.first.is_none() && (self.ended || self.body.is_end_stream())
    }

    fn size_hint(&self) -> SizeHint {
        let part = self.part.as_ref().map_or(0, |(bytes, _)| u64::try_from(bytes.len()).unwrap_or(u64::MAX));
        let rest = if self.ended { SizeHint::with_exact(0) } else { self.body.size_hint() };
        let mut hint = SizeHint::new();
        hint.set_lower(rest.lower().saturating_add(part));
        if let Some(upper) = rest.upper().and_then(|upper| upper.checked_add(part)) {
            hint.set_upper(upper);
        }
        hint
    }
}

#[cfg(test)]
mod tests {
    use std::convert::Infallible;

    use http_body_util::{BodyExt as _, StreamBody};
    use prometheus::Gauge;
    use tokio_stream::wrappers::ReceiverStream;
    use tonic::Code;

    use super::super::budget::Bounds;
    use super::*;

    #[test]
    fn a_stream_that_is_cut_off_says_why_in_the_way_of_its_protocol() {
        let ending = |text: &'static str| Ending::of(Some(&http::HeaderValue::from_static(text)));
        let cut = || Status::resource_exhausted("too much");
        let trailers = ending("application/grpc+proto").frame(cut()).unwrap().into_trailers().unwrap();
        assert_eq!(trailers["grpc-status"], "8");
        let frame = ending("application/grpc-web+proto").frame(cut()).unwrap().into_data().unwrap();
        let length = u32::from_be_bytes(frame[1..5].try_into().unwrap());
        assert_eq!((frame[0], usize::try_from(length).unwrap()), (GRPC_WEB_TRAILERS, frame.len() - 5));
        assert!(frame[5..].starts_with(b"grpc-status:8\r\n"), "{frame:?}");
        let text = ending("application/grpc-web-text+proto").frame(cut()).unwrap().into_data().unwrap();
        assert_eq!(BASE64.decode(text).unwrap(), frame);
        assert_eq!(ending("text/event-stream").frame(cut()).unwrap_err().message(), "too much");
        assert_eq!(Ending::of(None), Ending::Plain);
    }

    #[tokio::test(start_paused = true)]
    async fn a_request_that_comes_in_drips_ends_in_the_end() {
        let shown = Gauge::new("held", "What is held.").unwrap();
        let budget = Budget::new(Bounds { all: 1 << 20, per_source: 1 << 20, own: 1 << 20 }, shown.clone());
        let held = Arc::new(Mutex::new(budget.share(Source::Own)));
        let (drip, drips) = tokio::sync::mpsc::channel(1);
        tokio::spawn(async move {
            while drip.send(Ok::<_, Infallible>(Frame::data(Bytes::from_static(&[0; 5_000])))).await.is_ok() {
                tokio::time::sleep(BODY_WAIT - Duration::from_secs(1)).await;
            }
        });
        let begun = Instant::now();
        let body =
            Arriving::new(StreamBody::new(ReceiverStream::new(drips)), 0, held.clone(), Activity::new());
        drop(held);
        let ended = tokio::time::timeout(Duration::from_secs(3_600), body.collect())
            .await
            .expect("it is not held for an hour");
        assert_eq!(ended.err().unwrap().code(), Code::DeadlineExceeded);
        assert_eq!(begun.elapsed(), BODY_MAX);
        assert!(shown.get().abs() < f64::EPSILON, "nothing of it is held");
    }
}
