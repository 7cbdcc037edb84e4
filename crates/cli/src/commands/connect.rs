//! `sealdesk connect LINE`: sets a home up for a desk by the line that its administrator sent: what it believes, where it asks, a key.

use std::path::Path;

use sealdesk_client::Error as ClientError;
use sealdesk_client::contacts::ContactName;
use sealdesk_client::desk::Desk;
use sealdesk_client::durable;
use sealdesk_client::invite_link::{InviteLink, InviteLinkError};
use sealdesk_client::keyring::{Backend, KeyName, KeyringError};
use sealdesk_client::node::{Node, Reach};
use sealdesk_client::trust::Trust;
use sealdesk_envelope::PhraseLength;
use sealdesk_node::home::Home;
use sealdesk_protocol::ids::Prefix;
use serde_json::json;
use zeroize::Zeroizing;

use crate::args::Ledger;
use crate::config::INVITATION_FILE;
use crate::context::Context;
use crate::failure::{Failure, at_home};
use crate::paths::make_home;
use crate::settings_file::{change, standing};
use crate::{outside, plain_http, prompt, table};

/// Longest input that is read for a line, in bytes.
const INPUT_BYTES_MAX: u64 = 4_096;
/// What a key is called where neither its owner nor the line says so.
const NAMELESS: &str = "me";

/// Options of `connect`.
#[derive(Debug, clap::Args)]
#[command(
    after_help = "It pins the ledger that the line names, so that no other is believed, writes node and ledger into client.toml, keeps the code of the \
        invitation, and makes a key, or takes the one that is there. The line is a secret as long as its code is good: other users of this computer \
        see it on the command line, and not when it is pasted or piped in.\n\n\
        Example: sealdesk connect - < line.txt"
)]
pub(crate) struct Args {
    /// The line, as `sealdesk invite` printed it; `-` reads standard input [default: it is asked for]
    #[arg(value_name = "LINE")]
    line: Option<String>,
    /// What your key is called in this home [default: the only key, else the name in the line, else me]
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
    plain_http::check(&link.node, context.settings().insecure)?;
    if link.is_of_this_computer() {
        context.output().note(&format!(
            "warning: {} is this computer: the line works where the desk itself runs, and nowhere else",
            link.node
        ));
    }
    make_home(context.home())?;
    let absent = meet(context, &link).await?;
    let key = key(context, &link, args.name.as_deref())?;
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
            let text = outside::text(context, Path::new("-"), INPUT_BYTES_MAX)?;
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
        InviteLinkError::Altered => "ask for the line again, in another way; nothing of this one was used",
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
    Ok(())
}

/// Pins the ledger, and looks whether the node serves it. A node that serves another is an error; why none answers is given back.
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
    pins.trust_identity(link.identity)?;
    if let Some(pin) = pin {
        // Whoever has the line was told which ledger it is.
        pins.keep(sealdesk_client::trust::Pin { agreed: true, ..pin })?;
    }
    Ok(absent)
}

/// The key of this home: one that was there, or a new one with its phrase.
struct Key {
    name: KeyName,
    address: String,
    phrase: Option<Zeroizing<String>>,
}

fn key(context: &Context, link: &InviteLink, wished: Option<&str>) -> Result<Key, Failure> {
    let keyring = context.keyring()?;
    let name = match (wished, context.own_keys()) {
        (Some(wished), _) => wished.to_owned(),
        (None, [(only, _)]) => only.clone(),
        (None, _) => {
            let named = link.invited.as_ref().map(|name| name.as_str().to_lowercase().replace(' ', "-"));
            named.filter(|name| KeyName::parse(name).is_ok()).unwrap_or_else(|| NAMELESS.to_owned())
        }
    };
    match keyring.show(&name) {
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

/// Keeps the code where every command of this home finds it.
fn keep_code(context: &Context, link: &InviteLink) -> Result<(), Failure> {
    let Some(code) = &link.code else { return Ok(()) };
    let path = context.home().join(INVITATION_FILE);
    let code = code.reveal();
    let mut text = Zeroizing::new(String::with_capacity(code.len().saturating_add(1)));
    text.push_str(&code);
    text.push('\n');
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

/// Calls whoever invited what they call themselves, where nobody is called so.
fn meet_inviter(context: &Context, key: &Key, name: &ContactName, address: &str) {
    if address == key.address || name.as_str() == key.name.as_str() {
        return;
    }
    if let Err(failure) = context.call_somebody(name, address) {
        context.output().note(&format!("note: whoever invites you gets no name here: {failure}"));
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
