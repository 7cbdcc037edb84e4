//! What staff do with a ticket beside answering: several acts in one transaction, passing it on, writing one for a caller, erasing.

use sealdesk_client::messages::{
    Act, Import, ImportedFrom, NewAssignees, NewCustomer, NewImport, NewLink, NewResponse, TicketContent,
    is_tag,
};
use sealdesk_protocol::ids::{Address, TicketId};
use sealdesk_protocol::import::ImportSource;
use sealdesk_protocol::ticket::{LinkKind, Priority};
use serde::{Deserialize, Serialize};
use wasm_bindgen::prelude::{JsValue, wasm_bindgen};

use super::files::Attachments;
use super::written::priority_of;
use super::{Desk, Done, done, ticket_id};
use crate::error::{failed, of_client};
use crate::identity::Identity;
use crate::value::{from_js, to_js};

/// An act as a page names it.
#[derive(Deserialize)]
#[serde(tag = "act", rename_all = "snake_case", deny_unknown_fields)]
enum Named {
    Reply { message: String },
    Note { message: String },
    Tags { tags: Vec<String>, message: String },
    StartWork {},
    AwaitCustomer {},
    Resolve { reference: String },
    Close { reason: String },
    Reopen { reason: String },
    Prioritize { priority: String, reason: String },
    Snooze { until: Option<i64> },
    Link { ticket: String, kind: String, other: String },
    Unlink { ticket: String, kind: String, other: String },
}

/// An act with what it names, read.
enum Read {
    Respond(Box<NewResponse>),
    StartWork,
    AwaitCustomer,
    Resolve(String),
    Close(String),
    Reopen(String),
    Prioritize(Priority, String),
    Snooze(Option<i64>),
    Link(NewLink),
    Unlink(NewLink),
}

/// A ticket that somebody writes for a person who called.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct ForCaller {
    customer: String,
    category: String,
    priority: Option<String>,
    subject: String,
    message: String,
    /// How they came: phone, for example. Public.
    source: String,
    /// What tells this one from others of its source. Public.
    source_id: String,
    /// Who called, as they said it. Sealed.
    author: String,
    /// When, in Unix seconds. Sealed.
    at: Option<i64>,
}

/// What of the desk's rules a page shows before it asks the ledger.
#[derive(Serialize)]
struct Rules {
    import_open: bool,
    open_queue: bool,
    reopen_window_days: u32,
    max_responses_per_ticket: u32,
}

#[wasm_bindgen]
impl Desk {
    /// Does all of this with a ticket in one transaction, or nothing of it, in the order in which it stands here.
    ///
    /// # Errors
    /// As [`Desk::create_ticket`].
    #[wasm_bindgen(unchecked_return_type = "import(\"../views.js\").Done")]
    pub async fn act(
        &self,
        me: &Identity,
        ticket: String,
        #[wasm_bindgen(unchecked_param_type = "import(\"../views.js\").Act[]")] acts: JsValue,
    ) -> Result<JsValue, JsValue> {
        self.done_together(me, &ticket, &read_all(&acts)?).await
    }

    /// As [`Desk::act`], and the first response of these has files, which the node has already.
    ///
    /// # Errors
    /// As [`Desk::create_ticket`].
    #[wasm_bindgen(js_name = actWith, unchecked_return_type = "import(\"../views.js\").Done")]
    pub async fn act_with(
        &self,
        me: &Identity,
        ticket: String,
        #[wasm_bindgen(unchecked_param_type = "import(\"../views.js\").Act[]")] acts: JsValue,
        files: &Attachments,
    ) -> Result<JsValue, JsValue> {
        let mut acts = read_all(&acts)?;
        let response = acts.iter_mut().find_map(|act| match act {
            Read::Respond(response) => Some(response),
            _ => None,
        });
        let response = response.ok_or_else(|| failed(&"files belong to an answer or a note"))?;
        files.0.iter().cloned().for_each(|file| response.attach(file));
        self.done_together(me, &ticket, &acts).await
    }

