//! Writes a ticket: subject and message are sealed, everything else is public.

use std::io::Write as _;
use std::path::PathBuf;

use sealdesk_client::actor::Actor;
use sealdesk_client::desk::Desk;
use sealdesk_client::files::Attaching;
use sealdesk_client::messages::NewTicket;
use sealdesk_protocol::ids::TicketId;
use sealdesk_protocol::params::DEFAULT_CATEGORIES;
use sealdesk_protocol::text;
use sealdesk_protocol::ticket::Priority;
use sealdesk_protocol::wire::virtengine::support::v1::ResourceReference;
use tonic::transport::Channel;

use super::explained::Explaining;
use crate::acting::{Memo, Signer, acting};
use crate::args::Ledger;
use crate::attaching::Attachments;
use crate::context::Context;
use crate::contract_call::{self, Acting};
use crate::failure::{Failure, too_large};
use crate::message_text::{Begun, Text, Written};
use crate::outcome::Answer;
use crate::parse::{self, Person};
use crate::table::count;

/// How often somebody is asked for a category before they are told how to give one.
const QUESTIONS_MAX: usize = 3;
/// The code of the support module for a category that the desk does not have.
const INVALID_CATEGORY: u32 = 19;
/// What a new ticket is called while it has no number.
const ABOUT: &str = "New ticket";

/// What a ticket says beside its subject, category and message.
#[derive(Debug, clap::Args)]
pub(crate) struct Details {
    /// Priority, PUBLIC: low, normal, high or urgent
    #[arg(long, value_parser = parse::priority, default_value = "normal", value_name = "PRIORITY")]
    priority: Priority,
    /// The provider that it concerns, PUBLIC
    #[arg(long, value_name = "ADDR|NAME")]
    provider: Option<Person>,
    /// Let the provider read it, too
    #[arg(long, requires = "provider")]
    provider_reads: bool,
    /// The resource that it concerns, PUBLIC: lease:OWNER/DSEQ/GSEQ/OSEQ, or an order, deployment, provider or bid
    #[arg(long, value_parser = parse::resource, value_name = "TYPE:ID")]
    resource: Option<ResourceReference>,
    #[command(flatten)]
    attachments: Attachments,
    #[command(flatten)]
    memo: Memo,
}

/// A ticket to write, as far as it was given.
pub(crate) struct NewText {
    pub(crate) category: Option<String>,
    pub(crate) subject: Option<String>,
    pub(crate) subject_file: Option<PathBuf>,
    pub(crate) text: Text,
    pub(crate) details: Details,
}

impl NewText {
    /// Writes it. Who sits at a terminal is asked for what is missing.
    pub(crate) async fn send(self, context: &Context) -> Result<(), Failure> {
        if self.category.is_none() && !context.output().is_interactive() {
            return Err(no_category());
        }
        let subject = parse::subject(context, self.subject.as_deref(), self.subject_file.as_deref())?;
        let begun = self.text.begin(context)?;
        let asking = Asking { category: self.category, subject, begun };
        match context.ledger() {
            Ledger::Native => native(context, asking, &self.details).await,
            Ledger::Stacks => on_stacks(context, asking, &self.details).await,
        }
    }
}

/// What was given, and what is still to be asked for.
struct Asking {
    category: Option<String>,
    subject: Option<String>,
    begun: Begun,
}

/// What a ticket says.
struct Said {
    category: String,
    subject: String,
    written: Written,
}

impl Asking {
    /// Asks for what is missing. The key is unlocked by now, so that no text is lost with a mistyped passphrase.
    fn finish(self, context: &Context, me: &Actor, categories: &[String]) -> Result<Said, Failure> {
        let category = match self.category {
            Some(category) => category.trim().to_ascii_lowercase(),
            None => ask_category(context, categories)?,
        };
        let subject = match (self.subject, &self.begun) {
            (None, Begun::Asked) => Some(parse::one_line(line(context, "Subject (sealed): ")?)?),
            (subject, _) => subject,
        };
        let written = self.begun.finish(context, me, ABOUT)?;
        Ok(match subject {
            Some(subject) => Said { category, subject, written },
            None => {
                let (subject, rest) = parse::first_line(&written.text);
                Said { category, subject: parse::one_line(subject)?, written: written.with(rest) }
            }
        })
    }
}

/// Asks one question whose answer everyone at the screen may see.
fn line(context: &Context, question: &str) -> Result<String, Failure> {
    let mut err = std::io::stderr().lock();
    write!(err, "{question}").and_then(|()| err.flush())?;
    let mut answer = String::new();
    if std::io::stdin().read_line(&mut answer)? == 0 {
        context.output().note("");
        return Err(Failure::new("nothing was typed, so nothing was sent"));
    }
    Ok(answer.trim().to_owned())
}

fn ask_category(context: &Context, categories: &[String]) -> Result<String, Failure> {
    context.output().note("What is it about? PUBLIC: everyone can see the category.");
    for (number, category) in (1..).zip(categories) {
        context.output().note(&format!("  {number}  {category}"));
    }
    for _ in 0..QUESTIONS_MAX {
        let answer = line(context, "Category (number or name): ")?.to_ascii_lowercase();
        let numbered = answer.parse::<usize>().ok().and_then(|number| categories.get(number.checked_sub(1)?));
        if let Some(category) = numbered.or_else(|| categories.iter().find(|category| **category == answer)) {
            return Ok(category.clone());
        }
        let known = categories.join(", ");
        context.output().note(&format!("There is no category '{}': there are {known}", text::line(&answer)));
    }
    Err(no_category())
}

