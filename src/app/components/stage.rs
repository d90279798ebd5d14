//! The stage: a canvas that is painted past the virtual DOM, and what the pointer and the keyboard do on it.

use std::cell::RefCell;
use std::rc::Rc;

use gloo::events::EventListener;
use gloo::utils::window;
use wasm_bindgen::JsCast;
use wasm_bindgen::closure::Closure;
use web_sys::{
    CanvasRenderingContext2d, Element, FocusEvent, HtmlCanvasElement, HtmlElement, KeyboardEvent,
    ResizeObserver,
};
use yew::{Callback, Html, NodeRef, PointerEvent, Properties, function_component, html};

use super::super::canvas;
use super::super::panel::PanelProps;
use super::super::reach::{Direction, towards};
use super::super::session_ref::{SessionRef, WordsRef};
use super::super::store::{Msg, PanelId, State};
use super::super::words::{labels, tip as tip_text};
use super::just_now::JustNow;
use crate::broker::World;
use crate::scene::{self, Area, ColourBy, Labels, Picture, Subject, Tip, View};

/// The least height of the stage. The style sheet has the same number.
const HEIGHT_MIN: f32 = 280.0;
/// In a tall window it may take what the rest of the first screen leaves, up to this.
const HEIGHT_MAX: f32 = 960.0;
/// It is never more than so many times as high as what is on it wants to be.
const LOOSE: f32 = 1.12;
/// In a low window it shrinks to so much of its height, if all of it fits then.
const TIGHT: f32 = 0.76;
/// So much closer it moves together to leave the charts in sight.
const SNUG: f32 = 0.94;
/// The head, the caption, the line about what happened and the bar take so much of a window.
const AROUND: f32 = 240.0;
/// The same where there is no head but a line with the scenario's name.
const AROUND_ALONE: f32 = 172.0;
/// What the rest of the first screen takes, in a window at least this wide.
const REST: f32 = 525.0;
const WIDE: f64 = 1100.0;
/// From this width on the bar is one row, and the picture above it is to fit.
const ONE_ROW: f64 = 900.0;
/// At this width words on the stage begin to grow with it, up to `SCALE_MAX`.
const WIDTH_NORMAL: f32 = 1_160.0;
const SCALE_MAX: f32 = 1.6;
/// The line about a thing stays this far from it, and from the stage's edges.
const TIP_GAP: f32 = 8.0;

/// The picture that was painted last: pointer and keyboard look things up in it.
#[derive(Clone, Debug, Default)]
pub struct PictureRef(Rc<RefCell<Picture>>);

impl PartialEq for PictureRef {
    fn eq(&self, other: &Self) -> bool {
        Rc::ptr_eq(&self.0, &other.0)
    }
}

/// The line about what is pointed at: where it is written, and when.
#[derive(Clone, Debug, Default)]
pub struct TipRef {
    node: NodeRef,
    kept: Rc<RefCell<TipState>>,
}

#[derive(Debug, Default)]
struct TipState {
    /// Where the pointer was last, on the canvas.
    pointer: [f32; 2],
    /// What is selected was selected with the keyboard, which is still on the stage.
    is_by_key: bool,
    /// What somebody put the line away of: it stays away until something else is pointed at.
    away: Option<Subject>,
    /// What is shown, and where.
    shown: Option<Subject>,
    text: String,
    size: (f32, f32),
    place: (i32, i32),
}

impl PartialEq for TipRef {
    fn eq(&self, other: &Self) -> bool {
        Rc::ptr_eq(&self.kept, &other.kept)
    }
}

/// The parts of the stage that are reached past the virtual DOM.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Parts {
    canvas: NodeRef,
    room: NodeRef,
    picture: PictureRef,
    tip: TipRef,
}

/// The canvas of the stage, and everything needed to paint on it.
#[derive(Default)]
pub struct StageCanvas {
    parts: Parts,
    /// The room's width, and the height that the window has for the picture in it.
    extent: (f32, f32),
    labels: Option<(WordsRef, Labels)>,
    /// For which run and room height and size of words hold; while they stay, the height never shrinks and words never
    /// grow.
    height: Option<(SessionRef, (f32, f32), f32, f32)>,
    /// Is the pointer over something? Then it is a hand.
    is_over: bool,
    /// The canvas element's size in device pixels.
    size: (u32, u32),
    context: Option<CanvasRenderingContext2d>,
    watched: Option<(ResizeObserver, Closure<dyn FnMut()>)>,
    window: Option<EventListener>,
}

