//! `sealdesk keys export NAME`.

use serde_json::json;

use crate::context::Context;
use crate::failure::Failure;
use crate::prompt;
use crate::table;

/// Options of `export`.
#[derive(Debug, clap::Args)]
#[command(
    after_help = "Anyone who sees the recovery phrase has the key and can read everything that was sealed for it. \
    So the passphrase is asked for here, unlocked or not."
)]
pub(crate) struct Args {
    /// Which key
    #[arg(value_name = "NAME")]
    name: String,
}

pub(super) fn run(context: &Context, args: Args) -> Result<(), Failure> {
    let (output, keyring) = (context.output(), context.keyring()?);
    let key = keyring.show(&args.name)?;
    let question = format!("Show the recovery phrase of {}?", key.name);
    prompt::confirm(output, context.settings().yes, &question)?;
    let phrase = if keyring.needs_passphrase() {
        let passphrase = context.passphrase_of(&keyring, &args.name)?;
        keyring.export(&args.name, passphrase.as_bytes())?
    } else {
        let keyring_key = context.keyring_key(&keyring, &args.name)?;
        keyring.export(&args.name, keyring_key.as_deref())?
    };
    let address = key.address(context.prefix());
    let value =
        json!({ "name": key.name.as_str(), "address": address.as_str(), "recovery_phrase": phrase.as_str() });
    output.answer(&value, || table::phrase(&phrase))
}
