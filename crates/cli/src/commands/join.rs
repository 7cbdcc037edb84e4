//! `sealdesk join`: takes part in a replicated ledger.

use std::path::PathBuf;

use sealdesk_node::comet::node_id;
use sealdesk_node::home::Home;
use sealdesk_protocol::genesis::{Genesis, GenesisValidator};
use sealdesk_protocol::ids::Prefix;
use serde_json::json;

use super::init;
use crate::context::Context;
use crate::error::{Failure, at};

/// Voting power that every organisation proposes for itself; the genesis decides.
const POWER: u32 = 10;

/// Options of `join`.
#[derive(Debug, clap::Args)]
#[command(
    after_help = "First every organisation runs it without a file, and gives what it prints to the others: its validator goes into \
    the genesis, its node id into the others' peers. Then everyone runs it with the same genesis file, and starts with \
    `sealdesk start --engine comet`."
)]
pub(crate) struct Args {
    /// The genesis that all organisations begin with; left out, this home's validator is shown
    #[arg(value_name = "GENESIS")]
    genesis: Option<PathBuf>,
    /// This organisation's name; public
    #[arg(long, value_name = "NAME", default_value = "")]
    name: String,
}

pub(super) fn run(context: &Context, args: Args) -> Result<(), Failure> {
    let home = Home::new(context.home());
    let Some(file) = args.genesis else { return show(context, &home, &args.name) };
    let text = std::fs::read(&file).map_err(|error| at(&file, &error))?;
    let read = |why: String| Failure::usage(format!("{}: {why}", file.display()), "name the genesis file");
    let genesis = Genesis::from_json(&text).map_err(|error| read(error.to_string()))?;
    let prefix = Prefix::parse(&genesis.app_state.prefix).map_err(|error| read(error.to_string()))?;
    let key = home.prepare()?;
    home.join(&genesis)?;
    let id = node_id(&home)?;
    context.settings().remember(&prefix)?;
    init::pin(context, &genesis)?;
    let validates = genesis.validators.iter().any(|validator| validator.pub_key.value == key);
    let value = json!({ "chain_id": genesis.chain_id, "node_id": id, "validator": validates });
    context.output().answer(&value, || {
        let part = if validates { "as one of its validators" } else { "without a vote: it follows the others" };
        let home = context.home_option();
        let chain_id = &genesis.chain_id;
        format!(
            "This home takes part in {chain_id}, {part}.\n\nSet `peers` in its config.toml, then: sealdesk{home} start --engine comet"
        )
    })
}

fn show(context: &Context, home: &Home, name: &str) -> Result<(), Failure> {
    let validator = GenesisValidator::new(&home.prepare()?, POWER, name);
    let value = json!({ "node_id": node_id(home)?, "validator": validator });
    context.output().answer(&value, || serde_json::to_string_pretty(&value).unwrap_or_default())
}
