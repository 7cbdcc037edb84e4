//! A ledger that this home has not met under its name: one that somebody named, one that continues a ledger that is trusted, or a stranger.

use sealdesk_client::Error as ClientError;
use sealdesk_client::desk::Desk;
use sealdesk_client::node::Node;
use sealdesk_client::trust::pins::Pins;
use sealdesk_client::trust::{Continuation, Pin, Trust};
use sealdesk_client::verify::{Chain, VerifyError};
use sealdesk_protocol::identity::Identity;
use sealdesk_protocol::ids::ChainId;
use tonic::transport::Channel;

use super::Context;
use crate::failure::Failure;
use crate::prompt;

impl Context {
    /// The other ledger of a known one's name, where somebody has named its identity since.
    pub(super) async fn anew(&self, pins: &mut Pins, why: VerifyError) -> Result<Desk<Channel>, Failure> {
        let named: Vec<Identity> = pins.trusted().copied().collect();
        let is_another =
            matches!(why, VerifyError::OtherIdentity { .. } | VerifyError::ValidatorsChanged { .. });
        if named.is_empty() || !is_another {
            return Err(ClientError::Verify(why).into());
        }
        match Desk::open(self.connect().await?, Trust::Named(named)).await {
            Ok(desk) => {
                desk.memory().agree();
                pins.trust(desk.pin())?;
                Ok(desk)
            }
            // What is wrong is still what was wrong at first.
            Err(_) => Err(ClientError::Verify(why).into()),
        }
    }

    /// Meets a ledger. What is asked and refused here comes before anything is sent to it but questions.
    pub(super) async fn met(
        &self,
        pins: &mut Pins,
        node: Node<Channel>,
        said: &ChainId,
    ) -> Result<Desk<Channel>, Failure> {
        let named: Vec<Identity> = pins.trusted().copied().collect();
        let desk = match Desk::open(node, Trust::FirstUse).await {
            // Of a ledger that somebody named all changes are followed.
            Err(ClientError::Verify(VerifyError::ManyChanges(_))) if !named.is_empty() => {
                Desk::open(self.connect().await?, Trust::Named(named.clone())).await?
            }
            opened => opened?,
        };
        let desk = self.expected(desk)?;
        // A node that gives a known ledger another name would have its old states believed.
        desk.expect_chain(said)?;
        let is_named = named.contains(&desk.chain().identity());
        if let Some(old) = known_before(pins, desk.chain()).cloned() {
            self.may_continue(pins, &desk, &old, is_named).await?;
        } else if !is_named && !named.is_empty() {
            let (chain_id, found) = (desk.chain().chain_id.clone(), desk.chain().identity());
            let wanted: Vec<String> = named.iter().map(Identity::to_string).collect();
            let wanted = wanted.join(" or ");
            return Err(ClientError::Verify(VerifyError::OtherIdentity { chain_id, wanted, found }).into());
        } else if !is_named && self.settings.chain_id.is_none() {
            self.refuse_stranger(pins, &desk.chain().chain_id)?;
        }
        if is_named {
            desk.memory().agree();
        }
        Ok(desk)
    }

    /// A ledger that says that it continues a trusted one: with the votes of that one's administrators, a person is asked whether to
    /// follow; without them it is trusted anew, or not at all.
    async fn may_continue(
        &self,
        pins: &mut Pins,
        desk: &Desk<Channel>,
        old: &Pin,
        is_named: bool,
    ) -> Result<(), Failure> {
        let found = match self.continuation(pins, desk, old).await {
            Ok(found) => found,
            Err(why @ ClientError::Verify(VerifyError::NotContinued { .. })) => {
                // Who names it means it, votes or not.
                if !is_named && self.settings.chain_id.is_none() {
                    return Err(not_followed(&why, desk));
                }
                self.output()
                    .note(&format!("This home does not follow: the ledger has to be trusted again. {why}"));
                return Ok(());
            }
            Err(other) => return Err(other.into()),
        };
        if !is_named {
            self.ask_to_follow(desk, &found)?;
        }
        self.output().note(&followed(desk, &found));
        desk.memory().take_over(old, &found);
        Ok(pins.follow(&old.ledger.identity, desk.pin())?)
    }

