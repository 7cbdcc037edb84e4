//! One question to another server, over a connection of its own.

use std::future::Future;
use std::time::Duration;

use http::{Request, Response};
use http_body_util::{BodyExt as _, Full, Limited};
use hyper::body::Bytes;
use hyper_util::rt::TokioIo;
use tokio::io::{AsyncRead, AsyncWrite};

/// What bounds an answer.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Bounds {
    /// Longest body, in bytes.
    pub(crate) body_bytes: usize,
    /// How long the whole may take, connecting included.
    pub(crate) wait: Duration,
}

/// Connects, sends the request, and reads the whole answer.
///
/// # Errors
/// Why there is no answer, in words.
pub(crate) async fn ask<S>(
    connecting: impl Future<Output = std::io::Result<S>>,
    request: Request<Full<Bytes>>,
    bounds: Bounds,
) -> Result<Response<Bytes>, String>
where
    S: AsyncRead + AsyncWrite + Send + Unpin + 'static,
{
    let answer = async {
        let stream = connecting.await.map_err(in_words)?;
        exchange(stream, request, bounds.body_bytes).await
    };
    tokio::time::timeout(bounds.wait, answer).await.map_err(|_| "it takes too long".to_owned())?
}

async fn exchange(
    stream: impl AsyncRead + AsyncWrite + Send + Unpin + 'static,
    request: Request<Full<Bytes>>,
    body_bytes_max: usize,
) -> Result<Response<Bytes>, String> {
    let shaken = hyper::client::conn::http1::handshake(TokioIo::new(stream)).await;
    let (mut sender, connection) = shaken.map_err(in_words)?;
    let connection = tokio::spawn(connection);
    let answer = sender.send_request(request).await.map_err(in_words)?;
    let (head, body) = answer.into_parts();
    let body = Limited::new(body, body_bytes_max).collect().await;
    connection.abort();
    Ok(Response::from_parts(head, body.map_err(in_words)?.to_bytes()))
}

fn in_words(error: impl ToString) -> String {
    error.to_string()
}
