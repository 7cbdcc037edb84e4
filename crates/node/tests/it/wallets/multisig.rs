//! An account of several keys that is an administrator from the beginning: its members sign with CosmJS, on both engines.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD as BASE64;
use sealdesk_node::Node;
use sealdesk_protocol::circle::{Ballot, Change};
use sealdesk_protocol::genesis::Genesis;
use sealdesk_protocol::messages::to_any;
use sealdesk_protocol::wire::virtengine::roles::v1::MsgAssignRole;
use sealdesk_testkit::people::{Person, seed};
use sealdesk_testkit::prefix;
use sealdesk_testkit::trust::Ledger;
use serde_json::{Value, json};

use super::cosmjs::{VERSIONS, script};
use super::{solo_of, url};
use crate::comet::network::{Network, execute, turn};
use crate::desk;

const SCRIPT: &str = include_str!("multisig.mjs");

fn members() -> [Person; 3] {
    [1, 2, 3].map(Person::number)
}

fn board() -> Person {
    let [one, two, three] = members();
    Person::of_several("board", 2, &[&one, &two, &three])
}

/// Administrators are person 0 and the account of several keys.
fn genesis() -> Genesis {
    let administrators = [&Person::number(0), &board()];
    let like = desk::genesis();
    let mut genesis =
        sealdesk_testkit::desk::genesis_at(like.time().unwrap(), &administrators, like.validators[0].clone());
    genesis.consensus_params = like.consensus_params;
    genesis
}

/// The other administrator's vote for a candidate: both have to agree.
fn other_vote(ledger: &Ledger, candidate: &Person) -> Vec<u8> {
    let admin = Person::number(0);
    let vote = admin.vote_on(ledger, &Ballot::Change(&Change::Add(candidate.address.clone())));
    let message = to_any(&MsgAssignRole {
        sender: admin.text.clone(),
        address: candidate.text.clone(),
        role: "administrator".to_owned(),
        made: vote.made,
        change: ledger.circle.next(),
        account_pub_key: vote.account_pub_key.to_vec(),
        account_signature: vote.signature.to_vec(),
    });
    admin.sign(0, &[message], 0)
}

/// Has the members act with a version of CosmJS, and judges what they saw.
async fn walk(node: &Node, version: &str) {
    let (candidate, customer) = (Person::number(8), Person::number(9));
    let ledger = node.ledger();
    let (chain_id, identity) = (ledger.machine().chain_id().clone(), *ledger.machine().identity());
    // A minute ago, which is before any next block and not an hour before it.
    let now = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH).unwrap().as_secs();
    let now = i64::try_from(now).unwrap() - 60;
    let ledger = Ledger { chain_id, identity, circle: genesis().check().unwrap().circle, now };
    let circle = hex::encode(ledger.circle.fingerprint(&identity));
    execute(&node.ledger(), &other_vote(&ledger, &candidate)).await;
    let key = |member: &Person| BASE64.encode(seed("account", &member.name, 0));
    let asked = json!({
        "url": url(node),
        "prefix": prefix().as_str(),
        "keys": members().each_ref().map(key),
        "circle": circle,
        "candidate": candidate.text,
        "customer": customer.text,
    });
    check(&script(version, SCRIPT, &asked).await);
}

fn check(seen: &Value) {
    assert_eq!((&seen["address"], &seen["before"]), (&json!(board().text), &json!(0)), "{seen}");
    let types = json!(["tx", "tx", "tx", "message", "virtengine.roles.v1.EventRoleAssigned"]);
    assert_eq!(seen["good"], json!({ "code": 0, "events": types }), "{seen}");
    assert_eq!((&seen["voted"]["code"], &seen["voted"]["events"]), (&json!(0), &types), "{seen}");
    for signed in ["threeSigned", "oneSigned"] {
        let said = seen[signed].as_str().unwrap();
        assert!(said.contains("code 4") && said.contains("the multisig key asks for 2"), "{said}");
    }
    let account = json!({ "type": "tendermint/PubKeyMultisigThreshold", "threshold": "2", "sequence": 2 });
    assert_eq!((&seen["account"], &seen["key"]), (&account, &json!(true)), "{seen}");
    assert_eq!(seen["bySender"], json!([0, 0]), "{seen}");
}

#[tokio::test(flavor = "multi_thread")]
async fn administrators_share_an_account_on_an_embedded_ledger() {
    for version in VERSIONS {
        let (node, _dir) = solo_of(genesis()).await;
        walk(&node, version).await;
        node.stop().await.unwrap();
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn administrators_share_an_account_on_a_replicated_ledger() {
    let _turn = turn().await;
    let mut network = Network::prepare_with(genesis(), &[10]);
    network.start_all().await;
    network.reaches(0, 1).await;
    walk(network.node(0), VERSIONS[1]).await;
    network.stop_all().await;
}
