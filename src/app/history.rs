//! The browser's own buttons: an entry of its history for every run that is opened and every branch that is watched,
//! none for the passing of time. The address of an entry leads to the same run when the page is opened anew.

use gloo::utils::{history, window};
use wasm_bindgen::JsValue;
use web_sys::UrlSearchParams;

use super::share::{self, View};
use super::store::{Spot, State};
use crate::session::BranchId;

/// What our entries are known by.
const MARK: &str = "mqscope";
/// Numbers of the runs of one opening of the page; those of the next begin after them.
const NUMBERS: u32 = 1_000;
/// A longer fragment is not written into the address: browsers have their limits, and nobody reads it.
const FRAGMENT_MOST: usize = 16_000;

/// Keeps the browser's history in step with what is watched.
#[derive(Debug)]
pub(super) struct Trail {
    spot: Spot,
    /// In a frame, entries would be those of the page around it.
    is_framed: bool,
}

impl Trail {
    /// The page has just been opened.
    pub(super) fn begin(state: &mut State) -> Self {
        // Entries of an earlier opening may still be there.
        if let Some(spot) = here() {
            state.number_runs_from((spot.visit / NUMBERS + 1) * NUMBERS);
        }
        let is_framed = window().parent().ok().flatten().is_some_and(|parent| parent != window());
        let trail = Self { spot: state.spot(), is_framed };
        replace(trail.spot, None);
        trail
    }

    /// Something may have become of what is watched.
    pub(super) fn follow(&mut self, state: &State) {
        let before = std::mem::replace(&mut self.spot, state.spot());
        if before == self.spot {
            return;
        }
        if here().is_none() {
            // The visitor came here by an address; it is right as it is.
            replace(self.spot, None);
        } else if self.is_framed || !state.knows(before) {
            replace(self.spot, Some(&address(state)));
        } else {
            history().push_state_with_url(&written(self.spot), "", Some(&address(state))).ok();
        }
    }

    /// The browser has gone to an entry by itself.
    pub(super) fn went(&mut self, state: &State) {
        self.spot = state.spot();
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
    if !state.is_bundled() || !session.acts().is_empty() {
        let fragment = share::to_this_moment(&session, View::default());
        if fragment.len() <= FRAGMENT_MOST {
            address.push('#');
            address.push_str(&fragment);
        }
    }
    address
}
