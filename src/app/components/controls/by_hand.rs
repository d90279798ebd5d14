//! What a person does for a simple consumer that is worked by hand: receive, acknowledge, take more time.

use yew::{Html, function_component, html};

use super::consumer::ConsumerControlsProps;
use crate::app::{Msg, PanelProps};
use crate::broker::simple::InHands;
use crate::broker::{Command, ConsumerChange};
use crate::sim::Span;

/// How much time a press takes for a message.
const MORE: Span = Span::from_secs(30);
/// So many messages have buttons of their own.
const SHOWN: usize = 40;

/// Receive some; and for each message in hands, acknowledge it or take more time.
#[function_component]
pub(super) fn ByHand(props: &ConsumerControlsProps) -> Html {
    let PanelProps { session, words, dispatch, .. } = &props.panel;
    let session = session.borrow();
    let world = session.world();
    let name = world.consumer_name(props.consumer);
    let button = |says: String, label: String, change: ConsumerChange| {
        let command = Command::Consumer { consumer: name.clone(), change };
        let onclick = dispatch.reform(move |_| Msg::Command(Box::new(command.clone())));
        html! { <button type="button" class="plain" {onclick} aria-label={label}>{ says }</button> }
    };
    let receive = |count: u32| {
        let says = words.count("control.receive", count.into(), &[]);
        button(
            says.clone(),
            says,
            ConsumerChange::Receive { count, invisible: None, queue: None, attempt: None },
        )
    };
    let row = |held: &InHands| {
        let fills: [(&str, &dyn std::fmt::Display); 1] = [("handle", &held.handle)];
        let labelled = |key: &str| words.fill(key, &fills);
        let ack = ConsumerChange::Acknowledge { handle: held.handle };
        let more = ConsumerChange::ChangeInvisible { handle: held.handle, invisible: MORE };
        html! {
            <li key={held.handle}>
                <span class="digits">{ labelled("inspect.handle") }</span>
                { button(words.say("control.ack"), labelled("control.ack_handle"), ack) }
                { button(words.say("control.more_time"), labelled("control.more_time_for"), more) }
            </li>
        }
    };
    let held = world.in_hands(props.consumer);
    html! {
        <>
            <div class="button-row">{ receive(1) }{ receive(8) }</div>
            <ul class="in-hands">{ for held.iter().take(SHOWN).map(row) }</ul>
        </>
    }
}
