//! `sealdesk webhooks add URL`.

use std::path::PathBuf;

use sealdesk_node::feed::Cursor;
use sealdesk_node::webhooks::{self, Begin, Endpoint, Network, Webhooks};
use sealdesk_protocol::events::Event;
use serde_json::json;

use super::{OwnSecret, failed, now};
use crate::context::Context;
use crate::failure::Failure;
use crate::parse;

/// Options of `webhooks add`.
#[derive(Debug, clap::Args)]
#[command(
    after_help = "Example: sealdesk webhooks add https://hooks.example/desk --type EventTicketCreated\n\n\
    Anyone with the secret can tell the node's messages from others': the receiver checks them with a library of standardwebhooks.com. It is shown \
    once, and kept in this home for its owner alone. Only addresses of the public internet are posted to, whatever the URL's host leads to; \
    --allow-network names others, such as 10.1.0.0/16."
)]
pub(crate) struct Args {
    /// Where to post, an address that begins with https://
    #[arg(value_name = "URL")]
    url: String,
    /// Only events of this name, such as EventTicketCreated; can be given more than once
    #[arg(long = "type", value_name = "EVENT", value_parser = Event::full_name)]
    types: Vec<String>,
    /// For your own list; at most 128 bytes
    #[arg(
        long,
        value_name = "TEXT",
        default_value = "",
        allow_hyphen_values = true,
        hide_default_value = true
    )]
    label: String,
    /// Addresses of your own network that may be posted to: 10.1.2.3 or 10.1.0.0/16; can be given more than once
    #[arg(long = "allow-network", value_name = "NETWORK", value_parser = network)]
    networks: Vec<Network>,
    /// Take a URL that begins with http://
    #[arg(long)]
    allow_http: bool,
    /// File of certificate authorities that are believed beside this computer's, as PEM
    #[arg(long, value_name = "FILE")]
    ca: Option<PathBuf>,
    /// Begin with the first event that the node has, instead of with the next
    #[arg(long, conflicts_with = "cursor")]
    from_start: bool,
    /// Begin after this event
    #[arg(long, value_name = "CURSOR", value_parser = parse::event_cursor)]
    cursor: Option<Cursor>,
    #[command(flatten)]
    secret: OwnSecret,
}

fn network(text: &str) -> Result<Network, String> {
    webhooks::network(text).ok_or_else(|| "write it as 10.1.2.3 or 10.1.0.0/16".to_owned())
}

pub(super) fn run(context: &Context, webhooks: &Webhooks, args: &Args) -> Result<(), Failure> {
    // A node may run in another folder than this command.
    let ca =
        args.ca.as_ref().map(|path| path.canonicalize().map_err(|error| crate::failure::at(path, &error)));
    let begin = match args.cursor {
        Some(cursor) => Begin::After(cursor),
        None if args.from_start => Begin::Start,
        None => Begin::Now,
    };
    let endpoint = Endpoint {
        url: args.url.clone(),
        label: args.label.clone(),
        types: args.types.clone(),
        allowed: args.networks.clone(),
        plain_http: args.allow_http,
        ca: ca.transpose()?,
        begin,
    };
    let secret = args.secret.read(context)?;
    let theirs = secret.is_some();
    let (id, secret) = webhooks.add(&endpoint, secret, now()).map_err(|error| failed(&error))?;
    let mut value = json!({ "id": id, "url": endpoint.url });
    if !theirs {
        value["secret"] = secret.as_str().into();
    }
    context.output().done(&value, || {
        let shown = match theirs {
            true => format!("Webhook {id} is signed with the secret of that file."),
            false => format!("Webhook {id}. Its secret, shown this once:\n  {}", secret.as_str()),
        };
        format!("{shown}\nTry it: sealdesk{} webhooks test {id}", context.home_option())
    })
}
