//! What happens to branches when somebody acts, goes back, undoes and redoes.

use std::rc::Rc;

use super::*;
use crate::broker::{Command, ConsumerChange};
use crate::scenario::{Scenario, bundled};
use crate::sim::Fingerprint;

/// A run with its branches, as a page would have them.
struct Run {
    session: Session<()>,
    branches: Branches,
}

impl Run {
    fn new() -> Self {
        let (_, text) = bundled().iter().find(|(id, _)| *id == "domain-model").expect("it is bundled");
        let scenario = Scenario::parse(text).expect("it is sound");
        Self { session: Session::new(Rc::new(scenario), ()), branches: Branches::default() }
    }

    /// A run with as many branches as may be kept beside the present one.
    fn with_all_branches() -> Self {
        let mut run = Self::new();
        run.seek(10);
        for threads in 1..=BRANCHES_MOST {
            run.seek(1);
            run.act("billing/C1", ConsumerChange::SetThreads(threads as u32));
            run.seek(10);
        }
        run
    }

    fn act(&mut self, consumer: &str, change: ConsumerChange) -> Option<BranchId> {
        let command = Command::Consumer { consumer: consumer.to_owned(), change };
        let left = self.branches.begin_act(&self.session, &command);
        self.session.act(command);
        self.branches.see(&self.session);
        left
    }

    fn go(&mut self, way: Option<Way>) {
        let Way { acts, to } = way.expect("there is a way");
        self.session = Session::with_acts(Rc::clone(self.session.scenario()), (), acts);
        assert!(self.session.run_to_stop(to, u64::MAX));
        if let Stop::Exactly(stand) = to {
            assert!(self.session.is_at(&stand), "the same run");
        }
    }

    /// To an instant, earlier or later.
    fn seek(&mut self, seconds: u64) {
        self.branches.see(&self.session);
        let at = Instant::from_secs(seconds);
        if at < self.session.now() {
            let acts = self.session.acts.clone();
            self.session = Session::with_acts(Rc::clone(self.session.scenario()), (), acts);
        }
        self.session.run_until(at, u64::MAX);
    }

    fn here(&self) -> (Fingerprint, Instant) {
        (self.session.fingerprint(), self.session.now())
    }

    fn count(&self) -> usize {
        self.branches.all().len()
    }
}

#[test]
fn acting_where_the_run_has_come_to_makes_no_branch() {
    let mut run = Run::new();
    for second in [3, 5, 9] {
        run.seek(second);
        assert_eq!(run.act("billing/C1", ConsumerChange::Pause), None);
    }
    assert_eq!((run.count(), run.session.acts().len()), (1, 3));
}

#[test]
fn acting_in_the_past_leaves_a_branch_that_can_be_opened_again() {
    let mut run = Run::new();
    run.seek(3);
    run.act("billing/C1", ConsumerChange::Crash);
    run.seek(8);
    run.act("billing/C1", ConsumerChange::Restart);
    run.seek(20);
    run.seek(5);
    let before = run.here();
    let left = run.act("audit/C1", ConsumerChange::Pause).expect("a branch was left");
    assert_eq!((run.count(), run.session.acts().len()), (2, 2));
    assert_eq!(run.branches.get(left).map(|left| left.reached.at), Some(Instant::from_secs(20)));
    run.seek(12);
    let there = run.here();
    let new = run.branches.here();
    let way = run.branches.open(left, &run.session, None);
    run.go(way);
    assert_eq!(run.here(), before);
    assert_eq!(run.session.acts_ahead().len(), 1);
    let way = run.branches.open(new, &run.session, None);
    run.go(way);
    assert_eq!(run.here(), there);
    assert_eq!(run.count(), 2);
}

#[test]
fn a_branch_is_named_after_what_was_done_in_it_only() {
    let mut run = Run::new();
    run.seek(3);
    run.act("billing/C1", ConsumerChange::Crash);
    run.seek(8);
    run.act("billing/C1", ConsumerChange::Restart);
    run.seek(5);
    let first = run.branches.here();
    run.act("audit/C1", ConsumerChange::Pause);
    let own = |run: &Run, id| run.branches.own_acts(id).to_vec();
    let at = |acts: Vec<Act>| acts.iter().map(|act| act.at).collect::<Vec<_>>();
    assert_eq!(at(own(&run, first)), [Instant::from_secs(8)]);
    assert_eq!(at(own(&run, run.branches.here())), [Instant::from_secs(5)]);
}

