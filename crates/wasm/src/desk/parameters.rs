//! The desk's limits, its ratings, and what became of its promises.

use sealdesk_client::receipt::TicketReceipt;
use sealdesk_protocol::genesis::Params;
use sealdesk_protocol::receipt::Trust;
use serde::Serialize;
use wasm_bindgen::prelude::{JsValue, wasm_bindgen};

use super::{Desk, done, ticket_id};
use crate::error::{failed, of_client};
use crate::identity::Identity;
use crate::value::{from_js, to_js};

#[derive(Serialize)]
struct Ratings {
    /// Of 1, 2, 3, 4 and 5.
    counts: Vec<u64>,
    number: u64,
    mean_in_hundredths: Option<u64>,
}

#[wasm_bindgen]
impl Desk {
    /// What a ticket can be about, proven.
    ///
    /// # Errors
    /// Where the node cannot be reached or proves nothing.
    pub async fn categories(&self) -> Result<Vec<String>, JsValue> {
        Ok(self.0.params().await.map_err(|error| of_client(&error))?.allowed_categories)
    }

    /// The desk's limits, proven.
    ///
    /// # Errors
    /// Where the node cannot be reached or proves nothing.
    #[wasm_bindgen(unchecked_return_type = "import(\"../views.js\").Limits")]
    pub async fn limits(&self) -> Result<JsValue, JsValue> {
        to_js(&Params::from(&self.0.params().await.map_err(|error| of_client(&error))?))
    }

    /// What is wrong with limits, in words; nothing where they can be set.
    ///
    /// # Errors
    /// Where they are not of the form that `views.d.ts` gives.
    #[wasm_bindgen(js_name = limitsFault)]
    pub fn limits_fault(
        #[wasm_bindgen(unchecked_param_type = "import(\"../views.js\").Limits")] limits: JsValue,
    ) -> Result<Option<String>, JsValue> {
        Ok(from_js::<Params>(&limits)?.checked().err().map(|refusal| refusal.to_string()))
    }

    /// Sets all limits at once, valid from the next block.
    ///
    /// # Errors
    /// As [`Desk::create_ticket`]; and where one is out of its range.
    #[wasm_bindgen(js_name = setLimits, unchecked_return_type = "import(\"../views.js\").Done")]
    pub async fn set_limits(
        &self,
        me: &Identity,
        #[wasm_bindgen(unchecked_param_type = "import(\"../views.js\").Limits")] limits: JsValue,
    ) -> Result<JsValue, JsValue> {
        let params = from_js::<Params>(&limits)?.checked().map_err(|refusal| failed(&refusal))?;
        done(self.0.update_params(me.actor(), &params).await)
    }

    /// How often each score was given, proven.
    ///
    /// # Errors
    /// As [`Desk::limits`].
    #[wasm_bindgen(unchecked_return_type = "import(\"../views.js\").Ratings")]
    pub async fn ratings(&self) -> Result<JsValue, JsValue> {
        let ratings = self.0.ratings(None).await.map_err(|error| of_client(&error))?;
        let (number, mean_in_hundredths) = (ratings.number(), ratings.mean_in_hundredths());
        to_js(&Ratings { counts: ratings.counts, number, mean_in_hundredths })
    }

    /// What was promised of a ticket and what became of it, proven.
    ///
    /// # Errors
    /// As [`Desk::limits`]; and where the ledger does not know the ticket's beginning.
    #[wasm_bindgen(js_name = serviceLevels, unchecked_return_type = "import(\"../views.js\").ServiceReport")]
    pub async fn service_levels(&self, ticket: String) -> Result<JsValue, JsValue> {
        let bytes = self.0.receipt(ticket_id(&ticket)?).await.map_err(|error| of_client(&error))?;
        // The desk has verified it already, against the pin.
        let receipt = TicketReceipt::verify(&bytes, &Trust::Unpinned).map_err(|error| failed(&error))?;
        to_js(&receipt.service_levels().map_err(|error| failed(&error))?.to_json())
    }
}
