//! `sealdesk contacts add NAME ADDRESS`.

use sealdesk_client::contacts::{ContactName, NameSource};
use sealdesk_protocol::ids::Address;
use serde_json::json;

use super::{desk_book, write_desk_book};
use crate::args::Ledger;
use crate::context::Context;
use crate::failure::Failure;
use crate::outcome::done_with;
use crate::parse::{self, Person};

/// Options of `contacts add`.
#[derive(Debug, clap::Args)]
#[command(
    after_help = "The name is kept in this home, and others do not see it. With --desk-book an administrator writes it into the desk book, which \
        the staff's programs read: a name there never takes the place of one that somebody gave in their own home.\n\n\
        Example: sealdesk contacts add carol ADDRESS"
)]
pub(crate) struct Args {
    /// What they are called: letters of one script, digits, '.', '-', '_' and blanks between them
    #[arg(value_name = "NAME", value_parser = parse::contact_name)]
    name: ContactName,
    /// Whose name it is
    #[arg(value_name = "ADDRESS|NAME")]
    person: Person,
    /// Write it into the desk book, for the whole staff; administrators only
    #[arg(long)]
    desk_book: bool,
}

pub(super) async fn run(
    context: &Context,
    Args { name, person, desk_book: shared }: Args,
) -> Result<(), Failure> {
    if shared {
        return share(context, &name, &context.address(&person)?).await;
    }
    let address = match context.ledger() {
        Ledger::Native => context.address(&person)?.to_string(),
        Ledger::Stacks => context.principal(&person)?.to_string(),
    };
    let before = context.call_somebody(&name, &address)?;
    let of_others = |source| source == NameSource::DeskBook || source == NameSource::Invitation;
    if let Some(other) = context
        .names()
        .called(name.as_str())
        .filter(|known| of_others(known.source) && known.address != address)
    {
        context.output().note(&format!(
            "note: the {} calls {} so; in this home {name} is now {address}",
            other.source.name(),
            other.address
        ));
    }
    let value = json!({ "name": name.as_str(), "address": address, "before": before });
    context.output().answer(&value, || {
        let before = before.map_or_else(String::new, |before| format!(", and no longer {before}"));
        format!("{address} is called {name} in this home{before}")
    })
}

async fn share(context: &Context, name: &ContactName, address: &Address) -> Result<(), Failure> {
    let more = [("name", json!(name.as_str())), ("address", json!(address.as_str()))];
    match write_desk_book(context, address, Some(name)).await? {
        Some(outcome) => {
            done_with(context, &outcome, &more, || format!("{address} is called {name} in {}", desk_book()))
        }
        None => Err(Failure::new(format!("{} cannot be written", desk_book()))),
    }
}
