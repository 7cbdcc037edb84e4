//! What waits to be named, and for whom: bounded by account, by where it came from, and as a whole.
//!
//! Whoever is new to the ledger costs nothing to make, so that all of them together have a part of the whole, and each source a part
//! of that: strangers leave room for the desk's own people.

use std::collections::BTreeMap;
use std::time::{Duration, SystemTime};

use sealdesk_protocol::attachment::BlobHash;

use super::folder::Waiting;
use crate::http::source::Source;

/// How long a piece waits to be named.
pub(super) const WAITS: Duration = Duration::from_secs(86_400);
/// Bytes that wait together.
pub(super) const BYTES_MAX: u64 = 2 << 30;
/// Of these, for accounts that the ledger does not know.
pub(super) const NEWCOMERS_BYTES_MAX: u64 = 512 << 20;
/// Bytes that wait for one account: two messages of the longest, and what broke off.
pub(super) const ACCOUNT_BYTES_MAX: u64 = 160 << 20;
/// Bytes that came from one source, but for the operator's own machine.
pub(super) const SOURCE_BYTES_MAX: u64 = 320 << 20;
/// Pieces that wait together: each is looked up once a minute.
pub(super) const PIECES_MAX: usize = 16_384;

/// Who wants to bring a piece.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Bringer {
    pub(super) account: String,
    pub(super) source: Source,
    /// Whether the ledger does not know the account.
    pub(super) newcomer: bool,
}

/// Why there is no room for it now.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub(super) enum NoRoom {
    #[error(
        "the files of this account that no message names yet fill its room: send the message, or wait a day"
    )]
    Account,
    #[error(
        "the files from this address that no message names yet fill its room: send the messages, or wait a day"
    )]
    Source,
    #[error(
        "files of accounts that the ledger does not know fill their room: send a first ticket without files, or come back later"
    )]
    Newcomers,
    #[error("files that no message names yet fill the node's room: come back later")]
    Node,
}

/// One piece that waits, or that is on its way.
#[derive(Clone, Debug)]
struct Held {
    account: String,
    source: Option<Source>,
    newcomer: bool,
    bytes: u64,
    since: SystemTime,
    arrived: bool,
}

/// See the module.
#[derive(Debug, Default)]
pub(super) struct Pending(BTreeMap<BlobHash, Held>);

impl Pending {
    /// What was found in the folder. Where it came from is not known any more.
    pub(super) fn found(waiting: Vec<Waiting>) -> Self {
        let held = |one: Waiting| {
            let Waiting { hash, account, bytes, since } = one;
            (hash, Held { account, source: None, newcomer: false, bytes, since, arrived: true })
        };
        Self(waiting.into_iter().map(held).collect())
    }

    /// How many pieces wait.
    pub(super) fn pieces(&self) -> usize {
        self.0.len()
    }

    /// How many bytes they have.
    pub(super) fn bytes(&self) -> u64 {
        self.sum(|_| true)
    }

    fn sum(&self, counts: impl Fn(&Held) -> bool) -> u64 {
        self.0.values().filter(|held| counts(held)).fold(0, |sum: u64, held| sum.saturating_add(held.bytes))
    }

    /// For which account a piece waits here, if it does.
    pub(super) fn account_of(&self, hash: &BlobHash) -> Option<String> {
        self.0.get(hash).filter(|held| held.arrived).map(|held| held.account.clone())
    }

    /// Takes room for a piece that is on its way. One that is on its way already has its room: whoever is done first has brought it.
    pub(super) fn begin(
        &mut self,
        hash: BlobHash,
        bytes: u64,
        bringer: &Bringer,
        now: SystemTime,
    ) -> Result<(), NoRoom> {
        if self.0.contains_key(&hash) {
            return Ok(());
        }
        let fits = |most: u64, sum: u64| sum.saturating_add(bytes) <= most;
        if self.pieces() >= PIECES_MAX || !fits(BYTES_MAX, self.bytes()) {
            return Err(NoRoom::Node);
        }
        if !fits(ACCOUNT_BYTES_MAX, self.sum(|held| held.account == bringer.account)) {
            return Err(NoRoom::Account);
        }
        let of_source = self.sum(|held| held.source == Some(bringer.source));
        if !bringer.source.is_own() && !fits(SOURCE_BYTES_MAX, of_source) {
            return Err(NoRoom::Source);
        }
        if bringer.newcomer && !fits(NEWCOMERS_BYTES_MAX, self.sum(|held| held.newcomer)) {
            return Err(NoRoom::Newcomers);
        }
        let Bringer { account, source, newcomer } = bringer.clone();
        let held = Held { account, source: Some(source), newcomer, bytes, since: now, arrived: false };
        self.0.insert(hash, held);
        Ok(())
    }

