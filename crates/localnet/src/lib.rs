//! A whole replicated network on this machine, worked, disturbed, and looked at.
//!
//! [`Localnet::make`] lays out the homes of its validators, [`Localnet::start`] runs each as a `sealdesk start` of the current
//! program, [`Localnet::work`] lets customers write while faults happen and nodes join, and ends with a [`Report`]: whether
//! everything that was acknowledged is on the ledger once, and whether all validators have one state.

mod agreement;
mod error;
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

pub use error::{Error, Result};
pub use faults::Kind;
pub use flood::Flooded;
use network::{Network, Size};
use report::Run;
pub use report::{FaultReport, JoinedReport, Report, ValidatorReport};
use watch::Watch;
pub use watch::{Audience, News};

/// What kind of network, and what happens to it.
#[derive(Clone, Debug)]
pub struct Options {
    /// How many validators.
    pub validators: u8,
    /// How many further nodes join by state sync while the network runs.
    pub joiners: u8,
    /// How many customers write at the same time.
    pub customers: u8,
    /// An empty or new directory for all of it.
    pub dir: PathBuf,
    /// How long customers write.
    pub time: Duration,
    /// What happens to the validators meanwhile, one at a time.
    pub faults: Vec<Kind>,
    /// The program cometbft; `None` looks for it.
    pub cometbft: Option<PathBuf>,
}

/// A network on this machine. It ends with the process that made it.
pub struct Localnet {
    network: Arc<Network>,
    faults: Vec<Kind>,
    time: Duration,
}

/// Where a validator answers.
#[derive(Clone, Debug)]
pub struct Place {
    /// Its name.
    pub name: String,
    /// The URL of its gRPC.
    pub grpc: String,
    /// The URL of its CometBFT's RPC.
    pub rpc: String,
}

impl Localnet {
    /// Takes down what a killed network left behind, then makes keys, one genesis, and a home for every validator.
    ///
    /// # Errors
    /// [`Error`] where the machine has not what the options ask for, or the directory is in use.
    pub fn make(options: Options) -> Result<Self> {
        let program = find_program(options.cometbft.as_deref()).map_err(Error::NoProgram)?;
        leftovers::clear();
        let in_spaces = options.faults.contains(&Kind::Disconnect);
        if in_spaces {
            links::possible().map_err(|error| Error::NoNamespaces(Box::new(error)))?;
        }
        if options.joiners > 0 && options.validators < 2 {
            return Err(Error::TooFewValidators);
        }
        let size = Size {
            validators: options.validators,
            joiners: options.joiners,
            customers: options.customers,
            in_spaces,
        };
        let network = Arc::new(Network::make(&options.dir, size, &program)?);
        Ok(Self { network, faults: options.faults, time: options.time })
    }

    /// Starts every validator, and waits until each answers.
    ///
    /// # Errors
    /// [`Error::NotStarted`] for the first that does not.
    pub async fn start(&self) -> Result<()> {
        self.network.start().await
    }

    /// Where each validator answers.
    pub fn places(&self) -> Vec<Place> {
        let validators = self.network.validators().iter();
        validators.map(|v| Place { name: v.name(), grpc: v.grpc(), rpc: v.rpc() }).collect()
    }

    /// Lets customers write, faults happen and nodes join, while `audience` hears of it; then compares and looks for everything.
    ///
    /// # Errors
    /// [`Error`] where a validator does not come back, a node does not join, or the validators do not come to one height.
    pub async fn work(&self, audience: Audience) -> Result<Report> {
        let (network, time) = (&self.network, self.time);
        let watch = Watch::new(audience, network.validators().len(), time);
        let working = async {
            tokio::join!(
                load::write(network, &watch, time),
                faults::happen(network, &watch, &self.faults, time),
                joining::happen(network, &watch)
            )
        };
        let (written, disturbed, joined) = tokio::select! {
            worked = working => worked,
            never = watch.look(network) => match never {},
        };
        watch.tell(News::Over);
        Report::make(
            network,
            Run { written: written?, disturbed: disturbed?, joined: joined?, seen: watch.seen() },
        )
        .await
    }

    /// Stops every validator, and every node that has joined.
    pub async fn stop(&self) {
        self.network.stop().await;
    }
}
