//! `sealdesk localnet`: a whole replicated network on this machine, worked, disturbed, and looked at.

mod agreement;
mod faults;
mod flood;
mod joining;
mod leftovers;
mod links;
mod load;
mod network;
mod report;
mod validator;
mod watch;

use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use sealdesk_node::comet::find_program;

use super::start::Signals;
use crate::context::Context;
use crate::error::Failure;
use faults::Kind;
use network::{Network, Size};
use report::{Report, Run};
use watch::Watch;

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
    #[arg(long, value_enum, value_delimiter = ',', value_name = "KINDS")]
    faults: Vec<Kind>,
    /// How many further nodes join by state sync meanwhile
    #[arg(long, value_name = "N", default_value_t = 0, value_parser = clap::value_parser!(u8).range(0..=4))]
    join: u8,
    /// Go on running after the report, until Ctrl-C
    #[arg(long)]
    keep: bool,
    /// How many customers write at the same time
    #[arg(long, default_value_t = 8, value_parser = clap::value_parser!(u8).range(1..=64))]
    customers: u8,
    /// The program cometbft [default: the first on PATH, or where Go installs it]
    #[arg(long, value_name = "FILE", env = "SEALDESK_COMETBFT", hide_env_values = true)]
    cometbft: Option<PathBuf>,
}

pub(super) async fn run(context: &Context, args: Args) -> Result<(), Failure> {
    // It says itself how to install it.
    let program = find_program(args.cometbft.as_deref()).map_err(|error| Failure::new(error.to_string()))?;
    let mut signals = Signals::catch()?;
    leftovers::clear();
    let in_spaces = args.faults.contains(&Kind::Disconnect);
    if in_spaces && let Err(error) = links::possible() {
        return Err(Failure::usage(
            format!("disconnect needs network namespaces, which cannot be made here: {error}"),
            "run it as root and with iproute2, or leave `disconnect` out",
        ));
    }
    if args.join > 0 && args.validators < 2 {
        return Err(Failure::usage("who joins asks two validators at least", "give --validators 2 or more"));
    }
    let size = Size { validators: args.validators, joiners: args.join, customers: args.customers, in_spaces };
    let network = Arc::new(Network::make(&args.dir, size, &program)?);
    let done = tokio::select! {
        done = live(context, &network, &args) => done,
        () = signals.next() => Err(Failure::new("interrupted before there was a report")),
    };
    if done.is_ok() && args.keep {
        context.output().note("The network goes on. Stop it with Ctrl-C.");
        signals.next().await;
    }
    context.output().note("Stopping …");
    tokio::select! {
        () = network.stop() => {}
        // Whoever asks twice is in a hurry: what still runs is killed.
        () = signals.next() => {}
    }
    done
}

/// Starts the network, lets customers write and faults happen, and reports.
async fn live(context: &Context, network: &Arc<Network>, args: &Args) -> Result<(), Failure> {
    network.start().await?;
    tell(context, network);
    let time = Duration::from_secs(args.seconds);
    let watch = Watch::new(context.output(), network.validators().len(), time);
    let working = async {
        tokio::join!(
            load::write(network, &watch, time),
            faults::happen(network, &watch, &args.faults, time),
            joining::happen(network, &watch)
        )
    };
    let (written, disturbed, joined) = tokio::select! {
        worked = working => worked,
        () = watch.look(network, &watch) => return Ok(()),
    };
    context.output().progress("");
    let run = Run { written: written?, disturbed: disturbed?, joined: joined?, seen: watch.seen() };
    Report::make(network, run).await?.tell(context)
}

fn tell(context: &Context, network: &Network) {
    for validator in network.validators() {
        context.output().note(&format!(
            "{}  gRPC {}  CometBFT {}",
            validator.name(),
            validator.grpc(),
            validator.rpc()
        ));
    }
}
