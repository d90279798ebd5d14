//! The browser's own buttons: an entry of its history for every run that is opened and every branch that is watched,
//! none for the passing of time. The address of an entry leads to the same run, with all that was done in it, when the page is
//! opened anew, and to where the run stood. That is written whenever the run has come to rest, and now and then while time
//! runs: a browser that loads a page anew takes the address from before the page is told. A run that nobody has touched keeps
//! its short address.

use gloo::timers::callback::Timeout;
use gloo::utils::{history, window};
use wasm_bindgen::JsValue;
use web_sys::UrlSearchParams;
use yew::Callback;

use super::share;
use super::store::{Msg, Spot, State};
use crate::scenario::{Link, limits};
use crate::session::BranchId;
use crate::sim::Instant;

/// What our entries are known by.
const MARK: &str = "mqscope";
/// What an entry of ours says of an address that does not hold all that was done.
const PART: &str = "part";
/// A fragment with more characters than this takes too long to be made whenever something is done,
const CHARS_AT_ONCE: usize = 4_000;
/// so it is made this much later, in milliseconds.
const LATER_MS: u32 = 400;
/// While time runs, the address follows it so often, in milliseconds.
const RUNNING_MS: u32 = 1_000;
/// A browser that takes no address, because it was given too many, is asked again so much later.
const REFUSED_MS: u32 = 5_000;
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
    /// Does the query alone lead to it, if not to where it stands?
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
enum Upkeep {
    /// Nothing.
    Rest,
    /// It gets our mark; its address is right as it is.
    Mark,
    /// It gets the address of what is watched.
    Rewrite,
    /// It can be gone back to, from another entry.
    Leave,
}

impl Upkeep {
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
    /// What the present entry stands for, as far as we were told.
    at: Spot,
    /// In a frame, entries would be those of the page around it.
    is_framed: bool,
    /// The query of the present entry.
    query: String,
    /// So many characters has the fragment that was made or read last.
    chars: usize,
    /// How many things time has brought where the address leads to; nothing if it leads elsewhere.
    steps: Option<u64>,
    /// The run is still on its way to there, to this instant.
    coming: Option<Instant>,
    /// Does the present entry have an older address than what was done?
    is_stale: bool,
    /// Then it is written a little later.
    timer: Option<Timeout>,
    dispatch: Callback<Msg>,
}

impl Trail {
    /// The page has just been opened.
    pub(super) fn begin(state: &mut State, dispatch: Callback<Msg>) -> Self {
        say_what_is_missing(state);
        // Entries of an earlier opening may still be there, before this one and after it, and this one need not be ours.
        let tenths = (js_sys::Date::now() / 100.0) as u64 as u32;
        let later = here().map_or(0, |spot| spot.visit.saturating_add(NUMBERS));
        state.number_runs_from(tenths.max(later));
        let is_framed = window().parent().ok().flatten().is_some_and(|parent| parent != window());
        let (query, seen) = (query(), Seen::of(state));
        let steps = Some(state.session.borrow().steps());
        let (at, timer) = (seen.spot, None);
        let (coming, is_stale) = (Some(state.headed()), false);
        let mut trail =
            Self { seen, at, is_framed, query, chars: chars(), steps, coming, is_stale, timer, dispatch };
        trail.mark(true);
        trail
    }

    /// Something may have become of what is watched. Undoing and doing again lead to and fro between the same branches, and
    /// leave no entries.
    pub(super) fn follow(&mut self, state: &State, is_undoing: bool) {
        let before = std::mem::replace(&mut self.seen, Seen::of(state));
        let can_leave = !self.is_framed && !is_undoing && state.knows(before.spot);
        if before != self.seen && self.is_elsewhere_by_now() {
            // The browser has gone to another entry, and we are about to be told.
            return self.write_later(LATER_MS);
        }
        match Upkeep::after(before, self.seen, here().is_some(), can_leave) {
            Upkeep::Rest => self.keep_up(state),
            Upkeep::Mark => self.mark(true),
            Upkeep::Rewrite => self.rewrite(state),
            Upkeep::Leave => {
                let address = Address::of(state);
                let mark = address.mark(state.spot());
                let written = history().push_state_with_url(&mark, "", Some(&address.text));
                self.wrote(state, &address, written.is_ok());
                if state.is_on_its_way() {
                    self.write_later(LATER_MS);
                }
            }
        }
    }

    /// The entry gets its address: now, or where that takes long a little later, once for all that is done until then. On
    /// the way to a place, too, since the address says where the run stands.
    fn rewrite(&mut self, state: &State) {
        if self.chars > CHARS_AT_ONCE || state.is_on_its_way() {
            self.mark(false);
            self.write_later(LATER_MS);
        } else {
            self.write(state);
        }
    }

