//! The home of one person: what each of their commands loads from it and keeps there, in the files themselves.

use std::time::Duration;

use sealdesk_client::desk::{Desk, Memory};
use sealdesk_client::trust::pins::Pins;
use sealdesk_client::trust::remembered::file::RememberedFile;
use sealdesk_client::trust::{Age, Clock, Doubts, Pin, Trust};

use crate::histories::facts::{History, PinFact};
use crate::histories::play::{Choice, act, keys_of, kind, world};
use crate::world::{FakeNode, Shared, prefix};

/// See the module.
pub(super) struct Home(tempfile::TempDir);

impl Home {
    pub(super) fn new() -> Self {
        Self(tempfile::tempdir().unwrap())
    }

    fn pins(&self) -> Pins {
        Pins::load(&self.0.path().join("pins.json")).unwrap()
    }

    fn remembered(&self, pin: &Pin) -> RememberedFile {
        RememberedFile::of(self.0.path(), &prefix(), &pin.ledger.identity)
    }

    /// What the home knows of the ledger that is shown.
    pub(super) fn pin_fact(&self, shown: &History) -> Option<PinFact> {
        let pins = self.pins();
        let pin = pins.get(&shown.chain.chain_id)?;
        let (identity, circle) = (pin.ledger.identity, pin.circle.clone());
        Some(PinFact { identity, circle, height: pin.height, time: pin.time })
    }

    /// One command, which keeps what it came to know, errors included.
    pub(super) async fn command(&self, shown: &History) -> Choice {
        let shared = world(shown);
        let result = self.act(shown, &shared).await;
        let sent = std::mem::take(&mut shared.lock().sent);
        match result {
            Ok(()) => Choice::Keys(keys_of(&sent)),
            Err(error) => {
                assert!(sent.is_empty(), "something was sent before it was refused: {error}");
                Choice::Refused(kind(&error))
            }
        }
    }

    async fn act(&self, shown: &History, shared: &Shared) -> sealdesk_client::Result<()> {
        let desk = self.open(shown, shared).await?;
        let remembered = self.remembered(&desk.pin()).load().unwrap();
        let clock = shown.clock;
        let age = Age { clock: Clock::new(move || clock), tolerance: shown.tolerance };
        let desk = desk.with_age(age).with_remembered(remembered).with_doubts(Doubts::asked(|_| true));
        let done = act(&desk, shown).await;
        self.keep(&desk.memory());
        done
    }

    /// A ledger that is known, the first one, or one that continues a known one by its administrators' votes.
    async fn open(&self, shown: &History, shared: &Shared) -> sealdesk_client::Result<Desk<FakeNode>> {
        let node = shared.node().with_patience(Duration::from_millis(200));
        let mut pins = self.pins();
        if let Some(pin) = pins.get(&shown.chain.chain_id).cloned() {
            return Desk::open(node, Trust::Pinned(Box::new(pin))).await;
        }
        let desk = Desk::open(node, Trust::FirstUse).await?;
        let earlier = shown.chain.ancestry.earlier().iter().rev();
        let old = earlier.filter_map(|one| pins.of_identity(&one.identity())).next().cloned();
        if let Some(old) = old {
            let found = desk.continuation(&old).await?;
            desk.memory().take_over(&old, &found);
            pins.follow(&old.ledger.identity, desk.pin()).unwrap();
        }
        desk.memory().agree();
        Ok(desk)
    }

    fn keep(&self, memory: &Memory) {
        if let Some(remembered) = memory.take_remembered() {
            self.remembered(&memory.pin()).keep(remembered).unwrap();
        }
        self.pins().keep(memory.pin()).unwrap();
    }
}
