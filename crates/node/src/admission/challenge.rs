//! Challenges of the work that new accounts do. None is kept: each is made again from a key of this process when the work comes.

use std::time::Duration;

use hmac::{Hmac, KeyInit as _, Mac as _};
use sealdesk_protocol::ids::{Address, ChainId};
use sealdesk_protocol::wire::sealdesk::ledger::v1::WorkChallenge;
use sealdesk_protocol::work::{CHALLENGE_BYTES, Cost};
use sha2::Sha256;
use tokio::time::Instant;
use zeroize::Zeroizing;

/// How long challenges are the same for an account. One is good for one to two of these.
pub(crate) const WINDOW: Duration = Duration::from_secs(300);
/// What is authenticated before anything else.
const DOMAIN: &[u8] = b"sealdesk/admission/1";

/// Makes challenges, and knows them again.
pub(crate) struct Challenges {
    /// Random, and never anywhere else: nobody can work ahead of a window, or for another node.
    key: Zeroizing<[u8; 32]>,
    chain_id: ChainId,
    cost: Cost,
    /// Windows count from here, so that no step of the clock moves them.
    began: Instant,
}

impl Challenges {
    /// Challenges of this process.
    ///
    /// # Errors
    /// Where the system gives no randomness.
    pub(crate) fn new(chain_id: ChainId, cost: Cost) -> Result<Self, getrandom::Error> {
        let mut key = Zeroizing::new([0; 32]);
        getrandom::fill(key.as_mut_slice())?;
        Ok(Self { key, chain_id, cost, began: Instant::now() })
    }

    /// What the work costs.
    pub(crate) fn cost(&self) -> Cost {
        self.cost
    }

    /// What is asked of an account now.
    pub(crate) fn ask(&self, account: &Address) -> WorkChallenge {
        let (window, into) = self.window();
        let left = (2 * WINDOW).saturating_sub(into).as_secs();
        WorkChallenge {
            challenge: self.challenge(account, window).to_vec(),
            memory_kib: self.cost.memory_kib(),
            passes: self.cost.passes(),
            difficulty: self.cost.difficulty(),
            seconds: u32::try_from(left).unwrap_or(u32::MAX),
        }
    }

    /// The challenge that was asked of this account, in this window or the one before; `None` for any other.
    pub(crate) fn recognise(&self, account: &Address, presented: &[u8]) -> Option<[u8; CHALLENGE_BYTES]> {
        let (window, _) = self.window();
        let asked = [Some(window), window.checked_sub(1)].into_iter().flatten();
        asked.map(|window| self.challenge(account, window)).find(|asked| asked.as_slice() == presented)
    }

    /// The number of the present window, and how long it has gone on.
    fn window(&self) -> (u64, Duration) {
        let since = self.began.elapsed();
        let window = since.as_secs() / WINDOW.as_secs();
        (window, since.saturating_sub(Duration::from_secs(window * WINDOW.as_secs())))
    }

    fn challenge(&self, account: &Address, window: u64) -> [u8; CHALLENGE_BYTES] {
        // A key of the hash's own block length fits every length.
        let Ok(mut mac) = Hmac::<Sha256>::new_from_slice(self.key.as_slice()) else { return [0; 32] };
        mac.update(DOMAIN);
        for text in [self.chain_id.as_str(), account.as_str()] {
            // Neither is as long as 256 bytes.
            mac.update(&[u8::try_from(text.len()).unwrap_or(u8::MAX)]);
            mac.update(text.as_bytes());
        }
        mac.update(&window.to_be_bytes());
        for number in [self.cost.memory_kib(), self.cost.passes(), self.cost.difficulty()] {
            mac.update(&number.to_be_bytes());
        }
        mac.finalize().into_bytes().into()
    }
}

impl std::fmt::Debug for Challenges {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Challenges").field("cost", &self.cost).finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use sealdesk_protocol::ids::Prefix;

    use super::*;

    fn challenges(chain_id: &str) -> Challenges {
        let cost = Cost::new(1_024, 1, 8).unwrap();
        Challenges::new(ChainId::parse(chain_id).unwrap(), cost).unwrap()
    }

    fn account(number: u8) -> Address {
        Address::of_public_key(&Prefix::parse(Prefix::DEFAULT).unwrap(), &[number; 33])
    }

    #[tokio::test(start_paused = true)]
    async fn a_challenge_is_one_accounts_at_one_node_and_passes() {
        let node = challenges("desk-1");
        let asked = node.ask(&account(1));
        assert!(node.recognise(&account(1), &asked.challenge).is_some());
        assert_eq!(node.recognise(&account(2), &asked.challenge), None);
        assert_eq!(challenges("desk-1").recognise(&account(1), &asked.challenge), None, "another process");
        let other_ledger = Challenges { chain_id: ChainId::parse("desk-2").unwrap(), ..challenges("desk-1") };
        let other_ledger = Challenges { key: node.key.clone(), ..other_ledger };
        assert_eq!(other_ledger.recognise(&account(1), &asked.challenge), None, "another ledger");
        for forged in
            [&[][..], &[0; 32], &asked.challenge[..31], &[asked.challenge.as_slice(), &[0]].concat()]
        {
            assert_eq!(node.recognise(&account(1), forged), None);
        }
    }

    #[tokio::test(start_paused = true)]
    async fn a_challenge_is_good_for_as_long_as_it_says_and_at_least_for_a_window() {
        let node = challenges("desk-1");
        for into in [0, 1, 299] {
            let asked = node.ask(&account(1));
            assert!(asked.seconds >= 300, "{} at {into}", asked.seconds);
            tokio::time::advance(Duration::from_secs(u64::from(asked.seconds) - 1)).await;
            assert!(node.recognise(&account(1), &asked.challenge).is_some(), "{into}");
            tokio::time::advance(Duration::from_secs(2)).await;
            assert_eq!(node.recognise(&account(1), &asked.challenge), None, "{into}");
            tokio::time::advance(Duration::from_secs(into)).await;
        }
    }
}
