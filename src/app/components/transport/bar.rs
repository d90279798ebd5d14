//! The bar from the first instant to the last: how far the run has come, what happened when, the accumulation behind it.

use std::rc::Rc;

use web_sys::{HtmlElement, KeyboardEvent, PointerEvent};
use yew::{Callback, Html, Properties, function_component, html, use_mut_ref, use_node_ref};

use super::super::super::panel::PanelProps;
use super::super::super::session_ref::Observers;
use super::super::super::store::{ComparisonRef, Known, KnownRef, Msg};
use super::super::super::words::{clock, short_clock};
use super::super::width::use_width;
use super::Hands;
use super::ticks::{NAMES_MAX, Tick, ticks};
use crate::broker::GroupId;
use crate::metrics::Series;
use crate::metrics::series::Level;
use crate::scene::theme::group_colour;
use crate::session::{Compared, Session};
use crate::sim::Instant;

/// Properties of the bar.
#[derive(Clone, PartialEq, Properties)]
pub(super) struct BarProps {
    pub panel: PanelProps,
    pub hands: Hands,
    pub comparison: Option<ComparisonRef>,
    pub compared: u64,
    pub known: Option<KnownRef>,
}

/// The bar's curve is drawn this wide and high, and stretched to fit.
const CURVE: (f64, f64) = (1000.0, 100.0);

