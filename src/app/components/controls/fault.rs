//! What can be broken, and mended: the broker, and the links between it and its clients.

use yew::{Html, Properties, function_component, html};

use super::focus_if_lost;
use crate::app::{Msg, PanelProps};
use crate::broker::fault::{Client, Crash, LinkState};
use crate::broker::{Command, LinkChange, World};
use crate::lesson::Said;
use crate::lesson::faults::link_key;
use crate::metrics::faults::faults;

/// The broker: how it stands, what broke so far, and buttons that let it die or start it again.
#[function_component]
pub(crate) fn BrokerControls(props: &PanelProps) -> Html {
    let PanelProps { session, words, dispatch, .. } = props;
    let session = session.borrow();
    let world = session.world();
    let button = |says: &str, class: &'static str, command: Command| {
        let onclick = dispatch.reform(move |_| {
            focus_if_lost("broker-status");
            Msg::Command(Box::new(command.clone()))
        });
        html! { <button type="button" {class} {onclick}>{ words.say(says) }</button> }
    };
    let crash = |says, how| button(says, "plain danger", Command::CrashBroker { how });
    html! {
        <details class="faults" id="faults">
            <summary>{ words.say("control.faults") }</summary>
            <p>{ standing(props, world) }</p>
            <div class="button-row" id="broker-status" tabindex="-1">
                if world.is_down() {
                    { button("control.start_broker", "main-button", Command::RestartBroker) }
                } else {
                    { crash("control.crash_process", Crash::Process) }
                    { crash("control.crash_machine", Crash::Machine) }
                    { crash("control.crash_disk", Crash::Disk) }
                }
            </div>
            { counts(props, world) }
            <p class="muted">{ words.say("control.links_there") }</p>
        </details>
    }
}

/// Is the broker there, and how much of what is stored would a loss of power take?
fn standing(props: &PanelProps, world: &World) -> String {
    let words = &props.words;
    match world.outage() {
        Some(outage) => words.fill("fault.down", &[("time", &words.span(world.live.now - outage.since))]),
        None => words.count("fault.up", world.not_flushed(), &[]),
    }
}

/// What broke so far, as far as anything did.
fn counts(props: &PanelProps, world: &World) -> Html {
    let words = &props.words;
    let Some(report) = faults(world) else { return Html::default() };
    let counts = report.counts;
    let rows = [
        ("fault.lost_messages", counts.lost_messages),
        ("fault.lost_sends", counts.lost_sends),
        ("fault.lost_answers", counts.lost_answers),
        ("fault.resends", counts.resends),
        ("fault.unanswered", report.unanswered),
        ("fault.duplicates", counts.duplicates),
        ("fault.failed_sends", counts.failed_sends),
        ("fault.lost_results", counts.lost_results),
        ("fault.held", report.held),
    ];
    let rows = rows.into_iter().filter(|(_, count)| *count > 0).map(|(says, count)| {
        html! { <div><dt>{ words.say(says) }</dt><dd class="digits">{ count.said() }</dd></div> }
    });
    html! { <dl class="totals">{ for rows }</dl> }
}

/// Properties of a link's controls.
#[derive(Clone, PartialEq, Properties)]
pub(crate) struct LinkControlsProps {
    /// What every panel gets.
    pub panel: PanelProps,
    /// Whose link to the broker.
    pub client: Client,
}

/// Cut, hold, mend; for a producer also the broker's answers alone.
#[function_component]
pub(crate) fn LinkControls(props: &LinkControlsProps) -> Html {
    let PanelProps { session, words, dispatch, .. } = &props.panel;
    let session = session.borrow();
    let world = session.world();
    let client = props.client;
    let name = world.client_name(client);
    let button = |says: &str, class: &'static str, change: LinkChange| {
        let command = Command::Link { client: name.clone(), change };
        let onclick = dispatch.reform(move |_| {
            focus_if_lost("link-status");
            Msg::Command(Box::new(command.clone()))
        });
        html! { <button type="button" {class} {onclick}>{ words.say(says) }</button> }
    };
    let state = world.link_state(client);
    let held = world.link(client).map_or(0, |link| link.held()) as u64;
    let is_producer = matches!(client, Client::Producer(_));
    html! {
        <div class="button-row" id="link-status" tabindex="-1" role="group" aria-label={words.say("control.link")}>
            <span class="muted">{ words.fill("control.link_is", &[("state", &words.say(link_key(state)))]) }</span>
            if held > 0 {
                <span class="digits">{ words.count("control.link_held", held, &[]) }</span>
            }
            { match state {
                LinkState::Open => html! { <>
                    { button("control.cut", "plain danger", LinkChange::Cut { answers_only: false }) }
                    { button("control.hold", "plain", LinkChange::Hold) }
                    if is_producer {
                        { button("control.cut_answers", "plain danger", LinkChange::Cut { answers_only: true }) }
                        { button("control.lose_answer", "plain", LinkChange::LoseAnswers(1)) }
                    }
                </> },
                LinkState::Held => button("control.release", "main-button", LinkChange::Release),
                LinkState::Cut | LinkState::Deaf => button("control.repair", "main-button", LinkChange::Repair),
            } }
        </div>
    }
}
