//! `sealdesk sla TKT`: what was promised of a ticket, and what became of it.

use std::path::PathBuf;

use sealdesk_client::receipt::TicketReceipt;
use sealdesk_client::sla::{Calendar, Kind, Report, SlaError, State, TZDB, Target};
use sealdesk_protocol::ids::TicketId;
use sealdesk_protocol::receipt::Trust;
use sealdesk_protocol::text;
use serde_json::{Value, json};

use crate::args::Ledger;
use crate::context::Context;
use crate::failure::Failure;
use crate::parse;
use crate::receipt_file::{self, WhomArgs};
use crate::span::{away, span};
use crate::table;

/// Options of `sla`.
#[derive(Debug, clap::Args)]
#[command(
    after_help = "Every number follows from proven records: the ticket with all that happened to it, and the desk's public documents sla and \
    office-hours as they stood when each clock began. A receipt holds the same proofs, so it gives the same numbers without a node.\n\n\
    Examples:\n  \
    sealdesk sla 7\n  \
    sealdesk receipt 7 -o 7.receipt\n  \
    sealdesk sla 7 --receipt 7.receipt --genesis genesis.json\n  \
    sealdesk documents example sla > sla.json    what an administrator can begin with"
)]
pub(crate) struct Args {
    /// Which ticket
    #[arg(value_name = "TKT", value_parser = parse::ticket)]
    ticket: TicketId,
    /// Count from a receipt in a file, without a node
    #[arg(long, value_name = "FILE")]
    receipt: Option<PathBuf>,
    #[command(flatten)]
    whom: WhomArgs,
}

pub(super) async fn run(context: &Context, args: Args) -> Result<(), Failure> {
    if context.ledger() == Ledger::Stacks {
        return Err(Failure::usage(
            "a contract on Stacks keeps no documents, and so promises nothing",
            "leave --ledger stacks and --contract out",
        ));
    }
    let Some(file) = &args.receipt else {
        if args.whom.is_given() {
            return Err(Failure::usage(
                "--genesis and --trust say whose receipt counts, and none is named",
                "add --receipt FILE, or leave them out",
            ));
        }
        let desk = context.desk().await?;
        let bytes = desk.receipt(args.ticket).await?;
        // The desk has verified it already, against the pin.
        let receipt = TicketReceipt::verify(&bytes, &Trust::Unpinned);
        return show(context, &receipt.map_err(|error| Failure::new(error.to_string()))?);
    };
    let receipt = receipt_file::verified(context, file, &args.whom)?;
    if receipt.id != args.ticket {
        return Err(Failure::usage(
            format!("the receipt is of {}, not of {}", receipt.id, args.ticket),
            "name the ticket that it is of, or another receipt",
        ));
    }
    show(context, &receipt)?;
    receipt_file::say_whether_pinned(context, &receipt)
}

fn show(context: &Context, receipt: &TicketReceipt) -> Result<(), Failure> {
    let report = receipt.service_levels().map_err(|error| {
        let hint = match error {
            SlaError::NotCarried => "make a new one with `sealdesk receipt`",
            SlaError::Form(_) => "a newer program may read it",
            SlaError::Forgotten { .. } | SlaError::Unknown(_) => {
                "a receipt that was made earlier, or on the ledger before, may tell"
            }
        };
        Failure::hinted(error.to_string(), hint)
    })?;
    let mut value: Value = report.to_json();
    value["height"] = json!(receipt.verified.height());
    value["chain_id"] = json!(receipt.verified.chain_id().as_str());
    context.output().answer(&value, || as_text(context, receipt, &report))?;
    for problem in &report.problems {
        context.output().note(&format!("not counted: {}", text::line(&problem.to_string())));
    }
    Ok(())
}

fn as_text(context: &Context, receipt: &TicketReceipt, report: &Report) -> String {
    let (ticket, height) = (report.ticket, receipt.verified.height());
    let until = format!("counted up to {}, as proven at height {height}", context.zone().alone(report.as_of));
    if report.targets.is_empty() {
        return format!("no promise about {ticket} can be counted ({until})");
    }
    let zone = context.zone();
    let row = |target: &Target| {
        let when = |at: Option<i64>| at.map(|at| zone.in_column(at)).unwrap_or_default();
        vec![
            name(target),
            state(target, report.as_of),
            when(target.due_at),
            when(target.ended_at),
            span(target.allowed_seconds),
            span(target.used_seconds),
            counted(target),
        ]
    };
    let (due, done) = (zone.column("DUE"), zone.column("DONE"));
    let head = ["TARGET", "STATE", &due, &done, "ALLOWED", "USED", "COUNTED IN"];
    let rows = table::rows(&head, report.targets.iter().map(row).collect());
    format!("{ticket}  {until}\n\n{rows}\n\nTime zones by the database {TZDB}.")
}

fn name(target: &Target) -> String {
    match target.kind {
        Kind::FirstResponse => "first response".to_owned(),
        Kind::NextResponse => format!("next response {}", target.number),
        Kind::Resolution => "resolution".to_owned(),
    }
}

/// What became of it, and where it is not over how far away that is, by the calendar on the wall.
fn state(target: &Target, now: i64) -> String {
    match (target.state, target.due_at, target.ended_at) {
        (State::Due, Some(due), _) => format!("due in {}", away(due.saturating_sub(now))),
        (State::Due, None, _) => "due in more than ten years".to_owned(),
        (State::Paused, ..) => {
            let left = target.allowed_seconds.saturating_sub(target.used_seconds);
            format!("paused, {} left", span(left))
        }
        (State::Breached, Some(due), None) => format!("breached {} ago", away(now.saturating_sub(due))),
        (state, ..) => state.name().to_owned(),
    }
}

fn counted(target: &Target) -> String {
    let hours = target.office_hours_version.map(|version| format!("office-hours version {version}"));
    let hours = hours.filter(|_| target.calendar == Calendar::OfficeHours);
    format!("{}, sla version {}", hours.unwrap_or_else(|| "all hours".to_owned()), target.sla_version)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn target(state: State, due_at: Option<i64>, ended_at: Option<i64>) -> Target {
        Target {
            kind: Kind::NextResponse,
            number: 2,
            started_at: 0,
            state,
            due_at,
            breached_at: None,
            ended_at,
            allowed_seconds: 7_200,
            used_seconds: 1_800,
            calendar: Calendar::Always,
            sla_version: 3,
            office_hours_version: None,
        }
    }

    #[test]
    fn a_state_says_how_much_time_there_is() {
        for (state_of, due, ended, shown) in [
            (State::Due, Some(90_060), None, "due in 25 h"),
            (State::Due, Some(266_460), None, "due in 3 d 2 h"),
            (State::Due, None, None, "due in more than ten years"),
            (State::Paused, None, None, "paused, 1 h 30 min left"),
            (State::Breached, Some(0), None, "breached 1 min ago"),
            (State::Breached, Some(0), Some(30), "breached"),
            (State::Met, Some(70), Some(30), "met"),
            (State::Ended, None, Some(30), "ended"),
        ] {
            assert_eq!(state(&target(state_of, due, ended), 60), shown);
        }
        let one = target(State::Met, None, None);
        assert_eq!(
            (name(&one), counted(&one)),
            ("next response 2".into(), "all hours, sla version 3".into())
        );
    }
}
