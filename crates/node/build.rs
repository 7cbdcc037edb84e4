//! Generates the gRPC services that this node answers. Their messages are those of `sealdesk_protocol::wire`.

use prost::Message;
use prost_types::FileDescriptorSet;

/// Files with a service that this node answers.
const FILES: [&str; 15] = [
    "virtengine/support/v1/support.proto",
    "virtengine/encryption/v1/encryption.proto",
    "virtengine/roles/v1/roles.proto",
    "sealdesk/ledger/v1/ledger.proto",
    "cosmos/auth/v1beta1/query.proto",
    "cosmos/tx/v1beta1/service.proto",
    "cosmos/bank/v1beta1/query.proto",
    "cosmos/base/node/v1beta1/query.proto",
    "cosmos/base/tendermint/v1beta1/query.proto",
    "cosmos/consensus/v1/query.proto",
    "cosmos/distribution/v1beta1/query.proto",
    "cosmos/gov/v1/query.proto",
    "cosmos/mint/v1beta1/query.proto",
    "cosmos/slashing/v1beta1/query.proto",
    "cosmos/staking/v1beta1/query.proto",
];

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let compiled = std::env::var("DEP_SEALDESK_WIRE_DESCRIPTORS")?;
    println!("cargo::rerun-if-changed={compiled}");
    let mut descriptors = FileDescriptorSet::decode(std::fs::read(compiled)?.as_slice())?;
    for file in &mut descriptors.file {
        if !FILES.contains(&file.name()) {
            file.service.clear();
        }
    }
    let mut builder =
        tonic_prost_build::configure().build_client(false).build_transport(false).include_file("services.rs");
    for package in ["cosmos", "google.api", "google.rpc", "sealdesk", "tendermint", "virtengine"] {
        let path = package.replace('.', "::");
        builder = builder.extern_path(format!(".{package}"), format!("::sealdesk_protocol::wire::{path}"));
    }
    builder.compile_fds(descriptors)?;
    Ok(())
}
