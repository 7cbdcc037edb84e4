//! `sealdesk tx support create-ticket`.

use sealdesk_client::desk::Desk;
use sealdesk_client::files::Attaching;
use sealdesk_client::messages::NewTicket;
use sealdesk_protocol::ids::TicketId;
use sealdesk_protocol::ticket::Priority;
use sealdesk_protocol::wire::virtengine::support::v1::ResourceReference;
use tonic::transport::Channel;

use crate::args::Ledger;
use crate::attaching::Attachments;
use crate::commands::tx::{Memo, acting, done};
use crate::context::Context;
use crate::contract_call::{self, Acting};
use crate::failure::{Failure, too_large};
use crate::parse::{self, Message, Person, Subject};
use crate::table::count;

/// Options of `create-ticket`. Subject and message are sealed; everything else is public.
#[derive(Debug, clap::Args)]
#[command(after_help = "Subject and message are sealed on this computer: only you, the administrators and \
    whoever the ticket is assigned to can read them.\nCategory, priority, provider and resource are PUBLIC, \
    as are the times and the number of answers.")]
pub(crate) struct Args {
    /// What it is about, PUBLIC: billing, technical, account, provider, deployment, security, other or what this desk has
    #[arg(long, value_name = "NAME")]
    category: String,
    /// How urgent it is, PUBLIC: low, normal, high or urgent
    #[arg(long, value_parser = parse::priority, default_value = "normal", value_name = "PRIORITY")]
    priority: Priority,
    #[command(flatten)]
    subject: Subject,
    #[command(flatten)]
    message: Message,
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

pub(super) async fn run(context: &Context, args: Args) -> Result<(), Failure> {
    match context.ledger() {
        Ledger::Native => native(context, args).await,
        Ledger::Stacks => on_stacks(context, args).await,
    }
}

async fn native(context: &Context, args: Args) -> Result<(), Failure> {
    let (subject, text) = args.subject.read(context, &args.message)?;
    let mut ticket = NewTicket::new(&args.category, &subject, &text);
    ticket.priority = Some(args.priority);
    ticket.provider = args.provider.as_deref().map(|provider| context.address(provider)).transpose()?;
    ticket.provider_reads = args.provider_reads;
    ticket.resource = args.resource;
    let (desk, me) = acting(context, &args.memo).await?;
    for file in args.attachments.bring(context, &desk, &me, Attaching::Ticket).await? {
        ticket.attach(file);
    }
    let outcome = match desk.create_ticket(&me, &ticket).await {
        Ok(outcome) => outcome,
        Err(error) => return Err(too_large::ticket(&desk, error, &ticket).await),
    };
    let id = outcome.ticket_id.map(|id| id.to_string()).unwrap_or_default();
    let administrators = who_reads(context, &desk, outcome.ticket_id).await;
    done(context, &outcome, || match args.provider.filter(|_| args.provider_reads) {
        Some(provider) => format!("{id} is written; you, {administrators} and {provider} can read it"),
        None => format!("{id} is written; you and {administrators} can read it"),
    })
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
        Some(None) => return unknown("the node keeps its text back, so that nobody can tell who they are"),
        None => return unknown("that could not be looked up"),
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

async fn on_stacks(context: &Context, args: Args) -> Result<(), Failure> {
    args.memo.refuse_on_stacks()?;
    args.attachments.refuse_on_stacks()?;
    if args.provider.is_some() || args.resource.is_some() {
        let hint = "leave --provider and --resource out; say it in the sealed message";
        return Err(Failure::usage("a contract knows neither providers nor resources", hint));
    }
    let (subject, text) = args.subject.read(context, &args.message)?;
    let ticket = sealdesk_client::stacks::NewTicket::new(&args.category, args.priority, &subject, &text);
    let mut acting = Acting::new(context)?;
    let outcome = acting.call(async |desk, sender| desk.create_ticket(sender, &ticket).await).await?;
    let id = outcome.number.and_then(TicketId::new).map(|id| id.to_string()).unwrap_or_default();
    contract_call::done(context, &outcome, &[("ticket_id", id.clone().into())], || {
        format!("{id} is written; you and the administrators can read it")
    })
}
