//! `sealdesk webhooks remove NAME`.

use sealdesk_node::webhooks::Webhooks;
use serde_json::json;

use super::{Which, failed};
use crate::context::Context;
use crate::failure::Failure;

/// Options of `webhooks remove`.
#[derive(Debug, clap::Args)]
pub(crate) struct Args {
    #[command(flatten)]
    which: Which,
}

pub(super) fn run(context: &Context, webhooks: &Webhooks, args: &Args) -> Result<(), Failure> {
    let id = args.which.id();
    webhooks.remove(id).map_err(|error| failed(&error))?;
    context.output().done(&json!({ "removed": id }), || {
        format!("Webhook {id} is removed. A running node stops posting there within two seconds.")
    })
}
