//! Pieces of attached files, as the description has them. [`crate::blobs`] answers at these paths, which belong to no service of gRPC.

use http::Method;
use serde_json::json;

use super::answer::JSON;
use super::route::{Body, Kind, Route};

const TAG: &str = "files";
const BYTES: &str = "application/octet-stream";
const HASH: &str = "SHA-256 of the sealed piece: 64 hexadecimal digits in lower case.";
/// How a piece is brought.
const BRINGING: &str = "The header content-length says how long the piece is. The header authorization is `Sealdesk-Upload ACCOUNT TIME KEY SIGNATURE`: KEY is the \
    account's public key and SIGNATURE its ADR-36 signature, both in base64, over the lines `Sealdesk upload`, `ledger:`, `identity:`, `account:`, `blob:` (the hash), \
    `bytes:` and `made:` (TIME, in Unix seconds, at most an hour ago). A piece that a message on the ledger names is taken from anyone, without a signature. \
    What no message names within a day is let go.";

/// What is described.
pub(super) fn described() -> Vec<Route> {
    let piece = |method: Method, id: &str, summary: &str| {
        let mut route = Route::get("/blobs/{hash}", TAG, id, summary).of("hash", Kind::Text, HASH);
        (route.method, route.answer.media_type, route.answer.is_tagged) = (method, BYTES, false);
        route.answers(json!({}))
    };
    let get = piece(Method::GET, "getPiece", "A piece of an attached file, still sealed");
    let mut head = piece(Method::HEAD, "hasPiece", "Whether a piece is here, and how long it is");
    head.answer.media_type = "";
    let mut put = piece(Method::PUT, "putPiece", "Bring a piece of a file, before the message that names it");
    (put.about, put.answer.media_type, put.answer.about) = (BRINGING, "", "It is here already.");
    put.also = vec![("201", "It is kept.")];
    put.body = Some(Body { content: vec![(BYTES, json!({}))] });
    let count = json!({ "type": ["integer", "null"], "minimum": 0 });
    let mut counts = Route::get(
        "/blobs",
        TAG,
        "countPieces",
        "How many pieces messages name, and how many of them are missing",
    );
    (counts.answer.media_type, counts.answer.is_tagged) = (JSON, false);
    counts.answer.about = "As of the last look at all pieces; nulls before the first one has ended.";
    let counts = counts.answers(json!({
        "type": "object",
        "properties": { "named": count, "missing": count, "never_came": count },
        "required": ["named", "missing", "never_came"],
        "additionalProperties": false,
    }));
    vec![counts, get, head, put]
}
