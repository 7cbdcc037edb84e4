//! `sealdesk tx support renew-grants`.

use sealdesk_client::view::EndedGrant;
use sealdesk_protocol::ids::TicketId;
use serde_json::json;

use super::granted::Marked;
use crate::commands::tx::{Memo, acting, as_json};
use crate::context::Context;
use crate::failure::Failure;
use crate::outcome::{self, End};
use crate::parse;
use crate::table::count;

/// Options of `renew-grants`.
#[derive(Debug, clap::Args)]
#[command(
    after_help = "An assignee reads new messages only while an administrator's grant counts: it ends when the key that signed it is revoked, \
    or when its administrator is one no more. Any administrator who can open the ticket makes it anew."
)]
pub(crate) struct Args {
    /// Only of this ticket
    #[arg(value_name = "TKT", value_parser = parse::ticket)]
    ticket: Option<TicketId>,
    #[command(flatten)]
    marked: Marked,
    #[command(flatten)]
    memo: Memo,
}

pub(super) async fn run(context: &Context, args: Args) -> Result<(), Failure> {
    let (desk, me) = acting(context, &args.memo).await?;
    let desk = args.marked.ask(context, desk);
    let mut ended = desk.ended_grants().await?;
    ended.retain(|ended| args.ticket.is_none_or(|ticket| ticket == ended.ticket));
    if ended.is_empty() {
        let value = json!({ "code": 0, "tickets": 0, "renewed": [] });
        return context.output().answer(&value, || "every assignee can read what is new".to_owned());
    }
    let (total, mut last, mut proven, mut left) = (ended.len(), None, true, Vec::new());
    let (mut renewed, mut lacking) = (Vec::new(), Vec::new());
    for (done, ended) in ended.into_iter().enumerate() {
        let came = desk.renew_grant(&me, ended).await?;
        let EndedGrant { ticket, assignee } = came.of;
        context.output().note(&format!("{ticket}  {} of {total} tickets", done + 1));
        proven &= came.granted.outcomes.iter().all(|outcome| outcome.proven);
        left.extend(came.granted.doubtful);
        last = came.granted.outcomes.into_iter().next_back().or(last);
        // Whether they read again is what the ledger proves, whatever was sent.
        match came.granted.access.is_some_and(|access| access.later) {
            true => renewed.push((ticket, assignee)),
            false => lacking.push(ticket.to_string()),
        }
    }
    let mut value = last.as_ref().map_or_else(|| json!({ "code": 0 }), as_json);
    let listed =
        renewed.iter().map(|(ticket, who)| json!({ "ticket_id": ticket.to_string(), "assignee": who }));
    value["renewed"] = listed.collect();
    value["not_renewed"] = lacking.clone().into();
    value["tickets"] = renewed.len().into();
    context.say_left_out(&left);
    let end = End { proven, whole: lacking.is_empty() && left.is_empty() };
    outcome::ended(context, value, end, || {
        let mut text =
            format!("the assignees of {} can read what is new again", count(renewed.len(), "ticket"));
        if !lacking.is_empty() {
            text.push_str(&format!(
                "\nnot those of these, which you may not be able to open: {}",
                lacking.join(", ")
            ));
        }
        text
    })
}
