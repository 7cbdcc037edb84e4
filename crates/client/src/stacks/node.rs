//! What a Stacks node and an indexer can be asked, as typed calls. Nothing that comes back is proven.

use std::time::Duration;

use sealdesk_stacks::contract::{Answer as Read, Question as Ask};
use sealdesk_stacks::name::ContractName;
use sealdesk_stacks::principal::{ContractId, Principal};
use sealdesk_stacks::transaction::TxId;
use sealdesk_stacks::value::Value as Clarity;
use serde_json::{Value, json};

use super::error::{Error, Result};
use super::net::{Answer, Body, Http, Question};
use super::rejection::{Rejection, amount, shown};
use crate::node::{Attendant, PATIENCE_SECONDS_DEFAULT, Pauses, Waiting};
use crate::time::sleep;

/// Events on a page of an indexer.
pub(crate) const EVENTS_PAGE: usize = 50;

/// An account as a node knows it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Account {
    /// The number of its next transaction, of what is in blocks.
    pub nonce: u64,
    /// In micro-STX.
    pub balance: u128,
}

/// A block, as an indexer tells it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Block {
    /// Its height.
    pub height: u64,
    /// When it was made, in Unix seconds.
    pub time: i64,
}

/// What became of a transaction.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum TxStatus {
    /// The node has never heard of it.
    Unknown,
    /// It waits for a block.
    Waits,
    /// It is in a block.
    Mined(Mined),
    /// It was dropped, or it failed otherwise than by the contract's refusal.
    Failed(String),
}

/// A transaction in a block.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Mined {
    /// The response that the call gave, or that of a deployment.
    pub result: Clarity,
    /// The height of its Stacks block.
    pub height: u64,
}

/// What a contract printed, and where.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Printed {
    /// The transaction.
    pub txid: TxId,
    /// Its place among the events of that transaction.
    pub index: u64,
    /// What was printed.
    pub value: Clarity,
}

/// A node, over whatever carries questions.
#[derive(Debug, Clone)]
pub struct Node<H> {
    http: H,
    patience: Duration,
    attendant: Attendant,
}

impl<H: Http> Node<H> {
    /// The node at the other end.
    pub fn new(http: H) -> Self {
        let patience = Duration::from_secs(PATIENCE_SECONDS_DEFAULT);
        Self { http, patience, attendant: Attendant::default() }
    }

    /// The same node, waited for so long where it says "not now": all pauses of one question together.
    #[must_use]
    pub fn with_patience(self, patience: Duration) -> Self {
        Self { patience, ..self }
    }

    /// The same node; whoever waits for it hears of that from this attendant.
    #[must_use]
    pub fn attended_by(self, attendant: Attendant) -> Self {
        Self { attendant, ..self }
    }

    /// What carries its questions.
    pub fn http(&self) -> &H {
        &self.http
    }

    /// What errors call it.
    pub fn address(&self) -> &str {
        self.http.address()
    }

    /// Number and balance of an account.
    ///
    /// # Errors
    /// [`Error::Net`], [`Error::Node`].
    pub async fn account(&self, who: &Principal) -> Result<Account> {
        let what = "an account";
        let value = self.get(what, format!("/v2/accounts/{who}?proof=0")).await?;
        // No account ever comes near the end of the numbers, and counting on from there must not wrap.
        let nonce = value["nonce"].as_u64().filter(|&nonce| nonce <= u64::MAX / 2);
        let nonce = nonce.ok_or_else(|| self.wrong(what, "no nonce that an account can have"))?;
        Ok(Account { nonce, balance: amount(&value["balance"]) })
    }

