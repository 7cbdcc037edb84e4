//! The report as programs read it: the same JSON wherever it is counted.

use sealdesk_protocol::json::time;
use serde_json::{Value, json};

use super::{Report, TZDB, Target};

impl Report {
    /// The report as JSON. Times are RFC 3339, or null; spans are seconds.
    pub fn to_json(&self) -> Value {
        let targets: Vec<Value> = self.targets.iter().map(target).collect();
        let problems: Vec<String> = self.problems.iter().map(ToString::to_string).collect();
        json!({
            "ticket_id": self.ticket.to_string(),
            "as_of": time(self.as_of),
            "tzdb": TZDB,
            "targets": targets,
            "problems": problems,
        })
    }
}

fn target(target: &Target) -> Value {
    let when = |at: Option<i64>| at.and_then(time);
    json!({
        "target": target.kind.name(),
        "number": target.number,
        "state": target.state.name(),
        "started_at": time(target.started_at),
        "due_at": when(target.due_at),
        "breached_at": when(target.breached_at),
        "ended_at": when(target.ended_at),
        "allowed_seconds": target.allowed_seconds,
        "used_seconds": target.used_seconds,
        "calendar": target.calendar.name(),
        "sla_version": target.sla_version,
        "office_hours_version": target.office_hours_version,
    })
}
