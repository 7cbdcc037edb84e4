//! Bodies of requests and answers on their way: counted in a [`Budget`], and watched for progress.

use std::future::Future;
use std::pin::Pin;
use std::sync::{Arc, Mutex, PoisonError};
use std::task::{Context, Poll, ready};
use std::time::Duration;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD as BASE64;
use hyper::body::{Body, Bytes, Frame, SizeHint};
use tokio::time::{Instant, Sleep};
use tonic::{Code, Status};

use super::activity::{self, Activity, OpenRequest};
use super::budget::{Budget, Share};
use super::meter::{Meter, Rate};
use super::retry::{busy, busy_answering};
use super::source::Source;

/// How long a request's body may stay away.
pub(crate) const BODY_WAIT: Duration = Duration::from_secs(30);
/// How long it may take as a whole, in however many pieces it comes. A call that streams both ways is not answered before its body has
/// ended, so that a bound on answers does not bound it.
pub(crate) const BODY_MAX: Duration = Duration::from_secs(60);
/// What is still read of a request that was answered before its end, and thrown away: a peer that is hung up on while it sends does not
/// hear the answer.
const LEFT_BYTES_MAX: usize = 16 << 20;
/// How long that may take.
const LEFT_WAIT: Duration = Duration::from_secs(10);
/// Bytes of a request, or of an answer, that no budget counts: queries and short answers go on when a budget is spent. The places and
/// the streams of each connection bound them.
pub(crate) const UNCOUNTED_BYTES: usize = 4_096;
const KIB: usize = 1_024;
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
    /// How fast requests arrive, by [`REQUEST_KIB`].
    pub(crate) pace: Arc<Meter>,
}

/// How fast the requests of one address are read, in KiB: the rest stays with its sender. What a customer writes in a day is read at once;
/// whoever sends as fast as a network carries would keep this node reading, whatever it says to it.
pub(crate) const REQUEST_KIB: Rate = Rate { at_once: 2_048, once_more_after: Duration::from_micros(488) };

/// Reads the bytes of a request no faster than their sender may send.
pub(crate) struct ReadThrottle {
    meter: Arc<Meter>,
    source: Source,
    /// Bytes that are no whole KiB yet.
    rest: usize,
}

impl ReadThrottle {
    /// For one request. What has no whole KiB counts as one.
    pub(crate) fn new(meter: Arc<Meter>, source: Source) -> Self {
        Self { meter, source, rest: KIB - 1 }
    }

    /// Waits after so many bytes until more may be read.
    pub(crate) async fn wait(&mut self, bytes: usize) {
        let wait = self.owe(bytes);
        // To sleep for no time at all takes until the clock's next tick.
        if wait > Duration::ZERO {
            tokio::time::sleep(wait).await;
        }
    }

    /// How long to wait after so many bytes before more are read.
    fn owe(&mut self, bytes: usize) -> Duration {
        let bytes = self.rest.saturating_add(bytes);
        self.rest = bytes % KIB;
        self.meter.owe(self.source, u32::try_from(bytes / KIB).unwrap_or(u32::MAX))
    }
}

/// What a request holds while it arrives, and until it is answered.
pub(crate) type Held = Arc<Mutex<Share>>;

/// A request's body. What nobody has read when it is dropped is read on and thrown away, within bounds.
pub(crate) struct RequestBody<B>
where
    B: Body<Data = Bytes> + Send + Unpin + 'static,
{
    /// There until it has ended.
    body: Option<B>,
    bytes: usize,
    held: Held,
    activity: Arc<Activity>,
    deadline: Pin<Box<Sleep>>,
    /// When all of it has to be there.
    whole: Instant,
    pace: Option<ReadThrottle>,
    /// Until this, nothing more of it is read.
    pause: Option<Pin<Box<Sleep>>>,
}