    /// The number after everything of an account that waits, where an indexer knows it.
    ///
    /// # Errors
    /// [`Error::Net`].
    pub async fn next_nonce(&self, who: &Principal) -> Result<Option<u64>> {
        let answer = self.ask(format!("/extended/v1/address/{who}/nonces"), None).await?;
        if answer.status != 200 {
            return Ok(None);
        }
        let value: Value = serde_json::from_slice(&answer.body).unwrap_or_default();
        let missing = value["detected_missing_nonces"]
            .as_array()
            .and_then(|gaps| gaps.iter().filter_map(Value::as_u64).min());
        Ok(missing.or_else(|| value["possible_next_nonce"].as_u64()))
    }

    /// Asks a read-only function.
    ///
    /// # Errors
    /// [`Error::NoContract`] where the contract or the function is missing, [`Error::Net`], [`Error::Node`].
    pub async fn read(&self, contract: &ContractId, ask: &Ask) -> Result<Read> {
        let what = ask.function();
        let (deployer, name) = (&contract.deployer, &contract.name);
        let arguments: Vec<String> = ask.arguments().iter().map(Clarity::to_hex).collect();
        let body = json!({ "sender": deployer.to_string(), "arguments": arguments });
        let path = format!("/v2/contracts/call-read/{deployer}/{name}/{what}");
        let answer = self.ask(path, Some(Body::Json(body.to_string()))).await?;
        if answer.status == 404 {
            return Err(Error::NoContract(format!("the contract {contract} does not exist")));
        }
        let value = self.json(what, &answer)?;
        if value["okay"] == Value::Bool(true) {
            let text = value["result"].as_str().ok_or_else(|| self.wrong(what, "no result"))?;
            return Ok(Read(Clarity::from_hex(text).map_err(sealdesk_stacks::contract::AnswerError::from)?));
        }
        Err(Error::NoContract(shown(value["cause"].as_str().unwrap_or("no cause given"))))
    }

    /// What the node thinks that a transaction should pay, in micro-STX: low, middle, high. `None` where it has no estimate.
    ///
    /// # Errors
    /// [`Error::Net`].
    pub async fn fees(&self, payload: &[u8], length: usize) -> Result<Option<[u64; 3]>> {
        let body = json!({ "transaction_payload": hex::encode(payload), "estimated_len": length });
        let answer = self.ask("/v2/fees/transaction".to_owned(), Some(Body::Json(body.to_string()))).await?;
        if answer.status != 200 {
            return Ok(None);
        }
        let value: Value = serde_json::from_slice(&answer.body).unwrap_or_default();
        let fee = |place: usize| value["estimations"][place]["fee"].as_u64();
        Ok(fee(0).zip(fee(1)).zip(fee(2)).map(|((low, middle), high)| [low, middle, high]))
    }

    /// Hands in a signed transaction. A second time is answered like the first.
    ///
    /// # Errors
    /// [`Error::Rejected`] where it certainly was not taken; after [`Error::Net`] and [`Error::Node`] nobody knows.
    pub async fn broadcast(&self, bytes: &[u8], id: TxId) -> Result<()> {
        let what = "a transaction";
        // Asked once: whoever hands in again has to know that the first may have been taken all the same.
        let body = Some(Body::Bytes(bytes.to_vec()));
        let answer = self.http.ask(Question { path: "/v2/transactions".to_owned(), body }).await?;
        match answer.status {
            _ if answer.is_busy() => Err(self.busy(&answer)),
            200 => {
                let said = serde_json::from_slice::<String>(&answer.body).ok();
                match said.as_deref().and_then(TxId::parse) == Some(id) {
                    true => Ok(()),
                    false => Err(self.wrong(what, "the name of another transaction")),
                }
            }
            400 => Err(Box::new(Rejection::read(&answer.body)).into()),
            status => Err(self.wrong(what, &format!("status {status}"))),
        }
    }

