//! Documents: what stands on a shelf, as the ledger proves it, and for whom the staff's are sealed.

mod merge;
mod read;
mod renew;
mod staff;

pub use merge::{merge, set, values};
pub(crate) use read::document_context;
pub use read::{DocumentBody, DocumentInfo, ReadDocument, ShelfListing};
pub(crate) use renew::{NewContent, StaffChange};
pub use renew::{Renewed, STAFF_DOCUMENTS_PER_TRANSACTION_MAX};
pub use sealdesk_envelope::content::{DocumentContent, DocumentEntry};
