//! Time in the visitor's hands: start, play, step, speed, and the bar from the first instant to the last.

use std::cmp::Reverse;
use std::rc::Rc;

use gloo::events::EventListener;
use gloo::utils::{document, window};
use web_sys::{HtmlElement, HtmlInputElement, KeyboardEvent, PointerEvent};
use yew::{
    Callback, Html, InputEvent, NodeRef, Properties, TargetCast, classes, function_component, hook, html,
    use_effect_with, use_node_ref, use_state_eq,
};

use super::super::panel::PanelProps;
use super::super::session_ref::Observers;
use super::super::speed::Speed;
use super::super::store::{Msg, is_by_hand};
use super::super::subject::name;
use super::super::words::{clock, local, short_clock};
use super::controls::focus;
use super::icon::{Icon, Sign};
use crate::broker::{Event, World};
use crate::lesson::explain::command_in_short;
use crate::lesson::{Language, Words};
use crate::metrics::Series;
use crate::metrics::series::Level;
use crate::scene::theme::group_colour;
use crate::session::Session;
use crate::sim::{Instant, Span, sort_by_key};

/// Elements that follow the clock with every frame, past the virtual DOM.
#[derive(Clone, Default, PartialEq)]
pub struct Hands {
    /// The clock's text.
    pub clock: NodeRef,
    /// The line at the present instant.
    pub head: NodeRef,
    /// What has passed.
    pub past: NodeRef,
}

impl Hands {
    /// Shows an instant, `end` being that at the bar's end.
    pub fn show(&self, now: Instant, end: Instant) {
        // The text itself is written, not the element's content: the text is the virtual DOM's.
        if let Some(text) = self.clock.get().and_then(|node| node.first_child()) {
            text.set_node_value(Some(&clock(now).0));
        }
        // Both are as wide as the bar. Moving them needs no layout, and as layers of their own they need no painting.
        let part = part(now, end);
        let transform = |node: &NodeRef, value: &str| {
            if let Some(element) = node.cast::<HtmlElement>() {
                element.style().set_property("transform", value).ok();
            }
        };
        transform(&self.head, &format!("translateX({:.3}%)", part * 100.0));
        transform(&self.past, &format!("scaleX({part:.5})"));
    }
}

/// Properties of the transport.
#[derive(Clone, PartialEq, Properties)]
pub struct TransportProps {
    /// What every panel gets.
    pub panel: PanelProps,
    /// How fast time runs.
    pub speed: Speed,
    /// By how much the run is behind.
    pub behind: Span,
    /// What follows the clock.
    pub hands: Hands,
}

/// The transport.
#[function_component]
pub fn Transport(props: &TransportProps) -> Html {
    let PanelProps { session, words, dispatch, look, .. } = &props.panel;
    let send = |msg: Msg| dispatch.reform(move |_| msg.clone());
    let session = session.borrow();
    let is_over = session.now() >= look.end;
    let (sign, says) = match (look.is_playing, is_over) {
        (true, _) => (Sign::Pause, "transport.pause"),
        (false, true) => (Sign::Again, "transport.again"),
        (false, false) => (Sign::Play, "transport.play"),
    };
    let button = |class: &'static str, sign: Sign, says: &str, key: &str, msg: Msg, disabled: bool| {
        html! {
            <button class={class} onclick={send(msg)} {disabled} aria-label={words.say(says)}
                title={format!("{} ({key})", words.text(says))}>
                <Icon {sign} />
            </button>
        }
    };
    html! {
        <section class="card transport" aria-label={words.say("transport.title")}>
            if let Some(selected) = look.selected {
                <button class="peek" onclick={Callback::from(|_| show_inspector())}>
                    <span class="peek-name">{ name(session.world(), selected) }</span>
                    { words.say("transport.look_inside") }
                    <Icon sign={Sign::Chevron} />
                </button>
            }
            <div class="transport-buttons" role="group" aria-label={words.say("transport.buttons")}>
                { button("round", Sign::ToStart, "transport.reset", "0", Msg::Reset, false) }
                { button("round", Sign::StepBack, "transport.step_back", ",", Msg::StepBack, session.steps() == 0) }
                { button("round main", sign, says, "Space", Msg::TogglePlay, false) }
                { button("round", Sign::Step, "transport.step", ".", Msg::Step, is_over) }
                { button("round", Sign::ToEvent, "transport.next_event", "E", Msg::NextEvent, is_over) }
            </div>
            <div class="clock">
                <Clock now={session.now()} is_playing={look.is_playing} node={props.hands.clock.clone()}
                    label={words.say("transport.now")} />
                <span class="speed-text" id="speed-text">
                    if props.behind > Span::from_ms(100) && look.is_playing {
                        <span class="behind">
                            { words.fill("transport.behind", &[("time", &seconds(props.behind))]) }
                        </span>
                    } else {
                        { props.speed.sentence(words) }
                    }
                </span>
            </div>
            <SpeedSlider speed={props.speed} words={words.clone()} dispatch={dispatch.clone()} />
            <Bar panel={props.panel.clone()} hands={props.hands.clone()} />
        </section>
    }
}

