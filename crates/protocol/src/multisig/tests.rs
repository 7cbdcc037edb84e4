use serde_json::Value;

use super::*;
use crate::codes::Refusal;
use crate::ids::{Address, ChainId, Prefix};
use crate::signer::{KeySignature, SignerKey, parts};
use crate::tx::{Tx, TxHash};
use crate::wire::cosmos::tx::signing::v1beta1::SignMode;
use crate::wire::cosmos::tx::v1beta1::mode_info::{Multi, Single, Sum};
use crate::wire::cosmos::tx::v1beta1::{AuthInfo, ModeInfo, TxRaw};

const VECTORS: &str = include_str!("../../../../vectors/multisig.json");

struct Case(Value);

/// Of who signed how.
type Change = Box<dyn FnOnce(&mut AuthInfo, &mut MultiSignature)>;

impl Case {
    fn text(&self, field: &str) -> &str {
        self.0[field].as_str().unwrap()
    }

    fn bytes(&self, field: &str) -> Vec<u8> {
        hex::decode(self.text(field)).unwrap()
    }

    fn key(&self) -> MultisigKey {
        MultisigKey::decode(&self.bytes("any_value")).unwrap()
    }

    fn tx(&self) -> TxRaw {
        TxRaw::decode(self.bytes("tx").as_slice()).unwrap()
    }

    fn address(&self) -> Address {
        Address::parse(&prefix(), self.text("address")).unwrap()
    }

    /// What comes of the transaction after a change of who signed how.
    fn judged(&self, change: impl FnOnce(&mut AuthInfo, &mut MultiSignature)) -> Result<TxHash, Refusal> {
        let mut raw = self.tx();
        let mut auth = AuthInfo::decode(raw.auth_info_bytes.as_slice()).unwrap();
        let mut signed = MultiSignature::decode(raw.signatures[0].as_slice()).unwrap();
        change(&mut auth, &mut signed);
        (raw.auth_info_bytes, raw.signatures) = (auth.encode_to_vec(), vec![signed.encode_to_vec()]);
        judge(&raw)
    }
}

fn prefix() -> Prefix {
    Prefix::parse(Prefix::DEFAULT).unwrap()
}

fn judge(raw: &TxRaw) -> Result<TxHash, Refusal> {
    let tx = Tx::decode(&raw.encode_to_vec(), &prefix())?;
    Ok(tx.verify(&ChainId::parse("desk-1").unwrap())?.hash())
}

fn cases() -> Vec<Case> {
    let file: Value = serde_json::from_str(VECTORS).unwrap();
    file["cases"].as_array().unwrap().iter().cloned().map(Case).collect()
}

fn two_of_three() -> Case {
    cases().into_iter().find(|case| case.0["name"] == "2 of 3").unwrap()
}

fn multi(auth: &mut AuthInfo) -> &mut Multi {
    match &mut auth.signer_infos[0].mode_info.as_mut().unwrap().sum {
        Some(Sum::Multi(multi)) => multi,
        other => panic!("{other:?}"),
    }
}

fn bits(auth: &mut AuthInfo) -> &mut CompactBitArray {
    multi(auth).bitarray.as_mut().unwrap()
}

#[test]
fn keys_addresses_and_transactions_are_those_of_cosmjs() {
    let cases = cases();
    assert!(cases.len() >= 6);
    for case in cases {
        let (name, key) = (case.text("name"), case.key());
        assert_eq!(hex::encode(key.to_amino()), case.text("amino"), "{name}");
        assert_eq!(MultisigKey::read_amino(&key.to_amino()), Some(key.clone()), "{name}");
        let any = key.to_any();
        assert_eq!((any.type_url.as_str(), any.value), (case.text("any_type_url"), case.bytes("any_value")));
        let keys: Vec<String> = key.keys().iter().map(hex::encode).collect();
        assert_eq!(serde_json::json!(keys), case.0["keys"], "{name}");
        assert_eq!(key.threshold(), usize::try_from(case.0["threshold"].as_u64().unwrap()).unwrap());
        assert_eq!(SignerKey::Multisig(key).address(&prefix()), case.address(), "{name}");
        assert_eq!(judge(&case.tx()).unwrap(), TxHash::of(&case.bytes("tx")), "{name}");
    }
}

#[test]
fn a_text_is_signed_by_members_as_themselves_and_for_the_account() {
    for case in cases() {
        let (key, signature) = parts(&case.bytes("amino"), &case.bytes("text_signature")).unwrap();
        assert_eq!(signature.to_vec(), case.bytes("text_signature"), "{}", case.text("name"));
        let (address, text) = (case.address(), case.text("text"));
        assert_eq!(key.verify_text(&address, text, &signature), Ok(()), "{}", case.text("name"));
        let one = SignerKey::Single(case.key().keys()[0]);
        let other = one.address(&prefix());
        assert!(key.verify_text(&other, text, &signature).is_err(), "another account");
        assert!(key.verify_text(&address, "Sealdesk", &signature).is_err(), "another text");
        // What was signed for the account is nobody's own word.
        let KeySignature::Multisig(signed) = &signature else { panic!("{signature:?}") };
        for (at, signature) in &signed.signed {
            let key = SignerKey::Single(case.key().keys()[usize::from(*at)]);
            let own = KeySignature::Single(*signature);
            assert!(key.verify_text(&key.address(&prefix()), text, &own).is_err());
            assert!(key.verify_text(&address, text, &own).is_err());
        }
    }
}

