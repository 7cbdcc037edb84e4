//! `sealdesk keys import NAME`.

use std::io::IsTerminal as _;
use std::path::Path;

use serde_json::json;
use zeroize::Zeroizing;

use crate::context::Context;
use crate::failure::Failure;
use crate::prompt;
use crate::text_input;

/// Longest input that is read for a phrase, in bytes.
const INPUT_BYTES_MAX: u64 = 4096;

/// Options of `import`.
#[derive(Debug, clap::Args)]
#[command(
    after_help = "The recovery phrase is asked for, or read from standard input; never from the command line. \
    With the file keyring, scripts give the passphrase by SEALDESK_PASSPHRASE_FILE."
)]
pub(crate) struct Args {
    /// Name of the key in this home; others do not see it
    #[arg(value_name = "NAME")]
    name: String,
}

pub(super) fn run(context: &Context, args: Args) -> Result<(), Failure> {
    context.free_for_key(&args.name)?;
    let keyring = context.keyring()?;
    let phrase = phrase(context)?;
    let passphrase = context.new_passphrase(&keyring)?;
    let info = keyring.import(&args.name, passphrase, &phrase, &mut getrandom::SysRng)?;
    let address = context.address_of(&info);
    let value = json!({ "name": info.name.as_str(), "address": address });
    context.output().answer(&value, || format!("{}  {address}", info.name))
}

fn phrase(context: &Context) -> Result<Zeroizing<String>, Failure> {
    if std::io::stdin().is_terminal() {
        return prompt::recovery_phrase();
    }
    text_input::text(context, Path::new("-"), INPUT_BYTES_MAX)
}
