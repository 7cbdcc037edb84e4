//! An engine that is slow, and strangers who ask it more than it can do.

use std::collections::BTreeMap;
use std::sync::Arc;

use serde_json::json;
use tokio::task::JoinHandle;

use super::super::{BLOCKS_MAX, NETWORK_MAX};
use super::*;
use crate::desk::slow::Slow;
use crate::desk::waiting::until;
use crate::desk::{Memory, clock, open};

/// Calls of each test: more than any kind has turns.
const CALLS: u8 = 40;

/// The services of a slow ledger, and the one beneath it.
fn slow(change: fn(&mut Slow)) -> (Api, Arc<Slow>, crate::solo::Solo) {
    let solo = open(Memory::default().disks(), &clock()).unwrap();
    let mut slow = Slow::new(solo.handle().clone());
    change(&mut slow);
    let slow = Arc::new(slow);
    (Api::new(slow.clone(), BTreeMap::new()), slow, solo)
}

fn stranger(number: u8) -> Source {
    Source::of([10, 0, 0, number].into())
}

/// One call of each kind that the engine answers.
async fn call(api: Api, kind: &str, source: Source) -> Result<(), Status> {
    match kind {
        "block" => api.whole_block(source, 1).await.map(drop),
        "commit" => api.commit_at(source, 1).await.map(drop),
        "waiting" => api.waiting(source).await.map(drop),
        _ => api.ask_comet(source, "net_info", json!({})).await.map(drop),
    }
}

#[tokio::test]
async fn what_the_engine_is_asked_has_turns_that_last_as_long_as_the_work() {
    for (kind, most) in
        [("block", BLOCKS_MAX), ("commit", BLOCKS_MAX), ("waiting", NETWORK_MAX), ("comet", NETWORK_MAX)]
    {
        let (api, slow, _solo) = slow(|slow| slow.comet = Some(json!({})));
        let ask = |from: u8| -> Vec<JoinHandle<_>> {
            (from..from + CALLS).map(|n| tokio::spawn(call(api.clone(), kind, stranger(n)))).collect()
        };
        let gone = ask(1);
        until("the turns to be taken", async || match slow.working() {
            working if working == most => Ok(()),
            working => Err(working),
        })
        .await;
        // Whoever takes a call back leaves its work behind, and its turn with it.
        for call in gone {
            call.abort();
            let _ = call.await;
        }
        let waiting = ask(100);
        for _ in 0..100 {
            tokio::task::yield_now().await;
        }
        assert_eq!((slow.working(), slow.asked()), (most, most), "{kind}");
        slow.let_go();
        for call in waiting {
            call.await.unwrap().unwrap();
        }
        assert_eq!(slow.asked(), most + usize::from(CALLS), "{kind}: nobody asked for those who had gone");
    }
}

#[tokio::test(start_paused = true)]
async fn cometbft_s_status_is_asked_for_once_a_second_whoever_wants_to_know() {
    let (api, slow, _solo) = slow(|slow| slow.comet = Some(json!({ "node_info": {} })));
    let ask = || {
        let asking = (0..CALLS).map(|n| {
            let api = api.clone();
            tokio::spawn(async move { api.comet_status(stranger(n)).await.unwrap().unwrap() })
        });
        asking.collect::<Vec<_>>()
    };
    let asking = ask();
    tokio::task::yield_now().await;
    slow.let_go();
    for (n, known) in [asking, ask()].into_iter().flatten().enumerate() {
        assert_eq!(*known.await.unwrap(), json!({ "node_info": {} }), "{n}");
    }
    assert_eq!(slow.asked(), 1);
    tokio::time::advance(STATUS_LASTS).await;
    for known in ask() {
        known.await.unwrap();
    }
    assert_eq!(slow.asked(), 2);
}

#[tokio::test]
async fn a_page_of_validators_that_no_number_can_name_is_refused() {
    use sealdesk_protocol::wire::cosmos::base::query::v1beta1::PageRequest;
    use sealdesk_protocol::wire::cosmos::base::tendermint::v1beta1::{
        GetLatestValidatorSetRequest, GetValidatorSetByHeightRequest,
    };
    use tonic::{Code, Request};

    use super::super::services::cosmos::base::tendermint::v1beta1::service_server::Service;
    let (api, slow, _solo) = slow(|_| {});
    slow.let_go();
    for (offset, limit) in [(u64::MAX, 1), (u64::MAX - u64::MAX % 100, 100), (1 << 63, 2), (7, 2)] {
        let pagination = Some(PageRequest { offset, limit, ..PageRequest::default() });
        let latest = GetLatestValidatorSetRequest { pagination: pagination.clone() };
        let latest = api.get_latest_validator_set(Request::new(latest)).await.unwrap_err();
        let by_height = GetValidatorSetByHeightRequest { height: 1, pagination };
        let by_height = api.get_validator_set_by_height(Request::new(by_height)).await.unwrap_err();
        assert_eq!((latest.code(), by_height.code()), (Code::InvalidArgument, Code::InvalidArgument));
    }
}
