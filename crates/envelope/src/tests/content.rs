use serde_json::json;

use crate::attachment::{FileKey, Opener, SealedFile, Sealer};
use crate::content::{
    CONTENT_BYTES_MAX, ContentError, FILE_NAME_BYTES_MAX, FileEntry, MessageContent, NotAFile, TicketContent,
    files,
};

#[test]
fn unknown_fields_are_kept() {
    let json = br#"{"v":1,"subject":"s","description":"d","tags":["a"],"contact":"c","mood":{"deep":[1]}}"#;
    let ticket = TicketContent::parse(json).unwrap();
    assert_eq!((ticket.subject.as_str(), ticket.description.as_str()), ("s", "d"));
    assert_eq!(ticket.unknown.get("mood"), Some(&json!({"deep": [1]})));
    let again: serde_json::Value = serde_json::from_slice(&ticket.to_bytes().unwrap()).unwrap();
    assert_eq!(again, serde_json::from_slice::<serde_json::Value>(json).unwrap());
    let message =
        MessageContent::parse(br#"{"v":1,"message":"m","attachments":[{"name":"n"}],"x":null}"#).unwrap();
    assert_eq!(message.message, "m");
    assert_eq!(message.attachments, [json!({"name": "n"})]);
    assert!(message.unknown.contains_key("x"));
}

/// Found by the fuzz target `content`: numbers were read one unit off in their last place.
#[test]
fn a_number_of_an_unknown_field_is_kept_to_its_last_digit() {
    let json =
        br#"{"v":1,"message":"m","x":[-2.7e32,0.1,5e-324,1.7976931348623157e308,18446744073709551615]}"#;
    let message = MessageContent::parse(json).unwrap();
    assert_eq!(message.unknown.get("x"), Some(&json!([-2.7e32, 0.1, 5e-324, f64::MAX, u64::MAX])));
    let again = MessageContent::parse(&message.to_bytes().unwrap()).unwrap();
    assert!(again == message);
}

#[test]
fn optional_fields_that_are_absent_stay_absent() {
    let bytes = TicketContent::new("s", "d").to_bytes().unwrap();
    assert_eq!(&**bytes, br#"{"v":1,"subject":"s","description":"d"}"#);
    let bytes = MessageContent::new("m").to_bytes().unwrap();
    assert_eq!(&**bytes, br#"{"v":1,"message":"m"}"#);
}

#[test]
fn content_is_bounded_before_it_is_parsed() {
    let sized = |size: usize| {
        let frame = r#"{"v":1,"message":""}"#.len();
        format!(r#"{{"v":1,"message":"{}"}}"#, "x".repeat(size - frame))
    };
    assert!(MessageContent::parse(sized(CONTENT_BYTES_MAX).as_bytes()).is_ok());
    let actual = CONTENT_BYTES_MAX + 1;
    let too_large = Some(ContentError::TooLarge { actual });
    assert_eq!(MessageContent::parse(sized(actual).as_bytes()).err(), too_large);
    assert_eq!(MessageContent::new("x".repeat(CONTENT_BYTES_MAX)).to_bytes().err().map(|_| ()), Some(()));
    let nested = |depth: usize| {
        format!(r#"{{"v":1,"message":"[[[[[[[[[[\"[[","x":{}{}}}"#, "[".repeat(depth), "]".repeat(depth))
    };
    assert!(MessageContent::parse(nested(7).as_bytes()).is_ok(), "brackets in a text are no depth");
    assert_eq!(MessageContent::parse(nested(8).as_bytes()).err(), Some(ContentError::TooDeep));
    assert_eq!(MessageContent::parse(&[b'['; 60_000]).err(), Some(ContentError::TooDeep));
}

#[test]
fn another_version_and_another_form_are_refused() {
    let parse = |json: &str| TicketContent::parse(json.as_bytes()).err();
    assert_eq!(
        parse(r#"{"v":2,"subject":"s","description":"d"}"#),
        Some(ContentError::Version { actual: 2 })
    );
    for json in
        ["", "null", "{}", r#"{"v":1,"subject":"s"}"#, r#"{"v":1,"subject":3,"description":"d"}"#, "{\"v\":1"]
    {
        assert!(matches!(parse(json), Some(ContentError::Form { .. })), "{json}");
    }
    assert!(matches!(TicketContent::parse(b"\xff").err(), Some(ContentError::Form { .. })));
}

#[test]
fn a_subject_of_several_lines_is_sealed_by_nobody_and_still_read() {
    for hostile in ["a\nb", "a\r\nb", "a\u{85}b", "a\u{2028}b", "a\u{1b}[2J"] {
        let refused = TicketContent::new(hostile, "d").to_bytes().err();
        assert!(matches!(refused, Some(ContentError::Subject(_))), "{hostile:?}");
        let json = serde_json::json!({ "v": 1, "subject": hostile, "description": "d" }).to_string();
        assert!(TicketContent::parse(json.as_bytes()).is_ok_and(|read| read.subject == hostile));
    }
    assert!(TicketContent::new("می\u{200c}خواهم 👨\u{200d}👩", "a\r\nb").to_bytes().is_ok());
}

fn sealed() -> SealedFile {
    let mut sealer = Sealer::new(FileKey::take(&mut [5; 32]), 9).unwrap();
    sealer.seal(b"some text").unwrap();
    sealer.finish().unwrap()
}

#[test]
fn a_file_is_described_in_the_content_and_opens_by_that_description() {
    let mut content = MessageContent::new("see");
    content.attachments.push(FileEntry::describe(&sealed(), "a.txt", "text/plain").unwrap());
    let bytes = content.to_bytes().unwrap();
    let json: serde_json::Value = serde_json::from_slice(&bytes).unwrap();
    let key = "BQUFBQUFBQUFBQUFBQUFBQUFBQUFBQUFBQUFBQUFBQU=";
    let root = hex::encode(sealed().attachment.root());
    let expected =
        json!({"name": "a.txt", "type": "text/plain", "size": 9, "key": key, "root": root, "chunks": 1});
    assert_eq!(json["attachments"], json!([expected]));
    let read = MessageContent::parse(&bytes).unwrap();
    let Some(Ok(file)) = files(&read.attachments).pop() else { panic!("one good file") };
    assert_eq!((file.name(), file.media_type(), file.size()), ("a.txt", "text/plain", 9));
    assert!(Opener::new(file.key(), file.size(), file.root(), sealed().attachment).is_ok());
}

#[test]
fn what_is_not_a_file_is_refused_by_itself_and_the_message_still_read() {
    let good = FileEntry::describe(&sealed(), "a", "").unwrap();
    let judge = |field: &str, value: serde_json::Value| {
        let mut entry = good.clone();
        entry[field] = value;
        files(&[entry]).pop().unwrap().err()
    };
    assert_eq!(judge("more", json!({"kept": true})), None);
    for (field, value) in [
        ("name", json!(3)),
        ("name", json!("x".repeat(FILE_NAME_BYTES_MAX + 1))),
        ("type", json!(["text"])),
        ("type", json!("x".repeat(200))),
        ("size", json!(-1)),
        ("size", json!(1_u64 << 30)),
        ("key", json!("AAAA")),
        ("key", json!("BQUFBQUFBQUFBQUFBQUFBQUFBQUFBQUFBQUFBQUFBQU")),
        ("root", json!(hex::encode([7; 31]))),
        ("root", json!(hex::encode([0xab; 32]).to_uppercase())),
        ("chunks", json!(2)),
        ("chunks", json!(null)),
    ] {
        assert_eq!(judge(field, value.clone()), Some(NotAFile), "{field} {value}");
    }
    let many = vec![good; 17];
    assert_eq!(files(&many).len(), 16, "no more are read than a message may have");
    let mut content = TicketContent::new("s", "d");
    content.attachments = many;
    assert_eq!(content.to_bytes().err(), Some(ContentError::TooManyFiles { actual: 17 }));
}

#[test]
fn a_name_that_deceives_is_sealed_by_nobody_and_read_in_a_harmless_form() {
    for hostile in ["", "..", "a/b", "a\\b", "a\nb", "gpj\u{202e}.exe", "\u{200b}"] {
        assert!(FileEntry::describe(&sealed(), hostile, "").is_err(), "{hostile:?}");
        let mut entry = FileEntry::describe(&sealed(), "a", "").unwrap();
        entry["name"] = json!(hostile);
        let Some(Ok(read)) = files(&[entry]).pop() else { panic!("it is read") };
        assert!(
            !read.name().is_empty() && !read.name().contains(['/', '\\', '\n', '\u{202e}']),
            "{hostile:?}"
        );
    }
    assert!(FileEntry::describe(&sealed(), "Résumé 2026 (1).pdf", "text/a\nb").is_err());
}
