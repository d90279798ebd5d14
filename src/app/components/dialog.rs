//! What lies over the page: one box at a time, with the keyboard inside it.

use gloo::utils::document;
use wasm_bindgen::JsCast;
use web_sys::{HtmlDialogElement, HtmlElement};
use yew::{
    Callback, Children, Event, Html, MouseEvent, Properties, TargetCast, classes, function_component, html,
    use_effect_with, use_node_ref,
};

use super::super::session_ref::WordsRef;
use super::super::store::Msg;
use super::controls::focus;
use super::icon::{Icon, Sign};

/// Properties of a dialog.
#[derive(Clone, PartialEq, Properties)]
pub struct DialogProps {
    /// Its heading.
    pub title: String,
    /// For the style sheet.
    pub class: &'static str,
    /// The catalogue.
    pub words: WordsRef,
    /// Where wishes go.
    pub dispatch: Callback<Msg>,
    /// What is in it.
    pub children: Children,
}

/// A dialog over the page. The browser keeps the keyboard inside; afterwards it goes back to where it was.
#[function_component]
pub fn Dialog(props: &DialogProps) -> Html {
    let node = use_node_ref();
    use_effect_with(node.clone(), |node| {
        let before = document().active_element().and_then(|element| element.dyn_into::<HtmlElement>().ok());
        let dialog = node.cast::<HtmlDialogElement>();
        if let Some(dialog) = &dialog {
            dialog.show_modal().ok();
        }
        // By hand: in a frame of somebody else's page `autofocus` is an error.
        focus("dialog-title");
        move || {
            if let Some(dialog) = dialog {
                dialog.close();
            }
            if let Some(before) = before {
                before.focus().ok();
            }
        }
    });
    let close = props.dispatch.reform(|_| Msg::Close);
    // A wish to close that no key brings, such as a telephone's button to go back. The page takes the dialog away itself.
    let oncancel = props.dispatch.reform(|event: Event| {
        event.prevent_default();
        Msg::Close
    });
    let onclick = {
        let (node, dispatch) = (node.clone(), props.dispatch.clone());
        Callback::from(move |event: MouseEvent| {
            // A press on the backdrop is a press on the dialog itself, not on anything in it.
            if node
                .cast::<HtmlElement>()
                .is_some_and(|dialog| event.target_unchecked_into::<HtmlElement>() == dialog)
            {
                dispatch.emit(Msg::Close);
            }
        })
    };
    html! {
        <dialog ref={node} class={classes!("dialog", props.class)} aria-labelledby="dialog-title" {onclick} {oncancel}>
            <div class="dialog-box">
                <header class="dialog-head">
                    <h2 id="dialog-title" tabindex="-1">{ &props.title }</h2>
                    <button class="quiet square" onclick={close} aria-label={props.words.say("page.close")}
                        title={props.words.say("page.close")}>
                        <Icon sign={Sign::Cross} />
                    </button>
                </header>
                <div class="dialog-body" tabindex="0" role="group" aria-labelledby="dialog-title">{ props.children.clone() }</div>
            </div>
        </dialog>
    }
}
