//! Rust's views as values of JavaScript, through the JSON that every face shares.

use serde::Serialize;
use serde::de::DeserializeOwned;
use wasm_bindgen::JsValue;

use crate::error::failed;

/// A view as a value of JavaScript.
pub(crate) fn to_js(view: &impl Serialize) -> Result<JsValue, JsValue> {
    let json = serde_json::to_string(view).map_err(|error| failed(&error))?;
    js_sys::JSON::parse(&json)
}

/// What a page gives, read as a type of ours.
pub(crate) fn from_js<T: DeserializeOwned>(given: &JsValue) -> Result<T, JsValue> {
    let json = js_sys::JSON::stringify(given)?;
    serde_json::from_str(&String::from(json)).map_err(|error| failed(&error))
}
