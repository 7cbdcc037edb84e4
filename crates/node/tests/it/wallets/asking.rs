//! HTTP/1.1 as a script would speak it: one request, one answer.

use std::net::SocketAddr;

use serde_json::{Value, json};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;

use crate::desk::waiting::within;

/// Whom to ask.
#[derive(Clone, Copy)]
pub struct Node(pub SocketAddr);

impl Node {
    /// The status and body of an answer.
    pub async fn ask(self, request: String) -> (u16, Vec<u8>) {
        let answer = async {
            let mut stream = TcpStream::connect(self.0).await.unwrap();
            stream.write_all(request.as_bytes()).await.unwrap();
            let mut bytes = Vec::new();
            stream.read_to_end(&mut bytes).await.unwrap();
            bytes
        };
        let bytes = within("an answer", answer).await;
        let end = bytes.windows(4).position(|four| four == b"\r\n\r\n").expect("a head");
        let head = std::str::from_utf8(&bytes[..end]).unwrap().to_ascii_lowercase();
        let status = head.split(' ').nth(1).unwrap().parse().unwrap();
        let body = &bytes[end + 4..];
        let body = if head.contains("transfer-encoding: chunked") { unchunked(body) } else { body.to_vec() };
        (status, body)
    }

    /// What a posted body is answered with.
    pub async fn post(self, body: &Value) -> (u16, Value) {
        self.post_to("/", body).await
    }

    /// What a body is answered with that is posted to a path.
    pub async fn post_to(self, path: &str, body: &Value) -> (u16, Value) {
        let body = body.to_string();
        let head = format!("POST {path} HTTP/1.1\r\nhost: {}\r\nconnection: close\r\n", self.0);
        let length = body.len();
        let request =
            format!("{head}content-type: application/json\r\ncontent-length: {length}\r\n\r\n{body}");
        let (status, body) = self.ask(request).await;
        (status, serde_json::from_slice(&body).unwrap_or(Value::Null))
    }

    /// What a URI is answered with.
    pub async fn get(self, path: &str) -> (u16, Value) {
        let request = format!("GET {path} HTTP/1.1\r\nhost: {}\r\nconnection: close\r\n\r\n", self.0);
        let (status, body) = self.ask(request).await;
        (status, serde_json::from_slice(&body).unwrap_or(Value::Null))
    }

    /// The whole answer to a call.
    pub async fn answer(self, method: &str, params: Value) -> Value {
        let request = json!({ "jsonrpc": "2.0", "id": 1, "method": method, "params": params });
        let (status, answer) = self.post(&request).await;
        assert_eq!(status, 200, "{answer}");
        assert_eq!(answer["id"], 1, "{answer}");
        answer
    }

    /// The result of a call.
    pub async fn call(self, method: &str, params: Value) -> Value {
        let mut answer = self.answer(method, params).await;
        assert!(answer["error"].is_null(), "{method}: {answer}");
        answer["result"].take()
    }

    /// The error of a call.
    pub async fn refused(self, method: &str, params: Value) -> Value {
        let mut answer = self.answer(method, params).await;
        assert!(!answer["error"].is_null(), "{method}: {answer}");
        answer["error"].take()
    }
}

fn unchunked(mut body: &[u8]) -> Vec<u8> {
    let mut whole = Vec::new();
    while let Some(end) = body.windows(2).position(|two| two == b"\r\n") {
        let length = usize::from_str_radix(std::str::from_utf8(&body[..end]).unwrap().trim(), 16).unwrap();
        whole.extend_from_slice(&body[end + 2..end + 2 + length]);
        body = body.get(end + 4 + length..).unwrap_or_default();
    }
    whole
}
