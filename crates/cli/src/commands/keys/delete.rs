//! `sealdesk keys delete NAME`.

use serde_json::json;

use crate::context::Context;
use crate::failure::Failure;
use crate::prompt;

/// Options of `delete`.
#[derive(Debug, clap::Args)]
pub(crate) struct Args {
    /// Which key
    #[arg(value_name = "NAME")]
    name: String,
}

pub(super) fn run(context: &Context, args: Args) -> Result<(), Failure> {
    let (output, keyring) = (context.output(), context.keyring()?);
    let key = keyring.show(&args.name)?;
    let question = format!("Delete the key {}? Only its recovery phrase brings it back.", key.name);
    prompt::confirm(output, context.settings().yes, &question)?;
    keyring.delete(&args.name)?;
    output.answer(&json!({ "deleted": key.name.as_str() }), || {
        format!("{} is deleted from this home", key.name)
    })
}
