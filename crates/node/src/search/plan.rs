//! How the index finds what a query asks for. A condition that is not in the index is refused: nothing is ever scanned for it.

use std::ops::RangeInclusive;

use sealdesk_machine::TxCondition;
use sealdesk_protocol::events::Event;
use sealdesk_protocol::ids::TicketId;
use sealdesk_protocol::tx::TxHash;
use sealdesk_protocol::tx_index::{ACCOUNT_SEQUENCE, ACTION, MODULE, SENDER, TICKET, Term, bare, is_indexed};
use thiserror::Error;

use super::query::{Condition, Operand, Operator, Query};

/// Heights of blocks.
const TX_HEIGHT: &str = "tx.height";
const BLOCK_HEIGHT: &str = "block.height";
/// The name of a transaction.
const TX_HASH: &str = "tx.hash";
/// What a subscriber waits for; in a search it is known.
const EVENT: &str = "tm.event";

/// What a search for transactions comes to: the one of a name, or those that conditions of the index fit, in blocks of these heights.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct TxPlan {
    /// The name, where one is asked for.
    pub(crate) hash: Option<TxHash>,
    /// The one that fewest fit comes first.
    pub(crate) conditions: Vec<TxCondition>,
    /// From and to.
    pub(crate) heights: RangeInclusive<u64>,
}

/// What a search for blocks comes to: heights.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct BlockPlan(pub(crate) RangeInclusive<u64>);

/// Why the index cannot find what a query asks for.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub(crate) enum Unsearchable {
    /// The attribute is not in the index.
    #[error(
        "'{0}' is not in the index of transactions. Search by tx.hash, tx.height, tx.acc_seq, message.sender, message.action, \
         message.module, EVENT.ticket_id, or an attribute EVENT.NAME that names an account or a key, such as \
         virtengine.support.v1.EventTicketCreated.customer"
    )]
    Attribute(String),
    /// The index only knows whether a value is this one.
    #[error("the index finds '{0}' by = and a text in single quotes only; tx.height also by < <= > >=")]
    Operator(String),
    /// Blocks are found by their heights only.
    #[error("blocks are found by block.height only, and not by '{0}'")]
    Block(String),
    /// The value cannot be one of the attribute's.
    #[error("'{value}' is not a value of {attribute}")]
    Value {
        /// The attribute.
        attribute: String,
        /// The value.
        value: String,
    },
}

impl TxPlan {
    /// The plan of a query.
    ///
    /// # Errors
    /// [`Unsearchable`] for a condition that is not in the index.
    pub(crate) fn of(query: &Query) -> Result<Self, Unsearchable> {
        let (mut hash, mut conditions, mut heights) = (None, Vec::new(), Heights::default());
        for condition in query.conditions() {
            match condition.attribute.as_str() {
                TX_HASH => {
                    let named = TxHash::parse(text(condition)?).ok_or_else(|| wrong(condition))?;
                    // Nothing has two names.
                    if hash.replace(named).is_some_and(|other| other != named) {
                        heights = Heights { from: 1, to: 0 };
                    }
                }
                TX_HEIGHT => heights.narrow(condition)?,
                EVENT if text(condition)? == "Tx" => {}
                _ => conditions.push(indexed(condition)?),
            }
        }
        conditions.sort_by_key(|(rank, _)| *rank);
        let conditions = conditions.into_iter().map(|(_, condition)| condition).collect();
        Ok(Self { hash, conditions, heights: heights.range() })
    }
}

impl BlockPlan {
    /// The plan of a query.
    ///
    /// # Errors
    /// [`Unsearchable`] for a condition that is not about heights.
    pub(crate) fn of(query: &Query) -> Result<Self, Unsearchable> {
        let mut heights = Heights::default();
        for condition in query.conditions() {
            match condition.attribute.as_str() {
                BLOCK_HEIGHT => heights.narrow(condition)?,
                other => return Err(Unsearchable::Block(other.to_owned())),
            }
        }
        Ok(Self(heights.range()))
    }
}

/// A condition of the index, and how many transactions it may fit: the fewer, the lower.
fn indexed(condition: &Condition) -> Result<(u8, TxCondition), Unsearchable> {
    let attribute = condition.attribute.as_str();
    let term = |rank: u8| Ok((rank, TxCondition::Term(Term::of(attribute, text(condition)?))));
    match attribute {
        ACCOUNT_SEQUENCE => return term(0),
        SENDER => return term(3),
        ACTION => return term(4),
        MODULE => return term(5),
        _ => {}
    }
    let unknown = || Unsearchable::Attribute(attribute.to_owned());
    let (event, name) = attribute.rsplit_once('.').ok_or_else(unknown)?;
    if !Event::type_names().iter().any(|known| known == event) {
        return Err(unknown());
    }
    match name {
        TICKET => {
            let ticket = TicketId::parse(bare(text(condition)?)).map_err(|_| wrong(condition))?;
            Ok((1, TxCondition::Ticket { event: event.to_owned(), ticket }))
        }
        name if is_indexed(name) => term(2),
        _ => Err(unknown()),
    }
}

