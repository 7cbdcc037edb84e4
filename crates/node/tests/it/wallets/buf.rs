//! `buf curl` knows nothing of this ledger: it asks the node's reflection what there is, over gRPC and gRPC-web.

use serde_json::{Value, json};
use tokio::process::Command;

use super::{solo, url};
use crate::desk::waiting::within;

async fn buf(args: &[&str]) -> String {
    let program = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("../../proto/node_modules/.bin/buf");
    assert!(program.exists(), "`make clients` installs what this test runs");
    let mut command = Command::new(program);
    let output = within("buf", command.arg("curl").args(args).kill_on_drop(true).output()).await.unwrap();
    assert!(output.status.success(), "{args:?}: {}", String::from_utf8_lossy(&output.stderr));
    String::from_utf8(output.stdout).unwrap()
}

#[tokio::test(flavor = "multi_thread")]
async fn buf_learns_from_reflection_what_to_ask() {
    let (node, _dir) = solo().await;
    let prefix = "virtengine.support.v1.Query/Params";
    for protocol in [&["--protocol", "grpc", "--http2-prior-knowledge"][..], &["--protocol", "grpcweb"]] {
        let listed = buf(&[protocol, &["--list-services", &url(&node)]].concat()).await;
        for service in ["virtengine.support.v1.Msg", "sealdesk.ledger.v1.Ledger", "cosmos.tx.v1beta1.Service"]
        {
            assert!(listed.lines().any(|line| line == service), "{protocol:?}: {listed}");
        }
        let at = format!("{}/{prefix}", url(&node));
        let answer: Value = serde_json::from_str(&buf(&[protocol, &[&at]].concat()).await).unwrap();
        assert_eq!(answer["params"]["maxRecipients"], 32, "{answer}");
        let at = format!("{}/cosmos.auth.v1beta1.Query/Bech32Prefix", url(&node));
        let answer: Value = serde_json::from_str(&buf(&[protocol, &[&at]].concat()).await).unwrap();
        assert_eq!(answer, json!({ "bech32Prefix": sealdesk_testkit::prefix().as_str() }));
    }
    node.stop().await.unwrap();
}
