//! Documents: one by its place, and those of a shelf.

use sealdesk_protocol::document::{DocumentName, DocumentPlace, Shelf, ShelfKind};
use sealdesk_protocol::state::tree;
use sealdesk_protocol::wire::virtengine::support::v1 as wire;
use sealdesk_store::Snapshot;

use super::page::{List, Page, PageSpec, Space, page};
use crate::errors::{Fatal, QueryError};
use crate::machine::Machine;
use crate::state::{StateView, decode};

impl Machine {
    /// A document with what stands in it.
    ///
    /// # Errors
    /// [`QueryError`]: shelf, owner or name are not what they must be, there is no such document, or the store failed.
    pub fn document(
        &self,
        snapshot: &Snapshot,
        request: &wire::QueryDocumentRequest,
    ) -> Result<wire::QueryDocumentResponse, QueryError> {
        let shelf = self.asked_shelf(&request.shelf, &request.owner)?;
        let name = DocumentName::parse(&request.name).map_err(|e| QueryError::Invalid(e.to_string()))?;
        let place = DocumentPlace { shelf, name };
        self.reading(snapshot, |view| {
            let head = view.document(&place)?;
            let head = head.ok_or_else(|| QueryError::NotFound(format!("document {place}")))?;
            Ok(wire::QueryDocumentResponse { document: Some(whole(view, &place, head)?) })
        })
    }

    /// The documents of a shelf, by name.
    ///
    /// # Errors
    /// [`QueryError`]: shelf, owner, cursor or limit are not what they must be, or the store failed.
    pub fn documents(
        &self,
        snapshot: &Snapshot,
        request: &wire::QueryDocumentsRequest,
    ) -> Result<wire::QueryDocumentsResponse, QueryError> {
        let shelf = self.asked_shelf(&request.shelf, &request.owner)?;
        let asked = request.page.clone().unwrap_or_default();
        let spec = PageSpec::new(&asked.cursor, asked.limit, asked.reverse)?;
        let below = tree::documents_on(&shelf);
        let list = List { space: Space::Tree, below: &below, cursor_bytes: None };
        self.reading(snapshot, |view| {
            let Page { records, next_cursor } = page(view, list, spec, |rest, head| {
                let damaged = || Fatal::damaged(&below, "it lists something else than a document");
                let name = std::str::from_utf8(rest).ok().and_then(|name| DocumentName::parse(name).ok());
                let place = DocumentPlace { shelf: shelf.clone(), name: name.ok_or_else(damaged)? };
                Ok(whole(view, &place, decode(&tree::document(&place), &head)?)?)
            })?;
            Ok(wire::QueryDocumentsResponse { documents: records, next_cursor })
        })
    }

    fn asked_shelf(&self, kind: &str, owner: &str) -> Result<Shelf, QueryError> {
        Shelf::named(self.prefix(), kind, owner).map_err(|error| QueryError::Invalid(error.to_string()))
    }
}

fn whole(
    view: &StateView<'_>,
    place: &DocumentPlace,
    head: wire::DocumentHead,
) -> Result<wire::Document, Fatal> {
    let key = tree::document(place);
    let content = view.document_content(place)?;
    let content = content.ok_or_else(|| Fatal::damaged(&key, "a document without its content"))?;
    let head = Some(head);
    Ok(match place.shelf.kind() {
        ShelfKind::Public => wire::Document { head, envelope: None, body: content },
        ShelfKind::Own | ShelfKind::Staff => {
            wire::Document { head, envelope: Some(decode(&key, &content)?), body: Vec::new() }
        }
    })
}
