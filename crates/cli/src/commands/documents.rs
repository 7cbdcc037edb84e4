//! `sealdesk documents …`: what stands on shelves beside the tickets: one's own, the staff's, and what is public.

mod example;
mod list;
mod put;
mod remove;
mod renew;
mod show;

use clap::Subcommand;
use sealdesk_client::actor::Actor;
use sealdesk_client::desk::Desk;
use sealdesk_protocol::document::{DocumentName, DocumentPlace, Shelf, ShelfKind};
use sealdesk_protocol::ids::Address;
use tonic::transport::Channel;

use crate::args::Ledger;
use crate::context::Context;
use crate::failure::Failure;

/// What can be done with documents.
#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    /// List the documents of a shelf
    List(list::Args),
    /// Show a document, as JSON
    Show(show::Args),
    /// Print an example document to start from
    Example(example::Args),
    /// Write a document
    Put(put::Args),
    /// Remove a document
    Remove(remove::Args),
    /// Seal the staff's documents again, for the current staff
    Renew(renew::Args),
}

pub(super) async fn run(context: &Context, command: Command) -> Result<(), Failure> {
    if context.ledger() == Ledger::Stacks {
        return Err(Failure::usage(
            "a contract on Stacks keeps no documents",
            "leave --ledger stacks and --contract out",
        ));
    }
    match command {
        Command::List(args) => list::run(context, &args).await,
        Command::Show(args) => show::run(context, &args).await,
        Command::Example(args) => example::run(context, &args),
        Command::Put(args) => put::run(context, args).await,
        Command::Remove(args) => remove::run(context, args).await,
        Command::Renew(args) => renew::run(context, args).await,
    }
}

/// The desk, and the unlocked key of `--from`, which is about to write.
async fn acting(context: &Context) -> Result<(Desk<Channel>, Actor), Failure> {
    let me = context.actor()?;
    let desk = context.desk().await?;
    context.agree(&desk)?;
    Ok((desk, me))
}

/// Which document.
#[derive(Debug, clap::Args)]
struct Which {
    /// own (sealed for yourself), staff (sealed for the staff) or public (plain, for everyone)
    #[arg(value_name = "SHELF", value_parser = shelf)]
    shelf: ShelfKind,
    /// Its name: 1 to 32 of a-z, 0-9, '.' and '-'. PUBLIC
    #[arg(value_name = "NAME", value_parser = name)]
    name: DocumentName,
}

impl Which {
    /// Where it stands, for the key of `--from`.
    fn place(&self, context: &Context, desk: &Desk<Channel>) -> Result<DocumentPlace, Failure> {
        Ok(DocumentPlace { shelf: shelf_of(context, desk, self.shelf)?, name: self.name.clone() })
    }
}

/// The shelf of this kind; one's own is that of `--from`.
fn shelf_of(context: &Context, desk: &Desk<Channel>, kind: ShelfKind) -> Result<Shelf, Failure> {
    if kind != ShelfKind::Own {
        // Whose it is makes no difference to the desk's two.
        let nobody = Address::of_public_key(desk.prefix(), &[0; 33]);
        return Ok(Shelf::of(kind, &nobody));
    }
    Ok(Shelf::Own(context.own_address()?))
}

fn shelf(text: &str) -> Result<ShelfKind, String> {
    ShelfKind::named(text).map_err(|_| "use own, staff or public".to_owned())
}

fn name(text: &str) -> Result<DocumentName, String> {
    DocumentName::parse(text).map_err(|_| "use 1 to 32 of a-z, 0-9, '.' and '-'".to_owned())
}

/// There is no such document.
fn missing(place: &DocumentPlace) -> Failure {
    Failure::hinted(
        format!("the document {place} does not exist"),
        "`sealdesk documents list SHELF` shows what there is",
    )
}
