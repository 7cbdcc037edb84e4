//! An answer, or a note among staff; and in the same transaction that the ticket is resolved by it, or waits for its customer.

use sealdesk_client::actor::Actor;
use sealdesk_client::desk::Desk;
use sealdesk_client::files::Attaching;
use sealdesk_client::messages::{NewResponse, ProviderReads, Then};
use sealdesk_client::stacks::NewComment;
use sealdesk_protocol::ids::TicketId;
use serde_json::json;
use tonic::transport::Channel;

use super::bulk::{self, Words};
use super::explained::{Asked, Explaining};
use super::tickets::Tickets;
use crate::acting::{Memo, acting};
use crate::args::Ledger;
use crate::attaching::Attachments;
use crate::context::Context;
use crate::contract_call::{self, Acting};
use crate::failure::{Failure, too_large};
use crate::message_text::{Text, Written};
use crate::outcome::Answer;

/// What an answer says of its ticket.
#[derive(Debug, clap::Args)]
#[group(id = "then", multiple = false)]
pub(crate) struct After {
    /// Also resolve the ticket, in the same transaction
    #[arg(long)]
    resolve: bool,
    /// Also set the ticket to waiting for its customer, in the same transaction
    #[arg(long)]
    wait: bool,
}

/// Who else reads an answer.
#[derive(Debug, clap::Args)]
pub(crate) struct Provider {
    /// Let the ticket's provider read it, too: at this address, or at the one that the customer sealed into the ticket
    #[arg(long, value_name = "ADDR|NAME", num_args = 0..=1, default_missing_value = "", require_equals = true)]
    provider_reads: Option<String>,
}

/// Which kind of response it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Kind {
    /// The customer reads it.
    Answer,
    /// The customer does not.
    Note,
}

/// A response to write.
pub(crate) struct Reply {
    pub(crate) tickets: Tickets,
    pub(crate) text: Text,
    pub(crate) kind: Kind,
    pub(crate) after: After,
    pub(crate) provider: Provider,
    /// The public words of a resolution.
    pub(crate) resolution: String,
    pub(crate) attachments: Attachments,
    pub(crate) memo: Memo,
}

impl After {
    /// It resolves it.
    pub(crate) fn resolves() -> Self {
        Self { resolve: true, wait: false }
    }

    fn then<'a>(&self, resolution: &'a str) -> Then<'a> {
        match (self.resolve, self.wait) {
            (true, _) => Then::Resolve(resolution),
            (false, true) => Then::AwaitCustomer,
            (false, false) => Then::Nothing,
        }
    }
}

impl Provider {
    fn reads(&self, context: &Context) -> Result<ProviderReads, Failure> {
        Ok(match self.provider_reads.as_deref() {
            None => ProviderReads::No,
            Some("") => ProviderReads::AsSealed,
            Some(provider) => ProviderReads::Named(context.address(provider)?),
        })
    }
}

impl Reply {
    /// One of this kind that says nothing of its ticket, and that no provider reads.
    pub(crate) fn new(
        kind: Kind,
        tickets: impl Into<Tickets>,
        text: Text,
        attachments: Attachments,
        memo: Memo,
    ) -> Self {
        let (after, provider) = (After { resolve: false, wait: false }, Provider { provider_reads: None });
        let resolution = String::new();
        Self { tickets: tickets.into(), text, kind, after, provider, resolution, attachments, memo }
    }

    /// Writes it into each ticket.
    pub(crate) async fn send(self, context: &Context) -> Result<(), Failure> {
        if context.ledger() == Ledger::Stacks {
            return self.on_stacks(context).await;
        }
        let chosen = self.tickets.choose(context).await?;
        self.memo.one_or_more(chosen.is_bulk)?;
        let provider = self.provider.reads(context)?;
        let begun = self.text.begin(context)?;
        let (desk, me) = acting(context, &self.memo).await?;
        let about = self.about(&chosen.tickets);
        let written = begun.finish(context, &me, &about)?;
        let writing = Writing { reply: &self, desk: &desk, me: &me, provider };
        let explaining = Explaining::new(context, &desk, desk.address_of(&me));
        let sent = bulk::each(context, chosen, self.words(), async |ticket| {
            match writing.write(context, ticket, &written).await {
                Ok(answer) => Ok(answer),
                Err(failure) => Err(explaining.refusal(self.asked(), ticket, failure).await),
            }
        });
        let sent = sent.await;
        written.ended(context, &me, &about, sent)
    }

