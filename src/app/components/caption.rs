//! Words beside the picture: the scenario's captions, what there is to say about the run as a whole, and the legend.

use yew::{Callback, Html, MouseEvent, Properties, function_component, html, use_state};

use super::super::panel::PanelProps;
use super::super::preferences;
use super::super::store::Msg;
use super::super::words::{local, short_clock};
use super::icon::{Icon, Sign};
use super::legend::{Legend, Marks};
use super::stage::shows_disk;
use crate::scenario::{self, Scenario};
use crate::sim::Instant;

/// Properties of the strip.
#[derive(Clone, PartialEq, Properties)]
pub struct CaptionProps {
    /// What every panel gets.
    pub panel: PanelProps,
    /// Why the last wish was not granted.
    pub notice: Option<String>,
    /// What has come of it, where that is not plain to see.
    pub news: Option<String>,
}

/// The strip above the picture, with what the picture's marks mean behind a button. It always has room for two lines, so
/// nothing jumps.
#[function_component]
pub fn CaptionStrip(props: &CaptionProps) -> Html {
    let words = props.panel.words.clone();
    let is_open = use_state(preferences::legend_is_open);
    let onclick = {
        let is_open = is_open.clone();
        Callback::from(move |_: MouseEvent| {
            preferences::remember_legend(!*is_open);
            is_open.set(!*is_open);
        })
    };
    let marks = {
        let session = props.panel.session.borrow();
        Marks::of(session.world(), shows_disk(&session))
    };
    html! {
        <div class="story">
            <Caption ..props.clone() />
            <button class="quiet legend-button" {onclick} aria-expanded={is_open.to_string()} aria-controls="legend">
                <Icon sign={Sign::Chevron} />
                { words.say("legend.title") }
            </button>
            <div id="legend" class="legend" hidden={!*is_open}>
                if *is_open {
                    <Legend {words} {marks} />
                }
            </div>
        </div>
    }
}

/// The words themselves.
#[function_component]
fn Caption(props: &CaptionProps) -> Html {
    let PanelProps { session, words, dispatch, look, .. } = &props.panel;
    let session = session.borrow();
    let scenario = session.scenario();
    let now = session.now();
    if let Some(notice) = &props.notice {
        return html! { <div class="caption is-notice" role="status">{ notice }</div> };
    }
    if let Some(news) = &props.news {
        return html! { <div class="caption is-news" role="status">{ news }</div> };
    }
    let send = |msg: Msg| dispatch.reform(move |_| msg.clone());
    let ahead = session.acts_ahead().len() as u64;
    if ahead > 0 && now == Instant::ZERO {
        return html! {
            <div class="caption is-over">
                <p>{ words.count("caption.acts_ahead", ahead, &[]) }</p>
                <div class="caption-buttons">
                    <button class="plain" onclick={send(Msg::ForgetActs)}>{ words.count("caption.forget_acts", ahead, &[]) }</button>
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
    let caption = current(scenario, now);
    let text = match caption {
        Some(caption) => Some(&caption.text),
        None => scenario.summary.as_ref(),
    };
    let text = match text {
        Some(text) => local(text, words.language()).to_owned(),
        // A file need not say anything about itself.
        None => words.say("caption.nothing"),
    };
    let claims = caption.map_or(&[][..], |caption| &caption.claims);
    html! {
        <div class="caption">
            <p>
                { text }
                if !session.acts().is_empty() {
                    { " " }<span class="changed">{ words.say("caption.changed") }</span>
                }
            </p>
            if !claims.is_empty() {
                <details class="claims">
                    <summary>{ words.count("caption.claims", claims.len() as u64, &[]) }</summary>
                    <ul>
                        { for claims.iter().map(|id| html! {
                            <li><span class="claim-id">{ *id }</span>{ " " }{ words.say(&format!("claim.{id}")) }</li>
                        }) }
                    </ul>
                </details>
            }
        </div>
    }
}

/// The caption of an instant.
fn current(scenario: &Scenario, now: Instant) -> Option<&scenario::Caption> {
    let last = scenario.captions.iter().rfind(|caption| caption.at <= now)?;
    last.until.is_none_or(|until| now < until).then_some(last)
}
