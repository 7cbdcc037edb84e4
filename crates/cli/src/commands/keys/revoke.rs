//! `sealdesk keys revoke NAME`.

use sealdesk_protocol::keys::Fingerprint;
use sealdesk_protocol::wire::virtengine::encryption::v1::RecipientKeyRecord;

use crate::commands::stacks;
use crate::context::Context;
use crate::failure::Failure;
use crate::outcome::done;

/// Options of `revoke`.
#[derive(Debug, clap::Args)]
#[command(after_help = "Nothing more is sealed to a revoked key; what was stays readable with it.\n\
    An administrator revokes the key of a staff member with --from ADMIN.")]
pub(crate) struct Args {
    /// Whose key
    #[arg(value_name = "ADDR|NAME")]
    person: String,
    /// Which of the keys, by its version in the directory; needed where several are active
    #[arg(long, value_name = "N", conflicts_with = "fingerprint")]
    key_version: Option<u32>,
    /// Which of the keys, by its fingerprint
    #[arg(long, value_name = "FINGERPRINT")]
    fingerprint: Option<String>,
}

pub(super) async fn run(context: &Context, args: Args) -> Result<(), Failure> {
    if context.is_on_stacks() {
        let which = (args.key_version, args.fingerprint.as_deref());
        return stacks::revoke(context, &args.person, which).await;
    }
    let owner = context.address(&args.person)?;
    // The owner revokes by himself, unless --from names an administrator.
    let me = match &context.settings().from {
        Some(_) => context.actor()?,
        None => context.actor_named(&args.person)?,
    };
    let desk = context.desk().await?;
    let listed = desk.keys(&owner).await?;
    let key = choose(&listed, &args)?;
    let fingerprint =
        Fingerprint::parse(&key.key_fingerprint).map_err(|error| Failure::new(error.to_string()))?;
    let outcome = desk.revoke_key(&me, &fingerprint).await?;
    done(context, &outcome, || format!("the key {fingerprint} of {} is revoked", args.person))
}

fn choose<'a>(listed: &'a [RecipientKeyRecord], args: &Args) -> Result<&'a RecipientKeyRecord, Failure> {
    let wanted = |key: &&RecipientKeyRecord| match (args.key_version, &args.fingerprint) {
        (Some(version), _) => key.key_version == version,
        (None, Some(fingerprint)) => key.key_fingerprint == *fingerprint,
        (None, None) => key.revoked_at == 0,
    };
    let found: Vec<&RecipientKeyRecord> = listed.iter().filter(wanted).collect();
    match found.as_slice() {
        [key] => Ok(key),
        [] => Err(Failure::hinted(
            match (args.key_version, &args.fingerprint) {
                (None, None) => format!("{} has no active key", args.person),
                _ => format!("{} has no such key", args.person),
            },
            format!("`sealdesk query encryption keys {}` lists them", args.person),
        )),
        _ => Err(Failure::usage(
            format!("{} has several active keys", args.person),
            format!("add --key-version N; `sealdesk query encryption keys {}` lists them", args.person),
        )),
    }
}