    /// What became of a transaction, by the indexer or else by the node's own index.
    ///
    /// # Errors
    /// [`Error::NoIndex`] where there is neither, [`Error::Net`], [`Error::Node`].
    pub async fn tx_status(&self, id: TxId) -> Result<TxStatus> {
        let what = "what became of a transaction";
        let answer = self.ask(format!("/extended/v1/tx/0x{id}"), None).await?;
        if answer.status == 200 {
            return self.indexed(&self.json(what, &answer)?);
        }
        let unknown_to_indexer = is_indexers(&answer);
        let answer = self.ask(format!("/v3/transaction/{id}"), None).await?;
        match answer.status {
            200 => {
                let value = self.json(what, &answer)?;
                self.mined(&value["result"], &value["block_height"]).map(TxStatus::Mined)
            }
            501 if !unknown_to_indexer => Err(Error::NoIndex(id)),
            _ => Ok(TxStatus::Unknown),
        }
    }

    fn indexed(&self, value: &Value) -> Result<TxStatus> {
        match value["tx_status"].as_str().unwrap_or_default() {
            "pending" => Ok(TxStatus::Waits),
            "success" | "abort_by_response" => {
                self.mined(&value["tx_result"]["hex"], &value["block_height"]).map(TxStatus::Mined)
            }
            other => Ok(TxStatus::Failed(shown(other))),
        }
    }

    fn mined(&self, result: &Value, height: &Value) -> Result<Mined> {
        let what = "what became of a transaction";
        let text = result.as_str().ok_or_else(|| self.wrong(what, "no result"))?;
        let result = Clarity::from_hex(text).map_err(sealdesk_stacks::contract::AnswerError::from)?;
        Ok(Mined { result, height: height.as_u64().unwrap_or(0) })
    }

    /// The bytes of a transaction in a block; `None` where the node keeps no index or does not know it.
    ///
    /// # Errors
    /// [`Error::Net`], [`Error::Node`].
    pub async fn transaction(&self, id: TxId) -> Result<Option<Vec<u8>>> {
        // Who tells makes no difference: the name of a transaction is its digest.
        for (path, field) in
            [(format!("/v3/transaction/{id}"), "tx"), (format!("/extended/v1/tx/0x{id}/raw"), "raw_tx")]
        {
            let answer = self.ask(path, None).await?;
            if answer.status != 200 {
                continue;
            }
            let value = self.json("a transaction", &answer)?;
            let text = value[field].as_str().unwrap_or_default();
            let bytes = hex::decode(text.strip_prefix("0x").unwrap_or(text)).ok();
            if let Some(bytes) = bytes.filter(|bytes| TxId::of(bytes) == id) {
                return Ok(Some(bytes));
            }
        }
        Ok(None)
    }

    /// The newest block that the indexer knows.
    ///
    /// # Errors
    /// [`Error::NoEvents`] where the node is not an indexer, [`Error::Net`], [`Error::Node`].
    pub async fn newest_block(&self) -> Result<Block> {
        let what = "its newest block";
        let answer = self.ask("/extended/v2/blocks/latest".to_owned(), None).await?;
        if matches!(answer.status, 404 | 501) {
            return Err(Error::NoEvents(self.address().to_owned()));
        }
        let value = self.json(what, &answer)?;
        let height = value["height"].as_u64();
        let found = height.zip(value["block_time"].as_i64()).map(|(height, time)| Block { height, time });
        found.ok_or_else(|| self.wrong(what, "no height and time"))
    }

    /// A page of what a contract printed, the newest first. What is not a Clarity value is left out.
    ///
    /// # Errors
    /// [`Error::NoEvents`] where the node is not an indexer, [`Error::Net`], [`Error::Node`].
    pub async fn printed(&self, contract: &ContractId, offset: usize) -> Result<Page> {
        let what = "events";
        let path = format!("/extended/v1/contract/{contract}/events?limit={EVENTS_PAGE}&offset={offset}");
        let answer = self.ask(path, None).await?;
        if matches!(answer.status, 404 | 501) {
            return Err(Error::NoEvents(self.address().to_owned()));
        }
        let value = self.json(what, &answer)?;
        let results = value["results"].as_array().ok_or_else(|| self.wrong(what, "no results"))?;
        let events = results.iter().filter_map(printed).collect();
        Ok(Page { events, is_last: results.len() < EVENTS_PAGE })
    }

