//! `sealdesk tx support assign-ticket`.

use crate::acts::assign::{self, With};
use crate::acts::tickets::TicketsInOneWord;
use crate::context::Context;
use crate::failure::Failure;
use crate::parse::Person;

/// Options of `assign-ticket`.
#[derive(Debug, clap::Args)]
pub(crate) struct Args {
    #[command(flatten)]
    tickets: TicketsInOneWord,
    /// The agent or administrator who gets it
    #[arg(value_name = "ADDR|NAME")]
    person: Person,
    #[command(flatten)]
    with: With,
}

pub(super) async fn run(context: &Context, args: Args) -> Result<(), Failure> {
    let Args { tickets, person, with } = args;
    assign::run(context, &tickets.into(), &person, &with).await
}
