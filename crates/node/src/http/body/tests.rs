//! Bodies that are cut off, and that come in drips.

use std::convert::Infallible;

use http_body_util::{BodyExt as _, StreamBody};
use prometheus::Gauge;
use tokio_stream::wrappers::ReceiverStream;

use super::*;
use crate::http::budget::Bounds;

/// The body of a request that never comes. Time has to pass by itself until that is noticed.
pub(crate) fn never_comes() -> axum::body::Body {
    let shown = Gauge::new("held", "What is held.").unwrap();
    let budget = Budget::new(Bounds { all: 1 << 20, per_source: 1 << 20, own: 1 << 20 }, shown);
    let held = Arc::new(Mutex::new(budget.share(Source::Own)));
    let nothing = StreamBody::new(tokio_stream::pending::<Result<Frame<Bytes>, Infallible>>());
    axum::body::Body::new(RequestBody::new(nothing, 0, held, Activity::new()))
}

#[test]
fn a_stream_that_is_cut_off_says_why_in_the_way_of_its_protocol() {
    let ending = |text: &'static str| Ending::of(Some(&http::HeaderValue::from_static(text)));
    let cut = || Status::resource_exhausted("too much");
    let trailers = ending("application/grpc+proto").frame(cut()).unwrap().into_trailers().unwrap();
    assert_eq!(trailers["grpc-status"], "8");
    let frame = ending("application/grpc-web+proto").frame(cut()).unwrap().into_data().unwrap();
    let length = u32::from_be_bytes(frame[1..5].try_into().unwrap());
    assert_eq!((frame[0], usize::try_from(length).unwrap()), (GRPC_WEB_TRAILERS, frame.len() - 5));
    assert!(frame[5..].starts_with(b"grpc-status:8\r\n"), "{frame:?}");
    let text = ending("application/grpc-web-text+proto").frame(cut()).unwrap().into_data().unwrap();
    assert_eq!(BASE64.decode(text).unwrap(), frame);
    assert_eq!(ending("text/event-stream").frame(cut()).unwrap_err().message(), "too much");
    assert_eq!(Ending::of(None), Ending::Plain);
}

#[tokio::test(start_paused = true)]
async fn a_request_that_comes_in_drips_ends_in_the_end() {
    let shown = Gauge::new("held", "What is held.").unwrap();
    let budget = Budget::new(Bounds { all: 1 << 20, per_source: 1 << 20, own: 1 << 20 }, shown.clone());
    let held = Arc::new(Mutex::new(budget.share(Source::Own)));
    let (drip, drips) = tokio::sync::mpsc::channel(1);
    tokio::spawn(async move {
        while drip.send(Ok::<_, Infallible>(Frame::data(Bytes::from_static(&[0; 5_000])))).await.is_ok() {
            tokio::time::sleep(BODY_WAIT - Duration::from_secs(1)).await;
        }
    });
    let begun = Instant::now();
    let body =
        RequestBody::new(StreamBody::new(ReceiverStream::new(drips)), 0, held.clone(), Activity::new());
    drop(held);
    let ended = tokio::time::timeout(Duration::from_secs(3_600), body.collect())
        .await
        .expect("it is not held for an hour");
    let ended = ended.err().unwrap();
    assert_eq!(ended.code(), Code::DeadlineExceeded);
    assert!(ended.message().ends_with("nothing was done with what came: send it again"), "{ended}");
    assert_eq!(begun.elapsed(), BODY_MAX);
    assert!(shown.get().abs() < f64::EPSILON, "nothing of it is held");
}

#[tokio::test(start_paused = true)]
async fn requests_of_one_address_are_read_at_a_pace_and_those_of_others_at_once() {
    let bounds = Bounds { all: 1 << 30, per_source: 1 << 30, own: 1 << 30 };
    let budget = Budget::new(bounds, Gauge::new("held", "What is held.").unwrap());
    let meter = Arc::new(Meter::new(REQUEST_KIB));
    let read = async |source: Source, kib: usize| {
        let pieces = (0..kib).map(|_| Ok::<_, Infallible>(Frame::data(Bytes::from_static(&[0; KIB]))));
        let held = Arc::new(Mutex::new(budget.share(source)));
        let body = StreamBody::new(tokio_stream::iter(pieces));
        let pace = Some(ReadThrottle::new(meter.clone(), source));
        let begun = Instant::now();
        let read = RequestBody::new(body, 0, held, Activity::new()).at(pace).collect().await.unwrap();
        assert_eq!(read.to_bytes().len(), kib * KIB, "nothing of it is lost");
        begun.elapsed()
    };
    let [one, other] = [1, 2].map(|n| Source::of([10, 0, 0, n].into()));
    let begun = Instant::now();
    ReadThrottle::new(meter.clone(), other).wait(KIB).await;
    assert_eq!(begun.elapsed(), Duration::ZERO, "not even a tick");
    assert_eq!(read(one, 2_047).await, Duration::ZERO);
    let waited = read(one, 4_096).await;
    assert!((Duration::from_secs(1)..Duration::from_secs(3)).contains(&waited), "{waited:?}");
    assert_eq!((read(other, 2_000).await, read(Source::Own, 40_000).await), (Duration::ZERO, Duration::ZERO));
}

#[tokio::test(start_paused = true)]
async fn what_nobody_reads_of_a_request_is_taken_from_its_peer_within_bounds() {
    let budget =
        Budget::new(Bounds { all: 1, per_source: 1, own: 1 }, Gauge::new("held", "What is held.").unwrap());
    let begin = || {
        let (send, pieces) = tokio::sync::mpsc::channel(1);
        let held = Arc::new(Mutex::new(budget.share(Source::forwarded(Some([192, 0, 2, 1].into())))));
        let activity = Activity::new();
        (send, RequestBody::new(StreamBody::new(ReceiverStream::new(pieces)), 0, held, activity))
    };
    let piece = || Ok::<_, Infallible>(Frame::data(Bytes::from_static(&[0; 500_000])));
    // There is no room for it: its peer is told so, and goes on sending.
    let (send, mut body) = begin();
    let sending = tokio::spawn(async move {
        for _ in 0..4 {
            send.send(piece()).await.expect("the peer is heard out");
        }
    });
    let refused = body.frame().await.unwrap().err().unwrap();
    assert_eq!(refused.code(), Code::ResourceExhausted);
    drop(body);
    sending.await.unwrap();
    // A peer that never ends is not heard for ever, by bytes and by time.
    let (send, body) = begin();
    drop(body);
    let mut sent = 0;
    while send.send(piece()).await.is_ok() {
        sent += 500_000;
    }
    assert!((LEFT_BYTES_MAX..LEFT_BYTES_MAX + 2_000_000).contains(&sent), "{sent}");
    let (send, body) = begin();
    let begun = Instant::now();
    drop(body);
    send.closed().await;
    assert_eq!(begun.elapsed(), LEFT_WAIT);
}
