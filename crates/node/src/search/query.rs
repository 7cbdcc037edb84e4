//! The parser: conditions joined by AND, `tm.event='Tx' AND message.sender='virtengine1…' AND tx.height>5`.

use thiserror::Error;

/// Longest query, in bytes, as CometBFT has it.
pub(crate) const QUERY_BYTES_MAX: usize = 512;
/// Most conditions of a query.
pub(crate) const CONDITIONS_MAX: usize = 16;

/// A query with at least one condition.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Query {
    text: String,
    conditions: Vec<Condition>,
}

/// One condition.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Condition {
    /// `message.sender` and so on.
    pub(crate) attribute: String,
    /// How its values compare.
    pub(crate) operator: Operator,
    /// What with; nothing for EXISTS.
    pub(crate) operand: Operand,
}

/// How a value compares.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[allow(missing_docs)] // each is what its name says
pub(crate) enum Operator {
    Equal,
    Less,
    LessOrEqual,
    More,
    MoreOrEqual,
    Contains,
    Exists,
}

/// What a value is compared with.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Operand {
    /// Nothing, for EXISTS.
    Nothing,
    /// What stood in single quotes.
    Text(String),
    /// A whole number.
    Number(i64),
}

/// Why a text is not a query.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub(crate) enum QueryError {
    /// Too long.
    #[error("a query has 1 to {QUERY_BYTES_MAX} bytes")]
    Length,
    /// Too many conditions.
    #[error("a query has at most {CONDITIONS_MAX} conditions")]
    Conditions,
    /// Something else was expected.
    #[error("the query is not understood at byte {at}: {expected} is expected there")]
    Expected {
        /// Where.
        at: usize,
        /// What.
        expected: &'static str,
    },
}

impl Query {
    /// Reads a query.
    ///
    /// # Errors
    /// [`QueryError`] where the text is not one.
    pub(crate) fn parse(text: &str) -> Result<Self, QueryError> {
        if text.trim().is_empty() || text.len() > QUERY_BYTES_MAX {
            return Err(QueryError::Length);
        }
        let mut reader = Reader { text, at: 0 };
        let mut conditions = vec![reader.condition()?];
        while reader.skip_spaces() {
            if !reader.word("AND") {
                return Err(reader.expected("AND or the end"));
            }
            if conditions.len() >= CONDITIONS_MAX {
                return Err(QueryError::Conditions);
            }
            conditions.push(reader.condition()?);
        }
        Ok(Self { text: text.to_owned(), conditions })
    }

    /// The query as it was given.
    pub(crate) fn text(&self) -> &str {
        &self.text
    }

    /// Its conditions, all of which must hold.
    pub(crate) fn conditions(&self) -> &[Condition] {
        &self.conditions
    }
}

struct Reader<'t> {
    text: &'t str,
    at: usize,
}

