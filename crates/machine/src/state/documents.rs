//! Documents, the shelves on which they stand, and who writes them.

use sealdesk_protocol::document::{DocumentPlace, Shelf};
use sealdesk_protocol::ids::Address;
use sealdesk_protocol::state::{side, tree};
use sealdesk_protocol::wire::sealdesk::ledger::v1::{DocumentWriter, ShelfRecord};
use sealdesk_protocol::wire::virtengine::support::v1::DocumentHead;

use super::StateView;
use crate::errors::Fatal;

impl StateView<'_> {
    /// What the tree holds of a document.
    pub(crate) fn document(&self, place: &DocumentPlace) -> Result<Option<DocumentHead>, Fatal> {
        self.record(&tree::document(place))
    }

    /// What stands in a document: its encoded envelope, or the body of a public one.
    pub(crate) fn document_content(&self, place: &DocumentPlace) -> Result<Option<Vec<u8>>, Fatal> {
        Ok(self.state.get_side(&side::document(place))?)
    }

    /// Puts a document where it stands; what stood there is gone.
    pub(crate) fn put_document(&mut self, place: &DocumentPlace, head: &DocumentHead, content: Vec<u8>) {
        self.put_record(tree::document(place), head);
        self.state.put_side(side::document(place), content);
    }

    pub(crate) fn remove_document(&mut self, place: &DocumentPlace) {
        self.state.delete(tree::document(place));
        self.state.delete_side(side::document(place));
    }

    /// What a shelf holds; nothing before the first write on it.
    pub(crate) fn shelf(&self, shelf: &Shelf) -> Result<ShelfRecord, Fatal> {
        Ok(self.record(&tree::shelf(shelf))?.unwrap_or_default())
    }

    pub(crate) fn put_shelf(&mut self, shelf: &Shelf, record: &ShelfRecord) {
        self.put_record(tree::shelf(shelf), record);
    }

    pub(crate) fn document_writer(&self, address: &Address) -> Result<DocumentWriter, Fatal> {
        Ok(self.record(&tree::document_writer(address))?.unwrap_or_default())
    }

    pub(crate) fn put_document_writer(&mut self, address: &Address, record: &DocumentWriter) {
        self.put_record(tree::document_writer(address), record);
    }
}
