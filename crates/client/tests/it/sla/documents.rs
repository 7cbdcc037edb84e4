//! The documents are read strictly: a mistyped word is told to whoever writes it, with its place and what is right.

use sealdesk_client::sla::{Kind, OfficeHours, ServiceLevels, check_document, example};
use sealdesk_protocol::document::DocumentName;
use sealdesk_protocol::ticket::Priority;
use serde_json::{Value, json};

use super::{HOURS, LEVELS};

fn fault(name: &str, body: &Value) -> String {
    let name = DocumentName::parse(name).unwrap();
    check_document(&name, body.to_string().as_bytes()).unwrap_err().to_string()
}

fn changed(body: &str, change: impl FnOnce(&mut Value)) -> Value {
    let mut body: Value = serde_json::from_str(body).unwrap();
    change(&mut body);
    body
}

#[test]
fn service_levels_that_are_mistyped_are_refused_with_their_place() {
    type Change = fn(&mut Value);
    let cases: [(Change, &str); 16] = [
        (
            |v| v["target"] = json!([]),
            "unknown field `target`, expected one of `schema`, `calendar`, `targets`",
        ),
        (|v| v["targets"][0]["resolve"] = json!("1h"), "expected one of `priorities`, `categories`"),
        (|v| v["schema"] = json!(2), "sla schema: is 2, and this program knows 1 only"),
        (|v| drop(v.as_object_mut().unwrap().remove("schema")), "missing field `schema`"),
        (
            |v| v["calendar"] = json!("business"),
            "unknown variant `business`, expected `office-hours` or `always`",
        ),
        (|v| v["targets"] = json!([]), "sla targets: has 0 rows: 1 to 64 are possible"),
        (|v| v["targets"] = Value::Array(vec![v["targets"][0].clone(); 65]), "has 65 rows"),
        (
            |v| v["targets"][0]["priorities"] = json!(["High"]),
            "sla targets[0].priorities[0]: is not a priority",
        ),
        (|v| v["targets"][0]["priorities"] = json!([]), "sla targets[0].priorities: is empty"),
        (
            |v| v["targets"][1]["categories"] = json!(["Böse"]),
            "sla targets[1].categories[0]: is not a category",
        ),
        (|v| v["targets"][2] = json!({}), "sla targets[2]: promises nothing"),
        (
            |v| v["targets"][2]["resolution"] = json!("8"),
            "sla targets[2].resolution: is not a time from 1m to 8760h",
        ),
        (|v| v["targets"][2]["resolution"] = json!("2d"), "how long a day is, the calendar says"),
        (|v| v["targets"][2]["resolution"] = json!("0h"), "is not a time from 1m to 8760h"),
        (|v| v["targets"][2]["resolution"] = json!("8761h"), "is not a time from 1m to 8760h"),
        (|v| v["targets"][2]["resolution"] = json!(8), "invalid type: integer `8`, expected a string"),
    ];
    for (change, told) in cases {
        let body = changed(LEVELS, change);
        let said = fault("sla", &body);
        assert!(said.contains(told), "{body}\n{said}");
    }
}

#[test]
fn office_hours_that_are_mistyped_are_refused_with_their_place() {
    type Change = fn(&mut Value);
    let cases: [(Change, &str); 17] = [
        (
            |v| v["timezone"] = json!("UTC"),
            "unknown field `timezone`, expected one of `schema`, `zone`, `week`, `holidays`",
        ),
        (|v| v["week"]["mon"] = json!([]), "unknown field `mon`, expected one of `monday`, `tuesday`"),
        (|v| v["zone"] = json!("Berlin"), "'Berlin' is not in the time zone database"),
        (|v| v["zone"] = json!("europe/berlin"), "letter by letter"),
        (|v| v["zone"] = json!("/etc/localtime"), "is not in the time zone database"),
        (|v| v["week"] = json!({}), "office-hours week: an office that never opens"),
        (|v| v["week"]["monday"] = json!(["9-17"]), "office-hours week.monday[0]: is not a span of a day"),
        (|v| v["week"]["monday"] = json!(["09:00-09:00"]), "is not a span of a day"),
        (|v| v["week"]["monday"] = json!(["22:00-06:00"]), "is not a span of a day"),
        (|v| v["week"]["monday"] = json!(["09:00-24:01"]), "is not a span of a day"),
        (|v| v["week"]["monday"] = json!(["09:00-12:60"]), "is not a span of a day"),
        (|v| v["week"]["monday"] = json!(["09:00-12:00", "11:59-13:00"]), "week.monday[1]: begins before"),
        (|v| v["week"]["monday"] = json!(vec!["09:00-09:01"; 9]), "week.monday: has more than 8 spans"),
        (
            |v| v["holidays"] = json!([{ "date": "2026-02-29" }]),
            "office-hours holidays[0].date: is not a day",
        ),
        (|v| v["holidays"] = json!([{ "date": "26-12-25" }]), "is not a day of the calendar"),
        (
            |v| v["holidays"] = json!([{ "date": "2026-12-25" }, { "date": "2026-12-25" }]),
            "office-hours holidays[1].date: stands there twice",
        ),
        (|v| v["holidays"] = json!([{ "date": "2026-12-25", "closed": true }]), "unknown field `closed`"),
    ];
    for (change, told) in cases {
        let body = changed(HOURS, change);
        let said = fault("office-hours", &body);
        assert!(said.contains(told), "{body}\n{said}");
    }
    assert!(
        check_document(&DocumentName::parse("page").unwrap(), b"{}").is_ok(),
        "others say what they want"
    );
}

#[test]
fn every_length_of_time_that_people_write_is_read() {
    for (text, seconds) in
        [("1m", 60), ("90m", 5_400), ("4h", 14_400), ("1h30m", 5_400), ("8760h", 31_536_000), ("0h1m", 60)]
    {
        let body = changed(LEVELS, |v| v["targets"][2]["resolution"] = json!(text)).to_string();
        let levels = ServiceLevels::parse(body.as_bytes()).unwrap();
        let promise = levels.promise(Kind::Resolution, Priority::Low, "other").unwrap();
        assert_eq!(promise.seconds, seconds, "{text}");
    }
}

#[test]
fn bytes_that_are_no_document_are_refused_and_nothing_else_happens() {
    let good = example("office-hours").unwrap().trim_end().as_bytes();
    for place in 0..good.len() {
        for byte in [0, b'"', b'9', 0xff] {
            let mut bytes = good.to_vec();
            bytes[place] = byte;
            let _ = OfficeHours::parse(&bytes);
            let _ = ServiceLevels::parse(&bytes);
        }
        assert!(OfficeHours::parse(&good[..place]).is_err());
    }
}
