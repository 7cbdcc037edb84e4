//! `sealdesk version`.

use serde_json::json;

use crate::context::Context;
use crate::failure::Failure;

/// Options of `version`.
#[derive(Debug, clap::Args)]
pub(crate) struct Args {}

pub(super) fn run(context: &Context, Args {}: Args) -> Result<(), Failure> {
    let version = env!("CARGO_PKG_VERSION");
    context
        .output()
        .answer(&json!({ "name": "sealdesk", "version": version }), || format!("sealdesk {version}"))
}