impl Drop for StageCanvas {
    fn drop(&mut self) {
        if let Some((observer, _)) = &self.watched {
            observer.disconnect();
        }
    }
}

impl StageCanvas {
    /// What the stage component needs of it.
    pub fn parts(&self) -> Parts {
        self.parts.clone()
    }

    /// Hides the line about what is pointed at, until it is something else. Says whether there was one.
    pub fn put_tip_away(&self) -> bool {
        let mut kept = self.parts.tip.kept.borrow_mut();
        let is_shown = kept.shown.is_some();
        if is_shown {
            kept.away = kept.shown;
        }
        is_shown
    }

    /// Looks up how much room there is. Asking makes the browser lay out the page, so it is not done for every frame.
    pub fn measure(&mut self) {
        let width = self.parts.room.cast::<Element>().map_or(0.0, |room| room.client_width() as f32);
        self.extent = (width, height_to_spare());
    }

    /// Calls back whenever the room for the canvas changes.
    pub fn watch(&mut self, resized: Callback<()>) {
        // The room's own size does not follow the window's height.
        let of_window = resized.clone();
        self.window = Some(EventListener::new(&window(), "resize", move |_| of_window.emit(())));
        let closure = Closure::<dyn FnMut()>::new(move || resized.emit(()));
        let observer = ResizeObserver::new(closure.as_ref().unchecked_ref()).ok();
        if let (Some(observer), Some(room)) = (observer, self.parts.room.cast::<Element>()) {
            observer.observe(&room);
            self.watched = Some((observer, closure));
        }
    }

    /// Paints the run as it is now. Says whether there is something to paint on.
    pub fn paint(&mut self, state: &State) -> bool {
        let Some(canvas) = self.parts.canvas.cast::<HtmlCanvasElement>() else { return true };
        if self.context.is_none() {
            let context = canvas.get_context("2d").ok().flatten();
            self.context = context.and_then(|context| context.dyn_into().ok());
        }
        let Some(context) = self.context.clone() else { return false };
        let (width, spare) = self.extent;
        let fits = height_that_fits(state.shows_stage_only);
        let spare = if state.shows_stage_only { fits } else { spare };
        if width < 1.0 {
            return true;
        }
        if self.labels.as_ref().is_none_or(|(words, _)| *words != state.words) {
            self.labels = Some((state.words.clone(), labels(&state.words)));
        }
        let Some((_, labels)) = &self.labels else { return true };
        let session = state.session.borrow();
        let (world, now) = (session.world(), session.now());
        let mut view = View {
            width,
            height: 0.0,
            selection: state.selected,
            hover: state.hovered,
            colour_by: ColourBy::Group,
            labels,
            reduced_motion: state.is_calm,
            shows_disk: shows_disk(&session),
            text_scale: 1.0,
        };
        let before = self.height.as_ref().filter(|(run, at, ..)| *run == state.session && *at == self.extent);
        let (least, largest) = before.map_or((0.0, scale(width)), |(.., height, scale)| (*height, *scale));
        // On a large screen everything is larger, as long as it still fits.
        view.text_scale = largest;
        let mut natural = scene::natural_height(world, now, &view);
        while natural > spare && view.text_scale > 1.0 {
            view.text_scale = (view.text_scale - 0.05).max(1.0);
            natural = scene::natural_height(world, now, &view);
        }
        // In a low window what is on the stage moves together, so that the bar covers nothing of it.
        let natural = if natural * TIGHT <= fits { natural.min(fits) } else { natural };
        let natural = if spare > 0.0 { natural.min(spare.max(natural * SNUG)) } else { natural };
        // A tall window does not pull apart what is on the stage.
        view.height = natural.max(spare.min(natural * LOOSE)).max(HEIGHT_MIN).max(least).ceil();
        self.height = Some((state.session.clone(), self.extent, view.height, view.text_scale));

        let mut picture = self.parts.picture.0.borrow_mut();
        scene::draw_into(&mut picture, world, now, &view);
        let ratio = window().device_pixel_ratio().clamp(1.0, 4.0);
        let size =
            ((f64::from(width) * ratio).round() as u32, (f64::from(picture.height) * ratio).round() as u32);
        if size != self.size {
            self.size = size;
            canvas.set_width(size.0);
            canvas.set_height(size.1);
            let style = canvas.style();
            style.set_property("height", &format!("{}px", picture.height)).ok();
        }
        if self.is_over != state.hovered.is_some() {
            self.is_over = state.hovered.is_some();
            canvas.style().set_property("cursor", if self.is_over { "pointer" } else { "default" }).ok();
        }
        canvas::paint(&context, &picture, state.stage_theme(), ratio);
        self.parts.tip.show(state, &picture);
        true
    }
}

