//! Entries of a document: read by whoever may, and changed without writing over what somebody else changed meanwhile.

use sealdesk_client::documents::{DocumentBody, ReadDocument, values};
use sealdesk_client::messages::EntryEdit;
use sealdesk_client::view::Warning;
use sealdesk_protocol::document::Shelf;
use sealdesk_protocol::json::time;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};
use wasm_bindgen::prelude::{JsValue, wasm_bindgen};

use super::{Desk, done};
use crate::error::{failed, of_client};
use crate::identity::Identity;
use crate::value::{from_js, to_js};

/// A document as a page reads it.
#[derive(Serialize)]
struct Shown {
    /// `open`, or why its reader sees nothing: `none`, `not_for_you`, `cannot_open`, `withheld`.
    state: &'static str,
    /// 0 where there is none.
    version: u64,
    updated_by: String,
    updated_at: Option<String>,
    entries: Map<String, Value>,
    warned: Vec<Warning>,
}

/// A change of one entry.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Edit {
    name: String,
    value: Value,
    /// Whether `read` is what has to stand there.
    #[serde(default)]
    checked: bool,
    #[serde(default)]
    read: Value,
}

#[wasm_bindgen]
impl Desk {
    /// A document: each of its entries that was not removed.
    ///
    /// # Errors
    /// Where the node cannot be reached or contradicts what is known.
    #[wasm_bindgen(js_name = readDocument, unchecked_return_type = "import(\"../views.js\").DeskDocument")]
    pub async fn read_document(
        &self,
        me: &Identity,
        shelf: String,
        name: String,
    ) -> Result<JsValue, JsValue> {
        let place = self.place(me, &shelf, &name)?;
        let read = self.0.document(Some(me.actor()), &place).await.map_err(|error| of_client(&error))?;
        to_js(&read.as_ref().map_or_else(Shown::nothing, Shown::of))
    }

    /// Changes entries of a sealed document, and leaves all others as they are. Where an edit is `checked`, and somebody else changed what
    /// its writer has `read`, nothing is written (codespace `support`, code 45).
    ///
    /// # Errors
    /// As [`Desk::create_ticket`].
    #[wasm_bindgen(js_name = editDocument, unchecked_return_type = "import(\"../views.js\").Done")]
    pub async fn edit_document(
        &self,
        me: &Identity,
        shelf: String,
        name: String,
        #[wasm_bindgen(unchecked_param_type = "import(\"../views.js\").DocumentEdit[]")] edits: JsValue,
    ) -> Result<JsValue, JsValue> {
        self.check_agreed()?;
        let place = self.place(me, &shelf, &name)?;
        if place.shelf == Shelf::Public {
            return Err(failed(&"a public document is published as a whole"));
        }
        let edits: Vec<Edit> = from_js(&edits)?;
        let edits: Vec<EntryEdit> = edits.into_iter().map(Edit::into_client).collect();
        done(self.0.edit_document(me.actor(), &place, &edits).await)
    }
}

impl Edit {
    fn into_client(self) -> EntryEdit {
        EntryEdit { name: self.name, read: self.checked.then_some(self.read), value: self.value }
    }
}

impl Shown {
    fn nothing() -> Self {
        let (updated_by, updated_at, entries) = (String::new(), None, Map::new());
        Self { state: "none", version: 0, updated_by, updated_at, entries, warned: Vec::new() }
    }

    fn of(read: &ReadDocument) -> Self {
        let (state, entries) = match &read.body {
            DocumentBody::Sealed(content) => ("open", values(content)),
            DocumentBody::Public(body) => match serde_json::from_slice(body) {
                Ok(entries) => ("open", entries),
                Err(_) => ("cannot_open", Map::new()),
            },
            DocumentBody::NotForYou => ("not_for_you", Map::new()),
            DocumentBody::CannotOpen => ("cannot_open", Map::new()),
            DocumentBody::Withheld => ("withheld", Map::new()),
        };
        let info = &read.info;
        let (version, updated_by, updated_at) =
            (info.version, info.updated_by.clone(), time(info.updated_at));
        Self { state, version, updated_by, updated_at, entries, warned: read.warnings.clone() }
    }
}
