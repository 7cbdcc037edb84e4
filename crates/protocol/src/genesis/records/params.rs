//! The parameters as the document writes them, and as a page gives and takes them.

use serde::{Deserialize, Serialize};

use crate::codes::Refusal;
use crate::params::Params as Checked;
use crate::wire::virtengine::support::v1 as wire;

/// The parameters, named as in the reference document.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[allow(missing_docs)] // the fields are those of `Params` in proto/
pub struct Params {
    pub max_tickets_per_customer_per_day: u32,
    pub max_responses_per_ticket: u32,
    pub ticket_cooldown_seconds: u32,
    pub auto_close_after_days: u32,
    pub max_open_tickets_per_customer: u32,
    pub reopen_window_days: u32,
    pub allowed_categories: Vec<String>,
    pub max_envelope_bytes: u32,
    pub max_recipients: u32,
    pub listed_customers: bool,
    #[serde(default)]
    pub max_attachment_bytes: u32,
    #[serde(default)]
    pub max_attachment_bytes_per_customer_per_day: u32,
    #[serde(default)]
    pub import_open: bool,
    #[serde(default)]
    pub open_queue: bool,
}

impl Params {
    /// The same, checked.
    ///
    /// # Errors
    /// [`Refusal`] where one is out of its range.
    pub fn checked(self) -> Result<Checked, Refusal> {
        Checked::from_wire(wire::Params {
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
        })
    }
}

impl From<&Checked> for Params {
    fn from(params: &Checked) -> Self {
        Self {
            max_tickets_per_customer_per_day: params.max_tickets_per_customer_per_day,
            max_responses_per_ticket: params.max_responses_per_ticket,
            ticket_cooldown_seconds: params.ticket_cooldown_seconds,
            auto_close_after_days: params.auto_close_after_days,
            max_open_tickets_per_customer: params.max_open_tickets_per_customer,
            reopen_window_days: params.reopen_window_days,
            allowed_categories: params.allowed_categories.clone(),
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
