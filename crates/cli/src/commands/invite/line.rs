//! `sealdesk invite [--for NAME]`.

use std::time::Duration;

use qrcode::render::unicode::Dense1x2;
use qrcode::{EcLevel, QrCode};
use sealdesk_client::contacts::ContactName;
use sealdesk_client::genesis::chain_of;
use sealdesk_client::invite_link::{InviteLink, InviteLinkError};
use sealdesk_client::trust::Pin;
use sealdesk_node::admission::invitations::{Invitation, Invitations, NewInvitation};
use sealdesk_node::home::Home;
use sealdesk_node::http::Origin;
use sealdesk_protocol::circle::Ledger as PinnedLedger;
use sealdesk_protocol::identity::Identity;
use sealdesk_protocol::ids::{Address, ChainId, Prefix};
use sealdesk_protocol::invitation::InvitationCode;
use sealdesk_protocol::json;
use sealdesk_protocol::text::line;
use serde_json::json;

use super::{asks_for_invitations, failed, now};
use crate::args::Ledger;
use crate::context::Context;
use crate::failure::Failure;
use crate::setup::ADMIN;

/// Options of `invite` without a command.
#[derive(Debug, clap::Args)]
pub(crate) struct LineArgs {
    /// For whom it is: their program offers it as the name of their key, and the account that uses the code gets that name here
    #[arg(long = "for", value_name = "NAME", value_parser = name)]
    invited: Option<ContactName>,
    /// Where others reach the node [default: public_url of config.toml, else where this program reaches it]
    #[arg(long, value_name = "URL", value_parser = url)]
    url: Option<String>,
    /// Put a code into the line even if config.toml of this home does not ask for one: the node may have been started to
    #[arg(long)]
    code: bool,
    /// How many accounts the code lets in, from 1 to 1000
    #[arg(long, value_name = "N", default_value_t = 1)]
    uses: u32,
    /// Days for which the code is valid, from 1 to 365
    #[arg(long, value_name = "N", default_value_t = 14)]
    days: u32,
    /// Draw no QR code; one is drawn only at a terminal
    #[arg(long)]
    no_qr: bool,
}

fn name(text: &str) -> Result<ContactName, String> {
    ContactName::parse(text).map_err(|error| error.to_string())
}

fn url(text: &str) -> Result<String, String> {
    Origin::parse(text).map(|origin| origin.as_str().to_owned()).map_err(|error| error.to_string())
}

/// How long the node is asked which ledger it serves, and what others call it.
const ASKED_FOR: Duration = Duration::from_secs(2);

/// The ledger that somebody is invited to.
struct Invited {
    chain_id: ChainId,
    identity: Identity,
    prefix: Prefix,
    /// Whether it is the one of the node whose home this is.
    is_own: bool,
}

impl Invited {
    fn of(pin: &Pin) -> Self {
        let PinnedLedger { chain_id, prefix, identity } = pin.ledger.clone();
        Self { chain_id, identity, prefix, is_own: false }
    }
}

/// What a node says of itself.
struct Served {
    url: String,
    chain_id: String,
    /// Where others reach it.
    public: Option<String>,
}

