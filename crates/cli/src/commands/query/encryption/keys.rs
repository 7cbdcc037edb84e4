//! `sealdesk query encryption keys`.

use sealdesk_client::stacks::directory::{Assurance, Key};
use sealdesk_protocol::json;
use sealdesk_protocol::wire::virtengine::encryption::v1::RecipientKeyRecord;
use serde_json::json;

use crate::args::Ledger;
use crate::context::Context;
use crate::failure::Failure;
use crate::parse::Person;
use crate::table;

/// What is printed where there are no keys.
const NO_KEYS: &str = "no keys: nobody can seal to this account yet";

/// Options of `keys`.
#[derive(Debug, clap::Args)]
pub(crate) struct Args {
    /// Whose keys
    #[arg(value_name = "ADDR|NAME")]
    person: Person,
    /// Leave out those that were revoked
    #[arg(long)]
    active_only: bool,
}

pub(super) async fn run(context: &Context, args: Args) -> Result<(), Failure> {
    match context.ledger() {
        Ledger::Native => native(context, &args).await,
        Ledger::Stacks => of_contract(context, &args).await,
    }
}

async fn native(context: &Context, args: &Args) -> Result<(), Failure> {
    let address = context.address(&args.person)?;
    let desk = context.desk().await?;
    let mut keys = desk.keys(&address).await?;
    keys.retain(|key| !args.active_only || key.revoked_at == 0);
    let text = text(context, &keys);
    let shown: Vec<_> = keys.into_iter().map(json::RecipientKey::from).collect();
    context.output().answer(&json!({ "keys": shown }), || text)
}

fn text(context: &Context, keys: &[RecipientKeyRecord]) -> String {
    if keys.is_empty() {
        return NO_KEYS.to_owned();
    }
    let row = |key: &RecipientKeyRecord| {
        let state = if key.revoked_at == 0 { "active" } else { "revoked" };
        vec![
            key.key_version.to_string(),
            key.key_fingerprint.clone(),
            state.to_owned(),
            key.label.clone(),
            context.zone().in_column(key.registered_at),
            context.zone().in_column(key.revoked_at),
        ]
    };
    let [registered, revoked] = ["REGISTERED", "REVOKED"].map(|title| context.zone().column(title));
    let head = ["VERSION", "FINGERPRINT", "STATE", "LABEL", &registered, &revoked];
    table::rows(&head, keys.iter().map(row).collect())
}

/// A contract's directory proves nothing by itself: what stands behind each key is shown beside it.
async fn of_contract(context: &Context, args: &Args) -> Result<(), Failure> {
    let (desk, who) = (context.contract_desk()?, context.principal(&args.person)?);
    let history = desk.history().await?;
    let mut found = desk.person(&who, &history).await?;
    found.keys.retain(|key| !args.active_only || key.revoked_at.is_none());
    let assurance = |key: &Key| match key.assurance {
        Assurance::Signed => "signed by the account",
        Assurance::NodesWord => "the node's word",
    };
    let object = |key: &Key| {
        json!({
            "key_version": key.version,
            "key_fingerprint": key.fingerprint().to_string(),
            "registered_at_burn_block": key.registered_at,
            "revoked_at_burn_block": key.revoked_at,
            "assurance": assurance(key),
        })
    };
    let keys: Vec<_> = found.keys.iter().map(object).collect();
    context.output().answer(&json!({ "keys": keys, "refused": found.refused }), || {
        if found.keys.is_empty() {
            return NO_KEYS.to_owned();
        }
        let row = |key: &Key| {
            let state = if key.revoked_at.is_none() { "active" } else { "revoked" };
            let fingerprint = key.fingerprint().to_string();
            vec![key.version.to_string(), fingerprint, state.to_owned(), assurance(key).to_owned()]
        };
        table::rows(&["VERSION", "FINGERPRINT", "STATE", "PROVEN BY"], found.keys.iter().map(row).collect())
    })
}
