//! `sealdesk tx support assign-ticket`.

use sealdesk_protocol::ids::TicketId;

use super::granted::{self, Marked, Passed};
use crate::args::Ledger;
use crate::commands::tx::{Memo, acting};
use crate::context::Context;
use crate::contract_call::Acting;
use crate::failure::Failure;
use crate::letting_in;
use crate::parse::{self, Person};

/// Options of `assign-ticket`.
#[derive(Debug, clap::Args)]
pub(crate) struct Args {
    /// Which ticket
    #[arg(value_name = "TKT", value_parser = parse::ticket)]
    ticket: TicketId,
    /// The agent or administrator who gets it
    #[arg(value_name = "ADDR|NAME")]
    person: Person,
    #[command(flatten)]
    marked: Marked,
    #[command(flatten)]
    memo: Memo,
}

pub(super) async fn run(context: &Context, args: Args) -> Result<(), Failure> {
    match context.ledger() {
        Ledger::Native => native(context, &args).await,
        Ledger::Stacks => on_stacks(context, &args).await,
    }
}

async fn native(context: &Context, args: &Args) -> Result<(), Failure> {
    let Args { ticket, person, marked, memo } = args;
    let (desk, me) = acting(context, memo).await?;
    let desk = marked.ask(context, desk);
    let agent = context.address(person)?;
    let mut progress = granted::progress(context, *ticket);
    let report = desk.assign_telling(&me, *ticket, &agent, &mut progress).await?;
    let said = format!("{ticket} is assigned to {person}");
    granted::passed_on(context, report, Passed { ticket: *ticket, to: person, said: &said })
}

async fn on_stacks(context: &Context, args: &Args) -> Result<(), Failure> {
    let Args { ticket, person, marked: _, memo } = args;
    memo.refuse_on_stacks()?;
    let agent = context.principal(person)?;
    let mut acting = Acting::new(context)?;
    let granted = acting.call(async |desk, sender| desk.assign(sender, *ticket, &agent).await).await?;
    let (lacks, whole) = letting_in::by_calls(person, &granted);
    granted::on_stacks(context, &granted, whole, || match whole {
        true => format!("{ticket} is assigned to {person}, who can read all of it now"),
        false => format!("{ticket} is assigned to {person}{lacks}"),
    })
}