#[test]
fn undoing_leads_to_the_run_without_it_and_redoing_back() {
    let mut run = Run::new();
    run.seek(3);
    let untouched = run.here();
    run.act("billing/C1", ConsumerChange::Crash);
    let acted = run.here();
    let way = run.branches.undo(&run.session);
    run.go(way);
    assert_eq!(run.here(), untouched, "the very place at which it was done");
    let way = run.branches.redo(&run.session);
    run.go(way);
    assert_eq!(run.here(), acted);
    assert_eq!((run.count(), run.branches.can_redo()), (1, false));
}

#[test]
fn undoing_keeps_the_moment_and_several_things_can_be_undone_and_redone() {
    let mut run = Run::new();
    for (second, change) in
        [(3, ConsumerChange::Crash), (6, ConsumerChange::Restart), (9, ConsumerChange::Pause)]
    {
        run.seek(second);
        run.act("billing/C1", change);
    }
    run.seek(14);
    let done = run.here();
    let mut seen = vec![done];
    for left in [2, 1, 0] {
        let way = run.branches.undo(&run.session);
        run.go(way);
        assert_eq!((run.session.now(), run.session.acts().len()), (Instant::from_secs(14), left));
        seen.push(run.here());
    }
    assert!(run.branches.undo(&run.session).is_none());
    assert_eq!(run.count(), 2, "what undoing only led through is not kept");
    seen.pop();
    while run.branches.can_redo() {
        let way = run.branches.redo(&run.session);
        run.go(way);
        assert_eq!(Some(run.here()), seen.pop());
    }
    assert_eq!((run.here(), run.count()), (done, 1));
}

#[test]
fn of_each_thing_undone_only_what_came_of_it_is_kept() {
    let mut run = Run::new();
    for second in 1..=40 {
        run.seek(second);
        run.act("billing/C1", ConsumerChange::SetThreads(second as u32));
    }
    let done = run.here();
    for _ in 0..40 {
        let way = run.branches.undo(&run.session);
        run.go(way);
    }
    assert_eq!(run.branches.undone.iter().map(|undone| undone.acts.len()).sum::<usize>(), 40);
    while run.branches.can_redo() {
        let way = run.branches.redo(&run.session);
        run.go(way);
    }
    assert_eq!(run.here(), done);
}

#[test]
fn what_was_ahead_has_its_place_again_after_undoing_and_redoing() {
    let mut run = Run::new();
    for second in [3, 6, 9] {
        run.seek(second);
        run.act("billing/C1", ConsumerChange::SetThreads(second as u32));
    }
    run.seek(7);
    let (acts, there) = (run.session.acts.clone(), run.here());
    for _ in 0..2 {
        let way = run.branches.undo(&run.session);
        run.go(way);
    }
    for _ in 0..2 {
        let way = run.branches.redo(&run.session);
        run.go(way);
    }
    assert_eq!((&run.session.acts, run.here()), (&acts, there));
}

#[test]
fn undoing_what_began_a_branch_leads_back_to_the_one_it_parted_from() {
    let mut run = Run::new();
    run.seek(20);
    run.seek(5);
    let first = run.branches.here();
    run.act("billing/C1", ConsumerChange::Crash);
    let new = run.branches.here();
    let way = run.branches.undo(&run.session);
    run.go(way);
    assert_eq!(run.branches.here(), first);
    let way = run.branches.redo(&run.session);
    run.go(way);
    assert_eq!((run.branches.here(), run.count()), (new, 2));
}

#[test]
fn something_new_can_not_be_redone_over() {
    let mut run = Run::new();
    run.seek(3);
    run.act("billing/C1", ConsumerChange::Crash);
    let way = run.branches.undo(&run.session);
    run.go(way);
    run.act("audit/C1", ConsumerChange::Pause);
    assert!(run.branches.redo(&run.session).is_none());
    assert_eq!(run.count(), 2, "what was undone is a branch");
}

