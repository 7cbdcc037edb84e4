//! A ticket becomes another customer's.

use sealdesk_client::messages::NewCustomer;
use sealdesk_protocol::ids::TicketId;

use super::granted::{self, Marked, Passed};
use crate::acting::{Memo, Reason, acting};
use crate::args::Ledger;

use crate::context::Context;
use crate::failure::Failure;
use crate::parse::{self, Person};

/// Options of `transfer`.
#[derive(Debug, clap::Args)]
#[command(
    after_help = "For a customer who lost their recovery phrase: they make a new key, and an administrator gives their tickets to it. Everyone can \
    read, for ever, whose the ticket was before. Make sure that it is the same person: the new customer can then read all but the notes."
)]
pub(crate) struct Args {
    /// Which ticket
    #[arg(value_name = "TKT", value_parser = parse::ticket)]
    ticket: TicketId,
    /// The customer who gets it: not staff, and with a key
    #[arg(value_name = "ADDR|NAME")]
    person: Person,
    #[command(flatten)]
    why: Reason,
    #[command(flatten)]
    marked: Marked,
    #[command(flatten)]
    memo: Memo,
}

/// Does it, for whoever acts.
pub(crate) async fn run(context: &Context, args: Args) -> Result<(), Failure> {
    let Args { ticket, person, why: Reason { reason }, marked, memo } = &args;
    if context.ledger() == Ledger::Stacks {
        return Err(Failure::usage(
            "a contract's ticket stays its customer's",
            "let the new key write a ticket that names this one",
        ));
    }
    let (desk, me) = acting(context, memo).await?;
    let desk = marked.ask(context, desk);
    let customer = context.address(person)?;
    let mut progress = granted::progress(context, *ticket);
    let to = NewCustomer { address: &customer, reason };
    let report = desk.transfer(&me, *ticket, &to, &mut progress).await?;
    let said = format!("{ticket} is now {person}'s");
    granted::passed_on(
        context,
        report,
        Passed { ticket: *ticket, to: person, address: &customer, said: &said },
    )
    .tell(context)
}
