//! `sealdesk stacks …`, and what the other commands do where the desk is a contract on Stacks.

mod deploy;
mod inbox;
mod keys;
mod query;
mod read;
mod roles;
mod sending;
mod shown;
mod support;
mod transaction;
mod watch;

use clap::Subcommand;
use sealdesk_client::stacks::wire::contract::Request;
pub(crate) use sealdesk_client::stacks::wire::contract::Status as Stand;
use sealdesk_client::stacks::wire::principal::{ContractId, Principal};
use sealdesk_client::stacks::{Connection, Desk, Node};
use sealdesk_protocol::ids::TicketId;

use crate::context::Context;
use crate::failure::Failure;
use crate::parse;

pub(crate) use inbox::run as inbox;
pub(crate) use keys::{register, revoke};
pub(crate) use query::Wanted;
pub(crate) use query::{account, keys as query_keys, responses, ticket, tickets};
pub(crate) use read::run as read;
pub(crate) use roles::{assign_role, revoke_role};
pub(crate) use support::Words;
pub(crate) use support::{assign, comment, create_ticket, grant_access, grant_all, set_priority, set_status};
pub(crate) use watch::{Wanted as Watched, run as watch};

/// What only a desk on Stacks has.
#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    /// Put the desk's contract on the chain; who does is its owner and first administrator
    Deploy(deploy::Args),
    /// Offer the contract to another owner, who has to accept it
    ProposeOwner {
        /// Who
        #[arg(value_name = "ADDR|NAME")]
        person: String,
    },
    /// Become the owner, where the present one has proposed it
    AcceptOwner,
    /// Close a ticket that was resolved more than 1,008 burn blocks ago; anyone may
    CloseExpired {
        /// Which ticket
        #[arg(value_name = "TKT", value_parser = parse::ticket)]
        ticket: TicketId,
    },
    /// Look what became of a transaction
    Tx(transaction::Args),
}

pub(super) async fn run(context: &Context, command: Command) -> Result<(), Failure> {
    if !context.is_on_stacks() {
        return Err(Failure::usage(
            "these commands are for a desk on Stacks",
            "add --ledger stacks, or --contract ADDRESS.NAME",
        ));
    }
    match command {
        Command::Deploy(args) => deploy::run(context, args).await,
        Command::ProposeOwner { person } => {
            let address = person_of(context, &person)?;
            sending::one(
                context,
                Request::ProposeOwner(address),
                &format!("{person} may accept the contract now"),
            )
            .await
        }
        Command::AcceptOwner => sending::one(context, Request::AcceptOwner, "the contract is yours").await,
        Command::CloseExpired { ticket } => {
            let request = Request::CloseExpiredTicket { ticket: ticket.number() };
            sending::one(context, request, &format!("{ticket} is closed")).await
        }
        Command::Tx(args) => transaction::run(context, args).await,
    }
}

/// The node that was named.
fn node(context: &Context) -> Result<Node<Connection>, Failure> {
    let url = context.settings().named_node().ok_or_else(|| {
        Failure::usage(
            "no Stacks node is named",
            "add --node URL: your own node with an indexer, or a public one such as https://api.hiro.so",
        )
    })?;
    let connection = Connection::new(&url).map_err(sealdesk_client::stacks::Error::from)?;
    Ok(Node::new(connection))
}

/// The contract that was named.
fn contract(context: &Context) -> Result<ContractId, Failure> {
    let contract = context.settings().stacks.as_ref().and_then(|stacks| stacks.contract.clone());
    contract.ok_or_else(|| {
        Failure::usage(
            "no contract is named",
            "add --contract ADDRESS.NAME; `sealdesk stacks deploy` makes one",
        )
    })
}

/// The desk of the contract that was named.
fn desk(context: &Context) -> Result<Desk<Connection>, Failure> {
    Ok(Desk::new(node(context)?, contract(context)?))
}

/// Someone, by name in the keyring or by address.
fn person_of(context: &Context, text: &str) -> Result<Principal, Failure> {
    let known = context.people().iter().find(|(name, _)| name == text).map(|(_, address)| address.as_str());
    if known == Some("") {
        return Err(no_address(text));
    }
    Principal::parse(known.unwrap_or(text)).map_err(|error| {
        let looks = text.len() > 20;
        let message = if looks { error.to_string() } else { format!("there is no key named {text}") };
        Failure::usage(message, "give an address such as SP…, or a name that `sealdesk keys list` shows")
    })
}

/// The address of `--from`, whose key stays locked.
fn own_principal(context: &Context) -> Result<Principal, Failure> {
    person_of(context, &context.from()?)
}

fn no_address(name: &str) -> Failure {
    Failure::hinted(
        format!("the key file of {name} is older than this program and knows no address on Stacks"),
        "export the phrase with `sealdesk keys export`, delete the key, and import it again",
    )
}
