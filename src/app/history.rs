//! The browser's own buttons: an entry of its history for every run that is opened and every branch that is watched,
//! none for the passing of time. The address of an entry leads to the same run, with all that was done in it, when the page is
//! opened anew.

use gloo::utils::{history, window};
use wasm_bindgen::JsValue;
use web_sys::UrlSearchParams;

use super::share;
use super::store::{Spot, State};
use crate::scenario::{Link, limits};
use crate::session::BranchId;

/// What our entries are known by.
const MARK: &str = "mqscope";
/// Runs that one opening of the page may open before their numbers are those of the next.
const NUMBERS: u32 = 1_000;

/// What of a run its address depends on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Seen {
    spot: Spot,
    /// How many things are done in the branch that is watched.
    acts: usize,
    /// How many branches there are.
    branches: usize,
    /// Does the query alone lead to it?
    is_plain: bool,
}

impl Seen {
    fn of(state: &State) -> Self {
        let session = state.session.borrow();
        let acts = session.acts().len() + session.acts_ahead().len();
        let branches = state.branches.all().len();
        let is_plain = state.is_bundled() && acts == 0 && branches <= 1;
        Self { spot: state.spot(), acts, branches, is_plain }
    }
}

/// What is to be done about the browser's present entry.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Step {
    /// Nothing.
    Rest,
    /// It gets our mark; its address is right as it is.
    Mark,
    /// It gets the address of what is watched.
    Rewrite,
    /// It can be gone back to, from another entry.
    Leave,
}

impl Step {
    /// What was watched before the page was told something, and after. `is_ours`: the present entry has our mark.
    /// `can_leave`: there is something to go back to.
    fn after(before: Seen, now: Seen, is_ours: bool, can_leave: bool) -> Self {
        match (before == now, before.spot == now.spot) {
            (true, _) if is_ours => Self::Rest,
            // A jump within the page, or an address that leads nowhere: nothing of the run is in it.
            (true, _) if now.is_plain => Self::Mark,
            (false, false) if is_ours && can_leave => Self::Leave,
            _ => Self::Rewrite,
        }
    }
}

/// Keeps the browser's history in step with what is watched.
#[derive(Debug)]
pub(super) struct Trail {
    seen: Seen,
    /// In a frame, entries would be those of the page around it.
    is_framed: bool,
}

impl Trail {
    /// The page has just been opened.
    pub(super) fn begin(state: &mut State) -> Self {
        // Entries of an earlier opening may still be there, before this one and after it, and this one need not be ours.
        let tenths = (js_sys::Date::now() / 100.0) as u64 as u32;
        let later = here().map_or(0, |spot| spot.visit.saturating_add(NUMBERS));
        state.number_runs_from(tenths.max(later));
        let is_framed = window().parent().ok().flatten().is_some_and(|parent| parent != window());
        let trail = Self { seen: Seen::of(state), is_framed };
        replace(trail.seen.spot, None);
        trail
    }

    /// Something may have become of what is watched. Undoing and doing again lead to and fro between the same branches, and
    /// leave no entries.
    pub(super) fn follow(&mut self, state: &State, is_undoing: bool) {
        let before = std::mem::replace(&mut self.seen, Seen::of(state));
        let can_leave = !self.is_framed && !is_undoing && state.knows(before.spot);
        match Step::after(before, self.seen, here().is_some(), can_leave) {
            Step::Rest => {}
            Step::Mark => replace(self.seen.spot, None),
            Step::Rewrite => replace(self.seen.spot, Some(&address(state))),
            Step::Leave => {
                history().push_state_with_url(&written(self.seen.spot), "", Some(&address(state))).ok();
            }
        }
    }

    /// The visitor came to what is watched by an address, and it is right as it is.
    pub(super) fn came(&mut self, state: &State) {
        self.seen = Seen::of(state);
        replace(self.seen.spot, None);
    }

    /// The browser has gone to an entry by itself. Since that was left, branches may have come and gone; and if what it stood
    /// for is gone, it stands for what is watched instead.
    pub(super) fn went(&mut self, state: &State) {
        self.seen = Seen::of(state);
        let is_right = self.seen.is_plain && Link::read(&super::fragment()).is_none();
        if !is_right || here() != Some(self.seen.spot) {
            replace(self.seen.spot, Some(&address(state)));
        }
    }
}

