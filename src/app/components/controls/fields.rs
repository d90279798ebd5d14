//! Fields that never lose what was typed: each has a label, a hint, and a sentence when it is wrong.

use gloo::timers::callback::Timeout;
use web_sys::{HtmlInputElement, HtmlSelectElement};
use yew::{
    AttrValue, Callback, Children, Event, Html, InputEvent, KeyboardEvent, Properties, SubmitEvent,
    TargetCast, classes, function_component, html, use_effect_with, use_mut_ref, use_node_ref, use_state,
};

/// So long after a field was left it says what is wrong with it.
const PATIENCE_MS: u32 = 250;

/// Properties of a text field.
#[derive(Clone, PartialEq, Properties)]
pub(crate) struct TextFieldProps {
    /// Unique in the page.
    pub id: AttrValue,
    /// What it is for.
    pub label: AttrValue,
    /// What is typed.
    pub value: AttrValue,
    /// Somebody typed.
    pub oninput: Callback<String>,
    /// What is wrong with it.
    #[prop_or_default]
    pub wrong: Option<AttrValue>,
    /// Say at once what is wrong, before the field is left.
    #[prop_or_default]
    pub insists: bool,
    /// A word beside the label.
    #[prop_or_default]
    pub hint: Option<AttrValue>,
    /// Which keys a telephone should offer: `numeric`, `decimal` or `text`.
    #[prop_or(AttrValue::Static("text"))]
    pub inputmode: AttrValue,
    /// Over the whole width of the form.
    #[prop_or_default]
    pub is_wide: bool,
}

/// A text field. Numbers are typed into one too: a number field would throw away what it does not understand.
#[function_component]
pub(crate) fn TextField(props: &TextFieldProps) -> Html {
    let TextFieldProps { id, label, value, hint, inputmode, .. } = props;
    // While somebody is typing for the first time nobody interrupts; a field that was wrong once is followed closely.
    let was_left = use_state(|| false);
    let leaving = use_mut_ref(|| None::<Timeout>);
    let onblur = {
        let was_left = was_left.clone();
        // Not at once: whoever leaves the field by pressing a button must find the button where it was.
        Callback::from(move |_| {
            let was_left = was_left.clone();
            *leaving.borrow_mut() = Some(Timeout::new(PATIENCE_MS, move || was_left.set(true)));
        })
    };
    let oninput =
        props.oninput.reform(|event: InputEvent| event.target_unchecked_into::<HtmlInputElement>().value());
    let wrong = props.wrong.clone().filter(|_| *was_left || props.insists);
    let (hint_id, wrong_id) = (format!("{id}-hint"), format!("{id}-wrong"));
    let described: Vec<&str> = hint
        .as_ref()
        .map(|_| hint_id.as_str())
        .into_iter()
        .chain(wrong.as_ref().map(|_| wrong_id.as_str()))
        .collect();
    let described = (!described.is_empty()).then(|| described.join(" "));
    html! {
        <div class={classes!("field", wrong.is_some().then_some("is-wrong"), props.is_wide.then_some("is-wide"))}>
            <label for={id.clone()}>{ label }</label>
            <input id={id.clone()} type="text" value={value.clone()} {inputmode} {oninput} {onblur} autocomplete="off"
                autocapitalize="off" spellcheck="false" aria-invalid={wrong.is_some().then_some("true")}
                aria-describedby={described} />
            if let Some(hint) = hint {
                <span class="field-hint" id={hint_id}>{ hint }</span>
            }
            if let Some(wrong) = wrong {
                <span class="field-wrong" id={wrong_id} role="alert">{ wrong }</span>
            }
        </div>
    }
}

/// One thing that can be chosen.
#[derive(Clone, PartialEq)]
pub(crate) struct Choice {
    /// What the form hears.
    pub value: AttrValue,
    /// What the visitor reads.
    pub label: AttrValue,
}

/// Properties of a field with a list.
#[derive(Clone, PartialEq, Properties)]
pub(crate) struct SelectFieldProps {
    /// Unique in the page.
    pub id: AttrValue,
    /// What it is for.
    pub label: AttrValue,
    /// What there is.
    pub choices: Vec<Choice>,
    /// What is chosen.
    pub value: AttrValue,
    /// Somebody chose.
    pub onchange: Callback<String>,
    /// Over the whole width of the form.
    #[prop_or_default]
    pub is_wide: bool,
}

