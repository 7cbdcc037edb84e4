//! Who signed what, for which chain, and how often.

use k256::ecdsa::Signature;
use prost::Message as _;
use sealdesk_protocol::messages::to_any;
use sealdesk_protocol::wire::cosmos::crypto::secp256k1::PubKey;
use sealdesk_protocol::wire::cosmos::tx::v1beta1::mode_info::{Single, Sum};
use sealdesk_protocol::wire::cosmos::tx::v1beta1::{ModeInfo, SignDoc, TxRaw};
use sealdesk_testkit::CHAIN_ID;
use sealdesk_testkit::transaction::{Draft, sign_raw};
use sha2::{Digest as _, Sha256};

use super::several_keys;
use super::stage::{ACCEPTED, Stage, by, refused, unread};

/// A transaction of the setup is sent again: `executed` are its bytes.
pub fn cases(stage: &mut Stage, executed: Vec<u8>) {
    stage.case("a transaction again", "its sequence is used up", executed, unread("sdk", 32));
    sequences(stage);
    signatures(stage);
    keys_and_modes(stage);
    several_signers(stage);
    several_keys::cases(stage);
    heights(stage);
}

fn changed(stage: &Stage, change: impl FnOnce(&mut Draft)) -> Vec<u8> {
    let mut draft = stage.draft("cal", vec![stage.close("cal", 1, "")]);
    change(&mut draft);
    draft.sign(&[stage.person("cal")])
}

fn sequences(stage: &mut Stage) {
    let next = stage.sequence("cal");
    for (name, sequence) in [
        ("the first", 0),
        ("the last", next - 1),
        ("the next but one", next + 1),
        ("2^63", 1 << 63),
        ("2^64 - 1", u64::MAX),
    ] {
        let tx = changed(stage, |draft| draft.auth.signer_infos[0].sequence = sequence);
        stage.case(&format!("{name} sequence"), "only the next one is good", tx, unread("sdk", 32));
    }
}

fn raw(stage: &Stage) -> TxRaw {
    TxRaw::decode(changed(stage, |_| ()).as_slice()).unwrap()
}

fn signatures(stage: &mut Stage) {
    for chain in ["desk-00112233aabbccdf", "Desk-00112233aabbccdd", "desk"] {
        let tx = changed(stage, |draft| draft.chain_id = chain.to_owned());
        stage.case(&format!("for the chain {chain}"), "the chain id is signed", tx, unread("sdk", 4));
    }
    let good = raw(stage);
    let flip = |at: usize| {
        let mut tx = raw(stage);
        tx.signatures[0][at] ^= 1;
        tx
    };
    let high = {
        let signature = Signature::from_slice(&good.signatures[0]).unwrap();
        let twin = Signature::from_scalars(*signature.r(), -*signature.s()).unwrap();
        TxRaw { signatures: vec![twin.to_bytes().to_vec()], ..good.clone() }
    };
    let account = {
        let doc = SignDoc {
            body_bytes: good.body_bytes.clone(),
            auth_info_bytes: good.auth_info_bytes.clone(),
            chain_id: CHAIN_ID.to_owned(),
            account_number: 1,
        };
        let signature = stage.person("cal").sign_digest(&Sha256::digest(doc.encode_to_vec()).into());
        TxRaw { signatures: vec![signature], ..good.clone() }
    };
    let other =
        sign_raw(good.body_bytes.clone(), good.auth_info_bytes.clone(), CHAIN_ID, &[stage.person("cem")]);
    let doubled = TxRaw { signatures: vec![good.signatures[0].clone(); 2], ..good.clone() };
    let recoverable =
        TxRaw { signatures: vec![[good.signatures[0].as_slice(), &[0]].concat()], ..good.clone() };
    let none = TxRaw { signatures: Vec::new(), ..good };
    let cases = [
        ("a signature with its first bit flipped", flip(0)),
        ("a signature with its last bit flipped", flip(63)),
        ("the high-S twin", high),
        ("signed for account number 1", account),
        ("signed by somebody else", other),
        ("two signatures for one signer", doubled),
        ("a recoverable signature", recoverable),
        ("no signature", none),
    ];
    for (name, tx) in cases {
        stage.case(name, "one good signature a signer", tx.encode_to_vec(), unread("sdk", 4));
    }
}

