//! `sealdesk export`.

use std::path::PathBuf;

use sealdesk_node::home::{Home, new_chain_id};
use sealdesk_protocol::genesis::Genesis;
use sealdesk_protocol::ids::ChainId;
use serde_json::json;

use crate::context::Context;
use crate::failure::{Failure, at};
use crate::import_plan;
use crate::output::named;
use crate::output_file;
use crate::stopped::Exportable;
use crate::table::count;

/// Options of `export`.
#[derive(Debug, clap::Args)]
#[command(
    after_help = "The desk must not be running. Contents stay sealed, keys stay in the keyring: the file holds what \
    everyone can see on the ledger anyway. Transactions and events stay with the old ledger.\nA ledger that has made blocks \
    since its genesis is exported under a new chain id; one that has not, under its own. Anyone who makes a ledger of the file gives it another one."
)]
pub(crate) struct Args {
    /// File to write [default: standard output]
    #[arg(short = 'o', long = "out", value_name = "FILE")]
    out: Option<PathBuf>,
    /// Chain id of the new ledger; under the old one, its transactions would be good on the copy [default: a random one]
    #[arg(long, value_name = "ID")]
    new_chain_id: Option<String>,
}

pub(super) fn run(context: &Context, args: Args) -> Result<(), Failure> {
    let new_chain_id = args.new_chain_id.as_deref().map(chain_id).transpose()?;
    let ledger = Exportable::open(&Home::new(context.home()))?;
    let mut genesis = document(&ledger, new_chain_id.as_ref())?;
    import_plan::add_changes(context, &context.pins()?, &mut genesis)?;
    genesis.check().map_err(|error| Failure::new(error.to_string()))?;
    let text = genesis.to_json().map_err(|error| Failure::new(error.to_string()))?;
    let began_so = genesis.chain_id == ledger.chain_id().as_str();
    let told = |file: &str| {
        let tickets = count(genesis.app_state.ticket_count, "ticket");
        match began_so {
            true => format!("{file} holds the whole desk as it began, with {tickets}"),
            false => {
                format!("{file} holds the whole desk with {tickets}, for a new ledger {}", genesis.chain_id)
            }
        }
    };
    let Some(out) = named(args.out.as_deref()) else {
        context.output().bytes(&text)?;
        context.output().note(&told("this"));
        return Ok(());
    };
    output_file::put(out, &text).map_err(|error| at(out, &error))?;
    let tickets = genesis.app_state.ticket_count;
    let value = json!({ "chain_id": genesis.chain_id, "file": out, "tickets": tickets });
    context.output().answer(&value, || told(&context.shown(out)))
}

fn chain_id(text: &str) -> Result<ChainId, Failure> {
    ChainId::parse(text)
        .map_err(|error| Failure::usage(error.to_string(), "leave --new-chain-id out for a random one"))
}

/// The whole state. Without a name for the new ledger it keeps its own while it is as it began, and gets a random one after.
fn document(ledger: &Exportable, new: Option<&ChainId>) -> Result<Genesis, Failure> {
    let exported = match ledger.export(new) {
        Err(error) if error.needs_name => ledger.export(Some(&new_chain_id("desk")?)),
        exported => exported,
    };
    exported.map_err(|error| Failure::hinted(error.why, "leave --new-chain-id out for a random one"))
}
