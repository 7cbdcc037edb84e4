//! `sealdesk verify-page`.

use sealdesk_client::documents::DocumentBody;
use sealdesk_client::node::{Fetcher, Reach};
use sealdesk_client::page::{Bounds, DOCUMENT, Fault, Look, Manifest, look};
use sealdesk_node::page;
use sealdesk_protocol::document::{DocumentName, DocumentPlace, Shelf};
use serde_json::json;

use crate::config::PAGE_URL;
use crate::context::Context;
use crate::failure::Failure;
use crate::plain_http;
use crate::table::count;

/// Most faults that are shown to a person.
const SHOWN_MAX: usize = 20;
/// Most files that are named of two pages that differ.
const NAMED_MAX: usize = 3;

/// Options of `verify-page`.
#[derive(Debug, clap::Args)]
#[command(
    after_help = "Every file of the page is fetched as browsers fetch it, plain, as gzip, brotli and Zstandard, with the headers that a browser obeys, at places and in an \
        order that are drawn. All of it has to be what the ledger proves that an administrator published (`sealdesk publish-page`), and that has to be the page that this program \
        carries. Exits with 0 only if all of that holds, and with 1 if anything is wrong or unproven, which is named.\n\
        The ledger is asked at --node, or the node of this home; without either at URL, whose proofs are checked like any other's.\n\
        A node can serve one page to you and another to somebody else. Look from where you and others are, and more than once; and ask another node for the \
        proof (--node), or the one that serves the page knows who looks.\n\n\
        For example:\n  sealdesk verify-page https://desk.example"
)]
pub(crate) struct Args {
    /// Where the page is served, as in https://desk.example
    #[arg(value_name = "URL", id = PAGE_URL, value_parser = page_url)]
    url: String,
}

/// Reads where a page is. What is wrong with it is said by who asks there.
fn page_url(text: &str) -> Result<String, String> {
    let url = text.trim().trim_end_matches('/');
    if url.is_empty() { Err("write it as https://desk.example".to_owned()) } else { Ok(url.to_owned()) }
}

/// What the ledger says of the page.
struct Recorded {
    /// The manifest, where it is proven.
    manifest: Option<Manifest>,
    /// Which write it was.
    write: Option<u64>,
    ledger: Option<String>,
    faults: Vec<Fault>,
}

pub(super) async fn run(context: &Context, args: &Args) -> Result<(), Failure> {
    plain_http::check(&args.url, context.settings().insecure)?;
    let reach = Reach::of_machine().believing(context.authorities()?);
    let reach = match context.settings().running_name() {
        Some(name) if context.settings().running_node().as_deref() == Some(args.url.as_str()) => {
            reach.expecting(&name)
        }
        _ => reach,
    };
    let fetcher = Fetcher::new(&reach, &args.url)?;
    let recorded = recorded(context).await?;
    let carried = page::manifest().and_then(|text| Manifest::parse(text).ok());
    let mut found = Found { url: &args.url, answers: 0, faults: recorded.faults.clone() };
    let Some(expected) = recorded.manifest.as_ref().or(carried.as_ref()) else {
        found.faults.push(Fault::NoBuild);
        return found.tell(context, &recorded, None);
    };
    let compared = Look { expected, obeyed: &page::obeyed, own: &page::file, bounds: Bounds::default() };
    let (faults, answers) = look(&fetcher, &compared).await?;
    found.answers = answers;
    found.faults.extend(faults);
    found.faults.extend(recorded.manifest.as_ref().and_then(|recorded| against(recorded, carried.as_ref())));
    found.tell(context, &recorded, Some(expected))
}

