//! What a request names, held against what its route takes.

use std::collections::BTreeMap;

use axum::extract::Query;
use http::Uri;
use sealdesk_protocol::json;

use super::problem::{Errors, Problem};
use super::route::{Kind, Parameter, Place, Route};

/// Parameters that one query may name, each counted as often as it stands there.
const NAMED_MAX: usize = 256;

/// The parameters of a request, by name. Every one is of its kind.
#[derive(Clone, Debug, Default)]
pub(super) struct Arguments(BTreeMap<String, Vec<String>>);

impl Arguments {
    /// Reads a request's path and query.
    ///
    /// # Errors
    /// [`Problem`]: the query names what the route does not take, or not as it takes it.
    pub(super) fn parse(route: &Route, path: &[&str], uri: &Uri) -> Result<Self, Problem> {
        let mut found: BTreeMap<String, Vec<String>> = BTreeMap::new();
        let places = route.parameters.iter().filter(|parameter| parameter.place == Place::Path);
        for (parameter, value) in places.zip(path) {
            check(parameter, value)?;
            found.insert(parameter.name.clone(), vec![(*value).to_owned()]);
        }
        let named = Query::<Vec<(String, String)>>::try_from_uri(uri);
        let Query(named) = named.map_err(|_| Problem::invalid("the query is not understood"))?;
        if named.len() > NAMED_MAX {
            return Err(Problem::invalid(format!("a query has at most {NAMED_MAX} parameters")));
        }
        for (name, value) in named {
            let parameter =
                route.parameters.iter().find(|known| known.place == Place::Query && known.name == name);
            let parameter = match (parameter, route.errors) {
                (Some(parameter), _) => parameter,
                // By its JSON name, or none of Cosmos's: who makes the message knows.
                (None, Errors::Cosmos) => {
                    found.entry(name).or_default().push(value);
                    continue;
                }
                (None, Errors::Problem) => return Err(unknown(route, &name)),
            };
            // A form sends the fields that nobody filled in, too.
            if value.is_empty() && route.errors == Errors::Problem {
                continue;
            }
            check(parameter, &value)?;
            let values = found.entry(name).or_default();
            if !values.is_empty() && !parameter.repeated {
                return Err(Problem::invalid(format!("'{}' is named twice", parameter.name)));
            }
            values.push(value);
        }
        Ok(Self(found))
    }

    /// Its text; empty where it is not named.
    pub(super) fn text(&self, name: &str) -> String {
        self.all(name).first().cloned().unwrap_or_default()
    }

    /// Its text; `None` where it is not named, or empty.
    pub(super) fn named(&self, name: &str) -> Option<&str> {
        self.all(name).first().map(String::as_str).filter(|text| !text.is_empty())
    }

    /// All of its texts.
    pub(super) fn all(&self, name: &str) -> &[String] {
        self.0.get(name).map_or(&[], Vec::as_slice)
    }

    /// Every name with its texts.
    pub(super) fn iter(&self) -> impl Iterator<Item = (&str, &[String])> {
        self.0.iter().map(|(name, values)| (name.as_str(), values.as_slice()))
    }

    /// Its number; 0 where it is not named.
    pub(super) fn number(&self, name: &str) -> u32 {
        self.named(name).and_then(|text| text.parse().ok()).unwrap_or(0)
    }

    /// Whether it is named as `true`.
    pub(super) fn flag(&self, name: &str) -> bool {
        self.named(name) == Some("true")
    }

    /// Its cursor; empty where it is not named.
    pub(super) fn cursor(&self, name: &str) -> Vec<u8> {
        json::read_cursor(&self.text(name)).unwrap_or_default()
    }
}

fn check(parameter: &Parameter, value: &str) -> Result<(), Problem> {
    let name = &parameter.name;
    let wrong = |what: String| Err(Problem::invalid(format!("'{name}' is {what}")));
    match &parameter.kind {
        Kind::Text | Kind::Field(_) => Ok(()),
        Kind::Number { min, max } => {
            let digits = value.bytes().all(|byte| byte.is_ascii_digit());
            let fits = digits && value.parse::<u64>().is_ok_and(|number| (*min..=*max).contains(&number));
            if fits { Ok(()) } else { wrong(format!("a number from {min} to {max}")) }
        }
        Kind::Flag if ["true", "false"].contains(&value) => Ok(()),
        Kind::Flag => wrong("true or false".to_owned()),
        Kind::OneOf(names) if names.contains(&value) => Ok(()),
        Kind::OneOf(names) => wrong(format!("one of {}", names.join(", "))),
        Kind::Cursor if json::read_cursor(value).is_some() => Ok(()),
        Kind::Cursor => wrong("the cursor that the page or the event before had".to_owned()),
    }
}

fn unknown(route: &Route, name: &str) -> Problem {
    let shown: String = name.chars().take(40).flat_map(char::escape_debug).collect();
    let known: Vec<&str> = route
        .parameters
        .iter()
        .filter(|parameter| parameter.place == Place::Query)
        .map(|parameter| parameter.name.as_str())
        .collect();
    let takes = if known.is_empty() { "no parameters".to_owned() } else { known.join(", ") };
    Problem::invalid(format!("this path has no parameter '{shown}'; it takes {takes}"))
}
