//! Who of the staff is at which ticket: what somebody signed is passed on to the others there for some seconds ([`frames`]), on their
//! account's signature ([`requests`]). It is in memory alone: nothing of it is written, logged, or told to other nodes.

mod frames;
mod requests;
#[cfg(test)]
mod tests;

use std::fmt;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use axum::Router;
use axum::extract::DefaultBodyLimit;
use axum::routing::{get, put};
use sealdesk_protocol::presence::PRESENCE_BODY_BYTES_MAX;

use crate::api::Api;
use crate::home::PresenceConfig;
use crate::http::meter::{Meter, Rate};
use frames::Frames;

/// What comes from one address: an office of a hundred people who say it every eight seconds, and at once when they begin to write.
const SAYING: Rate = Rate { at_once: 300, once_more_after: Duration::from_millis(50) };

/// Presence at a running node. Cheap to clone.
#[derive(Clone)]
pub(crate) struct Presence(Arc<Shared>);

impl fmt::Debug for Presence {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Presence").field("enabled", &self.0.is_enabled).finish_non_exhaustive()
    }
}

struct Shared {
    api: Api,
    is_enabled: bool,
    frames: Mutex<Frames>,
    /// How often anything may be said from one address.
    saying: Meter,
}

impl PresenceConfig {
    /// Whether staff may see each other at tickets. Where several operators run the ledger's nodes, each of them decides.
    fn is_enabled(&self, is_replicated: bool) -> bool {
        self.enabled.unwrap_or(!is_replicated)
    }
}

impl Presence {
    /// Presence as the operator has it, at a node of an embedded or of a replicated ledger.
    pub(crate) fn new(api: &Api, config: &PresenceConfig, is_replicated: bool) -> Self {
        Self(Arc::new(Shared {
            api: api.clone(),
            is_enabled: config.is_enabled(is_replicated),
            frames: Mutex::default(),
            saying: Meter::new(SAYING),
        }))
    }

    /// Where staff say it, and hear of each other.
    pub(crate) fn router(&self) -> Router {
        Router::new()
            .route("/presence", get(requests::get))
            .route("/presence/{ticket}", put(requests::say))
            .layer(DefaultBodyLimit::max(PRESENCE_BODY_BYTES_MAX))
            .with_state(self.clone())
    }
}
