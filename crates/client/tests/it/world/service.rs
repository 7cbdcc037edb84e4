//! The world as a node: gRPC in memory, with a network that loses what the script says.

use std::collections::VecDeque;
use std::future::Future;
use std::pin::Pin;
use std::task::{Context, Poll};

use bytes::{BufMut as _, Bytes, BytesMut};
use http_body_util::{BodyExt as _, StreamBody};
use prost::Message;
use sealdesk_protocol::ids::TicketId;
use sealdesk_protocol::state::tree;
use sealdesk_protocol::tx::TxHash;
use sealdesk_protocol::wire::cosmos::base::abci::v1beta1::{TxMsgData, TxResponse};
use sealdesk_protocol::wire::cosmos::tx::v1beta1 as tx;
use sealdesk_protocol::wire::google::rpc;
use sealdesk_protocol::wire::sealdesk::ledger::v1 as ledger;
use sealdesk_protocol::wire::virtengine::encryption::v1 as encryption;
use sealdesk_protocol::wire::virtengine::roles::v1 as roles;
use sealdesk_protocol::wire::virtengine::support::v1 as support;
use sealdesk_testkit::liar::{Reply, Request};
use tonic::body::Body;
use tonic::{Code, Status};

use super::{Fault, Lie, Shared, World, add_administrator, add_key, people, prefix, read, write};

/// A node of the shared world.
#[derive(Clone)]
pub(crate) struct FakeNode(pub(crate) Shared);

/// What comes back of a call.
enum Answer {
    Message(Vec<u8>),
    Nothing,
    Error(Status),
    Lost,
    Silence,
}

fn answer<M: Message>(message: &M) -> Answer {
    Answer::Message(message.encode_to_vec())
}

impl tower_service::Service<http::Request<Body>> for FakeNode {
    type Response = http::Response<Body>;
    type Error = std::io::Error;
    type Future = Pin<Box<dyn Future<Output = Result<Self::Response, Self::Error>> + Send>>;

    fn poll_ready(&mut self, _: &mut Context<'_>) -> Poll<Result<(), Self::Error>> {
        Poll::Ready(Ok(()))
    }

    fn call(&mut self, request: http::Request<Body>) -> Self::Future {
        let world = self.0.clone();
        Box::pin(async move {
            let (method, path) = (request.method().clone(), request.uri().path().to_owned());
            let (bytes, latency) = (request.into_body().collect().await.unwrap(), world.lock().latency);
            let bytes = bytes.to_bytes();
            if !latency.is_zero() {
                tokio::time::sleep(latency).await;
            }
            if let Some(answer) = world.lock().plain(&method, &path, &bytes) {
                return Ok(answer);
            }
            let answer = world.lock().told(&path, &bytes[5..]);
            match answer {
                Answer::Message(message) => Ok(grpc(Some(message), &Status::ok(""))),
                Answer::Nothing => Ok(grpc(None, &Status::ok(""))),
                Answer::Error(status) => Ok(grpc(None, &status)),
                Answer::Lost => Err(std::io::ErrorKind::ConnectionReset.into()),
                Answer::Silence => std::future::pending().await,
            }
        })
    }
}

impl World {
    /// What is asked beside gRPC: pieces of files, and to have a ticket erased.
    fn plain(&mut self, method: &http::Method, path: &str, bytes: &Bytes) -> Option<http::Response<Body>> {
        let of = |status: u16, body: Bytes| {
            let body = Body::new(http_body_util::Full::new(body));
            http::Response::builder().status(status).body(body).unwrap()
        };
        if let Some(id) = path.strip_prefix("/erase/") {
            let number = TicketId::parse(id).unwrap().number();
            if self.lie != Some(Lie::NothingErased) {
                self.envelopes.retain(|(ticket, _), _| *ticket != number);
            }
            return Some(of(200, Bytes::from_static(b"{\"texts\":2,\"pieces\":0,\"last_block\":0}")));
        }
        let hash = path.strip_prefix("/blobs/")?;
        if *method == http::Method::PUT {
            self.blobs.insert(hash.to_owned(), bytes.clone());
            return Some(of(201, Bytes::new()));
        }
        Some(self.blobs.get(hash).map_or_else(|| of(404, Bytes::new()), |piece| of(200, piece.clone())))
    }
}

