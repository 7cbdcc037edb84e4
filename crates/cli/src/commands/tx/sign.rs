//! `sealdesk tx sign`.

use std::path::PathBuf;

use sealdesk_client::actor::Actor;
use sealdesk_client::compose::SignMode;
use sealdesk_client::signing::{FromElsewhere, SignedFor};
use sealdesk_protocol::ids::{Address, ChainId, TicketId};
use sealdesk_protocol::tx::json::to_json;
use serde_json::Value;

use crate::commands::tx::DeskOfNode;
use crate::context::Context;
use crate::failure::Failure;
use crate::prompt;
use crate::tx_file;
use crate::tx_text::{self, KeysOfPeople};

/// Most people whose keys are looked up to name the readers of what is sealed.
const PEOPLE_MAX: usize = 64;

/// Options of `tx sign`.
#[derive(Debug, clap::Args)]
#[command(
    after_help = "What the transaction does, and for whom it is sealed, is shown before it is signed. What was sealed is bound to one sequence \
        of the account, which --generate-only names.\n\nOn a computer without a network:\n  \
        sealdesk tx sign unsigned.json --offline --chain-id desk-1 --sequence 7 -o signed.json"
)]
pub(crate) struct Args {
    /// File with the transaction, as --generate-only writes it; `-` reads standard input
    #[arg(value_name = "FILE")]
    file: PathBuf,
    /// File for the signed transaction [default: standard output]
    #[arg(short = 'o', long = "out", value_name = "FILE")]
    out: Option<PathBuf>,
    /// Ask no node; --chain-id and --sequence give the rest
    #[arg(long, requires = "sequence")]
    offline: bool,
    /// Sequence of the account [default: the one that the ledger proves]
    #[arg(long, value_name = "N")]
    sequence: Option<u64>,
    /// Number of the account; 0 for everyone on this ledger
    #[arg(long, value_name = "N", default_value_t = 0, hide_default_value = true)]
    account_number: u64,
    /// Sign the transaction's JSON, as hardware wallets do, not its bytes
    #[arg(long)]
    amino: bool,
}

pub(super) async fn run(context: &Context, args: Args) -> Result<(), Failure> {
    if args.account_number != 0 {
        let why = "every account of this ledger has the number 0";
        return Err(Failure::usage(why, "leave --account-number out"));
    }
    let tx = tx_file::read(context, &args.file)?;
    let tx = FromElsewhere::read(tx, context.prefix())?;
    let key = signer(context, tx.signer());
    let mut keys = own_keys(context)?;
    let (chain_id, sequence) = match args.sequence.filter(|_| args.offline) {
        Some(sequence) => (named_chain(context)?, sequence),
        None => {
            let desk = context.desk().await?;
            context.agree(&desk)?;
            let proven = desk.sequence(tx.signer()).await?;
            name_readers(context, &desk, &tx, &mut keys).await;
            (desk.chain().chain_id.clone(), args.sequence.unwrap_or(proven))
        }
    };
    let json = to_json(tx.tx()).map_err(|error| Failure::new(error.to_string()))?;
    let (whose, mut lines) =
        (context.named(tx.signer().as_str()), tx_text::lines(context, tx.tx(), &json, &keys));
    lines.push(format!("to be signed by {whose} for the ledger {chain_id}, with sequence {sequence}"));
    context.output().note(&lines.join("\n"));
    if context.output().is_interactive() {
        prompt::confirm(context.output(), context.settings().yes, "Sign this?")?;
    }
    let me: Actor = context.actor_named(&key)?;
    let mode = if args.amino { SignMode::Amino } else { SignMode::Direct };
    let signed = tx.sign(&me, &SignedFor { chain_id: &chain_id, sequence, mode })?;
    tx_file::write(context, &signed, args.out.as_deref())
}

/// The key that signs: the one of `--from`, else the one whose signature is needed.
fn signer(context: &Context, needed: &Address) -> String {
    context.settings().from.clone().unwrap_or_else(|| needed.to_string())
}

fn named_chain(context: &Context) -> Result<ChainId, Failure> {
    let named = context.settings().chain_id.as_deref().map(ChainId::parse).transpose();
    let named = named.map_err(|error| Failure::usage(error.to_string(), "`sealdesk status` shows it"))?;
    named.ok_or_else(|| {
        Failure::usage(
            "--offline asks no node, so it has to be told the ledger",
            "add --chain-id ID; `sealdesk status` shows it on a computer with a network",
        )
    })
}

/// The first keys of the phrases of this home.
fn own_keys(context: &Context) -> Result<KeysOfPeople, Failure> {
    let listed = context.keyring()?.list()?.into_iter().filter_map(|listed| listed.info.ok());
    Ok(listed.map(|key| (key.fingerprint.to_string(), context.named(&context.address_of(&key)))).collect())
}

/// Adds the keys of the administrators, and of everyone whom the messages or their tickets name. Who cannot be looked up stays unknown.
async fn name_readers(context: &Context, desk: &DeskOfNode, tx: &FromElsewhere, keys: &mut KeysOfPeople) {
    let mut people: Vec<Address> = vec![tx.signer().clone()];
    if let Ok(circle) = desk.circle().await {
        people.extend(circle.members().iter().map(|member| member.address.clone()));
    }
    let json = to_json(tx.tx()).unwrap_or_default();
    let mut texts = Vec::new();
    gather(&json["body"]["messages"], &mut texts);
    for text in texts {
        if let Ok(ticket) = TicketId::parse(&text)
            && let Ok(ticket) = desk.ticket(ticket).await
        {
            let named = [&ticket.customer_address, &ticket.assigned_to, &ticket.provider_address];
            people.extend(named.into_iter().filter_map(|text| Address::parse(desk.prefix(), text).ok()));
        }
        people.extend(Address::parse(desk.prefix(), &text).ok());
    }
    people.sort();
    people.dedup();
    for person in people.into_iter().take(PEOPLE_MAX) {
        for key in desk.keys(&person).await.unwrap_or_default() {
            keys.insert(key.key_fingerprint, context.named(person.as_str()));
        }
    }
}

/// The texts of a value that can be ids or addresses.
fn gather(value: &Value, texts: &mut Vec<String>) {
    match value {
        Value::String(text) if text.len() < 100 && !texts.contains(text) => texts.push(text.clone()),
        Value::Array(list) => list.iter().for_each(|one| gather(one, texts)),
        Value::Object(members) if !members.contains_key("wrapped_keys") => {
            members.values().for_each(|one| gather(one, texts));
        }
        _ => {}
    }
}
