//! A contract in memory whose node can be made to lie: what it lists, prints and keeps is whatever a test puts there.

use std::cell::RefCell;
use std::collections::BTreeMap;

use prost::Message as _;
use sealdesk_client::actor::Actor;
use sealdesk_client::stacks::net::{Answer, Body, Http, NetError, Question};
use sealdesk_client::stacks::wire::address::Address;
use sealdesk_client::stacks::wire::contract::{Event, Happening, Request, payload_hash};
use sealdesk_client::stacks::wire::principal::{ContractId, Principal};
use sealdesk_client::stacks::wire::transaction::{Network, Payload, Terms, TxId, Unsigned};
use sealdesk_client::stacks::wire::value::{Kind, Value};
use sealdesk_client::stacks::{Desk, Node};
use sealdesk_envelope::content::{MessageContent, TicketContent};
use sealdesk_envelope::{Expected, Message, Phrase, Received, Signers, seal};
use sealdesk_protocol::envelope::{AccountKey, Context, EnvelopeLimits, Kind as Of};
use sealdesk_protocol::messages::GrantTarget;
use sealdesk_protocol::wire::virtengine::encryption::v1::MultiRecipientEnvelope;
use sealdesk_protocol::wire::virtengine::support::v1::{MsgGrantAccess, TargetedGrant};
use serde_json::{Value as Json, json};

/// People's phrases: Clarinet's, known to everyone.
const PHRASES: [&str; 3] = [
    "twice kind fence tip hidden tilt action fragile skin nothing glory cousin green tomorrow spring wrist shed math olympic multiply hip blue scout claw",
    "sell invite acquire kitten bamboo drastic jelly vivid peace spawn twice guilt pave pen trash pretty park cube fragile unaware remain midnight betray rebuild",
    "hold excess usual excess ring elephant install account glad dry fragile donkey gaze humble truck breeze nation gasp vacuum limb head keep delay hospital",
];

/// The deployer and only administrator, a customer, and somebody who means no good.
pub fn people() -> (Actor, Actor, Actor) {
    let actor = |words: &str| Actor::of(&Phrase::parse(words).unwrap()).unwrap();
    (actor(PHRASES[0]), actor(PHRASES[1]), actor(PHRASES[2]))
}

pub fn principal(actor: &Actor) -> Principal {
    address(actor).into()
}

fn address(actor: &Actor) -> Address {
    actor.stacks_address(Network::Testnet).unwrap()
}

pub fn contract() -> ContractId {
    ContractId::parse(&format!("{}.ticket-system", address(&people().0))).unwrap()
}

pub fn chain_id() -> String {
    format!("stacks:2147483648:{}", contract())
}

/// What the node tells.
#[derive(Default, Clone)]
pub struct World {
    /// Keys as the contract lists them, from version 1.
    pub keys: BTreeMap<Principal, Vec<Value>>,
    /// The head of ticket 1.
    pub ticket: Option<Value>,
    /// Its comments, from index 0.
    pub comments: Vec<Value>,
    /// What was printed, the newest last.
    pub events: Vec<(TxId, Value)>,
    /// Transactions that the node keeps.
    pub transactions: BTreeMap<TxId, Vec<u8>>,
    /// Answers to broadcasts, in order; then each is taken.
    pub broadcasts: RefCell<Vec<Result<Answer, NetError>>>,
    /// Answers to whatever else is asked, in order; then each is answered as it should be.
    pub canned: RefCell<Vec<Answer>>,
    /// What was broadcast.
    pub sent: RefCell<Vec<Vec<u8>>>,
    /// What became of every transaction, in hexadecimal digits; `(ok true)` where nothing is said.
    pub result: Option<&'static str>,
    /// The number of every account's next transaction; 4 where nothing is said.
    pub nonce: Option<u64>,
    /// Administrators by the node's word, beside the deployer.
    pub administrators: Vec<Principal>,
    /// How many seconds ago the newest block was made, by the node's word.
    pub age: i64,
    /// Whether each page of events is followed by another, and each page of tickets.
    pub has_no_end: bool,
}

