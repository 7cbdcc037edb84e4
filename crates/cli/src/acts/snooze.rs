//! A ticket is put aside until a time.

use sealdesk_client::trust::Clock;
use sealdesk_protocol::ids::TicketId;

use crate::acting::{Memo, acting_openly};
use crate::args::Ledger;
use crate::context::Context;
use crate::failure::Failure;
use crate::outcome::done;
use crate::parse;

/// Options of `snooze`.
#[derive(Debug, clap::Args)]
#[command(
    after_help = "Until then the ticket stands at the end of every inbox, then at its top, with an event. An answer, its resolution or its \
    closing takes it up before. Everyone can read the time."
)]
pub(crate) struct Args {
    /// Which ticket
    #[arg(value_name = "TKT", value_parser = parse::ticket)]
    ticket: TicketId,
    /// Until when: 30m, 4h, 3d or 2w from now, 2026-12-01, "2026-12-01 09:00", 2026-12-01T09:00:00Z; `off` brings it back
    #[arg(value_name = "WHEN")]
    until: String,
    #[command(flatten)]
    memo: Memo,
}

/// Does it, for whoever acts.
pub(crate) async fn run(context: &Context, args: Args) -> Result<(), Failure> {
    if context.ledger() == Ledger::Stacks {
        return Err(Failure::usage(
            "a contract has no time at which a ticket comes back",
            "`sealdesk tx support await-customer TKT` says that it waits",
        ));
    }
    let now = Clock::system().now();
    let until = match args.until.as_str() {
        "off" => None,
        text => Some(context.zone().second_of(text, now).map_err(|why| {
            Failure::usage(format!("'{text}' is not a time: {why}"), "write 3d, 2026-12-01 or `off`")
        })?),
    };
    let (desk, me) = acting_openly(context, &args.memo).await?;
    let outcome = desk.snooze(me.author(), args.ticket, until).await?;
    done(context, &outcome, || match until {
        None => format!("{} is back from being put aside", args.ticket),
        Some(until) => format!("{} is put aside until {}", args.ticket, context.zone().alone(until)),
    })
}
