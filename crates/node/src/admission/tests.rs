use sealdesk_protocol::ids::Prefix;

use super::invitations::NewInvitation;
use super::*;

/// As many networks as a meter remembers, and some more.
const NETWORKS: u32 = 4_200;

fn account(number: u8) -> Address {
    Address::of_public_key(&Prefix::parse(Prefix::DEFAULT).unwrap(), &[number; 33])
}

fn network(number: u32) -> Source {
    Source::of((0x0a00_0000 + number).to_be_bytes().into())
}

fn wrong_code() -> InvitationCode {
    InvitationCode::of([7; 16].into())
}

#[tokio::test(start_paused = true)]
async fn however_many_networks_guess_codes_an_honest_one_has_its_own_try() {
    let home = tempfile::tempdir().unwrap();
    let metrics = Metrics::solo(&sealdesk_testkit::chain_id());
    let config = AdmissionConfig { invitations: true, ..AdmissionConfig::default() };
    let door = Door::new(&config, home.path(), &sealdesk_testkit::chain_id(), &metrics).unwrap();
    let new = NewInvitation { label: String::new(), uses: 1, days: 1 };
    let now = SystemClock::default().now() / 1_000;
    let (_, code) = Invitations::of(home.path()).make(&new, now).unwrap();
    let mut sent_away = 0;
    for number in 0..NETWORKS {
        for _ in 0..2 {
            match door.invite(&account(1), wrong_code(), network(number)).await {
                Err(NotAdmitted::TooOften(..)) => sent_away += 1,
                Err(NotAdmitted::Required(..)) => {}
                other => panic!("{other:?}"),
            }
        }
    }
    assert!(sent_away > 0, "what all of them have together is spent");
    let own = door.invite(&account(2), code, network(NETWORKS)).await;
    assert!(own.is_ok(), "{own:?}");
    let guess = door.invite(&account(3), wrong_code(), network(NETWORKS)).await;
    assert!(matches!(guess, Err(NotAdmitted::Required(..))), "a right code costs no try: {guess:?}");
    let second = door.invite(&account(3), wrong_code(), network(NETWORKS)).await;
    assert!(
        matches!(second, Err(NotAdmitted::TooOften(..))),
        "who guessed wrong waits with the others: {second:?}"
    );
}
