//! What opens the keys of this home: the agent where one holds what does, else whoever is asked for the passphrase.

use std::cell::{OnceCell, RefCell};
use std::rc::Rc;

use sealdesk_client::actor::Actor;
use sealdesk_client::keyring::{Backend, Keyring, KeyringError, KeyringKey, KeyringKeyId, Opener};
use sealdesk_protocol::ids::Address;
use zeroize::Zeroizing;

use super::Context;
use crate::failure::Failure;
use crate::{agent, os_keyring, prompt, variables};

/// What opens keys, as this run came to know it.
#[derive(Default)]
pub(super) struct Openers {
    keys: RefCell<Vec<Rc<KeyringKey>>>,
    passphrase: OnceCell<Zeroizing<String>>,
    /// What new keys are sealed under.
    for_new: OnceCell<Rc<KeyringKey>>,
}

impl Context {
    /// The unlocked keys of these addresses that are in this home and open without anybody being asked.
    pub(crate) fn actors_unasked(&self, addresses: &[&Address]) -> Vec<Actor> {
        let Ok(keyring) = self.keyring() else { return Vec::new() };
        let is_held = || agent::state(&keyring, self.home()).is_ok_and(|state| state.is_some());
        let has_file = || {
            variables::get(prompt::PASSPHRASE_FILE).is_some() || prompt::generated_file(self.home()).exists()
        };
        if keyring.needs_passphrase() && !has_file() && !is_held() {
            return Vec::new();
        }
        let wanted = |of: &str| addresses.iter().any(|address| address.as_str() == of);
        let names = self.own_keys().iter().filter(|(_, of)| wanted(of)).map(|(name, _)| name);
        names.filter_map(|name| self.unlocked(&keyring, name).ok()).collect()
    }

    /// An unlocked key of the keyring. Asks for the passphrase where nothing else opens it.
    pub(crate) fn unlocked(&self, keyring: &Keyring, name: &str) -> Result<Actor, Failure> {
        let key = self.keyring_key(keyring, name)?;
        Ok(keyring.unlock(name, key.as_deref())?)
    }

    /// The keyring key of a key; `None` where none is needed.
    pub(crate) fn keyring_key(
        &self,
        keyring: &Keyring,
        name: &str,
    ) -> Result<Option<Rc<KeyringKey>>, Failure> {
        let Some(id) = keyring.key_id(name)? else { return Ok(None) };
        if let Some(known) = self.openers.keys.borrow().iter().find(|key| key.id() == id) {
            return Ok(Some(Rc::clone(known)));
        }
        let key = match keyring.backend() {
            Backend::Os => keyring.recall(name, os_keyring::find(id)?)?,
            _ => match self.agents_key(keyring, name, id) {
                Some(key) => key,
                None => self.asked_key(keyring, name)?,
            },
        };
        let key = Rc::new(key);
        self.openers.keys.borrow_mut().push(Rc::clone(&key));
        Ok(Some(key))
    }

    /// The keyring key that the agent holds. What is wrong with the agent is said, and stops nobody.
    fn agents_key(&self, keyring: &Keyring, name: &str, id: KeyringKeyId) -> Option<KeyringKey> {
        let held = agent::key(keyring, self.home(), id);
        let found = held.map(|held| held.map(|bytes| keyring.recall(name, bytes)).transpose());
        let why = match found {
            Ok(Ok(key)) => return key,
            Ok(Err(error)) => format!("what it holds does not open {name}: {error}"),
            Err(error) => error.to_string(),
        };
        self.output().note(&format!("note: the agent is not used: {why}"));
        None
    }

    /// The keyring key that a passphrase makes. All keys of a home have one passphrase; it is asked for once a run.
    fn asked_key(&self, keyring: &Keyring, name: &str) -> Result<KeyringKey, Failure> {
        if let Some(known) = self.openers.passphrase.get() {
            match keyring.derive(name, known.as_bytes()) {
                Err(KeyringError::WrongPassphrase(_)) => {}
                derived => return Ok(derived?),
            }
        }
        prompt::passphrase(self.home(), self.stdin.get(), |typed| {
            let key = keyring.derive(name, typed.as_bytes())?;
            // The first one stays.
            let _ = self.openers.passphrase.set(typed);
            Ok(key)
        })
    }

    /// What the keys of a home are sealed under that a new one comes to: the keyring key of the others where there are any, else that
    /// of a new passphrase.
    pub(crate) fn new_passphrase(&self, keyring: &Keyring) -> Result<Opener<'_>, Failure> {
        if keyring.backend() == Backend::Test {
            return Ok(Opener::Passphrase(b""));
        }
        if self.openers.for_new.get().is_none() {
            let _ = self.openers.for_new.set(self.key_for_new(keyring)?);
        }
        Ok(self.openers.for_new.get().map(|key| &**key).into())
    }

    fn key_for_new(&self, keyring: &Keyring) -> Result<Rc<KeyringKey>, Failure> {
        let (mut names, mut first_wrong) = (Vec::new(), None);
        for listed in keyring.list()? {
            match listed.info {
                Ok(key) => names.push(key.name),
                Err(error) => first_wrong = first_wrong.or(Some(error)),
            }
        }
        if let Some(other) = names.first() {
            let key = self.keyring_key(keyring, other.as_str())?;
            return key.ok_or_else(|| Failure::new("the keyring needs no passphrase"));
        }
        // The passphrase of keys that cannot be read is not known: a new one beside it would be a second one.
        if let Some(error) = first_wrong {
            return Err(error.into());
        }
        let key = match keyring.backend() {
            // It is kept before anything is sealed under it.
            Backend::Os => {
                let key = KeyringKey::generate_kept(&mut getrandom::SysRng)?;
                os_keyring::keep(&key)?;
                key
            }
            _ => {
                let typed = prompt::new_passphrase(self.home(), self.stdin.get())?;
                KeyringKey::generate(typed.as_bytes(), &mut getrandom::SysRng)?
            }
        };
        let key = Rc::new(key);
        self.openers.keys.borrow_mut().push(Rc::clone(&key));
        Ok(key)
    }

    /// The passphrase itself, which opens a key; empty where none is needed. The agent does not have it: whoever shows a recovery
    /// phrase or changes the passphrase types it.
    pub(crate) fn passphrase_of(&self, keyring: &Keyring, name: &str) -> Result<Zeroizing<String>, Failure> {
        if !keyring.needs_passphrase() {
            return Ok(Zeroizing::default());
        }
        prompt::passphrase(self.home(), self.stdin.get(), |typed| {
            keyring.derive(name, typed.as_bytes()).map(|_| typed)
        })
    }
}
