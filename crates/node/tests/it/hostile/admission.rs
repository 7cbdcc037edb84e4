//! A node that asks something of accounts which the ledger has never seen, and strangers who would rather not give it.

use prost::Message as _;
use sealdesk_node::admission::AdmissionConfig;
use sealdesk_node::admission::invitations::{Invitations, NewInvitation};
use sealdesk_node::clock::{Clock as _, SystemClock};
use sealdesk_protocol::invitation::InvitationCode;
use sealdesk_protocol::wire::cosmos::base::abci::v1beta1::TxResponse;
use sealdesk_protocol::wire::google::rpc;
use sealdesk_protocol::wire::sealdesk::ledger::v1::{
    Admission, AdmissionReason as Reason, AdmissionRequired, Work, WorkChallenge, admission,
};
use sealdesk_protocol::work::Trial;
use sealdesk_testkit::transaction::attempt;
use tonic::metadata::MetadataValue;

use super::*;

const CODE_REFUSED_IN_A_BLOCK: u32 = 1;
/// Transactions of one address that may come to nothing at once.
const REFUSED: usize = 64;

/// Work that is done in some milliseconds.
fn work() -> AdmissionConfig {
    AdmissionConfig { work: Some(4), work_memory: Some(1), invitations: false }
}

fn invitations() -> AdmissionConfig {
    AdmissionConfig { invitations: true, ..AdmissionConfig::default() }
}

/// The first transaction of an account.
fn first(person: &Person) -> Vec<u8> {
    person.attempt(0, person)
}

fn presenting(presented: admission::Presented) -> Option<Vec<u8>> {
    Some(Admission { presented: Some(presented) }.encode_to_vec())
}

fn done(challenge: &WorkChallenge, nonce: u64) -> Option<Vec<u8>> {
    presenting(admission::Presented::Work(Work { challenge: challenge.challenge.clone(), nonce }))
}

fn shown(code: &str) -> Option<Vec<u8>> {
    presenting(admission::Presented::Invitation(code.to_owned()))
}

/// A nonce that is one, or one that is not.
fn nonce(challenge: &WorkChallenge, right: bool) -> u64 {
    let mut trial = Trial::of_wire(challenge).unwrap();
    (0..).find(|nonce| trial.holds(*nonce) == right).unwrap()
}

/// What a refusal asks for.
fn required(status: &Status) -> AdmissionRequired {
    assert_eq!(status.code(), Code::FailedPrecondition, "{status:?}");
    let details = rpc::Status::decode(status.details()).unwrap().details;
    // Beside it stands what every error of the node has: its domain and code.
    let asked =
        |detail: &&prost_types::Any| detail.type_url.ends_with("/sealdesk.ledger.v1.AdmissionRequired");
    let [detail] = details.iter().filter(asked).collect::<Vec<_>>()[..] else { panic!("{details:?}") };
    AdmissionRequired::decode(detail.value.as_slice()).unwrap()
}

#[tokio::test(flavor = "multi_thread")]
async fn an_address_whose_transactions_come_to_nothing_is_sent_away_and_late() {
    let desk = Desk::start().await;
    let bad = |n: usize| {
        let mut tx = Person::number(0).appoint(0, &Person::number(u16::try_from(n + 1).unwrap()));
        let last = tx.len() - 1;
        tx[last] ^= 1;
        tx
    };
    let (stranger, own) = (desk.client(stranger(1)).await, desk.client(OWN).await);
    let mut answered = 0;
    let (away, late) = loop {
        let begun = std::time::Instant::now();
        match stranger.broadcast(bad(answered)).await {
            Ok(code) => assert_eq!(code, 4, "the signature is not good"),
            Err(away) => break (away, begun.elapsed()),
        }
        answered += 1;
        assert!(answered < 40 * REFUSED, "it is never sent away");
    };
    assert!(answered >= REFUSED, "{answered}");
    says_when_to_come_back(&away);
    assert!(late >= std::time::Duration::from_millis(400), "{late:?}");
    // Nobody else notices, and good ones count for nothing.
    for n in 0..2 * REFUSED {
        assert_eq!(own.broadcast(bad(n)).await.unwrap(), 4);
    }
    let honest = desk.client(HONEST).await;
    let person = Person::number(7);
    for sequence in 0..=u64::try_from(REFUSED).unwrap() {
        assert_eq!(honest.broadcast(person.attempt(sequence, &person)).await.unwrap(), 1, "it is in a block");
    }
}

