//! Documents of a shelf: one's own, the staff's, and those that everybody reads.

use sealdesk_client::documents::{DocumentBody, DocumentInfo, ReadDocument, values};
use sealdesk_client::sla;
use sealdesk_client::view::Warning;
use sealdesk_protocol::document::{DocumentName, DocumentPlace, Shelf, ShelfKind, check_public_body};
use sealdesk_protocol::json;
use serde::Serialize;
use serde_json::{Map, Value};
use wasm_bindgen::prelude::{JsValue, wasm_bindgen};

use super::{Desk, done};
use crate::error::{failed, of_client};
use crate::identity::Identity;
use crate::value::to_js;

/// What the ledger proves of a document.
#[derive(Serialize)]
struct Info {
    name: String,
    version: u64,
    bytes: u32,
    updated_by: String,
    updated_at: Option<String>,
}

#[derive(Serialize)]
struct Listing {
    documents: Vec<Info>,
    missing: u32,
}

/// A document as its reader sees it.
#[derive(Serialize)]
struct Shown {
    #[serde(flatten)]
    info: Info,
    /// Of a sealed one that opens.
    entries: Option<Map<String, Value>>,
    /// Of a public one: the JSON as it was written.
    body: Option<String>,
    not_shown: Option<&'static str>,
    warned: Vec<Warning>,
}

#[derive(Serialize)]
struct Renewed {
    done: Vec<String>,
    unproven: Vec<String>,
    unopened: Vec<String>,
}

impl Info {
    fn of(info: &DocumentInfo) -> Self {
        Self {
            name: info.place.name.to_string(),
            version: info.version,
            bytes: info.bytes,
            updated_by: info.updated_by.clone(),
            updated_at: json::time(info.updated_at),
        }
    }
}

impl Shown {
    fn of(read: ReadDocument) -> Self {
        let info = Info::of(&read.info);
        let (mut entries, mut body, mut not_shown) = (None, None, None);
        match read.body {
            DocumentBody::Public(bytes) => body = Some(String::from_utf8_lossy(&bytes).into_owned()),
            DocumentBody::Sealed(content) => entries = Some(values(&content)),
            DocumentBody::NotForYou => not_shown = Some("it was sealed for others"),
            DocumentBody::CannotOpen => {
                not_shown = Some("it cannot be opened: it is damaged, or not signed by its author")
            }
            DocumentBody::Withheld => not_shown = Some("the node does not give what the ledger proves"),
        }
        Self { info, entries, body, not_shown, warned: read.warnings }
    }
}

#[wasm_bindgen]
impl Desk {
    /// The documents of a shelf, each proven, and how many more the ledger proves that there are. `shelf` is own, staff or public.
    ///
    /// # Errors
    /// Where the node cannot be reached or contradicts what is known.
    #[wasm_bindgen(unchecked_return_type = "import(\"../views.js\").ShelfListing")]
    pub async fn documents(&self, me: &Identity, shelf: String) -> Result<JsValue, JsValue> {
        let listing = self.0.documents(&self.shelf(me, &shelf)?).await.map_err(|error| of_client(&error))?;
        let documents = listing.documents.iter().map(Info::of).collect();
        to_js(&Listing { documents, missing: listing.missing })
    }

    /// A document; null where the ledger proves that there is none.
    ///
    /// # Errors
    /// As [`Desk::documents`].
    #[wasm_bindgen(unchecked_return_type = "import(\"../views.js\").ReadDocument | null")]
    pub async fn document(&self, me: &Identity, shelf: String, name: String) -> Result<JsValue, JsValue> {
        let place = self.place(me, &shelf, &name)?;
        let read = self.0.document(Some(me.actor()), &place).await.map_err(|error| of_client(&error))?;
        to_js(&read.map(Shown::of))
    }

    /// Writes a public document over the version that the writer has read; 0 = there was none.
    ///
    /// # Errors
    /// As [`Desk::create_ticket`]; and where another version stands there by now.
    #[wasm_bindgen(js_name = publishDocument, unchecked_return_type = "import(\"../views.js\").Done")]
    pub async fn publish_document(
        &self,
        me: &Identity,
        name: String,
        base: u32,
        body: String,
    ) -> Result<JsValue, JsValue> {
        let name = document_name(&name)?;
        done(self.0.publish_document(me.actor(), &name, base.into(), body.as_bytes()).await)
    }

    /// Removes a document of this version.
    ///
    /// # Errors
    /// As [`Desk::publish_document`].
    #[wasm_bindgen(js_name = removeDocument, unchecked_return_type = "import(\"../views.js\").Done")]
    pub async fn remove_document(
        &self,
        me: &Identity,
        shelf: String,
        name: String,
        version: u32,
    ) -> Result<JsValue, JsValue> {
        let place = self.place(me, &shelf, &name)?;
        done(self.0.remove_document(me.actor(), &place, version.into()).await)
    }

    /// Seals the staff's documents anew for the staff as it is.
    ///
    /// # Errors
    /// As [`Desk::create_ticket`]. What was done until then stays done.
    #[wasm_bindgen(js_name = renewDocuments, unchecked_return_type = "import(\"../views.js\").RenewedDocuments")]
    pub async fn renew_documents(&self, me: &Identity) -> Result<JsValue, JsValue> {
        self.check_agreed()?;
        let renewed = self.0.renew_documents(me.actor()).await.map_err(|error| of_client(&error))?;
        let names = |places: &[DocumentPlace]| places.iter().map(|place| place.name.to_string()).collect();
        let sealdesk_client::documents::Renewed { done, unproven, unopened } = &renewed;
        to_js(&Renewed { done: names(done), unproven: names(unproven), unopened: names(unopened) })
    }

    /// What is wrong with a public document, in words; nothing where it can be published.
    ///
    /// # Errors
    /// Where the document's name is not one.
    #[wasm_bindgen(js_name = documentFault)]
    pub fn document_fault(name: &str, body: &str) -> Result<Option<String>, JsValue> {
        let name = document_name(name)?;
        let fault = check_public_body(body.as_bytes()).err().map(|error| error.to_string());
        Ok(fault.or_else(|| sla::check_document(&name, body.as_bytes()).err().map(|error| error.to_string())))
    }

    /// A public document to begin with, by its name; nothing where service levels are not counted by it.
    #[wasm_bindgen(js_name = documentExample)]
    pub fn document_example(name: &str) -> Option<String> {
        sla::example(name).map(str::to_owned)
    }

    fn shelf(&self, me: &Identity, kind: &str) -> Result<Shelf, JsValue> {
        let kind = ShelfKind::named(kind).map_err(|error| failed(&error))?;
        Ok(Shelf::of(kind, &self.0.address_of(me.actor())))
    }

    pub(super) fn place(&self, me: &Identity, shelf: &str, name: &str) -> Result<DocumentPlace, JsValue> {
        Ok(DocumentPlace { shelf: self.shelf(me, shelf)?, name: document_name(name)? })
    }
}

fn document_name(name: &str) -> Result<DocumentName, JsValue> {
    DocumentName::parse(name).map_err(|error| failed(&error))
}
