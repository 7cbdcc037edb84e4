//! What the next message of the campaign is: mostly what its sender might really ask, often something else.

use sealdesk_protocol::envelope::Kind;
use sealdesk_protocol::ticket::Action;
use sealdesk_testkit::people::{Crowd, KeyPair};
use sealdesk_testkit::random::Random;

use super::cells::Deed;
use super::desk::{DAY, Desk, Place, Role, State, ticket_text};
use super::documents::Put;
use super::files;
use super::letters::{FLAWS, Flaw, PAIRS, Pairs, People, Wish, Writer, a_minute_old};
use super::plan::{Create, KeyFlaw, Letter, Op};
use super::readers::Audience;

const TEXTS: [&str; 4] = ["", "done", "läuft wieder", "no longer needed"];

/// Changes keys all day long.
pub const ROTATOR: &str = "cyd";

/// Someone about to do something to a ticket, from a place of a transaction.
#[derive(Clone, Copy)]
pub struct Attempt<'a> {
    pub who: &'a str,
    pub number: u64,
    pub place: Place,
}

pub struct Chooser {
    pub random: Random,
    pub pairs: Pairs,
    pub crowd: Crowd,
}

impl Chooser {
    fn text(&mut self) -> String {
        match self.random.below(60) {
            0 => "x".repeat(129),
            1 => "a\u{202e}b".to_owned(),
            2 => "x".repeat(128),
            _ => (*self.random.pick(&TEXTS)).to_owned(),
        }
    }

    pub fn anyone(&mut self) -> String {
        let people: Vec<&str> = self.crowd.all().map(|person| person.text.as_str()).collect();
        (*self.random.pick(&people)).to_owned()
    }

    fn flaw(&mut self, desk: &Desk) -> Flaw {
        if self.random.one_in(2) && desk.keys.values().flatten().any(|key| a_minute_old(desk, key)) {
            return Flaw::Minute;
        }
        if self.random.percent(25) { *self.random.pick(&FLAWS) } else { Flaw::None }
    }

    fn letter(&mut self, desk: &Desk, writer: &Writer<'_>, audience: &Audience<'_>) -> Option<Letter> {
        if self.random.one_in(80) {
            return None;
        }
        Some(self.pairs.letter(desk, writer, audience, &mut self.random))
    }

    fn id(&mut self, number: u64) -> String {
        match self.random.below(100) {
            0 => "TKT-1".to_owned(),
            1 => ticket_text(900),
            _ => ticket_text(number),
        }
    }

    /// The message for a deed on a ticket.
    pub fn deed(&mut self, desk: &Desk, attempt: Attempt<'_>, deed: Deed) -> Op {
        let Attempt { who, number, place } = attempt;
        let ticket = self.id(number);
        let Deed::On(action) = deed else { return Op::Create(self.create(desk, who, place)) };
        match action {
            Action::Assign => self.assign(desk, number, ticket),
            Action::Take => Op::Assign { ticket, to: who.to_owned(), with: Vec::new(), count: None },
            Action::StartWork => Op::Status { ticket, status: self.status("in_progress") },
            Action::AwaitCustomer => Op::Status { ticket, status: self.status("pending_customer") },
            Action::RespondAsCustomer | Action::RespondAsStaff => self.respond(desk, attempt, false),
            Action::Note => self.respond(desk, attempt, true),
            Action::SetPriority => {
                let named = ["low", "normal", "high", "urgent", "low", "high", "urgent", "", "URGENT"];
                let priority = (*self.random.pick(&named)).to_owned();
                Op::Priority { ticket, priority, reason: self.text() }
            }
            Action::Resolve => Op::Resolve { ticket, reference: self.text() },
            Action::Close => Op::Close { ticket, reason: self.text() },
            Action::Reopen => Op::Reopen { ticket, reason: self.text() },
            Action::Grant => self.grants(desk, who, number, ticket),
            Action::Transfer => self.transfer(desk, number, ticket),
            Action::Rate => self.rate(desk, attempt),
            Action::Link => self.link(desk, number, ticket),
            Action::Snooze => {
                let ahead = [1, 2, 60, DAY, 366 * DAY, 0, -1, 366 * DAY + 1];
                let until = match self.random.below(12) {
                    0 => 0,
                    1 if self.random.one_in(4) => -1,
                    2 if self.random.one_in(4) => 253_402_300_800,
                    3..10 => desk.now + ahead[self.random.below(5)],
                    _ => desk.now + *self.random.pick(&ahead),
                };
                Op::Snooze { ticket, until }
            }
        }
    }

