//! `google.rpc.ErrorInfo`: what an error is, for programs, in the details of every error that a service answers with.

use std::collections::BTreeMap;

use axum::middleware::map_response;
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD_NO_PAD;
use http::{HeaderValue, Response};
use prost::{Message as _, Name as _};
use prost_types::Any;
use sealdesk_protocol::codes::Refusal;
use sealdesk_protocol::wire::google::rpc;
use tonic::service::Routes;
use tonic::{Code, Status};

/// Where reasons are told apart.
const DOMAIN: &str = "sealdesk";
/// The codespace of what is no refusal of the ledger: its codes are gRPC's.
const NODE: &str = "node";
/// Where gRPC carries an error's details.
const DETAILS: &str = "grpc-status-details-bin";

/// The same services, whose errors all say what they are.
pub(super) fn on(routes: Routes) -> Routes {
    routes.into_axum_router().layer(map_response(informed)).into()
}

/// What names a refusal.
pub(super) struct Named<'a> {
    pub(super) codespace: &'a str,
    pub(super) code: u32,
}

impl From<&Refusal> for Named<'_> {
    fn from(refusal: &Refusal) -> Self {
        Self { codespace: refusal.codespace(), code: refusal.code() }
    }
}

/// A refusal as an error of gRPC.
pub(super) fn of_refusal(code: Code, refusal: &Named<'_>, words: &str) -> Status {
    let Named { codespace, code: number } = *refusal;
    let text = format!("{words} (codespace {codespace}, code {number})");
    let reason = format!("{}_{number}", codespace.to_ascii_uppercase());
    crate::http::retry::with_details(code, text, &info(reason, codespace, number))
}

fn info(reason: String, codespace: &str, code: u32) -> rpc::ErrorInfo {
    let metadata = [("codespace", codespace.to_owned()), ("code", code.to_string())];
    let metadata = metadata.map(|(name, value)| (name.to_owned(), value));
    rpc::ErrorInfo { reason, domain: DOMAIN.to_owned(), metadata: BTreeMap::from(metadata) }
}

/// An answer; an error that does not say yet what it is, with that.
async fn informed<B>(mut response: Response<B>) -> Response<B> {
    let Some(status) = Status::from_header_map(response.headers()) else { return response };
    if status.code() == Code::Ok {
        return response;
    }
    let mut details = rpc::Status::decode(status.details()).unwrap_or_default();
    let known = rpc::ErrorInfo::full_name();
    if details.details.iter().any(|detail| detail.type_url.ends_with(&known)) {
        return response;
    }
    let code = i32::from(status.code());
    let info = info(reason(status.code()), NODE, u32::try_from(code).unwrap_or_default());
    (details.code, details.message) = (code, status.message().to_owned());
    let type_url = format!("type.googleapis.com{}", rpc::ErrorInfo::type_url());
    details.details.push(Any { type_url, value: info.encode_to_vec() });
    if let Ok(value) = HeaderValue::from_str(&STANDARD_NO_PAD.encode(details.encode_to_vec())) {
        response.headers_mut().insert(DETAILS, value);
    }
    response
}

/// The name of a code, as gRPC writes it.
fn reason(code: Code) -> String {
    let mut name = String::new();
    for letter in format!("{code:?}").chars() {
        if letter.is_ascii_uppercase() && !name.is_empty() {
            name.push('_');
        }
        name.push(letter.to_ascii_uppercase());
    }
    name
}

#[cfg(test)]
mod tests {
    use super::*;

    async fn details(status: Status) -> rpc::Status {
        let answered = informed(status.into_http::<axum::body::Body>()).await;
        let status = Status::from_header_map(answered.headers()).unwrap();
        rpc::Status::decode(status.details()).unwrap()
    }

    #[tokio::test]
    async fn every_error_says_what_it_is_and_keeps_what_it_said() {
        let busy = details(crate::http::busy("why")).await;
        assert_eq!(busy.details.len(), 2, "{busy:?}");
        let info = rpc::ErrorInfo::decode(busy.details[1].value.as_slice()).unwrap();
        assert_eq!((info.reason.as_str(), info.domain.as_str()), ("RESOURCE_EXHAUSTED", "sealdesk"));
        assert_eq!((info.metadata["codespace"].as_str(), info.metadata["code"].as_str()), ("node", "8"));
        let refused = details(of_refusal(
            Code::FailedPrecondition,
            &Named { codespace: "support", code: 12 },
            "too often",
        ))
        .await;
        assert_eq!(
            (refused.details.len(), refused.message.as_str()),
            (1, "too often (codespace support, code 12)")
        );
        let info = rpc::ErrorInfo::decode(refused.details[0].value.as_slice()).unwrap();
        assert_eq!((info.reason.as_str(), info.metadata["code"].as_str()), ("SUPPORT_12", "12"));
    }
}
