//! `sealdesk query support ratings`.

use sealdesk_client::ratings::Ratings;
use serde_json::json;

use crate::args::Ledger;
use crate::context::Context;
use crate::failure::Failure;
use crate::parse::Person;
use crate::table;

/// Options of `ratings`.
#[derive(Debug, clap::Args)]
#[command(after_help = "The numbers are proven by the ledger; the mean follows from them.")]
pub(crate) struct Args {
    /// Of the tickets assigned to them [default: of all]
    #[arg(value_name = "ADDR|NAME")]
    agent: Option<Person>,
}

pub(super) async fn run(context: &Context, args: Args) -> Result<(), Failure> {
    if context.ledger() == Ledger::Stacks {
        return Err(Failure::usage("a contract does not count ratings", "ask a ledger of your own"));
    }
    let agent = args.agent.as_deref().map(|agent| context.address(agent)).transpose()?;
    let desk = context.desk().await?;
    let ratings = desk.ratings(agent.as_ref()).await?;
    let mean = mean(&ratings);
    let value = json!({ "counts": ratings.counts, "number": ratings.number(), "mean": mean });
    context.output().answer(&value, || text(&ratings, mean))
}

/// With two places.
fn mean(ratings: &Ratings) -> Option<String> {
    ratings.mean_in_hundredths().map(|mean| format!("{}.{:02}", mean / 100, mean % 100))
}

fn text(ratings: &Ratings, mean: Option<String>) -> String {
    let head = ["SCORE", "TIMES"];
    let rows = (1..)
        .zip(&ratings.counts)
        .map(|(score, count): (u32, &u64)| vec![score.to_string(), count.to_string()]);
    let said = match mean {
        None => "nobody has rated anything yet".to_owned(),
        Some(mean) => format!("{}, {mean} on average", table::count(ratings.number(), "rating")),
    };
    format!("{}\n{said}", table::rows(&head, rows.collect()))
}
