//! `sealdesk keys rename NAME NEW_NAME`.

use serde_json::json;

use crate::context::Context;
use crate::failure::Failure;

/// Options of `rename`.
#[derive(Debug, clap::Args)]
#[command(after_help = "Only this home knows the name: on the ledger nothing changes.")]
pub(crate) struct Args {
    /// Which key
    #[arg(value_name = "NAME")]
    name: String,
    /// Its new name
    #[arg(value_name = "NEW_NAME")]
    new_name: String,
}

pub(super) fn run(context: &Context, args: Args) -> Result<(), Failure> {
    let (output, keyring) = (context.output(), context.keyring()?);
    context.free_for_key(&args.new_name)?;
    let before = keyring.show(&args.name)?;
    let keyring_key = context.keyring_key(&keyring, &args.name)?;
    let key = keyring.rename(&args.name, &args.new_name, keyring_key.as_deref(), &mut getrandom::SysRng)?;
    if context.settings().from.as_deref() == Some(before.name.as_str()) {
        output.note(&format!("--from, SEALDESK_FROM or `from` in client.toml still says {}", before.name));
    }
    output.answer(&json!({ "renamed": before.name.as_str(), "name": key.name.as_str() }), || {
        format!("{} is now called {}", before.name, key.name)
    })
}
