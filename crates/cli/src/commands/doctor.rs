//! `sealdesk doctor`: looks for what is wrong in this home and at its node, and says what to do.

mod contract;
mod desk;
mod secrets;
mod strays;

use std::os::unix::fs::PermissionsExt as _;
use std::path::Path;

use sealdesk_client::desk::Desk;
use sealdesk_client::node::PiecesCounted;
use sealdesk_client::trust::Clock;
use sealdesk_node::comet::{App, is_replicated};
use sealdesk_node::home::Home;
use sealdesk_node::ledger::Ledger;
use sealdesk_node::solo::Solo;
use sealdesk_node::{check_config, find_blobs};
use serde_json::{Value, json};
use tonic::transport::Channel;

use crate::agent;
use crate::context::Context;
use crate::failure::{Failure, at};
use crate::last_backup::{self, BackedUp};
use crate::ledger_clock;
use crate::stopped::Stopped;
use crate::table::count;

/// Options of `doctor`.
#[derive(Debug, clap::Args)]
#[command(
    after_help = "While the desk runs, its node is asked; while it does not, the ledger on disk is read through: every \
    block of the log, every record of the state. Exits with 1 if anything is wrong."
)]
pub(crate) struct Args {
    /// First rebuild the lists that queries page through from the ledger's records. The desk must not be running.
    #[arg(long)]
    rebuild_indexes: bool,
}

/// What one look found.
struct Finding {
    name: &'static str,
    ok: bool,
    detail: String,
    hint: String,
}

impl Finding {
    fn good(name: &'static str, detail: impl Into<String>) -> Self {
        Self { name, ok: true, detail: detail.into(), hint: String::new() }
    }

    fn bad(name: &'static str, failure: &Failure) -> Self {
        let hint = failure.hint().unwrap_or_default().into_owned();
        Self { name, ok: false, detail: failure.to_string(), hint }
    }

    fn of(name: &'static str, result: Result<String, Failure>) -> Self {
        match result {
            Ok(detail) => Self::good(name, detail),
            Err(failure) => Self::bad(name, &failure),
        }
    }
}

pub(super) async fn run(context: &Context, args: Args) -> Result<(), Failure> {
    let mut findings = files(context);
    if context.ledger() == crate::args::Ledger::Stacks {
        findings.extend(contract::findings(context).await);
        return tell(context, &findings);
    }
    let home = Home::new(context.home());
    let (at_config, mut runs) = (findings.len(), false);
    findings.extend(backed_up(context, &home));
    if args.rebuild_indexes {
        let rebuilt = sealdesk_node::rebuild_indexes(&home).map_err(Failure::from);
        let detail = rebuilt.map(|height| format!("rebuilt from the records of block {height}"));
        findings.push(Finding::of("indexes", detail));
    }
    match context.settings().named_node() {
        Some(url) => findings.extend(at_node(context, &url).await),
        None if home.expect_unbegun().is_ok() => {
            findings.push(Finding::good(
                "ledger",
                "there is none in this home, and --node does not name another",
            ));
        }
        None => match Stopped::open(&home) {
            Ok(Stopped::Solo(solo)) => {
                findings.extend(on_disk(context, &solo));
                findings.extend(attached(&home, solo.handle().as_ref()));
            }
            Ok(Stopped::Comet(app)) => {
                findings.push(Finding::of("ledger", replicated(&app)));
                findings.extend(attached(&home, app.handle().as_ref()));
            }
            // While the desk runs, its files are its own: then the node is asked.
            Ok(Stopped::Running(_)) => {
                runs = true;
                findings.extend(at_node(context, &context.settings().node()).await);
            }
            Err(failure) => findings.push(Finding::bad("ledger", &failure)),
        },
    }
    if let Some(config) = config(context, &home, runs) {
        findings.insert(at_config, config);
    }
    tell(context, &findings)
}