    /// Gives a ticket to an agent and up to four who work on it beside them, and lets all of them in. Whoever is not named is none of these
    /// any more.
    ///
    /// # Errors
    /// As [`Desk::create_ticket`].
    #[wasm_bindgen(js_name = assignWith, unchecked_return_type = "import(\"../views.js\").Done")]
    pub async fn assign_with(
        &self,
        me: &Identity,
        ticket: String,
        agent: String,
        collaborators: Vec<String>,
    ) -> Result<JsValue, JsValue> {
        self.check_agreed()?;
        let agent = self.account(&agent)?;
        let beside = collaborators.iter().map(|one| self.account(one)).collect::<Result<Vec<_>, _>>()?;
        let to = NewAssignees { agent: &agent, collaborators: &beside };
        let assigned = self.0.assign_telling(me.actor(), ticket_id(&ticket)?, to, &mut |_| {}).await;
        to_js(&Done::of(&assigned.map_err(|error| of_client(&error))?.outcome))
    }

    /// Gives a ticket to another customer, for one who lost their phrase, and lets them in to all but the notes. The reason is public.
    ///
    /// # Errors
    /// As [`Desk::create_ticket`].
    #[wasm_bindgen(unchecked_return_type = "import(\"../views.js\").Done")]
    pub async fn transfer(
        &self,
        me: &Identity,
        ticket: String,
        customer: String,
        reason: String,
    ) -> Result<JsValue, JsValue> {
        self.check_agreed()?;
        let address = self.account(&customer)?;
        let to = NewCustomer { address: &address, reason: &reason };
        let passed = self.0.transfer(me.actor(), ticket_id(&ticket)?, &to, &mut |_| {}).await;
        to_js(&Done::of(&passed.map_err(|error| of_client(&error))?.outcome))
    }

    /// Writes a ticket for a customer who called: an administrator's act while imports are open, shown as told by its writer.
    ///
    /// # Errors
    /// As [`Desk::create_ticket`]; where this call is in the ledger already.
    #[wasm_bindgen(js_name = createFor, unchecked_return_type = "import(\"../views.js\").Done")]
    pub async fn create_for(
        &self,
        me: &Identity,
        #[wasm_bindgen(unchecked_param_type = "import(\"../views.js\").TicketForCaller")] ticket: JsValue,
    ) -> Result<JsValue, JsValue> {
        self.check_agreed()?;
        let import = self.import_of(from_js(&ticket)?)?;
        match self.0.import_ticket(me.actor(), &import).await.map_err(|error| of_client(&error))? {
            Import::Done(outcome) => to_js(&Done::of(&outcome)),
            Import::Known(id) => Err(failed(&format!("this call is in the ledger already, as {id}"))),
        }
    }

    /// What an `authorization` header says to have this desk's node erase a closed ticket, for an hour.
    ///
    /// # Errors
    /// Where the node's address names no host.
    #[wasm_bindgen(js_name = signErasure)]
    pub async fn sign_erasure(&self, me: &Identity, ticket: String) -> Result<String, JsValue> {
        let signed = self.0.signed_erasure(me.actor(), ticket_id(&ticket)?).await;
        signed.map_err(|error| of_client(&error))
    }

    /// What of the desk's rules a page shows before it asks the ledger, proven.
    ///
    /// # Errors
    /// Where the node cannot be reached or proves nothing.
    #[wasm_bindgen(unchecked_return_type = "import(\"../views.js\").Rules")]
    pub async fn rules(&self) -> Result<JsValue, JsValue> {
        let params = self.0.params().await.map_err(|error| of_client(&error))?;
        to_js(&Rules {
            import_open: params.import_open,
            open_queue: params.open_queue,
            reopen_window_days: params.reopen_window_days,
            max_responses_per_ticket: params.max_responses_per_ticket,
        })
    }

