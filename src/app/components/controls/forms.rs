//! The forms that bring new things into the world.

mod beside;
mod consumption;
mod production;

pub(super) use consumption::balance_hint;

use beside::{caller, p2p, service};
use consumption::{consumer, group};
use production::{producer, topic};
use yew::{Callback, Html, Properties, function_component, html, use_effect_with, use_state};

use super::fields::Form;
use super::focus_and_select;
use super::parts::Fields;
use crate::app::{Msg, PanelProps, Subject};
use crate::broker::{CallerId, Command, GroupId, P2pId, ProducerId, ServiceId, TopicId, World};
use crate::forms::{
    CallerForm, ConsumerForm, GroupForm, P2pForm, ProducerForm, ServiceForm, TopicForm, Wrongs,
};

/// What can be brought into the world.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum New {
    /// A topic.
    Topic,
    /// A producer.
    Producer,
    /// A consumer group.
    Group,
    /// A consumer of a group.
    Consumer(GroupId),
    /// A service beside the broker.
    Service,
    /// A caller.
    Caller,
    /// A point-to-point queue.
    P2p,
}

impl New {
    /// The words on its button.
    pub(crate) fn says(self) -> &'static str {
        match self {
            Self::Topic => "control.new_topic",
            Self::Producer => "control.new_producer",
            Self::Group => "control.new_group",
            Self::Consumer(_) => "control.new_consumer",
            Self::Service => "control.new_service",
            Self::Caller => "control.new_caller",
            Self::P2p => "control.new_p2p",
        }
    }

    /// The heading of its form.
    pub(crate) fn heading(self) -> &'static str {
        match self {
            Self::Topic => "control.topic_form",
            Self::Producer => "control.producer_form",
            Self::Group => "control.group_form",
            Self::Consumer(_) => "control.consumer_form",
            Self::Service => "control.service_form",
            Self::Caller => "control.caller_form",
            Self::P2p => "control.p2p_form",
        }
    }

    /// What the next one will be; a group's new consumer is seen on the group's page.
    fn next(self, world: &World) -> Option<Subject> {
        match self {
            Self::Topic => Some(Subject::Topic(TopicId::at(world.live.topics.len()))),
            Self::Producer => Some(Subject::Producer(ProducerId::at(world.live.producers.len()))),
            Self::Group => Some(Subject::Group(GroupId::at(world.live.groups.len()))),
            Self::Consumer(_) => None,
            Self::Service => Some(Subject::Service(ServiceId::at(world.live.services.len()))),
            Self::Caller => Some(Subject::Caller(CallerId::at(world.live.callers.len()))),
            Self::P2p => Some(Subject::P2p(P2pId::at(world.live.p2p.len()))),
        }
    }
}

/// Properties of a form for something new.
#[derive(Clone, PartialEq, Properties)]
pub(crate) struct AddFormProps {
    /// What every panel gets.
    pub panel: PanelProps,
    /// What is to come.
    pub what: New,
    /// It is on its way, or nobody wants it any more.
    pub onclose: Callback<()>,
}

/// Everything that is typed, whatever is to come.
#[derive(Clone, PartialEq)]
pub(super) enum Draft {
    Topic(TopicForm),
    Producer(ProducerForm),
    Group(GroupForm),
    Consumer(GroupId, ConsumerForm),
    Service(ServiceForm),
    Caller(CallerForm),
    P2p(P2pForm),
}

impl Draft {
    pub(super) fn new(world: &World, what: New) -> Self {
        match what {
            New::Topic => Self::Topic(TopicForm::new(world)),
            New::Producer => Self::Producer(ProducerForm::new(world)),
            New::Group => Self::Group(GroupForm::new(world)),
            New::Consumer(group) => Self::Consumer(group, ConsumerForm::new(world, group)),
            New::Service => Self::Service(ServiceForm::new(world)),
            New::Caller => Self::Caller(CallerForm::new(world)),
            New::P2p => Self::P2p(P2pForm::new(world)),
        }
    }

    pub(super) fn check(&self, world: &World) -> Result<Command, Wrongs> {
        match self {
            Self::Topic(form) => form.check(world),
            Self::Producer(form) => form.check(world),
            Self::Group(form) => form.check(world),
            Self::Consumer(group, form) => form.check(world, *group),
            Self::Service(form) => form.check(world),
            Self::Caller(form) => form.check(world),
            Self::P2p(form) => form.check(world),
        }
    }

    /// Its fields.
    pub(super) fn body(&self, fields: &Fields<'_>, world: &World, change: &Callback<Self>) -> Html {
        match self {
            Self::Topic(form) => topic(fields, form, change),
            Self::Producer(form) => producer(fields, form, world, change),
            Self::Group(form) => group(fields, form, world, change),
            Self::Consumer(of, form) => consumer(fields, *of, form, world, change),
            Self::Service(form) => service(fields, form, world, change),
            Self::Caller(form) => caller(fields, form, world, change),
            Self::P2p(form) => p2p(fields, form, world, change),
        }
    }
}

/// A form for something new, with a proposal in every field. Sending it gives exactly one command.
#[function_component]
pub(crate) fn AddForm(props: &AddFormProps) -> Html {
    let AddFormProps { panel, what, onclose } = props;
    let PanelProps { session, words, dispatch, .. } = panel;
    let draft = use_state(|| Draft::new(session.borrow().world(), *what));
    let insists = use_state(|| false);
    let session_ref = session.borrow();
    let world = session_ref.world();
    let checked = draft.check(world);
    let comes = what.next(world);
    let onsubmit = {
        let (checked, insists) = (checked.clone(), insists.clone());
        let (dispatch, onclose) = (dispatch.clone(), onclose.clone());
        Callback::from(move |()| match &checked {
            Ok(command) => {
                dispatch.emit(Msg::Command(Box::new(command.clone())));
                if let Some(subject) = comes {
                    dispatch.emit(Msg::Select(Some(subject)));
                }
                onclose.emit(());
            }
            Err(_) => insists.set(true),
        })
    };
    let id = match what {
        New::Topic => "new-topic",
        New::Producer => "new-producer",
        New::Group => "new-group",
        New::Consumer(_) => "new-consumer",
        New::Service => "new-service",
        New::Caller => "new-caller",
        New::P2p => "new-p2p",
    };
    // Whoever opens a form is going to type.
    use_effect_with((), move |()| focus_and_select(&format!("{id}-name")));
    let fields = Fields { id, words, wrongs: checked.as_ref().err(), insists: *insists };
    let change = {
        let draft = draft.clone();
        Callback::from(move |next: Draft| draft.set(next))
    };
    let body = draft.body(&fields, world, &change);
    let cancel = onclose.clone();
    html! {
        <Form label={words.say(what.heading())} {onsubmit} oncancel={onclose.clone()}>
            { body }
            <div class="form-buttons">
                <button type="submit" class="main-button">{ words.say("control.add") }</button>
                <button type="button" class="plain" onclick={cancel.reform(|_| ())}>{ words.say("control.cancel") }</button>
            </div>
        </Form>
    }
}

/// A callback that changes a form inside its draft.
fn edit<F: Clone + 'static, T: 'static>(
    form: &F,
    change: &Callback<Draft>,
    wrap: impl Fn(F) -> Draft + 'static,
    set: fn(&mut F, T),
) -> Callback<T> {
    let (form, change) = (form.clone(), change.clone());
    Callback::from(move |value| {
        let mut form = form.clone();
        set(&mut form, value);
        change.emit(wrap(form));
    })
}
