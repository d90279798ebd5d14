//! The last thing that happened, in a sentence under the picture: what a step has done. While time runs it is the latest
//! news, because single messages would come and go too fast to be read.

use yew::{Html, function_component, html};

use super::super::panel::PanelProps;
use super::super::words::clock;
use super::log::sentence;
use crate::lesson::explain::explain;
use crate::trace::log_window::Shown;

/// The line. It always takes its room, so nothing jumps.
#[function_component]
pub fn JustNow(props: &PanelProps) -> Html {
    let PanelProps { session, words, dispatch, look, .. } = props;
    let session = session.borrow();
    let (shown, says) = match look.is_playing {
        true => (Shown::News, "just_now.news"),
        false => (Shown::Everything, "just_now.event"),
    };
    let Some(entry) = session.observer().1.0.newest(shown).next() else {
        return html! { <p class="just-now muted">{ words.say("just_now.nothing") }</p> };
    };
    let (time, us) = clock(entry.at);
    let explained = explain(session.world(), entry, words);
    html! {
        <p class="just-now" data-seq={entry.seq.to_string()}>
            <span class="just-now-title">{ words.say(says) }</span>
            <span class="digits log-at">
                { time }
                if !look.is_playing && us > 0 { <span class="now-us">{ format!("{us:03}") }</span> }
            </span>
            <span class="just-now-words">{ sentence(&explained, look.selected, dispatch) }</span>
        </p>
    }
}
