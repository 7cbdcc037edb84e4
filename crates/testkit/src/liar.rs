//! A liar between a client and an honest node: it knows every word of the protocol, some hold the validator's key, and none hold the key
//! of an administrator. It works on messages alone, so that it stands in a test's process and in a proxy in front of the real program.

mod forger;

use std::collections::BTreeMap;
use std::sync::Arc;

use ed25519_dalek::SigningKey;
use prost::Message as _;
use sealdesk_protocol::circle::{Change, Circle};
use sealdesk_protocol::identity::Identity;
use sealdesk_protocol::ids::{Address, ChainId, Prefix};
use sealdesk_protocol::messages::to_any;
use sealdesk_protocol::tx::TxHash;
use sealdesk_protocol::wire::cosmos::base::abci::v1beta1::{TxMsgData, TxResponse};
use sealdesk_protocol::wire::cosmos::tx::v1beta1 as tx;
use sealdesk_protocol::wire::sealdesk::ledger::v1 as ledger;
use sealdesk_protocol::wire::virtengine::encryption::v1::{QueryRecipientKeysResponse, RecipientKeyRecord};
use sealdesk_protocol::wire::virtengine::roles::v1 as roles;
use sealdesk_protocol::wire::virtengine::support::v1 as support;

const BROADCAST: &str = "/cosmos.tx.v1beta1.Service/BroadcastTx";
const GET_TX: &str = "/cosmos.tx.v1beta1.Service/GetTx";
const PROOF: &str = "/sealdesk.ledger.v1.Ledger/Proof";
const TICKET: &str = "/virtengine.support.v1.Query/Ticket";
const RESPONSES: &str = "/virtengine.support.v1.Query/TicketResponses";
const TICKETS_BY_AGENT: &str = "/virtengine.support.v1.Query/TicketsByAgent";
const ACCOUNT: &str = "/virtengine.roles.v1.Query/Account";
const MEMBERS: &str = "/virtengine.roles.v1.Query/RoleMembers";
const KEYS: &str = "/virtengine.encryption.v1.Query/RecipientKeys";

/// gRPC's code for "not found".
pub const NOT_FOUND: i32 = 5;

/// What is lied about. The first ones need no key; from [`Lie::OldHeader`] on the liar holds the validator's.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Lie {
    /// Nothing: what goes by is kept.
    Nothing,
    /// Proofs that went by before are given again.
    OldProofs,
    /// Every transaction is said to be done, and none is passed on.
    InventedOutcome,
    /// A transaction that went by before is sent instead, with its outcome.
    ReplayedTx,
    /// A transaction is passed on, and said to be refused.
    DeniedOutcome,
    /// The last answer of a ticket is left out.
    HiddenAnswer,
    /// The grants on a ticket are left out.
    HiddenGrants,
    /// Every envelope is left out; the ticket's is said to be erased by the thief.
    HiddenEnvelope,
    /// There is said to be no ticket.
    NoTicket,
    /// The ticket's envelope is given for each of its answers.
    SwappedEnvelopes,
    /// Whatever a call asks beside proofs is told as it is not: the thief is administrator, has each ticket and everybody's key, and every
    /// transaction was carried out.
    Told,
    /// Another ledger of the same name, with an administrator and a validator of its own.
    OtherGenesis,
    /// The newest state, by a header that is an hour old.
    OldHeader,
    /// The newest state, by a header of the next hour.
    HeaderAhead,
    /// The administrators are one more.
    AnotherAdministrator,
    /// The same, by a change to which only the thief voted.
    ChangeByTheThief,
    /// The same, by a change without a vote.
    ChangeByNobody,
    /// The administrators have another key: the thief's.
    KeyOfAdministrator,
    /// The same for the customer of each ticket, and for the agent.
    KeyOfEverybody,
    /// Every key is the thief's copy of it, and the owners' signatures are left out.
    UnsignedKeys,
    /// Each ticket is assigned to the thief, an agent with a key of their own and a copy of the agent's.
    Assignee,
    /// The same, and it is said that an administrator granted the ticket to the thief.
    ForgedGrant,
    /// Each ticket is the thief's.
    Customer,
    /// The thief is each ticket's provider.
    Provider,
    /// Each ticket has no answers.
    NoAnswers,
    /// Every transaction is said to be done and its sequence to have passed, and none is passed on.
    PassedSequence,
    /// Transactions are passed on, and their outcome is called another ticket, another answer and a vote that decided.
    WrongNames,
}

