//! `sealdesk webhooks log NAME`.

use sealdesk_node::webhooks::{Attempt, Became, Webhooks};
use sealdesk_protocol::{json, text};
use serde_json::json;

use super::{Which, failed};
use crate::context::Context;
use crate::failure::Failure;

/// Options of `webhooks log`.
#[derive(Debug, clap::Args)]
pub(crate) struct Args {
    #[command(flatten)]
    which: Which,
    /// How many of the newest attempts
    #[arg(long, value_name = "N", default_value_t = 20)]
    lines: usize,
}

pub(super) fn run(context: &Context, webhooks: &Webhooks, args: &Args) -> Result<(), Failure> {
    let attempts = webhooks.log(args.which.id(), args.lines).map_err(|error| failed(&error))?;
    let values: Vec<_> = attempts.iter().map(value).collect();
    context.output().answer(&values, || {
        if attempts.is_empty() {
            return "No attempts yet.".to_owned();
        }
        attempts.iter().map(|attempt| line(context, attempt)).collect::<Vec<_>>().join("\n")
    })
}

fn value(attempt: &Attempt) -> serde_json::Value {
    json!({
        "time": json::time(attempt.at / 1_000),
        "webhook_id": attempt.webhook_id,
        "type": attempt.r#type,
        "attempt": attempt.attempt,
        "outcome": became(attempt.became),
        "status": attempt.status,
        "detail": attempt.detail,
        "millis": attempt.millis,
    })
}

fn became(became: Became) -> &'static str {
    match became {
        Became::Delivered => "delivered",
        Became::Failed => "failed",
        Became::Disabled => "disabled",
        Became::PassedOver => "passed_over",
        Became::SetBack => "set_back",
    }
}

fn line(context: &Context, attempt: &Attempt) -> String {
    let kind = attempt.r#type.rsplit('.').next().unwrap_or_default();
    let status = attempt.status.map(|status| format!("  {status}")).unwrap_or_default();
    let again = if attempt.attempt > 1 { format!("  attempt {}", attempt.attempt) } else { String::new() };
    let detail = if attempt.detail.is_empty() { String::new() } else { format!("  {}", attempt.detail) };
    let shown = format!("{:11}  {kind}{status}{again}{detail}", became(attempt.became));
    format!("{}  {}", context.zone().alone(attempt.at / 1_000), text::line(&shown))
}
