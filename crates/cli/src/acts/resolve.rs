//! Says that a ticket is answered, with closing words that are sealed if there are any.

use std::path::PathBuf;

use super::reply::{After, Kind, Reply};
use super::step::{PublicText, Step};
use super::tickets::Tickets;
use crate::acting::Memo;
use crate::attaching::Attachments;
use crate::context::Context;
use crate::failure::Failure;
use crate::message_text::Text;

/// Options of `resolve`.
#[derive(Debug, clap::Args)]
pub(crate) struct Args {
    #[command(flatten)]
    tickets: Tickets,
    #[command(flatten)]
    words: ClosingWords,
    /// How it was solved, if everyone may know. PUBLIC: everyone can read it, for ever; at most 128 bytes
    #[arg(long, value_name = "TEXT", allow_hyphen_values = true)]
    resolution: Option<String>,
    #[command(flatten)]
    memo: Memo,
}

/// What the customer is told.
#[derive(Debug, clap::Args)]
#[group(multiple = false)]
struct ClosingWords {
    /// Closing words, sealed: a reply in the same transaction. Other users of this computer can see it while the program runs
    #[arg(long, value_name = "TEXT", allow_hyphen_values = true)]
    message: Option<String>,
    /// File with the closing words, sealed; `-` reads standard input
    #[arg(long, value_name = "FILE")]
    message_file: Option<PathBuf>,
}

/// Resolves each.
pub(crate) async fn run(context: &Context, args: Args) -> Result<(), Failure> {
    let Args { tickets, words: ClosingWords { message, message_file }, resolution, memo } = args;
    if message.is_none() && message_file.is_none() {
        let how = PublicText { text: resolution, option: "--resolution" };
        return Step::Resolve.take(context, &tickets, how, &memo).await;
    }
    let text = Text::of_options(message, message_file);
    let answer = Reply::new(Kind::Answer, tickets, text, Attachments::none(), memo);
    let (after, resolution) = (After::resolves(), resolution.unwrap_or_default());
    Reply { after, resolution, ..answer }.send(context).await
}
