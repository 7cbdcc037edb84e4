//! `sealdesk keys show NAME`.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde_json::json;

use crate::args::Ledger;
use crate::context::Context;
use crate::failure::Failure;
use crate::table;

/// Options of `show`.
#[derive(Debug, clap::Args)]
pub(crate) struct Args {
    /// Which key
    #[arg(value_name = "NAME")]
    name: String,
    /// Print the address and nothing else
    #[arg(long, short = 'a')]
    address: bool,
}

pub(super) fn run(context: &Context, args: Args) -> Result<(), Failure> {
    let key = context.keyring()?.show(&args.name)?;
    let address = context.address_of(&key);
    if args.address {
        let value = json!({ "address": address });
        return context.output().answer(&value, || address.to_string());
    }
    let account_key = match context.ledger() {
        Ledger::Native => Some(key.public_key),
        Ledger::Stacks => key.stacks_public_key,
    };
    let public_key = account_key.map(|key| STANDARD.encode(key)).unwrap_or_default();
    let value = json!({
        "name": key.name.as_str(),
        "address": address,
        "public_key": public_key,
        "key_fingerprint": key.fingerprint.to_string(),
    });
    context.output().answer(&value, || {
        table::fields(&[
            ("name", key.name.to_string()),
            ("address", address.to_string()),
            ("account key", public_key.clone()),
            ("first encryption key", key.fingerprint.to_string()),
        ])
    })
}
