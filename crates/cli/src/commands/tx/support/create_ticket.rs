//! `sealdesk tx support create-ticket`.

use sealdesk_client::messages::NewTicket;
use sealdesk_protocol::ticket::Priority;
use sealdesk_protocol::wire::virtengine::support::v1::ResourceReference;

use crate::commands::stacks;
use crate::commands::tx::{Memo, acting, done};
use crate::context::Context;
use crate::failure::Failure;
use crate::parse::{self, Message};

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
    /// Subject line, sealed
    #[arg(long, value_name = "TEXT")]
    subject: String,
    #[command(flatten)]
    message: Message,
    /// The provider that it concerns, PUBLIC
    #[arg(long, value_name = "ADDR|NAME")]
    provider: Option<String>,
    /// Let the provider read it, too
    #[arg(long, requires = "provider")]
    provider_reads: bool,
    /// The resource that it concerns, PUBLIC: lease:OWNER/DSEQ/GSEQ/OSEQ, or an order, deployment, provider or bid
    #[arg(long, value_parser = parse::resource, value_name = "TYPE:ID")]
    resource: Option<ResourceReference>,
    #[command(flatten)]
    memo: Memo,
}

pub(super) async fn run(context: &Context, args: Args) -> Result<(), Failure> {
    if context.is_on_stacks() {
        args.memo.refuse_on_stacks()?;
        if args.provider.is_some() || args.resource.is_some() {
            let hint = "leave --provider and --resource out; say it in the sealed message";
            return Err(Failure::usage("a contract knows neither providers nor resources", hint));
        }
        let message = args.message.read(context)?;
        let (category, priority, subject) = (args.category.as_str(), args.priority, args.subject.as_str());
        let words = stacks::Words { category, priority, subject, message: &message };
        return stacks::create_ticket(context, words).await;
    }
    let mut ticket = NewTicket::new(&args.category, &args.subject, &args.message.read(context)?);
    ticket.priority = Some(args.priority);
    ticket.provider = args.provider.as_deref().map(|provider| context.address(provider)).transpose()?;
    ticket.provider_reads = args.provider_reads;
    ticket.resource = args.resource;
    let (desk, me) = acting(context, &args.memo).await?;
    let outcome = desk.create_ticket(&me, &ticket).await?;
    let id = outcome.ticket_id.map(|id| id.to_string()).unwrap_or_default();
    done(context, &outcome, || match args.provider.filter(|_| args.provider_reads) {
        Some(provider) => format!("{id} is written; you, the administrators and {provider} can read it"),
        None => format!("{id} is written; you and the administrators can read it"),
    })
}
