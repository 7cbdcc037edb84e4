//! What is sent next: towards cells that were hit least, valid about half of the time.

use super::*;

impl Campaign {
    /// Everyone of the first cast gets keys and a role, a block before the grace is over.
    pub(super) fn prologue(&mut self) {
        self.begin();
        for p in 0..self.people.len() {
            self.alone(p, Ask::Register { n: 0, forged: false });
        }
        for to in [2, 3] {
            self.alone(0, Ask::AssignRole { to, role: "support_agent" });
        }
        self.end();
    }

    fn alone(&mut self, sender: usize, ask: Ask) -> Executed {
        let sequence = self.model.people[sender].sequence;
        self.send(&Sent { sender, sequence, asks: vec![ask] })
    }

    /// One block of a few transactions.
    pub(super) fn step(&mut self, step: usize) {
        self.begin();
        for _ in 0..=self.random.below(3) {
            match self.random.below(14) {
                0 => self.people_change(),
                1 => self.several(),
                2 | 3 => self.create(),
                4 | 5 => self.forward(),
                _ => self.towards_rare_cell(),
            }
        }
        if self.random.one_in(4) {
            self.restore();
        }
        self.end();
        self.compare();
        self.check_invariants();
        if step.is_multiple_of(100) {
            self.check_costly_invariants();
        }
    }

    fn person(&mut self) -> usize {
        self.random.below(self.people.len())
    }

    /// A key that the person could use, if he has one.
    fn usable(&self, p: usize) -> Option<&Key> {
        self.model.people[p].keys.iter().rev().find(|key| key.revoked.is_none())
    }

    /// Mostly the readers that the rules ask for; else with one left out, one too many, or a broken envelope.
    fn sealing(&mut self, sender: usize, ticket: &Ticket, note: bool, valid: bool) -> Sealing {
        let mut people: Vec<usize> = (0..self.people.len()).filter(|p| self.model.administrator(*p)).collect();
        people.extend(ticket.assignee.filter(|p| self.model.active(*p) && self.model.people[*p].role.is_some()));
        if note {
            people.retain(|p| *p != ticket.customer);
        } else {
            people.push(ticket.customer);
        }
        let mut readers: Vec<(usize, u32)> =
            people.iter().filter_map(|p| self.usable(*p).map(|key| (*p, key.n))).collect();
        let mut defect = Defect::None;
        if !valid || self.random.one_in(8) {
            match self.random.below(6) {
                0 => drop(readers.pop()),
                1 if !readers.is_empty() => drop(readers.swap_remove(0)),
                2 | 3 => readers.push((self.person(), u32::try_from(self.random.below(4)).unwrap())),
                4 => defect = self.random.pick(&[Defect::Absent, Defect::Version2]),
                _ => defect = Defect::Signature,
            }
        }
        if let (Some(provider), true) = (ticket.provider, self.random.one_in(3)) {
            readers.push((provider, 0));
        }
        let key = self.usable(sender).map_or(0, |key| key.n);
        Sealing { readers, key, defect }
    }

    fn create(&mut self) {
        let sender = self.person();
        let provider = if self.random.one_in(3) { Some(self.person()) } else { None };
        let ticket = Ticket { customer: sender, provider, ..Ticket::default() };
        let valid = !self.random.one_in(4);
        let category = if self.random.one_in(12) { "gossip" } else { "technical" }.to_owned();
        let sealing = self.sealing(sender, &ticket, false, valid);
        self.alone(sender, Ask::Create { category, provider, sealing });
    }

    /// For a moment no administrator has a key; then each has a new one.
    pub(super) fn no_administrator_can_read(&mut self) {
        let administrators: Vec<usize> = (0..self.people.len()).filter(|p| self.model.administrator(*p)).collect();
        self.begin();
        for p in &administrators {
            while let Some(key) = self.usable(*p).map(|key| (*p, key.n)) {
                self.alone(*p, Ask::RevokeKey { key });
            }
        }
        let limits = Limits { cooldown: 0, per_day: 20, open: 40, ..default_limits() };
        self.alone(administrators[0], Ask::Params { params: limits });
        self.end();
        self.begin();
        for sender in 0..self.people.len() {
            if let Some(n) = self.usable(sender).map(|key| key.n) {
                let sealing = Sealing { readers: vec![(sender, n)], key: n, defect: Defect::None };
                self.alone(sender, Ask::Create { category: "other".to_owned(), provider: None, sealing });
            }
        }
        for p in administrators {
            let n = u32::try_from(self.model.people[p].keys.len()).unwrap() + 8;
            self.alone(p, Ask::Register { n, forged: false });
        }
        self.end();
    }

