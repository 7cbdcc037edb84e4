//! Documents, from docs/spec/workday.md alone: what stands on each shelf, and everything that was ever written.

use std::collections::BTreeMap;

use prost::Message as _;
use prost_types::Any;
use sealdesk_protocol::document::{DocumentName, DocumentPlace, Shelf};
use sealdesk_protocol::envelope::{Context, Kind};
use sealdesk_protocol::events::Event;
use sealdesk_protocol::messages::to_any;
use sealdesk_protocol::state::{side, tree};
use sealdesk_protocol::wire::sealdesk::ledger::v1 as ledger;
use sealdesk_protocol::wire::virtengine::support::v1 as wire;
use sha2::{Digest as _, Sha256};

use super::desk::{Desk, Done, Place, Refused, Role, support};
use super::leaves::{Leaves, address};
use super::plan::Letter;

const HOUR: i64 = 3_600;

/// What is asked for.
#[derive(Clone, Debug, Default)]
pub struct Put {
    pub shelf: String,
    pub name: String,
    pub base: u64,
    pub letter: Option<Letter>,
    pub body: Vec<u8>,
    pub remove: bool,
}

#[derive(Clone, Debug)]
struct Document {
    version: u64,
    digest: Vec<u8>,
    stored: Vec<u8>,
    context: Option<wire::EnvelopeContext>,
    by: String,
    at: i64,
    readers: Vec<String>,
}

/// Which write on its shelf, when, and the body; none where it was removed.
type Written = (u64, i64, Option<Vec<u8>>);

/// Everything on shelves. A shelf is its kind and its owner, who is nobody of the desk's two.
#[derive(Clone, Debug, Default)]
pub struct Shelves {
    documents: BTreeMap<(String, String, String), Document>,
    /// How often somebody wrote on a shelf.
    writes: BTreeMap<(String, String), u64>,
    /// What was ever written or removed under the names whose versions are kept.
    published: BTreeMap<String, Vec<Written>>,
    /// When each account wrote on each kind of shelf.
    times: BTreeMap<(String, String), Vec<i64>>,
}

impl Put {
    pub fn into_any(self, sender: String) -> Any {
        to_any(&wire::MsgPutDocument {
            sender,
            shelf: self.shelf,
            name: self.name,
            base_version: self.base,
            envelope: self.letter.map(|letter| letter.wire),
            body: self.body,
            remove: self.remove,
        })
    }

    /// What is wrong with it whatever the state is.
    pub fn flaw(&self) -> Option<Refused> {
        let plain = |b: u8| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'.' || b == b'-';
        let named = (1..=32).contains(&self.name.len()) && self.name.bytes().all(plain);
        let (sealed, open) = (self.letter.is_some(), !self.body.is_empty());
        let fits = match (self.remove, self.shelf.as_str()) {
            (true, "own" | "staff" | "public") => !sealed && !open && self.base > 0,
            (false, "own" | "staff") => !open,
            (false, "public") => {
                let json = serde_json::from_slice::<serde_json::Value>(&self.body);
                !sealed && self.body.len() <= 16_384 && json.is_ok_and(|json| json.is_object())
            }
            _ => false,
        };
        (!named || !fits).then(|| support(47))
    }

    fn owner<'a>(&self, who: &'a str) -> &'a str {
        if self.shelf == "own" { who } else { "" }
    }

    /// As envelopes and keys name the place.
    pub fn place(&self, who: &str) -> String {
        let (shelf, name) = (&self.shelf, &self.name);
        if shelf == "own" { format!("own/{who}/{name}") } else { format!("{shelf}/{name}") }
    }
}

impl Desk {
    pub fn version(&self, who: &str, put: &Put) -> u64 {
        let key = (put.shelf.clone(), put.owner(who).to_owned(), put.name.clone());
        self.shelves.documents.get(&key).map_or(0, |document| document.version)
    }

    /// Who must and may read what stands on a shelf.
    pub fn readers_of_shelf(&self, who: &str, shelf: &str) -> Vec<String> {
        if shelf == "own" {
            return vec![who.to_owned()];
        }
        let appointed = |who: &str| self.role(who) == Some(Role::Agent) && self.is_appointed(who);
        let is_agent = |who: &&String| appointed(who) && self.has_active_key(who);
        let agents = self.members.keys().filter(is_agent);
        let mut staff = self.administrators();
        staff.extend(agents.cloned());
        staff.retain(|who| self.is_active(who));
        staff
    }

