//! `sealdesk keys list`.

use serde_json::{Value, json};

use crate::context::Context;
use crate::failure::Failure;
use crate::table;

/// Options of `list`.
#[derive(Debug, clap::Args)]
pub(crate) struct Args {}

pub(super) fn run(context: &Context, Args {}: Args) -> Result<(), Failure> {
    let keys = context.keyring()?.list()?;
    let value: Vec<Value> = keys
        .iter()
        .map(|key| {
            json!({
                "name": key.name.as_str(),
                "address": context.address_of(key),
                "key_fingerprint": key.fingerprint.to_string(),
            })
        })
        .collect();
    context.output().answer(&value, || {
        if keys.is_empty() {
            return "no keys yet: `sealdesk keys add NAME` makes one".to_owned();
        }
        let row =
            |key: &sealdesk_client::keyring::KeyInfo| vec![key.name.to_string(), context.address_of(key)];
        table::rows(&["NAME", "ADDRESS"], keys.iter().map(row).collect())
    })
}
