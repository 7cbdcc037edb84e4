//! Transactions from the wire's types: body, signer infos, signatures.

use prost::Message as _;
use prost_types::Any;
use sealdesk_protocol::ids::ChainId;
use sealdesk_protocol::messages::to_any;
use sealdesk_protocol::tx::sign_digest;
use sealdesk_protocol::wire::cosmos::crypto::secp256k1::PubKey;
use sealdesk_protocol::wire::cosmos::tx::signing::v1beta1::SignMode;
use sealdesk_protocol::wire::cosmos::tx::v1beta1::mode_info::{Single, Sum};
use sealdesk_protocol::wire::cosmos::tx::v1beta1::{AuthInfo, Fee, ModeInfo, SignerInfo, TxBody, TxRaw};

use super::people::Person;

/// A transaction before it is signed.
#[derive(Clone, Debug)]
pub struct Draft {
    pub body: TxBody,
    pub auth: AuthInfo,
    pub chain_id: String,
}

pub fn signer_info(person: &Person, sequence: u64) -> SignerInfo {
    SignerInfo {
        public_key: Some(to_any(&PubKey { key: person.public.to_vec() })),
        mode_info: Some(ModeInfo { sum: Some(Sum::Single(Single { mode: SignMode::Direct.into() })) }),
        sequence,
    }
}

impl Draft {
    pub fn new(chain_id: &str, messages: Vec<Any>, signers: &[(&Person, u64)]) -> Self {
        let infos = signers.iter().map(|(person, sequence)| signer_info(person, *sequence));
        let fee = Fee { amount: Vec::new(), gas_limit: 0, payer: String::new(), granter: String::new() };
        Self {
            body: TxBody { messages, memo: String::new(), timeout_height: 0 },
            auth: AuthInfo { signer_infos: infos.collect(), fee: Some(fee) },
            chain_id: chain_id.to_owned(),
        }
    }

    pub fn sign(&self, signers: &[&Person]) -> Vec<u8> {
        let raw = sign_raw(self.body.encode_to_vec(), self.auth.encode_to_vec(), &self.chain_id, signers);
        raw.encode_to_vec()
    }
}

/// Signs encoded halves as they are, canonical or not.
pub fn sign_raw(body: Vec<u8>, auth: Vec<u8>, chain_id: &str, signers: &[&Person]) -> TxRaw {
    let digest = sign_digest(&body, &auth, &ChainId::parse(chain_id).unwrap());
    let signatures = signers.iter().map(|person| person.sign(&digest)).collect();
    TxRaw { body_bytes: body, auth_info_bytes: auth, signatures }
}
