//! `sealdesk note`.

use crate::acting::Memo;
use crate::acts::reply::{After, Kind, Provider, Reply};
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
    let note = Reply {
        tickets: args.tickets.into(),
        text: args.text,
        kind: Kind::Note,
        after: After::nothing(),
        provider: Provider::none(),
        resolution: String::new(),
        attachments: args.attachments,
        memo: args.memo,
    };
    note.send(context).await
}
