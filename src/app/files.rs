//! Files that come from the visitor (scenarios: chosen, dropped or pasted) and those that go to them.

use gloo::events::{EventListener, EventListenerOptions};
use gloo::file::{Blob, ObjectUrl};
use gloo::utils::document;
use wasm_bindgen::JsCast;
use web_sys::{ClipboardEvent, DragEvent, Element, File, HtmlElement};
use yew::Callback;
use yew::platform::spawn_local;

use super::store::Msg;
use crate::scenario::limits;

/// Reads a file and asks for it to be played. One that is too long is not read at all.
pub fn read(file: File, dispatch: Callback<Msg>) {
    if file.size() > limits::FILE_BYTES as f64 {
        return dispatch.emit(Msg::FileTooLong(file.size() as u64));
    }
    spawn_local(async move {
        let blob: Blob = gloo::file::File::from(file).into();
        // A file that cannot be read is an empty one: the list of problems says so.
        let text = gloo::file::futures::read_as_text(&blob).await.unwrap_or_default();
        dispatch.emit(Msg::LoadText(text));
    });
}

/// Gives a file to the visitor. The browser reads it after this returns, so its address has to be kept until the next
/// one.
pub fn save(blob: Blob, name: &str) -> ObjectUrl {
    let url = ObjectUrl::from(blob);
    let link = document().create_element("a").ok().and_then(|link| link.dyn_into::<HtmlElement>().ok());
    if let Some(link) = link {
        link.set_attribute("href", &url).ok();
        link.set_attribute("download", name).ok();
        link.click();
    }
    url
}

/// Listens for files that are dropped on the page and for JSON that is pasted into it.
pub(super) fn listeners(dispatch: &Callback<Msg>) -> Vec<EventListener> {
    let options = EventListenerOptions::enable_prevent_default();
    let over = EventListener::new_with_options(&document(), "dragover", options, |event| {
        if has_file(event) {
            event.prevent_default();
        }
    });
    let dropped = dispatch.clone();
    let drop = EventListener::new_with_options(&document(), "drop", options, move |event| {
        let file = event.dyn_ref::<DragEvent>().and_then(DragEvent::data_transfer);
        let file = file.and_then(|data| data.files()).and_then(|files| files.get(0));
        if let Some(file) = file {
            event.prevent_default();
            read(file, dropped.clone());
        }
    });
    let pasted = dispatch.clone();
    let paste = EventListener::new(&document(), "paste", move |event| {
        let into_field =
            event.target().and_then(|target| target.dyn_into::<Element>().ok()).is_some_and(|element| {
                element.closest("input, textarea, [contenteditable]").ok().flatten().is_some()
            });
        let text = event.dyn_ref::<ClipboardEvent>().and_then(ClipboardEvent::clipboard_data);
        let text = text.and_then(|data| data.get_data("text").ok()).unwrap_or_default();
        if !into_field && text.trim_start().starts_with('{') {
            pasted.emit(Msg::LoadText(text));
        }
    });
    vec![over, drop, paste]
}

fn has_file(event: &web_sys::Event) -> bool {
    let data = event.dyn_ref::<DragEvent>().and_then(DragEvent::data_transfer);
    data.is_some_and(|data| data.types().includes(&"Files".into(), 0))
}
