//! Running to the next thing worth looking at: a rebalance, a crash, the first failure of a group, a dead letter, a peak
//! of the accumulation, the chosen group with nothing left to do. And going from marker to marker.

use super::{State, Then};
use crate::app::subject::Subject;
use crate::broker::{Entry, Event, GroupId, Outcome, World};
use crate::lesson::explain::explain;
use crate::metrics::Series;
use crate::sim::Instant;
use crate::trace::log_window::Shown;

/// Things that one frame may let happen.
const STEPS_PER_FRAME: u64 = 40_000;
/// The accumulation has passed a peak when a third of it is gone, and it was no less than this.
const PEAK_LEAST: u64 = 10;

/// On the way to the next thing worth looking at.
#[derive(Debug)]
pub(super) struct Sought {
    /// For each group: the highest accumulation so far, and when; nothing as long as it has not risen.
    highest: Vec<(u64, Option<Instant>)>,
    /// The chosen group, and whether it has had something to do.
    chosen: Option<(GroupId, bool)>,
    /// The last thing of those that stand on the bar.
    last: Option<(Instant, Event)>,
    /// For each group: has something failed in it already?
    failed: Vec<bool>,
}

/// What was found.
enum Found {
    Moment(Event),
    Failure(GroupId),
    Peak(GroupId, u64, Instant),
    Idle(GroupId),
    End,
}

impl State {
    /// Sets out for the next thing worth looking at.
    pub(super) fn seek_event(&mut self) -> Then {
        if self.session.borrow().broken().is_some() || self.is_jumping {
            return Then::Rest;
        }
        self.is_playing = false;
        self.notice = None;
        let session = self.session.borrow();
        let series = &session.observer().0;
        let chosen = match self.selected {
            Some(Subject::Group(id)) => Some(id),
            Some(Subject::Consumer(id)) => Some(session.world().consumer(id).group),
            _ => None,
        };
        self.sought = Some(Sought {
            highest: series.groups.iter().map(|group| (group.accumulation.now(), None)).collect(),
            chosen: chosen.map(|id| (id, false)),
            last: last_moment(series),
            failed: session.world().live.groups.iter().map(|group| group.counts.failed > 0).collect(),
        });
        drop(session);
        self.go_on_to_event().max(Then::Paint)
    }

    /// Is it on its way?
    pub fn is_seeking_event(&self) -> bool {
        self.sought.is_some()
    }

    /// Goes on a little; a frame asks for it.
    pub fn go_on_to_event(&mut self) -> Then {
        let Some(mut sought) = self.sought.take() else { return Then::Rest };
        let end = self.end;
        let mut found = None;
        for _ in 0..STEPS_PER_FRAME {
            let mut session = self.session.borrow_mut();
            if !session.step(end) {
                session.run_until(end, 1);
                found = Some(Found::End);
            } else {
                found = sought.look(&session.observer().0, session.world());
            }
            if found.is_some() {
                break;
            }
        }
        self.goal = self.now();
        self.rest_us = 0.0;
        match found {
            Some(found) => self.arrive_at_event(&found),
            None => {
                self.sought = Some(sought);
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
            let entry = session.observer().1.newest(Shown::Everything).find(|entry| is_it(entry));
            entry.map(|entry| explain(world, entry, &self.words).to_string()).unwrap_or_default()
        };
        let name = |id: GroupId| &world.group(id).spec.name;
        let what = match *found {
            Found::Moment(event) => said(&|entry| entry.event == event),
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
        let (now, session) = (self.now(), self.session.borrow());
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

impl Sought {
    /// Has anything of note come since the last look?
    fn look(&mut self, series: &Series, world: &World) -> Option<Found> {
        let last = last_moment(series);
        if last != self.last {
            self.last = last;
            let is_notable = |event: &Event| {
                matches!(
                    event,
                    Event::ConsumerCrashed { .. } | Event::Rebalanced { .. } | Event::DeadLettered { .. }
                )
            };
            if let Some((_, event)) = last.filter(|(at, event)| *at > Instant::ZERO && is_notable(event)) {
                return Some(Found::Moment(event));
            }
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

fn last_moment(series: &Series) -> Option<(Instant, Event)> {
    series.moments().last().map(|moment| (moment.at, moment.event))
}
