//! `sealdesk disclose TKT N -o FILE`.

use std::io::ErrorKind;
use std::path::PathBuf;

use sealdesk_client::disclosure::MadeDisclosure;
use sealdesk_client::durable;
use sealdesk_client::view::{Message, MessageKind};
use sealdesk_protocol::ids::TicketId;
use serde_json::json;

use crate::args::Ledger;
use crate::context::Context;
use crate::failure::{Failure, at};
use crate::parse;
use crate::table::count;

/// Options of `disclose`.
#[derive(Debug, clap::Args)]
#[command(
    after_help = "The file holds the text of one message and the key of that message alone. Anyone with the file can read it and match it against a receipt, \
    without a node and without an account:\n  sealdesk disclose 7 3 -o answer.json\n  sealdesk receipt 7 -o ticket.receipt\n  \
    sealdesk verify ticket.receipt --genesis genesis.json --disclosure answer.json\n\
    It opens no other message, and none of your keys. A file that is there already is never written over."
)]
pub(crate) struct Args {
    /// Which ticket
    #[arg(value_name = "TKT", value_parser = parse::ticket)]
    ticket: TicketId,
    /// Which message, counted as `read` shows them: 1 is the first one, what the customer began with
    #[arg(value_name = "N")]
    number: usize,
    /// File to write, which only you can read
    #[arg(short = 'o', long = "out", value_name = "FILE")]
    out: PathBuf,
}

pub(super) async fn run(context: &Context, args: Args) -> Result<(), Failure> {
    if context.ledger() == Ledger::Stacks {
        return Err(Failure::usage(
            "a contract gives no receipts to match a message against",
            "use a desk on its own ledger",
        ));
    }
    let me = context.actor()?;
    let desk = context.desk().await?;
    let MadeDisclosure { file, message } = desk.disclose(&me, args.ticket, args.number).await?;
    durable::create_private(&args.out, &file).map_err(|error| match error.kind() {
        ErrorKind::AlreadyExists => Failure::hinted(
            format!("{} is there already", context.shown(&args.out)),
            "name another file with -o FILE",
        ),
        _ => at(&args.out, &error),
    })?;
    warn(context, &message);
    let files = message.files().len();
    let value = json!({
        "ticket_id": args.ticket.to_string(),
        "number": args.number,
        "response_index": message.index,
        "file": args.out,
        "internal": message.internal,
        "attachments": files,
    });
    context.output().answer(&value, || {
        format!(
            "{} holds message {} of {}, by {}, {}",
            context.shown(&args.out),
            args.number,
            args.ticket,
            context.name_of(&message.author),
            context.zone().when(message.created_at)
        )
    })
}

/// Says what the file reveals, before anybody hands it on.
fn warn(context: &Context, message: &Message) {
    let output = context.output();
    output.note("warning: anyone with this file can read this message, and can show others that it was sealed in this ticket. It cannot be taken back.");
    if message.kind() == MessageKind::Note {
        output.note("warning: it is a note of the staff, which the customer cannot read");
    }
    let files = message.files().len();
    if files > 0 {
        output.note(&format!(
            "warning: the message contains the keys of {}, so anyone with the file can open these too",
            count(files, "attached file")
        ));
    }
    for warning in &message.warnings {
        output.note(&format!("warning: {warning}"));
    }
}