    /// Responses and notes until the customer's share is used up, and then the staff's.
    pub(super) fn a_ticket_fills_up(&mut self) {
        let sender = self.an_administrator();
        self.begin();
        self.alone(sender, Ask::Params { params: Limits { responses: 5, ..default_limits() } });
        self.end();
        self.begin();
        let open = (0..self.model.tickets.len()).rev().find(|i| self.model.tickets[*i].status != "closed");
        let Some(i) = open else { return self.end() };
        let ticket = u64::try_from(i).unwrap() + 1;
        for round in 0..14 {
            let about = self.model.tickets[i].clone();
            let (p, internal) = if round % 2 == 0 { (about.customer, false) } else { (sender, about.customer != sender) };
            let sealing = self.sealing(p, &about, internal, true);
            self.alone(p, Ask::Respond { ticket, internal, sealing });
        }
        let sender = self.an_administrator();
        self.alone(sender, Ask::Params { params: default_limits() });
        self.end();
    }

    /// Moves a ticket on, so that every state is there to act on.
    fn forward(&mut self) {
        let newest = self.model.tickets.len().min(60);
        if newest == 0 {
            return;
        }
        let i = self.model.tickets.len() - 1 - self.random.below(newest);
        let ticket = u64::try_from(i).unwrap() + 1;
        let agents: Vec<usize> =
            (0..self.people.len()).filter(|p| self.model.people[*p].role == Some("support_agent")).collect();
        let ask = match self.model.tickets[i].status {
            "open" if agents.is_empty() => return,
            "open" => Ask::Assign { ticket, to: self.random.pick(&agents), count: None },
            "assigned" => Ask::Status { ticket, status: "in_progress" },
            "in_progress" if self.random.one_in(2) => Ask::Status { ticket, status: "pending_customer" },
            "closed" => Ask::Reopen { ticket },
            _ => Ask::Resolve { ticket },
        };
        let sender = self.an_administrator();
        self.alone(sender, ask);
    }