pub(super) async fn run(context: &Context, args: &LineArgs) -> Result<(), Failure> {
    if context.ledger() == Ledger::Stacks {
        return Err(Failure::usage(
            "a contract on Stacks is found by its name: nobody is invited to it",
            "tell them --contract ADDRESS.NAME",
        ));
    }
    let home = Home::new(context.home());
    let written = if home.is_initialised() { home.config()?.port.public_url } else { None };
    let served = served(context, args, written.is_some()).await;
    let invited = ledger(context, &home, served.as_ref())?;
    let node = address(context, args, Place { invited: &invited, written, served })?;
    let Invited { chain_id, identity, prefix, is_own } = invited;
    if let Some(known) = args.invited.as_ref().and_then(|invited| context.names().called(invited.as_str())) {
        context.output().note(&format!("note: {} is the name of {} already", known.name, known.address));
    }
    let inviter = inviter(context, &prefix);
    let mut link =
        InviteLink { node, chain_id, identity, prefix, invited: args.invited.clone(), inviter, code: None };
    // A line that could not be printed costs no code.
    link.to_line().map_err(|error| unwritten(&error))?;
    let made = code(context, args, Some(home).filter(|_| is_own))?;
    let (invitation, code) = made.map_or((None, None), |(invitation, code)| (Some(invitation), Some(code)));
    link.code = code;
    let line = link.to_line().map_err(|error| unwritten(&error))?;
    if link.is_of_this_computer() {
        context.output().note(&format!(
            "warning: {} leads nowhere but to this computer; name what others reach with --url, or as public_url in config.toml",
            link.node
        ));
    }
    let words = identity.words();
    let value = json!({
        "line": line.as_str(),
        "node": link.node,
        "ledger": link.chain_id.as_str(),
        "identity": identity.to_string(),
        "words": words,
        "invitation": invitation.as_ref().map(|made| json!({ "id": made.id, "uses": made.uses, "expires": json::time(made.expires) })),
    });
    context.output().done(&value, || {
        let code = invitation.as_ref().map_or_else(String::new, |made| {
            format!(
                "\n  it lets in {}, until {}; `sealdesk invite revoke {}` revokes it",
                accounts(made),
                context.zone().alone(made.expires),
                made.id
            )
        });
        let drawn = if args.no_qr { None } else { drawn(context, &line) };
        let drawn = drawn.map_or_else(String::new, |drawn| format!("\n\n{drawn}"));
        format!("{}\n  in words: {words}{code}{drawn}", line.as_str())
    })
}

fn accounts(made: &Invitation) -> String {
    crate::table::count(made.uses, "new account")
}

/// What the node says that the line is about; nothing where it does not answer soon.
async fn served(context: &Context, args: &LineArgs, is_written: bool) -> Option<Served> {
    let settings = context.settings();
    let named = settings.named_node().or_else(|| args.url.clone()).or_else(|| settings.running_node());
    // A stranger at the usual place has nothing to do with a line that names another.
    let url = named.or_else(|| (!is_written).then(|| settings.node()))?;
    let node = context.node_for_a_moment(&url, ASKED_FOR).await?;
    let status = tokio::time::timeout(ASKED_FOR, node.status()).await.ok()?.ok()?;
    Some(Served { url, public: status.addresses.get("public").cloned(), chain_id: status.chain_id })
}

/// The ledger of this home's node, or the one that this home follows from there; where there is none, the one that this home has agreed to.
/// A line that names one ledger and leads to another's node is of no use to anybody.
fn ledger(context: &Context, home: &Home, served: Option<&Served>) -> Result<Invited, Failure> {
    let pins = context.pins()?;
    let wished = context.settings().chain_id.as_deref();
    let said = served.map(|served| served.chain_id.as_str());
    let is_wished = |pin: &&Pin| wished.is_none_or(|wished| wished == pin.chain_id().as_str());
    let agreed: Vec<&Pin> = pins.iter().filter(|pin| pin.agreed).filter(is_wished).collect();
    let is_served = |pin: &&&Pin| said == Some(pin.chain_id().as_str());
    if home.is_initialised() {
        let chain = chain_of(&home.genesis()?).map_err(|error| Failure::new(error.to_string()))?;
        let (identity, is_own) = (chain.identity(), true);
        let newest = pins.newest_after(&identity).filter(|pin| pin.agreed).map(Invited::of);
        let own = Invited { chain_id: chain.chain_id, identity, prefix: chain.prefix, is_own };
        // The home of a ledger that its administrators left has met the next one, whether or not it has seen their votes.
        let led_on = agreed.iter().filter(|pin| pin.ledger.identity != identity).find(is_served);
        let meant = newest.or_else(|| led_on.map(|pin| Invited::of(pin))).unwrap_or(own);
        return as_served(meant, served);
    }
    let found =
        match agreed.as_slice() {
            [pin] => Ok(*pin),
            [] => Err(Failure::usage(
                "this home knows no desk to invite anyone to",
                "`sealdesk start` makes one; --home names the home of another",
            )),
            several => several.iter().find(is_served).copied().ok_or_else(|| {
                Failure::usage("this home knows several desks", "say which one with --chain-id")
            }),
        };
    as_served(Invited::of(found?), served)
}