impl Client {
    async fn present(&self, tx_bytes: Vec<u8>, admission: Option<Vec<u8>>) -> Result<TxResponse, Status> {
        let mut request = Request::new(BroadcastTxRequest { tx_bytes, mode: BroadcastMode::Block.into() });
        if let Some(admission) = admission {
            request
                .metadata_mut()
                .insert_bin("sealdesk-admission-bin", MetadataValue::from_bytes(&admission));
        }
        let mut grpc = Grpc::new(self.0.clone());
        grpc.ready().await.map_err(|error| Status::unavailable(error.to_string()))?;
        let codec = tonic_prost::ProstCodec::<BroadcastTxRequest, BroadcastTxResponse>::default();
        let answer = grpc.unary(request, BROADCAST.parse().unwrap(), codec).await?;
        Ok(answer.into_inner().tx_response.unwrap())
    }

    /// Asks to be let in with nothing to show.
    async fn asked_of(&self, person: &Person) -> AdmissionRequired {
        let required = required(&self.present(first(person), None).await.unwrap_err());
        assert_eq!(required.reason(), Reason::NewAccount);
        required
    }

    async fn challenged(&self, person: &Person) -> WorkChallenge {
        self.asked_of(person).await.work.unwrap()
    }

    /// Works, as somebody does who means well.
    async fn comes_in_by_work(&self, person: &Person) {
        let challenge = self.challenged(person).await;
        let response = self.present(first(person), done(&challenge, nonce(&challenge, true))).await.unwrap();
        assert_eq!((response.code, response.height > 0), (CODE_REFUSED_IN_A_BLOCK, true), "{response:?}");
    }

    async fn reason(&self, person: &Person, presented: Option<Vec<u8>>) -> Reason {
        required(&self.present(first(person), presented).await.unwrap_err()).reason()
    }
}

impl Desk {
    fn invitations(&self) -> Invitations {
        Invitations::of(self._dir.path())
    }

    fn invite(&self, uses: u32) -> String {
        let new = NewInvitation { label: String::new(), uses, days: 1 };
        let (_, code) = self.invitations().make(&new, SystemClock::default().now() / 1_000).unwrap();
        code.reveal().to_string()
    }