impl Lie {
    pub const ALL: [Self; 27] = [
        Self::Nothing,
        Self::OldProofs,
        Self::InventedOutcome,
        Self::ReplayedTx,
        Self::DeniedOutcome,
        Self::HiddenAnswer,
        Self::HiddenGrants,
        Self::HiddenEnvelope,
        Self::NoTicket,
        Self::SwappedEnvelopes,
        Self::Told,
        Self::OtherGenesis,
        Self::OldHeader,
        Self::HeaderAhead,
        Self::AnotherAdministrator,
        Self::ChangeByTheThief,
        Self::ChangeByNobody,
        Self::KeyOfAdministrator,
        Self::KeyOfEverybody,
        Self::UnsignedKeys,
        Self::Assignee,
        Self::ForgedGrant,
        Self::Customer,
        Self::Provider,
        Self::NoAnswers,
        Self::PassedSequence,
        Self::WrongNames,
    ];

    /// Whether proofs are signed anew.
    fn forges(self) -> bool {
        self >= Self::OtherGenesis && self != Self::WrongNames
    }
}

/// A member's vote for a change of a circle.
pub type Voting = dyn Fn(&Circle, &Change) -> ledger::MemberVote + Send + Sync;

/// Who is lied about, and what the thief has.
#[derive(Clone)]
pub struct Plot {
    pub administrators: Vec<Address>,
    pub customer: Address,
    pub agent: Address,
    pub thief: Address,
    /// The thief's own key, by their signature.
    pub key: RecipientKeyRecord,
    /// The agent's key as the thief's, by the thief's signature.
    pub copy: RecipientKeyRecord,
    /// A grant of the ticket to the thief that an administrator is said to have made.
    pub grant: support::AccessGrant,
    /// The thief's vote for a change of a circle.
    pub vote: Arc<Voting>,
    pub prefix: Prefix,
    /// The validator's key.
    pub validator: SigningKey,
    /// What the ledger calls itself.
    pub identity: Identity,
    pub chain_id: ChainId,
}

/// What a node answers.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Reply {
    Message(Vec<u8>),
    /// A code of gRPC, and words.
    Error(i32, String),
}

/// What becomes of a request.
pub enum Request {
    /// It goes on to the honest node.
    PassOn(Vec<u8>),
    /// It is answered at once.
    Answer(Reply),
}

/// The liar.
#[derive(Clone)]
pub struct Liar {
    pub lie: Lie,
    plot: Plot,
    /// Answers to proof requests that went by while nothing was lied about.
    proofs: BTreeMap<(String, Vec<Vec<u8>>), Vec<u8>>,
    /// A transaction that went by then, and its outcome.
    earlier: Option<(Vec<u8>, TxResponse)>,
    /// Every transaction that left a client.
    pub sent: Vec<Vec<u8>>,
    /// The honest circle, as the last proof of it showed.
    circle: Option<Circle>,
    /// The height of the last proof.
    height: u64,
    /// Whether a transaction was said to be done since the liar began with that.
    has_invented: bool,
}

impl Liar {
    pub fn new(plot: Plot) -> Self {
        Self {
            lie: Lie::Nothing,
            plot,
            proofs: BTreeMap::new(),
            earlier: None,
            sent: Vec::new(),
            circle: None,
            height: 0,
            has_invented: false,
        }
    }

    /// Whether a call is one that is lied about, or at least kept.
    pub fn hears(path: &str) -> bool {
        let told = [TICKETS_BY_AGENT, ACCOUNT, MEMBERS, KEYS];
        [BROADCAST, GET_TX, PROOF, TICKET, RESPONSES].contains(&path) || told.contains(&path)
    }

