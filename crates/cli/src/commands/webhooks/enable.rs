//! `sealdesk webhooks enable NAME`.

use sealdesk_node::webhooks::{GoOn, Webhooks};
use serde_json::json;

use super::{Which, failed};
use crate::context::Context;
use crate::failure::Failure;

/// Options of `webhooks enable`.
#[derive(Debug, clap::Args)]
#[command(after_help = "Example: sealdesk webhooks enable 1a2b3c4d\n\n\
    It continues where it was, so nothing is left out: what happened meanwhile is read from the ledger. One that is failing is tried again at once.")]
pub(crate) struct Args {
    #[command(flatten)]
    which: Which,
    /// Skip the event being tried, which the receiver cannot take
    #[arg(long, conflicts_with = "from_now")]
    skip: bool,
    /// Skip everything that has happened until now
    #[arg(long)]
    from_now: bool,
}

pub(super) fn run(context: &Context, webhooks: &Webhooks, args: &Args) -> Result<(), Failure> {
    let (id, go_on) = match (args.skip, args.from_now) {
        (true, _) => (args.which.id(), GoOn::AfterTried),
        (_, true) => (args.which.id(), GoOn::Now),
        _ => (args.which.id(), GoOn::Where),
    };
    webhooks.enable(id, go_on).map_err(|error| failed(&error))?;
    context.output().done(&json!({ "enabled": id }), || {
        let place = match go_on {
            GoOn::Where => "where it was",
            GoOn::AfterTried => "after the event that was tried",
            GoOn::Now => "with what happens from now on",
        };
        format!("Webhook {id} continues {place}, as soon as the node runs.")
    })
}
