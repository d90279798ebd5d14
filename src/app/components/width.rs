//! How wide an element is.

use wasm_bindgen::JsCast;
use wasm_bindgen::closure::Closure;
use web_sys::{Element, ResizeObserver};
use yew::{NodeRef, hook, use_effect_with, use_state_eq};

/// How much room an element has, in pixels, kept up to date; before anybody has looked it is taken to be so much.
#[hook]
pub(super) fn use_width(room: &NodeRef, usual: u32) -> u32 {
    let width = use_state_eq(|| usual);
    let (node, set) = (room.clone(), width.setter());
    use_effect_with((), move |()| {
        let element = node.cast::<Element>();
        let measure = {
            let element = element.clone();
            move || {
                let room = element.as_ref().map_or(0, Element::client_width);
                // A chart in a hidden panel keeps the size it had.
                if room > 0 {
                    set.set(room.unsigned_abs());
                }
            }
        };
        measure();
        let closure = Closure::<dyn FnMut()>::new(measure);
        let observer = ResizeObserver::new(closure.as_ref().unchecked_ref()).ok();
        if let (Some(observer), Some(element)) = (&observer, &element) {
            observer.observe(element);
        }
        move || {
            if let Some(observer) = observer {
                observer.disconnect();
            }
            drop(closure);
        }
    });
    *width
}
