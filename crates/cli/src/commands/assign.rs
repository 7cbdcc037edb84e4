//! `sealdesk assign`.

use crate::acts::assign::{self, With};
use crate::acts::tickets::{Tickets, View, view};
use crate::context::Context;
use crate::failure::Failure;
use crate::parse::{self, Person};

/// Options of `assign`.
#[derive(Debug, clap::Args)]
#[command(
    override_usage = "sealdesk assign [OPTIONS] <TKT>... <ADDR|NAME>\n       sealdesk assign [OPTIONS] --all-of <VIEW> <ADDR|NAME>"
)]
pub(crate) struct Args {
    /// Which ticket, as 12 or TKT-12, or several; then the agent or administrator who gets them
    #[arg(value_name = "TKT|ADDR|NAME", required = true, value_delimiter = ',', num_args = 1..)]
    words: Vec<Person>,
    /// Instead of naming them, every ticket of a view: mine, unassigned, waiting or resolved
    #[arg(long, value_name = "VIEW", value_parser = view)]
    all_of: Option<View>,
    #[command(flatten)]
    with: With,
}

pub(super) async fn run(context: &Context, args: Args) -> Result<(), Failure> {
    let Args { mut words, all_of, with } = args;
    let person = words.pop();
    let tickets = words.iter().map(|word| parse::ticket(word)).collect::<Result<Vec<_>, _>>();
    let tickets = tickets.map_err(|why| Failure::usage(why, HOW))?;
    match (person, tickets.is_empty(), all_of.is_some()) {
        (Some(person), true, true) | (Some(person), false, false) => {
            assign::run(context, &Tickets::named(tickets, all_of), &person, &with).await
        }
        (_, true, false) => Err(Failure::usage("whose should it be? Name a ticket and a person", HOW)),
        _ => Err(Failure::usage("name tickets or a view, not both", HOW)),
    }
}

/// How it is written.
const HOW: &str = "`sealdesk assign 12 bob`, or `sealdesk assign --all-of unassigned bob`";
