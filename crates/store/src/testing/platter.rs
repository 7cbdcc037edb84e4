//! One simulated device: what is on it for good, and what is only cached.

use super::memory::{resize, span};
use super::random::Random;
use std::io;

/// The unit that a power cut writes whole or not at all.
pub(super) const SECTOR_BYTES: usize = 512;

/// A change that no sync has confirmed.
#[derive(Clone, Debug)]
enum Pending {
    Write { offset: u64, data: Vec<u8> },
    SetLen(u64),
}

/// A device with a cache. Reads see the cache; a power cut leaves what was synced and any part of the rest.
#[derive(Clone, Debug, Default)]
pub(super) struct Platter {
    durable: Vec<u8>,
    cached: Vec<u8>,
    pending: Vec<Pending>,
}

impl Platter {
    pub(super) fn holding(bytes: Vec<u8>) -> Self {
        Self { durable: bytes.clone(), cached: bytes, pending: Vec::new() }
    }

    pub(super) fn bytes(&self) -> &[u8] {
        &self.cached
    }

    pub(super) fn read(&mut self, offset: u64, out: &mut [u8]) -> io::Result<()> {
        out.copy_from_slice(span(&mut self.cached, offset, out.len())?);
        Ok(())
    }

    pub(super) fn write(&mut self, offset: u64, data: &[u8]) -> io::Result<()> {
        self.change(Pending::Write { offset, data: data.to_vec() })
    }

    pub(super) fn set_len(&mut self, len: u64) -> io::Result<()> {
        self.change(Pending::SetLen(len))
    }

    /// A write of which only some sectors arrive: a beginning of it, or any of them.
    pub(super) fn write_torn(&mut self, offset: u64, data: &[u8], random: &mut Random) -> io::Result<()> {
        let sectors = sectors(offset, data);
        let prefix = random.coin().then(|| random.below(sectors.len()));
        for (nth, (offset, data)) in sectors.into_iter().enumerate() {
            if prefix.map_or_else(|| random.coin(), |prefix| nth < prefix) {
                self.write(offset, data)?;
            }
        }
        Ok(())
    }

    pub(super) fn sync(&mut self) {
        self.durable.clone_from(&self.cached);
        self.pending.clear();
    }

    /// What a failed sync leaves: some pending changes are on the device, and of the others the kernel believes so. A
    /// second sync would report success and change nothing.
    pub(super) fn sync_badly(&mut self, keep: bool, random: &mut Random) -> io::Result<()> {
        let pending = std::mem::take(&mut self.pending);
        if keep { settle(&mut self.durable, pending, random) } else { Ok(()) }
    }

    /// Leaves what was synced, plus some of what was not.
    pub(super) fn cut_power(&mut self, random: &mut Random) -> io::Result<()> {
        let pending = std::mem::take(&mut self.pending);
        // Losing everything and losing nothing are the likeliest outcomes in life, so they get a share of their own.
        match random.below(4) {
            0 => {}
            1 => pending.iter().try_for_each(|change| apply(&mut self.durable, change))?,
            _ => settle(&mut self.durable, pending, random)?,
        }
        self.cached.clone_from(&self.durable);
        Ok(())
    }

    fn change(&mut self, change: Pending) -> io::Result<()> {
        apply(&mut self.cached, &change)?;
        self.pending.push(change);
        Ok(())
    }
}

fn sectors(offset: u64, data: &[u8]) -> Vec<(u64, &[u8])> {
    let sector = SECTOR_BYTES as u64;
    let first = usize::try_from(sector - offset % sector).unwrap_or(SECTOR_BYTES).min(data.len());
    let (head, rest) = data.split_at(first);
    let mut parts = vec![(offset, head)];
    let mut at = offset + first as u64;
    for part in rest.chunks(SECTOR_BYTES) {
        parts.push((at, part));
        at += part.len() as u64;
    }
    parts
}

/// Applies a random part of the changes: each resize or not, each sector of each write or not.
fn settle(bytes: &mut Vec<u8>, pending: Vec<Pending>, random: &mut Random) -> io::Result<()> {
    for change in pending {
        match &change {
            Pending::SetLen(_) if random.coin() => apply(bytes, &change)?,
            Pending::SetLen(_) => {}
            Pending::Write { offset, data } => {
                for (offset, data) in sectors(*offset, data) {
                    if random.coin() {
                        apply(bytes, &Pending::Write { offset, data: data.to_vec() })?;
                    }
                }
            }
        }
    }
    Ok(())
}

fn apply(bytes: &mut Vec<u8>, change: &Pending) -> io::Result<()> {
    match change {
        Pending::SetLen(len) => resize(bytes, usize::try_from(*len).map_err(io::Error::other)?),
        Pending::Write { offset, data } => {
            let end = usize::try_from(*offset).map_err(io::Error::other)?.saturating_add(data.len());
            if bytes.len() < end {
                resize(bytes, end);
            }
            span(bytes, *offset, data.len())?.copy_from_slice(data);
        }
    }
    Ok(())
}
