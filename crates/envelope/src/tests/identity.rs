use chacha20::ChaCha20Rng;
use chacha20::rand_core::SeedableRng as _;
use sealdesk_protocol::keys::verify_secp256k1;

use crate::{AccountSecret, Identity, Phrase, PhraseError, PhraseLength};

const ABANDON: &str =
    "abandon abandon abandon abandon abandon abandon abandon abandon abandon abandon abandon about";

#[test]
fn a_generated_phrase_restores_the_same_identity() {
    let mut rng = ChaCha20Rng::from_seed([1; 32]);
    for (length, words) in [(PhraseLength::Twelve, 12), (PhraseLength::TwentyFour, 24)] {
        let phrase = Phrase::generate(length, &mut rng).unwrap();
        let text = phrase.reveal();
        assert_eq!(text.split(' ').count(), words);
        let (made, restored) = (Identity::of(&phrase), Identity::of(&Phrase::parse(&text).unwrap()));
        assert_eq!(made.account().unwrap().public_key(), restored.account().unwrap().public_key());
        for n in [0, 1, u32::MAX] {
            assert_eq!(made.encryption(n).unwrap().public(), restored.encryption(n).unwrap().public());
            assert_eq!(made.signing(n).unwrap().public(), restored.signing(n).unwrap().public());
        }
        assert_ne!(made.encryption(0).unwrap().public(), made.encryption(1).unwrap().public());
    }
}

#[test]
fn a_phrase_may_be_typed_in_any_case_and_spacing() {
    let typed = format!("  {}\n", ABANDON.to_uppercase().replace(' ', " \t\n "));
    assert_eq!(Phrase::parse(&typed).unwrap().reveal().as_str(), ABANDON);
}

#[test]
fn a_wrong_phrase_is_refused_with_the_place_of_the_mistake() {
    let parse = |text: &str| Phrase::parse(text).err().unwrap();
    assert_eq!(parse(""), PhraseError::WordCount { actual: 0 });
    let fifteen = format!("{} address", "abandon ".repeat(14).trim());
    assert_eq!(parse(&fifteen), PhraseError::WordCount { actual: 15 });
    assert_eq!(parse(&ABANDON.replacen("abandon", "abandonn", 1)), PhraseError::UnknownWord { position: 1 });
    assert_eq!(parse(&ABANDON.replace("about", "abbout")), PhraseError::UnknownWord { position: 12 });
    assert_eq!(parse(&ABANDON.replace("about", "abandon")), PhraseError::Checksum);
}

#[test]
fn an_account_key_signs_what_the_ledger_verifies() {
    let account = Identity::of(&Phrase::parse(ABANDON).unwrap()).account().unwrap();
    for byte in 0..=255 {
        let signature = account.sign_digest(&[byte; 32]).unwrap();
        assert_eq!(verify_secp256k1(&account.public_key(), &[byte; 32], &signature), Ok(()));
    }
    assert!(AccountSecret::take(&mut [0; 32]).is_err());
    assert!(AccountSecret::take(&mut [0xff; 32]).is_err());
}

/// Accounts that Clarinet gives every new project, phrase and secret key: published, worth nothing.
const CLARINETS: [(&str, &str); 3] = [
    (
        "twice kind fence tip hidden tilt action fragile skin nothing glory cousin green tomorrow spring wrist shed math olympic multiply hip blue scout claw",
        "753b7cc01a1a2e86221266a154af739463fce51219d97e4f856cd7200c3bd2a6",
    ),
    (
        "sell invite acquire kitten bamboo drastic jelly vivid peace spawn twice guilt pave pen trash pretty park cube fragile unaware remain midnight betray rebuild",
        "7287ba251d44a4d3fd9276c88ce34c5c52a038955511cccaf77e61068649c178",
    ),
    (
        "hold excess usual excess ring elephant install account glad dry fragile donkey gaze humble truck breeze nation gasp vacuum limb head keep delay hospital",
        "530d9f61984c888536871c6573073bdfc0058896dc1adfe9a6a10dfacadc2091",
    ),
];

#[test]
fn the_stacks_account_of_a_phrase_is_the_one_that_wallets_derive() {
    for (phrase, secret) in CLARINETS {
        let identity = Identity::of(&Phrase::parse(phrase).unwrap());
        let account = identity.stacks_account().unwrap();
        assert_eq!(hex::encode(account.to_bytes().as_slice()), secret);
        assert_ne!(account.public_key(), identity.account().unwrap().public_key());
    }
}