    fn may_put(&self, who: &str, put: &Put) -> bool {
        match put.shelf.as_str() {
            "own" => true,
            "staff" if !put.name.starts_with("admin.") => self.is_staff(who),
            _ => self.is_administrator(who),
        }
    }

    pub fn put(&mut self, who: &str, put: &Put, place: Place) -> Result<Done, Refused> {
        if !self.may_put(who, put) {
            return Err(support(7));
        }
        if self.version(who, put) != put.base {
            return Err(support(45));
        }
        let shelf = (put.shelf.clone(), put.owner(who).to_owned());
        let on_it =
            self.shelves.documents.keys().filter(|(kind, owner, _)| *kind == shelf.0 && *owner == shelf.1);
        let most = match put.shelf.as_str() {
            "own" => 16,
            "staff" => 64,
            _ => 32,
        };
        if put.base == 0 && on_it.count() >= most {
            return Err(support(48));
        }
        let times = self.shelves.times.entry((who.to_owned(), put.shelf.clone())).or_default();
        if times.iter().filter(|at| **at > self.now - HOUR).count() >= 60 {
            return Err(support(12));
        }
        times.push(self.now);
        let document = self.document(who, put, place)?;
        let writes = self.shelves.writes.entry(shelf.clone()).or_default();
        *writes += 1;
        let version = if put.remove { 0 } else { *writes };
        if put.shelf == "public" && ["sla", "office-hours"].contains(&put.name.as_str()) {
            let body = document.as_ref().map(|document| document.stored.clone());
            self.shelves.published.entry(put.name.clone()).or_default().push((*writes, self.now, body));
        }
        let event = Event::DocumentChanged(wire::EventDocumentChanged {
            shelf: shelf.0.clone(),
            owner: shelf.1.clone(),
            name: put.name.clone(),
            version,
            digest: document.as_ref().map(|document| hex::encode(&document.digest)).unwrap_or_default(),
            removed: put.remove,
            changed_by: who.to_owned(),
            block_height: self.height_i64(),
            timestamp: self.now,
        });
        let key = (shelf.0, shelf.1, put.name.clone());
        match document {
            Some(document) => drop(self.shelves.documents.insert(key, Document { version, ..document })),
            None => drop(self.shelves.documents.remove(&key)),
        }
        Ok(Done { events: vec![event], response: to_any(&wire::MsgPutDocumentResponse { version }) })
    }

    /// What is to stand there, but for its version; nothing where it is removed.
    fn document(&self, who: &str, put: &Put, place: Place) -> Result<Option<Document>, Refused> {
        let (by, at) = (who.to_owned(), self.now);
        if put.remove {
            return Ok(None);
        }
        if put.shelf == "public" {
            let (digest, stored) = (Sha256::digest(&put.body).to_vec(), put.body.clone());
            return Ok(Some(Document {
                version: 0,
                digest,
                stored,
                context: None,
                by,
                at,
                readers: Vec::new(),
            }));
        }
        let Place { sequence, index } = place;
        let expected = Context {
            chain_id: self.chain_id.clone(),
            ticket_id: put.place(who),
            kind: Kind::Document,
            sender: who.to_owned(),
            sequence,
            index,
        };
        let signer_key_version = self.judge_document(who, put, &expected)?;
        let letter = put.letter.as_ref().unwrap();
        let height = self.height_i64();
        let chain_id = String::new();
        let context =
            wire::EnvelopeContext { kind: 4, sequence, index, height, chain_id, signer_key_version };
        let (digest, stored) = (letter.digest.to_vec(), letter.wire.encode_to_vec());
        let (context, readers) = (Some(context), letter.readers.clone());
        Ok(Some(Document { version: 0, digest, stored, context, by, at, readers }))
    }

