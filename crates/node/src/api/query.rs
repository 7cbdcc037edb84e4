//! The Query services of the desk and its ledger: each call is the machine's function of the same name.

use sealdesk_protocol::wire::sealdesk::ledger::v1 as ledger;
use sealdesk_protocol::wire::virtengine::{
    encryption::v1 as encryption, roles::v1 as roles, support::v1 as support,
};
use tonic::{Request, Response, Status, async_trait};

use super::services::sealdesk::ledger::v1::query_server as ledger_server;
use super::services::virtengine::{
    encryption::v1::query_server as encryption_server, roles::v1::query_server as roles_server,
    support::v1::query_server as support_server,
};
use super::{Api, source_of};

macro_rules! queries {
    ($($service:path { $($name:ident($request:ty) -> $response:ty;)* })*) => {
        $(#[async_trait]
        impl $service for Api {
            $(async fn $name(&self, request: Request<$request>) -> Result<Response<$response>, Status> {
                let source = source_of(&request);
                let request = request.into_inner();
                self.read(source, move |machine, tip| machine.$name(&tip.snapshot, &request)).await.map(Response::new)
            })*
        })*
    };
}

queries! {
    encryption_server::Query {
        recipient_keys(encryption::QueryRecipientKeysRequest) -> encryption::QueryRecipientKeysResponse;
        keys_by_fingerprint(encryption::QueryKeysByFingerprintRequest) -> encryption::QueryRecipientKeysResponse;
    }
    ledger_server::Query {
        validators(ledger::QueryValidatorsRequest) -> ledger::QueryValidatorsResponse;
    }
    roles_server::Query {
        account(roles::QueryAccountRequest) -> roles::QueryAccountResponse;
        role_members(roles::QueryRoleMembersRequest) -> roles::QueryRoleMembersResponse;
    }
}

macro_rules! support_queries {
    ($($name:ident($request:ty) -> $response:ty;)*) => {
        #[async_trait]
        impl support_server::Query for Api {
            $(async fn $name(&self, request: Request<$request>) -> Result<Response<$response>, Status> {
                let source = source_of(&request);
                let request = request.into_inner();
                self.read(source, move |machine, tip| machine.$name(&tip.snapshot, &request)).await.map(Response::new)
            })*

            async fn params(
                &self,
                request: Request<support::QueryParamsRequest>,
            ) -> Result<Response<support::QueryParamsResponse>, Status> {
                self.read(source_of(&request), |machine, tip| machine.params(&tip.snapshot)).await.map(Response::new)
            }
        }
    };
}

support_queries! {
    ticket(support::QueryTicketRequest) -> support::QueryTicketResponse;
    tickets_by_customer(support::QueryTicketsByCustomerRequest) -> support::QueryTicketsResponse;
    tickets_by_provider(support::QueryTicketsByProviderRequest) -> support::QueryTicketsResponse;
    tickets_by_agent(support::QueryTicketsByAgentRequest) -> support::QueryTicketsResponse;
    tickets_by_status(support::QueryTicketsByStatusRequest) -> support::QueryTicketsResponse;
    open_tickets(support::QueryOpenTicketsRequest) -> support::QueryTicketsResponse;
    ticket_queue(support::QueryTicketQueueRequest) -> support::QueryTicketQueueResponse;
    ticket_holders(support::QueryTicketHoldersRequest) -> support::QueryTicketHoldersResponse;
    ticket_responses(support::QueryTicketResponsesRequest) -> support::QueryTicketResponsesResponse;
    document(support::QueryDocumentRequest) -> support::QueryDocumentResponse;
    documents(support::QueryDocumentsRequest) -> support::QueryDocumentsResponse;
    ratings(support::QueryRatingsRequest) -> support::QueryRatingsResponse;
}
