//! The page before nodes that serve another: `sealdesk desk` runs none of their code, and `sealdesk verify-page` names what is wrong.

use std::fs;

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use bytes::Bytes;
use http::HeaderValue;
use sealdesk_client::page::Manifest;
use sealdesk_node::page;
use serde_json::{Value, json};
use sha2::{Digest as _, Sha256};

use super::front::{Answer, Front, Lie};
use super::played;
use crate::desk::node::Node;
use crate::desk::program;
use crate::desk::session::Session;

/// The path of a script of the page.
fn is_script(answer: &Answer) -> bool {
    answer.path.starts_with("/assets/page-") && answer.path.ends_with(".js")
}

fn is_packed(answer: &Answer) -> bool {
    answer.headers.get("content-encoding").is_some_and(|encoding| encoding == "br")
}

fn change_last_byte(body: &Bytes) -> Bytes {
    let mut bytes = body.to_vec();
    *bytes.last_mut().unwrap() ^= 1;
    bytes.into()
}

/// Changes the node's own manifest.
fn in_manifest(answer: &mut Answer, change: impl FnOnce(&mut Value)) {
    if answer.path == "/manifest.json" {
        let mut manifest: Value = serde_json::from_slice(&answer.body).unwrap();
        change(&mut manifest);
        answer.body = manifest.to_string().into();
        answer.headers.remove("content-encoding");
    }
}

fn in_headers(answer: &mut Answer, name: &'static str, value: Option<&'static str>) {
    if is_script(answer) {
        answer.headers.remove(name);
        if let Some(value) = value {
            answer.headers.insert(name, HeaderValue::from_static(value));
        }
    }
}

/// What is served otherwise, the fault's name, and words that tell a person.
const LIES: &[(Lie, &str, &str)] = &[
    (
        |answer| {
            if is_script(answer) && answer.accepted == "identity" {
                answer.body = change_last_byte(&answer.body);
            }
        },
        "changed",
        "is changed, from byte ",
    ),
    (
        // Only browsers are told this one, and in the form in which they ask.
        |answer| {
            if is_script(answer) && is_packed(answer) {
                answer.headers.remove("content-encoding");
                answer.body = "alert(1)".into();
            }
        },
        "changed",
        "is changed, from byte 1",
    ),
    (
        |answer| {
            if answer.path.starts_with("/tickets/") {
                answer.headers.remove("content-encoding");
                answer.body = "<script src=/x.js></script>".into();
            }
        },
        "changed",
        "/tickets/",
    ),
    (
        |answer| {
            if answer.path == "/" && answer.browser.contains("Chrome/") {
                answer.headers.remove("content-encoding");
                answer.body = "<script src=/x.js></script>".into();
            }
        },
        "changed",
        "/ is changed",
    ),
    (
        // Whoever cannot unpack it is not told.
        |answer| {
            if is_script(answer) && answer.accepted.contains("zstd") {
                answer.headers.remove("content-encoding");
                answer.body = "alert(1)".into();
            }
        },
        "changed",
        "is changed, from byte 1",
    ),
    (
        |answer| in_headers(answer, "content-security-policy", Some("script-src * 'unsafe-inline'")),
        "header",
        "content-security-policy: 'script-src * 'unsafe-inline'', and it has to be 'default-src 'none';",
    ),
    (
        |answer| {
            let name = "content-security-policy";
            if let Some(policy) = answer.headers.get(name).cloned() {
                answer.headers.append(name, policy);
            }
        },
        "header",
        "comes with content-security-policy 2 times",
    ),
    (
        |answer| in_headers(answer, "x-content-type-options", None),
        "header",
        "comes without x-content-type-options",
    ),
    (
        |answer| in_headers(answer, "content-type", Some("text/html")),
        "header",
        "comes with content-type: 'text/html'",
    ),
    (|answer| in_headers(answer, "cache-control", Some("no-cache")), "header", "comes with cache-control"),
    (
        |answer| in_headers(answer, "link", Some("</evil.css>; rel=stylesheet")),
        "header",
        "comes with link: '</evil.css>; rel=stylesheet', which no page needs",
    ),
    (
        |answer| {
            if is_script(answer) {
                answer.status = 404;
            }
        },
        "missing",
        "is missing: the node answers 404",
    ),
    (
        |answer| {
            let hash = json!("A".repeat(43));
            in_manifest(answer, |manifest| manifest["files"]["/assets/extra-1.js"] = hash);
        },
        "extra",
        "/assets/extra-1.js is extra",
    ),
    (
        |answer| in_manifest(answer, |manifest| manifest["version"] = json!("0.0.9")),
        "stale",
        "0.0.9, which is older than",
    ),
    (
        |answer| in_manifest(answer, |manifest| manifest["version"] = json!("99.0")),
        "ahead",
        "nobody published the newer one",
    ),
    (
        |answer| in_manifest(answer, |manifest| manifest["default_csp"] = json!("script-src *")),
        "other_policy",
        "names another policy",
    ),
    (
        |answer| {
            if answer.path == "/manifest.json" {
                answer.body = "{}".into();
            }
        },
        "unreadable_manifest",
        "is not the manifest of a desk's page",
    ),
    (
        |answer| {
            if answer.path == "/icon.svg" {
                answer.headers.remove("content-encoding");
                answer.body = vec![b' '; (16 << 20) + 1].into();
            }
        },
        "endless",
        "/icon.svg is longer than 16 MiB",
    ),
    (
        |answer| {
            if answer.path == "/icon.svg" && is_packed(answer) {
                answer.body = "no".into();
            }
        },
        "garbled",
        "/icon.svg is sent as 'br', and is not that",
    ),
];