    fn status(&mut self, name: &str) -> String {
        if self.random.one_in(40) { "resolved".to_owned() } else { name.to_owned() }
    }

    fn create(&mut self, desk: &Desk, who: &str, place: Place) -> Create {
        let pia = self.crowd.get("pia").text.clone();
        let provider = match self.random.below(12) {
            0..4 => pia.clone(),
            4 => self.anyone(),
            5 if self.random.one_in(4) => pia.to_uppercase(),
            _ => String::new(),
        };
        let resource = self.random.one_in(4).then(|| {
            let kinds = [
                ("lease", "/1/2/3"),
                ("deployment", "/7"),
                ("provider", ""),
                ("order", "/1/1"),
                ("house", ""),
            ];
            let (kind, tail) = *self.random.pick(&kinds);
            (kind.to_owned(), format!("{pia}{tail}"), String::new())
        });
        let audience = Audience {
            customer: who,
            before: &[],
            provider: (!provider.is_empty()).then_some(provider.as_str()),
            assignee: None,
            collaborators: &[],
            internal: false,
            imported: None,
            grants: &[],
        };
        let writer = Writer { who, ticket_id: "", kind: Kind::Ticket, place, flaw: self.flaw(desk) };
        let envelope = self.letter(desk, &writer, &audience);
        let category =
            if self.random.one_in(25) { "gossip" } else { self.random.pick(&["technical", "billing"]) };
        let priority = *self.random.pick(&["", "low", "normal", "high", "urgent", "high", "", "asap"]);
        Create {
            category: category.to_owned(),
            priority: priority.to_owned(),
            provider,
            resource,
            envelope,
            files: files::choose(&mut self.random),
        }
    }

    fn assign(&mut self, desk: &Desk, number: u64, ticket: String) -> Op {
        let staff: Vec<&String> = desk.members.keys().filter(|who| desk.is_staff(who)).collect();
        let record = &desk.tickets[&number];
        let to = match self.random.below(12) {
            0 => self.anyone(),
            1 => record.customer.clone(),
            2 => record.assignee.clone().unwrap_or_else(|| record.customer.clone()),
            3 if self.random.one_in(5) => "virtengine1nobody".to_owned(),
            _ => (*self.random.pick(&staff)).clone(),
        };
        let responses = u32::try_from(record.responses.len()).unwrap();
        let count = match self.random.below(8) {
            0 => Some(responses + 1),
            1..4 => Some(responses),
            _ => None,
        };
        let agents: Vec<String> =
            staff.into_iter().filter(|who| desk.role(who) == Some(Role::Agent)).cloned().collect();
        let with = self.helpers(&agents, &to);
        Op::Assign { ticket, to, with, count }
    }

    /// Now and then somebody beside the assignee, mostly an agent.
    fn helpers(&mut self, agents: &[String], to: &str) -> Vec<String> {
        if agents.is_empty() || self.random.one_in(2) {
            return Vec::new();
        }
        let mut with: Vec<String> =
            (0..=self.random.below(2)).map(|_| self.random.pick(agents).clone()).collect();
        with.sort();
        with.dedup();
        with.retain(|who| who != to);
        match self.random.below(40) {
            0 => with.push(to.to_owned()),
            1 => with.extend(with.clone()),
            2 => with.push(self.anyone()),
            3 => with.push("virtengine1nobody".to_owned()),
            4 => with = (0..5).map(|_| self.anyone()).collect(),
            _ => {}
        }
        with
    }

