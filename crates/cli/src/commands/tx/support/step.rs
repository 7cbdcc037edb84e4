//! The steps of a ticket's life, which both ledgers take: they differ in what is public.

use sealdesk_client::stacks::wire::contract::{Request, Status};
use sealdesk_protocol::ids::TicketId;

use crate::args::Ledger;
use crate::commands::tx::{Memo, acting_openly, done};
use crate::context::Context;
use crate::contract_call;
use crate::failure::Failure;
use crate::parse;

/// A step, and why, where a ledger of one's own asks for that.
pub(super) enum Step {
    StartWork,
    AwaitCustomer,
    Resolve(PublicText),
    Close(PublicText),
    Reopen(PublicText),
}

/// A text that a ledger of one's own keeps for everyone to read, and the option that gives it. A contract keeps none.
pub(super) struct PublicText {
    pub(super) text: Option<String>,
    pub(super) option: &'static str,
}

impl Step {
    /// Takes the step, and says so.
    pub(super) async fn take(self, context: &Context, ticket: TicketId, memo: &Memo) -> Result<(), Failure> {
        let said = self.said(ticket);
        match context.ledger() {
            Ledger::Native => {
                let why = self.public_text().and_then(|why| why.text.clone()).unwrap_or_default();
                let (desk, me) = acting_openly(context, memo).await?;
                let outcome = match self {
                    Self::StartWork => desk.start_work(me.author(), ticket).await?,
                    Self::AwaitCustomer => desk.await_customer(me.author(), ticket).await?,
                    Self::Resolve(_) => desk.resolve(me.author(), ticket, &why).await?,
                    Self::Close(_) => desk.close(me.author(), ticket, &why).await?,
                    Self::Reopen(_) => desk.reopen(me.author(), ticket, &why).await?,
                };
                done(context, &outcome, || said)
            }
            Ledger::Stacks => {
                memo.refuse_on_stacks()?;
                if let Some(why) = self.public_text() {
                    parse::no_public_text(why.text.as_deref(), why.option)?;
                }
                let status = match self {
                    Self::StartWork => Status::InProgress,
                    Self::AwaitCustomer => Status::PendingCustomer,
                    Self::Resolve(_) => Status::Resolved,
                    Self::Close(_) => Status::Closed,
                    Self::Reopen(_) => Status::Open,
                };
                let request = Request::UpdateTicketStatus { ticket: ticket.number(), status };
                contract_call::one(context, request, &said).await
            }
        }
    }

    fn public_text(&self) -> Option<&PublicText> {
        match self {
            Self::StartWork | Self::AwaitCustomer => None,
            Self::Resolve(why) | Self::Close(why) | Self::Reopen(why) => Some(why),
        }
    }

    fn said(&self, ticket: TicketId) -> String {
        match self {
            Self::StartWork => format!("work on {ticket} has begun"),
            Self::AwaitCustomer => format!("{ticket} waits for its customer"),
            Self::Resolve(_) => format!("{ticket} is resolved; an answer of its customer begins it again"),
            Self::Close(_) => format!("{ticket} is closed"),
            Self::Reopen(_) => format!("{ticket} is open again"),
        }
    }
}
