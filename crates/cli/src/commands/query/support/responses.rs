//! `sealdesk query support responses`.

use sealdesk_protocol::ids::TicketId;
use sealdesk_protocol::json;
use sealdesk_protocol::wire::virtengine::support::v1::TicketResponse;
use serde_json::json;

use crate::commands::query::page::{self, Paging};
use crate::commands::stacks;
use crate::context::Context;
use crate::failure::Failure;
use crate::parse;
use crate::table;

/// Options of `responses`.
#[derive(Debug, clap::Args)]
pub(crate) struct Args {
    /// Which ticket
    #[arg(value_name = "TKT", value_parser = parse::ticket)]
    ticket: TicketId,
    #[command(flatten)]
    paging: Paging,
}

pub(super) async fn run(context: &Context, args: Args) -> Result<(), Failure> {
    if context.is_on_stacks() {
        return stacks::responses(context, args.ticket).await;
    }
    let page = args.paging.page()?;
    let (responses, next) =
        super::about(args.ticket, context.node().await?.responses(args.ticket, &page).await)?;
    let next = page::cursor(&next);
    let text = text(context, &responses);
    let shown: Vec<_> = responses.into_iter().map(json::Response::from).collect();
    context.output().answer(&json!({ "responses": shown, "next_cursor": next }), || text)?;
    page::more(context, &next);
    Ok(())
}

fn text(context: &Context, responses: &[TicketResponse]) -> String {
    if responses.is_empty() {
        return "no responses".to_owned();
    }
    let row = |response: &TicketResponse| {
        let readers = response.encrypted_payload.as_ref().map_or(0, |payload| payload.wrapped_keys.len());
        let kind = match (response.internal, response.is_agent) {
            (true, _) => "note",
            (false, true) => "answer",
            (false, false) => "customer",
        };
        vec![
            response.response_index.to_string(),
            kind.to_owned(),
            context.name_of(&response.responder_address),
            format!("{} keys", readers + response.grants.len()),
            table::time(response.created_at),
        ]
    };
    let head = ["INDEX", "KIND", "BY", "SEALED FOR", "WRITTEN (UTC)"];
    table::rows(&head, responses.iter().map(row).collect())
}
