//! `disclosures`: a file gives this digest at its place, and at no other; one that was changed gives another, or is none.

use serde::Deserialize;
use serde_json::Value;

use super::format::{ContextFields, Hex, read, same};
use crate::disclose::Disclosure;

#[derive(Deserialize)]
struct DisclosureVector {
    /// The place that a receipt proves.
    context: ContextFields,
    /// The file, as its text.
    file: String,
    /// The digest that a receipt proves.
    digest: Hex,
    /// Whether the file must not give that digest.
    #[serde(default)]
    refused: bool,
}

pub(super) fn judge(case: &Value) -> Result<(), String> {
    let vector: DisclosureVector = read(case)?;
    let context = vector.context.context().ok_or("the kind is not one that is known")?;
    let digest = match Disclosure::from_json(vector.file.as_bytes()) {
        Ok((_, disclosure)) => disclosure.digest(&context).map_err(|error| error.to_string()),
        Err(error) => Err(error.to_string()),
    };
    match (digest, vector.refused) {
        (Ok(digest), true) if digest.as_slice() == vector.digest.0 => Err("it is not refused".to_owned()),
        (_, true) => Ok(()),
        (Ok(digest), false) => same("digest", digest.as_slice(), &vector.digest.0),
        (Err(why), false) => Err(why),
    }
}
