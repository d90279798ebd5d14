//! Time in the visitor's hands: start, play, step, speed, and the bar from the first instant to the last.

use gloo::utils::document;
use web_sys::{HtmlElement, HtmlInputElement};
use yew::{Callback, Html, InputEvent, NodeRef, Properties, TargetCast, function_component, html};

use super::super::panel::PanelProps;
use super::super::session_ref::Observers;
use super::super::speed::Speed;
use super::super::store::{ComparisonRef, KnownRef, Msg, StepSize};
use super::super::subject::{Subject, exists, name};
use super::super::words::{clock, local};
use super::controls::focus;
use super::icon::{Icon, Sign};
use crate::lesson::Words;
use crate::scenario::Marker;
use crate::session::Session;
use crate::sim::{Instant, Span};

mod bar;
mod ticks;

use bar::{Bar, part};

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
    /// How much happens in a step.
    pub step_size: StepSize,
    /// By how much the run is behind.
    pub behind: Span,
    /// Another branch of the run, if one is compared with this.
    pub comparison: Option<ComparisonRef>,
    /// How much there is to be seen of that.
    pub compared: u64,
    /// What is known to come, if time went back.
    pub known: Option<KnownRef>,
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
    // One that is off stays under the keyboard, which else would be nowhere.
    let button = |class: &'static str, sign: Sign, says: String, key: &str, msg: Msg, is_off: bool| {
        html! {
            <button class={class} onclick={(!is_off).then(|| send(msg))} aria-disabled={is_off.then_some("true")}
                title={format!("{says} ({key})")} aria-label={says}>
                <Icon {sign} />
            </button>
        }
    };
    // What is selected stays so where it does not exist yet.
    let selected = look.selected.filter(|it| exists(session.world(), *it));
    let followed = selected.filter(|it| matches!(it, Subject::Message(_) | Subject::Sending(..)));
    let stage = |key: &str| match followed {
        Some(it) => words.fill(&format!("{key}_of"), &[("name", &name(session.world(), it))]),
        None => words.say(key),
    };
    let is_start = session.now() == Instant::ZERO;
    let steps = match props.step_size {
        StepSize::Event => [
            (words.say("transport.step_back"), ",", Msg::StepBack),
            (words.say("transport.step"), ".", Msg::Step),
        ],
        StepSize::Stage => [
            (stage("transport.stage_back"), "Shift+,", Msg::PreviousStage),
            (stage("transport.stage"), "Shift+.", Msg::NextStage),
        ],
    };
    let [(back, back_key, back_msg), (on, on_key, on_msg)] = steps;
    let size = |size: StepSize, says: &str, about: &str| {
        html! {
            <button aria-pressed={(props.step_size == size).to_string()} title={words.say(about)}
                onclick={send(Msg::SetStepSize(size))}>{ words.say(says) }</button>
        }
    };
    let [before, next] = markers_beside(&session, words);
    html! {
        <section class="card transport" aria-label={words.say("transport.title")}>
            if let Some(selected) = selected {
                <button class="peek" onclick={Callback::from(|_| show_inspector())}>
                    <span class="peek-name">{ name(session.world(), selected) }</span>
                    { words.say("transport.look_inside") }
                    <Icon sign={Sign::Chevron} />
                </button>
            }
            <div class="transport-hands">
                <div class="transport-buttons" role="group" aria-label={words.say("transport.buttons")}>
                    { button("round", Sign::ToStart, words.say("transport.reset"), "0", Msg::Reset, false) }
                    { button("round", Sign::StepBack, back, back_key, back_msg, session.steps() == 0) }
                    { button("round main", sign, words.say(says), "Space", Msg::TogglePlay, false) }
                    { button("round", Sign::Step, on, on_key, on_msg, is_over) }
                    { button("round", Sign::ToEvent, words.say("transport.next_event"), "E", Msg::NextEvent, is_over) }
                </div>
                <div class="transport-more">
                    { button("to-marker", Sign::MarkerBefore, before, "Shift+M", Msg::PreviousMarker, is_start) }
                    <div class="switch step-size" role="group" aria-label={words.say("transport.step_size")}>
                        { size(StepSize::Event, "transport.size_event", "transport.size_event_about") }
                        { size(StepSize::Stage, "transport.size_stage", "transport.size_stage_about") }
                    </div>
                    { button("to-marker", Sign::Marker, next, "M", Msg::NextMarker, is_over) }
                </div>
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
            <Bar panel={props.panel.clone()} hands={props.hands.clone()} comparison={props.comparison.clone()}
                compared={props.compared} known={props.known.clone()} />
        </section>
    }
}

/// What the buttons to the marker before and to the next one say: its name, or that there is none before the end.
fn markers_beside(session: &Session<Observers>, words: &Words) -> [String; 2] {
    let (now, markers) = (session.now(), &session.scenario().markers);
    let label = |marker: &Marker| local(&marker.label, words.language()).to_owned();
    let before = markers.iter().filter(|marker| marker.at < now).max_by_key(|marker| marker.at).map(label);
    let next = markers.iter().filter(|marker| marker.at > now).min_by_key(|marker| marker.at).map(label);
    let says = |key: &str, label: Option<String>| match label {
        Some(label) => words.fill(key, &[("name", &label)]),
        None => words.text(&format!("{key}_none")).to_owned(),
    };
    [says("transport.marker_before", before), says("transport.marker", next)]
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

/// The only clock: simulated time. When it stands still it is exact to the microsecond. Nobody wants it read aloud while it
/// runs: that is what an `<output>` would do by itself.
#[function_component]
fn Clock(props: &ClockProps) -> Html {
    let (text, us) = clock(props.now);
    html! {
        <output class="now digits" aria-live="off" data-number="now_us" data-value={props.now.0.to_string()}>
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
