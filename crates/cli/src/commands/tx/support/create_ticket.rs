//! `sealdesk tx support create-ticket`.

use crate::acts::create::{Details, NewText};
use crate::context::Context;
use crate::failure::Failure;
use crate::message_text::Text;
use crate::parse::{Message, Subject};

/// Options of `create-ticket`. Subject and message are sealed; everything else is public.
#[derive(Debug, clap::Args)]
pub(crate) struct Args {
    /// What it is about, PUBLIC: billing, technical, account, provider, deployment, security, other or what this desk has
    #[arg(long, value_name = "NAME")]
    category: String,
    #[command(flatten)]
    subject: Subject,
    #[command(flatten)]
    message: Message,
    #[command(flatten)]
    details: Details,
}

pub(super) async fn run(context: &Context, args: Args) -> Result<(), Failure> {
    let Args { category, subject, message, details } = args;
    let new = NewText {
        category: Some(category),
        subject: subject.subject,
        subject_file: subject.subject_file,
        text: Text::of_options(message.message, message.message_file),
        details,
    };
    new.send(context).await
}
