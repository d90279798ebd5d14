//! How much a session does at once.

use super::*;
use crate::scenario::bundled;

/// While a machine is cut off, its timers go on and leave nothing behind.
#[test]
fn what_leaves_no_entry_is_work_as_well() {
    let most = 20;
    for (id, text) in bundled() {
        let scenario = Rc::new(Scenario::parse(text).unwrap_or_else(|problems| panic!("{problems}")));
        let mut session = Session::new(Rc::clone(&scenario), ());
        loop {
            let before = session.steps();
            let is_there = session.run_until(scenario.until, most);
            assert!(
                session.steps() - before <= most,
                "{id} at {}: {}",
                session.now(),
                session.steps() - before
            );
            if is_there {
                break;
            }
        }
    }
}
