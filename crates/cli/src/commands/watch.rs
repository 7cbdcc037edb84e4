//! `sealdesk watch`.

use std::ffi::OsString;
use std::fs::File;
use std::io::Read as _;
use std::path::{Path, PathBuf};
use std::time::Duration;

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use sealdesk_client::durable;
use sealdesk_client::follow::Following;
use sealdesk_client::stacks::cursor_of;
use sealdesk_client::view::HistoryEvent;
use sealdesk_node::feed::Cursor;
use sealdesk_protocol::events::Event;
use sealdesk_protocol::ids::{ChainId, TicketId};
use sealdesk_protocol::wire::sealdesk::ledger::v1::LedgerEvent;

use crate::args::Ledger;
use crate::context::Context;
use crate::event_command::{EventCommand, about};
use crate::event_forward::Forwarding;
use crate::event_text;
use crate::failure::{Failure, at};
use crate::parse;

/// Options of `watch`.
#[derive(Debug, clap::Args)]
#[command(
    after_help = "With --output json, one object per line; watching continues after its `cursor`, without a gap.\n\n\
        A command of --exec gets the event as one line of JSON on its standard input, and in its environment SEALDESK_EVENT_TYPE, _TICKET, _TIME, \
        _HEIGHT, _TXHASH and _CURSOR. No shell reads it, unless it is one. One runs at a time; one that fails is run again, and ends the watch \
        when it has failed three times. With --cursor-file the next watch begins with that event, so each is handled at least once.\n\n\
        Example:\n  sealdesk watch --type EventTicketCreated --cursor-file seen --exec ./notify --channel support"
)]
pub(crate) struct Args {
    /// Only of this ticket
    #[arg(long, value_name = "TKT", value_parser = parse::ticket)]
    ticket: Option<TicketId>,
    /// Only events of this name, such as EventTicketCreated; can be given more than once
    #[arg(long = "type", value_name = "EVENT", value_parser = Event::full_name)]
    types: Vec<String>,
    /// Continue after this event
    #[arg(long, value_name = "CURSOR", default_value = "", hide_default_value = true)]
    cursor: String,
    /// File with the cursor to continue after, updated after each event; a new file starts now, and holds that place at once
    #[arg(long, value_name = "FILE", conflicts_with = "cursor")]
    cursor_file: Option<PathBuf>,
    /// Stop after this many events
    #[arg(long, value_name = "N")]
    count: Option<u64>,
    /// Run this command for each event, instead of printing it. Must be the last option: everything after it belongs to the command
    #[arg(long, value_name = "COMMAND", num_args = 1.., allow_hyphen_values = true)]
    exec: Vec<OsString>,
    /// How long the command may take for one event, in seconds
    #[arg(long, value_name = "SECONDS", default_value_t = 60, value_parser = clap::value_parser!(u64).range(1..=86_400))]
    exec_timeout: u64,
    /// Post each event to this address, as the node's webhooks do (Standard Webhooks 1.0), instead of printing it; for developers of the other end
    #[arg(long, value_name = "URL", conflicts_with = "exec")]
    forward_to: Option<String>,
}

/// The most that is read of a file with a cursor, in bytes.
const CURSOR_BYTES_MAX: u64 = 1_024;

impl Args {
    /// Where to go on: by the option, or by the file; `None` = with what comes. Whatever is no cursor is refused, and a file stays as it was.
    fn begin<C>(&self, parse: impl FnOnce(&str) -> Result<C, String>) -> Result<Option<C>, Failure> {
        let (text, wrong): (String, Box<dyn FnOnce(String) -> Failure>) = match &self.cursor_file {
            None => (
                self.cursor.clone(),
                Box::new(|why| Failure::usage(why, "leave --cursor out to start with new events")),
            ),
            Some(file) => (
                in_file(file)?,
                Box::new(|why| {
                    let why = format!("{}: {why}", file.display());
                    Failure::usage(why, "name another file, or remove the file to start with new events")
                }),
            ),
        };
        if text.is_empty() { Ok(None) } else { parse(&text).map(Some).map_err(wrong) }
    }

    /// Keeps a cursor where it was asked for.
    fn keep(&self, cursor: &str) -> Result<(), Failure> {
        let Some(file) = &self.cursor_file else { return Ok(()) };
        durable::write_private(file, format!("{cursor}\n").as_bytes()).map_err(|error| at(file, &error))
    }

    /// What is done with each event of a ledger; of a contract, which has no name of Cosmos's, nothing is posted.
    fn handling(&self, context: &Context, ledger: Option<ChainId>) -> Result<Handling, Failure> {
        let limit = Duration::from_secs(self.exec_timeout);
        match (&self.forward_to, ledger) {
            (None, _) if self.exec.is_empty() => Ok(Handling::Show),
            (None, _) => Ok(Handling::Run(EventCommand { words: self.exec.clone(), limit })),
            (Some(url), Some(ledger)) => Ok(Handling::Post(Forwarding::new(context, url, ledger)?)),
            (Some(_), None) => Err(Failure::usage(
                "the events of a contract are not those of the node's webhooks",
                "leave --forward-to out; --exec runs a command for each",
            )),
        }
    }
}

/// What is done with each event.
enum Handling {
    Show,
    Run(EventCommand),
    Post(Forwarding),
}

