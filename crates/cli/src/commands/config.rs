//! `sealdesk config …`: the settings of this home, and where each comes from.

mod get;
mod list;
mod set;
mod unset;

use clap::Subcommand;
use sealdesk_protocol::text;
use serde_json::{Value, json};

use crate::config::SETTINGS_FILE;
use crate::context::Context;
use crate::failure::Failure;
use crate::settings_file::{SETTINGS, Setting, standing};

/// What can be done with settings.
#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    /// Show one setting
    Get(get::Args),
    /// List all settings, with where each comes from
    List(list::Args),
    /// Write a setting into client.toml of this home
    Set(set::Args),
    /// Remove a setting from client.toml of this home
    Unset(unset::Args),
}

pub(super) fn run(context: &Context, command: Command) -> Result<(), Failure> {
    match command {
        Command::Get(args) => get::run(context, &args),
        Command::List(args) => list::run(context, args),
        Command::Set(args) => set::run(context, &args),
        Command::Unset(args) => unset::run(context, &args),
    }
}

/// A setting as it is now.
struct Now {
    name: String,
    value: String,
    source: String,
}

impl Now {
    fn json(&self) -> Value {
        json!({ "name": self.name, "value": self.value, "source": self.source })
    }
}

/// Every setting as it is now, and what stands in the file and is none.
fn now(context: &Context) -> Result<Vec<Now>, Failure> {
    let written = standing(context.home())?;
    let mut all: Vec<Now> = SETTINGS.iter().map(|setting| of(context, setting, &written)).collect();
    let unknown = written.into_iter().filter(|(name, _)| Setting::named(name).is_none());
    all.extend(unknown.map(|(name, value)| Now {
        name,
        value,
        source: "client.toml, and is not a setting".to_owned(),
    }));
    Ok(all)
}

fn of(context: &Context, setting: &Setting, written: &[(String, String)]) -> Now {
    let given = context.settings().given.iter().find(|given| given.name == setting.name);
    let written = written.iter().find(|(name, value)| name == setting.name && !value.is_empty());
    let (value, source) = match (given, written) {
        (Some(given), _) if given.by_variable => {
            (given.value.clone(), format!("the variable {}", setting.variable.unwrap_or_default()))
        }
        (Some(given), _) => (given.value.clone(), "the command line".to_owned()),
        (None, Some((_, value))) => match setting.value(value) {
            Ok(_) => (value.clone(), SETTINGS_FILE.to_owned()),
            Err(why) => (value.clone(), format!("{SETTINGS_FILE}, and is not understood: {why}")),
        },
        (None, None) => (setting.usual.to_owned(), "default".to_owned()),
    };
    Now { name: setting.name.to_owned(), value, source }
}

/// The setting of a name that somebody typed.
fn named(name: &str) -> Result<&'static Setting, Failure> {
    let name = name.trim().trim_start_matches("--");
    let name = name.replace('_', "-");
    Setting::named(&name).ok_or_else(|| {
        let all: Vec<&str> = SETTINGS.iter().map(|setting| setting.name).collect();
        Failure::usage(
            format!("'{}' is not a setting", text::line(&name)),
            format!("the settings are {}", all.join(", ")),
        )
    })
}

/// Says where a written setting does not count, since something nearer gives it.
fn say_what_counts(context: &Context, setting: &Setting) {
    let given = context.settings().given.iter().find(|given| given.name == setting.name);
    if let Some(given) = given.filter(|given| given.by_variable) {
        let variable = setting.variable.unwrap_or_default();
        context
            .output()
            .note(&format!("note: the variable {variable} says {} and counts before it", given.value));
    }
}
