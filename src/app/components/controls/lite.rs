//! What a client of lite topics subscribes to.

use yew::{Callback, Html, function_component, html, use_state};

use super::consumer::ConsumerControlsProps;
use super::fields::{Form, TextField};
use crate::app::{Msg, PanelProps};
use crate::forms::lite_change;

/// A field for names, to be subscribed to or given up.
#[function_component]
pub(super) fn LiteSubscriptions(props: &ConsumerControlsProps) -> Html {
    let PanelProps { session, words, dispatch, .. } = &props.panel;
    let typed = use_state(String::new);
    let session = session.borrow();
    let world = session.world();
    let checked = [true, false].map(|adds| lite_change(world, props.consumer, &typed, adds));
    let wrong = checked[0].as_ref().err().and_then(|wrongs| wrongs.of("lite_topics"));
    let wrong = wrong.filter(|_| !typed.is_empty()).map(|wrong| wrong.say(words));
    let give = |nth: usize| {
        let (typed, dispatch, command) = (typed.clone(), dispatch.clone(), checked[nth].clone());
        Callback::from(move |()| {
            if let Ok(command) = &command {
                dispatch.emit(Msg::Command(Box::new(command.clone())));
                typed.set(String::new());
            }
        })
    };
    let oncancel = {
        let typed = typed.clone();
        Callback::from(move |()| typed.set(String::new()))
    };
    let oninput = {
        let typed = typed.clone();
        Callback::from(move |text| typed.set(text))
    };
    let remove = give(1);
    html! {
        <Form label={words.say("control.lite_subscriptions")} onsubmit={give(0)} {oncancel}>
            <TextField id="lite-topics" label={words.say("control.lite_topics")} value={(*typed).clone()} inputmode="text"
                hint={Some(yew::AttrValue::from(words.say("control.lite_topics_hint")))}
                wrong={wrong.map(yew::AttrValue::from)} insists=true is_wide=true {oninput} />
            <div class="form-buttons">
                <button type="submit" class="plain" disabled={checked[0].is_err()}>{ words.say("control.lite_subscribe") }</button>
                <button type="button" class="plain" disabled={checked[1].is_err()} onclick={remove.reform(|_| ())}>
                    { words.say("control.lite_unsubscribe") }
                </button>
            </div>
        </Form>
    }
}
