//! The generated protobuf messages of `proto/`. They stay at the edges: inside, a value's type says what was checked of it.

#![allow(missing_docs, unreachable_pub, clippy::all, clippy::pedantic)]

include!(concat!(env!("OUT_DIR"), "/wire.rs"));

/// The compiled `FileDescriptorSet`, for gRPC reflection and for generating service code.
pub const DESCRIPTORS: &[u8] = include_bytes!(concat!(env!("OUT_DIR"), "/descriptors.bin"));