impl Handling {
    /// Does it; the cursor stays where it is until it is done.
    async fn handle(&self, context: &Context, event: &Seen) -> Result<(), Failure> {
        match (self, &event.told) {
            (Self::Run(command), _) => command.handle(context, &event.read).await,
            (Self::Post(forwarding), Some(told)) => forwarding.post(context, told, &about(&event.read)).await,
            (Self::Post(_) | Self::Show, _) => print(context, &event.read),
        }
    }
}

/// An event, and as the node of a ledger told it.
struct Seen {
    read: HistoryEvent,
    told: Option<LedgerEvent>,
}

pub(super) async fn run(context: &Context, args: Args) -> Result<(), Failure> {
    match context.ledger() {
        Ledger::Native => {
            context.output().check_choice(&HistoryEvent::field_names())?;
            let begin = args.begin(parse::event_cursor)?;
            if let Some(begin) = begin {
                // A file that cannot be written is told before anything is handled.
                args.keep(&URL_SAFE_NO_PAD.encode(begin.encode()))?;
            }
            let desk = context.desk().await?;
            let handling = args.handling(context, Some(desk.chain().chain_id.clone()))?;
            let cursor = match begin {
                Some(begin) => begin.encode(),
                None if args.cursor_file.is_none() => Vec::new(),
                // A watch that ends before anything has happened goes on from where it began.
                None => {
                    let newest = desk.node().status().await?.height;
                    let now = Cursor::after_block(
                        u64::try_from(newest)
                            .map_err(|_| Failure::new("the node names a height below zero"))?,
                    )
                    .encode();
                    args.keep(&URL_SAFE_NO_PAD.encode(&now))?;
                    now
                }
            };
            let mut follower =
                desk.follow(Following { cursor, types: args.types.clone(), ticket: args.ticket });
            let next = async || {
                let (told, read) = follower.next_as_told().await?;
                Ok(Seen { read, told: Some(told) })
            };
            show(context, &args, &handling, next).await
        }
        Ledger::Stacks => {
            if !args.types.is_empty() {
                return Err(Failure::usage("a contract's events have other names", "leave --type out"));
            }
            let handling = args.handling(context, None)?;
            let desk = context.contract_desk()?;
            let begin = args.begin(|text| {
                let why = "this is not a cursor of a contract's events: copy one from an earlier event";
                cursor_of(text).ok_or_else(|| why.to_owned())
            })?;
            let mut watch = desk.watch(begin.as_deref()).await?;
            args.keep(watch.cursor())?;
            show(context, &args, &handling, async || Ok(Seen { read: watch.next().await?, told: None })).await
        }
    }
}

/// Shows one event after the other, until there were enough or somebody presses Ctrl-C.
async fn show(
    context: &Context,
    args: &Args,
    handling: &Handling,
    mut next: impl AsyncFnMut() -> Result<Seen, Failure>,
) -> Result<(), Failure> {
    if !context.output().is_json() {
        context.output().note("Waiting for events; Ctrl-C ends this.");
    }
    if let Handling::Post(forwarding) = handling {
        let secret = forwarding.secret();
        context.output().note(&format!("Signed with {}, a secret of this watch alone.", *secret));
    }
    let mut left = args.count;
    while left != Some(0) {
        let event = tokio::select! {
            event = next() => event?,
            _ = tokio::signal::ctrl_c() => return Ok(()),
        };
        // A contract's events come all, whatever they are about.
        if args.ticket.is_some_and(|ticket| event.read.ticket != Some(ticket)) {
            continue;
        }
        // An event that is not handled to the end is the first one of the next watch.
        tokio::select! {
            handled = handling.handle(context, &event) => handled?,
            _ = tokio::signal::ctrl_c() => {
                context.output().note(&format!("ended before {} was handled", about(&event.read)));
                return Ok(());
            }
        }
        if let Some(cursor) = &event.read.cursor {
            args.keep(cursor)?;
        }
        left = left.map(|left| left.saturating_sub(1));
    }
    Ok(())
}

fn print(context: &Context, event: &HistoryEvent) -> Result<(), Failure> {
    context.output().one_of_many(event, || {
        let ticket = event.ticket.map(|ticket| format!("{ticket}  ")).unwrap_or_default();
        format!("{}  {ticket}{}", event_text::when(context, event), event_text::what(context, event))
    })
}

/// What a file with a cursor holds; nothing where it is not there. It is taken whole: a file of more than a cursor is somebody's.
fn in_file(file: &Path) -> Result<String, Failure> {
    // A cursor is no secret: others may read the file.
    let mut bytes = Vec::new();
    match File::open(file).and_then(|open| open.take(CURSOR_BYTES_MAX + 1).read_to_end(&mut bytes)) {
        Ok(read) if u64::try_from(read).unwrap_or(u64::MAX) > CURSOR_BYTES_MAX => {
            let why = format!("{}: this is not a cursor, but something longer", file.display());
            Err(Failure::usage(why, "name another file: this one stays as it is"))
        }
        Ok(_) => {
            Ok(String::from_utf8_lossy(&bytes).trim_matches(['\u{feff}', ' ', '\r', '\n', '\t']).to_owned())
        }
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => Ok(String::new()),
        Err(error) => Err(at(file, &error)),
    }
}