#[test]
fn there_are_never_too_many_and_the_present_one_stays() {
    let mut run = Run::new();
    run.seek(10);
    for second in (1..=9).cycle().take(3 * BRANCHES_MOST) {
        run.seek(second);
        run.act("billing/C1", ConsumerChange::SetThreads(1 + second as u32));
        run.seek(10);
        assert!(run.count() <= BRANCHES_MOST + 1 && run.branches.get(run.branches.here()).is_some());
    }
    for id in run.branches.all().iter().map(|branch| branch.id).collect::<Vec<_>>() {
        run.branches.delete(id);
    }
    assert_eq!(run.count(), 1);
}

/// Nothing happens in it for long, and yet it was another course of things that was to come.
#[test]
fn acting_in_a_quiet_stretch_of_the_past_leaves_a_branch() {
    let mut run = Run::new();
    run.seek(10);
    let quiet = Instant(run.session.next_at().expect("it goes on").0 - 1);
    assert!(quiet > run.session.now());
    run.session.run_until(quiet, u64::MAX);
    let entries = run.session.world().live.seq;
    run.seek(10);
    assert_eq!(run.session.world().live.seq, entries, "nothing happened meanwhile");
    let left = run.act("billing/C1", ConsumerChange::Crash).expect("a branch was left");
    assert_eq!(run.branches.get(left).map(|left| left.reached.at), Some(quiet));
    assert_eq!(run.count(), 2);
}

#[test]
fn as_many_branches_as_a_recording_may_hold_are_kept_beside_the_present_one() {
    let mut run = Run::with_all_branches();
    let kept = run.branches.kept();
    assert_eq!(kept.len(), BRANCHES_MOST);
    assert_eq!(Branches::with(&kept).kept(), kept);
    let first = run.branches.next_to_go().expect("there is no room for more");
    run.seek(1);
    run.act("billing/C1", ConsumerChange::Pause);
    assert_eq!((run.branches.get(first), run.branches.kept().len()), (None, BRANCHES_MOST));
}

/// However old it is.
#[test]
fn the_branch_just_left_is_not_the_one_that_makes_room() {
    let mut run = Run::with_all_branches();
    let oldest = run.branches.all()[0].id;
    let way = run.branches.open(oldest, &run.session, None);
    run.go(way);
    run.seek(1);
    let goes = run.branches.next_to_go().expect("there is no room for more");
    let left = run.act("audit/C1", ConsumerChange::Pause);
    assert_eq!(left, Some(oldest), "it is kept");
    assert_eq!((run.branches.get(goes), run.branches.kept().len()), (None, BRANCHES_MOST));
}

/// It does alone what another one does after something else.
#[test]
fn a_course_that_undoing_alone_led_to_stays_if_something_else_is_done_in_it() {
    let mut run = Run::new();
    run.seek(10);
    run.act("billing/C1", ConsumerChange::Crash);
    run.seek(20);
    run.act("audit/C1", ConsumerChange::Pause);
    run.seek(15);
    let way = run.branches.undo(&run.session);
    run.go(way);
    run.seek(12);
    let led_to = run.branches.here();
    assert_eq!(run.session.acts_ahead().len(), 1);
    assert_eq!(run.act("billing/C1", ConsumerChange::Pause), Some(led_to), "it is kept");
    assert_eq!(run.count(), 3);
    // Undoing and redoing alone leaves nothing behind.
    run.seek(15);
    let way = run.branches.undo(&run.session);
    run.go(way);
    let way = run.branches.redo(&run.session);
    run.go(way);
    assert_eq!(run.count(), 3);
}

#[test]
fn what_is_done_at_the_first_instant_can_be_undone_and_redone() {
    let mut run = Run::new();
    let untouched = run.here();
    run.act("billing/C1", ConsumerChange::Crash);
    let acted = run.here();
    for _ in 0..2 {
        let way = run.branches.undo(&run.session);
        run.go(way);
        assert_eq!(run.here(), untouched);
        let way = run.branches.redo(&run.session);
        run.go(way);
        assert_eq!(run.here(), acted);
    }
    assert_eq!(run.count(), 1);
}
