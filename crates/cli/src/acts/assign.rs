//! Gives a ticket to an agent, and with it everything that was said so far.

use sealdesk_client::messages::NewAssignees;
use sealdesk_protocol::ids::TicketId;

use super::bulk::{self, Words};
use super::explained::{Asked, Explaining};
use super::granted::{self, Marked, Passed};
use super::tickets::Tickets;
use crate::access_report;
use crate::acting::{Memo, Signer, acting};
use crate::args::Ledger;
use crate::context::Context;
use crate::contract_call::Acting;
use crate::failure::Failure;
use crate::outcome::Answer;
use crate::parse::Person;

/// With whom, and how.
#[derive(Debug, clap::Args)]
pub(crate) struct With {
    /// An agent who works on it beside them; up to four times
    #[arg(long = "collaborator", value_name = "ADDR|NAME")]
    collaborators: Vec<Person>,
    #[command(flatten)]
    marked: Marked,
    #[command(flatten)]
    memo: Memo,
}

/// Assigns each to somebody.
pub(crate) async fn run(
    context: &Context,
    tickets: &Tickets,
    person: &Person,
    with: &With,
) -> Result<(), Failure> {
    if context.ledger() == Ledger::Stacks {
        return on_stacks(context, tickets.only()?, person, with).await;
    }
    let chosen = tickets.choose(context).await?;
    with.memo.one_or_more(chosen.is_bulk)?;
    let (desk, me) = acting(context, &with.memo).await?;
    let desk = with.marked.ask(context, desk);
    let people = std::iter::once(person).chain(&with.collaborators);
    let people = people.map(|one| context.address(one)).collect::<Result<Vec<_>, _>>()?;
    let explaining = Explaining::new(context, &desk, desk.address_of(&me)).assigning(people);
    let words = Words { doing: "assigning", done: "assigned" };
    let assigning = Assigning { signer: Signer { desk: &desk, me: &me }, person, with };
    bulk::each(context, chosen, words, async |ticket| match assigning.one(context, ticket).await {
        Ok(answer) => Ok(answer),
        Err(failure) => Err(explaining.refusal(Asked::Assign, ticket, failure).await),
    })
    .await
}

/// What is the same for each of several tickets.
struct Assigning<'a> {
    signer: Signer<'a>,
    person: &'a Person,
    with: &'a With,
}

impl Assigning<'_> {
    async fn one(&self, context: &Context, ticket: TicketId) -> Result<Answer, Failure> {
        let Self { signer: Signer { desk, me }, person, with } = self;
        let agent = context.address(person)?;
        let mut progress = granted::progress(context, ticket);
        let collaborators = with.collaborators.iter().map(|one| context.address(one));
        let collaborators = collaborators.collect::<Result<Vec<_>, _>>()?;
        let to = NewAssignees { agent: &agent, collaborators: &collaborators };
        let report = desk.assign_telling(me, ticket, to, &mut progress).await?;
        // Whom the typed name meant is seen by the address.
        let who = context.named(agent.as_str());
        let names: Vec<String> = collaborators.iter().map(|one| context.named(one.as_str())).collect();
        let said = match names.join(", ") {
            names if names.is_empty() => format!("{ticket} is assigned to {who}"),
            names => format!("{ticket} is assigned to {who}, with {names}"),
        };
        Ok(granted::passed_on(context, report, Passed { ticket, to: person, address: &agent, said: &said }))
    }
}

async fn on_stacks(context: &Context, ticket: TicketId, person: &Person, with: &With) -> Result<(), Failure> {
    with.memo.refuse_on_stacks()?;
    if !with.collaborators.is_empty() {
        return Err(Failure::usage("a contract's ticket has one assignee", "leave --collaborator out"));
    }
    let agent = context.principal(person)?;
    let mut acting = Acting::new(context)?;
    let granted = acting.call(async |desk, sender| desk.assign(sender, ticket, &agent).await).await?;
    let (lacks, whole) = access_report::by_calls(person, &granted);
    let who = context.named(&agent.to_string());
    granted::on_stacks(context, &granted, whole, || match whole {
        true => format!("{ticket} is assigned to {who}, who can read all of it now"),
        false => format!("{ticket} is assigned to {who}{lacks}"),
    })
}