    async fn on_stacks(self, context: &Context) -> Result<(), Failure> {
        let ticket = self.tickets.only()?;
        self.memo.refuse_on_stacks()?;
        self.attachments.refuse_on_stacks()?;
        if self.provider.provider_reads.is_some() {
            return Err(Failure::usage("a contract has no providers", "leave --provider-reads out"));
        }
        if self.after.then("") != Then::Nothing {
            return Err(Failure::usage(
                "a contract takes a reply and a status one after the other",
                "reply first, then `sealdesk resolve TKT` or `sealdesk tx support await-customer TKT`",
            ));
        }
        let begun = self.text.begin(context)?;
        let mut acting = Acting::new(context)?;
        let about = self.about(&[ticket]);
        let written = begun.finish(context, acting.me(), &about)?;
        let comment = NewComment::new(ticket, &written.text, self.kind == Kind::Note);
        let sent = acting.call(async |desk, sender| desk.comment(sender, &comment).await).await;
        let outcome = written.ended(context, acting.me(), &about, sent)?;
        let more = [("ticket_id", ticket.to_string().into()), ("response_index", json!(outcome.number))];
        contract_call::done(context, &outcome, &more, || self.said(ticket))
    }

    fn about(&self, tickets: &[TicketId]) -> String {
        let what = if self.kind == Kind::Note { "Note for staff in" } else { "Answer in" };
        match tickets {
            [only] => format!("{what} {only}"),
            several => format!("{what} {} tickets", several.len()),
        }
    }

    fn asked(&self) -> Asked {
        match (self.kind, self.after.then("")) {
            (Kind::Note, _) => Asked::Note,
            (Kind::Answer, Then::Resolve(_)) => Asked::Resolve,
            (Kind::Answer, Then::Nothing | Then::AwaitCustomer) => Asked::Reply,
        }
    }

    fn words(&self) -> Words {
        let (doing, done) = match (self.kind, self.after.then("")) {
            (Kind::Note, _) => ("leaving a note in", "left a note in"),
            (Kind::Answer, Then::Resolve(_)) => ("answering and resolving", "answered and resolved"),
            (Kind::Answer, Then::Nothing | Then::AwaitCustomer) => ("answering in", "answered in"),
        };
        Words { doing, done }
    }

    fn said(&self, ticket: TicketId) -> String {
        match (self.kind, self.after.then("")) {
            (Kind::Note, _) => format!("{ticket} has your note; its customer cannot read it"),
            (Kind::Answer, Then::Nothing) => format!("{ticket} has your reply"),
            (Kind::Answer, Then::AwaitCustomer) => {
                format!("{ticket} has your reply, and is waiting for its customer")
            }
            (Kind::Answer, Then::Resolve(_)) => {
                format!("{ticket} has your reply, and is resolved; a reply from the customer reopens it")
            }
        }
    }
}

/// What is the same for each of several tickets.
struct Writing<'a> {
    reply: &'a Reply,
    desk: &'a Desk<Channel>,
    me: &'a Actor,
    provider: ProviderReads,
}

impl Writing<'_> {
    async fn write(&self, context: &Context, ticket: TicketId, written: &Written) -> Result<Answer, Failure> {
        let (desk, me, reply) = (self.desk, self.me, self.reply);
        let internal = reply.kind == Kind::Note;
        let mut response = match reply.kind {
            Kind::Note => NewResponse::note(&written.text),
            Kind::Answer => {
                NewResponse { provider: self.provider.clone(), ..NewResponse::new(&written.text) }
            }
        };
        let to = Attaching::Response { ticket, internal };
        for file in reply.attachments.bring(context, desk, me, to).await? {
            response.attach(file);
        }
        let then = reply.after.then(&reply.resolution);
        let sent = match then {
            Then::Nothing => desk.respond(me, ticket, &response).await,
            then => desk.respond_then(me, ticket, &response, then).await,
        };
        match sent {
            Ok(outcome) => Ok(Answer::of(context, &outcome, &reply.said(ticket))),
            Err(error) => Err(too_large::response(desk, error, &response).await),
        }
    }
}
