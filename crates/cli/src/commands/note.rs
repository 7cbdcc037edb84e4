//! `sealdesk note`.

use crate::acting::Memo;
use crate::acts::reply::{Kind, Reply};
use crate::acts::tickets::TicketsInOneWord;
use crate::attaching::Attachments;
use crate::context::Context;
use crate::failure::Failure;
use crate::message_text::Text;

/// Options of `note`.
#[derive(Debug, clap::Args)]
pub(crate) struct Args {
    #[command(flatten)]
    tickets: TicketsInOneWord,
    #[command(flatten)]
    text: Text,
    #[command(flatten)]
    attachments: Attachments,
    #[command(flatten)]
    memo: Memo,
}

pub(super) async fn run(context: &Context, args: Args) -> Result<(), Failure> {
    let Args { tickets, text, attachments, memo } = args;
    Reply::new(Kind::Note, tickets, text, attachments, memo).send(context).await
}
