//! A team in the page: votes of several administrators, helpers, merging, another customer, erasing, two devices of one agent, two writers of
//! one document.

use super::played;

#[test]
fn a_team_votes_helps_merges_and_goes_on_elsewhere() {
    // What the pages say is compared with what the program reads by the script itself, act by act.
    played("team", &[]);
}

#[test]
fn a_ticket_goes_from_its_writer_to_its_end_without_a_pointer() {
    played("keyboard", &[]);
}
