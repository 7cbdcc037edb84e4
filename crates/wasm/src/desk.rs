//! One desk, as a page works with it.

mod account;
mod acts;
mod circle;
mod documents;
mod entries;
mod files;
mod notes;
mod parameters;
mod people;
mod presence;
mod proof;
mod push;
mod queue;
mod search;
mod staff;
mod written;

use std::sync::Arc;

use sealdesk_client::inbox::InboxAsk;
use sealdesk_client::messages::NewResponse;
use sealdesk_client::node::{Attendant, Node};
use sealdesk_client::outcome::Outcome;
use sealdesk_client::trust::remembered::Remembered;
use sealdesk_client::trust::{Pin, Trust};
use sealdesk_client::{Error, desk};
use sealdesk_protocol::identity::Identity as LedgerIdentity;
use sealdesk_protocol::ids::{Address, TicketId};
use serde::{Deserialize, Serialize};
use tonic_web_wasm_client::Client;
use wasm_bindgen::prelude::{JsValue, wasm_bindgen};

use self::written::{Written, priority_of};
use crate::error::{failed, of_client};
use crate::identity::Identity;
use crate::porter::Porter;
use crate::value::{from_js, to_js};

/// Most tickets of one list of an inbox.
const INBOX_TICKETS_MAX: usize = 1_000;

/// The desk of one ledger, behind one node whose word is verified.
#[wasm_bindgen]
pub struct Desk(desk::Desk<Client>, Arc<Porter>);

/// What a page keeps of a ledger between visits.
#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Kept {
    pin: String,
    remembered: String,
}

/// What the ledger made of a transaction.
#[derive(Serialize)]
struct Done {
    txhash: String,
    height: u64,
    ticket_id: Option<String>,
    response_index: Option<u32>,
    registered_key: Option<String>,
    proven: bool,
}

#[wasm_bindgen]
impl Desk {
    /// Opens the desk at a URL. `kept` is what [`Desk::remember`] gave the last time; without it this is a first meeting, and nothing
    /// is sealed before [`Desk::agree`]. `identity` is what a link named: another ledger is refused.
    ///
    /// # Errors
    /// Where the node cannot be reached, proves another ledger, or contradicts what is kept.
    pub async fn open(url: String, kept: Option<String>, identity: Option<String>) -> Result<Self, JsValue> {
        let porter = Arc::new(Porter::default());
        let node = Node::over(Client::new(url.clone()), url).attended_by(Attendant::new(porter.clone()));
        let (trust, remembered) = match (kept, identity) {
            (Some(kept), _) => {
                let (pin, remembered) = parsed(&kept)?;
                (Trust::Pinned(Box::new(pin)), Some(remembered))
            }
            (None, Some(identity)) => {
                let named = LedgerIdentity::parse(&identity);
                let named = named.ok_or_else(|| failed(&"a ledger's identity has 64 hex digits"))?;
                (Trust::Named(vec![named]), None)
            }
            (None, None) => (Trust::FirstUse, None),
        };
        let named = matches!(trust, Trust::Named(_));
        let opened = desk::Desk::open(node, trust).await.map_err(|error| of_client(&error))?;
        let opened = match remembered {
            Some(remembered) => opened.with_remembered(remembered),
            None => opened,
        };
        if named {
            opened.memory().agree();
        }
        Ok(Self(opened, porter))
    }

    /// The ledger's name, proven.
    #[wasm_bindgen(getter, js_name = chainId)]
    pub fn chain_id(&self) -> String {
        self.0.chain().chain_id.to_string()
    }

    /// The prefix of the ledger's addresses, proven.
    #[wasm_bindgen(getter)]
    pub fn prefix(&self) -> String {
        self.0.prefix().as_str().to_owned()
    }

    /// The ledger's identity in hex, proven.
    #[wasm_bindgen(getter)]
    pub fn identity(&self) -> String {
        self.0.pin().ledger.identity.to_string()
    }

    /// The twelve words by which people compare it.
    #[wasm_bindgen(getter)]
    pub fn words(&self) -> String {
        self.0.pin().ledger.identity.words()
    }

