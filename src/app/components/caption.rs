//! Words beside the picture: the scenario's captions, and what there is to say about the run as a whole.

use yew::{Html, Properties, function_component, html};

use super::super::panel::PanelProps;
use super::super::store::Msg;
use super::super::words::{local, short_clock};
use crate::scenario::{Caption, Scenario};
use crate::sim::Instant;

/// Properties of the strip.
#[derive(Clone, PartialEq, Properties)]
pub struct CaptionProps {
    /// What every panel gets.
    pub panel: PanelProps,
    /// Why the last wish was not granted.
    pub notice: Option<String>,
}

/// The strip under the picture. It always has room for two lines, so nothing jumps.
#[function_component]
pub fn CaptionStrip(props: &CaptionProps) -> Html {
    let PanelProps { session, words, dispatch, look, .. } = &props.panel;
    let session = session.borrow();
    let scenario = session.scenario();
    let now = session.now();
    if let Some(notice) = &props.notice {
        return html! { <div class="caption is-notice" role="status">{ notice }</div> };
    }
    let send = |msg: Msg| dispatch.reform(move |_| msg.clone());
    let ahead = session.acts_ahead().len() as u64;
    if ahead > 0 && now == Instant::ZERO {
        return html! {
            <div class="caption is-over">
                <p>{ words.count("caption.acts_ahead", ahead, &[]) }</p>
                <div class="caption-buttons">
                    <button class="plain" onclick={send(Msg::ForgetActs)}>{ words.say("caption.forget_acts") }</button>
                </div>
            </div>
        };
    }
    if now >= look.end && !look.is_playing {
        let says = if look.end > scenario.until { "transport.over_beyond" } else { "transport.over" };
        return html! {
            <div class="caption is-over">
                <p>{ words.fill(says, &[("time", &short_clock(look.end))]) }</p>
                <div class="caption-buttons">
                    <button class="plain" onclick={send(Msg::Reset)}>{ words.say("transport.reset") }</button>
                    <button class="plain" onclick={send(Msg::GoOn)}>{ words.say("transport.go_on") }</button>
                </div>
            </div>
        };
    }
    let text = match current(scenario, now) {
        Some(caption) => Some(&caption.text),
        None => scenario.summary.as_ref(),
    };
    let text = match text {
        Some(text) => local(text, words.language()).to_owned(),
        // A file need not say anything about itself.
        None => words.say("caption.nothing"),
    };
    html! { <div class="caption"><p>{ text }</p></div> }
}

/// The caption of an instant.
fn current(scenario: &Scenario, now: Instant) -> Option<&Caption> {
    let last = scenario.captions.iter().rfind(|caption| caption.at <= now)?;
    last.until.is_none_or(|until| now < until).then_some(last)
}
