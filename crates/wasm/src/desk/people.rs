//! What people are called: the desk book, what they say of themselves, and which names look alike.

use sealdesk_client::contacts::{ContactName, NameSource, Names, SaidDoubt};
use sealdesk_client::view::{Body, Conversation, Message};
use sealdesk_protocol::ids::Address;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use wasm_bindgen::prelude::{JsValue, wasm_bindgen};

use super::{Desk, Done};
use crate::error::{failed, of_client};
use crate::identity::Identity;
use crate::value::{from_js, to_js};

/// A conversation, and what its customer calls themselves in their own words.
#[derive(Serialize)]
pub(super) struct WithSaid<'a> {
    #[serde(flatten)]
    conversation: &'a Conversation,
    said_name: Option<SaidOf<'a>>,
}

#[derive(Serialize)]
pub(super) struct SaidOf<'a> {
    address: &'a str,
    name: &'a str,
}

impl<'a> WithSaid<'a> {
    pub(super) fn of(conversation: &'a Conversation) -> Self {
        Self { conversation, said_name: said_in(&conversation.messages) }
    }
}

/// The name in a ticket's own text, which its author sealed; of an imported one it is somebody else's word.
pub(super) fn said_in(messages: &[Message]) -> Option<SaidOf<'_>> {
    let first = messages.first().filter(|first| first.imported.is_none())?;
    let Body::Ticket(content) = &first.body else { return None };
    let name = content.contact.as_ref()?.get("name")?.as_str()?;
    Some(SaidOf { address: &first.author, name })
}

/// What a customer calls themselves, as it stands in what they seal.
pub(super) fn contact(name: Option<String>) -> Result<Option<Value>, JsValue> {
    let Some(name) = name else { return Ok(None) };
    let name = ContactName::parse(&name).map_err(|fault| failed(&fault))?;
    Ok(Some(json!({ "name": name.as_str() })))
}

/// A name as a page knows it from somewhere.
#[derive(Deserialize)]
struct Claim {
    address: String,
    name: String,
    source: Source,
}

#[derive(Clone, Copy, PartialEq, Deserialize)]
#[serde(rename_all = "snake_case")]
enum Source {
    /// What the page itself calls somebody: `You`, `Support`.
    Page,
    Own,
    DeskBook,
    Said,
}

/// A name as it is shown.
#[derive(Serialize)]
struct Shown {
    address: String,
    name: String,
    source: &'static str,
    /// Whom a reader could take them for.
    like: Option<Like>,
    /// Whether others say the same of themselves.
    shared: bool,
}

#[derive(Serialize)]
struct Like {
    name: String,
    address: String,
}

#[derive(Serialize)]
struct Entry {
    address: String,
    name: String,
}

#[wasm_bindgen]
impl Desk {
    /// What is shown of all names that a page knows: of one address one, the nearest. A name of the desk book that looks like a nearer one is
    /// not used; one that somebody says of themselves is marked.
    ///
    /// # Errors
    /// Where a claim is not of the form that `views.d.ts` gives.
    #[wasm_bindgen(js_name = knownNames, unchecked_return_type = "import(\"../views.js\").KnownName[]")]
    pub fn known_names(
        #[wasm_bindgen(unchecked_param_type = "import(\"../views.js\").NameClaim[]")] claims: JsValue,
    ) -> Result<JsValue, JsValue> {
        let claims: Vec<Claim> = from_js(&claims)?;
        let mut names = Names::default();
        for (source, named) in [
            (Source::Page, NameSource::Key),
            (Source::Own, NameSource::Own),
            (Source::DeskBook, NameSource::DeskBook),
        ] {
            // The page's own words are whatever they are; what is no name is nobody's.
            let is_name =
                |claim: &&Claim| named == NameSource::Key || ContactName::parse(&claim.name).is_ok();
            for claim in claims.iter().filter(|claim| claim.source == source).filter(is_name) {
                // What is in the way of a nearer name is not used.
                let _ = names.add(&claim.name, &claim.address, named);
            }
        }
        let given = names.iter().filter(|known| known.source != NameSource::Key).map(|known| Shown {
            address: known.address.clone(),
            name: known.name.clone(),
            source: if known.source == NameSource::Own { "own" } else { "desk_book" },
            like: None,
            shared: false,
        });
        let said = claims.iter().filter(|claim| claim.source == Source::Said);
        let said = names.said(said.map(|claim| (claim.address.as_str(), claim.name.as_str())));
        let said = said.into_iter().map(|said| {
            let (like, shared) = match said.doubt {
                Some(SaidDoubt::LooksLike(known)) => {
                    (Some(Like { name: known.name, address: known.address }), false)
                }
                Some(SaidDoubt::Shared) => (None, true),
                None => (None, false),
            };
            Shown { address: said.address, name: said.name.to_string(), source: "said", like, shared }
        });
        to_js(&given.chain(said).collect::<Vec<_>>())
    }

    /// What is wrong with a name, in words; nothing where it is one.
    #[wasm_bindgen(js_name = nameFault)]
    pub fn name_fault(name: &str) -> Option<String> {
        ContactName::parse(name).err().map(|fault| fault.to_string())
    }

    /// The names of the desk book, for whoever of the staff can open it; null where there is none for them, or where its author is not an
    /// administrator by the circle's own votes.
    ///
    /// # Errors
    /// Where the node cannot be reached or contradicts what is known.
    #[wasm_bindgen(js_name = deskBook, unchecked_return_type = "import(\"../views.js\").BookEntry[] | null")]
    pub async fn desk_book(&self, me: &Identity) -> Result<JsValue, JsValue> {
        let book = self.0.desk_book(me.actor()).await.map_err(|error| of_client(&error))?;
        let entry = |entry: sealdesk_client::contacts::BookEntry| Entry {
            address: entry.address.to_string(),
            name: entry.name.to_string(),
        };
        to_js(&book.map(|book| book.into_iter().map(entry).collect::<Vec<_>>()))
    }

    /// Writes into the desk book what somebody is called, or takes their name out. Null where nothing was to be changed.
    ///
    /// # Errors
    /// As [`Desk::create_ticket`]; and where it is not a name.
    #[wasm_bindgen(js_name = nameInDeskBook, unchecked_return_type = "import(\"../views.js\").Done | null")]
    pub async fn name_in_desk_book(
        &self,
        me: &Identity,
        address: String,
        name: Option<String>,
    ) -> Result<JsValue, JsValue> {
        self.check_agreed()?;
        let address = Address::parse(self.0.prefix(), &address).map_err(|error| failed(&error))?;
        let name = name.map(|name| ContactName::parse(&name)).transpose().map_err(|fault| failed(&fault))?;
        let written = self.0.name_in_desk_book(me.actor(), &address, name.as_ref()).await;
        let written = written.map_err(|error| of_client(&error))?;
        to_js(&written.as_ref().map(Done::of))
    }
}
