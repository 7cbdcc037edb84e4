//! The settings that a home can have, each with its check, and the file in which they stand: changed with the comments around them.

use std::path::Path;

use clap::ArgMatches;
use clap::parser::ValueSource;
use sealdesk_client::durable;
use sealdesk_client::tls::Authorities;
use sealdesk_protocol::ids::{ChainId, Prefix};
use toml_edit::{DocumentMut, Item, Value};

use crate::args::{self, PATIENCE_SECONDS};
use crate::config::{SETTINGS_FILE, check_settings};
use crate::failure::{Failure, at_home};
use crate::parse::Person;
use crate::paths::make_home;

/// Largest file of settings that is read, in bytes.
const BYTES_MAX: u64 = 65_536;

/// A setting: an option of every command by its long name.
#[derive(Debug)]
pub(crate) struct Setting {
    /// Its name, as in `--name`.
    pub(crate) name: &'static str,
    /// What it is without anybody saying.
    pub(crate) usual: &'static str,
    /// The variable of the environment that gives it; none for what stands in the file alone.
    pub(crate) variable: Option<&'static str>,
    /// Reads a value as a person writes it.
    read: fn(&str) -> Result<Value, String>,
}

const fn setting(
    name: &'static str,
    usual: &'static str,
    variable: Option<&'static str>,
    read: fn(&str) -> Result<Value, String>,
) -> Setting {
    Setting { name, usual, variable, read }
}

/// Every setting, in the order of `sealdesk --help`.
pub(crate) const SETTINGS: &[Setting] = &[
    setting(
        "node",
        "the one started from this home, else http://127.0.0.1:9090",
        Some("SEALDESK_NODE"),
        node,
    ),
    setting("chain-id", "", Some("SEALDESK_CHAIN_ID"), |text| {
        ChainId::parse(text).map(|id| id.as_str().into()).map_err(|error| error.to_string())
    }),
    setting("from", "the only key", Some("SEALDESK_FROM"), |text| {
        text.parse::<Person>().map(|who| (*who).into())
    }),
    setting("keyring-backend", "file", Some("SEALDESK_KEYRING_BACKEND"), |text| {
        args::backend(text).map(|backend| backend.name().into())
    }),
    setting("output", "text", Some("SEALDESK_OUTPUT"), |text| args::format(text).map(|_| text.into())),
    setting("prefix", Prefix::DEFAULT, None, |text| {
        Prefix::parse(text).map(|prefix| prefix.as_str().into()).map_err(|error| error.to_string())
    }),
    setting("ledger", "native", Some("SEALDESK_LEDGER"), |text| args::ledger(text).map(|_| text.into())),
    setting("contract", "", Some("SEALDESK_CONTRACT"), |text| {
        args::contract(text).map(|id| id.to_string().into())
    }),
    setting("network", "the contract's, else mainnet", Some("SEALDESK_NETWORK"), |text| {
        args::network(text).map(|_| text.into())
    }),
    setting("fee-max", "5000000", Some("SEALDESK_FEE_MAX"), |text| {
        number(text, 0..=u64::from(u32::MAX) * 1_000)
    }),
    setting("patience", "10", Some("SEALDESK_PATIENCE"), |text| number(text, PATIENCE_SECONDS)),
    setting("trust-node", "false", Some("SEALDESK_TRUST_NODE"), yes_or_no),
    setting("insecure", "false", Some("SEALDESK_INSECURE"), yes_or_no),
    setting("ca", "", Some("SEALDESK_CA"), authorities),
    setting("clock-tolerance", "0", Some("SEALDESK_CLOCK_TOLERANCE"), |text| number(text, 0..=86_400)),
    setting("utc", "false", None, yes_or_no),
    setting("addresses", "false", Some("SEALDESK_ADDRESSES"), yes_or_no),
];

impl Setting {
    /// The setting of a name.
    pub(crate) fn named(name: &str) -> Option<&'static Self> {
        SETTINGS.iter().find(|setting| setting.name == name)
    }

    /// Reads a value as a person writes it.
    ///
    /// # Errors
    /// What would be right.
    pub(crate) fn value(&self, text: &str) -> Result<Value, String> {
        (self.read)(text.trim())
    }
}

