//! Why a node does not take a transaction.

use serde_json::Value;
use thiserror::Error;

/// A node's refusal, before any block.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub enum Rejection {
    /// The account's next transaction has another number.
    #[error("the transaction has nonce {actual}, and the account's next is {expected}")]
    BadNonce {
        /// The account's next.
        expected: u64,
        /// The transaction's.
        actual: u64,
    },
    /// Another transaction of that number waits already.
    #[error("another transaction of this account has the same nonce and waits already")]
    NonceTaken,
    /// More is asked for.
    #[error("a fee of {actual} microSTX is too low: the node asks for {expected}")]
    FeeTooLow {
        /// What the node asks for.
        expected: u64,
        /// What was offered.
        actual: u64,
    },
    /// The account cannot pay.
    #[error("the account has {actual} microSTX of {expected} that are needed")]
    NotEnoughFunds {
        /// What is needed.
        expected: u128,
        /// What there is.
        actual: u128,
    },
    /// Too many of the account's transactions wait.
    #[error("too many transactions of this account wait for a block")]
    TooMuchChaining,
    /// The signature is not the origin's.
    #[error("the node finds the signature wrong: {0}")]
    SignatureValidation(String),
    /// The contract has no such function.
    #[error("the contract has no such function")]
    NoSuchPublicFunction,
    /// There is no such contract.
    #[error("the network has no such contract")]
    NoSuchContract,
    /// An argument is of another type.
    #[error("the contract takes other arguments: {0}")]
    BadFunctionArgument(String),
    /// There is a contract of that name already.
    #[error("the account has deployed a contract of that name already")]
    ContractAlreadyExists,
    /// The transaction is of another network.
    #[error("the node belongs to another network than the transaction")]
    BadTransactionVersion,
    /// The node cannot read it.
    #[error("the node cannot read the transaction: {0}")]
    Undecodable(String),
    /// Something else, in the node's words.
    #[error("the node refuses the transaction: {0}")]
    Other(String),
}

impl Rejection {
    /// Reads the answer of a status other than 200.
    pub(crate) fn read(body: &[u8]) -> Self {
        let text = || shown(&String::from_utf8_lossy(body));
        let Ok(Value::Object(answer)) = serde_json::from_slice(body) else {
            return Self::Undecodable(text());
        };
        let reason = answer.get("reason").and_then(Value::as_str).unwrap_or_default();
        let data = answer.get("reason_data").cloned().unwrap_or_default();
        let number = |name: &str| u64::try_from(amount(&data[name])).unwrap_or(u64::MAX);
        let message = || shown(data["message"].as_str().unwrap_or_default());
        match reason {
            "BadNonce" => Self::BadNonce { expected: number("expected"), actual: number("actual") },
            "ConflictingNonceInMempool" => Self::NonceTaken,
            "FeeTooLow" => Self::FeeTooLow { expected: number("expected"), actual: number("actual") },
            "NotEnoughFunds" => {
                Self::NotEnoughFunds { expected: amount(&data["expected"]), actual: amount(&data["actual"]) }
            }
            "TooMuchChaining" => Self::TooMuchChaining,
            "SignatureValidation" => Self::SignatureValidation(message()),
            "NoSuchPublicFunction" => Self::NoSuchPublicFunction,
            "NoSuchContract" => Self::NoSuchContract,
            "BadFunctionArgument" => Self::BadFunctionArgument(message()),
            "ContractAlreadyExists" => Self::ContractAlreadyExists,
            "BadTransactionVersion" => Self::BadTransactionVersion,
            "Deserialization" => Self::Undecodable(message()),
            "" => Self::Other(text()),
            other => Self::Other(shown(other)),
        }
    }
}

/// A number, or the digits of one: nodes write 128 bits as `0x…`.
pub(crate) fn amount(value: &Value) -> u128 {
    match value {
        Value::Number(number) => number.as_u64().map_or(0, u128::from),
        Value::String(text) => match text.strip_prefix("0x") {
            Some(digits) => u128::from_str_radix(digits, 16).unwrap_or(0),
            None => text.parse().unwrap_or(0),
        },
        _ => 0,
    }
}

/// A node's words reach a terminal: nothing in them may move its cursor.
pub(crate) fn shown(text: &str) -> String {
    let mut shown = String::new();
    for character in text.chars().take(400) {
        if character.is_control() {
            shown.extend(character.escape_debug());
        } else {
            shown.push(character);
        }
    }
    shown
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn refusals_are_read_by_their_reason() {
        let read = |body: &str| Rejection::read(body.as_bytes());
        let of = |reason: &str, data: &str| {
            read(&format!(r#"{{"error":"transaction rejected","reason":"{reason}","reason_data":{data}}}"#))
        };
        assert_eq!(
            of("BadNonce", r#"{"expected":3,"actual":1,"is_origin":true,"principal":"ST"}"#),
            Rejection::BadNonce { expected: 3, actual: 1 }
        );
        assert_eq!(
            of("NotEnoughFunds", r#"{"expected":"0x10","actual":"0x00"}"#),
            Rejection::NotEnoughFunds { expected: 16, actual: 0 }
        );
        assert_eq!(of("TooMuchChaining", "null"), Rejection::TooMuchChaining);
        assert_eq!(of(r"Nova\u001b", "null"), Rejection::Other("Nova".to_owned() + "\\u{1b}"));
        let undecodable = "Failed to decode due to SIP-003 codec error";
        assert_eq!(read(undecodable), Rejection::Undecodable(undecodable.to_owned()));
        assert!(matches!(read("{}"), Rejection::Other(_)));
    }
}
