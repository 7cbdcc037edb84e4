//! A call as bytes: what carries it is one piece of code for all of them.

use std::marker::PhantomData;

use bytes::{Buf as _, BufMut as _, Bytes};
use http::uri::PathAndQuery;
use prost::Message;
use tonic::Status;
use tonic::client::Grpc;
use tonic::codec::{Codec, DecodeBuf, Decoder, EncodeBuf, Encoder};

use super::{ANSWER_BYTES_MAX, Node, Transport};

/// What a node is asked, and what kind of answer it gives.
pub(crate) struct Question<R> {
    path: &'static str,
    message: Bytes,
    answer: PhantomData<fn() -> R>,
}

impl<R> Question<R> {
    /// A message for the call at this path.
    pub(crate) fn new(path: &'static str, message: &impl Message) -> Self {
        Self { path, message: message.encode_to_vec().into(), answer: PhantomData }
    }

    /// The path of the call, and the message.
    pub(super) fn into_parts(self) -> (&'static str, Bytes) {
        (self.path, self.message)
    }
}

impl<T: Transport> Node<T> {
    /// Carries one call. The answer's bytes are read by whoever knows what they should be.
    pub(super) async fn carry(
        &self,
        path: &'static str,
        request: tonic::Request<Bytes>,
    ) -> Result<tonic::Response<Bytes>, Status> {
        let mut client = self.client().await?;
        client.unary(request, PathAndQuery::from_static(path), BytesCodec).await
    }

    /// What carries a call, once it takes one.
    pub(super) async fn client(&self) -> Result<Grpc<T>, Status> {
        let mut client = Grpc::new(self.transport.clone()).max_decoding_message_size(ANSWER_BYTES_MAX);
        let ready = client.ready().await;
        ready.map_err(|error| Status::unknown(format!("Service was not ready: {}", error.into())))?;
        Ok(client)
    }
}

/// Reads an answer, as tonic does.
pub(super) fn read<R: Message + Default>(answer: Bytes) -> Result<R, Status> {
    R::decode(answer).map_err(|error| Status::internal(error.to_string()))
}

/// Messages that are bytes already.
struct BytesCodec;

impl Codec for BytesCodec {
    type Encode = Bytes;
    type Decode = Bytes;
    type Encoder = Self;
    type Decoder = Self;

    fn encoder(&mut self) -> Self {
        Self
    }

    fn decoder(&mut self) -> Self {
        Self
    }
}

impl Encoder for BytesCodec {
    type Item = Bytes;
    type Error = Status;

    fn encode(&mut self, message: Bytes, buffer: &mut EncodeBuf<'_>) -> Result<(), Status> {
        buffer.put(message);
        Ok(())
    }
}

impl Decoder for BytesCodec {
    type Item = Bytes;
    type Error = Status;

    fn decode(&mut self, buffer: &mut DecodeBuf<'_>) -> Result<Option<Bytes>, Status> {
        Ok(Some(buffer.copy_to_bytes(buffer.remaining())))
    }
}
