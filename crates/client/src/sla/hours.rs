//! Office hours: which seconds count. A second counts where the clock on the office's wall shows a time that lies in the hours of its day:
//! what a clock skips in spring does not exist, and what it shows twice in autumn counts twice.

use std::collections::BTreeMap;
use std::ops::ControlFlow;

use jiff::civil::Date;
use serde::Deserialize;

use super::document::{DocumentFault, Place, check_schema, read};
use super::zone::{TZDB, Zone};

/// Spans of one day.
const SPANS_PER_DAY_MAX: usize = 8;
/// Days that are other than their weekday.
const HOLIDAYS_MAX: usize = 500;
/// How far ahead a due time is looked for, in seconds: ten years.
const HORIZON_SECONDS: i64 = 10 * 366 * DAY;
const DAY: i64 = 86_400;
/// 1970-01-01 was the fourth day of its week.
const EPOCH_WEEKDAY: i64 = 3;

/// When an office is open. Made by [`OfficeHours::parse`] only.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OfficeHours {
    zone: Zone,
    /// From Monday on.
    week: [Vec<Span>; 7],
    /// By the number of the day since 1970.
    holidays: BTreeMap<i64, Vec<Span>>,
}

/// Seconds of a day, from and until.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Span {
    from: i64,
    until: i64,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Written {
    schema: u32,
    zone: String,
    week: Week,
    #[serde(default)]
    holidays: Vec<Holiday>,
}

#[derive(Deserialize, Default)]
#[serde(deny_unknown_fields, default)]
struct Week {
    monday: Vec<String>,
    tuesday: Vec<String>,
    wednesday: Vec<String>,
    thursday: Vec<String>,
    friday: Vec<String>,
    saturday: Vec<String>,
    sunday: Vec<String>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Holiday {
    date: String,
    #[serde(default)]
    name: String,
    #[serde(default)]
    hours: Vec<String>,
}

impl OfficeHours {
    /// Reads what stands in a document `office-hours`.
    ///
    /// # Errors
    /// [`DocumentFault`], with the place of what is wrong.
    pub fn parse(body: &[u8]) -> Result<Self, DocumentFault> {
        let place = Place::of("office-hours");
        let written: Written = read(&place, body)?;
        check_schema(&place, written.schema)?;
        let zone = Zone::named(&written.zone).ok_or_else(|| {
            let why = format!(
                "'{}' is not in the time zone database {TZDB}: write a name such as Europe/Berlin, letter by letter",
                written.zone.escape_debug()
            );
            place.at("zone").wrong(why)
        })?;
        let Week { monday, tuesday, wednesday, thursday, friday, saturday, sunday } = written.week;
        let days = [
            ("week.monday", monday),
            ("week.tuesday", tuesday),
            ("week.wednesday", wednesday),
            ("week.thursday", thursday),
            ("week.friday", friday),
            ("week.saturday", saturday),
            ("week.sunday", sunday),
        ];
        let mut week: [Vec<Span>; 7] = Default::default();
        for (day, (name, hours)) in week.iter_mut().zip(&days) {
            *day = spans(&place.at(name), hours)?;
        }
        if week.iter().all(Vec::is_empty) {
            return Err(place.at("week").wrong("an office that never opens has no hours to count"));
        }
        let holidays = holidays(&place.at("holidays"), &written.holidays)?;
        Ok(Self { zone, week, holidays })
    }

    /// All hours of all days.
    pub(super) fn always() -> Self {
        let whole = vec![Span { from: 0, until: DAY }];
        let week = std::array::from_fn(|_| whole.clone());
        Self { zone: Zone::utc(), week, holidays: BTreeMap::new() }
    }

    /// The zone in which the hours are written.
    pub fn zone(&self) -> &'static str {
        self.zone.name()
    }

    /// How many seconds between two times count.
    pub fn worked(&self, from: i64, until: i64) -> i64 {
        let mut sum = 0;
        let _ = self.open(from, until, |from, until| {
            sum += until - from;
            ControlFlow::<()>::Continue(())
        });
        sum
    }

    /// The first second at which so many seconds from a time on have counted; none where that takes more than ten years.
    pub fn reach(&self, from: i64, seconds: i64) -> Option<i64> {
        if seconds <= 0 {
            return Some(from);
        }
        let mut left = seconds;
        let found = self.open(from, from.saturating_add(HORIZON_SECONDS), |from, until| {
            let long = until - from;
            if long >= left {
                return ControlFlow::Break(from + left);
            }
            left -= long;
            ControlFlow::Continue(())
        });
        found.break_value()
    }