/// Looks at a page, and gives what is said to a program, where the exit code is this one.
fn verify(session: &Session, arguments: &[&str], code: i32) -> Value {
    let output = session.run(&[&["verify-page"], arguments].concat());
    let (told, wrong) = (String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr));
    assert_eq!(output.status.code(), Some(code), "{arguments:?}: {told}{wrong}");
    serde_json::from_slice(&output.stdout).unwrap_or_else(|error| panic!("{error}: {told}{wrong}"))
}

fn names(value: &Value, fault: &str, words: &str) -> bool {
    let faults = value["faults"].as_array().unwrap();
    faults.iter().any(|found| found["fault"] == fault && found["said"].as_str().unwrap().contains(words))
}

#[test]
fn the_manifest_is_made_of_the_files_that_the_program_carries_and_of_nothing_else() {
    let text = page::manifest().expect("`make page` builds the page first");
    let manifest = Manifest::parse(text).unwrap();
    for (path, hash) in manifest.files() {
        let bytes = page::file(path).unwrap_or_else(|| panic!("{path} is not carried"));
        assert_eq!(&Sha256::digest(bytes)[..], hash, "{path}");
        let policy = page::obeyed(path).into_iter().find(|(name, _)| *name == "content-security-policy");
        assert_eq!(policy.unwrap().1, manifest.policy(), "{path}");
    }
    // Whoever has the same files makes the same text: keys are sorted, and neither a time nor a folder stands in it.
    let files: serde_json::Map<String, Value> =
        manifest.files().map(|(path, hash)| (path.to_owned(), json!(URL_SAFE_NO_PAD.encode(hash)))).collect();
    let wasm: Vec<&Value> =
        files.iter().filter(|(path, _)| path.ends_with(".wasm")).map(|(_, hash)| hash).collect();
    let again = json!({
        "app": "sealdesk", "default_csp": manifest.policy(), "default_fallback": manifest.index(), "default_index": manifest.index(),
        "files": files, "name": "sealdesk", "version": manifest.version(), "wasm": wasm,
    });
    assert_eq!(again.to_string(), text);
}