/// Where the inspector is not beside the picture, brings it into sight.
fn show_inspector() {
    if let Some(inspector) = document().get_element_by_id("inspector") {
        inspector.scroll_into_view();
    }
    focus("inspector-title");
}

fn seconds(span: Span) -> String {
    format!("{:.1} s", span.0 as f64 / 1e6)
}

/// Properties of the clock.
#[derive(Clone, PartialEq, Properties)]
struct ClockProps {
    now: Instant,
    is_playing: bool,
    node: NodeRef,
    label: String,
}

/// The only clock: simulated time. When it stands still it is exact to the microsecond.
#[function_component]
fn Clock(props: &ClockProps) -> Html {
    let (text, us) = clock(props.now);
    html! {
        <output class="now digits" data-number="now_us" data-value={props.now.0.to_string()}>
            <span class="visually-hidden">{ &props.label }{ " " }</span>
            <span ref={props.node.clone()}>{ text }</span>
            <span class="now-us">{ if props.is_playing || us == 0 { String::new() } else { format!("{us:03}") } }</span>
        </output>
    }
}

/// Properties of the slider.
#[derive(Clone, PartialEq, Properties)]
struct SpeedSliderProps {
    speed: Speed,
    words: super::super::session_ref::WordsRef,
    dispatch: Callback<Msg>,
}

#[function_component]
fn SpeedSlider(props: &SpeedSliderProps) -> Html {
    let oninput = props.dispatch.reform(|event: InputEvent| {
        let input: HtmlInputElement = event.target_unchecked_into();
        Msg::SetSpeed(Speed::from_log2(input.value_as_number()))
    });
    html! {
        <div class="speed">
            <label class="visually-hidden" for="speed">{ props.words.say("transport.speed_label") }</label>
            <input id="speed" type="range" min="-6" max="6" step="0.25" value={props.speed.log2().to_string()}
                {oninput} aria-valuetext={props.speed.sentence(&props.words)} list="speeds" />
            <datalist id="speeds"><option value="0" /></datalist>
            <span class="speed-ends" aria-hidden="true"><span>{ "1/64" }</span><span>{ "1" }</span><span>{ "64×" }</span></span>
        </div>
    }
}

/// Properties of the bar.
#[derive(Clone, PartialEq, Properties)]
struct BarProps {
    panel: PanelProps,
    hands: Hands,
}

/// The bar's curve is drawn this wide and high, and stretched to fit.
const CURVE: (f64, f64) = (1000.0, 100.0);

/// The whole run as a line: how far it has come, what happened when, and the accumulation behind it. It is a slider:
/// pressed, dragged or moved with the arrow keys it goes to any instant.
#[function_component]
fn Bar(props: &BarProps) -> Html {
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

fn percent(at: Instant, end: Instant) -> String {
    format!("{:.3}%", part(at, end) * 100.0)
}

fn part(at: Instant, end: Instant) -> f64 {
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

/// Something on the bar.
struct Tick {
    at: Instant,
    kind: &'static str,
    says: String,
    is_labelled: bool,
}

impl Tick {
    fn draw(&self, end: Instant) -> Html {
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
const NAMES_MAX: usize = 2;
/// Ticks on the bar at the most; the log knows them all.
const TICKS_MAX: usize = 60;
/// A label is taken to need so many pixels for each of its characters, and so many between it and the next.
const LETTER: f64 = 6.2;
const GAP: f64 = 10.0;
/// The bar's width on a large screen, in pixels.
const WIDTH_USUAL: f64 = 900.0;
/// What the pointer is over is said on the side where there is more room.
const MIDDLE: f64 = 0.5;
/// From here on there is room for a label on the left of its tick only.
const LATE: f64 = 0.85;
/// Kinds of tick; the first ones get their labels first.
const KINDS: [&str; 5] = ["tick-marker", "tick-hand", "tick-fault", "tick-change", "tick-act"];

/// What stands on the bar: the scenario's markers ahead and behind, and what has happened.
fn ticks(session: &Session<Observers>, end: Instant, words: &Words, width: f64) -> Vec<Tick> {
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
