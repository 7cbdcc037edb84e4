//! Which commit this program is of, and when that was made, for `sealdesk version`. The same source gives the same answer: the time of
//! building is not asked for. A build for debugging does not ask git: it would be made again with each commit.

use std::path::Path;
use std::process::Command;

/// What is said where nobody knows.
const UNKNOWN: &str = "unknown";
/// Digits of a commit that are shown.
const COMMIT_DIGITS: usize = 12;
const SECONDS_PER_DAY: i64 = 86_400;

fn main() {
    println!("cargo::rerun-if-changed=build.rs");
    for name in ["SEALDESK_COMMIT", "SOURCE_DATE_EPOCH"] {
        println!("cargo::rerun-if-env-changed={name}");
    }
    if is_our_repository() {
        // The log of HEAD changes with each commit; without a log, HEAD itself with each branch.
        for name in ["logs/HEAD", "HEAD"] {
            if let Some(path) =
                git(&["rev-parse", "--git-path", name]).filter(|path| Path::new(path).exists())
            {
                println!("cargo::rerun-if-changed={path}");
            }
        }
    }
    let commit = said("SEALDESK_COMMIT").or_else(|| head(&["rev-parse", "HEAD"]));
    let commit = commit.map(|text| text.chars().take(COMMIT_DIGITS).collect());
    let commit = commit.filter(|text: &String| text.bytes().all(|byte| byte.is_ascii_hexdigit()));
    let epoch = said("SOURCE_DATE_EPOCH").or_else(|| head(&["show", "--no-patch", "--format=%ct", "HEAD"]));
    let date = epoch.and_then(|text| text.parse().ok()).map(date);
    println!("cargo::rustc-env=SEALDESK_BUILT_COMMIT={}", commit.as_deref().unwrap_or(UNKNOWN));
    println!("cargo::rustc-env=SEALDESK_BUILT_DATE={}", date.as_deref().unwrap_or(UNKNOWN));
}

fn said(name: &str) -> Option<String> {
    std::env::var(name).ok().filter(|text| !text.is_empty())
}

/// What git says of the newest commit; nothing where this source lies in somebody else's repository.
fn head(words: &[&str]) -> Option<String> {
    if is_our_repository() { git(words) } else { None }
}

fn is_our_repository() -> bool {
    if said("PROFILE").is_some_and(|profile| profile == "debug") {
        return false;
    }
    let own = Path::new(env!("CARGO_MANIFEST_DIR")).join("../..").canonicalize().ok();
    let top = git(&["rev-parse", "--show-toplevel"]).and_then(|top| Path::new(&top).canonicalize().ok());
    own.is_some() && own == top
}

fn git(words: &[&str]) -> Option<String> {
    let output = Command::new("git").args(words).output().ok().filter(|output| output.status.success())?;
    Some(String::from_utf8(output.stdout).ok()?.trim().to_owned()).filter(|text| !text.is_empty())
}

/// A day as `2026-11-28`, of a time in Unix seconds.
fn date(seconds: i64) -> String {
    // Days since 0000-03-01, in eras of 400 years: Howard Hinnant's civil_from_days.
    let days = seconds.div_euclid(SECONDS_PER_DAY) + 719_468;
    let (era, day_of_era) = (days.div_euclid(146_097), days.rem_euclid(146_097));
    let year_of_era = (day_of_era - day_of_era / 1_460 + day_of_era / 36_524 - day_of_era / 146_096) / 365;
    let day_of_year = day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
    let month_from_march = (5 * day_of_year + 2) / 153;
    let day = day_of_year - (153 * month_from_march + 2) / 5 + 1;
    let month = if month_from_march < 10 { month_from_march + 3 } else { month_from_march - 9 };
    let year = year_of_era + era * 400 + i64::from(month <= 2);
    format!("{year:04}-{month:02}-{day:02}")
}
