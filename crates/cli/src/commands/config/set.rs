//! `sealdesk config set NAME VALUE`.

use serde_json::json;

use super::{named, say_what_counts};
use crate::config::SETTINGS_FILE;
use crate::context::Context;
use crate::failure::Failure;
use crate::settings_file::change;

/// Options of `config set`.
#[derive(Debug, clap::Args)]
#[command(
    after_help = "Everything else in client.toml stays as it is, comments included.\n\nExample: sealdesk config set node https://desk.example"
)]
pub(crate) struct Args {
    /// Which setting
    #[arg(value_name = "NAME")]
    name: String,
    /// Its value, as the option takes it
    #[arg(value_name = "VALUE", allow_hyphen_values = true)]
    value: String,
}

pub(super) fn run(context: &Context, args: &Args) -> Result<(), Failure> {
    let setting = named(&args.name)?;
    let value = setting.value(&args.value);
    let value = value.map_err(|why| {
        Failure::usage(
            format!("{} cannot be that: {why}", setting.name),
            "`sealdesk --help` says what the option takes",
        )
    })?;
    let shown = value.to_string().trim().to_owned();
    change(context.home(), &[(setting.name, Some(value))])?;
    say_what_counts(context, setting);
    let path = context.home().join(SETTINGS_FILE);
    context.output().answer(&json!({ "name": setting.name, "value": args.value, "file": path }), || {
        format!("{} = {shown} is now in {}", setting.name, context.shown(&path))
    })
}
