//! Compiles `proto/` into the message types of `wire`, without `protoc`.
//!
//! The crates that generate services read the compiled contract from here: Cargo hands them its path as `DEP_SEALDESK_WIRE_DESCRIPTORS`,
//! because this crate says `links = "sealdesk-wire"`. So `proto/` is compiled once and belongs to one package.

#[path = "build/schema.rs"]
mod schema;

use std::path::{Path, PathBuf};

/// Every file of the contract; `protox` finds what they import.
const FILES: [&str; 25] = [
    "virtengine/support/v1/support.proto",
    "virtengine/encryption/v1/encryption.proto",
    "virtengine/roles/v1/roles.proto",
    "sealdesk/ledger/v1/ledger.proto",
    "sealdesk/ledger/v1/state.proto",
    "sealdesk/ledger/v1/receipt.proto",
    "sealdesk/ledger/v1/snapshot.proto",
    "sealdesk/ledger/v1/admission.proto",
    "google/rpc/status.proto",
    "google/rpc/error_details.proto",
    "cosmos/tx/v1beta1/tx.proto",
    "cosmos/auth/v1beta1/query.proto",
    "cosmos/tx/v1beta1/service.proto",
    "cosmos/crypto/ed25519/keys.proto",
    "cosmos/crypto/multisig/keys.proto",
    "cosmos/crypto/secp256k1/keys.proto",
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
    let root: PathBuf = Path::new(env!("CARGO_MANIFEST_DIR")).join("proto");
    println!("cargo::rerun-if-changed={}", root.display());
    let mut compiler = protox::Compiler::new([&root])?;
    compiler.include_imports(true).include_source_info(true).open_files(FILES)?;
    let out = PathBuf::from(std::env::var("OUT_DIR")?).join("descriptors.bin");
    // The compiler's own bytes have the options that prost's types do not know: amino names, signers, HTTP routes.
    std::fs::write(&out, compiler.encode_file_descriptor_set())?;
    println!("cargo::metadata=descriptors={}", out.display());
    let schema = PathBuf::from(std::env::var("OUT_DIR")?).join("amino_schema.rs");
    std::fs::write(schema, schema::of(&compiler.file_descriptor_set())?)?;
    prost_build::Config::new()
        .btree_map(["."])
        .enable_type_names()
        .include_file("wire.rs")
        .compile_fds(compiler.file_descriptor_set())?;
    Ok(())
}
