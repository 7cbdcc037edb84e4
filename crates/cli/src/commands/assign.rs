//! `sealdesk assign`.

use crate::acts::assign::{self, With};
use crate::acts::tickets::Tickets;
use crate::context::Context;
use crate::failure::Failure;
use crate::parse::Person;

/// Options of `assign`.
#[derive(Debug, clap::Args)]
pub(crate) struct Args {
    #[command(flatten)]
    tickets: Tickets,
    /// The agent or administrator who gets it
    #[arg(value_name = "ADDR|NAME")]
    person: Person,
    #[command(flatten)]
    with: With,
}

pub(super) async fn run(context: &Context, args: Args) -> Result<(), Failure> {
    let Args { tickets, person, with } = args;
    assign::run(context, &tickets, &person, &with).await
}
