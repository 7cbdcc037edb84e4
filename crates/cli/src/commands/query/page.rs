//! Which part of a list is shown, and how its end is told.

use sealdesk_client::node::Page;
use sealdesk_protocol::json;

use crate::context::Context;
use crate::failure::Failure;

/// Options of every list.
#[derive(Debug, clap::Args)]
pub(super) struct Paging {
    /// Records to show, 1 to 100
    #[arg(long, value_name = "N", default_value_t = 50, value_parser = clap::value_parser!(u32).range(1..=100))]
    limit: u32,
    /// Where to continue: the cursor that the last page ended with
    #[arg(long, value_name = "CURSOR", default_value = "", hide_default_value = true)]
    cursor: String,
    /// Newest first
    #[arg(long)]
    reverse: bool,
}

impl Paging {
    /// The page to ask for.
    pub(super) fn page(&self) -> Result<Page, Failure> {
        let cursor = json::read_cursor(&self.cursor).ok_or_else(|| {
            Failure::usage(
                "this is not a cursor",
                "copy it from the end of the page before, or leave --cursor out",
            )
        })?;
        Ok(Page { cursor, limit: self.limit, reverse: self.reverse })
    }
}

/// A cursor as text; empty after the last page.
pub(super) fn cursor(next: &[u8]) -> String {
    json::cursor(next)
}

/// Says how to go on, where there is more.
pub(super) fn more(context: &Context, next: &str) {
    if !next.is_empty() && !context.output().is_json() {
        context.output().note(&format!("There is more: add --cursor {next}"));
    }
}
