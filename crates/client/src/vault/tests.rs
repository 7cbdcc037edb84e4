//! A vault opens for whoever has one of its keys, as what it is, and for nobody else.

use rand_core::UnwrapErr;
use sealdesk_envelope::{Phrase, PhraseLength};
use serde_json::Value;

use super::*;

type Rng = UnwrapErr<getrandom::SysRng>;

const PASSPHRASE: &str = "a passphrase of somebody's";

fn made() -> (Vault, String) {
    let phrase = Phrase::generate(PhraseLength::Twelve, &mut Rng::default()).unwrap();
    let words = phrase.reveal().to_string();
    (Vault::make(&phrase, PASSPHRASE, &mut Rng::default()).unwrap(), words)
}

fn words(vault: &Vault) -> String {
    vault.phrase().unwrap().reveal().to_string()
}

#[test]
fn every_way_leads_to_the_same_phrase() {
    let (mut vault, phrase) = made();
    vault.add_passkey("Y3JlZA", &[7; 32], &mut Rng::default()).unwrap();
    let document = vault.document();
    assert_eq!(Vault::passkeys(&document), ["Y3JlZA"]);
    assert_eq!(words(&Vault::unlock(&document, PASSPHRASE).unwrap()), phrase);
    assert_eq!(words(&Vault::unlock_with_passkey(&document, "Y3JlZA", &[7; 32]).unwrap()), phrase);
    let [here, there] = vault.split(&mut Rng::default()).unwrap();
    assert_eq!(words(&Vault::resume(&document, &here, &there).unwrap()), phrase);
    assert!(
        !document.contains(phrase.split(' ').next_back().unwrap()),
        "no word of it stands in the document"
    );
}

#[test]
fn the_key_of_a_wallet_s_account_stays_with_the_words() {
    for length in [PhraseLength::Twelve, PhraseLength::TwentyFour] {
        let phrase = Phrase::generate(length, &mut Rng::default()).unwrap();
        let account = *Actor::of(&phrase).unwrap().public_key();
        let made = Vault::make_with_wallet(&phrase, &account, PASSPHRASE, &mut Rng::default()).unwrap();
        let opened = Vault::unlock(&made.document(), PASSPHRASE).unwrap();
        assert_eq!(words(&opened), *phrase.reveal());
        assert_eq!(opened.wallet(), Ok(Some(account)));
        assert!(!made.document().contains(&hex::encode(account)), "no document says whose account it is");
    }
    assert_eq!(made().0.wallet(), Ok(None));
}

#[test]
fn nothing_else_opens_it() {
    let (mut vault, _) = made();
    vault.add_passkey("Y3JlZA", &[7; 32], &mut Rng::default()).unwrap();
    let document = vault.document();
    assert_eq!(Vault::unlock(&document, "another passphrase").err(), Some(VaultError::WrongPassphrase));
    let passkey = |credential, computed| Vault::unlock_with_passkey(&document, credential, computed).err();
    assert_eq!(passkey("Y3JlZA", &[8; 32]), Some(VaultError::WrongPasskey));
    assert_eq!(passkey("b3RoZXI", &[7; 32]), Some(VaultError::WrongPasskey));
    let [here, _] = vault.split(&mut Rng::default()).unwrap();
    let [_, there] = vault.split(&mut Rng::default()).unwrap();
    assert_eq!(Vault::resume(&document, &here, &there).err(), Some(VaultError::Ended));
}

#[test]
fn a_new_passphrase_ends_the_old_one_and_keeps_the_passkeys() {
    let (mut vault, phrase) = made();
    vault.add_passkey("Y3JlZA", &[7; 32], &mut Rng::default()).unwrap();
    assert_eq!(vault.change_passphrase("short", &mut Rng::default()), Err(VaultError::PassphraseTooShort));
    vault.change_passphrase("another passphrase", &mut Rng::default()).unwrap();
    let document = vault.document();
    assert_eq!(Vault::unlock(&document, PASSPHRASE).err(), Some(VaultError::WrongPassphrase));
    assert_eq!(words(&Vault::unlock(&document, "another passphrase").unwrap()), phrase);
    assert_eq!(words(&Vault::unlock_with_passkey(&document, "Y3JlZA", &[7; 32]).unwrap()), phrase);
    vault.remove_passkey("Y3JlZA");
    assert!(Vault::passkeys(&vault.document()).is_empty());
    assert_eq!(words(&Vault::unlock(&vault.document(), "another passphrase").unwrap()), phrase);
}

#[test]
fn a_record_opens_under_its_own_name_and_vault_alone() {
    let (vault, _) = made();
    let record = vault.seal("drafts/1", b"a draft", &mut Rng::default()).unwrap();
    assert_eq!(vault.open("drafts/1", &record).unwrap().as_slice(), b"a draft");
    assert_eq!(vault.open("drafts/2", &record).err(), Some(VaultError::Record));
    assert_eq!(made().0.open("drafts/1", &record).err(), Some(VaultError::Record));
    let mut changed = STANDARD.decode(&record).unwrap();
    for at in 0..changed.len() {
        changed[at] ^= 1;
        assert_eq!(vault.open("drafts/1", &STANDARD.encode(&changed)).err(), Some(VaultError::Record));
        changed[at] ^= 1;
    }
}

#[test]
fn a_document_that_was_changed_anywhere_is_refused() {
    let (vault, _) = made();
    let document: Value = serde_json::from_str(&vault.document()).unwrap();
    let changes: [(&str, Value); 8] = [
        ("/version", 2.into()),
        ("/fingerprint", "0".repeat(40).into()),
        ("/phrase", "AAAA".into()),
        ("/slots/0/salt", "AAAAAAAAAAAAAAAAAAAAAA==".into()),
        ("/slots/0/key", "AAAA".into()),
        ("/slots/0/kdf", "none".into()),
        ("/slots/0/memory_kib", (EFFORT_MAX.memory_kib + 1).into()),
        ("/slots/0/passes", 0.into()),
    ];
    for (at, value) in changes {
        let mut changed = document.clone();
        *changed.pointer_mut(at).unwrap() = value;
        let opened = Vault::unlock(&changed.to_string(), PASSPHRASE).and_then(|vault| vault.phrase());
        assert!(opened.is_err(), "{at}");
    }
    for text in ["", "{}", "[]", "null", &"x".repeat(DOCUMENT_BYTES_MAX + 1)] {
        assert!(matches!(Vault::unlock(text, PASSPHRASE), Err(VaultError::Form(_))), "{text:.20}");
    }
}
