use proptest::prelude::*;

use crate::backend::{self, NoContribution, portable, secretbox_open, secretbox_seal};
use crate::secret::Secret;

#[cfg(any(target_arch = "x86_64", target_arch = "aarch64"))]
use crate::backend::native;

const LOW_ORDER: [&str; 7] = [
    "0000000000000000000000000000000000000000000000000000000000000000",
    "0100000000000000000000000000000000000000000000000000000000000000",
    "e0eb7a7c3b41b8ae1656e3faf19fc46ada098deb9c32b1fd866205165f49b800",
    "5f9c95bca3508c24b1d0b1559c83ef5b04445cc4581c8e86d8224eddd09f1157",
    "ecffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
    "edffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
    "eeffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
];

#[test]
fn an_all_zero_shared_secret_is_an_error_in_every_backend() {
    let secret = Secret::take(&mut [0x42; 32]);
    for point in LOW_ORDER {
        let mut point: [u8; 32] = hex::decode(point).unwrap().try_into().unwrap();
        for high_bit in [0, 0x80] {
            point[31] |= high_bit;
            assert_eq!(backend::x25519(&secret, &point).err(), Some(NoContribution));
            assert_eq!(portable::x25519(&secret, &point).expose(), &[0; 32], "the crate itself says nothing");
            #[cfg(any(target_arch = "x86_64", target_arch = "aarch64"))]
            assert!(!native::is_available() || native::x25519(&secret, &point).is_err());
        }
    }
}

#[test]
fn a_second_encoding_of_a_point_is_the_same_point_to_every_backend() {
    // An ephemeral key is any 32 bytes: a sender who writes u + p or sets the top bit must be readable for all or for none.
    use sodiumoxide::crypto::scalarmult::{GroupElement, Scalar, scalarmult};
    let bytes = [0x42; 32];
    let secret = Secret::take(&mut bytes.clone());
    for u in 2..19 {
        let mut canonical = [0; 32];
        canonical[0] = u;
        let mut above_p = [0xff; 32];
        (above_p[0], above_p[31]) = (0xed + u, 0x7f);
        let [mut high, mut high_above_p] = [canonical, above_p];
        high[31] |= 0x80;
        high_above_p[31] |= 0x80;
        let expected = *portable::x25519(&secret, &canonical).expose();
        for point in [canonical, above_p, high, high_above_p] {
            assert_eq!(portable::x25519(&secret, &point).expose(), &expected, "{point:?}");
            assert_eq!(backend::x25519(&secret, &point).unwrap().expose(), &expected, "{point:?}");
            assert_eq!(scalarmult(&Scalar(bytes), &GroupElement(point)).unwrap().0, expected, "{point:?}");
            #[cfg(any(target_arch = "x86_64", target_arch = "aarch64"))]
            if native::is_available() {
                assert_eq!(native::x25519(&secret, &point).unwrap().expose(), &expected, "{point:?}");
            }
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(500))]
    #[cfg(any(target_arch = "x86_64", target_arch = "aarch64"))]
    #[test]
    fn the_native_and_the_portable_x25519_give_equal_bytes(secret in any::<[u8; 32]>(), public in any::<[u8; 32]>()) {
        prop_assume!(native::is_available());
        let secret = Secret::take(&mut secret.clone());
        prop_assert_eq!(native::x25519_base(&secret), portable::x25519_base(&secret));
        let (native, portable) = (native::x25519(&secret, &public).unwrap(), portable::x25519(&secret, &public));
        prop_assert_eq!(native.expose(), portable.expose());
    }

    #[test]
    fn x25519_and_the_box_are_those_of_libsodium(
        secret in any::<[u8; 32]>(),
        public in any::<[u8; 32]>(),
        nonce in any::<[u8; 24]>(),
        message in proptest::collection::vec(any::<u8>(), 0..300),
    ) {
        use sodiumoxide::crypto::{box_, scalarmult, secretbox};
        let ours = Secret::take(&mut secret.clone());
        let theirs = scalarmult::scalarmult(&scalarmult::Scalar(secret), &scalarmult::GroupElement(public)).unwrap();
        let portable = portable::x25519(&ours, &public);
        prop_assert_eq!(portable.expose(), &theirs.0);
        let shared = backend::x25519(&ours, &public).unwrap();
        prop_assert_eq!(shared.expose(), &theirs.0);
        let key = backend::box_key(&shared);
        let boxed = box_::precompute(&box_::PublicKey(public), &box_::SecretKey(secret));
        prop_assert_eq!(key.expose(), &boxed.0);
        let sealed = secretbox_seal(&key, &nonce, &message);
        let theirs = secretbox::seal(&message, &secretbox::Nonce(nonce), &secretbox::Key(*key.expose()));
        prop_assert_eq!(&sealed, &theirs);
        let opened = secretbox_open(&key, &nonce, &sealed).unwrap();
        prop_assert_eq!(&*opened, &message);
    }
}

#[test]
fn the_native_backend_runs_on_the_machines_that_measure_it() {
    // Were it never chosen, the cross-check above would compare nothing.
    #[cfg(target_arch = "x86_64")]
    assert_eq!(native::is_available(), std::arch::is_x86_feature_detected!("adx"));
}
