//! Waiting for what comes, beside a runtime.

use std::fmt::Debug;
use std::time::{Duration, Instant};

use sealdesk_testkit::waiting::PATIENCE;

/// Looks until there is what is waited for. A look in vain says what was there instead.
pub async fn until<S: Debug>(what: &str, mut look: impl AsyncFnMut() -> Result<(), S>) {
    let begun = Instant::now();
    while let Err(seen) = look().await {
        assert!(begun.elapsed() < PATIENCE, "waited {PATIENCE:?} for {what}; last seen: {seen:?}");
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
}

/// Waits for something that is told when it is there.
pub async fn within<T>(what: &str, coming: impl Future<Output = T>) -> T {
    let come = tokio::time::timeout(PATIENCE, coming).await;
    come.unwrap_or_else(|_| panic!("waited {PATIENCE:?} for {what}"))
}
