//! The bar from the first instant to the last: how far the run has come, what happened when, the accumulation behind it.

use std::rc::Rc;

use gloo::events::EventListener;
use gloo::utils::window;
use web_sys::{HtmlElement, KeyboardEvent, PointerEvent};
use yew::{
    Callback, Html, NodeRef, Properties, function_component, hook, html, use_effect_with, use_node_ref,
    use_state_eq,
};

use super::super::super::panel::PanelProps;
use super::super::super::store::Msg;
use super::super::super::words::{clock, short_clock};
use super::Hands;
use super::ticks::{NAMES_MAX, ticks};
use crate::metrics::Series;
use crate::metrics::series::Level;
use crate::scene::theme::group_colour;
use crate::sim::Instant;

/// Properties of the bar.
#[derive(Clone, PartialEq, Properties)]
pub(super) struct BarProps {
    pub panel: PanelProps,
    pub hands: Hands,
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
    let ticks = ticks(&run, end, words, use_width(&place));
    let stops: Rc<[Instant]> = ticks.iter().map(|tick| tick.at).collect();
    let preview = look.cursor.filter(|cursor| *cursor <= end).map(|cursor| {
        let here = ticks.iter().rev().filter(|tick| tick.at == cursor && !tick.says.is_empty());
        let names = here.take(NAMES_MAX).map(|tick| tick.says.as_str());
        let parts: Vec<&str> = names.collect();
        (cursor, format!("{} {}", clock(cursor).0, parts.join(" · ")))
    });
    let pointed = {
        let (stops, place) = (Rc::clone(&stops), place.clone());
        move |event: &PointerEvent| instant_under(event, &place.cast()?, end, &stops)
    };
    let onpointermove = {
        let (pointed, dispatch) = (pointed.clone(), dispatch.clone());
        Callback::from(move |event: PointerEvent| dispatch.emit(Msg::Cursor(pointed(&event))))
    };
    let onpointerdown = {
        let place = place.clone();
        Callback::from(move |event: PointerEvent| {
            // The bar goes on listening while the pointer is dragged beyond it.
            if let Some(bar) = place.cast::<HtmlElement>() {
                bar.set_pointer_capture(event.pointer_id()).ok();
            }
        })
    };
    let onpointerup = {
        let dispatch = dispatch.clone();
        Callback::from(move |event: PointerEvent| {
            if let Some(at) = pointed(&event).filter(|_| event.button() == 0) {
                dispatch.emit(Msg::Seek(at));
            }
        })
    };
    let onkeydown = {
        let (dispatch, session) = (dispatch.clone(), session.clone());
        Callback::from(move |event: KeyboardEvent| {
            let now = session.borrow().now();
            if let Some(at) = instant_by_key(&event.key(), now, end, &stops) {
                event.prevent_default();
                dispatch.emit(Msg::Seek(at));
            }
        })
    };
    let value_text = words.fill("transport.progress", &[("now", &clock(now).0), ("end", &short_clock(end))]);
    html! {
        <div ref={place} class="bar" role="slider" tabindex="0" aria-label={words.say("transport.bar")} aria-valuemin="0"
            aria-valuemax={(end.0 / 1_000).to_string()} aria-valuenow={(now.0.min(end.0) / 1_000).to_string()}
            aria-valuetext={value_text} {onpointerdown} {onpointermove} {onpointerup} {onkeydown}
            onpointerleave={dispatch.reform(|_| Msg::Cursor(None))}>
            <svg class="bar-picture" width="100%" height="66" aria-hidden="true" focusable="false">
                <svg x="0" y="24" width="100%" height="34" viewBox={format!("0 0 {} {}", CURVE.0, CURVE.1)}
                    preserveAspectRatio="none">
                    { for curves(run.observer().0.groups.iter().map(|group| &group.accumulation), &run.observer().0, now, end) }
                </svg>
                <line class="bar-rail" x1="0" x2="100%" y1="58.5" y2="58.5" />
                { for ticks.into_iter().map(|tick| tick.draw(end)) }
                if let Some((cursor, said)) = preview {
                    <svg x={percent(cursor, end)} overflow="visible" width="1" height="66">
                        <line class="bar-cursor" x1="0" x2="0" y1="20" y2="62" />
                        <text class="bar-preview digits" x={if part(cursor, end) > MIDDLE { "-6" } else { "6" }} y="34"
                            text-anchor={if part(cursor, end) > MIDDLE { "end" } else { "start" }}>
                            { said }
                        </text>
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
const WIDTH_USUAL: f64 = 900.0;

/// How wide an element is, in pixels. Before anybody has looked it is taken to be as wide as the bar is on a large screen.
#[hook]
fn use_width(place: &NodeRef) -> f64 {
    let width = use_state_eq(|| WIDTH_USUAL);
    let set = width.setter();
    use_effect_with(place.clone(), move |place| {
        let place = place.clone();
        let look = move || {
            if let Some(element) = place.cast::<HtmlElement>() {
                set.set(f64::from(element.offset_width()).max(1.0));
            }
        };
        look();
        let listener = EventListener::new(&window(), "resize", move |_| look());
        move || drop(listener)
    });
    *width
}

/// A press this near to a tick, in pixels, means the tick.
const SNAP_PX: f64 = 5.0;

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
    let near = at(x - SNAP_PX)..=at(x + SNAP_PX);
    let here = at(x);
    let tick = stops.iter().copied().filter(|stop| near.contains(stop));
    Some(tick.min_by_key(|stop| stop.0.abs_diff(here.0)).unwrap_or(here))
}

/// Where a key leads on the bar: arrows by a hundredth, pages to the tick before or after, Home and End to the ends.
fn instant_by_key(key: &str, now: Instant, end: Instant, stops: &[Instant]) -> Option<Instant> {
    let hundredth = (end.0 / 100).max(1);
    Some(match key {
        "ArrowRight" | "ArrowUp" => Instant((now.0 + hundredth).min(end.0)),
        "ArrowLeft" | "ArrowDown" => Instant(now.0.saturating_sub(hundredth)),
        "PageUp" => stops.iter().copied().filter(|stop| *stop > now && *stop <= end).min().unwrap_or(end),
        "PageDown" => stops.iter().copied().filter(|stop| *stop < now).max().unwrap_or(Instant::ZERO),
        "Home" => Instant::ZERO,
        "End" => end,
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

/// The accumulation of each group as one stroke and a faint ground.
fn curves<'a>(
    levels: impl Iterator<Item = &'a Level>,
    series: &Series,
    now: Instant,
    end: Instant,
) -> Vec<Html> {
    let levels: Vec<&Level> = levels.take(CURVES_MAX).collect();
    let highest = levels.iter().flat_map(|level| level.buckets()).map(|bucket| bucket.high).max();
    let Some(highest) = highest.filter(|highest| *highest > 0) else { return Vec::new() };
    let y = |value: u64| CURVE.1 * (1.0 - value as f64 / highest as f64);
    let x = |at: Instant| part(at, end) * CURVE.0;
    let draw = |(index, level): (usize, &&Level)| {
        let mut line = String::new();
        // A group that came later has its curve from then on.
        let start = x(series.start_of(level.first().unwrap_or(0)));
        for (bucket, what) in level.columns(0..series.bucket_of(now) + 1, POINTS) {
            let letter = if line.is_empty() { "M" } else { "L" };
            line.push_str(&format!("{letter}{:.1} {:.1}", x(series.start_of(bucket)), y(what.high)));
        }
        let now = x(now);
        line.push_str(&format!("L{now:.1} {:.1}", y(level.now())));
        let ground = format!("{line}L{now:.1} {0}L{start:.1} {0}Z", CURVE.1);
        let class = format!("g{}", group_colour(crate::broker::GroupId::at(index)));
        html! {
            <g {class}>
                <path class="bar-ground" d={ground} />
                <path class="bar-curve" d={line} vector-effect="non-scaling-stroke" />
            </g>
        }
    };
    levels.iter().enumerate().map(draw).collect()
}