    /// Whether a contract of that name stands under an address.
    ///
    /// # Errors
    /// [`Error::Net`].
    pub async fn has_contract(
        &self,
        deployer: &sealdesk_stacks::address::Address,
        name: &ContractName,
    ) -> Result<bool> {
        let answer = self.ask(format!("/v2/contracts/interface/{deployer}/{name}"), None).await?;
        Ok(answer.status == 200)
    }

    /// The chain id that the node says it belongs to.
    ///
    /// # Errors
    /// [`Error::Net`], [`Error::Node`].
    pub async fn chain_id(&self) -> Result<u32> {
        let what = "its network";
        let value = self.get(what, "/v2/info".to_owned()).await?;
        let id = value["network_id"].as_u64().and_then(|id| u32::try_from(id).ok());
        id.ok_or_else(|| self.wrong(what, "no network_id"))
    }

    async fn get(&self, what: &'static str, path: String) -> Result<Value> {
        let answer = self.ask(path, None).await?;
        self.json(what, &answer)
    }

    async fn ask(&self, path: String, body: Option<Body>) -> Result<Answer> {
        let question = Question { path, body };
        let mut pauses = self.pauses();
        loop {
            let answer = self.http.ask(question.clone()).await?;
            if !answer.is_busy() {
                return Ok(answer);
            }
            let busy = self.busy(&answer);
            if !self.wait(&mut pauses, &busy).await {
                return Err(busy);
            }
        }
    }

    /// The pauses of one question.
    pub(super) fn pauses(&self) -> Pauses {
        Pauses::within(self.patience)
    }

    /// Waits before a busy node is asked again, and says so; `false` where that would take longer than the patience.
    pub(super) async fn wait(&self, pauses: &mut Pauses, busy: &Error) -> bool {
        let asked = match busy {
            Error::Busy { seconds, .. } => seconds.map(Duration::from_secs),
            _ => None,
        };
        let Some(pause) = pauses.next(asked) else { return false };
        // Of shorter waits nobody needs to hear.
        if pause >= Duration::from_secs(1) {
            self.attendant.waits(&Waiting::Busy { why: busy.to_string(), seconds: pause.as_secs() });
        }
        sleep(pause).await;
        true
    }

    fn busy(&self, answer: &Answer) -> Error {
        Error::Busy { node: self.address().to_owned(), seconds: answer.retry_after }
    }

    fn json(&self, what: &'static str, answer: &Answer) -> Result<Value> {
        if answer.status != 200 {
            return Err(self.wrong(what, &format!("status {}", answer.status)));
        }
        serde_json::from_slice(&answer.body).map_err(|_| self.wrong(what, "what is not JSON"))
    }

    fn wrong(&self, what: &'static str, why: &str) -> Error {
        Error::Node { node: self.address().to_owned(), what, why: why.to_owned() }
    }
}

/// A page of what a contract printed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Page {
    /// The newest first.
    pub events: Vec<Printed>,
    /// Whether nothing older follows.
    pub is_last: bool,
}

fn printed(event: &Value) -> Option<Printed> {
    let log = &event["contract_log"];
    if log["topic"].as_str() != Some("print") {
        return None;
    }
    Some(Printed {
        txid: TxId::parse(event["tx_id"].as_str()?)?,
        index: event["event_index"].as_u64()?,
        value: Clarity::from_hex(log["value"]["hex"].as_str()?).ok()?,
    })
}

/// Whether an indexer says that it does not know something, and not a node that it has no such path.
fn is_indexers(answer: &Answer) -> bool {
    answer.status == 404 && serde_json::from_slice::<Value>(&answer.body).is_ok_and(|body| body.is_object())
}
