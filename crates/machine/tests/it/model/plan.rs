//! What is asked of both desks: the model reads a plan, the machine the bytes that the plan becomes.

use prost_types::{Any, Timestamp};
use sealdesk_protocol::circle::Change;
use sealdesk_protocol::envelope::Context;
use sealdesk_protocol::ids::Address;
use sealdesk_protocol::messages::to_any;
use sealdesk_protocol::wire::sealdesk::ledger::v1::{MsgContinueLedger, MsgProposeValidator};
use sealdesk_protocol::wire::virtengine::encryption::v1::{MsgRevokeRecipientKey, MultiRecipientEnvelope};
use sealdesk_protocol::wire::virtengine::roles::v1::{MsgAssignRole, MsgRevokeRole, MsgSetAccountState};
use sealdesk_protocol::wire::virtengine::support::v1::{
    Attachment, MsgAssignTicket, MsgCloseTicket, MsgCreateTicket, MsgGrantAccess, MsgLinkTickets,
    MsgRateTicket, MsgReopenTicket, MsgResolveTicket, MsgRespondToTicket, MsgSnoozeTicket, MsgTransferTicket,
    MsgUpdateParams, MsgUpdateTicketPriority, MsgUpdateTicketStatus, Params, ResourceReference,
    TargetedGrant,
};
use sealdesk_testkit::people::{Crowd, KeyPair};
use sealdesk_testkit::prefix;
use sealdesk_testkit::sealing;
use sealdesk_testkit::transaction::Draft;

use super::circle::Ballot;
use super::desk::Desk;

/// An envelope with what its builder knows of it, so that the model need not verify anything.
#[derive(Clone)]
pub struct Letter {
    pub wire: MultiRecipientEnvelope,
    /// Fingerprints, ascending.
    pub readers: Vec<String>,
    /// Where it was sealed for.
    pub context: Context,
    /// The Ed25519 key it was signed with.
    pub signer: [u8; 32],
    /// Encoded length, in bytes.
    pub bytes: usize,
    /// Whether its form is wrong.
    pub misshapen: bool,
    /// Whether a signature was spoilt.
    pub tampered: bool,
    pub digest: [u8; 32],
    pub content: [u8; 32],
}

#[derive(Clone, Debug)]
pub struct Create {
    pub category: String,
    pub priority: String,
    pub provider: String,
    pub resource: Option<(String, String, String)>,
    pub envelope: Option<Letter>,
    pub files: Vec<Attachment>,
}

#[derive(Clone)]
pub struct GrantPlan {
    pub wire: TargetedGrant,
    pub recipient: String,
    /// The content digest it was signed for.
    pub content: [u8; 32],
    /// Whom its signature names.
    pub granter: String,
    pub signer: [u8; 32],
    pub misshapen: bool,
    pub tampered: bool,
}

/// What can be wrong with a registration whatever the state is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum KeyFlaw {
    None,
    LowOrder,
    Proof,
    /// Another account signed that the keys are its own.
    Owner,
    Algorithm,
    Length,
}

#[derive(Clone, Debug)]
pub enum Op {
    Create(Create),
    Assign {
        ticket: String,
        to: String,
        with: Vec<String>,
        count: Option<u32>,
    },
    Import(super::imports::Plan),
    Respond {
        ticket: String,
        internal: bool,
        envelope: Option<Letter>,
        files: Vec<Attachment>,
    },
    Status {
        ticket: String,
        status: String,
    },
    Priority {
        ticket: String,
        priority: String,
        reason: String,
    },
    Resolve {
        ticket: String,
        reference: String,
    },
    Close {
        ticket: String,
        reason: String,
    },
    Reopen {
        ticket: String,
        reason: String,
    },
    Transfer {
        ticket: String,
        to: String,
        reason: String,
        count: Option<u32>,
    },
    Rate {
        ticket: String,
        score: u32,
        comment: Option<Letter>,
    },
    Link {
        ticket: String,
        other: String,
        kind: String,
        remove: bool,
    },
    Snooze {
        ticket: String,
        until: i64,
    },
    Grant {
        ticket: String,
        /// Whose the keys are, where that is an agent who has nothing to do with it; else empty.
        agent: String,
        grants: Vec<GrantPlan>,
    },
    Params(Params),
    Register {
        key: KeyPair,
        label: String,
        flaw: KeyFlaw,
    },
    Revoke {
        fingerprint: String,
        /// Whose; empty = one's own, or an agent's.
        owner: String,
    },
    AssignRole {
        address: String,
        role: String,
        ballot: Option<Ballot>,
    },
    RevokeRole {
        address: String,
        role: String,
        ballot: Option<Ballot>,
    },
    SetState {
        address: String,
        state: String,
        reason: String,
    },
    Propose {
        key: Vec<u8>,
        power: i64,
        moniker: String,
    },
    /// A document.
    Put(super::documents::Put),
    /// That this ledger continues the one before it, of which there is none.
    Continue,
}

