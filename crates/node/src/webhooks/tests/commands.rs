//! What the operator's commands do: files, names, secrets.

use std::fs;
use std::os::unix::fs::PermissionsExt as _;

use super::super::signing::Secret;
use super::super::{Begin, ENDPOINTS_MAX, Endpoint, GoOn, WebhookError, Webhooks};
use super::kit::{Desk, Got, NOW, Receiver, Rule, quick};
use crate::clock::{Clock as _, SystemClock};
use crate::desk::waiting::until;
use crate::feed::Cursor;

fn endpoint() -> Endpoint {
    Endpoint { url: "https://hooks.example/desk".to_owned(), ..Endpoint::default() }
}

#[tokio::test]
async fn secrets_stand_in_a_file_of_the_owner_and_nowhere_else() {
    let (mut desk, receiver) = (Desk::new(quick()), Receiver::start().await);
    receiver.answers(Rule::Status(500));
    desk.happen(1);
    let id = desk.add(&receiver).await;
    receiver.gets(2).await;
    let secret = desk.webhooks.rotate(&id, None, 24, NOW).unwrap();
    desk.comes_to(&id, |state| state.failures > 3).await;
    desk.stop().await;
    let kept = desk.webhooks.kept(&id).unwrap();
    let told = format!("{kept:?} {:?} {:?} {:?}", desk.webhooks, desk.state(&id), desk.log(&id));
    assert!(!told.contains("whsec_") && !told.contains(&secret[6..]), "{told}");
    for file in fs::read_dir(desk.home().join("webhooks")).unwrap() {
        let path = file.unwrap().path();
        assert_eq!(fs::metadata(&path).unwrap().permissions().mode() & 0o777, 0o600, "{path:?}");
        let holds = fs::read_to_string(&path).unwrap().contains("whsec_");
        assert_eq!(holds, path.extension().is_some_and(|end| end == "json"), "{path:?}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_replaced_secret_signs_too_until_its_time_is_over() {
    let (mut desk, receiver) = (Desk::new(quick()), Receiver::start().await);
    let id = desk.add(&receiver).await;
    let real = SystemClock::default().now() / 1_000;
    let signatures = |got: &Got| got.header("webhook-signature").split(' ').count();
    desk.happen(1);
    let first = receiver.gets(1).await;
    assert_eq!(signatures(&first[0]), 1);
    let new = desk.webhooks.rotate(&id, None, 1, real).unwrap();
    until("two signatures", async || {
        desk.happen(1);
        let got = receiver.got();
        if signatures(got.last().unwrap()) == 2 { Ok(()) } else { Err(got.len()) }
    })
    .await;
    let both = receiver.got().pop().unwrap();
    assert!(receiver.believes(&both), "who knows the old secret alone believes it");
    let signed = Secret::parse(&new).unwrap().sign(
        both.id(),
        both.header("webhook-timestamp").parse().unwrap(),
        &both.body,
    );
    assert!(both.header("webhook-signature").starts_with(&signed), "the new one is first");
    // Without an overlap the old one is over at once.
    desk.webhooks.rotate(&id, None, 0, real).unwrap();
    until("one signature", async || {
        desk.happen(1);
        let got = receiver.got();
        if signatures(got.last().unwrap()) == 1 { Ok(()) } else { Err(got.len()) }
    })
    .await;
    assert!(!receiver.believes(receiver.got().last().unwrap()));
    desk.stop().await;
}

#[test]
fn names_numbers_and_secrets_have_bounds() {
    let dir = tempfile::tempdir().unwrap();
    let webhooks = Webhooks::of(dir.path());
    assert!(webhooks.list(NOW).unwrap().is_empty());
    for name in ["", "x", "../../etc", "0123456g", "0123456789", "ABCDEF01"] {
        assert!(matches!(webhooks.remove(name), Err(WebhookError::Unknown)), "{name}");
        assert!(matches!(webhooks.log(name, 1), Err(WebhookError::Unknown)), "{name}");
        assert!(matches!(webhooks.enable(name, GoOn::Now), Err(WebhookError::Unknown)), "{name}");
    }
    assert!(webhooks.add(&Endpoint::default(), None, NOW).is_err());
    let (id, _) = webhooks.add(&endpoint(), None, NOW).unwrap();
    for _ in 0..3 {
        webhooks.rotate(&id, None, 24, NOW).unwrap();
    }
    assert!(matches!(webhooks.rotate(&id, None, 24, NOW), Err(WebhookError::TooManySecrets)));
    assert_eq!(webhooks.list(NOW).unwrap()[0].as_ref().unwrap().secrets, 4);
    assert_eq!(webhooks.list(NOW + 25 * 3_600).unwrap()[0].as_ref().unwrap().secrets, 1);
    webhooks.rotate(&id, None, 24, NOW + 25 * 3_600).unwrap();
    for _ in 1..ENDPOINTS_MAX {
        webhooks.add(&endpoint(), None, NOW).unwrap();
    }
    assert!(matches!(webhooks.add(&endpoint(), None, NOW), Err(WebhookError::TooMany)));
    webhooks.remove(&id).unwrap();
    webhooks.add(&endpoint(), None, NOW).unwrap();
}

#[test]
fn a_file_that_cannot_be_used_hides_no_other() {
    let dir = tempfile::tempdir().unwrap();
    let webhooks = Webhooks::of(dir.path());
    let (id, _) = webhooks
        .add(&Endpoint { begin: Begin::After(Cursor::after_block(3)), ..endpoint() }, None, NOW)
        .unwrap();
    fs::write(dir.path().join("webhooks/00000000.json"), b"{").unwrap();
    let listed = webhooks.list(NOW).unwrap();
    assert_eq!(listed.len(), 2);
    assert_eq!(
        listed.iter().filter(|listed| listed.as_ref().is_ok_and(|webhook| webhook.id == id)).count(),
        1
    );
    assert!(listed.iter().any(|listed| matches!(listed, Err(WebhookError::Damaged(_)))));
    webhooks.remove("00000000").unwrap();
    assert_eq!(webhooks.list(NOW).unwrap().len(), 1);
}
