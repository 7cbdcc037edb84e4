//! A stream that fails when its peer stays silent too long before it has said what it speaks, and in HTTP/2, where peers answer pings,
//! after that; or when the peer takes nothing of what is written to it; or when its connection's place is somebody else's.
//!
//! In HTTP/1.1 a peer that waits for an answer has nothing to say: there the head of each request has its own time, a request's body too,
//! and [`super::activity`] ends what stays idle.

use std::future::Future;
use std::io::{Error, ErrorKind, IoSlice};
use std::pin::Pin;
use std::task::{Context, Poll};
use std::time::Duration;

use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio::sync::oneshot;
use tokio::time::{Instant, Sleep};
use tokio_util::sync::{CancellationToken, WaitForCancellationFutureOwned};

/// What a peer sends first that speaks HTTP/2.
const HTTP2_PREFACE: &[u8] = b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n";

/// How long a peer may be silent.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Patience {
    /// How long it may take to say which HTTP it speaks.
    pub(crate) preface: Duration,
    /// Silence after which a connection of HTTP/2 is over.
    pub(crate) http2_silence: Duration,
    /// How long nothing of what is written may be taken.
    pub(crate) untaken: Duration,
}

/// What a peer speaks.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Spoken {
    /// So many bytes came, all of them as HTTP/2 begins.
    Unknown(usize),
    Http1,
    Http2,
}

impl Spoken {
    /// What these bytes, which came next, say of it.
    fn after(self, bytes: &[u8]) -> Self {
        let Self::Unknown(known) = self else { return self };
        let wanted = &HTTP2_PREFACE[known..];
        let both = wanted.len().min(bytes.len());
        match wanted[..both] == bytes[..both] {
            false => Self::Http1,
            true if both == wanted.len() => Self::Http2,
            true => Self::Unknown(known + both),
        }
    }
}

/// See the module.
pub(crate) struct Watched<S> {
    stream: S,
    patience: Patience,
    spoken: Spoken,
    /// When silence has lasted too long, where that is a fault.
    deadline: Option<Pin<Box<Sleep>>>,
    /// Runs while the peer takes nothing.
    blocked: Option<Pin<Box<Sleep>>>,
    severed: Pin<Box<WaitForCancellationFutureOwned>>,
    _there: oneshot::Sender<()>,
}

impl<S> Watched<S> {
    /// A stream that fails once it is `severed`, and what waits until whoever has it last lets go of it.
    pub(crate) fn new(
        stream: S,
        patience: Patience,
        severed: CancellationToken,
    ) -> (Self, impl Future<Output = ()>) {
        let (there, gone) = oneshot::channel();
        let deadline = Some(Box::pin(tokio::time::sleep(patience.preface)));
        let severed = Box::pin(severed.cancelled_owned());
        let spoken = Spoken::Unknown(0);
        let watched = Self { stream, patience, spoken, deadline, blocked: None, severed, _there: there };
        (watched, async { drop(gone.await) })
    }

    /// The peer has said something.
    fn heard(&mut self, bytes: &[u8]) {
        self.spoken = self.spoken.after(bytes);
        match self.spoken {
            Spoken::Unknown(_) => {}
            Spoken::Http1 => self.deadline = None,
            Spoken::Http2 => {
                let end = Instant::now() + self.patience.http2_silence;
                if let Some(deadline) = &mut self.deadline {
                    deadline.as_mut().reset(end);
                }
            }
        }
    }

    /// Fails where the connection's place is lost.
    fn poll_severed(&mut self, cx: &mut Context<'_>) -> Poll<Error> {
        self.severed.as_mut().poll(cx).map(|()| ErrorKind::ConnectionAborted.into())
    }

    /// What comes of an attempt to write, with the peer's time running where nothing could be written.
    fn written<T>(
        &mut self,
        cx: &mut Context<'_>,
        polled: Poll<std::io::Result<T>>,
    ) -> Poll<std::io::Result<T>> {
        if polled.is_ready() {
            self.blocked = None;
            return polled;
        }
        if let Poll::Ready(error) = self.poll_severed(cx) {
            return Poll::Ready(Err(error));
        }
        let untaken = self.patience.untaken;
        let blocked = self.blocked.get_or_insert_with(|| Box::pin(tokio::time::sleep(untaken)));
        blocked.as_mut().poll(cx).map(|()| Err(ErrorKind::TimedOut.into()))
    }
}

