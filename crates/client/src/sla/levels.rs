//! The document `sla`: what is promised for which tickets.

use sealdesk_protocol::ticket::Priority;
use serde::Deserialize;

use super::document::{DocumentFault, Place, check_schema, read};

/// Rows of the table.
const ROWS_MAX: usize = 64;
/// The shortest and the longest promise, in seconds: a minute, and a year of hours.
const PROMISE_SECONDS: std::ops::RangeInclusive<i64> = 60..=8_760 * 3_600;
/// Longest name of a category, in bytes.
const CATEGORY_BYTES_MAX: usize = 32;

/// What can be promised.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Kind {
    /// That the staff answers for the first time.
    FirstResponse,
    /// That the staff answers what the customer wrote later.
    NextResponse,
    /// That the ticket is resolved.
    Resolution,
}

impl Kind {
    /// Its name, as documents write it.
    pub fn name(self) -> &'static str {
        match self {
            Self::FirstResponse => "first_response",
            Self::NextResponse => "next_response",
            Self::Resolution => "resolution",
        }
    }
}

/// Which seconds count.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
pub enum Calendar {
    /// Those of the document `office-hours`.
    #[serde(rename = "office-hours")]
    OfficeHours,
    /// All of them.
    #[serde(rename = "always")]
    Always,
}

impl Calendar {
    /// Its name, as documents write it.
    pub fn name(self) -> &'static str {
        match self {
            Self::OfficeHours => "office-hours",
            Self::Always => "always",
        }
    }
}

/// How long something may take.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Promise {
    /// In seconds that count.
    pub seconds: i64,
    /// Which ones do.
    pub calendar: Calendar,
}

/// What is promised for which tickets. Made by [`ServiceLevels::parse`] only.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ServiceLevels {
    rows: Vec<Row>,
}

#[derive(Debug, Clone, PartialEq, Eq)]
struct Row {
    /// None = all.
    priorities: Option<Vec<Priority>>,
    categories: Option<Vec<String>>,
    calendar: Calendar,
    /// First response, next response, resolution, in seconds.
    seconds: [Option<i64>; 3],
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Written {
    schema: u32,
    calendar: Calendar,
    targets: Vec<WrittenRow>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct WrittenRow {
    priorities: Option<Vec<String>>,
    categories: Option<Vec<String>>,
    calendar: Option<Calendar>,
    first_response: Option<String>,
    next_response: Option<String>,
    resolution: Option<String>,
}

impl ServiceLevels {
    /// Reads what stands in a document `sla`.
    ///
    /// # Errors
    /// [`DocumentFault`], with the place of what is wrong.
    pub fn parse(body: &[u8]) -> Result<Self, DocumentFault> {
        let place = Place::of("sla");
        let written: Written = read(&place, body)?;
        check_schema(&place, written.schema)?;
        let place = place.at("targets");
        if !(1..=ROWS_MAX).contains(&written.targets.len()) {
            return Err(
                place.wrong(format!("has {} rows: 1 to {ROWS_MAX} are possible", written.targets.len()))
            );
        }
        let rows = written.targets.into_iter().enumerate();
        let rows = rows.map(|(i, row)| row_of(&place.item(i), row, written.calendar));
        Ok(Self { rows: rows.collect::<Result<_, _>>()? })
    }

    /// What is promised of a ticket: by the first row that fits it.
    pub fn promise(&self, kind: Kind, priority: Priority, category: &str) -> Option<Promise> {
        let row = self.rows.iter().find(|row| row.fits(priority, category))?;
        let seconds = match kind {
            Kind::FirstResponse => row.seconds[0],
            Kind::NextResponse => row.seconds[1],
            Kind::Resolution => row.seconds[2],
        };
        seconds.map(|seconds| Promise { seconds, calendar: row.calendar })
    }
}

impl Row {
    fn fits(&self, priority: Priority, category: &str) -> bool {
        self.priorities.as_ref().is_none_or(|priorities| priorities.contains(&priority))
            && self.categories.as_ref().is_none_or(|categories| categories.iter().any(|one| one == category))
    }
}

fn row_of(place: &Place, row: WrittenRow, calendar: Calendar) -> Result<Row, DocumentFault> {
    let priority = |(i, name): (usize, &String)| {
        let known = "is not a priority: low, normal, high, urgent are";
        Priority::parse(name).ok_or_else(|| place.at("priorities").item(i).wrong(known))
    };
    let category = |(i, name): (usize, &String)| {
        let plain = |b: u8| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'_' || b == b'-';
        if (1..=CATEGORY_BYTES_MAX).contains(&name.len()) && name.bytes().all(plain) {
            return Ok(name.clone());
        }
        Err(place.at("categories").item(i).wrong("is not a category: 1 to 32 of a-z, 0-9, '_' and '-' are"))
    };
    let nobody =
        |field: &str| place.at(field).wrong("is empty: leave it out, and the row is for all of them");
    if row.priorities.as_ref().is_some_and(Vec::is_empty) {
        return Err(nobody("priorities"));
    }
    if row.categories.as_ref().is_some_and(Vec::is_empty) {
        return Err(nobody("categories"));
    }
    let list = row.priorities.as_ref().map(|names| names.iter().enumerate().map(priority).collect());
    let categories = row.categories.as_ref().map(|names| names.iter().enumerate().map(category).collect());
    let written = [&row.first_response, &row.next_response, &row.resolution];
    if written.iter().all(|promise| promise.is_none()) {
        return Err(place.wrong("promises nothing: write first_response, next_response or resolution"));
    }
    let mut seconds = [None; 3];
    let names = ["first_response", "next_response", "resolution"];
    for ((seconds, written), name) in seconds.iter_mut().zip(written).zip(names) {
        let read = |text: &String| {
            let why = "is not a time from 1m to 8760h: write it like 30m, 4h or 1h30m; how long a day is, the calendar says";
            seconds_of(text).ok_or_else(|| place.at(name).wrong(why))
        };
        *seconds = written.as_ref().map(read).transpose()?;
    }
    Ok(Row {
        priorities: list.transpose()?,
        categories: categories.transpose()?,
        calendar: row.calendar.unwrap_or(calendar),
        seconds,
    })
}

/// The seconds of `30m`, `4h` or `1h30m`.
fn seconds_of(text: &str) -> Option<i64> {
    let number = |digits: &str| {
        let plain = (1..=6).contains(&digits.len()) && digits.bytes().all(|b| b.is_ascii_digit());
        digits.parse::<i64>().ok().filter(|_| plain)
    };
    let (hours, rest) = match text.split_once('h') {
        Some((hours, rest)) => (number(hours)?, rest),
        None => (0, text),
    };
    let minutes = match (rest, text.contains('h')) {
        ("", true) => 0,
        (rest, _) => number(rest.strip_suffix('m')?)?,
    };
    let seconds = hours * 3_600 + minutes * 60;
    PROMISE_SECONDS.contains(&seconds).then_some(seconds)
}
