//! `sealdesk documents show`.

use sealdesk_client::documents::{DocumentBody, ReadDocument, values};
use sealdesk_protocol::document::ShelfKind;
use sealdesk_protocol::{json, text};
use serde_json::{Value, json};

use super::Which;
use crate::context::Context;
use crate::failure::Failure;

/// Options of `documents show`.
#[derive(Debug, clap::Args)]
#[command(after_help = "What is shown can be changed and written again with `sealdesk documents put`.")]
pub(crate) struct Args {
    #[command(flatten)]
    which: Which,
}

pub(super) async fn run(context: &Context, args: &Args) -> Result<(), Failure> {
    let me = if args.which.shelf == ShelfKind::Public { None } else { Some(context.actor()?) };
    let desk = context.desk().await?;
    let place = args.which.place(context, &desk)?;
    let read = desk.document(me.as_ref(), &place).await?.ok_or_else(|| super::missing(&place))?;
    let entries = entries(&read)?;
    let value = json!({
        "shelf": args.which.shelf.name(),
        "name": args.which.name.as_str(),
        "version": read.info.version,
        "updated_by": read.info.updated_by,
        "updated_at": json::time(read.info.updated_at),
        "content": entries,
        "warnings": read.warnings.iter().map(ToString::to_string).collect::<Vec<_>>(),
        "warned": read.warnings,
    });
    for warning in &read.warnings {
        context.output().note(&format!("note: {}", text::line(&warning.to_string())));
    }
    let pretty = serde_json::to_string_pretty(&entries).map_err(|error| Failure::new(error.to_string()))?;
    context.output().answer(&value, || text::escaped_json(&pretty))
}

/// What the reader sees of it, or why they see nothing.
fn entries(read: &ReadDocument) -> Result<Value, Failure> {
    let place = &read.info.place;
    match &read.body {
        DocumentBody::Sealed(content) => Ok(Value::Object(values(content))),
        DocumentBody::Public(body) => serde_json::from_slice(body)
            .map_err(|error| Failure::new(format!("{place} cannot be shown: {error}"))),
        DocumentBody::NotForYou => Err(Failure::hinted(
            format!("{place} is not sealed for you"),
            "the staff's shelf is for the staff; if you joined later, ask an administrator to run `sealdesk documents renew`",
        )),
        DocumentBody::CannotOpen => {
            Err(Failure::hinted(format!("{place} cannot be opened"), "its last author has to write it again"))
        }
        DocumentBody::Withheld => Err(Failure::hinted(
            format!("the node does not give what the ledger proves of {place}"),
            "name another node with --node",
        )),
    }
}
