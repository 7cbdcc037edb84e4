//! Who is who in this home: names for addresses, whoever gave them, and addresses for names.
//!
//! Names come from the keyring, from contacts, from the staff's desk book, and from invitations that let somebody in, the nearer before
//! the further (`client::contacts`). Every name is taken where an address is, and shown where one was.

use std::path::PathBuf;

use sealdesk_client::contacts::file::{Contacts, ContactsError};
use sealdesk_client::contacts::{ContactName, Known, NameClash, NameSource, Names};
use sealdesk_client::keyring::{KeyInfo, KeyName, KeyringError};
use sealdesk_node::admission::invitations::Invitations;
use sealdesk_protocol::identity::Identity;
use sealdesk_protocol::ids::{Address, ChainId, IdError};
use sealdesk_protocol::text;

use super::Context;
use crate::args::Ledger;
use crate::failure::{Failure, at_home};
use crate::paths::make_home;

/// Characters of the shortest text that was meant as an address of Stacks.
pub(super) const ADDRESS_CHARS_MIN: usize = 20;
/// Characters of an address that are shown in a column: the longest one that is shown whole, and the two ends of others.
const WHOLE_CHARS_MAX: usize = 24;
const BEGIN_CHARS: usize = 16;
const END_CHARS: usize = 4;

/// The names that one run knows.
pub(super) struct People {
    names: Names,
    /// Every name with its address.
    pairs: Vec<(String, String)>,
    /// The keys of this home alone.
    own: Vec<(String, String)>,
    /// Names that are not used, and why.
    unused: Vec<(Known, NameClash)>,
    /// What keeps the contacts from being read.
    unread: Option<ContactsError>,
}

impl Context {
    /// That a name is not there can be said only where it could be looked up.
    fn could_look(&self, text: &str) -> Result<(), Failure> {
        if let Some(error) = &self.everyone().unread
            && ContactName::parse(text).is_ok()
        {
            return Err(error.into());
        }
        if KeyName::parse(text).is_err() || self.everyone().names.of(text).is_some() {
            return Ok(());
        }
        let dir = self.keyring_dir();
        match dir.try_exists() {
            Ok(false) => return Ok(()),
            Ok(true) => {}
            Err(error) => return Err(at_home(&dir, &error)),
        }
        match self.keyring()?.show(text) {
            Ok(_) | Err(KeyringError::NotFound(_)) => Ok(()),
            Err(error) => Err(error.into()),
        }
    }

    fn keyring_dir(&self) -> PathBuf {
        self.home().join(format!("keyring-{}", self.settings.backend.name()))
    }

    fn everyone(&self) -> &People {
        self.people.get_or_init(|| self.read_people())
    }

    fn read_people(&self) -> People {
        let own = self.read_own_keys();
        let mut found =
            People { names: Names::default(), pairs: Vec::new(), own, unused: Vec::new(), unread: None };
        for (name, address) in found.own.clone() {
            found.take(&name, &address, NameSource::Key);
        }
        let contacts = Contacts::load(self.home());
        let own = contacts.as_ref().map(|contacts| contacts.own().collect()).unwrap_or_else(|_| Vec::new());
        for (name, address) in own {
            found.take(name, address, NameSource::Own);
        }
        if let (Ok(contacts), Some(desk)) = (&contacts, self.identity_in_use()) {
            for (name, address) in contacts.of_desk_book(&desk) {
                found.take(name, address, NameSource::DeskBook);
            }
        }
        for (name, address) in self.invited() {
            found.take(name.as_str(), &address, NameSource::Invitation);
        }
        found.unread = contacts.err();
        // A key can have no address on a ledger; and one address has one name wherever it is shown.
        let shown = |known: &&Known| found.names.of(&known.address) == Some(*known);
        let pair = |known: &Known| (known.name.clone(), known.address.clone());
        found.pairs = found.names.iter().filter(shown).map(pair).collect();
        found
    }