    fn judge_document(&self, who: &str, put: &Put, expected: &Context) -> Result<u32, Refused> {
        let letter = put.letter.as_ref().ok_or(support(11))?;
        let most = if put.shelf == "staff" { 256 } else { self.params.max_recipients };
        let too_big = letter.bytes > usize::try_from(self.params.max_envelope_bytes).unwrap();
        let too_many = letter.readers.len() > usize::try_from(most).unwrap();
        if letter.misshapen || too_big || too_many || letter.readers.is_empty() {
            return Err(support(11));
        }
        let readers = self.readers_of_shelf(who, &put.shelf);
        let usable = |who: &String| self.keys_of(who).iter().filter(|key| self.usable(key));
        let named = |who: &String| usable(who).any(|key| letter.readers.contains(&key.fingerprint));
        if readers.iter().any(|who| self.has_settled_key(who) && !named(who)) {
            return Err(support(42));
        }
        let allowed = |id: &String| readers.iter().flat_map(usable).any(|key| key.fingerprint == *id);
        if !letter.readers.iter().all(allowed) {
            return Err(support(43));
        }
        if letter.tampered || letter.context != *expected {
            return Err(support(11));
        }
        self.signer_version(who, &letter.signer).ok_or(support(11))
    }

    pub fn put_shelves(&self, leaves: &mut Leaves) {
        for ((kind, owner, name), document) in &self.shelves.documents {
            let head = wire::DocumentHead {
                shelf: kind.clone(),
                owner: owner.clone(),
                name: name.clone(),
                version: document.version,
                digest: document.digest.clone(),
                bytes: u32::try_from(document.stored.len()).unwrap(),
                updated_by: document.by.clone(),
                updated_at: document.at,
                payload_context: document.context.clone(),
            };
            leaves.insert(tree::document(&place_of(kind, owner, name)), head.encode_to_vec());
        }
        for ((kind, owner), writes) in &self.shelves.writes {
            let on_it = self.shelves.documents.keys().filter(|(k, o, _)| k == kind && o == owner);
            let documents = u32::try_from(on_it.count()).unwrap();
            let record = ledger::ShelfRecord { documents, last_version: *writes };
            leaves.insert(tree::shelf(&place_of(kind, owner, "x").shelf), record.encode_to_vec());
        }
        for (name, writes) in &self.shelves.published {
            let name = DocumentName::parse(name).unwrap();
            let dropped = writes.len().saturating_sub(256);
            let mut record = ledger::PublishedVersions { versions: Vec::new(), dropped: dropped as u64 };
            for (version, since, body) in &writes[dropped..] {
                let digest = body.as_ref().map(|body| Sha256::digest(body).to_vec()).unwrap_or_default();
                record.versions.push(ledger::PublishedVersion { version: *version, since: *since, digest });
                if let Some(body) = body.clone() {
                    let body = ledger::PublishedBody { body }.encode_to_vec();
                    leaves.insert(tree::published_body(&name, *version), body);
                }
            }
            leaves.insert(tree::published(&name), record.encode_to_vec());
        }
        let mut writers: BTreeMap<&String, ledger::DocumentWriter> = BTreeMap::new();
        for ((who, kind), times) in self.shelves.times.iter().filter(|(_, times)| !times.is_empty()) {
            let newest = *times.last().unwrap();
            let recent = times.iter().copied().filter(|at| *at > newest - HOUR).collect();
            let record = writers.entry(who).or_default();
            match kind.as_str() {
                "own" => record.own = recent,
                "staff" => record.staff = recent,
                _ => record.public = recent,
            }
        }
        for (who, record) in writers {
            leaves.insert(tree::document_writer(&address(who)), record.encode_to_vec());
        }
    }

    /// What stands beside the tree.
    pub fn document_contents(&self) -> Leaves {
        let documents = self.shelves.documents.iter();
        let key =
            |(kind, owner, name): &(String, String, String)| side::document(&place_of(kind, owner, name));
        documents.map(|(place, document)| (key(place), document.stored.clone())).collect()
    }

    /// Nobody but an owner, or whoever is or was staff, has a key among a document's readers.
    pub fn a_document_names_no_stranger(&self) {
        for ((kind, owner, name), document) in &self.shelves.documents {
            for reader in &document.readers {
                let has = |who: &&String| self.keys_of(who).iter().any(|key| key.fingerprint == *reader);
                let knows = |who: &String| {
                    if kind == "own" {
                        who == owner
                    } else {
                        self.is_staff(who) || self.ever_staff.contains(who)
                    }
                };
                assert!(self.keys.keys().filter(has).any(knows), "{reader} reads {kind}/{owner}/{name}");
            }
        }
    }
}

fn place_of(kind: &str, owner: &str, name: &str) -> DocumentPlace {
    let shelf = Shelf::named(&sealdesk_testkit::prefix(), kind, owner).unwrap();
    DocumentPlace { shelf, name: DocumentName::parse(name).unwrap() }
}
