//! A validator whose clock is an hour wrong, for real: its votes are signed outside of CometBFT, as with a key in a device, and carry
//! the time of that device.

use std::path::{Path, PathBuf};
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use ed25519_dalek::{Signer as _, SigningKey};
use prost::Message as _;
use sealdesk_node::comet::{read_frame, write_frame};
use sealdesk_node::home::Home;
use sealdesk_protocol::block::CommitSig;
use sealdesk_testkit::CHAIN_ID;
use sealdesk_testkit::people::Person;
use tendermint_proto::google::protobuf::Timestamp;
use tendermint_proto::v0_38::crypto::{PublicKey, public_key};
use tendermint_proto::v0_38::privval::message::Sum;
use tendermint_proto::v0_38::privval::{
    Message, PingResponse, PubKeyResponse, SignedProposalResponse, SignedVoteResponse,
};
use tendermint_proto::v0_38::types::{
    BlockId, CanonicalBlockId, CanonicalPartSetHeader, CanonicalProposal, CanonicalVote, Proposal, Vote,
};
use tokio::io::BufReader;
use tokio::net::UnixStream;

use super::network::{Network, execute, script, turn};

/// How far the clock is off, one way at even heights, the other at odd ones.
const HOUR: i64 = 3_600;
/// How far block time may be from this machine's, all of whose processes have one clock but that of the device.
const NEAR: i64 = 60;

fn now() -> i64 {
    i64::try_from(SystemTime::now().duration_since(UNIX_EPOCH).unwrap().as_secs()).unwrap()
}

/// A device that signs with a validator's key, and has a clock of its own.
struct Device(SigningKey);

impl Device {
    fn of(home: &Home) -> Self {
        let file: serde_json::Value =
            serde_json::from_slice(&std::fs::read(home.key_file()).unwrap()).unwrap();
        let seed = hex::decode(file["secret_key"].as_str().unwrap()).unwrap();
        Self(SigningKey::from_bytes(&seed.try_into().unwrap()))
    }

    /// Serves whoever listens at the path, again and again.
    async fn serve(self, path: PathBuf) {
        loop {
            if let Ok(stream) = UnixStream::connect(&path).await {
                self.converse(stream).await;
            }
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
    }

    async fn converse(&self, stream: UnixStream) -> Option<()> {
        let (reader, mut writer) = stream.into_split();
        let mut reader = BufReader::new(reader);
        loop {
            let asked: Message = read_frame(&mut reader).await.ok()??;
            let said = Message { sum: Some(self.answer(asked.sum?)?) };
            write_frame(&mut writer, &said).await.ok()?;
        }
    }

    fn answer(&self, asked: Sum) -> Option<Sum> {
        Some(match asked {
            Sum::PingRequest(_) => Sum::PingResponse(PingResponse {}),
            Sum::PubKeyRequest(_) => {
                let key = self.0.verifying_key().to_bytes().to_vec();
                let pub_key = Some(PublicKey { sum: Some(public_key::Sum::Ed25519(key)) });
                Sum::PubKeyResponse(PubKeyResponse { pub_key, error: None })
            }
            Sum::SignVoteRequest(asked) => {
                let vote = Some(self.vote(asked.vote?));
                Sum::SignedVoteResponse(SignedVoteResponse { vote, error: None })
            }
            Sum::SignProposalRequest(asked) => {
                let proposal = Some(self.proposal(asked.proposal?));
                Sum::SignedProposalResponse(SignedProposalResponse { proposal, error: None })
            }
            _ => return None,
        })
    }

    fn vote(&self, mut vote: Vote) -> Vote {
        let off = if vote.height % 2 == 0 { HOUR } else { -HOUR };
        vote.timestamp = Some(Timestamp { seconds: now() + off, nanos: 1 });
        let canonical = CanonicalVote {
            r#type: vote.r#type,
            height: vote.height,
            round: vote.round.into(),
            block_id: vote.block_id.clone().and_then(canonical),
            timestamp: vote.timestamp,
            chain_id: CHAIN_ID.to_owned(),
        };
        vote.signature = self.sign(&canonical.encode_length_delimited_to_vec());
        vote
    }

    fn proposal(&self, mut proposal: Proposal) -> Proposal {
        let canonical = CanonicalProposal {
            r#type: proposal.r#type,
            height: proposal.height,
            round: proposal.round.into(),
            pol_round: proposal.pol_round.into(),
            block_id: proposal.block_id.clone().and_then(canonical),
            timestamp: proposal.timestamp,
            chain_id: CHAIN_ID.to_owned(),
        };
        proposal.signature = self.sign(&canonical.encode_length_delimited_to_vec());
        proposal
    }

    fn sign(&self, bytes: &[u8]) -> Vec<u8> {
        self.0.sign(bytes).to_bytes().to_vec()
    }
}

/// A block's id as it is signed; a vote for none has none.
fn canonical(id: BlockId) -> Option<CanonicalBlockId> {
    let parts = id.part_set_header.unwrap_or_default();
    let part_set_header = Some(CanonicalPartSetHeader { total: parts.total, hash: parts.hash });
    (!id.hash.is_empty()).then_some(CanonicalBlockId { hash: id.hash, part_set_header })
}

fn with_device(path: &Path, socket: &Path) -> PathBuf {
    script(path, "", &format!("--priv_validator_laddr unix://{}", socket.display()))
}

#[tokio::test(flavor = "multi_thread")]
async fn a_validator_whose_clock_is_an_hour_wrong_moves_no_deadline_of_the_desk() {
    let _turn = turn().await;
    let mut network = Network::prepare(&[10; 4]);
    let socket = network.dir.path().join("device.sock");
    network.programs[3] = with_device(&network.dir.path().join("with-device"), &socket);
    let device = tokio::spawn(Device::of(&network.homes[3]).serve(socket));
    network.start_all().await;
    let (begun, mut height) = (now(), 0);
    for n in 0..6u16 {
        let tx = Person::number(0).appoint(n.into(), &Person::number(n + 1));
        height = execute(&network.ledger(usize::from(n) % 4), &tx).await;
    }
    network.all_reach(height + 1).await;
    let height = network.agrees().await;
    let (mut wrong, mut last) = ([false; 2], 0);
    // The first block has the time of the genesis, and the second is the first that validators gave their times to.
    for height in 2..=height {
        let signed = network.rpc(0).signed_header(height).await.unwrap();
        let time = signed.header().time.unix_timestamp();
        let near = begun - NEAR..now() + NEAR;
        assert!(near.contains(&time) && time >= last, "block {height} at {time}, not in {near:?}");
        last = time;
        for signature in &signed.commit().signatures {
            let CommitSig::BlockIdFlagCommit { timestamp, .. } = signature else { continue };
            let signed_at = timestamp.unix_timestamp();
            wrong[0] |= signed_at > now() + HOUR / 2;
            wrong[1] |= signed_at < begun - HOUR / 2;
        }
    }
    assert_eq!(wrong, [true; 2], "the wrong times stand in the commits, and count for nothing");
    network.stop_all().await;
    device.abort();
}