    async fn done_together(&self, me: &Identity, ticket: &str, acts: &[Read]) -> Result<JsValue, JsValue> {
        self.check_agreed()?;
        let acts: Vec<Act<'_>> = acts.iter().map(Read::act).collect();
        done(self.0.act(me.actor(), ticket_id(ticket)?, &acts).await)
    }

    fn account(&self, address: &str) -> Result<Address, JsValue> {
        Address::parse(self.0.prefix(), address.trim()).map_err(|error| failed(&error))
    }

    fn import_of(&self, written: ForCaller) -> Result<NewImport, JsValue> {
        let source = ImportSource::parse(&written.source, &written.source_id);
        Ok(NewImport {
            source: source.map_err(|error| failed(&error))?,
            customer: self.account(&written.customer)?,
            category: written.category,
            priority: written.priority.map(|name| priority_of(&name)).transpose()?,
            closed: false,
            content: TicketContent::new(written.subject, written.message),
            told: ImportedFrom { author: written.author, by_staff: false, at: written.at, customer: None },
            responses: Vec::new(),
        })
    }
}

fn read_all(acts: &JsValue) -> Result<Vec<Read>, JsValue> {
    let named: Vec<Named> = from_js(acts)?;
    named.into_iter().map(Read::of).collect()
}

impl Read {
    fn of(named: Named) -> Result<Self, JsValue> {
        Ok(match named {
            Named::Reply { message } => Self::Respond(Box::new(NewResponse::new(&message))),
            Named::Note { message } => Self::Respond(Box::new(NewResponse::note(&message))),
            Named::Tags { tags, message } => Self::Respond(Box::new(tagged(&tags, &message)?)),
            Named::StartWork {} => Self::StartWork,
            Named::AwaitCustomer {} => Self::AwaitCustomer,
            Named::Resolve { reference } => Self::Resolve(reference),
            Named::Close { reason } => Self::Close(reason),
            Named::Reopen { reason } => Self::Reopen(reason),
            Named::Prioritize { priority, reason } => Self::Prioritize(priority_of(&priority)?, reason),
            Named::Snooze { until } => Self::Snooze(until),
            Named::Link { ticket, kind, other } => Self::Link(link(&ticket, &kind, &other)?),
            Named::Unlink { ticket, kind, other } => Self::Unlink(link(&ticket, &kind, &other)?),
        })
    }

    fn act(&self) -> Act<'_> {
        match self {
            Self::Respond(response) => Act::Respond(response),
            Self::StartWork => Act::StartWork,
            Self::AwaitCustomer => Act::AwaitCustomer,
            Self::Resolve(reference) => Act::Resolve(reference),
            Self::Close(reason) => Act::Close(reason),
            Self::Reopen(reason) => Act::Reopen(reason),
            Self::Prioritize(priority, reason) => Act::Prioritize(*priority, reason),
            Self::Snooze(until) => Act::Snooze(*until),
            Self::Link(link) => Act::Link(*link),
            Self::Unlink(link) => Act::Unlink(*link),
        }
    }
}

/// A note that says what a ticket's tags are from here on. `message` says it to programs that know no tags.
fn tagged(tags: &[String], message: &str) -> Result<NewResponse, JsValue> {
    if let Some(wrong) = tags.iter().find(|tag| !is_tag(tag)) {
        return Err(failed(&format!("'{wrong}' is not a tag: it has one line of 1 to 32 letters")));
    }
    let mut note = NewResponse::note(message);
    note.content = note.content.with_tags(tags);
    Ok(note)
}

fn link(ticket: &str, kind: &str, other: &str) -> Result<NewLink, JsValue> {
    let kind = LinkKind::parse(kind).ok_or_else(|| failed(&format!("'{kind}' is not a kind of link")))?;
    let id = |text: &str| -> Result<TicketId, JsValue> { ticket_id(text) };
    Ok(NewLink { ticket: id(ticket)?, kind, other: id(other)? })
}
