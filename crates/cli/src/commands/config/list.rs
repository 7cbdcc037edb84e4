//! `sealdesk config list`.

use serde_json::{Value, json};

use super::now;
use crate::context::Context;
use crate::failure::Failure;
use crate::table;

/// Options of `config list`.
#[derive(Debug, clap::Args)]
#[command(
    after_help = "A setting comes from the command line, else from a variable of the environment, else from client.toml in the home, else it is \
    as usual. `sealdesk --help` says what each does.\n\nExample: sealdesk config list --json name,source"
)]
pub(crate) struct Args {}

pub(super) fn run(context: &Context, Args {}: Args) -> Result<(), Failure> {
    let all = now(context)?;
    let values: Vec<Value> = all.iter().map(super::Now::json).collect();
    context.output().answer(&json!({ "settings": values }), || {
        let rows =
            all.iter().map(|now| vec![now.name.clone(), now.value.clone(), now.source.clone()]).collect();
        table::rows(&["SETTING", "VALUE", "FROM"], rows)
    })
}
