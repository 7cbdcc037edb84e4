//! The queue of staff in pages.

use std::collections::{BTreeMap, BTreeSet};

use sealdesk_client::inbox::{PagedList, TicketsPart};
use sealdesk_client::node::{QueueOf, TicketsBy};
use sealdesk_client::view::{About, Ticket};
use sealdesk_protocol::ids::Address;
use sealdesk_protocol::ticket::Status;
use serde::Serialize;
use wasm_bindgen::prelude::{JsValue, wasm_bindgen};

use super::{Desk, ticket_id};
use crate::error::{failed, of_client};
use crate::identity::Identity;
use crate::value::to_js;

/// What somebody may list.
#[derive(Serialize)]
struct QueueRole {
    role: &'static str,
    active: bool,
    takes: bool,
}

/// A page of a list.
#[derive(Serialize)]
struct Part<'a> {
    tickets: &'a [Ticket],
    about: BTreeMap<String, &'a About>,
    /// The bytes of the next page's cursor; none after the last page.
    next: &'a [u8],
    ticket_count: u64,
}

#[wasm_bindgen]
impl Desk {
    /// What this person may list: role, whether they may act, whether they may take what nobody has.
    ///
    /// # Errors
    /// Where the node cannot be reached or contradicts what is known.
    #[wasm_bindgen(js_name = queueRole, unchecked_return_type = "import(\"../views.js\").QueueRole")]
    pub async fn queue_role(&self, me: &Identity) -> Result<JsValue, JsValue> {
        let address = self.0.address_of(me.actor());
        let found = self.0.queue_role(&address).await.map_err(|error| of_client(&error))?;
        to_js(&QueueRole { role: found.role.name(), active: found.is_active, takes: found.takes })
    }

    /// A page of a list: each ticket proven, by number, and what is shown of those that are unfinished. Without a cursor the first page.
    ///
    /// # Errors
    /// Where there is no such list, or as [`Desk::queue_role`].
    #[wasm_bindgen(js_name = queuePage, unchecked_return_type = "import(\"../views.js\").QueuePart")]
    pub async fn queue_page(
        &self,
        me: &Identity,
        #[wasm_bindgen(unchecked_param_type = "import(\"../views.js\").QueueList")] list: String,
        cursor: Vec<u8>,
    ) -> Result<JsValue, JsValue> {
        let list = named(&list, &self.0.address_of(me.actor()))?;
        shown(&self.0.tickets_page(&list, &cursor).await.map_err(|error| of_client(&error))?)
    }

    /// Tickets by their numbers, at most 200, each proven. What the ledger does not have is left out.
    ///
    /// # Errors
    /// As [`Desk::queue_role`].
    #[wasm_bindgen(js_name = queueTickets, unchecked_return_type = "import(\"../views.js\").QueuePart")]
    pub async fn queue_tickets(&self, tickets: Vec<String>) -> Result<JsValue, JsValue> {
        let ids = tickets.iter().map(|ticket| ticket_id(ticket)).collect::<Result<BTreeSet<_>, _>>()?;
        shown(&self.0.tickets_by_number(&ids).await.map_err(|error| of_client(&error))?)
    }
}

/// A list by the name that a page has for it.
fn named(list: &str, me: &Address) -> Result<PagedList, JsValue> {
    let mine = |status| PagedList::Newest(TicketsBy::Agent(me.clone(), Some(status)));
    Ok(match list {
        "all" => PagedList::Unfinished(QueueOf::All),
        "unassigned" => PagedList::Unfinished(QueueOf::Unassigned),
        "agent" => PagedList::Unfinished(QueueOf::Agent(me.clone())),
        "customer" => PagedList::Unfinished(QueueOf::Customer(me.clone())),
        "resolved" => PagedList::Newest(TicketsBy::Status(Status::Resolved)),
        "closed" => PagedList::Newest(TicketsBy::Status(Status::Closed)),
        "agent-resolved" => mine(Status::Resolved),
        "agent-closed" => mine(Status::Closed),
        _ => return Err(failed(&format!("'{list}' is not a list of tickets"))),
    })
}

fn shown(part: &TicketsPart) -> Result<JsValue, JsValue> {
    let about = part.about.iter().map(|(id, about)| (id.to_string(), about)).collect();
    to_js(&Part { tickets: &part.tickets, about, next: &part.next, ticket_count: part.ticket_count })
}
