//! Strangers who send as fast as they can, past this desk's own programs: transactions that every mempool takes and every block refuses, some
//! of them as dear as one may be, such as nobody could allow, and many with one sequence.

use std::time::{Duration, Instant};

use sealdesk_client::actor::{Actor, Phrase, PhraseLength};
use sealdesk_client::compose::{OwnKey, TxBuilder, sign};
use sealdesk_client::verify::Chain;
use sealdesk_node::comet::{Broadcast, Rpc};
use sealdesk_protocol::messages::AssignableRole;
use sealdesk_protocol::wire::virtengine::roles::v1::MsgAssignRole;
use sealdesk_protocol::wire::virtengine::support::v1::{MsgCloseTicket, MsgGrantAccess, TargetedGrant};
use serde_json::json;
use tokio::task::JoinSet;
use tokio::time::sleep;

use crate::error::{Error, Result};

/// Strangers at the same time.
const STRANGERS: usize = 24;
/// Pause of a stranger whom the mempool has no room for.
const FULL_PAUSE: Duration = Duration::from_millis(5);

/// A ticket that nobody has written.
const NO_TICKET: &str = "TKT-99999999";
/// Messages of a dear transaction, and the grants of each: what a transaction can pay for.
const DEAR_MESSAGES: usize = 3;
const DEAR_GRANTS: u32 = 100;

/// What a flood came to.
#[derive(Clone, Copy, Debug, Default, serde::Serialize)]
pub struct Flooded {
    /// Transactions that were sent.
    pub sent: u64,
    /// Those of them that the mempool took.
    pub taken: u64,
    /// Transactions that blocks of that time hold as refused.
    pub refused_in_blocks: u64,
}

/// What a stranger sends.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Kind {
    /// Every block refuses it.
    Refused,
    /// Likewise, and it takes as much of the block as any may.
    Dear,
    /// No mempool takes it.
    Forbidden,
    /// Its sequence is taken already.
    Stale,
}

impl Flooded {
    /// Both together.
    pub(crate) fn and(self, other: Self) -> Self {
        Self {
            sent: self.sent + other.sent,
            taken: self.taken + other.taken,
            refused_in_blocks: self.refused_in_blocks + other.refused_in_blocks,
        }
    }
}

/// Floods one validator for so long.
pub(crate) async fn flood(chain: &Chain, rpc: &Rpc, time: Duration) -> Result<Flooded> {
    let end = Instant::now() + time;
    let before = height(rpc).await?;
    let mut strangers = JoinSet::new();
    for _ in 0..STRANGERS {
        let (chain, rpc) = (chain.clone(), rpc.clone());
        strangers.spawn(async move { Stranger::new(chain)?.send(&rpc, end).await });
    }
    let mut all = Flooded::default();
    while let Some(sent) = strangers.join_next().await {
        all = all.and(sent.map_err(Error::other)??);
    }
    for block in before.saturating_add(1)..=height(rpc).await? {
        all.refused_in_blocks += refused_in(rpc, block).await?;
    }
    Ok(all)
}

async fn height(rpc: &Rpc) -> Result<u64> {
    rpc.heights().await.map(|(_, newest)| newest).map_err(Error::other)
}

/// How many transactions a block holds as refused. The newest one may not be executed yet, and counts for nothing then.
async fn refused_in(rpc: &Rpc, block: u64) -> Result<u64> {
    let results = rpc.ask("block_results", json!({ "height": block.to_string() })).await.unwrap_or_default();
    let results = results["txs_results"].as_array().map(Vec::as_slice).unwrap_or_default();
    let refused = results.iter().filter(|result| result["code"].as_u64().is_some_and(|code| code != 0));
    u64::try_from(refused.count()).map_err(Error::other)
}

/// Someone without a role.
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

    async fn send(&self, rpc: &Rpc, end: Instant) -> Result<Flooded> {
        let (mut flooded, mut sequence, mut place) = (Flooded::default(), 0u64, 0u64);
        let kinds = [Kind::Refused, Kind::Stale, Kind::Dear, Kind::Forbidden];
        for kind in kinds.into_iter().cycle() {
            if Instant::now() >= end {
                break;
            }
            place += 1;
            let stale = kind == Kind::Stale;
            let used = if stale { sequence.saturating_sub(1) } else { sequence };
            let tx = self.transaction(kind, used, place)?;
            flooded.sent += 1;
            match rpc.broadcast(&tx).await {
                Broadcast::Taken if stale => flooded.taken += 1,
                Broadcast::Taken => (flooded.taken, sequence) = (flooded.taken + 1, sequence + 1),
                _ if stale || kind == Kind::Forbidden => {}
                _ => sleep(FULL_PAUSE).await,
            }
        }
        Ok(flooded)
    }

    fn transaction(&self, kind: Kind, sequence: u64, place: u64) -> Result<Vec<u8>> {
        let (chain, actor) = (&self.chain, &self.actor);
        let own = OwnKey::Registered(actor.pair(0).map_err(Error::other)?);
        let address = actor.address(&chain.prefix);
        let memo = place.to_string();
        let mut builder = TxBuilder::plain(chain, address.clone(), sequence, own).with_memo(&memo);
        match kind {
            Kind::Refused | Kind::Stale => builder.push(&MsgCloseTicket {
                sender: address.to_string(),
                ticket_id: NO_TICKET.to_owned(),
                ..MsgCloseTicket::default()
            }),
            Kind::Dear => (0..DEAR_MESSAGES).for_each(|_| builder.push(&grants(address.as_str()))),
            // Nobody without a role lists customers, whatever the block.
            Kind::Forbidden => builder.push(&MsgAssignRole {
                sender: address.to_string(),
                address: address.to_string(),
                role: AssignableRole::Customer.name().to_owned(),
                ..MsgAssignRole::default()
            }),
        }
        let signed =
            sign(&builder, actor.account().map_err(Error::other)?, &chain.chain_id).map_err(Error::other)?;
        Ok(signed.bytes)
    }
}

/// As many grants as a message may have, which open nothing.
fn grants(sender: &str) -> MsgGrantAccess {
    let grant = |target| TargetedGrant { target, grant_signature: vec![7; 64], ..TargetedGrant::default() };
    MsgGrantAccess {
        sender: sender.to_owned(),
        ticket_id: NO_TICKET.to_owned(),
        grants: (0..DEAR_GRANTS).map(grant).collect(),
        agent: String::new(),
    }
}
