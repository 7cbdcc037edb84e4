//! `sealdesk stacks …`: what only a desk on Stacks has, and how a call of its contract is paid for and sent.

mod deploy;
mod transaction;

use clap::Subcommand;
use sealdesk_client::stacks::wire::contract::Request;
use sealdesk_protocol::ids::TicketId;

use crate::args::Ledger;
use crate::context::Context;
use crate::failure::Failure;
use crate::parse::{self, Person};

use crate::contract_call::one;

/// What only a desk on Stacks has.
#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    /// Put the desk's contract on the chain; you become its owner and first administrator
    Deploy(deploy::Args),
    /// Offer the contract to another owner, who has to accept it
    ProposeOwner {
        /// The new owner
        #[arg(value_name = "ADDR|NAME")]
        person: Person,
    },
    /// Become the owner, if the present owner has proposed it
    AcceptOwner,
    /// Close a ticket that was resolved more than 1,008 burn blocks ago; anyone may
    CloseExpired {
        /// Which ticket
        #[arg(value_name = "TKT", value_parser = parse::ticket)]
        ticket: TicketId,
    },
    /// See what became of a transaction
    Tx(transaction::Args),
}

pub(super) async fn run(context: &Context, command: Command) -> Result<(), Failure> {
    if context.ledger() != Ledger::Stacks {
        return Err(Failure::usage(
            "these commands are for a desk on Stacks",
            "add --ledger stacks, or --contract ADDRESS.NAME",
        ));
    }
    match command {
        Command::Deploy(args) => deploy::run(context, args).await,
        Command::ProposeOwner { person } => {
            let request = Request::ProposeOwner(context.principal(&person)?);
            one(context, request, &format!("{person} may accept the contract now")).await
        }
        Command::AcceptOwner => one(context, Request::AcceptOwner, "the contract is yours").await,
        Command::CloseExpired { ticket } => {
            let request = Request::CloseExpiredTicket { ticket: ticket.number() };
            one(context, request, &format!("{ticket} is closed")).await
        }
        Command::Tx(args) => transaction::run(context, args).await,
    }
}
