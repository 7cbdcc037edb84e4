//! `sealdesk export`.

use std::path::PathBuf;
use std::sync::Arc;

use sealdesk_node::clock::SystemClock;
use sealdesk_node::comet::{is_replicated, open_stopped};
use sealdesk_node::home::{Home, new_chain_id};
use sealdesk_node::ledger::Ledger;
use sealdesk_node::solo::{Setup, Solo, SoloError, file_disks};
use sealdesk_protocol::block::ValidatorError;
use sealdesk_protocol::genesis::Genesis;
use sealdesk_protocol::ids::ChainId;
use serde_json::json;

use crate::context::Context;
use crate::error::{Failure, at};
use crate::words::count;

/// Options of `export`.
#[derive(Debug, clap::Args)]
#[command(
    after_help = "The desk must not be running. Contents stay sealed, keys stay in the keyring: the file holds what \
    everyone can see on the ledger anyway. Transactions and events stay with the old ledger.\nA ledger that has gone on \
    since its genesis is exported under a new chain id; one that has not, under its own."
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
    let ledger = stopped(context)?;
    let genesis = document(ledger.as_ref(), new_chain_id.as_ref())?;
    let text = genesis.to_json().map_err(|error| Failure::new(error.to_string()))?;
    let began_so = genesis.chain_id == ledger.machine().chain_id().as_str();
    let told = |file: &str| {
        let tickets = count(genesis.app_state.ticket_count, "ticket");
        match began_so {
            true => format!("{file} holds the whole desk as it began, with {tickets}"),
            false => {
                format!("{file} holds the whole desk with {tickets}, for a new ledger {}", genesis.chain_id)
            }
        }
    };
    let Some(out) = &args.out else {
        context.output().bytes(&text)?;
        context.output().note(&told("this"));
        return Ok(());
    };
    std::fs::write(out, text).map_err(|error| at(out, &error))?;
    let tickets = genesis.app_state.ticket_count;
    let value = json!({ "chain_id": genesis.chain_id, "file": out, "tickets": tickets });
    context.output().answer(&value, || told(&context.shown(out)))
}

fn chain_id(text: &str) -> Result<ChainId, Failure> {
    ChainId::parse(text)
        .map_err(|error| Failure::usage(error.to_string(), "leave --new-chain-id out for a random one"))
}

/// The whole state. Without a name for the new ledger it keeps its own while it is as it began, and gets a random one after.
fn document(ledger: &dyn Ledger, new: Option<&ChainId>) -> Result<Genesis, Failure> {
    let export = |new| ledger.machine().export(&ledger.tip().snapshot, new);
    let exported = match export(new) {
        Err(error) if error.needs_chain_id() => export(Some(&new_chain_id("desk")?)),
        exported => exported,
    };
    exported.map_err(|error| Failure::hinted(error.to_string(), "leave --new-chain-id out for a random one"))
}

/// The stopped ledger of this home, whichever engine made it.
fn stopped(context: &Context) -> Result<Arc<dyn Ledger>, Failure> {
    let home = Home::new(context.home());
    if !is_replicated(&home) {
        return Ok(open(context)?.handle().clone());
    }
    match open_stopped(&home) {
        Ok(app) => Ok(app.handle().clone()),
        Err(error) => Err(error.into()),
    }
}

/// The stopped embedded ledger of this home.
pub(super) fn open(context: &Context) -> Result<Solo, Failure> {
    let home = Home::new(context.home());
    let genesis = home.genesis()?;
    let setup = Setup {
        disks: file_disks(&home.data_dir())?,
        genesis,
        key: home.key()?,
        clock: Arc::new(SystemClock::default()),
    };
    Ok(Solo::open(setup)?)
}

/// What to do where another process has the ledger.
const RUNNING: &str = "a desk runs from this home; stop it first, with Ctrl-C or `kill`";

/// Whether another process has the ledger.
pub(super) fn is_running(failure: &Failure) -> bool {
    failure.hint() == Some(RUNNING)
}

impl From<SoloError> for Failure {
    fn from(error: SoloError) -> Self {
        let message = error.to_string();
        if error.is_in_use() {
            return Self::hinted(message, RUNNING);
        }
        let hint = match error {
            SoloError::Storage(_) => {
                "nothing is repaired by itself: restore the newest backup of the home, or make room"
            }
            SoloError::Validator(ValidatorError::None) => {
                "this genesis.json is an export: make a desk of it with `sealdesk import FILE --home DIR`"
            }
            SoloError::OtherLedger { .. } | SoloError::OtherValidator => {
                "name the right --home; if it is this one, restore genesis.json and validator_key.json from a backup of it"
            }
            SoloError::OlderCopy { .. } | SoloError::OtherHistory { .. } => {
                "never run two copies of one home"
            }
            _ => return Self::new(message),
        };
        Self::hinted(message, hint)
    }
}
