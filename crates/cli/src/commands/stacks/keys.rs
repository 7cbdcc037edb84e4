//! `sealdesk keys register` and `revoke`, on a contract.

use sealdesk_client::stacks::directory::Key;
use sealdesk_client::stacks::wire::contract::Request;
use serde_json::{Value, json};

use super::sending::{Acting, done};
use super::{desk, person_of};
use crate::context::Context;
use crate::failure::Failure;

pub(crate) async fn register(context: &Context, name: &str, rotate: bool) -> Result<(), Failure> {
    let (me, desk) = (context.actor_named(name)?, desk(context)?);
    let history = desk.history().await?;
    let person = desk.person(&desk.me(&me)?, &history).await?;
    if let Some(key) = person.keys.iter().rev().find(|key| key.revoked_at.is_none() && !rotate) {
        let fingerprint = key.fingerprint().to_string();
        let value = json!({ "code": 0, "key_fingerprint": fingerprint, "already_registered": true });
        return context
            .output()
            .answer::<Value>(&value, || format!("{name} has a published key already: {fingerprint}"));
    }
    let mut acting = Acting::with(context, desk, me);
    let (desk, mut sender) = acting.parts();
    let registered = desk.register_key(&mut sender).await;
    let (outcome, pair) = acting.judge(registered)?;
    let fingerprint = pair.encryption.fingerprint().to_string();
    let more = [("key_fingerprint", fingerprint.clone().into()), ("key_version", json!(outcome.number))];
    done(context, &outcome, &more, || {
        format!("the key {fingerprint} of {name} is published: others can seal to it")
    })
}

pub(crate) async fn revoke(
    context: &Context,
    name: &str,
    (version, fingerprint): (Option<u32>, Option<&str>),
) -> Result<(), Failure> {
    let (me, desk) = (context.actor_named(name)?, desk(context)?);
    let own = desk.me(&me)?;
    if person_of(context, name)? != own {
        return Err(Failure::usage("only its owner revokes a key on Stacks", "name the owner's key"));
    }
    let history = desk.history().await?;
    let person = desk.person(&own, &history).await?;
    let wanted = |key: &&Key| match (version, fingerprint) {
        (Some(version), _) => key.version == u64::from(version),
        (None, Some(fingerprint)) => key.fingerprint().to_string() == fingerprint,
        (None, None) => key.revoked_at.is_none(),
    };
    let found: Vec<&Key> = person.keys.iter().filter(wanted).collect();
    let version = match found.as_slice() {
        [key] => key.version,
        // A key that does not count is listed all the same, and can be named by its version.
        [] if version.is_some() => version.map_or(0, u64::from),
        [] => {
            let hint = format!("`sealdesk query encryption keys {name}` lists them");
            return Err(Failure::hinted(format!("{name} has no such key"), hint));
        }
        _ => {
            let hint = format!("add --key-version N; `sealdesk query encryption keys {name}` lists them");
            return Err(Failure::usage(format!("{name} has several active keys"), hint));
        }
    };
    let mut acting = Acting::with(context, desk, me);
    let (desk, mut sender) = acting.parts();
    let outcome = desk.call_one(&mut sender, Request::RevokeKey { version }).await;
    let outcome = acting.judge(outcome)?;
    done(context, &outcome, &[("key_version", version.into())], || {
        format!("key {version} of {name} is revoked")
    })
}
