//! `sealdesk status`.

mod contract;

use sealdesk_protocol::engine::EngineKind;
use sealdesk_protocol::ids::ChainId;
use sealdesk_protocol::json;
use serde::Serialize;

use crate::args::Ledger;
use crate::context::Context;
use crate::failure::Failure;
use crate::table;

/// Options of `status`.
#[derive(Debug, clap::Args)]
#[command(
    after_help = "Everything here is the node's word, but for the pinned identity: that of the ledger which this home knows under the name that the node says. \
    Whatever seals, grants or reads checks that the node serves that ledger.\n\n\
    Examples:\n  sealdesk status\n  sealdesk status --node https://desk.example"
)]
pub(crate) struct Args {}

/// What the node says, and what this home knows the ledger by.
#[derive(Serialize)]
struct Shown {
    identity: Option<String>,
    identity_words: Option<String>,
    #[serde(flatten)]
    ledger: json::LedgerStatus,
}

pub(super) async fn run(context: &Context, Args {}: Args) -> Result<(), Failure> {
    if context.ledger() == Ledger::Stacks {
        return contract::run(context).await;
    }
    let status = context.node().await?.status().await?;
    let hash = hex::encode_upper(&status.validators_hash);
    let known = ChainId::parse(&status.chain_id).ok();
    let pins = context.pins()?;
    let identity = known.and_then(|chain_id| pins.get(&chain_id)).map(|pin| pin.ledger.identity);
    let value = Shown {
        identity: identity.map(|identity| identity.to_string()),
        identity_words: identity.map(|identity| identity.words()),
        ledger: json::LedgerStatus::from(status.clone()),
    };
    context.output().answer(&value, || {
        let mut fields = vec![
            ("chain id", status.chain_id.clone()),
            ("engine", status.engine.clone()),
            ("height", status.height.to_string()),
            ("last block", context.zone().alone(status.timestamp)),
            ("app hash", hex::encode_upper(&status.app_hash)),
            ("validators", hash.clone()),
            ("version", status.version.clone()),
        ];
        // The node only says its ledger's name: what this home knows by that name is not the node's word.
        if let Some(identity) = identity {
            fields.insert(1, ("pinned identity", identity.to_string()));
            fields.insert(2, ("in words", identity.words()));
        }
        if status.history_from > 1 {
            fields.push((
                "history",
                match EngineKind::parse(&status.engine) {
                    Some(EngineKind::Solo) => {
                        format!("from height {} on: older blocks were dropped", status.history_from)
                    }
                    _ => format!("from height {} on: this node joined by state sync", status.history_from),
                },
            ));
        }
        let addresses = status.addresses.iter();
        fields.extend(addresses.map(|(name, address)| (spoken(name), address.clone())));
        table::fields(&fields)
    })
}

/// What a person calls a surface: the one port speaks gRPC and everything else.
fn spoken(name: &str) -> &str {
    if name == "grpc" { "address" } else { name }
}
