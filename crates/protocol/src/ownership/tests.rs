use k256::ecdsa::SigningKey;
use k256::ecdsa::signature::hazmat::PrehashSigner as _;

use super::*;
use crate::ids::Prefix;

#[test]
fn a_key_counts_for_its_owner_on_the_ledger_that_they_named_only() {
    // KNOWN-BUGS 76: whoever copies a public key has not its owner's signature.
    let prefix = Prefix::parse(Prefix::DEFAULT).unwrap();
    let key = SigningKey::from_slice(&[5; 32]).unwrap();
    let public: [u8; 33] = key.verifying_key().to_sec1_point(true).as_bytes().try_into().unwrap();
    let (owner, identity) = (Address::of_public_key(&prefix, &public), Identity([6; 32]));
    let ledger = ChainId::parse("desk-1").unwrap();
    let text = Ownership {
        ledger: &ledger,
        identity: &identity,
        account: &owner,
        x25519: &[9; 32],
        ed25519: &[8; 32],
    }
    .text();
    assert_eq!(
        text,
        format!(
            "Sealdesk key\nledger: desk-1\nidentity: {}\naccount: {owner}\nx25519: {}\ned25519: {}",
            "06".repeat(32),
            "09".repeat(32),
            "08".repeat(32)
        )
    );
    let signature: k256::ecdsa::Signature = key.sign_prehash(&adr36::digest(&owner, &text)).unwrap();
    let record = RecipientKeyRecord {
        address: owner.to_string(),
        public_key: vec![9; 32],
        signing_key: vec![8; 32],
        account_pub_key: public.to_vec(),
        account_signature: signature.normalize_s().to_bytes().to_vec(),
        ..RecipientKeyRecord::default()
    };
    let judge = |record: &RecipientKeyRecord| verify_record(record, &owner, &ledger, &identity);
    assert_eq!(judge(&record), Ok(()));
    let none =
        RecipientKeyRecord { account_pub_key: Vec::new(), account_signature: Vec::new(), ..record.clone() };
    assert_eq!(judge(&none), Err(OwnershipError::Unsigned));
    let stranger = Address::of_public_key(&prefix, &[3; 33]);
    let copied = RecipientKeyRecord { address: stranger.to_string(), ..record.clone() };
    assert_eq!(verify_record(&copied, &stranger, &ledger, &identity), Err(OwnershipError::Signature));
    assert_eq!(judge(&copied), Err(OwnershipError::Signature));
    for change in [
        RecipientKeyRecord { public_key: vec![7; 32], ..record.clone() },
        RecipientKeyRecord { signing_key: vec![7; 32], ..record.clone() },
        RecipientKeyRecord { account_signature: vec![0; 63], ..record.clone() },
        RecipientKeyRecord { account_pub_key: Vec::new(), ..record.clone() },
    ] {
        assert_eq!(judge(&change), Err(OwnershipError::Signature));
    }
    let other = ChainId::parse("desk-2").unwrap();
    assert_eq!(verify_record(&record, &owner, &other, &identity), Err(OwnershipError::Signature));
    assert_eq!(verify_record(&record, &owner, &ledger, &Identity([7; 32])), Err(OwnershipError::Signature));
}
