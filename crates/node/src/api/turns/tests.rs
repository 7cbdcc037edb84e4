use prometheus::Gauge;
use tokio::task::JoinHandle;
use tonic::Code;

use super::*;

fn turns(shared: usize, own: usize) -> Arc<Turns> {
    counted(Count { shared, long: shared, own })
}

fn counted(count: Count) -> Arc<Turns> {
    let shown = || Gauge::new("held", "What is held.").unwrap();
    Arc::new(Turns::new(count, std::array::from_fn(|_| Budget::new(WAITING, shown()))))
}

fn stranger(number: u8) -> Source {
    Source::of([10, 0, 0, number].into())
}

/// Asks for a turn in a task of its own, and gives it once that waits.
async fn asking(turns: &Arc<Turns>, source: Source) -> JoinHandle<Result<Turn, Status>> {
    let turns = turns.clone();
    let asking = tokio::spawn(async move { turns.next(source, Work::Short).await });
    tokio::task::yield_now().await;
    asking
}

#[tokio::test(start_paused = true)]
async fn strangers_who_fill_the_line_keep_nobody_else_from_their_turn() {
    let turns = turns(1, 1);
    had(&turns, stranger(1), Work::Short, 2 * MUCH).await;
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
    assert_eq!(turns.line.lock().free, [1, 1], "no turn is lost");
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
    let waiting = |inner: &Inner| (inner.lines[&(stranger(2), Work::Short)].calls.len(), inner.lines.len());
    let (calls, askers) = waiting(&turns.line.lock());
    assert!(calls <= WAITING.per_source && askers == 1);
    for number in 0..2 * REMEMBERED_MAX {
        let number = u32::try_from(number).unwrap();
        let source = Source::of(std::net::Ipv4Addr::from_bits(0x0b00_0000 | number).into());
        let gone = asking(&turns, source).await;
        gone.abort();
        drop(gone.await);
    }
    assert!(turns.line.lock().lines.len() <= REMEMBERED_MAX, "nor do those of many sources");
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
    assert_eq!(turns.line.lock().free, [1, 0]);
    assert!(turns.line.lock().lines.is_empty());
}

/// Gives once its caller has had a turn of some kind for so long.
async fn had(turns: &Arc<Turns>, source: Source, work: Work, long: Duration) {
    let turn = turns.next(source, work).await.unwrap();
    tokio::time::advance(long).await;
    drop(turn);
}

#[tokio::test(start_paused = true)]
async fn who_has_had_little_is_next_however_many_others_wait() {
    let turns = turns(1, 0);
    for number in 1..=4 {
        had(&turns, stranger(number), Work::Short, 4 * MUCH).await;
    }
    had(&turns, stranger(99), Work::Short, Duration::from_millis(1)).await;
    let held = turns.next(stranger(1), Work::Short).await.unwrap();
    let mut flood = Vec::new();
    for number in (1..=4).cycle().take(100) {
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
async fn turns_go_round_those_who_ask_and_not_round_their_calls() {
    let turns = turns(1, 0);
    let held = turns.next(stranger(1), Work::Short).await.unwrap();
    let mut crowd = Vec::new();
    for number in (1..=20).cycle().take(400) {
        crowd.push(asking(&turns, stranger(number)).await);
    }
    let mut honest = asking(&turns, stranger(99)).await;
    let (mut turn, mut before) = (held, 0);
    loop {
        drop(turn);
        tokio::task::yield_now().await;
        if honest.is_finished() {
            break;
        }
        let next = crowd.iter().position(JoinHandle::is_finished).unwrap();
        turn = crowd.swap_remove(next).await.unwrap().unwrap();
        before += 1;
    }
    assert_eq!(before, 20, "one of each who came before");
    drop((&mut honest).await.unwrap().unwrap());
}

#[tokio::test]
async fn a_turn_costs_what_is_computed_in_it_and_some_of_what_it_waits() {
    let millis = Duration::from_millis;
    assert_eq!(cost_of(millis(80), None), millis(80));
    assert_eq!(cost_of(millis(80), Some(millis(50))), millis(50));
    assert_eq!(cost_of(millis(80), Some(millis(1))), millis(20));
    let turns = turns(1, 0);
    let turn = turns.next(stranger(1), Work::Short).await.unwrap();
    let (slept, worked) = std::thread::spawn(move || {
        let working = turn.begin();
        std::thread::sleep(millis(60));
        let slept = processor_time() - working.begun;
        while processor_time() - working.begun < millis(60) {}
        (slept, processor_time() - working.begun)
    })
    .join()
    .unwrap();
    assert!(slept < millis(30) && worked >= millis(60), "{slept:?} {worked:?}");
    let had = turns.line.lock().had((stranger(1), Work::Short), Instant::now());
    assert!(had > 0.015, "{had}");
}

#[tokio::test(start_paused = true)]
async fn nobody_gains_by_taking_calls_back_and_asking_anew() {
    let turns = turns(1, 0);
    let held = turns.next(stranger(1), Work::Short).await.unwrap();
    let mut calls = VecDeque::new();
    for _ in 0..WAITING.per_source - 1 {
        calls.push_back(asking(&turns, stranger(2)).await);
    }
    let honest = asking(&turns, stranger(3)).await;
    drop(held);
    let first = calls.pop_front().unwrap().await.unwrap().unwrap();
    // The calls behind the one that was served are older than the other's.
    for _ in 0..8 {
        calls.pop_front().unwrap().abort();
        tokio::task::yield_now().await;
        calls.push_back(asking(&turns, stranger(2)).await);
    }
    drop(first);
    tokio::task::yield_now().await;
    assert!(honest.is_finished() && calls.iter().all(|call| !call.is_finished()));
    drop(honest.await.unwrap().unwrap());
    // Calls in front that were taken back hold up no call behind them.
    let last = calls.pop_back().unwrap();
    for call in calls {
        call.abort();
    }
    drop(last.await.unwrap().unwrap());
    assert_eq!(turns.line.lock().free, [1, 0], "no turn is lost");
}

#[tokio::test(start_paused = true)]
async fn a_source_that_checks_much_does_not_wait_with_what_it_reads() {
    let turns = turns(1, 0);
    had(&turns, stranger(1), Work::Check, 2 * MUCH).await;
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
    let left = |inner: &Inner| (inner.free, inner.long);
    assert_eq!(left(&turns.line.lock()), ([2, 0], 1), "no turn is lost");
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

#[tokio::test(start_paused = true)]
async fn what_strangers_have_had_fills_no_memory_and_the_most_is_not_forgotten() {
    let turns = turns(1, 0);
    had(&turns, stranger(1), Work::Short, MUCH).await;
    for number in 0..2 * REMEMBERED_MAX {
        let number = u32::try_from(number).unwrap();
        let source = Source::of(std::net::Ipv4Addr::from_bits(0x0b00_0000 | number).into());
        had(&turns, source, Work::Short, Duration::from_micros(100)).await;
    }
    let inner = turns.line.lock();
    assert!(inner.had.len() <= REMEMBERED_MAX, "{}", inner.had.len());
    assert!(inner.had.contains_key(&(stranger(1), Work::Short)));
}
