//! `sealdesk status`.

use sealdesk_protocol::json;
use serde_json::json;

use crate::context::Context;
use crate::failure::Failure;
use crate::table;

/// Options of `status`.
#[derive(Debug, clap::Args)]
pub(crate) struct Args {}

pub(super) async fn run(context: &Context, Args {}: Args) -> Result<(), Failure> {
    let status = context.node().await?.status().await?;
    let hash = hex::encode_upper(&status.validators_hash);
    let value = json!({
        "chain_id": status.chain_id,
        "engine": status.engine,
        "height": status.height,
        "time": json::time(status.timestamp),
        "app_hash": hex::encode_upper(&status.app_hash),
        "validators_hash": hash,
        "version": status.version,
        "addresses": status.addresses,
        "history_from": status.history_from,
    });
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
        if status.history_from > 1 {
            fields.push((
                "history",
                format!("from height {} on: this node joined by state sync", status.history_from),
            ));
        }
        let addresses = status.addresses.iter();
        fields.extend(addresses.map(|(name, address)| (name.as_str(), address.clone())));
        table::fields(&fields)
    })
}
