//! `sealdesk tx support respond`.

use sealdesk_client::files::Attaching;
use sealdesk_client::messages::{NewResponse, ProviderReads};
use sealdesk_client::stacks::NewComment;
use sealdesk_protocol::ids::TicketId;
use serde_json::json;

use crate::args::Ledger;
use crate::attaching::Attachments;
use crate::commands::tx::{Memo, acting, done};
use crate::context::Context;
use crate::contract_call::{self, Acting};
use crate::failure::{Failure, too_large};
use crate::parse::{self, Message};

/// Options of `respond`.
#[derive(Debug, clap::Args)]
pub(crate) struct Args {
    /// Which ticket
    #[arg(value_name = "TKT", value_parser = parse::ticket)]
    ticket: TicketId,
    #[command(flatten)]
    message: Message,
    /// Leave a note for staff; the ticket's customer cannot read it, but sees that there is one
    #[arg(long)]
    internal: bool,
    /// Let the ticket's provider read it, too: at this address, or at the one that the customer sealed into the ticket
    #[arg(long, value_name = "ADDR|NAME", num_args = 0..=1, default_missing_value = "", require_equals = true, conflicts_with = "internal")]
    provider_reads: Option<String>,
    #[command(flatten)]
    attachments: Attachments,
    #[command(flatten)]
    memo: Memo,
}

pub(super) async fn run(context: &Context, args: Args) -> Result<(), Failure> {
    let said = || match args.internal {
        true => format!("{} has your note; its customer cannot read it", args.ticket),
        false => format!("{} has your answer", args.ticket),
    };
    match context.ledger() {
        Ledger::Native => {
            let text = args.message.read(context)?;
            let (desk, me) = acting(context, &args.memo).await?;
            let mut response = match args.internal {
                true => NewResponse::note(&text),
                false => NewResponse { provider: provider(context, &args)?, ..NewResponse::new(&text) },
            };
            let to = Attaching::Response { ticket: args.ticket, internal: args.internal };
            for file in args.attachments.bring(context, &desk, &me, to).await? {
                response.attach(file);
            }
            let outcome = match desk.respond(&me, args.ticket, &response).await {
                Ok(outcome) => outcome,
                Err(error) => return Err(too_large::response(&desk, error, &response).await),
            };
            done(context, &outcome, said)
        }
        Ledger::Stacks => {
            args.memo.refuse_on_stacks()?;
            args.attachments.refuse_on_stacks()?;
            if args.provider_reads.is_some() {
                return Err(Failure::usage("a contract knows no providers", "leave --provider-reads out"));
            }
            let comment = NewComment::new(args.ticket, &args.message.read(context)?, args.internal);
            let mut acting = Acting::new(context)?;
            let outcome = acting.call(async |desk, sender| desk.comment(sender, &comment).await).await?;
            let more =
                [("ticket_id", args.ticket.to_string().into()), ("response_index", json!(outcome.number))];
            contract_call::done(context, &outcome, &more, said)
        }
    }
}

fn provider(context: &Context, args: &Args) -> Result<ProviderReads, Failure> {
    Ok(match args.provider_reads.as_deref() {
        None => ProviderReads::No,
        Some("") => ProviderReads::AsSealed,
        Some(provider) => ProviderReads::Named(context.address(provider)?),
    })
}