    fn link(&mut self, desk: &Desk, number: u64, ticket: String) -> Op {
        let record = &desk.tickets[&number];
        let known: Vec<(u64, String)> = record.links.iter().map(|(n, k)| (*n, k.clone())).collect();
        let numbers: Vec<u64> = desk.tickets.keys().copied().collect();
        let kinds = ["related", "duplicate_of", "follows_up", "related", "duplicated_by"];
        let mut kind = (*self.random.pick(&kinds)).to_owned();
        let mut other = *self.random.pick(&numbers);
        let remove = self.random.one_in(3);
        if !known.is_empty() && !self.random.one_in(4) {
            (other, kind) = self.random.pick(&known).clone();
            if !remove {
                kind = "related".to_owned();
            }
        }
        Op::Link { ticket, other: self.id(other), kind, remove }
    }

    fn rate(&mut self, desk: &Desk, attempt: Attempt<'_>) -> Op {
        let Attempt { who, number, place } = attempt;
        let ticket = self.id(number);
        let score = *self.random.pick(&[1, 2, 3, 4, 5, 5, 5, 5, 5, 0, 6]);
        if self.random.one_in(2) {
            return Op::Rate { ticket, score, comment: None };
        }
        let writer = Writer { who, ticket_id: &ticket, kind: Kind::Rating, place, flaw: self.flaw(desk) };
        let comment = self.letter(desk, &writer, &desk.tickets[&number].audience(false));
        Op::Rate { ticket, score, comment }
    }

    /// A ticket from another system, of few names, so that one comes twice.
    fn import(&mut self, desk: &Desk, who: &str, place: Place) -> Op {
        let customer = self.anyone();
        let people = |internal| super::imports::audience(&customer, internal);
        let letter = |chooser: &mut Self, kind, index, internal| {
            let place = Place { index, ..place };
            let flaw = if chooser.random.one_in(3) { chooser.flaw(desk) } else { Flaw::None };
            let writer = Writer { who, ticket_id: "", kind, place, flaw };
            chooser.letter(desk, &writer, &people(internal))
        };
        let envelope = letter(self, Kind::Ticket, place.index, false);
        let mut responses = Vec::new();
        for k in 0..u32::try_from(self.random.below(3)).unwrap() {
            let internal = self.random.one_in(3);
            let kind = if internal { Kind::Note } else { Kind::Response };
            let index = place.index + 16 * (k + 1);
            responses.push((internal, letter(self, kind, index, internal)));
        }
        let source = *self.random.pick(&["old-desk", "old-desk", "old-desk", "older", "Old"]);
        let id = *self.random.pick(&["1", "2", "3", "4", "5", "6", "7", ""]);
        let mut known = desk.tickets.values().filter_map(|ticket| ticket.imported.as_ref());
        let (source, id) = match known.next() {
            Some(known) if self.random.one_in(3) => (known.system.as_str(), known.id.as_str()),
            _ => (source, id),
        };
        let status = *self.random.pick(&["open", "open", "closed", "closed", "closed", "resolved"]);
        Op::Import(super::imports::Plan {
            customer,
            category: (*self.random.pick(&["technical", "technical", "billing", "gossip"])).to_owned(),
            priority: (*self.random.pick(&["", "low", "high"])).to_owned(),
            status: status.to_owned(),
            source: source.to_owned(),
            id: id.to_owned(),
            envelope,
            responses,
        })
    }

    fn transfer(&mut self, desk: &Desk, number: u64, ticket: String) -> Op {
        let record = &desk.tickets[&number];
        let to = match self.random.below(10) {
            0 => record.customer.clone(),
            1 => record.assignee.clone().unwrap_or_else(|| record.customer.clone()),
            2 => record.had.iter().next().cloned().unwrap_or_else(|| record.customer.clone()),
            3 if self.random.one_in(5) => "virtengine1nobody".to_owned(),
            _ => self.anyone(),
        };
        let responses = u32::try_from(record.responses.len()).unwrap();
        let count = *self.random.pick(&[None, None, None, Some(responses), Some(responses + 1)]);
        Op::Transfer { ticket, to, reason: self.text(), count }
    }

    fn respond(&mut self, desk: &Desk, attempt: Attempt<'_>, internal: bool) -> Op {
        let Attempt { who, number, place } = attempt;
        let ticket = self.id(number);
        let record = &desk.tickets[&number];
        let kind = if internal { Kind::Note } else { Kind::Response };
        let writer = Writer { who, ticket_id: &ticket, kind, place, flaw: self.flaw(desk) };
        let envelope = self.letter(desk, &writer, &record.audience(internal));
        Op::Respond { ticket, internal, envelope, files: files::choose(&mut self.random) }
    }