#[test]
fn every_lie_about_the_page_is_named_and_an_honest_page_is_proven() {
    let mut session = Session::start();
    let node = session.ask(&["status"])["addresses"]["grpc"].as_str().unwrap().to_owned();
    let front = Front::start(&node);
    let url = front.address.as_str();
    let absent = verify(&session, &[url], 1);
    assert!(names(&absent, "absent", "no administrator has published one"), "{absent}");
    assert_eq!(absent["faults"].as_array().unwrap().len(), 1, "but for that all is well: {absent}");
    let published = session.ask(&["publish-page", "--from", "admin", "--yes"]);
    assert_eq!(published["proven"], true, "{published}");
    assert_eq!(session.ask(&["publish-page", "--from", "admin"])["changed"], false);
    for honest in [url, node.as_str()] {
        let well = verify(&session, &[honest], 0);
        assert_eq!((&well["proven"], &well["faults"]), (&json!(true), &json!([])), "{well}");
        assert!(well["answers"].as_u64().unwrap() > 20, "{well}");
    }
    for (lie, fault, words) in LIES {
        front.tell(*lie);
        let found = verify(&session, &[url], 1);
        assert!(names(&found, fault, words), "{fault}, {words}: {found}");
        assert_eq!(found["proven"], false);
    }
    // Whoever serves the page may also be the only one to ask about the ledger.
    front.tell(|answer| {
        if answer.path.ends_with("/Proof") {
            answer.body = change_last_byte(&answer.body);
        }
    });
    let unproven = verify(&session, &[url, "--node", url, "--patience", "3"], 1);
    assert!(names(&unproven, "unproven", "is not proven"), "{unproven}");
    front.tell(|_| {});
    assert!(names(&verify(&session, &[url, "--trust-node"], 1), "unproven", "believed without proofs"));
    other_pages_are_named(&session, url);
    session.stop_node();
}

/// An administrator who publishes a page that this program does not carry, and what is not a page.
fn other_pages_are_named(session: &Session, url: &str) {
    let manifest = concat!(env!("CARGO_MANIFEST_DIR"), "/../../desk/dist/manifest.json");
    let mut manifest: Value = serde_json::from_slice(&fs::read(manifest).unwrap()).unwrap();
    manifest["files"]["/icon.svg"] = json!("A".repeat(43));
    let put = |body: &Value| {
        let file = session.home().join("page.json");
        fs::write(&file, body.to_string()).unwrap();
        session.run(&[
            "documents",
            "put",
            "public",
            "page",
            "--file",
            file.to_str().unwrap(),
            "--from",
            "admin",
        ])
    };
    assert!(put(&manifest).status.success());
    let other = verify(session, &[url], 1);
    assert!(names(&other, "other_build", "differs in /icon.svg"), "{other}");
    assert!(names(&other, "changed", "/icon.svg is changed"), "{other}");
    assert_eq!(put(&json!({ "files": {} })).status.code(), Some(2), "what is not a page is not published");
}

#[test]
fn the_programs_own_page_runs_before_a_node_that_serves_another() {
    let mut session = Session::start();
    let node = session.ask(&["status"])["addresses"]["grpc"].as_str().unwrap().to_owned();
    let front = Front::start(&node);
    front.tell(|answer| {
        if !answer.path.starts_with("/api") && !answer.path.ends_with("/Proof") {
            answer.headers.clear();
            answer.headers.insert("content-type", HeaderValue::from_static("text/html"));
            answer.body = "<!doctype html><title>evil</title><script>document.title='ran'</script>".into();
        }
    });
    let (desk, said) = Node::start_shown(session.command(&["desk", "--node", &front.address]));
    let url = said.split_whitespace().find(|word| word.starts_with("http://localhost:")).unwrap();
    assert!(url.contains("/#desk="), "who knows the ledger has no words to compare: {said}");
    let port: u16 = url.trim_start_matches("http://localhost:").split('/').next().unwrap().parse().unwrap();
    assert!((20_000..30_000).contains(&port), "{said}");
    let program = program().to_str().unwrap();
    played("trust", &[url, program, session.home().join(".sealdesk").to_str().unwrap()]);
    desk.stop();
    session.stop_node();
}

#[test]
fn a_worker_that_somebody_left_at_the_desks_address_ends_by_itself() {
    played("squatter", &[]);
}

#[test]
fn the_page_is_there_without_its_node_and_goes_on_with_it() {
    played("offline", &[]);
}

#[test]
fn a_page_that_was_renewed_is_said_and_nothing_is_lost_by_it() {
    played("renewed", &[]);
}

#[test]
fn a_network_that_hangs_is_one_that_does_not_answer() {
    played("hangs", &[]);
}
