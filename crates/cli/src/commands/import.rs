//! `sealdesk import FILE`.

use std::path::PathBuf;

use sealdesk_client::genesis::chain_of;
use sealdesk_node::home::{Home, HomeError};
use sealdesk_protocol::genesis::Genesis;
use sealdesk_protocol::ids::Prefix;
use serde_json::json;

use crate::context::Context;
use crate::failure::Failure;
use crate::moving::{self, Before};
use crate::outside::{self, GENESIS_BYTES_MAX};
use crate::table::count;
use crate::{setup, table};

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
    let text = outside::document(context, &args.file, GENESIS_BYTES_MAX)?;
    let read = |why: String| {
        Failure::usage(format!("{}: {why}", args.file.display()), "name a file that `sealdesk export` wrote")
    };
    let mut genesis = Genesis::from_json(&text).map_err(|error| read(error.to_string()))?;
    let prefix = Prefix::parse(&genesis.app_state.prefix).map_err(|error| read(error.to_string()))?;
    let home = Home::new(context.home());
    if home.is_initialised() {
        return Err(HomeError::Exists(home.path().to_owned()).into());
    }
    // Nothing is made for a document that no ledger can begin with.
    genesis.check().map_err(|error| read(error.to_string()))?;
    moving::add_changes(context, &mut genesis)?;
    moving::begin_at(&mut genesis, args.genesis_time.as_deref())?;
    moving::rename(context, &mut genesis)?;
    genesis.check().map_err(|error| read(error.to_string()))?;
    moving::warn_of_time(context, &genesis);
    home.prepare()?;
    context.settings().remember(&prefix)?;
    let genesis = home.init(genesis)?;
    setup::pin(context, &genesis)?;
    tell(context, &genesis)
}

fn tell(context: &Context, genesis: &Genesis) -> Result<(), Failure> {
    let chain = chain_of(genesis).map_err(|error| Failure::new(error.to_string()))?;
    let (identity, before) = (chain.identity(), Before::of(&chain.ancestry));
    let (tickets, people) = (genesis.app_state.ticket_count, genesis.app_state.keys.len());
    let value = json!({
        "chain_id": genesis.chain_id,
        "identity": identity.to_string(),
        "identity_words": identity.words(),
        "continues": before.as_ref().map(Before::json),
        "home": context.home(),
        "tickets": tickets,
        "people": people,
    });
    context.output().answer(&value, || {
        let (shown, tickets) = (context.shown(context.home()), count(tickets, "ticket"));
        let facts = table::fields(&[("  identity", identity.to_string()), ("  in words", identity.words())]);
        let next = before.map(|before| format!("\n\n{}", before.next_steps(&identity))).unwrap_or_default();
        format!(
            "Made the ledger {} in {shown}, with {tickets}.\n{facts}\n\nNow run it: sealdesk{} start{next}",
            genesis.chain_id,
            context.home_option()
        )
    })
}
