//! `sealdesk tx roles …`, on a contract: administrators and staff; everyone else is a customer.

use sealdesk_client::stacks::wire::contract::Request;
use sealdesk_protocol::messages::AssignableRole;

use super::sending::one;
use super::{contract, person_of};
use crate::context::Context;
use crate::failure::Failure;

pub(crate) async fn assign_role(
    context: &Context,
    person: &str,
    role: AssignableRole,
) -> Result<(), Failure> {
    let who = person_of(context, person)?;
    let request = match role {
        AssignableRole::Administrator => Request::AddAdministrator(who),
        AssignableRole::SupportAgent => Request::AddStaffMember(who),
        AssignableRole::Customer => return Err(no_list(context)),
    };
    one(context, request, &format!("{person} is {} now", role.name())).await
}

pub(crate) async fn revoke_role(
    context: &Context,
    person: &str,
    role: AssignableRole,
) -> Result<(), Failure> {
    let who = person_of(context, person)?;
    let request = match role {
        AssignableRole::Administrator => Request::RemoveAdministrator(who),
        AssignableRole::SupportAgent => Request::RemoveStaffMember(who),
        AssignableRole::Customer => return Err(no_list(context)),
    };
    one(context, request, &format!("{person} is no longer {}", role.name())).await
}

fn no_list(context: &Context) -> Failure {
    let contract = contract(context).map(|contract| contract.to_string()).unwrap_or_default();
    Failure::usage(
        format!("{contract} keeps no list of customers"),
        "whoever is neither staff nor administrator is a customer",
    )
}