    /// What becomes of a client's request.
    pub fn request(&mut self, path: &str, request: Vec<u8>) -> Request {
        if path == BROADCAST {
            return self.broadcast(request);
        }
        match self.lie {
            Lie::OldProofs if path == PROOF => match self.proofs.get(&asked(&request)) {
                Some(old) => Request::Answer(Reply::Message(old.clone())),
                None => Request::PassOn(request),
            },
            Lie::Told if path == GET_TX => {
                let txhash = tx::GetTxRequest::decode(request.as_slice()).unwrap().hash;
                let tx_response = Some(TxResponse { txhash, height: 137, ..TxResponse::default() });
                let answer = tx::GetTxResponse { tx_response, ..tx::GetTxResponse::default() };
                Request::Answer(Reply::Message(answer.encode_to_vec()))
            }
            Lie::DeniedOutcome if path == GET_TX => {
                Request::Answer(Reply::Error(NOT_FOUND, "no such transaction".to_owned()))
            }
            _ => Request::PassOn(request),
        }
    }

    fn broadcast(&mut self, request: Vec<u8>) -> Request {
        let bytes = tx::BroadcastTxRequest::decode(request.as_slice()).unwrap().tx_bytes;
        self.sent.push(bytes.clone());
        self.has_invented = self.lie == Lie::PassedSequence;
        match (self.lie, &self.earlier) {
            (Lie::InventedOutcome | Lie::PassedSequence, _) => Request::Answer(invented(self.height, &bytes)),
            (Lie::ReplayedTx, Some((earlier, _))) => {
                let asked = tx::BroadcastTxRequest::decode(request.as_slice()).unwrap();
                let again = tx::BroadcastTxRequest { tx_bytes: earlier.clone(), ..asked };
                Request::PassOn(again.encode_to_vec())
            }
            _ => Request::PassOn(request),
        }
    }

    /// What a client hears of an honest answer. `request` is what the client asked.
    pub fn reply(&mut self, path: &str, request: &[u8], honest: Reply) -> Reply {
        let Reply::Message(message) = honest else { return honest };
        let told = match path {
            BROADCAST => self.outcome(request, &message),
            PROOF => self.proof(request, message),
            TICKET => self.ticket(&message),
            RESPONSES => self.responses(&message),
            _ if self.lie == Lie::Told => self.unproven(path, &message),
            _ => return Reply::Message(message),
        };
        if self.lie == Lie::NoTicket && path == TICKET || self.denies(path, request) {
            return Reply::Error(NOT_FOUND, "no such ticket".to_owned());
        }
        Reply::Message(told)
    }

    fn denies(&self, path: &str, request: &[u8]) -> bool {
        self.lie == Lie::NoTicket && path == PROOF && !asked(request).0.is_empty()
    }

    fn outcome(&mut self, request: &[u8], message: &[u8]) -> Vec<u8> {
        let bytes = tx::BroadcastTxRequest::decode(request).unwrap().tx_bytes;
        let mut answer = tx::BroadcastTxResponse::decode(message).unwrap();
        let response = answer.tx_response.get_or_insert_default();
        match (self.lie, &self.earlier) {
            (Lie::Nothing, None) if response.code == 0 => self.earlier = Some((bytes, response.clone())),
            (Lie::ReplayedTx, Some((_, earlier))) => *response = earlier.clone(),
            (Lie::WrongNames, _) if response.code == 0 => response.data = hex::encode_upper(wrong_names()),
            (Lie::DeniedOutcome, _) => {
                *response = TxResponse {
                    txhash: response.txhash.clone(),
                    codespace: "roles".to_owned(),
                    code: 4,
                    raw_log: "you may not do that".to_owned(),
                    ..TxResponse::default()
                };
            }
            _ => {}
        }
        answer.encode_to_vec()
    }

    fn proof(&mut self, request: &[u8], message: Vec<u8>) -> Vec<u8> {
        if self.lie == Lie::Nothing {
            self.proofs.entry(asked(request)).or_insert_with(|| message.clone());
        }
        if !self.lie.forges() {
            return message;
        }
        let receipt = ledger::ProofResponse::decode(message.as_slice()).unwrap().receipt;
        ledger::ProofResponse { receipt: forger::forged(self, &receipt) }.encode_to_vec()
    }