    fn let_in(&self) -> usize {
        self.invitations().list().unwrap().into_iter().map(|made| made.unwrap().accounts.len()).sum()
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_new_account_comes_in_by_work_once_and_is_known_from_then_on() {
    let desk = Desk::asking(work()).await;
    let client = desk.client(HONEST).await;
    let (new, admin) = (Person::number(7), Person::number(0));
    assert_eq!(
        client.broadcast(admin.appoint(0, &Person::number(1))).await.unwrap(),
        0,
        "who is known works not"
    );
    client.comes_in_by_work(&new).await;
    let again = client.present(new.attempt(1, &new), None).await.unwrap();
    assert!(again.height > 0, "{again:?}");
    let appointed = client.present(Person::number(1).attempt(0, &new), None).await.unwrap();
    assert!(appointed.height > 0, "who has a role is known: {appointed:?}");
    let own = desk.client(OWN).await;
    own.asked_of(&Person::number(8)).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn forged_foreign_and_replayed_work_lets_nobody_in() {
    let desk = Desk::asking(work()).await;
    let other = Desk::asking(work()).await;
    let client = desk.client(HONEST).await;
    let (one, two) = (Person::number(7), Person::number(8));
    let challenge = client.challenged(&one).await;
    let right = nonce(&challenge, true);
    let wrong = done(&challenge, nonce(&challenge, false));
    assert_eq!(client.reason(&one, wrong).await, Reason::WorkWrong);
    let of_another_node = other.client(HONEST).await.challenged(&one).await;
    let easier = WorkChallenge { difficulty: 1, ..challenge.clone() };
    let forged = WorkChallenge { challenge: vec![0; 32], ..challenge.clone() };
    let short = WorkChallenge { challenge: vec![0; 3], ..challenge.clone() };
    for (who, presented) in [
        (&two, done(&challenge, right)),
        (&one, done(&of_another_node, nonce(&of_another_node, true))),
        (&one, done(&forged, nonce(&forged, true))),
        (&one, done(&short, 0)),
    ] {
        assert_eq!(client.reason(who, presented).await, Reason::ChallengeOver);
    }
    // What it costs is this node's word, whatever somebody made of it.
    let cheap = (0..).find(|n| *n != right && !Trial::of_wire(&challenge).unwrap().holds(*n)).unwrap();
    assert!(Trial::of_wire(&easier).unwrap().holds(cheap));
    assert_eq!(client.reason(&one, done(&easier, cheap)).await, Reason::WorkWrong);
    // The work is for one transaction: a second one waits until the first is in a block, and needs none then.
    let second = one.attempt(1, &two);
    let response = client.present(second.clone(), done(&challenge, right)).await.unwrap();
    assert_eq!((response.codespace.as_str(), response.code), ("sdk", 32));
    assert!(client.present(first(&one), done(&challenge, right)).await.unwrap().height > 0);
    let replayed = client.present(first(&one), done(&challenge, right)).await.unwrap();
    assert!(replayed.height > 0, "the same bytes have the same outcome");
    assert!(client.present(second, None).await.unwrap().height > 0);
    assert_eq!(client.reason(&two, done(&challenge, right)).await, Reason::ChallengeOver);
}

#[tokio::test(flavor = "multi_thread")]
async fn nobody_works_for_what_would_be_refused_anyway_and_nobody_brings_others_in() {
    let desk = Desk::asking(work()).await;
    let client = desk.client(HONEST).await;
    let (one, two, admin) = (Person::number(7), Person::number(8), Person::number(0));
    let forbidden = client.present(one.appoint(0, &two), None).await.unwrap();
    assert_ne!((forbidden.code, forbidden.height), (0, 0), "{forbidden:?}");
    assert_eq!(forbidden.height, 0, "before any block");
    let mut spoilt = first(&one);
    let last = spoilt.len() - 1;
    spoilt[last] ^= 1;
    assert_eq!(client.present(spoilt, None).await.unwrap().code, 4);
    for signers in [[(&admin, 0), (&one, 0)], [(&one, 0), (&two, 0)]] {
        let messages = [attempt(signers[0].0, &two), attempt(signers[1].0, &two)];
        let together = Person::sign_together(&signers, &messages);
        let status = client.present(together, None).await.unwrap_err();
        assert_eq!(required(&status).reason(), Reason::NotAlone);
    }
    let garbage = client.present(first(&one), Some(vec![0xff; 40])).await.unwrap_err();
    assert_eq!(garbage.code(), Code::InvalidArgument);
    let unasked = client.present(first(&one), shown("zzzzz-zzzzz-zzzzz-zzzzz-zzzzzw")).await.unwrap_err();
    assert_eq!(required(&unasked).reason(), Reason::InvitationUnknown);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_flood_of_bad_work_does_not_keep_an_honest_newcomer_out() {
    const FLOODERS: u8 = 8;
    let desk = Desk::asking(work()).await;
    let (stop, mut floods) = (std::sync::Arc::new(std::sync::atomic::AtomicBool::new(false)), Vec::new());
    for number in 1..=FLOODERS {
        let (client, stop) = (desk.client(stranger(number)).await, stop.clone());
        let person = Person::number(100 + u16::from(number));
        floods.push(tokio::spawn(async move {
            let challenge = client.challenged(&person).await;
            let bad = done(&challenge, nonce(&challenge, false));
            let (mut tried, mut sent_away) = (0u32, 0u32);
            // Each of them goes on until it has been sent away at least once.
            while sent_away == 0 || !stop.load(std::sync::atomic::Ordering::Relaxed) {
                match client.present(first(&person), bad.clone()).await {
                    Err(status) if status.code() == Code::FailedPrecondition => tried += 1,
                    Err(status) => {
                        says_when_to_come_back(&status);
                        sent_away += 1;
                    }
                    Ok(response) => {
                        assert_eq!((response.codespace.as_str(), response.code), ("sdk", 20));
                        sent_away += 1;
                    }
                }
            }
            (tried, sent_away)
        }));
    }
    let honest = desk.client(HONEST).await;
    for number in 0..3 {
        honest.is_answered().await;
        honest.comes_in_by_work(&Person::number(200 + number)).await;
    }
    let known = honest.broadcast(Person::number(0).appoint(0, &Person::number(1))).await;
    assert_eq!(known.unwrap(), 0);
    // An address has its budget of tries, and not more, however long it goes on.
    until("the flood to be sent away", async || {
        honest.is_answered().await;
        let checks = desk.held("work_checks");
        assert!(checks <= u64::from(FLOODERS), "{checks} checks wait");
        if checks == 0 { Ok(()) } else { Err(checks) }
    })
    .await;
    stop.store(true, std::sync::atomic::Ordering::Relaxed);
    for flood in floods {
        let (tried, sent_away) = flood.await.unwrap();
        assert!(tried > 0 && sent_away > 0, "{tried} tried, {sent_away} sent away");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn an_invitation_lets_in_so_many_accounts_and_a_crash_takes_none_away() {
    let desk = Desk::asking(invitations()).await;
    let client = desk.client(HONEST).await;
    let code = desk.invite(2);
    let (one, two, three) = (Person::number(7), Person::number(8), Person::number(9));
    let asked = client.asked_of(&one).await;
    assert!(asked.invitations && asked.work.is_none());
    assert!(client.present(first(&one), shown(&code)).await.unwrap().height > 0);
    // Counted by a process that ended before it handed the transaction on: the account comes again, and is one.
    let known = InvitationCode::parse(&code).unwrap();
    desk.invitations().accept(&known, &two.address, SystemClock::default().now() / 1_000).unwrap();
    assert_eq!(client.reason(&three, shown(&code)).await, Reason::InvitationUsedUp);
    assert!(client.present(first(&two), shown(&code.to_uppercase())).await.unwrap().height > 0);
    assert_eq!(desk.let_in(), 2);
    assert!(client.present(one.attempt(1, &two), None).await.unwrap().height > 0, "who is known needs none");
    let id = desk.invitations().list().unwrap().remove(0).unwrap().id;
    desk.invitations().revoke(&id).unwrap();
    assert_eq!(client.reason(&three, shown(&code)).await, Reason::InvitationUnknown);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_refused_transaction_spends_no_invitation() {
    let desk = Desk::asking(invitations()).await;
    let client = desk.client(HONEST).await;
    let code = desk.invite(1);
    let one = Person::number(7);
    let forbidden = client.present(one.appoint(0, &one), shown(&code)).await.unwrap();
    assert!(forbidden.code != 0 && forbidden.height == 0, "{forbidden:?}");
    assert_eq!(desk.let_in(), 0);
    assert!(client.present(first(&one), shown(&code)).await.unwrap().height > 0);
    assert_eq!(desk.let_in(), 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn wrong_codes_have_to_wait_and_others_with_a_right_one_do_not() {
    let desk = Desk::asking(invitations()).await;
    let code = desk.invite(1);
    let guesser = desk.client(stranger(1)).await;
    let one = Person::number(7);
    let mut unknown = 0;
    let sent_away = loop {
        let guess = InvitationCode::of([u8::try_from(unknown).unwrap(); 16].into()).reveal();
        match guesser.present(first(&one), shown(&guess)).await.unwrap_err() {
            status if status.code() == Code::ResourceExhausted => break status,
            status => assert_eq!(required(&status).reason(), Reason::InvitationUnknown),
        }
        unknown += 1;
        assert!(unknown <= 5, "and still one more");
    };
    says_when_to_come_back(&sent_away);
    assert_eq!(unknown, 5);
    let right = guesser.present(first(&one), shown(&code)).await.unwrap_err();
    says_when_to_come_back(&right);
    let honest = desk.client(HONEST).await;
    assert!(honest.present(first(&one), shown(&code)).await.unwrap().height > 0);
}
