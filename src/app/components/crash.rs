//! The card that stands where the picture was, when an invariant broke: a mistake of ours, told as one.

use yew::{Html, function_component, html};

use super::super::panel::PanelProps;
use super::super::store::{Dialog, Msg};
use super::super::words::clock;

/// What broke, and how to see it again.
#[function_component]
pub fn CrashCard(props: &PanelProps) -> Html {
    let PanelProps { session, words, dispatch, .. } = props;
    let session = session.borrow();
    let Some(broken) = session.broken() else { return html! {} };
    let send = |msg: Msg| dispatch.reform(move |_| msg.clone());
    let rows = [
        ("page.crash_what", broken.violation.to_string()),
        ("page.crash_when", format!("{} (#{})", clock(broken.at).0, broken.seq)),
        ("page.scenario", session.scenario().id.clone()),
        ("page.seed", session.scenario().seed.to_string()),
        ("page.crash_acts", session.acts().len().to_string()),
    ];
    html! {
        <section class="card crash" role="alert" aria-labelledby="crash-title">
            <h2 id="crash-title">{ words.say("page.crash_title") }</h2>
            <p>{ words.say("page.crash_about") }</p>
            <dl>{ for rows.map(|(says, value)| html! { <div><dt>{ words.say(says) }</dt><dd>{ value }</dd></div> }) }</dl>
            <div class="caption-buttons">
                <button class="plain" onclick={send(Msg::Reset)}>{ words.say("transport.reset") }</button>
                <button class="plain" onclick={send(Msg::Open(Dialog::Picker))}>{ words.say("scenario.choose") }</button>
            </div>
        </section>
    }
}