fn keys_and_modes(stage: &mut Stage) {
    for mode in [0, 2, 3, 127, 191, -1] {
        let sum = Some(Sum::Single(Single { mode }));
        let tx = changed(stage, |draft| draft.auth.signer_infos[0].mode_info = Some(ModeInfo { sum }));
        stage.case(&format!("sign mode {mode}"), "SIGN_MODE_DIRECT only, 127 is amino", tx, unread("sdk", 4));
    }
    let own = stage.person("cal").public;
    let strange = stage.person("cem").public;
    let uncompressed = [&[4][..], &own[1..], &[0; 32]].concat();
    let mut opposite = own;
    opposite[0] ^= 1;
    for (name, key) in [
        ("somebody else's key", strange.to_vec()),
        ("an uncompressed key", uncompressed),
        ("the opposite point", opposite.to_vec()),
        ("a key of no bytes", Vec::new()),
    ] {
        let tx =
            changed(stage, |draft| draft.auth.signer_infos[0].public_key = Some(to_any(&PubKey { key })));
        stage.case(name, "the address is the key's hash", tx, unread("sdk", 8));
    }
    for url in [
        "/cosmos.crypto.ed25519.PubKey",
        "/cosmos.crypto.multisig.LegacyAminoPubKey",
        "",
        "/cosmos.crypto.secp256r1.PubKey",
    ] {
        let tx = changed(stage, |draft| {
            draft.auth.signer_infos[0].public_key.as_mut().unwrap().type_url = url.to_owned();
        });
        stage.case(&format!("a key called '{url}'"), "secp256k1 only", tx, unread("sdk", 8));
    }
}

fn several_signers(stage: &mut Stage) {
    let messages = vec![stage.close("cal", 1, ""), stage.assign("ann", 3, "gia")];
    let (cal, ann) = (stage.person("cal").clone(), stage.person("ann").clone());
    let both = [(&cal, stage.sequence("cal")), (&ann, stage.sequence("ann"))];
    let draft = Draft::new(CHAIN_ID, messages.clone(), &both);
    stage.case("two signers", "each in the order of the messages", draft.sign(&[&cal, &ann]), ACCEPTED);
    stage.case("two signers, signatures exchanged", "", draft.sign(&[&ann, &cal]), unread("sdk", 4));
    let swapped = Draft::new(CHAIN_ID, messages.clone(), &[both[1], both[0]]);
    stage.case("two signers, infos exchanged", "", swapped.sign(&[&ann, &cal]), unread("sdk", 8));
    let alone = Draft::new(CHAIN_ID, messages.clone(), &both[..1]);
    stage.case("two signers wanted, one there", "", alone.sign(&[&cal]), unread("sdk", 4));
    let stale = Draft::new(CHAIN_ID, messages, &[both[0], (&ann, both[1].1 + 1)]);
    stage.case(
        "two signers, the second ahead",
        "none is admitted",
        stale.sign(&[&cal, &ann]),
        unread("sdk", 32),
    );
    let extra = Draft::new(CHAIN_ID, vec![stage.close("cal", 1, "")], &both);
    stage.case("a signer too many", "", extra.sign(&[&cal, &ann]), unread("sdk", 4));
}

fn heights(stage: &mut Stage) {
    let height = stage.ledger.height + 1;
    for (name, timeout, verdict) in [
        ("the height before", height - 1, unread("sdk", 30)),
        ("height 1", 1, unread("sdk", 30)),
        ("this very height", height, ACCEPTED),
        ("the last height there is", u64::MAX, ACCEPTED),
    ] {
        let tx = changed(stage, |draft| draft.body.timeout_height = timeout);
        stage.case(&format!("good until {name}"), "", tx, verdict);
    }
    for (name, url) in
        [("a message of another module", "/cosmos.bank.v1beta1.MsgSend"), ("a message without type", "")]
    {
        let tx = changed(stage, |draft| draft.body.messages[0].type_url = url.to_owned());
        stage.case(name, "", tx, unread("sdk", 6));
    }
    let twice = vec![stage.close("cal", 1, ""), stage.close("cal", 1, "")];
    stage.at(0, "closed twice in one transaction", by("cal", twice), refused("support", 8));
}
