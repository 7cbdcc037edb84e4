//! What is read after opening, or from a person's own hands: contents, known-answer files, recovery phrases.

use sealdesk_envelope::Disclosure;
use sealdesk_envelope::content::{ContentError, MessageContent, TicketContent};
use sealdesk_envelope::{Phrase, known_answers};

use super::{choose, chosen};
use crate::{Outcome, Target};

const ATTACKS: &str = include_str!("../../../vectors/envelope/attacks-sample.json");
const IDENTITIES: &str = include_str!("../../../vectors/envelope/identity.json");
const VECTORS: &str = include_str!("../../../vectors/envelope/envelope.json");

pub(super) fn targets() -> Vec<Target> {
    let target = |name, run, seeds| Target { name, bytes_max: 4_096, run, seeds, contains_panics: false };
    vec![
        target("content", content, content_seeds),
        target("disclosure", disclosure, disclosure_seeds),
        Target { bytes_max: 65_536, ..target("known_answers", answers, answer_seeds) },
        Target { bytes_max: 512, ..target("phrase", phrase, phrase_seeds) },
    ]
}

/// `type ‖ JSON`. What was read can be sealed again, and reads the same; but for a subject of others that is not one line.
fn content(data: &[u8]) -> Outcome {
    let Some((choice, json)) = choose(data, 2) else { return Outcome::Refused };
    match choice {
        0 => again(json, TicketContent::parse, TicketContent::to_bytes),
        _ => again(json, MessageContent::parse, MessageContent::to_bytes),
    }
}

fn again<T: PartialEq, B: AsRef<[u8]>>(
    json: &[u8],
    parse: fn(&[u8]) -> Result<T, ContentError>,
    write: fn(&T) -> Result<B, ContentError>,
) -> Outcome {
    let Ok(content) = parse(json) else { return Outcome::Refused };
    let written = match write(&content) {
        Err(ContentError::Subject(_)) => return Outcome::Accepted,
        written => written.map_err(|_| ()).expect("short content stays within its bounds"),
    };
    assert!(
        parse(written.as_ref()).is_ok_and(|again| again == content),
        "content changes when written again"
    );
    Outcome::Accepted
}

fn content_seeds() -> Vec<Vec<u8>> {
    let ticket = br#"{"v":1,"subject":"S","description":"D\n\u00e9","contact":{"mail":["a@b"]},"tags":["x"],"new":[1,-2.5e3,null]}"#;
    let message = br#"{"v":1,"message":"M","attachments":[{"name":"a.png","bytes":12}],"deep":[[[[[[]]]]]]}"#;
    vec![chosen(0, ticket), chosen(1, message)]
}

/// A file of known answers or attacks, as other implementers hand it to us.
fn answers(data: &[u8]) -> Outcome {
    let Ok(text) = str::from_utf8(data) else { return Outcome::Refused };
    let report = known_answers::check(text);
    if let Ok(report) = &report {
        assert_eq!(report.passed + report.failed, report.lines.len());
        assert!(report.to_string().ends_with(&format!("{} passed, {} failed", report.passed, report.failed)));
    }
    Outcome::from(&report)
}

/// One case a file, so that a change costs one judgement and not all of them.
fn answer_seeds() -> Vec<Vec<u8>> {
    let cases = |text: &str, list: &str, take: usize| -> Vec<Vec<u8>> {
        let file: serde_json::Value = serde_json::from_str(text).expect("the vectors are JSON");
        let cases = file[list].as_array().expect("a list of cases").iter().take(take);
        cases.map(|case| serde_json::json!({ list: [case] }).to_string().into_bytes()).collect()
    };
    let lists =
        [cases(VECTORS, "vectors", 4), cases(ATTACKS, "attacks", 8), cases(IDENTITIES, "identities", 1)];
    lists.concat()
}

fn phrase(data: &[u8]) -> Outcome {
    let Ok(text) = str::from_utf8(data) else { return Outcome::Refused };
    let Ok(phrase) = Phrase::parse(text) else { return Outcome::Refused };
    let shown = phrase.reveal();
    let again = Phrase::parse(&shown).map_err(|_| ()).expect("a phrase that is shown can be typed again");
    assert!(*again.reveal() == *shown);
    Outcome::Accepted
}

fn phrase_seeds() -> Vec<Vec<u8>> {
    let twelve = "abandon ".repeat(11) + "about";
    let many = " Abandon\t".repeat(23) + "ART\n";
    vec![twelve.into_bytes(), many.into_bytes()]
}

/// What a third party reads: whatever is taken is written again as it was meant.
fn disclosure(data: &[u8]) -> Outcome {
    let Ok((place, read)) = Disclosure::from_json(data) else { return Outcome::Refused };
    let written = read.to_json(&place).expect("what was read is text");
    let (again, _) = Disclosure::from_json(&written).expect("what was written is read");
    assert!(again == place, "a disclosure names another place when written again");
    Outcome::Accepted
}

fn disclosure_seeds() -> Vec<Vec<u8>> {
    let vectors: serde_json::Value =
        serde_json::from_str(include_str!("../../../vectors/envelope/disclosures.json")).expect("it is JSON");
    let files = vectors["disclosures"].as_array().into_iter().flatten();
    files.filter_map(|case| Some(case["file"].as_str()?.as_bytes().to_vec())).take(4).collect()
}
