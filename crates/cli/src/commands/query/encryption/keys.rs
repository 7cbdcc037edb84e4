//! `sealdesk query encryption keys`.

use sealdesk_protocol::json;
use sealdesk_protocol::wire::virtengine::encryption::v1::RecipientKeyRecord;
use serde_json::json;

use crate::commands::stacks;
use crate::context::Context;
use crate::failure::Failure;
use crate::table;

/// Options of `keys`.
#[derive(Debug, clap::Args)]
pub(crate) struct Args {
    /// Whose keys
    #[arg(value_name = "ADDR|NAME")]
    person: String,
    /// Leave out those that were revoked
    #[arg(long)]
    active_only: bool,
}

pub(super) async fn run(context: &Context, args: Args) -> Result<(), Failure> {
    if context.is_on_stacks() {
        return stacks::query_keys(context, &args.person, args.active_only).await;
    }
    let address = context.address(&args.person)?;
    let keys = context.node().await?.recipient_keys(&address, args.active_only).await?;
    let text = text(&keys);
    let shown: Vec<_> = keys.into_iter().map(json::RecipientKey::from).collect();
    context.output().answer(&json!({ "keys": shown }), || text)
}

fn text(keys: &[RecipientKeyRecord]) -> String {
    if keys.is_empty() {
        return "no keys: nobody can seal to this account yet".to_owned();
    }
    let row = |key: &RecipientKeyRecord| {
        let state = if key.revoked_at == 0 { "active" } else { "revoked" };
        vec![
            key.key_version.to_string(),
            key.key_fingerprint.clone(),
            state.to_owned(),
            table::safe(&key.label),
            table::time(key.registered_at),
            table::time(key.revoked_at),
        ]
    };
    let head = ["VERSION", "FINGERPRINT", "STATE", "LABEL", "REGISTERED (UTC)", "REVOKED (UTC)"];
    table::rows(&head, keys.iter().map(row).collect())
}
