//! The steps of a ticket's life, which both ledgers take: they differ in what is public.

use sealdesk_client::stacks::wire::contract::{Request, Status};
use sealdesk_protocol::ids::TicketId;

use super::bulk::{self, Words};
use super::explained::{Asked, Explaining};
use super::tickets::Tickets;
use crate::acting::{Memo, acting_openly};
use crate::args::Ledger;
use crate::context::Context;
use crate::contract_call;
use crate::failure::Failure;
use crate::outcome::Answer;
use crate::parse;

/// A step without a text.
#[derive(Debug, clap::Args)]
pub(crate) struct Plain {
    #[command(flatten)]
    tickets: Tickets,
    #[command(flatten)]
    memo: Memo,
}

/// A step that may say why.
#[derive(Debug, clap::Args)]
pub(crate) struct WithReason {
    #[command(flatten)]
    tickets: Tickets,
    /// Why, if you want to say it. PUBLIC: everyone can read it, for ever; at most 128 bytes
    #[arg(long, value_name = "TEXT", allow_hyphen_values = true)]
    reason: Option<String>,
    #[command(flatten)]
    memo: Memo,
}

/// A step of a ticket's life.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Step {
    StartWork,
    AwaitCustomer,
    Resolve,
    Close,
    Reopen,
}

/// A text that a ledger of one's own keeps for everyone to read, and the option that gives it. A contract keeps none.
pub(super) struct PublicText {
    pub(super) text: Option<String>,
    pub(super) option: &'static str,
}

impl Plain {
    /// Takes the step, and says so.
    pub(crate) async fn take(self, context: &Context, step: Step) -> Result<(), Failure> {
        let why = PublicText { text: None, option: "" };
        step.take(context, &self.tickets, why, &self.memo).await
    }
}

impl WithReason {
    /// Takes the step, and says so.
    pub(crate) async fn take(self, context: &Context, step: Step) -> Result<(), Failure> {
        let why = PublicText { text: self.reason, option: "--reason" };
        step.take(context, &self.tickets, why, &self.memo).await
    }
}

impl Step {
    pub(super) async fn take(
        self,
        context: &Context,
        tickets: &Tickets,
        why: PublicText,
        memo: &Memo,
    ) -> Result<(), Failure> {
        if context.ledger() == Ledger::Stacks {
            return self.on_stacks(context, tickets.only()?, &why, memo).await;
        }
        let why = why.text.unwrap_or_default();
        let chosen = tickets.choose(context).await?;
        memo.one_or_more(chosen.is_bulk)?;
        let (desk, me) = acting_openly(context, memo).await?;
        let explaining = Explaining::new(context, &desk, me.author().address(desk.prefix()));
        bulk::each(context, chosen, self.words(), async |ticket| {
            let done = match self {
                Self::StartWork => desk.start_work(me.author(), ticket).await,
                Self::AwaitCustomer => desk.await_customer(me.author(), ticket).await,
                Self::Resolve => desk.resolve(me.author(), ticket, &why).await,
                Self::Close => desk.close(me.author(), ticket, &why).await,
                Self::Reopen => desk.reopen(me.author(), ticket, &why).await,
            };
            match done {
                Ok(outcome) => Ok(Answer::of(context, &outcome, &self.said(ticket))),
                Err(error) => Err(explaining.refusal(self.asked(), ticket, error.into()).await),
            }
        })
        .await
    }

    async fn on_stacks(
        self,
        context: &Context,
        ticket: TicketId,
        why: &PublicText,
        memo: &Memo,
    ) -> Result<(), Failure> {
        memo.refuse_on_stacks()?;
        parse::no_public_text(why.text.as_deref(), why.option)?;
        let status = match self {
            Self::StartWork => Status::InProgress,
            Self::AwaitCustomer => Status::PendingCustomer,
            Self::Resolve => Status::Resolved,
            Self::Close => Status::Closed,
            Self::Reopen => Status::Open,
        };
        let request = Request::UpdateTicketStatus { ticket: ticket.number(), status };
        contract_call::one(context, request, &self.said(ticket)).await
    }

    fn asked(self) -> Asked {
        match self {
            Self::StartWork => Asked::StartWork,
            Self::AwaitCustomer => Asked::AwaitCustomer,
            Self::Resolve => Asked::Resolve,
            Self::Close => Asked::Close,
            Self::Reopen => Asked::Reopen,
        }
    }

    fn words(self) -> Words {
        let (doing, done) = match self {
            Self::StartWork => ("starting work on", "started work on"),
            Self::AwaitCustomer => ("waiting for the customer of", "waiting for their customers:"),
            Self::Resolve => ("resolving", "resolved"),
            Self::Close => ("closing", "closed"),
            Self::Reopen => ("reopening", "reopened"),
        };
        Words { doing, done }
    }

    /// What it says of a ticket that has taken it.
    pub(super) fn said(self, ticket: TicketId) -> String {
        match self {
            Self::StartWork => format!("work on {ticket} has started"),
            Self::AwaitCustomer => format!("{ticket} is waiting for its customer"),
            Self::Resolve => format!("{ticket} is resolved; a reply from the customer reopens it"),
            Self::Close => format!("{ticket} is closed"),
            Self::Reopen => format!("{ticket} is reopened"),
        }
    }
}
