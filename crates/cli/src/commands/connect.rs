//! `sealdesk connect LINE`: sets a home up for a desk by the line that its administrator sent: what it believes, where it asks, a key.

use std::path::Path;

use sealdesk_client::Error as ClientError;
use sealdesk_client::contacts::ContactName;
use sealdesk_client::desk::Desk;
use sealdesk_client::durable;
use sealdesk_client::invite_link::{InviteLink, InviteLinkError};
use sealdesk_client::keyring::{Backend, KeyName, KeyringError};
use sealdesk_client::node::{Node, Reach};
use sealdesk_client::trust::pins::Pins;
use sealdesk_client::trust::{Pin, Trust};
use sealdesk_envelope::PhraseLength;
use sealdesk_node::home::Home;
use sealdesk_protocol::identity::Identity;
use sealdesk_protocol::ids::Prefix;
use serde_json::json;
use zeroize::Zeroizing;

use crate::args::Ledger;
use crate::config::INVITATION_FILE;
use crate::context::Context;
use crate::failure::{Failure, at_home};
use crate::paths::make_home;
use crate::settings_file::{change, standing};
use crate::{plain_http, prompt, table, text_input};

/// Longest input that is read for a line, in bytes.
const INPUT_BYTES_MAX: u64 = 4_096;
/// What a key is called where neither its owner nor the line says so.
const NAMELESS: &str = "me";

/// Options of `connect`.
#[derive(Debug, clap::Args)]
#[command(
    after_help = "This pins the ledger that the line names, so no other is believed, writes node and ledger into client.toml, keeps the code of the \
        invitation, and makes a key, or takes the one that is there. The line is a secret as long as its code is good: other users of this computer \
        see it on the command line, and not when it is pasted or piped in.\n\n\
        Example: sealdesk connect -"
)]
pub(crate) struct Args {
    /// The line, as `sealdesk invite` printed it; `-` reads standard input [default: it is asked for]
    #[arg(value_name = "LINE")]
    line: Option<String>,
    /// What your key is called in this home [default: that of `from`, or the only one; in a home without keys the name in the line, else me]
    #[arg(long, value_name = "NAME")]
    name: Option<String>,
}

pub(super) async fn run(context: &Context, args: &Args) -> Result<(), Failure> {
    if context.ledger() == Ledger::Stacks {
        return Err(Failure::usage(
            "this home is for a contract on Stacks",
            "name another home with --home DIR",
        ));
    }
    let link = InviteLink::parse(&line(context, args)?).map_err(|error| misread(&error))?;
    check_home(context, &link)?;
    let wished = key_name(context, &link, args.name.as_deref())?;
    plain_http::check(&link.node, context.settings().insecure)?;
    if link.is_of_this_computer() {
        context.output().note(&format!(
            "warning: {} is this computer: the line works where the desk itself runs, and nowhere else",
            link.node
        ));
    }
    make_home(context.home())?;
    let absent = meet(context, &link).await?;
    let key = key(context, &link, wished)?;
    keep_code(context, &link)?;
    settle(context, &link, &key)?;
    if let Some((name, address)) = &link.inviter {
        meet_inviter(context, &key, name, address.as_str());
    }
    tell(context, &link, &key, absent)
}

fn line(context: &Context, args: &Args) -> Result<Zeroizing<String>, Failure> {
    match args.line.as_deref() {
        Some("-") => {
            let text = text_input::text(context, Path::new("-"), INPUT_BYTES_MAX)?;
            // `invite` prints words below the line.
            Ok(Zeroizing::new(
                text.lines().find(|line| !line.trim().is_empty()).unwrap_or_default().to_owned(),
            ))
        }
        Some(line) => Ok(Zeroizing::new(line.to_owned())),
        None if context.output().is_interactive() => {
            prompt::ask("Paste the line of your invitation (not shown): ")
        }
        None => Err(Failure::usage(
            "no line to connect by, and no terminal to ask at",
            "pipe it in: `sealdesk connect - < FILE`",
        )),
    }
}

