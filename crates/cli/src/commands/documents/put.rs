//! `sealdesk documents put`.

use std::path::PathBuf;

use sealdesk_client::documents::{DocumentContent, set};
use sealdesk_client::page::{DOCUMENT as PAGE, Manifest};
use sealdesk_client::sla;
use sealdesk_protocol::document::{ShelfKind, check_public_body};
use sealdesk_protocol::text::line;
use serde_json::{Map, Value};

use super::Which;
use crate::context::Context;
use crate::failure::Failure;
use crate::outcome::done;
use crate::text_input;

/// Longest file that is read, in bytes: more than a document can hold.
const FILE_BYTES_MAX: u64 = 1_048_575;

/// Options of `documents put`.
#[derive(Debug, clap::Args)]
#[command(
    after_help = "On the shelves own and staff each name of the JSON object is an entry: those that the file names are written, an entry that \
        is null is removed, and all others stay as they are, no matter who writes at the same time. A public document is replaced as a whole."
)]
pub(crate) struct Args {
    #[command(flatten)]
    which: Which,
    /// File with a JSON object; `-` reads standard input
    #[arg(long, value_name = "FILE", default_value = "-")]
    file: PathBuf,
}

pub(super) async fn run(context: &Context, args: Args) -> Result<(), Failure> {
    let text = text_input::text(context, &args.file, FILE_BYTES_MAX)?;
    let entries: Map<String, Value> = serde_json::from_str(&text).map_err(|error| {
        // The text may be secret: only the place of the mistake is told.
        let (row, column) = (error.line(), error.column());
        Failure::usage(
            format!("the document is not a JSON object (line {row}, column {column})"),
            "write it as {\"name\": value, …}",
        )
    })?;
    if let Some(name) = entries.iter().find_map(|(name, value)| is_rounded(value).then_some(name)) {
        return Err(Failure::usage(
            format!("'{}' has a number with more digits than programs keep of one", line(name)),
            "write it as text, between quotation marks",
        ));
    }
    let public = args.which.shelf == ShelfKind::Public;
    if public {
        let wrong = |error: sealdesk_protocol::codes::SupportError| {
            Failure::usage(error.to_string(), "shorten it: everyone reads all of it")
        };
        check_public_body(text.trim().as_bytes()).map_err(wrong)?;
        check_service_document(&args.which, text.trim().as_bytes())?;
    }
    let (desk, me) = super::acting(context).await?;
    let place = args.which.place(context, &desk)?;
    let stands = desk.document(Some(&me), &place).await?;
    let outcome = if public {
        let base = stands.map_or(0, |read| read.info.version);
        desk.publish_document(&me, &args.which.name, base, text.trim().as_bytes()).await?
    } else {
        let known = stands.as_ref().and_then(|read| read.content());
        let mut content = known.cloned().unwrap_or_else(DocumentContent::new);
        let now = desk.now_millis();
        entries.into_iter().for_each(|(name, value)| set(&mut content, &name, value, now));
        desk.put_document(&me, &place, &content).await?
    };
    let readers = match args.which.shelf {
        ShelfKind::Own => "for you alone",
        ShelfKind::Staff => "for the staff",
        ShelfKind::Public => "for everyone",
    };
    done(context, &outcome, || format!("{place} is written, {readers}"))
}

/// What service levels are counted by, and pages compared with, is read strictly, before anybody relies on it.
fn check_service_document(which: &Which, body: &[u8]) -> Result<(), Failure> {
    if which.name.as_str() == PAGE {
        let read = Manifest::parse(&String::from_utf8_lossy(body));
        let hint = "`sealdesk publish-page` publishes this program's page";
        return read.map(drop).map_err(|error| Failure::usage(error.to_string(), hint));
    }
    sla::check_document(&which.name, body).map_err(|fault| {
        let hint = format!("`sealdesk documents example {}` prints one that is right", which.name);
        Failure::usage(fault.to_string(), hint)
    })
}

/// Whether a whole number in it was too large to be read exactly: it would be written as another one.
fn is_rounded(value: &Value) -> bool {
    match value {
        // From here on not every whole number has a place of its own among floating ones.
        Value::Number(number) => {
            number.is_f64() && number.as_f64().is_none_or(|read| read.abs() >= 2f64.powi(53))
        }
        Value::Array(list) => list.iter().any(is_rounded),
        Value::Object(members) => members.values().any(is_rounded),
        _ => false,
    }
}
