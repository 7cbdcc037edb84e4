//! `sealdesk contacts …`: what people are called in this home, and in the desk book of the staff.

mod add;
mod list;
mod refresh;
mod remove;

use clap::Subcommand;
use sealdesk_client::actor::Actor;
use sealdesk_client::contacts::ContactName;
use sealdesk_client::desk::Desk;
use sealdesk_client::outcome::Outcome;
use sealdesk_protocol::ids::Address;
use tonic::transport::Channel;

use crate::args::Ledger;
use crate::context::Context;
use crate::failure::Failure;
use crate::staff::naming::{self, desk_book};

/// What can be done with contacts.
#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    /// Give someone a name
    Add(add::Args),
    /// List the names that this home knows: of keys, contacts, invitations and the desk book
    List(list::Args),
    /// Read the desk book of the staff now
    Refresh(refresh::Args),
    /// Remove a name
    Remove(remove::Args),
}

pub(super) async fn run(context: &Context, command: Command) -> Result<(), Failure> {
    match command {
        Command::Add(args) => add::run(context, args).await,
        Command::List(args) => list::run(context, args),
        Command::Refresh(args) => refresh::run(context, args).await,
        Command::Remove(args) => remove::run(context, args).await,
    }
}

/// The desk, and the unlocked key of `--from`, which is about to open the desk book.
async fn acting(context: &Context) -> Result<(Desk<Channel>, Actor), Failure> {
    if context.ledger() == Ledger::Stacks {
        return Err(Failure::usage(
            "a contract on Stacks has no desk book",
            "leave --desk-book out: the name is kept in this home alone",
        ));
    }
    if context.settings().trust_node {
        return Err(Failure::usage("names are not taken from an unproven node", "leave --trust-node out"));
    }
    let me = context.actor()?;
    Ok((context.desk().await?, me))
}

/// Writes into the desk book, and remembers what stands there by now. `None` where there was nothing to change.
async fn write_desk_book(
    context: &Context,
    address: &Address,
    name: Option<&ContactName>,
) -> Result<Option<Outcome>, Failure> {
    let (desk, me) = acting(context).await?;
    context.agree(&desk)?;
    if let Some(name) = name {
        naming::free_in_desk_book(&desk, &me, address, name).await?;
    }
    let outcome = desk.name_in_desk_book(&me, address, name).await?;
    refresh_by(context, &desk, &me).await?;
    Ok(outcome)
}

/// Reads the desk book, and remembers it. Gives how many names it has; `None` where there is none for this reader.
async fn refresh_by(context: &Context, desk: &Desk<Channel>, me: &Actor) -> Result<Option<usize>, Failure> {
    let Some(entries) = desk.desk_book(me).await? else { return Ok(None) };
    let identity = desk.chain().identity();
    Ok(Some(context.contacts()?.keep_desk_book(&identity, &entries, desk.now_millis().div_euclid(1_000))?))
}
