//! `sealdesk localnet`: a whole replicated network on this machine, worked, disturbed, and looked at.

use std::path::PathBuf;
use std::time::Duration;

use clap::builder::{PossibleValue, PossibleValuesParser, TypedValueParser};
use sealdesk_localnet::{Audience, Kind, Localnet, News, Options, Report};

use crate::context::Context;
use crate::failure::Failure;
use crate::output::Output;
use crate::signals::Signals;
use crate::table::{self, count};

/// Between two lines of progress on a terminal, which writes one anew.
const PAUSE_ON_TERMINAL: Duration = Duration::from_millis(500);
/// The same elsewhere.
const PAUSE: Duration = Duration::from_secs(5);

/// Options of `localnet`.
#[derive(Debug, clap::Args)]
#[command(
    after_help = "Every validator is a `sealdesk start --engine comet` with a CometBFT of its own. Customers write tickets all the \
    while; at the end every ticket that was acknowledged is looked for, and every validator's state is compared.\nIt is \
    for looking and testing: all keys lie in DIR, the administrator's in DIR/keyring-test."
)]
pub(crate) struct Args {
    /// How many validators, 1 to 16
    #[arg(long, default_value_t = 4, value_parser = clap::value_parser!(u8).range(1..=16))]
    validators: u8,
    /// An empty or new directory for all of it
    #[arg(long, value_name = "DIR")]
    dir: PathBuf,
    /// How long to write tickets
    #[arg(long, value_name = "N", default_value_t = 10)]
    seconds: u64,
    /// What to do to the validators meanwhile, one at a time: kill, pause, restart, disconnect, flood
    #[arg(long, value_parser = kinds(), value_delimiter = ',', value_name = "KINDS")]
    faults: Vec<Kind>,
    /// How many further nodes join by state sync meanwhile
    #[arg(long, value_name = "N", default_value_t = 0, value_parser = clap::value_parser!(u8).range(0..=4))]
    join: u8,
    /// Keep running after the report, until Ctrl-C
    #[arg(long)]
    keep: bool,
    /// How many customers write at the same time
    #[arg(long, default_value_t = 8, value_parser = clap::value_parser!(u8).range(1..=64))]
    customers: u8,
    /// The program cometbft [default: the first on PATH, or where Go installs it]
    #[arg(long, value_name = "FILE", env = "SEALDESK_COMETBFT", hide_env_values = true)]
    cometbft: Option<PathBuf>,
}

/// The kinds of faults, as clap lists them.
fn kinds() -> impl TypedValueParser<Value = Kind> {
    let values = Kind::ALL.map(|kind| PossibleValue::new(kind.name()).help(kind.effect()));
    let named = |name: String| Kind::ALL.into_iter().find(|kind| kind.name() == name);
    PossibleValuesParser::new(values).try_map(move |name| named(name).ok_or("not a kind of fault"))
}

pub(super) async fn run(context: &Context, args: Args) -> Result<(), Failure> {
    let mut signals = Signals::catch()?;
    let keep = args.keep;
    let localnet = Localnet::make(Options {
        validators: args.validators,
        joiners: args.join,
        customers: args.customers,
        dir: args.dir,
        time: Duration::from_secs(args.seconds),
        faults: args.faults,
        cometbft: args.cometbft,
    })?;
    let done = tokio::select! {
        done = live(context, &localnet) => done,
        () = signals.next() => Err(Failure::new("interrupted before there was a report")),
    };
    if done.is_ok() && keep {
        context.output().note("The network keeps running. Stop it with Ctrl-C.");
        signals.next().await;
    }
    context.output().note("Stopping …");
    tokio::select! {
        () = localnet.stop() => {}
        // Whoever asks twice is in a hurry: what still runs is killed.
        () = signals.next() => {}
    }
    done
}

/// Starts the network, lets customers write and faults happen, and reports.
async fn live(context: &Context, localnet: &Localnet) -> Result<(), Failure> {
    localnet.start().await?;
    let output = context.output();
    for place in localnet.places() {
        output.note(&format!("{}  gRPC {}  CometBFT {}", place.name, place.grpc, place.rpc));
    }
    let pause = if Output::writes_lines_anew() { PAUSE_ON_TERMINAL } else { PAUSE };
    let report = localnet.work(Audience { pause, hear: Box::new(move |news| tell(output, &news)) }).await?;
    show(output, &report)
}

fn tell(output: Output, news: &News<'_>) {
    match news {
        News::Deed { seconds, deed } => {
            output.progress("");
            output.note(&format!("{seconds:>4} s  {deed}"));
        }
        News::Look { seconds, acknowledged, heights, deed } => {
            let heights =
                heights.iter().map(|height| height.map_or("–".to_owned(), |height| height.to_string()));
            let heights = heights.collect::<Vec<_>>().join(" ");
            let tickets = count(*acknowledged, "ticket");
            let line = format!("{seconds:>4} s  {tickets} acknowledged  heights {heights}  {deed}");
            match Output::writes_lines_anew() {
                true => output.progress(line.trim_end()),
                false => output.note(line.trim_end()),
            }
        }
        News::Over => output.progress(""),
    }
}

/// Prints the report; one of something lost, doubled or divided is a failure.
fn show(output: Output, report: &Report) -> Result<(), Failure> {
    // Through a value, which sorts the names of its fields.
    let value = serde_json::to_value(report).map_err(|error| Failure::new(error.to_string()))?;
    output.answer(&value, || as_text(report))?;
    if report.is_good() { Ok(()) } else { Err(Failure::new("the network did not keep what it had promised")) }
}

fn as_text(report: &Report) -> String {
    let state = if report.agreed { "agree on one state" } else { "DO NOT AGREE" };
    let joined = match report.joined.len() {
        0 => String::new(),
        joined => format!(" {joined} joined by state sync."),
    };
    let mut lines = vec![
        format!(
            "{} acknowledged, {} lost, {} doubled, {} without an answer.",
            count(report.acknowledged, "ticket"),
            report.lost,
            report.doubled,
            report.in_doubt
        ),
        format!("Back after at most {:.1} s. All validators {state}.{joined}", report.recovery_seconds_max),
    ];
    lines.extend(report.differences.iter().cloned());
    let rows = report.validators.iter().map(|validator| {
        let (name, rpc) = (validator.name.clone(), validator.rpc_address.clone());
        vec![name, rpc, validator.height.to_string(), validator.app_hash.clone()]
    });
    lines.push(table::rows(&["VALIDATOR", "COMETBFT", "HEIGHT", "APP HASH"], rows.collect()));
    lines.join("\n")
}
