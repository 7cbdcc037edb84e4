//! Generates the gRPC client of every service that is asked over the network. The messages themselves are `protocol`'s.

use prost::Message;
use prost_types::FileDescriptorSet;

/// The files whose services a client calls.
const FILES: [&str; 5] = [
    "virtengine/support/v1/support.proto",
    "virtengine/encryption/v1/encryption.proto",
    "virtengine/roles/v1/roles.proto",
    "sealdesk/ledger/v1/ledger.proto",
    "cosmos/tx/v1beta1/service.proto",
];

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let compiled = std::env::var("DEP_SEALDESK_WIRE_DESCRIPTORS")?;
    println!("cargo::rerun-if-changed={compiled}");
    let mut descriptors = FileDescriptorSet::decode(std::fs::read(compiled)?.as_slice())?;
    for file in &mut descriptors.file {
        // `Msg` services say what may stand in a transaction; nobody calls them.
        let asked = FILES.contains(&file.name());
        file.service.retain(|service| asked && service.name() != "Msg");
    }
    let mut builder =
        tonic_prost_build::configure().build_server(false).build_transport(false).include_file("stubs.rs");
    for package in ["cosmos", "google.api", "google.rpc", "sealdesk", "tendermint", "virtengine"] {
        let path = package.replace('.', "::");
        builder = builder.extern_path(format!(".{package}"), format!("::sealdesk_protocol::wire::{path}"));
    }
    builder.compile_fds(descriptors)?;
    Ok(())
}
