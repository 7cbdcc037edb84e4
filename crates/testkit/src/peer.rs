//! A peer that speaks HTTP/2 by hand, from an address of its own: it answers pings, and does nothing else that a server could end it for.
//! 127.0.0.1 is the operator's own machine; other addresses of the loopback network are strangers'.

use std::net::{Ipv4Addr, SocketAddr};
use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};

use prost::Message;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpSocket;
use tokio::net::tcp::{OwnedReadHalf, OwnedWriteHalf};
use tokio::sync::{Mutex, Notify};
use tokio::task::JoinHandle;

const DATA: u8 = 0;
const HEADERS: u8 = 1;
const SETTINGS: u8 = 4;
const PING: u8 = 6;
const WINDOW_UPDATE: u8 = 8;
const ACK: u8 = 1;
const END_STREAM: u8 = 1;
const END_HEADERS: u8 = 4;
const INITIAL_WINDOW_SIZE: u16 = 4;
/// Longest frame that anyone takes unasked.
const FRAME_BYTES_MAX: usize = 16_384;
/// What a connection may send at first.
const CONNECTION_WINDOW: i64 = 65_535;

/// A connection. Dropping it closes it.
#[derive(Debug)]
pub struct Peer {
    writer: Arc<Mutex<OwnedWriteHalf>>,
    window: Arc<Window>,
    next_stream: u32,
    reading: JoinHandle<()>,
}

/// Bytes that the connection may still send.
#[derive(Debug)]
struct Window {
    left: AtomicI64,
    grown: Notify,
}

impl Peer {
    /// Connects from an address of this machine. `window` is what each answer may send before it is read.
    pub async fn connect(from: Ipv4Addr, to: SocketAddr, window: u32) -> std::io::Result<Self> {
        let socket = TcpSocket::new_v4()?;
        socket.bind((from, 0).into())?;
        let (reader, mut writer) = socket.connect(to).await?.into_split();
        writer.write_all(b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n").await?;
        let setting = [&INITIAL_WINDOW_SIZE.to_be_bytes()[..], &window.to_be_bytes()].concat();
        writer.write_all(&frame(SETTINGS, 0, 0, &setting)).await?;
        let writer = Arc::new(Mutex::new(writer));
        let window = Arc::new(Window { left: AtomicI64::new(CONNECTION_WINDOW), grown: Notify::new() });
        let reading = tokio::spawn(tend(reader, writer.clone(), window.clone()));
        Ok(Self { writer, window, next_stream: 1, reading })
    }

    /// Begins a call. Of a body that is not `whole`, the end never comes.
    pub async fn call(&mut self, path: &str, body: &[u8], whole: bool) -> std::io::Result<()> {
        let stream = self.next_stream;
        self.next_stream += 2;
        // Indexed: method POST, scheme http. Then literals that nobody remembers: path, content-type, te.
        let mut block = vec![0x83, 0x86];
        block.extend(literal(&[0x04], path));
        block.extend(literal(&[0x0f, 0x10], "application/grpc"));
        block.extend(literal(&[0x00, 0x02, b't', b'e'], "trailers"));
        self.send(&frame(HEADERS, END_HEADERS, stream, &block)).await?;
        let last = body.len().div_ceil(FRAME_BYTES_MAX);
        for (n, part) in (1..).zip(body.chunks(FRAME_BYTES_MAX)) {
            self.window.take(part.len()).await;
            let flags = if whole && n == last { END_STREAM } else { 0 };
            self.send(&frame(DATA, flags, stream, part)).await?;
        }
        Ok(())
    }

    async fn send(&self, bytes: &[u8]) -> std::io::Result<()> {
        self.writer.lock().await.write_all(bytes).await
    }

    /// Asks the node whether it is there, as one may at any time.
    pub async fn ping(&self) -> std::io::Result<()> {
        self.send(&frame(PING, 0, 0, &[0; 8])).await
    }

    /// Whether the node has hung up.
    pub fn is_over(&self) -> bool {
        self.reading.is_finished()
    }
}

impl Drop for Peer {
    fn drop(&mut self) {
        self.reading.abort();
    }
}

impl Window {
    async fn take(&self, bytes: usize) {
        let bytes = i64::try_from(bytes).unwrap();
        loop {
            let grown = self.grown.notified();
            if self.left.load(Ordering::SeqCst) >= bytes {
                self.left.fetch_sub(bytes, Ordering::SeqCst);
                return;
            }
            grown.await;
        }
    }
}

/// Reads what comes until the node hangs up: acknowledges settings and pings, and counts what may be sent.
async fn tend(mut reader: OwnedReadHalf, writer: Arc<Mutex<OwnedWriteHalf>>, window: Arc<Window>) {
    let mut head = [0; 9];
    while reader.read_exact(&mut head).await.is_ok() {
        let length = usize::from(head[0]) << 16 | usize::from(head[1]) << 8 | usize::from(head[2]);
        let mut payload = vec![0; length];
        if reader.read_exact(&mut payload).await.is_err() {
            break;
        }
        let (kind, flags, stream) = (head[3], head[4], &head[5..9]);
        let answer = match kind {
            SETTINGS if flags & ACK == 0 => frame(SETTINGS, ACK, 0, &[]),
            PING if flags & ACK == 0 => frame(PING, ACK, 0, &payload),
            WINDOW_UPDATE if stream == [0; 4] => {
                let more = u32::from_be_bytes(payload.try_into().unwrap());
                window.left.fetch_add(more.into(), Ordering::SeqCst);
                window.grown.notify_waiters();
                continue;
            }
            _ => continue,
        };
        if writer.lock().await.write_all(&answer).await.is_err() {
            break;
        }
    }
    // Whoever waits for room finds that the connection is gone.
    window.left.fetch_add(i64::MAX / 2, Ordering::SeqCst);
    window.grown.notify_waiters();
}

fn frame(kind: u8, flags: u8, stream: u32, payload: &[u8]) -> Vec<u8> {
    let length = u32::try_from(payload.len()).unwrap().to_be_bytes();
    [&length[1..], &[kind, flags], &stream.to_be_bytes(), payload].concat()
}

/// A message as gRPC frames it.
pub fn framed(message: &impl Message) -> Vec<u8> {
    let bytes = message.encode_to_vec();
    [&[0][..], &u32::try_from(bytes.len()).unwrap().to_be_bytes(), &bytes].concat()
}

/// A header's name, as HPACK has it already, and its value; both shorter than 127 bytes.
fn literal(name: &[u8], value: &str) -> Vec<u8> {
    [name, &[u8::try_from(value.len()).unwrap()], value.as_bytes()].concat()
}