impl<B> RequestBody<B>
where
    B: Body<Data = Bytes> + Send + Unpin + 'static,
{
    /// A body that begins to arrive, after a head of so many bytes.
    pub(crate) fn new(body: B, head_bytes: usize, held: Held, activity: Arc<Activity>) -> Self {
        let deadline = Box::pin(tokio::time::sleep(BODY_WAIT));
        let whole = Instant::now() + BODY_MAX;
        Self { body: Some(body), bytes: head_bytes, held, activity, deadline, whole, pace: None, pause: None }
    }

    /// The same, read no faster than this.
    pub(crate) fn at(mut self, pace: Option<ReadThrottle>) -> Self {
        self.pace = pace;
        self.owe(self.bytes);
        self
    }

    /// Notes that so many bytes were read, and after how long more may be.
    fn owe(&mut self, bytes: usize) {
        let Some(wait) = self.pace.as_mut().map(|pace| pace.owe(bytes)) else { return };
        // What is there as a whole needs no more reading.
        let is_more = self.body.as_ref().is_some_and(|body| !body.is_end_stream());
        self.pause = (is_more && wait > Duration::ZERO).then(|| Box::pin(tokio::time::sleep(wait)));
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

impl<B> Drop for RequestBody<B>
where
    B: Body<Data = Bytes> + Send + Unpin + 'static,
{
    fn drop(&mut self) {
        let Some(body) = self.body.take().filter(|body| !body.is_end_stream()) else { return };
        if let Ok(runtime) = tokio::runtime::Handle::try_current() {
            runtime.spawn(tokio::time::timeout(LEFT_WAIT, throw_away(body, self.pace.take())));
        }
    }
}

/// Reads what is left of a body, piece by piece, up to [`LEFT_BYTES_MAX`].
async fn throw_away(mut body: impl Body<Data = Bytes> + Unpin, mut pace: Option<ReadThrottle>) {
    let mut left = LEFT_BYTES_MAX;
    while let Some(bytes) = next_bytes(&mut body).await {
        let Some(rest) = left.checked_sub(bytes) else { return };
        left = rest;
        if let Some(pace) = &mut pace {
            pace.wait(bytes).await;
        }
    }
}

/// How many bytes come next, which are thrown away; `None` at the end.
async fn next_bytes(body: &mut (impl Body<Data = Bytes> + Unpin)) -> Option<usize> {
    let frame = std::future::poll_fn(|cx| Pin::new(&mut *body).poll_frame(cx)).await;
    Some(frame?.ok()?.data_ref().map_or(0, Bytes::len))
}

/// What is said to whoever compresses the body of a request.
pub(crate) const COMPRESSED: &str =
    "bodies are not compressed here: send this one as it is, without the header Content-Encoding";

/// Whether a request's body is compressed, as its sender says: read as it stands, it would be taken for a broken one.
pub(crate) fn is_compressed(headers: &http::HeaderMap) -> bool {
    headers.get_all(http::header::CONTENT_ENCODING).iter().any(|coding| {
        let coding = coding.as_bytes().trim_ascii();
        !coding.is_empty() && !coding.eq_ignore_ascii_case(b"identity")
    })
}

/// Why a request's body was not read to its end, in words that end with what to do.
pub(crate) enum Unread {
    /// It came too slowly, or not at all. Nothing was done, so that it is not one that has no answer yet.
    Late(String),
    /// There was no room for it.
    NoRoom(Status),
}

/// What this node says to a request whose body it did not read to the end; `None` where the body ended by itself.
pub(crate) fn unread(error: Box<dyn std::error::Error + Send + Sync>) -> Option<Unread> {
    let status = Status::from_error(error);
    match status.code() {
        Code::DeadlineExceeded => Some(Unread::Late(status.message().to_owned())),
        Code::ResourceExhausted => Some(Unread::NoRoom(status)),
        _ => None,
    }
}

impl<B> Body for RequestBody<B>
where
    B: Body<Data = Bytes> + Send + Unpin + 'static,
    B::Error: std::error::Error + Send + Sync + 'static,
{
    type Data = Bytes;
    type Error = Status;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, Status>>> {
        if let Some(pause) = self.pause.as_mut() {
            ready!(pause.as_mut().poll(cx));
            self.pause = None;
            // This node made the sender wait.
            let end = self.whole.min(Instant::now() + BODY_WAIT);
            self.deadline.as_mut().reset(end);
        }
        let Some(body) = self.body.as_mut() else { return Poll::Ready(None) };
        let Poll::Ready(frame) = Pin::new(body).poll_frame(cx) else {
            ready!(self.deadline.as_mut().poll(cx));
            // Whoever sends nothing is not waited for again.
            self.body = None;
            let (seconds, whole) = (BODY_WAIT.as_secs(), BODY_MAX.as_secs());
            let late = format!(
                "the rest of the request did not come within {seconds} seconds, or all of it within {whole}; nothing was done with what came: \
                 send it again"
            );
            return Poll::Ready(Some(Err(Status::deadline_exceeded(late))));
        };
        let Some(frame) = frame else {
            self.body = None;
            return Poll::Ready(None);
        };
        let frame = match frame {
            Ok(frame) => frame,
            Err(error) => return Poll::Ready(Some(Err(Status::from_error(Box::new(error))))),
        };
        let bytes = frame.data_ref().map_or(0, Bytes::len);
        if bytes > 0 {
            self.activity.progress();
            let end = self.whole.min(Instant::now() + BODY_WAIT);
            self.deadline.as_mut().reset(end);
            self.owe(bytes);
            self.count(bytes)?;
        }
        Poll::Ready(Some(Ok(frame)))
    }

    fn is_end_stream(&self) -> bool {
        self.body.as_ref().is_none_or(Body::is_end_stream)
    }

    fn size_hint(&self) -> SizeHint {
        self.body.as_ref().map_or_else(|| SizeHint::with_exact(0), Body::size_hint)
    }
}

/// Where an answer's bytes are counted, and for whom.
#[derive(Clone)]
pub(crate) struct Outbox {
    pub(crate) budget: Arc<Budget>,
    pub(crate) source: Source,
    pub(crate) activity: Arc<Activity>,
    /// Whether the activity is this answer's alone: then its stream ends where it is not read, and goes on until all of it is.
    pub(crate) ends_alone: bool,
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
pub(crate) struct ResponseBody {
    body: axum::body::Body,
    ending: Ending,
    outbox: Outbox,
    /// What is left of the part at hand.
    part: Option<(Bytes, Arc<Part>)>,
    /// What was there when the answer began, if it has not been handed on.
    first: Option<Frame<Bytes>>,
    ended: bool,
    /// There while the end waits for what came before it.
    reading: Option<Reading>,
    _open: OpenRequest,
}

/// What waits until all that was handed on is read.
type Reading = Pin<Box<dyn Future<Output = ()> + Send>>;

/// A part of an answer, in memory until all its chunks are sent.
struct Part {
    unread: activity::Unread,
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

impl ResponseBody {
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
        Self {
            body,
            ending: Ending::Plain,
            outbox,
            part: None,
            first: None,
            ended: false,
            reading: None,
            _open: open,
        }
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
        let Outbox { budget, source, activity, .. } = &self.outbox;
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

    /// The next of the part that was accepted.
    fn next(&mut self) -> Option<Frame<Bytes>> {
        let (bytes, part) = self.part.as_mut()?;
        let chunk = Chunk { bytes: bytes.split_to(bytes.len().min(CHUNK_BYTES)), part: part.clone() };
        if bytes.is_empty() {
            self.part = None;
        }
        Some(Frame::data(Bytes::from_owner(chunk)))
    }

    /// Waits until all that was handed on is read, where the answer ends alone: a stream that has been handed on whole could not be ended.
    fn poll_read(&mut self, cx: &mut Context<'_>) -> Poll<()> {
        if !self.outbox.ends_alone {
            return Poll::Ready(());
        }
        let activity = &self.outbox.activity;
        let reading = self.reading.get_or_insert_with(|| {
            let activity = activity.clone();
            Box::pin(async move { activity.all_read().await })
        });
        ready!(reading.as_mut().poll(cx));
        self.reading = None;
        Poll::Ready(())
    }
}

impl Body for ResponseBody {
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
            if self.first.is_some() || self.ended {
                ready!(self.poll_read(cx));
                return Poll::Ready(self.first.take().map(Ok));
            }
            let refused = match ready!(Pin::new(&mut self.body).poll_frame(cx)) {
                None => {
                    self.ended = true;
                    continue;
                }
                Some(Err(error)) => Status::from_error(error.into()),
                Some(Ok(frame)) => match self.accept(frame) {
                    Ok(()) => continue,
                    Err(status) => status,
                },
            };
            // A stream ends with its reason, as any answer.
            self.ended = true;
            match self.ending.frame(refused) {
                Ok(frame) => self.first = Some(frame),
                Err(status) => return Poll::Ready(Some(Err(status))),
            }
        }
    }

    fn is_end_stream(&self) -> bool {
        let is_handed_on = self.part.is_none() && self.first.is_none();
        let is_read = !self.outbox.ends_alone || self.outbox.activity.is_read();
        is_handed_on && (self.ended || self.body.is_end_stream()) && is_read
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
pub(crate) mod tests;
