//! `sealdesk contacts list`.

use sealdesk_client::contacts::Known;
use serde_json::json;

use crate::context::Context;
use crate::failure::Failure;
use crate::table;

/// Options of `contacts list`.
#[derive(Debug, clap::Args)]
#[command(
    after_help = "Of two names for one address, or two people of one name, the nearer counts: keys of this home, then your own contacts, \
    then the desk book, then invitations. A name that looks like a nearer one is not used.\n\n\
    Example: sealdesk contacts list --json name,address"
)]
pub(crate) struct Args {}

pub(super) fn run(context: &Context, Args {}: Args) -> Result<(), Failure> {
    // What cannot be read is not an empty list.
    context.contacts()?;
    let used = context.names().iter().map(|known| (known, String::new()));
    let unused = context.unused_names().iter().map(|(known, clash)| (known, clash.to_string()));
    let all: Vec<(&Known, String)> = used.chain(unused).collect();
    let values: Vec<_> = all
        .iter()
        .map(|(known, why)| {
            let Known { name, address, source } = known;
            json!({ "name": name, "address": address, "source": source.name(), "used": why.is_empty(), "why_not": why })
        })
        .collect();
    context.output().answer(&json!({ "contacts": values }), || {
        if all.is_empty() {
            return "No names. `sealdesk contacts add NAME ADDRESS` gives somebody one.".to_owned();
        }
        let row = |(known, why): &(&Known, String)| {
            let why = if why.is_empty() { String::new() } else { format!(", not used: {why}") };
            vec![known.name.clone(), known.address.clone(), format!("{}{why}", known.source.name())]
        };
        table::rows(&["NAME", "ADDRESS", "FROM"], all.iter().map(row).collect())
    })
}
