//! Texts that name another place than where they stand: marked for whoever reads, and granted to others only after asking.

use std::collections::BTreeMap;
use std::fmt::{Display, Formatter};
use std::sync::{Arc, Mutex, PoisonError};

use sealdesk_protocol::ids::{Address, TicketId};

/// How a text does not fit the place where it stands. Such a text is granted to others only after asking.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Mark {
    /// It does not name the ticket that it answers.
    NoTicket,
    /// It names another ticket.
    OtherTicket,
    /// It does not name the administrators that its author knew.
    NoCircle,
    /// It names administrators whom the ledger never had.
    UnknownCircle,
    /// Its form is not known, so that nobody can say what it names.
    Unreadable,
}

impl Display for Mark {
    fn fmt(&self, formatter: &mut Formatter<'_>) -> std::fmt::Result {
        formatter.write_str(match self {
            Self::NoTicket => "it does not say which ticket it answers",
            Self::OtherTicket => "it was written for another ticket",
            Self::NoCircle => "it does not say which administrators its author knew",
            Self::UnknownCircle => "its author knew administrators whom the ledger does not show",
            Self::Unreadable => "its format is unknown, so nobody can tell which ticket it was written for",
        })
    }
}

/// A marked text that could be granted to somebody.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Doubtful {
    /// In which ticket.
    pub ticket: TicketId,
    /// The answer's index; `None` for the ticket's first message.
    pub index: Option<u32>,
    /// Who wrote it.
    pub author: Address,
    /// Who would be let in.
    pub reader: Address,
    /// How it does not fit.
    pub marks: Vec<Mark>,
}

/// Whether marked texts are granted: asked for each text and reader once, so that a transaction that is made anew asks no second time.
#[derive(Clone)]
pub struct Doubts {
    ask: Arc<dyn Fn(&Doubtful) -> bool + Send + Sync>,
    answers: Arc<Mutex<BTreeMap<Doubtful, bool>>>,
}

impl Doubts {
    /// None is granted.
    pub fn left_out() -> Self {
        Self::asked(|_| false)
    }

    /// A person, or a program, is asked.
    pub fn asked(ask: impl Fn(&Doubtful) -> bool + Send + Sync + 'static) -> Self {
        Self { ask: Arc::new(ask), answers: Arc::default() }
    }

    /// Whether this one is granted.
    pub(crate) fn allow(&self, doubtful: &Doubtful) -> bool {
        let mut answers = self.answers.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(answer) = answers.get(doubtful) {
            return *answer;
        }
        let answer = (self.ask)(doubtful);
        answers.insert(doubtful.clone(), answer);
        answer
    }
}
