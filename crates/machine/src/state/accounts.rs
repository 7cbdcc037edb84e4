//! Accounts, members, and what the limits know of customers.

use std::ops::ControlFlow;

use sealdesk_protocol::account::AccountState;
use sealdesk_protocol::appointment::Appointment;
use sealdesk_protocol::circle::Circle;
use sealdesk_protocol::ids::Address;
use sealdesk_protocol::messages::AssignableRole;
use sealdesk_protocol::state::{side, tree};
use sealdesk_protocol::wire::sealdesk::ledger::v1::{AccountRecord, CustomerRecord, MemberRecord};
use sealdesk_store::KeyRange;

use super::{StateView, index, is_active};
use crate::errors::Fatal;

/// An account's place in the desk.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Member {
    pub(crate) role: Option<AssignableRole>,
    pub(crate) state: AccountState,
    /// Who gave the role; empty without one, and for genesis itself.
    pub(crate) assigned_by: String,
    /// When the role was given, in Unix seconds; 0 without one.
    pub(crate) assigned_at: i64,
    /// When the account was suspended, in Unix seconds; 0 unless it is.
    pub(crate) suspended_at: i64,
    /// What whoever gave the role signed, of the roles that are given by a signature.
    pub(crate) appointment: Option<Appointment>,
    /// Whether they are not staff any more.
    pub(crate) was_staff: bool,
    /// When the newest appointment was made that they ever had, as signed, in Unix seconds; 0 = none.
    pub(crate) last_appointed_at: i64,
}

impl Member {
    /// An account without a record: an active customer.
    pub(crate) const NOBODY: Self = Self {
        role: None,
        state: AccountState::Active,
        assigned_by: String::new(),
        assigned_at: 0,
        suspended_at: 0,
        appointment: None,
        was_staff: false,
        last_appointed_at: 0,
    };

    /// The staff role, while the account may act.
    pub(crate) fn active_staff_role(&self) -> Option<AssignableRole> {
        self.staff_role().filter(|_| self.is_active())
    }

    /// The staff role, whatever the account's state.
    pub(crate) fn staff_role(&self) -> Option<AssignableRole> {
        self.role.filter(|role| match role {
            AssignableRole::Administrator | AssignableRole::SupportAgent => true,
            AssignableRole::Customer | AssignableRole::Gateway => false,
        })
    }

    /// Who appointed them by a signature, of an active agent. Whether that counts is the circle's to say.
    pub(crate) fn appointer_of_agent(&self) -> Option<&str> {
        let is_agent = self.active_staff_role() == Some(AssignableRole::SupportAgent);
        (is_agent && self.appointment.is_some()).then_some(self.assigned_by.as_str())
    }

    /// Whether they are an active agent in whom clients believe.
    pub(crate) fn is_agent_of(&self, circle: &Circle) -> bool {
        self.appointer_of_agent().is_some() && self.is_appointed_by(circle)
    }

    /// Whether clients believe that the circle appointed them: whoever signed that has been in it ever since.
    pub(crate) fn is_appointed_by(&self, circle: &Circle) -> bool {
        let position = self.appointment.as_ref().map(|signed| signed.position);
        position.is_some_and(|position| signed_by(circle, &self.assigned_by, position))
    }

    pub(crate) fn is_active(&self) -> bool {
        self.state == AccountState::Active
    }

    pub(crate) fn from_record(record: MemberRecord) -> Option<Self> {
        let role = match record.role {
            0 => None,
            number => Some(AssignableRole::from_wire(number)?),
        };
        let state = AccountState::from_wire(record.state)?;
        let MemberRecord { assigned_by, assigned_at, suspended_at, was_staff, last_appointed_at, .. } =
            record;
        let appointment = match &record.appointment {
            None => None,
            Some(wire) => Some(Appointment::read(wire)?),
        };
        let member = Self {
            role,
            state,
            assigned_by,
            assigned_at,
            suspended_at,
            appointment,
            was_staff,
            last_appointed_at,
        };
        Some(member)
    }

    pub(crate) fn to_record(&self) -> MemberRecord {
        MemberRecord {
            role: self.role.map_or(0, AssignableRole::to_wire),
            state: self.state.to_wire(),
            assigned_by: self.assigned_by.clone(),
            assigned_at: self.assigned_at,
            suspended_at: self.suspended_at,
            appointment: self.appointment.as_ref().map(Appointment::to_wire),
            was_staff: self.was_staff,
            last_appointed_at: self.last_appointed_at,
        }
    }
}

/// Whether somebody of this name has been in the circle ever since they signed an appointment at this position.
fn signed_by(circle: &Circle, name: &str, position: u64) -> bool {
    let mut members = circle.members().iter();
    members.any(|member| member.address.as_str() == name && member.since <= position)
}

