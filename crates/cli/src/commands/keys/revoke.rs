//! `sealdesk keys revoke NAME`.

use sealdesk_client::desk::Desk;
use sealdesk_client::stacks::wire::contract::Request;
use sealdesk_protocol::keys::Fingerprint;
use tonic::transport::Channel;

use crate::args::Ledger;
use crate::context::Context;
use crate::contract_call::{self, Acting};
use crate::failure::Failure;
use crate::outcome::done_with;
use crate::parse::Person;
use crate::prompt;
use crate::staff::{self, Left};

/// Options of `revoke`.
#[derive(Debug, clap::Args)]
#[command(after_help = "Nothing new is sealed to a revoked key; what was stays readable with it.\n\
    An administrator revokes the key of a present or former staff member, and is not an administrator, with --from ADMIN.")]
pub(crate) struct Args {
    /// Whose key
    #[arg(value_name = "ADDR|NAME")]
    person: Person,
    /// Which of the keys, by its version in the directory; needed where several are active
    #[arg(long, value_name = "N", conflicts_with = "fingerprint")]
    key_version: Option<u32>,
    /// Which of the keys, by its fingerprint
    #[arg(long, value_name = "FINGERPRINT")]
    fingerprint: Option<String>,
}

pub(super) async fn run(context: &Context, args: Args) -> Result<(), Failure> {
    match context.ledger() {
        Ledger::Native => native(context, &args).await,
        Ledger::Stacks => on_stacks(context, &args).await,
    }
}

async fn native(context: &Context, args: &Args) -> Result<(), Failure> {
    let owner = context.address(&args.person)?;
    // Owners revoke their own keys, unless --from names an administrator.
    let me = match &context.settings().from {
        Some(_) => context.actor()?,
        None => context.actor_named(&args.person)?,
    };
    let desk = context.desk().await?;
    let listed = desk.keys(&owner).await?.into_iter();
    let listed = listed.map(|key| Listed {
        version: key.key_version.into(),
        is_active: key.revoked_at == 0,
        fingerprint: key.key_fingerprint,
    });
    let key = choose(listed, args)?;
    let fingerprint =
        Fingerprint::parse(&key.fingerprint).map_err(|error| Failure::new(error.to_string()))?;
    if key.is_active && is_last_of_the_administrators(&desk, &key.fingerprint).await? {
        let question = "This is the last key of any administrator. Without one nobody can write a ticket, and no new key can open what was sealed. Revoke it?";
        prompt::confirm(context.output(), context.settings().yes, question)?;
    }
    let outcome = match desk.address_of(&me) == owner {
        true => desk.revoke_key(&me, &fingerprint).await?,
        false => desk.revoke_key_of(&me, &owner, &fingerprint).await?,
    };
    let left = staff::left(&desk, &owner).await;
    let ids = left.as_ref().map(Left::ids).unwrap_or_default();
    done_with(context, &outcome, &[("still_assigned", ids.into())], || {
        let left = left.map(|left| left.text(&args.person)).unwrap_or_default();
        format!("the key {fingerprint} of {} is revoked{left}", args.person)
    })
}

/// Whether no other key of any administrator is in use.
async fn is_last_of_the_administrators(desk: &Desk<Channel>, fingerprint: &str) -> Result<bool, Failure> {
    let mut is_one = false;
    for member in desk.circle().await?.members() {
        for key in desk.keys(&member.address).await?.iter().filter(|key| key.revoked_at == 0) {
            if key.key_fingerprint != fingerprint {
                return Ok(false);
            }
            is_one = true;
        }
    }
    Ok(is_one)
}

async fn on_stacks(context: &Context, args: &Args) -> Result<(), Failure> {
    let (me, desk) = (context.actor_named(&args.person)?, context.contract_desk()?);
    let own = desk.me(&me)?;
    if context.principal(&args.person)? != own {
        return Err(Failure::usage("only its owner revokes a key on Stacks", "name the owner's key"));
    }
    let listed = desk.person(&own, &desk.history().await?).await?.keys.into_iter();
    let listed = listed.map(|key| Listed {
        version: key.version,
        is_active: key.revoked_at.is_none(),
        fingerprint: key.fingerprint().to_string(),
    });
    // A key that does not count is not among those, and can be named by its version all the same.
    let version = match args.key_version {
        Some(version) => version.into(),
        None => choose(listed, args)?.version,
    };
    let mut acting = Acting::with(context, desk, me);
    let request = Request::RevokeKey { version };
    let outcome = acting.call(async |desk, sender| desk.call_one(sender, request).await).await?;
    contract_call::done(context, &outcome, &[("key_version", version.into())], || {
        format!("key {version} of {} is revoked", args.person)
    })
}

/// A key of the directory.
struct Listed {
    version: u64,
    fingerprint: String,
    is_active: bool,
}

/// The key that the options name; else the only active one.
fn choose(listed: impl Iterator<Item = Listed>, args: &Args) -> Result<Listed, Failure> {
    let wanted = |key: &Listed| match (args.key_version, &args.fingerprint) {
        (Some(version), _) => key.version == u64::from(version),
        (None, Some(fingerprint)) => key.fingerprint == *fingerprint,
        (None, None) => key.is_active,
    };
    let (person, mut found) = (&args.person, listed.filter(wanted));
    match (found.next(), found.next()) {
        (Some(key), None) => Ok(key),
        (None, _) => Err(Failure::hinted(
            match (args.key_version, &args.fingerprint) {
                (None, None) => format!("{person} has no active key"),
                _ => format!("{person} has no such key"),
            },
            format!("`sealdesk query encryption keys {person}` lists them"),
        )),
        (Some(_), Some(_)) => Err(Failure::usage(
            format!("{person} has several active keys"),
            format!("add --key-version N; `sealdesk query encryption keys {person}` lists them"),
        )),
    }
}
