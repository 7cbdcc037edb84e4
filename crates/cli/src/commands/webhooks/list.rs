//! `sealdesk webhooks list`.

use sealdesk_node::webhooks::{Condition, Webhook, Webhooks};
use sealdesk_protocol::{json, text};
use serde_json::json;

use super::{failed, now};
use crate::context::Context;
use crate::failure::Failure;

/// Options of `webhooks list`.
#[derive(Debug, clap::Args)]
pub(crate) struct Args {}

pub(super) fn run(context: &Context, webhooks: &Webhooks, Args {}: Args) -> Result<(), Failure> {
    let mut listed = Vec::new();
    for webhook in webhooks.list(now()).map_err(|error| failed(&error))? {
        match webhook {
            Ok(webhook) => listed.push(webhook),
            // One that cannot be read hides no other.
            Err(error) => context.output().note(&format!("note: {error}")),
        }
    }
    let values: Vec<_> = listed.iter().map(value).collect();
    context.output().answer(&values, || {
        if listed.is_empty() {
            return "No webhooks. `sealdesk webhooks add URL` makes one.".to_owned();
        }
        listed.iter().map(|webhook| lines(context, webhook)).collect::<Vec<_>>().join("\n")
    })
}

fn value(webhook: &Webhook) -> serde_json::Value {
    let state = webhook.state.clone().unwrap_or_default();
    let endpoint = &webhook.endpoint;
    let time = |millis: Option<i64>| millis.and_then(|millis| json::time(millis / 1_000));
    json!({
        "id": webhook.id,
        "url": endpoint.url,
        "label": endpoint.label,
        "types": endpoint.types,
        "made": json::time(webhook.made),
        "allow_networks": endpoint.allowed,
        "allow_http": endpoint.plain_http,
        "ca": endpoint.ca,
        "secrets": webhook.secrets,
        "state": condition(webhook),
        "why": state.why,
        "cursor": webhook.state.as_ref().map(|state| json::cursor(&state.cursor.encode())),
        "delivered": state.delivered,
        "last_delivered": time(state.last_delivered),
        "failures": state.failures,
        "failing_since": time(state.failing_since),
        "next_try": time(state.next_try),
    })
}

/// How a webhook does, in a word.
fn condition(webhook: &Webhook) -> &'static str {
    match webhook.state.as_ref().map(|state| state.condition) {
        None => "not begun",
        Some(Condition::Delivering) => "delivering",
        Some(Condition::Failing) => "failing",
        Some(Condition::Disabled) => "disabled",
    }
}

fn lines(context: &Context, webhook: &Webhook) -> String {
    let state = webhook.state.clone().unwrap_or_default();
    let label = text::line(&webhook.endpoint.label);
    let label = if label.is_empty() { String::new() } else { format!("  {label}") };
    let mut shown = format!(
        "{}  {:10}  {} delivered  {}{label}",
        webhook.id,
        condition(webhook),
        state.delivered,
        text::line(&webhook.endpoint.url)
    );
    if !state.why.is_empty() {
        let since = state.failing_since.map(|since| context.zone().alone(since / 1_000)).unwrap_or_default();
        shown.push_str(&format!("\n          since {since}: {}", text::line(&state.why)));
    }
    if let Some(next) = state.next_try {
        shown.push_str(&format!("; next try {}", context.zone().alone(next / 1_000)));
    }
    if state.condition == Condition::Disabled {
        shown.push_str(&format!("\n          `sealdesk webhooks enable {}` resumes it", webhook.id));
    }
    shown
}
