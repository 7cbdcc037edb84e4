//! `sealdesk export`.

use std::path::PathBuf;
use std::sync::Arc;

use sealdesk_node::clock::SystemClock;
use sealdesk_node::home::{Home, new_chain_id};
use sealdesk_node::solo::{Setup, Solo, SoloError, file_disks};
use sealdesk_protocol::ids::ChainId;
use serde_json::json;

use crate::context::Context;
use crate::error::{Failure, at};
use crate::words::count;

/// Options of `export`.
#[derive(Debug, clap::Args)]
#[command(
    after_help = "The desk must not be running. Contents stay sealed, keys stay in the keyring: the file holds what \
    everyone can see on the ledger anyway. Transactions and events stay with the old ledger."
)]
pub(crate) struct Args {
    /// File to write
    #[arg(short = 'o', long = "out", value_name = "FILE")]
    out: PathBuf,
    /// Chain id of the new ledger; under the old one, its transactions would be good on the copy [default: a random one]
    #[arg(long, value_name = "ID", conflicts_with = "unchanged")]
    new_chain_id: Option<String>,
    /// Keep the chain id, which is possible only while nothing has changed since genesis
    #[arg(long)]
    unchanged: bool,
}

pub(super) fn run(context: &Context, args: Args) -> Result<(), Failure> {
    let chain_id = match (&args.new_chain_id, args.unchanged) {
        (Some(text), _) => {
            Some(ChainId::parse(text).map_err(|e| Failure::usage(e.to_string(), "leave it out"))?)
        }
        (None, true) => None,
        (None, false) => Some(new_chain_id("desk")?),
    };
    let solo = open(context)?;
    let gate = solo.gate();
    let genesis = gate.machine().export(&gate.tip().snapshot, chain_id.as_ref()).map_err(|error| {
        Failure::hinted(error.to_string(), "leave --unchanged and --new-chain-id out for a random one")
    })?;
    let text = genesis.to_json().map_err(|error| Failure::new(error.to_string()))?;
    std::fs::write(&args.out, text).map_err(|error| at(&args.out, &error))?;
    let (tickets, file) = (genesis.app_state.ticket_count, context.shown(&args.out));
    let value = json!({ "chain_id": genesis.chain_id, "file": args.out, "tickets": tickets });
    context.output().answer(&value, || {
        let tickets = count(tickets, "ticket");
        match args.unchanged {
            true => format!("{file} holds the whole desk as it began, with {tickets}"),
            false => {
                format!("{file} holds the whole desk with {tickets}, for a new ledger {}", genesis.chain_id)
            }
        }
    })
}

/// The stopped ledger of this home.
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
            SoloError::OtherLedger { .. } | SoloError::OtherValidator => "name the right --home",
            SoloError::OlderCopy { .. } | SoloError::OtherHistory { .. } => {
                "never run two copies of one home"
            }
            _ => return Self::new(message),
        };
        Self::hinted(message, hint)
    }
}