impl<'t> Reader<'t> {
    fn rest(&self) -> &'t str {
        self.text.get(self.at..).unwrap_or_default()
    }

    /// True if something follows.
    fn skip_spaces(&mut self) -> bool {
        let rest = self.rest();
        self.at += rest.len() - rest.trim_start().len();
        !self.rest().is_empty()
    }

    fn expected(&self, expected: &'static str) -> QueryError {
        QueryError::Expected { at: self.at, expected }
    }

    fn take_while(&mut self, is_part: impl Fn(char) -> bool) -> &'t str {
        let rest = self.rest();
        let length = rest.find(|letter| !is_part(letter)).unwrap_or(rest.len());
        self.at += length;
        rest.get(..length).unwrap_or_default()
    }

    /// Reads a word in capitals, if it comes next.
    fn word(&mut self, word: &str) -> bool {
        let Some(after) = self.rest().strip_prefix(word) else { return false };
        if after.starts_with(|letter: char| letter.is_ascii_alphanumeric() || letter == '_') {
            return false;
        }
        self.at += word.len();
        true
    }

    fn condition(&mut self) -> Result<Condition, QueryError> {
        self.skip_spaces();
        let is_name = |letter: char| letter.is_ascii_alphanumeric() || "._-/".contains(letter);
        let attribute = self.take_while(is_name).to_owned();
        if attribute.is_empty() {
            return Err(self.expected("the name of an attribute"));
        }
        self.skip_spaces();
        let operator = self.operator()?;
        self.skip_spaces();
        let operand = match operator {
            Operator::Exists => Operand::Nothing,
            Operator::Contains => Operand::Text(self.quoted()?),
            Operator::Equal if self.rest().starts_with('\'') => Operand::Text(self.quoted()?),
            _ => Operand::Number(self.number()?),
        };
        Ok(Condition { attribute, operator, operand })
    }

    fn operator(&mut self) -> Result<Operator, QueryError> {
        if self.word("CONTAINS") {
            return Ok(Operator::Contains);
        }
        if self.word("EXISTS") {
            return Ok(Operator::Exists);
        }
        let signs = [
            ("<=", Operator::LessOrEqual),
            (">=", Operator::MoreOrEqual),
            ("<", Operator::Less),
            (">", Operator::More),
            ("=", Operator::Equal),
        ];
        let found = signs.into_iter().find(|(sign, _)| self.rest().starts_with(sign));
        let (sign, operator) = found.ok_or_else(|| self.expected("one of = < <= > >= CONTAINS EXISTS"))?;
        self.at += sign.len();
        Ok(operator)
    }

    /// A text in single quotes. There is no way to write one inside, as in CometBFT.
    fn quoted(&mut self) -> Result<String, QueryError> {
        let quoted = self.rest().strip_prefix('\'').and_then(|rest| rest.split_once('\''));
        let (text, _) = quoted.ok_or_else(|| self.expected("a text in single quotes"))?;
        self.at += text.len() + 2;
        Ok(text.to_owned())
    }

    fn number(&mut self) -> Result<i64, QueryError> {
        let begin = self.at;
        let digits = self.take_while(|letter| letter.is_ascii_digit() || letter == '-');
        digits.parse().map_err(|_| QueryError::Expected { at: begin, expected: "a whole number" })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    proptest::proptest! {
        #[test]
        fn any_text_is_a_query_or_refused(text in "[ -~é]{0,40}|(a\\.b[<>=]{1,2}('x'|7)( AND )?){1,5}") {
            if let Ok(query) = Query::parse(&text) {
                proptest::prop_assert_eq!(Query::parse(query.text()), Ok(query.clone()));
            }
        }
    }

    #[test]
    fn what_is_no_query_is_refused_with_its_place() {
        let long = "a".repeat(QUERY_BYTES_MAX + 1);
        let many = vec!["a=1"; CONDITIONS_MAX + 1].join(" AND ");
        let expected = |at, expected| Err(QueryError::Expected { at, expected });
        for (text, error) in [
            ("", Err(QueryError::Length)),
            (&long, Err(QueryError::Length)),
            (&many, Err(QueryError::Conditions)),
            ("='a'", expected(0, "the name of an attribute")),
            ("a", expected(1, "one of = < <= > >= CONTAINS EXISTS")),
            ("a='b", expected(2, "a text in single quotes")),
            ("a>'b'", expected(2, "a whole number")),
            ("a=1.5", expected(3, "AND or the end")),
            ("a=1 OR b=2", expected(4, "AND or the end")),
            ("a=1 AND", expected(7, "the name of an attribute")),
            ("a=99999999999999999999", expected(2, "a whole number")),
            ("a='b'é", expected(5, "AND or the end")),
        ] {
            assert_eq!(Query::parse(text), error.map(|()| unreachable!()), "{text}");
        }
    }

    #[test]
    fn a_query_is_read_into_its_conditions() {
        let query = Query::parse(" tx.height>=5 AND a.b='c d'AND e EXISTS AND f CONTAINS 'g' ").unwrap();
        let condition = |attribute: &str, operator, operand| Condition {
            attribute: attribute.to_owned(),
            operator,
            operand,
        };
        let expected = [
            condition("tx.height", Operator::MoreOrEqual, Operand::Number(5)),
            condition("a.b", Operator::Equal, Operand::Text("c d".to_owned())),
            condition("e", Operator::Exists, Operand::Nothing),
            condition("f", Operator::Contains, Operand::Text("g".to_owned())),
        ];
        assert_eq!(query.conditions(), expected);
    }
}
