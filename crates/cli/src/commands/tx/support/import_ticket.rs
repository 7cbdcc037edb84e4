//! `sealdesk tx support import-ticket`.

use std::path::PathBuf;

use jiff::Timestamp;
use sealdesk_client::Error;
use sealdesk_client::actor::Actor;
use sealdesk_client::compose::ComposeError;
use sealdesk_client::messages::{Import, ImportedText, NewImport, NewLink, names_part};
use sealdesk_client::outcome::Outcome;
use sealdesk_envelope::content::{ImportedFrom, TicketContent};
use sealdesk_protocol::import::ImportSource;
use sealdesk_protocol::ticket::{LinkKind, Priority};
use serde::Deserialize;
use serde_json::json;

use crate::acting::{DeskOfNode, Signer};
use crate::args::Ledger;
use crate::commands::tx::{Memo, acting};
use crate::context::Context;
use crate::failure::Failure;
use crate::outcome::{self, End};
use crate::table::count;
use crate::text_input;

/// Longest file of tickets that is read, in bytes.
const IMPORT_BYTES_MAX: u64 = 256 << 20;

/// Options of `import-ticket`.
#[derive(Debug, clap::Args)]
#[command(after_help = "\
FILE holds one ticket as a JSON object, or many, one after the other (JSON Lines):
  {\"source\": \"old-desk\", \"id\": \"4711\", \"customer\": \"virtengine1...\", \"category\": \"technical\",
   \"priority\": \"high\", \"status\": \"closed\", \"subject\": \"It does not start\", \"description\": \"Since today.\",
   \"author\": \"jane@example.org\", \"created_at\": \"2024-01-02T03:04:05Z\",
   \"responses\": [{\"author\": \"Bob\", \"by_staff\": true, \"internal\": false,
                  \"created_at\": \"2024-01-02T04:00:00Z\", \"message\": \"Is it plugged in?\"}]}
`priority`, `author`, `created_at`, `by_staff`, `internal` and `responses` may be left out; a ticket has at most 100 responses. Those that do not fit into one
transaction, as each is sealed for everyone who reads them, go into a ticket of their own, of the id 4711#sealdesk-part-2, which follows the first; no ticket of FILE may have
such an id.
PUBLIC are source, id, customer, category, priority, status, and how many responses there are; all else is sealed.

Everyone sees that it is told by you: authors and times are what the old system says. A customer who has published a key reads it at once; who has
none is given access later, with grant-access. For one whose address nobody knows, name an address of your own that is not staff, and transfer the ticket when they turn up.
The limit import_open has to be true. It can be stopped and run again: what is here already is passed over. For example:
  sealdesk tx support import-ticket tickets.jsonl --from admin")]
pub(crate) struct Args {
    /// File with the tickets; `-` reads standard input
    #[arg(value_name = "FILE")]
    file: PathBuf,
    #[command(flatten)]
    memo: Memo,
}

/// A ticket as a file has it.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Form {
    source: String,
    id: String,
    customer: String,
    category: String,
    #[serde(default)]
    priority: Option<String>,
    status: String,
    subject: String,
    description: String,
    #[serde(default)]
    author: String,
    #[serde(default)]
    created_at: Option<String>,
    #[serde(default)]
    responses: Vec<TextForm>,
}

/// A response as a file has it.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct TextForm {
    #[serde(default)]
    author: String,
    #[serde(default)]
    by_staff: bool,
    #[serde(default)]
    internal: bool,
    #[serde(default)]
    created_at: Option<String>,
    message: String,
}

/// What became of all of them.
#[derive(Default)]
struct Report {
    imported: Vec<String>,
    known: usize,
    /// By name, and why.
    refused: Vec<(String, String)>,
    unproven: usize,
    stopped: Option<String>,
}

pub(super) async fn run(context: &Context, args: Args) -> Result<(), Failure> {
    if context.ledger() == Ledger::Stacks {
        return Err(Failure::usage(
            "a contract takes no tickets from another system",
            "write a ticket about it: `sealdesk new`",
        ));
    }
    // All of it is read before anything is sent: a file with a mistake in it changes nothing.
    let imports = read(context, &args.file)?;
    let (desk, me) = acting(context, &args.memo).await?;
    let (output, total) = (context.output(), imports.len());
    let mut report = Report::default();
    for (done, import) in (1..).zip(imports) {
        let name = format!("{} {}", import.source.system(), import.source.id());
        output.progress(&format!("{name}  {done} of {total} tickets"));
        match whole(context, Signer { desk: &desk, me: &me }, import, &mut report).await {
            Ok(()) => {}
            // The next one can be good.
            Err(error @ (Error::Refused(_) | Error::Compose(_))) => {
                output.note(&format!("{name} is not imported: {error}"));
                report.refused.push((name, error.to_string()));
            }
            Err(error) if report.imported.is_empty() => return Err(error.into()),
            Err(error) => {
                report.stopped = Some(Failure::from(error).to_string());
                break;
            }
        }
    }
    tell(context, &report, total)
}

