//! What a search reads of a ticket.

use sealdesk_client::view::{Message, Ticket};
use serde::Serialize;
use wasm_bindgen::prelude::{JsValue, wasm_bindgen};

use super::people::{SaidOf, said_in};
use super::{Desk, ticket_id};
use crate::error::of_client;
use crate::identity::Identity;
use crate::value::to_js;

/// A ticket and what was said in it.
#[derive(Serialize)]
struct Look<'a> {
    ticket: Ticket,
    messages: &'a [Message],
    said_name: Option<SaidOf<'a>>,
}

#[wasm_bindgen]
impl Desk {
    /// Opens what was said in a ticket, verified as [`Desk::read`] does, and nothing of what happened in between.
    ///
    /// # Errors
    /// As [`Desk::read`].
    #[wasm_bindgen(unchecked_return_type = "import(\"../views.js\").Look")]
    pub async fn look(&self, me: &Identity, ticket: String) -> Result<JsValue, JsValue> {
        let (ticket, messages) =
            self.0.look(me.actor(), ticket_id(&ticket)?).await.map_err(|error| of_client(&error))?;
        to_js(&Look { ticket, messages: &messages, said_name: said_in(&messages) })
    }
}
