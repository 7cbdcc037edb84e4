//! How long something takes, in words.

/// How far away something is on the wall: in days, where it is more than two.
pub(crate) fn away(seconds: i64) -> String {
    let hours = seconds / 3_600;
    if hours < 48 { span(seconds) } else { format!("{} d {} h", hours / 24, hours % 24) }
}

/// A span that counts, in hours and minutes, rounded down: how long a day is, a calendar says.
pub(crate) fn span(seconds: i64) -> String {
    let minutes = seconds.max(0) / 60;
    match (minutes / 60, minutes % 60) {
        (0, minutes) => format!("{minutes} min"),
        (hours, 0) => format!("{hours} h"),
        (hours, minutes) => format!("{hours} h {minutes} min"),
    }
}
