//! Prometheus's text format, version 0.0.4, read by the letter: whatever is not as it must be fails the test.

use std::collections::{BTreeMap, BTreeSet};
use std::io::{Read as _, Write as _};
use std::net::TcpStream;

use super::PATIENCE;

/// One metric: its type and its numbers.
#[derive(Debug, Default)]
pub struct Family {
    pub kind: String,
    pub samples: Vec<Sample>,
}

/// A line with a number.
#[derive(Debug, Clone)]
pub struct Sample {
    pub name: String,
    pub labels: BTreeMap<String, String>,
    pub value: f64,
}

/// Everything that one address serves.
#[derive(Debug)]
pub struct Exposition {
    pub text: String,
    pub families: BTreeMap<String, Family>,
}

impl Exposition {
    /// Reads it from a node's address of metrics.
    pub fn of(url: &str) -> Self {
        let (status, text) = get(url, "GET", None);
        assert_eq!(status, 200, "{text}");
        Self::read(text)
    }

    pub fn read(text: String) -> Self {
        assert!(text.ends_with('\n') && !text.contains('\r'), "every line ends with a line feed");
        let mut families: BTreeMap<String, Family> = BTreeMap::new();
        let (mut at, mut seen) = (String::new(), BTreeSet::new());
        for line in text.lines() {
            if let Some(rest) = line.strip_prefix("# HELP ") {
                let (name, help) = rest.split_once(' ').unwrap_or_else(|| panic!("no help: {line}"));
                assert!(is_name(name) && !help.trim().is_empty(), "{line}");
                assert!(
                    families.insert(name.to_owned(), Family::default()).is_none(),
                    "{name} stands there twice"
                );
                name.clone_into(&mut at);
            } else if let Some(rest) = line.strip_prefix("# TYPE ") {
                let (name, kind) = rest.split_once(' ').unwrap();
                assert_eq!(name, at, "help comes before the type");
                assert!(["counter", "gauge", "histogram", "summary"].contains(&kind), "{line}");
                kind.clone_into(&mut families.get_mut(name).unwrap().kind);
            } else {
                let sample = sample(line);
                let family = families.get_mut(&at).unwrap_or_else(|| panic!("nothing explains {line}"));
                let suffixes: &[&str] = match family.kind.as_str() {
                    "histogram" => &["_bucket", "_sum", "_count"],
                    "summary" => &["", "_sum", "_count"],
                    _ => &[""],
                };
                let fits = suffixes.iter().any(|suffix| sample.name == format!("{at}{suffix}"));
                assert!(fits, "{line} stands under {at}");
                assert!(seen.insert((sample.name.clone(), sample.labels.clone())), "twice: {line}");
                family.samples.push(sample);
            }
        }
        families.values().for_each(check_family);
        Self { text, families }
    }

    /// The one number of a metric with these labels.
    pub fn value(&self, name: &str, labels: &[(&str, &str)]) -> f64 {
        let found = self.samples(name, labels);
        assert_eq!(found.len(), 1, "{name}{labels:?}: {found:?}");
        found[0].value
    }

    /// What has these labels, and perhaps others.
    pub fn samples(&self, name: &str, labels: &[(&str, &str)]) -> Vec<Sample> {
        let all = self.families.values().flat_map(|family| &family.samples);
        let fits = |sample: &&Sample| {
            sample.name == name
                && labels
                    .iter()
                    .all(|(label, value)| sample.labels.get(*label).is_some_and(|own| own == value))
        };
        all.filter(fits).cloned().collect()
    }

    /// Names that a query may use.
    pub fn names(&self) -> BTreeSet<String> {
        self.families.values().flat_map(|family| &family.samples).map(|sample| sample.name.clone()).collect()
    }
}

fn check_family(family: &Family) {
    assert!(!family.kind.is_empty() && !family.samples.is_empty(), "{family:?}");
    if family.kind == "counter" {
        assert!(family.samples.iter().all(|sample| sample.value >= 0.0), "{family:?}");
    }
    if family.kind == "histogram" {
        check_histogram(family);
    }
}

/// Buckets only grow, the last one is all there is, and the sum is there.
fn check_histogram(family: &Family) {
    let mut series: BTreeMap<BTreeMap<String, String>, (f64, f64, f64, usize)> = BTreeMap::new();
    for sample in &family.samples {
        let mut labels = sample.labels.clone();
        let bound = labels.remove("le").map(|le| number(&le));
        let (last_bound, last, all, sums) = series.entry(labels).or_insert((f64::NEG_INFINITY, 0.0, -1.0, 0));
        match bound {
            Some(bound) => {
                assert!(bound > *last_bound && sample.value >= *last, "{sample:?}");
                (*last_bound, *last) = (bound, sample.value);
            }
            None if sample.name.ends_with("_count") => *all = sample.value,
            None => *sums += 1,
        }
    }
    for (labels, (bound, last, all, sums)) in series {
        assert!(bound.is_infinite() && last == all && sums == 1, "{labels:?} of {family:?}");
    }
}

fn number(text: &str) -> f64 {
    match text {
        "+Inf" => f64::INFINITY,
        "-Inf" => f64::NEG_INFINITY,
        "NaN" => f64::NAN,
        text => text.parse().unwrap_or_else(|_| panic!("no number: {text}")),
    }
}

fn is_name(name: &str) -> bool {
    let letter = |byte: u8| byte.is_ascii_alphabetic() || byte == b'_';
    name.bytes().enumerate().all(|(at, byte)| letter(byte) || (at > 0 && byte.is_ascii_digit()))
        && !name.is_empty()
}

fn sample(line: &str) -> Sample {
    let (series, value) = line.rsplit_once(' ').unwrap_or_else(|| panic!("no sample: {line}"));
    let (name, mut rest) = series.split_once('{').map_or((series, ""), |(name, rest)| (name, rest));
    assert!(is_name(name), "{line}");
    let mut labels = BTreeMap::new();
    while !rest.is_empty() && rest != "}" {
        let (label, after) = rest.split_once("=\"").unwrap_or_else(|| panic!("no label: {line}"));
        // No label here holds a quote or a backslash.
        let (value, after) = after.split_once('"').unwrap_or_else(|| panic!("no label: {line}"));
        assert!(is_name(label) && !value.contains('\\'), "{line}");
        assert!(labels.insert(label.to_owned(), value.to_owned()).is_none(), "twice: {line}");
        rest = after.strip_prefix(',').unwrap_or(after);
    }
    Sample { name: name.to_owned(), labels, value: number(value) }
}

/// Asks over HTTP, and gives status and body. `host` is what the request says, if not the address itself.
pub fn get(url: &str, method: &str, host: Option<&str>) -> (u16, String) {
    let (address, path) = url.strip_prefix("http://").unwrap().split_once('/').unwrap();
    let mut stream = TcpStream::connect(address).unwrap();
    stream.set_read_timeout(Some(PATIENCE)).unwrap();
    let host = host.unwrap_or(address);
    write!(stream, "{method} /{path} HTTP/1.1\r\nHost: {host}\r\n\r\n").unwrap();
    let mut answer = String::new();
    stream.read_to_string(&mut answer).unwrap();
    let (head, body) = answer.split_once("\r\n\r\n").unwrap();
    (head.split(' ').nth(1).unwrap().parse().unwrap(), body.to_owned())
}