    /// Time has perhaps gone on, or back.
    pub(super) fn keep_up(&mut self, state: &State) {
        if let Some(to) = self.coming {
            // Somebody may have stopped it on the way, or sent it elsewhere.
            let is_right = state.headed() == to;
            self.steps = is_right.then(|| state.session.borrow().steps());
            self.coming = Some(to).filter(|_| is_right && state.is_on_its_way());
        }
        if self.has_moved(state) {
            self.write_later(if state.is_playing() { RUNNING_MS } else { LATER_MS });
        }
    }

    /// Does the address lead to another moment than it should? While time runs a long one may, and so may a query alone.
    fn has_moved(&self, state: &State) -> bool {
        let follows = !state.is_playing() || (1..=CHARS_AT_ONCE).contains(&self.chars);
        follows && self.steps != Some(state.session.borrow().steps())
    }

    fn write_later(&mut self, ms: u32) {
        self.is_stale = true;
        let dispatch = self.dispatch.clone();
        self.timer.get_or_insert_with(|| Timeout::new(ms, move || dispatch.emit(Msg::WriteAddress)));
    }

    /// A little later has come.
    pub(super) fn come_later(&mut self, state: &State) {
        self.timer = None;
        // The browser may have gone to another entry just now, and nobody was told yet.
        let is_here = here() == Some(self.at);
        if self.is_stale && (state.is_on_its_way() || !is_here) {
            self.write_later(LATER_MS);
        } else {
            self.catch_up(state);
        }
    }

    /// What is watched is about to be left: what was to be written later is written now.
    pub(super) fn catch_up(&mut self, state: &State) {
        if self.is_stale && !self.is_elsewhere_by_now() {
            self.write(state);
            if state.is_on_its_way() {
                self.write_later(LATER_MS);
            }
        }
    }

    /// The page is about to be left: the address says where the run stands now.
    pub(super) fn leave(&mut self, state: &State) {
        self.is_stale |= self.has_moved(state);
        self.catch_up(state);
    }

    fn write(&mut self, state: &State) {
        let address = Address::of(state);
        let mark = address.mark(state.spot());
        let written = history().replace_state_with_url(&mark, "", Some(&address.text));
        self.wrote(state, &address, written.is_ok());
    }

    fn wrote(&mut self, state: &State, address: &Address, is_written: bool) {
        (self.chars, self.is_stale, self.timer) = (address.chars, false, None);
        (self.steps, self.query) = (Some(state.session.borrow().steps()), query());
        self.coming = None;
        if is_written {
            self.at = state.spot();
        } else {
            self.write_later(REFUSED_MS);
        }
    }

    /// The present entry stands for what is watched; its address stays.
    fn mark(&mut self, is_whole: bool) {
        let written = written(self.seen.spot, is_whole);
        if history().replace_state_with_url(&written, "", None).is_ok() {
            self.at = self.seen.spot;
        }
    }

    /// Is the present entry another one of ours, and we are about to be told?
    fn is_elsewhere_by_now(&self) -> bool {
        here().is_some_and(|here| here != self.at)
    }

    /// The visitor came to what is watched by an address, and it is right as it is.
    pub(super) fn came(&mut self, state: &State) {
        (self.seen, self.is_stale, self.query) = (Seen::of(state), false, query());
        (self.coming, self.chars) = (Some(state.headed()), chars());
        self.mark(true);
    }

    /// The browser has gone to an entry by itself. It leads to where the run stood when it was left; but since then branches
    /// may have come and gone; and if what it stood for is gone, it stands for what is watched instead.
    pub(super) fn went(&mut self, state: &State, to: Spot) {
        (self.seen, self.is_stale, self.query) = (Seen::of(state), false, query());
        (self.at, self.coming, self.chars) = (to, Some(state.headed()), chars());
        if self.is_elsewhere_by_now() {
            return;
        }
        let is_right = self.seen.is_plain && Link::read(&super::fragment()).is_none();
        if !is_right || here() != Some(self.seen.spot) {
            self.rewrite(state);
        }
    }

    /// Does the present entry have another query than the one that was written or read last? Then whoever made it means
    /// another run.
    pub(super) fn is_elsewhere(&self) -> bool {
        query() != self.query
    }
}

/// So many characters has the present entry's fragment, if it leads anywhere.
fn chars() -> usize {
    let fragment = super::fragment();
    Link::read(&fragment).map_or(0, |_| fragment.len())
}

fn query() -> String {
    window().location().search().unwrap_or_default()
}

