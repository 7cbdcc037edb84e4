//! `sealdesk keys add NAME`.

use sealdesk_client::keyring::Added;
use sealdesk_envelope::PhraseLength;
use serde_json::json;

use crate::context::Context;
use crate::failure::Failure;
use crate::table;

/// Options of `add`.
#[derive(Debug, clap::Args)]
#[command(
    after_help = "The recovery phrase is shown once. Write it down: it restores the key and everything sealed for it, \
    and without it only a backup made with --with-keys does."
)]
pub(crate) struct Args {
    /// Name of the key in this home; others do not see it
    #[arg(value_name = "NAME")]
    name: String,
    /// Words of the recovery phrase, 12 or 24
    #[arg(long, value_name = "N", default_value = "24", value_parser = ["12", "24"])]
    words: String,
}

pub(super) fn run(context: &Context, args: Args) -> Result<(), Failure> {
    context.free_for_key(&args.name)?;
    let keyring = context.keyring()?;
    let passphrase = context.new_passphrase(&keyring)?;
    let length = if args.words == "12" { PhraseLength::Twelve } else { PhraseLength::TwentyFour };
    let Added { info, phrase } = keyring.add(&args.name, passphrase, length, &mut getrandom::SysRng)?;
    let address = context.address_of(&info);
    let value = json!({ "name": info.name.as_str(), "address": address, "recovery_phrase": phrase.as_str() });
    context.output().answer(&value, || {
        format!(
            "{}  {address}\n\nRecovery phrase, shown this once. Write it down and keep it secret:\n\n{}",
            info.name,
            table::phrase(&phrase)
        )
    })
}
