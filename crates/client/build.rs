//! Generates a function for every call that is asked over the network, and the tables of time zones and of
//! letters. The messages themselves are `protocol`'s.
//!
//! Not tonic's own clients: those are a copy of all that carries a call for each of forty calls, and a browser has to load it.

#[path = "build/letters.rs"]
mod letters;
#[path = "build/zones.rs"]
mod zones;

use std::fmt::Write as _;
use std::path::Path;

use prost::Message;
use prost_build::{Service, ServiceGenerator};
use prost_types::FileDescriptorSet;

/// The files whose services a client calls.
const FILES: [&str; 5] = [
    "virtengine/support/v1/support.proto",
    "virtengine/encryption/v1/encryption.proto",
    "virtengine/roles/v1/roles.proto",
    "sealdesk/ledger/v1/ledger.proto",
    "cosmos/tx/v1beta1/service.proto",
];

/// Writes a module a service, and a function a call, which makes a `Question`.
struct Calls;

impl ServiceGenerator for Calls {
    fn generate(&mut self, service: Service, text: &mut String) {
        let _ = writeln!(text, "pub mod {} {{", service.name.to_lowercase());
        for method in service.methods {
            let path = format!("/{}.{}/{}", service.package, service.proto_name, method.proto_name);
            let (name, asked, answer) = (method.name, method.input_type, method.output_type);
            let _ = writeln!(
                text,
                "    pub fn {name}(asked: &{asked}) -> crate::node::Question<{answer}> {{ \
                 crate::node::Question::new(\"{path}\", asked) }}"
            );
        }
        text.push_str("}\n");
    }
}

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let compiled = std::env::var("DEP_SEALDESK_WIRE_DESCRIPTORS")?;
    println!("cargo::rerun-if-changed={compiled}");
    let mut descriptors = FileDescriptorSet::decode(std::fs::read(compiled)?.as_slice())?;
    for file in &mut descriptors.file {
        // `Msg` services say what may stand in a transaction; nobody calls them.
        let asked = FILES.contains(&file.name());
        file.service.retain(|service| asked && service.name() != "Msg");
    }
    let mut config = prost_build::Config::new();
    config.service_generator(Box::new(Calls)).include_file("calls.rs");
    for package in ["cosmos", "google.api", "google.rpc", "sealdesk", "tendermint", "virtengine"] {
        let path = package.replace('.', "::");
        config.extern_path(format!(".{package}"), format!("::sealdesk_protocol::wire::{path}"));
    }
    config.compile_fds(descriptors)?;
    let out = std::env::var("OUT_DIR")?;
    std::fs::write(Path::new(&out).join("zones.rs"), zones::module()?)?;
    std::fs::write(Path::new(&out).join("letters.rs"), letters::module()?)?;
    Ok(())
}
