//! The desk that a command acts at, with whose key, and what its transactions carry beside their messages.

use std::path::PathBuf;

use sealdesk_client::actor::{Actor, Author};
use sealdesk_client::desk::Desk;
use sealdesk_protocol::ids::Address;
use tonic::transport::Channel;

use crate::context::Context;
use crate::failure::Failure;

/// What every transaction may carry.
#[derive(Debug, clap::Args)]
pub(crate) struct Memo {
    /// A note in the transaction. PUBLIC: everyone can read it, for ever; at most 256 bytes
    #[arg(
        long,
        value_name = "TEXT",
        allow_hyphen_values = true,
        default_value = "",
        hide_default_value = true
    )]
    memo: String,
    /// Print the transaction unsigned, as Cosmos's JSON, and send nothing; `sealdesk tx sign FILE` signs it
    #[arg(long)]
    generate_only: bool,
    /// File for the unsigned transaction [default: standard output]
    #[arg(short = 'o', long = "out", value_name = "FILE", requires = "generate_only")]
    out: Option<PathBuf>,
}

/// Why something is done, which stands beside it.
#[derive(Debug, clap::Args)]
pub(crate) struct Reason {
    /// Why. PUBLIC: everyone can read it, for ever; at most 128 bytes
    #[arg(
        long,
        value_name = "TEXT",
        allow_hyphen_values = true,
        default_value = "",
        hide_default_value = true
    )]
    pub(crate) reason: String,
}

impl Memo {
    /// Of what may take several transactions the first one is handed out unsigned; what is left depends on it.
    pub(crate) fn one_of_several(&self, context: &Context, done: Result<(), Failure>) -> Result<(), Failure> {
        if matches!(done, Err(Failure::Unsigned(_))) {
            context.output().note(
                "note: this may be one of several transactions: once it is in a block, the same command writes the next one, until nothing is left",
            );
        }
        done
    }

    /// What takes several transactions cannot be handed out as one.
    fn refuse_generate_only(&self) -> Result<(), Failure> {
        if !self.generate_only {
            return Ok(());
        }
        Err(Failure::usage(
            "several tickets take several transactions, one after the other, so none is handed out unsigned",
            "name one ticket, or leave --generate-only out",
        ))
    }

    /// Several tickets take several transactions.
    pub(crate) fn one_or_more(&self, is_bulk: bool) -> Result<(), Failure> {
        if is_bulk { self.refuse_generate_only() } else { Ok(()) }
    }

    /// A call of a contract has no room for a note.
    pub(crate) fn refuse_on_stacks(&self) -> Result<(), Failure> {
        if self.generate_only {
            return Err(Failure::usage(
                "a contract call is signed and sent here",
                "leave --generate-only out",
            ));
        }
        match self.memo.as_str() {
            "" => Ok(()),
            _ => Err(Failure::usage("a contract call carries no note", "leave --memo out")),
        }
    }
}

/// A desk that is reached over the network.
pub(crate) type DeskOfNode = Desk<Channel>;

/// The desk, and the unlocked key of `--from`.
pub(crate) async fn acting(context: &Context, memo: &Memo) -> Result<(Desk<Channel>, Actor), Failure> {
    let me = context.actor()?;
    Ok((desk(context, memo).await?, me))
}

/// Who acts where nothing is sealed.
pub(crate) enum Me {
    /// Signs here.
    Unlocked(Actor),
    /// Signs elsewhere: a key that stays locked, or is not in this home.
    Elsewhere(Address),
}

impl Me {
    pub(crate) fn author(&self) -> Author<'_> {
        match self {
            Self::Unlocked(actor) => Author::Unlocked(actor),
            Self::Elsewhere(address) => Author::Elsewhere(address),
        }
    }

    /// Their keys, where they are here.
    pub(crate) fn actor(&self) -> Option<&Actor> {
        match self {
            Self::Unlocked(actor) => Some(actor),
            Self::Elsewhere(_) => None,
        }
    }
}

/// As [`acting`], of what seals nothing: no key has to be unlocked for a transaction that is signed elsewhere.
pub(crate) async fn acting_openly(context: &Context, memo: &Memo) -> Result<(Desk<Channel>, Me), Failure> {
    let me = match memo.generate_only {
        true => Me::Elsewhere(context.own_address()?),
        false => Me::Unlocked(context.actor()?),
    };
    Ok((desk(context, memo).await?, me))
}

async fn desk(context: &Context, memo: &Memo) -> Result<Desk<Channel>, Failure> {
    let desk = context.desk().await?.with_memo(&memo.memo);
    context.agree(&desk)?;
    if !memo.generate_only {
        return Ok(desk);
    }
    context.hands_out_to(memo.out.clone());
    Ok(desk.composing_only())
}

/// A desk, and whoever acts at it.
#[derive(Clone, Copy)]
pub(crate) struct Signer<'a> {
    pub(crate) desk: &'a Desk<Channel>,
    pub(crate) me: &'a Actor,
}
