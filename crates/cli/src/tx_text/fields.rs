//! Every field of a message, uncut: whoever signs sees all of what is signed, however long it is.

use std::collections::BTreeSet;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use sealdesk_protocol::text;
use serde_json::{Map, Value};

use super::KeysOfPeople;
use crate::table::count;

/// How far a field stands behind what it belongs to.
const INDENT: usize = 3;

/// What names people while fields are shown.
pub(super) struct Names<'a> {
    /// Whose each key is.
    pub(super) keys: &'a KeysOfPeople,
    /// Whose address a text is; `None` where it is nobody's that is known here.
    pub(super) person: &'a dyn Fn(&str) -> Option<String>,
}

impl Names<'_> {
    /// Every field of a message that says something.
    pub(super) fn fields(&self, of: &Map<String, Value>, lines: &mut Vec<String>) {
        let says = |value: &Value| match value {
            Value::String(text) => !text.is_empty() && text != "0",
            Value::Null | Value::Bool(false) => false,
            Value::Number(number) => number.as_f64() != Some(0.0),
            Value::Array(list) => !list.is_empty(),
            Value::Bool(true) | Value::Object(_) => true,
        };
        for (name, value) in of.iter().filter(|(_, value)| says(value)) {
            self.field(name, value, INDENT, lines);
        }
    }

    /// One field. Of what stands in another nothing is left out: a limit of 0 is one.
    fn field(&self, name: &str, value: &Value, indent: usize, lines: &mut Vec<String>) {
        let label = format!("{:indent$}{}:", "", text::line(name));
        match value {
            Value::Object(inner) if inner.contains_key("wrapped_keys") => {
                lines.push(format!("{label} {}", self.sealed(inner)));
            }
            Value::Array(grants) if name == "grants" => {
                lines.push(format!("{label} {}", self.granted(grants)));
            }
            Value::Array(files) if name == "attachments" => {
                let numbered = files.iter().zip(1_usize..);
                lines.extend(numbered.map(|(one, number)| format!("{label} file {number}, {}", file(one))));
            }
            Value::String(body) if name == "body" => body_lines(&label, body, indent, lines),
            Value::String(text) if name == "@type" => lines.push(format!("{label} {}", text::line(text))),
            Value::String(text) => {
                let shown = (self.person)(text).unwrap_or_else(|| quoted(text));
                lines.push(format!("{label} {shown}"));
            }
            Value::Object(inner) => {
                lines.push(label);
                let deeper = indent.saturating_add(INDENT);
                inner.iter().for_each(|(name, value)| self.field(name, value, deeper, lines));
            }
            Value::Array(list) => {
                for (value, number) in list.iter().zip(1_usize..) {
                    self.field(&format!("{name} {number}"), value, indent, lines);
                }
            }
            Value::Null => lines.push(format!("{label} none")),
            Value::Bool(_) | Value::Number(_) => lines.push(format!("{label} {value}")),
        }
    }

    /// Who can open an envelope, and how long it is.
    fn sealed(&self, envelope: &Map<String, Value>) -> String {
        let readers = envelope.get("wrapped_keys").and_then(Value::as_array).cloned().unwrap_or_default();
        let readers = readers.iter().map(|entry| self.reader(entry));
        let ciphertext = envelope.get("payload_ciphertext").and_then(Value::as_str).unwrap_or_default();
        let bytes = STANDARD.decode(ciphertext).map_or(0, |bytes| bytes.len());
        format!("{bytes} bytes, sealed for {}", listed(readers))
    }

    /// Who gets access, and to how many messages.
    fn granted(&self, grants: &[Value]) -> String {
        let readers = grants.iter().map(|grant| self.reader(&grant["entry"]));
        format!("{} for {}", count(grants.len(), "message"), listed(readers))
    }

    fn reader(&self, entry: &Value) -> String {
        let key = text::line(entry["recipient_id"].as_str().unwrap_or_default());
        self.keys.get(&key).cloned().unwrap_or_else(|| format!("the unknown key {key}"))
    }
}

/// Each once, by name.
fn listed(readers: impl Iterator<Item = String>) -> String {
    let once: BTreeSet<String> = readers.collect();
    if once.is_empty() { "nobody".to_owned() } else { Vec::from_iter(once).join(", ") }
}

