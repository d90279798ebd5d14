//! What can be done to a consumer group.

use yew::{Callback, Html, Properties, function_component, html, use_state};

use super::editor::{Confirm, Editor, What};
use super::fields::{Choice, Segments};
use super::focus_if_lost;
use super::forms::{AddForm, New, balance_hint};
use crate::app::{Msg, PanelProps};
use crate::broker::spec::{Balance, ConsumeMode};
use crate::broker::{Command, ConsumerChange, GroupId};
use crate::forms::ConsumerForm;

/// Properties of a group's controls.
#[derive(Clone, PartialEq, Properties)]
pub(crate) struct GroupControlsProps {
    /// What every panel gets.
    pub panel: PanelProps,
    /// Which group.
    pub group: GroupId,
}

/// Consumers more or fewer, the balancing family, and the end of the group.
#[function_component]
pub(crate) fn GroupControls(props: &GroupControlsProps) -> Html {
    let PanelProps { session, words, dispatch, .. } = &props.panel;
    let is_adding = use_state(|| false);
    let session = session.borrow();
    let world = session.world();
    let (id, group) = (props.group, world.group(props.group));
    let name = group.spec.name.clone();
    let members: Vec<_> =
        group.consumers.iter().copied().filter(|c| world.consumer(*c).status.is_member()).collect();
    let command = |command: Option<Command>| {
        let dispatch = dispatch.clone();
        Callback::from(move |_| {
            if let Some(command) = &command {
                dispatch.emit(Msg::Command(Box::new(command.clone())));
            }
        })
    };
    let one_more = ConsumerForm::new(world, id).check(world, id).ok();
    let one_less = members.last().map(|last| Command::Consumer {
        consumer: world.consumer_name(*last),
        change: ConsumerChange::Leave,
    });
    let toggle = {
        let is_adding = is_adding.clone();
        Callback::from(move |_| is_adding.set(!*is_adding))
    };
    let onclose = {
        let is_adding = is_adding.clone();
        Callback::from(move |()| {
            is_adding.set(false);
            focus_if_lost("other-consumer");
        })
    };
    let remove = {
        let (dispatch, group) = (dispatch.clone(), name.clone());
        Callback::from(move |()| {
            dispatch.emit(Msg::Command(Box::new(Command::RemoveGroup { group: group.clone() })))
        })
    };
    html! {
        <div class="control-part">
            <div class="stepper" role="group" aria-label={words.say("control.consumers")}>
                <button type="button" class="plain step-button" disabled={one_less.is_none()} onclick={command(one_less)}
                    aria-label={words.say("control.fewer_consumers")}>{ "−" }</button>
                <output class="step-value">{ words.count("consumers", members.len() as u64, &[]) }</output>
                <button type="button" class="plain step-button" disabled={one_more.is_none()} onclick={command(one_more)}
                    aria-label={words.say("control.more_consumers")}>{ "+" }</button>
                <button type="button" id="other-consumer" class="plain" onclick={toggle} aria-expanded={is_adding.to_string()}>
                    { words.say("control.other_consumer") }
                </button>
            </div>
            if *is_adding {
                <div class="add-form">
                    <AddForm panel={props.panel.clone()} what={New::Consumer(id)} {onclose} />
                </div>
            }
            if group.spec.mode == ConsumeMode::Clustering && !group.simple && !group.pull {
                { balance(props, group.balance, name.clone()) }
            }
            { for group.topics.iter().map(|topic| html! {
                <Editor key={topic.0} panel={props.panel.clone()} what={What::Filter(id, *topic)} />
            }) }
            if group.spec.mode == ConsumeMode::Clustering {
                { for group.topics.iter().map(|topic| html! {
                    <Editor key={format!("reset-{}", topic.0)} panel={props.panel.clone()} what={What::Offset(id, *topic)} />
                }) }
            }
            <Confirm id="remove-group" ask={words.say("control.remove_group")} onconfirm={remove}
                question={words.fill("control.remove_group_ask", &[("group", &name)])}
                yes={words.say("control.remove_group_yes")} no={words.say("control.keep")} />
        </div>
    }
}

fn balance(props: &GroupControlsProps, balance: Balance, group: String) -> Html {
    let words = &props.panel.words;
    let choice = |balance: Balance| Choice {
        value: balance.name().into(),
        label: words.say(&format!("control.balance_{}", balance.name())).into(),
    };
    let onchange = props.panel.dispatch.reform(move |chosen: String| {
        let balance = if chosen == Balance::Queue.name() { Balance::Queue } else { Balance::Message };
        Msg::Command(Box::new(Command::SetBalance { group: group.clone(), balance }))
    });
    html! {
        <Segments id="group-balance" label={words.say("control.balance")} value={balance.name()} {onchange}
            choices={[Balance::Queue, Balance::Message].map(choice).to_vec()} hint={balance_hint(words, balance)} />
    }
}
