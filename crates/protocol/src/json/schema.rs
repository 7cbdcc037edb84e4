//! The views as JSON Schema (2020-12), so that whoever describes an interface to them, as OpenAPI does, keeps no second list of fields.

use std::collections::BTreeMap;

use serde_json::{Map, Value, json};

use super::answers;
use crate::account::AccountState;
use crate::messages::AssignableRole;
use crate::ticket::{Priority, Status};

/// What a type is in JSON Schema.
pub trait Shape {
    /// Its schema; of a view a reference to one of [`schemas`].
    fn shape() -> Value;

    /// The schema of a list of it. Bytes are no list of numbers, but base64.
    fn list() -> Value {
        json!({ "type": "array", "items": Self::shape() })
    }
}

/// The schemas of all views, by name, for the place that a document keeps them in: `#/components/schemas/`.
pub fn schemas() -> BTreeMap<String, Value> {
    let views = super::view_schemas().into_iter().map(|(name, schema)| (name.to_owned(), schema));
    views.chain(answers::schemas()).collect()
}

/// A reference to a view's schema.
pub(super) fn reference(name: &str) -> Value {
    json!({ "$ref": format!("#/components/schemas/{name}") })
}

/// An object that has all of these fields and no others.
pub(super) fn object(about: &str, fields: &[(&str, Value)]) -> Value {
    // A raw identifier's name begins with `r#`.
    let plain = |name: &str| name.trim_start_matches("r#").to_owned();
    let required: Vec<String> = fields.iter().map(|(name, _)| plain(name)).collect();
    let properties: Map<String, Value> =
        fields.iter().map(|(name, schema)| (plain(name), schema.clone())).collect();
    json!({
        "type": "object",
        "description": about.trim(),
        "properties": properties,
        "required": required,
        "additionalProperties": false,
    })
}

/// The schema of a view's field: of its type, unless the function that makes it says more.
pub(super) fn field<T: Shape>(convert: &str) -> Value {
    let names = match convert {
        "time" => return json!({ "type": ["string", "null"], "format": "date-time" }),
        "status" => Status::ALL.map(Status::name).to_vec(),
        "priority" => Priority::ALL.map(Priority::name).to_vec(),
        "role" => AssignableRole::ALL.map(AssignableRole::name).to_vec(),
        "account_state" => AccountState::ALL.map(AccountState::name).to_vec(),
        _ => return T::shape(),
    };
    json!({ "type": "string", "enum": names })
}

impl Shape for String {
    fn shape() -> Value {
        json!({ "type": "string" })
    }
}

impl Shape for &str {
    fn shape() -> Value {
        json!({ "type": "string" })
    }
}

impl Shape for bool {
    fn shape() -> Value {
        json!({ "type": "boolean" })
    }
}

impl Shape for u8 {
    fn shape() -> Value {
        json!({ "type": "integer", "minimum": 0, "maximum": u8::MAX })
    }

    fn list() -> Value {
        json!({ "type": "string", "contentEncoding": "base64" })
    }
}

impl Shape for u32 {
    fn shape() -> Value {
        json!({ "type": "integer", "minimum": 0, "maximum": u32::MAX })
    }
}

impl Shape for u64 {
    fn shape() -> Value {
        json!({ "type": "integer", "format": "int64", "minimum": 0 })
    }
}

impl Shape for i64 {
    fn shape() -> Value {
        json!({ "type": "integer", "format": "int64" })
    }
}

impl<T: Shape> Shape for Option<T> {
    fn shape() -> Value {
        json!({ "anyOf": [T::shape(), { "type": "null" }] })
    }
}

impl<T: Shape> Shape for Vec<T> {
    fn shape() -> Value {
        T::list()
    }
}

impl<T: Shape> Shape for std::collections::BTreeMap<String, T> {
    fn shape() -> Value {
        json!({ "type": "object", "additionalProperties": T::shape() })
    }
}
