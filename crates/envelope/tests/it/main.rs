//! Sealing gives libsodium's bytes, and each opens what the other sealed.

use proptest::prelude::*;
use sealdesk_envelope::{Expected, Message, Received, Signers, seal};
use sealdesk_protocol::envelope::{AccountKey, EnvelopeLimits};
use sealdesk_protocol::keys::EncryptionKey;
use sodiumoxide::crypto::{scalarmult, sign};

mod libsodium;
mod support;

use support::{Prepared, SIGNING_SEED, reader, reader_bytes, signing, ticket_context};

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]
    #[test]
    fn sealing_gives_the_bytes_of_libsodium(
        plaintext in proptest::collection::vec(any::<u8>(), 0..5_000),
        readers in 1_usize..=8,
        dek in any::<[u8; 32]>(),
        nonce in any::<[u8; 24]>(),
    ) {
        let readers: Vec<_> = (0..readers).map(reader).collect();
        let publics: Vec<EncryptionKey> = readers.iter().map(|reader| *reader.public()).collect();
        let context = ticket_context();
        let seed = sign::Seed(SIGNING_SEED);
        let (public, secret) = sign::keypair_from_seed(&seed);
        let theirs = libsodium::seal(
            &context, &plaintext, &publics, &libsodium::Sender { dek, nonce, signing: secret },
        );
        let message = Message {
            context: &context,
            plaintext: &plaintext,
            readers: &publics,
            client_id: "",
            limits: EnvelopeLimits::WIDEST,
        };
        let signing = signing();
        let signers = Signers { signing: &signing, account: None };
        let mut rng = Prepared([&dek[..], &nonce].concat());
        let ours = seal(&message, &signers, &mut rng).unwrap();
        prop_assert!(rng.0.is_empty(), "sealing takes 56 bytes");
        prop_assert_eq!(&ours, &theirs);

        let expected =
            Expected { context: &context, signing_key: signing.public(), account: AccountKey::OfSender };
        let received = Received::verify_shaped(theirs, &expected).unwrap();
        for (n, reader) in readers.iter().enumerate() {
            let opened = received.open(reader, &[]).unwrap();
            prop_assert_eq!(opened.plaintext(), &plaintext);
            let bytes = reader_bytes(n);
            let opened = libsodium::open(&context, &ours, &public, (reader.public(), &bytes));
            prop_assert_eq!(opened.as_ref(), Some(&plaintext));
        }
    }

    #[test]
    fn an_encryption_key_is_the_one_that_libsodium_derives(secret in any::<[u8; 32]>()) {
        let theirs = scalarmult::scalarmult_base(&scalarmult::Scalar(secret)).0;
        let ours = sealdesk_envelope::EncryptionSecret::take(&mut secret.clone()).unwrap();
        prop_assert_eq!(ours.public().as_bytes(), &theirs);
    }
}
