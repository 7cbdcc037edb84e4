//! The socket that CometBFT connects to, four times: for blocks, the mempool, queries and snapshots.
//!
//! Requests of one connection are answered in their order, on threads where a block may take its time. Responses are written when
//! CometBFT asks for a flush or waits.

use std::path::PathBuf;
use std::sync::Arc;

use tendermint_proto::v0_38::abci::{Request, request};
use tokio::io::{AsyncRead, AsyncWrite, AsyncWriteExt as _, BufReader, BufWriter};
use tokio::net::{TcpListener, UnixListener};
use tokio::sync::Semaphore;
use tokio::task::JoinHandle;
use tokio_util::sync::{CancellationToken, DropGuard};

use super::frames::{FrameError, read_frame, write_frame};
use crate::comet::app::App;
use crate::comet::error::CometError;

/// Connections at the same time. CometBFT makes four; a dying one and its successor may overlap.
const CONNECTIONS_MAX: usize = 16;
/// Bytes of the buffers of a connection.
const BUFFER_BYTES: usize = 65_536;

/// Where the application listens.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum AbciAddress {
    /// A socket in the file system, which only its directory's owner can reach.
    Unix(PathBuf),
    /// `host:port`. Everyone who can connect there decides what the ledger holds.
    Tcp(String),
}

impl std::str::FromStr for AbciAddress {
    type Err = CometError;

    fn from_str(text: &str) -> Result<Self, CometError> {
        match text.split_once("://") {
            Some(("unix", path)) if path.starts_with('/') => Ok(Self::Unix(path.into())),
            Some(("tcp", address)) if address.contains(':') => Ok(Self::Tcp(address.to_owned())),
            _ => Err(CometError::Address(text.to_owned())),
        }
    }
}

impl std::fmt::Display for AbciAddress {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Unix(path) => write!(f, "unix://{}", path.display()),
            Self::Tcp(address) => write!(f, "tcp://{address}"),
        }
    }
}

/// A listening application. It ends with [`Server::stop`].
#[derive(Debug)]
pub struct Server {
    address: AbciAddress,
    stop: DropGuard,
    task: JoinHandle<()>,
}

enum Listener {
    Unix(UnixListener),
    Tcp(TcpListener),
}

impl Server {
    /// Listens, and answers for the application from now on.
    ///
    /// # Errors
    /// [`CometError::Io`] if the address cannot be listened at.
    pub async fn start(app: Arc<App>, address: &AbciAddress) -> Result<Self, CometError> {
        let io = |error| CometError::Io { path: address.to_string().into(), error };
        let (listener, address) = match address {
            AbciAddress::Unix(path) => {
                // What a killed process left behind; the state's lock has shown that no other process lives here.
                let _ = std::fs::remove_file(path);
                (Listener::Unix(UnixListener::bind(path).map_err(io)?), address.clone())
            }
            AbciAddress::Tcp(at) => {
                let listener = TcpListener::bind(at).await.map_err(io)?;
                let bound = listener.local_addr().map_err(io)?;
                (Listener::Tcp(listener), AbciAddress::Tcp(bound.to_string()))
            }
        };
        let stop = CancellationToken::new();
        let task = tokio::spawn(accept(app, listener, stop.clone()));
        Ok(Self { address, stop: stop.drop_guard(), task })
    }

    /// Where it listens; the port is the real one.
    pub fn address(&self) -> &AbciAddress {
        &self.address
    }

    /// Answers nothing more. A block whose commit has begun is finished.
    pub async fn stop(self) {
        drop(self.stop);
        let _ = self.task.await;
        if let AbciAddress::Unix(path) = &self.address {
            let _ = std::fs::remove_file(path);
        }
    }
}

async fn accept(app: Arc<App>, listener: Listener, stop: CancellationToken) {
    let places = Arc::new(Semaphore::new(CONNECTIONS_MAX));
    loop {
        let Ok(place) = places.clone().acquire_owned().await else { return };
        let accepted = tokio::select! {
            () = stop.cancelled() => break,
            accepted = next(&listener) => accepted,
        };
        let Ok((reader, writer)) = accepted else {
            tokio::time::sleep(std::time::Duration::from_millis(50)).await;
            continue;
        };
        let (app, stop) = (app.clone(), stop.clone());
        tokio::spawn(async move {
            let _place = place;
            let done = tokio::select! {
                () = stop.cancelled() => Ok(()),
                done = converse(app, reader, writer) => done,
            };
            if let Err(error) = done {
                tracing::warn!("a connection of CometBFT's ended: {error}");
            }
        });
    }
    drop(listener);
    let all = u32::try_from(CONNECTIONS_MAX).unwrap_or(u32::MAX);
    let _ = places.acquire_many(all).await.map(drop);
}

type Reader = Box<dyn AsyncRead + Send + Unpin>;
type Writer = Box<dyn AsyncWrite + Send + Unpin>;

async fn next(listener: &Listener) -> std::io::Result<(Reader, Writer)> {
    Ok(match listener {
        Listener::Unix(listener) => {
            let (reader, writer) = listener.accept().await?.0.into_split();
            (Box::new(reader), Box::new(writer))
        }
        Listener::Tcp(listener) => {
            let (stream, _) = listener.accept().await?;
            // Without this every answer waits for the acknowledgement of the one before, 40 ms and more.
            stream.set_nodelay(true)?;
            let (reader, writer) = stream.into_split();
            (Box::new(reader), Box::new(writer))
        }
    })
}

/// Answers one connection until it ends. One that asked about transactions was the mempool's: its end is the mempool's.
async fn converse(app: Arc<App>, reader: Reader, writer: Writer) -> Result<(), FrameError> {
    let mut is_mempool = false;
    let done = answer_all(&app, reader, writer, &mut is_mempool).await;
    if is_mempool {
        app.mempool_lost();
    }
    done
}

async fn answer_all(
    app: &Arc<App>,
    reader: Reader,
    writer: Writer,
    is_mempool: &mut bool,
) -> Result<(), FrameError> {
    let mut reader = BufReader::with_capacity(BUFFER_BYTES, reader);
    let mut writer = BufWriter::with_capacity(BUFFER_BYTES, writer);
    while let Some(request) = read_frame::<Request>(&mut reader).await? {
        *is_mempool |= matches!(request.value, Some(request::Value::CheckTx(_)));
        let flush = matches!(request.value, Some(request::Value::Flush(_)));
        let app = app.clone();
        let answered = tokio::task::spawn_blocking(move || app.answer(request)).await;
        // A panic in the application is a bug; CometBFT must not go on as if it had answered.
        let response = answered.map_err(|_| std::io::Error::other("the application panicked"))?;
        write_frame(&mut writer, &response).await?;
        if flush || reader.buffer().is_empty() {
            writer.flush().await?;
        }
    }
    Ok(())
}
