//! Service levels: what the desk promised of a ticket, and what became of it. docs/spec/service-levels.md has the rules.
//!
//! [`count`] is one pure function of a ticket's [`History`], the public [`Documents`] by version, and a time. It knows no clock and reads no
//! files: the rules of time zones come from one pinned table ([`TZDB`]), so that a node, a browser and an auditor without a network count
//! the same. [`receipt`](crate::receipt) brings the facts with their proofs.

mod clock;
mod document;
mod example;
mod facts;
mod hours;
mod levels;
pub(crate) mod proof;
mod shown;
mod zone;

use std::collections::BTreeSet;

use sealdesk_protocol::document::SERVICE_DOCUMENTS;
use sealdesk_protocol::ids::TicketId;
use sealdesk_protocol::in_order::InOrder as _;
use sealdesk_protocol::ticket::Priority;

pub use document::{DocumentFault, check as check_document};
pub use example::example;
pub use facts::{Documents, History, Message, SlaError, Version, Versions};
pub use hours::OfficeHours;
pub use levels::{Calendar, Kind, Promise, ServiceLevels};
pub use zone::TZDB;

use clock::{Course, Run};
use facts::Found;

/// What becomes of a target.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum State {
    /// The clock runs, or rests until the office opens.
    Due,
    /// The desk waits for the customer.
    Paused,
    /// It was done in time.
    Met,
    /// The time was used up before it was done.
    Breached,
    /// Nobody waits for it any more: the ticket is over, and it was not late by then.
    Ended,
}

impl State {
    /// Its short name.
    pub fn name(self) -> &'static str {
        match self {
            Self::Due => "due",
            Self::Paused => "paused",
            Self::Met => "met",
            Self::Breached => "breached",
            Self::Ended => "ended",
        }
    }
}

/// One thing that was promised of a ticket. Times are Unix seconds.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Target {
    /// What was promised.
    pub kind: Kind,
    /// Which one of its kind, from 1.
    pub number: u32,
    /// When its clock began.
    pub started_at: i64,
    /// What became of it.
    pub state: State,
    /// The last second in which it is met, as far as one can say now: none while the desk waits for the customer, and where the calendar
    /// has no such second within ten years.
    pub due_at: Option<i64>,
    /// When the time was used up.
    pub breached_at: Option<i64>,
    /// When it was done, or when nobody waited for it any more.
    pub ended_at: Option<i64>,
    /// How long it may take, in seconds of its calendar.
    pub allowed_seconds: i64,
    /// How long it took until it was done, or until now.
    pub used_seconds: i64,
    /// Whether the seconds are those of the office hours.
    pub calendar: Calendar,
    /// The version of the document `sla` that promised it: the one that stood there when its clock began.
    pub sla_version: u64,
    /// The version of the document `office-hours`, likewise; none where all hours count.
    pub office_hours_version: Option<u64>,
}

/// All that was promised of a ticket.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Report {
    /// Which ticket.
    pub ticket: TicketId,
    /// The time up to which it is counted, in Unix seconds.
    pub as_of: i64,
    /// First response, next responses in their order, resolution.
    pub targets: Vec<Target>,
    /// Why something that may have been promised is not among them.
    pub problems: BTreeSet<Problem>,
}

/// Why a promise cannot be counted.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, thiserror::Error)]
pub enum Problem {
    /// A version cannot be read by this program.
    #[error("version {version} of {fault}")]
    Unreadable {
        /// Which version.
        version: u64,
        /// Why.
        fault: DocumentFault,
    },
    /// The ledger keeps the newest 256 versions, and the one in question is older.
    #[error("the version of {document} that stood there then is not kept any more")]
    NotKept {
        /// Which document.
        document: &'static str,
    },
    /// The receipt does not hold a version that is needed.
    #[error("version {version} of {document} is not in the receipt")]
    NotCarried {
        /// Which document.
        document: &'static str,
        /// Which version.
        version: u64,
    },
    /// Office hours are to count, and the desk had published none.
    #[error("version {version} of sla counts office hours, and no document office-hours stood there then")]
    NoOfficeHours {
        /// Which version counts them.
        version: u64,
    },
}

/// Counts what was promised of a ticket, up to a time.
///
/// Which version counts: that of `sla`, and that of `office-hours`, which stood there when the clock of the target began; one written in the
/// same second counts. Where the priority changes, the time used so far stays used and the new priority's target counts from then on;
/// what was late before stays late.
pub fn count(history: &History, documents: &Documents, now: i64) -> Report {
    let mut report =
        Report { ticket: history.ticket, as_of: now, targets: Vec::new(), problems: BTreeSet::new() };
    for course in clock::courses(history, now) {
        match target(history, documents, &course, now) {
            Ok(target) => report.targets.extend(target),
            Err(problem) => drop(report.problems.insert(problem)),
        }
    }
    report
}

/// Which versions of which documents [`count`] reads, where they are kept.
pub fn versions_needed(history: &History, documents: &Documents) -> BTreeSet<(&'static str, u64)> {
    let starts = clock::courses(history, i64::MAX).iter().map(|course| course.started_at).into_set();
    let at = |versions: &Versions, name, start| match versions.at(start) {
        Found::Kept(version) => Some((name, version)),
        Found::Nothing | Found::NotKept => None,
    };
    let both = |start| {
        let [office_hours, sla] = SERVICE_DOCUMENTS;
        [at(&documents.sla, sla, start), at(&documents.office_hours, office_hours, start)]
    };
    starts.into_iter().flat_map(both).flatten().into_set()
}

/// A target of a course; none where nothing was promised.
fn target(
    history: &History,
    documents: &Documents,
    course: &Course,
    now: i64,
) -> Result<Option<Target>, Problem> {
    let Some((sla_version, levels)) = documents.levels_at(course.started_at)? else { return Ok(None) };
    let promised = |priority: Priority| levels.promise(course.kind, priority, &history.category);
    let counts_hours = history.steps.iter().filter_map(|step| promised(step.priority));
    let counts_hours = counts_hours.map(|promise| promise.calendar).any(|used| used == Calendar::OfficeHours);
    let hours = if counts_hours {
        let hours = documents.hours_at(course.started_at)?;
        Some(hours.ok_or(Problem::NoOfficeHours { version: sla_version })?)
    } else {
        None
    };
    let always = OfficeHours::always();
    let calendar = |calendar| match (&hours, calendar) {
        (Some((_, hours)), Calendar::OfficeHours) => hours,
        _ => &always,
    };
    let pieces = clock::pieces(history, course, now);
    let run = Run::over(&pieces, promised, calendar);
    Ok(run.target(course).map(|target| Target {
        sla_version,
        office_hours_version: hours
            .as_ref()
            .filter(|_| target.calendar == Calendar::OfficeHours)
            .map(|(version, _)| *version),
        ..target
    }))
}
