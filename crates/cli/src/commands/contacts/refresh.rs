//! `sealdesk contacts refresh`.

use serde_json::json;

use super::{acting, desk_book, refresh_by};
use crate::context::Context;
use crate::failure::Failure;
use crate::table::count;

/// Options of `contacts refresh`.
#[derive(Debug, clap::Args)]
#[command(after_help = "`sealdesk read` does it by itself, once an hour, for anyone on the staff.\n\n\
    Example: sealdesk contacts refresh --from bob")]
pub(crate) struct Args {}

pub(super) async fn run(context: &Context, Args {}: Args) -> Result<(), Failure> {
    let (desk, me) = acting(context).await?;
    let found = refresh_by(context, &desk, &me).await?;
    context.output().answer(&json!({ "names": found }), || match found {
        Some(names) => {
            format!("{} has {}; `sealdesk contacts list` shows them", desk_book(), count(names, "name"))
        }
        None => format!("no {} that you can read exists", desk_book().trim_start_matches("the ")),
    })
}
