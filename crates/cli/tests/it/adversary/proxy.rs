//! A proxy on loopback in front of a desk's node, which lies as its liar does.

use std::convert::Infallible;
use std::future::ready;
use std::sync::{Arc, Mutex};

use bytes::{BufMut as _, Bytes, BytesMut};
use http_body_util::{BodyExt as _, Full};
use hyper::body::Incoming;
use hyper::server::conn::http2;
use hyper::service::service_fn;
use hyper_util::rt::{TokioExecutor, TokioIo};
use sealdesk_testkit::liar::{Liar, Reply, Request};
use tokio::net::TcpListener;
use tokio::runtime::Runtime;
use tonic::body::Body;
use tonic::client::GrpcService as _;
use tonic::transport::{Channel, Endpoint};
use tonic::{Code, Status};

/// A running proxy, which ends with this.
pub struct Proxy {
    pub liar: Arc<Mutex<Liar>>,
    /// Where clients find it.
    pub address: String,
    _runtime: Runtime,
}

impl Proxy {
    /// A proxy before the node at this address.
    pub fn start(node: &str, liar: Liar) -> Self {
        let runtime =
            tokio::runtime::Builder::new_multi_thread().worker_threads(1).enable_all().build().unwrap();
        let liar = Arc::new(Mutex::new(liar));
        let listener = runtime.block_on(TcpListener::bind("127.0.0.1:0")).unwrap();
        let address = format!("http://{}", listener.local_addr().unwrap());
        let node = Endpoint::from_shared(node.to_owned()).unwrap();
        let channel = runtime.block_on(node.connect()).unwrap();
        runtime.spawn(accept(listener, channel, Arc::clone(&liar)));
        Self { liar, address, _runtime: runtime }
    }
}

async fn accept(listener: TcpListener, channel: Channel, liar: Arc<Mutex<Liar>>) {
    loop {
        let (stream, _) = listener.accept().await.unwrap();
        let (channel, liar) = (channel.clone(), Arc::clone(&liar));
        let service = service_fn(move |request| {
            let (channel, liar) = (channel.clone(), Arc::clone(&liar));
            async move { Ok::<_, Infallible>(serve(request, channel, liar).await) }
        });
        // A client that goes away ends its connection, and nothing else.
        tokio::spawn(
            http2::Builder::new(TokioExecutor::new()).serve_connection(TokioIo::new(stream), service),
        );
    }
}

async fn serve(
    request: http::Request<Incoming>,
    mut channel: Channel,
    liar: Arc<Mutex<Liar>>,
) -> http::Response<Body> {
    let path = request.uri().path().to_owned();
    ready_channel(&mut channel).await;
    if !Liar::hears(&path) {
        return channel.call(request.map(Body::new)).await.unwrap();
    }
    let (parts, body) = request.into_parts();
    let asked = body.collect().await.unwrap().to_bytes()[5..].to_vec();
    let told = liar.lock().unwrap().request(&path, asked.clone());
    let reply = match told {
        Request::Answer(reply) => reply,
        Request::PassOn(request) => {
            let passed = http::Request::from_parts(parts, Body::new(Full::new(framed(&request))));
            let answer = channel.call(passed).await.unwrap();
            let refused = Status::from_header_map(answer.headers());
            let collected = answer.into_body().collect().await.unwrap();
            let status = collected.trailers().and_then(Status::from_header_map).or(refused);
            let bytes = collected.to_bytes();
            match status.filter(|status| status.code() != Code::Ok) {
                Some(status) => return answered(None, &status),
                None => liar.lock().unwrap().reply(&path, &asked, Reply::Message(bytes[5..].to_vec())),
            }
        }
    };
    match reply {
        Reply::Message(message) => answered(Some(&message), &Status::ok("")),
        Reply::Error(code, words) => answered(None, &Status::new(Code::from_i32(code), words)),
    }
}

async fn ready_channel(channel: &mut Channel) {
    std::future::poll_fn(|context| channel.poll_ready(context)).await.unwrap();
}

fn framed(message: &[u8]) -> Bytes {
    let mut bytes = BytesMut::new();
    bytes.put_u8(0);
    bytes.put_u32(u32::try_from(message.len()).unwrap());
    bytes.put_slice(message);
    bytes.freeze()
}

fn answered(message: Option<&[u8]>, status: &Status) -> http::Response<Body> {
    let mut trailers = http::HeaderMap::new();
    status.add_header(&mut trailers).unwrap();
    let body = Full::new(message.map(framed).unwrap_or_default());
    let body = Body::new(body.with_trailers(ready(Some(Ok(trailers)))));
    http::Response::builder().header("content-type", "application/grpc").body(body).unwrap()
}