impl<S: AsyncRead + Unpin> AsyncRead for Watched<S> {
    fn poll_read(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        buf: &mut ReadBuf<'_>,
    ) -> Poll<std::io::Result<()>> {
        let before = buf.filled().len();
        let polled = Pin::new(&mut self.stream).poll_read(cx, buf);
        if polled.is_ready() {
            self.heard(&buf.filled()[before..]);
            return polled;
        }
        if let Poll::Ready(error) = self.poll_severed(cx) {
            return Poll::Ready(Err(error));
        }
        match self.deadline.as_mut().map(|deadline| deadline.as_mut().poll(cx)) {
            Some(Poll::Ready(())) => Poll::Ready(Err(ErrorKind::TimedOut.into())),
            Some(Poll::Pending) | None => Poll::Pending,
        }
    }
}

impl<S: AsyncWrite + Unpin> AsyncWrite for Watched<S> {
    fn poll_write(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        buf: &[u8],
    ) -> Poll<std::io::Result<usize>> {
        let polled = Pin::new(&mut self.stream).poll_write(cx, buf);
        self.written(cx, polled)
    }

    fn poll_flush(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<std::io::Result<()>> {
        let polled = Pin::new(&mut self.stream).poll_flush(cx);
        self.written(cx, polled)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<std::io::Result<()>> {
        let polled = Pin::new(&mut self.stream).poll_shutdown(cx);
        self.written(cx, polled)
    }

    fn poll_write_vectored(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        bufs: &[IoSlice<'_>],
    ) -> Poll<std::io::Result<usize>> {
        let polled = Pin::new(&mut self.stream).poll_write_vectored(cx, bufs);
        self.written(cx, polled)
    }

    fn is_write_vectored(&self) -> bool {
        self.stream.is_write_vectored()
    }
}

#[cfg(test)]
mod tests {
    use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _, DuplexStream, duplex};

    use super::*;

    const PATIENCE: Patience = Patience {
        preface: Duration::from_secs(10),
        http2_silence: Duration::from_secs(90),
        untaken: Duration::from_secs(45),
    };

    fn watched() -> (Watched<DuplexStream>, DuplexStream, CancellationToken, impl Future<Output = ()>) {
        let (ours, theirs) = duplex(64);
        let severing = CancellationToken::new();
        let (watched, gone) = Watched::new(ours, PATIENCE, severing.clone());
        (watched, theirs, severing, gone)
    }

    /// Reads to the end, and says after how many seconds it failed and of what; `None` where it waits for an hour.
    async fn read_out(stream: &mut Watched<DuplexStream>) -> Option<(u64, ErrorKind)> {
        let begun = Instant::now();
        let hour = Duration::from_secs(3_600);
        let read = tokio::time::timeout(hour, stream.read_to_end(&mut Vec::new())).await.ok()?;
        Some((begun.elapsed().as_secs(), read.unwrap_err().kind()))
    }

    #[tokio::test(start_paused = true)]
    async fn silence_is_a_fault_before_a_peer_has_said_what_it_speaks_and_in_http2() {
        for (said, patience) in [
            (&b""[..], Some(10)),
            (&HTTP2_PREFACE[..23], Some(10)),
            (HTTP2_PREFACE, Some(90)),
            (b"G", None),
            (b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\r", None),
        ] {
            let (mut stream, mut peer, _severing, _) = watched();
            peer.write_all(said).await.unwrap();
            let ended = patience.map(|seconds| (seconds, ErrorKind::TimedOut));
            assert_eq!(read_out(&mut stream).await, ended, "{said:?}");
        }
    }

    #[tokio::test(start_paused = true)]
    async fn a_stream_fails_when_it_is_severed_and_says_when_it_is_let_go_of() {
        let (mut stream, mut peer, severing, gone) = watched();
        peer.write_all(b"GET").await.unwrap();
        let reading = tokio::spawn(async move { (read_out(&mut stream).await, stream) });
        let mut gone = std::pin::pin!(gone);
        let later = tokio::time::timeout(Duration::from_secs(7), gone.as_mut());
        assert!(later.await.is_err(), "somebody reads it");
        severing.cancel();
        let (ended, stream) = reading.await.unwrap();
        assert_eq!(ended, Some((7, ErrorKind::ConnectionAborted)));
        drop(stream);
        gone.await;
    }

    #[tokio::test(start_paused = true)]
    async fn a_peer_that_takes_nothing_is_waited_for_so_long() {
        let (mut stream, _peer, _severing, _) = watched();
        let begun = Instant::now();
        let written = stream.write_all(&[0; 65]).await.unwrap_err();
        assert_eq!((begun.elapsed(), written.kind()), (PATIENCE.untaken, ErrorKind::TimedOut));
    }
}
