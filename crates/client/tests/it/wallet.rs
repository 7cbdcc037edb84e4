//! An account whose key is in a wallet: what it signs is sent, and whatever else a wallet does sends nothing.

use std::sync::{Arc, Mutex};

use sealdesk_client::Error;
use sealdesk_client::actor::{Actor, Phrase, PhraseLength};
use sealdesk_client::compose::{ComposeError, sign_text};
use sealdesk_client::desk::Desk;
use sealdesk_client::messages::{NewResponse, NewTicket};
use sealdesk_client::outcome::Outcome;
use sealdesk_client::wallet::{Answer, Asked, TIMEOUT_BLOCKS, ToSign, Wallet, WalletError};
use sealdesk_envelope::AccountSecret;
use sealdesk_protocol::ids::Address;
use sealdesk_protocol::state::tree;
use sealdesk_protocol::tx::Tx;
use sealdesk_protocol::wire::sealdesk::ledger::v1 as ledger;
use serde_json::{Value, json};
use sha2::{Digest as _, Sha256};

use crate::world::{FakeNode, Fault, Shared, chain_id, people, prefix, read};

/// What a wallet does with what it is asked.
#[derive(Debug, Clone, Copy)]
enum Does {
    /// Signs it.
    Signs,
    /// The person says no.
    Refuses,
    /// Signs with the key of another account, and says so.
    WithAnotherKey,
    /// Signs with another key, and says that it was the right one.
    WithAnotherKeyInSecret,
    /// Changes a transaction by this, and signs that.
    Changes(fn(&mut Value)),
    /// Signs another text.
    AnotherText,
    /// Gives something of another length.
    Nonsense,
    /// Takes so many seconds.
    Takes(i64),
    /// The same, and blocks are made meanwhile.
    TakesWhileBlocksCome(i64),
}

/// Keplr, as far as it signs: what it strikes out of a document it does not sign.
struct FakeWallet {
    secret: AccountSecret,
    other: AccountSecret,
    does: Mutex<Vec<Does>>,
    asked: Mutex<Vec<String>>,
    shared: Shared,
}

/// The fields of a document that Keplr knows; it drops all others before it signs.
const KNOWN: [&str; 7] = ["account_number", "chain_id", "fee", "memo", "msgs", "sequence", "timeout_height"];

fn secret(seed: u8) -> AccountSecret {
    AccountSecret::take(&mut [seed; 32]).unwrap()
}

impl Wallet for FakeWallet {
    fn sign<'a>(&'a self, signer: &'a Address, asked: ToSign<'a>) -> Asked<'a> {
        let does = self.does.lock().unwrap().pop().unwrap_or(Does::Signs);
        let said = match asked {
            ToSign::Text(text) => text.to_owned(),
            ToSign::Tx { document, .. } => document.to_owned(),
        };
        self.asked.lock().unwrap().push(said);
        Box::pin(async move { self.answer(signer, asked, does) })
    }
}

impl FakeWallet {
    fn answer(&self, signer: &Address, asked: ToSign<'_>, does: Does) -> Result<Answer, WalletError> {
        let key = match does {
            Does::WithAnotherKey | Does::WithAnotherKeyInSecret => &self.other,
            _ => &self.secret,
        };
        let signature = match asked {
            ToSign::Text(_) if matches!(does, Does::AnotherText) => {
                sign_text(key, signer, "another text").unwrap()
            }
            ToSign::Text(text) => sign_text(key, signer, text).unwrap(),
            ToSign::Tx { document, chain_id } => {
                assert_eq!(chain_id.as_str(), crate::world::CHAIN_ID);
                let mut read: Value = serde_json::from_str(document).unwrap();
                read.as_object_mut().unwrap().retain(|name, _| KNOWN.contains(&name.as_str()));
                if let Does::Changes(change) = does {
                    change(&mut read);
                }
                // Keys sorted, no spaces, and escaped, as Keplr writes it.
                let text =
                    read.to_string().replace('&', "\\u0026").replace('<', "\\u003c").replace('>', "\\u003e");
                key.sign_digest(&Sha256::digest(text).into()).unwrap()
            }
        };
        let said = if matches!(does, Does::WithAnotherKey) { &self.other } else { &self.secret };
        match does {
            Does::Refuses => return Err(WalletError::Refused),
            Does::Nonsense => {
                return Ok(Answer { public_key: said.public_key().to_vec(), signature: vec![1; 63] });
            }
            Does::Takes(seconds) => self.shared.pass(seconds),
            Does::TakesWhileBlocksCome(seconds) => {
                self.shared.pass(seconds);
                let mut world = self.shared.lock();
                world.behind -= seconds;
                world.change(|_| {});
            }
            _ => {}
        }
        Ok(Answer { public_key: said.public_key().to_vec(), signature: signature.to_vec() })
    }

