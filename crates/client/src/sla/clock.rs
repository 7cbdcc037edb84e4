//! The clock of one target: when it begins and ends, while what it runs, and what came of it.

use sealdesk_protocol::ticket::{Priority, Status};

use super::facts::History;
use super::hours::OfficeHours;
use super::levels::{Calendar, Kind, Promise};
use super::{State, Target};

/// What a clock measures.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Course {
    pub(super) kind: Kind,
    pub(super) number: u32,
    pub(super) started_at: i64,
    /// When there is nothing to measure any more.
    pub(super) until: Option<i64>,
    end: End,
}

/// How a clock stands at its end, or now.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum End {
    Open,
    Waiting,
    Done,
    /// The ticket is over without it.
    Over(i64),
}

/// A time in which neither status nor priority change.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Piece {
    from: i64,
    until: i64,
    runs: bool,
    priority: Priority,
}

fn is_over(status: Status) -> bool {
    matches!(status, Status::Resolved | Status::Closed)
}

/// All clocks of a ticket up to now: first response, next responses in order, resolution.
pub(super) fn courses(history: &History, now: i64) -> Vec<Course> {
    let last = history.steps.iter().rev().find(|step| step.at <= now);
    let last = last.map_or(Status::Open, |step| step.status);
    let over = over_since(history, now);
    let unanswered = match (over, last) {
        (Some(at), _) => End::Over(at),
        (None, Status::PendingCustomer) => End::Waiting,
        (None, _) => End::Open,
    };
    let mut courses = Vec::new();
    let mut course = |kind, number, started_at, answer: Option<i64>| {
        let end = if answer.is_some() { End::Done } else { unanswered };
        courses.push(Course { kind, number, started_at, until: answer, end });
    };
    let mut first = None;
    let mut asked = None;
    let mut number = 0;
    for message in history.messages.iter().filter(|message| message.at <= now) {
        match (message.by_staff, first.is_some() || history.imported) {
            (true, false) => first = Some(message.at),
            (true, true) => {
                if let Some(started_at) = asked.take() {
                    number += 1;
                    course(Kind::NextResponse, number, started_at, Some(message.at));
                }
            }
            (false, true) if asked.is_none() && !history.was_imported(message) => asked = Some(message.at),
            (false, _) => {}
        }
    }
    if let Some(started_at) = asked {
        course(Kind::NextResponse, number + 1, started_at, None);
    }
    if !history.imported {
        course(Kind::FirstResponse, 1, history.created_at, first);
    }
    courses.extend(resolution(history, over, unanswered));
    courses.sort_by_key(|course| (course.kind, course.number));
    courses
}

fn resolution(history: &History, over: Option<i64>, open: End) -> Option<Course> {
    let never_open = history.imported && history.steps.iter().all(|step| is_over(step.status));
    if never_open {
        return None;
    }
    let end = match over {
        Some(at) if history.merged => End::Over(at),
        Some(_) => End::Done,
        None => open,
    };
    let (kind, number) = (Kind::Resolution, 1);
    Some(Course { kind, number, started_at: history.created_at, until: over, end })
}

/// Since when a ticket has been resolved or closed without a break, where it is.
fn over_since(history: &History, now: i64) -> Option<i64> {
    let steps = history.steps.iter().filter(|step| step.at <= now).rev();
    steps.take_while(|step| is_over(step.status)).last().map(|step| step.at)
}

/// The pieces of a course up to its end, or up to now; the last one is there even where it has no length. What changes in the very second
/// of the end comes after it; what changes now has changed.
pub(super) fn pieces(history: &History, course: &Course, now: i64) -> Vec<Piece> {
    let (from, until) = (course.started_at, course.until.unwrap_or(now));
    let is_open = course.until.is_none();
    let before = history.steps.iter().rev().find(|step| step.at <= from).or(history.steps.first());
    let within = history
        .steps
        .iter()
        .filter(|step| step.at > from && (step.at < until || is_open && step.at == until));
    let mut pieces: Vec<Piece> = Vec::new();
    for step in before.into_iter().chain(within) {
        let from = step.at.max(from);
        if let Some(last) = pieces.last_mut() {
            last.until = from;
        }
        let runs = matches!(step.status, Status::Open | Status::Assigned | Status::InProgress);
        pieces.push(Piece { from, until: until.max(from), runs, priority: step.priority });
    }
    pieces
}

/// What came of a clock.
pub(super) struct Run {
    used: i64,
    due_at: Option<i64>,
    /// When the time was used up, and what was promised then.
    breach: Option<(i64, Promise)>,
    /// What is promised in the last piece.
    promise: Option<Promise>,
}

impl Run {
    pub(super) fn over<'h>(
        pieces: &[Piece],
        promised: impl Fn(Priority) -> Option<Promise>,
        calendar: impl Fn(Calendar) -> &'h OfficeHours,
    ) -> Self {
        let mut run = Self { used: 0, due_at: None, breach: None, promise: None };
        for piece in pieces {
            run.promise = promised(piece.priority);
            run.due_at = None;
            let Some(promise) = run.promise.filter(|_| piece.runs) else { continue };
            let hours = calendar(promise.calendar);
            run.due_at = hours.reach(piece.from, promise.seconds.saturating_sub(run.used));
            if let Some(at) = run.due_at.filter(|at| *at < piece.until && run.breach.is_none()) {
                run.breach = Some((at, promise));
            }
            run.used = run.used.saturating_add(hours.worked(piece.from, piece.until));
        }
        run
    }

    /// The target, without the versions of the documents; none where nothing is promised.
    pub(super) fn target(&self, course: &Course) -> Option<Target> {
        let promise = self.breach.map(|(_, promise)| promise).or(self.promise)?;
        let breached_at = self.breach.map(|(at, _)| at);
        let state = match (breached_at, course.end) {
            (Some(_), _) => State::Breached,
            (None, End::Done) => State::Met,
            (None, End::Over(_)) => State::Ended,
            (None, End::Waiting) => State::Paused,
            (None, End::Open) => State::Due,
        };
        let over = if let End::Over(at) = course.end { Some(at) } else { None };
        Some(Target {
            kind: course.kind,
            number: course.number,
            started_at: course.started_at,
            state,
            due_at: breached_at.or(self.due_at),
            breached_at,
            ended_at: course.until.or(over),
            allowed_seconds: promise.seconds,
            used_seconds: self.used,
            calendar: promise.calendar,
            sla_version: 0,
            office_hours_version: None,
        })
    }
}
