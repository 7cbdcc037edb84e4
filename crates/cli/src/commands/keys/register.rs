//! `sealdesk keys register NAME`.

use serde_json::{Value, json};

use crate::commands::stacks;
use crate::context::Context;
use crate::failure::Failure;
use crate::outcome::{as_json, done};

/// Options of `register`.
#[derive(Debug, clap::Args)]
#[command(
    after_help = "A key is published by itself when its owner first signs a transaction. Publish it before, so that \
    others can seal for him before he acts.\nTo rotate: publish the next key with --rotate, then revoke the old one."
)]
pub(crate) struct Args {
    /// Whose key
    #[arg(value_name = "NAME")]
    name: String,
    /// Publish the next key of the same recovery phrase beside the present one
    #[arg(long)]
    rotate: bool,
    /// A name for it in the directory. PUBLIC: everyone can read it, for ever; at most 128 bytes
    #[arg(long, value_name = "TEXT", default_value = "", hide_default_value = true)]
    label: String,
}

pub(super) async fn run(context: &Context, args: Args) -> Result<(), Failure> {
    if context.is_on_stacks() {
        if !args.label.is_empty() {
            return Err(Failure::usage("a contract keeps no names of keys", "leave --label out"));
        }
        return stacks::register(context, &args.name, args.rotate).await;
    }
    let me = context.actor_named(&args.name)?;
    let desk = context.desk().await?;
    let address = desk.address_of(&me);
    let listed = desk.keys(&address).await?;
    let active = listed.iter().rev().find(|key| key.revoked_at == 0);
    if let Some(key) = active.filter(|_| !args.rotate) {
        let value = json!({ "code": 0, "key_fingerprint": key.key_fingerprint, "already_registered": true });
        return context.output().answer::<Value>(&value, || {
            format!("{} has a published key already: {}", args.name, key.key_fingerprint)
        });
    }
    let outcome = desk.register_key(&me, &args.label).await?;
    let key = as_json(&outcome)["key_fingerprint"].as_str().unwrap_or_default().to_owned();
    done(context, &outcome, || format!("the key {key} of {} is published: others can seal to it", args.name))
}
