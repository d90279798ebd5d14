//! What stands on the bar: the scenario's markers, what went wrong, who came and went, what the visitor did.

use std::cmp::Reverse;

use yew::{Html, classes, html};

use super::super::super::happenings::{Happening, is_said_by_what_follows};
use super::super::super::session_ref::Observers;
use super::super::super::store::Known;
use super::super::super::words::{clock, local};
use super::bar::{part, percent};
use crate::lesson::explain::command_in_short;
use crate::lesson::{Language, Words};
use crate::session::{Act, Session};
use crate::sim::{Instant, Span, sort_by_key};

/// Something on the bar.
pub(super) struct Tick {
    pub at: Instant,
    kind: &'static str,
    pub says: String,
    pub is_labelled: bool,
    /// It is ahead, and was seen before time went back.
    is_known: bool,
}

impl Tick {
    pub(super) fn draw(&self, end: Instant) -> Html {
        let x = percent(self.at, end);
        // Near the end there is room only on the left.
        let is_late = part(self.at, end) > LATE;
        html! {
            <svg {x} y="0" overflow="visible" width="1" height="66" class={classes!("tick", self.kind, self.is_known.then_some("is-known"))}>
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
/// Of each kind so many stand there in any case.
const TICKS_LEAST: usize = 8;
/// A label is taken to need so many pixels for each of its characters, and so many between it and the next.
const LETTER_LABEL: f64 = 6.2;
const GAP: f64 = 10.0;
/// From here on there is room for a label on the left of its tick only.
const LATE: f64 = 0.85;
/// Kinds of tick; the first ones get their labels first.
const KINDS: [&str; 5] = ["tick-marker", "tick-hand", "tick-fault", "tick-change", "tick-act"];

/// What stands on the bar: the scenario's markers ahead and behind, what has happened, what is known to happen ahead, and what
/// the visitor did.
pub(super) fn ticks(
    session: &Session<Observers>,
    known: Option<&Known>,
    end: Instant,
    words: &Words,
    width: f64,
) -> Vec<Tick> {
    let tick = |at, kind, says| Tick { at, kind, says, is_labelled: true, is_known: false };
    let mut ticks: Vec<Tick> = markers(session, words.language()).collect();
    let marked: Vec<Instant> = ticks.iter().map(|tick| tick.at).collect();
    let (given, here) = (session.acts(), session.world().live.seq);
    let behind = session.observer().0.moments().iter().filter_map(|it| Happening::of(session, given, it));
    let ahead =
        known.into_iter().flat_map(|known| &known.happenings).filter(|happening| happening.seq >= here);
    let all =
        behind.map(|happening| (happening, false)).chain(ahead.map(|happening| (happening.clone(), true)));
    let mut last: Option<(Instant, &'static str)> = None;
    for (Happening { at, what, .. }, is_known) in all {
        // Every group is shared out at the first instant, and the scenario's own actions stand there already under their
        // author's words, and a row of the same thing within half a second is one tick.
        let kind = what.kind();
        let is_first = at == Instant::ZERO;
        let is_told = kind == "tick-act" && marked.iter().any(|marked| close(*marked, at));
        let is_repeated = last.is_some_and(|(before, same)| same == kind && close(before, at));
        if !is_first && !is_told && !is_repeated {
            last = Some((at, kind));
            ticks.push(Tick { is_known, ..tick(at, kind, what.says(session, words)) });
        }
    }
    // What follows from some says it better, where that has a tick of its own.
    let told: Vec<Instant> = ticks.iter().map(|tick| tick.at).collect();
    let is_told = |act: &&Act| is_said_by_what_follows(&act.command) && told.contains(&act.at);
    let shown = given.iter().filter(|act| !is_told(act)).chain(session.acts_ahead());
    let by_hand = shown.map(|act| (act.at, command_in_short(session.world(), &act.command, words)));
    ticks.extend(by_hand.map(|(at, says)| tick(at, "tick-hand", says)));
    let mut ticks = chosen(ticks);
    sort_by_key(&mut ticks, |tick| tick.at);
    label(&mut ticks, end, width);
    // What matters most is drawn last, on top.
    sort_by_key(&mut ticks, |tick| Reverse(priority(tick)));
    ticks
}

/// As many as there is room for. What matters more comes first, whenever it was; but of each kind there are some.
fn chosen(mut ticks: Vec<Tick>) -> Vec<Tick> {
    let count = |ticks: &[Tick], kind: &str| ticks.iter().filter(|tick| tick.kind == kind).count();
    let counts = KINDS.map(|kind| count(&ticks, kind));
    let mut room = TICKS_MAX;
    for (nth, kind) in KINDS.into_iter().enumerate() {
        let later: usize = counts[nth + 1..].iter().map(|count| (*count).min(TICKS_LEAST)).sum();
        let most = counts[nth].min(room - later);
        // If they are too many, some over the whole time.
        let mut place = 0;
        ticks.retain(|tick| {
            let is_other = tick.kind != kind;
            place += usize::from(!is_other);
            is_other || (place * most) / counts[nth] > ((place - 1) * most) / counts[nth]
        });
        room -= most;
    }
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
        is_known: false,
    })
}

/// Gives labels to those ticks that matter most, as far as no label runs into another.
fn label(ticks: &mut [Tick], end: Instant, width: f64) {
    let (letter, gap) = (LETTER_LABEL / width, GAP / width);
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

#[cfg(test)]
mod tests {
    use super::*;

    fn many(kind: &'static str, count: u64, from: u64) -> impl Iterator<Item = Tick> {
        let tick = move |nth| Tick {
            at: Instant::from_secs(from + nth),
            kind,
            says: String::new(),
            is_labelled: false,
            is_known: false,
        };
        (0..count).map(tick)
    }

    /// Five hundred rebalances came first.
    #[test]
    fn what_matters_does_not_vanish_among_what_came_before_it() {
        let count = |ticks: &[Tick], kind| ticks.iter().filter(|tick| tick.kind == kind).count();
        let late = many("tick-fault", 2, 700).chain(many("tick-hand", 1, 800));
        let ticks = chosen(many("tick-change", 500, 0).chain(late).collect());
        assert_eq!((ticks.len(), count(&ticks, "tick-fault"), count(&ticks, "tick-hand")), (TICKS_MAX, 2, 1));
        let changes = ticks.iter().filter(|tick| tick.kind == "tick-change").map(|tick| tick.at);
        assert!(changes.clone().min() < Some(Instant::from_secs(20)));
        assert!(changes.max() > Some(Instant::from_secs(480)), "over the whole time");
        // A file has a thousand markers, and the visitor is busy.
        let crowd = many("tick-marker", 1_000, 0).chain(many("tick-hand", 300, 0));
        let ticks = chosen(crowd.chain(many("tick-fault", 3, 900)).collect());
        assert_eq!((ticks.len(), count(&ticks, "tick-fault")), (TICKS_MAX, 3));
        assert_eq!(count(&ticks, "tick-hand"), TICKS_LEAST);
        assert_eq!(chosen(many("tick-act", 7, 0).collect()).len(), 7);
    }
}
