//! A second, naive desk: plain maps and lists, written from DESK.md and from nothing else. It keeps no lists, no digests and
//! no queue: it looks at everything each time.

use std::collections::{BTreeMap, BTreeSet};

/// A refusal: codespace and code.
pub type Code = (&'static str, u32);
/// What the ledger says happened: the event's name and its fields.
pub type Said = (String, BTreeMap<String, String>);

const DAY: i64 = 86_400;

/// A key by its owner and its number; versions are counted by the desk.
pub type KeyOf = (usize, u32);

#[derive(Clone, Debug, PartialEq)]
pub enum Defect {
    None,
    Absent,
    Version2,
    Signature,
}

#[derive(Clone, Debug)]
pub struct Sealing {
    pub readers: Vec<KeyOf>,
    /// Which of the sender's keys signs it.
    pub key: u32,
    pub defect: Defect,
}

#[derive(Clone, Debug)]
pub struct GrantOf {
    pub target: u32,
    pub reader: KeyOf,
    pub key: u32,
    pub forged: bool,
}

#[derive(Clone, Debug)]
pub enum Ask {
    Create { category: String, provider: Option<usize>, sealing: Sealing },
    Assign { ticket: u64, to: usize, count: Option<u32> },
    Respond { ticket: u64, internal: bool, sealing: Sealing },
    Status { ticket: u64, status: &'static str },
    Priority { ticket: u64, priority: &'static str },
    Resolve { ticket: u64 },
    Close { ticket: u64 },
    Reopen { ticket: u64 },
    Grant { ticket: u64, grants: Vec<GrantOf> },
    Params { params: Limits },
    Register { n: u32, forged: bool },
    RevokeKey { key: KeyOf },
    AssignRole { to: usize, role: &'static str },
    RevokeRole { from: usize, role: &'static str },
    SetState { of: usize, state: &'static str },
}

#[derive(Clone, Debug)]
pub struct Sent {
    pub sender: usize,
    pub sequence: u64,
    pub asks: Vec<Ask>,
}

#[derive(Clone, Debug, PartialEq)]
pub struct Limits {
    pub per_day: u32,
    pub responses: u32,
    pub cooldown: u32,
    pub auto_close_days: u32,
    pub open: u32,
    pub reopen_days: u32,
    pub recipients: u32,
    pub listed: bool,
}

#[derive(Clone, Debug, Default)]
pub struct Someone {
    pub role: Option<&'static str>,
    pub state: Option<&'static str>,
    pub sequence: u64,
    pub keys: Vec<Key>,
    pub last_created: Option<i64>,
    pub created: Vec<i64>,
}

#[derive(Clone, Debug, PartialEq)]
pub struct Key {
    pub n: u32,
    pub version: u32,
    pub registered: i64,
    pub revoked: Option<i64>,
}

#[derive(Clone, Debug, Default)]
pub struct Ticket {
    pub customer: usize,
    pub provider: Option<usize>,
    pub status: &'static str,
    pub priority: &'static str,
    pub category: String,
    pub assignee: Option<usize>,
    pub created: i64,
    pub updated: i64,
    pub resolved: Option<i64>,
    pub due: Option<i64>,
    pub closed: Option<i64>,
    pub resolution: String,
    pub grants: BTreeSet<(KeyOf, usize)>,
    pub responses: Vec<Response>,
}

#[derive(Clone, Debug)]
pub struct Response {
    pub responder: usize,
    pub internal: bool,
    pub agent: bool,
    pub grants: BTreeSet<(KeyOf, usize)>,
}

#[derive(Clone, Debug)]
pub struct Model {
    pub names: Vec<String>,
    pub fingerprints: BTreeMap<KeyOf, String>,
    pub people: Vec<Someone>,
    pub tickets: Vec<Ticket>,
    pub limits: Limits,
    pub next_limits: Option<Limits>,
    pub now: i64,
    pub height: u64,
}

type Told = Result<Vec<Said>, Code>;

fn support(code: u32) -> Code {
    ("support", code)
}

fn roles(code: u32) -> Code {
    ("roles", code)
}

pub fn id(number: u64) -> String {
    format!("TKT-{number:08}")
}

impl Model {
    fn said(&self, name: &str, fields: &[(&str, String)]) -> Said {
        let mut map: BTreeMap<String, String> =
            fields.iter().map(|(key, value)| ((*key).to_owned(), value.clone())).collect();
        map.insert("block_height".into(), self.height.to_string());
        map.insert("timestamp".into(), self.now.to_string());
        (name.to_owned(), map)
    }

    pub fn active(&self, p: usize) -> bool {
        self.people[p].state.is_none()
    }

    fn staff(&self, p: usize) -> bool {
        matches!(self.people[p].role, Some("administrator" | "support_agent"))
    }

    pub fn administrator(&self, p: usize) -> bool {
        self.active(p) && self.people[p].role == Some("administrator")
    }

    fn administrators(&self) -> usize {
        (0..self.people.len()).filter(|p| self.administrator(*p)).count()
    }

    /// "The assignee while active staff."
    fn has_ticket(&self, p: usize, ticket: &Ticket) -> bool {
        self.active(p) && self.staff(p) && ticket.assignee == Some(p)
    }

    /// A block begins: "resolved, `auto_close_after_days` after it → closed", at most 1,000 a block, longest due first.
    pub fn begin(&mut self, height: u64, now: i64) -> Vec<Said> {
        (self.height, self.now) = (height, now);
        let mut due: Vec<(i64, usize)> = Vec::new();
        for (i, ticket) in self.tickets.iter().enumerate() {
            if let Some(at) = ticket.due.filter(|at| now > *at) {
                due.push((at, i));
            }
        }
        due.sort_unstable();
        due.truncate(1_000);
        let mut said = Vec::new();
        for (_, i) in due {
            self.shut(i);
            let fields = [
                ("ticket_id", id(u64::try_from(i).unwrap() + 1)),
                ("closed_by", "auto".to_owned()),
                ("reason", "resolved".to_owned()),
            ];
            said.push(self.said("EventTicketClosed", &fields));
        }
        said
    }

    /// A block ends: changed parameters are "valid from the next block".
    pub fn end(&mut self) {
        if let Some(limits) = self.next_limits.take() {
            self.limits = limits;
        }
    }

    /// "Several messages in one transaction succeed or fail together"; the sequence is raised all the same.
    pub fn send(&mut self, sent: &Sent) -> Told {
        if sent.sequence != self.people[sent.sender].sequence {
            return Err(("sdk", 32));
        }
        self.people[sent.sender].sequence += 1;
        let before = self.clone();
        let mut said = Vec::new();
        for ask in &sent.asks {
            match self.ask(sent.sender, ask) {
                Ok(more) => said.extend(more),
                Err(code) => {
                    *self = before;
                    return Err(code);
                }
            }
        }
        Ok(said)
    }

    fn ask(&mut self, p: usize, ask: &Ask) -> Told {
        if !self.active(p) {
            return Err(match ask {
                Ask::AssignRole { .. } | Ask::RevokeRole { .. } | Ask::SetState { .. } => roles(4),
                Ask::Register { .. } | Ask::RevokeKey { .. } => ("encryption", 10),
                _ => support(7),
            });
        }
        match ask {
            Ask::Create { category, provider, sealing } => self.create(p, category, *provider, sealing),
            Ask::Params { params } => self.params(p, params),
            Ask::Register { n, forged } => self.register(p, *n, *forged),
            Ask::RevokeKey { key } => self.revoke_key(p, *key),
            Ask::AssignRole { to, role } => self.assign_role(p, *to, role),
            Ask::RevokeRole { from, role } => self.revoke_role(p, *from, role),
            Ask::SetState { of, state } => self.set_state(p, *of, state),
            Ask::Assign { ticket, .. }
            | Ask::Respond { ticket, .. }
            | Ask::Status { ticket, .. }
            | Ask::Priority { ticket, .. }
            | Ask::Resolve { ticket }
            | Ask::Close { ticket }
            | Ask::Reopen { ticket }
            | Ask::Grant { ticket, .. } => self.on_ticket(p, *ticket, ask),
        }
    }

    fn create(&mut self, p: usize, category: &str, provider: Option<usize>, sealing: &Sealing) -> Told {
        if self.staff(p) || self.limits.listed && self.people[p].role != Some("customer") {
            return Err(support(7));
        }
        let known = ["billing", "technical", "account", "provider", "deployment", "security", "other"];
        if !known.contains(&category) {
            return Err(support(19));
        }
        let recent = self.people[p].created.iter().filter(|at| **at > self.now - DAY).count();
        if self.open_of(p) >= usize::try_from(self.limits.open).unwrap()
            || recent >= usize::try_from(self.limits.per_day).unwrap()
            || self.cooling(p)
        {
            return Err(support(12));
        }
        let ticket = Ticket {
            customer: p,
            provider,
            status: "open",
            priority: "normal",
            category: category.to_owned(),
            created: self.now,
            updated: self.now,
            ..Ticket::default()
        };
        self.sealed(p, &ticket, false, true, sealing)?;
        self.tickets.push(ticket);
        self.people[p].created.push(self.now);
        self.people[p].last_created = Some(self.now);
        let fields = [
            ("ticket_id", id(u64::try_from(self.tickets.len()).unwrap())),
            ("customer", self.names[p].clone()),
            ("provider", provider.map(|p| self.names[p].clone()).unwrap_or_default()),
            ("category", category.to_owned()),
            ("priority", "normal".to_owned()),
        ];
        Ok(vec![self.said("EventTicketCreated", &fields)])
    }

    fn open_of(&self, p: usize) -> usize {
        self.tickets.iter().filter(|ticket| ticket.customer == p && ticket.status != "closed").count()
    }

    fn cooling(&self, p: usize) -> bool {
        self.people[p].last_created.is_some_and(|last| self.now < last + i64::from(self.limits.cooldown))
    }

    /// The envelope stage: form (11), readers (41, 42, 43), signature (11).
    fn sealed(&self, p: usize, ticket: &Ticket, note: bool, create: bool, sealing: &Sealing) -> Result<(), Code> {
        let readers: BTreeSet<KeyOf> = sealing.readers.iter().copied().collect();
        let most = usize::try_from(self.limits.recipients).unwrap();
        if matches!(sealing.defect, Defect::Absent | Defect::Version2) || readers.is_empty() || readers.len() > most {
            return Err(support(11));
        }
        let has_key = |q: usize| self.people[q].keys.iter().any(|key| key.revoked.is_none());
        if create && !(0..self.people.len()).any(|q| self.administrator(q) && has_key(q)) {
            return Err(support(41));
        }
        for q in self.required(ticket, note) {
            let due = self.people[q].keys.iter().any(|k| k.revoked.is_none() && self.now - k.registered >= 60);
            let met = self.people[q].keys.iter().any(|k| self.in_grace(k) && readers.contains(&(q, k.n)));
            if due && !met {
                return Err(support(42));
            }
        }
        let allowed = self.allowed(ticket, note);
        let fits = |&(q, n): &KeyOf| {
            allowed.contains(&q) && self.people[q].keys.iter().any(|key| key.n == n && self.in_grace(key))
        };
        if !readers.iter().all(fits) {
            return Err(support(43));
        }
        let signs = self.people[p].keys.iter().any(|key| key.n == sealing.key && key.revoked.is_none());
        if !signs || sealing.defect == Defect::Signature {
            return Err(support(11));
        }
        Ok(())
    }

    fn in_grace(&self, key: &Key) -> bool {
        key.revoked.is_none_or(|at| self.now - at <= 60)
    }

    /// "Every active administrator, the assignee while active staff, and (not for a note) the customer."
    fn required(&self, ticket: &Ticket, note: bool) -> BTreeSet<usize> {
        let mut people: BTreeSet<usize> = (0..self.people.len()).filter(|q| self.administrator(*q)).collect();
        people.extend(ticket.assignee.filter(|q| self.has_ticket(*q, ticket)));
        people.insert(ticket.customer);
        if note {
            people.remove(&ticket.customer);
        }
        people
    }

    /// The required people, suspended ones included, and for a ticket or response of its provider.
    fn allowed(&self, ticket: &Ticket, note: bool) -> BTreeSet<usize> {
        let standing = |q: &usize| self.people[*q].state != Some("terminated");
        let administrator = |q: &usize| self.people[*q].role == Some("administrator") && standing(q);
        let mut people: BTreeSet<usize> = (0..self.people.len()).filter(administrator).collect();
        people.extend(ticket.assignee.filter(|q| self.staff(*q) && standing(q)));
        if !note {
            people.extend(ticket.provider);
        }
        people.insert(ticket.customer);
        if note {
            people.remove(&ticket.customer);
        }
        people
    }

    fn on_ticket(&mut self, p: usize, number: u64, ask: &Ask) -> Told {
        let i = usize::try_from(number).unwrap().wrapping_sub(1);
        let Some(ticket) = self.tickets.get(i).cloned() else { return Err(support(1)) };
        let own = ticket.customer == p;
        let works = self.administrator(p) || self.has_ticket(p, &ticket) && !own;
        let allowed = match ask {
            Ask::Assign { .. } => self.administrator(p),
            Ask::Respond { internal: true, .. } => works && !own,
            Ask::Respond { .. } => works || own,
            Ask::Status { .. } | Ask::Priority { .. } | Ask::Resolve { .. } => works,
            Ask::Close { .. } | Ask::Reopen { .. } | Ask::Grant { .. } => own || self.administrator(p),
            _ => unreachable!("these are all that name a ticket"),
        };
        if !allowed {
            return Err(support(7));
        }
        match ask {
            Ask::Assign { to, count, .. } => self.assign(p, i, ticket, *to, *count),
            Ask::Respond { internal, sealing, .. } => self.respond(p, i, ticket, *internal, sealing),
            Ask::Status { status, .. } => self.status(p, i, ticket, status),
            Ask::Priority { priority, .. } => self.priority(p, i, ticket, priority),
            Ask::Resolve { .. } => self.resolve(p, i, ticket),
            Ask::Close { .. } => self.close(p, i, ticket),
            Ask::Reopen { .. } => self.reopen(p, i, ticket),
            Ask::Grant { grants, .. } => self.grant(p, i, ticket, grants),
            _ => unreachable!("these are all that name a ticket"),
        }
    }

    fn id(i: usize) -> (&'static str, String) {
        ("ticket_id", id(u64::try_from(i).unwrap() + 1))
    }

    fn by(&self, field: &'static str, p: usize) -> (&'static str, String) {
        (field, self.names[p].clone())
    }

    fn changed(&self, p: usize, i: usize, from: &str, to: &str) -> Said {
        let fields = [
            Self::id(i),
            ("previous_status", from.to_owned()),
            ("status", to.to_owned()),
            self.by("changed_by", p),
        ];
        self.said("EventTicketStatusChanged", &fields)
    }

    fn put(&mut self, i: usize, ticket: Ticket) {
        self.tickets[i] = Ticket { updated: self.now, ..ticket };
    }

    fn assign(&mut self, p: usize, i: usize, ticket: Ticket, to: usize, count: Option<u32>) -> Told {
        match ticket.status {
            "resolved" => return Err(support(15)),
            "closed" => return Err(support(8)),
            _ => {}
        }
        if ticket.customer == to {
            return Err(support(21));
        }
        if ticket.assignee == Some(to) {
            return Err(support(10));
        }
        if !(self.active(to) && self.staff(to)) {
            return Err(support(7));
        }
        if count.is_some_and(|count| usize::try_from(count).unwrap() != ticket.responses.len()) {
            return Err(support(40));
        }
        self.put(i, Ticket { status: "assigned", assignee: Some(to), ..ticket });
        let fields = [Self::id(i), self.by("assigned_to", to), self.by("assigned_by", p)];
        Ok(vec![self.said("EventTicketAssigned", &fields)])
    }

    fn respond(&mut self, p: usize, i: usize, mut ticket: Ticket, note: bool, sealing: &Sealing) -> Told {
        let own = ticket.customer == p;
        let from = ticket.status;
        let to = match (from, own, note) {
            ("closed", _, _) => return Err(support(8)),
            ("resolved", false, false) => return Err(support(15)),
            (_, _, true) => from,
            ("assigned", false, false) => "in_progress",
            ("pending_customer", true, false) => "in_progress",
            ("resolved", true, false) if ticket.assignee.is_some() => "in_progress",
            ("resolved", true, false) => "open",
            _ => from,
        };
        let most = self.limits.responses - if own { self.limits.responses / 5 } else { 0 };
        if ticket.responses.len() >= usize::try_from(most).unwrap() {
            return Err(support(13));
        }
        self.sealed(p, &ticket, note, false, sealing)?;
        let index = ticket.responses.len();
        ticket.responses.push(Response { responder: p, internal: note, agent: !own, grants: BTreeSet::new() });
        if from == "resolved" && to != "resolved" {
            (ticket.resolved, ticket.due, ticket.resolution) = (None, None, String::new());
        }
        self.put(i, Ticket { status: to, ..ticket });
        let fields = [
            Self::id(i),
            self.by("responder", p),
            ("response_index", index.to_string()),
            ("internal", note.to_string()),
        ];
        let mut said = vec![self.said("EventTicketResponded", &fields)];
        if from != to {
            said.push(self.changed(p, i, from, to));
        }
        Ok(said)
    }

    fn status(&mut self, p: usize, i: usize, ticket: Ticket, to: &'static str) -> Told {
        let from = ticket.status;
        match (from, to) {
            ("closed", _) => return Err(support(8)),
            ("resolved", _) => return Err(support(15)),
            ("open", _) => return Err(support(9)),
            ("assigned" | "pending_customer", "in_progress") | ("in_progress", "pending_customer") => {}
            _ => return Err(support(4)),
        }
        self.put(i, Ticket { status: to, ..ticket });
        Ok(vec![self.changed(p, i, from, to)])
    }

    fn priority(&mut self, p: usize, i: usize, ticket: Ticket, to: &'static str) -> Told {
        if ticket.status == "closed" {
            return Err(support(8));
        }
        let fields = [
            Self::id(i),
            ("previous_priority", ticket.priority.to_owned()),
            ("new_priority", to.to_owned()),
            self.by("escalated_by", p),
            ("reason", "it matters".to_owned()),
        ];
        self.put(i, Ticket { priority: to, ..ticket });
        Ok(vec![self.said("EventTicketEscalated", &fields)])
    }

    fn resolve(&mut self, p: usize, i: usize, ticket: Ticket) -> Told {
        match ticket.status {
            "closed" => return Err(support(8)),
            "resolved" => return Err(support(15)),
            "open" => return Err(support(9)),
            _ => {}
        }
        let due = Some(self.now + i64::from(self.limits.auto_close_days) * DAY);
        let resolution = "fixed".to_owned();
        let fields = [Self::id(i), self.by("resolved_by", p), ("resolution", resolution.clone())];
        self.put(i, Ticket { status: "resolved", resolved: Some(self.now), due, resolution, ..ticket });
        Ok(vec![self.said("EventTicketResolved", &fields)])
    }

    fn shut(&mut self, i: usize) {
        let ticket = self.tickets[i].clone();
        self.put(i, Ticket { status: "closed", closed: Some(self.now), due: None, ..ticket });
    }

    fn close(&mut self, p: usize, i: usize, ticket: Ticket) -> Told {
        if ticket.status == "closed" {
            return Err(support(8));
        }
        self.shut(i);
        let fields = [Self::id(i), self.by("closed_by", p), ("reason", "no longer needed".to_owned())];
        Ok(vec![self.said("EventTicketClosed", &fields)])
    }

    fn reopen(&mut self, p: usize, i: usize, ticket: Ticket) -> Told {
        let late = |at: i64| self.now > at + i64::from(self.limits.reopen_days) * DAY;
        match (ticket.status, ticket.closed) {
            ("resolved", _) => {}
            ("closed", Some(at)) if !late(at) => {}
            _ => return Err(support(16)),
        }
        let others = self.open_of(ticket.customer) - usize::from(ticket.status != "closed");
        if others >= usize::try_from(self.limits.open).unwrap() || self.cooling(ticket.customer) {
            return Err(support(12));
        }
        self.people[ticket.customer].last_created = Some(self.now);
        let cleared = Ticket {
            status: "open",
            assignee: None,
            resolved: None,
            due: None,
            closed: None,
            resolution: String::new(),
            ..ticket
        };
        self.put(i, cleared);
        let fields = [Self::id(i), self.by("reopened_by", p), ("reason", "it came back".to_owned())];
        Ok(vec![self.said("EventTicketReopened", &fields)])
    }

    fn grant(&mut self, p: usize, i: usize, mut ticket: Ticket, grants: &[GrantOf]) -> Told {
        for grant in grants {
            let Some(index) = grant.target.checked_sub(1) else { continue };
            let Some(response) = ticket.responses.get(usize::try_from(index).unwrap()) else {
                return Err(support(18));
            };
            if response.internal && !self.administrator(p) {
                return Err(support(7));
            }
        }
        let mut said = Vec::new();
        for grant in grants {
            let index = grant.target.checked_sub(1).map(|index| usize::try_from(index).unwrap());
            let note = index.is_some_and(|index| ticket.responses[index].internal);
            let around = ticket.clone();
            let list = match index {
                None => &mut ticket.grants,
                Some(index) => &mut ticket.responses[index].grants,
            };
            let (q, n) = grant.reader;
            let usable = self.people[q].keys.iter().any(|key| key.n == n && key.revoked.is_none());
            let open_to = self.granted(&around, note).contains(&q) && usable;
            let room = if open_to && self.administrator(q) { 64 } else { 32 };
            if !list.contains(&(grant.reader, p)) && list.len() >= room {
                return Err(support(44));
            }
            if !open_to {
                return Err(support(43));
            }
            let signs = self.people[p].keys.iter().any(|key| key.n == grant.key && key.revoked.is_none());
            if !signs || grant.forged {
                return Err(support(11));
            }
            list.insert((grant.reader, p));
            let fields = [
                Self::id(i),
                self.by("granted_by", p),
                ("recipient_id", self.fingerprints[&grant.reader].clone()),
                ("target", grant.target.to_string()),
            ];
            said.push(self.said("EventAccessGranted", &fields));
        }
        self.put(i, ticket);
        Ok(said)
    }

    /// "An active administrator, the assignee, the customer or the ticket's provider (neither of these two for a note)."
    fn granted(&self, ticket: &Ticket, note: bool) -> BTreeSet<usize> {
        let mut people: BTreeSet<usize> = (0..self.people.len()).filter(|q| self.administrator(*q)).collect();
        people.extend(ticket.assignee.filter(|q| self.staff(*q) && self.people[*q].state != Some("terminated")));
        if note {
            people.remove(&ticket.customer);
        } else {
            people.insert(ticket.customer);
            people.extend(ticket.provider);
        }
        people
    }

    fn params(&mut self, p: usize, params: &Limits) -> Told {
        let bad = [
            (params.per_day, 1, 10_000),
            (params.responses, 5, 10_000),
            (params.cooldown, 0, 86_400),
            (params.auto_close_days, 1, 3_650),
            (params.open, 1, 10_000),
            (params.reopen_days, 0, 3_650),
            (params.recipients, 3, 32),
        ]
        .into_iter()
        .any(|(value, least, most)| value < least || value > most);
        assert!(!bad, "the campaign sends parameters out of range elsewhere: they are refused before the sender is asked");
        if !self.administrator(p) {
            return Err(support(7));
        }
        if self.administrators() > usize::try_from(params.recipients).unwrap() - 2 {
            return Err(support(14));
        }
        self.next_limits = Some(params.clone());
        Ok(vec![self.said("EventParamsUpdated", &[self.by("authority", p)])])
    }

    fn register(&mut self, p: usize, n: u32, forged: bool) -> Told {
        let refuse = |code| Err(("encryption", code));
        if forged {
            return refuse(3);
        }
        let keys = &self.people[p].keys;
        if keys.iter().any(|key| key.n == n) {
            return refuse(5);
        }
        if keys.iter().filter(|key| key.revoked.is_none()).count() >= 5 {
            return refuse(7);
        }
        if keys.iter().filter(|key| key.registered > self.now - DAY).count() >= 5 {
            return refuse(8);
        }
        let version = u32::try_from(keys.len()).unwrap() + 1;
        self.people[p].keys.push(Key { n, version, registered: self.now, revoked: None });
        let fields = [
            self.by("address", p),
            ("key_fingerprint", self.fingerprints[&(p, n)].clone()),
            ("key_version", version.to_string()),
        ];
        Ok(vec![self.said("EventRecipientKeyRegistered", &fields)])
    }

    fn revoke_key(&mut self, p: usize, (q, n): KeyOf) -> Told {
        let now = self.now;
        let may = p == q || self.administrator(p) && self.staff(q) && self.people[q].state != Some("terminated");
        let key = self.people[q].keys.iter_mut().find(|key| key.n == n && key.revoked.is_none());
        let (true, Some(key)) = (may, key) else { return Err(("encryption", 6)) };
        key.revoked = Some(now);
        let fields =
            [self.by("address", q), ("key_fingerprint", self.fingerprints[&(q, n)].clone())];
        Ok(vec![self.said("EventRecipientKeyRevoked", &fields)])
    }

    fn room_for_administrator(&self) -> bool {
        let room = |limits: &Limits| self.administrators() < usize::try_from(limits.recipients).unwrap() - 2;
        room(&self.limits) && self.next_limits.as_ref().is_none_or(room)
    }

    fn assign_role(&mut self, p: usize, to: usize, role: &'static str) -> Told {
        if !self.administrator(p) {
            return Err(roles(4));
        }
        match (self.people[to].state, self.people[to].role) {
            (Some("terminated"), _) => return Err(roles(9)),
            (Some(_), _) => return Err(roles(13)),
            (None, Some(same)) if same == role => return Err(roles(7)),
            (None, Some(_)) => return Err(roles(5)),
            (None, None) => {}
        }
        if role == "administrator" && !self.room_for_administrator() {
            return Err(roles(12));
        }
        self.people[to].role = Some(role);
        let fields = [self.by("address", to), ("role", role.to_owned()), self.by("assigned_by", p)];
        Ok(vec![self.said("EventRoleAssigned", &fields)])
    }

    fn revoke_role(&mut self, p: usize, from: usize, role: &'static str) -> Told {
        if !self.administrator(p) {
            return Err(roles(4));
        }
        if self.people[from].role != Some(role) {
            return Err(roles(6));
        }
        if self.administrator(from) && self.administrators() == 1 {
            return Err(roles(11));
        }
        self.people[from].role = None;
        let fields = [self.by("address", from), ("role", role.to_owned()), self.by("revoked_by", p)];
        Ok(vec![self.said("EventRoleRevoked", &fields)])
    }

    fn set_state(&mut self, p: usize, of: usize, state: &'static str) -> Told {
        if !self.administrator(p) {
            return Err(roles(4));
        }
        if p == of {
            return Err(roles(10));
        }
        let before = self.people[of].state.unwrap_or("active");
        if before == "terminated" {
            return Err(roles(9));
        }
        if before == state {
            return Err(roles(8));
        }
        let returns = state == "active" && self.people[of].role == Some("administrator");
        if returns && !self.room_for_administrator() {
            return Err(roles(12));
        }
        self.people[of].state = (state != "active").then_some(state);
        let fields = [
            self.by("address", of),
            ("previous_state", before.to_owned()),
            ("state", state.to_owned()),
            self.by("changed_by", p),
            ("reason", String::new()),
        ];
        Ok(vec![self.said("EventAccountStateChanged", &fields)])
    }
}