/// The whole run as a line: how far it has come, what happened when, and the accumulation behind it. It is a slider:
/// pressed, dragged or moved with the arrow keys it goes to any instant.
#[function_component]
pub(super) fn Bar(props: &BarProps) -> Html {
    let PanelProps { session, words, dispatch, look, .. } = &props.panel;
    let run = session.borrow();
    let (now, end) = (run.now(), look.end);
    // Yew listens at the page's root, so an event does not say which element it belongs to.
    let place = use_node_ref();
    let width = f64::from(use_width(&place, WIDTH_USUAL));
    // The pointer that was pressed here. Only where it lets go time goes: not where one lets go that was pressed elsewhere.
    let pressed = use_mut_ref(|| None::<i32>);
    let is_narrow = width < WIDTH_NARROW;
    let known = props.known.as_deref();
    let mut ticks = ticks(&run, known, end, words, width);
    ticks.iter_mut().for_each(|tick| tick.is_labelled &= !is_narrow);
    let stops: Rc<[Instant]> = ticks.iter().map(|tick| tick.at).collect();
    let names = |at: Instant| {
        let here = ticks.iter().rev().filter(|tick| tick.at == at && !tick.says.is_empty());
        here.take(NAMES_MAX).map(|tick| tick.says.as_str()).collect::<Vec<&str>>().join(" · ")
    };
    let here = names(now);
    let preview = look.cursor.filter(|cursor| *cursor <= end).map(|cursor| {
        let said = format!("{} {}", clock(cursor).0, names(cursor));
        (cursor, shortened(said.trim_end(), cursor, end, width))
    });
    // Where the names have no room beside the ticks, that of the tick at which time stands is said.
    let is_said = |tick: &&Tick| tick.at == now && !tick.is_labelled;
    let standing = (preview.is_none() && !look.is_playing && ticks.iter().any(|tick| is_said(&tick)))
        .then(|| shortened(&here, now, end, width));
    let pointed = {
        let (stops, place) = (Rc::clone(&stops), place.clone());
        move |event: &PointerEvent| instant_under(event, &place.cast()?, end, &stops)
    };
    let onpointermove = {
        let (pointed, dispatch, pressed) = (pointed.clone(), dispatch.clone(), Rc::clone(&pressed));
        Callback::from(move |event: PointerEvent| {
            // It was let go where nobody told us.
            if event.buttons() == 0 {
                pressed.borrow_mut().take_if(|id| *id == event.pointer_id());
            }
            dispatch.emit(Msg::Cursor(pointed(&event)));
        })
    };
    let onpointerdown = {
        let (place, pointed, dispatch, pressed) =
            (place.clone(), pointed.clone(), dispatch.clone(), Rc::clone(&pressed));
        Callback::from(move |event: PointerEvent| {
            *pressed.borrow_mut() = (event.button() == 0).then(|| event.pointer_id());
            // The bar goes on listening while the pointer is dragged beyond it.
            if let Some(bar) = place.cast::<HtmlElement>() {
                bar.set_pointer_capture(event.pointer_id()).ok();
            }
            // A finger does not hover: what is under it is said as soon as it is there.
            dispatch.emit(Msg::Cursor(pointed(&event)));
        })
    };
    let onpointerup = {
        let (dispatch, pressed) = (dispatch.clone(), Rc::clone(&pressed));
        Callback::from(move |event: PointerEvent| {
            let is_ours = pressed.borrow_mut().take_if(|id| *id == event.pointer_id()).is_some();
            if let Some(at) = pointed(&event).filter(|_| is_ours) {
                dispatch.emit(Msg::Seek(at));
            }
        })
    };
    let give_up = {
        let pressed = Rc::clone(&pressed);
        Callback::from(move |event: PointerEvent| {
            pressed.borrow_mut().take_if(|id| *id == event.pointer_id());
        })
    };
    let onkeydown = {
        let (dispatch, session, headed) = (dispatch.clone(), session.clone(), look.headed);
        Callback::from(move |event: KeyboardEvent| {
            // A drag is given up by Escape, and then nothing else is closed by it.
            if event.key() == "Escape" && pressed.borrow_mut().take().is_some() {
                event.prevent_default();
                dispatch.emit(Msg::Cursor(None));
                return;
            }
            // Of a second press on a long way, where the first one leads is meant.
            let from = headed.unwrap_or_else(|| session.borrow().now());
            if let Some(msg) = msg_for(&event.key(), from, end, &stops) {
                event.prevent_default();
                dispatch.emit(msg);
            }
        })
    };
    let progress = words.fill("transport.progress", &[("now", &clock(now).0), ("end", &short_clock(end))]);
    let value_text = if here.is_empty() { progress } else { format!("{progress} · {here}") };
    let other = props.comparison.as_ref().map(|comparison| comparison.borrow());
    let side = |x: Instant| if part(x, end) > MIDDLE { ("-6", "end") } else { ("6", "start") };
    html! {
        <div ref={place} class="bar" role="slider" tabindex="0" aria-label={words.say("transport.bar")} aria-valuemin="0"
            aria-valuemax={(end.0 / 1_000).to_string()} aria-valuenow={(now.0.min(end.0) / 1_000).to_string()}
            aria-valuetext={value_text} {onpointerdown} {onpointermove} {onpointerup} {onkeydown}
            onpointercancel={give_up}
            onpointerleave={dispatch.reform(|_| Msg::Cursor(None))}>
            <svg class="bar-picture" width="100%" height="66" aria-hidden="true" focusable="false">
                <svg x="0" y="24" width="100%" height="34" viewBox={format!("0 0 {} {}", CURVE.0, CURVE.1)}
                    preserveAspectRatio="none">
                    { for curves(&run, known, other.as_deref().map(|other| &other.run), end) }
                </svg>
                <line class="bar-rail" x1="0" x2="100%" y1="58.5" y2="58.5" />
                if let Some(known) = known {
                    <line class="bar-known-rail" x1={percent(now, end)} x2={percent(known.until, end)} y1="58.5" y2="58.5" />
                }
                { for ticks.into_iter().map(|tick| tick.draw(end)) }
                if let Some((cursor, said)) = preview {
                    <svg x={percent(cursor, end)} overflow="visible" width="1" height="66">
                        <line class="bar-cursor" x1="0" x2="0" y1="20" y2="62" />
                        <text class="bar-preview digits" x={side(cursor).0} y={if is_narrow { "12" } else { "34" }}
                            text-anchor={side(cursor).1}>
                            { said }
                        </text>
                    </svg>
                }
                if let Some(said) = standing {
                    <svg x={percent(now, end)} overflow="visible" width="1" height="66">
                        <text class="bar-preview" x={side(now).0} y={if is_narrow { "12" } else { "34" }}
                            text-anchor={side(now).1}>{ said }</text>
                    </svg>
                }
            </svg>
            <div ref={props.hands.past.clone()} class="bar-past"></div>
            <div ref={props.hands.head.clone()} class="bar-head"></div>
        </div>
    }
}

