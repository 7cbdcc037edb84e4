//! What happens to validators: one at a time, in turn, and how long each takes to be back.

use std::time::{Duration, Instant};

use tokio::time::sleep;

use crate::error::{Error, Result};
use crate::flood::{Flooded, flood};
use crate::network::Network;
use crate::validator::Validator;
use crate::watch::Watch;

/// How long a validator stands still or is cut off.
const OUT: Duration = Duration::from_secs(10);
/// How long a killed one stays away.
const DEAD: Duration = Duration::from_secs(2);
/// Quiet before the first, and between two.
const QUIET: Duration = Duration::from_secs(2);
/// How long one may take to be back before it is given up.
const BACK_WAIT: Duration = Duration::from_secs(600);

/// A kind of fault.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// Both processes are killed without warning
    Kill,
    /// Both processes stand still for 10 seconds
    Pause,
    /// It is stopped and started
    Restart,
    /// It is cut off from the others for 10 seconds
    Disconnect,
    /// Strangers flood it for 10 seconds with transactions that fail, in its mempool and in blocks
    Flood,
}

/// A fault that happened.
#[derive(Clone, Debug)]
pub(crate) struct Fault {
    pub(crate) kind: Kind,
    pub(crate) validator: String,
    /// From its end until the validator was where the others were.
    pub(crate) recovery: Duration,
}

/// All that happened.
#[derive(Clone, Debug, Default)]
pub(crate) struct Disturbed {
    pub(crate) faults: Vec<Fault>,
    pub(crate) flooded: Flooded,
}

impl Kind {
    /// Every kind, in the order in which they are named.
    pub const ALL: [Self; 5] = [Self::Kill, Self::Pause, Self::Restart, Self::Disconnect, Self::Flood];

    /// Its name.
    pub fn name(self) -> &'static str {
        match self {
            Self::Kill => "kill",
            Self::Pause => "pause",
            Self::Restart => "restart",
            Self::Disconnect => "disconnect",
            Self::Flood => "flood",
        }
    }

    /// What it does to a validator.
    pub fn effect(self) -> &'static str {
        match self {
            Self::Kill => "Both processes are killed without warning",
            Self::Pause => "Both processes stand still for 10 seconds",
            Self::Restart => "It is stopped and started",
            Self::Disconnect => "It is cut off from the others for 10 seconds",
            Self::Flood => {
                "Strangers flood it for 10 seconds with transactions that fail, in its mempool and in blocks"
            }
        }
    }
}

/// Lets faults happen for so long; each kind once at least.
pub(crate) async fn happen(
    network: &Network,
    watch: &Watch,
    kinds: &[Kind],
    time: Duration,
) -> Result<Disturbed> {
    let begun = Instant::now();
    let mut disturbed = Disturbed::default();
    let turns = kinds.iter().cycle().zip(network.validators().iter().cycle());
    for (kind, validator) in turns {
        if disturbed.faults.len() >= kinds.len() && begun.elapsed() + OUT + QUIET > time {
            break;
        }
        sleep(QUIET).await;
        watch.doing(&format!("{} {}", kind.name(), validator.name()));
        disturbed.flooded = disturbed.flooded.and(disturb(network, validator, *kind).await?);
        let recovery = back(network, validator).await?;
        watch.doing(&format!("{} is back after {:.1} s", validator.name(), recovery.as_secs_f64()));
        disturbed.faults.push(Fault { kind: *kind, validator: validator.name(), recovery });
    }
    watch.doing("");
    Ok(disturbed)
}

async fn disturb(network: &Network, validator: &Validator, kind: Kind) -> Result<Flooded> {
    match kind {
        Kind::Flood => return flood(&network.chain, &validator.asked(), OUT).await,
        Kind::Kill => {
            validator.kill().await;
            sleep(DEAD).await;
            network.restart(validator).await?;
        }
        Kind::Restart => {
            validator.stop().await;
            network.restart(validator).await?;
        }
        Kind::Pause => {
            validator.pause(true).await;
            sleep(OUT).await;
            validator.pause(false).await;
        }
        Kind::Disconnect => {
            network.connect(validator, false)?;
            sleep(OUT).await;
            network.connect(validator, true)?;
        }
    }
    Ok(Flooded::default())
}

/// Waits until a validator is where the others were at the beginning of this.
async fn back(network: &Network, validator: &Validator) -> Result<Duration> {
    let begun = Instant::now();
    let mut others = 0;
    for other in network.validators().iter().filter(|other| other.n != validator.n) {
        others = others.max(other.standing().await.map_or(0, |standing| standing.height));
    }
    while begun.elapsed() < BACK_WAIT {
        if validator.standing().await.is_some_and(|standing| standing.height >= others) {
            return Ok(begun.elapsed());
        }
        sleep(Duration::from_millis(100)).await;
    }
    Err(Error::other(format!("{} does not come back to height {others}", validator.name())))
}