    /// A ledger that this home met before its administrators had voted that it continues another known one: once they have, this home
    /// follows it, if somebody agreed to it before or does now.
    pub(super) async fn follow_later(&self, pins: &mut Pins, desk: &Desk<Channel>) -> Result<(), Failure> {
        let Some(old) = known_before(pins, desk.chain()).cloned() else { return Ok(()) };
        if pins.followed(&old.ledger.identity).is_some() {
            return Ok(());
        }
        // Without the votes everything is as it was, whatever keeps them from being seen.
        let Ok(found) = desk.continuation(&old).await else { return Ok(()) };
        if !desk.pin().agreed && !prompt::agrees(self.output(), &question(desk, &found)) {
            let identity = desk.chain().identity();
            self.output()
                .note(&format!("note: {}\n`sealdesk trust {identity}` follows it", continues(desk, &found)));
            return Ok(());
        }
        self.output().note(&followed(desk, &found));
        desk.memory().agree();
        desk.memory().take_over(&old, &found);
        Ok(pins.follow(&old.ledger.identity, desk.pin())?)
    }

    async fn continuation(
        &self,
        pins: &Pins,
        desk: &Desk<Channel>,
        old: &Pin,
    ) -> Result<Continuation, ClientError> {
        let new = desk.chain().identity();
        if let Some(other) = pins.followed(&old.ledger.identity).filter(|other| **other != new) {
            let name = pins.of_identity(other).map(|pin| pin.chain_id().to_string());
            let why = format!(
                "this home follows another one from there: {}",
                name.unwrap_or_else(|| other.to_string())
            );
            let (old, new) = (old.ledger.chain_id.clone(), desk.chain().chain_id.clone());
            return Err(VerifyError::NotContinued { old, new, why }.into());
        }
        desk.continuation(old).await
    }

    /// Asks, with names, words and height. Nobody there can only be told how to say so.
    fn ask_to_follow(&self, desk: &Desk<Channel>, found: &Continuation) -> Result<(), Failure> {
        let (told, identity) = (continues(desk, found), desk.chain().identity());
        if !self.output().is_interactive() {
            return Err(Failure::usage(
                format!(
                    "{told} There is no terminal to confirm its identity at, in words: {}",
                    identity.words()
                ),
                format!("`sealdesk trust {identity}` follows it"),
            ));
        }
        prompt::confirm(self.output(), false, &question(desk, found))
    }
}

/// The newest ledger among those that this one says it continues that this home knows.
fn known_before<'p>(pins: &'p Pins, chain: &Chain) -> Option<&'p Pin> {
    chain.ancestry.earlier().iter().rev().find_map(|before| pins.of_identity(&before.identity()))
}

/// What continues what, and who says so.
fn continues(desk: &Desk<Channel>, found: &Continuation) -> String {
    format!(
        "{} continues {} from height {} on: {} of its {} administrators voted for that.{}",
        desk.chain().chain_id,
        found.old.chain_id,
        found.height,
        found.votes,
        found.members,
        seen_more(found)
    )
}

fn question(desk: &Desk<Channel>, found: &Continuation) -> String {
    let (told, identity) = (continues(desk, found), desk.chain().identity());
    format!(
        "{told}\n  identity  {identity}\n  in words  {}\nFollow it? What this home knows of {} stays.",
        identity.words(),
        found.old.chain_id
    )
}

/// What a person should know who has read more of the old ledger than the new one holds.
fn seen_more(found: &Continuation) -> String {
    if !found.is_behind() {
        return String::new();
    }
    let (old, seen, height) = (&found.old.chain_id, found.seen, found.height);
    format!(
        " This home has seen {old} up to height {seen}: what was written after height {height} is not on the new ledger."
    )
}

fn followed(desk: &Desk<Channel>, found: &Continuation) -> String {
    let (old, new, identity) = (&found.old.chain_id, &desk.chain().chain_id, desk.chain().identity());
    format!(
        "This home follows {new}, which continues {old} from height {} on.{}\n  identity  {identity}\n  in words  {}",
        found.height,
        seen_more(found),
        identity.words()
    )
}

fn not_followed(why: &ClientError, desk: &Desk<Channel>) -> Failure {
    Failure::hinted(
        why.to_string(),
        format!(
            "ask its administrators, by a route other than this node: with `sealdesk tx ledger continue-ledger` from more than half of them \
             everybody follows. If {} is the identity that they tell you, `sealdesk trust {}` trusts it again",
            desk.chain().identity(),
            desk.chain().identity()
        ),
    )
}
