//! Health by service, as gRPC's monitors ask for it. It is looked up when somebody asks: every service answers while the ledger runs, and
//! none is said to once the ledger has stopped or is about to.

use std::collections::BTreeSet;
use std::convert::Infallible;
use std::sync::Arc;

use http::Request as HttpRequest;
use tokio::sync::mpsc;
use tokio_stream::wrappers::ReceiverStream;
use tonic::body::Body;
use tonic::server::NamedService;
use tonic::service::Routes;
use tonic::{Request, Response, Status, async_trait};
use tonic_health::pb::health_check_response::ServingStatus;
use tonic_health::pb::health_server::{Health, HealthServer};
use tonic_health::pb::{HealthCheckRequest, HealthCheckResponse};
use tower::Service;

use super::{Api, REQUEST_BYTES_MAX, source_of};
use crate::http::budget::Share;
use crate::http::busy;
use crate::http::source::Source;

/// The services of a node, and what they are called.
#[derive(Default)]
pub(super) struct Services {
    routes: Routes,
    names: BTreeSet<&'static str>,
}

impl Services {
    /// One more.
    pub(super) fn add_service<S>(mut self, service: S) -> Self
    where
        S: Service<HttpRequest<Body>, Error = Infallible> + NamedService + Clone + Send + Sync + 'static,
        S::Response: axum::response::IntoResponse,
        S::Future: Send + 'static,
    {
        self.names.insert(S::NAME);
        self.routes = self.routes.add_service(service);
        self
    }

    /// All of them, with their health.
    pub(super) fn with_health(mut self, api: Api) -> Routes {
        self.names.insert(<HealthServer<Healths> as NamedService>::NAME);
        let health = HealthServer::new(Healths { api, names: Arc::new(self.names) });
        self.routes.add_service(health.max_decoding_message_size(REQUEST_BYTES_MAX))
    }
}

/// The health of each service.
struct Healths {
    api: Api,
    names: Arc<BTreeSet<&'static str>>,
}

impl Healths {
    /// Whether a service is here; nameless is the node as a whole.
    fn has(&self, service: &str) -> bool {
        service.is_empty() || self.names.contains(service)
    }
}

/// How the services of an API are.
fn now(api: &Api) -> ServingStatus {
    if api.ledger().is_closed() { ServingStatus::NotServing } else { ServingStatus::Serving }
}

fn answer(status: ServingStatus) -> HealthCheckResponse {
    HealthCheckResponse { status: status.into() }
}

#[async_trait]
impl Health for Healths {
    type WatchStream = ReceiverStream<Result<HealthCheckResponse, Status>>;

    async fn check(
        &self,
        request: Request<HealthCheckRequest>,
    ) -> Result<Response<HealthCheckResponse>, Status> {
        let service = request.into_inner().service;
        if self.has(&service) {
            Ok(Response::new(answer(now(&self.api))))
        } else {
            Err(Status::not_found(format!("this node has no service {service}")))
        }
    }

    async fn watch(
        &self,
        request: Request<HealthCheckRequest>,
    ) -> Result<Response<Self::WatchStream>, Status> {
        let source = source_of(&request);
        let known = self.has(&request.into_inner().service);
        Ok(Response::new(self.api.watch_health(source, known)?))
    }
}

impl Api {
    /// Tells how the services are, now and whenever that changes. Of a service that is not here nothing else is told than that.
    fn watch_health(
        &self,
        source: Source,
        known: bool,
    ) -> Result<ReceiverStream<Result<HealthCheckResponse, Status>>, Status> {
        let place = self.0.followers.take(source, 1);
        let place = place.map_err(|_| busy("it has too many subscribers, in total or from your address"))?;
        let (sender, receiver) = mpsc::channel(1);
        tokio::spawn(tell(self.clone(), known, sender, place));
        Ok(ReceiverStream::new(receiver))
    }
}

/// Tells until nobody listens.
async fn tell(
    api: Api,
    known: bool,
    sender: mpsc::Sender<Result<HealthCheckResponse, Status>>,
    _place: Share,
) {
    let mut heights = api.ledger().heights();
    let mut told = None;
    loop {
        heights.mark_unchanged();
        let status = if known { now(&api) } else { ServingStatus::ServiceUnknown };
        if told != Some(status) {
            told = Some(status);
            if sender.send(Ok(answer(status))).await.is_err() {
                return;
            }
        }
        tokio::select! {
            () = sender.closed() => return,
            // The end of the ledger is announced too; nothing changes after it.
            changed = heights.changed() => if changed.is_err() { return },
        }
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use tokio_stream::StreamExt as _;
    use tonic::Code;

    use super::*;
    use crate::desk::{Memory, clock, open};

    fn about(service: &str) -> Request<HealthCheckRequest> {
        Request::new(HealthCheckRequest { service: service.to_owned() })
    }

    #[tokio::test]
    async fn every_service_is_said_to_serve_until_the_ledger_ends_and_none_after_that() {
        let solo = open(Memory::default().disks(), &clock()).unwrap();
        let api = Api::new(solo.handle().clone(), BTreeMap::new());
        let healths = Healths { api, names: Arc::new(BTreeSet::from(["a.B"])) };
        let mut watched = healths.watch(about("a.B")).await.unwrap().into_inner();
        let mut unknown = healths.watch(about("c.D")).await.unwrap().into_inner();
        assert_eq!(unknown.next().await.unwrap().unwrap().status(), ServingStatus::ServiceUnknown);
        assert_eq!(watched.next().await.unwrap().unwrap().status(), ServingStatus::Serving);
        assert_eq!(healths.check(about("c.D")).await.unwrap_err().code(), Code::NotFound);
        for service in ["", "a.B"] {
            let now = healths.check(about(service)).await.unwrap().into_inner();
            assert_eq!(now.status(), ServingStatus::Serving);
        }
        solo.handle().close();
        assert_eq!(watched.next().await.unwrap().unwrap().status(), ServingStatus::NotServing);
        for service in ["", "a.B"] {
            let now = healths.check(about(service)).await.unwrap().into_inner();
            assert_eq!(now.status(), ServingStatus::NotServing);
        }
    }
}