fn node(text: &str) -> Result<Value, String> {
    let text = args::some(text)?;
    let wrong = || "write it as https://desk.example, or http://127.0.0.1:9090".to_owned();
    let rest = text.strip_prefix("http://").or_else(|| text.strip_prefix("https://")).ok_or_else(wrong)?;
    if rest.is_empty() || rest.starts_with('/') || rest.contains(['@', '#', '?', ' ']) {
        return Err(wrong());
    }
    Ok(text.into())
}

fn number(text: &str, range: std::ops::RangeInclusive<u64>) -> Result<Value, String> {
    let found = text.parse::<u64>().ok().filter(|number| range.contains(number));
    let found = found.and_then(|number| i64::try_from(number).ok());
    found.map(Value::from).ok_or_else(|| format!("write a number from {} to {}", range.start(), range.end()))
}

fn yes_or_no(text: &str) -> Result<Value, String> {
    match text {
        "true" | "yes" | "on" => Ok(true.into()),
        "false" | "no" | "off" => Ok(false.into()),
        _ => Err("write true or false".to_owned()),
    }
}

fn authorities(text: &str) -> Result<Value, String> {
    let path = std::path::absolute(text).map_err(|error| error.to_string())?;
    Authorities::of_file(&path).map_err(|error| error.to_string())?;
    path.to_str().map(Value::from).ok_or_else(|| "the file's name is not text in UTF-8".to_owned())
}

/// A setting that the command line or the environment gave to this run.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Given {
    /// Which.
    pub(crate) name: &'static str,
    /// Its value.
    pub(crate) value: String,
    /// Whether the environment gave it; else the command line did.
    pub(crate) by_variable: bool,
}

/// The settings that the command line or the environment gave.
pub(crate) fn given(matches: &ArgMatches) -> Vec<Given> {
    let given = |setting: &Setting| {
        let id = setting.name.replace('-', "_");
        // Not each of them is an option.
        let source = matches.try_contains_id(&id).is_ok().then(|| matches.value_source(&id)).flatten()?;
        let by_variable = match source {
            ValueSource::CommandLine => false,
            ValueSource::EnvVariable => true,
            _ => return None,
        };
        let raw = matches.try_get_raw(&id).ok().flatten().and_then(|mut values| values.next());
        let value = raw.map_or_else(|| "true".to_owned(), |value| value.to_string_lossy().into_owned());
        Some(Given { name: setting.name, value, by_variable })
    };
    SETTINGS.iter().filter_map(given).collect()
}

/// What stands in a home's file of settings: names and values, those that are none included.
pub(crate) fn standing(home: &Path) -> Result<Vec<(String, String)>, Failure> {
    let path = home.join(SETTINGS_FILE);
    let text = match std::fs::read_to_string(&path) {
        Ok(text) => text,
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => return Ok(Vec::new()),
        Err(error) => return Err(at_home(&path, &error)),
    };
    let document = document(&path, &text)?;
    let value = |item: &Item| match item.as_str() {
        Some(text) => text.to_owned(),
        None => item.to_string().trim().to_owned(),
    };
    Ok(document.iter().map(|(name, item)| (name.to_owned(), value(item))).collect())
}

/// Changes settings of a home, and leaves everything else in their file as it is; `None` takes one out. Nothing is written that a
/// command could not read.
pub(crate) fn change(home: &Path, changes: &[(&str, Option<Value>)]) -> Result<(), Failure> {
    let path = home.join(SETTINGS_FILE);
    make_home(home)?;
    let changed = durable::update_open(&path, BYTES_MAX, |found| {
        let text = match found {
            Some(bytes) => String::from_utf8(bytes).map_err(|_| Changing::Settings(not_text(&path)))?,
            None => String::new(),
        };
        let mut document = document(&path, &text).map_err(Changing::Settings)?;
        let was_right = check_settings(&text).is_ok();
        for (name, value) in changes {
            match value {
                None => drop(document.remove(name)),
                Some(value) => {
                    let mut value = value.clone();
                    // The comment behind the earlier value stays.
                    if let Some(earlier) = document.get(name).and_then(Item::as_value) {
                        *value.decor_mut() = earlier.decor().clone();
                    }
                    document[name] = Item::Value(value);
                }
            }
        }
        let text = document.to_string();
        if was_right && let Err(why) = check_settings(&text) {
            return Err(Changing::Settings(Failure::new(format!("{}: {why}", path.display()))));
        }
        Ok(Some(text.into_bytes()))
    });
    changed.map_err(|why| match why {
        Changing::Settings(failure) => failure,
        Changing::File(error) => at_home(&path, &error),
    })
}