#[test]
fn a_key_has_one_form_and_bounds() {
    let key = two_of_three().key();
    let keys = key.keys().to_vec();
    let no_point = [&[2][..], &[0xff; 32]].concat().try_into().unwrap();
    let many: Vec<_> = cases().iter().flat_map(|case| case.key().keys().to_vec()).take(17).collect();
    let refused = [
        (MultisigKey::new(0, keys.clone()), MultisigError::Threshold { threshold: 0, keys: 3 }),
        (MultisigKey::new(4, keys.clone()), MultisigError::Threshold { threshold: 4, keys: 3 }),
        (MultisigKey::new(258, keys.clone()), MultisigError::Threshold { threshold: 258, keys: 3 }),
        (MultisigKey::new(1, Vec::new()), MultisigError::Keys(0)),
        (MultisigKey::new(2, many[..17].to_vec()), MultisigError::Keys(17)),
        (MultisigKey::new(2, vec![keys[0], keys[1], keys[0]]), MultisigError::Twice),
        (MultisigKey::new(2, vec![keys[0], no_point]), MultisigError::Kind(1)),
        (MultisigKey::new(2, vec![keys[0], [4; 33]]), MultisigError::Kind(1)),
    ];
    for (found, expected) in refused {
        assert_eq!(found, Err(expected));
    }
    let amino = key.to_amino();
    for at in 0..amino.len() {
        let mut changed = amino.clone();
        changed[at] ^= 1;
        // Another threshold, or another point, is another key; nothing else is one.
        let read = MultisigKey::read_amino(&changed);
        assert!(read.is_none_or(|read| read != key && read.to_amino() == changed), "byte {at}");
    }
    for length in 0..amino.len() {
        // As many keys as must sign are a key of their own.
        let read = MultisigKey::read_amino(&amino[..length]);
        assert_eq!(read.is_some(), length == 6 + 2 * AMINO_KEY_BYTES, "{length} bytes");
    }
    assert_eq!(MultisigKey::read_amino(&[amino, vec![0]].concat()), None);
    let nested = LegacyAminoPubKey { threshold: 1, public_keys: vec![key.to_any()] };
    assert_eq!(MultisigKey::decode(&nested.encode_to_vec()), Err(MultisigError::Kind(0)));
    let long = MultisigKey::decode(&[0x12, 0x00].repeat(5_000));
    assert!(matches!(long, Err(MultisigError::Encoding(_))), "{long:?}");
    let most = MultisigKey::new(16, many[..16].to_vec()).unwrap();
    assert!(most.to_any().value.len() <= KEY_BYTES_MAX);
}

