//! `sealdesk tx support assign-ticket`.

use sealdesk_client::messages::NewAssignees;
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
#[command(
    after_help = "Collaborators can read all of it too, and do what the agent can. Whoever is not named again is none any more, and reads nothing that \
    is written later. For example:\n  sealdesk tx support assign-ticket TKT-00000001 bob --collaborator carol --collaborator dora"
)]
pub(crate) struct Args {
    /// Which ticket
    #[arg(value_name = "TKT", value_parser = parse::ticket)]
    ticket: TicketId,
    /// The agent or administrator who gets it
    #[arg(value_name = "ADDR|NAME")]
    person: Person,
    /// An agent who works on it beside them; up to four times
    #[arg(long = "collaborator", value_name = "ADDR|NAME")]
    collaborators: Vec<Person>,
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
    let Args { ticket, person, collaborators, marked, memo } = args;
    let (desk, me) = acting(context, memo).await?;
    let desk = marked.ask(context, desk);
    let agent = context.address(person)?;
    let mut progress = granted::progress(context, *ticket);
    let with = collaborators.iter().map(|one| context.address(one)).collect::<Result<Vec<_>, _>>()?;
    let to = NewAssignees { agent: &agent, collaborators: &with };
    let report = desk.assign_telling(&me, *ticket, to, &mut progress).await?;
    let names: Vec<String> = collaborators.iter().map(ToString::to_string).collect();
    let said = match names.join(", ") {
        names if names.is_empty() => format!("{ticket} is assigned to {person}"),
        names => format!("{ticket} is assigned to {person}, with {names}"),
    };
    granted::passed_on(context, report, Passed { ticket: *ticket, to: person, said: &said })
}

async fn on_stacks(context: &Context, args: &Args) -> Result<(), Failure> {
    let Args { ticket, person, collaborators, marked: _, memo } = args;
    memo.refuse_on_stacks()?;
    if !collaborators.is_empty() {
        return Err(Failure::usage("a contract's ticket has one assignee", "leave --collaborator out"));
    }
    let agent = context.principal(person)?;
    let mut acting = Acting::new(context)?;
    let granted = acting.call(async |desk, sender| desk.assign(sender, *ticket, &agent).await).await?;
    let (lacks, whole) = letting_in::by_calls(person, &granted);
    granted::on_stacks(context, &granted, whole, || match whole {
        true => format!("{ticket} is assigned to {person}, who can read all of it now"),
        false => format!("{ticket} is assigned to {person}{lacks}"),
    })
}