    fn grants(&mut self, desk: &Desk, who: &str, number: u64, ticket: String) -> Op {
        let record = &desk.tickets[&number];
        let count = if self.random.one_in(6) { 1 + self.random.below(3) } else { 1 };
        let grants = (0..count).map(|_| {
            let responses = u32::try_from(record.responses.len()).unwrap();
            let beyond = u32::from(self.random.one_in(15));
            let target =
                u32::try_from(self.random.below(usize::try_from(responses + 1).unwrap())).unwrap() + beyond;
            let recipient = self.recipient(desk, number);
            let wish = Wish { who, ticket: number, target, recipient: &recipient };
            self.pairs.grant(desk, &wish, &mut self.random)
        });
        let grants: Vec<_> = grants.collect();
        let owns = |who: &String| desk.keys_of(who).iter().any(|key| key.fingerprint == grants[0].recipient);
        let agents = desk.members.keys().filter(|who| desk.role(who) == Some(Role::Agent) && owns(who));
        let agent = match self.random.below(20) {
            0 => self.anyone(),
            1 => "virtengine1nobody".to_owned(),
            2..12 => agents.max().cloned().unwrap_or_default(),
            _ => String::new(),
        };
        Op::Grant { ticket, agent, grants }
    }

    /// Mostly a key of someone who may be let in.
    fn recipient(&mut self, desk: &Desk, number: u64) -> String {
        let record = &desk.tickets[&number];
        let mut people = desk.allowed(&record.audience(false));
        if self.random.one_in(4) {
            people.push(self.anyone());
            people.reverse();
            people.truncate(1);
        }
        let keys: Vec<_> = people.iter().flat_map(|who| desk.keys_of(who)).collect();
        let active: Vec<_> = keys.iter().filter(|key| key.revoked_at.is_none()).collect();
        match (active.is_empty(), keys.is_empty() || self.random.one_in(10)) {
            (false, false) => self.random.pick(&active).fingerprint.clone(),
            (_, true) => self.pairs.any(&mut self.random).fingerprint.clone(),
            (true, false) => self.random.pick(&keys).fingerprint.clone(),
        }
    }

    /// A message about keys, roles, states or parameters.
    pub fn office(&mut self, desk: &Desk, who: &str, place: Place) -> Op {
        if desk.is_administrator(who) && desk.active_administrators() == 1 && self.random.one_in(8) {
            return Op::take(desk, who, "administrator");
        }
        let rotates = self.crowd.get(ROTATOR).text == who;
        match self.random.below(if rotates { 8 } else { 24 }) {
            0..5 => self.registration(who),
            5..8 => self.revocation(desk, who),
            8..12 => {
                let role = *self.random.pick(&[
                    "administrator",
                    "administrator",
                    "support_agent",
                    "support_agent",
                    "customer",
                    "gateway",
                ]);
                let role = if self.random.one_in(40) { "moderator" } else { role };
                let address = match desk.council.favourite() {
                    Some((favourite, false)) if self.random.one_in(2) => favourite,
                    _ => self.someone(),
                };
                let op = Op::give(desk, &address, role);
                self.vote_flaw(op)
            }
            12..15 => {
                let role = *self.random.pick(&[
                    "administrator",
                    "administrator",
                    "support_agent",
                    "support_agent",
                    "customer",
                    "gateway",
                ]);
                let address = if self.random.one_in(5) { who.to_owned() } else { self.someone() };
                let address = match desk.council.favourite() {
                    Some((favourite, true)) if self.random.one_in(2) => favourite,
                    _ => address,
                };
                let op = Op::take(desk, &address, role);
                self.vote_flaw(op)
            }
            15..18 => self.account_state(desk),
            18 => Op::Params(self.params(desk)),
            19 if self.random.one_in(6) => Op::Params(self.params(desk)),
            19 if self.random.one_in(4) => Op::Continue,
            20..22 => self.put(desk, who, place),
            22 => self.import(desk, who, place),
            _ => self.proposal(desk),
        }
    }

