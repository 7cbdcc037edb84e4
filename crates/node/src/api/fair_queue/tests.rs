use std::time::Duration;

use prometheus::Gauge;
use tonic::Code;

use super::order::{HALF_LIFE, MUCH};
use super::*;

fn turns(shared: usize, own: usize) -> Arc<FairQueue> {
    counted(Count { shared, long: shared, own })
}

fn counted(count: Count) -> Arc<FairQueue> {
    let shown = || Gauge::new("held", "What is held.").unwrap();
    Arc::new(FairQueue::new(count, std::array::from_fn(|_| Budget::new(WAITING, shown()))))
}

fn stranger(number: u8) -> Source {
    Source::of([10, 0, 0, number].into())
}

/// Asks for a turn in a task of its own, and gives it once that waits.
async fn asking(turns: &Arc<FairQueue>, source: Source) -> tokio::task::JoinHandle<Result<Turn, Status>> {
    let turns = turns.clone();
    let asking = tokio::spawn(async move { turns.next(source, Work::Short).await });
    tokio::task::yield_now().await;
    asking
}

#[tokio::test(start_paused = true)]
async fn strangers_who_fill_the_line_keep_nobody_else_from_their_turn() {
    let turns = turns(1, 1);
    had(&turns, stranger(1), Work::Short, Duration::from_millis(80)).await;
    let held = turns.next(stranger(1), Work::Short).await.unwrap();
    let mut flood = Vec::new();
    for _ in 0..WAITING.per_source - 1 {
        flood.push(asking(&turns, stranger(1)).await);
    }
    let refused = turns.next(stranger(1), Work::Short).await.err().unwrap();
    assert_eq!(refused.code(), Code::ResourceExhausted, "one source has had its places");
    let own = turns.next(Source::Own, Work::Short).await.unwrap();
    let honest = asking(&turns, stranger(2)).await;
    drop(held);
    let honest = honest.await.unwrap().unwrap();
    assert!(flood.iter().all(|call| !call.is_finished()), "they come after the others");
    drop(honest);
    let second = asking(&turns, Source::Own).await;
    drop(own);
    drop(second.await.unwrap().unwrap());
    for call in flood {
        drop(call.await.unwrap().unwrap());
    }
    assert_eq!(turns.line.lock().free, Free { shared: 1, long: 1, own: 1 }, "no turn is lost");
}

#[tokio::test]
async fn calls_that_are_taken_back_fill_no_memory() {
    let turns = turns(1, 0);
    let held = turns.next(stranger(1), Work::Short).await.unwrap();
    for _ in 0..10 * WAITING.per_source {
        let gone = asking(&turns, stranger(2)).await;
        gone.abort();
        drop(gone.await);
    }
    let waiting = |inner: &Inner| (inner.calls[&(stranger(2), Work::Short)].len(), inner.calls.len());
    let (calls, askers) = waiting(&turns.line.lock());
    assert!(calls <= WAITING.per_source && askers == 1);
    for number in 0..2 * REMEMBERED_MAX {
        let number = u32::try_from(number).unwrap();
        let source = Source::of(std::net::Ipv4Addr::from_bits(0x0b00_0000 | number).into());
        let gone = asking(&turns, source).await;
        gone.abort();
        drop(gone.await);
    }
    assert!(turns.line.lock().calls.len() <= REMEMBERED_MAX, "nor do those of many sources");
    drop(held);
}

#[tokio::test]
async fn a_call_that_ends_before_its_turn_comes_costs_nobody_a_turn() {
    let turns = turns(1, 0);
    let held = turns.next(stranger(1), Work::Short).await.unwrap();
    let (gone, waits) = (asking(&turns, stranger(2)).await, asking(&turns, stranger(3)).await);
    gone.abort();
    assert!(gone.await.err().unwrap().is_cancelled());
    drop(held);
    let turn = waits.await.unwrap().unwrap();
    // Given, and never looked at.
    let late = asking(&turns, stranger(2)).await;
    drop(turn);
    late.abort();
    drop(late.await);
    drop(turns.next(stranger(4), Work::Short).await.unwrap());
    assert_eq!(turns.line.lock().free, Free { shared: 1, long: 1, own: 0 });
    assert!(turns.line.lock().calls.is_empty());
}

/// Gives once its caller has had a turn of some kind for so long.
async fn had(turns: &Arc<FairQueue>, source: Source, work: Work, long: Duration) {
    let turn = turns.next(source, work).await.unwrap();
    tokio::time::advance(long).await;
    drop(turn);
}

