//! The inbox, with the subjects that this home's key opens and those that it opened before.

use std::io::IsTerminal as _;

use sealdesk_client::actor::Actor;
use sealdesk_client::desk::Desk;
use sealdesk_client::inbox::InboxAsk;
use sealdesk_client::overview::{Opener, SubjectsFile};
use sealdesk_client::view::Inbox;
use sealdesk_protocol::ids::Address;
use tonic::transport::Channel;

use super::Context;
use crate::agent;
use crate::args::Ledger;
use crate::failure::Failure;
use crate::prompt;

impl Context {
    /// What waits for `--from`. Subjects are opened where their key is here and can be unlocked, unless they are to stay sealed.
    pub(crate) async fn inbox(&self, ask: &InboxAsk, is_sealed: bool) -> Result<Inbox, Failure> {
        match self.ledger() {
            Ledger::Native => {
                let me = self.own_address()?;
                let actor = if is_sealed { None } else { self.actor_for_subjects()? };
                let desk = self.desk().await?;
                let inbox = match actor {
                    Some(actor) => self.opened_inbox(&desk, &me, ask, &actor).await?,
                    None => desk.inbox_for(&me, ask, None).await?,
                };
                self.say_age();
                Ok(inbox)
            }
            Ledger::Stacks => {
                let me = self.own_principal()?;
                Ok(self.contract_desk()?.inbox(&me, ask).await?)
            }
        }
    }

    /// The key of `--from`, where it is in this home and somebody can unlock it.
    fn actor_for_subjects(&self) -> Result<Option<Actor>, Failure> {
        let from = self.from()?;
        let is_here = self.own_keys().iter().any(|(name, address)| *name == from || *address == from);
        if !is_here {
            return Ok(None);
        }
        let keyring = self.keyring()?;
        // An agent that holds the keyring's key asks nobody anything.
        let is_held = agent::state(&keyring, self.home()).is_ok_and(|state| state.is_some());
        let is_locked = keyring.needs_passphrase() && !is_held;
        let can_unlock = prompt::is_in_file(self.home()) || std::io::stdin().is_terminal();
        if is_locked && !can_unlock {
            self.output().note(&format!(
                "Subjects stay sealed: there is no terminal to ask for a passphrase at, and {} names no file",
                prompt::PASSPHRASE_FILE
            ));
            return Ok(None);
        }
        Ok(Some(self.actor()?))
    }

    async fn opened_inbox(
        &self,
        desk: &Desk<Channel>,
        me: &Address,
        ask: &InboxAsk,
        actor: &Actor,
    ) -> Result<Inbox, Failure> {
        let file = SubjectsFile::of(self.home(), &desk.chain().identity(), me, actor)?;
        let mut subjects = file.load();
        let opener = Opener { actor, subjects: &mut subjects };
        let inbox = desk.inbox_for(me, ask, Some(opener)).await;
        // What was opened is kept also where something failed later; what cannot be kept is opened again.
        if let Err(error) = file.keep(&subjects) {
            self.output()
                .note(&format!("note: opened subjects cannot be kept: {}", Failure::from(error).beside()));
        }
        Ok(inbox?)
    }
}
