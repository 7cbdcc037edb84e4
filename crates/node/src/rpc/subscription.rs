//! Subscriptions: queries, each held against what every new block brings. Nothing is kept for a subscriber: each reads blocks from the
//! state at their own pace, so they get everything once and in order.

use serde_json::json;

use super::error::RpcError;
use super::notices::{EVENT, HistoryEvent, NEW_BLOCK, NEW_BLOCK_HEADER, TX, What};
use super::posted::Id;
use crate::search::{Attributes, Operand, Operator, Query};

/// Subscriptions of one websocket, as in CometBFT.
pub(super) const SUBSCRIPTIONS_MAX: usize = 5;

/// What is told of: the values of [`EVENT`].
const HAPPENINGS: [&str; 3] = [TX, NEW_BLOCK, NEW_BLOCK_HEADER];

/// A query somebody subscribed to.
struct Subscription {
    /// Of the request: every notice has it again.
    id: Id,
    query: Query,
    /// The newest block when they subscribed.
    since: u64,
}

/// What one websocket subscribed to.
#[derive(Default)]
pub(super) struct Subscriptions {
    list: Vec<Subscription>,
    /// The last block that was told of.
    told: u64,
}

impl Subscriptions {
    pub(super) fn is_empty(&self) -> bool {
        self.list.is_empty()
    }

    /// The first block that was not told of.
    pub(super) fn next(&self) -> u64 {
        self.told.saturating_add(1)
    }

    /// Subscribes to what comes after a block.
    ///
    /// # Errors
    /// Where the query is not one, or there are too many, or it is there already.
    pub(super) fn add(&mut self, id: Id, text: &str, newest: u64) -> Result<(), RpcError> {
        let query = Query::parse(text).map_err(|error| RpcError::params(error.to_string()))?;
        if !happens(&query) {
            let [first, second, third] = HAPPENINGS;
            let why = format!(
                "nothing of that name is told here: {EVENT} is '{first}', '{second}' or '{third}', as they stand here"
            );
            return Err(RpcError::params(why));
        }
        if self.list.iter().any(|known| known.query.text() == text) {
            return Err(RpcError::internal("already subscribed"));
        }
        if self.list.len() >= SUBSCRIPTIONS_MAX {
            let why = format!(
                "a websocket has at most {SUBSCRIPTIONS_MAX} subscriptions: unsubscribe from one first"
            );
            return Err(RpcError::internal(why));
        }
        if self.list.is_empty() {
            self.told = newest;
        }
        self.list.push(Subscription { id, query, since: newest });
        Ok(())
    }

    /// Ends a subscription.
    ///
    /// # Errors
    /// Where there is none of this query.
    pub(super) fn remove(&mut self, text: &str) -> Result<(), RpcError> {
        let before = self.list.len();
        self.list.retain(|known| known.query.text() != text);
        if self.list.len() == before { Err(RpcError::internal("subscription not found")) } else { Ok(()) }
    }

    /// Ends all of them.
    pub(super) fn clear(&mut self) {
        self.list.clear();
    }

    /// Whether somebody may want events of this name.
    fn want(&self, event: &str) -> bool {
        self.list.iter().any(|subscription| {
            let named = subscription.query.conditions().iter().find(|condition| condition.attribute == EVENT);
            named.is_none_or(|condition| match (&condition.operator, &condition.operand) {
                (Operator::Equal, Operand::Text(text)) => text == event,
                _ => true,
            })
        })
    }

    /// Which parts of a block's own somebody may want.
    pub(super) fn of_blocks(&self) -> impl Iterator<Item = What> + use<> {
        let wanted = [(NEW_BLOCK, What::Block), (NEW_BLOCK_HEADER, What::Header)];
        let wanted = wanted.map(|(event, what)| self.want(event).then_some(what));
        wanted.into_iter().flatten()
    }

    /// Whether somebody may want its transactions.
    pub(super) fn want_txs(&self) -> bool {
        self.want(TX)
    }

    /// A block was told of.
    pub(super) fn mark_sent(&mut self, height: u64) {
        self.told = height;
    }

    /// How many there are.
    pub(super) fn len(&self) -> usize {
        self.list.len()
    }

    /// What is told to one of them of something that happened in a block; nothing where it does not want it.
    pub(super) fn notice(&self, of: usize, height: u64, event: &HistoryEvent) -> Option<String> {
        let Subscription { id, query, since } = self.list.get(of)?;
        if *since >= height || !query.matches(&event.attributes) {
            return None;
        }
        let (id, query) = (id.as_json(), json!(query.text()));
        let HistoryEvent { data, events, .. } = event;
        Some(format!(
            r#"{{"jsonrpc":"2.0","id":{id},"result":{{"query":{query},"data":{data},"events":{events}}}}}"#
        ))
    }
}

/// Whether what a query says of [`EVENT`] holds for anything that is told: who waited for another thing would wait for ever.
fn happens(query: &Query) -> bool {
    let named = || query.conditions().iter().filter(|condition| condition.attribute == EVENT);
    HAPPENINGS.iter().any(|what| {
        let what = Attributes::from([(EVENT.to_owned(), vec![(*what).to_owned()])]);
        named().all(|condition| condition.matches(&what))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn subscriptions_are_bounded_and_each_query_is_there_once() {
        let mut subscriptions = Subscriptions::default();
        for n in 0..SUBSCRIPTIONS_MAX {
            subscriptions.add(Id::none(), &format!("tm.event='Tx' AND tx.height>{n}"), 7).unwrap();
        }
        assert_eq!(subscriptions.next(), 8);
        assert!(subscriptions.add(Id::none(), "tm.event='NewBlock'", 7).is_err());
        assert!(subscriptions.want(TX) && !subscriptions.want(NEW_BLOCK));
        subscriptions.remove("tm.event='Tx' AND tx.height>0").unwrap();
        assert!(subscriptions.remove("tm.event='Tx' AND tx.height>0").is_err());
        assert!(subscriptions.add(Id::none(), "tm.event='Tx' AND tx.height>1", 7).is_err(), "it is there");
        assert!(subscriptions.add(Id::none(), "tm.event", 7).is_err(), "it is no query");
        subscriptions.add(Id::none(), "tm.event='NewBlock'", 7).unwrap();
        assert!(subscriptions.want(NEW_BLOCK));
        subscriptions.clear();
        assert!(subscriptions.is_empty());
    }

    #[test]
    fn nobody_subscribes_to_what_is_never_told() {
        let mut subscriptions = Subscriptions::default();
        for text in [
            "tm.event='ValidatorSetUpdates'",
            "tm.event='Vote' AND tx.height>3",
            "tm.event='tx'",
            "tm.event=5",
            "tm.event='Tx' AND tm.event='NewBlock'",
            "tm.event CONTAINS 'Vote'",
        ] {
            let refused = subscriptions.add(Id::none(), text, 7).unwrap_err().to_json();
            assert_eq!(refused["code"], -32_602, "{text}");
            assert!(refused["data"].as_str().unwrap().contains("'NewBlockHeader'"), "{refused}");
        }
        for text in ["tm.event EXISTS", "tm.event CONTAINS 'Block'", "message.sender='x'"] {
            assert_eq!(subscriptions.add(Id::none(), text, 7), Ok(()), "{text}");
        }
    }
}