    /// What the wallet does with the next questions, in their order.
    fn next(&self, does: &[Does]) {
        *self.does.lock().unwrap() = does.iter().rev().copied().collect();
    }

    fn take_asked(&self) -> Vec<String> {
        std::mem::take(&mut self.asked.lock().unwrap())
    }
}

struct Scene {
    shared: Shared,
    desk: Desk<FakeNode>,
    wallet: Arc<FakeWallet>,
    me: Actor,
    phrase: Phrase,
}

async fn scene() -> Scene {
    let shared = Shared::new();
    let desk = shared.desk().await;
    let wallet = Arc::new(FakeWallet {
        secret: secret(41),
        other: secret(42),
        does: Mutex::default(),
        asked: Mutex::default(),
        shared: shared.clone(),
    });
    let phrase = Phrase::generate(PhraseLength::Twelve, &mut crate::world::people::rng(43)).unwrap();
    let me = Actor::with_wallet(&phrase, wallet.secret.public_key(), wallet.clone());
    Scene { shared, desk, wallet, me, phrase }
}

impl Scene {
    async fn writes(&self) -> Result<Outcome, Error> {
        let ticket = NewTicket::new("technical", "It does <not> start & \"how\" ü", "Since this morning.");
        self.desk.create_ticket(&self.me, &ticket).await
    }
}

fn wallet_error(result: Result<Outcome, Error>) -> WalletError {
    match result {
        Err(Error::Compose(ComposeError::Wallet(error))) => error,
        other => panic!("{other:?}"),
    }
}

#[tokio::test]
async fn a_customer_writes_and_answers_and_their_wallet_signs() {
    let Scene { shared, desk, wallet, me, phrase } = &scene().await;
    let address = me.address(&prefix());
    assert_eq!(address, Address::of_public_key(&prefix(), &wallet.secret.public_key()));
    assert_ne!(
        address,
        Actor::of(phrase).unwrap().address(&prefix()),
        "the phrase's own account is not used"
    );
    let ticket = NewTicket::new("technical", "It does not start", "Since this morning.");
    let outcome = desk.create_ticket(me, &ticket).await.unwrap();
    assert!(outcome.proven);
    let id = outcome.ticket_id.unwrap();
    // Once for the key, in words, and once for the transaction, as JSON.
    let asked = wallet.take_asked();
    let [text, document] = &asked[..] else { panic!("{asked:?}") };
    assert!(text.contains(address.as_str()) && text.contains(crate::world::CHAIN_ID), "{text}");
    let document: Value = serde_json::from_str(document).unwrap();
    assert_eq!(document["fee"], json!({ "amount": [], "gas": "0" }));
    assert_eq!(document["memo"], "");
    assert_eq!(document["msgs"][1]["type"], "support/MsgCreateTicket");
    assert!(!document.to_string().contains("It does not start"), "nothing that is sealed is shown");
    let keys: ledger::KeyList = read(shared.lock().state(), &tree::keys(&address));
    assert_eq!(keys.keys.len(), 1);

    desk.respond(me, id, &NewResponse::new("It is the red one.")).await.unwrap();
    assert_eq!(wallet.take_asked().len(), 1, "the key is known by now");
    let seen = desk.read(&people().admin, id).await.unwrap();
    let texts: Vec<_> = seen.messages.iter().map(|message| message.text()).collect();
    assert_eq!(texts, [Some("Since this morning."), Some("It is the red one.")]);
    // The words alone open it, whoever has the account.
    let restored = Actor::with_wallet(phrase, wallet.secret.public_key(), wallet.clone());
    assert!(desk.read(&restored, id).await.unwrap().messages[1].text().is_some());
    assert_eq!(wallet.take_asked(), Vec::<String>::new(), "reading asks nobody");
}

#[tokio::test]
async fn a_wallet_s_transaction_is_bounded_by_a_height_since_wallets_strike_times_out() {
    let scene = scene().await;
    scene.writes().await.unwrap();
    let document: Value = serde_json::from_str(&scene.wallet.take_asked()[1]).unwrap();
    assert_eq!(document.get("timeout_timestamp"), None);
    let last: u64 = document["timeout_height"].as_str().unwrap().parse().unwrap();
    let world = scene.shared.lock();
    assert!((TIMEOUT_BLOCKS..=TIMEOUT_BLOCKS + world.height()).contains(&last), "{last}");
    let sent = Tx::decode(&world.sent[0], &prefix()).unwrap();
    assert_eq!((sent.timeout_height(), sent.timeout()), (last, None));
    sent.verify(&chain_id()).unwrap();
}

