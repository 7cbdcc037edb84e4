//! People: their roles, and the keys that texts are sealed for.

use sealdesk_protocol::json::{self, Shape as _};
use sealdesk_protocol::messages::AssignableRole;
use sealdesk_protocol::wire::virtengine::{encryption::v1 as encryption, roles::v1 as roles};

use super::route::{Kind, Route};

const TAG: &str = "accounts";
const ADDRESS: &str = "The account's address.";

/// The routes of accounts, roles and keys.
pub(super) fn routes() -> Vec<Route> {
    let names = AssignableRole::ALL.map(AssignableRole::name).to_vec();
    vec![
        Route::get(
            "/api/v1/accounts/{address}",
            TAG,
            "getAccount",
            "An account's role, and whether it may act",
        )
        .of("address", Kind::Text, ADDRESS)
        .answers(json::Account::shape())
        .by_method(
            "/virtengine.roles.v1.Query/Account",
            |asked| Ok(roles::QueryAccountRequest { address: asked.text("address") }),
            |found: roles::QueryAccountResponse, asked| Ok(json::Account::new(&asked.text("address"), found)),
        ),
        Route::get("/api/v1/accounts/{address}/keys", TAG, "listKeys", "The keys of an account")
            .of("address", Kind::Text, ADDRESS)
            .may("active_only", Kind::Flag, "Leaves out those that were revoked.")
            .answers(json::RecipientKeys::shape())
            .by_method(
                "/virtengine.encryption.v1.Query/RecipientKeys",
                |asked| {
                    let (address, active_only) = (asked.text("address"), asked.flag("active_only"));
                    Ok(encryption::QueryRecipientKeysRequest { address, active_only })
                },
                |found: encryption::QueryRecipientKeysResponse, _| Ok(json::RecipientKeys::from(found)),
            ),
        Route::get(
            "/api/v1/keys/{fingerprint}",
            TAG,
            "listKeyOwners",
            "Who registered a key: a fingerprint is not a name",
        )
        .of("fingerprint", Kind::Text, "The key's fingerprint.")
        .paged()
        .answers(json::KeyOwners::shape())
        .by_method(
            "/virtengine.encryption.v1.Query/KeysByFingerprint",
            |asked| {
                let key_fingerprint = asked.text("fingerprint");
                let (cursor, limit) = (asked.cursor("cursor"), asked.number("limit"));
                Ok(encryption::QueryKeysByFingerprintRequest { key_fingerprint, cursor, limit })
            },
            |found: encryption::QueryRecipientKeysResponse, _| Ok(json::KeyOwners::from(found)),
        ),
        Route::get("/api/v1/roles/{role}/members", TAG, "listMembers", "Who has a role")
            .of("role", Kind::OneOf(names), "The role.")
            .paged()
            .answers(json::Members::shape())
            .by_method(
                "/virtengine.roles.v1.Query/RoleMembers",
                |asked| {
                    let (role, cursor, limit) =
                        (asked.text("role"), asked.cursor("cursor"), asked.number("limit"));
                    Ok(roles::QueryRoleMembersRequest { role, cursor, limit })
                },
                |found: roles::QueryRoleMembersResponse, _| Ok(json::Members::from(found)),
            ),
    ]
}
