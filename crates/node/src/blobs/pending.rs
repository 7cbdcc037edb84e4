//! Who has room for which pieces: those that wait to be named, those on their way, and those that are kept.
//!
//! What waits is bounded by account, by where it came from, and as a whole. Whoever is new to the ledger costs nothing to make, so that all
//! of them together have a quarter of the whole, and who has no role among the staff three quarters: strangers leave room for the desk's
//! own people. What nobody signed for, because a message names it, is bounded by the day. All of it together is bounded by what the
//! operator lets the files have.

use std::collections::BTreeMap;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use sealdesk_machine::admission::Standing;
use sealdesk_protocol::attachment::BlobHash;

use super::folder::Waiting;
use crate::http::source::Source;

/// How long a piece waits to be named.
pub(super) const WAITS: Duration = Duration::from_secs(86_400);
/// Bytes that wait together.
pub(super) const BYTES_MAX: u64 = 2 << 30;
/// Of these, for accounts without a role among the staff.
pub(super) const OTHERS_BYTES_MAX: u64 = BYTES_MAX / 4 * 3;
/// Of these, for accounts that the ledger does not know.
pub(super) const NEWCOMERS_BYTES_MAX: u64 = BYTES_MAX / 4;
/// Bytes that wait for one account: two messages of the longest, and what broke off.
pub(super) const ACCOUNT_BYTES_MAX: u64 = 160 << 20;
/// Bytes that came from one source, but for the operator's own machine and the staff.
pub(super) const SOURCE_BYTES_MAX: u64 = 320 << 20;
/// What a piece takes at least of the bounds above: each is looked up once a minute, so that all of them are 16,384 at most, those of one
/// account 1,280, of one source 2,560, of newcomers 4,096.
pub(super) const TAKES_MIN: u64 = 128 << 10;
/// Bytes that come in a day because a message names them, but for the operator's own machine and the staff.
pub(super) const UNSIGNED_BYTES_MAX: u64 = 2 << 30;
/// What a piece of which something came, and not all, takes at least of these: who breaks off is remembered until tomorrow, and so there are
/// half a million of them at most.
const BROKEN_OFF_TAKES_MIN: u64 = 4 << 10;
/// Of these, from one source.
pub(super) const UNSIGNED_SOURCE_BYTES_MAX: u64 = 320 << 20;
/// One of so many parts of all that the node keeps is the staff's alone.
const STAFF_SHARE: u64 = 8;

/// Who wants to bring a piece.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Bringer {
    /// For whom it is to wait; nobody has to sign where a message names it, and then it waits for nobody.
    pub(super) account: Option<String>,
    pub(super) source: Source,
    /// What whoever signed is to the ledger: a newcomer where nobody did.
    pub(super) standing: Standing,
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
    #[error("as many files as the node takes in a day came without a signature: come back tomorrow")]
    Unsigned,
    #[error("the files that this node keeps fill their room: tell its operator")]
    Kept,
}

/// What names one upload.
pub(super) type UploadId = u64;

/// A piece that waits, or one that is on its way.
#[derive(Clone, Debug)]
struct Held {
    account: String,
    /// Not known any more after a restart.
    source: Option<Source>,
    standing: Standing,
    bytes: u64,
    since: SystemTime,
}

impl Held {
    fn takes(&self) -> u64 {
        self.bytes.max(TAKES_MIN)
    }
}

/// A piece that is on its way without a signature.
#[derive(Debug)]
struct Unsigned {
    bytes: u64,
    /// Of which day it is counted, and from where. Nothing where it is not counted.
    counted: Option<(u64, Source)>,
}

/// What a piece without a signature takes of a day.
fn takes_of_day(bytes: u64) -> u64 {
    bytes.max(TAKES_MIN)
}

/// What it takes where only so many of its bytes came.
fn broken_off_takes(arrived: u64) -> u64 {
    if arrived == 0 { 0 } else { arrived.max(BROKEN_OFF_TAKES_MIN) }
}

/// What came without a signature on one day.
#[derive(Debug, Default)]
struct Day {
    /// The day since 1970.
    number: u64,
    bytes: u64,
    /// Of which from where; nothing of whom nothing came.
    of_source: BTreeMap<Source, u64>,
}

