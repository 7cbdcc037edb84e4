//! Scripts that make a desk of their own: they end its node in the middle, and ask the program afterwards what became of it all.

use super::played;

#[test]
fn nothing_that_others_write_runs_in_the_page_or_moves_a_part_of_it() {
    played("payloads", &[]);
}

#[test]
fn what_is_written_in_many_tabs_is_there_once() {
    played("tabs", &[]);
}