    /// Of few names, so that writers meet.
    fn put(&mut self, desk: &Desk, who: &str, place: Place) -> Op {
        let staff = desk.is_staff(who);
        let shelf = *self.random.pick(if staff {
            &["staff", "staff", "own", "public"]
        } else {
            &["own", "own", "own", "staff"]
        });
        let name = *self.random.pick(&["replies", "tags", "admin.tags", "9", "replies", "sla"]);
        let mut put = Put { shelf: shelf.to_owned(), name: name.to_owned(), ..Put::default() };
        put.base = desk.version(who, &put);
        put.remove = put.base > 0 && self.random.one_in(4);
        if put.remove {
        } else if shelf == "public" {
            put.body = (*self.random.pick(&["{}", "{\"hours\":[9,17.5]}", "[]", ""])).as_bytes().to_vec();
        } else {
            let allowed = desk.readers_of_shelf(who, shelf);
            let required = allowed.iter().filter(|who| desk.has_settled_key(who)).cloned().collect();
            let people = People { required, allowed };
            let ticket_id = put.place(who);
            let writer =
                Writer { who, ticket_id: &ticket_id, kind: Kind::Document, place, flaw: self.flaw(desk) };
            put.letter = Some(self.pairs.letter_for(desk, &writer, &people, &mut self.random));
        }
        match self.random.below(30) {
            0 => put.base += 1,
            1 => put.base = put.base.saturating_sub(1),
            2 => put.name = "Replies".to_owned(),
            3 => put.shelf = "theirs".to_owned(),
            4 => put.remove = true,
            5 => put.letter = None,
            6 => put.name = "replies".to_owned(),
            7 => put.body = b"{}".to_vec(),
            _ => {}
        }
        Op::Put(put)
    }

    /// Of few validators, so that votes meet; now and then a tenth vote of one administrator, or what is no key.
    fn proposal(&mut self, desk: &Desk) -> Op {
        let standing: Vec<&Vec<u8>> = desk.validators.now.keys().collect();
        let open: Vec<&Vec<u8>> = desk.validators.votes.iter().map(|vote| &vote.key).collect();
        let key = match self.random.below(12) {
            0..3 => (*self.random.pick(&standing)).clone(),
            3..7 if !open.is_empty() => (*self.random.pick(&open)).clone(),
            7 if self.random.one_in(6) => vec![0; 32],
            7 if self.random.one_in(6) => vec![1; 31],
            _ => KeyPair::of("validator", self.random.below(12)).signing_public().to_vec(),
        };
        let power = match self.random.below(12) {
            0..4 => 0,
            4..10 => 1,
            10 if self.random.one_in(4) => *self.random.pick(&[-1, 1_000_000_001, i64::MAX]),
            _ => 1_000_000_000,
        };
        Op::Propose { key, power, moniker: self.text() }
    }

    /// Sometimes a vote is not what it must be.
    fn vote_flaw(&mut self, mut op: Op) -> Op {
        let (Op::AssignRole { ballot, .. } | Op::RevokeRole { ballot, .. }) = &mut op else { return op };
        let Some(vote) = ballot else { return op };
        match self.random.below(30) {
            0 => *ballot = None,
            1 | 17 | 18 => vote.change += 1,
            2 | 19 | 20 => vote.change -= 1,
            3 | 11 | 12 | 13 => vote.made += 1,
            4 | 14 | 15 | 16 => vote.made -= 3_601,
            5..10 => vote.made -= 3_600,
            10 | 21 => vote.tampered = true,
            _ => {}
        }
        op
    }

    fn someone(&mut self) -> String {
        if self.random.one_in(60) { "virtengine1nobody".to_owned() } else { self.anyone() }
    }

