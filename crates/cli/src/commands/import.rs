//! `sealdesk import FILE`.

use std::path::PathBuf;

use sealdesk_node::home::Home;
use sealdesk_protocol::genesis::Genesis;
use sealdesk_protocol::ids::Prefix;

use crate::context::Context;
use crate::failure::Failure;
use crate::import_plan;
use crate::setup;
use crate::text_input::{self, GENESIS_BYTES_MAX};

/// Options of `import`.
#[derive(Debug, clap::Args)]
#[command(
    after_help = "Makes a desk in a home that holds none, as a ledger of its own: its chain id is the old one's name with a random ending, or what \
    --chain-id says, and never one that the file or this home knows.\nKeys are not in the file: copy the keyring folder, or restore keys \
    from their recovery phrases."
)]
pub(crate) struct Args {
    /// What `sealdesk export` wrote; `-` reads standard input
    #[arg(value_name = "FILE")]
    file: PathBuf,
    /// When the new ledger begins, where a clock was ahead: `now`, or as 2026-11-21T09:00:00Z. What the file says happened later
    /// happened then [default: when the desk last changed]
    #[arg(long, value_name = "TIME")]
    genesis_time: Option<String>,
}

pub(super) fn run(context: &Context, args: Args) -> Result<(), Failure> {
    let text = text_input::document(context, &args.file, GENESIS_BYTES_MAX)?;
    let read = |why: String| {
        Failure::usage(format!("{}: {why}", args.file.display()), "name a file that `sealdesk export` wrote")
    };
    let mut genesis = Genesis::from_json(&text).map_err(|error| read(error.to_string()))?;
    let prefix = Prefix::parse(&genesis.app_state.prefix).map_err(|error| read(error.to_string()))?;
    let home = Home::new(context.home());
    home.expect_unbegun()?;
    // Nothing is made for a document that no ledger can begin with.
    genesis.check().map_err(|error| read(error.to_string()))?;
    import_plan::add_changes(context, &context.pins()?, &mut genesis)?;
    import_plan::begin_at(&mut genesis, args.genesis_time.as_deref())?;
    import_plan::rename(context, &context.pins()?, &mut genesis)?;
    genesis.check().map_err(|error| read(error.to_string()))?;
    import_plan::warn_of_time(context, &genesis);
    home.prepare()?;
    context.settings().remember(&prefix)?;
    let genesis = home.init(genesis)?;
    setup::pin(context, &genesis)?;
    let made = import_plan::Made::of(context, &genesis)?;
    context.output().answer(&made.value, || made.text)
}
