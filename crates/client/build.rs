//! Generates the gRPC client of every service that is asked over the network. The messages themselves are `protocol`'s.

use std::path::Path;

/// The files whose services a client calls.
const FILES: [&str; 5] = [
    "virtengine/support/v1/support.proto",
    "virtengine/encryption/v1/encryption.proto",
    "virtengine/roles/v1/roles.proto",
    "sealdesk/ledger/v1/ledger.proto",
    "cosmos/tx/v1beta1/service.proto",
];

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../proto");
    println!("cargo::rerun-if-changed={}", root.display());
    let mut descriptors = protox::compile(FILES, [&root])?;
    for file in &mut descriptors.file {
        // `Msg` services say what may stand in a transaction; nobody calls them.
        file.service.retain(|service| service.name() != "Msg");
    }
    let mut builder =
        tonic_prost_build::configure().build_server(false).build_transport(false).include_file("stubs.rs");
    for package in ["cosmos", "sealdesk", "tendermint", "virtengine"] {
        builder = builder.extern_path(format!(".{package}"), format!("::sealdesk_protocol::wire::{package}"));
    }
    builder.compile_fds(descriptors)?;
    Ok(())
}
