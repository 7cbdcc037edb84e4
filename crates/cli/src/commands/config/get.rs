//! `sealdesk config get NAME`.

use super::{named, now};
use crate::context::Context;
use crate::failure::Failure;

/// Options of `config get`.
#[derive(Debug, clap::Args)]
#[command(after_help = "Example: sealdesk config get node")]
pub(crate) struct Args {
    /// Which setting
    #[arg(value_name = "NAME")]
    name: String,
}

pub(super) fn run(context: &Context, args: &Args) -> Result<(), Failure> {
    let setting = named(&args.name)?;
    let Some(found) = now(context)?.into_iter().find(|now| now.name == setting.name) else { return Ok(()) };
    context.output().answer(&found.json(), || found.value.clone())
}
