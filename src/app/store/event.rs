//! Running to the next thing worth looking at: a rebalance, a crash, a changed link, the first failure of a group, a dead
//! letter, a peak of the accumulation, the chosen group with nothing left to do. And going from marker to marker.

use super::time::Doing;
use super::{State, Then};
use crate::app::session_ref::Observers;
use crate::app::subject::{self, Subject};
use crate::broker::{Entry, Event, GroupId, Outcome};
use crate::lesson::explain::explain;
use crate::session::Session;
use crate::sim::Instant;
use crate::trace::log_window::Shown;

/// Things that one frame may let happen.
const STEPS_PER_FRAME: u64 = 40_000;
/// The accumulation has passed a peak when a third of it is gone, and it was no less than this.
const PEAK_LEAST: u64 = 10;

/// On the way to the next thing worth looking at.
#[derive(Debug)]
pub(super) struct Lookout {
    /// For each group: the highest accumulation so far, and when; nothing as long as it has not risen.
    highest: Vec<(u64, Option<Instant>)>,
    /// The chosen group, and whether it has had something to do.
    chosen: Option<(GroupId, bool)>,
    /// For each group: has something failed in it already?
    failed: Vec<bool>,
}

/// What was found.
enum Found {
    Notable(Entry),
    Failure(GroupId),
    Peak(GroupId, u64, Instant),
    Idle(GroupId),
    End,
}

impl State {
    /// Sets out for the next thing worth looking at.
    pub(super) fn seek_event(&mut self) -> Then {
        let is_sought = |lookout: &Lookout| lookout.chosen.map(|(id, _)| id) == self.chosen_group();
        if matches!(&self.doing, Doing::Seeking(lookout) if is_sought(lookout)) {
            // Its key is held down.
            return Then::Rest;
        }
        self.give_up_seeking();
        if self.session.borrow().broken().is_some() {
            return Then::Rest;
        }
        self.notice = None;
        let session = self.session.borrow();
        let lookout = Lookout {
            highest: (session.observer().0.groups.iter())
                .map(|group| (group.accumulation.now(), None))
                .collect(),
            chosen: self.chosen_group().map(|id| (id, false)),
            failed: session.world().live.groups.iter().map(|group| group.counts.failed > 0).collect(),
        };
        drop(session);
        self.doing = Doing::Seeking(lookout);
        self.go_on_to_event().max(Then::Paint)
    }

    /// The group that is selected, or that of the consumer that is.
    fn chosen_group(&self) -> Option<GroupId> {
        let session = self.session.borrow();
        match self.selected.filter(|it| subject::exists(session.world(), *it)) {
            Some(Subject::Group(id)) => Some(id),
            Some(Subject::Consumer(id)) => Some(session.world().consumer(id).group),
            _ => None,
        }
    }

    /// Is it on its way?
    pub fn is_seeking_event(&self) -> bool {
        matches!(self.doing, Doing::Seeking(_))
    }

    /// Goes on a little; a frame asks for it.
    pub fn go_on_to_event(&mut self) -> Then {
        if !self.is_seeking_event() {
            return Then::Rest;
        }
        let Doing::Seeking(mut lookout) = std::mem::take(&mut self.doing) else { return Then::Rest };
        let end = self.end;
        let mut found = None;
        for _ in 0..STEPS_PER_FRAME {
            let mut session = self.session.borrow_mut();
            let before = session.world().live.seq;
            if !session.step(end) {
                session.run_until(end, 1);
                found = Some(Found::End);
            } else {
                found = lookout.look(&session, before);
            }
            if found.is_some() {
                break;
            }
        }
        match found {
            Some(found) => self.arrive_at_event(&found),
            None if self.is_full() => self.stand_still_full(),
            None => {
                self.doing = Doing::Seeking(lookout);
                self.render_in_turn()
            }
        }
    }

    fn arrive_at_event(&mut self, found: &Found) -> Then {
        if let Found::Peak(_, _, at) = *found {
            self.see_branch();
            self.seek(at);
        }
        let session = self.session.borrow();
        let world = session.world();
        let said = |is_it: &dyn Fn(&Entry) -> bool| {
            let entry = session.observer().1.0.newest(Shown::Everything).find(|entry| is_it(entry));
            entry.map(|entry| explain(world, entry, &self.words).to_string()).unwrap_or_default()
        };
        let name = |id: GroupId| &world.group(id).spec.name;
        let what = match *found {
            Found::Notable(entry) => explain(world, &entry, &self.words).to_string(),
            Found::Failure(id) => said(&|entry| {
                matches!(entry.event, Event::ConsumeFinished { progress, outcome: Outcome::Failed, .. }
                    if world.progress(progress).group == id)
            }),
            Found::Peak(id, n, _) => self.words.count("next.peak", n, &[("group", name(id))]),
            Found::Idle(id) => self.words.fill("next.idle", &[("group", name(id))]),
            Found::End => self.words.say("next.nothing"),
        };
        let time = crate::app::words::clock(session.now()).0;
        drop(session);
        let says = self.words.fill("page.done", &[("time", &time), ("what", &what)]);
        self.news = Some(says);
        self.render()
    }

