//! `sealdesk start`: runs the desk on this computer; the first time, makes it.

use std::net::SocketAddr;

use sealdesk_node::home::Home;
use sealdesk_node::{Node, NodeConfig, NodeError, run as run_node};
use serde_json::json;
use tokio::signal::unix::{Signal, SignalKind, signal};

use super::init::{self, ADMIN, Options};
use crate::context::Context;
use crate::error::{Failure, at};
use crate::table;

/// Options of `start`.
#[derive(Debug, clap::Args)]
#[command(
    after_help = "The first time, it makes a ledger with a random chain id and an administrator's key named `admin`, \
    and says where everything is.\nWithout a terminal it asks nothing: a random passphrase and the recovery phrase go to \
    files that only you can read.\nIt runs until Ctrl-C or SIGTERM. What was acknowledged is safe from a power cut at any time."
)]
pub(crate) struct Args {
    /// Where to listen; port 0 takes any that is free [default: 127.0.0.1:9090]
    #[arg(long, value_name = "ADDRESS:PORT", env = "SEALDESK_LISTEN", hide_env_values = true)]
    listen: Option<SocketAddr>,
    #[command(flatten)]
    options: Options,
}

pub(super) async fn run(context: &Context, args: Args) -> Result<(), Failure> {
    log_to_stderr();
    let mut signals = Signals::catch()?;
    let home = Home::new(context.home());
    if !home.is_initialised() {
        let made = init::make(context, &args.options)?;
        tell(context, &init::told(context, &made))?;
    }
    let node = run_node(NodeConfig { home: context.home().to_owned(), listen: args.listen }).await?;
    let url = node.addresses().get("grpc").cloned().unwrap_or_default();
    let address_file = context.settings().address_file();
    std::fs::write(&address_file, format!("{url}\n")).map_err(|error| at(&address_file, &error))?;
    greet(context, &node, &url)?;
    let ended = tokio::select! {
        () = signals.next() => None,
        reason = node.ended() => Some(reason),
    };
    // The next command should not wait for a node that is gone.
    let _ = std::fs::remove_file(&address_file);
    context.output().note("Stopping …");
    node.stop().await?;
    match ended {
        None => Ok(()),
        Some(reason) => {
            Err(Failure::hinted(format!("the ledger stopped by itself: {reason}"), "see `sealdesk doctor`"))
        }
    }
}

/// With JSON, standard output holds one object and nothing else.
fn tell(context: &Context, text: &str) -> Result<(), Failure> {
    if context.output().is_json() {
        context.output().note(text);
        return Ok(());
    }
    context.output().line(text)?;
    context.output().blank()
}

fn greet(context: &Context, node: &Node, url: &str) -> Result<(), Failure> {
    let hash = hex::encode_upper(node.validators_hash());
    let value = json!({
        "chain_id": node.chain_id(),
        "validators_hash": hash,
        "addresses": node.addresses(),
        "home": context.home(),
    });
    context.output().stream(&value, || {
        let facts = table::fields(&[
            ("  gRPC", url.to_owned()),
            ("  home", context.shown(context.home())),
            ("  validators", hash.clone()),
        ]);
        let home = context.home_option();
        let steps = [
            format!("sealdesk{home} keys add alice"),
            format!("sealdesk{home} tx support create-ticket --from alice --category technical --subject S --message M"),
            format!("sealdesk{home} inbox --from {ADMIN}"),
        ];
        format!(
            "sealdesk {} serves the ledger {}.\n{facts}\n\nIn another terminal:\n  {}\n\nStop with Ctrl-C.",
            env!("CARGO_PKG_VERSION"),
            node.chain_id(),
            steps.join("\n  ")
        )
    })
}

/// Ctrl-C and SIGTERM, from the beginning on: a signal during the start is not lost.
struct Signals {
    interrupt: Signal,
    terminate: Signal,
}

impl Signals {
    fn catch() -> Result<Self, Failure> {
        Ok(Self { interrupt: signal(SignalKind::interrupt())?, terminate: signal(SignalKind::terminate())? })
    }

    async fn next(&mut self) {
        tokio::select! {
            _ = self.interrupt.recv() => {}
            _ = self.terminate.recv() => {}
        }
    }
}

/// What the node has to say besides goes to standard error; SEALDESK_LOG chooses how much.
fn log_to_stderr() {
    let filter = tracing_subscriber::EnvFilter::try_from_env("SEALDESK_LOG")
        .unwrap_or_else(|_| tracing_subscriber::EnvFilter::new("warn"));
    let set = tracing_subscriber::fmt().with_env_filter(filter).with_writer(std::io::stderr).try_init();
    // A second subscriber cannot be set in this process; then the first one goes on.
    drop(set);
}

impl From<NodeError> for Failure {
    fn from(error: NodeError) -> Self {
        match error {
            NodeError::Home(error) => error.into(),
            NodeError::Ledger(error) => error.into(),
            NodeError::Listen { .. } => Self::hinted(
                error.to_string(),
                "another program may use that port; choose one with --listen 127.0.0.1:0",
            ),
            NodeError::Start(_) => Self::new(error.to_string()),
        }
    }
}
