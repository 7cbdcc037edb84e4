//! `sealdesk query support responses`.

use sealdesk_client::node::NodeError;
use sealdesk_client::stacks::wire::contract::Comment;
use sealdesk_client::view::MessageKind;
use sealdesk_protocol::ids::TicketId;
use sealdesk_protocol::json;
use sealdesk_protocol::wire::virtengine::support::v1::TicketResponse;
use serde_json::json;

use crate::args::Ledger;
use crate::commands::query::page::{self, Paging};
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
    match context.ledger() {
        Ledger::Native => native(context, args).await,
        Ledger::Stacks => of_contract(context, args.ticket).await,
    }
}

async fn native(context: &Context, args: Args) -> Result<(), Failure> {
    let page = args.paging.page()?;
    let desk = context.desk().await?;
    let (responses, next) = match desk.node().responses(args.ticket, &page).await {
        Err(error @ NodeError::NotFound { .. }) => {
            // That there is no such ticket has a proof.
            desk.ticket(args.ticket).await?;
            return Err(error.into());
        }
        told => told?,
    };
    context.say_told("which responses these are; `sealdesk read` shows what the ledger proves of each");
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
        let readers = response.encrypted_payload.as_ref().map(|payload| payload.wrapped_keys.len());
        let keys = readers.map(|readers| format!("{} keys", readers + response.grants.len()));
        let sealed = keys.unwrap_or_else(|| {
            let is_erased = response.erased.is_some();
            if is_erased { "not shown (erased)" } else { "not shown" }.to_owned()
        });
        vec![
            response.response_index.to_string(),
            // Who is staff is nobody's word but the circle's and its grants': `sealdesk read` says it.
            if response.internal { "note" } else { "answer" }.to_owned(),
            context.name_of(&response.responder_address),
            sealed,
            context.zone().in_column(response.created_at),
        ]
    };
    let written = context.zone().column("WRITTEN");
    let head = ["INDEX", "KIND", "BY", "SEALED FOR", &written];
    table::rows(&head, responses.iter().map(row).collect())
}

/// A contract's heads of comments: the sealed text itself stands in its events.
async fn of_contract(context: &Context, id: TicketId) -> Result<(), Failure> {
    let desk = context.contract_desk()?;
    let comments = desk.comments(id, desk.ticket(id).await?.comment_count).await?;
    let object = |(index, comment): (usize, &Comment)| {
        json!({
            "response_index": index,
            "responder_address": comment.author.to_string(),
            "is_agent": comment.is_staff,
            "internal": comment.internal,
            "payload_hash": hex::encode(comment.payload_hash),
            "created_at_burn_block": comment.created_at,
        })
    };
    let value = json!({ "responses": comments.iter().enumerate().map(object).collect::<Vec<_>>() });
    context.output().answer(&value, || {
        if comments.is_empty() {
            return "no responses".to_owned();
        }
        let row = |(index, comment): (usize, &Comment)| {
            vec![
                index.to_string(),
                kind(comment.internal, comment.is_staff),
                context.name_of(&comment.author.to_string()),
                format!("block {}", comment.created_at),
            ]
        };
        table::rows(&["INDEX", "KIND", "BY", "WRITTEN"], comments.iter().enumerate().map(row).collect())
    })
}

fn kind(internal: bool, is_staff: bool) -> String {
    let kind = match MessageKind::new(internal, is_staff) {
        MessageKind::Note => "note",
        MessageKind::Staff => "answer",
        MessageKind::Customer => "customer",
    };
    kind.to_owned()
}
