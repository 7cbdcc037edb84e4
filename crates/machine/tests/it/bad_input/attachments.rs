//! Hostile lists of files: refused before the state is asked.

use sealdesk_protocol::wire::virtengine::support::v1::Attachment;
use sealdesk_testkit::files::{create_with, file, respond_with};
use sealdesk_testkit::scenario::{create_at, respond_wire};

use super::Builder;

pub(super) fn build(b: &mut Builder<'_>) {
    for (name, files, code) in lists() {
        let [admin, other] = [&b.stage.admin, &b.stage.other].map(Clone::clone);
        let message = create_at(&b.stage.desk, &other, &[&admin, &other], 0);
        let message = create_with(message, files);
        b.field(format!("files: {name}"), &other, message, ("support", code));
    }
    let customer = b.stage.customer.clone();
    let message = respond_wire(&b.stage.desk, &customer, 1, &[&customer], true);
    let message = respond_with(message, vec![Attachment::default()]);
    b.field("files: an empty one in a note", &customer, message, ("support", 60));
}

fn lists() -> Vec<(&'static str, Vec<Attachment>, u32)> {
    let good = file(3 << 20, 1);
    let changed = |change: &dyn Fn(&mut Attachment)| {
        let mut file = good.clone();
        change(&mut file);
        vec![file]
    };
    vec![
        ("an empty one", vec![Attachment::default()], 60),
        ("another root", changed(&|file| file.root[31] ^= 1), 60),
        ("no root", changed(&|file| file.root.clear()), 60),
        ("a long root", changed(&|file| file.root.push(0)), 60),
        ("a size that no file has", changed(&|file| file.bytes += 1), 60),
        ("a size of another number of pieces", changed(&|file| file.bytes = 4_096), 60),
        ("a size of nothing", changed(&|file| file.bytes = 0), 60),
        ("the greatest size", changed(&|file| file.bytes = u64::MAX), 62),
        ("a piece missing", changed(&|file| drop(file.blobs.pop())), 60),
        ("a piece too many", changed(&|file| file.blobs.push(vec![0; 32])), 60),
        ("pieces in another order", changed(&|file| file.blobs.reverse()), 60),
        ("a short name of a piece", changed(&|file| file.blobs[0].truncate(31)), 60),
        ("ten thousand pieces", changed(&|file| file.blobs = vec![Vec::new(); 10_000]), 60),
        ("one twice", vec![good.clone(), good.clone()], 60),
        ("seventeen", (0..17).map(|seed| file(1, seed)).collect(), 61),
        ("a thousand", vec![Attachment::default(); 1_000], 61),
        ("more than 64 MiB together", vec![file((64 << 20) - 1, 1), file(1, 2)], 62),
        ("more than 64 MiB in one", vec![file(64 << 20, 1)], 62),
        (
            "sizes whose sum has no room",
            vec![Attachment { bytes: u64::MAX, ..good.clone() }, good.clone()],
            62,
        ),
    ]
}