/// What `start` would say of config.toml. What its options and variables say besides is not known here: where a desk runs, they say what the
/// file lacks.
fn config(context: &Context, home: &Home, runs: bool) -> Option<Finding> {
    let shown = home.config_file().exists().then(|| context.shown(&home.config_file()));
    Some(match (check_config(home), shown) {
        (Ok(()), None) => return None,
        (Ok(()), Some(shown)) => Finding::good("config", shown),
        (Err(error), shown) if runs && error.is_mended_by_options() => {
            let shown = shown.unwrap_or_default();
            Finding::good(
                "config",
                format!("{shown}; options or variables say to `start` what it lacks: {error}"),
            )
        }
        (Err(error), _) => Finding::bad("config", &error.into()),
    })
}

/// Prints what was found; anything wrong ends the program with 1.
fn tell(context: &Context, findings: &[Finding]) -> Result<(), Failure> {
    let wrong = findings.iter().filter(|finding| !finding.ok).count();
    let checks: Vec<Value> = findings
        .iter()
        .map(|f| json!({ "name": f.name, "ok": f.ok, "detail": f.detail, "hint": f.hint }))
        .collect();
    context.output().answer(&json!({ "ok": wrong == 0, "checks": checks }), || as_text(findings))?;
    if wrong == 0 { Ok(()) } else { Err(Failure::Quiet(1)) }
}

/// How old the last backup of an embedded desk is.
fn backed_up(context: &Context, home: &Home) -> Option<Finding> {
    if is_replicated(home) {
        return None;
    }
    Some(match last_backup::looked_at(home, Clock::system().now())? {
        BackedUp::Well(detail) => Finding::good("backup", detail),
        BackedUp::Due(said) => Finding::bad(
            "backup",
            &Failure::hinted(
                said,
                format!("run `sealdesk{} backup FILE`, and keep the file elsewhere", context.home_option()),
            ),
        ),
    })
}

/// The state of a replicated ledger; its blocks are CometBFT's to check, and it does at every start.
fn replicated(app: &App) -> Result<String, Failure> {
    let records = app.inspect()?;
    Ok(format!("{} at height {}, replicated", count(records, "record"), app.height()))
}

/// Whether this home has every piece of an attached file that the ledger names; nothing where its settings, which say where they are, cannot
/// be read: that is told already.
fn attached(home: &Home, ledger: &dyn Ledger) -> Option<Finding> {
    home.config().ok()?;
    let found = find_blobs(home, ledger).map_err(|error| Failure::new(error.to_string()));
    let counted = found.and_then(|found| pieces(found.named, found.missing, found.never_came, "here"));
    Some(Finding::of("files", counted))
}

/// The same by the word of a node that runs.
async fn attached_at(desk: &Desk<Channel>) -> Result<String, Failure> {
    let Some(PiecesCounted { named: Some(named), missing: Some(missing), never_came }) =
        desk.node().pieces().await?
    else {
        return Ok("the node has not counted the pieces of attached files yet".to_owned());
    };
    pieces(named, missing, never_came.unwrap_or_default(), "at this node")
}

fn pieces(named: u64, missing: u64, never_came: u64, place: &str) -> Result<String, Failure> {
    let named = count(named, "piece");
    if missing == 0 {
        let never = match never_came {
            0 => String::new(),
            never => format!("; {never} never came to this node"),
        };
        return Ok(format!("{named} of attached files, none missing{never}"));
    }
    Err(Failure::hinted(
        format!("{missing} of the {named} of attached files that tickets name are missing {place}"),
        "copy data/blobs from a backup, or from another node of the same desk, into the node's home",
    ))
}

fn as_text(findings: &[Finding]) -> String {
    let mut lines = Vec::new();
    for finding in findings {
        let mark = if finding.ok { "ok   " } else { "WRONG" };
        lines.push(format!("{mark}  {:<12}  {}", finding.name, finding.detail));
        if !finding.hint.is_empty() {
            lines.push(format!("       hint: {}", finding.hint));
        }
    }
    lines.join("\n")
}