    /// Whether a person agreed to this ledger. Nothing is sealed before.
    #[wasm_bindgen(getter)]
    pub fn agreed(&self) -> bool {
        self.0.pin().agreed
    }

    /// A person compared the twelve words, and agrees to this ledger.
    pub fn agree(&self) {
        self.0.memory().agree();
    }

    /// What to keep of this ledger, after every call: it names whom this person writes to, so it is kept like a secret.
    ///
    /// # Errors
    /// Never for what this desk holds.
    pub fn remember(&self) -> Result<String, JsValue> {
        let pin = self.0.pin();
        let remembered = self.0.remembered().to_json(&pin.ledger.identity);
        let remembered = String::from_utf8(remembered).map_err(|error| failed(&error))?;
        let kept = Kept { pin: pin.to_json(), remembered };
        serde_json::to_string(&kept).map_err(|error| failed(&error))
    }

    /// Takes in what another tab kept: neither forgets what it knows.
    ///
    /// # Errors
    /// Where it is of another ledger, or the two have seen different histories.
    pub fn absorb(&self, kept: &str) -> Result<(), JsValue> {
        let (pin, remembered) = parsed(kept)?;
        if pin.ledger.identity != self.0.pin().ledger.identity {
            return Err(failed(&"another tab is at another desk: load this page again"));
        }
        self.0.memory().absorb(pin, remembered).map_err(|error| failed(&error))
    }

    /// The sequence of this person's next transaction, proven.
    ///
    /// # Errors
    /// Where the node cannot be reached or proves nothing.
    pub async fn sequence(&self, me: &Identity) -> Result<u64, JsValue> {
        let address = self.0.address_of(me.actor());
        self.0.sequence(&address).await.map_err(|error| of_client(&error))
    }

    /// The same desk, which signs with this sequence or not at all: it refuses with `sdk` 32 once the sequence has passed. What may still
    /// arrive, signed with the same one, never stands beside what is sent by this.
    #[must_use]
    #[wasm_bindgen(js_name = onlyAt)]
    pub fn only_at(&self, sequence: u64) -> Self {
        Self(self.0.only_at(sequence), self.1.clone())
    }

    /// What the person should hear of whom was sealed for; told once.
    ///
    /// # Errors
    /// Where it cannot be handed over.
    #[wasm_bindgen(js_name = takeNotes, unchecked_return_type = "import(\"../views.js\").Note[]")]
    pub fn take_notes(&self) -> Result<JsValue, JsValue> {
        let notes: Vec<_> = self.0.memory().take_named().iter().map(notes::Said::of).collect();
        to_js(&notes)
    }

    /// Writes a ticket: its category, subject and message, and its priority where that is not normal.
    ///
    /// # Errors
    /// The ledger's refusal, or why it could not be sealed or sent.
    #[wasm_bindgen(js_name = createTicket, unchecked_return_type = "import(\"../views.js\").Done")]
    pub async fn create_ticket(
        &self,
        me: &Identity,
        #[wasm_bindgen(unchecked_param_type = "import(\"../views.js\").NewTicket")] ticket: JsValue,
    ) -> Result<JsValue, JsValue> {
        self.check_agreed()?;
        let ticket = from_js::<Written>(&ticket)?.into_ticket()?;
        done(self.0.create_ticket(me.actor(), &ticket).await)
    }

    /// Answers in a ticket.
    ///
    /// # Errors
    /// As [`Desk::create_ticket`].
    #[wasm_bindgen(unchecked_return_type = "import(\"../views.js\").Done")]
    pub async fn reply(&self, me: &Identity, ticket: String, message: String) -> Result<JsValue, JsValue> {
        self.respond(me, &ticket, NewResponse::new(&message)).await
    }

    /// Writes a note that the customer cannot open.
    ///
    /// # Errors
    /// As [`Desk::create_ticket`].
    #[wasm_bindgen(unchecked_return_type = "import(\"../views.js\").Done")]
    pub async fn note(&self, me: &Identity, ticket: String, message: String) -> Result<JsValue, JsValue> {
        self.respond(me, &ticket, NewResponse::note(&message)).await
    }

