//! The streams of connections of HTTP/2, each of which can be ended by itself: where a connection is a proxy's, one stranger who does not
//! read what they asked for must not end what it carries for others.
//!
//! hyper serves each stream in a task, which it has spawned here. A task that ends before its answer has ended resets the stream, and what
//! was handed on of it is forgotten.

use std::future::Future;
use std::sync::{Arc, Mutex, PoisonError};

use tokio::sync::oneshot;

use super::activity::Activity;

/// What ends a stream, until somebody has said by what it is judged.
type Unjudged = Arc<Mutex<Option<oneshot::Sender<Arc<Activity>>>>>;

tokio::task_local! {
    /// Of the stream whose task this is.
    static STREAM: Unjudged;
}

/// Spawns the tasks of streams.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Streams;

impl<F> hyper::rt::Executor<F> for Streams
where
    F: Future + Send + 'static,
    F::Output: Send,
{
    fn execute(&self, stream: F) {
        let (judge, judged) = oneshot::channel();
        let unjudged = Arc::new(Mutex::new(Some(judge)));
        tokio::spawn(STREAM.scope(unjudged, async move {
            tokio::select! {
                _ = stream => {}
                () = overdue(judged) => tracing::debug!("a stream ended: what it answered was not read"),
            }
        }));
    }
}

/// Ends the stream whose task this is once what this activity has handed on is not read for too long. `false` where this is no stream's
/// task, as in HTTP/1.1, where a connection is one.
pub(crate) fn end_alone(activity: Arc<Activity>) -> bool {
    let judge = STREAM.try_with(|stream| stream.lock().unwrap_or_else(PoisonError::into_inner).take());
    judge.ok().flatten().is_some_and(|judge| judge.send(activity).is_ok())
}

async fn overdue(judged: oneshot::Receiver<Arc<Activity>>) {
    match judged.await {
        Ok(activity) => activity.unread_too_long().await,
        Err(_) => std::future::pending().await,
    }
}