    fn account_state(&mut self, desk: &Desk) -> Op {
        let mut address = self.anyone();
        // Termination is final, so only one agent and one customer have to fear it.
        let mortal = [self.crowd.get("ted").text.clone(), self.crowd.get("geo").text.clone()];
        if self.random.one_in(9) {
            address = self.random.pick(&mortal).clone();
        }
        let state = match self.random.below(12) {
            0 if desk.state(&address) == State::Terminated || mortal.contains(&address) => "terminated",
            1 if self.random.one_in(4) => "asleep",
            2..5 => "suspended",
            5 => {
                address = self.crowd.get("sue").text.clone();
                "suspended"
            }
            6 if mortal.contains(&address) => "terminated",
            8 if self.random.one_in(2) => {
                address = self.random.pick(&mortal).clone();
                "terminated"
            }
            7 => {
                address = self.random.pick(&desk.administrators()).clone();
                "suspended"
            }
            _ if mortal.contains(&address) && self.random.percent(80) => "suspended",
            _ => "active",
        };
        let address = if self.random.one_in(60) { address + "x" } else { address };
        Op::SetState { address, state: state.to_owned(), reason: self.text() }
    }

    fn registration(&mut self, who: &str) -> Op {
        let name = self.crowd.of_address(who).unwrap().name.clone();
        let n = self.random.below(PAIRS);
        let mut key = KeyPair::of(&name, n);
        if self.random.one_in(8) {
            // Somebody else's X25519 half: it can be registered, and proves nothing. The signing half may stand there twice.
            key = KeyPair::new(self.pairs.any(&mut self.random).public, key.signing);
        }
        let flaw = match self.random.below(26) {
            24 => KeyFlaw::Owner,
            0 => KeyFlaw::LowOrder,
            1 => KeyFlaw::Proof,
            2 => KeyFlaw::Algorithm,
            3 => KeyFlaw::Length,
            _ => KeyFlaw::None,
        };
        Op::Register { key, label: self.text(), flaw }
    }

    fn revocation(&mut self, desk: &Desk, who: &str) -> Op {
        let own: Vec<_> = desk.keys_of(who).iter().filter(|key| key.revoked_at.is_none()).collect();
        let fingerprint = match self.random.below(10) {
            0..5 if !own.is_empty() => self.random.pick(&own).fingerprint.clone(),
            9 if self.random.one_in(3) => "ABCD".to_owned(),
            _ => self.pairs.any(&mut self.random).fingerprint.clone(),
        };
        let owner = match self.random.below(12) {
            0..3 => {
                let has = |who: &&String| desk.keys_of(who).iter().any(|key| key.fingerprint == fingerprint);
                desk.ever_staff.iter().find(has).cloned().unwrap_or_default()
            }
            3 => self.anyone(),
            4 if self.random.one_in(4) => "virtengine1nobody".to_owned(),
            _ => String::new(),
        };
        Op::Revoke { fingerprint, owner }
    }

    fn params(&mut self, desk: &Desk) -> sealdesk_protocol::wire::virtengine::support::v1::Params {
        let mut params = desk.params.clone();
        let random = &mut self.random;
        match random.below(19) {
            17 => params.import_open = !params.import_open,
            12..15 => params.open_queue = !params.open_queue,
            15 => params.max_attachment_bytes = *random.pick(&[0, 4_096, 1 << 20, 25 << 20]),
            16 => {
                let daily = [4_096, 8_192, 1 << 20, 100 << 20];
                params.max_attachment_bytes_per_customer_per_day = *random.pick(&daily);
            }
            0 => params.max_tickets_per_customer_per_day = *random.pick(&[2, 4, 6, 20]),
            1 => params.max_responses_per_ticket = *random.pick(&[5, 6, 9, 12]),
            2 => params.ticket_cooldown_seconds = *random.pick(&[0, 0, 5, 60]),
            3 => params.auto_close_after_days = *random.pick(&[1, 1, 2, 3_650]),
            4 => params.max_open_tickets_per_customer = *random.pick(&[2, 4, 6, 30]),
            5 => params.reopen_window_days = *random.pick(&[0, 1, 1, 2]),
            6 => params.max_recipients = *random.pick(&[3, 4, 5, 6, 8, 32, 32, 33, 128]),
            7 => params.max_envelope_bytes = *random.pick(&[16_384, 17_800, 65_536]),
            8 => params.listed_customers = random.one_in(4),
            9 => params.allowed_categories = vec!["technical".to_owned()],
            10 => params.allowed_categories = vec!["technical".to_owned(), "billing".to_owned()],
            _ => params.max_responses_per_ticket = *random.pick(&[0, 4, 10_001]),
        }
        params
    }
}