/// A file by its root, which is a digest over its length and its pieces.
fn file(one: &Value) -> String {
    let root = one["root"].as_str().unwrap_or_default();
    let root = STANDARD.decode(root).map_or_else(|_| text::line(root), hex::encode);
    let bytes = text::line(one["bytes"].as_str().unwrap_or_default());
    let pieces = one["blobs"].as_array().map_or(0, Vec::len);
    format!("{bytes} bytes in {}, root {root}", count(pieces, "piece"))
}

/// The text of a public body as its writer made it; as base64 where it is none.
fn body_lines(label: &str, body: &str, indent: usize, lines: &mut Vec<String>) {
    let decoded = STANDARD.decode(body).ok().and_then(|bytes| String::from_utf8(bytes).ok());
    match decoded {
        None => lines.push(format!("{label} {}", quoted(body))),
        Some(written) => {
            lines.push(format!("{label} PUBLIC"));
            lines.extend(text::block(&written).iter().map(|line| format!("{:indent$}   | {line}", "")));
        }
    }
}

pub(super) fn quoted(text: &str) -> String {
    format!("\"{}\"", text::line(text))
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn shown(message: &Value) -> String {
        let keys = KeysOfPeople::from([("k1".to_owned(), "alice".to_owned())]);
        let person = |text: &str| (text == "virtengine1a").then(|| "bob".to_owned());
        let mut lines = Vec::new();
        Names { keys: &keys, person: &person }.fields(message.as_object().unwrap(), &mut lines);
        lines.join("\n")
    }

    #[test]
    fn nothing_is_cut_and_what_stands_in_a_field_is_whole() {
        let list: Vec<String> = (0..99).map(|n| format!("category-{n}")).collect();
        let params =
            json!({"allowed_categories": list, "cooldown": "0", "import_open": false, "open_queue": true});
        let all = shown(&json!({"params": params, "authority": "virtengine1a", "note": "", "left": false}));
        assert!(
            all.contains("   authority: bob\n") && !all.contains("note") && !all.contains("left"),
            "{all}"
        );
        assert!(all.contains("      allowed_categories 99: \"category-98\"\n"), "{all}");
        assert!(
            all.contains("      cooldown: \"0\"\n      import_open: false\n      open_queue: true"),
            "{all}"
        );
        let reason = "x".repeat(5_000);
        assert!(shown(&json!({"reason": reason})).ends_with(&format!("\"{reason}\"")));
        let nested = shown(&json!({"a": {"b": {"c": "\u{1b}[2J\n1. close"}}}));
        assert_eq!(nested, "   a:\n      b:\n         c: \"\\u{1b}[2J\\n1. close\"");
    }

    #[test]
    fn a_public_body_is_read_and_a_file_is_named_by_its_root() {
        let written = format!("{{\"a\":\"{}\",\n\"z\":\"\u{202e}end\"}}", "x".repeat(3_000));
        let body = shown(&json!({"body": STANDARD.encode(&written)}));
        assert!(body.starts_with("   body: PUBLIC\n      | {\"a\":\"xxx"), "{body}");
        assert!(body.ends_with("\n      | \"z\":\"\\u{202e}end\"}"), "{body}");
        let bytes = STANDARD.encode([0xff; 400]);
        assert_eq!(shown(&json!({"body": bytes})), format!("   body: \"{bytes}\""));
        let file = json!({"root": STANDARD.encode([7; 32]), "bytes": "65536", "blobs": ["AA==", "AB=="]});
        let files = shown(&json!({"attachments": [file.clone(), file]}));
        let root = "07".repeat(32);
        assert!(files.ends_with(&format!("file 2, 65536 bytes in 2 pieces, root {root}")), "{files}");
        let sealed = json!({"wrapped_keys": [{"recipient_id": "k1"}, {"recipient_id": "k2"}],
            "payload_ciphertext": STANDARD.encode([1; 304])});
        let sealed = shown(&json!({"encrypted_payload": sealed}));
        assert_eq!(sealed, "   encrypted_payload: 304 bytes, sealed for alice, the unknown key k2");
    }
}