fn misread(error: &InviteLinkError) -> Failure {
    let hint = match error {
        InviteLinkError::TooLong | InviteLinkError::NotALink => {
            "copy the whole line that `sealdesk invite` printed, from https:// to its end"
        }
        InviteLinkError::IdentityAlone => {
            "`sealdesk trust LINK` pins it; `sealdesk config set node URL` says where its node is"
        }
        InviteLinkError::Broken | InviteLinkError::CutOff => "copy it again, as one line, to its end",
        InviteLinkError::Altered => "ask for the line again, by another route; this one was not used",
        InviteLinkError::Version | InviteLinkError::Field(_) => {
            "`sealdesk version` shows yours: the desk may run a newer one; ask for its program, or for another line"
        }
    };
    Failure::usage(error.to_string(), hint)
}

/// A home is for one desk, and that of a node is for its own.
fn check_home(context: &Context, link: &InviteLink) -> Result<(), Failure> {
    let another = "name another home for this desk with --home DIR";
    if Home::new(context.home()).is_initialised() {
        let home = context.shown(context.home());
        return Err(Failure::usage(format!("{home} has a desk of its own"), another));
    }
    let written = standing(context.home())?;
    let other = written.iter().find(|(name, value)| name == "chain-id" && value != link.chain_id.as_str());
    if let Some((_, other)) = other {
        return Err(Failure::usage(
            format!("this home is for the ledger {other}, and the line is for {}", link.chain_id),
            format!("{another}; `sealdesk config unset chain-id` frees this one"),
        ));
    }
    let is_for_ledger =
        written.iter().any(|(name, value)| name == "chain-id" && value == link.chain_id.as_str());
    let pins = context.pins()?;
    check_pins(&pins, link, is_for_ledger)?;
    if is_for_ledger { Ok(()) } else { ask_beside(context, &pins, link) }
}

/// A home that believes another ledger, and does not say which one it is for, would be for that of the line from then on: whoever means
/// that says so.
fn ask_beside(context: &Context, pins: &Pins, link: &InviteLink) -> Result<(), Failure> {
    let is_known = pins.of_identity(&link.identity).is_some() || is_named(pins, &link.identity);
    let other = pins.iter().find(|pin| pin.agreed).filter(|_| !is_known);
    let Some(other) = other else { return Ok(()) };
    let (known, chain_id) = (other.chain_id(), &link.chain_id);
    if !context.output().is_interactive() && !context.settings().yes {
        return Err(Failure::usage(
            format!("this home believes the ledger {known}, and the line is for {chain_id}"),
            "name another home for this desk with --home DIR; with --yes this home is for both, and by default for the new one",
        ));
    }
    let question = format!(
        "This home believes the ledger {known}, and the line is for {chain_id}. Its commands would then go to {chain_id}: another home keeps the \
         two apart (--home DIR). Use this one anyway?"
    );
    prompt::confirm(context.output(), context.settings().yes, &question)
}

/// A line replaces nothing that this home believes: whoever means another ledger of a known name says so with `sealdesk trust`.
fn check_pins(pins: &Pins, link: &InviteLink, is_for_ledger: bool) -> Result<(), Failure> {
    let is_other = match pins.get(&link.chain_id) {
        Some(pin) => pin.ledger.identity != link.identity,
        // A home that was set up while its node was away waits for the identity that it was told.
        None => is_for_ledger && pins.trusted().next().is_some(),
    };
    if !is_other || is_named(pins, &link.identity) {
        return Ok(());
    }
    let (chain_id, identity) = (&link.chain_id, &link.identity);
    Err(Failure::usage(
        format!("this home believes another ledger named {chain_id}: the line is for {identity}"),
        format!(
            "the line may come from a stranger; use another home with --home DIR, or ask the desk's administrators, by a route other than \
             by this line, for its identity: if it is that one, `sealdesk trust {identity}`, and connect again"
        ),
    ))
}

/// Whether somebody named this identity, and no node has shown it yet.
fn is_named(pins: &Pins, identity: &Identity) -> bool {
    pins.trusted().any(|named| named == identity)
}

