//! `sealdesk webhooks rotate NAME`.

use sealdesk_node::webhooks::{OVERLAP_HOURS_MAX, Webhooks};
use sealdesk_protocol::json;
use serde_json::json;

use super::{OwnSecret, Which, failed, now};
use crate::context::Context;
use crate::failure::Failure;

/// Options of `webhooks rotate`.
#[derive(Debug, clap::Args)]
#[command(after_help = "Example: sealdesk webhooks rotate 1a2b3c4d --overlap-hours 48\n\n\
    While both secrets sign, a receiver that knows either believes the messages: give the receiver the new one in that time. With 0 hours the old one is over \
    at once, as where somebody else has seen it.")]
pub(crate) struct Args {
    #[command(flatten)]
    which: Which,
    /// Hours for which the old secret also signs, from 0 to 720
    #[arg(long, value_name = "HOURS", default_value_t = 24, value_parser = clap::value_parser!(u32).range(0..=i64::from(OVERLAP_HOURS_MAX)))]
    overlap_hours: u32,
    #[command(flatten)]
    secret: OwnSecret,
}

pub(super) fn run(context: &Context, webhooks: &Webhooks, args: &Args) -> Result<(), Failure> {
    let (id, now, hours) = (args.which.id(), now(), args.overlap_hours);
    let own = args.secret.read(context)?;
    let theirs = own.is_some();
    let secret = webhooks.rotate(id, own, hours, now).map_err(|error| failed(&error))?;
    let until = now.saturating_add(i64::from(hours) * 3_600);
    let mut value = json!({ "id": id, "earlier_until": json::time(until) });
    if !theirs {
        value["secret"] = secret.as_str().into();
    }
    context.output().done(&value, || {
        let earlier = match hours {
            0 => "The old secret no longer signs.".to_owned(),
            _ => format!("The old secret also signs until {}.", context.zone().alone(until)),
        };
        match theirs {
            true => format!("Webhook {id} is signed with the secret of that file. {earlier}"),
            false => {
                format!("Webhook {id} has a new secret, shown this once:\n  {}\n{earlier}", secret.as_str())
            }
        }
    })
}