impl Op {
    /// A role given; with a good signature, where one is asked for.
    pub fn give(desk: &Desk, address: &str, role: &str) -> Self {
        let ballot = ["administrator", "support_agent", "gateway"].contains(&role).then(|| desk.ballot());
        Self::AssignRole { address: address.to_owned(), role: role.to_owned(), ballot }
    }

    /// A role taken; for an administrator, a good vote.
    pub fn take(desk: &Desk, address: &str, role: &str) -> Self {
        let ballot = (role == "administrator").then(|| desk.ballot());
        Self::RevokeRole { address: address.to_owned(), role: role.to_owned(), ballot }
    }
}

#[derive(Clone, Debug)]
pub struct Step {
    pub sender: String,
    pub op: Op,
}

/// One transaction.
#[derive(Clone, Debug)]
pub struct Plan {
    pub steps: Vec<Step>,
    /// In the order in which the steps name them.
    pub signers: Vec<(String, u64)>,
    pub timeout_height: u64,
    /// The last second that it may stand in a block of.
    pub timeout: Option<i64>,
    pub badly_signed: bool,
}

impl std::fmt::Debug for Letter {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let Self { readers, context, bytes, misshapen, tampered, .. } = self;
        write!(
            f,
            "letter of {bytes} bytes to {readers:?}, misshapen {misshapen}, tampered {tampered}, {context:?}"
        )
    }
}

impl std::fmt::Debug for GrantPlan {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let Self { wire, recipient, granter, misshapen, tampered, .. } = self;
        let target = wire.target;
        write!(f, "grant of {target} to {recipient} by {granter}, misshapen {misshapen}, tampered {tampered}")
    }
}

impl Plan {
    /// The plan in words, with names for addresses.
    pub fn describe(&self, crowd: &Crowd) -> String {
        let text = format!("{self:#?}");
        crowd.all().fold(text, |text, person| text.replace(&person.text, &person.name))
    }
}

impl Step {
    fn to_any(&self, desk: &Desk) -> Any {
        let sender = self.sender.clone();
        match self.op.clone() {
            Op::Create(create) => to_any(&MsgCreateTicket {
                customer: sender,
                category: create.category,
                priority: create.priority,
                provider_address: create.provider,
                resource_ref: create.resource.map(resource),
                encrypted_payload: create.envelope.map(|letter| letter.wire),
                attachments: create.files,
            }),
            Op::Assign { ticket, to, with, count } => to_any(&MsgAssignTicket {
                sender,
                ticket_id: ticket,
                assign_to: to,
                response_count: count.unwrap_or(0),
                check_count: count.is_some(),
                collaborators: with,
            }),
            Op::Respond { ticket, internal, envelope, files } => to_any(&MsgRespondToTicket {
                responder: sender,
                ticket_id: ticket,
                encrypted_payload: envelope.map(|letter| letter.wire),
                internal,
                attachments: files,
            }),
            Op::Status { ticket, status } => {
                to_any(&MsgUpdateTicketStatus { sender, ticket_id: ticket, status })
            }
            Op::Priority { ticket, priority, reason } => {
                to_any(&MsgUpdateTicketPriority { sender, ticket_id: ticket, priority, reason })
            }
            Op::Resolve { ticket, reference } => {
                to_any(&MsgResolveTicket { sender, ticket_id: ticket, resolution_ref: reference })
            }
            Op::Close { ticket, reason } => to_any(&MsgCloseTicket { sender, ticket_id: ticket, reason }),
            Op::Reopen { ticket, reason } => to_any(&MsgReopenTicket { sender, ticket_id: ticket, reason }),
            Op::Grant { ticket, agent, grants } => {
                let grants = grants.into_iter().map(|grant| grant.wire).collect();
                to_any(&MsgGrantAccess { sender, ticket_id: ticket, grants, agent })
            }
            Op::Params(params) => to_any(&MsgUpdateParams { authority: sender, params: Some(params) }),
            Op::Register { key, label, flaw } => registration(desk, &sender, &key, &label, flaw),
            Op::Revoke { fingerprint, owner } => {
                to_any(&MsgRevokeRecipientKey { sender, key_fingerprint: fingerprint, owner })
            }
            Op::AssignRole { address, role, ballot } => {
                RoleChange { sender, address, role, removes: false }.into_any(desk, ballot.as_ref())
            }
            Op::RevokeRole { address, role, ballot } => {
                RoleChange { sender, address, role, removes: true }.into_any(desk, ballot.as_ref())
            }
            Op::Import(plan) => plan.into_any(sender),
            Op::Put(put) => put.into_any(sender),
            Op::Continue => {
                let account_pub_key = desk.crowd.of_address(&sender).unwrap().public.to_vec();
                let (made, account_signature) = (desk.now, vec![1; 64]);
                to_any(&MsgContinueLedger { sender, made, account_pub_key, account_signature })
            }
            Op::SetState { address, state, reason } => {
                to_any(&MsgSetAccountState { sender, address, state, reason })
            }
            Op::Propose { key, power, moniker } => {
                to_any(&MsgProposeValidator { sender, pub_key: key, power, moniker })
            }
            op => act(sender, op),
        }
    }
}