impl StateView<'_> {
    /// What a signer has used up; sequence 0 before the first signature.
    pub(crate) fn account(&self, address: &Address) -> Result<AccountRecord, Fatal> {
        Ok(self.record(&tree::account(address))?.unwrap_or_default())
    }

    pub(crate) fn put_account(&mut self, address: &Address, record: &AccountRecord) {
        self.put_record(tree::account(address), record);
    }

    pub(crate) fn member(&self, address: &Address) -> Result<Member, Fatal> {
        let key = tree::member(address);
        let Some(record) = self.record::<MemberRecord>(&key)? else { return Ok(Member::NOBODY) };
        Member::from_record(record).ok_or_else(|| Fatal::damaged(&key, "not a role or state of this ledger"))
    }

    /// Writes a member with everything that lists them. That they were staff, and when they were last appointed, stays written when the role is
    /// gone.
    pub(crate) fn put_member(&mut self, address: &Address, member: &Member) -> Result<(), Fatal> {
        let old = self.member(address)?;
        let was_staff = old.was_staff || old.staff_role().is_some();
        let was_staff = was_staff && member.staff_role().is_none();
        let signed = member.appointment.as_ref().map_or(0, |appointment| appointment.made);
        let last_appointed_at = old.last_appointed_at.max(signed);
        let member = &Member { was_staff, last_appointed_at, ..member.clone() };
        let key = tree::member(address);
        if *member == Member::NOBODY {
            self.state.delete(key);
        } else {
            self.put_record(key, &member.to_record());
        }
        let can_read = self.keys_in_use(address)?.iter().any(is_active);
        let listed = |member: &Member| Ok::<_, Fatal>(can_read && self.counts_as_agent(member)?);
        let lists = [&old, member].map(|one| Ok::<_, Fatal>(index::of_member(address, one, listed(one)?)));
        let [old, new] = lists;
        index::apply(self.state, &old?, &new?);
        Ok(())
    }

    /// Whether somebody is an active agent in whom clients believe.
    pub(crate) fn counts_as_agent(&self, member: &Member) -> Result<bool, Fatal> {
        Ok(member.appointer_of_agent().is_some() && member.is_appointed_by(&self.circle()?))
    }

    /// Looks at the active agents whom the circle appointed and who have an active key, by address, for as long as somebody wants another. Every
    /// row that is read is one of them.
    pub(crate) fn each_appointed_agent(
        &self,
        mut look: impl FnMut(Address) -> Result<ControlFlow<()>, Fatal>,
    ) -> Result<(), Fatal> {
        for entry in self.state.scan_side(&KeyRange::prefix(side::APPOINTED))? {
            let key = entry?.0;
            let damaged = || Fatal::damaged(&key, "the key does not say who appointed whom");
            let (agent, _, _) = side::appointment(&key).ok_or_else(damaged)?;
            if look(Address::parse(self.prefix, agent).map_err(|_| damaged())?)?.is_break() {
                break;
            }
        }
        Ok(())
    }

    /// Takes those whom somebody appointed off the list of agents: whoever leaves the circle has appointed nobody, also when they come back.
    pub(crate) fn unlist_appointed_by(&mut self, leaver: &Address) -> Result<(), Fatal> {
        let mut ended = Vec::new();
        for entry in self.state.scan_side(&KeyRange::prefix(side::APPOINTED))? {
            let key = entry?.0;
            if side::appointment(&key).is_some_and(|(_, by, _)| by == leaver.as_str()) {
                ended.push(key);
            }
        }
        ended.into_iter().for_each(|key| self.state.delete_side(key));
        Ok(())
    }

    /// Every support agent whose account is not terminated: at most [`sealdesk_protocol::limits::AGENTS_MAX`].
    pub(crate) fn agents(&self) -> Result<Vec<Address>, Fatal> {
        let list = side::role_members(AssignableRole::SupportAgent.name());
        let mut agents = Vec::new();
        for entry in self.state.scan_side(&KeyRange::prefix(&list))? {
            agents.push(index::address_in(&entry?.0, &list, self.prefix)?);
        }
        Ok(agents)
    }

    pub(crate) fn customer(&self, address: &Address) -> Result<CustomerRecord, Fatal> {
        Ok(self.record(&tree::customer(address))?.unwrap_or_default())
    }

    pub(crate) fn put_customer(&mut self, address: &Address, record: &CustomerRecord) {
        self.put_record(tree::customer(address), record);
    }

    /// One more of a customer's tickets is not closed, or one fewer.
    pub(super) fn count_open_tickets(&mut self, customer: &Address, change: i32) -> Result<(), Fatal> {
        let mut record = self.customer(customer)?;
        record.open_tickets = record.open_tickets.checked_add_signed(change).ok_or_else(|| {
            Fatal::Broken(format!("the open count of {customer} is the number of their tickets not closed"))
        })?;
        self.put_customer(customer, &record);
        Ok(())
    }
}