impl TipRef {
    /// Writes the line about what is pointed at, or hides it.
    fn show(&self, state: &State, picture: &Picture) {
        let Some(node) = self.node.cast::<HtmlElement>() else { return };
        let mut kept = self.kept.borrow_mut();
        let kept = &mut *kept;
        let by_key = if kept.is_by_key { state.selected } else { None };
        let subject = state.hovered.or(by_key);
        if kept.away.is_some() && kept.away != subject {
            kept.away = None;
        }
        let session = state.session.borrow();
        let wanted = subject.filter(|subject| kept.away != Some(*subject)).and_then(|subject| {
            let from = state.hovered.map(|_| kept.pointer);
            let area = scene::nearest(picture, subject, from)?;
            Some((subject, area, Tip::about(session.world(), session.now(), subject)?))
        });
        let Some((subject, area, tip)) = wanted else {
            if kept.shown.take().is_some() {
                node.set_class_name("stage-tip");
            }
            return;
        };
        let text = tip_text(&state.words, &tip);
        if kept.text != text {
            node.set_text_content(Some(&text));
            kept.size = (node.offset_width() as f32, node.offset_height() as f32);
            kept.text = text;
        }
        let pointer = state.hovered.map(|_| kept.pointer);
        let [x, y] = beside(area, pointer, kept.size, (picture.width, picture.height));
        let place = (x.round() as i32, y.round() as i32);
        if kept.place != place {
            kept.place = place;
            let move_by = format!("translate({}px, {}px)", place.0, place.1);
            node.style().set_property("transform", &move_by).ok();
        }
        if kept.shown != Some(subject) {
            kept.shown = Some(subject);
            node.set_class_name("stage-tip is-shown");
        }
    }
}

/// Where a line of `size` stands that is about what is at `area`: above or below it, inside the picture. What is large
/// is not cleared as a whole, only the place that is pointed at.
fn beside(area: Area, pointer: Option<[f32; 2]>, size: (f32, f32), whole: (f32, f32)) -> [f32; 2] {
    let [wide, high] = [size.0, size.1];
    let is_large = area.h > 60.0;
    let (top, bottom) = match pointer {
        Some([_, y]) if is_large => (y - 6.0, y + 18.0),
        _ => (area.y, area.bottom()),
    };
    let middle = match pointer {
        Some([x, _]) if area.w > 60.0 => x,
        _ => area.middle_x(),
    };
    let x = (middle - wide / 2.0).min(whole.0 - wide - 2.0).max(2.0);
    let above = top - TIP_GAP - high;
    let below = bottom + TIP_GAP;
    [x, if above >= 0.0 { above } else { below.min(whole.1 - high).max(0.0) }]
}

/// How large words are, in steps of a twentieth: 1 on a laptop.
fn scale(width: f32) -> f32 {
    ((width / WIDTH_NORMAL).clamp(1.0, SCALE_MAX) * 20.0).floor() / 20.0
}

/// What the window has for the picture above the bar, which may be all there is. Where everything stands in one column, the
/// page is scrolled anyway.
fn height_that_fits(is_alone: bool) -> f32 {
    let size =
        |value: Result<wasm_bindgen::JsValue, _>| value.ok().and_then(|value| value.as_f64()).unwrap_or(0.0);
    if size(window().inner_width()) < ONE_ROW && !is_alone {
        return f32::INFINITY;
    }
    size(window().inner_height()) as f32 - if is_alone { AROUND_ALONE } else { AROUND }
}

/// What the window has for the picture, if the bar and the top of the charts are to be seen as well.
fn height_to_spare() -> f32 {
    let size =
        |value: Result<wasm_bindgen::JsValue, _>| value.ok().and_then(|value| value.as_f64()).unwrap_or(0.0);
    if size(window().inner_width()) < WIDE {
        return 0.0;
    }
    (size(window().inner_height()) as f32 - REST).clamp(HEIGHT_MIN, HEIGHT_MAX)
}