    /// Who a person is to a ticket.
    fn actor(&self, p: usize, ticket: &Ticket) -> &'static str {
        let own = ticket.customer == p;
        match (self.model.active(p), own, self.model.people[p].role) {
            (false, _, _) => ACTORS[0],
            (true, true, Some("support_agent")) => ACTORS[2],
            (true, true, Some("administrator")) => ACTORS[3],
            (true, true, _) => ACTORS[1],
            (true, false, Some("administrator")) => ACTORS[7],
            (true, false, Some("support_agent")) if ticket.assignee == Some(p) => ACTORS[5],
            (true, false, Some("support_agent")) => ACTORS[6],
            (true, false, _) => ACTORS[4],
        }
    }

    /// Of some random acts on tickets, the one whose cell was hit least.
    fn towards_rare_cell(&mut self) {
        if self.model.tickets.is_empty() || self.random.one_in(40) {
            let (sender, ticket) = (self.person(), 1_000_000);
            self.alone(sender, Ask::Close { ticket });
            return;
        }
        let mut best: Option<(usize, usize, usize, Cell)> = None;
        for _ in 0..120 {
            let p = self.person();
            let newest = self.model.tickets.len().min(60);
            let i = self.model.tickets.len() - 1 - self.random.below(newest);
            let ticket = &self.model.tickets[i];
            let cell: Cell = (self.actor(p, ticket), self.random.pick(&ACTIONS), ticket.status);
            let hits = self.cells.get(&cell).copied().unwrap_or(0);
            if best.is_none_or(|(least, ..)| hits < least) {
                best = Some((hits, p, i, cell));
            }
        }
        let (_, p, i, cell) = best.unwrap();
        let ask = self.act(p, i, cell.1);
        self.alone(p, ask);
        *self.cells.entry(cell).or_default() += 1;
    }

    fn act(&mut self, p: usize, i: usize, action: &str) -> Ask {
        let ticket = u64::try_from(i).unwrap() + 1;
        let about = self.model.tickets[i].clone();
        match action {
            "assign" => {
                let count = self.random.one_in(4).then(|| u32::try_from(self.random.below(3)).unwrap());
                Ask::Assign { ticket, to: self.person(), count }
            }
            "start" => Ask::Status { ticket, status: "in_progress" },
            "await" => Ask::Status { ticket, status: "pending_customer" },
            "respond" | "note" => {
                let internal = action == "note";
                let valid = !self.random.one_in(4);
                Ask::Respond { ticket, internal, sealing: self.sealing(p, &about, internal, valid) }
            }
            "priority" => Ask::Priority { ticket, priority: self.random.pick(&["low", "high", "urgent"]) },
            "resolve" => Ask::Resolve { ticket },
            "close" => Ask::Close { ticket },
            "reopen" => Ask::Reopen { ticket },
            _ => Ask::Grant { ticket, grants: self.some_grants(p, &about) },
        }
    }

    fn some_grants(&mut self, p: usize, ticket: &Ticket) -> Vec<GrantOf> {
        let key = self.usable(p).map_or(0, |key| key.n);
        (0..=self.random.below(2))
            .map(|_| {
                let reader = self.person();
                let n = self.usable(reader).map_or(0, |key| key.n);
                let target = u32::try_from(self.random.below(ticket.responses.len() + 2)).unwrap();
                GrantOf { target, reader: (reader, n), key, forged: self.random.one_in(10) }
            })
            .collect()
    }

    /// Roles, states, keys and parameters change under the tickets.
    fn people_change(&mut self) {
        let sender = if self.random.one_in(6) { self.person() } else { self.an_administrator() };
        let other = self.person();
        let ask = match self.random.below(9) {
            0 | 1 => Ask::AssignRole {
                to: other,
                role: self.random.pick(&["administrator", "support_agent", "support_agent", "customer"]),
            },
            2 | 3 => Ask::RevokeRole {
                from: other,
                role: self.model.people[other].role.unwrap_or("support_agent"),
            },
            4 if other == 8 && self.random.one_in(20) => Ask::SetState { of: other, state: "terminated" },
            4 => Ask::SetState { of: other, state: "suspended" },
            5 => Ask::SetState { of: other, state: "active" },
            6 => Ask::RevokeKey { key: (other, u32::try_from(self.random.below(4)).unwrap()) },
            7 => Ask::Register { n: u32::try_from(self.random.below(8)).unwrap(), forged: self.random.one_in(6) },
            _ => Ask::Params { params: self.some_limits() },
        };
        let sender = if matches!(ask, Ask::Register { .. }) { other } else { sender };
        self.alone(sender, ask);
    }

    fn an_administrator(&mut self) -> usize {
        let all: Vec<usize> = (0..self.people.len()).filter(|p| self.model.administrator(*p)).collect();
        self.random.pick(&all)
    }

    fn some_limits(&mut self) -> Limits {
        Limits {
            per_day: self.random.pick(&[1, 5, 20]),
            responses: self.random.pick(&[5, 12, 100]),
            cooldown: self.random.pick(&[0, 60, 3_600]),
            auto_close_days: self.random.pick(&[1, 7, 30]),
            open: self.random.pick(&[2, 10, 40]),
            reopen_days: self.random.pick(&[0, 1, 30]),
            recipients: self.random.pick(&[3, 6, 32, 32]),
            listed: self.random.one_in(3),
        }
    }

    /// Keeps the desk lively: limits as by default, people active, some of each role, everyone with a key.
    fn restore(&mut self) {
        let sender = self.an_administrator();
        let p = self.person();
        let agents = self.model.people.iter().filter(|someone| someone.role == Some("support_agent")).count();
        let administrators = (0..self.people.len()).filter(|p| self.model.administrator(*p)).count();
        let ask = match self.random.below(4) {
            0 => Ask::SetState { of: p, state: "active" },
            1 if self.usable(p).is_none() => {
                let n = u32::try_from(self.model.people[p].keys.len()).unwrap();
                if n >= KEYS {
                    return;
                }
                self.alone(p, Ask::Register { n, forged: false });
                return;
            }
            2 if agents < 2 => Ask::AssignRole { to: p, role: "support_agent" },
            2 if administrators < 2 => Ask::AssignRole { to: p, role: "administrator" },
            2 if administrators + agents > 5 => {
                Ask::RevokeRole { from: p, role: self.model.people[p].role.unwrap_or("support_agent") }
            }
            _ => Ask::Params { params: Limits { cooldown: 0, per_day: 20, open: 40, ..default_limits() } },
        };
        self.alone(sender, ask);
    }

    /// Several messages in one transaction, or a sequence that is not next.
    fn several(&mut self) {
        let sender = self.person();
        let sequence = self.model.people[sender].sequence;
        if self.random.one_in(2) {
            let sequence = self.random.pick(&[sequence + 1, sequence.wrapping_sub(1), 0, u64::MAX]);
            self.send(&Sent { sender, sequence, asks: vec![Ask::Close { ticket: 1 }] });
            return;
        }
        if self.model.tickets.is_empty() {
            return;
        }
        let asks = (0..=self.random.below(3))
            .map(|_| {
                let i = self.random.below(self.model.tickets.len());
                let action = self.random.pick(&["assign", "start", "respond", "priority", "close", "reopen"]);
                self.act(sender, i, action)
            })
            .collect();
        self.send(&Sent { sender, sequence, asks });
    }

    /// Cells that the rules leave possible and that were never hit. An open ticket has no assignee.
    pub(super) fn missing_cells(&self) -> Vec<Cell> {
        let mut missing = Vec::new();
        for actor in ACTORS {
            for action in ACTIONS {
                for status in STATUSES {
                    let possible = (actor, status) != ("assignee", "open");
                    if possible && !self.cells.contains_key(&(actor, action, status)) {
                        missing.push((actor, action, status));
                    }
                }
            }
        }
        missing
    }

    /// The machine's state, as its queries show it, beside the model's.
    pub(super) fn compare(&mut self) {
        let snapshot = self.desk.snapshot();
        let machine = &self.desk.machine;
        for (p, someone) in self.model.people.iter().enumerate() {
            let address = &self.people[p].address;
            assert_eq!(machine.account_sequence(&snapshot, address).unwrap(), someone.sequence);
        }
        let newest = self.model.tickets.len().saturating_sub(12);
        for (i, ticket) in self.model.tickets.iter().enumerate().skip(newest) {
            self.compare_ticket(&snapshot, u64::try_from(i).unwrap() + 1, ticket);
        }
    }

    pub(super) fn compare_ticket(&self, snapshot: &sealdesk_store::Snapshot, number: u64, ticket: &Ticket) {
        let request = wire::QueryTicketRequest { ticket_id: id(number) };
        let found = self.desk.machine.ticket(snapshot, &request).unwrap().ticket.unwrap();
        let name = |p: Option<usize>| p.map(|p| self.model.names[p].clone()).unwrap_or_default();
        let stands = sealdesk_protocol::ticket::Status::from_wire(found.status).unwrap().name();
        let urgent = sealdesk_protocol::ticket::Priority::from_wire(found.priority).unwrap().name();
        let seen = (stands, urgent, found.category.as_str(), found.customer_address, found.provider_address);
        let expected = (
            ticket.status,
            ticket.priority,
            ticket.category.as_str(),
            name(Some(ticket.customer)),
            name(ticket.provider),
        );
        assert_eq!(seen, expected, "{}", found.ticket_id);
        let seen = (found.assigned_to, usize::try_from(found.response_count).unwrap(), found.resolution_ref);
        assert_eq!(seen, (name(ticket.assignee), ticket.responses.len(), ticket.resolution.clone()));
        let seen = [found.created_at, found.updated_at, found.resolved_at, found.closed_at];
        let expected =
            [ticket.created, ticket.updated, ticket.resolved.unwrap_or(0), ticket.closed.unwrap_or(0)];
        assert_eq!(seen, expected, "{}", found.ticket_id);
        assert_eq!(found.grants.len(), ticket.grants.len());
    }
}