#[tokio::test]
async fn whatever_else_a_wallet_answers_sends_nothing() {
    let fee: fn(&mut Value) = |document| {
        document["fee"] = json!({ "amount": [{ "amount": "0", "denom": "seal" }], "gas": "200000" });
    };
    let memo: fn(&mut Value) = |document| document["memo"] = "from my wallet".into();
    let sequence: fn(&mut Value) = |document| document["sequence"] = "7".into();
    let message: fn(&mut Value) = |document| document["msgs"][1]["value"]["category"] = "billing".into();
    let scene = scene().await;
    let address = scene.me.address(&prefix());
    let (another, changed) = (WalletError::AnotherAccount(address), WalletError::SomethingElse);
    // Of the text by which the key is registered, and then of the transaction.
    let at_text = [
        (Does::Refuses, WalletError::Refused),
        (Does::WithAnotherKey, another.clone()),
        (Does::WithAnotherKeyInSecret, changed.clone()),
        (Does::AnotherText, changed.clone()),
        (Does::Nonsense, changed.clone()),
    ];
    for (does, expected) in at_text {
        scene.wallet.next(&[does]);
        assert_eq!(wallet_error(scene.writes().await), expected, "{does:?}");
        assert_eq!(scene.wallet.take_asked().len(), 1, "{does:?}: it is asked for nothing after that");
    }
    let at_transaction = [
        (Does::Refuses, WalletError::Refused),
        (Does::WithAnotherKey, another),
        (Does::WithAnotherKeyInSecret, changed.clone()),
        (Does::Changes(fee), changed.clone()),
        (Does::Changes(memo), changed.clone()),
        (Does::Changes(sequence), changed.clone()),
        (Does::Changes(message), changed.clone()),
        (Does::Nonsense, changed),
        (Does::Takes(610), WalletError::TooLate),
    ];
    for (n, (does, expected)) in at_transaction.into_iter().enumerate() {
        // The text was signed the first time, and is not asked for again.
        let all = [Does::Signs, does];
        scene.wallet.next(if n == 0 { &all } else { &all[1..] });
        assert_eq!(wallet_error(scene.writes().await), expected, "{does:?}");
        assert!(scene.shared.lock().sent.is_empty(), "{does:?}: nothing was sent");
        let told = expected.to_string();
        assert!(told.contains("nothing was sent"), "{told}");
    }
    assert_eq!(scene.shared.lock().tickets(), 0);
}

#[tokio::test]
async fn an_answer_within_ten_minutes_is_in_time() {
    let scene = scene().await;
    scene.wallet.next(&[Does::Signs, Does::Takes(290)]);
    scene.writes().await.unwrap();
}

#[tokio::test]
async fn what_is_composed_again_asks_again_and_the_key_s_text_once() {
    let scene = scene().await;
    scene.shared.lock().script = [Fault::NewReader].into();
    scene.writes().await.unwrap();
    let asked = scene.wallet.take_asked();
    let documents = asked.iter().filter(|said| said.starts_with('{')).count();
    assert_eq!((asked.len(), documents), (3, 2), "{asked:?}");
    assert_eq!(scene.shared.lock().tickets(), 1);
}

#[tokio::test]
async fn whoever_does_not_sign_again_hears_that_the_first_may_still_arrive() {
    for does in [Does::Refuses, Does::Nonsense, Does::Takes(610)] {
        let scene = scene().await;
        scene.shared.lock().script = [Fault::NewReader].into();
        scene.wallet.next(&[Does::Signs, Does::Signs, does]);
        let told = wallet_error(scene.writes().await);
        let WalletError::StillUnderway(first) = told else { panic!("{does:?}: {told:?}") };
        assert_eq!(scene.shared.lock().sent.len(), 1, "{does:?}");
        assert!(told.to_string().contains(&first.to_string()));
    }
}

#[tokio::test]
async fn who_reads_the_keys_text_for_long_is_not_asked_for_it_twice() {
    let scene = scene().await;
    scene.wallet.next(&[Does::TakesWhileBlocksCome(400), Does::Signs]);
    scene.writes().await.unwrap();
    assert_eq!(scene.wallet.take_asked().len(), 2);
}

#[tokio::test]
async fn nothing_takes_the_key_of_a_wallet() {
    let scene = scene().await;
    assert_eq!(scene.me.account().err(), Some(WalletError::KeyElsewhere));
    assert!(scene.me.has_wallet() && !people().customer.has_wallet());
}