/// Properties of the stage.
#[derive(Clone, PartialEq, Properties)]
pub struct StageProps {
    /// What is reached past the virtual DOM.
    pub parts: Parts,
    /// What every panel gets.
    pub panel: PanelProps,
    /// There is nothing to paint on.
    pub is_missing: bool,
}

/// The stage.
#[function_component]
pub fn Stage(props: &StageProps) -> Html {
    let Parts { canvas, room, picture, tip } = props.parts.clone();
    let PanelProps { session, words, dispatch, look, .. } = &props.panel;
    let at = {
        let (picture, tip) = (picture.clone(), tip.clone());
        move |event: &PointerEvent| {
            let [x, y] = [event.offset_x() as f32, event.offset_y() as f32];
            tip.kept.borrow_mut().pointer = [x, y];
            scene::hit(&picture.0.borrow(), x, y)
        }
    };
    let onpointermove = dispatch.reform({
        let at = at.clone();
        // Whoever drags, on a phone to scroll, does not point.
        move |event: PointerEvent| Msg::Hover(at(&event).filter(|_| event.buttons() == 0))
    });
    let onpointerdown = dispatch.reform({
        let tip = tip.clone();
        move |event: PointerEvent| {
            tip.kept.borrow_mut().is_by_key = false;
            Msg::Select(at(&event))
        }
    });
    // The line about a thing belongs to it: the pointer may rest on it.
    let onpointerleave = dispatch.reform(|_| Msg::Hover(None));
    let onblur = {
        let (dispatch, tip) = (dispatch.clone(), tip.clone());
        Callback::from(move |_: FocusEvent| {
            tip.kept.borrow_mut().is_by_key = false;
            dispatch.emit(Msg::Hover(None));
        })
    };
    let onkeydown = {
        let (dispatch, selected, session, tip) =
            (dispatch.clone(), look.selected, session.clone(), tip.clone());
        Callback::from(move |event: KeyboardEvent| {
            if let Some(msg) = pressed(&event, &picture.0.borrow(), session.borrow().world(), selected) {
                event.prevent_default();
                tip.kept.borrow_mut().is_by_key |= matches!(msg, Msg::Select(_));
                dispatch.emit(msg);
            }
        })
    };
    html! {
        <section class="card stage" aria-labelledby="stage-title">
            <h2 id="stage-title" class="visually-hidden">{ words.say("page.stage") }</h2>
            <div class="stage-room" ref={room} {onpointerleave}>
                if props.is_missing {
                    <p class="stage-missing">{ words.say("page.no_canvas") }</p>
                } else {
                    <canvas ref={canvas} id="stage" class="stage-canvas" tabindex="0" role="application"
                        aria-label={words.say("page.stage_label")} aria-describedby="stage-hint stage-tip"
                        {onpointermove} {onpointerdown} {onkeydown} {onblur} />
                    <div ref={tip.node} id="stage-tip" class="stage-tip" role="tooltip"></div>
                }
            </div>
            <p id="stage-hint" class="visually-hidden">{ words.say("page.stage_hint") }</p>
            <JustNow ..props.panel.clone() />
        </section>
    }
}

fn pressed(
    event: &KeyboardEvent,
    picture: &Picture,
    world: &World,
    selected: Option<Subject>,
) -> Option<Msg> {
    if event.ctrl_key() || event.meta_key() || event.alt_key() {
        return None;
    }
    let direction = match event.key().as_str() {
        "ArrowLeft" => Direction::Left,
        "ArrowRight" => Direction::Right,
        "ArrowUp" => Direction::Up,
        "ArrowDown" => Direction::Down,
        "Enter" if selected.is_some() => return Some(Msg::Focus(PanelId::Inspector)),
        _ => return None,
    };
    Some(Msg::Select(towards(picture, world, selected, direction, event.shift_key()).or(selected)))
}

/// Is it of interest what is on the broker's disk, because the broker dies in this run?
pub(super) fn shows_disk<O: crate::broker::Observer>(session: &crate::session::Session<O>) -> bool {
    let dies = |action: &crate::scenario::Action| {
        matches!(action.command, crate::broker::Command::CrashBroker { .. })
    };
    session.world().live.faults.is_some() || session.scenario().actions.iter().any(dies)
}
