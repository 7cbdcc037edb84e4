//! A connection that speaks HTTP/1.1 by hand, one question after the other: what a bench asks costs little beside what it measures.

use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::net::TcpStream;

/// See the module.
pub struct Connection {
    stream: BufReader<TcpStream>,
    host: String,
}

impl Connection {
    pub fn open(host: &str) -> Self {
        let stream = TcpStream::connect(host).unwrap();
        stream.set_nodelay(true).unwrap();
        Self { stream: BufReader::new(stream), host: host.to_owned() }
    }

    /// Asks, by a first line and the headers that are the question's own, without a line's end.
    pub fn send(&mut self, head: &str, body: &[u8]) {
        let length = body.len();
        let head = format!("{head}\r\nhost: {}\r\ncontent-length: {length}\r\n\r\n", self.host);
        self.write(head.as_bytes());
        self.write(body);
    }

    pub fn write(&mut self, bytes: &[u8]) {
        self.stream.get_mut().write_all(bytes).unwrap();
    }

    pub fn bytes(&mut self, count: usize) -> Vec<u8> {
        let mut bytes = vec![0; count];
        self.stream.read_exact(&mut bytes).unwrap();
        bytes
    }

    fn line(&mut self) -> String {
        let mut line = String::new();
        self.stream.read_line(&mut line).unwrap();
        line.trim_end().to_owned()
    }

    /// The answer's status, 0 where the connection was ended instead, and the length of its body where it says so.
    pub fn head(&mut self) -> (u16, Option<usize>) {
        let status = self.line().split(' ').nth(1).and_then(|code| code.parse().ok()).unwrap_or(0);
        let mut length = None;
        loop {
            let line = self.line().to_ascii_lowercase();
            if line.is_empty() {
                return (status, length);
            }
            if let Some(value) = line.strip_prefix("content-length: ") {
                length = value.parse().ok();
            }
        }
    }

    /// A part of a body that has no length.
    pub fn chunk(&mut self) -> Vec<u8> {
        let count = usize::from_str_radix(&self.line(), 16).unwrap();
        let bytes = self.bytes(count);
        assert_eq!(self.line(), "");
        bytes
    }

    /// Asks, and gives the answer's status and its whole body.
    pub fn ask(&mut self, head: &str, body: &[u8]) -> (u16, Vec<u8>) {
        self.send(head, body);
        let (status, length) = self.head();
        if let Some(length) = length {
            return (status, self.bytes(length));
        }
        let mut all = Vec::new();
        loop {
            let part = self.chunk();
            if part.is_empty() {
                return (status, all);
            }
            all.extend(part);
        }
    }
}
