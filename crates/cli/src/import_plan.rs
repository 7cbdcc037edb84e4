//! What an exported desk is given before another ledger begins with it: a name that no other has, the changes of its administrators that
//! this home knows beyond it, and a time.

use sealdesk_client::genesis::chain_of;
use sealdesk_client::trust::Clock;
use sealdesk_client::trust::pins::Pins;
use sealdesk_node::home::new_chain_id;
use sealdesk_protocol::genesis::{Genesis, seconds_of};
use sealdesk_protocol::identity::{Ancestry, Identity};
use sealdesk_protocol::ids::ChainId;
use sealdesk_protocol::limits::CHAIN_ID_BYTES_MAX;
use serde_json::{Value, json};

use crate::context::Context;
use crate::failure::Failure;
use crate::table::{self, count};

/// Bytes of a name's random ending, with the line before it.
const ENDING_BYTES: usize = 17;
/// By how many seconds a time may lie ahead of this computer's clock.
const AHEAD_SECONDS_MAX: i64 = 300;

/// Gives the ledger of a document a name of its own: that of `--chain-id`, else the document's with a random ending. Two ledgers that are
/// made of one file never share a name.
pub(crate) fn rename(context: &Context, pins: &Pins, genesis: &mut Genesis) -> Result<(), Failure> {
    let name = match &context.settings().chain_id {
        None => new_chain_id(stem(&genesis.chain_id))?,
        Some(text) => {
            let named = ChainId::parse(text).map_err(|error| refused(context, error.to_string()))?;
            if let Some(whose) = taken(pins, genesis, &named) {
                return Err(refused(
                    context,
                    format!("{named} is the name of {whose}: another ledger needs another one"),
                ));
            }
            named
        }
    };
    genesis.chain_id = name.to_string();
    Ok(())
}

fn refused(context: &Context, why: String) -> Failure {
    let failure = Failure::usage(why, "leave --chain-id out for a random one");
    failure.named_by(context.settings().origins.chain_id)
}

/// Whose name it is already.
fn taken(pins: &Pins, genesis: &Genesis, name: &ChainId) -> Option<&'static str> {
    let state = &genesis.app_state;
    let ledgers = state.earlier.iter().map(|earlier| &earlier.chain_id).chain([&genesis.chain_id]);
    let sealed = state.tickets.iter().flat_map(|ticket| {
        let answers = ticket.responses.iter().map(|response| &response.payload);
        answers.chain([&ticket.payload]).map(|payload| &payload.context.chain_id)
    });
    if ledgers.chain(sealed).any(|one| one == name.as_str()) {
        return Some("a ledger in the file");
    }
    pins.get(name).map(|_| "a ledger that this home knows")
}

/// A name without the random ending that `new_chain_id` gave it, short enough for another one.
fn stem(name: &str) -> &str {
    let is_random =
        |ending: &str| ending.len() == ENDING_BYTES - 1 && ending.bytes().all(|b| b.is_ascii_hexdigit());
    let stem = name.rsplit_once('-').filter(|(_, ending)| is_random(ending)).map_or(name, |(stem, _)| stem);
    // A chain id is ASCII.
    stem.get(..CHAIN_ID_BYTES_MAX - ENDING_BYTES).unwrap_or(stem)
}

/// Adds the changes of the administrators that this home has followed and the document lacks: no older copy brings back who was
/// removed since. Says so.
pub(crate) fn add_changes(context: &Context, pins: &Pins, genesis: &mut Genesis) -> Result<(), Failure> {
    let continued = genesis.app_state.continues.as_ref().and_then(|one| Identity::parse(&one.identity));
    let Some(old) = continued else { return Ok(()) };
    let Some(pin) = pins.of_identity(&old) else { return Ok(()) };
    let last = genesis.app_state.circle.last().map_or(0, |change| change.position);
    genesis.add_changes(&pin.changes).map_err(|error| Failure::new(error.to_string()))?;
    let added = genesis.app_state.circle.iter().filter(|change| change.position > last);
    let told: Vec<String> = added
        .map(|change| {
            let how = if change.removes { "left the administrators" } else { "became an administrator" };
            format!("\n  change {}: {} {how}", change.position, context.named(&change.address))
        })
        .collect();
    if !told.is_empty() {
        let told = told.concat();
        context.output().note(&format!(
            "This home knows later administrators of that desk than its data; they are taken over:{told}"
        ));
    }
    Ok(())
}