/// The ledger that is meant, unless the node serves another.
fn as_served(meant: Invited, served: Option<&Served>) -> Result<Invited, Failure> {
    let Some(Served { url, chain_id: said, .. }) =
        served.filter(|served| served.chain_id != meant.chain_id.as_str())
    else {
        return Ok(meant);
    };
    let chain_id = &meant.chain_id;
    Err(Failure::usage(
        format!("{} serves the ledger {}, but the invitation would be to {chain_id}", line(url), line(said)),
        format!(
            "name a node of {chain_id} with --node; or, if the other one is meant, `sealdesk trust IDENTITY` and then any command at that node"
        ),
    ))
}

/// What is known of where the node is.
struct Place<'a> {
    invited: &'a Invited,
    /// What the settings of this home say, where it is the home of a node.
    written: Option<String>,
    served: Option<Served>,
}

/// Where others reach the node.
fn address(
    context: &Context,
    args: &LineArgs,
    Place { invited, written, served }: Place<'_>,
) -> Result<String, Failure> {
    if let Some(url) = &args.url {
        return Ok(url.clone());
    }
    let hint = "name where others reach the node with --url URL";
    let has_left = !invited.is_own && Home::new(context.home()).is_initialised();
    // A node that runs knows better than any file what others call it.
    let found = match (written.filter(|_| invited.is_own), served) {
        (Some(public), _) => public,
        (None, Some(served)) => served.public.unwrap_or(served.url),
        (None, None) if has_left && context.settings().named_node().is_none() => {
            let said = format!("this home's ledger continues as {}, at another node", invited.chain_id);
            return Err(Failure::usage(said, hint));
        }
        (None, None) => context.settings().node(),
    };
    url(&found).map_err(|why| Failure::usage(why, hint))
}

/// Who invites, where that is clear: what their key is called, and its address. Where nobody says so, it is the one who made the desk.
fn inviter(context: &Context, prefix: &Prefix) -> Option<(ContactName, Address)> {
    let maker =
        || context.own_keys().iter().any(|(name, _)| name == ADMIN).then(|| context.address(ADMIN).ok());
    let address =
        context.own_address().ok().or_else(|| maker()?).filter(|address| address.prefix() == *prefix)?;
    let name = context.names().of(address.as_str())?;
    Some((ContactName::parse(&name.name).ok()?, address))
}

/// A fresh code, where the desk asks for one. `home` is that of its node, where it is here.
fn code(
    context: &Context,
    args: &LineArgs,
    home: Option<Home>,
) -> Result<Option<(Invitation, InvitationCode)>, Failure> {
    let Some(home) = home.filter(Home::is_initialised) else {
        return if args.code { Err(HomeHasNoNode.into()) } else { Ok(None) };
    };
    if !args.code && !asks_for_invitations(context, &home)? {
        return Ok(None);
    }
    let label = args.invited.as_ref().map(ToString::to_string).unwrap_or_default();
    let new = NewInvitation { label, uses: args.uses, days: args.days };
    Invitations::of(home.path()).make(&new, now()).map(Some).map_err(|error| failed(&error))
}

/// Codes are the node's, and made in its home alone.
struct HomeHasNoNode;

impl From<HomeHasNoNode> for Failure {
    fn from(HomeHasNoNode: HomeHasNoNode) -> Self {
        Self::usage(
            "this home has no node, and codes are made where the node's home is",
            "ask its operator for `sealdesk invite --for NAME`, or leave --code out",
        )
    }
}

fn unwritten(error: &InviteLinkError) -> Failure {
    Failure::usage(
        format!("the line cannot be written: {error}"),
        "shorten the name, or name the node with --url URL",
    )
}

/// What a camera reads, where a person sees it: light where the terminal is dark. `None` where it has no room.
fn drawn(context: &Context, line: &str) -> Option<String> {
    let width = context.output().width()?;
    let code = QrCode::with_error_correction_level(line.as_bytes(), EcLevel::L).ok()?;
    let drawn = code.render::<Dense1x2>().dark_color(Dense1x2::Light).light_color(Dense1x2::Dark).build();
    let fits = drawn.lines().next().is_some_and(|first| first.chars().count() < width);
    fits.then_some(drawn)
}