fn text(condition: &Condition) -> Result<&str, Unsearchable> {
    match (condition.operator, &condition.operand) {
        (Operator::Equal, Operand::Text(text)) => Ok(text),
        _ => Err(Unsearchable::Operator(condition.attribute.clone())),
    }
}

fn wrong(condition: &Condition) -> Unsearchable {
    let value = match &condition.operand {
        Operand::Text(text) => text.clone(),
        Operand::Number(number) => number.to_string(),
        Operand::Nothing => String::new(),
    };
    Unsearchable::Value { attribute: condition.attribute.clone(), value }
}

/// From and to.
struct Heights {
    from: u64,
    to: u64,
}

impl Default for Heights {
    fn default() -> Self {
        Self { from: 0, to: u64::MAX }
    }
}

impl Heights {
    fn narrow(&mut self, condition: &Condition) -> Result<(), Unsearchable> {
        let number = match &condition.operand {
            Operand::Number(number) => u64::try_from(*number).ok(),
            Operand::Text(text) => bare(text).parse().ok(),
            Operand::Nothing => None,
        };
        let number: u64 = number.ok_or_else(|| wrong(condition))?;
        let (from, to) = match condition.operator {
            Operator::Equal => (number, number),
            Operator::Less => (0, number.saturating_sub(1)),
            Operator::LessOrEqual => (0, number),
            Operator::More => (number.saturating_add(1), u64::MAX),
            Operator::MoreOrEqual => (number, u64::MAX),
            Operator::Contains | Operator::Exists => {
                return Err(Unsearchable::Operator(condition.attribute.clone()));
            }
        };
        (self.from, self.to) = (self.from.max(from), self.to.min(to));
        Ok(())
    }

    /// A range that holds nothing, where no height fits.
    fn range(self) -> RangeInclusive<u64> {
        self.from..=self.to
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn plan(text: &str) -> Result<TxPlan, Unsearchable> {
        TxPlan::of(&Query::parse(text).unwrap())
    }

    #[test]
    fn the_narrowest_condition_comes_first() {
        let created = "virtengine.support.v1.EventTicketCreated";
        let text = format!(
            "message.action='/a.B' AND tm.event='Tx' AND tx.height>3 AND tx.height<=9 AND {created}.ticket_id='TKT-00000001'"
        );
        let ticket = TicketId::parse("TKT-00000001").unwrap();
        let conditions = vec![
            TxCondition::Ticket { event: created.to_owned(), ticket },
            TxCondition::Term(Term::of("message.action", "/a.B")),
        ];
        assert_eq!(plan(&text), Ok(TxPlan { hash: None, conditions, heights: 4..=9 }));
    }

    #[test]
    fn what_is_not_in_the_index_is_refused_and_never_searched_for() {
        for attribute in
            ["a.b", "transfer.recipient", "virtengine.support.v1.EventTicketCreated.priority", "sender"]
        {
            let unknown = Unsearchable::Attribute(attribute.to_owned());
            assert_eq!(plan(&format!("{attribute}='x'")), Err(unknown), "{attribute}");
        }
        for text in ["message.sender CONTAINS 'a'", "message.sender EXISTS", "message.sender=5"] {
            assert!(matches!(plan(text), Err(Unsearchable::Operator(_))), "{text}");
        }
        for text in ["tx.hash='12'", "tx.height=-1", "virtengine.support.v1.EventTicketClosed.ticket_id='7'"]
        {
            assert!(matches!(plan(text), Err(Unsearchable::Value { .. })), "{text}");
        }
        let hash = "AB".repeat(32);
        let named = TxPlan { hash: Some(TxHash([0xab; 32])), conditions: Vec::new(), heights: 0..=u64::MAX };
        assert_eq!(plan(&format!("tx.hash='{hash}'")), Ok(named.clone()));
        let other = plan(&format!("tx.hash='{hash}' AND tx.hash='{}'", "CD".repeat(32))).unwrap();
        assert!(other.heights.is_empty(), "nothing has two names");
        let both = plan(&format!("tx.hash='{hash}' AND message.sender='bob'")).unwrap();
        assert_eq!((both.hash, both.conditions.len()), (named.hash, 1), "every condition stays");
        let blocks = |text: &str| BlockPlan::of(&Query::parse(text).unwrap());
        assert_eq!(blocks("block.height < 5 AND block.height > 1"), Ok(BlockPlan(2..=4)));
        assert!(blocks("tx.height = 5").is_err());
    }
}
