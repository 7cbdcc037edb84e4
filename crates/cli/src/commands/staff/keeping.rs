//! Whose appointments and grants are signed anew when whoever gave them leaves. What a leaver signed may have been for people of their own:
//! nobody stays in the name of somebody else who did not say so.

use std::collections::{BTreeMap, BTreeSet};

use sealdesk_protocol::ids::Address;

use crate::context::Context;
use crate::failure::Failure;
use crate::parse::Person;
use crate::prompt;

/// Who stays.
#[derive(Debug, clap::Args)]
pub(crate) struct KeepArgs {
    /// People they appointed or gave access who stay, signed by you; separate several with commas. Without this, you are asked about each at a terminal
    #[arg(long, value_name = "ADDR|NAME", value_delimiter = ',', conflicts_with = "keep_all")]
    keep: Vec<Person>,
    /// Everyone they appointed or gave access stays, signed by you
    #[arg(long)]
    keep_all: bool,
}

/// Who stays, as it was said or is answered.
pub(super) struct Keeping<'a> {
    context: &'a Context,
    who: &'a str,
    all: bool,
    named: BTreeSet<Address>,
    answers: BTreeMap<String, bool>,
}

impl<'a> Keeping<'a> {
    /// As the options say it.
    pub(super) fn new(context: &'a Context, who: &'a str, args: &KeepArgs) -> Result<Self, Failure> {
        let named = args.keep.iter().map(|person| context.address(person)).collect::<Result<_, _>>()?;
        Ok(Self { context, who, all: args.keep_all, named, answers: BTreeMap::new() })
    }

    /// Whether somebody stays. Each is asked about once, and only where no option says it; no answer is a no.
    pub(super) fn keeps(&mut self, address: &str, did: &str) -> bool {
        if self.all || self.named.iter().any(|named| named.as_str() == address) {
            return true;
        }
        if !self.named.is_empty() || self.context.settings().yes {
            return false;
        }
        let (context, who) = (self.context, self.who);
        let ask = || {
            let question = format!("{who} {did} {}. Renew that, signed by you?", context.named(address));
            prompt::agrees(context.output(), &question)
        };
        *self.answers.entry(address.to_owned()).or_insert_with(ask)
    }
}
