//! Strangers who send as fast as they can, past this desk's own programs: transactions that fail when they run, and many with one
//! sequence.

use std::time::{Duration, Instant};

use sealdesk_client::actor::{Actor, Phrase, PhraseLength};
use sealdesk_client::compose::{OwnKey, TxBuilder, sign};
use sealdesk_client::verify::Chain;
use sealdesk_node::comet::{Broadcast, Rpc};
use sealdesk_protocol::messages::AssignableRole;
use sealdesk_protocol::wire::virtengine::roles::v1::MsgAssignRole;
use tokio::task::JoinSet;
use tokio::time::sleep;

use crate::error::{Error, Result};

/// Strangers at the same time.
const STRANGERS: usize = 24;
/// Pause of a stranger whom the mempool has no room for.
const FULL_PAUSE: Duration = Duration::from_millis(5);

/// What a flood came to.
#[derive(Clone, Copy, Debug, Default, serde::Serialize)]
pub struct Flooded {
    /// Transactions that were sent.
    pub sent: u64,
    /// Those of them that the mempool took.
    pub taken: u64,
}

impl Flooded {
    /// Both together.
    pub(crate) fn and(self, other: Self) -> Self {
        Self { sent: self.sent + other.sent, taken: self.taken + other.taken }
    }
}

/// Floods one validator for so long.
pub(crate) async fn flood(chain: &Chain, rpc: &Rpc, time: Duration) -> Result<Flooded> {
    let end = Instant::now() + time;
    let mut strangers = JoinSet::new();
    for _ in 0..STRANGERS {
        let (chain, rpc) = (chain.clone(), rpc.clone());
        strangers.spawn(async move { Stranger::new(chain)?.send(&rpc, end).await });
    }
    let mut all = Flooded::default();
    while let Some(sent) = strangers.join_next().await {
        all = all.and(sent.map_err(Error::other)??);
    }
    Ok(all)
}

/// Someone without a role, who appoints agents all the same.
struct Stranger {
    chain: Chain,
    actor: Actor,
}

impl Stranger {
    fn new(chain: Chain) -> Result<Self> {
        let phrase = Phrase::generate(PhraseLength::Twelve, &mut getrandom::SysRng);
        let actor = Actor::of(&phrase.map_err(Error::other)?).map_err(Error::other)?;
        Ok(Self { chain, actor })
    }

    /// Every other transaction has a sequence that is taken already.
    async fn send(&self, rpc: &Rpc, end: Instant) -> Result<Flooded> {
        let (mut flooded, mut sequence, mut place) = (Flooded::default(), 0u64, 0u64);
        while Instant::now() < end {
            place += 1;
            let stale = place.is_multiple_of(2);
            let tx = self.transaction(if stale { sequence.saturating_sub(1) } else { sequence }, place)?;
            flooded.sent += 1;
            match rpc.broadcast(&tx).await {
                Broadcast::Taken if stale => flooded.taken += 1,
                Broadcast::Taken => (flooded.taken, sequence) = (flooded.taken + 1, sequence + 1),
                _ if stale => {}
                _ => sleep(FULL_PAUSE).await,
            }
        }
        Ok(flooded)
    }

    fn transaction(&self, sequence: u64, place: u64) -> Result<Vec<u8>> {
        let (chain, actor) = (&self.chain, &self.actor);
        let own = OwnKey::Registered(actor.pair(0).map_err(Error::other)?);
        let address = actor.address(&chain.prefix);
        let memo = place.to_string();
        let mut builder = TxBuilder::plain(chain, address.clone(), sequence, own).with_memo(&memo);
        builder.push(&MsgAssignRole {
            sender: address.to_string(),
            address: address.to_string(),
            role: AssignableRole::Customer.name().to_owned(),
            ..MsgAssignRole::default()
        });
        let signed = sign(&builder, actor.account(), &chain.chain_id).map_err(Error::other)?;
        Ok(signed.bytes)
    }
}
