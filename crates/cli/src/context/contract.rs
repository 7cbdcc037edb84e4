//! The desk of a contract on Stacks, and people as Stacks names them.

use sealdesk_client::stacks::wire::principal::{ContractId, Principal};
use sealdesk_client::stacks::{Connection, Desk, Node, identity};
use sealdesk_client::trust::remembered::file::RememberedFile;
use sealdesk_protocol::identity::Identity;

use super::Context;
use super::people::ADDRESS_CHARS_MIN;
use crate::failure::Failure;
use crate::plain_http;

impl Context {
    /// The Stacks node that was named. Nothing is asked yet.
    pub(crate) fn stacks_node(&self) -> Result<Node<Connection>, Failure> {
        let url = self.settings().named_node().ok_or_else(|| {
            Failure::usage(
                "no Stacks node is named",
                "add --node URL: your own node with an indexer, or a public one such as https://api.hiro.so",
            )
        })?;
        plain_http::check(&url, self.settings().insecure)?;
        let connection = Connection::believing(&url, &self.authorities()?)
            .map_err(sealdesk_client::stacks::Error::from)?;
        let node = Node::new(connection).with_patience(self.settings().patience);
        Ok(node.attended_by(self.attendant()?))
    }

    /// The contract that was named.
    pub(crate) fn contract(&self) -> Result<ContractId, Failure> {
        let contract = self.settings().stacks.as_ref().and_then(|stacks| stacks.contract.clone());
        contract.ok_or_else(|| {
            Failure::usage(
                "no contract is named",
                "add --contract ADDRESS.NAME; `sealdesk stacks deploy` makes one",
            )
        })
    }

    /// The desk of the contract that was named. Nothing is asked yet.
    pub(crate) fn contract_desk(&self) -> Result<Desk<Connection>, Failure> {
        let desk = Desk::new(self.stacks_node()?, self.contract()?).with_age(self.age());
        let file = self.contract_file(&desk.identity());
        let desk = desk.with_remembered(file.load()?);
        self.contract_memory.replace(Some((file, desk.memory())));
        Ok(desk)
    }

    /// The file of what this home remembers of a contract.
    fn contract_file(&self, identity: &Identity) -> RememberedFile<Principal> {
        RememberedFile::named_by(self.home(), (), identity)
    }

    /// Forgets what this home remembers of a contract.
    pub(crate) fn forget_contract(&self, contract: &ContractId) -> Result<(), Failure> {
        Ok(self.contract_file(&identity(contract)).forget()?)
    }

    /// Keeps what a desk came to know of a contract. What cannot be kept is said, and changes nothing of what was done.
    pub(super) fn keep_contract(&self) {
        let Some((file, memory)) = self.contract_memory.take() else { return };
        let Some(remembered) = memory.take_remembered() else { return };
        if let Err(error) = file.keep(remembered) {
            self.output().note(&format!(
                "note: what was seen of the contract cannot be remembered: {}",
                Failure::from(error).beside()
            ));
        }
    }

    /// Someone on Stacks, by a name that this home knows or by address.
    pub(crate) fn principal(&self, text: &str) -> Result<Principal, Failure> {
        let found = self.resolved(text)?;
        if found.is_empty() {
            return Err(no_address(text));
        }
        Principal::parse(found).map_err(|error| {
            if text.len() > ADDRESS_CHARS_MIN {
                return Failure::usage(
                    error.to_string(),
                    "give an address such as SP…, or a name that `sealdesk contacts list` shows",
                );
            }
            self.nobody(text)
        })
    }

    /// The address of `--from` on Stacks. Its key stays locked, and need not be in this home.
    pub(crate) fn own_principal(&self) -> Result<Principal, Failure> {
        let from = self.from()?;
        self.principal(&from).map_err(|failure| self.own_or(failure, &from))
    }
}

/// A command that only a ledger of one's own can carry out.
pub(crate) fn nothing_like_this() -> Failure {
    Failure::usage(
        "the contract on Stacks has nothing like this",
        "this command is for a ledger of your own; --ledger native chooses it",
    )
}

fn no_address(name: &str) -> Failure {
    Failure::hinted(
        format!("the key file of {name} is older than this program and knows no address on Stacks"),
        "export the phrase with `sealdesk keys export`, delete the key, and import it again",
    )
}