/// A field with a list to choose from.
#[function_component]
pub(crate) fn SelectField(props: &SelectFieldProps) -> Html {
    let SelectFieldProps { id, label, choices, value, .. } = props;
    let select = use_node_ref();
    // Once somebody has chosen, the list no longer follows its options' attributes; it has to be told.
    use_effect_with(value.clone(), {
        let select = select.clone();
        move |value: &AttrValue| {
            if let Some(select) = select.cast::<HtmlSelectElement>() {
                select.set_value(value);
            }
        }
    });
    let onchange =
        props.onchange.reform(|event: Event| event.target_unchecked_into::<HtmlSelectElement>().value());
    html! {
        <div class={classes!("field", props.is_wide.then_some("is-wide"))}>
            <label for={id.clone()}>{ label }</label>
            <select ref={select} id={id.clone()} {onchange}>
                { for choices.iter().map(|choice| html! {
                    <option key={choice.value.as_str()} value={choice.value.clone()}
                        selected={choice.value == *value}>
                        { &choice.label }
                    </option>
                }) }
            </select>
        </div>
    }
}

/// Properties of a row of choices.
#[derive(Clone, PartialEq, Properties)]
pub(crate) struct SegmentsProps {
    /// Unique in the page.
    pub id: AttrValue,
    /// What is chosen.
    pub label: AttrValue,
    /// What there is; two or three things.
    pub choices: Vec<Choice>,
    /// What is chosen.
    pub value: AttrValue,
    /// Somebody chose.
    pub onchange: Callback<String>,
    /// A sentence about what is chosen.
    #[prop_or_default]
    pub hint: Option<AttrValue>,
    /// Nothing can be chosen now.
    #[prop_or_default]
    pub disabled: bool,
}

/// Two or three choices side by side: radio buttons, so that arrows and screen readers know them.
#[function_component]
pub(crate) fn Segments(props: &SegmentsProps) -> Html {
    let SegmentsProps { id, label, choices, value, hint, disabled, .. } = props;
    let hint_id = format!("{id}-hint");
    html! {
        <fieldset class="field is-wide segments" aria-describedby={hint.as_ref().map(|_| hint_id.clone())}>
            <legend>{ label }</legend>
            <div class="segments-row">
                { for choices.iter().map(|choice| {
                    let chosen = choice.value.to_string();
                    let onchange = props.onchange.reform(move |_: Event| chosen.clone());
                    html! {
                        <label key={choice.value.as_str()}>
                            <input type="radio" name={id.clone()} value={choice.value.clone()} {onchange}
                                checked={choice.value == *value} disabled={*disabled} />
                            <span>{ &choice.label }</span>
                        </label>
                    }
                }) }
            </div>
            if let Some(hint) = hint {
                <span class="field-hint" id={hint_id}>{ hint }</span>
            }
        </fieldset>
    }
}

/// Properties of a form.
#[derive(Clone, PartialEq, Properties)]
pub(crate) struct FormProps {
    /// What it is for; a screen reader says it.
    pub label: AttrValue,
    /// Somebody is done.
    pub onsubmit: Callback<()>,
    /// Somebody gives up: the escape key.
    pub oncancel: Callback<()>,
    /// The fields and buttons.
    pub children: Children,
}

/// Puts the keyboard on the heading above, where the page's shortcuts are heard again, unless giving up has moved it
/// already.
fn leave_field() {
    let is_field =
        |element: web_sys::Element| element.matches("form.form input, form.form select").unwrap_or(false);
    let look = move || {
        if gloo::utils::document().active_element().is_some_and(is_field) {
            super::focus("inspector-title");
        }
    };
    Timeout::new(0, look).forget();
}

/// A form. Enter sends it, Escape gives it up; nothing else on the page hears these keys.
#[function_component]
pub(crate) fn Form(props: &FormProps) -> Html {
    let onsubmit = props.onsubmit.reform(|event: SubmitEvent| event.prevent_default());
    let cancel = props.oncancel.clone();
    let onkeydown = Callback::from(move |event: KeyboardEvent| {
        if event.key() == "Escape" && !event.is_composing() {
            event.stop_propagation();
            event.prevent_default();
            cancel.emit(());
            leave_field();
        }
    });
    html! {
        <form class="form" aria-label={props.label.clone()} {onsubmit} {onkeydown} novalidate=true autocomplete="off">
            { for props.children.iter() }
        </form>
    }
}
