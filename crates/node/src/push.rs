//! Push notices: a device that somebody subscribed is told "something new", by the push service of its browser's maker (RFC 8030).
//!
//! Two things are told and no more: a ticket was assigned to this person, and somebody else answered on their ticket ([`events`]). What is
//! sent is sealed for the device, has one size, and says the same every time ([`message`], [`sealing`]); the push service sees where, when,
//! and by which node's key ([`vapid`]). Devices are kept beside the ledger, not in it ([`devices`]), each on its account's signature
//! ([`requests`]); [`sending`] and [`post`] bring them within bounds, to public addresses alone.

mod config;
mod devices;
mod events;
mod message;
mod post;
mod requests;
mod sealing;
mod sending;
#[cfg(test)]
mod tests;
mod vapid;

use std::path::PathBuf;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;
use std::{fmt, io};

use axum::Router;
use axum::extract::DefaultBodyLimit;
use axum::routing::get;
use sealdesk_protocol::push::PUSH_BODY_BYTES_MAX;
use tokio_util::sync::CancellationToken;

use crate::api::Api;
use crate::home::{Home, PushConfig};
use crate::http::meter::{Meter, Rate};
use crate::signed_request::now;
use devices::Devices;
pub(crate) use sending::RetryPolicy;
use vapid::VapidKey;

/// Devices that come and go from one address: an office in which everybody begins on the same morning.
const CHANGES: Rate = Rate { at_once: 60, once_more_after: Duration::from_secs(10) };
/// The folder of a home.
const DIR: &str = "push";

/// The notices of a running node. Cheap to clone.
#[derive(Clone)]
pub(crate) struct Push(Arc<Shared>);

impl fmt::Debug for Push {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Push").field("config", &self.0.config).finish_non_exhaustive()
    }
}

struct Shared {
    api: Api,
    config: PushConfig,
    dir: PathBuf,
    /// `None` where the operator wants no notices, or nothing can be kept.
    devices: Option<Devices>,
    key: Mutex<Option<Arc<VapidKey>>>,
    policy: RetryPolicy,
    /// How often devices may come and go from one address.
    changes: Meter,
    stop: CancellationToken,
    /// What reads the ledger, until it has ended.
    reading: Mutex<Option<tokio::task::JoinHandle<()>>>,
}

impl Push {
    /// Begins to tell devices of what happens from now on. A node whose devices cannot be read serves without, and says so.
    ///
    /// # Errors
    /// In words, where the configuration cannot be followed.
    pub(crate) fn start(
        home: &Home,
        api: &Api,
        config: PushConfig,
        policy: RetryPolicy,
    ) -> Result<Self, String> {
        config.check()?;
        let dir = home.path().join(DIR);
        let devices = config.is_enabled().then(|| Devices::open(&dir, now()));
        let devices = devices.and_then(|opened| {
            opened.inspect_err(|error| tracing::warn!("this node pushes no notices: {error}")).ok()
        });
        let push = Self(Arc::new(Shared {
            api: api.clone(),
            config,
            dir,
            devices,
            key: Mutex::default(),
            policy,
            changes: Meter::new(CHANGES),
            stop: CancellationToken::new(),
            reading: Mutex::default(),
        }));
        if push.0.devices.is_some() {
            let reading = tokio::spawn(sending::run(push.clone()));
            *push.0.reading.lock().unwrap_or_else(PoisonError::into_inner) = Some(reading);
        }
        Ok(push)
    }

    /// Where devices are subscribed.
    pub(crate) fn router(&self) -> Router {
        let methods = get(requests::get).put(requests::subscribe).delete(requests::unsubscribe);
        Router::new()
            .route("/push", methods)
            .layer(DefaultBodyLimit::max(PUSH_BODY_BYTES_MAX))
            .with_state(self.clone())
    }

    /// Sends nothing more, and reads nothing: whoever starts the node again finds its files free.
    pub(crate) async fn stop(self) {
        self.0.stop.cancel();
        let reading = self.0.reading.lock().unwrap_or_else(PoisonError::into_inner).take();
        if let Some(reading) = reading {
            // How it ended does not matter: it is over.
            let _ = reading.await.is_ok();
        }
    }

    /// This node's key, made where there is none. May block.
    fn key(&self) -> io::Result<Arc<VapidKey>> {
        let mut held = self.0.key.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(key) = held.as_ref() {
            return Ok(key.clone());
        }
        let key = Arc::new(VapidKey::open(&self.0.dir)?);
        *held = Some(key.clone());
        Ok(key)
    }
}
