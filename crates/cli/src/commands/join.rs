//! `sealdesk join`: takes part in a replicated ledger.

use std::path::PathBuf;
use std::time::Duration;

use sealdesk_node::comet::{StateSyncConfig, agree_on_header, node_id};
use sealdesk_node::home::{Home, HomeError};
use sealdesk_protocol::genesis::Genesis;
use sealdesk_protocol::ids::Prefix;
use serde_json::json;

use crate::context::Context;
use crate::failure::Failure;
use crate::setup;
use crate::table::count;
use crate::text_input::{self, GENESIS_BYTES_MAX};

/// Options of `join`.
#[derive(Debug, clap::Args)]
#[command(
    after_help = "First every organisation runs it without a file, and gives what it prints to the others: its validator goes into \
    the genesis, its node id into the others' peers. Then everyone runs it with the same genesis file, and starts with \
    `sealdesk start --engine comet`."
)]
pub(crate) struct Args {
    /// The genesis that all organisations begin with; `-` reads standard input; left out, this home's validator is shown
    #[arg(value_name = "GENESIS")]
    genesis: Option<PathBuf>,
    /// This organisation's name; public
    #[arg(long, value_name = "NAME", default_value = "")]
    name: String,
    /// Take the first state from a snapshot instead of executing every block: CometBFT's RPC of two nodes or more, of
    /// different organisations, as http://HOST:PORT,http://HOST:PORT
    #[arg(long, value_delimiter = ',', value_name = "URLS", requires = "genesis")]
    sync_from: Vec<String>,
    /// The height of a header that you trust; left out, the newest that all of these nodes agree on is
    #[arg(long, value_name = "H", requires_all = ["sync_from", "trust_hash"])]
    trust_height: Option<u64>,
    /// Its hash
    #[arg(long, value_name = "HEX", requires_all = ["sync_from", "trust_height"])]
    trust_hash: Option<String>,
}

pub(super) async fn run(context: &Context, args: Args) -> Result<(), Failure> {
    let home = Home::new(context.home());
    let Some(file) = &args.genesis else { return show(context, &home, &args.name) };
    let text = text_input::document(context, file, GENESIS_BYTES_MAX)?;
    let read = |why: String| Failure::usage(format!("{}: {why}", file.display()), "name the genesis file");
    let genesis = Genesis::from_json(&text).map_err(|error| read(error.to_string()))?;
    let prefix = Prefix::parse(&genesis.app_state.prefix).map_err(|error| read(error.to_string()))?;
    // All that can be wrong comes before anything is written: servers that do not agree leave no half-made home.
    home.config()?;
    home.expect_unbegun()?;
    genesis.check().map_err(HomeError::from)?;
    let state_sync = state_sync(&args, &genesis.chain_id, context.settings().patience).await?;
    let key = home.prepare()?;
    if let Some(section) = &state_sync {
        home.add_state_sync(section)?;
    }
    context.settings().remember(&prefix)?;
    home.join(&genesis)?;
    let id = node_id(&home)?;
    setup::pin(context, &genesis)?;
    let validates = genesis.validators.iter().any(|validator| validator.pub_key.value == key);
    let trusted =
        state_sync.as_ref().map(|sync| json!({ "height": sync.trust_height, "hash": sync.trust_hash }));
    let value =
        json!({ "chain_id": genesis.chain_id, "node_id": id, "validator": validates, "trusted": trusted });
    context.output().answer(&value, || {
        let part = if validates { "as one of its validators" } else { "without a vote: it follows the others" };
        let (peers, home) = (peers(context, &home), context.home_option());
        let chain_id = &genesis.chain_id;
        let trust = state_sync.as_ref().map(|sync| trust_summary(sync, args.trust_height.is_some())).unwrap_or_default();
        format!(
            "This home takes part in {chain_id}, {part}.{trust}\n\n{peers}: sealdesk{home} start --engine comet"
        )
    })
}

/// What is to be written into config.toml before the start: where a section stands already, its line goes into that.
fn peers(context: &Context, home: &Home) -> String {
    let named = home.config().map(|config| config.comet.peers.len()).unwrap_or_default();
    if named > 0 {
        return format!("Its config.toml names {}. Start it", count(named, "peer"));
    }
    let path = home.config_file();
    let text = std::fs::read_to_string(&path).unwrap_or_default();
    let file = context.shown(&path);
    let (what, section) = match text.lines().any(|line| line.trim_start().starts_with("[comet]")) {
        true => ("this line below [comet] in", ""),
        false => ("these two lines at the end of", "  [comet]\n"),
    };
    format!(
        "Write {what} {file}, with the others' node ids and addresses:\n{section}  peers = [\"ID@HOST:26656\"]\n\nThen start it"
    )
}

/// The section of config.toml for a state sync, with the header that was named or that all servers agree on.
async fn state_sync(
    args: &Args,
    chain_id: &str,
    patience: Duration,
) -> Result<Option<StateSyncConfig>, Failure> {
    if args.sync_from.is_empty() {
        return Ok(None);
    }
    let servers = args.sync_from.clone();
    let with = |trust_height: u64, trust_hash: String| {
        let section =
            StateSyncConfig { servers: servers.clone(), trust_height, trust_hash, key_never_signed: false };
        section.check().map(|()| section)
    };
    let section = match (args.trust_height, &args.trust_hash) {
        (Some(height), Some(hash)) => with(height, hash.to_uppercase()),
        _ => {
            // Whatever is wrong with the servers is said before they are asked.
            with(1, "0".repeat(64))?;
            let point = agree_on_header(&servers, chain_id, patience).await?;
            with(point.height, point.hash)
        }
    };
    Ok(Some(section?))
}

/// What a person should know of the header that everything rests on.
fn trust_summary(sync: &StateSyncConfig, named: bool) -> String {
    let (height, hash, count) = (sync.trust_height, &sync.trust_hash, sync.servers.len());
    let whom = if named {
        "You named it.".to_owned()
    } else {
        format!(
            "All {count} servers say so, and this trusts them: someone who controls all of them could show you another ledger. Compare it \
             with someone who runs a node: curl 'http://HOST:PORT/commit?height={height}'."
        )
    };
    format!(
        "\n\nIts first state comes from a snapshot. It rests on the header of block {height},\n  {hash}\n{whom}"
    )
}

fn show(context: &Context, home: &Home, name: &str) -> Result<(), Failure> {
    let validator = home.own_validator(name)?;
    let value = json!({ "node_id": node_id(home)?, "validator": validator });
    context.output().answer(&value, || serde_json::to_string_pretty(&value).unwrap_or_default())
}
