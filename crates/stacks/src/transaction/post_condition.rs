//! Post-conditions: what must hold of assets after a transaction, or it changes nothing.

use crate::address::Address;
use crate::name::Name;
use crate::principal::{ContractId, Principal};
use crate::reader::{DecodeError, Reader};
use crate::value::Value;

/// Whose assets a condition is about.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum PostPrincipal {
    /// Whoever signed the transaction.
    Origin,
    /// This one.
    Named(Principal),
}

/// A class of tokens: the contract that defines them, and their name there.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Asset {
    /// The contract.
    pub contract: ContractId,
    /// The name.
    pub name: Name,
}

/// How what was sent must compare with an amount.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Comparison {
    /// Exactly as much.
    Equal,
    /// More.
    Greater,
    /// As much or more.
    GreaterOrEqual,
    /// Less.
    Less,
    /// As much or less.
    LessOrEqual,
}

/// What must have become of one token.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum NftComparison {
    /// It was sent.
    Sent,
    /// It was kept.
    Kept,
}

/// A condition.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum PostCondition {
    /// On micro-STX.
    Stx(PostPrincipal, Comparison, u64),
    /// On fungible tokens.
    Fungible(PostPrincipal, Asset, Comparison, u64),
    /// On one token.
    NonFungible(PostPrincipal, Asset, Value, NftComparison),
}

impl PostCondition {
    pub(super) fn write(&self, out: &mut Vec<u8>) {
        match self {
            Self::Stx(principal, comparison, amount) => {
                out.push(0x00);
                principal.write(out);
                comparison.write(out);
                out.extend_from_slice(&amount.to_be_bytes());
            }
            Self::Fungible(principal, asset, comparison, amount) => {
                out.push(0x01);
                principal.write(out);
                asset.write(out);
                comparison.write(out);
                out.extend_from_slice(&amount.to_be_bytes());
            }
            Self::NonFungible(principal, asset, token, comparison) => {
                out.push(0x02);
                principal.write(out);
                asset.write(out);
                token.write(out);
                out.push(match comparison {
                    NftComparison::Sent => 0x10,
                    NftComparison::Kept => 0x11,
                });
            }
        }
    }

    pub(super) fn read(reader: &mut Reader<'_>) -> Result<Self, DecodeError> {
        let kind = reader.byte()?;
        if kind > 0x02 {
            return Err(DecodeError::Tag { what: "post-condition", byte: kind });
        }
        let principal = PostPrincipal::read(reader)?;
        if kind == 0x00 {
            return Ok(Self::Stx(principal, Comparison::read(reader)?, reader.u64()?));
        }
        let asset = Asset { contract: ContractId::read(reader)?, name: Name::read(reader)? };
        if kind == 0x01 {
            return Ok(Self::Fungible(principal, asset, Comparison::read(reader)?, reader.u64()?));
        }
        let token = Value::read(reader)?;
        let comparison = match reader.byte()? {
            0x10 => NftComparison::Sent,
            0x11 => NftComparison::Kept,
            byte => return Err(DecodeError::Tag { what: "condition on a token", byte }),
        };
        Ok(Self::NonFungible(principal, asset, token, comparison))
    }
}

impl PostPrincipal {
    fn write(&self, out: &mut Vec<u8>) {
        match self {
            Self::Origin => out.push(0x01),
            Self::Named(Principal::Standard(address)) => {
                out.push(0x02);
                address.write(out);
            }
            Self::Named(Principal::Contract(contract)) => {
                out.push(0x03);
                contract.write(out);
            }
        }
    }

    fn read(reader: &mut Reader<'_>) -> Result<Self, DecodeError> {
        Ok(match reader.byte()? {
            0x01 => Self::Origin,
            0x02 => Self::Named(Address::read(reader)?.into()),
            0x03 => Self::Named(ContractId::read(reader)?.into()),
            byte => return Err(DecodeError::Tag { what: "principal of a post-condition", byte }),
        })
    }
}

impl Asset {
    fn write(&self, out: &mut Vec<u8>) {
        self.contract.write(out);
        self.name.write(out);
    }
}

impl Comparison {
    fn write(self, out: &mut Vec<u8>) {
        out.push(match self {
            Self::Equal => 1,
            Self::Greater => 2,
            Self::GreaterOrEqual => 3,
            Self::Less => 4,
            Self::LessOrEqual => 5,
        });
    }

    fn read(reader: &mut Reader<'_>) -> Result<Self, DecodeError> {
        Ok(match reader.byte()? {
            1 => Self::Equal,
            2 => Self::Greater,
            3 => Self::GreaterOrEqual,
            4 => Self::Less,
            5 => Self::LessOrEqual,
            byte => return Err(DecodeError::Tag { what: "comparison", byte }),
        })
    }
}