#[tokio::test(start_paused = true)]
async fn who_has_had_little_is_next_however_many_others_wait() {
    let turns = turns(1, 0);
    for number in 1..=20 {
        had(&turns, stranger(number), Work::Short, Duration::from_millis(80)).await;
    }
    had(&turns, stranger(99), Work::Short, Duration::from_millis(1)).await;
    let held = turns.next(stranger(1), Work::Short).await.unwrap();
    // What was had while nobody waited is not owed, but it is known what their calls take.
    let mut flood = Vec::new();
    for number in (1..=20).cycle().take(100) {
        let turns = turns.clone();
        flood.push(tokio::spawn(
            async move { drop(turns.next(stranger(number), Work::Short).await.unwrap()) },
        ));
        tokio::task::yield_now().await;
    }
    let honest = asking(&turns, stranger(99)).await;
    drop(held);
    let turn = honest.await.unwrap().unwrap();
    assert!(flood.iter().all(|call| !call.is_finished()), "they came first, and have had more");
    // What was had long ago is as good as never had.
    tokio::time::advance(20 * HALF_LIFE).await;
    drop(turn);
    for call in flood {
        call.await.unwrap();
    }
}

#[tokio::test(start_paused = true)]
async fn a_source_that_checks_much_does_not_wait_with_what_it_reads() {
    let turns = turns(1, 0);
    had(&turns, stranger(1), Work::Check, Duration::from_millis(50)).await;
    let held = turns.next(stranger(1), Work::Check).await.unwrap();
    let line = turns.clone();
    let check = tokio::spawn(async move { line.next(stranger(1), Work::Check).await });
    tokio::task::yield_now().await;
    let read = asking(&turns, stranger(1)).await;
    drop(held);
    drop(read.await.unwrap().unwrap());
    drop(check.await.unwrap().unwrap());
}

#[tokio::test]
async fn of_equals_the_first_is_next_and_searches_take_no_place_of_a_reader() {
    let turns = turns(1, 0);
    let held = turns.next(stranger(5), Work::Short).await.unwrap();
    let (one, other) = (asking(&turns, stranger(9)).await, asking(&turns, stranger(1)).await);
    let mut searches = Vec::new();
    for number in 0..2 * WAITING.all {
        let (turns, number) = (turns.clone(), u8::try_from(number % 32).unwrap() + 100);
        searches.push(tokio::spawn(async move { turns.next(stranger(number), Work::Long).await.map(drop) }));
        tokio::task::yield_now().await;
    }
    let late = asking(&turns, stranger(2)).await;
    drop(held);
    let first = one.await.unwrap().unwrap();
    assert!(!other.is_finished() && !late.is_finished());
    drop(first);
    drop(other.await.unwrap().unwrap());
    drop(late.await.unwrap().expect("there is room to wait"));
    let mut refused = 0;
    for search in searches {
        refused += usize::from(search.await.unwrap().is_err());
    }
    assert_eq!(refused, WAITING.all);
}

#[tokio::test(start_paused = true)]
async fn long_work_and_those_who_have_had_much_leave_a_turn_to_others() {
    let turns = counted(Count { shared: 2, long: 1, own: 0 });
    for number in 1..=2 {
        had(&turns, stranger(number), Work::Short, 2 * MUCH).await;
    }
    let first = turns.next(stranger(1), Work::Short).await.unwrap();
    let second = asking(&turns, stranger(2)).await;
    let line = turns.clone();
    let search = tokio::spawn(async move { line.next(stranger(3), Work::Long).await });
    tokio::task::yield_now().await;
    assert!(!second.is_finished() && !search.is_finished(), "one of the two turns is left");
    drop(turns.next(stranger(4), Work::Short).await.unwrap());
    drop(first);
    drop(search.await.unwrap().unwrap());
    drop(second.await.unwrap().unwrap());
    assert_eq!(turns.line.lock().free, Free { shared: 2, long: 1, own: 0 }, "no turn is lost");
    // After some time nobody has had much.
    tokio::time::advance(10 * HALF_LIFE).await;
    let both = (turns.next(stranger(1), Work::Short).await, turns.next(stranger(2), Work::Short).await);
    assert!(both.0.is_ok() && both.1.is_ok());
}

#[tokio::test(start_paused = true)]
async fn a_turn_that_is_followed_by_a_rest_is_nobody_s_until_that_is_over() {
    let turns = turns(1, 0);
    let work = Resting::after(turns.next(stranger(1), Work::Long).await.unwrap(), 9);
    tokio::time::advance(Duration::from_millis(2)).await;
    let begun = Instant::now();
    drop(work);
    drop(turns.next(stranger(2), Work::Long).await.unwrap());
    let waited = begun.elapsed().as_millis();
    assert!((18..25).contains(&waited), "{waited} ms");
}