/// What the pointer is over is said on the side where there is more room.
const MIDDLE: f64 = 0.5;
/// The bar's width on a large screen, in pixels.
const WIDTH_USUAL: u32 = 900;

/// A press this near to a tick, in pixels, means the tick; that of a finger, which is not so exact, from farther away.
const SNAP_PX: f64 = 5.0;
const SNAP_TOUCH_PX: f64 = 14.0;
/// On a bar narrower than this ticks have no names beside them.
const WIDTH_NARROW: f64 = 420.0;
/// A character of what is said beside an instant is taken to be so wide.
const LETTER_SAID: f64 = 7.2;

/// As much of a text as there is room for beside an instant, on the side where there is more.
fn shortened(text: &str, at: Instant, end: Instant, width: f64) -> String {
    let mut room = part(at, end).max(1.0 - part(at, end)) * width - 6.0;
    let mut short = String::new();
    for c in text.chars() {
        room -= if c.is_ascii() { LETTER_SAID } else { 1.7 * LETTER_SAID };
        if room < LETTER_SAID {
            short.push('…');
            break;
        }
        short.push(c);
    }
    short
}

/// The instant that a pointer is over; that of a tick, if one is near.
fn instant_under(
    event: &PointerEvent,
    bar: &HtmlElement,
    end: Instant,
    stops: &[Instant],
) -> Option<Instant> {
    let bar = bar.get_bounding_client_rect();
    if bar.width() <= 0.0 {
        return None;
    }
    let at = |x: f64| Instant(((x / bar.width()).clamp(0.0, 1.0) * end.0 as f64) as u64);
    let x = f64::from(event.client_x()) - bar.left();
    let snap = if event.pointer_type() == "touch" { SNAP_TOUCH_PX } else { SNAP_PX };
    let near = at(x - snap)..=at(x + snap);
    let here = at(x);
    let tick = stops.iter().copied().filter(|stop| near.contains(stop));
    Some(tick.min_by_key(|stop| stop.0.abs_diff(here.0)).unwrap_or(here))
}

/// What a key asks for on the bar: arrows lead by a hundredth, pages to the tick before or after, Home and End to the ends.
/// Another press may come before this one is seen here, so arrows say how far they lead, not where.
fn msg_for(key: &str, now: Instant, end: Instant, stops: &[Instant]) -> Option<Msg> {
    let stops = stops.iter().copied();
    Some(match key {
        "ArrowRight" | "ArrowUp" => Msg::SeekBy(1),
        "ArrowLeft" | "ArrowDown" => Msg::SeekBy(-1),
        "PageUp" => Msg::Seek(stops.filter(|stop| *stop > now && *stop <= end).min().unwrap_or(end)),
        "PageDown" => Msg::Seek(stops.filter(|stop| *stop < now).max().unwrap_or(Instant::ZERO)),
        // As it does elsewhere: the start is before all that happens at the first instant.
        "Home" => Msg::Reset,
        "End" => Msg::Seek(end),
        _ => return None,
    })
}

pub(super) fn percent(at: Instant, end: Instant) -> String {
    format!("{:.3}%", part(at, end) * 100.0)
}

pub(super) fn part(at: Instant, end: Instant) -> f64 {
    if end == Instant::ZERO { 0.0 } else { (at.0 as f64 / end.0 as f64).min(1.0) }
}

/// Groups whose curve is drawn; more than these could not be told apart.
const CURVES_MAX: usize = 8;
/// Points of one curve.
const POINTS: usize = 250;