    fn ticket(&self, message: &[u8]) -> Vec<u8> {
        let mut answer = support::QueryTicketResponse::decode(message).unwrap();
        let ticket = answer.ticket.get_or_insert_default();
        match self.lie {
            Lie::HiddenGrants => ticket.grants.clear(),
            Lie::HiddenEnvelope => {
                let erased_by = self.plot.thief.to_string();
                ticket.encrypted_payload = None;
                ticket.erased = Some(support::Erasure { erased_at: 1_700_000_000, erased_by });
            }
            Lie::Told => ticket.assigned_to = self.plot.thief.to_string(),
            Lie::ForgedGrant => ticket.grants = vec![self.plot.grant.clone()],
            _ => {}
        }
        answer.encode_to_vec()
    }

    /// An answer without a proof, about the thief.
    fn unproven(&self, path: &str, message: &[u8]) -> Vec<u8> {
        let thief = self.plot.thief.to_string();
        let role = roles::Role::Administrator.into();
        let assignment = roles::RoleAssignment { address: thief.clone(), role, ..Default::default() };
        match path {
            ACCOUNT => {
                let answer = roles::QueryAccountResponse::decode(message).unwrap();
                roles::QueryAccountResponse { assignment: Some(assignment), ..answer }.encode_to_vec()
            }
            MEMBERS => roles::QueryRoleMembersResponse { members: vec![assignment], ..Default::default() }
                .encode_to_vec(),
            KEYS => QueryRecipientKeysResponse { keys: vec![self.plot.key.clone()], ..Default::default() }
                .encode_to_vec(),
            TICKETS_BY_AGENT => {
                let mut answer = support::QueryTicketsResponse::decode(message).unwrap();
                for ticket in &mut answer.tickets {
                    ticket.assigned_to.clone_from(&thief);
                }
                answer.encode_to_vec()
            }
            _ => message.to_vec(),
        }
    }

    fn responses(&self, message: &[u8]) -> Vec<u8> {
        let mut answer = support::QueryTicketResponsesResponse::decode(message).unwrap();
        match self.lie {
            Lie::HiddenAnswer => drop(answer.responses.pop()),
            Lie::NoAnswers => answer.responses.clear(),
            Lie::HiddenEnvelope => {
                answer.responses.iter_mut().for_each(|response| response.encrypted_payload = None);
            }
            Lie::SwappedEnvelopes => {
                let first = answer.responses.first().and_then(|first| first.encrypted_payload.clone());
                for response in answer.responses.iter_mut().skip(1) {
                    response.encrypted_payload.clone_from(&first);
                }
            }
            _ => {}
        }
        answer.encode_to_vec()
    }
}

/// What a proof request asks for: the ticket, and the keys.
fn asked(request: &[u8]) -> (String, Vec<Vec<u8>>) {
    let request = ledger::ProofRequest::decode(request).unwrap();
    (request.ticket_id, request.state_keys)
}

/// What a transaction made, by names that it never had.
fn wrong_names() -> Vec<u8> {
    let ticket = support::MsgCreateTicketResponse { ticket_id: "TKT-00004711".to_owned() };
    let answer = support::MsgRespondToTicketResponse { response_index: 4_711 };
    let role = roles::MsgAssignRoleResponse { applied: true };
    let msg_responses = vec![to_any(&ticket), to_any(&answer), to_any(&role)];
    TxMsgData { msg_responses }.encode_to_vec()
}

/// A success that never was.
fn invented(height: u64, bytes: &[u8]) -> Reply {
    let response = TxResponse {
        txhash: TxHash::of(bytes).to_string(),
        height: i64::try_from(height).unwrap(),
        data: hex::encode_upper(wrong_names()),
        ..TxResponse::default()
    };
    Reply::Message(tx::BroadcastTxResponse { tx_response: Some(response) }.encode_to_vec())
}
