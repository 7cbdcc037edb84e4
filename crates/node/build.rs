//! Generates the gRPC services of `proto/`. Their messages are those of `sealdesk_protocol::wire`.

use std::path::{Path, PathBuf};

/// Files with a service that this node answers.
const FILES: [&str; 6] = [
    "virtengine/support/v1/support.proto",
    "virtengine/encryption/v1/encryption.proto",
    "virtengine/roles/v1/roles.proto",
    "sealdesk/ledger/v1/ledger.proto",
    "cosmos/auth/v1beta1/query.proto",
    "cosmos/tx/v1beta1/service.proto",
];

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let root: PathBuf = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../proto");
    println!("cargo::rerun-if-changed={}", root.display());
    let descriptors = protox::compile(FILES, [&root])?;
    tonic_prost_build::configure()
        .build_client(false)
        .build_transport(false)
        .include_file("services.rs")
        .extern_path(".virtengine", "::sealdesk_protocol::wire::virtengine")
        .extern_path(".sealdesk", "::sealdesk_protocol::wire::sealdesk")
        .extern_path(".cosmos", "::sealdesk_protocol::wire::cosmos")
        .extern_path(".tendermint", "::sealdesk_protocol::wire::tendermint")
        .compile_fds(descriptors)?;
    Ok(())
}
