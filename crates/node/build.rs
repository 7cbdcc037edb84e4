//! Generates the gRPC services that this node answers, whose messages are those of `sealdesk_protocol::wire`; and takes in the desk's page,
//! where `make page` has built it.

use std::error::Error;
use std::fmt::Write as _;
use std::path::{Path, PathBuf};

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

/// Where the desk's page is built.
const PAGE: &str = "../../desk/dist";

fn main() -> Result<(), Box<dyn Error>> {
    services()?;
    page()
}

fn services() -> Result<(), Box<dyn Error>> {
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

/// Every file of the page, beside it what it is as brotli and gzip. Without the page the list is empty, and the node says so.
fn page() -> Result<(), Box<dyn Error>> {
    let folder = Path::new(PAGE).canonicalize()?;
    println!("cargo::rerun-if-changed={PAGE}");
    let mut paths = Vec::new();
    gather(&folder, &mut paths)?;
    paths.sort();
    let mut list = String::from("pub(super) const FILES: &[File] = &[\n");
    for path in paths {
        let name =
            path.strip_prefix(&folder)?.to_str().ok_or("a file of the page has a name that is not UTF-8")?;
        let packed = |ending: &str| {
            let packed = format!("{}.{ending}", path.display());
            match Path::new(&packed).exists() {
                true => format!("Some(include_bytes!({packed:?}))"),
                false => "None".to_owned(),
            }
        };
        let bytes = format!("include_bytes!({:?})", path.display().to_string());
        writeln!(
            list,
            "File {{ path: {:?}, bytes: {bytes}, brotli: {}, gzip: {} }},",
            format!("/{name}"),
            packed("br"),
            packed("gz"),
        )?;
    }
    list.push_str("];\n");
    let made = PathBuf::from(std::env::var("OUT_DIR")?).join("page.rs");
    Ok(std::fs::write(made, list)?)
}

fn gather(folder: &Path, paths: &mut Vec<PathBuf>) -> Result<(), Box<dyn Error>> {
    for entry in std::fs::read_dir(folder)? {
        let path = entry?.path();
        let is_hidden = path.file_name().is_none_or(|name| name.as_encoded_bytes().starts_with(b"."));
        let is_packed = path.extension().is_some_and(|ending| ending == "br" || ending == "gz");
        match path.is_dir() {
            true => gather(&path, paths)?,
            false if is_hidden || is_packed => {}
            false => paths.push(path),
        }
    }
    Ok(())
}
