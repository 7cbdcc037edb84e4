//! `sealdesk start`: runs the desk on this computer; the first time, makes it.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};
use std::path::PathBuf;

use sealdesk_client::durable;
use sealdesk_client::trust::Clock;
use sealdesk_node::comet::{self, AbciAddress, RpcAddress, find_program, is_replicated};
use sealdesk_node::home::{Home, PAGE_CACHE_MIB};
use sealdesk_node::http::Origin;
use sealdesk_node::{Engine, Node, NodeConfig, can_listen, run_engine};
use sealdesk_protocol::ids::ChainId;
use sealdesk_protocol::text;
use serde_json::json;
use tracing_subscriber::EnvFilter;
use tracing_subscriber::filter::LevelFilter;

use crate::admission::AdmissionArgs;
use crate::config::RunningNode;
use crate::context::Context;
use crate::failure::{Failure, at_home, of_ended, of_start};
use crate::keep_blocks;
use crate::last_backup::{self, BackedUp};
use crate::ledger_clock;
use crate::localhost::{self, Named};
use crate::port::PortArgs;
use crate::service_manager::{self, State};
use crate::setup::{self, ADMIN, Options};
use crate::signals::{Hangup, Hangups, Signals};
use crate::{table, variables};

/// The variable that says what the log tells.
const LOG: &str = "SEALDESK_LOG";

/// Options of `start`.
#[derive(Debug, clap::Args)]
#[command(
    after_help = "The first time, it makes a ledger with a random chain id and an administrator's key named `admin`, \
    and says where everything is.\nWithout a terminal it asks nothing: a random passphrase goes to a \
    file that only you can read, and the recovery phrase is written nowhere.\nIt runs until Ctrl-C or SIGTERM. What was acknowledged is safe from a power cut at any time.\n\
    What it has to say meanwhile goes to standard error; the variable SEALDESK_LOG says from which level on: error, warn (by default), info, debug or trace."
)]
pub(crate) struct Args {
    /// Where to listen; port 0 takes any that is free [default: 127.0.0.1:9090]
    #[arg(long, value_name = "ADDRESS:PORT", value_parser = listen_address, env = "SEALDESK_LISTEN", hide_env_values = true)]
    listen: Option<SocketAddr>,
    /// Where Prometheus reads the node's metrics, including CometBFT's, as in 127.0.0.1:26660; it may be the address of --listen [default: nowhere]
    #[arg(long, value_name = "ADDRESS:PORT", value_parser = metrics_address, env = "SEALDESK_METRICS", hide_env_values = true)]
    metrics: Option<SocketAddr>,
    /// Most memory for pages of the ledger's file, in MiB, from 8 to 65536 [default: 128]
    #[arg(long, value_name = "MIB", value_parser = page_cache, env = "SEALDESK_PAGE_CACHE", hide_env_values = true)]
    page_cache: Option<u32>,
    /// How many of the newest blocks stay whole; of older ones the history goes. At least 1000, 0 = all [default: 0]
    #[arg(long, value_name = "NUMBER", value_parser = keep_blocks::parse, env = "SEALDESK_KEEP_BLOCKS", hide_env_values = true)]
    keep_blocks: Option<u32>,
    /// Folder with what you signed of the page for browsers with WEBCAT, served below /.well-known/webcat/; SIGHUP reloads it [default: webcat in the home]
    #[arg(long, value_name = "DIR", env = "SEALDESK_WEBCAT", hide_env_values = true)]
    webcat: Option<PathBuf>,
    #[command(flatten)]
    port: PortArgs,
    #[command(flatten)]
    admission: AdmissionArgs,
    #[command(flatten)]
    engine: EngineArgs,
    /// The process whose validator this is: when that is gone, this one stops too
    #[arg(long, hide = true, value_name = "PID")]
    under: Option<i32>,
    #[command(flatten)]
    options: Options,
}

