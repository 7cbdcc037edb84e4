//! `sealdesk keys register NAME`.

use serde_json::json;

use crate::args::Ledger;
use crate::context::Context;
use crate::contract_call::{self, Acting};
use crate::failure::Failure;
use crate::outcome::done;

/// Options of `register`.
#[derive(Debug, clap::Args)]
#[command(
    after_help = "A key is published automatically when its owner first signs a transaction. Publish it before, so \
    others can seal for them before they act.\nTo rotate: publish the next key with --rotate, then revoke the old one."
)]
pub(crate) struct Args {
    /// Whose key
    #[arg(value_name = "NAME")]
    name: String,
    /// Publish the next key of the same recovery phrase beside the present one
    #[arg(long)]
    rotate: bool,
    /// A name for it in the directory. PUBLIC: everyone can read it, for ever; at most 128 bytes
    #[arg(
        long,
        value_name = "TEXT",
        allow_hyphen_values = true,
        default_value = "",
        hide_default_value = true
    )]
    label: String,
}

pub(super) async fn run(context: &Context, args: Args) -> Result<(), Failure> {
    match context.ledger() {
        Ledger::Native => native(context, &args).await,
        Ledger::Stacks if args.label.is_empty() => on_stacks(context, &args).await,
        Ledger::Stacks => Err(Failure::usage("a contract keeps no names of keys", "leave --label out")),
    }
}

async fn native(context: &Context, args: &Args) -> Result<(), Failure> {
    let me = context.actor_named(&args.name)?;
    let desk = context.desk().await?;
    let listed = desk.keys(&desk.address_of(&me)).await?;
    let active = listed.iter().rev().find(|key| key.revoked_at == 0);
    if let Some(key) = active.filter(|_| !args.rotate) {
        return already(context, &args.name, &key.key_fingerprint);
    }
    let outcome = desk.register_key(&me, &args.label).await?;
    let key = outcome.registered_key.map(|key| key.to_string()).unwrap_or_default();
    done(context, &outcome, || published(&args.name, &key))
}

async fn on_stacks(context: &Context, args: &Args) -> Result<(), Failure> {
    let (me, desk) = (context.actor_named(&args.name)?, context.contract_desk()?);
    let person = desk.person(&desk.me(&me)?, &desk.history().await?).await?;
    let active = person.keys.iter().rev().find(|key| key.revoked_at.is_none());
    if let Some(key) = active.filter(|_| !args.rotate) {
        return already(context, &args.name, &key.fingerprint().to_string());
    }
    let mut acting = Acting::with(context, desk, me);
    let (outcome, pair) = acting.call(async |desk, sender| desk.register_key(sender).await).await?;
    let key = pair.encryption.fingerprint().to_string();
    let more = [("key_fingerprint", key.clone().into()), ("key_version", json!(outcome.number))];
    contract_call::done(context, &outcome, &more, || published(&args.name, &key))
}

fn already(context: &Context, name: &str, fingerprint: &str) -> Result<(), Failure> {
    let value = json!({ "code": 0, "key_fingerprint": fingerprint, "already_registered": true });
    context.output().answer(&value, || format!("{name} has a published key already: {fingerprint}"))
}

fn published(name: &str, fingerprint: &str) -> String {
    format!("the key {fingerprint} of {name} is published: others can seal to it")
}
