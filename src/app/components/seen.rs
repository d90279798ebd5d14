//! What nobody sees need not be brought up to date while time runs.

use std::cell::Cell;
use std::rc::Rc;

use wasm_bindgen::JsCast;
use wasm_bindgen::closure::Closure;
use web_sys::{Element, IntersectionObserver, IntersectionObserverEntry};
use yew::{NodeRef, hook, use_effect_with, use_memo, use_mut_ref};

/// The revision that a panel should show: the newest one, or while time runs and the panel is out of sight the one that
/// was shown last.
#[hook]
pub(super) fn use_seen<T: Copy + 'static>(newest: T, is_playing: bool, panel: &NodeRef) -> T {
    let is_visible = use_visibility(panel);
    let shown = use_mut_ref(|| newest);
    let mut shown = shown.borrow_mut();
    if !is_playing || is_visible.get() {
        *shown = newest;
    }
    *shown
}

/// Can the visitor see an element? The browser says so by itself; asking would make it lay out the page.
#[hook]
fn use_visibility(node: &NodeRef) -> Rc<Cell<bool>> {
    let is_visible = use_memo((), |()| Cell::new(true));
    let (node, seen) = (node.clone(), Rc::clone(&is_visible));
    use_effect_with((), move |()| {
        let closure = Closure::<dyn FnMut(Vec<IntersectionObserverEntry>)>::new(
            move |entries: Vec<IntersectionObserverEntry>| {
                seen.set(entries.last().is_some_and(IntersectionObserverEntry::is_intersecting));
            },
        );
        let observer = IntersectionObserver::new(closure.as_ref().unchecked_ref()).ok();
        if let Some((observer, element)) = observer.as_ref().zip(node.cast::<Element>()) {
            observer.observe(&element);
        }
        move || {
            if let Some(observer) = observer {
                observer.disconnect();
            }
            drop(closure);
        }
    });
    is_visible
}