    /// What is open between two times, in order: piece by piece in which clocks do not change, day by day, span by span.
    fn open<B>(
        &self,
        from: i64,
        until: i64,
        mut each: impl FnMut(i64, i64) -> ControlFlow<B>,
    ) -> ControlFlow<B> {
        let mut at = from;
        while at < until {
            let (offset, changes_at) = self.zone.offset(at);
            let end = changes_at.min(until);
            let (local_from, local_until) = (at.saturating_add(offset), end.saturating_add(offset));
            for day in local_from.div_euclid(DAY)..=(local_until - 1).div_euclid(DAY) {
                for span in self.day(day) {
                    let from = local_from.max(day * DAY + span.from);
                    let until = local_until.min(day * DAY + span.until);
                    if from < until {
                        each(from - offset, until - offset)?;
                    }
                }
            }
            at = end;
        }
        ControlFlow::Continue(())
    }

    fn day(&self, day: i64) -> &[Span] {
        let weekday = usize::try_from((day + EPOCH_WEEKDAY).rem_euclid(7)).unwrap_or(0);
        self.holidays.get(&day).unwrap_or(&self.week[weekday])
    }
}

fn holidays(place: &Place, written: &[Holiday]) -> Result<BTreeMap<i64, Vec<Span>>, DocumentFault> {
    if written.len() > HOLIDAYS_MAX {
        return Err(place.wrong(format!("has {} days, at most {HOLIDAYS_MAX} are possible", written.len())));
    }
    let mut holidays = BTreeMap::new();
    for (i, holiday) in written.iter().enumerate() {
        let place = place.item(i);
        let day = day_of(&holiday.date).ok_or_else(|| {
            place.at("date").wrong("is not a day of the calendar: write it like 2026-12-25")
        })?;
        sealdesk_protocol::text::check_public("name", &holiday.name)
            .map_err(|error| place.at("name").wrong(error.to_string()))?;
        if holidays.insert(day, spans(&place.at("hours"), &holiday.hours)?).is_some() {
            return Err(place.at("date").wrong("stands there twice"));
        }
    }
    Ok(holidays)
}

/// The number of a day since 1970, written as 2026-12-25.
fn day_of(text: &str) -> Option<i64> {
    let number = |range: std::ops::Range<usize>| {
        let digits = text.get(range)?;
        digits.bytes().all(|b| b.is_ascii_digit()).then(|| digits.parse::<i16>().ok()).flatten()
    };
    let dashes = text.len() == 10 && text.as_bytes()[4] == b'-' && text.as_bytes()[7] == b'-';
    let (year, month, day) = (number(0..4)?, number(5..7)?, number(8..10)?);
    let date = Date::new(year, i8::try_from(month).ok()?, i8::try_from(day).ok()?).ok()?;
    let noon = jiff::tz::TimeZone::UTC.to_timestamp(date.to_datetime(jiff::civil::Time::midnight())).ok()?;
    dashes.then(|| noon.as_second().div_euclid(DAY))
}

fn spans(place: &Place, written: &[String]) -> Result<Vec<Span>, DocumentFault> {
    if written.len() > SPANS_PER_DAY_MAX {
        return Err(place.wrong(format!("has more than {SPANS_PER_DAY_MAX} spans")));
    }
    let mut spans: Vec<Span> = Vec::with_capacity(written.len());
    for (i, text) in written.iter().enumerate() {
        let place = place.item(i);
        let span = span_of(text).ok_or_else(|| {
            place
                .wrong("is not a span of a day: write it like 09:00-17:30, and 24:00 for midnight at its end")
        })?;
        if spans.last().is_some_and(|last| last.until > span.from) {
            return Err(place.wrong("begins before the span in front of it ends"));
        }
        spans.push(span);
    }
    Ok(spans)
}

fn span_of(text: &str) -> Option<Span> {
    let (from, until) = text.split_once('-')?;
    let span = Span { from: second_of(from)?, until: second_of(until)? };
    (span.from < span.until).then_some(span)
}

/// The second of a day, written as 09:30.
fn second_of(text: &str) -> Option<i64> {
    let (hour, minute) = text.split_once(':')?;
    let number = |digits: &str| {
        let plain = digits.len() == 2 && digits.bytes().all(|b| b.is_ascii_digit());
        digits.parse::<i64>().ok().filter(|_| plain)
    };
    let (hour, minute) = (number(hour)?, number(minute)?);
    let second = hour * 3_600 + minute * 60;
    (minute < 60 && second <= DAY).then_some(second)
}