    /// The ledger whose desk book counts here: the one that is wished for, else the only one that this home knows and has not left for one
    /// that continues it. `None` where that is unclear.
    pub(crate) fn identity_in_use(&self) -> Option<Identity> {
        if self.ledger() == Ledger::Stacks {
            return None;
        }
        let pins = self.pins().ok()?;
        if let Some(wished) = self.settings.chain_id.as_deref() {
            let chain_id = ChainId::parse(wished).ok()?;
            return pins.get(&chain_id).map(|pin| pin.ledger.identity);
        }
        let known = pins.iter().map(|pin| pin.ledger.identity);
        let known: Vec<Identity> = known.filter(|identity| pins.followed(identity).is_none()).collect();
        match known[..] {
            [only] => Some(only),
            _ => None,
        }
    }

    fn read_own_keys(&self) -> Vec<(String, String)> {
        if !self.keyring_dir().exists() {
            return Vec::new();
        }
        let listed = self.keyring().ok().and_then(|keyring| keyring.list().ok()).unwrap_or_default();
        let keys: Vec<KeyInfo> = listed.into_iter().filter_map(|listed| listed.info.ok()).collect();
        keys.iter().map(|key| (key.name.to_string(), self.address_of(key))).collect()
    }

    /// Whom invitations of this home let in, where one was for one person.
    fn invited(&self) -> Vec<(ContactName, String)> {
        let listed = Invitations::of(self.home()).list().unwrap_or_default();
        let one = |invitation: sealdesk_node::admission::invitations::Invitation| {
            let [account] = <[String; 1]>::try_from(invitation.accounts).ok()?;
            let name = ContactName::parse(&invitation.label).ok().filter(|_| invitation.uses == 1)?;
            Some((name, account))
        };
        listed.into_iter().filter_map(|invitation| one(invitation.ok()?)).collect()
    }

    /// Names and addresses of this home's keys, as far as they can be read.
    pub(crate) fn own_keys(&self) -> &[(String, String)] {
        &self.everyone().own
    }

    /// Every name that this home knows, with its address.
    pub(crate) fn people(&self) -> &[(String, String)] {
        &self.everyone().pairs
    }

    /// The names that are used, and where each comes from.
    pub(crate) fn names(&self) -> &Names {
        &self.everyone().names
    }

    /// The names that are not used, since a nearer one stands in their way.
    pub(crate) fn unused_names(&self) -> &[(Known, NameClash)] {
        &self.everyone().unused
    }

    /// The contacts of this home, to be changed.
    pub(crate) fn contacts(&self) -> Result<Contacts, Failure> {
        Ok(Contacts::load(self.home())?)
    }

    /// Calls an address something from now on: what its owner called it before is given, where they did.
    pub(crate) fn call_somebody(&self, name: &ContactName, address: &str) -> Result<Option<String>, Failure> {
        let (mut contacts, mut others) = (self.contacts()?, Names::default());
        for (key, of) in self.own_keys() {
            // Two keys of one home look alike only where their owner wanted that.
            let _ = others.add(key, of, NameSource::Key);
        }
        for (known, of) in contacts.own().filter(|(_, of)| *of != address) {
            let _ = others.add(known, of, NameSource::Own);
        }
        others.add(name.as_str(), address, NameSource::Own).map_err(|clash| clashes(&clash))?;
        let before = contacts.own().find(|(_, of)| *of == address).map(|(known, _)| known.to_owned());
        make_home(self.home())?;
        contacts.add(name, address)?;
        Ok(before.filter(|before| before != name.as_str()))
    }

    /// A key gets no name that a contact has, or that looks like one's.
    pub(crate) fn free_for_key(&self, name: &str) -> Result<(), Failure> {
        let mut others = Names::default();
        for (known, address) in self.contacts()?.own() {
            let _ = others.add(known, address, NameSource::Own);
        }
        // As a contact it is judged by its looks; it has no address yet.
        others.add(name, "", NameSource::Own).map_err(|clash| {
            Failure::usage(
                clash.to_string(),
                "choose another name, or take that one out with `sealdesk contacts remove`",
            )
        })
    }

    /// What a text stands for: the address of the name, where it is one that this home knows.
    pub(super) fn resolved<'a>(&'a self, text: &'a str) -> Result<&'a str, Failure> {
        if let Some(known) = self.everyone().names.called(text) {
            return Ok(&known.address);
        }
        self.could_look(text)?;
        Ok(text)
    }