/// Lets a document's ledger begin at the time that was given: `now`, or one that is not ahead of this computer's clock.
pub(crate) fn begin_at(genesis: &mut Genesis, given: Option<&str>) -> Result<(), Failure> {
    let (now, wrong) = (Clock::system().now(), |why: String| {
        Failure::usage(why, "write --genesis-time now, or a time of the past as 2026-11-21T09:00:00Z")
    });
    let Some(given) = given else { return Ok(()) };
    let seconds = match given {
        "now" => now,
        text => seconds_of(text).ok_or_else(|| wrong(format!("'{text}' is not a time")))?,
    };
    if seconds.saturating_sub(now) > AHEAD_SECONDS_MAX {
        return Err(wrong(format!("{given} lies ahead of this computer's clock")));
    }
    genesis.begin_at(seconds).map_err(|error| wrong(error.to_string()))
}

/// What a person should know where a ledger would begin in the future.
pub(crate) fn warn_of_time(context: &Context, genesis: &Genesis) {
    let ahead =
        genesis.time().is_ok_and(|time| time.saturating_sub(Clock::system().now()) > AHEAD_SECONDS_MAX);
    if ahead {
        context.output().note(&format!(
            "The file is of {}, which is ahead of this computer's clock: a clock was wrong, then or now. Limits and deadlines stand still until \
             then, and nobody seals for it. If the clock is right now, import it with --genesis-time now",
            genesis.genesis_time
        ));
    }
}

/// The ledger that a new one continues.
pub(crate) struct Before {
    chain_id: ChainId,
    height: u64,
}

impl Before {
    /// What a beginning continues; nothing where it continues none.
    pub(crate) fn of(ancestry: &Ancestry) -> Option<Self> {
        let continues = ancestry.beginning().continues.as_ref()?;
        let before = ancestry.find(&continues.identity)?;
        Some(Self { chain_id: before.chain_id.clone(), height: continues.height })
    }

    pub(crate) fn json(&self) -> Value {
        json!({ "chain_id": self.chain_id.as_str(), "height": self.height })
    }

    /// What its administrators do next, so that everybody follows.
    pub(crate) fn next_steps(&self, identity: &Identity) -> String {
        let Self { chain_id, height } = self;
        format!(
            "It continues {chain_id} from height {height} on. Each administrator of that desk says so, with a key and a home of their own:\n  \
             sealdesk trust {identity}\n  sealdesk tx ledger continue-ledger --from NAME\n\
             With more than half of them, the program of everybody who knows {chain_id} offers to follow."
        )
    }
}

/// What is told of a ledger that was made of an exported or restored desk.
pub(crate) struct Made {
    pub(crate) value: Value,
    pub(crate) text: String,
}

impl Made {
    /// Of a ledger in this home.
    pub(crate) fn of(context: &Context, genesis: &Genesis) -> Result<Self, Failure> {
        let chain = chain_of(genesis).map_err(|error| Failure::new(error.to_string()))?;
        let (identity, before) = (chain.identity(), Before::of(&chain.ancestry));
        let (tickets, people) = (genesis.app_state.ticket_count, genesis.app_state.keys.len());
        let value = json!({
            "chain_id": genesis.chain_id,
            "identity": identity.to_string(),
            "identity_words": identity.words(),
            "continues": before.as_ref().map(Before::json),
            "home": context.home(),
            "tickets": tickets,
            "people": people,
        });
        let (shown, tickets) = (context.shown(context.home()), count(tickets, "ticket"));
        let facts = table::fields(&[("  identity", identity.to_string()), ("  in words", identity.words())]);
        let next = before.map(|before| format!("\n\n{}", before.next_steps(&identity))).unwrap_or_default();
        let text = format!(
            "Made the ledger {} in {shown}, with {tickets}.\n{facts}\n\nNow run it: sealdesk{} start{next}",
            genesis.chain_id,
            context.home_option()
        );
        Ok(Self { value, text })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_loses_its_random_ending_and_no_other() {
        let long = "x".repeat(CHAIN_ID_BYTES_MAX);
        for (name, found) in [
            ("desk-0011223344556677", "desk"),
            ("moved-1", "moved-1"),
            ("a-desk-00112233445566ff", "a-desk"),
            ("desk-00112233445566zz", "desk-00112233445566zz"),
            (&long, &long[..33]),
        ] {
            assert_eq!(stem(name), found);
            assert!(new_chain_id(stem(name)).is_ok());
        }
    }
}
