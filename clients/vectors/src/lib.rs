//! Files of known answers, judged in a browser by the code that seals there.

use sealdesk_envelope::known_answers;
use wasm_bindgen::prelude::wasm_bindgen;

/// What is wrong with a file of known answers, a line a case; empty where every case is as it must be. The first line counts those.
#[wasm_bindgen]
pub fn judge(file: &str) -> String {
    match known_answers::check(file) {
        Ok(report) => {
            let wrong = report.lines.iter().filter(|line| line.starts_with("FAILED"));
            [format!("{} {}", report.passed, report.failed)]
                .iter()
                .chain(wrong)
                .map(String::as_str)
                .collect::<Vec<_>>()
                .join("\n")
        }
        Err(error) => format!("0 1\n{error}"),
    }
}