/// An act on a ticket beside its life.
fn act(sender: String, op: Op) -> Any {
    match op {
        Op::Transfer { ticket, to, reason, count } => to_any(&MsgTransferTicket {
            sender,
            ticket_id: ticket,
            new_customer: to,
            reason,
            response_count: count.unwrap_or(0),
            check_count: count.is_some(),
        }),
        Op::Rate { ticket, score, comment } => to_any(&MsgRateTicket {
            customer: sender,
            ticket_id: ticket,
            score,
            encrypted_payload: comment.map(|letter| letter.wire),
        }),
        Op::Link { ticket, other, kind, remove } => {
            to_any(&MsgLinkTickets { sender, ticket_id: ticket, other, kind, remove })
        }
        Op::Snooze { ticket, until } => to_any(&MsgSnoozeTicket { sender, ticket_id: ticket, until }),
        other => panic!("{other:?} is no such act"),
    }
}

fn registration(desk: &Desk, who: &str, key: &KeyPair, label: &str, flaw: KeyFlaw) -> Any {
    let person = desk.crowd.of_address(who).unwrap();
    let mut message = sealing::registration(&desk.chain_id, person, key, label);
    message.account_signature = desk.owns(who, key);
    match flaw {
        KeyFlaw::None => {}
        KeyFlaw::LowOrder => message.public_key = vec![0; 32],
        KeyFlaw::Proof => message.proof[3] ^= 1,
        KeyFlaw::Owner => message.account_signature = desk.owns(&desk.crowd.get("pia").text, key),
        KeyFlaw::Algorithm => message.algorithm_id = "RSA".to_owned(),
        KeyFlaw::Length => message.public_key.truncate(31),
    }
    to_any(&message)
}

/// A role given or taken.
struct RoleChange {
    sender: String,
    address: String,
    role: String,
    removes: bool,
}

impl RoleChange {
    /// With what a vote carries; nothing of that where it is none.
    fn into_any(self, desk: &Desk, ballot: Option<&Ballot>) -> Any {
        let Self { sender, address, role, removes } = self;
        let about = Address::parse(&prefix(), &address).ok();
        let (change, made, account_pub_key, account_signature) = match ballot.zip(about) {
            None => Default::default(),
            Some((ballot, about)) if role != "administrator" => {
                let (key, signature) = ballot.appoint(desk, &sender, &role, &about);
                (0, ballot.made, key, signature)
            }
            Some((ballot, about)) => {
                let (key, signature) = ballot.sign(desk, &sender, &Change::of(about, removes));
                (ballot.change, ballot.made, key, signature)
            }
        };
        if removes {
            return to_any(&MsgRevokeRole {
                sender,
                address,
                role,
                made,
                change,
                account_pub_key,
                account_signature,
            });
        }
        to_any(&MsgAssignRole { sender, address, role, made, change, account_pub_key, account_signature })
    }
}

impl Plan {
    pub fn to_bytes(&self, desk: &Desk, crowd: &Crowd) -> Vec<u8> {
        let chain_id = desk.chain_id.as_str();
        let messages = self.steps.iter().map(|step| step.to_any(desk)).collect();
        let people: Vec<_> = self.signers.iter().map(|(who, _)| crowd.of_address(who).unwrap()).collect();
        let signers: Vec<_> =
            people.iter().zip(&self.signers).map(|(person, (_, sequence))| (*person, *sequence)).collect();
        let mut draft = Draft::new(chain_id, messages, &signers);
        draft.body.timeout_height = self.timeout_height;
        draft.body.timeout_timestamp = self.timeout.map(|seconds| Timestamp { seconds, nanos: 0 });
        if self.badly_signed {
            draft.chain_id = "another-00112233aabbccdd".to_owned();
        }
        draft.sign(&people)
    }
}

fn resource((r#type, id, owner): (String, String, String)) -> ResourceReference {
    ResourceReference { r#type, id, owner }
}
