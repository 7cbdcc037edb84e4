//! How a desk is made: the administrator's key, the ledger's genesis, and whom this home believes from then on.

use std::path::Path;
use std::time::{SystemTime, UNIX_EPOCH};

use sealdesk_client::actor::{Actor, PhraseLength};
use sealdesk_client::durable;
use sealdesk_client::genesis::{chain_of, list_key, new_desk, pin_of};
use sealdesk_client::keyring::{Keyring, KeyringError};
use sealdesk_node::home::{Home, SOLO_NAME, new_chain_id};
use sealdesk_protocol::genesis::{Genesis, GenesisValidator};
use sealdesk_protocol::ids::{Address, ChainId, Prefix};
use zeroize::Zeroizing;

use crate::context::Context;
use crate::failure::{Failure, at_home};
use crate::{prompt, service_manager, table, variables};

/// Name of the key that a new desk is made with.
pub(crate) const ADMIN: &str = "admin";

/// What can be chosen for a new desk.
#[derive(Debug, clap::Args)]
pub(crate) struct Options {
    /// What addresses of a new desk begin with; chosen once, for ever
    #[arg(long, value_name = "PREFIX", default_value = Prefix::DEFAULT, value_parser = prefix)]
    prefix: Prefix,
    /// Who administers a new desk, where their key is kept elsewhere: no key of an administrator is made here
    #[arg(long, value_name = "ADDRESS")]
    administrator: Option<String>,
}

impl Options {
    /// What addresses begin with.
    pub(crate) fn prefix(&self) -> &Prefix {
        &self.prefix
    }
}

fn prefix(text: &str) -> Result<Prefix, String> {
    Prefix::parse(text).map_err(|error| error.to_string())
}

/// A desk that was just made.
pub(crate) struct Made {
    pub(crate) genesis: Genesis,
    pub(crate) admin: Address,
    /// Whether the administrator's key is in this home.
    pub(crate) has_key: bool,
    /// Where the administrator's recovery phrase is to be found, in words; the phrase itself where a person reads.
    pub(crate) phrase: String,
}

/// What a person should know of a new desk.
pub(crate) fn summary(context: &Context, made: &Made) -> String {
    let administrator =
        if made.has_key { format!("{ADMIN} ({})", made.admin) } else { made.admin.to_string() };
    let identity = chain_of(&made.genesis).map(|chain| chain.identity());
    let (hex, words) = identity.map(|found| (found.to_string(), found.words())).unwrap_or_default();
    let facts = [
        ("  ledger", made.genesis.chain_id.clone()),
        ("  identity", hex),
        ("  in words", words),
        ("  administrator", administrator),
        ("  genesis", context.shown(&Home::new(context.home()).genesis_file())),
    ];
    let facts = table::fields_within(&facts, context.output().width());
    format!("Made a new desk in {}.\n{facts}\n\n{}", context.shown(context.home()), made.phrase)
}

/// Makes a desk in this home. The genesis is written last: without it, nothing was begun, and this can be repeated.
pub(crate) fn make(context: &Context, options: &Options) -> Result<Made, Failure> {
    let home = Home::new(context.home());
    home.expect_unbegun()?;
    private_dir(context.home())?;
    let begun = begin(context, options, vec![home.own_validator(SOLO_NAME)?])?;
    // Whatever a later command needs is there before the genesis is: with that, nothing is made again. Only the pin comes after it, since
    // before it there is no ledger to believe; `start` keeps it where this ends in between.
    context.settings().remember(&options.prefix)?;
    let genesis = home.init(begun.genesis)?;
    pin(context, &genesis)?;
    Ok(Made { genesis, ..begun })
}

/// The beginning of a new desk of these validators. The administrator's key is made if it is not there, unless they keep it elsewhere.
pub(crate) fn begin(
    context: &Context,
    options: &Options,
    validators: Vec<GenesisValidator>,
) -> Result<Made, Failure> {
    private_dir(context.home())?;
    let chain_id = match &context.settings().chain_id {
        Some(text) => ChainId::parse(text)
            .map_err(|e| Failure::usage(e.to_string(), "leave --chain-id out for a random one"))?,
        None => new_chain_id("desk")?,
    };
    let now = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default().as_secs();
    let now = i64::try_from(now).unwrap_or(i64::MAX);
    if let Some(text) = &options.administrator {
        let admin = Address::parse(&options.prefix, text).map_err(|error| {
            Failure::usage(
                error.to_string(),
                "`sealdesk keys show NAME` where their key is tells the address",
            )
        })?;
        let genesis = new_desk(&chain_id, &options.prefix, std::slice::from_ref(&admin), validators, now)?;
        let phrase = "Their key was never here: they have to publish one with `sealdesk keys register` before anyone can write.";
        return Ok(Made { genesis, admin, has_key: false, phrase: phrase.to_owned() });
    }
    ensure_passphrase(context)?;
    let keyring = context.keyring()?;
    let (actor, phrase) = administrator(context, &keyring)?;
    let admin = actor.address(&options.prefix);
    let mut genesis = new_desk(&chain_id, &options.prefix, std::slice::from_ref(&admin), validators, now)?;
    list_key(&mut genesis, &actor)?;
    Ok(Made { genesis, admin, has_key: true, phrase })
}

