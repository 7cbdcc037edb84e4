//! Hands one target to libFuzzer. `FUZZ_TARGET` names it; the arguments are libFuzzer's own.
//!
//! Without that variable the program lists the targets. With `FUZZ_SEEDS` it writes the target's seeds into that folder.

#![no_main]

use std::path::Path;
use std::process::exit;
use std::sync::OnceLock;

use fuzz::{Outcome, Target};
use libfuzzer_sys::{Corpus, fuzz_target};

static TARGET: OnceLock<Target> = OnceLock::new();

fuzz_target!(
    init: begin(),
    |data: &[u8]| -> Corpus {
        if let Some(target) = TARGET.get() {
            // Refused inputs stay in the corpus too: how something is refused is where most of the code is.
            let _: Outcome = (target.run)(data);
        }
        Corpus::Keep
    }
);

#[allow(
    clippy::print_stdout,
    clippy::print_stderr,
    reason = "this is a program, and the runner reads its lines"
)]
fn begin() {
    let Ok(name) = std::env::var("FUZZ_TARGET") else {
        for target in fuzz::all() {
            println!("{} {}", target.name, target.bytes_max);
        }
        exit(0);
    };
    let Some(target) = Target::named(&name) else {
        eprintln!("there is no target {name}");
        exit(2);
    };
    if let Some(folder) = std::env::var_os("FUZZ_SEEDS") {
        let written = write_seeds(&target, Path::new(&folder));
        exit(written.map_or_else(
            |error| {
                eprintln!("{error}");
                2
            },
            |()| 0,
        ));
    }
    if target.contains_panics {
        // The engine's own hook ends the process before anything can be caught; a panic that leaves the target still does.
        std::panic::set_hook(Box::new(|_| {}));
    }
    let _: Result<(), Target> = TARGET.set(target);
}

fn write_seeds(target: &Target, folder: &Path) -> std::io::Result<()> {
    std::fs::create_dir_all(folder)?;
    for (place, seed) in (target.seeds)().iter().enumerate() {
        std::fs::write(folder.join(format!("seed-{place:03}")), seed)?;
    }
    Ok(())
}