/// Why settings were not changed.
enum Changing {
    Settings(Failure),
    File(std::io::Error),
}

impl From<std::io::Error> for Changing {
    fn from(error: std::io::Error) -> Self {
        Self::File(error)
    }
}

fn document(path: &Path, text: &str) -> Result<DocumentMut, Failure> {
    text.strip_prefix('\u{feff}').unwrap_or(text).parse::<DocumentMut>().map_err(|error| {
        Failure::usage(
            format!("{}: {}", path.display(), error.message()),
            "its lines are like `output = \"json\"`; fix it by hand, or move it away",
        )
    })
}

fn not_text(path: &Path) -> Failure {
    Failure::usage(
        format!("{}: this is not text in UTF-8", path.display()),
        "fix it by hand, or move it away",
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    fn set(home: &Path, name: &str, text: &str) -> Result<(), String> {
        let value = Setting::named(name).ok_or("unknown")?.value(text)?;
        change(home, &[(name, Some(value))]).map_err(|failure| failure.to_string())
    }

    #[test]
    fn a_change_keeps_comments_order_and_what_others_wrote() {
        let home = tempfile::tempdir().unwrap();
        let path = home.path().join(SETTINGS_FILE);
        std::fs::write(&path, "# mine\nnode = \"http://127.0.0.1:1\" # at home\n\n# long\npatience = 20\n")
            .unwrap();
        set(home.path(), "node", "https://desk.example").unwrap();
        set(home.path(), "utc", "yes").unwrap();
        change(home.path(), &[("patience", None)]).unwrap();
        let text = std::fs::read_to_string(&path).unwrap();
        assert!(text.starts_with("# mine\nnode = \"https://desk.example\" # at home\n"), "{text}");
        assert!(text.ends_with("utc = true\n") && !text.contains("patience"), "{text}");
        let standing = standing(home.path()).unwrap();
        assert_eq!(
            standing,
            [("node".to_owned(), "https://desk.example".to_owned()), ("utc".to_owned(), "true".to_owned())]
        );
    }

    #[test]
    fn every_setting_refuses_what_its_option_refuses_and_changes_nothing() {
        let home = tempfile::tempdir().unwrap();
        for (name, wrong) in [
            ("node", "desk.example"),
            ("node", "https://user@desk.example"),
            ("chain-id", "a b"),
            ("from", " "),
            ("keyring-backend", "os2"),
            ("output", "xml"),
            ("prefix", "UPPER"),
            ("ledger", "bitcoin"),
            ("contract", "x"),
            ("network", "devnet"),
            ("fee-max", "-1"),
            ("patience", "0"),
            ("trust-node", "maybe"),
            ("insecure", "1"),
            ("ca", "/nonexistent.pem"),
            ("clock-tolerance", "86401"),
            ("utc", ""),
            ("addresses", "x"),
        ] {
            assert!(set(home.path(), name, wrong).is_err(), "{name} = {wrong}");
        }
        assert!(!home.path().join(SETTINGS_FILE).exists());
        let tried: Vec<&str> = SETTINGS.iter().map(|setting| setting.name).collect();
        assert_eq!(tried.len(), 17, "a new setting is tried above too: {tried:?}");
    }

    #[test]
    fn what_a_setting_takes_is_read_again() {
        let home = tempfile::tempdir().unwrap();
        for (name, right) in [
            ("node", "http://127.0.0.1:9090"),
            ("chain-id", "desk-1"),
            ("from", "alice"),
            ("keyring-backend", "test"),
            ("output", "json"),
            ("prefix", "acme"),
            ("ledger", "native"),
            ("network", "testnet"),
            ("fee-max", "7"),
            ("patience", "3600"),
            ("trust-node", "off"),
            ("insecure", "true"),
            ("clock-tolerance", "86400"),
            ("utc", "on"),
            ("addresses", "no"),
        ] {
            set(home.path(), name, right).unwrap_or_else(|why| panic!("{name} = {right}: {why}"));
        }
        let text = std::fs::read_to_string(home.path().join(SETTINGS_FILE)).unwrap();
        assert_eq!(check_settings(&text), Ok(()), "{text}");
        std::fs::write(home.path().join(SETTINGS_FILE), "not toml").unwrap();
        assert!(set(home.path(), "utc", "true").is_err());
        assert_eq!(std::fs::read_to_string(home.path().join(SETTINGS_FILE)).unwrap(), "not toml");
    }
}
