//! CometBFT's query language, as `tx_search`, `GetTxsEvent` and subscriptions have it: one parser, a plan by which the index finds what a
//! query asks for, and a match against the events of one transaction or block.

mod plan;
mod query;

use std::collections::BTreeMap;

use sealdesk_protocol::tx_index::bare;
use sealdesk_protocol::wire::tendermint::abci;

pub(crate) use plan::{BlockPlan, TxPlan};
pub(crate) use query::{Condition, Operand, Operator, Query};

/// Attributes by their full names, `message.sender` and so on, each with its values in their order.
pub(crate) type Attributes = BTreeMap<String, Vec<String>>;

/// The attributes of events.
pub(crate) fn attributes(events: &[abci::Event]) -> Attributes {
    let mut all = Attributes::new();
    for event in events {
        for attribute in &event.attributes {
            let name = format!("{}.{}", event.r#type, attribute.key);
            all.entry(name).or_default().push(attribute.value.clone());
        }
    }
    all
}

impl Query {
    /// Whether every condition holds for these attributes. One of an attribute's values is enough for each.
    pub(crate) fn matches(&self, attributes: &Attributes) -> bool {
        self.conditions().iter().all(|condition| condition.matches(attributes))
    }
}

impl Condition {
    /// Whether it holds for one of the values that its attribute has here.
    pub(crate) fn matches(&self, attributes: &Attributes) -> bool {
        attributes.get(&self.attribute).is_some_and(|values| {
            self.operator == Operator::Exists || values.iter().any(|value| self.holds_for(bare(value)))
        })
    }

    fn holds_for(&self, value: &str) -> bool {
        match (&self.operator, &self.operand) {
            (Operator::Exists, _) => true,
            (Operator::Equal, Operand::Text(text)) => value == bare(text),
            (Operator::Contains, Operand::Text(text)) => value.contains(text.as_str()),
            (operator, Operand::Number(number)) => match value.parse::<i64>() {
                Ok(found) => match operator {
                    Operator::Equal => found == *number,
                    Operator::Less => found < *number,
                    Operator::LessOrEqual => found <= *number,
                    Operator::More => found > *number,
                    Operator::MoreOrEqual => found >= *number,
                    Operator::Contains | Operator::Exists => false,
                },
                Err(_) => false,
            },
            _ => false,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn given(attributes: &[(&str, &str)]) -> Attributes {
        let mut all = Attributes::new();
        for (name, value) in attributes {
            all.entry((*name).to_owned()).or_default().push((*value).to_owned());
        }
        all
    }

    #[test]
    fn a_query_matches_where_all_conditions_hold() {
        let attributes = given(&[
            ("tm.event", "Tx"),
            ("tx.height", "7"),
            ("a.id", "\"TKT-00000001\""),
            ("a.id", "\"TKT-00000002\""),
            ("a.count", "\"12\""),
        ]);
        for (query, expected) in [
            ("tm.event = 'Tx'", true),
            ("tm.event='Tx' AND tx.height > 6", true),
            ("tm.event='Tx' AND tx.height > 7", false),
            ("tx.height=7", true),
            ("tx.height='7'", true),
            ("a.id = 'TKT-00000002'", true),
            ("a.id = '\"TKT-00000002\"'", true),
            ("a.id = 'TKT-00000003'", false),
            ("a.id CONTAINS '0001'", true),
            ("a.id EXISTS AND a.count <= 12", true),
            ("a.count < 12", false),
            ("b.id EXISTS", false),
        ] {
            assert_eq!(Query::parse(query).unwrap().matches(&attributes), expected, "{query}");
        }
    }
}
