//! `sealdesk reply`.

use crate::acting::Memo;
use crate::acts::reply::{After, Kind, Provider, Reply};
use crate::acts::tickets::TicketsInOneWord;
use crate::attaching::Attachments;
use crate::context::Context;
use crate::failure::Failure;
use crate::message_text::Text;

/// Options of `reply`.
#[derive(Debug, clap::Args)]
pub(crate) struct Args {
    #[command(flatten)]
    tickets: TicketsInOneWord,
    #[command(flatten)]
    text: Text,
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
    let Args { tickets, text, after, provider, attachments, memo } = args;
    let answer = Reply::new(Kind::Answer, tickets, text, attachments, memo);
    Reply { after, provider, ..answer }.send(context).await
}
