//! `sealdesk envelope check FILE`.

use std::path::PathBuf;

use sealdesk_envelope::known_answers;
use serde_json::json;

use crate::context::Context;
use crate::failure::Failure;
use crate::text_input;

/// Longest file of cases that is read, in bytes.
const CASES_BYTES_MAX: u64 = 64 << 20;

/// Options of `check`.
#[derive(Debug, clap::Args)]
#[command(
    after_help = "Three kinds of file are understood: `vectors` (sealing must give these bytes, every reader \
    opens them), `attacks` (each must be refused) and `identities` (a phrase must give these keys).\n\
    Exits with 1 if anything failed."
)]
pub(crate) struct Args {
    /// JSON file of cases, in the format of vectors/envelope
    #[arg(value_name = "FILE")]
    file: PathBuf,
}

pub(super) fn run(context: &Context, args: Args) -> Result<(), Failure> {
    let text = text_input::text(context, &args.file, CASES_BYTES_MAX)?;
    let report = known_answers::check(&text).map_err(|error| {
        Failure::usage(error.to_string(), "the files in vectors/envelope show the format")
    })?;
    let value = json!({ "passed": report.passed, "failed": report.failed, "lines": report.lines });
    context.output().answer(&value, || report.to_string())?;
    if report.failed == 0 { Ok(()) } else { Err(Failure::Quiet(1)) }
}
