//! `GET`, `PUT` and `DELETE /push`: the key that pages subscribe with, and devices that come and go, each by their account's signature.

use axum::Json;
use axum::body::to_bytes;
use axum::extract::{Request, State};
use axum::response::{IntoResponse as _, Response};
use http::{HeaderMap, StatusCode, header};
use p256::PublicKey;
use sealdesk_machine::admission::Standing;
use sealdesk_protocol::push::{PUSH_BODY_BYTES_MAX, PushAct, PushRequest};
use serde::Deserialize;
use serde_json::{Value, json};
use tonic::Status;

use super::devices::{Device, KeepError, Language};
use super::{Push, Shared};
use crate::api::Api;
use crate::blobs::source_of;
use crate::http::names::{Origin, is_loopback};
use crate::http::{guard, problem, retry};
use crate::signed_request::{now, signer};
use crate::webhooks::Target;

/// Longest endpoint, in bytes: those of today have some 250.
const ENDPOINT_BYTES_MAX: usize = 1_024;
/// Longest origin of a page, in bytes.
const PAGE_BYTES_MAX: usize = 255;
/// Bytes of randomness from which a device's topics come.
const TOPICS_BYTES: usize = 32;

type Refused = (StatusCode, String);

/// A device as its page names it.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Named {
    endpoint: String,
    p256dh: String,
    auth: String,
    /// The origin of the page, to which a notice leads back.
    page: String,
    #[serde(default)]
    language: Language,
}

/// A device that is not to be told any more.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Ended {
    endpoint: String,
}

/// What pages subscribe with. A node without notices says so.
pub(super) async fn get(State(push): State<Push>, request: Request) -> Response {
    if push.0.devices.is_none() {
        return answer(&json!({ "enabled": false }));
    }
    let shared = push.clone();
    let key = push.0.api.store_work(source_of(&request), move |_| {
        shared.key().map_err(|error| {
            tracing::error!("the key of notices cannot be used: {error}");
            Status::internal("the node cannot use its key of notices: tell its operator")
        })
    });
    match key.await {
        Ok(key) => answer(&json!({ "enabled": true, "key": key.public() })),
        Err(status) => problem::of_status(&status),
    }
}

/// Has a device told from now on.
pub(super) async fn subscribe(State(push): State<Push>, request: Request) -> Response {
    changed(push, PushAct::Subscribe, request).await
}

/// Has it told no more.
pub(super) async fn unsubscribe(State(push): State<Push>, request: Request) -> Response {
    changed(push, PushAct::Unsubscribe, request).await
}

fn answer(value: &Value) -> Response {
    ([(header::CACHE_CONTROL, "no-store")], Json(value)).into_response()
}

async fn changed(push: Push, act: PushAct, request: Request) -> Response {
    let source = source_of(&request);
    if push.0.devices.is_none() {
        return problem::response(StatusCode::NOT_FOUND, "this node pushes no notices");
    }
    if let Err(wait) = push.0.changes.count(source) {
        let why = retry::with_retry(
            tonic::Code::ResourceExhausted,
            "too many devices come and go from this address: try again later".to_owned(),
            wait.seconds(),
        );
        return problem::of_status(&why);
    }
    let (head, body) = request.into_parts();
    let body = match to_bytes(body, PUSH_BODY_BYTES_MAX).await {
        Ok(body) => body,
        Err(error) => {
            let why = format!("the device is described in at most {PUSH_BODY_BYTES_MAX} bytes");
            let too_long = || problem::response(StatusCode::PAYLOAD_TOO_LARGE, &why);
            return problem::of_unread(error).unwrap_or_else(too_long);
        }
    };
    let shared = push.clone();
    let done = push.0.api.store_work(source, move |api| Ok(shared.0.change(api, act, &head.headers, &body)));
    match done.await {
        Ok(Ok(devices)) => answer(&json!({ "devices": devices })),
        Ok(Err((status, why))) => problem::response(status, &why),
        Err(status) => problem::of_status(&status),
    }
}

