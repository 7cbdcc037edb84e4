//! Documents, the shelves on which they stand, and who writes them.

use prost::Message as _;
use sealdesk_protocol::document::{DocumentName, DocumentPlace, Shelf};
use sealdesk_protocol::ids::Address;
use sealdesk_protocol::limits::PUBLISHED_VERSIONS_MAX;
use sealdesk_protocol::state::{side, tree};
use sealdesk_protocol::wire::sealdesk::ledger::v1::{
    DocumentWriter, PublishedBody, PublishedVersion, PublishedVersions, ShelfRecord,
};
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

    /// Notes what stands from now on under the name of a document whose versions are kept; no body where it is removed. The oldest of too
    /// many goes with what it says.
    pub(crate) fn publish(
        &mut self,
        name: &DocumentName,
        version: PublishedVersion,
        body: Option<&[u8]>,
    ) -> Result<(), Fatal> {
        let mut record: PublishedVersions = self.record(&tree::published(name))?.unwrap_or_default();
        if let Some(body) = body {
            self.put_published_body(name, version.version, body);
        }
        record.versions.push(version);
        if record.versions.len() > PUBLISHED_VERSIONS_MAX {
            let oldest = record.versions.remove(0);
            record.dropped = record.dropped.saturating_add(1);
            if !oldest.digest.is_empty() {
                self.state.delete(tree::published_body(name, oldest.version));
            }
        }
        self.put_published(name, &record);
        Ok(())
    }

    pub(crate) fn put_published(&mut self, name: &DocumentName, record: &PublishedVersions) {
        self.put_record(tree::published(name), record);
    }

    pub(crate) fn put_published_body(&mut self, name: &DocumentName, version: u64, body: &[u8]) {
        let record = PublishedBody { body: body.to_vec() };
        self.state.put(tree::published_body(name, version), record.encode_to_vec());
    }

    /// What a kept version says.
    pub(crate) fn published_body(&self, name: &DocumentName, version: u64) -> Result<Option<Vec<u8>>, Fatal> {
        let record: Option<PublishedBody> = self.record(&tree::published_body(name, version))?;
        Ok(record.map(|record| record.body))
    }

    pub(crate) fn document_writer(&self, address: &Address) -> Result<DocumentWriter, Fatal> {
        Ok(self.record(&tree::document_writer(address))?.unwrap_or_default())
    }

    pub(crate) fn put_document_writer(&mut self, address: &Address, record: &DocumentWriter) {
        self.put_record(tree::document_writer(address), record);
    }
}
