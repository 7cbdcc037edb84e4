//! What a command works with: options, environment and `client.toml`, in that order.

use std::path::{Path, PathBuf};
use std::time::Duration;

use clap::ArgMatches;
use sealdesk_client::durable;
use sealdesk_client::keyring::Backend;
use sealdesk_client::node::PATIENCE_SECONDS_DEFAULT;
use sealdesk_client::stacks::wire::principal::ContractId;
use sealdesk_client::stacks::wire::transaction::Network;
use sealdesk_protocol::ids::Prefix;
use serde::{Deserialize, Deserializer};

use crate::args::{self, Global, Ledger, PATIENCE_SECONDS};
use crate::failure::{Failure, at_home};
use crate::output::{Format, Output, stdout_is_terminal};
use crate::settings_file::{self, Given};
use crate::variables;
use crate::zone::Zone;

/// The name of the file of settings in a home.
pub(crate) const SETTINGS_FILE: &str = "client.toml";
/// Where the code of the invitation lies with which a home was connected, and below it for which ledger it is.
pub(crate) const INVITATION_FILE: &str = "invitation.code";
/// The name under which the command line has the page that `verify-page` looks at.
pub(crate) const PAGE_URL: &str = "page_url";
/// Where a node listens if no other address is known.
const DEFAULT_NODE: &str = "http://127.0.0.1:9090";

/// A text that is empty is not set, as in the environment.
fn some<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<String>, D::Error> {
    let text = Option::<String>::deserialize(deserializer)?;
    Ok(text.map(|text| text.trim().to_owned()).filter(|text| !text.is_empty()))
}

/// `client.toml`: the options' long names.
#[derive(Debug, Default, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
struct File {
    #[serde(default, deserialize_with = "some")]
    node: Option<String>,
    #[serde(default, deserialize_with = "some")]
    chain_id: Option<String>,
    #[serde(default, deserialize_with = "some")]
    from: Option<String>,
    #[serde(default, deserialize_with = "some")]
    keyring_backend: Option<String>,
    #[serde(default, deserialize_with = "some")]
    output: Option<String>,
    #[serde(default, deserialize_with = "some")]
    prefix: Option<String>,
    patience: Option<u64>,
    trust_node: Option<bool>,
    insecure: Option<bool>,
    ca: Option<PathBuf>,
    clock_tolerance: Option<u32>,
    #[serde(default, deserialize_with = "some")]
    ledger: Option<String>,
    #[serde(default, deserialize_with = "some")]
    contract: Option<String>,
    #[serde(default, deserialize_with = "some")]
    network: Option<String>,
    fee_max: Option<u64>,
    utc: Option<bool>,
    addresses: Option<bool>,
}

impl File {
    /// Whether every value is one that its option takes.
    fn check(&self) -> Result<(), String> {
        let unknown = |name: &str| format!("'{name}' is not understood");
        self.ledger.as_deref().map(args::ledger).transpose()?;
        self.contract.as_deref().map(args::contract).transpose()?;
        self.network.as_deref().map(args::network).transpose()?;
        self.keyring_backend
            .as_deref()
            .map(|name| Backend::parse(name).ok_or_else(|| unknown(name)))
            .transpose()?;
        self.output.as_deref().map(|name| Format::parse(name).ok_or_else(|| unknown(name))).transpose()?;
        self.prefix.as_deref().map(Prefix::parse).transpose().map_err(|error| error.to_string())?;
        match self.patience {
            Some(patience) if !PATIENCE_SECONDS.contains(&patience) => Err(unknown(&patience.to_string())),
            _ => Ok(()),
        }
    }
}

/// Whether the settings themselves are what the command is about.
fn is_mended(matches: &ArgMatches) -> bool {
    matches.subcommand_name() == Some("config")
}

/// Whether a text is a whole file of settings that this program takes.
pub(crate) fn check_settings(text: &str) -> Result<(), String> {
    let file: File = toml::from_str(text).map_err(|error| error.message().to_owned())?;
    file.check()
}