/// Who orders the transactions.
#[derive(Debug, clap::Args)]
struct EngineArgs {
    /// Who makes the blocks: this node alone, or CometBFT among many nodes [default: the engine that this home's ledger began with]
    #[arg(long, value_enum, value_name = "ENGINE")]
    engine: Option<EngineName>,
    /// The program cometbft, for --engine comet [default: the first on PATH, or where Go installs it]
    #[arg(long, value_name = "FILE", env = "SEALDESK_COMETBFT", hide_env_values = true)]
    cometbft: Option<PathBuf>,
    /// Where to listen for a CometBFT that you run yourself, for --engine comet-external: unix:///path or tcp://127.0.0.1:26658
    #[arg(long, value_name = "ADDRESS", required_if_eq("engine", "comet-external"))]
    abci: Option<AbciAddress>,
    /// Where that CometBFT's RPC answers: tcp://127.0.0.1:26657 or unix:///path
    #[arg(long, value_name = "ADDRESS", default_value = "tcp://127.0.0.1:26657")]
    comet_rpc: RpcAddress,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, clap::ValueEnum)]
enum EngineName {
    /// This node alone
    Solo,
    /// CometBFT, started and stopped by this node
    Comet,
    /// CometBFT, run by you
    CometExternal,
}

impl EngineArgs {
    /// The engine that was named, or else the one that the home's ledger was begun with.
    fn choose(self, home: &Home) -> Engine {
        let begun_with = if is_replicated(home) { EngineName::Comet } else { EngineName::Solo };
        match (self.engine.unwrap_or(begun_with), self.abci) {
            (EngineName::Solo, _) => Engine::Solo,
            (EngineName::CometExternal, Some(abci)) => {
                Engine::Comet(comet::Supervision::External { abci, rpc: Some(self.comet_rpc) })
            }
            (EngineName::Comet | EngineName::CometExternal, _) => {
                Engine::Comet(comet::Supervision::Supervised { program: self.cometbft })
            }
        }
    }
}

/// Reads where to listen.
fn listen_address(text: &str) -> Result<SocketAddr, String> {
    text.parse().map_err(|_| "write it as 127.0.0.1:9090; port 0 takes any that is free".to_owned())
}

/// Reads where metrics are served.
fn metrics_address(text: &str) -> Result<SocketAddr, String> {
    text.parse().map_err(|_| "write it as 127.0.0.1:26660; port 0 takes any that is free".to_owned())
}

/// Reads how much memory pages may take.
fn page_cache(text: &str) -> Result<u32, String> {
    let mib = text.parse().ok().filter(|mib| PAGE_CACHE_MIB.contains(mib));
    mib.ok_or_else(|| "write the MiB that it may take, from 8 to 65536".to_owned())
}

pub(super) async fn run(context: &Context, args: Args) -> Result<(), Failure> {
    let (mut signals, mut hangups) = (Signals::catch()?, Hangups::catch()?);
    log_to_stderr()?;
    let home = Home::new(context.home());
    let engine = args.engine.choose(&home);
    if let Engine::Comet(comet::Supervision::Supervised { program }) = &engine {
        // Nothing is made for a node that could not run.
        let found = find_program(program.as_deref());
        found.map_err(|error| of_start(error.into(), context.home()))?;
    }
    let asks_for_invitations = args.admission.config().invitations;
    let config = NodeConfig {
        home: context.home().to_owned(),
        listen: args.listen,
        metrics: args.metrics,
        page_cache: args.page_cache,
        keep_blocks: args.keep_blocks,
        admission: args.admission.config(),
        port: args.port.config(),
        webcat: args.webcat,
    };
    if !home.is_initialised() {
        // Neither is a desk made over what another one left, nor one that could not be reached.
        home.expect_unbegun()?;
        can_listen(&config).await?;
        let made = setup::make(context, &args.options)?;
        tell(context, &setup::summary(context, &made))?;
    }
    let node = tokio::select! {
        node = run_engine(config, engine) => node.map_err(|error| of_start(error, context.home()))?,
        // A copied home may wait long for the others.
        () = signals.next() => return Ok(()),
        () = hangups.terminal_closed() => return Ok(()),
    };
    setup::pin_own(context, node.chain_id());
    let own = RunningNode { asks_for_invitations, ..own_way(&node) };
    let address_file = context.settings().address_file();
    durable::write_private(&address_file, own.written().as_bytes())
        .map_err(|error| at_home(&address_file, &error))?;
    warn_of_clock(context, &node);
    remind_of_backup(context, &home);
    let named = localhost::named(node.listening());
    greet(context, &node, &own.url, named.as_ref())?;
    tell_manager(context, State::Ready);
    let ended = loop {
        tokio::select! {
            () = signals.next() => break None,
            () = orphaned(args.under) => break None,
            hangup = hangups.next() => match hangup {
                Hangup::ReadAgain => read_files_again(context, &node),
                Hangup::TerminalClosed => break None,
                Hangup::Outlived => context.output().note("The terminal is gone, and the desk keeps running: SIGTERM stops it."),
            },
            reason = node.ended() => break Some(reason),
        }
    };
    tell_manager(context, State::Stopping);
    // The next command should not wait for a node that is gone.
    let _ = std::fs::remove_file(&address_file);
    context.output().note("Stopping …");
    node.stop().await?;
    match ended {
        None => Ok(()),
        Some(reason) => Err(of_ended(&reason)),
    }
}

