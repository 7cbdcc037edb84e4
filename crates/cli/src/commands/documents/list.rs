//! `sealdesk documents list`.

use sealdesk_client::documents::{DocumentInfo, ShelfListing};
use sealdesk_protocol::document::ShelfKind;
use sealdesk_protocol::json;
use serde_json::json;

use crate::context::Context;
use crate::failure::Failure;
use crate::table;

/// Options of `documents list`.
#[derive(Debug, clap::Args)]
pub(crate) struct Args {
    /// own, staff or public
    #[arg(value_name = "SHELF", value_parser = super::shelf)]
    shelf: ShelfKind,
}

pub(super) async fn run(context: &Context, args: &Args) -> Result<(), Failure> {
    let desk = context.desk().await?;
    let shelf = super::shelf_of(context, &desk, args.shelf)?;
    let listing = desk.documents(&shelf).await?;
    let documents: Vec<_> = listing
        .documents
        .iter()
        .map(|document| {
            json!({
                "name": document.place.name.as_str(),
                "version": document.version,
                "bytes": document.bytes,
                "updated_by": document.updated_by,
                "updated_at": json::time(document.updated_at),
            })
        })
        .collect();
    let value = json!({ "shelf": args.shelf.name(), "documents": documents, "missing": listing.missing });
    context.output().answer(&value, || text(context, &listing))?;
    if listing.missing > 0 {
        let missing = table::count(u64::from(listing.missing), "more document");
        context
            .output()
            .note(&format!("The ledger proves that there is {missing}; this node does not name it."));
    }
    Ok(())
}

fn text(context: &Context, listing: &ShelfListing) -> String {
    if listing.documents.is_empty() {
        return "no documents".to_owned();
    }
    let row = |document: &DocumentInfo| {
        vec![
            document.place.name.to_string(),
            document.version.to_string(),
            document.bytes.to_string(),
            context.name_of(&document.updated_by),
            context.zone().in_column(document.updated_at),
        ]
    };
    let written = context.zone().column("WRITTEN AT");
    let rows = listing.documents.iter().map(row).collect();
    table::rows(&["NAME", "VERSION", "BYTES", "WRITTEN BY", &written], rows)
}
