//! `sealdesk tx support respond`.

use crate::acts::reply::{After, Kind, Provider, Reply};
use crate::acts::tickets::TicketsInOneWord;
use crate::attaching::Attachments;
use crate::commands::tx::Memo;
use crate::context::Context;
use crate::failure::Failure;
use crate::message_text::GivenText;

/// Options of `respond`.
#[derive(Debug, clap::Args)]
pub(crate) struct Args {
    #[command(flatten)]
    tickets: TicketsInOneWord,
    #[command(flatten)]
    text: GivenText,
    /// Leave a note for staff; the ticket's customer cannot read it, but sees that there is one
    #[arg(long, conflicts_with_all = ["provider_reads", "then"])]
    internal: bool,
    #[command(flatten)]
    after: After,
    #[command(flatten)]
    provider: Provider,
    #[command(flatten)]
    attachments: Attachments,
    #[command(flatten)]
    memo: Memo,
}

pub(super) async fn run(context: &Context, args: Args) -> Result<(), Failure> {
    let Args { tickets, text, internal, after, provider, attachments, memo } = args;
    let kind = if internal { Kind::Note } else { Kind::Answer };
    let reply = Reply::new(kind, tickets, text.into(), attachments, memo);
    Reply { after, provider, ..reply }.send(context).await
}
