//! The desk's limits, its ratings, and what became of its promises.

use sealdesk_client::receipt::TicketReceipt;
use sealdesk_protocol::params::Params;
use sealdesk_protocol::receipt::Trust;
use sealdesk_protocol::wire::virtengine::support::v1 as support;
use serde::{Deserialize, Serialize};
use wasm_bindgen::prelude::{JsValue, wasm_bindgen};

use super::{Desk, done, ticket_id};
use crate::error::{failed, of_client};
use crate::identity::Identity;
use crate::value::{from_js, to_js};

/// The limits as a page gives and takes them: of the same names as everywhere.
#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Limits {
    max_tickets_per_customer_per_day: u32,
    max_responses_per_ticket: u32,
    ticket_cooldown_seconds: u32,
    auto_close_after_days: u32,
    max_open_tickets_per_customer: u32,
    reopen_window_days: u32,
    allowed_categories: Vec<String>,
    max_envelope_bytes: u32,
    max_recipients: u32,
    listed_customers: bool,
    max_attachment_bytes: u32,
    max_attachment_bytes_per_customer_per_day: u32,
    import_open: bool,
    open_queue: bool,
}

impl From<Params> for Limits {
    fn from(params: Params) -> Self {
        Self {
            max_tickets_per_customer_per_day: params.max_tickets_per_customer_per_day,
            max_responses_per_ticket: params.max_responses_per_ticket,
            ticket_cooldown_seconds: params.ticket_cooldown_seconds,
            auto_close_after_days: params.auto_close_after_days,
            max_open_tickets_per_customer: params.max_open_tickets_per_customer,
            reopen_window_days: params.reopen_window_days,
            allowed_categories: params.allowed_categories,
            max_envelope_bytes: params.max_envelope_bytes,
            max_recipients: params.max_recipients,
            listed_customers: params.listed_customers,
            max_attachment_bytes: params.max_attachment_bytes,
            max_attachment_bytes_per_customer_per_day: params.max_attachment_bytes_per_customer_per_day,
            import_open: params.import_open,
            open_queue: params.open_queue,
        }
    }
}

impl Limits {
    fn checked(self) -> Result<Params, String> {
        let wire = support::Params {
            max_tickets_per_customer_per_day: self.max_tickets_per_customer_per_day,
            max_responses_per_ticket: self.max_responses_per_ticket,
            ticket_cooldown_seconds: self.ticket_cooldown_seconds,
            auto_close_after_days: self.auto_close_after_days,
            max_open_tickets_per_customer: self.max_open_tickets_per_customer,
            reopen_window_days: self.reopen_window_days,
            allowed_categories: self.allowed_categories,
            max_envelope_bytes: self.max_envelope_bytes,
            max_recipients: self.max_recipients,
            listed_customers: self.listed_customers,
            max_attachment_bytes: self.max_attachment_bytes,
            max_attachment_bytes_per_customer_per_day: self.max_attachment_bytes_per_customer_per_day,
            import_open: self.import_open,
            open_queue: self.open_queue,
        };
        Params::from_wire(wire).map_err(|refusal| refusal.to_string())
    }
}

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
        to_js(&Limits::from(self.0.params().await.map_err(|error| of_client(&error))?))
    }

    /// What is wrong with limits, in words; nothing where they can be set.
    ///
    /// # Errors
    /// Where they are not of the form that `views.d.ts` gives.
    #[wasm_bindgen(js_name = limitsFault)]
    pub fn limits_fault(
        #[wasm_bindgen(unchecked_param_type = "import(\"../views.js\").Limits")] limits: JsValue,
    ) -> Result<Option<String>, JsValue> {
        Ok(from_js::<Limits>(&limits)?.checked().err())
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
        let params = from_js::<Limits>(&limits)?.checked().map_err(|why| failed(&why))?;
        done(self.0.update_params(me.actor(), &params)).await
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
