//! What a page writes, as the client takes it.

use sealdesk_client::messages::NewTicket;
use sealdesk_protocol::ticket::Priority;
use serde::Deserialize;
use wasm_bindgen::prelude::JsValue;

use super::people;
use crate::error::failed;

/// A ticket as a page writes it.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Written {
    category: String,
    priority: Option<String>,
    subject: String,
    message: String,
    /// What the customer calls themselves.
    name: Option<String>,
}

impl Written {
    pub(super) fn into_ticket(self) -> Result<NewTicket, JsValue> {
        let mut ticket = NewTicket::new(&self.category, &self.subject, &self.message);
        ticket.priority = self.priority.map(|name| priority_of(&name)).transpose()?;
        ticket.content.contact = people::contact(self.name)?;
        Ok(ticket)
    }
}

pub(super) fn priority_of(name: &str) -> Result<Priority, JsValue> {
    Priority::parse(name).ok_or_else(|| failed(&"a priority is low, normal, high or urgent"))
}
