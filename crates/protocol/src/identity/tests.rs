use sha2::{Digest as _, Sha256};

use super::*;
use crate::ids::Address;

fn beginning(continues: Option<Continues>) -> Beginning {
    let prefix = Prefix::parse(Prefix::DEFAULT).unwrap();
    let circle = Circle::first([Address::of_public_key(&prefix, &[3; 33])]).unwrap();
    let chain_id = ChainId::parse("desk-0011223344556677").unwrap();
    Beginning { chain_id, prefix, circle, validators_hash: [5; 32], continues }
}

#[test]
fn an_identity_is_the_digest_of_the_specification() {
    let continues = Continues { identity: Identity([1; 32]), height: 258, app_hash: [2; 32] };
    for (begun, tail) in
        [(beginning(None), Vec::new()), (beginning(Some(continues.clone())), continues.encode())]
    {
        let lp = |bytes: &[u8]| [&u32::try_from(bytes.len()).unwrap().to_be_bytes()[..], bytes].concat();
        let label = b"sealdesk/trust/1/ledger";
        let mut bytes = vec![u8::try_from(label.len()).unwrap()];
        bytes.extend(label);
        bytes.extend(lp(b"desk-0011223344556677"));
        bytes.extend(lp(b"virtengine"));
        bytes.extend(begun.circle.encode());
        bytes.extend([5; 32]);
        bytes.extend(lp(&tail));
        assert_eq!(begun.identity().0, <[u8; 32]>::from(Sha256::digest(&bytes)));
    }
    assert_eq!(continues.encode().len(), Continues::BYTES);
    assert_eq!(Continues::decode(&continues.encode()), Some(continues));
    assert_eq!(Continues::decode(&[0; 71]), None);
}

#[test]
fn an_identity_is_compared_in_twelve_words() {
    let zero = Identity([0; 32]);
    assert_eq!(zero.words(), format!("{}about", "abandon ".repeat(11)));
    let mut other = [0; 32];
    other[16] = 1;
    assert_eq!(Identity(other).words(), zero.words(), "the first 128 bits only");
    other[15] = 1;
    assert_ne!(Identity(other).words(), zero.words());
    assert_eq!(zero.words().split(' ').count(), IDENTITY_WORDS);
    assert_eq!(Identity::parse(&zero.to_string()), Some(zero));
    assert_eq!(Identity::parse(&"A".repeat(64)), None);
    assert_eq!(Identity::parse("00"), None);
}

#[test]
fn ledgers_lead_to_one_another_by_their_identities() {
    let first = beginning(None);
    let to =
        |before: &Beginning, height| Continues { identity: before.identity(), height, app_hash: [4; 32] };
    let second = Beginning { chain_id: ChainId::parse("desk-2").unwrap(), ..beginning(Some(to(&first, 9))) };
    let third = Beginning { chain_id: ChainId::parse("desk-3").unwrap(), ..beginning(Some(to(&second, 9))) };
    let ancestry = Ancestry::new(third.clone(), vec![first.clone(), second.clone()]).unwrap();
    assert_eq!(Ancestry::read(&ancestry.to_wire()), Ok(ancestry.clone()));
    assert_eq!(ancestry.find(&first.identity()), Some(&first));
    assert_eq!(ancestry.find(&third.identity()), Some(&third));
    assert_eq!(ancestry.find(&Identity([0; 32])), None);
    for wrong in [vec![], vec![second.clone()], vec![first.clone()], vec![second, first]] {
        assert_eq!(Ancestry::new(third.clone(), wrong), Err(BeginningError::Ancestry));
    }
}
