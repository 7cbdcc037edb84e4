//! `sealdesk publish-page`.

use sealdesk_client::documents::{DocumentBody, ReadDocument};
use sealdesk_client::page::{DOCUMENT, Manifest};
use sealdesk_node::page;
use sealdesk_protocol::document::{DocumentName, DocumentPlace, Shelf};
use serde_json::json;

use crate::context::Context;
use crate::failure::Failure;
use crate::outcome::done;
use crate::prompt;
use crate::table::count;

/// Options of `publish-page`.
#[derive(Debug, clap::Args)]
#[command(
    after_help = "The ledger then proves to everyone which files the desk's page has, with their hashes and the one policy: the public document \
        `page`. `sealdesk verify-page URL` compares what a node serves with it. After each new version of the program on your nodes an \
        administrator publishes its page again.\n\n\
        For example:\n  sealdesk publish-page --from admin"
)]
pub(crate) struct Args {}

pub(super) async fn run(context: &Context, Args {}: &Args) -> Result<(), Failure> {
    let carried = page::manifest().ok_or_else(|| {
        Failure::hinted("this program was built without the page", "build it with `make build`")
    })?;
    let carried = Manifest::parse(carried).map_err(|error| Failure::new(error.to_string()))?;
    let me = context.actor()?;
    let desk = context.desk().await?;
    context.agree(&desk)?;
    let name = DocumentName::parse(DOCUMENT).map_err(|error| Failure::new(error.to_string()))?;
    let place = DocumentPlace { shelf: Shelf::Public, name: name.clone() };
    let stands = desk.document(None, &place).await?;
    let version = carried.version();
    if stands.as_ref().and_then(manifest).is_some_and(|stands| stands.text() == carried.text()) {
        let value = json!({ "changed": false, "version": version });
        return context.output().done(&value, || {
            format!("the ledger names this page already, version {version}; nothing was sent")
        });
    }
    let before = stands.as_ref().map(|stands| match manifest(stands) {
        Some(stands) => format!("version {}", stands.version()),
        None => "something that is not a page".to_owned(),
    });
    let before = before.unwrap_or_else(|| "no page".to_owned());
    let question = format!("The ledger names {before}. Name this program's page, version {version}?");
    prompt::confirm(context.output(), context.settings().yes, &question)?;
    let base = stands.map_or(0, |stands| stands.info.version);
    let outcome = desk.publish_document(&me, &name, base, carried.text().as_bytes()).await?;
    let files = count(u64::try_from(carried.files().len()).unwrap_or(u64::MAX), "file");
    done(context, &outcome, || format!("the ledger names this program's page, version {version}: {files}"))
}

/// The page that a document names.
fn manifest(read: &ReadDocument) -> Option<Manifest> {
    let DocumentBody::Public(body) = &read.body else { return None };
    Manifest::parse(std::str::from_utf8(body).ok()?).ok()
}
