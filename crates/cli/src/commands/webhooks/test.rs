//! `sealdesk webhooks test NAME`.

use sealdesk_node::home::Home;
use sealdesk_node::webhooks::{Refusal, TEST_TYPE, Webhooks};
use sealdesk_protocol::ids::ChainId;
use serde_json::json;

use super::{Which, failed, now};
use crate::context::Context;
use crate::failure::Failure;

/// Options of `webhooks test`.
#[derive(Debug, clap::Args)]
#[command(
    after_help = "The message is signed as all others are, and its type is sealdesk.webhooks.Test. It goes out from this command, not from the node."
)]
pub(crate) struct Args {
    #[command(flatten)]
    which: Which,
}

pub(super) async fn run(
    context: &Context,
    home: &Home,
    webhooks: &Webhooks,
    args: &Args,
) -> Result<(), Failure> {
    let genesis = home.genesis()?;
    let chain_id = ChainId::parse(&genesis.chain_id).map_err(|error| Failure::new(error.to_string()))?;
    let id = args.which.id();
    let posted = webhooks.test(id, &chain_id, now()).await.map_err(|error| failed(&error))?;
    let why = match posted.arrived {
        Ok(()) => {
            let status = posted.status.unwrap_or_default();
            return context.output().done(&json!({ "id": id, "type": TEST_TYPE, "status": status }), || {
                format!("A message of the type {TEST_TYPE} has arrived: the endpoint answered {status}.")
            });
        }
        Err(Refusal::Gone) => "it answered 410 Gone: it wants no more messages".to_owned(),
        Err(Refusal::Later(why, _)) => why,
    };
    Err(Failure::hinted(
        format!("the message did not arrive: {why}"),
        "look at the URL and at the receiver's log; `sealdesk webhooks add --help` says what is reached",
    ))
}
