//! Principals: who can call, own and be named. An account, or a contract.

use std::fmt;

use thiserror::Error;

use crate::address::{Address, AddressError};
use crate::name::{ContractName, NameError};
use crate::reader::{DecodeError, Reader};

/// Why a text names no principal.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub enum PrincipalError {
    /// The part before the dot, or all of it.
    #[error(transparent)]
    Address(#[from] AddressError),
    /// The part after the dot.
    #[error(transparent)]
    Name(#[from] NameError),
    /// A contract should have been named, and an account was.
    #[error("'{0}' names an account: a contract is written as ADDRESS.NAME")]
    NoContract(Address),
}

/// A contract: the address of who deployed it, and its name.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct ContractId {
    /// Who deployed it.
    pub deployer: Address,
    /// What he called it.
    pub name: ContractName,
}

impl ContractId {
    /// Reads `ADDRESS.NAME`.
    ///
    /// # Errors
    /// [`PrincipalError`].
    pub fn parse(text: &str) -> Result<Self, PrincipalError> {
        match Principal::parse(text)? {
            Principal::Contract(contract) => Ok(contract),
            Principal::Standard(address) => Err(PrincipalError::NoContract(address)),
        }
    }

    pub(crate) fn read(reader: &mut Reader<'_>) -> Result<Self, DecodeError> {
        Ok(Self { deployer: Address::read(reader)?, name: ContractName::read(reader)? })
    }

    pub(crate) fn write(&self, out: &mut Vec<u8>) {
        self.deployer.write(out);
        self.name.write(out);
    }
}

/// An account or a contract.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Principal {
    /// An account.
    Standard(Address),
    /// A contract.
    Contract(ContractId),
}

impl Principal {
    /// Reads `ADDRESS` or `ADDRESS.NAME`.
    ///
    /// # Errors
    /// [`PrincipalError`].
    pub fn parse(text: &str) -> Result<Self, PrincipalError> {
        Ok(match text.split_once('.') {
            None => Self::Standard(Address::parse(text)?),
            Some((address, name)) => Self::Contract(ContractId {
                deployer: Address::parse(address)?,
                name: ContractName::parse(name)?,
            }),
        })
    }

    /// The account itself, or the one that deployed the contract.
    pub fn address(&self) -> &Address {
        match self {
            Self::Standard(address) => address,
            Self::Contract(contract) => &contract.deployer,
        }
    }
}

impl From<Address> for Principal {
    fn from(address: Address) -> Self {
        Self::Standard(address)
    }
}

impl From<ContractId> for Principal {
    fn from(contract: ContractId) -> Self {
        Self::Contract(contract)
    }
}

impl fmt::Display for ContractId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}.{}", self.deployer, self.name)
    }
}

impl fmt::Debug for ContractId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{self}")
    }
}

impl fmt::Display for Principal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Standard(address) => write!(f, "{address}"),
            Self::Contract(contract) => write!(f, "{contract}"),
        }
    }
}

impl fmt::Debug for Principal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{self}")
    }
}