#[test]
fn just_as_many_sign_as_must_and_each_where_its_bit_says() {
    let case = two_of_three();
    assert!(case.judged(|_, _| ()).is_ok());
    let direct = ModeInfo { sum: Some(Sum::Single(Single { mode: SignMode::Direct.into() })) };
    let wrong: Vec<(&str, Change)> = vec![
        ("a bit of no key", Box::new(|auth, _| bits(auth).elems[0] |= 1)),
        ("a bit too many", Box::new(|auth, _| bits(auth).elems[0] = 0b1110_0000)),
        ("a bit too few", Box::new(|auth, _| bits(auth).elems[0] = 0b1000_0000)),
        ("other bits", Box::new(|auth, _| bits(auth).elems[0] = 0b1100_0000)),
        ("two bits of four keys", Box::new(|auth, _| bits(auth).extra_bits_stored = 4)),
        ("two bits of eight keys", Box::new(|auth, _| bits(auth).extra_bits_stored = 0)),
        ("eight extra bits", Box::new(|auth, _| bits(auth).extra_bits_stored = 8)),
        ("2^32 - 1 extra bits", Box::new(|auth, _| bits(auth).extra_bits_stored = u32::MAX)),
        ("a byte more", Box::new(|auth, _| bits(auth).elems.push(0))),
        ("a bitmap of no byte", Box::new(|auth, _| bits(auth).elems.clear())),
        ("a long bitmap", Box::new(|auth, _| bits(auth).elems = vec![0; 10_000])),
        ("no bitmap", Box::new(|auth, _| multi(auth).bitarray = None)),
        (
            "a mode more",
            Box::new(|auth, _| {
                let mode = multi(auth).mode_infos[0].clone();
                multi(auth).mode_infos.push(mode)
            }),
        ),
        ("no modes", Box::new(|auth, _| multi(auth).mode_infos.clear())),
        (
            "one key signs bytes",
            Box::new({
                let direct = direct.clone();
                move |auth, _| multi(auth).mode_infos[1] = direct
            }),
        ),
        (
            "one of several in one of several",
            Box::new(|auth, _| {
                let nested = auth.signer_infos[0].mode_info.clone().unwrap();
                multi(auth).mode_infos[1] = nested
            }),
        ),
        (
            "the mode of one key",
            Box::new({
                let direct = direct.clone();
                move |auth, _| auth.signer_infos[0].mode_info = Some(direct)
            }),
        ),
        ("signatures exchanged", Box::new(|_, signed| signed.signatures.swap(0, 1))),
        ("a signature twice", Box::new(|_, signed| signed.signatures[1] = signed.signatures[0].clone())),
        ("a signature more", Box::new(|_, signed| signed.signatures.push(signed.signatures[0].clone()))),
        ("a signature less", Box::new(|_, signed| drop(signed.signatures.pop()))),
        ("an empty signature", Box::new(|_, signed| signed.signatures[0].clear())),
        ("a spoilt signature", Box::new(|_, signed| signed.signatures[1][40] ^= 1)),
        ("another sequence", Box::new(|auth, _| auth.signer_infos[0].sequence += 1)),
        ("another fee", Box::new(|auth, _| auth.fee.as_mut().unwrap().gas_limit += 1)),
    ];
    for (name, change) in wrong {
        assert_eq!(case.judged(change).map_err(|refusal| refusal.code()), Err(4), "{name}");
    }
    let key = |threshold: u32| {
        move |auth: &mut AuthInfo, _: &mut MultiSignature| {
            let any = auth.signer_infos[0].public_key.as_mut().unwrap();
            let mut wire = LegacyAminoPubKey::decode(any.value.as_slice()).unwrap();
            wire.threshold = threshold;
            any.value = wire.encode_to_vec();
        }
    };
    for threshold in [0, 1, 3, 4, 258] {
        assert_eq!(case.judged(key(threshold)).unwrap_err().code(), 8, "a threshold of {threshold}");
    }
}

#[test]
fn no_second_encoding_of_a_transaction_of_several_keys_is_read() {
    let case = two_of_three();
    let good = case.bytes("tx");
    for at in 0..good.len() {
        for bit in 0..8 {
            let mut changed = good.clone();
            changed[at] ^= 1 << bit;
            let chain_id = ChainId::parse("desk-1").unwrap();
            let verified = Tx::decode(&changed, &prefix()).and_then(|tx| tx.verify(&chain_id));
            assert!(verified.is_err(), "byte {at} bit {bit}");
        }
    }
    let text = case.bytes("text_signature");
    let (key, address) = (SignerKey::Multisig(case.key()), case.address());
    for at in 0..text.len() {
        for bit in 0..8 {
            let mut changed = text.clone();
            changed[at] ^= 1 << bit;
            let read = parts(&key.to_vec(), &changed)
                .map(|(key, signed)| key.verify_text(&address, case.text("text"), &signed));
            assert_ne!(read, Some(Ok(())), "byte {at} bit {bit}");
        }
    }
}

#[test]
fn each_signature_costs_what_one_does_and_each_key_its_own() {
    let gas = |name: &str| {
        let case = cases().into_iter().find(|case| case.0["name"] == name).unwrap();
        let bytes = case.bytes("tx");
        let of_bytes = u64::try_from(5 * bytes.len()).unwrap().div_ceil(crate::gas::BYTES_PER_GAS);
        Tx::decode(&bytes, &prefix()).unwrap().gas() - of_bytes
    };
    let one = crate::gas::SECP256K1_GAS + crate::gas::MULTISIG_KEY_GAS;
    assert_eq!(gas("16 of 16") - gas("1 of 1"), 15 * one);
    // Keys that do not sign are looked at as well.
    assert_eq!(gas("2 of 3") - gas("1 of 1"), crate::gas::SECP256K1_GAS + 2 * crate::gas::MULTISIG_KEY_GAS);
}

#[test]
fn what_a_record_keeps_is_read_without_work_on_the_curve_and_nobody_signs_with_it() {
    let no_point: [u8; ACCOUNT_KEY_BYTES] = [&[2][..], &[0xff; 32]].concat().try_into().unwrap();
    let keys = [two_of_three().key().keys(), &[no_point]].concat();
    let stored = MultisigKey { threshold: 2, keys };
    let read = SignerKey::read(&stored.to_amino());
    assert_eq!(read, Some(SignerKey::Multisig(stored.clone())));
    assert!(!read.unwrap().is_on_curve() && SignerKey::Multisig(two_of_three().key()).is_on_curve());
    assert_eq!(MultisigKey::decode(&stored.to_any().value), Err(MultisigError::Kind(3)));
    assert!(SignerKey::from_any(&stored.to_any()).is_err());
}