/// The settings of one run.
#[derive(Debug)]
pub(crate) struct Settings {
    pub(crate) home: PathBuf,
    node: Option<String>,
    /// The node that serves the page which the command is about.
    page: Option<String>,
    pub(crate) chain_id: Option<String>,
    pub(crate) from: Option<String>,
    pub(crate) backend: Backend,
    pub(crate) output: Output,
    pub(crate) prefix: Prefix,
    /// How long a node is waited for.
    pub(crate) patience: Duration,
    /// Whether somebody named it.
    pub(crate) patience_is_given: bool,
    pub(crate) trust_node: bool,
    /// Whether a node on another machine may be reached over plain HTTP.
    pub(crate) insecure: bool,
    /// Authorities that may vouch for a node beside those of this machine.
    pub(crate) ca: Option<PathBuf>,
    /// Whether the first answer of a ledger is believed without anybody comparing its words.
    pub(crate) trust_first: bool,
    /// By how many seconds more than usual the clock may be off.
    pub(crate) clock_tolerance: u32,
    /// Where the code of an invitation is that somebody named, for an account that the ledger has never seen.
    pub(crate) invitation_file: Option<PathBuf>,
    pub(crate) yes: bool,
    /// Whether it is shown where each transaction stands.
    pub(crate) verbose: bool,
    pub(crate) stacks: Option<OnStacks>,
    /// In which times are shown.
    pub(crate) zone: Zone,
    /// Whether addresses are shown in full in the place of names.
    pub(crate) addresses: bool,
    /// The settings that the command line or the environment gave.
    pub(crate) given: Vec<Given>,
    /// The variables of the environment that gave a value.
    pub(crate) origins: Origins,
}

/// How the commands of a home reach the node that runs from it.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct RunningNode {
    /// Where it listens.
    pub(crate) url: String,
    /// For whom its certificate is, where that is not the host of the URL.
    pub(crate) name: Option<String>,
    /// Whether it asks new accounts for an invitation by an option of `start`, of which config.toml says nothing.
    pub(crate) asks_for_invitations: bool,
}

/// The line that says so.
const INVITATIONS: &str = "invitations";

impl RunningNode {
    fn read(text: &str) -> Self {
        let mut lines = text.lines().map(str::trim);
        let url = lines.next().unwrap_or_default().to_owned();
        let name = lines.next().filter(|name| !name.is_empty()).map(str::to_owned);
        Self { url, name, asks_for_invitations: lines.next() == Some(INVITATIONS) }
    }

    /// As it stands in the home: a line each.
    pub(crate) fn written(&self) -> String {
        let name = self.name.as_ref().map(|name| format!("{name}\n"));
        let (empty, asks) =
            if self.asks_for_invitations { ("\n", format!("{INVITATIONS}\n")) } else { ("", String::new()) };
        format!("{}\n{}{asks}", self.url, name.unwrap_or_else(|| empty.to_owned()))
    }
}

/// Which variable of the environment gave a value, where one did: an error about the value names it.
#[derive(Debug, Default)]
pub(crate) struct Origins {
    pub(crate) home: Option<&'static str>,
    pub(crate) node: Option<&'static str>,
    pub(crate) chain_id: Option<&'static str>,
    pub(crate) from: Option<&'static str>,
    pub(crate) trust_node: Origin,
    pub(crate) invitation_file: Option<&'static str>,
    pub(crate) ca: Option<&'static str>,
}

/// Where a setting comes from.
#[derive(Debug, Default, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Origin {
    /// The command line.
    Option,
    /// This variable of the environment.
    Variable(&'static str),
    /// `client.toml`.
    #[default]
    File,
}

impl Origins {
    fn of(matches: &ArgMatches) -> Self {
        Self {
            home: variables::that_gave(matches, "home", "SEALDESK_HOME"),
            node: variables::that_gave(matches, "node", "SEALDESK_NODE"),
            chain_id: variables::that_gave(matches, "chain_id", "SEALDESK_CHAIN_ID"),
            from: variables::that_gave(matches, "from", "SEALDESK_FROM"),
            trust_node: match variables::that_gave(matches, "trust_node", "SEALDESK_TRUST_NODE") {
                Some(name) => Origin::Variable(name),
                None if matches.get_flag("trust_node") => Origin::Option,
                None => Origin::File,
            },
            invitation_file: variables::that_gave(matches, "invitation_file", "SEALDESK_INVITATION_FILE"),
            ca: variables::that_gave(matches, "ca", "SEALDESK_CA"),
        }
    }
}

