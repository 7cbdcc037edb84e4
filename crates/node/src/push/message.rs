//! What a device is told: always the same, in the JSON of declarative web push, which browsers that know it show without a script.

use serde_json::json;

use super::devices::Language;

/// By what a browser knows such a message.
const DECLARATIVE: u16 = 8_030;
/// Replaces the notice before on the same device.
const TAG: &str = "sealdesk";

/// The text for devices of pages at an origin, `https://desk.example`.
pub(super) fn text(origin: &str, language: Language) -> Vec<u8> {
    let title = match language {
        Language::English => "Sealdesk: something new",
        Language::German => "Sealdesk: etwas Neues",
    };
    let notification = json!({
        "title": title,
        "lang": language.tag(),
        "dir": "ltr",
        "tag": TAG,
        "navigate": format!("{origin}/"),
    });
    json!({ "web_push": DECLARATIVE, "notification": notification }).to_string().into_bytes()
}