/// If the present entry is one of ours whose address could not hold all that was done, that is said.
pub(super) fn say_what_is_missing(state: &mut State) {
    if mark_here().is_some_and(|(_, is_whole)| !is_whole) {
        state.notice.get_or_insert_with(|| state.words.say("share.not_whole"));
    }
}

/// Which entry is the present one, if it is one of ours.
pub(super) fn here() -> Option<Spot> {
    mark_here().map(|(spot, _)| spot)
}

/// The same as [`here`], and whether its address holds all that was done.
fn mark_here() -> Option<(Spot, bool)> {
    let text = history().state().ok()?.as_string()?;
    let mut parts = text.split(' ');
    let (mark, visit, branch) = (parts.next()?, parts.next()?, parts.next()?);
    let spot = Spot { visit: visit.parse().ok()?, branch: BranchId(branch.parse().ok()?) };
    (mark == MARK).then_some((spot, parts.next() != Some(PART)))
}

fn written(spot: Spot, is_whole: bool) -> JsValue {
    let part = if is_whole { String::new() } else { format!(" {PART}") };
    format!("{MARK} {} {}{part}", spot.visit, spot.branch.0).into()
}

/// The address of what is watched: the query names the scenario, the fragment holds what was done.
struct Address {
    text: String,
    /// The fragment's characters, whether it is in it or too long.
    chars: usize,
    /// Does it hold all that was done?
    is_whole: bool,
}

impl Address {
    fn of(state: &State) -> Self {
        let mut text = window().location().pathname().unwrap_or_default();
        let Ok(query) = UrlSearchParams::new_with_str(&query()) else {
            return Self { text, chars: 0, is_whole: false };
        };
        ["at", "paused", "scenario", "seed"].into_iter().for_each(|name| query.delete(name));
        let session = state.session.borrow();
        if let Some((id, seed)) =
            state.is_bundled().then(|| (&session.scenario().id, session.scenario().seed))
        {
            query.set("scenario", id);
            query.set("seed", &seed.to_string());
        }
        let query = String::from(query.to_string());
        if !query.is_empty() {
            text.push('?');
            text.push_str(&query);
        }
        if Seen::of(state).is_plain && session.steps() == 0 {
            return Self { text, chars: 0, is_whole: true };
        }
        let (fragment, has_all) = share::with_branches(&session, state.view(), &state.branches);
        let (chars, fits) = (fragment.len(), fragment.len() as u64 <= limits::LINK_CHARS);
        if fits {
            text.push('#');
            text.push_str(&fragment);
        }
        Self { text, chars, is_whole: fits && has_all }
    }

    fn mark(&self, spot: Spot) -> JsValue {
        written(spot, self.is_whole)
    }
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
        assert_eq!(Upkeep::after(nothing, nothing, true, true), Upkeep::Rest);
        assert_eq!(Upkeep::after(nothing, one, true, true), Upkeep::Rewrite);
        assert_eq!(Upkeep::after(one, one, true, true), Upkeep::Rest);
    }

    #[test]
    fn another_branch_and_another_run_get_an_entry_of_their_own() {
        let (first, second) = (seen(7, 0, 0, 1), seen(7, 1, 1, 2));
        assert_eq!(Upkeep::after(first, second, true, true), Upkeep::Leave);
        assert_eq!(Upkeep::after(second, seen(8, 0, 0, 1), true, true), Upkeep::Leave);
        // Nothing can be gone back to: in a frame, where the branch before is gone, and where something is undone.
        assert_eq!(Upkeep::after(first, second, true, false), Upkeep::Rewrite);
    }

    #[test]
    fn a_branch_that_is_deleted_is_not_in_the_address_any_more() {
        assert_eq!(Upkeep::after(seen(7, 1, 1, 2), seen(7, 1, 1, 1), true, true), Upkeep::Rewrite);
        assert_eq!(Upkeep::after(seen(7, 0, 0, 2), seen(7, 0, 0, 1), true, true), Upkeep::Rewrite);
    }

    /// The skip link of the page makes one, and so does a damaged link that is put into the address.
    #[test]
    fn an_entry_that_is_not_ours_becomes_ours_and_holds_what_was_done() {
        let (nothing, one) = (seen(7, 0, 0, 1), seen(7, 0, 1, 1));
        assert_eq!(Upkeep::after(nothing, nothing, false, true), Upkeep::Mark);
        assert_eq!(Upkeep::after(one, one, false, true), Upkeep::Rewrite);
        assert_eq!(Upkeep::after(nothing, one, false, true), Upkeep::Rewrite);
        assert_eq!(Upkeep::after(one, seen(7, 1, 2, 2), false, true), Upkeep::Rewrite);
    }
}
