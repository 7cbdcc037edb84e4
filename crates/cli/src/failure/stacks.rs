//! What to do next after each failure on Stacks.

use sealdesk_client::compose::ComposeError;
use sealdesk_client::stacks::net::NetError;
use sealdesk_client::stacks::{Error, Rejection};
use sealdesk_protocol::hints;

use super::Failure;

/// The codespace of the contract's refusals.
const CONTRACT: &str = "contract";

impl From<Error> for Failure {
    fn from(error: Error) -> Self {
        let message = error.to_string();
        if let Error::Refused { refusal, .. } = &error {
            let code = u32::try_from(refusal.number()).unwrap_or(u32::MAX);
            let hint = hints::of(CONTRACT, code).map(Into::into);
            return Self::Refused { code, codespace: CONTRACT.to_owned(), message, hint, proven: true };
        }
        if let Error::NoSuchTicket(_) = &error {
            let hint = hints::of(CONTRACT, 101).map(Into::into);
            return Self::Refused { code: 101, codespace: CONTRACT.to_owned(), message, hint, proven: true };
        }
        match hint(&error) {
            Hint::Usage(hint) => Self::usage(message, hint),
            Hint::Next(hint) => Self::hinted(message, hint),
            Hint::None => Self::new(message),
        }
    }
}

enum Hint {
    /// The command cannot be carried out as given.
    Usage(&'static str),
    /// What to do next.
    Next(&'static str),
    None,
}

fn hint(error: &Error) -> Hint {
    Hint::Next(match error {
        Error::Net(NetError::Address(_)) => {
            return Hint::Usage("write it as https://HOST, or http://127.0.0.1:PORT");
        }
        Error::Net(NetError::Tls(_)) => "a node on this computer needs no TLS: --node http://127.0.0.1:20443",
        Error::Net(_) => "is it running, and is this computer online? --node names another",
        Error::Busy { .. } => {
            "wait longer with --patience SECONDS, or name another with --node: your own answers as often as you ask"
        }
        Error::Node { .. } => {
            "nothing was changed; the node may be overloaded: try again, or name another with --node"
        }
        Error::Answer(_) | Error::NoContract(_) => {
            "--contract names the desk's contract and --node a node of its network; `sealdesk stacks deploy` makes a contract"
        }
        Error::Rejected(rejection) => of_rejection(rejection),
        Error::Aborted { .. } => "`sealdesk stacks tx ID` says more; nothing but the fee changed",
        Error::Unanswered { .. } => {
            "check with `sealdesk stacks tx ID` whether it happened before you do it again"
        }
        Error::Waiting(_) => "`sealdesk stacks tx ID` shows when it is in a block; do not do it again before",
        Error::NoIndex(_) => {
            "check whether it happened with `sealdesk query support ticket`; a node with an indexer knows at once"
        }
        Error::NoEvents(_) => "name an indexer with --node: a node behind the Stacks Blockchain API",
        Error::TooManyEvents { .. } => {
            "nothing was changed; ask another indexer with --node, and if it says the same, the desk has outgrown this program"
        }
        Error::TooManyChained { .. } => "wait until some of them are in blocks",
        Error::FeeTooHigh { .. } => {
            "fees are high at the moment: wait, or allow more with --fee-max MICROSTX"
        }
        Error::CannotPay { .. } => "send STX to that address first: fees are paid from it",
        Error::Declined => return Hint::None,
        Error::OtherNetwork(_) => {
            "mainnet addresses begin with SP or SM, those of test networks with ST or SN"
        }
        Error::NoKey(_) => "its owner publishes one first: `sealdesk keys register NAME`",
        Error::Age { .. } => {
            "look at the clock; name another node with --node; --clock-tolerance SECONDS allows more, at the risk of sealing for somebody who was removed"
        }
        Error::Contradiction(_) => {
            "try again in a minute, or name another node with --node; `sealdesk trust CONTRACT --forget` forgets what this home saw, at the risk of believing a liar"
        }
        Error::NobodySigned | Error::KeyNotSigned(_) => {
            "name a node with --node that serves raw transactions: a Stacks Blockchain API, or a node with `txindex`. Keys of contract wallets are never signed"
        }
        Error::NotEntitled { .. } => {
            "assign the ticket to an agent with `sealdesk assign TKT ADDR|NAME`: that gives them access"
        }
        Error::NotStaff(_) => {
            "an administrator makes them staff first: `sealdesk tx roles assign-role NAME support_agent`"
        }
        Error::Compose(ComposeError::NoAdministratorCanRead) => {
            "an administrator publishes a key first: `sealdesk keys register NAME`"
        }
        Error::Compose(_) | Error::Request(_) | Error::Terms(_) => {
            "4,096 bytes, seal included, go into one call: shorten the message, or split it into several comments"
        }
        Error::Verify(_) => "the key file is damaged: import the key again from its phrase",
        Error::Refused { .. } | Error::NoSuchTicket(_) => return Hint::None,
    })
}

fn of_rejection(rejection: &Rejection) -> &'static str {
    match rejection {
        Rejection::BadNonce { .. } | Rejection::NonceTaken => {
            "someone else is using the same key right now, or the node lags behind; try again in a minute"
        }
        Rejection::FeeTooLow { .. } => {
            "fees have risen meanwhile: try again, or allow more with --fee-max MICROSTX"
        }
        Rejection::NotEnoughFunds { .. } => {
            "send STX to the address of this key first: fees are paid from it"
        }
        Rejection::TooMuchChaining => {
            "25 transactions of one account may wait: try again when some are in blocks"
        }
        Rejection::SignatureValidation(_) => {
            "the node may belong to another network: compare --node with --contract"
        }
        Rejection::NoSuchPublicFunction | Rejection::BadFunctionArgument(_) => {
            "--contract names another contract than the desk's, or one of another version"
        }
        Rejection::NoSuchContract => {
            "--contract names a contract that is not on this network; `sealdesk stacks deploy` makes one"
        }
        Rejection::ContractAlreadyExists => "choose another name with --name: contracts cannot be replaced",
        Rejection::BadTransactionVersion => {
            "the node belongs to another network: compare --node with --contract"
        }
        Rejection::Undecodable(_) => {
            "the node is older than this program, or is not a Stacks node: name another with --node"
        }
        Rejection::Other(_) => "try again later, or name another node with --node",
    }
}