impl Shared {
    /// How many devices the account has afterwards.
    fn change(&self, api: &Api, act: PushAct, headers: &HeaderMap, body: &[u8]) -> Result<usize, Refused> {
        let Some(devices) = &self.devices else { return Ok(0) };
        let machine = api.ledger().machine();
        let request = PushRequest { ledger: machine.chain_id(), identity: machine.identity(), act, body };
        let account = signer(machine, headers, &request).map_err(|why| (StatusCode::UNAUTHORIZED, why))?;
        let unwritten = |error: KeepError| {
            if let KeepError::Io(error) = &error {
                tracing::error!("a device cannot be kept: {error}");
            }
            (StatusCode::SERVICE_UNAVAILABLE, error.to_string())
        };
        if act == PushAct::Unsubscribe {
            let Ended { endpoint } = read(body)?;
            return devices.remove(account.as_str(), &endpoint).map_err(|error| unwritten(error.into()));
        }
        let device = self.checked(read(body)?)?;
        let standing = machine.standing(&api.ledger().tip().snapshot, &account);
        let standing = standing.map_err(|error| (StatusCode::INTERNAL_SERVER_ERROR, error.to_string()))?;
        if standing == Standing::Newcomer {
            let why = "this desk does not know the account yet: write a ticket first";
            return Err((StatusCode::FORBIDDEN, why.to_owned()));
        }
        devices.add(account.as_str(), standing == Standing::Staff, device).map_err(unwritten)
    }

    /// A device that messages can be sealed for and posted to.
    fn checked(&self, named: Named) -> Result<Device, Refused> {
        let bad = |why: &str| (StatusCode::BAD_REQUEST, why.to_owned());
        let target = Target::of(&named.endpoint).map_err(|error| bad(&format!("the endpoint: {error}")))?;
        let literal = target.host.parse().ok();
        if named.endpoint.len() > ENDPOINT_BYTES_MAX {
            return Err(bad("the endpoint is longer than that of any push service"));
        }
        if literal.is_some_and(|address| !guard::may_reach(address, &self.config.allowed)) {
            return Err(bad("the endpoint is not at an address of the public internet"));
        }
        // A push service of one's own on this machine, as tests have one; `literal` is in `allowed` then.
        let is_here = literal.is_some_and(|address| address.to_canonical().is_loopback());
        if !target.tls && !is_here {
            return Err(bad("the endpoint of a push service begins with https://"));
        }
        let page = Origin::parse(&named.page).map_err(|error| bad(&format!("the page: {error}")))?;
        if page.as_str().len() > PAGE_BYTES_MAX
            || !page.as_str().starts_with("https://") && !is_loopback(page.host())
        {
            return Err(bad("the page is not one that a browser takes notices for"));
        }
        let mut topics = [0; TOPICS_BYTES];
        getrandom::fill(&mut topics)
            .map_err(|_| (StatusCode::SERVICE_UNAVAILABLE, "the node has no randomness now".to_owned()))?;
        let device = Device {
            endpoint: named.endpoint,
            p256dh: named.p256dh,
            auth: named.auth,
            page: page.as_str().to_owned(),
            language: named.language,
            topics: hex::encode(topics),
            made: now(),
        };
        let keys = device.recipient().filter(|keys| PublicKey::from_sec1_bytes(&keys.point).is_ok());
        keys.map(|_| device).ok_or_else(|| bad("p256dh and auth are not the keys of a subscription"))
    }
}

fn read<'a, T: Deserialize<'a>>(body: &'a [u8]) -> Result<T, Refused> {
    serde_json::from_slice(body).map_err(|_| {
        let why = "the body is not that of a device: {\"endpoint\", \"p256dh\", \"auth\", \"page\", \"language\"}, or {\"endpoint\"} to end it";
        (StatusCode::BAD_REQUEST, why.to_owned())
    })
}
