//! `sealdesk localnet`: a whole replicated network on this machine, worked, disturbed, and looked at.

mod faults;
mod joining;
mod links;
mod load;
mod network;
mod report;
mod validator;

use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use sealdesk_node::comet::find_program;

use super::start::Signals;
use crate::context::Context;
use crate::error::Failure;
use faults::Kind;
use network::Network;
use report::Report;

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
    /// What to do to the validators meanwhile, one at a time: kill, pause, restart, disconnect
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
    let program = find_program(args.cometbft.as_deref())?;
    let mut signals = Signals::catch()?;
    let in_spaces = args.faults.contains(&Kind::Disconnect);
    if in_spaces && !links::possible() {
        return Err(Failure::usage(
            "disconnect needs network namespaces, which only root can make here",
            "run it as root, or leave `disconnect` out",
        ));
    }
    if args.join > 0 && args.validators < 2 {
        return Err(Failure::usage("who joins asks two validators at least", "give --validators 2 or more"));
    }
    let network = Network::make(&args.dir, (args.validators, args.join), args.customers, in_spaces)?;
    let network = Arc::new(network.start(program).await?);
    tell(context, &network);
    let done = tokio::select! {
        report = work(context, &network, &args) => report.and_then(|report| report.tell(context)).map(|()| args.keep),
        () = signals.next() => Ok(false),
    };
    if let Ok(true) = done {
        context.output().note("The network goes on. Stop it with Ctrl-C.");
        signals.next().await;
    }
    context.output().note("Stopping …");
    network.stop().await;
    done.map(drop)
}

/// Lets customers write and faults happen, then waits until all validators stand at one height.
async fn work(context: &Context, network: &Arc<Network>, args: &Args) -> Result<Report, Failure> {
    let time = Duration::from_secs(args.seconds);
    let writing = load::write(network.clone(), time);
    let disturbing = faults::happen(context, network, &args.faults, time);
    let joining = joining::happen(context, network);
    let (written, disturbed, joined) = tokio::join!(writing, disturbing, joining);
    Report::make(network, written?, disturbed?, joined?).await
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
