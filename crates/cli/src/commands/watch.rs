//! `sealdesk watch`.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use sealdesk_client::follow::Following;
use sealdesk_client::view::HistoryEvent;
use sealdesk_protocol::ids::TicketId;

use crate::args::Ledger;
use crate::context::Context;
use crate::event_text;
use crate::failure::Failure;
use crate::parse;

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
    #[arg(long = "type", value_name = "EVENT", value_parser = parse::event_type)]
    types: Vec<String>,
    /// Go on after this event
    #[arg(long, value_name = "CURSOR", default_value = "", hide_default_value = true)]
    cursor: String,
    /// End after so many events
    #[arg(long, value_name = "N")]
    count: Option<u64>,
}

pub(super) async fn run(context: &Context, args: Args) -> Result<(), Failure> {
    match context.ledger() {
        Ledger::Native => {
            let cursor = URL_SAFE_NO_PAD.decode(&args.cursor).map_err(|_| {
                Failure::usage(
                    "this is not a cursor",
                    "copy one from an earlier event, or leave --cursor out",
                )
            })?;
            let desk = context.desk().await?;
            let mut follower =
                desk.follow(Following { cursor, types: args.types.clone(), ticket: args.ticket });
            show(context, &args, async || Ok(follower.next().await?)).await
        }
        Ledger::Stacks => {
            if !args.types.is_empty() {
                return Err(Failure::usage("a contract's events have other names", "leave --type out"));
            }
            let desk = context.contract_desk()?;
            let after = Some(args.cursor.as_str()).filter(|cursor| !cursor.is_empty());
            let mut watch = desk.watch(after).await?;
            show(context, &args, async || Ok(watch.next().await?)).await
        }
    }
}

/// Shows one event after the other, until there were enough or somebody presses Ctrl-C.
async fn show(
    context: &Context,
    args: &Args,
    mut next: impl AsyncFnMut() -> Result<HistoryEvent, Failure>,
) -> Result<(), Failure> {
    if !context.output().is_json() {
        context.output().note("Waiting for events; Ctrl-C ends this.");
    }
    let mut left = args.count;
    while left != Some(0) {
        let event = tokio::select! {
            event = next() => event?,
            _ = tokio::signal::ctrl_c() => return Ok(()),
        };
        // A contract's events come all, whatever they are about.
        if args.ticket.is_some_and(|ticket| event.ticket != Some(ticket)) {
            continue;
        }
        context.output().stream(&event, || {
            let ticket = event.ticket.map(|ticket| format!("{ticket}  ")).unwrap_or_default();
            format!("{}  {ticket}{}", event_text::when(context, &event), event_text::what(context, &event))
        })?;
        left = left.map(|left| left.saturating_sub(1));
    }
    Ok(())
}