impl Day {
    /// Gives back what did not come of what a source took.
    fn give_back(&mut self, source: Source, bytes: u64) {
        let Some(of_source) = self.of_source.get_mut(&source) else { return };
        *of_source = of_source.saturating_sub(bytes);
        if *of_source == 0 {
            self.of_source.remove(&source);
        }
        self.bytes = self.bytes.saturating_sub(bytes);
    }
}

/// See the module.
#[derive(Debug)]
pub(super) struct Pending {
    /// In the folder, and no message names them yet.
    waiting: BTreeMap<BlobHash, Held>,
    /// On their way, each with a room of its own: whoever breaks off gives back that and no other.
    coming: BTreeMap<UploadId, Held>,
    next: UploadId,
    /// On their way without a signature.
    unsigned_coming: BTreeMap<UploadId, Unsigned>,
    /// What came today without a signature.
    unsigned: Day,
    /// Bytes that are kept for good.
    kept: u64,
    /// The most bytes that the folder may have.
    most: u64,
}

impl Pending {
    /// What was found in the folder. Where it came from is not known any more; what its accounts are is asked of the ledger.
    pub(super) fn found(
        waiting: Vec<Waiting>,
        standing: impl Fn(&str) -> Standing,
        kept: u64,
        most: u64,
    ) -> Self {
        let held = |one: Waiting| {
            let Waiting { hash, account, bytes, since } = one;
            let standing = standing(&account);
            (hash, Held { account, source: None, standing, bytes, since })
        };
        Self {
            waiting: waiting.into_iter().map(held).collect(),
            coming: BTreeMap::new(),
            next: 0,
            unsigned_coming: BTreeMap::new(),
            unsigned: Day::default(),
            kept,
            most,
        }
    }

    /// So many bytes are kept for good, as was counted.
    pub(super) fn counted(&mut self, bytes: u64) {
        self.kept = bytes;
    }

    /// How many pieces wait or are on their way.
    pub(super) fn pieces(&self) -> usize {
        self.waiting.len().saturating_add(self.coming.len())
    }

    /// How many bytes they have.
    pub(super) fn bytes(&self) -> u64 {
        self.held().fold(0, |sum: u64, held| sum.saturating_add(held.bytes))
    }

    /// How many bytes are on their way.
    pub(super) fn coming_bytes(&self) -> u64 {
        let signed = self.coming.values().map(|held| held.bytes);
        signed.chain(self.unsigned_coming.values().map(|one| one.bytes)).fold(0, u64::saturating_add)
    }

    /// For which account a piece waits here, if it does.
    pub(super) fn account_of(&self, hash: &BlobHash) -> Option<String> {
        self.waiting.get(hash).map(|held| held.account.clone())
    }

    /// Takes room for a piece that is on its way.
    pub(super) fn begin(
        &mut self,
        bytes: u64,
        bringer: &Bringer,
        now: SystemTime,
    ) -> Result<UploadId, NoRoom> {
        let staff_alone = if bringer.standing == Standing::Staff { 0 } else { self.most / STAFF_SHARE };
        let unsigned_coming = self.unsigned_coming.values().map(|one| one.bytes).fold(0, u64::saturating_add);
        let all = [self.bytes(), unsigned_coming, bytes].into_iter().fold(self.kept, u64::saturating_add);
        if all > self.most.saturating_sub(staff_alone) {
            return Err(NoRoom::Kept);
        }
        let id = self.next;
        let Bringer { account, source, standing } = bringer.clone();
        match account {
            None => {
                let is_counted = standing != Standing::Staff && !source.is_own();
                let counted = is_counted.then(|| self.count_unsigned(bytes, source, now)).transpose()?;
                self.unsigned_coming.insert(id, Unsigned { bytes, counted });
            }
            Some(account) => {
                let held = Held { account, source: Some(source), standing, bytes, since: now };
                self.fits(&held)?;
                self.coming.insert(id, held);
            }
        }
        self.next = self.next.wrapping_add(1);
        Ok(id)
    }

