//! Who else of the staff is at a ticket.

use sealdesk_client::presence::Doing;
use sealdesk_protocol::presence::Others;
use wasm_bindgen::prelude::{JsValue, wasm_bindgen};

use super::{Desk, ticket_id};
use crate::error::{failed, of_client};
use crate::identity::Identity;
use crate::value::{from_js, to_js};

#[wasm_bindgen]
impl Desk {
    /// The header `authorization` by which this person says that they are at a ticket. Good for a minute.
    ///
    /// # Errors
    /// Where the account cannot sign.
    #[wasm_bindgen(js_name = signPresence)]
    pub async fn sign_presence(
        &self,
        me: &Identity,
        ticket: String,
        #[wasm_bindgen(unchecked_param_type = "import(\"../views.js\").Doing")] doing: JsValue,
    ) -> Result<String, JsValue> {
        let doing: Doing = from_js(&doing)?;
        self.0.sign_presence(me.actor(), ticket_id(&ticket)?, doing).await.map_err(|error| of_client(&error))
    }

    /// Who of those in a node's answer are others at this ticket now, and on the staff: each by their own signature.
    ///
    /// # Errors
    /// Where the answer is not one, or it cannot be proven who is on the staff.
    #[wasm_bindgen(unchecked_return_type = "import(\"../views.js\").Present[]")]
    pub async fn present(&self, me: &Identity, ticket: String, answer: String) -> Result<JsValue, JsValue> {
        let told: Others = serde_json::from_str(&answer).map_err(|error| failed(&error))?;
        let present = self.0.present(me.actor(), ticket_id(&ticket)?, &told).await;
        to_js(&present.map_err(|error| of_client(&error))?)
    }
}