/// A service goes on where its manager cannot be told how it stands; that manager may end it.
fn tell_manager(context: &Context, state: State) {
    if let Err(error) = service_manager::tell(state) {
        context
            .output()
            .note(&format!("warning: the service manager cannot be told how this service stands: {error}"));
    }
}

/// Under a clock that is behind the ledger's, nobody can write.
fn warn_of_clock(context: &Context, node: &Node) {
    let newest = node.ledger().tip().time.unix_timestamp();
    if let Some(off) = ledger_clock::behind(newest) {
        let (said, hint) = ledger_clock::finding(newest, off, &context.home_option());
        context.output().note(&format!("warning: {said}\nhint: {hint}"));
    }
}

/// A desk of one is nowhere else: whoever starts it is told when it is time for a backup.
fn remind_of_backup(context: &Context, home: &Home) {
    if is_replicated(home) {
        return;
    }
    if let Some(BackedUp::Due(said)) = last_backup::looked_at(home, Clock::system().now()) {
        let option = context.home_option();
        context
            .output()
            .note(&format!("warning: {said}\nhint: `sealdesk{option} backup FILE`, also while it runs"));
    }
}

/// How this home's commands reach the node: where it listens, whatever others call it, so that nothing of theirs leaves this computer. With
/// TLS its certificate is for the name that others know.
fn own_way(node: &Node) -> RunningNode {
    let public = node.addresses().get("public").and_then(|url| Origin::parse(url).ok());
    let name = public.filter(|_| node.speaks_tls()).map(|public| public.host().to_owned());
    let url = node.addresses().get("grpc").cloned().unwrap_or_default();
    RunningNode {
        url: if name.is_some() { format!("https://{}", near(node.listening())) } else { url },
        name,
        asks_for_invitations: false,
    }
}

/// Where this computer reaches what listens here.
fn near(listening: SocketAddr) -> SocketAddr {
    let ip = match listening.ip() {
        ip if !ip.is_unspecified() => ip,
        IpAddr::V4(_) => Ipv4Addr::LOCALHOST.into(),
        IpAddr::V6(_) => Ipv6Addr::LOCALHOST.into(),
    };
    SocketAddr::new(ip, listening.port())
}

/// Shows what the files of the certificate, and those that were signed of the page, hold by now.
fn read_files_again(context: &Context, node: &Node) {
    match node.reload_webcat() {
        Ok(true) => context.output().note("What was signed of the page was read again."),
        Ok(false) if node.speaks_tls() => {}
        Ok(false) => context.output().note(&format!(
            "There is nothing to read again: this port shows no certificate of its own, and {} is not there.",
            context.shown(&node.home().webcat_dir())
        )),
        Err(error) => context.output().note(&format!(
            "warning: {error}\nhint: what is served stays what it was; fix the file, and send SIGHUP again"
        )),
    }
    if node.speaks_tls() {
        read_certificate_again(context, node);
    }
}

fn read_certificate_again(context: &Context, node: &Node) {
    match node.reload_tls() {
        Ok(()) => context.output().note("The certificate was read again."),
        Err(error) => context.output().note(&format!(
            "warning: {error}\nhint: the certificate stays what it was; fix the file, and send SIGHUP again"
        )),
    }
}