/// What a desk on Stacks is worked with.
#[derive(Debug)]
pub(crate) struct OnStacks {
    /// None was named where it is about to be deployed.
    pub(crate) contract: Option<ContractId>,
    pub(crate) network: Network,
    /// In micro-STX; named by somebody, and so agreed to.
    pub(crate) fee_max: Option<u64>,
}

impl OnStacks {
    /// Completes the options of the command line; `None` for a ledger of one's own.
    fn load(global: &Global, file: &File) -> Result<Option<Self>, String> {
        let file_ledger = file.ledger.as_deref().map(args::ledger).transpose()?;
        let file_contract = file.contract.as_deref().map(args::contract).transpose()?;
        let file_network = file.network.as_deref().map(args::network).transpose()?;
        let contract = global.contract.clone().or(file_contract);
        let implied = if contract.is_some() { Ledger::Stacks } else { Ledger::Native };
        if global.ledger.or(file_ledger).unwrap_or(implied) == Ledger::Native {
            return Ok(None);
        }
        let of_contract = contract.as_ref().map(|contract| Network::of(&contract.deployer));
        let network = global.network.or(of_contract).or(file_network).unwrap_or(Network::Mainnet);
        Ok(Some(Self { contract, network, fee_max: global.fee_max.or(file.fee_max) }))
    }
}

impl Settings {
    /// Completes the options of the command line.
    pub(crate) fn load(global: Global, matches: &ArgMatches) -> Result<Self, Failure> {
        let origins = Origins::of(matches);
        let home = match &global.home {
            Some(home) => home.clone(),
            None => std::env::home_dir().map(|home| home.join(".sealdesk")).ok_or_else(|| {
                Failure::usage("no home folder is known", "name one with --home DIR or SEALDESK_HOME")
            })?,
        };
        let path = home.join(SETTINGS_FILE);
        let file = match read(&path).map_err(|failure| failure.named_by(origins.home)) {
            Ok(file) if !is_mended(matches) || file.check().is_ok() => file,
            // What mends the settings works without them.
            Ok(_) => File::default(),
            Err(_) if is_mended(matches) => File::default(),
            Err(failure) => return Err(failure),
        };
        let wrong = |why: String| {
            Failure::usage(
                format!("{}: {why}", path.display()),
                "`sealdesk config list` shows the settings; `sealdesk config set NAME VALUE` changes one",
            )
        };
        let unknown = |name: &str| wrong(format!("'{name}' is not understood"));
        let stacks = OnStacks::load(&global, &file).map_err(wrong)?;
        let backend = file
            .keyring_backend
            .map(|name| Backend::parse(&name).ok_or_else(|| unknown(&name)))
            .transpose()?;
        let output =
            file.output.map(|name| Format::parse(&name).ok_or_else(|| unknown(&name))).transpose()?;
        let chosen = global.patience.or(file.patience);
        let patience = chosen.unwrap_or(PATIENCE_SECONDS_DEFAULT);
        if !PATIENCE_SECONDS.contains(&patience) {
            return Err(wrong(format!("patience is {patience}, allowed are 1 to 3600 seconds")));
        }
        let usual = Prefix::DEFAULT.to_owned();
        let prefix =
            Prefix::parse(&file.prefix.unwrap_or(usual)).map_err(|error| wrong(error.to_string()))?;
        let given = settings_file::given(matches);
        Ok(Self {
            node: global.node.or(file.node),
            page: matches.subcommand().and_then(|(_, args)| args.try_get_one(PAGE_URL).ok()?.cloned()),
            chain_id: global.chain_id.or(file.chain_id),
            from: global.from.map(|from| from.to_string()).or(file.from),
            backend: global.keyring_backend.or(backend).unwrap_or(Backend::File),
            output: Output::new(global.output.or(output).unwrap_or(Format::Text)).choosing(global.json),
            prefix,
            patience: Duration::from_secs(patience),
            patience_is_given: chosen.is_some(),
            trust_node: global.trust_node || file.trust_node.unwrap_or(false),
            insecure: global.insecure || file.insecure.unwrap_or(false),
            ca: global.ca.or(file.ca),
            trust_first: global.trust_first,
            clock_tolerance: global.clock_tolerance.or(file.clock_tolerance).unwrap_or(0),
            invitation_file: global.invitation_file,
            yes: global.yes,
            verbose: global.verbose,
            stacks,
            given,
            zone: zone(global.utc || file.utc.unwrap_or(false)),
            addresses: global.addresses || file.addresses.unwrap_or(false),
            origins,
            home,
        })
    }