/// Looks whether the node serves the ledger, and pins it. A node that serves another is an error; why none answers is given back.
async fn meet(context: &Context, link: &InviteLink) -> Result<Option<Failure>, Failure> {
    let mut pins = context.pins()?;
    let known = pins.of_identity(&link.identity).cloned();
    let trust = known.map_or_else(|| Trust::Named(vec![link.identity]), |pin| Trust::Pinned(Box::new(pin)));
    let reach = Reach::of_machine().believing(context.authorities()?);
    let opened = async {
        let node = Node::connect_by(&reach, &link.node, context.settings().patience).await?;
        let desk = Desk::open(node, trust).await?;
        desk.expect_chain(&link.chain_id)?;
        Ok::<_, ClientError>(desk)
    };
    let (pin, absent) = match opened.await {
        Ok(desk) => (Some(desk.pin()), None),
        Err(ClientError::Node(error)) => (None, Some(error.into())),
        Err(other) => return Err(other.into()),
    };
    match pin {
        // Whoever has the line was told which ledger it is.
        Some(pin) => {
            let pin = Pin { agreed: true, ..pin };
            let is_other =
                pins.get(pin.chain_id()).is_some_and(|known| known.ledger.identity != pin.ledger.identity);
            // Another one of a known name counts where somebody named it with `sealdesk trust`.
            if is_other && is_named(&pins, &link.identity) { pins.trust(pin)? } else { pins.keep(pin)? }
        }
        None => pins.trust_identity(link.identity)?,
    }
    Ok(absent)
}

/// The key of this home: one that was there, or a new one with its phrase.
struct Key {
    name: KeyName,
    address: String,
    phrase: Option<Zeroizing<String>>,
}

/// How the key is called, and whether it may be one that is there.
struct Wished {
    name: String,
    may_be_there: bool,
}

/// Whose key it is: never the line says which of those that are there.
fn key_name(context: &Context, link: &InviteLink, wished: Option<&str>) -> Result<Wished, Failure> {
    let there = |name: &str| Wished { name: name.to_owned(), may_be_there: true };
    if let Some(wished) = wished {
        return Ok(there(wished));
    }
    let (own, from) = (context.own_keys(), context.settings().from.as_deref());
    let is_from = |(name, address): &&(String, String)| {
        from.is_some_and(|from| name.as_str() == from || address.as_str() == from)
    };
    if let Some((name, _)) = own.iter().find(is_from) {
        return Ok(there(name));
    }
    match own {
        [(only, _)] => Ok(there(only)),
        [] => {
            let named = link.invited.as_ref().map(|name| name.as_str().to_lowercase().replace(' ', "-"));
            let named = named.filter(|name| KeyName::parse(name).is_ok());
            Ok(Wished { name: named.unwrap_or_else(|| NAMELESS.to_owned()), may_be_there: false })
        }
        several => {
            let names: Vec<&str> = several.iter().map(|(name, _)| name.as_str()).collect();
            Err(Failure::usage(
                "which key is for this desk?",
                format!(
                    "add --name NAME; here there are {}, and another name makes a new key",
                    names.join(", ")
                ),
            ))
        }
    }
}

fn key(context: &Context, link: &InviteLink, wished: Wished) -> Result<Key, Failure> {
    let keyring = context.keyring()?;
    let Wished { name, may_be_there } = wished;
    match keyring.show(&name) {
        Ok(_) if !may_be_there => {
            return Err(Failure::usage(
                format!("this home has a key named {name} already"),
                format!("`--name {name}` takes it; another name makes a new key"),
            ));
        }
        Ok(info) => {
            let address = info.address(&link.prefix).to_string();
            return Ok(Key { name: info.name, address, phrase: None });
        }
        Err(KeyringError::NotFound(_)) => {}
        Err(error) => return Err(error.into()),
    }
    context.free_for_key(&name)?;
    let passphrase = context.new_passphrase(&keyring)?;
    let added = keyring.add(&name, passphrase, PhraseLength::TwentyFour, &mut getrandom::SysRng)?;
    let address = added.info.address(&link.prefix).to_string();
    Ok(Key { name: added.info.name, address, phrase: Some(Zeroizing::new(added.phrase.to_string())) })
}

