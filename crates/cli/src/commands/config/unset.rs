//! `sealdesk config unset NAME`.

use sealdesk_protocol::text;
use serde_json::json;

use super::say_what_counts;
use crate::config::SETTINGS_FILE;
use crate::context::Context;
use crate::failure::Failure;
use crate::settings_file::{Setting, change, standing};

/// Options of `config unset`.
#[derive(Debug, clap::Args)]
#[command(after_help = "It also removes lines that are not settings.\n\nExample: sealdesk config unset node")]
pub(crate) struct Args {
    /// Which setting
    #[arg(value_name = "NAME")]
    name: String,
}

pub(super) fn run(context: &Context, args: &Args) -> Result<(), Failure> {
    let name = args.name.trim();
    let path = context.home().join(SETTINGS_FILE);
    let shown = context.shown(&path);
    if !standing(context.home())?.iter().any(|(known, _)| known == name) {
        return Err(Failure::usage(
            format!("{} is not in {shown}", text::line(name)),
            "`sealdesk config list` shows the settings, and where each comes from",
        ));
    }
    change(context.home(), &[(name, None)])?;
    if let Some(setting) = Setting::named(name) {
        say_what_counts(context, setting);
    }
    context.output().answer(&json!({ "name": name, "file": path }), || {
        format!("{} is removed from {shown}", text::line(name))
    })
}