/// Which entry is the present one, if it is one of ours.
pub(super) fn here() -> Option<Spot> {
    let text = history().state().ok()?.as_string()?;
    let mut parts = text.split(' ');
    let (mark, visit, branch) = (parts.next()?, parts.next()?, parts.next()?);
    let spot = Spot { visit: visit.parse().ok()?, branch: BranchId(branch.parse().ok()?) };
    (mark == MARK).then_some(spot)
}

fn written(spot: Spot) -> JsValue {
    format!("{MARK} {} {}", spot.visit, spot.branch.0).into()
}

fn replace(spot: Spot, address: Option<&str>) {
    history().replace_state_with_url(&written(spot), "", address).ok();
}

/// The address of what is watched: the query names the scenario, the fragment holds what was done.
fn address(state: &State) -> String {
    let location = window().location();
    let search = location.search().unwrap_or_default();
    let mut address = location.pathname().unwrap_or_default();
    let Ok(query) = UrlSearchParams::new_with_str(&search) else { return address };
    ["at", "paused", "scenario", "seed"].into_iter().for_each(|name| query.delete(name));
    let session = state.session.borrow();
    if let Some((id, seed)) = state.is_bundled().then(|| (&session.scenario().id, session.scenario().seed)) {
        query.set("scenario", id);
        query.set("seed", &seed.to_string());
    }
    let query = String::from(query.to_string());
    if !query.is_empty() {
        address.push('?');
        address.push_str(&query);
    }
    if !Seen::of(state).is_plain {
        let (fragment, _) = share::with_branches(&session, state.view(), &state.branches);
        if fragment.len() as u64 <= limits::LINK_CHARS {
            address.push('#');
            address.push_str(&fragment);
        }
    }
    address
}

#[cfg(test)]
mod tests {
    use super::*;

    fn seen(visit: u32, branch: u32, acts: usize, branches: usize) -> Seen {
        let spot = Spot { visit, branch: BranchId(branch) };
        Seen { spot, acts, branches, is_plain: acts == 0 && branches == 1 }
    }

    #[test]
    fn what_is_done_is_written_into_the_present_entry_and_the_passing_of_time_is_not() {
        let (nothing, one) = (seen(7, 0, 0, 1), seen(7, 0, 1, 1));
        assert_eq!(Step::after(nothing, nothing, true, true), Step::Rest);
        assert_eq!(Step::after(nothing, one, true, true), Step::Rewrite);
        assert_eq!(Step::after(one, one, true, true), Step::Rest);
    }

    #[test]
    fn another_branch_and_another_run_get_an_entry_of_their_own() {
        let (first, second) = (seen(7, 0, 0, 1), seen(7, 1, 1, 2));
        assert_eq!(Step::after(first, second, true, true), Step::Leave);
        assert_eq!(Step::after(second, seen(8, 0, 0, 1), true, true), Step::Leave);
        // Nothing can be gone back to: in a frame, where the branch before is gone, and where something is undone.
        assert_eq!(Step::after(first, second, true, false), Step::Rewrite);
    }

    #[test]
    fn a_branch_that_is_deleted_is_not_in_the_address_any_more() {
        assert_eq!(Step::after(seen(7, 1, 1, 2), seen(7, 1, 1, 1), true, true), Step::Rewrite);
        assert_eq!(Step::after(seen(7, 0, 0, 2), seen(7, 0, 0, 1), true, true), Step::Rewrite);
    }

    /// The skip link of the page makes one, and so does a damaged link that is put into the address.
    #[test]
    fn an_entry_that_is_not_ours_becomes_ours_and_holds_what_was_done() {
        let (nothing, one) = (seen(7, 0, 0, 1), seen(7, 0, 1, 1));
        assert_eq!(Step::after(nothing, nothing, false, true), Step::Mark);
        assert_eq!(Step::after(one, one, false, true), Step::Rewrite);
        assert_eq!(Step::after(nothing, one, false, true), Step::Rewrite);
        assert_eq!(Step::after(one, seen(7, 1, 2, 2), false, true), Step::Rewrite);
    }
}