/// Imports a ticket. What does not fit into one transaction goes into tickets of their own, each of which follows the one before.
async fn whole(
    context: &Context,
    Signer { desk, me }: Signer<'_>,
    mut import: NewImport,
    report: &mut Report,
) -> Result<(), Error> {
    let (mut before, mut part) = (None, 1);
    loop {
        let name = format!("{} {}", import.source.system(), import.source.id());
        let (came, rest) = match desk.import_ticket(me, &import).await {
            Err(Error::Compose(ComposeError::ImportTooLarge { fit: fit @ 1.., .. })) => {
                let rest = import.split_off(fit, part + 1)?;
                (desk.import_ticket(me, &import).await?, Some(rest))
            }
            Ok(Import::Known(id)) => {
                // An earlier run may have been stopped between two parts.
                let here = desk.responses_imported(id).await?;
                let rest = (here < import.responses.len()).then(|| import.split_off(here, part + 1));
                (Import::Known(id), rest.transpose()?)
            }
            came => (came?, None),
        };
        let id = match came {
            Import::Known(id) => {
                report.known += 1;
                Some(id)
            }
            Import::Done(outcome) => {
                report.unproven += usize::from(!outcome.proven);
                let id = outcome.ticket_id.map(|id| id.to_string()).unwrap_or_default();
                context.output().note(&format!("{id}  {name}"));
                report.imported.push(id);
                outcome.ticket_id
            }
        };
        if let (Some(ticket), Some(other)) = (id, before) {
            let linked = follow(desk, me, NewLink { ticket, kind: LinkKind::FollowsUp, other }).await?;
            report.unproven += usize::from(linked.is_some_and(|outcome| !outcome.proven));
        }
        let Some(rest) = rest else { return Ok(()) };
        (before, part, import) = (id.or(before), part + 1, rest);
    }
}

/// Links a part to the one before; without an outcome where it is already.
async fn follow(desk: &DeskOfNode, me: &Actor, link: NewLink) -> Result<Option<Outcome>, Error> {
    let kept = desk.ticket(link.ticket).await?.links;
    let is_kept = kept.iter().any(|one| one.ticket_id == link.other.to_string());
    if is_kept { Ok(None) } else { desk.link(me, link).await.map(Some) }
}

fn tell(context: &Context, report: &Report, total: usize) -> Result<(), Failure> {
    let Report { imported, known, refused, unproven, stopped } = report;
    let refused_as_json = refused.iter().map(|(name, why)| json!({ "ticket": name, "why": why }));
    let value = json!({
        "code": 0,
        "imported": imported,
        "known": known,
        "refused": refused_as_json.collect::<Vec<_>>(),
        "stopped": stopped,
    });
    let end = End { proven: *unproven == 0, whole: refused.is_empty() && stopped.is_none() };
    outcome::ended(context, value, end, || {
        // A long history is several tickets here.
        let mut text = match imported.len() {
            many if many > total => format!("{} of the file imported, as {many}", count(total, "ticket")),
            many => format!("{many} of {} imported", count(total, "ticket")),
        };
        if *known > 0 {
            text.push_str(&format!(", {known} already here"));
        }
        if !refused.is_empty() {
            text.push_str(&format!(", {} refused: the lines above say why", refused.len()));
        }
        if let Some(why) = stopped {
            text.push_str(&format!("\n  it stopped: {why}\n  the same command continues"));
        }
        text
    })
}

fn read(context: &Context, file: &std::path::Path) -> Result<Vec<NewImport>, Failure> {
    let bytes = text_input::document(context, file, IMPORT_BYTES_MAX)?;
    let forms = serde_json::Deserializer::from_slice(&bytes).into_iter::<Form>();
    let mut imports = Vec::new();
    for (number, form) in (1..).zip(forms) {
        // serde's own words can quote what stands there.
        let form = form.map_err(|error| {
            let place = format!("line {}, column {}", error.line(), error.column());
            bad(number, &format!("it is not of the form, at {place}"))
        })?;
        imports.push(import(context, number, form)?);
    }
    if imports.is_empty() {
        return Err(Failure::usage("the file holds no ticket", "--help shows the form of one"));
    }
    Ok(imports)
}

fn bad(number: usize, why: &str) -> Failure {
    Failure::usage(format!("ticket {number} of the file: {why}"), "--help shows the form of a ticket")
}

fn import(context: &Context, number: usize, form: Form) -> Result<NewImport, Failure> {
    let refuse = |why: String| bad(number, &why);
    let source = ImportSource::parse(&form.source, &form.id).map_err(|error| refuse(error.to_string()))?;
    if names_part(source.id()) {
        let why = "its id is reserved for parts of long histories; give it another one";
        return Err(refuse(format!("{}: {why}", source.id())));
    }
    let priority = match form.priority.as_deref() {
        None => None,
        Some(name) => {
            Some(Priority::parse(name).ok_or_else(|| refuse("its priority is not one".to_owned()))?)
        }
    };
    let closed = match form.status.as_str() {
        "open" => false,
        "closed" => true,
        _ => return Err(refuse("its status is not open or closed".to_owned())),
    };
    let at = |text: Option<&String>| match text {
        None => Ok(None),
        Some(text) => match text.parse::<Timestamp>() {
            Ok(time) => Ok(Some(time.as_second())),
            Err(_) => Err(refuse("a created_at is not a time as RFC 3339 has it".to_owned())),
        },
    };
    let told = ImportedFrom { at: at(form.created_at.as_ref())?, author: form.author, ..Default::default() };
    let mut responses = Vec::with_capacity(form.responses.len());
    for text in form.responses {
        let TextForm { author, by_staff, internal, created_at, message } = text;
        let told = ImportedFrom { author, by_staff, at: at(created_at.as_ref())?, customer: None };
        responses.push(ImportedText { message, internal, told });
    }
    Ok(NewImport {
        source,
        customer: context.address(&form.customer).map_err(|error| refuse(error.to_string()))?,
        category: form.category,
        priority,
        closed,
        content: TicketContent::new(form.subject, form.description),
        told,
        responses,
    })
}