    /// Whether one more may wait.
    fn fits(&self, more: &Held) -> Result<(), NoRoom> {
        let is_full = |most: u64, counts: &dyn Fn(&Held) -> bool| {
            let of = self.held().filter(|held| counts(held));
            of.fold(more.takes(), |sum, held| sum.saturating_add(held.takes())) > most
        };
        let is_staff = more.standing == Standing::Staff;
        if is_full(BYTES_MAX, &|_| true) {
            return Err(NoRoom::Node);
        }
        if is_full(ACCOUNT_BYTES_MAX, &|held| held.account == more.account) {
            return Err(NoRoom::Account);
        }
        let is_own = more.source.is_some_and(Source::is_own);
        let of_source = |held: &Held| held.source == more.source && held.standing != Standing::Staff;
        if !is_staff && !is_own && is_full(SOURCE_BYTES_MAX, &of_source) {
            return Err(NoRoom::Source);
        }
        let is_new = |held: &Held| held.standing == Standing::Newcomer;
        if is_new(more) && is_full(NEWCOMERS_BYTES_MAX, &is_new) {
            return Err(NoRoom::Newcomers);
        }
        if !is_staff && is_full(OTHERS_BYTES_MAX, &|held| held.standing != Standing::Staff) {
            return Err(NoRoom::Node);
        }
        Ok(())
    }

    /// What is brought without a signature counts for the day as soon as it begins, so that no more is on its way than may come. Of which
    /// day, and from where.
    fn count_unsigned(
        &mut self,
        bytes: u64,
        source: Source,
        now: SystemTime,
    ) -> Result<(u64, Source), NoRoom> {
        let today = now.duration_since(UNIX_EPOCH).unwrap_or_default().as_secs() / WAITS.as_secs();
        if self.unsigned.number != today {
            self.unsigned = Day { number: today, ..Day::default() };
        }
        let (takes, day) = (takes_of_day(bytes), &mut self.unsigned);
        let all = day.bytes.saturating_add(takes);
        let of_source = day.of_source.get(&source).copied().unwrap_or_default().saturating_add(takes);
        if all > UNSIGNED_BYTES_MAX || of_source > UNSIGNED_SOURCE_BYTES_MAX {
            return Err(NoRoom::Unsigned);
        }
        day.bytes = all;
        day.of_source.insert(source, of_source);
        Ok((today, source))
    }

    /// All that waits or is on its way with a signature.
    fn held(&self) -> impl Iterator<Item = &Held> {
        self.waiting.values().chain(self.coming.values())
    }

    /// The piece of an upload is in the folder, and waits for the account that signed for it.
    pub(super) fn arrived(&mut self, upload: UploadId, hash: BlobHash) {
        if let Some(held) = self.coming.remove(&upload) {
            self.waiting.insert(hash, held);
        }
    }

    /// An upload has ended after so many bytes: gives back the room that it still has, and of the day what never came. Else who only says that
    /// a piece is coming would use up the day of everybody; and what did come was read, whatever became of it.
    pub(super) fn ended(&mut self, upload: UploadId, arrived: u64) {
        self.coming.remove(&upload);
        let Some(Unsigned { bytes, counted }) = self.unsigned_coming.remove(&upload) else { return };
        let Some((_, source)) = counted.filter(|(day, _)| *day == self.unsigned.number) else { return };
        if arrived < bytes {
            let never_came = takes_of_day(bytes).saturating_sub(broken_off_takes(arrived));
            self.unsigned.give_back(source, never_came);
        }
    }

    /// A piece waits no longer.
    pub(super) fn ends(&mut self, hash: &BlobHash) {
        self.waiting.remove(hash);
    }

    /// More bytes are kept for good.
    pub(super) fn kept(&mut self, bytes: u64) {
        self.kept = self.kept.saturating_add(bytes);
    }

    /// Bytes that were kept are gone.
    pub(super) fn removed(&mut self, bytes: u64) {
        self.kept = self.kept.saturating_sub(bytes);
    }