fn grpc(message: Option<Vec<u8>>, status: &Status) -> http::Response<Body> {
    let mut frames = VecDeque::new();
    if let Some(message) = message {
        let mut bytes = BytesMut::new();
        bytes.put_u8(0);
        bytes.put_u32(u32::try_from(message.len()).unwrap());
        bytes.put_slice(&message);
        frames.push_back(Ok::<_, Status>(http_body::Frame::data(bytes.freeze())));
    }
    let mut trailers = http::HeaderMap::new();
    status.add_header(&mut trailers).unwrap();
    frames.push_back(Ok(http_body::Frame::<Bytes>::trailers(trailers)));
    let body = Body::new(StreamBody::new(futures_util::stream::iter(frames)));
    let response = http::Response::builder().header("content-type", "application/grpc");
    response.body(body).unwrap()
}

/// An error with a detail, as the node makes it.
fn with_detail<M: prost::Name>(code: Code, detail: &M) -> Status {
    let type_url = format!("type.googleapis.com{}", M::type_url());
    let detail = prost_types::Any { type_url, value: detail.encode_to_vec() };
    let details = rpc::Status { code: code.into(), message: String::new(), details: vec![detail] };
    Status::with_details(code, "the node is busy, or asks for something", details.encode_to_vec().into())
}

fn come_back(code: Code, seconds: u32) -> Status {
    let delay = prost_types::Duration { seconds: seconds.into(), nanos: 0 };
    with_detail(code, &rpc::RetryInfo { retry_delay: Some(delay) })
}

fn asks_for_work() -> Status {
    let work = ledger::WorkChallenge {
        challenge: vec![7; 32],
        memory_kib: 1_024,
        passes: 1,
        difficulty: 2,
        seconds: 300,
    };
    let reason = ledger::AdmissionReason::NewAccount.into();
    with_detail(
        Code::FailedPrecondition,
        &ledger::AdmissionRequired { reason, invitations: false, work: Some(work) },
    )
}

impl World {
    /// What a client hears: of an honest node, or of a liar before it.
    fn told(&mut self, path: &str, bytes: &[u8]) -> Answer {
        let Some(mut liar) = self.liar.take() else { return self.serve(path, bytes) };
        let answer = match liar.request(path, bytes.to_vec()) {
            Request::Answer(reply) => reply,
            Request::PassOn(request) => match self.serve(path, &request) {
                Answer::Message(message) => liar.reply(path, bytes, Reply::Message(message)),
                other => {
                    self.liar = Some(liar);
                    return other;
                }
            },
        };
        self.liar = Some(liar);
        match answer {
            Reply::Message(message) => Answer::Message(message),
            Reply::Error(code, words) => Answer::Error(Status::new(Code::from_i32(code), words)),
        }
    }

    fn serve(&mut self, path: &str, bytes: &[u8]) -> Answer {
        self.pass_time();
        match path {
            "/cosmos.tx.v1beta1.Service/BroadcastTx" => {
                self.broadcast(&tx::BroadcastTxRequest::decode(bytes).unwrap().tx_bytes)
            }
            "/cosmos.tx.v1beta1.Service/GetTx" => self.get_tx(&tx::GetTxRequest::decode(bytes).unwrap().hash),
            "/sealdesk.ledger.v1.Ledger/Proof" => self.prove(ledger::ProofRequest::decode(bytes).unwrap()),
            "/sealdesk.ledger.v1.Ledger/Status" => {
                let height = i64::try_from(self.height()).unwrap();
                answer(&ledger::StatusResponse { height, state_height: height, ..Default::default() })
            }
            "/sealdesk.ledger.v1.Ledger/Follow" if self.tells_no_events => {
                Answer::Error(Status::resource_exhausted("the node is busy: try again in 5 seconds"))
            }
            "/sealdesk.ledger.v1.Ledger/Follow" => {
                let whole =
                    self.history_from == 0 || !ledger::FollowRequest::decode(bytes).unwrap().from_start;
                if whole { Answer::Nothing } else { self.before_history(Code::FailedPrecondition) }
            }
            "/virtengine.support.v1.Query/Ticket" => {
                self.ticket(&support::QueryTicketRequest::decode(bytes).unwrap().ticket_id)
            }
            "/virtengine.support.v1.Query/TicketsByStatus"
            | "/virtengine.support.v1.Query/TicketsByCustomer"
            | "/virtengine.support.v1.Query/TicketsByAgent"
            | "/virtengine.support.v1.Query/OpenTickets" => self.all_tickets(),
            "/virtengine.support.v1.Query/TicketQueue" => self.unfinished(),
            "/virtengine.support.v1.Query/TicketHolders" => self.holders(),
            "/virtengine.support.v1.Query/TicketResponses" => {
                self.responses(&support::QueryTicketResponsesRequest::decode(bytes).unwrap().ticket_id)
            }
            "/virtengine.support.v1.Query/Document" => {
                self.document(&support::QueryDocumentRequest::decode(bytes).unwrap())
            }
            "/virtengine.support.v1.Query/Documents" => {
                self.shelf(&support::QueryDocumentsRequest::decode(bytes).unwrap().shelf)
            }
            "/virtengine.encryption.v1.Query/KeysByFingerprint" => {
                let record = |address: &sealdesk_protocol::ids::Address| encryption::RecipientKeyRecord {
                    address: address.to_string(),
                    ..Default::default()
                };
                let keys = self.owners.iter().map(record).collect();
                answer(&encryption::QueryRecipientKeysResponse { keys, ..Default::default() })
            }
            "/virtengine.roles.v1.Query/RoleMembers" => {
                let member = |address: &sealdesk_protocol::ids::Address| roles::RoleAssignment {
                    address: address.to_string(),
                    ..Default::default()
                };
                let members = self.agents.iter().map(member).collect();
                answer(&roles::QueryRoleMembersResponse { members, ..Default::default() })
            }
            other => Answer::Error(Status::new(Code::Unimplemented, other)),
        }
    }

