//! `sealdesk import FILE`.

use std::path::PathBuf;

use sealdesk_node::home::{Home, HomeError};
use sealdesk_protocol::genesis::Genesis;
use sealdesk_protocol::ids::Prefix;
use serde_json::json;

use crate::context::Context;
use crate::failure::Failure;
use crate::outside::{self, GENESIS_BYTES_MAX};
use crate::setup;
use crate::table::count;

/// Options of `import`.
#[derive(Debug, clap::Args)]
#[command(
    after_help = "Makes a desk in an empty home. Keys are not in the file: copy the keyring folder, or restore keys \
    from their recovery phrases."
)]
pub(crate) struct Args {
    /// What `sealdesk export` wrote; `-` reads standard input
    #[arg(value_name = "FILE")]
    file: PathBuf,
}

pub(super) fn run(context: &Context, args: Args) -> Result<(), Failure> {
    let text = outside::document(context, &args.file, GENESIS_BYTES_MAX)?;
    let read = |why: String| {
        Failure::usage(format!("{}: {why}", args.file.display()), "name a file that `sealdesk export` wrote")
    };
    let genesis = Genesis::from_json(&text).map_err(|error| read(error.to_string()))?;
    let prefix = Prefix::parse(&genesis.app_state.prefix).map_err(|error| read(error.to_string()))?;
    // Nothing is made for a document that no ledger can begin with.
    genesis.check().map_err(|error| read(error.to_string()))?;
    let home = Home::new(context.home());
    if home.is_initialised() {
        return Err(HomeError::Exists(home.path().to_owned()).into());
    }
    home.prepare()?;
    context.settings().remember(&prefix)?;
    let genesis = home.init(genesis)?;
    setup::pin(context, &genesis)?;
    let (tickets, people) = (genesis.app_state.ticket_count, genesis.app_state.keys.len());
    let value =
        json!({ "chain_id": genesis.chain_id, "home": context.home(), "tickets": tickets, "people": people });
    context.output().answer(&value, || {
        let (shown, tickets) = (context.shown(context.home()), count(tickets, "ticket"));
        let start = format!("sealdesk{} start", context.home_option());
        format!("Made the ledger {} in {shown}, with {tickets}.\n\nNow run it: {start}", genesis.chain_id)
    })
}