    /// It is in the folder.
    pub(super) fn arrived(&mut self, hash: &BlobHash) {
        if let Some(held) = self.0.get_mut(hash) {
            held.arrived = true;
        }
    }

    /// It did not come: gives its room back, unless somebody else has brought it meanwhile.
    pub(super) fn broke_off(&mut self, hash: &BlobHash) {
        if self.0.get(hash).is_some_and(|held| !held.arrived) {
            self.0.remove(hash);
        }
    }

    /// It waits no longer.
    pub(super) fn ends(&mut self, hash: &BlobHash) {
        self.0.remove(hash);
    }

    /// Everything that has arrived: the hash, for whom it waits, and whether it has waited long enough.
    pub(super) fn waiting(&self, now: SystemTime) -> Vec<(BlobHash, String, bool)> {
        let is_old = |held: &Held| now.duration_since(held.since).is_ok_and(|waited| waited >= WAITS);
        let arrived = self.0.iter().filter(|(_, held)| held.arrived);
        arrived.map(|(hash, held)| (*hash, held.account.clone(), is_old(held))).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const MIB: u64 = 1 << 20;

    fn hash(number: u64) -> BlobHash {
        let mut hash = [0; 32];
        hash[..8].copy_from_slice(&number.to_be_bytes());
        hash
    }

    fn bringer(account: &str, address: [u8; 4], newcomer: bool) -> Bringer {
        let source = Source::of(std::net::IpAddr::from(address));
        Bringer { account: account.to_owned(), source, newcomer }
    }

    /// Brings pieces until there is no room, and says how many there was room for, and why no more.
    fn fill(pending: &mut Pending, from: u64, who: &dyn Fn(u64) -> Bringer) -> (u64, NoRoom) {
        for n in 0.. {
            let begun = pending.begin(hash(from + n), MIB, &who(n), SystemTime::UNIX_EPOCH);
            if let Err(why) = begun {
                return (n, why);
            }
        }
        unreachable!("there is room for so many only")
    }

    #[test]
    fn one_account_one_source_and_all_newcomers_leave_room_for_others() {
        let mut pending = Pending::default();
        let one = fill(&mut pending, 0, &|_| bringer("ann", [10, 0, 0, 1], false));
        assert_eq!(one, (160, NoRoom::Account));
        let many = fill(&mut pending, 1_000, &|n| bringer(&format!("n{n}"), [10, 0, 0, 1], true));
        assert_eq!(many, (160, NoRoom::Source), "half of the source's room is ann's");
        let everywhere = fill(&mut pending, 2_000, &|n| {
            bringer(&format!("m{n}"), [10, 1, 0, u8::try_from(n / 250).unwrap()], true)
        });
        assert_eq!(everywhere, (352, NoRoom::Newcomers));
        let known = bringer("bob", [10, 0, 0, 2], false);
        assert_eq!(pending.begin(hash(9_000), MIB, &known, SystemTime::UNIX_EPOCH), Ok(()));
        let own = fill(&mut pending, 10_000, &|n| bringer(&format!("k{n}"), [127, 0, 0, 1], false));
        assert_eq!(own.1, NoRoom::Node, "the operator's machine is bounded by the whole");
    }

    #[test]
    fn room_comes_back_when_a_piece_breaks_off_or_ends_and_not_twice() {
        let mut pending = Pending::default();
        let ann = bringer("ann", [10, 0, 0, 1], false);
        let start = SystemTime::UNIX_EPOCH;
        pending.begin(hash(1), MIB, &ann, start).unwrap();
        pending.begin(hash(1), MIB, &bringer("bob", [10, 0, 0, 2], false), start).unwrap();
        assert_eq!((pending.bytes(), pending.account_of(&hash(1))), (MIB, None));
        pending.arrived(&hash(1));
        pending.broke_off(&hash(1));
        assert_eq!((pending.bytes(), pending.account_of(&hash(1))), (MIB, Some("ann".to_owned())));
        pending.begin(hash(2), MIB, &ann, start).unwrap();
        pending.broke_off(&hash(2));
        let old =
            |pending: &Pending, waited| pending.waiting(start + waited).iter().filter(|one| one.2).count();
        assert_eq!((old(&pending, WAITS - Duration::from_secs(1)), old(&pending, WAITS)), (0, 1));
        pending.ends(&hash(1));
        assert_eq!((pending.bytes(), pending.pieces()), (0, 0));
    }
}