    fn document(&self, asked: &support::QueryDocumentRequest) -> Answer {
        let place = [asked.shelf.as_str(), &asked.owner, &asked.name];
        let place: Vec<&str> = place.into_iter().filter(|part| !part.is_empty()).collect();
        match self.documents.get(&place.join("/")) {
            Some(found) => answer(&support::QueryDocumentResponse { document: Some(found.clone()) }),
            None => Answer::Error(Status::not_found("no such document")),
        }
    }

    fn shelf(&mut self, shelf: &str) -> Answer {
        let on_it =
            |document: &&support::Document| document.head.as_ref().is_some_and(|head| head.shelf == shelf);
        let documents = self.documents.values().filter(on_it).cloned().collect();
        self.shelf_pages += 1;
        let goes_on = self.lie == Some(Lie::EndlessShelf) && self.shelf_pages < 1_000;
        let next_cursor = if goes_on { self.shelf_pages.to_be_bytes().to_vec() } else { Vec::new() };
        answer(&support::QueryDocumentsResponse { documents, next_cursor })
    }

    /// What is pending comes into a block after some calls.
    fn pass_time(&mut self) {
        let (ready, waiting): (Vec<_>, Vec<_>) = self
            .pending
            .drain(..)
            .map(|(calls, tx)| (calls.saturating_sub(1), tx))
            .partition(|(c, _)| *c == 0);
        self.pending = waiting;
        for (_, tx) in ready {
            self.deliver(&tx);
        }
    }

    fn broadcast(&mut self, bytes: &[u8]) -> Answer {
        let hash = TxHash::of(bytes);
        self.sent.push(bytes.to_vec());
        let early = |code| {
            let (txhash, codespace) = (hash.to_string(), "sdk".to_owned());
            answer(&tx::BroadcastTxResponse {
                tx_response: Some(TxResponse { txhash, codespace, code, ..TxResponse::default() }),
            })
        };
        let fault = self.script.pop_front().unwrap_or(Fault::None);
        match fault {
            Fault::LostRequest => return Answer::Lost,
            Fault::Silence => return Answer::Silence,
            Fault::Busy => return early(20),
            Fault::Door(seconds) => return Answer::Error(come_back(Code::ResourceExhausted, seconds)),
            Fault::Work => return Answer::Error(asks_for_work()),
            Fault::Rival => self.rival(bytes),
            Fault::NewReader => self.new_reader(),
            _ => {}
        }
        if self.pending.iter().any(|(_, tx)| tx == bytes) {
            return early(19);
        }
        if fault == Fault::Late {
            self.pending.push((4, bytes.to_vec()));
            return Answer::Lost;
        }
        if self.txs.contains_key(&hash) {
            return early(32);
        }
        match self.lie {
            Some(Lie::Invented) => return self.invented(bytes),
            Some(Lie::InventedVote(height)) => return self.invented_vote(bytes, height),
            Some(Lie::RefusedEarly(code)) => return early(code),
            Some(Lie::RefusedInBlock(code)) => return self.refused_in_block(bytes, code),
            _ => {}
        }
        let mut response = self.deliver(bytes);
        if let Some(Lie::DeniedTx(code)) = self.lie {
            return early(code);
        }
        response.height += self.boast;
        if fault == Fault::OldProofs {
            self.old_proofs = 3;
        }
        if fault == Fault::EndOfProofs {
            self.proofs_left = Some(1);
        }
        if fault == Fault::LostAnswer {
            return Answer::Lost;
        }
        if fault == Fault::Unread {
            return Answer::Error(come_back(Code::Unavailable, 1));
        }
        answer(&tx::BroadcastTxResponse { tx_response: Some(response) })
    }

