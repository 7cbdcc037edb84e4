//! Documents: what an account keeps for itself, what the staff share, and what everyone may read, such as the desk's service levels.

use sealdesk_protocol::document::ShelfKind;
use sealdesk_protocol::json::{self, Shape as _};
use sealdesk_protocol::wire::virtengine::support::v1 as support;

use super::problem::Problem;
use super::route::{Kind, Route};
use super::tickets::page;

const TAG: &str = "documents";
const OWNER: &str = "Whose it is: an address, on the shelf `own` alone.";

/// The routes of documents.
pub(super) fn routes() -> Vec<Route> {
    let shelves = || Kind::OneOf(ShelfKind::ALL.map(ShelfKind::name).to_vec());
    vec![
        Route::get("/api/v1/documents/{shelf}", TAG, "listDocuments", "The documents of a shelf, by name")
            .of("shelf", shelves(), "The shelf.")
            .may("owner", Kind::Text, OWNER)
            .paged()
            .answers(json::Documents::shape())
            .by_method(
                "/virtengine.support.v1.Query/Documents",
                |asked| {
                    let (shelf, owner) = (asked.text("shelf"), asked.text("owner"));
                    Ok(support::QueryDocumentsRequest { shelf, owner, page: page(asked) })
                },
                |found: support::QueryDocumentsResponse, _| Ok(json::Documents::from(found)),
            ),
        Route::get(
            "/api/v1/documents/{shelf}/{name}",
            TAG,
            "getDocument",
            "A document: public ones such as `sla` and `office-hours` in plain text, all others sealed",
        )
        .of("shelf", shelves(), "The shelf.")
        .of("name", Kind::Text, "Its name on the shelf, such as sla.")
        .may("owner", Kind::Text, OWNER)
        .answers(json::Document::shape())
        .by_method(
            "/virtengine.support.v1.Query/Document",
            |asked| {
                let [shelf, owner, name] = ["shelf", "owner", "name"].map(|part| asked.text(part));
                Ok(support::QueryDocumentRequest { shelf, owner, name })
            },
            |found: support::QueryDocumentResponse, _| {
                found.document.map(json::Document::from).ok_or_else(Problem::broken)
            },
        ),
    ]
}
