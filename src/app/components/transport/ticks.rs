//! What stands on the bar: the scenario's markers, what went wrong, who came and went, what the visitor did.

use std::cmp::Reverse;

use yew::{Html, classes, html};

use super::super::super::session_ref::Observers;
use super::super::super::store::is_by_hand;
use super::super::super::words::{clock, local};
use super::bar::{part, percent};
use crate::broker::{Event, World};
use crate::lesson::explain::command_in_short;
use crate::lesson::{Language, Words};
use crate::session::Session;
use crate::sim::{Instant, Span, sort_by_key};

/// Something on the bar.
pub(super) struct Tick {
    pub at: Instant,
    kind: &'static str,
    pub says: String,
    pub is_labelled: bool,
}

impl Tick {
    pub(super) fn draw(&self, end: Instant) -> Html {
        let x = percent(self.at, end);
        // Near the end there is room only on the left.
        let is_late = part(self.at, end) > LATE;
        html! {
            <svg {x} y="0" overflow="visible" width="1" height="66" class={classes!("tick", self.kind)}>
                <title>{ format!("{} {}", clock(self.at).0, self.says) }</title>
                <line x1="0" x2="0" y1="20" y2="58" />
                <path d="M-3.5 14h7L0 20.5z" />
                if self.is_labelled {
                    <text class="tick-text" x={if is_late { "4" } else { "-4" }} y="10"
                        text-anchor={if is_late { "end" } else { "start" }}>
                        { &self.says }
                    </text>
                }
            </svg>
        }
    }
}

/// Of ticks at one instant, so many are named when the pointer is there.
pub(super) const NAMES_MAX: usize = 2;
/// Ticks on the bar at the most; the log knows them all.
const TICKS_MAX: usize = 60;
/// A label is taken to need so many pixels for each of its characters, and so many between it and the next.
const LETTER: f64 = 6.2;
const GAP: f64 = 10.0;
/// From here on there is room for a label on the left of its tick only.
const LATE: f64 = 0.85;
/// Kinds of tick; the first ones get their labels first.
const KINDS: [&str; 5] = ["tick-marker", "tick-hand", "tick-fault", "tick-change", "tick-act"];

/// What stands on the bar: the scenario's markers ahead and behind, and what has happened.
pub(super) fn ticks(session: &Session<Observers>, end: Instant, words: &Words, width: f64) -> Vec<Tick> {
    let language = words.language();
    let mut ticks: Vec<Tick> = markers(session, language).collect();
    let marked: Vec<Instant> = ticks.iter().map(|tick| tick.at).collect();
    let mut last: Option<(Instant, &'static str)> = None;
    for moment in session.observer().0.moments() {
        let Some((kind, says)) = moment_words(session, &moment.event, words) else { continue };
        // Every group is shared out at the first instant, and the scenario's own actions stand there already under their
        // author's words, and a row of the same thing within half a second is one tick.
        let is_first = moment.at == Instant::ZERO;
        let is_told = kind == "tick-act" && marked.iter().any(|at| close(*at, moment.at));
        let is_repeated = last.is_some_and(|(at, same)| same == kind && close(at, moment.at));
        if !is_first && !is_told && !is_repeated {
            last = Some((moment.at, kind));
            ticks.push(Tick { at: moment.at, kind, says, is_labelled: true });
        }
    }
    ticks.extend(session.acts_ahead().iter().map(|act| Tick {
        at: act.at,
        kind: "tick-hand",
        says: command_in_short(session.world(), &act.command, words),
        is_labelled: true,
    }));
    sort_by_key(&mut ticks, |tick| tick.at);
    ticks.truncate(TICKS_MAX);
    label(&mut ticks, end, width);
    // What matters most is drawn last, on top.
    sort_by_key(&mut ticks, |tick| Reverse(priority(tick)));
    ticks
}

/// The smaller, the more it matters.
fn priority(tick: &Tick) -> Option<usize> {
    KINDS.iter().position(|kind| *kind == tick.kind)
}

fn close(a: Instant, b: Instant) -> bool {
    Span::max(a - b, b - a) < Span::from_ms(500)
}

fn markers(session: &Session<Observers>, language: Language) -> impl Iterator<Item = Tick> {
    session.scenario().markers.iter().map(move |marker| Tick {
        at: marker.at,
        kind: "tick-marker",
        says: local(&marker.label, language).to_owned(),
        is_labelled: true,
    })
}

/// Gives labels to those ticks that matter most, as far as no label runs into another.
fn label(ticks: &mut [Tick], end: Instant, width: f64) {
    let (letter, gap) = (LETTER / width, GAP / width);
    let mut order: Vec<usize> = (0..ticks.len()).collect();
    sort_by_key(&mut order, |index| priority(&ticks[*index]));
    let mut taken: Vec<(f64, f64)> = Vec::new();
    for index in order {
        let tick = &mut ticks[index];
        let x = part(tick.at, end);
        let letters: f64 = tick.says.chars().map(|c| if c.is_ascii() { letter } else { 1.9 * letter }).sum();
        let (from, to) = if x > LATE { (x - letters, x + gap) } else { (x, x + letters + gap) };
        let is_free = taken.iter().all(|(a, b)| to <= *a || *b <= from);
        tick.is_labelled = is_free && from >= 0.0 && to <= 1.0 + gap && !tick.says.is_empty();
        if tick.is_labelled {
            taken.push((from, to));
        }
    }
}

fn moment_words(
    session: &Session<Observers>,
    event: &Event,
    words: &Words,
) -> Option<(&'static str, String)> {
    let world: &World = session.world();
    let name = |id| world.consumer_name(id);
    let group = |id| &world.group(id).spec.name;
    Some(match *event {
        Event::ConsumerCrashed { consumer, .. } => {
            ("tick-fault", words.fill("transport.crashed", &[("consumer", &name(consumer))]))
        }
        Event::ConsumerRestarted { consumer } => {
            ("tick-change", words.fill("transport.restarted", &[("consumer", &name(consumer))]))
        }
        Event::DeadLettered { group: id, .. } => {
            ("tick-fault", words.fill("transport.dead_letter", &[("group", group(id))]))
        }
        Event::Rebalanced { group: id, .. } => {
            ("tick-change", words.fill("transport.rebalanced", &[("group", group(id))]))
        }
        Event::GroupRemoved { .. } => return None,
        // What follows from these says it better.
        Event::CommandGiven { command, .. }
            if matches!(world.command(command).key(), "crash" | "restart" | "remove_group") =>
        {
            return None;
        }
        Event::CommandGiven { command, .. } => {
            let kind = if is_by_hand(session, event) { "tick-hand" } else { "tick-act" };
            (kind, command_in_short(world, world.command(command), words))
        }
        _ => return None,
    })
}