fn ascii(text: &str) -> Value {
    Value::ascii(text).unwrap()
}

fn buffer(bytes: &[u8]) -> Value {
    Value::buffer(bytes).unwrap()
}

fn uint(number: u64) -> Value {
    Value::uint(number)
}

fn none() -> Value {
    Value::new(Kind::None).unwrap()
}

/// An event of burn block 1.
pub fn event(name: &str, fields: Vec<(&'static str, Value)>) -> Value {
    let all = [("event", ascii(name)), ("v", uint(1)), ("at", uint(1))];
    Value::tuple(all.into_iter().chain(fields)).unwrap()
}

/// The same tuple with another value of a field.
fn changed(tuple: Value, name: &'static str, value: Value) -> Value {
    let Kind::Tuple(fields) = tuple.into_kind() else { panic!("no tuple") };
    let fields = fields.into_iter().map(|(name, value)| (name.to_string(), value));
    let mut fields: BTreeMap<String, Value> = fields.collect();
    fields.insert(name.to_owned(), value);
    let fields = fields.iter().map(|(name, value)| (name.as_str(), value.clone()));
    Value::tuple(fields).unwrap()
}

fn context(sender: &Actor, (kind, ticket): (Of, &str)) -> Context {
    Context {
        chain_id: chain_id(),
        ticket_id: ticket.to_owned(),
        kind,
        sender: principal(sender).to_string(),
        sequence: 0,
        index: 0,
    }
}

fn sealed(author: &Actor, place: (Of, &str), plaintext: &[u8], readers: &[&Actor]) -> Vec<u8> {
    sealed_as(author, &context(author, place), plaintext, readers)
}

fn sealed_as(author: &Actor, context: &Context, plaintext: &[u8], readers: &[&Actor]) -> Vec<u8> {
    let readers: Vec<_> = readers.iter().map(|reader| *reader.pair(0).unwrap().encryption.public()).collect();
    let limits = EnvelopeLimits { envelope_bytes_max: 4_096, recipients_max: 32 };
    let message = Message { context, plaintext, readers: &readers, client_id: "test", limits };
    let pair = author.pair(0).unwrap();
    let signers = Signers { signing: &pair.signing, account: None };
    seal(&message, &signers, &mut getrandom::SysRng).unwrap().to_wire().encode_to_vec()
}

impl World {
    /// Registers the first key of an actor, in a transaction that `signer` signed, for a contract of this chain id.
    pub fn register(&mut self, actor: &Actor, signer: &Actor, chain_id: &str) {
        self.list(&principal(actor), actor, signer, chain_id);
    }

    /// Registers an actor's first key for somebody else, such as a contract wallet.
    pub fn register_as(&mut self, who: &Principal, actor: &Actor, signer: &Actor) {
        self.list(who, actor, signer, &chain_id());
    }

    fn list(&mut self, who: &Principal, actor: &Actor, signer: &Actor, chain_id: &str) {
        let (who, pair) = (who.clone(), actor.pair(0).unwrap());
        let proof = pair.signing.key_proof(chain_id, &who.to_string(), pair.encryption.public());
        let (public, signing) = (*pair.encryption.public().as_bytes(), *pair.signing.public().as_bytes());
        let request = Request::RegisterKey { public_key: public, signing_key: signing, proof };
        let bytes = signed(signer, &request);
        let id = TxId::of(&bytes);
        self.transactions.insert(id, bytes);
        let key =
            [("public-key", buffer(&public)), ("signing-key", buffer(&signing)), ("proof", buffer(&proof))];
        let listed = key.clone().into_iter().chain([("registered-at", uint(1)), ("revoked-at", none())]);
        self.keys.entry(who.clone()).or_default().push(Value::tuple(listed).unwrap());
        let printed = [("address", Value::principal(who)), ("version", uint(1))];
        self.events.push((id, event("key-registered", printed.into_iter().chain(key).collect())));
    }

    /// Ticket 1 of `owner`, whose text `author` sealed for these actors.
    pub fn write(&mut self, owner: &Actor, author: &Actor, readers: &[&Actor]) {
        let plaintext = TicketContent::new("Subject", "The truth.").to_bytes().unwrap();
        let payload = sealed_as(author, &context(owner, (Of::Ticket, "")), &plaintext, readers);
        let hash = buffer(&payload_hash(&payload));
        self.ticket = Some(
            Value::tuple([
                ("owner", Value::principal(principal(owner))),
                ("assignee", none()),
                ("category", ascii("other")),
                ("priority", uint(2)),
                ("status", uint(1)),
                ("payload-hash", hash.clone()),
                ("comment-count", uint(0)),
                ("created-at", uint(1)),
                ("updated-at", uint(1)),
                ("resolved-at", none()),
                ("closed-at", none()),
            ])
            .unwrap(),
        );
        let printed = vec![
            ("ticket-id", uint(1)),
            ("owner", Value::principal(principal(owner))),
            ("category", ascii("other")),
            ("priority", uint(2)),
            ("payload-hash", hash),
            ("payload", buffer(&payload)),
        ];
        self.events.push((TxId([1; 32]), event("ticket-created", printed)));
    }

    /// Gives the head of ticket 1 another value of a field.
    pub fn change_ticket(&mut self, name: &'static str, value: Value) {
        let ticket = self.ticket.take().unwrap();
        self.ticket = Some(changed(ticket, name, value));
    }

    /// Gives somebody's first key another value of a field.
    pub fn change_key(&mut self, of: &Actor, name: &'static str, value: Value) {
        let key = &mut self.keys.get_mut(&principal(of)).unwrap()[0];
        *key = changed(key.clone(), name, value);
    }

    /// A comment of `author` on ticket 1, for these actors.
    pub fn comment(&mut self, author: &Actor, readers: &[&Actor]) {
        let plaintext = MessageContent::new("An answer.").to_bytes().unwrap();
        let payload = sealed(author, (Of::Response, "TKT-00000001"), &plaintext, readers);
        let fields = [
            ("author", Value::principal(principal(author))),
            ("is-staff", Value::bool(true)),
            ("internal", Value::bool(false)),
            ("payload-hash", buffer(&payload_hash(&payload))),
        ];
        let index = u64::try_from(self.comments.len()).unwrap();
        let head = fields.clone().into_iter().chain([("created-at", uint(1))]);
        self.comments.push(Value::tuple(head).unwrap());
        self.change_ticket("comment-count", uint(index + 1));
        let more = [("ticket-id", uint(1)), ("index", uint(index)), ("payload", buffer(&payload))];
        self.events
            .push((TxId([2; 32]), event("ticket-commented", fields.into_iter().chain(more).collect())));
    }

    /// A grant of ticket 1 by `granter` to `reader`.
    pub fn grant(&mut self, granter: &Actor, owner: &Actor, reader: &Actor) {
        let payload =
            self.events.iter().find_map(|(_, value)| match Event::read(value.clone()).unwrap().what {
                Happening::TicketCreated { payload, .. } => Some(payload),
                _ => None,
            });
        let wire = MultiRecipientEnvelope::decode(payload.unwrap().as_slice()).unwrap();
        let context = context(owner, (Of::Ticket, ""));
        let (pair, hash) = (granter.pair(0).unwrap(), address(owner).hash);
        let signing_key = owner.pair(0).unwrap().signing.public().to_owned();
        let account = AccountKey::HasHash(&hash);
        let expected = Expected { context: &context, signing_key: &signing_key, account };
        let received = Received::verify(&wire, &expected).unwrap();
        let opened = received.open(&pair.encryption, &[]).unwrap();
        let (to, by) = (*reader.pair(0).unwrap().encryption.public(), principal(granter).to_string());
        let grant = opened.grant(&to, &by, &pair.signing, &mut getrandom::SysRng).unwrap();
        let targeted = TargetedGrant {
            target: GrantTarget::Ticket.to_wire(),
            entry: Some(grant.entry.to_wire()),
            grant_signature: grant.signature.to_vec(),
            granter_key_version: 0,
        };
        let message = MsgGrantAccess {
            sender: by,
            ticket_id: "TKT-00000001".to_owned(),
            grants: vec![targeted],
            agent: String::new(),
        };
        let fields = vec![
            ("ticket-id", uint(1)),
            ("by", Value::principal(principal(granter))),
            ("grants", buffer(&message.encode_to_vec())),
        ];
        self.events.push((TxId([3; 32]), event("access-granted", fields)));
    }

    /// An administrator whom `by` made one, in a transaction that `signer` signed.
    pub fn appoint(&mut self, by: &Actor, whom: &Actor, signer: &Actor) {
        self.administrators.push(principal(whom));
        let fields =
            vec![("address", Value::principal(principal(whom))), ("by", Value::principal(principal(by)))];
        self.signed_event(signer, &Request::AddAdministrator(principal(whom)), "administrator-added", fields);
    }

    /// Ticket 1 is given to `agent` by `by`, in a transaction that `signer` signed.
    pub fn assign(&mut self, by: &Actor, agent: &Actor, signer: &Actor) {
        let assignee = Value::principal(principal(agent));
        self.change_ticket("assignee", Value::new(Kind::Some(Box::new(assignee.clone()))).unwrap());
        let fields =
            vec![("ticket-id", uint(1)), ("assignee", assignee), ("by", Value::principal(principal(by)))];
        let call = Request::AssignTicket { ticket: 1, agent: principal(agent) };
        self.signed_event(signer, &call, "ticket-assigned", fields);
    }

    fn signed_event(
        &mut self,
        signer: &Actor,
        call: &Request,
        name: &str,
        fields: Vec<(&'static str, Value)>,
    ) {
        let bytes = signed(signer, call);
        let id = TxId::of(&bytes);
        self.transactions.insert(id, bytes);
        self.events.push((id, event(name, fields)));
    }

    pub fn desk(self) -> Desk<World> {
        Desk::new(Node::new(self), contract())
    }

    fn read(&self, function: &str, arguments: &[Value]) -> Value {
        let who = arguments.first().and_then(|argument| match argument.kind() {
            Kind::Principal(principal) => Some(principal.clone()),
            _ => None,
        });
        let keys = who.as_ref().and_then(|who| self.keys.get(who)).cloned().unwrap_or_default();
        let optional = |value: Option<&Value>| match value {
            Some(value) => Value::new(Kind::Some(Box::new(value.clone()))).unwrap(),
            None => none(),
        };
        match function {
            "get-ticket" => optional(self.ticket.as_ref()),
            "get-ticket-comment" => {
                let Kind::Uint(index) = arguments[1].kind() else { panic!("{arguments:?}") };
                optional(self.comments.get(usize::try_from(*index).unwrap()))
            }
            "get-tickets-by-owner-page" => {
                assert!(self.has_no_end);
                let ids = Value::new(Kind::List(vec![uint(1); 20])).unwrap();
                Value::tuple([("total", uint(u64::MAX)), ("ids", ids)]).unwrap()
            }
            "get-key-count" => uint(u64::try_from(keys.len()).unwrap()),
            "get-key" => {
                let Kind::Uint(version) = arguments[1].kind() else { panic!("{arguments:?}") };
                optional(keys.get(usize::try_from(*version).unwrap() - 1))
            }
            "is-administrator" => {
                let is_one =
                    |who: Principal| who == contract().deployer.into() || self.administrators.contains(&who);
                Value::bool(who.is_some_and(is_one))
            }
            "is-staff" => Value::bool(false),
            other => panic!("{other} is not asked for here"),
        }
    }

    fn answer(&self, question: &Question) -> Json {
        let path = question.path.as_str();
        if let Some(call) = path.strip_prefix("/v2/contracts/call-read/") {
            let Some(Body::Json(body)) = &question.body else { panic!("{question:?}") };
            let body: Json = serde_json::from_str(body).unwrap();
            let arguments: Vec<Value> = body["arguments"]
                .as_array()
                .unwrap()
                .iter()
                .map(|text| Value::from_hex(text.as_str().unwrap()).unwrap())
                .collect();
            let result = self.read(call.rsplit('/').next().unwrap(), &arguments);
            return json!({ "okay": true, "result": result.to_hex() });
        }
        if path.starts_with("/extended/v1/contract/") {
            let first = path.ends_with("offset=0");
            if self.has_no_end {
                return json!({ "results": vec![Json::Null; 50] });
            }
            let events = self.events.iter().rev().filter(|_| first);
            let event = |(id, value): &(TxId, Value)| {
                json!({ "tx_id": format!("0x{id}"), "event_index": 0,
                    "contract_log": { "topic": "print", "value": { "hex": value.to_hex() } } })
            };
            return json!({ "results": events.map(event).collect::<Vec<_>>() });
        }
        if path == "/extended/v2/blocks/latest" {
            let now = std::time::SystemTime::UNIX_EPOCH.elapsed().unwrap().as_secs();
            return json!({ "height": 9, "block_time": i64::try_from(now).unwrap() - self.age });
        }
        if path.starts_with("/v2/accounts/") {
            return json!({ "nonce": self.nonce.unwrap_or(4), "balance": "0x00000000000000000000000005f5e100" });
        }
        if path.ends_with("/nonces") {
            return json!({ "possible_next_nonce": self.nonce.unwrap_or(4), "detected_missing_nonces": [] });
        }
        if path.starts_with("/v2/fees/") {
            return json!({ "estimations": [{ "fee": 1 }, { "fee": 2_000 }, { "fee": 3 }] });
        }
        if path.starts_with("/extended/v1/tx/") {
            let hex = self.result.unwrap_or("0x0703");
            return json!({ "tx_status": "success", "tx_result": { "hex": hex }, "block_height": 9 });
        }
        panic!("{path} is not asked for here")
    }
}

/// A call that an actor's account signed.
pub fn signed(signer: &Actor, request: &Request) -> Vec<u8> {
    let payload = Payload::Call(request.to_call(&contract()).unwrap());
    let unsigned = Unsigned::new(Terms::new(Network::Testnet, address(signer), payload)).unwrap();
    let signature = signer.stacks_account().unwrap().sign_digest(&unsigned.digest()).unwrap();
    unsigned.signed(&signature).unwrap().bytes().to_vec()
}

impl Http for World {
    async fn ask(&self, question: Question) -> Result<Answer, NetError> {
        let ok =
            |value: Json| Answer { status: 200, body: value.to_string().into_bytes(), retry_after: None };
        if let Some(id) = question.path.strip_prefix("/v3/transaction/") {
            let found = TxId::parse(id).and_then(|id| self.transactions.get(&id));
            return Ok(match found {
                Some(bytes) => ok(json!({ "tx": hex::encode(bytes), "result": "0703", "block_height": 1 })),
                None => Answer { status: 404, body: Vec::new(), retry_after: None },
            });
        }
        if let ("/v2/transactions", Some(Body::Bytes(bytes))) = (question.path.as_str(), &question.body) {
            self.sent.borrow_mut().push(bytes.clone());
            let mut canned = self.broadcasts.borrow_mut();
            if !canned.is_empty() {
                return canned.remove(0);
            }
            return Ok(ok(json!(TxId::of(bytes).to_string())));
        }
        let mut canned = self.canned.borrow_mut();
        if !canned.is_empty() {
            return Ok(canned.remove(0));
        }
        Ok(ok(self.answer(&question)))
    }

    fn address(&self) -> &str {
        "a node of the tests"
    }
}