/// Keeps the code where every command of this home finds it, with the desk that it is for: no other is shown it.
fn keep_code(context: &Context, link: &InviteLink) -> Result<(), Failure> {
    let Some(code) = &link.code else { return Ok(()) };
    let path = context.home().join(INVITATION_FILE);
    let (code, identity) = (code.reveal(), link.identity.to_string());
    let room = code.len().saturating_add(identity.len()).saturating_add(2);
    let mut text = Zeroizing::new(String::with_capacity(room));
    for line in [code.as_str(), &identity] {
        text.push_str(line);
        text.push('\n');
    }
    durable::write_private(&path, text.as_bytes()).map_err(|error| at_home(&path, &error))
}

/// Writes down which desk this home is for.
fn settle(context: &Context, link: &InviteLink, key: &Key) -> Result<(), Failure> {
    let settings = context.settings();
    let mut changes = vec![
        ("node", Some(link.node.as_str().into())),
        ("chain-id", Some(link.chain_id.as_str().into())),
        ("from", Some(key.name.as_str().into())),
    ];
    if link.prefix.as_str() != Prefix::DEFAULT {
        changes.push(("prefix", Some(link.prefix.as_str().into())));
    }
    if settings.backend != Backend::File {
        changes.push(("keyring-backend", Some(settings.backend.name().into())));
    }
    if settings.insecure && link.node.starts_with("http://") && !link.is_of_this_computer() {
        changes.push(("insecure", Some(true.into())));
    }
    change(context.home(), &changes)?;
    for given in settings.given.iter().filter(|given| given.by_variable) {
        let counts = changes.iter().any(|(name, _)| *name == given.name);
        if counts && given.name != "keyring-backend" {
            context.output().note(&format!(
                "note: a variable of the environment says that {} is {}, and counts before what was written here",
                given.name, given.value
            ));
        }
    }
    Ok(())
}

/// Gives whoever invited the name that they call themselves, unless this home has a name for them, or that name for somebody else. Only the
/// line says who they are.
fn meet_inviter(context: &Context, key: &Key, name: &ContactName, address: &str) {
    if address == key.address {
        return;
    }
    let note = |why: String| {
        context.output().note(&format!(
            "note: the person inviting you uses the name {name} ({address}), but gets no name here: {why}"
        ));
    };
    if let Some(known) = context.names().of(address) {
        if known.name != name.as_str() {
            note(format!("this home calls that address {}", known.name));
        }
        return;
    }
    if let Some(known) = context.names().called(name.as_str()) {
        return note(format!("{} is {} in this home", known.name, known.address));
    }
    if name.as_str().eq_ignore_ascii_case(key.name.as_str()) {
        return note("this is the name of your key".to_owned());
    }
    match context.call_somebody(name, address) {
        Ok(_) => context.output().note(&format!(
            "note: the person inviting you is now called {name} ({address}) in this home, as the line says"
        )),
        Err(failure) => note(failure.to_string()),
    }
}

fn tell(context: &Context, link: &InviteLink, key: &Key, absent: Option<Failure>) -> Result<(), Failure> {
    let words = link.identity.words();
    let mut value = json!({
        "ledger": link.chain_id.as_str(),
        "identity": link.identity.to_string(),
        "words": words,
        "node": link.node,
        "reached": absent.is_none(),
        "key": { "name": key.name.as_str(), "address": key.address, "new": key.phrase.is_some() },
    });
    if let Some(phrase) = &key.phrase {
        value["recovery_phrase"] = phrase.as_str().into();
    }
    context.output().done(&value, || {
        let met = match &absent {
            None => "its node answered, and the ledger is the one that the line names".to_owned(),
            Some(why) => {
                format!("its node does not answer now ({why}); no other ledger will be believed in its place")
            }
        };
        let facts = table::fields(&[
            ("  ledger", link.chain_id.to_string()),
            ("  in words", words.clone()),
            ("  node", link.node.clone()),
            ("  your key", format!("{} ({})", key.name, key.address)),
        ]);
        let phrase = key.phrase.as_ref().map_or_else(String::new, |phrase| {
            format!(
                "\n\nRecovery phrase, shown this once. Write it down and keep it secret:\n\n{}",
                table::phrase(phrase)
            )
        });
        let home = context.home_option();
        format!(
            "This home is set up for the desk: {met}.\n{facts}{phrase}\n\n\
             Now write to the desk: sealdesk{home} new --category technical --subject S --message M"
        )
    })
}
