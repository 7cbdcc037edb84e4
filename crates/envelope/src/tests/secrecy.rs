//! Bug 38 of docs/known-bugs.md: no error, `Debug` or `Display` of this crate shows a secret or a piece of plaintext. The types that
//! hold secrets cannot be printed at all; their documentation has the code that does not compile.

use crate::content::{MessageContent, TicketContent};
use crate::known_answers::check;
use crate::secret::Secret;
use crate::tests::scene::{DEK, PLAINTEXT, Scene, reader};
use crate::{Phrase, SealError};

/// Every way in which bytes could be shown: text, hex, a list of numbers.
fn shows(text: &str, secret: &[u8]) -> bool {
    let window = &secret[..secret.len().min(8)];
    let numbers: Vec<String> = window.iter().map(u8::to_string).collect();
    let hex = hex::encode(window);
    text.to_lowercase().contains(&hex)
        || text.contains(&numbers.join(", "))
        || String::from_utf8(window.to_vec()).is_ok_and(|plain| text.contains(&plain))
}

#[test]
fn the_search_itself_finds_what_it_looks_for() {
    assert!(shows(&format!("{:?}", [1u8; 32]), &[1; 32]));
    assert!(shows(&hex::encode([0xab; 32]), &[0xab; 32]));
    assert!(shows("… a secret word …", b"a secret word"));
    assert!(!shows("nothing", b"a secret word"));
}

#[test]
fn refusals_to_open_show_neither_reason_nor_secret() {
    let scene = Scene::new();
    let mut wire = scene.seal().to_wire();
    wire.payload_ciphertext[100] ^= 1;
    let unsigned = scene.receive_in(&scene.context, &wire).err().unwrap();
    let received = scene.receive_in(&scene.context, &scene.resign(&wire)).unwrap();
    let unlike = unsigned.clone();
    let refused = [
        unsigned,
        received.open(&scene.readers[0], &[]).err().unwrap(),
        received.open(&reader(1), &[]).err().unwrap(),
    ];
    for error in refused {
        assert!(error == unlike, "comparing two refusals would tell their reasons apart");
        assert_eq!(error.to_string(), "cannot open");
        assert_eq!(format!("{error:?}"), "CannotOpen");
        assert!(std::error::Error::source(&error).is_none());
        let inner = format!("{:?} {}", error.0, error.0);
        assert!(!shows(&inner, &DEK) && !shows(&inner, PLAINTEXT));
    }
}

#[test]
fn parsers_do_not_quote_what_they_could_not_parse() {
    let secret = "hunter2 is the password";
    let shown = [
        format!("{:?}", TicketContent::parse(format!(r#"{{"v":"{secret}"}}"#).as_bytes()).err()),
        format!(
            "{:?}",
            MessageContent::parse(format!(r#"{{"v":1,"message":["{secret}"]}}"#).as_bytes()).err()
        ),
        format!("{:?}", MessageContent::parse(format!(r#"{{"{secret}""#).as_bytes()).err()),
        format!("{:?}", Phrase::parse(&format!("{secret} {secret} {secret}")).err()),
        format!("{:?}", check(secret)),
    ];
    for text in shown {
        assert!(!text.contains("hunter2"), "{text}");
    }
    let error =
        MessageContent::parse(format!(r#"{{"v":1,"message":["{secret}"]}}"#).as_bytes()).err().unwrap();
    assert!(!error.to_string().contains("hunter2"));
}

#[test]
fn sealing_errors_and_envelopes_show_no_secret() {
    let scene = Scene::new();
    let envelope = scene.seal();
    let publics = [scene.publics(), scene.publics()].concat();
    let signers = crate::Signers { signing: &scene.signing, account: None };
    let twice = crate::seal::seal_with(
        &scene.message(PLAINTEXT, &publics),
        &signers,
        &Secret::take(&mut DEK.clone()),
        [0; 24],
    );
    assert_eq!(twice, Err(SealError::DuplicateReader));
    for text in [format!("{envelope:?}"), format!("{twice:?}"), format!("{:?}", envelope.to_wire())] {
        for secret in [&DEK[..], PLAINTEXT, &[0x21; 32], &[0x33; 32], &[0x55; 32]] {
            assert!(!shows(&text, secret));
        }
    }
}

#[test]
fn taking_a_secret_wipes_where_it_came_from() {
    let mut bytes = [7; 32];
    let secret = Secret::take(&mut bytes);
    assert_eq!((bytes, secret.expose()), ([0; 32], &[7; 32]));
}