    /// Says that a transaction is done which is not.
    fn invented(&self, bytes: &[u8]) -> Answer {
        let made = support::MsgCreateTicketResponse { ticket_id: "TKT-00004711".to_owned() };
        let made = TxMsgData { msg_responses: vec![sealdesk_protocol::messages::to_any(&made)] };
        answer(&tx::BroadcastTxResponse {
            tx_response: Some(TxResponse {
                txhash: TxHash::of(bytes).to_string(),
                height: i64::try_from(self.height()).unwrap(),
                data: hex::encode_upper(made.encode_to_vec()),
                ..TxResponse::default()
            }),
        })
    }

    /// Uses the sequence of a transaction, and says that its vote decided.
    fn invented_vote(&mut self, bytes: &[u8], height: u64) -> Answer {
        self.rival(bytes);
        let made = ledger::MsgProposeValidatorResponse { applied: true };
        let made = TxMsgData { msg_responses: vec![sealdesk_protocol::messages::to_any(&made)] };
        answer(&tx::BroadcastTxResponse {
            tx_response: Some(TxResponse {
                txhash: TxHash::of(bytes).to_string(),
                height: i64::try_from(height).unwrap(),
                data: hex::encode_upper(made.encode_to_vec()),
                ..TxResponse::default()
            }),
        })
    }

    /// Uses the sequence of a transaction, and refuses it.
    fn refused_in_block(&mut self, bytes: &[u8], code: u32) -> Answer {
        self.rival(bytes);
        let (txhash, codespace) = (TxHash::of(bytes).to_string(), "sdk".to_owned());
        let height = i64::try_from(self.height()).unwrap();
        answer(&tx::BroadcastTxResponse {
            tx_response: Some(TxResponse { txhash, codespace, code, height, ..TxResponse::default() }),
        })
    }

    /// Another transaction of the same account, made elsewhere, is in a block before.
    fn rival(&mut self, bytes: &[u8]) {
        let Ok(tx) = sealdesk_protocol::tx::Tx::decode(bytes, &prefix()) else { return };
        let key = tree::account(&tx.signers()[0].address);
        self.change(|state| {
            let mut account: ledger::AccountRecord = read(state, &key);
            account.sequence += 1;
            write(state, &key, &account);
        });
    }

    /// Somebody becomes an administrator, so that every envelope has to name him.
    fn new_reader(&mut self) {
        let Some(newcomer) = people().others.get(usize::from(self.newcomers)) else { return };
        self.newcomers += 1;
        let address = newcomer.address(&prefix());
        self.change(|state| {
            add_administrator(state, &address);
            add_key(state, &address, people::key_record(newcomer, 0));
        });
    }

    fn get_tx(&mut self, hash: &str) -> Answer {
        if self.lost_lookups > 0 {
            self.lost_lookups -= 1;
            return Answer::Lost;
        }
        let known = TxHash::parse(hash).filter(|_| !matches!(self.lie, Some(Lie::DeniedTx(_))));
        let known = known.and_then(|hash| self.txs.get(&hash));
        match known.filter(|response| u64::try_from(response.height).unwrap() >= self.history_from) {
            None if self.history_from > 0 => self.before_history(Code::NotFound),
            Some(response) => answer(&tx::GetTxResponse { tx: None, tx_response: Some(response.clone()) }),
            None => Answer::Error(Status::not_found("no such transaction")),
        }
    }

    /// What a node says that has its state from another one.
    fn before_history(&self, code: Code) -> Answer {
        let mut metadata = tonic::metadata::MetadataMap::new();
        metadata.insert("sealdesk-history-from", self.history_from.to_string().parse().unwrap());
        metadata.insert("sealdesk-history-cursor", "00".repeat(12).parse().unwrap());
        Answer::Error(Status::with_metadata(code, "before this node's history", metadata))
    }

