//! A stream that fails when its peer stays silent too long, and sooner while the peer has not said what it speaks; or when the peer
//! takes nothing of what is written to it.

use std::future::Future as _;
use std::io::IoSlice;
use std::pin::Pin;
use std::task::{Context, Poll};
use std::time::Duration;

use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio::net::TcpStream;
use tokio::time::{Instant, Sleep};

/// How long a peer may be silent.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Patience {
    /// Bytes by which a peer says what it speaks.
    pub(crate) preface_bytes: usize,
    /// How long it may take to send them.
    pub(crate) preface: Duration,
    /// Silence after which the connection is over, once they are here.
    pub(crate) silence: Duration,
    /// How long nothing of what is written may be taken.
    pub(crate) untaken: Duration,
}

/// See the module.
pub(crate) struct Watched {
    stream: TcpStream,
    patience: Patience,
    read: usize,
    deadline: Pin<Box<Sleep>>,
    /// Runs while the peer takes nothing.
    blocked: Option<Pin<Box<Sleep>>>,
}

impl Watched {
    pub(crate) fn new(stream: TcpStream, patience: Patience) -> Self {
        let deadline = Box::pin(tokio::time::sleep(patience.preface));
        Self { stream, patience, read: 0, deadline, blocked: None }
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
        let untaken = self.patience.untaken;
        let blocked = self.blocked.get_or_insert_with(|| Box::pin(tokio::time::sleep(untaken)));
        blocked.as_mut().poll(cx).map(|()| Err(std::io::ErrorKind::TimedOut.into()))
    }
}

impl AsyncRead for Watched {
    fn poll_read(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        buf: &mut ReadBuf<'_>,
    ) -> Poll<std::io::Result<()>> {
        let before = buf.filled().len();
        let polled = Pin::new(&mut self.stream).poll_read(cx, buf);
        if polled.is_ready() {
            self.read = self.read.saturating_add(buf.filled().len() - before);
            if self.read >= self.patience.preface_bytes {
                let deadline = Instant::now() + self.patience.silence;
                self.deadline.as_mut().reset(deadline);
            }
            return polled;
        }
        match self.deadline.as_mut().poll(cx) {
            Poll::Ready(()) => Poll::Ready(Err(std::io::ErrorKind::TimedOut.into())),
            Poll::Pending => Poll::Pending,
        }
    }
}

impl AsyncWrite for Watched {
    fn poll_write(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        buf: &[u8],
    ) -> Poll<std::io::Result<usize>> {
        let polled = Pin::new(&mut self.stream).poll_write(cx, buf);
        self.written(cx, polled)
    }

    fn poll_flush(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<std::io::Result<()>> {
        Pin::new(&mut self.stream).poll_flush(cx)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<std::io::Result<()>> {
        Pin::new(&mut self.stream).poll_shutdown(cx)
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