    /// To the next marker of the scenario, or the one before.
    pub(super) fn seek_marker(&mut self, is_next: bool) -> Then {
        self.give_up_seeking();
        let (now, session) = (self.headed(), self.session.borrow());
        let markers = session.scenario().markers.iter().map(|marker| marker.at);
        let to = if is_next {
            markers.filter(|at| *at > now).min().unwrap_or(self.end)
        } else {
            markers.filter(|at| *at < now).max().unwrap_or_default()
        };
        drop(session);
        self.seek(to)
    }
}

impl Lookout {
    /// Has anything of note come since so many entries?
    fn look(&mut self, session: &Session<Observers>, before: u64) -> Option<Found> {
        let ((series, (log, _)), world) = (session.observer(), session.world());
        let came = log.newest(Shown::News).take_while(|entry| entry.seq >= before);
        if let Some(first) = came.filter(|entry| is_notable(entry)).last() {
            return Some(Found::Notable(*first));
        }
        self.failed.resize(world.live.groups.len(), false);
        for (index, group) in world.live.groups.iter().enumerate() {
            if group.counts.failed > 0 && !std::mem::replace(&mut self.failed[index], true) {
                return Some(Found::Failure(GroupId::at(index)));
            }
        }
        let levels = series.groups.iter().map(|group| group.accumulation.now());
        self.look_at_levels(levels, world.live.now)
    }

    /// Has the accumulation passed a peak, or the chosen group come to its end?
    fn look_at_levels(&mut self, levels: impl Iterator<Item = u64>, now: Instant) -> Option<Found> {
        for (index, level) in levels.enumerate() {
            let id = GroupId::at(index);
            if let Some((_, was_busy)) = self.chosen.as_mut().filter(|(chosen, _)| *chosen == id) {
                if *was_busy && level == 0 {
                    return Some(Found::Idle(id));
                }
                *was_busy |= level > 0;
            }
            if index == self.highest.len() {
                self.highest.push((0, None));
            }
            let (highest, since) = &mut self.highest[index];
            if level > *highest {
                (*highest, *since) = (level, Some(now));
            } else if level * 3 <= *highest * 2 {
                if let Some(at) = since.take().filter(|_| *highest >= PEAK_LEAST) {
                    return Some(Found::Peak(id, *highest, at));
                }
                *highest = level;
            }
        }
        None
    }
}

/// Is it worth stopping for, whatever was before? At the first instant every group is shared out.
fn is_notable(entry: &Entry) -> bool {
    let is_of_note = match entry.event {
        Event::Rebalanced { moved, .. } => moved > 0,
        Event::ConsumerCrashed { .. }
        | Event::BrokerCrashed { .. }
        | Event::LinkChanged { .. }
        | Event::DeadLettered { .. } => true,
        _ => false,
    };
    is_of_note && entry.at > Instant::ZERO
}

#[cfg(test)]
mod tests {
    use std::rc::Rc;

    use super::*;
    use crate::app::preferences::ThemeChoice;
    use crate::app::store::{Msg, bundled};
    use crate::lesson::Language;
    use crate::session::Journal;

    /// The instants of all things of note, and those at which the key stops.
    fn stops(id: &str) -> (Vec<Instant>, Vec<Instant>) {
        let scenario = Rc::new(bundled(id).expect("it is bundled"));
        let mut run = Session::new(Rc::clone(&scenario), Journal::default());
        run.run_until(scenario.until, u64::MAX);
        let of_note = run.observer().0.iter().filter(|entry| is_notable(entry)).map(|entry| entry.at);
        let mut state = State::new(Rc::clone(&scenario), Language::English, ThemeChoice::System);
        let mut stops = Vec::new();
        while state.now() < scenario.until {
            state.update(Msg::NextEvent);
            while state.is_busy() {
                state.go_on_besides();
            }
            stops.push(state.now());
        }
        (of_note.collect(), stops)
    }

    /// Two dead letters within what is one column of a chart are two things.
    #[test]
    fn no_crash_cut_or_dead_letter_is_passed_by() {
        let mut count = 0;
        for id in ["broker-crash", "partition", "retry-and-dead-letter", "crash-and-redelivery"] {
            let (of_note, stops) = stops(id);
            count += of_note.len();
            for at in of_note {
                assert!(stops.contains(&at), "{id}: {at:?} is not among {stops:?}");
            }
        }
        assert!(count > 12, "{count}");
    }
}