    /// Opens a ticket: its record, every message, who can read it and what happened.
    ///
    /// # Errors
    /// Where it is not there, or what is shown cannot be verified.
    #[wasm_bindgen(unchecked_return_type = "import(\"../views.js\").Conversation")]
    pub async fn read(&self, me: &Identity, ticket: String) -> Result<JsValue, JsValue> {
        let read = self.0.read(me.actor(), ticket_id(&ticket)?).await.map_err(|error| of_client(&error))?;
        to_js(&people::WithSaid::of(&read))
    }

    /// What waits for this person, the most urgent thousand of each list, and what is over, the newest first.
    ///
    /// # Errors
    /// Where the node cannot be reached or contradicts what is known.
    #[wasm_bindgen(unchecked_return_type = "import(\"../views.js\").Inbox")]
    pub async fn inbox(&self, me: &Identity) -> Result<JsValue, JsValue> {
        let address = self.0.address_of(me.actor());
        let ask = InboxAsk { most: INBOX_TICKETS_MAX, closed: true, ..InboxAsk::default() };
        to_js(&self.0.inbox_for(&address, &ask, None).await.map_err(|error| of_client(&error))?)
    }

    /// Closes a ticket. The reason is public.
    ///
    /// # Errors
    /// As [`Desk::create_ticket`].
    #[wasm_bindgen(unchecked_return_type = "import(\"../views.js\").Done")]
    pub async fn close(&self, me: &Identity, ticket: String, reason: String) -> Result<JsValue, JsValue> {
        done(self.0.close(me.actor(), ticket_id(&ticket)?, &reason).await)
    }

    /// Opens a resolved or closed ticket again. The reason is public.
    ///
    /// # Errors
    /// As [`Desk::create_ticket`].
    #[wasm_bindgen(unchecked_return_type = "import(\"../views.js\").Done")]
    pub async fn reopen(&self, me: &Identity, ticket: String, reason: String) -> Result<JsValue, JsValue> {
        done(self.0.reopen(me.actor(), ticket_id(&ticket)?, &reason).await)
    }

    /// Calls a ticket resolved. The reference is public.
    ///
    /// # Errors
    /// As [`Desk::create_ticket`].
    #[wasm_bindgen(unchecked_return_type = "import(\"../views.js\").Done")]
    pub async fn resolve(
        &self,
        me: &Identity,
        ticket: String,
        reference: String,
    ) -> Result<JsValue, JsValue> {
        done(self.0.resolve(me.actor(), ticket_id(&ticket)?, &reference).await)
    }

    /// Says that work on a ticket has begun, or goes on.
    ///
    /// # Errors
    /// As [`Desk::create_ticket`].
    #[wasm_bindgen(js_name = startWork, unchecked_return_type = "import(\"../views.js\").Done")]
    pub async fn start_work(&self, me: &Identity, ticket: String) -> Result<JsValue, JsValue> {
        done(self.0.start_work(me.actor(), ticket_id(&ticket)?).await)
    }

    /// Says that a ticket waits for its customer.
    ///
    /// # Errors
    /// As [`Desk::create_ticket`].
    #[wasm_bindgen(js_name = awaitCustomer, unchecked_return_type = "import(\"../views.js\").Done")]
    pub async fn await_customer(&self, me: &Identity, ticket: String) -> Result<JsValue, JsValue> {
        done(self.0.await_customer(me.actor(), ticket_id(&ticket)?).await)
    }

    /// Gives a ticket to an agent, and lets them in.
    ///
    /// # Errors
    /// As [`Desk::create_ticket`].
    #[wasm_bindgen(unchecked_return_type = "import(\"../views.js\").Done")]
    pub async fn assign(&self, me: &Identity, ticket: String, agent: String) -> Result<JsValue, JsValue> {
        self.check_agreed()?;
        let agent = Address::parse(self.0.prefix(), &agent).map_err(|error| failed(&error))?;
        let assigned = self.0.assign(me.actor(), ticket_id(&ticket)?, &agent).await;
        to_js(&Done::of(&assigned.map_err(|error| of_client(&error))?.outcome))
    }

