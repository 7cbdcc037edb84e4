//! `sealdesk new`.

use std::path::PathBuf;

use crate::acts::create::{Details, NewText};
use crate::context::Context;
use crate::failure::Failure;
use crate::message_text::Text;

/// Options of `new`. Subject and message are sealed; everything else is public.
#[derive(Debug, clap::Args)]
pub(crate) struct Args {
    #[command(flatten)]
    text: Text,
    /// What it is about, PUBLIC: billing, technical, account, provider, deployment, security, other or what this desk has; asked for at a terminal
    #[arg(long, value_name = "NAME")]
    category: Option<String>,
    /// Subject line, sealed; asked for at a terminal [default: the first line of the message]
    #[arg(long, value_name = "TEXT", allow_hyphen_values = true)]
    subject: Option<String>,
    /// File with the subject line, sealed; other users of this computer do not see it
    #[arg(long, value_name = "FILE", conflicts_with = "subject")]
    subject_file: Option<PathBuf>,
    #[command(flatten)]
    details: Details,
}

pub(super) async fn run(context: &Context, args: Args) -> Result<(), Failure> {
    let Args { text, category, subject, subject_file, details } = args;
    NewText { category, subject, subject_file, text, details }.send(context).await
}
