//! One message to one device: sealed, signed for its push service, posted. No redirect is followed, and of an answer its status is all that
//! counts.

use std::io::Error;

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use hmac::{Hmac, KeyInit as _, Mac as _};
use http::{Request, StatusCode, header};
use http_body_util::Full;
use hyper::body::Bytes;
use rustls::pki_types::ServerName;
use sha2::Sha256;
use tokio_util::either::Either;

use super::Push;
use super::devices::Device;
use super::sealing::{self, SALT_BYTES};
use super::sending::Outbox;
use super::{message, vapid};
use crate::http::client::{Bounds, ask};
use crate::http::guard;
use crate::signed_request::now;
use crate::webhooks::Target;

/// For how long a push service keeps a message for a device that is off, in seconds.
const TTL_SECONDS: u32 = 12 * 3_600;
/// Most bytes of an answer that are read.
const ANSWER_BYTES_MAX: usize = 65_536;
/// Bytes of a topic: 32 letters, the most that it may have.
const TOPIC_BYTES: usize = 24;

/// Why a message is not with its push service.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Unsent {
    /// The service knows the device no more.
    Gone,
    /// It will not take it later either.
    Refused(String),
    /// It may.
    Later(String),
}

/// What takes the place of an earlier message to the device about the same ticket, and says nothing to who does not know the device's
/// own randomness.
fn topic(device: &Device, ticket: &str) -> Option<String> {
    let key = hex::decode(&device.topics).ok()?;
    let mut mac = Hmac::<Sha256>::new_from_slice(&key).ok()?;
    mac.update(ticket.as_bytes());
    mac.finalize().into_bytes().get(..TOPIC_BYTES).map(|bytes| URL_SAFE_NO_PAD.encode(bytes))
}

/// Posts a message about a ticket.
pub(super) async fn post(push: &Push, outbox: &Outbox, device: &Device, ticket: &str) -> Result<(), Unsent> {
    let refused = |why: &str| Unsent::Refused(why.to_owned());
    let target = Target::of(&device.endpoint).map_err(|error| Unsent::Refused(error.to_string()))?;
    let shared = push.clone();
    let key = tokio::task::spawn_blocking(move || shared.key()).await;
    let key =
        key.map_err(Error::other).and_then(|key| key).map_err(|error| Unsent::Later(error.to_string()))?;
    let sealed = sealed(device).ok_or_else(|| refused("nothing can be sealed for this device"))?;
    let scheme = if target.tls { "https" } else { "http" };
    let own_contact = push.0.config.contact.as_deref();
    let contact =
        own_contact.or_else(|| Some(device.page.as_str()).filter(|page| page.starts_with("https:")));
    let authorization = key.authorization(&format!("{scheme}://{}", target.authority), contact, now());
    let request = Request::post(target.path.as_str())
        .header(header::HOST, &target.authority)
        .header(header::AUTHORIZATION, authorization)
        .header(header::CONTENT_TYPE, "application/octet-stream")
        .header(header::CONTENT_ENCODING, "aes128gcm")
        .header("ttl", TTL_SECONDS)
        .header("urgency", "normal")
        .header("topic", topic(device, ticket).ok_or_else(|| refused("the device has no topics"))?)
        .body(Full::new(Bytes::from(sealed)));
    let request = request.map_err(|error| Unsent::Refused(error.to_string()))?;
    let tls = if target.tls { Some(outbox.tls().await.map_err(Unsent::Later)?) } else { None };
    let wait = push.0.policy.wait;
    let connecting = async {
        let stream = guard::reach(&target.host, target.port, &push.0.config.allowed, wait).await;
        let stream = stream.map_err(Error::other)?;
        match tls {
            None => Ok(Either::Left(stream)),
            Some(tls) => {
                let name = ServerName::try_from(target.host.clone()).map_err(Error::other)?;
                Ok(Either::Right(tls.connect(name, stream).await?))
            }
        }
    };
    let answer = ask(connecting, request, Bounds { body_bytes: ANSWER_BYTES_MAX, wait }).await;
    judged(answer.map_err(Unsent::Later)?.status())
}

fn judged(status: StatusCode) -> Result<(), Unsent> {
    let why = format!("it answered {status}");
    match status {
        status if status.is_success() => Ok(()),
        StatusCode::NOT_FOUND | StatusCode::GONE => Err(Unsent::Gone),
        StatusCode::TOO_MANY_REQUESTS => Err(Unsent::Later(why)),
        status if status.is_server_error() => Err(Unsent::Later(why)),
        _ => Err(Unsent::Refused(why)),
    }
}

fn sealed(device: &Device) -> Option<Vec<u8>> {
    let text = sealing::padded(&message::text(&device.page, device.language))?;
    let mut salt = [0; SALT_BYTES];
    getrandom::fill(&mut salt).ok()?;
    sealing::seal(&text, &device.recipient()?, &vapid::random_scalar().ok()?, salt)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::push::devices::Language;

    #[test]
    fn a_topic_is_of_a_ticket_and_a_device_and_tells_neither() {
        let device = |topics: &str| Device {
            endpoint: "https://push.example/1".to_owned(),
            p256dh: String::new(),
            auth: String::new(),
            page: "https://desk.example".to_owned(),
            language: Language::German,
            topics: topics.repeat(32),
            made: 0,
        };
        let (one, other) = (device("ab"), device("cd"));
        let topic = |device, number: u8| super::topic(device, &format!("TKT-{number:08}")).unwrap();
        assert_eq!(topic(&one, 1), topic(&one, 1));
        assert_eq!(topic(&one, 1).len(), 32);
        assert!(topic(&one, 1) != topic(&one, 2) && topic(&one, 1) != topic(&other, 1));
    }

    #[test]
    fn a_device_that_is_gone_is_told_from_a_service_that_is_busy() {
        for (status, expected) in [(201, "Ok"), (204, "Ok"), (404, "Gone"), (410, "Gone"), (429, "Later")] {
            let said = format!("{:?}", judged(StatusCode::from_u16(status).unwrap()));
            assert!(said.contains(expected), "{status}: {said}");
        }
        for (status, expected) in
            [(500, "Later"), (503, "Later"), (301, "Refused"), (400, "Refused"), (403, "Refused")]
        {
            let said = format!("{:?}", judged(StatusCode::from_u16(status).unwrap()));
            assert!(said.contains(expected), "{status}: {said}");
        }
    }
}
