//! Disks that fail where a test says.

use std::collections::BTreeMap;
use std::io;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use super::platter::Platter;
use super::random::Random;
use crate::disk::{AnyDisk, Disk};
use crate::error::Result;
use crate::folder::Folder;

/// What goes wrong at a call.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Fault {
    /// The call fails with EIO and does nothing. If it is a sync, the pending writes will never arrive.
    ErrorBefore,
    /// The call does its work and then fails with EIO.
    ErrorAfter,
    /// A write arrives in part, a sync confirms a part, and the call fails with EIO. Other calls fail without effect.
    Torn,
    /// One bit of what is read or written is flipped, and the call succeeds.
    BitFlip,
    /// This call and every later write or resize fails with ENOSPC, until [`Faults::free_space`].
    NoSpace,
    /// Power is cut before the call: every call fails from here on, until [`Faults::restart_after_power_cut`].
    PowerCut,
}

/// The kind of a call on a disk.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum CallKind {
    /// `len`
    Len,
    /// `read`
    Read,
    /// `write`
    Write,
    /// `set_len`
    SetLen,
    /// `sync_data`
    Sync,
    /// A file of a [`FaultyFolder`] gets another name.
    Rename,
    /// A file of a [`FaultyFolder`] is removed.
    Remove,
}

/// One recorded call.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Call {
    /// Name of the disk.
    pub disk: String,
    /// What was asked of it.
    pub kind: CallKind,
}

/// A controller of faulty disks, which share one call counter and one power supply. Clones are the same controller.
#[derive(Clone, Debug)]
pub struct Faults(Arc<Mutex<Bench>>);

/// Everything on the workbench.
#[derive(Debug)]
struct Bench {
    /// Which platter has a name; one without was removed, and is there for whoever has it open.
    names: BTreeMap<String, usize>,
    platters: Vec<Platter>,
    planned: BTreeMap<u64, Fault>,
    trace: Vec<Call>,
    random: Random,
    powered: bool,
    full: bool,
    /// Counts restarts: a handle from before one belongs to a process that is gone.
    era: u64,
}

impl Faults {
    /// A controller whose random choices follow from `seed`.
    pub fn new(seed: u64) -> Self {
        Self(Arc::new(Mutex::new(Bench {
            names: BTreeMap::new(),
            platters: Vec::new(),
            planned: BTreeMap::new(),
            trace: Vec::new(),
            random: Random::new(seed),
            powered: true,
            full: false,
            era: 0,
        })))
    }

    /// A handle to the disk called `name`, which is empty the first time and keeps its bytes over restarts.
    pub fn disk(&self, name: &str) -> FaultyDisk {
        let mut bench = self.lock();
        let platter = bench.platter(name);
        FaultyDisk { name: name.to_owned(), platter, era: bench.era, faults: self.clone() }
    }

    /// The disks whose names begin with `prefix`, as a directory.
    pub fn folder(&self, prefix: &str) -> FaultyFolder {
        FaultyFolder { prefix: prefix.to_owned(), era: self.lock().era, faults: self.clone() }
    }

    /// Plans a fault for a call, counted from 0 over all disks and over restarts.
    pub fn inject(&self, call: u64, fault: Fault) {
        self.lock().planned.insert(call, fault);
    }

    /// Calls made so far.
    pub fn calls(&self) -> u64 {
        self.lock().trace.len() as u64
    }

    /// Every call made so far, in order.
    pub fn trace(&self) -> Vec<Call> {
        self.lock().trace.clone()
    }

    /// Ends the process but not the machine: the disks keep what was written, synced or not. Old handles are dead.
    pub fn restart_process(&self) {
        let mut bench = self.lock();
        bench.powered = true;
        bench.era += 1;
    }

    /// Ends the process by a power cut, now or at an injected [`Fault::PowerCut`]: each disk keeps what was synced and a
    /// random part of the sectors written since. Old handles are dead.
    pub fn restart_after_power_cut(&self) {
        let mut bench = self.lock();
        let Bench { platters, random, .. } = &mut *bench;
        for platter in platters {
            // A simulated device as long as a real one does not fit the address space: nothing to settle then.
            platter.cut_power(random).unwrap_or_default();
        }
        bench.powered = true;
        bench.era += 1;
    }

    /// Lets writes succeed again after [`Fault::NoSpace`].
    pub fn free_space(&self) {
        self.lock().full = false;
    }

    /// A copy of what reads of a disk would see.
    pub fn bytes(&self, name: &str) -> Vec<u8> {
        let bench = self.lock();
        let platter = bench.names.get(name).and_then(|at| bench.platters.get(*at));
        platter.map_or_else(Vec::new, |platter| platter.bytes().to_vec())
    }

    /// Replaces the contents of a disk.
    pub fn set_bytes(&self, name: &str, bytes: Vec<u8>) {
        let mut bench = self.lock();
        let at = bench.platter(name);
        if let Some(platter) = bench.platters.get_mut(at) {
            *platter = Platter::holding(bytes);
        }
    }

    fn lock(&self) -> MutexGuard<'_, Bench> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Bench {
    /// The platter of a name, which is made the first time.
    fn platter(&mut self, name: &str) -> usize {
        let next = self.platters.len();
        let at = *self.names.entry(name.to_owned()).or_insert(next);
        if at == next {
            self.platters.push(Platter::default());
        }
        at
    }