    fn prove(&mut self, request: ledger::ProofRequest) -> Answer {
        let ticket = TicketId::parse(&request.ticket_id).ok();
        if self.unproven > 0 {
            self.unproven -= 1;
            return Answer::Error(Status::unavailable("the block that proves this state is not made yet"));
        }
        if let Some(left) = self.proofs_left {
            let Some(rest) = left.checked_sub(1) else {
                return Answer::Error(Status::internal("the node has lost its ledger"));
            };
            self.proofs_left = Some(rest);
        }
        let mut height = self.height();
        self.least.push(request.at_least);
        self.counted += usize::from(request.state_keys.iter().any(|key| key == tree::TICKET_COUNT));
        if self.headered > 0 {
            // Who asks for more than the newest header proves has the next one made.
            let asked = u64::try_from(request.at_least).unwrap().min(height);
            if asked > self.headered.max(height - 1) && self.slow_headers > 0 {
                self.slow_headers -= 1;
                return Answer::Silence;
            }
            self.headered = self.headered.max(height - 1).max(asked);
            height = self.headered;
        }
        if self.old_proofs > 0 {
            self.old_proofs -= 1;
            height = (height - 1).max(2);
        }
        if let Some(after) = self.old_proof_after {
            self.old_proof_after = after.checked_sub(1);
            height -= u64::from(after == 0);
        }
        height = self.frozen.unwrap_or(height);
        if request.height > 0 {
            height = request.height.try_into().unwrap();
        }
        let hidden = self.lie == Some(Lie::NoTicket);
        let state = &self.states[usize::try_from(height).unwrap() - 1];
        if ticket.is_some_and(|id| hidden || !state.contains_key(&tree::ticket(id))) {
            return Answer::Error(Status::not_found("no such ticket"));
        }
        answer(&ledger::ProofResponse { receipt: self.receipt(height, ticket, &request.state_keys) })
    }

    fn ticket(&self, id: &str) -> Answer {
        let id = TicketId::parse(id).unwrap();
        if !self.state().contains_key(&tree::ticket(id)) {
            return Answer::Error(Status::not_found("no such ticket"));
        }
        answer(&support::QueryTicketResponse { ticket: Some(self.whole_ticket(id)) })
    }

    /// Every ticket, whatever list is asked for: who asks keeps what is proven to be on it.
    fn all_tickets(&self) -> Answer {
        let ids = (1..=self.tickets()).filter_map(TicketId::new);
        let tickets = ids.map(|id| self.whole_ticket(id)).collect();
        answer(&support::QueryTicketsResponse { tickets, next_cursor: Vec::new() })
    }

    /// Every ticket, whatever queue is asked for.
    fn unfinished(&self) -> Answer {
        let ids = (1..=self.tickets()).filter_map(TicketId::new);
        let tickets = ids.map(|id| self.whole_ticket(id)).collect();
        answer(&support::QueryTicketQueueResponse { tickets, next_cursor: Vec::new(), more: 0 })
    }

    /// Everyone who is assigned a ticket.
    fn holders(&self) -> Answer {
        let ids = (1..=self.tickets()).filter_map(TicketId::new);
        let mut addresses: Vec<String> = ids.map(|id| self.whole_ticket(id).assigned_to).collect();
        addresses.retain(|address| !address.is_empty());
        addresses.sort();
        addresses.dedup();
        answer(&support::QueryTicketHoldersResponse { addresses, next_cursor: Vec::new() })
    }

    fn whole_ticket(&self, id: TicketId) -> support::SupportTicket {
        let mut ticket = read::<support::TicketHead>(self.state(), &tree::ticket(id)).ticket.unwrap();
        (ticket.encrypted_payload, ticket.grants) = self.payload(id, 0);
        ticket
    }

    fn responses(&self, id: &str) -> Answer {
        let id = TicketId::parse(id).unwrap();
        let count =
            read::<support::TicketHead>(self.state(), &tree::ticket(id)).ticket.unwrap().response_count;
        let kept = if self.lie == Some(Lie::WithheldResponse) { count - 1 } else { count };
        let response = |index| {
            let head: support::ResponseHead = read(self.state(), &tree::response(id, index));
            let (encrypted_payload, grants) = self.payload(id, index + 1);
            support::TicketResponse { encrypted_payload, grants, ..head.response.unwrap() }
        };
        let responses = (0..kept).map(response).collect();
        answer(&support::QueryTicketResponsesResponse { responses, next_cursor: Vec::new() })
    }

    fn payload(
        &self,
        id: TicketId,
        target: u32,
    ) -> (Option<encryption::MultiRecipientEnvelope>, Vec<support::AccessGrant>) {
        let place = if self.lie == Some(Lie::SwappedEnvelopes) { 1 } else { target };
        let grants = self.grants.get(&(id.number(), target)).cloned().unwrap_or_default();
        let grants = if self.lie == Some(Lie::WithheldGrants) { Vec::new() } else { grants };
        let hidden = target == 0 && self.lie == Some(Lie::WithheldTicket);
        (self.envelopes.get(&(id.number(), place)).cloned().filter(|_| !hidden), grants)
    }
}
