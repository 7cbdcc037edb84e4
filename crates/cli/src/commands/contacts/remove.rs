//! `sealdesk contacts remove NAME`.

use sealdesk_client::contacts::NameSource;
use sealdesk_protocol::text;
use serde_json::json;

use super::{desk_book, write_desk_book};
use crate::context::Context;
use crate::failure::Failure;
use crate::outcome::done;
use crate::parse::Person;

/// Options of `contacts remove`.
#[derive(Debug, clap::Args)]
#[command(
    after_help = "Only the name goes: on the ledger nothing changes.\n\nExample: sealdesk contacts remove carol"
)]
pub(crate) struct Args {
    /// Which name
    #[arg(value_name = "NAME")]
    name: Person,
    /// Remove it from the desk book; administrators only
    #[arg(long)]
    desk_book: bool,
}

pub(super) async fn run(context: &Context, args: Args) -> Result<(), Failure> {
    let name: &str = &args.name;
    if args.desk_book {
        return unshare(context, name).await;
    }
    let mut contacts = context.contacts()?;
    let known = contacts.own().find(|(known, address)| *known == name || *address == name);
    let known = known.map(|(known, _)| known.to_owned()).unwrap_or_else(|| name.to_owned());
    let Some(address) = contacts.remove(&known)? else { return Err(not_own(context, name)) };
    let value = json!({ "removed": known, "address": address });
    context.output().answer(&value, || format!("{address} is not called {known} any more"))
}

async fn unshare(context: &Context, name: &str) -> Result<(), Failure> {
    let contacts = context.contacts()?;
    let in_book = context.identity_in_use().and_then(|desk| {
        contacts.of_desk_book(&desk).find(|(known, _)| *known == name).map(|(_, of)| of.to_owned())
    });
    let address = context.address(in_book.as_deref().unwrap_or(name))?;
    match write_desk_book(context, &address, None).await? {
        Some(outcome) => {
            done(context, &outcome, || format!("{address} has no name in {} any more", desk_book()))
        }
        None => Err(Failure::usage(
            format!("{address} has no name in {}", desk_book()),
            "`sealdesk contacts list` shows where each name comes from",
        )),
    }
}

/// A name that its owner did not give is not theirs to take out here.
fn not_own(context: &Context, name: &str) -> Failure {
    let shown = text::line(name);
    let Some(known) = context.names().called(name) else { return context.nobody(name) };
    let hint = match known.source {
        NameSource::Key => {
            "`sealdesk keys rename` gives a key another name, and `sealdesk keys delete` takes it out"
        }
        NameSource::Invitation => "`sealdesk contacts add NAME ADDRESS` gives them another; yours counts",
        NameSource::DeskBook => {
            "an administrator takes it out with --desk-book; `sealdesk contacts add NAME ADDRESS` gives them another in this home"
        }
        NameSource::Own => "`sealdesk contacts list` shows every name as it is written",
    };
    Failure::usage(
        format!("{shown} is not a name that you gave: it comes from the {}", known.source.name()),
        hint,
    )
}
