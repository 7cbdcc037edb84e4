//! `sealdesk keys list`.

use sealdesk_client::keyring::Listed;
use serde_json::{Value, json};

use crate::context::Context;
use crate::failure::Failure;
use crate::table;

/// Options of `list`.
#[derive(Debug, clap::Args)]
pub(crate) struct Args {}

pub(super) fn run(context: &Context, Args {}: Args) -> Result<(), Failure> {
    let listed = context.keyring()?.list()?;
    let value: Vec<Value> = listed.iter().map(|listed| as_json(context, listed)).collect();
    context.output().answer(&value, || {
        if listed.is_empty() {
            return "no keys yet: `sealdesk keys add NAME` makes one".to_owned();
        }
        let row = |listed: &Listed| match &listed.info {
            Ok(key) => vec![key.name.to_string(), context.address_of(key)],
            Err(error) => vec![listed.name.to_string(), format!("not a key: {error}")],
        };
        table::rows(&["NAME", "ADDRESS"], listed.iter().map(row).collect())
    })
}

fn as_json(context: &Context, listed: &Listed) -> Value {
    match &listed.info {
        Ok(key) => json!({
            "name": key.name.as_str(),
            "address": context.address_of(key),
            "key_fingerprint": key.fingerprint.to_string(),
        }),
        Err(error) => json!({ "name": listed.name.as_str(), "error": error.to_string() }),
    }
}