fn no_category() -> Failure {
    Failure::usage(
        "a ticket needs a category",
        format!("add --category with one of {}, or what else this desk has", DEFAULT_CATEGORIES.join(", ")),
    )
}

async fn native(context: &Context, asking: Asking, details: &Details) -> Result<(), Failure> {
    let (desk, me) = acting(context, &details.memo).await?;
    let categories = match asking.category {
        Some(_) => Vec::new(),
        None => desk.params().await?.allowed_categories,
    };
    let said = asking.finish(context, &me, &categories)?;
    let signer = Signer { desk: &desk, me: &me };
    let written = write(context, signer, &said, details).await;
    let written = match written {
        Ok(answer) => Ok(answer),
        Err(failure) => Err(explained(context, signer, &said, failure).await),
    };
    said.written.ended(context, &me, ABOUT, written)?.tell(context)
}

async fn write(
    context: &Context,
    signer: Signer<'_>,
    said: &Said,
    details: &Details,
) -> Result<Answer, Failure> {
    let Signer { desk, me } = signer;
    let mut ticket = NewTicket::new(&said.category, &said.subject, &said.written.text);
    ticket.priority = Some(details.priority);
    ticket.provider = details.provider.as_deref().map(|provider| context.address(provider)).transpose()?;
    ticket.provider_reads = details.provider_reads;
    ticket.resource.clone_from(&details.resource);
    for file in details.attachments.bring(context, desk, me, Attaching::Ticket).await? {
        ticket.attach(file);
    }
    let outcome = match desk.create_ticket(me, &ticket).await {
        Ok(outcome) => outcome,
        Err(error) => return Err(too_large::ticket(desk, error, &ticket).await),
    };
    let id = outcome.ticket_id.map(|id| id.to_string()).unwrap_or_default();
    let administrators = who_reads(context, desk, outcome.ticket_id).await;
    let said = match details.provider.as_ref().filter(|_| details.provider_reads) {
        Some(provider) => format!("{id} is written; you, {administrators} and {provider} can read it"),
        None => format!("{id} is written; you and {administrators} can read it"),
    };
    Ok(Answer::of(context, &outcome, &said))
}

/// Why it was refused, with what this desk has in place of a category that it does not have.
async fn explained(context: &Context, signer: Signer<'_>, said: &Said, failure: Failure) -> Failure {
    let Signer { desk, me } = signer;
    match failure {
        Failure::Refused { code: INVALID_CATEGORY, codespace, proven, hint, .. } => {
            let hint = match desk.params().await {
                Ok(params) => {
                    Some(format!("its categories are {}", params.allowed_categories.join(", ")).into())
                }
                Err(_) => hint,
            };
            let message = format!("this desk has no category '{}'", said.category);
            Failure::Refused { code: INVALID_CATEGORY, codespace, message, hint, proven }
        }
        failure => Explaining::new(context, desk, desk.address_of(me)).refusal_of_new(failure).await,
    }
}

/// Which administrators can read a new ticket: counted from the ticket that the ledger proves.
async fn who_reads(context: &Context, desk: &Desk<Channel>, ticket: Option<TicketId>) -> String {
    let found = match ticket {
        Some(ticket) => desk.administrators_who_read(ticket).await.ok(),
        None => None,
    };
    let unknown = |why| format!("those administrators for whom it was sealed ({why})");
    let found = match found {
        Some(Some(found)) => found,
        Some(None) => return unknown("the node withholds its text, so nobody can tell who they are"),
        None => return unknown("that could not be checked"),
    };
    let reads = found.iter().filter(|(_, reads)| *reads).count();
    let others = found.iter().filter(|(_, reads)| !reads);
    let others: Vec<String> = others.map(|(address, _)| context.name_of(address.as_str())).collect();
    if others.is_empty() {
        return "the administrators".to_owned();
    }
    let (reads, others) = (count(reads, "administrator"), others.join(", "));
    format!(
        "{reads} of {} (not {others}: it is not sealed for them, and `sealdesk doctor` says why)",
        found.len()
    )
}

async fn on_stacks(context: &Context, asking: Asking, details: &Details) -> Result<(), Failure> {
    details.memo.refuse_on_stacks()?;
    details.attachments.refuse_on_stacks()?;
    if details.provider.is_some() || details.resource.is_some() {
        let hint = "leave --provider and --resource out; say it in the sealed message";
        return Err(Failure::usage("a contract knows neither providers nor resources", hint));
    }
    let mut acting = Acting::new(context)?;
    let said = asking.finish(context, acting.me(), &DEFAULT_CATEGORIES.map(str::to_owned))?;
    let Said { category, subject, written } = said;
    let ticket =
        sealdesk_client::stacks::NewTicket::new(&category, details.priority, &subject, &written.text);
    let sent = acting.call(async |desk, sender| desk.create_ticket(sender, &ticket).await).await;
    let outcome = written.ended(context, acting.me(), ABOUT, sent)?;
    let id = outcome.number.and_then(TicketId::new).map(|id| id.to_string()).unwrap_or_default();
    contract_call::done(context, &outcome, &[("ticket_id", id.clone().into())], || {
        format!("{id} is written; you and the administrators can read it")
    })
}
