//! `sealdesk watch`.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use sealdesk_client::follow::{Followed, Following};
use sealdesk_protocol::events::Event;
use sealdesk_protocol::ids::TicketId;
use sealdesk_protocol::json;
use serde_json::Value;

use crate::commands::stacks;
use crate::context::Context;
use crate::failure::Failure;
use crate::parse;
use crate::{happened, table};

/// Options of `watch`.
#[derive(Debug, clap::Args)]
#[command(
    after_help = "With --output json, one object a line; its `cursor` goes on after it, without a gap."
)]
pub(crate) struct Args {
    /// Only of this ticket
    #[arg(long, value_name = "TKT", value_parser = parse::ticket)]
    ticket: Option<TicketId>,
    /// Only events of this name, such as EventTicketCreated; can be given more than once
    #[arg(long = "type", value_name = "EVENT", value_parser = event_type)]
    types: Vec<String>,
    /// Go on after this event
    #[arg(long, value_name = "CURSOR", default_value = "", hide_default_value = true)]
    cursor: String,
    /// End after so many events
    #[arg(long, value_name = "N")]
    count: Option<u64>,
}

/// Completes an event's short name.
fn event_type(text: &str) -> Result<String, String> {
    let known = Event::type_names();
    let found = known.iter().find(|name| *name == text || name.rsplit('.').next() == Some(text));
    found.cloned().ok_or_else(|| {
        let short: Vec<&str> = known.iter().filter_map(|name| name.rsplit('.').next()).collect();
        format!("events are {}", short.join(", "))
    })
}

pub(super) async fn run(context: &Context, args: Args) -> Result<(), Failure> {
    if context.is_on_stacks() {
        if !args.types.is_empty() {
            return Err(Failure::usage("a contract's events have other names", "leave --type out"));
        }
        let wanted = stacks::Watched { ticket: args.ticket, cursor: &args.cursor, count: args.count };
        return stacks::watch(context, wanted).await;
    }
    let cursor = URL_SAFE_NO_PAD.decode(&args.cursor).map_err(|_| {
        Failure::usage("this is no cursor", "copy one from an earlier event, or leave --cursor out")
    })?;
    let desk = context.desk().await?;
    let mut follower = desk.follow(Following { cursor, types: args.types, ticket: args.ticket });
    if !context.output().is_json() {
        context.output().note("Waiting for events; Ctrl-C ends this.");
    }
    let mut left = args.count;
    while left != Some(0) {
        let followed = tokio::select! {
            followed = follower.next() => followed?,
            _ = tokio::signal::ctrl_c() => return Ok(()),
        };
        context.output().stream(&as_json(&followed), || as_text(context, &followed))?;
        left = left.map(|left| left - 1);
    }
    Ok(())
}

fn as_json(followed: &Followed) -> Value {
    let mut event = json::event(&followed.happened.event);
    if let Value::Object(fields) = &mut event {
        let hash = followed.happened.txhash.map(|hash| hash.to_string());
        fields.insert("txhash".to_owned(), hash.into());
        fields.insert("cursor".to_owned(), URL_SAFE_NO_PAD.encode(&followed.cursor).into());
    }
    event
}

fn as_text(context: &Context, followed: &Followed) -> String {
    let happened = &followed.happened;
    let words = happened::in_words(context, &happened.event);
    let ticket = happened.event.ticket_id().map(|id| format!("{}  ", table::safe(id))).unwrap_or_default();
    format!("{}  height {:<4}  {ticket}{words}", table::time(happened.timestamp), happened.height)
}
