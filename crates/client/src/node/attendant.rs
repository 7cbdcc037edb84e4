//! Whoever stands between a node that keeps somebody waiting and the person who waits.

use std::fmt;
use std::sync::Arc;

use sealdesk_protocol::invitation::InvitationCode;

/// What a person waits for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Waiting {
    /// The node is busy, and is asked again after so many seconds.
    Busy {
        /// The node's words.
        why: String,
        /// The pause before it is asked again, in whole seconds.
        seconds: u64,
    },
    /// The node asks a new account for work, which has taken so many seconds so far.
    Work {
        /// Whole seconds.
        seconds: u64,
    },
}

/// Tells a person what they wait for, and asks them for what a node wants to know.
pub trait Attend: Send + Sync {
    /// Hears what is waited for: as the wait begins, and of work again each second.
    fn waits(&self, waiting: &Waiting);

    /// The work is over, whatever came of it.
    fn worked(&self) {}

    /// The invitation code for a new account, if there is one. Asked for when a node wants it; `only` where it takes nothing else, so
    /// that it is worth asking a person.
    fn invitation(&self, only: bool) -> Option<InvitationCode>;
}

/// An attendant, or nobody.
#[derive(Clone, Default)]
pub struct Attendant(Option<Arc<dyn Attend>>);

impl Attendant {
    /// This one.
    pub fn new(attend: Arc<dyn Attend>) -> Self {
        Self(Some(attend))
    }

    pub(crate) fn waits(&self, waiting: &Waiting) {
        if let Some(attend) = &self.0 {
            attend.waits(waiting);
        }
    }

    pub(crate) fn worked(&self) {
        if let Some(attend) = &self.0 {
            attend.worked();
        }
    }

    pub(crate) fn invitation(&self, only: bool) -> Option<InvitationCode> {
        self.0.as_ref()?.invitation(only)
    }
}

impl fmt::Debug for Attendant {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(if self.0.is_some() { "Attendant" } else { "nobody" })
    }
}
