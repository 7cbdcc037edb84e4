//! Whether the ledger has come as far as a cursor. One that leads behind its newest block is refused: whoever waited there would miss what
//! happens in every block before, and would never be told so.
//!
//! Of a ledger of one node such a cursor is no cursor of this ledger any more: it was restored from an earlier backup. Of a replicated one
//! another node may have told of a block that this one is about to have.

use std::time::Duration;

use sealdesk_protocol::engine::EngineKind;
use tonic::Status;

use super::{Api, status};
use crate::feed::Cursor;

/// How long a node of a replicated ledger waits for a block of which another node has told.
const BEHIND_WAIT: Duration = Duration::from_secs(3);

impl Api {
    /// Waits, where others may be ahead of this node, for the block that a cursor leads behind.
    ///
    /// # Errors
    /// A status with the ledger's present end where there is no such block.
    pub(crate) async fn reached(&self, cursor: Cursor) -> Result<(), Status> {
        let is_behind = || self.ledger().tip().height < cursor.height();
        if is_behind() && self.ledger().engine() != EngineKind::Solo {
            let mut heights = self.ledger().heights();
            let has = |newest: &u64| *newest >= cursor.height();
            // What comes of it is looked up below.
            let _ = tokio::time::timeout(BEHIND_WAIT, heights.wait_for(has)).await;
        }
        if is_behind() {
            return Err(status::ahead_of_ledger(cursor.height(), self.ledger().tip().height));
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;
    use std::sync::Arc;

    use sealdesk_protocol::wire::sealdesk::ledger::v1::FollowRequest;
    use sealdesk_testkit::people::Person;
    use tonic::Code;

    use super::*;
    use crate::desk::slow::Slow;
    use crate::desk::waiting::within;
    use crate::desk::{Memory, clock, execute, open};
    use crate::feed::Filter;
    use crate::http::source::Source;

    fn following(cursor: Cursor, stop_at_end: bool) -> FollowRequest {
        FollowRequest { cursor: cursor.encode(), stop_at_end, ..FollowRequest::default() }
    }

    #[tokio::test]
    async fn a_cursor_ahead_of_the_ledger_is_refused_with_the_ledgers_end() {
        let solo = open(Memory::default().disks(), &clock()).unwrap();
        let api = Api::new(solo.handle().clone(), BTreeMap::new());
        let (newest, source) = (api.newest(), Source::Own);
        let height = api.ledger().tip().height;
        let ahead = [Cursor::after_block(height + 1), Cursor::decode(&[0xff; 12]).unwrap()];
        for cursor in ahead {
            let pages = api.events_after(source, cursor, Filter::default(), 100).await.err();
            let told = [
                api.start_follower(following(cursor, false), source).await.err(),
                api.start_follower(following(cursor, true), source).await.err(),
                pages,
            ];
            for refused in told {
                let refused = refused.expect("it would wait for ever, in silence");
                assert_eq!(refused.code(), Code::OutOfRange, "{refused}");
                let metadata =
                    |name: &str| refused.metadata().get(name).unwrap().to_str().unwrap().to_owned();
                assert_eq!(metadata("sealdesk-ledger-height"), height.to_string());
                assert_eq!(metadata("sealdesk-ledger-cursor"), hex::encode(newest.encode()));
                let taken = sealdesk_protocol::json::cursor(&newest.encode());
                assert!(refused.message().contains(&format!("from cursor {taken}, or")), "{refused}");
            }
        }
        // Its very end is no block ahead.
        assert!(api.start_follower(following(newest, false), source).await.is_ok());
        assert!(api.events_after(source, newest, Filter::default(), 100).await.unwrap().events.is_empty());
    }

    #[tokio::test]
    async fn a_node_that_others_are_ahead_of_waits_a_moment_for_their_block() {
        let clock = clock();
        let mut solo = open(Memory::default().disks(), &clock).unwrap();
        let mut slow = Slow::new(solo.handle().clone());
        slow.comet = Some(serde_json::Value::Null);
        let api = Api::new(Arc::new(slow), BTreeMap::new());
        let next = Cursor::after_block(api.ledger().tip().height + 1);
        let waiting = tokio::spawn({
            let api = api.clone();
            async move { api.reached(next).await }
        });
        tokio::task::yield_now().await;
        assert!(!waiting.is_finished(), "another node may have told of it");
        execute(&mut solo, &clock, &Person::number(0).appoint(0, &Person::number(1)));
        within("the block", waiting).await.unwrap().unwrap();

        tokio::time::pause();
        let never = Cursor::after_block(api.ledger().tip().height + 100);
        let refused = api.reached(never).await.unwrap_err();
        assert_eq!(refused.code(), Code::OutOfRange, "{refused}");
    }
}
