//! A ticket in a list: what is shown of it beside its record.

use std::fmt;

use sealdesk_protocol::json;
use sealdesk_protocol::ticket::Turn;
use serde::ser::SerializeMap as _;
use serde::{Serialize, Serializer};

use super::Time;
use crate::sla::Kind;

/// What a list shows of a ticket beside its record.
#[derive(Debug, Clone, PartialEq)]
pub struct About {
    /// What it is about.
    pub subject: Subject,
    /// Who was the last to say something to the other side; `None` where it could not be told.
    pub last: Option<Spoke>,
    /// Whose turn it is; `None` once it is resolved or closed.
    pub turn: Option<Turn>,
    /// Since when it waits for that; of one that was put aside, when it comes back.
    pub waits_since: Option<Time>,
    /// Whether it was put aside and its time has come.
    pub is_back: bool,
    /// What is due of it first.
    pub due: Option<Due>,
    /// How it was closed, by the node's word.
    pub closed: Option<Closing>,
}

/// What a ticket is about. What stands there is not printed by `Debug`, so that no subject gets into a log.
#[derive(Clone, PartialEq, Eq)]
pub enum Subject {
    /// It was opened.
    Text(String),
    /// Nobody opened it: the key stays locked.
    Locked,
    /// It cannot be shown, with the reason.
    NotShown(String),
}

/// Who said something last.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Spoke {
    /// Who, by address.
    pub by: String,
    /// Whether they were staff then, by the ledger's word.
    pub is_staff: bool,
    /// When.
    pub at: Time,
}

/// What is due of a ticket, as of the time that it was counted at. Times are Unix seconds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Due {
    /// What was promised.
    pub what: Kind,
    /// The last second in which it is in time.
    pub at: i64,
    /// Whether that is over.
    pub is_late: bool,
    /// Up to when it was counted.
    pub counted_at: i64,
}

/// How a ticket was closed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Closing {
    /// By whom; `None` where it closed automatically.
    pub by: Option<String>,
    /// What they said of it. Public.
    pub reason: String,
}

impl About {
    /// Whether it was put aside until a time that has not come.
    pub fn is_aside(&self) -> bool {
        self.turn == Some(Turn::Aside) && !self.is_back
    }

    /// Of a ticket of which nothing is known but its record.
    pub(crate) fn unknown() -> Self {
        Self {
            subject: Subject::Locked,
            last: None,
            turn: None,
            waits_since: None,
            is_back: false,
            due: None,
            closed: None,
        }
    }
}

impl Subject {
    /// The subject, where it was opened.
    pub fn text(&self) -> Option<&str> {
        match self {
            Self::Text(text) => Some(text),
            Self::Locked | Self::NotShown(_) => None,
        }
    }
}

impl fmt::Debug for Subject {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Text(_) => formatter.write_str("Text(..)"),
            Self::Locked => formatter.write_str("Locked"),
            Self::NotShown(why) => formatter.debug_tuple("NotShown").field(why).finish(),
        }
    }
}

impl Due {
    /// How many seconds are left on the wall's clock; negative where it is late.
    pub fn seconds_left(&self) -> i64 {
        self.at.saturating_sub(self.counted_at)
    }
}

impl Serialize for Due {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut map = serializer.serialize_map(None)?;
        map.serialize_entry("target", self.what.name())?;
        map.serialize_entry("due_at", &json::time(self.at))?;
        map.serialize_entry("late", &self.is_late)?;
        map.end()
    }
}

fn time<M: serde::ser::SerializeMap>(map: &mut M, name: &str, time: Option<Time>) -> Result<(), M::Error> {
    match time {
        Some(Time::BurnBlock(height)) => map.serialize_entry(&format!("{name}_burn_block"), &height),
        Some(Time::Unix(seconds)) => map.serialize_entry(name, &json::time(seconds)),
        None => map.serialize_entry(name, &None::<&str>),
    }
}

impl Serialize for About {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut map = serializer.serialize_map(None)?;
        map.serialize_entry("subject", &self.subject.text())?;
        let not_shown = match &self.subject {
            Subject::Text(_) => None,
            Subject::Locked => Some("not opened"),
            Subject::NotShown(why) => Some(why.as_str()),
        };
        map.serialize_entry("not_shown", &not_shown)?;
        map.serialize_entry("last_by", &self.last.as_ref().map(|last| &last.by))?;
        map.serialize_entry("last_is_staff", &self.last.as_ref().map(|last| last.is_staff))?;
        time(&mut map, "last_at", self.last.as_ref().map(|last| last.at))?;
        map.serialize_entry("turn", &self.turn.map(Turn::name))?;
        time(&mut map, "waits_since", self.waits_since)?;
        map.serialize_entry("back", &self.is_back)?;
        map.serialize_entry("due", &self.due)?;
        if let Some(closed) = &self.closed {
            map.serialize_entry("closed_by", &closed.by)?;
            map.serialize_entry("close_reason", &closed.reason)?;
        }
        map.end()
    }
}
