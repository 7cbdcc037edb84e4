use std::collections::BTreeSet;

use proptest::prelude::*;
use sealdesk_protocol::ids::Prefix;

use super::*;

const NOW: i64 = 1_700_000_000;

struct Desk {
    invitations: Invitations,
    dir: tempfile::TempDir,
}

impl Desk {
    fn new() -> Self {
        let dir = tempfile::tempdir().unwrap();
        Self { invitations: Invitations::of(dir.path()), dir }
    }

    /// The same home in a process that begins anew.
    fn again(&self) -> Invitations {
        Invitations::of(self.dir.path())
    }

    fn make(&self, uses: u32) -> (Invitation, InvitationCode) {
        let new = NewInvitation { label: "the office".to_owned(), uses, days: 7 };
        self.invitations.make(&new, NOW).unwrap()
    }

    fn listed(&self) -> Vec<Invitation> {
        self.again().list().unwrap().into_iter().map(Result::unwrap).collect()
    }
}

fn account(number: u8) -> Address {
    Address::of_public_key(&Prefix::parse(Prefix::DEFAULT).unwrap(), &[number; 33])
}

#[test]
fn a_code_lets_in_so_many_accounts_and_each_of_them_once() {
    let desk = Desk::new();
    let (made, code) = desk.make(2);
    for again in 0..3 {
        desk.again().accept(&code, &account(1), NOW + again).unwrap();
    }
    assert_eq!(desk.listed()[0].accounts, [account(1).to_string()]);
    desk.invitations.accept(&code, &account(2), NOW).unwrap();
    let refused = desk.again().accept(&code, &account(3), NOW);
    assert!(matches!(refused, Err(InvitationError::UsedUp)), "{refused:?}");
    desk.again().accept(&code, &account(1), NOW).unwrap();
    assert_eq!((desk.listed().len(), desk.listed()[0].id.as_str()), (1, made.id.as_str()));
}

#[test]
fn a_code_that_is_over_revoked_or_of_another_home_lets_nobody_in() {
    let desk = Desk::new();
    let (made, code) = desk.make(1);
    let refused = desk.invitations.accept(&code, &account(1), made.expires + 1);
    assert!(matches!(refused, Err(InvitationError::Expired)), "{refused:?}");
    desk.invitations.accept(&code, &account(1), made.expires).unwrap();
    let (_, foreign) = Desk::new().make(1);
    let refused = desk.invitations.accept(&foreign, &account(1), NOW);
    assert!(matches!(refused, Err(InvitationError::Unknown)), "{refused:?}");
    desk.invitations.revoke(&made.id).unwrap();
    let refused = desk.again().accept(&code, &account(1), NOW);
    assert!(matches!(refused, Err(InvitationError::Unknown)), "{refused:?}");
    for id in [made.id.as_str(), "", "../../genesis", "zzzzzzzzzzzz"] {
        assert!(matches!(desk.invitations.revoke(id), Err(InvitationError::Unknown)), "{id}");
    }
    assert!(desk.listed().is_empty());
}

#[test]
fn neither_the_files_nor_what_is_printed_holds_a_code() {
    use std::os::unix::fs::PermissionsExt as _;
    let desk = Desk::new();
    let (_, code) = desk.make(1);
    desk.invitations.accept(&code, &account(1), NOW).unwrap();
    let secret = code.reveal();
    for entry in std::fs::read_dir(desk.dir.path().join("invitations")).unwrap() {
        let path = entry.unwrap().path();
        let text = std::fs::read_to_string(&path).unwrap();
        assert!(!text.contains(secret.as_str()) && !text.contains(&secret.replace('-', "")), "{text}");
        assert_eq!(std::fs::metadata(&path).unwrap().permissions().mode() & 0o077, 0);
    }
    assert!(!format!("{:?}", desk.invitations).contains(&secret[..5]));
}

#[test]
fn what_cannot_be_read_lets_nobody_in_and_is_one_of_many() {
    let desk = Desk::new();
    let (made, code) = desk.make(1);
    let (_, other) = desk.make(1);
    desk.invitations.accept(&code, &account(1), NOW).unwrap();
    let file = desk.dir.path().join("invitations").join(format!("{}.accounts", made.id));
    std::fs::write(&file, b"[\"virt").unwrap();
    let refused = desk.invitations.accept(&code, &account(2), NOW);
    assert!(matches!(refused, Err(InvitationError::Damaged(_))), "{refused:?}");
    desk.invitations.accept(&other, &account(2), NOW).unwrap();
    let listed = desk.invitations.list().unwrap();
    assert_eq!((listed.len(), listed.iter().filter(|listed| listed.is_ok()).count()), (2, 1));
}

/// A crash at each moment of counting: what `replace` leaves is a half-written file beside the one that is there, or the new one.
#[test]
fn a_crash_gives_no_use_back_and_takes_none_from_the_customer() {
    let desk = Desk::new();
    let (made, code) = desk.make(1);
    let half = desk.dir.path().join("invitations").join(format!("{}.new", made.id));
    std::fs::write(&half, b"[\"virtengine1").unwrap();
    assert!(desk.listed()[0].accounts.is_empty(), "nothing was handed on yet, and nothing is counted");
    desk.again().accept(&code, &account(1), NOW).unwrap();
    // Now it is counted, and the process ends before the transaction is handed on.
    desk.again().accept(&code, &account(1), NOW).unwrap();
    let refused = desk.again().accept(&code, &account(2), NOW);
    assert!(matches!(refused, Err(InvitationError::UsedUp)), "{refused:?}");
}

#[test]
fn what_is_out_of_bounds_is_not_made() {
    let desk = Desk::new();
    let fits = NewInvitation { label: String::new(), uses: 1, days: 1 };
    for new in [
        NewInvitation { uses: 0, ..fits.clone() },
        NewInvitation { uses: 1_001, ..fits.clone() },
        NewInvitation { days: 0, ..fits.clone() },
        NewInvitation { days: 366, ..fits.clone() },
        NewInvitation { label: "x".repeat(usize::try_from(LABEL_BYTES_MAX).unwrap() + 1), ..fits.clone() },
    ] {
        assert!(
            matches!(desk.invitations.make(&new, NOW), Err(InvitationError::OutOfRange { .. })),
            "{new:?}"
        );
    }
    assert!(desk.listed().is_empty());
    desk.invitations.make(&fits, NOW).unwrap();
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(32))]
    #[test]
    fn a_code_never_lets_in_more_accounts_than_it_may(
        uses in 1u32..4,
        comers in proptest::collection::vec((0u8..6, any::<bool>()), 1..20),
    ) {
        let desk = Desk::new();
        let (_, code) = desk.make(uses);
        let mut process = desk.again();
        let mut accepted = BTreeSet::new();
        for (number, restarts) in comers {
            if restarts {
                process = desk.again();
            }
            let may = accepted.contains(&number) || accepted.len() < usize::try_from(uses).unwrap();
            prop_assert_eq!(process.accept(&code, &account(number), NOW).is_ok(), may);
            if may {
                accepted.insert(number);
            }
        }
        prop_assert_eq!(desk.listed()[0].accounts.len(), accepted.len());
    }
}
