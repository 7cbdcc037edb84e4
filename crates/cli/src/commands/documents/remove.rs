//! `sealdesk documents remove`.

use super::Which;
use crate::context::Context;
use crate::failure::Failure;
use crate::outcome::done;
use crate::prompt;

/// Options of `documents remove`.
#[derive(Debug, clap::Args)]
pub(crate) struct Args {
    #[command(flatten)]
    which: Which,
}

pub(super) async fn run(context: &Context, args: Args) -> Result<(), Failure> {
    let (desk, me) = super::acting(context).await?;
    let place = args.which.place(context, &desk)?;
    let listing = desk.documents(&place.shelf).await?;
    let stands = listing.documents.into_iter().find(|document| document.place == place);
    let version = stands.ok_or_else(|| super::missing(&place))?.version;
    let question = format!("Remove {place}? Nothing brings it back.");
    prompt::confirm(context.output(), context.settings().yes, &question)?;
    let outcome = desk.remove_document(&me, &place, version).await?;
    done(context, &outcome, || format!("{place} is removed"))
}