/// Remembers the new ledger: whoever made it need not trust the first answer.
pub(crate) fn pin(context: &Context, genesis: &Genesis) -> Result<(), Failure> {
    let pin = pin_of(genesis).map_err(|error| Failure::new(error.to_string()))?;
    Ok(context.pins()?.keep(pin)?)
}

/// Remembers the ledger of this home, where that was not done when it was made: the program may have ended in between. A node runs without
/// it, so what is in the way is only said.
pub(crate) fn pin_own(context: &Context, chain_id: &str) {
    let kept = || match context.pins()?.iter().any(|pin| pin.chain_id().as_str() == chain_id) {
        true => Ok(()),
        false => pin(context, &Home::new(context.home()).genesis()?),
    };
    let kept: Result<(), Failure> = kept();
    if let Err(failure) = kept {
        context
            .output()
            .note(&format!("note: this ledger's identity cannot be remembered: {}", failure.beside()));
    }
}

/// The administrator's key, and where its phrase is. A key of that name that is there already is used.
fn administrator(context: &Context, keyring: &Keyring) -> Result<(Actor, String), Failure> {
    // A key that is there and cannot be used is another matter than one that is not there.
    let is_there = match keyring.show(ADMIN) {
        Ok(_) => true,
        Err(KeyringError::NotFound(_)) => false,
        Err(error) => return Err(error.into()),
    };
    if is_there {
        let actor = context.unlocked(keyring, ADMIN)?;
        return Ok((actor, format!("The key {ADMIN} was there already: sealdesk keys export {ADMIN}")));
    }
    let passphrase = context.new_passphrase(keyring)?;
    let added = keyring.add(ADMIN, passphrase, PhraseLength::TwentyFour, &mut getrandom::SysRng)?;
    let told = tell_phrase(context, &added.phrase);
    Ok((keyring.unlock(ADMIN, passphrase)?, told))
}

/// Shows the phrase to a person. Where nobody reads, it is written nowhere: the keyring has it, and tells it to whoever unlocks that.
fn tell_phrase(context: &Context, phrase: &str) -> String {
    if context.output().is_interactive() && !context.output().is_json() {
        return format!(
            "Recovery phrase of {ADMIN}, shown this once. Write it down and keep it secret:\n\n{}",
            table::phrase(phrase)
        );
    }
    format!(
        "The recovery phrase of {ADMIN} was not shown and is written nowhere. At a terminal, write it down and keep it secret:\n  \
         sealdesk{} keys export {ADMIN}",
        context.home_option()
    )
}

/// Where nobody can choose a passphrase and none is given, a random one is kept beside the keyring.
fn ensure_passphrase(context: &Context) -> Result<(), Failure> {
    let given = variables::get(prompt::PASSPHRASE_FILE).is_some()
        || service_manager::passphrase_file().is_some()
        || context.output().is_interactive();
    let path = prompt::generated_file(context.home());
    if given || path.exists() || !context.keyring()?.needs_passphrase() {
        return Ok(());
    }
    if !context.keyring()?.list()?.is_empty() {
        return Ok(());
    }
    let mut random = Zeroizing::new([0; 20]);
    getrandom::fill(random.as_mut()).map_err(|error| Failure::new(error.to_string()))?;
    let text = Zeroizing::new(format!("{}\n", hex::encode(random.as_ref())));
    write_private(&path, text.as_bytes())?;
    let shown = context.shown(&path);
    context.output().note(&format!(
        "There is no terminal to ask for a passphrase at: a random one is in {shown}, which only you can read.\n\
         Every command of this home finds it there. Move it elsewhere, and name it by {}, to keep it apart.",
        prompt::PASSPHRASE_FILE
    ));
    Ok(())
}

/// The folder of a home. One that is there stays as open as its owner made it: `doctor` says what is open to others.
fn private_dir(path: &Path) -> Result<(), Failure> {
    if path.is_dir() {
        return Ok(());
    }
    durable::private_dir(path).map_err(|error| {
        Failure::hinted(
            format!("cannot make the folder {}: {error}", path.display()),
            "name another place with --home DIR",
        )
    })
}

fn write_private(path: &Path, bytes: &[u8]) -> Result<(), Failure> {
    durable::create_private(path, bytes).map_err(|error| at_home(path, &error))
}