    /// Takes a ticket that nobody is assigned, where the queue is open.
    ///
    /// # Errors
    /// As [`Desk::create_ticket`].
    #[wasm_bindgen(unchecked_return_type = "import(\"../views.js\").Done")]
    pub async fn take(&self, me: &Identity, ticket: String) -> Result<JsValue, JsValue> {
        done(self.0.take(me.actor(), ticket_id(&ticket)?).await)
    }

    /// Changes how urgent a ticket is. The reason is public.
    ///
    /// # Errors
    /// As [`Desk::create_ticket`].
    #[wasm_bindgen(js_name = setPriority, unchecked_return_type = "import(\"../views.js\").Done")]
    pub async fn set_priority(
        &self,
        me: &Identity,
        ticket: String,
        priority: String,
        reason: String,
    ) -> Result<JsValue, JsValue> {
        let priority = priority_of(&priority)?;
        done(self.0.set_priority(me.actor(), ticket_id(&ticket)?, priority, &reason).await)
    }

    /// Says how well one's ticket was resolved, from 1 to 5, with a comment that is sealed.
    ///
    /// # Errors
    /// As [`Desk::create_ticket`].
    #[wasm_bindgen(unchecked_return_type = "import(\"../views.js\").Done")]
    pub async fn rate(
        &self,
        me: &Identity,
        ticket: String,
        score: u32,
        comment: Option<String>,
    ) -> Result<JsValue, JsValue> {
        self.check_agreed()?;
        done(self.0.rate(me.actor(), ticket_id(&ticket)?, score, comment.as_deref()).await)
    }

    /// An offline proof of where a ticket stands.
    ///
    /// # Errors
    /// Where the node cannot be reached or proves nothing.
    pub async fn receipt(&self, ticket: String) -> Result<Vec<u8>, JsValue> {
        self.0.receipt(ticket_id(&ticket)?).await.map_err(|error| of_client(&error))
    }

    async fn respond(&self, me: &Identity, ticket: &str, response: NewResponse) -> Result<JsValue, JsValue> {
        self.check_agreed()?;
        done(self.0.respond(me.actor(), ticket_id(ticket)?, &response).await)
    }

    /// A first meeting: nothing is sealed for administrators whom nobody compared (docs/spec/trust.md).
    fn check_agreed(&self) -> Result<(), JsValue> {
        if self.agreed() {
            return Ok(());
        }
        Err(failed(&"nothing is sealed for a desk that nobody agreed to: compare its twelve words first"))
    }
}

impl Done {
    fn of(outcome: &Outcome) -> Self {
        Self {
            txhash: outcome.txhash.to_string(),
            height: outcome.height,
            ticket_id: outcome.ticket_id.map(|id| id.to_string()),
            response_index: outcome.response_index,
            registered_key: outcome.registered_key.map(|key| key.to_string()),
            proven: outcome.proven,
        }
    }
}

fn parsed(kept: &str) -> Result<(Pin, Remembered), JsValue> {
    let kept: Kept = serde_json::from_str(kept).map_err(|error| failed(&error))?;
    let pin = Pin::from_json(&kept.pin).map_err(|why| failed(&why))?;
    let (prefix, identity) = (&pin.ledger.prefix, &pin.ledger.identity);
    let remembered = Remembered::from_json(kept.remembered.as_bytes(), prefix, identity);
    let remembered = remembered.map_err(|why| failed(&why))?;
    Ok((pin, remembered))
}

fn done(sent: Result<Outcome, Error>) -> Result<JsValue, JsValue> {
    to_js(&Done::of(&sent.map_err(|error| of_client(&error))?))
}

fn ticket_id(text: &str) -> Result<TicketId, JsValue> {
    TicketId::parse(text).map_err(|error| failed(&error))
}