    /// Counts a call and says what goes wrong with it.
    fn admit(&mut self, disk: &str, era: u64, kind: CallKind) -> io::Result<Option<Fault>> {
        if !self.powered || era != self.era {
            return Err(io::Error::other("simulated: no power"));
        }
        let fault = self.planned.remove(&(self.trace.len() as u64));
        self.trace.push(Call { disk: disk.to_owned(), kind });
        match fault {
            Some(Fault::PowerCut) => {
                self.powered = false;
                return Err(io::Error::other("simulated: power cut"));
            }
            Some(Fault::NoSpace) => self.full = true,
            _ => {}
        }
        if self.full && matches!(kind, CallKind::Write | CallKind::SetLen) {
            return Err(io::ErrorKind::StorageFull.into());
        }
        Ok(fault)
    }
}

/// One disk of a [`Faults`].
#[derive(Clone, Debug)]
pub struct FaultyDisk {
    name: String,
    platter: usize,
    era: u64,
    faults: Faults,
}

impl FaultyDisk {
    fn call<T>(
        &self,
        kind: CallKind,
        work: impl FnOnce(&mut Platter, &mut Random, Option<Fault>) -> io::Result<T>,
    ) -> io::Result<T> {
        let mut bench = self.faults.lock();
        let fault = bench.admit(&self.name, self.era, kind)?;
        let Bench { platters, random, .. } = &mut *bench;
        let platter = platters.get_mut(self.platter).ok_or_else(broken)?;
        match fault {
            Some(Fault::ErrorBefore) if kind != CallKind::Sync => Err(broken()),
            Some(Fault::ErrorAfter) => work(platter, random, None).and(Err(broken())),
            Some(Fault::ErrorBefore | Fault::Torn) => work(platter, random, fault).and(Err(broken())),
            _ => work(platter, random, fault),
        }
    }
}

impl Disk for FaultyDisk {
    fn len(&self) -> io::Result<u64> {
        self.call(CallKind::Len, |platter, _, _| Ok(platter.bytes().len() as u64))
    }

    fn read(&self, offset: u64, out: &mut [u8]) -> io::Result<()> {
        self.call(CallKind::Read, |platter, random, fault| {
            platter.read(offset, out)?;
            if fault == Some(Fault::BitFlip) {
                flip_bit(out, random);
            }
            Ok(())
        })
    }

    fn set_len(&self, len: u64) -> io::Result<()> {
        self.call(CallKind::SetLen, |platter, _, fault| match fault {
            Some(Fault::Torn) => Ok(()),
            _ => platter.set_len(len),
        })
    }

    fn sync_data(&self) -> io::Result<()> {
        self.call(CallKind::Sync, |platter, random, fault| match fault {
            Some(Fault::ErrorBefore) => platter.sync_badly(false, random),
            Some(Fault::Torn) => platter.sync_badly(true, random),
            _ => {
                platter.sync();
                Ok(())
            }
        })
    }

    fn write(&self, offset: u64, data: &[u8]) -> io::Result<()> {
        self.call(CallKind::Write, |platter, random, fault| match fault {
            Some(Fault::Torn) => platter.write_torn(offset, data, random),
            Some(Fault::BitFlip) => {
                let mut data = data.to_vec();
                flip_bit(&mut data, random);
                platter.write(offset, &data)
            }
            _ => platter.write(offset, data),
        })
    }
}

/// A directory of the disks of a [`Faults`]. A name changes at once or not at all, and for good.
#[derive(Clone, Debug)]
pub struct FaultyFolder {
    prefix: String,
    era: u64,
    faults: Faults,
}

impl FaultyFolder {
    fn call(&self, kind: CallKind, name: &str, work: impl FnOnce(&mut Bench)) -> Result<()> {
        let mut bench = self.faults.lock();
        let fault = bench.admit(name, self.era, kind)?;
        let done = match fault {
            Some(Fault::ErrorBefore) => false,
            Some(Fault::Torn) => bench.random.coin(),
            _ => true,
        };
        if done {
            work(&mut bench);
        }
        match fault {
            Some(Fault::ErrorBefore | Fault::ErrorAfter | Fault::Torn) => Err(broken().into()),
            _ => Ok(()),
        }
    }

    fn name(&self, name: &str) -> String {
        format!("{}{name}", self.prefix)
    }
}

impl Folder for FaultyFolder {
    fn open(&self, name: &str) -> Result<AnyDisk> {
        let disk = self.faults.disk(&self.name(name));
        Ok(AnyDisk::new(FaultyDisk { era: self.era, ..disk }))
    }

    fn names(&self) -> Result<Vec<String>> {
        let bench = self.faults.lock();
        let names = bench.names.keys().filter_map(|name| name.strip_prefix(&self.prefix));
        Ok(names.map(str::to_owned).collect())
    }

    fn rename(&self, from: &str, to: &str) -> Result<()> {
        let (from, to) = (self.name(from), self.name(to));
        if !self.faults.lock().names.contains_key(&from) {
            return Err(io::Error::from(io::ErrorKind::NotFound).into());
        }
        self.call(CallKind::Rename, &from, |bench| {
            if let Some(platter) = bench.names.remove(&from) {
                bench.names.insert(to, platter);
            }
        })
    }

    fn remove(&self, name: &str) -> Result<()> {
        let name = self.name(name);
        self.call(CallKind::Remove, &name, |bench| {
            bench.names.remove(&name);
        })
    }

    fn free_bytes(&self) -> Result<u64> {
        Ok(if self.faults.lock().full { 0 } else { u64::MAX })
    }
}

fn broken() -> io::Error {
    io::Error::other("simulated: input/output error")
}

fn flip_bit(bytes: &mut [u8], random: &mut Random) {
    let at = random.below(bytes.len());
    if let Some(byte) = bytes.get_mut(at) {
        *byte ^= 1 << random.below(8);
    }
}
