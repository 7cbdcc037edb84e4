//! A server on loopback in front of a desk's node, which serves the page otherwise than the node does.

use std::convert::Infallible;
use std::sync::{Arc, Mutex};

use bytes::Bytes;
use http_body_util::{BodyExt as _, Full};
use hyper::body::Incoming;
use hyper::service::service_fn;
use hyper_util::rt::{TokioExecutor, TokioIo};
use hyper_util::server::conn::auto;
use tokio::net::TcpListener;
use tokio::runtime::Runtime;
use tonic::body::Body;
use tonic::client::GrpcService as _;
use tonic::transport::{Channel, Endpoint};

/// An answer of the node, to change.
pub struct Answer {
    /// What was asked for.
    pub path: String,
    /// In which forms it may be.
    pub accepted: String,
    /// Who asked, as they say.
    pub browser: String,
    pub status: u16,
    pub headers: http::HeaderMap,
    pub body: Bytes,
}

/// What becomes of an answer.
pub type Lie = fn(&mut Answer);

/// A running server, which ends with this.
pub struct Front {
    /// Where it is.
    pub address: String,
    lie: Arc<Mutex<Lie>>,
    _runtime: Runtime,
}

impl Front {
    /// One before the node at this address, that tells the truth.
    pub fn start(node: &str) -> Self {
        let runtime =
            tokio::runtime::Builder::new_multi_thread().worker_threads(1).enable_all().build().unwrap();
        let listener = runtime.block_on(TcpListener::bind("127.0.0.1:0")).unwrap();
        let address = format!("http://{}", listener.local_addr().unwrap());
        let channel = runtime.block_on(Endpoint::from_shared(node.to_owned()).unwrap().connect()).unwrap();
        let lie: Arc<Mutex<Lie>> = Arc::new(Mutex::new(|_| {}));
        runtime.spawn(accept(listener, channel, Arc::clone(&lie)));
        Self { address, lie, _runtime: runtime }
    }

    /// From now on it answers so.
    pub fn tell(&self, lie: Lie) {
        *self.lie.lock().unwrap() = lie;
    }
}

async fn accept(listener: TcpListener, channel: Channel, lie: Arc<Mutex<Lie>>) {
    loop {
        let (stream, _) = listener.accept().await.unwrap();
        let (channel, lie) = (channel.clone(), Arc::clone(&lie));
        let service = service_fn(move |request| {
            let (channel, lie) = (channel.clone(), *lie.lock().unwrap());
            async move { Ok::<_, Infallible>(serve(request, channel, lie).await) }
        });
        // A client that goes away ends its connection, and nothing else.
        tokio::spawn(async move {
            let server = auto::Builder::new(TokioExecutor::new());
            let _ = server.serve_connection(TokioIo::new(stream), service).await;
        });
    }
}

async fn serve(mut request: http::Request<Incoming>, mut channel: Channel, lie: Lie) -> http::Response<Body> {
    let path = request.uri().path().to_owned();
    let [accepted, browser] = ["accept-encoding", "user-agent"].map(|name| {
        let value = request.headers().get(name);
        value.map(|value| value.to_str().unwrap().to_owned()).unwrap_or_default()
    });
    // Browsers come by HTTP/1.1, and to the node it is HTTP/2.
    *request.version_mut() = http::Version::HTTP_2;
    let is_whole = request.method() == http::Method::GET || path.ends_with("/Proof");
    if std::future::poll_fn(|context| channel.poll_ready(context)).await.is_err() {
        return gone();
    }
    let Ok(mut answer) = channel.call(request.map(Body::new)).await else { return gone() };
    *answer.version_mut() = http::Version::default();
    let is_stream = answer.headers().get("content-type").is_some_and(|kind| kind == "text/event-stream");
    if !is_whole || is_stream {
        return answer;
    }
    let (head, body) = answer.into_parts();
    let collected = body.collect().await.unwrap();
    let trailers = collected.trailers().cloned();
    let (status, headers, body) = (head.status.as_u16(), head.headers, collected.to_bytes());
    let mut answer = Answer { path, accepted, browser, status, headers, body };
    lie(&mut answer);
    answer.headers.remove("content-length");
    let body = Full::new(answer.body).with_trailers(std::future::ready(trailers.map(Ok)));
    let mut response = http::Response::new(Body::new(body));
    *response.status_mut() = answer.status.try_into().unwrap();
    *response.headers_mut() = answer.headers;
    response
}

fn gone() -> http::Response<Body> {
    http::Response::builder().status(502).body(Body::empty()).unwrap()
}
