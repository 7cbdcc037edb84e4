//! What anyone may look up of a ledger, proven, in the form in which its node would tell it.

use sealdesk_protocol::account::AccountState;
use sealdesk_protocol::ids::Address;
use sealdesk_protocol::messages::AssignableRole;
use sealdesk_protocol::state::tree;
use sealdesk_protocol::wire::sealdesk::ledger::v1::{MemberRecord, QueryValidatorsResponse};
use sealdesk_protocol::wire::virtengine::roles::v1::{QueryAccountResponse, RoleAssignment};

use crate::desk::Desk;
use crate::error::Result;
use crate::node::{Page, Transport};

/// A page of those who have a role, each by a proven record.
#[derive(Debug, Clone, PartialEq)]
pub struct RoleMembers {
    /// Who has it, by address.
    pub members: Vec<RoleAssignment>,
    /// Where the next page begins; empty after the last.
    pub next: Vec<u8>,
    /// Whether it is proven that nobody is left out: of administrators, whose circle the client follows. Else it is the node's word.
    pub is_whole: bool,
}

impl<T: Transport> Desk<T> {
    /// An account's role and state.
    ///
    /// # Errors
    /// [`crate::Error`].
    pub async fn account(&self, address: &Address) -> Result<QueryAccountResponse> {
        let facts = self.records(vec![tree::member(address)]).await?;
        let record = facts.member_record(address)?.unwrap_or_default();
        let state = facts.member(address)?.state.to_wire();
        Ok(QueryAccountResponse { assignment: assignment(address, record), state })
    }

    /// A page of those who have a role and are not terminated. Administrators are those of the circle, to whom their own votes lead; of
    /// others the node names them, and whom the ledger does not prove to have the role is left out.
    ///
    /// # Errors
    /// [`crate::Error`].
    pub async fn role_members(&self, role: AssignableRole, page: &Page) -> Result<RoleMembers> {
        let facts = self.records(vec![tree::ADMINISTRATORS.to_vec()]).await?;
        let circle = self.circle_of(&facts).await?;
        let is_of_circle = role == AssignableRole::Administrator;
        let fits = circle.members().len() <= usize::try_from(page.limit).unwrap_or(usize::MAX);
        let is_whole = is_of_circle && page.cursor.is_empty() && fits;
        let (addresses, next) = if is_whole {
            (circle.members().iter().map(|member| member.address.clone()).collect(), Vec::new())
        } else {
            let (told, next) = self.node().role_members(role, page).await?;
            let told = told.iter().map(|one| self.listed(&one.address)).collect::<Result<Vec<_>>>()?;
            (told, next)
        };
        let facts = self.records(addresses.iter().map(tree::member).collect()).await?;
        let mut members = Vec::new();
        for address in addresses {
            let member = facts.member(&address)?;
            let has_it = match is_of_circle {
                true => circle.members().iter().any(|one| one.address == address),
                false => member.role == Some(role) && member.state != AccountState::Terminated,
            };
            if has_it {
                let record = facts.member_record(&address)?.unwrap_or_default();
                members.extend(assignment(&address, MemberRecord { role: role.to_wire(), ..record }));
            }
        }
        Ok(RoleMembers { members, next, is_whole })
    }

    /// Who makes blocks, and who is proposed to. The height of the last change is the node's word.
    ///
    /// # Errors
    /// [`crate::Error`].
    pub async fn validators(&self) -> Result<QueryValidatorsResponse> {
        let height = self.node().validators().await?.height;
        let keys = vec![tree::VALIDATORS.to_vec(), tree::VALIDATOR_PROPOSALS.to_vec()];
        let facts = self.records(keys).await?;
        let (validators, proposals) =
            (facts.validators()?.validators, facts.validator_proposals()?.proposals);
        Ok(QueryValidatorsResponse { validators, proposals, height })
    }
}

/// The role in a record, where there is one.
fn assignment(address: &Address, record: MemberRecord) -> Option<RoleAssignment> {
    let MemberRecord { role, assigned_by, assigned_at, .. } = record;
    let has_role = AssignableRole::from_wire(role).is_some();
    has_role.then(|| RoleAssignment { address: address.to_string(), role, assigned_by, assigned_at })
}
