//! What a transaction is to do.

use std::fmt;

use crate::limits::MEMO_BYTES;
use crate::name::{ContractName, Name};
use crate::principal::{ContractId, Principal};
use crate::reader::{DecodeError, Reader, put_length};
use crate::value::{Kind, Value};

/// What a transaction is to do.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Payload {
    /// Pay.
    Transfer(Transfer),
    /// Put a contract on the chain.
    Deploy(Deploy),
    /// Call a contract.
    Call(Call),
}

/// A payment.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Transfer {
    /// Who is paid.
    pub recipient: Principal,
    /// How much, in micro-STX.
    pub amount: u64,
    /// Whatever the payer wrote beside it. Public.
    pub memo: [u8; MEMO_BYTES],
}

/// A new contract.
#[derive(Clone, PartialEq, Eq)]
pub struct Deploy {
    /// Its name under the origin's address.
    pub name: ContractName,
    /// Its source.
    pub source: String,
    /// The Clarity version that it is written in; `None` leaves it to the epoch.
    pub version: Option<ClarityVersion>,
}

/// A version of Clarity, from 1 to 6.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct ClarityVersion(u8);

impl ClarityVersion {
    /// The version of that number; `None` for one that no epoch has.
    pub fn new(number: u8) -> Option<Self> {
        (1..=6).contains(&number).then_some(Self(number))
    }

    /// The number.
    pub fn number(self) -> u8 {
        self.0
    }
}

/// A call of a public function.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Call {
    /// The contract.
    pub contract: ContractId,
    /// The function.
    pub function: Name,
    /// What it is called with.
    pub arguments: Vec<Value>,
}

impl fmt::Debug for Deploy {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Deploy({}, {} bytes, {:?})", self.name, self.source.len(), self.version)
    }
}

impl Payload {
    /// The bytes of the wire, as fee estimators take them.
    pub fn encode(&self) -> Vec<u8> {
        let mut out = Vec::new();
        self.write(&mut out);
        out
    }

    pub(super) fn write(&self, out: &mut Vec<u8>) {
        match self {
            Self::Transfer(transfer) => {
                out.push(0x00);
                Value::principal(transfer.recipient.clone()).write(out);
                out.extend_from_slice(&transfer.amount.to_be_bytes());
                out.extend_from_slice(&transfer.memo);
            }
            Self::Deploy(deploy) => {
                match deploy.version {
                    None => out.push(0x01),
                    Some(version) => out.extend_from_slice(&[0x06, version.0]),
                }
                deploy.name.write(out);
                put_length(out, deploy.source.len());
                out.extend_from_slice(deploy.source.as_bytes());
            }
            Self::Call(call) => {
                out.push(0x02);
                call.contract.write(out);
                call.function.write(out);
                put_length(out, call.arguments.len());
                call.arguments.iter().for_each(|argument| argument.write(out));
            }
        }
    }

    pub(super) fn read(reader: &mut Reader<'_>) -> Result<Self, DecodeError> {
        Ok(match reader.byte()? {
            0x00 => Self::Transfer(Transfer::read(reader)?),
            0x01 => Self::Deploy(Deploy::read(reader, None)?),
            0x02 => Self::Call(Call::read(reader)?),
            0x03 => return Err(DecodeError::Unsupported("a poison-microblock transaction")),
            0x04 | 0x05 | 0x08 => return Err(DecodeError::Unsupported("a miner's coinbase transaction")),
            0x06 => {
                let byte = reader.byte()?;
                let version = ClarityVersion::new(byte);
                let version = version.ok_or(DecodeError::Tag { what: "version of Clarity", byte })?;
                Self::Deploy(Deploy::read(reader, Some(version))?)
            }
            0x07 => return Err(DecodeError::Unsupported("a tenure-change transaction")),
            byte => return Err(DecodeError::Tag { what: "payload", byte }),
        })
    }
}

impl Transfer {
    fn read(reader: &mut Reader<'_>) -> Result<Self, DecodeError> {
        let Kind::Principal(recipient) = Value::read(reader)?.into_kind() else {
            return Err(DecodeError::Unsupported("a transfer to what is not a principal"));
        };
        Ok(Self { recipient, amount: reader.u64()?, memo: reader.array()? })
    }
}

impl Deploy {
    fn read(reader: &mut Reader<'_>, version: Option<ClarityVersion>) -> Result<Self, DecodeError> {
        let name = ContractName::read(reader)?;
        let length = reader.length()?;
        let source = str::from_utf8(reader.take(length)?).map_err(|_| DecodeError::Utf8)?;
        // Stacks has sources of printable ASCII and line ends; what else is here would be refused by every node.
        match source.bytes().find(|byte| !byte.is_ascii_graphic() && !b" \n\t\r".contains(byte)) {
            Some(byte) => Err(DecodeError::Ascii(byte)),
            None => Ok(Self { name, source: source.to_owned(), version }),
        }
    }
}

impl Call {
    fn read(reader: &mut Reader<'_>) -> Result<Self, DecodeError> {
        let contract = ContractId::read(reader)?;
        let function = Name::read(reader)?;
        let mut arguments = Vec::new();
        for _ in 0..reader.length()? {
            arguments.push(Value::read(reader)?);
        }
        Ok(Self { contract, function, arguments })
    }
}
