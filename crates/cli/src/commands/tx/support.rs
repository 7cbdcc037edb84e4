//! `sealdesk tx support …`: one file a command. What has a daily name as well is that command.

mod assign_ticket;
mod await_customer;
mod create_ticket;
mod grant_access;
mod grant_all;
mod import_ticket;
mod merge_tickets;
mod renew_grants;
mod respond;
mod set_priority;
mod start_work;
mod update_params;

use clap::Subcommand;

use crate::commands::{close, link, rate, reopen, resolve, snooze, take, transfer};
use crate::context::Context;
use crate::failure::Failure;

/// What can be done with tickets.
#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    /// Write a ticket, sealed for the administrators and yourself
    #[command(
        after_help = "Subject and message are sealed on this computer: you, the administrators and those who work on the ticket can read them, and where the queue is open every agent whom an administrator appointed.\nCategory, priority, provider and resource are PUBLIC, \
        as are the times and the number of answers. For example:\n  \
        sealdesk tx support create-ticket --category technical --subject S --message M --from alice"
    )]
    CreateTicket(create_ticket::Args),
    /// Give a ticket to a support agent, who can then read all of it
    #[command(
        after_help = "Collaborators can read all of it too, and do what the agent can. Anyone not named again is no longer one, and reads nothing that \
        is written later. For example:\n  sealdesk tx support assign-ticket TKT-00000001 bob --collaborator carol --collaborator dora"
    )]
    AssignTicket(assign_ticket::Args),
    /// Take an unassigned ticket, if the queue is open
    #[command(
        after_help = "If the limit open_queue is true, unassigned tickets are sealed for every agent whom an administrator appointed, and any of them can \
        take it. What was written before that, or while somebody else had the ticket, an administrator opens with grant-access. For example:\n  \
        sealdesk tx support take-ticket TKT-00000001 --from bob"
    )]
    TakeTicket(take::Args),
    /// Reply to a ticket, or leave a note that its customer cannot read
    Respond(respond::Args),
    /// Start work on a ticket
    StartWork(start_work::Args),
    /// Set a ticket to waiting for its customer
    AwaitCustomer(await_customer::Args),
    /// Change a ticket's priority
    SetPriority(set_priority::Args),
    /// Resolve a ticket
    ResolveTicket(resolve::Args),
    /// Close a ticket
    CloseTicket(close::Args),
    /// Reopen a resolved or closed ticket
    ReopenTicket(reopen::Args),
    /// Transfer a ticket to another customer, for one who lost their phrase
    #[command(visible_alias = "transfer")]
    TransferTicket(transfer::Args),
    /// Rate how well your ticket was resolved, from 1 to 5
    #[command(visible_alias = "rate")]
    RateTicket(rate::Args),
    /// Link two tickets
    #[command(visible_alias = "link")]
    LinkTickets(link::Args),
    /// Mark a ticket as a duplicate of another, and close it
    #[command(visible_alias = "merge")]
    MergeTickets(merge_tickets::Args),
    /// Put a ticket aside until a time, when it comes back
    #[command(visible_alias = "snooze")]
    SnoozeTicket(snooze::Args),
    /// Import tickets from another system, as reported by you
    #[command(visible_alias = "import")]
    ImportTicket(import_ticket::Args),
    /// Let someone entitled open a ticket that was already sealed
    GrantAccess(grant_access::Args),
    /// Let a new administrator open every ticket that you can open
    GrantAll(grant_all::Args),
    /// Give assignees access again if their grant is no longer valid
    RenewGrants(renew_grants::Args),
    /// Change the desk's limits
    UpdateParams(update_params::Args),
}

pub(super) async fn run(context: &Context, command: Command) -> Result<(), Failure> {
    match command {
        Command::CreateTicket(args) => create_ticket::run(context, args).await,
        Command::AssignTicket(args) => assign_ticket::run(context, args).await,
        Command::TakeTicket(args) => take::run(context, args).await,
        Command::Respond(args) => respond::run(context, args).await,
        Command::StartWork(args) => start_work::run(context, args).await,
        Command::AwaitCustomer(args) => await_customer::run(context, args).await,
        Command::SetPriority(args) => set_priority::run(context, args).await,
        Command::ResolveTicket(args) => resolve::run(context, args).await,
        Command::CloseTicket(args) => close::run(context, args).await,
        Command::ReopenTicket(args) => reopen::run(context, args).await,
        Command::TransferTicket(args) => transfer::run(context, args).await,
        Command::RateTicket(args) => rate::run(context, args).await,
        Command::LinkTickets(args) => link::run(context, args).await,
        Command::MergeTickets(args) => merge_tickets::run(context, args).await,
        Command::SnoozeTicket(args) => snooze::run(context, args).await,
        Command::ImportTicket(args) => import_ticket::run(context, args).await,
        Command::GrantAccess(args) => grant_access::run(context, args).await,
        Command::GrantAll(args) => grant_all::run(context, args).await,
        Command::RenewGrants(args) => renew_grants::run(context, args).await,
        Command::UpdateParams(args) => update_params::run(context, args).await,
    }
}
