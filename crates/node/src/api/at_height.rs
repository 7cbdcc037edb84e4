//! `x-cosmos-block-height`: of which block Cosmos's clients want the state. This node answers from the newest alone, and says so to whoever asks
//! for another; an answer from another state than the one that was asked for would be taken for it.

use axum::extract::{Request, State};
use axum::middleware::{Next, from_fn_with_state};
use axum::response::Response;
use http::HeaderMap;
use tonic::Status;
use tonic::service::Routes;

use super::Api;

/// The name of the height in metadata.
pub(crate) const BLOCK_HEIGHT: &str = "x-cosmos-block-height";

/// The same services, none of which answers for a state that it does not have.
pub(super) fn on(routes: Routes, api: &Api) -> Routes {
    routes.into_axum_router().layer(from_fn_with_state(api.clone(), judged)).into()
}

async fn judged(State(api): State<Api>, request: Request, next: Next) -> Response {
    match judge(request.headers(), api.ledger().tip().height) {
        Ok(()) => next.run(request).await,
        Err(refused) => refused.into_http(),
    }
}

fn judge(metadata: &HeaderMap, newest: u64) -> Result<(), Status> {
    for asked in metadata.get_all(BLOCK_HEIGHT) {
        let asked = asked.to_str().ok().map(str::trim);
        let height =
            asked.and_then(|asked| if asked.is_empty() { Some(0) } else { asked.parse::<u64>().ok() });
        match height {
            // In Cosmos, too, this is the newest.
            Some(0) => {}
            Some(height) if height == newest => {}
            Some(height) => {
                return Err(Status::invalid_argument(format!(
                    "only the newest state can be asked for, of block {newest}, and not that of block {height}: leave {BLOCK_HEIGHT} out"
                )));
            }
            None => {
                return Err(Status::invalid_argument(format!(
                    "{BLOCK_HEIGHT} is a height that is not negative"
                )));
            }
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use http::HeaderValue;
    use sealdesk_protocol::wire::cosmos::auth::v1beta1::QueryAccountsRequest;
    use tonic::Code;

    use super::*;
    use crate::api::dispatch::{Call, Dispatch};
    use crate::desk::{Memory, clock, open};
    use crate::http::source::Source;

    #[tokio::test]
    async fn whoever_asks_for_another_state_than_the_newest_is_not_given_the_newest() {
        let solo = open(Memory::default().disks(), &clock()).unwrap();
        let api = Api::new(solo.handle().clone(), std::collections::BTreeMap::new());
        let dispatch = Dispatch::new(api.routes().unwrap());
        let newest = api.ledger().tip().height;
        let ask = async |height: &str| {
            let message = prost::Message::encode_to_vec(&QueryAccountsRequest::default()).into();
            let mut metadata = HeaderMap::new();
            metadata.insert(BLOCK_HEIGHT, HeaderValue::from_str(height).unwrap());
            let path = "/cosmos.auth.v1beta1.Query/Accounts";
            dispatch.unary(Call { source: Source::Own, path, metadata, message }).await.map(drop)
        };
        for good in ["", "0", &newest.to_string()] {
            assert_eq!(ask(good).await.err().map(|status| status.to_string()), None, "{good}");
        }
        for other in [&(newest + 1).to_string(), "18446744073709551615", "-1", "x"] {
            let refused = ask(other).await.expect_err("another state than the newest");
            assert_eq!(refused.code(), Code::InvalidArgument, "{other}: {refused}");
        }
    }
}
