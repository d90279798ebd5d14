//! The stage: a canvas that is painted past the virtual DOM, and what the pointer and the keyboard do on it.

use std::cell::RefCell;
use std::rc::Rc;

use gloo::utils::window;
use wasm_bindgen::JsCast;
use wasm_bindgen::closure::Closure;
use web_sys::{CanvasRenderingContext2d, Element, HtmlCanvasElement, KeyboardEvent, ResizeObserver};
use yew::{Callback, Html, NodeRef, PointerEvent, Properties, function_component, html};

use super::super::canvas;
use super::super::panel::PanelProps;
use super::super::reach::{Direction, towards};
use super::super::session_ref::{SessionRef, WordsRef};
use super::super::store::{Msg, PanelId, State};
use super::super::words::labels;
use crate::broker::World;
use crate::scene::{self, ColourBy, Labels, Picture, Subject, Theme, View};

/// The least height of the stage. The style sheet has the same numbers.
const HEIGHT_MIN: f32 = 420.0;
/// In a tall window it takes what the rest of the first screen leaves, up to this.
const HEIGHT_MAX: f32 = 760.0;
/// What the rest of the first screen takes, in a window at least this wide.
const REST: f32 = 560.0;
const WIDE: f64 = 1100.0;
/// Words on the stage grow up to this with the screen.
const SCALE_MAX: f32 = 1.6;

/// The picture that was painted last: pointer and keyboard look things up in it.
#[derive(Clone, Debug, Default)]
pub struct PictureRef(Rc<RefCell<Picture>>);

impl PartialEq for PictureRef {
    fn eq(&self, other: &Self) -> bool {
        Rc::ptr_eq(&self.0, &other.0)
    }
}

/// The canvas of the stage, and everything needed to paint on it.
#[derive(Default)]
pub struct StageCanvas {
    canvas: NodeRef,
    room: NodeRef,
    picture: PictureRef,
    /// The room's width, and the least height of the picture in it.
    extent: (f32, f32),
    labels: Option<(WordsRef, Labels)>,
    /// For which run and room the height holds; it never shrinks while they stay.
    height: Option<(SessionRef, (f32, f32), f32)>,
    /// Is the pointer over something? Then it is a hand.
    is_over: bool,
    /// The canvas element's size in device pixels.
    size: (u32, u32),
    context: Option<CanvasRenderingContext2d>,
    watched: Option<(ResizeObserver, Closure<dyn FnMut()>)>,
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
    pub fn parts(&self) -> (NodeRef, NodeRef, PictureRef) {
        (self.canvas.clone(), self.room.clone(), self.picture.clone())
    }

    /// Looks up how much room there is. Asking makes the browser lay out the page, so it is not done for every frame.
    pub fn measure(&mut self) {
        let width = self.room.cast::<Element>().map_or(0.0, |room| room.client_width() as f32);
        self.extent = (width, least_height());
    }

    /// Calls back whenever the room for the canvas changes.
    pub fn watch(&mut self, resized: Callback<()>) {
        let closure = Closure::<dyn FnMut()>::new(move || resized.emit(()));
        let observer = ResizeObserver::new(closure.as_ref().unchecked_ref()).ok();
        if let (Some(observer), Some(room)) = (observer, self.room.cast::<Element>()) {
            observer.observe(&room);
            self.watched = Some((observer, closure));
        }
    }

    /// Paints the run as it is now. Says whether there is something to paint on.
    pub fn paint(&mut self, state: &State) -> bool {
        let Some(canvas) = self.canvas.cast::<HtmlCanvasElement>() else { return true };
        if self.context.is_none() {
            let context = canvas.get_context("2d").ok().flatten();
            self.context = context.and_then(|context| context.dyn_into().ok());
        }
        let Some(context) = self.context.clone() else { return false };
        let (width, least) = self.extent;
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
            height: least,
            selection: state.selected,
            hover: state.hovered,
            colour_by: ColourBy::Group,
            labels,
            reduced_motion: state.is_calm,
            text_scale: 1.0,
        };
        let height_of = |view: &View<'_>| scene::natural_height(world, now, view).max(least).ceil();
        // On a large screen everything is larger, as long as it still fits.
        view.text_scale = scale(width, least);
        let mut natural = height_of(&view);
        if natural > least && view.text_scale > 1.0 {
            view.text_scale = 1.0;
            natural = height_of(&view);
        }
        view.height = match &self.height {
            Some((run, at, height)) if *run == state.session && *at == self.extent => height.max(natural),
            _ => natural,
        };
        self.height = Some((state.session.clone(), self.extent, view.height));

        let mut picture = self.picture.0.borrow_mut();
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
        let theme = if state.is_dark() { &Theme::DARK } else { &Theme::LIGHT };
        canvas::paint(&context, &picture, theme, ratio);
        true
    }
}

/// How large words are, in steps of a twentieth: 1 on a laptop.
fn scale(width: f32, height: f32) -> f32 {
    let scale = (width / 1_300.0).min(height / 520.0).clamp(1.0, SCALE_MAX);
    (scale * 20.0).floor() / 20.0
}

fn least_height() -> f32 {
    let size =
        |value: Result<wasm_bindgen::JsValue, _>| value.ok().and_then(|value| value.as_f64()).unwrap_or(0.0);
    if size(window().inner_width()) < WIDE {
        return HEIGHT_MIN;
    }
    (size(window().inner_height()) as f32 - REST).clamp(HEIGHT_MIN, HEIGHT_MAX)
}

/// Properties of the stage.
#[derive(Clone, PartialEq, Properties)]
pub struct StageProps {
    /// The canvas, the room round it, and what was painted on it.
    pub parts: (NodeRef, NodeRef, PictureRef),
    /// What every panel gets.
    pub panel: PanelProps,
    /// There is nothing to paint on.
    pub is_missing: bool,
}

/// The stage.
#[function_component]
pub fn Stage(props: &StageProps) -> Html {
    let (canvas, room, picture) = props.parts.clone();
    let PanelProps { session, words, dispatch, look, .. } = &props.panel;
    let at = {
        let picture = picture.clone();
        move |event: &PointerEvent| {
            scene::hit(&picture.0.borrow(), event.offset_x() as f32, event.offset_y() as f32)
        }
    };
    let onpointermove = dispatch.reform({
        let at = at.clone();
        move |event: PointerEvent| Msg::Hover(at(&event))
    });
    let onpointerdown = dispatch.reform(move |event: PointerEvent| Msg::Select(at(&event)));
    let onpointerleave = dispatch.reform(|_| Msg::Hover(None));
    let onkeydown = {
        let (dispatch, selected, session) = (dispatch.clone(), look.selected, session.clone());
        Callback::from(move |event: KeyboardEvent| {
            if let Some(msg) = pressed(&event, &picture.0.borrow(), session.borrow().world(), selected) {
                event.prevent_default();
                dispatch.emit(msg);
            }
        })
    };
    html! {
        <section class="card stage" aria-labelledby="stage-title">
            <h2 id="stage-title" class="visually-hidden">{ words.say("page.stage") }</h2>
            <div class="stage-room" ref={room}>
                if props.is_missing {
                    <p class="stage-missing">{ words.say("page.no_canvas") }</p>
                } else {
                    <canvas ref={canvas} id="stage" class="stage-canvas" tabindex="0" role="application"
                        aria-label={words.say("page.stage_label")} aria-describedby="stage-hint"
                        {onpointermove} {onpointerdown} {onpointerleave} {onkeydown} />
                }
            </div>
            <p id="stage-hint" class="visually-hidden">{ words.say("page.stage_hint") }</p>
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
