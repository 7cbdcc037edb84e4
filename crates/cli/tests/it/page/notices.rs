//! Notices on people's devices, through a push service of the test's own.

use super::played;

#[test]
fn a_device_is_told_that_there_is_something_new_and_nothing_else() {
    played("notices", &[]);
}
