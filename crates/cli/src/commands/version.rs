//! `sealdesk version`.

use serde_json::json;

use crate::context::Context;
use crate::failure::Failure;

/// The commit that this program was built of, and its day; `unknown` where the source did not say.
const COMMIT: &str = env!("SEALDESK_BUILT_COMMIT");
const DATE: &str = env!("SEALDESK_BUILT_DATE");

/// Options of `version`.
#[derive(Debug, clap::Args)]
#[command(after_help = "Examples:\n  sealdesk version\n  sealdesk version --json commit,date")]
pub(crate) struct Args {}

pub(super) fn run(context: &Context, Args {}: Args) -> Result<(), Failure> {
    let version = env!("CARGO_PKG_VERSION");
    let value = json!({ "name": "sealdesk", "version": version, "commit": COMMIT, "date": DATE });
    context.output().answer(&value, || format!("sealdesk {version} (commit {COMMIT}, {DATE})"))
}
