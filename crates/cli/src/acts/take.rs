//! An agent takes a ticket of an open queue.

use super::bulk::{self, Words};
use super::explained::{Asked, Explaining};
use super::tickets::Tickets;
use crate::acting::{Memo, acting};
use crate::args::Ledger;
use crate::context::Context;
use crate::failure::Failure;
use crate::outcome::Answer;

/// Options of `take`.
#[derive(Debug, clap::Args)]
pub(crate) struct Args {
    #[command(flatten)]
    tickets: Tickets,
    #[command(flatten)]
    memo: Memo,
}

/// Takes each, for whoever acts.
pub(crate) async fn run(context: &Context, args: Args) -> Result<(), Failure> {
    if context.ledger() == Ledger::Stacks {
        return Err(Failure::usage(
            "a contract has no queue that agents take from",
            "an administrator assigns it: `sealdesk assign TKT NAME`",
        ));
    }
    let chosen = args.tickets.choose(context).await?;
    args.memo.one_or_more(chosen.is_bulk)?;
    let (desk, me) = acting(context, &args.memo).await?;
    let explaining = Explaining::new(context, &desk, desk.address_of(&me));
    let words = Words { doing: "taking", done: "took" };
    bulk::each(context, chosen, words, async |ticket| match desk.take(&me, ticket).await {
        Ok(outcome) => Ok(Answer::of(context, &outcome, &format!("{ticket} is yours"))),
        Err(error) => Err(explaining.refusal(Asked::Take, ticket, error.into()).await),
    })
    .await
}
