//! Whose a browser is: invitations and work, recovery, passkeys, tabs, what a browser loses, and a key of a thief's.

use std::fs::{self, DirBuilder};
use std::os::unix::fs::DirBuilderExt as _;

use prost::Message as _;
use sealdesk_client::actor::Actor;
use sealdesk_client::compose::{OwnKey, TxBuilder, sign};
use sealdesk_client::desk::Desk;
use sealdesk_client::node::Node;
use sealdesk_client::trust::Trust;
use sealdesk_envelope::{Phrase, PhraseLength};
use sealdesk_protocol::wire::cosmos::tx::v1beta1::{AuthInfo, Tx, TxBody, TxRaw};

use super::{played, words};
use crate::desk::session::Session;

/// What is asked of newcomers: little work, since the machine may be slow.
const ADMISSION: &str = "[admission]\ninvitations = true\nwork = 8\nwork_memory = 1\n";

#[tokio::test(flavor = "multi_thread")]
async fn a_person_comes_unlocks_loses_and_returns_in_a_browser() {
    let mut session = Session::idle();
    let home = session.home().join(".sealdesk");
    DirBuilder::new().mode(0o700).create(&home).unwrap();
    fs::write(home.join("config.toml"), ADMISSION).unwrap();
    session.start_node("127.0.0.1:0");
    let status = session.ask(&["status"]);
    let url = status["addresses"]["grpc"].as_str().unwrap();
    let named = url.replace("127.0.0.1", "localhost");
    let phrase = Phrase::generate(PhraseLength::Twelve, &mut getrandom::SysRng).unwrap();
    steal(url, &phrase).await;
    let admin = session.ask(&["keys", "export", "admin", "--yes"]);
    let line = session.command(&["invite", "--for", "carol", "--url", &named]).output().unwrap();
    let line = String::from_utf8(line.stdout).unwrap();
    let line = line.lines().next().unwrap();
    let admin = admin["recovery_phrase"].as_str().unwrap();
    played("account", &[url, &words(&session), admin, line, &phrase.reveal()]);
    session.stop_node();
}

/// Registers another's key in the name of a phrase's account, as whoever stole the phrase could.
async fn steal(url: &str, phrase: &Phrase) {
    let desk = Desk::open(Node::connect(url).await.unwrap(), Trust::FirstUse).await.unwrap();
    let owner = Actor::of(phrase).unwrap();
    let thief = Phrase::generate(PhraseLength::Twelve, &mut getrandom::SysRng).unwrap();
    let key = OwnKey::find(&Actor::of(&thief).unwrap(), &[]).unwrap();
    let address = desk.address_of(&owner);
    let builder = TxBuilder::new(desk.chain(), address, 0, key, owner.account().unwrap()).unwrap();
    let signed = sign(&builder, owner.account().unwrap(), &desk.chain().chain_id).unwrap();
    let raw = TxRaw::decode(&signed.bytes[..]).unwrap();
    let tx = Tx {
        body: Some(TxBody::decode(&raw.body_bytes[..]).unwrap()),
        auth_info: Some(AuthInfo::decode(&raw.auth_info_bytes[..]).unwrap()),
        signatures: raw.signatures,
    };
    desk.broadcast(&tx).await.unwrap();
}

#[test]
fn a_customer_s_account_is_in_keplr_which_signs_what_they_send() {
    // The program reads what the page wrote in the script itself, act by act.
    played("keplr", &[]);
}