/// The accumulation of each group as one stroke and a faint ground, and a fainter stroke where it is known ahead; behind
/// them, if another branch is compared, its curves.
fn curves(
    run: &Session<Observers>,
    known: Option<&Known>,
    other: Option<&Compared<Observers>>,
    end: Instant,
) -> Vec<Html> {
    let (here, now) = (&run.observer().0, run.now());
    let there = other.map(|other| &other.observer().0);
    let levels = |series: &'_ Series| series.groups.len().min(CURVES_MAX);
    let all = [Some(here), there, known.map(|known| &known.series)].into_iter().flatten();
    let buckets = all.flat_map(|series| {
        series.groups[..levels(series)].iter().flat_map(|group| group.accumulation.buckets())
    });
    let Some(highest) = buckets.map(|bucket| bucket.high).max().filter(|highest| *highest > 0) else {
        return Vec::new();
    };
    let scale = Scale { end, highest };
    let mut drawn = Vec::new();
    let mut draw = |group: GroupId, class: &'static str, line: String| {
        drawn.push(html! {
            <g class={format!("g{}", group_colour(group))}>
                <path {class} d={line} vector-effect="non-scaling-stroke" />
            </g>
        });
    };
    if let (Some(other), Some(series)) = (other, there) {
        for (index, group) in series.groups[..levels(series)].iter().enumerate() {
            // A group may have another number there.
            let name = &other.there().group(GroupId::at(index)).spec.name;
            let id = run.world().find_group(name).unwrap_or(GroupId::at(index));
            draw(id, "bar-other", scale.curve(&group.accumulation, series, Instant::ZERO, other.now()));
        }
    }
    if let Some(Known { series, until, .. }) = known {
        for (index, group) in series.groups[..levels(series)].iter().enumerate() {
            draw(GroupId::at(index), "bar-known", scale.curve(&group.accumulation, series, now, *until));
        }
    }
    for (index, group) in here.groups[..levels(here)].iter().enumerate() {
        let (id, level) = (GroupId::at(index), &group.accumulation);
        let line = scale.curve(level, here, Instant::ZERO, now);
        draw(id, "bar-ground", scale.ground(&line, level, here, now));
        draw(id, "bar-curve", line);
    }
    drawn
}

/// What is drawn how high and how far to the right.
#[derive(Clone, Copy)]
struct Scale {
    end: Instant,
    highest: u64,
}

impl Scale {
    fn x(self, at: Instant) -> f64 {
        part(at, self.end) * CURVE.0
    }

    fn y(self, value: u64) -> f64 {
        CURVE.1 * (1.0 - value as f64 / self.highest as f64)
    }

    /// A level between two instants, as a stroke.
    fn curve(self, level: &Level, series: &Series, from: Instant, until: Instant) -> String {
        let mut line = String::new();
        let range = series.bucket_of(from)..series.bucket_of(until) + 1;
        for (bucket, what) in level.columns(range, POINTS) {
            let letter = if line.is_empty() { "M" } else { "L" };
            let x = self.x(series.start_of(bucket).max(from));
            line.push_str(&format!("{letter}{x:.1} {:.1}", self.y(what.high)));
        }
        let letter = if line.is_empty() { "M" } else { "L" };
        line.push_str(&format!("{letter}{:.1} {:.1}", self.x(until), self.y(level.now())));
        line
    }

    /// The ground below it. A group that came later has its curve from then on.
    fn ground(self, line: &str, level: &Level, series: &Series, now: Instant) -> String {
        let start = self.x(series.start_of(level.first().unwrap_or(0)));
        format!("{line}L{:.1} {1}L{start:.1} {1}Z", self.x(now), CURVE.1)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::app::keys;

    #[test]
    fn home_means_on_the_bar_what_it_means_elsewhere_and_arrows_do_not_say_where_they_lead() {
        let (now, end) = (Instant::from_secs(5), Instant::from_secs(10));
        let msg = |key| msg_for(key, now, end, &[Instant::from_secs(1), now, Instant::from_secs(9)]);
        assert_eq!(msg("Home"), keys::msg_for("Home", false, false, true));
        assert_eq!((msg("ArrowRight"), msg("ArrowDown")), (Some(Msg::SeekBy(1)), Some(Msg::SeekBy(-1))));
        assert_eq!(msg("PageUp"), Some(Msg::Seek(Instant::from_secs(9))));
        assert_eq!(msg("PageDown"), Some(Msg::Seek(Instant::from_secs(1))));
        assert_eq!((msg("End"), msg("x")), (Some(Msg::Seek(end)), None));
    }
}
