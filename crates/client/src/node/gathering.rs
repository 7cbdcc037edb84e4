//! Lists that a node gives in pieces. Each piece is bounded on its own; a node that lies gives pieces without end, so the whole is too.

use std::future::Future;

use super::{Node, NodeError, Transport};
use crate::time::within;

/// Most bytes that the pieces of one list have together: more than any ticket or queue of a desk.
const LIST_BYTES_MAX: usize = 512 * 1_048_576;
/// How many patiences a whole list may take: five minutes by default.
const LIST_PATIENCES: u32 = 30;

/// What was gathered of one list so far.
pub(crate) struct Gathering {
    call: &'static str,
    room: usize,
}

impl Gathering {
    /// Nothing yet.
    pub(crate) fn new(call: &'static str) -> Self {
        Self { call, room: LIST_BYTES_MAX }
    }

    /// Counts a piece that came.
    ///
    /// # Errors
    /// [`NodeError::TooMuch`] once all have more bytes than a list may.
    pub(crate) fn count<T>(&mut self, node: &Node<T>, piece: &impl prost::Message) -> Result<(), NodeError> {
        match self.room.checked_sub(piece.encoded_len()) {
            Some(room) => {
                self.room = room;
                Ok(())
            }
            None => Err(NodeError::TooMuch {
                node: node.address.clone(),
                call: self.call,
                mebibytes: LIST_BYTES_MAX / 1_048_576,
            }),
        }
    }
}

impl<T: Transport> Node<T> {
    /// Waits for a whole list, however small the pieces are that it comes in.
    pub(crate) async fn whole<R, E: From<NodeError>>(
        &self,
        call: &'static str,
        list: impl Future<Output = Result<R, E>>,
    ) -> Result<R, E> {
        let limit = self.patience.saturating_mul(LIST_PATIENCES);
        let late = || NodeError::Silent { node: self.address.clone(), call, seconds: limit.as_secs() };
        within(limit, Box::pin(list)).await.unwrap_or_else(|| Err(late().into()))
    }
}

#[cfg(test)]
mod tests {
    use super::super::Attendant;
    use super::*;

    #[test]
    fn a_list_without_end_is_left_where_it_is_larger_than_any_desks() {
        let node = Node {
            transport: (),
            address: "http://liar".to_owned(),
            patience: std::time::Duration::ZERO,
            attendant: Attendant::default(),
        };
        let piece = vec![0_u8; 1_048_576];
        let mut gathering = Gathering::new("Follow");
        let taken =
            std::iter::repeat_with(|| gathering.count(&node, &piece)).take_while(Result::is_ok).count();
        // Each piece carries its own length besides.
        assert_eq!(taken, LIST_BYTES_MAX / 1_048_576 - 1);
        let error = gathering.count(&node, &piece).unwrap_err();
        assert!(matches!(error, NodeError::TooMuch { call: "Follow", .. }), "{error}");
    }
}
