//! An account of which two of three keys must sign. It is nobody, so what is well signed is refused for that.

use prost::Message as _;
use sealdesk_protocol::messages::to_any;
use sealdesk_protocol::wire::cosmos::crypto::multisig::LegacyAminoPubKey;
use sealdesk_protocol::wire::cosmos::crypto::multisig::v1beta1::MultiSignature;
use sealdesk_protocol::wire::cosmos::tx::signing::v1beta1::SignMode;
use sealdesk_protocol::wire::cosmos::tx::v1beta1::mode_info::{Multi, Sum};
use sealdesk_protocol::wire::cosmos::tx::v1beta1::{ModeInfo, TxRaw};
use sealdesk_testkit::CHAIN_ID;
use sealdesk_testkit::people::{KeyPair, Person};
use sealdesk_testkit::sealing;
use sealdesk_testkit::transaction::{Draft, single};
use sealdesk_testkit::trust::complete;

use super::stage::{Stage, refused, unread};

const WHY: &str = "as many keys as must sign, each in its place";

struct Board {
    account: Person,
    draft: Draft,
}

impl Board {
    fn new(stage: &Stage) -> Self {
        let members = ["ann", "cal", "gus"].map(|name| stage.person(name).clone());
        let account = Person::of_several("moe", 2, &members.each_ref());
        let draft = Draft::new(CHAIN_ID, vec![stage.close_by(&account.text, 1)], &[(&account, 0)]);
        Self { account, draft }
    }

    /// Signed after a change of who signs how.
    fn with(&self, change: impl FnOnce(&mut Multi)) -> Vec<u8> {
        let mut draft = self.draft.clone();
        let mode = draft.auth.signer_infos[0].mode_info.as_mut().unwrap();
        let Some(Sum::Multi(multi)) = &mut mode.sum else { panic!("{mode:?}") };
        change(multi);
        draft.sign(&[&self.account])
    }

    /// With other bits.
    fn bits(&self, byte: u8) -> Vec<u8> {
        self.with(|multi| multi.bitarray.as_mut().unwrap().elems = vec![byte])
    }

    /// With other signatures.
    fn signed(&self, change: impl FnOnce(&mut Vec<Vec<u8>>)) -> Vec<u8> {
        let mut raw = TxRaw::decode(self.draft.sign(&[&self.account]).as_slice()).unwrap();
        let mut signed = MultiSignature::decode(raw.signatures[0].as_slice()).unwrap();
        change(&mut signed.signatures);
        raw.signatures = vec![signed.encode_to_vec()];
        raw.encode_to_vec()
    }

    /// Signed with another key.
    fn of_key(&self, change: impl FnOnce(&mut LegacyAminoPubKey)) -> Vec<u8> {
        let mut draft = self.draft.clone();
        let any = draft.auth.signer_infos[0].public_key.as_mut().unwrap();
        let mut key = LegacyAminoPubKey::decode(any.value.as_slice()).unwrap();
        change(&mut key);
        any.value = key.encode_to_vec();
        draft.sign(&[&self.account])
    }
}

pub fn cases(stage: &mut Stage) {
    let board = Board::new(stage);
    for (name, tx) in modes(&board) {
        stage.case(name, WHY, tx, unread("sdk", 4));
    }
    for (name, tx) in keys(&board) {
        stage.case(name, WHY, tx, unread("sdk", 8));
    }
    let good = board.signed(|_| ());
    stage.case("two of three", "well signed, by nobody of this ticket", good, refused("support", 7));
    let account = &board.account;
    let registration = sealing::registration(CHAIN_ID, account, &KeyPair::of("moe", 0), "");
    let message = complete(&stage.ledger.ledger(), account, to_any(&registration));
    let own = Draft::new(CHAIN_ID, vec![message], &[(account, 0)]).sign(&[account]);
    let name = "a threshold with a key to read by";
    stage.case(name, "one person would read by it", own, refused("encryption", 10));
}

fn modes(board: &Board) -> [(&'static str, Vec<u8>); 12] {
    let nested = |multi: &mut Multi| {
        multi.mode_infos[1] = ModeInfo { sum: Some(Sum::Multi(multi.clone())) };
    };
    let of_four = |multi: &mut Multi| multi.bitarray.as_mut().unwrap().extra_bits_stored = 4;
    [
        ("a threshold signs bytes", board.with(|multi| multi.mode_infos[1] = single(SignMode::Direct))),
        ("a threshold within a threshold", board.with(nested)),
        ("a bitmap with a bit of no key", board.bits(0b0111_0000)),
        ("a bitmap of other keys", board.bits(0b1100_0000)),
        ("a bitmap of one key", board.bits(0b0100_0000)),
        ("a bitmap of all keys", board.bits(0b1110_0000)),
        ("a bitmap of four keys", board.with(of_four)),
        ("no bitmap", board.with(|multi| multi.bitarray = None)),
        ("signatures of a threshold exchanged", board.signed(|list| list.swap(0, 1))),
        ("one signature for two", board.signed(|list| list[1] = list[0].clone())),
        ("a signature less than the threshold", board.signed(|list| drop(list.pop()))),
        ("a signature more than the threshold", board.signed(|list| list.push(list[0].clone()))),
    ]
}

fn keys(board: &Board) -> [(&'static str, Vec<u8>); 6] {
    let twice = |key: &mut LegacyAminoPubKey| key.public_keys[2] = key.public_keys[0].clone();
    let many = |key: &mut LegacyAminoPubKey| key.public_keys = vec![key.public_keys[0].clone(); 17];
    let nested = board.account.account_key().to_any();
    [
        ("a lower threshold", board.of_key(|key| key.threshold = 1)),
        ("a threshold of nobody", board.of_key(|key| key.threshold = 0)),
        ("a threshold above the keys", board.of_key(|key| key.threshold = 4)),
        ("a threshold with a key twice", board.of_key(twice)),
        ("a threshold of seventeen keys", board.of_key(many)),
        ("a threshold of a threshold", board.of_key(|key| key.public_keys[0] = nested)),
    ]
}
