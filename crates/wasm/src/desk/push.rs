//! Notices: what a device signs so that the node pushes to it, or stops.

use sealdesk_protocol::push::PushAct;
use wasm_bindgen::prelude::{JsValue, wasm_bindgen};

use super::Desk;
use crate::error::of_client;
use crate::identity::Identity;

#[wasm_bindgen]
impl Desk {
    /// The header `authorization` of a request about notices with exactly this body: to have them pushed to the device that it names, or
    /// to end that. Good for an hour.
    ///
    /// # Errors
    /// Where the account cannot sign.
    #[wasm_bindgen(js_name = signPush)]
    pub async fn sign_push(&self, me: &Identity, subscribes: bool, body: String) -> Result<String, JsValue> {
        let act = if subscribes { PushAct::Subscribe } else { PushAct::Unsubscribe };
        self.0.sign_push(me.actor(), act, body.as_bytes()).await.map_err(|error| of_client(&error))
    }
}
