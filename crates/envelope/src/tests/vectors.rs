use crate::known_answers::{CheckError, check};

macro_rules! vector_file {
    ($name:literal) => {
        include_str!(concat!("../../../../vectors/envelope/", $name))
    };
}

#[test]
fn all_known_envelopes_are_reproduced_and_opened() {
    let report = check(vector_file!("envelope.json")).unwrap();
    assert_eq!((report.passed, report.failed), (9, 0), "{report}");
}

#[test]
fn all_known_identities_are_reproduced() {
    let report = check(vector_file!("identity.json")).unwrap();
    assert_eq!((report.passed, report.failed), (2, 0), "{report}");
}

#[test]
fn all_known_files_are_reproduced_and_opened() {
    let report = check(vector_file!("attachments.json")).unwrap();
    assert_eq!((report.passed, report.failed), (9, 0), "{report}");
    let changed = vector_file!("attachments.json").replacen("\"size\": 9000", "\"size\": 9001", 1);
    assert_eq!(check(&changed).unwrap().failed, 1);
}

#[test]
fn all_known_disclosures_give_their_digest_and_every_changed_one_another() {
    let report = check(vector_file!("disclosures.json")).unwrap();
    assert_eq!((report.passed, report.failed), (25, 0), "{report}");
    let changed = vector_file!("disclosures.json").replacen("Printer on fire", "Printer on ice", 1);
    assert_eq!(check(&changed).unwrap().failed, 1);
}

#[test]
fn all_sample_attacks_are_refused_for_the_reason_given() {
    let report = check(vector_file!("attacks-sample.json")).unwrap();
    assert_eq!((report.passed, report.failed), (6, 0), "{report}");
    let reasons =
        ["not a recipient", "client signature", "version 2", "client signature", "unwrap", "commitment"];
    for (line, reason) in report.lines.iter().zip(reasons) {
        assert!(line.contains(reason), "{line} should be refused for {reason}");
    }
}

#[test]
fn a_file_of_another_form_is_refused_with_a_type() {
    assert_eq!(check("{}"), Err(CheckError::UnknownFormat));
    assert_eq!(check(r#"{"vectors": 3}"#), Err(CheckError::UnknownFormat));
    assert_eq!(check("[1,"), Err(CheckError::NotJson { line: 1, column: 3 }));
    let empty = check(r#"{"attacks": []}"#).unwrap();
    assert_eq!((empty.passed, empty.failed), (0, 0));
}

#[test]
fn a_case_that_cannot_be_read_fails_rather_than_passes() {
    let report = check(r#"{"attacks": [{"name": "empty"}, 7]}"#).unwrap();
    assert_eq!((report.passed, report.failed), (0, 2), "{report}");
    let upper = vector_file!("attacks-sample.json").replacen("\"327a1e", "\"327A1E", 1);
    let report = check(&upper).unwrap();
    assert_eq!((report.passed, report.failed), (5, 1), "{report}");
}

#[test]
fn a_changed_byte_in_a_known_answer_fails_it() {
    let json = vector_file!("envelope.json");
    let mut failed = 0;
    for (from, to) in [
        ("c5ca43e4fbd4a9a0", "c5ca43e4fbd4a9a1"),
        ("7b2276223a20312c", "7b2276223a20312d"),
        ("\"sequence\": 7", "\"sequence\": 8"),
        ("a61e35a67fa38210", "a61e35a67fa38211"),
    ] {
        assert!(json.contains(from), "{from}");
        let report = check(&json.replacen(from, to, 1)).unwrap();
        assert_eq!(report.passed + report.failed, 9);
        failed += report.failed;
    }
    assert_eq!(failed, 4);
}
