//! Rust's views as values of JavaScript, through the JSON that every face shares.

use serde::Serialize;
use wasm_bindgen::JsValue;

use crate::error::failed;

/// A view as a value of JavaScript.
pub(crate) fn to_js(view: &impl Serialize) -> Result<JsValue, JsValue> {
    let json = serde_json::to_string(view).map_err(|error| failed(&error))?;
    js_sys::JSON::parse(&json)
}