    /// Everything that waits: the hash, for whom, and whether it has waited long enough.
    pub(super) fn waiting(&self, now: SystemTime) -> Vec<(BlobHash, String, bool)> {
        let is_old = |held: &Held| now.duration_since(held.since).is_ok_and(|waited| waited >= WAITS);
        self.waiting.iter().map(|(hash, held)| (*hash, held.account.clone(), is_old(held))).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const MIB: u64 = 1 << 20;
    const START: SystemTime = SystemTime::UNIX_EPOCH;
    use Standing::{Known, Newcomer, Staff};

    fn empty(most: u64) -> Pending {
        Pending::found(Vec::new(), |_| Newcomer, 0, most)
    }

    fn hash(number: u64) -> BlobHash {
        let mut hash = [0; 32];
        hash[..8].copy_from_slice(&number.to_be_bytes());
        hash
    }

    fn bringer(account: &str, address: [u8; 4], standing: Standing) -> Bringer {
        let source = Source::of(std::net::IpAddr::from(address));
        Bringer { account: Some(account.to_owned()), source, standing }
    }

    fn unsigned(address: [u8; 4]) -> Bringer {
        Bringer { account: None, ..bringer("", address, Newcomer) }
    }

    /// Brings pieces until there is no room, and says how many there was room for, and why no more.
    fn fill(pending: &mut Pending, bytes: u64, who: &dyn Fn(u64) -> Bringer) -> (u64, NoRoom) {
        for n in 0.. {
            if let Err(why) = pending.begin(bytes, &who(n), START) {
                return (n, why);
            }
        }
        unreachable!("there is room for so many only")
    }

    /// Another address for each hundred.
    fn address(network: u8, n: u64) -> [u8; 4] {
        [10, network, 0, u8::try_from(n / 100).unwrap()]
    }

    #[test]
    fn one_account_one_source_newcomers_and_others_leave_room_for_the_staff() {
        let mut pending = empty(u64::MAX);
        let one = fill(&mut pending, MIB, &|_| bringer("ann", [10, 0, 0, 1], Known));
        assert_eq!(one, (160, NoRoom::Account));
        let many = fill(&mut pending, MIB, &|n| bringer(&format!("n{n}"), [10, 0, 0, 1], Newcomer));
        assert_eq!(many, (160, NoRoom::Source), "half of the source's room is ann's");
        let everywhere = fill(&mut pending, MIB, &|n| bringer(&format!("m{n}"), address(1, n), Newcomer));
        assert_eq!(everywhere, (352, NoRoom::Newcomers));
        let known = fill(&mut pending, MIB, &|n| bringer(&format!("k{n}"), address(2, n), Known));
        assert_eq!(known, (1_536 - 160 - 512, NoRoom::Node));
        let staff = fill(&mut pending, MIB, &|n| bringer(&format!("s{}", n / 100), [10, 0, 0, 1], Staff));
        assert_eq!(staff, (512, NoRoom::Node), "also from a source that is full");
    }

    #[test]
    fn small_pieces_take_no_more_places_than_bytes() {
        let mut pending = empty(u64::MAX);
        let one = fill(&mut pending, 4_112, &|_| bringer("ann", [10, 0, 0, 1], Newcomer));
        assert_eq!(one, (1_280, NoRoom::Account));
        let source = fill(&mut pending, 4_112, &|n| bringer(&format!("n{n}"), [10, 0, 0, 1], Newcomer));
        assert_eq!(source, (1_280, NoRoom::Source));
        let everywhere = fill(&mut pending, 4_112, &|n| bringer(&format!("m{n}"), address(1, n), Newcomer));
        assert_eq!(everywhere, (1_536, NoRoom::Newcomers));
        assert!(pending.begin(4_112, &bringer("bob", [10, 0, 0, 2], Known), START).is_ok());
    }

    #[test]
    fn each_upload_gives_back_its_own_room_alone() {
        let mut pending = empty(u64::MAX);
        let first = pending.begin(MIB, &bringer("ann", [10, 0, 0, 1], Known), START).unwrap();
        let second = pending.begin(MIB, &bringer("bob", [10, 0, 0, 2], Known), START).unwrap();
        assert_eq!((pending.bytes(), pending.coming_bytes()), (2 * MIB, 2 * MIB), "of one piece");
        pending.ended(second, 0);
        assert_eq!(pending.bytes(), MIB);
        pending.arrived(first, hash(1));
        pending.ended(first, 0);
        assert_eq!((pending.bytes(), pending.account_of(&hash(1))), (MIB, Some("ann".to_owned())));
        let old = |pending: &Pending, at| pending.waiting(START + at).iter().filter(|one| one.2).count();
        assert_eq!((old(&pending, WAITS - Duration::from_secs(1)), old(&pending, WAITS)), (0, 1));
        pending.ends(&hash(1));
        assert_eq!((pending.bytes(), pending.pieces()), (0, 0));
    }

    #[test]
    fn what_nobody_signed_for_is_bounded_by_the_day_and_never_waits() {
        let mut pending = empty(u64::MAX);
        let one = fill(&mut pending, MIB, &|_| unsigned([10, 0, 0, 1]));
        assert_eq!(one, (320, NoRoom::Unsigned));
        let all = fill(&mut pending, MIB, &|n| unsigned(address(1, n)));
        assert_eq!(all, (2_048 - 320, NoRoom::Unsigned));
        assert!(pending.begin(MIB, &unsigned([127, 0, 0, 1]), START).is_ok(), "the operator's own");
        let upload = pending.begin(MIB, &unsigned([10, 0, 0, 1]), START + WAITS).unwrap();
        pending.arrived(upload, hash(1));
        assert_eq!((pending.pieces(), pending.account_of(&hash(1))), (0, None));
    }

    #[test]
    fn what_never_came_without_a_signature_takes_nothing_of_the_day() {
        let mut pending = empty(u64::MAX);
        for _ in 0..3_000 {
            let broken_off = pending.begin(MIB, &unsigned([10, 0, 0, 1]), START).unwrap();
            pending.ended(broken_off, 0);
        }
        assert!(pending.unsigned.of_source.is_empty(), "whoever brought nothing is not remembered");
        let on_its_way = pending.begin(MIB, &unsigned([10, 0, 0, 1]), START).unwrap();
        let rest = fill(&mut pending, MIB, &|_| unsigned([10, 0, 0, 1]));
        assert_eq!(rest, (319, NoRoom::Unsigned), "no more is on its way than may come");
        pending.ended(on_its_way, MIB);
        assert_eq!(pending.begin(MIB, &unsigned([10, 0, 0, 1]), START), Err(NoRoom::Unsigned), "that came");
        let of_yesterday = pending.begin(MIB, &unsigned([10, 0, 0, 2]), START).unwrap();
        fill(&mut pending, MIB, &|_| unsigned([10, 0, 0, 3]));
        assert!(pending.begin(MIB, &unsigned([10, 0, 0, 2]), START + WAITS).is_ok());
        pending.ended(of_yesterday, 0);
        assert_eq!(pending.unsigned.bytes, MIB, "nothing of another day is given back");
    }

    #[test]
    fn what_came_of_a_piece_that_was_broken_off_counts_for_the_day() {
        let mut pending = empty(u64::MAX);
        for _ in 0..320 {
            let broken_off = pending.begin(MIB, &unsigned([10, 0, 0, 1]), START).unwrap();
            pending.ended(broken_off, MIB - 1);
        }
        let refused = pending.begin(MIB, &unsigned([10, 0, 0, 1]), START);
        assert_eq!(refused, Err(NoRoom::Unsigned), "320 MiB were read");
        let one_byte = pending.begin(MIB, &unsigned([10, 0, 0, 2]), START).unwrap();
        let before = pending.unsigned.bytes;
        pending.ended(one_byte, 1);
        assert_eq!(before - pending.unsigned.bytes, MIB - BROKEN_OFF_TAKES_MIN, "and so does a single byte");
    }

    #[test]
    fn all_that_is_kept_is_bounded_and_the_last_part_is_the_staffs() {
        let mut pending = empty(80 * MIB);
        pending.kept(50 * MIB);
        let stranger = fill(&mut pending, MIB, &|_| unsigned([10, 0, 0, 1]));
        assert_eq!(stranger, (20, NoRoom::Kept));
        let known = pending.begin(MIB, &bringer("ann", [10, 0, 0, 2], Known), START);
        assert_eq!(known, Err(NoRoom::Kept));
        let staff = fill(&mut pending, MIB, &|_| bringer("admin", [10, 0, 0, 2], Staff));
        assert_eq!(staff, (10, NoRoom::Kept));
        pending.removed(50 * MIB);
        assert!(pending.begin(MIB, &unsigned([10, 0, 0, 1]), START).is_ok());
    }

    #[test]
    fn after_a_restart_newcomers_are_newcomers_still() {
        let found = |number| Waiting { hash: hash(number), account: "ann".into(), bytes: MIB, since: START };
        let mut pending = Pending::found((0..512).map(found).collect(), |_| Newcomer, 0, u64::MAX);
        let refused = pending.begin(MIB, &bringer("bob", [10, 0, 0, 1], Newcomer), START);
        assert_eq!(refused, Err(NoRoom::Newcomers));
    }
}