    /// The address of someone, by a name that this home knows or by the address itself.
    pub(crate) fn address(&self, text: &str) -> Result<Address, Failure> {
        let found = self.resolved(text)?;
        Address::parse(self.prefix(), found).map_err(|error| match error {
            IdError::Address { .. } if found == text && !self.is_meant_as_address(text) => self.nobody(text),
            error => {
                let failure = Failure::usage(
                    error.to_string(),
                    "copy it again, or give a name: `sealdesk contacts list` shows those of this home",
                );
                failure.named_by(self.variable_of(text))
            }
        })
    }

    /// Whether somebody who wrote this meant an address, of this ledger or another.
    fn is_meant_as_address(&self, text: &str) -> bool {
        let lower = text.to_ascii_lowercase();
        let begins = lower.strip_prefix(self.prefix().as_str()).is_some_and(|rest| rest.starts_with('1'));
        begins || (text.len() > ADDRESS_CHARS_MIN && text.contains('1') && !text.contains(' '))
    }

    /// Nobody is called so: who might be meant, and what to do.
    pub(crate) fn nobody(&self, text: &str) -> Failure {
        let shown = text::line(text);
        let list = "`sealdesk contacts list` shows every name";
        let nearest = self.names().nearest(text);
        let hint = match (nearest.as_slice(), ContactName::parse(text)) {
            ([], Ok(_)) => {
                format!("{list}; `sealdesk contacts add \"{shown}\" ADDRESS` gives somebody this one")
            }
            ([], Err(_)) => format!("give an address, or a name: {list}"),
            (near, _) => format!("did you mean {}? {list}", near.join(" or ")),
        };
        Failure::usage(format!("nobody in this home is called {shown}"), hint)
            .named_by(self.variable_of(text))
    }

    /// Whoever is to act has a key: where nobody is called so, that is what is missing.
    pub(super) fn own_or(&self, failure: Failure, from: &str) -> Failure {
        let is_known = self.names().called(from).is_some() || self.could_look(from).is_err();
        if is_known || self.is_meant_as_address(from) { failure } else { self.unknown_key(from) }
    }

    /// Someone's name in this home, else a shortened address; empty for nobody. For columns.
    pub(crate) fn name_of(&self, address: &str) -> String {
        if self.settings.addresses && looks_like_address(address) {
            return address.to_owned();
        }
        match self.everyone().names.of(address) {
            Some(known) => known.name.clone(),
            None if !looks_like_address(address) => quoted(address),
            None if address.len() > WHOLE_CHARS_MAX => {
                format!("{}…{}", &address[..BEGIN_CHARS], &address[address.len() - END_CHARS..])
            }
            None => address.to_owned(),
        }
    }

    /// Someone's address, with the name in this home where there is one; empty for nobody.
    pub(crate) fn named(&self, address: &str) -> String {
        match self.everyone().names.of(address) {
            Some(known) => format!("{} ({address})", known.name),
            None if !looks_like_address(address) => quoted(address),
            None => address.to_owned(),
        }
    }
}

impl People {
    /// Takes a name in, or says why it is not used.
    fn take(&mut self, name: &str, address: &str, source: NameSource) {
        if let Err(clash) = self.names.add(name, address, source) {
            let known = Known { name: name.to_owned(), address: address.to_owned(), source };
            self.unused.push((known, clash));
        }
    }
}

/// A name that is not free, and what to do.
fn clashes(clash: &NameClash) -> Failure {
    let hint = match clash {
        NameClash::Taken { .. } | NameClash::LooksLike { .. } => {
            "choose another name; `sealdesk contacts remove NAME` frees one, `sealdesk keys rename` one of a key"
        }
        NameClash::Named { .. } => "`sealdesk keys rename` gives a key of this home another name",
    };
    Failure::usage(clash.to_string(), hint)
}

/// Letters, digits, and what stands between a contract's address and its name; nothing at all where nobody is named.
fn looks_like_address(text: &str) -> bool {
    let begins = text.bytes().next().is_none_or(|byte| byte.is_ascii_alphanumeric());
    begins && text.bytes().all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'.' | b'-'))
}

/// What a node calls an address and is none: it begins no line as a name does.
fn quoted(text: &str) -> String {
    format!("\"{}\"", text::line(text))
}
