//! Files of messages: what docs/spec/workday.md says of them, from that page alone, and which ones the campaign attaches.

use sealdesk_protocol::state::side;
use sealdesk_protocol::wire::sealdesk::ledger::v1::AttachedHour;
use sealdesk_protocol::wire::virtengine::support::v1::Attachment;
use sealdesk_testkit::random::Random;
use sha2::{Digest as _, Sha256};

use super::desk::{DAY, Desk, Refused, support};
use super::leaves::Leaves;

const HOUR: i64 = 3_600;
const MIB: u64 = 1 << 20;

/// What a customer attached: when, and how many bytes.
pub type Attached = (i64, u64);

/// Padmé, by counting.
fn padded(length: u64) -> u64 {
    let log = |number: u64| (0_u64..64).take_while(|bit| number >> bit > 1).fold(0, |log, _| log + 1_u64);
    let e = log(length);
    let step = 1_u64 << (e - (log(e) + 1));
    length.div_ceil(step) * step
}

fn root(file: &Attachment) -> Vec<u8> {
    let label = b"sealdesk/attachment/1/blobs";
    let mut text = vec![u8::try_from(label.len()).unwrap()];
    text.extend_from_slice(label);
    text.extend_from_slice(&[0, 0, 0, 1, 0, 0, 0, 24]);
    text.extend_from_slice(b"X25519-XSALSA20-POLY1305");
    text.extend_from_slice(&file.bytes.to_be_bytes());
    text.extend_from_slice(&[0, 0x10, 0, 0]);
    text.extend_from_slice(&u32::try_from(file.blobs.len()).unwrap().to_be_bytes());
    text.extend(file.blobs.concat());
    Sha256::digest(&text).to_vec()
}

fn is_a_file(file: &Attachment) -> bool {
    file.bytes >= 4_096
        && file.bytes <= 1 << 30
        && padded(file.bytes) == file.bytes
        && file.blobs.len() as u64 == file.bytes.div_ceil(MIB)
        && file.blobs.iter().all(|blob| blob.len() == 32)
        && file.root == root(file)
}

/// What is wrong with a message's files whatever the state is.
pub fn flaw(files: &[Attachment]) -> Option<Refused> {
    let together: u64 = files.iter().map(|file| file.bytes).sum();
    let twice = files.iter().enumerate().any(|(n, file)| files[..n].iter().any(|one| one.root == file.root));
    match () {
        () if files.len() > 16 => Some(support(61)),
        () if together > 64 * MIB => Some(support(62)),
        () if twice || !files.iter().all(is_a_file) => Some(support(60)),
        () => None,
    }
}

/// Mostly none; else a few, now and then too many or what is no file.
pub fn choose(random: &mut Random) -> Vec<Attachment> {
    if !random.one_in(5) {
        return Vec::new();
    }
    let count = if random.one_in(30) { 17 } else { 1 + random.below(2) };
    let mut files: Vec<Attachment> = (0..count).map(|_| file(random)).collect();
    match random.below(40) {
        0 => files[0].root[0] ^= 1,
        1 => files[0].bytes += 1,
        2 => drop(files[0].blobs.pop()),
        3 => files.push(files[0].clone()),
        4 => files[0].blobs[0].push(0),
        _ => {}
    }
    files
}

fn file(random: &mut Random) -> Attachment {
    let sizes = [4_096, 4_096, 4_352, 8_192, MIB, MIB + (1 << 15), 3 * MIB, 40 * MIB];
    let bytes = *random.pick(&sizes);
    let blob = |random: &mut Random| Sha256::digest(random.below(usize::MAX).to_be_bytes()).to_vec();
    let blobs = (0..bytes.div_ceil(MIB)).map(|_| blob(random)).collect();
    let mut file = Attachment { root: Vec::new(), bytes, blobs };
    file.root = root(&file);
    file
}

/// Whether what was attached then still counts: the hour that it lies in is not all more than a day ago.
fn counts((at, _): &Attached, now: i64) -> bool {
    at - at.rem_euclid(HOUR) + HOUR + DAY > now
}

impl Desk {
    /// The desk's limits; a day's bytes are those of a customer, not of staff.
    pub fn judge_files(&self, customer: Option<&str>, files: &[Attachment]) -> Result<(), Refused> {
        if files.is_empty() {
            return Ok(());
        }
        let most = u64::from(self.params.max_attachment_bytes);
        if most == 0 {
            return Err(support(64));
        }
        if files.iter().any(|file| file.bytes > most) {
            return Err(support(63));
        }
        let Some(customer) = customer else { return Ok(()) };
        let before = self.attached.get(customer).into_iter().flatten();
        let before: u64 = before.filter(|one| counts(one, self.now)).map(|(_, bytes)| bytes).sum();
        let these: u64 = files.iter().map(|file| file.bytes).sum();
        let daily = u64::from(self.params.max_attachment_bytes_per_customer_per_day);
        if before + these > daily { Err(support(12)) } else { Ok(()) }
    }

    /// Notes what a customer attached.
    pub fn count_files(&mut self, customer: &str, files: &[Attachment]) {
        let now = self.now;
        let all = self.attached.entry(customer.to_owned()).or_default();
        // What has stopped counting is forgotten by the record when it is written next.
        all.retain(|one| counts(one, now));
        if !files.is_empty() {
            all.push((now, files.iter().map(|file| file.bytes).sum()));
        }
    }

    /// What a customer's record says of it.
    pub fn attached_hours(&self, customer: &str) -> Vec<AttachedHour> {
        let mut hours: Vec<AttachedHour> = Vec::new();
        for (at, bytes) in self.attached.get(customer).into_iter().flatten() {
            let from = at - at.rem_euclid(HOUR);
            match hours.last_mut() {
                Some(last) if last.from == from => last.bytes += bytes,
                _ => hours.push(AttachedHour { from, bytes: *bytes }),
            }
        }
        hours
    }

    /// Which message names which piece of a file.
    pub fn blob_list(&self) -> Leaves {
        let mut keys = Leaves::new();
        for (number, ticket) in &self.tickets {
            let messages = std::iter::once(&ticket.first).chain(&ticket.responses);
            for (target, message) in (0_u32..).zip(messages) {
                for blob in message.files.iter().flat_map(|file| &file.blobs) {
                    let place = [&number.to_be_bytes()[..], &target.to_be_bytes()].concat();
                    keys.insert([side::BLOBS, blob, &place].concat(), Vec::new());
                }
            }
        }
        keys
    }
}
