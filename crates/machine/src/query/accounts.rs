//! Parameters, accounts, roles, and the key directory.

use sealdesk_protocol::ids::Address;
use sealdesk_protocol::keys::Fingerprint;
use sealdesk_protocol::messages::AssignableRole;
use sealdesk_protocol::state::side;
use sealdesk_protocol::wire::virtengine::encryption::v1 as encryption;
use sealdesk_protocol::wire::virtengine::roles::v1 as roles;
use sealdesk_protocol::wire::virtengine::support::v1 as support;
use sealdesk_store::Snapshot;

use super::page::{List, Page, PageSpec, Space, page};
use crate::errors::{Fatal, QueryError};
use crate::machine::Machine;
use crate::state::{Member, StateView, is_active};

impl Machine {
    /// The parameters valid after the snapshot's block.
    ///
    /// # Errors
    /// [`QueryError::Fatal`] where the store failed.
    pub fn params(&self, snapshot: &Snapshot) -> Result<support::QueryParamsResponse, QueryError> {
        self.reading(snapshot, |view| {
            Ok(support::QueryParamsResponse { params: Some(view.params()?.to_wire()) })
        })
    }

    /// The sequence that an account's next transaction must name: 0 for one that never signed.
    ///
    /// # Errors
    /// [`QueryError::Fatal`] where the store failed.
    pub fn account_sequence(&self, snapshot: &Snapshot, address: &Address) -> Result<u64, QueryError> {
        self.reading(snapshot, |view| Ok(view.account(address)?.sequence))
    }

    /// The public key that an account last signed with; `None` for one that never signed.
    ///
    /// # Errors
    /// [`QueryError::Fatal`] where the store failed.
    pub fn account_public_key(
        &self,
        snapshot: &Snapshot,
        address: &Address,
    ) -> Result<Option<Vec<u8>>, QueryError> {
        self.reading(snapshot, |view| {
            let key = view.account(address)?.pub_key;
            Ok((!key.is_empty()).then_some(key))
        })
    }

    /// An account's role and state.
    ///
    /// # Errors
    /// [`QueryError`]: the text is not an address, or the store failed.
    pub fn account(
        &self,
        snapshot: &Snapshot,
        request: &roles::QueryAccountRequest,
    ) -> Result<roles::QueryAccountResponse, QueryError> {
        let address = self.asked_address(&request.address)?;
        self.reading(snapshot, |view| {
            let member = view.member(&address)?;
            let state = member.state.to_wire();
            Ok(roles::QueryAccountResponse { assignment: assignment(&address, member), state })
        })
    }

    /// Who has a role and is not terminated, by address.
    ///
    /// # Errors
    /// [`QueryError`]: role, cursor or limit are not what they must be, or the store failed.
    pub fn role_members(
        &self,
        snapshot: &Snapshot,
        request: &roles::QueryRoleMembersRequest,
    ) -> Result<roles::QueryRoleMembersResponse, QueryError> {
        let role = AssignableRole::named(&request.role).map_err(|e| QueryError::Invalid(e.to_string()))?;
        let spec = PageSpec::new(&request.cursor, request.limit, false)?;
        let list = side::role_members(role.name());
        self.reading(snapshot, |view| {
            let Page { records, next_cursor } = page(
                view,
                List { space: Space::Side, below: &list, cursor_bytes: None },
                spec,
                |rest, _| {
                    let address = address_of(view, &list, rest)?;
                    let member = assignment(&address, view.member(&address)?);
                    Ok(member.ok_or_else(|| Fatal::damaged(&list, "it lists an account without a role"))?)
                },
            )?;
            Ok(roles::QueryRoleMembersResponse { members: records, next_cursor })
        })
    }

    /// An address's keys, revoked ones included unless only active ones are asked for.
    ///
    /// # Errors
    /// [`QueryError`]: the text is not an address, or the store failed.
    pub fn recipient_keys(
        &self,
        snapshot: &Snapshot,
        request: &encryption::QueryRecipientKeysRequest,
    ) -> Result<encryption::QueryRecipientKeysResponse, QueryError> {
        let address = self.asked_address(&request.address)?;
        self.reading(snapshot, |view| {
            let mut keys = view.keys(&address)?;
            keys.retain(|key| !request.active_only || is_active(key));
            Ok(encryption::QueryRecipientKeysResponse { keys, next_cursor: Vec::new() })
        })
    }

    /// Every registration of a key. A fingerprint is not a name: there may be many.
    ///
    /// # Errors
    /// [`QueryError`]: fingerprint, cursor or limit are not what they must be, or the store failed.
    pub fn keys_by_fingerprint(
        &self,
        snapshot: &Snapshot,
        request: &encryption::QueryKeysByFingerprintRequest,
    ) -> Result<encryption::QueryRecipientKeysResponse, QueryError> {
        let fingerprint = Fingerprint::parse(&request.key_fingerprint)
            .map_err(|error| QueryError::Invalid(error.to_string()))?;
        let spec = PageSpec::new(&request.cursor, request.limit, false)?;
        let list = side::fingerprint_owners(&fingerprint.to_string());
        self.reading(snapshot, |view| {
            let Page { records, next_cursor } = page(
                view,
                List { space: Space::Side, below: &list, cursor_bytes: None },
                spec,
                |rest, _| Ok(registration(view, &list, rest)?),
            )?;
            Ok(encryption::QueryRecipientKeysResponse { keys: records, next_cursor })
        })
    }
}

fn assignment(address: &Address, member: Member) -> Option<roles::RoleAssignment> {
    member.role.map(|role| roles::RoleAssignment {
        address: address.to_string(),
        role: role.to_wire(),
        assigned_by: member.assigned_by,
        assigned_at: member.assigned_at,
    })
}

fn address_of(view: &StateView<'_>, list: &[u8], text: &[u8]) -> Result<Address, Fatal> {
    let text = std::str::from_utf8(text).map_err(|error| Fatal::damaged(list, error))?;
    view.address(list, text)
}

/// The key that the index names by address and version: `address/vvvv`.
fn registration(
    view: &StateView<'_>,
    list: &[u8],
    rest: &[u8],
) -> Result<encryption::RecipientKeyRecord, Fatal> {
    let damaged = || Fatal::damaged(list, "it lists no key");
    let (address, version) = rest.split_last_chunk::<4>().ok_or_else(damaged)?;
    let address = address_of(view, list, address.strip_suffix(b"/").ok_or_else(damaged)?)?;
    let version = u32::from_be_bytes(*version);
    let keys = view.keys(&address)?;
    keys.into_iter().find(|key| key.key_version == version).ok_or_else(damaged)
}
