//! `sealdesk webhooks …`: where the node of this home posts what happens on its ledger.

mod add;
mod enable;
mod list;
mod log;
mod remove;
mod rotate;
mod test;

use std::path::PathBuf;

use clap::Subcommand;
use sealdesk_node::home::Home;
use sealdesk_node::webhooks::signing::Secret;
use sealdesk_node::webhooks::{EndpointError, WebhookError, Webhooks};

use crate::context::Context;
use crate::failure::{Failure, at_home};
use crate::text_input;

/// Longest file with a secret that is read, in bytes.
const SECRET_FILE_BYTES_MAX: u64 = 4_096;

/// What can be done with webhooks.
#[derive(Debug, Subcommand)]
#[command(
    after_help = "A node posts each event to each webhook, as `sealdesk watch` shows it and signed as standardwebhooks.com says: at least once, in \
    order, and again until it has arrived. No event holds what is sealed. The running node follows these commands within two seconds."
)]
pub(crate) enum Command {
    /// Post what happens to a URL, and show the secret that signs it once
    Add(add::Args),
    /// List the webhooks of this home and their state
    List(list::Args),
    /// Remove a webhook: nothing is posted there any more
    Remove(remove::Args),
    /// Send a test message now, from this computer
    Test(test::Args),
    /// Show what became of the newest attempts to deliver
    Log(log::Args),
    /// Replace a webhook's secret; for a while both sign
    Rotate(rotate::Args),
    /// Resume a disabled or failing webhook
    Enable(enable::Args),
}

/// Which webhook.
#[derive(Debug, clap::Args)]
struct Which {
    /// The webhook's name, as `sealdesk webhooks list` shows it
    #[arg(value_name = "NAME")]
    id: String,
}

impl Which {
    fn id(&self) -> &str {
        self.id.trim()
    }
}

/// A secret that the other end has chosen.
#[derive(Debug, clap::Args)]
struct OwnSecret {
    /// File with a secret that the receiver gave you, which begins with whsec_; `-` reads standard input [default: a new one]
    #[arg(long, value_name = "FILE")]
    secret_file: Option<PathBuf>,
}

impl OwnSecret {
    fn read(&self, context: &Context) -> Result<Option<Secret>, Failure> {
        let Some(file) = &self.secret_file else { return Ok(None) };
        let text = text_input::text(context, file, SECRET_FILE_BYTES_MAX)?;
        let secret = Secret::parse(&text);
        secret.map(Some).map_err(|error| {
            Failure::usage(
                error.to_string(),
                "copy the whole secret into the file, or leave --secret-file out",
            )
        })
    }
}

pub(super) async fn run(context: &Context, command: Command) -> Result<(), Failure> {
    let home = Home::new(context.home());
    home.expect_begun()?;
    let webhooks = Webhooks::of(home.path());
    match command {
        Command::Add(args) => add::run(context, &webhooks, &args),
        Command::List(args) => list::run(context, &webhooks, args),
        Command::Remove(args) => remove::run(context, &webhooks, &args),
        Command::Test(args) => test::run(context, &home, &webhooks, &args).await,
        Command::Log(args) => log::run(context, &webhooks, &args),
        Command::Rotate(args) => rotate::run(context, &webhooks, &args),
        Command::Enable(args) => enable::run(context, &webhooks, &args),
    }
}

/// Why a webhook could not be made, found or changed.
fn failed(error: &WebhookError) -> Failure {
    let hint = match error {
        WebhookError::Unknown => "`sealdesk webhooks list` shows their names",
        WebhookError::Endpoint(EndpointError::PlainHttp) => {
            "write https://, or add --allow-http where the way is your own"
        }
        WebhookError::Endpoint(EndpointError::NotPublic(_)) => {
            "if it is of your own network, name it with --allow-network, as an address or as 10.1.0.0/16"
        }
        WebhookError::Endpoint(_) => "`sealdesk webhooks add --help` says what fits",
        WebhookError::TooMany => "`sealdesk webhooks remove NAME` makes room",
        WebhookError::TooManySecrets => {
            "wait until one has ended, or end the others with `--overlap-hours 0`"
        }
        WebhookError::NothingTried => "`sealdesk webhooks log NAME` shows what was tried",
        WebhookError::Damaged(_) => {
            "restore the file from a copy, or remove it with `sealdesk webhooks remove NAME`"
        }
        WebhookError::Unready(_) => "install the package ca-certificates, or name a file with --ca",
        WebhookError::Io { path, error } => return at_home(path, error),
        WebhookError::Randomness(_) => return Failure::new(error.to_string()),
    };
    Failure::hinted(error.to_string(), hint)
}

/// The present, in Unix seconds.
fn now() -> i64 {
    use sealdesk_node::clock::{Clock as _, SystemClock};
    SystemClock::default().now() / 1_000
}