/// What the ledger proves. A node that proves nothing is a finding, and no reason not to look further.
async fn recorded(context: &Context) -> Result<Recorded, Failure> {
    let unproven = |why: String| Recorded {
        manifest: None,
        write: None,
        ledger: None,
        faults: vec![Fault::Unproven { why }],
    };
    if context.settings().trust_node {
        return Ok(unproven("the node is believed without proofs".to_owned()));
    }
    let desk = match context.desk().await {
        Ok(desk) => desk,
        Err(failure @ Failure::Usage { .. }) => return Err(failure),
        Err(failure) => return Ok(unproven(failure.to_string())),
    };
    context.agree(&desk)?;
    let name = DocumentName::parse(DOCUMENT).map_err(|error| Failure::new(error.to_string()))?;
    let read = match desk.document(None, &DocumentPlace { shelf: Shelf::Public, name }).await {
        Ok(read) => read,
        Err(error) => return Ok(unproven(error.to_string())),
    };
    let ledger = Some(desk.chain().chain_id.to_string());
    let write = read.as_ref().map(|read| read.info.version);
    let told = match read.as_ref().map(|read| &read.body) {
        None => Err(Fault::Absent),
        Some(DocumentBody::Public(body)) => Manifest::parse(&String::from_utf8_lossy(body))
            .map_err(|error| Fault::UnreadableRecord { why: error.to_string() }),
        Some(_) => {
            Err(Fault::Unproven { why: "the node does not give what the ledger proves of it".to_owned() })
        }
    };
    let (manifest, faults) = match told {
        Ok(manifest) => (Some(manifest), Vec::new()),
        Err(fault) => (None, vec![fault]),
    };
    Ok(Recorded { manifest, write, ledger, faults })
}

/// In what the page that the ledger names differs from this program's.
fn against(recorded: &Manifest, carried: Option<&Manifest>) -> Option<Fault> {
    let Some(carried) = carried else { return Some(Fault::NoBuild) };
    if recorded.text() == carried.text() {
        return None;
    }
    let differs = |(path, hash): &(&str, &[u8; 32])| carried.file(path) != Some(*hash);
    let mut paths: Vec<String> = recorded.files().filter(differs).map(|(path, _)| path.to_owned()).collect();
    paths.extend(
        carried.files().filter(|(path, _)| recorded.file(path).is_none()).map(|(path, _)| path.to_owned()),
    );
    let more = paths.len().saturating_sub(NAMED_MAX);
    paths.truncate(NAMED_MAX);
    if paths.is_empty() {
        paths.push("what the manifest says beside its files".to_owned());
    }
    if more > 0 {
        paths.push(format!("{more} more"));
    }
    let (recorded, carried) = (recorded.version().to_owned(), carried.version().to_owned());
    Some(Fault::OtherBuild { recorded, carried, paths })
}

/// What a look found.
struct Found<'a> {
    url: &'a str,
    /// How many answers were looked at.
    answers: usize,
    faults: Vec<Fault>,
}

impl Found<'_> {
    fn tell(
        &self,
        context: &Context,
        recorded: &Recorded,
        expected: Option<&Manifest>,
    ) -> Result<(), Failure> {
        let said = |fault: &Fault| json!({ "fault": fault.name(), "said": fault.to_string() });
        let value = json!({
            "url": self.url,
            "proven": self.faults.is_empty(),
            "chain_id": recorded.ledger,
            "document_version": recorded.write,
            "version": expected.map(Manifest::version),
            "files": expected.map(|expected| expected.files().len()),
            "answers": self.answers,
            "faults": self.faults.iter().map(said).collect::<Vec<_>>(),
        });
        context.output().answer(&value, || match expected {
            Some(expected) if self.faults.is_empty() => self.well(recorded, expected),
            _ => wrong(self.url, &self.faults),
        })?;
        if self.faults.is_empty() {
            return Ok(());
        }
        context.output().note(
            "hint: unlock nothing in that page; `sealdesk desk` serves this program's own page before the same node",
        );
        Err(Failure::Quiet(1))
    }

    fn well(&self, recorded: &Recorded, expected: &Manifest) -> String {
        let many = |number: usize, what: &str| count(u64::try_from(number).unwrap_or(u64::MAX), what);
        format!(
            "{} serves the page that the ledger {} proves, version {}: {} in {}, each as it was published, with the one policy. \
            This program carries the same page.",
            self.url,
            recorded.ledger.as_deref().unwrap_or_default(),
            expected.version(),
            many(expected.files().len(), "file"),
            many(self.answers, "answer"),
        )
    }
}

fn wrong(url: &str, faults: &[Fault]) -> String {
    let mut lines = vec![format!("What {url} serves is not proven to be the page of this desk:")];
    lines.extend(faults.iter().take(SHOWN_MAX).map(|fault| format!("  - {fault}")));
    if faults.len() > SHOWN_MAX {
        lines.push(format!("  - and {} more", faults.len() - SHOWN_MAX));
    }
    lines.join("\n")
}
