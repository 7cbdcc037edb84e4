//! The simulator of `stacks/facade`: a Stacks node as far as tests need one.

use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::net::TcpStream;
use std::path::{Path, PathBuf};
use std::process::{Child, ChildStdin, Command, Stdio};

use serde_json::{Value, json};

/// Where the contract, its simulator and the simulator's fixtures lie.
pub fn folder() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../../stacks")
}

/// A running simulator. It ends with its standard input, at the latest after half an hour.
pub struct Simulator {
    child: Child,
    stdin: Option<ChildStdin>,
    pub url: String,
}

impl Simulator {
    pub fn start(options: &[&str]) -> Self {
        assert!(
            folder().join("node_modules").exists(),
            "the simulator's packages are missing: npm --prefix stacks ci"
        );
        let mut child = Command::new("node")
            .args(["--import", "tsx", "facade/main.ts", "--seconds", "1800", "--mine-ms", "50"])
            .args(options)
            .current_dir(folder())
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .unwrap();
        let mut line = String::new();
        BufReader::new(child.stdout.take().unwrap()).read_line(&mut line).unwrap();
        let told: Value =
            serde_json::from_str(&line).unwrap_or_else(|_| panic!("the simulator says {line:?}"));
        let url = told["url"].as_str().unwrap().to_owned();
        Self { stdin: child.stdin.take(), child, url }
    }

    /// Asks one of its control paths.
    pub fn post(&self, path: &str, body: &Value) -> Value {
        let host = self.url.strip_prefix("http://").unwrap();
        let body = body.to_string();
        let mut stream = TcpStream::connect(host).unwrap();
        write!(
            stream,
            "POST {path} HTTP/1.1\r\nHost: {host}\r\nConnection: close\r\nContent-Type: application/json\r\n\
             Content-Length: {}\r\n\r\n{body}",
            body.len()
        )
        .unwrap();
        let mut answer = String::new();
        stream.read_to_string(&mut answer).unwrap();
        let (head, body) = answer.split_once("\r\n\r\n").unwrap();
        assert!(head.starts_with("HTTP/1.1 200"), "{head}\n{body}");
        let from = body.find('{').unwrap_or(0);
        let to = body.rfind('}').map_or(body.len(), |at| at + 1);
        serde_json::from_str(&body[from..to]).unwrap()
    }

    /// Gives this answer to the next question below a path.
    pub fn answers(&self, path: &str, status: u64, (content_type, body): (&str, &str)) {
        let canned = json!({ "path": path, "status": status, "content_type": content_type, "body": body });
        self.post("/simulator/answer", &canned);
    }

    /// Says "not now" to the next question below a path, and to come back after so many seconds.
    pub fn answers_later(&self, path: &str, seconds: u64) {
        let body = "Too Many Requests";
        let canned = json!({ "path": path, "status": 429, "content_type": "text/plain", "body": body, "retry_after": seconds });
        self.post("/simulator/answer", &canned);
    }

    /// Gives a recorded answer to the next question below a path.
    pub fn answers_as_recorded(&self, path: &str, fixture: &str) {
        let file = folder().join("facade/fixtures").join(format!("{fixture}.json"));
        let recorded: Value = serde_json::from_str(&std::fs::read_to_string(file).unwrap()).unwrap();
        let body = match &recorded["body"] {
            Value::String(text) => text.clone(),
            other => other.to_string(),
        };
        let content_type = recorded["content_type"].as_str().unwrap();
        self.answers(path, recorded["status"].as_u64().unwrap(), (content_type, &body));
    }
}

impl Drop for Simulator {
    fn drop(&mut self) {
        self.stdin = None;
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}
