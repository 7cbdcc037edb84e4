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

#[test]
fn on_a_day_at_the_desk_the_ledger_every_page_and_the_program_agree() {
    played("day", &[]);
}

#[test]
fn every_page_is_whole_on_a_phone_at_four_times_its_size_and_from_right_to_left() {
    played("looks", &[]);
}

#[test]
fn firefox_writes_a_ticket_that_the_program_reads() {
    played("firefox", &[]);
}

#[test]
fn browsers_agree_on_every_known_answer() {
    played("vectors", &[]);
}
