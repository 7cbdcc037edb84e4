//! What a home takes over from a ledger that it trusted to the one that continues it.

use sealdesk_protocol::circle::Ledger;
use sealdesk_protocol::wire::sealdesk::ledger::v1::CircleChange;

use super::Pin;

/// That a ledger continues one that a home trusts: votes of more than half of its administrators, to whom the trusted circle leads, say
/// so. Made by [`crate::desk::Desk::continuation`] only.
#[derive(Debug, Clone, PartialEq)]
pub struct Continuation {
    /// The ledger that is trusted.
    pub old: Ledger,
    /// The height from which on the new ledger is another one, as its beginning says.
    pub height: u64,
    /// The height up to which this home has seen the old one.
    pub seen: u64,
    /// How many of its administrators voted.
    pub votes: usize,
    /// How many there were.
    pub members: usize,
    /// The changes between the trusted circle and the one that the new ledger begins with.
    pub(crate) changes: Vec<CircleChange>,
}

impl Continuation {
    /// Whether this home has seen more of the old ledger than the new one holds.
    pub fn is_behind(&self) -> bool {
        self.seen > self.height
    }
}

impl Pin {
    /// This pin of a ledger, with the people whom the home knew on the one that it continues, and the changes that led to them. The old
    /// pin stays as it is, for old receipts and for what is remembered beside it.
    #[must_use]
    pub fn continuing(self, old: &Self, continuation: &Continuation) -> Self {
        let changes = [&old.changes, &continuation.changes, &self.changes];
        let changes = changes.into_iter().flatten().cloned().collect();
        let mut pin = Self { agreed: true, changes, ..self };
        pin.add_readers(old.readers.iter().cloned());
        pin.forget_oldest();
        pin
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use sealdesk_protocol::circle::Circle;
    use sealdesk_protocol::identity::Identity;
    use sealdesk_protocol::ids::{Address, ChainId, Prefix};
    use sealdesk_protocol::wire::sealdesk::ledger::v1::MemberVote;

    use super::super::READERS_MAX;
    use super::*;

    fn person(number: u16) -> Address {
        let [high, low] = number.to_be_bytes();
        let mut key = [2; 33];
        (key[1], key[2]) = (high, low);
        Address::of_public_key(&Prefix::parse(Prefix::DEFAULT).unwrap(), &key)
    }

    fn pin(changes: u64, readers: BTreeSet<Address>) -> Pin {
        let votes = vec![MemberVote { voter: "v".repeat(1_024), ..MemberVote::default() }];
        let change = |position| CircleChange { position, votes: votes.clone(), ..CircleChange::default() };
        let ledger = Ledger {
            chain_id: ChainId::parse("desk").unwrap(),
            prefix: Prefix::parse(Prefix::DEFAULT).unwrap(),
            identity: Identity([1; 32]),
        };
        Pin {
            ledger,
            circle: Circle::first([person(0)]).unwrap(),
            changes: (1..=changes).map(change).collect(),
            validators_hash: [1; 32],
            height: 1,
            time: 1,
            agreed: true,
            readers,
        }
    }

    #[test]
    fn what_a_pin_takes_along_has_bounds() {
        let full: BTreeSet<_> = (0..).map(person).take(READERS_MAX).collect();
        let (old, new) = (pin(700, full), pin(700, BTreeSet::from([person(60_000)])));
        let ledger = old.ledger.clone();
        let continuation =
            Continuation { old: ledger, height: 1, seen: 1, votes: 1, members: 1, changes: Vec::new() };
        let newest = new.changes.last().cloned();
        let pin = new.continuing(&old, &continuation);
        assert_eq!(pin.readers.len(), READERS_MAX);
        assert!(pin.readers.contains(&person(60_000)), "whom it knew itself stays");
        assert!((700..1_100).contains(&pin.changes.len()), "{}", pin.changes.len());
        assert_eq!(pin.changes.last().cloned(), newest);
    }

    #[test]
    fn a_full_list_of_readers_keeps_those_whom_it_knows() {
        let mut pin = pin(0, BTreeSet::new());
        pin.add_readers((0..=u16::MAX).map(person).take(READERS_MAX + 10));
        assert_eq!(pin.readers.len(), READERS_MAX);
        assert!(pin.readers.contains(&person(0)) && !pin.readers.contains(&person(4_100)));
    }
}