/// Waits until this process's parent is another one than was said; for ever where none was.
async fn orphaned(parent: Option<i32>) {
    let Some(parent) = parent else { return std::future::pending().await };
    while rustix::process::getppid().is_some_and(|pid| pid.as_raw_nonzero().get() == parent) {
        tokio::time::sleep(std::time::Duration::from_millis(500)).await;
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

fn greet(context: &Context, node: &Node, url: &str, named: Option<&Named>) -> Result<(), Failure> {
    let hash = hex::encode_upper(node.validators_hash());
    let value = json!({
        "chain_id": node.chain_id(),
        "validators_hash": hash,
        "addresses": node.addresses(),
        "home": context.home(),
    });
    context.output().stream(&value, || {
        let mut facts = vec![("  address", url.to_owned())];
        for (name, shown) in [("public", "  public"), ("metrics", "  metrics")] {
            facts.extend(node.addresses().get(name).map(|url| (shown, url.clone())));
        }
        facts.extend([("  home", context.shown(context.home())), ("  validators", hash.clone())]);
        let facts = table::fields(&facts);
        let home = context.home_option();
        let page = page_of(context, node, url, named);
        let mut steps =
            vec![format!("sealdesk{home} keys add alice"), format!("sealdesk{home} new --from alice")];
        // The administrator's key may be elsewhere, as after `init --administrator` and `import`.
        if context.keyring().is_ok_and(|keyring| keyring.show(ADMIN).is_ok()) {
            steps.push(format!("sealdesk{home} inbox --from {ADMIN}"));
        }
        format!(
            "sealdesk {} serves the ledger {}.\n{facts}\n\nIn a browser:  {page}\nIn another terminal:\n  {}\n\nStop with Ctrl-C.",
            env!("CARGO_PKG_VERSION"),
            node.chain_id(),
            steps.join("\n  ")
        )
    })
}

/// Where a browser opens this desk: what stands behind `#` holds whatever answers there to the ledger that is meant. This computer is called
/// by its name, since passkeys are made for names.
fn page_of(context: &Context, node: &Node, url: &str, named: Option<&Named>) -> String {
    let own = match named {
        Some(_) if url.starts_with("http://127.0.0.1:") => url.replacen("127.0.0.1", "localhost", 1),
        _ => url.to_owned(),
    };
    let url = node.addresses().get("public").map_or(own.as_str(), String::as_str).trim_end_matches('/');
    let pins = ChainId::parse(node.chain_id()).ok().zip(context.pins().ok());
    let known = pins.and_then(|(ledger, pins)| Some(pins.get(&ledger)?.ledger.identity));
    known.map_or_else(|| format!("{url}/"), |identity| format!("{url}/#desk={identity}"))
}

/// What the node has to say besides goes to standard error, from the level on that SEALDESK_LOG names.
fn log_to_stderr() -> Result<(), Failure> {
    let set = tracing_subscriber::fmt().with_env_filter(log_filter()?).with_writer(std::io::stderr);
    // A second subscriber cannot be set in this process; then the first one goes on.
    drop(set.try_init());
    Ok(())
}

/// Warnings of every part, but for what the variable says. A word in it that is no level would be taken for the name of a part, and silence
/// all others.
fn log_filter() -> Result<EnvFilter, Failure> {
    let said = variables::get(LOG).unwrap_or_default().to_string_lossy().into_owned();
    let parts: Vec<&str> = said.split(',').map(str::trim).filter(|part| !part.is_empty()).collect();
    let is_known =
        |part: &&str| part.rsplit_once('=').map_or(*part, |(_, level)| level).parse::<LevelFilter>().is_ok();
    let read =
        parts.iter().all(is_known).then(|| EnvFilter::builder().parse(format!("warn,{}", parts.join(","))));
    let read = read.and_then(Result::ok);
    read.ok_or_else(|| {
        let text = format!("'{}' does not say what the node's log is to tell", text::line(&said));
        let hint = "write error, warn, info, debug or trace; a part of the program can have a level of its own, as in warn,sealdesk_node=debug";
        Failure::usage(text, hint).named_by(Some(LOG))
    })
}
