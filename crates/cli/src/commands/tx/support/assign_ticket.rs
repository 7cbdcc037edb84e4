//! `sealdesk tx support assign-ticket`.

use sealdesk_protocol::ids::TicketId;

use crate::acts::assign::{self, With};
use crate::acts::tickets::Tickets;
use crate::context::Context;
use crate::failure::Failure;
use crate::parse::{self, Person};

/// Options of `assign-ticket`.
#[derive(Debug, clap::Args)]
pub(crate) struct Args {
    /// Which ticket; separate several with commas
    #[arg(
        value_name = "TKT",
        value_parser = parse::ticket,
        value_delimiter = ',',
        action = clap::ArgAction::Set,
        num_args = 1,
        required = true
    )]
    tickets: Vec<TicketId>,
    /// The agent or administrator who gets it
    #[arg(value_name = "ADDR|NAME")]
    person: Person,
    #[command(flatten)]
    with: With,
}

pub(super) async fn run(context: &Context, args: Args) -> Result<(), Failure> {
    let Args { tickets, person, with } = args;
    assign::run(context, &Tickets::named(tickets, None), &person, &with).await
}