    /// The node to talk to: the one named, else the one that runs from this home, else the one whose page is looked at, else the usual place.
    pub(crate) fn node(&self) -> String {
        let known = self.named_node().or_else(|| self.running_node()).or_else(|| self.page.clone());
        known.unwrap_or_else(|| DEFAULT_NODE.to_owned())
    }

    /// The node that was named by option, environment or settings.
    pub(crate) fn named_node(&self) -> Option<String> {
        self.node.clone()
    }

    /// The node that was started from this home; after a crash it may be gone.
    pub(crate) fn running_node(&self) -> Option<String> {
        self.running().map(|running| running.url)
    }

    /// For whom the certificate of the node is that runs from this home, where that is the node to talk to.
    pub(crate) fn running_name(&self) -> Option<String> {
        if self.node.is_some() { None } else { self.running()?.name }
    }

    /// Whether the node that was started from this home was told to ask new accounts for an invitation.
    pub(crate) fn running_asks_for_invitations(&self) -> bool {
        self.running().is_some_and(|running| running.asks_for_invitations)
    }

    fn running(&self) -> Option<RunningNode> {
        std::fs::read_to_string(self.address_file()).ok().map(|text| RunningNode::read(&text))
    }

    /// Where a running node says how to reach it. It is there while the node runs.
    pub(crate) fn address_file(&self) -> PathBuf {
        self.home.join("node.address")
    }

    /// Remembers what a new desk is made with, so that later commands need not be told. What an attempt that ended before there was a
    /// ledger has remembered is replaced; what somebody wrote stays.
    pub(crate) fn remember(&self, prefix: &Prefix) -> Result<(), Failure> {
        let path = self.home.join("client.toml");
        let mut text = format!("{REMEMBERED}\n");
        if self.backend != Backend::File {
            text.push_str(&format!("keyring-backend = \"{}\"\n", self.backend.name()));
        }
        if prefix.as_str() != Prefix::DEFAULT {
            text.push_str(&format!("prefix = \"{}\"\n", prefix.as_str()));
        }
        let written = match std::fs::read_to_string(&path) {
            Ok(found) if found == text || !is_remembered(&found) => return Ok(()),
            Ok(_) => durable::write_private(&path, text.as_bytes()),
            Err(error) if error.kind() != std::io::ErrorKind::NotFound => return Err(at_home(&path, &error)),
            Err(_) if text.lines().count() == 1 => return Ok(()),
            Err(_) => durable::create_private(&path, text.as_bytes()),
        };
        written.map_err(|error| at_home(&path, &error))
    }
}

/// The first line of what [`Settings::remember`] writes.
const REMEMBERED: &str = "# Options of every command, by their long names; see `sealdesk --help`.";

/// Whether a file is as [`Settings::remember`] wrote it: somebody who changes it adds other options.
fn is_remembered(text: &str) -> bool {
    let mut lines = text.lines();
    let ours = |line: &str| ["keyring-backend = ", "prefix = "].iter().any(|name| line.starts_with(name));
    lines.next() == Some(REMEMBERED) && lines.all(ours)
}

/// Programs and files get UTC: only who sits at a terminal has a zone of their own.
fn zone(utc: bool) -> Zone {
    if utc || !stdout_is_terminal() { Zone::Utc } else { Zone::local() }
}

fn read(path: &Path) -> Result<File, Failure> {
    let text = match std::fs::read_to_string(path) {
        Ok(text) => text,
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => return Ok(File::default()),
        Err(error) => return Err(at_home(path, &error)),
    };
    let text = text.strip_prefix('\u{feff}').unwrap_or(&text);
    toml::from_str(text).map_err(|error| {
        let place = path.display();
        Failure::usage(
            format!("{place}: {}", error.message()),
            "its lines are the long options, as in `output = \"json\"`; `sealdesk config list` shows what can be there",
        )
    })
}