/// What can be said of the home without a ledger.
fn files(context: &Context) -> Vec<Finding> {
    let shown = context.shown(context.home());
    if !context.home().exists() {
        return vec![Finding::bad(
            "home",
            &Failure::hinted(
                format!("{shown} does not exist"),
                "`sealdesk start` makes a desk, `sealdesk keys add NAME` a key",
            ),
        )];
    }
    let mut findings = vec![Finding::of("home", private(context.home()).map(|()| shown))];
    let listed = context.keyring().and_then(|keyring| Ok(keyring.list()?));
    let keys = listed.as_ref().map(|listed| listed.iter().filter(|listed| listed.info.is_ok()).count());
    let backend = context.settings().backend.name();
    if let Ok(keys) = keys {
        findings.push(Finding::good("keyring", format!("{}, kept as {backend}", count(keys, "key"))));
    }
    match listed {
        Err(failure) => findings.push(Finding::bad("keyring", &failure)),
        Ok(listed) => {
            let wrong = listed.into_iter().filter_map(|listed| listed.info.err());
            findings.extend(wrong.map(|error| Finding::bad("key", &error.into())));
        }
    }
    findings.extend(unlocked(context));
    let secrets = secrets::of(context);
    findings.extend(secrets.iter().map(|secret| Finding::of("secret", secret.looked_at(context))));
    findings.push(Finding::of(
        "pins",
        context.pins().map(|pins| format!("{} known", count(pins.iter().count(), "ledger"))),
    ));
    findings
}

/// Until when the keys are unlocked, where they are, and what is wrong where an agent is not used.
fn unlocked(context: &Context) -> Option<Finding> {
    let keyring = context.keyring().ok()?;
    match agent::state(&keyring, context.home()) {
        Ok(None) => None,
        Err(error) => Some(Finding::bad("unlocked", &error.into())),
        Ok(Some(state)) => {
            let until = context.zone().alone(state.until());
            let swap = if state.memory_is_locked { "" } else { ", in memory that can reach the swap" };
            Some(Finding::good("unlocked", format!("until {until} (process {}){swap}", state.process)))
        }
    }
}

fn private(path: &Path) -> Result<(), Failure> {
    let mode = std::fs::metadata(path).map_err(|error| at(path, &error))?.permissions().mode();
    if mode & 0o077 == 0 {
        return Ok(());
    }
    let path = path.display();
    Err(Failure::hinted(format!("others can read {path}"), format!("run `chmod go-rwx {path}`")))
}

/// What the node says, and what it proves.
async fn at_node(context: &Context, url: &str) -> Vec<Finding> {
    let desk = match context.desk().await {
        Ok(desk) => desk,
        Err(failure) => return vec![Finding::bad("node", &failure)],
    };
    // The finding of the clock says it.
    context.age_is_told();
    let chain = desk.chain().chain_id.clone();
    let mut findings = vec![
        Finding::good("node", format!("{url} serves {chain}")),
        Finding::good("proofs", format!("height {} is proven by the pinned validators", desk.pin().height)),
    ];
    findings.push(Finding::of("files", attached_at(&desk).await));
    findings.extend(desk::findings(context, &desk).await);
    findings
}

/// Reads the stopped ledger through.
fn on_disk(context: &Context, opened: &Solo) -> Vec<Finding> {
    let inspected = opened.inspect().map_err(Failure::from).map(|found| {
        let parts = [(found.blocks, "block"), (found.transactions, "transaction"), (found.records, "record")];
        let [blocks, transactions, records] = parts.map(|(number, thing)| count(number, thing));
        let dropped = match found.headers {
            0 => String::new(),
            headers => {
                format!("; of the oldest {} only the signed headers are kept", count(headers, "block"))
            }
        };
        format!("{blocks}, {transactions} and {records} are complete and consistent{dropped}")
    });
    let height = opened.height();
    let mut findings = vec![
        Finding::good("ledger", format!("stopped at height {height}")),
        Finding::of("history", inspected),
    ];
    let newest = opened.handle().tip().time.unix_timestamp();
    if let Some(off) = ledger_clock::behind(newest) {
        let (said, hint) = ledger_clock::finding(newest, off, &context.home_option());
        findings.push(Finding::bad("clock", &Failure::hinted(said, hint)));
    }
    findings
}
