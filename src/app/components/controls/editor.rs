//! Changing one thing about something that runs: the fields show what is, until somebody types.

use yew::{Callback, Html, Properties, function_component, html, use_state};

use super::fields::Form;
use super::focus_if_lost;
use super::parts::Fields;
use crate::app::{Msg, PanelProps};
use crate::broker::{
    CallerChange, CallerId, Command, ConsumerChange, ConsumerId, FilterId, GroupId, ProducerId,
    ServiceChange, ServiceId, TopicId, World,
};
use crate::forms::{
    FailureForm, FilterForm, PatternForm, ProcessingForm, QueuesForm, ResetForm, TimeoutForm, Wrongs,
};

/// What is changed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum What {
    /// When a producer sends.
    Pattern(ProducerId),
    /// How long a consumer's listener takes.
    Processing(ConsumerId),
    /// When it fails.
    Failure(ConsumerId),
    /// Which messages of a topic a group wants.
    Filter(GroupId, TopicId),
    /// Which messages of a topic one consumer wants.
    OwnFilter(ConsumerId, TopicId),
    /// Where a group goes on in a topic.
    Offset(GroupId, TopicId),
    /// How many queues a topic shows.
    Queues(TopicId),
    /// How long a service takes for a call.
    ServiceProcessing(ServiceId),
    /// When a caller calls.
    CallPattern(CallerId),
    /// How long it waits.
    CallTimeout(CallerId),
}

#[derive(Clone, Debug, PartialEq, Eq)]
enum Typed {
    Pattern(PatternForm),
    Processing(ProcessingForm),
    Failure(FailureForm),
    Filter(FilterForm),
    Offset(ResetForm),
    Queues(QueuesForm),
    Timeout(TimeoutForm),
}

impl What {
    fn says(self) -> &'static str {
        match self {
            Self::Pattern(_) => "control.change_pattern",
            Self::Processing(_) => "control.change_processing",
            Self::Failure(_) => "control.change_failure",
            Self::Filter(..) => "control.change_filter",
            Self::OwnFilter(..) => "control.change_own_filter",
            Self::Offset(..) => "control.reset",
            Self::Queues(_) => "control.change_queues",
            Self::ServiceProcessing(_) => "control.change_service_processing",
            Self::CallPattern(_) => "control.when_it_calls",
            Self::CallTimeout(_) => "control.change_call_timeout",
        }
    }

    /// The id of its first field.
    fn first_field(self) -> String {
        let field = match self {
            Self::Pattern(_) => "pattern-kind",
            Self::Processing(_) => "processing-processing",
            Self::Failure(_) => "failure-failure",
            Self::Filter(..) | Self::OwnFilter(..) => return format!("{}-kind", self.id()),
            Self::Offset(..) => return format!("{}-kind", self.id()),
            Self::Queues(_) => "queues-write",
            Self::ServiceProcessing(_) => "service-processing",
            Self::CallPattern(_) => "calls-kind",
            Self::CallTimeout(_) => "waits-timeout",
        };
        field.to_owned()
    }

    fn id(self) -> String {
        let id = match self {
            Self::Pattern(_) => "pattern",
            Self::Processing(_) => "processing",
            Self::Failure(_) => "failure",
            Self::Filter(_, topic) => return format!("filter-{}", topic.0),
            Self::OwnFilter(_, topic) => return format!("own-filter-{}", topic.0),
            Self::Offset(_, topic) => return format!("reset-{}", topic.0),
            Self::Queues(_) => "queues",
            Self::ServiceProcessing(_) => "service",
            Self::CallPattern(_) => "calls",
            Self::CallTimeout(_) => "waits",
        };
        id.to_owned()
    }

    /// What is, as one would type it.
    fn current(self, world: &World) -> Typed {
        match self {
            Self::Pattern(id) => Typed::Pattern(PatternForm::of(&world.producer(id).schedule.pattern)),
            Self::Processing(id) => Typed::Processing(ProcessingForm::of(&world.consumer(id).processing)),
            Self::Failure(id) => Typed::Failure(FailureForm::of(&world.consumer(id).failure)),
            Self::OwnFilter(id, topic) => {
                Typed::Filter(FilterForm::of(world.filter(world.filter_of(id, topic)).spec()))
            }
            Self::Filter(id, topic) => {
                let filter = world.subscription(id, topic).map_or(FilterId::ALL, |known| known.filter);
                Typed::Filter(FilterForm::of(world.filter(filter).spec()))
            }
            Self::Offset(..) => Typed::Offset(ResetForm::stay()),
            Self::Queues(id) => Typed::Queues(QueuesForm::of(world, id)),
            Self::CallPattern(id) => Typed::Pattern(PatternForm::of(world.caller(id).arriving.pattern())),
            Self::CallTimeout(id) => Typed::Timeout(TimeoutForm::of(world.caller(id).timeout)),
            Self::ServiceProcessing(id) => {
                Typed::Processing(ProcessingForm::of(&world.service(id).handler.processing))
            }
        }
    }

    fn check(self, world: &World, typed: &Typed) -> Result<Option<Command>, Wrongs> {
        let consumer = |id, change| Some(Command::Consumer { consumer: world.consumer_name(id), change });
        let caller =
            |id, change| Some(Command::Caller { caller: world.caller(id).spec.name.clone(), change });
        Ok(match (self, typed) {
            (Self::Pattern(id), Typed::Pattern(form)) => {
                let producer = world.producer(id).spec.name.clone();
                Some(Command::SetPattern { producer, pattern: form.check()? })
            }
            (Self::Processing(id), Typed::Processing(form)) => {
                consumer(id, ConsumerChange::SetProcessing(form.check()?))
            }
            (Self::ServiceProcessing(id), Typed::Processing(form)) => Some(Command::Service {
                service: world.service(id).spec.name.clone(),
                change: ServiceChange::SetProcessing(form.check()?),
            }),
            (Self::CallPattern(id), Typed::Pattern(form)) => {
                caller(id, CallerChange::SetPattern(form.check()?))
            }
            (Self::CallTimeout(id), Typed::Timeout(form)) => {
                caller(id, CallerChange::SetTimeout(form.check()?))
            }
            (Self::Failure(id), Typed::Failure(form)) => {
                consumer(id, ConsumerChange::SetFailure(form.check()?))
            }
            (Self::OwnFilter(id, topic), Typed::Filter(form)) => {
                let topic = world.topic(topic).name.to_string();
                consumer(id, ConsumerChange::SetFilter { topic, filter: form.check(world)? })
            }
            (Self::Filter(id, topic), Typed::Filter(form)) => Some(Command::SetFilter {
                group: world.group(id).spec.name.clone(),
                topic: world.topic(topic).name.to_string(),
                filter: form.check(world)?,
            }),
            (Self::Offset(id, topic), Typed::Offset(form)) => form.check(world, id, topic)?,
            (Self::Queues(id), Typed::Queues(form)) => Some(form.check(world, id)?),
            _ => None,
        })
    }
}

/// Properties of an editor.
#[derive(Clone, PartialEq, Properties)]
pub(super) struct EditorProps {
    /// What every panel gets.
    pub(super) panel: PanelProps,
    /// What is changed.
    pub(super) what: What,
}

/// The fields of one thing, with buttons once something else is typed than what is.
#[function_component]
pub(super) fn Editor(props: &EditorProps) -> Html {
    let what = props.what;
    let PanelProps { session, words, dispatch, .. } = &props.panel;
    let typed = use_state(|| None::<Typed>);
    let insists = use_state(|| false);
    let session = session.borrow();
    let world = session.world();
    let current = what.current(world);
    let shown = typed.as_ref().unwrap_or(&current).clone();
    let is_changed = shown != current;
    let checked = what.check(world, &shown);
    let forget = {
        let (typed, insists) = (typed.clone(), insists.clone());
        Callback::from(move |()| {
            typed.set(None);
            insists.set(false);
            focus_if_lost(what.first_field());
        })
    };
    let onsubmit = {
        let (checked, dispatch, insists, forget) =
            (checked.clone(), dispatch.clone(), insists.clone(), forget.clone());
        Callback::from(move |()| match &checked {
            Ok(Some(command)) if is_changed => {
                dispatch.emit(Msg::Command(Box::new(command.clone())));
                forget.emit(());
            }
            Err(_) => insists.set(true),
            _ => {}
        })
    };
    let id = what.id();
    let fields = Fields { id: &id, words, wrongs: checked.as_ref().err(), insists: *insists };
    let body = match &shown {
        Typed::Pattern(form) => {
            let typed = typed.clone();
            let onchange = Callback::from(move |form| typed.set(Some(Typed::Pattern(form))));
            match what {
                What::CallPattern(_) => fields.call_pattern(form, &onchange),
                _ => fields.pattern(form, &onchange),
            }
        }
        Typed::Processing(form) => {
            let typed = typed.clone();
            let is_service = matches!(what, What::ServiceProcessing(_));
            let label = if is_service { "control.call_takes" } else { "control.processing" };
            fields.handling(
                form,
                label,
                &Callback::from(move |form| typed.set(Some(Typed::Processing(form)))),
            )
        }
        Typed::Failure(form) => {
            let typed = typed.clone();
            fields.failure(form, &Callback::from(move |form| typed.set(Some(Typed::Failure(form)))))
        }
        Typed::Filter(form) => {
            let typed = typed.clone();
            let topic = match what {
                What::Filter(_, topic) | What::OwnFilter(_, topic) => world.topic(topic).name.to_string(),
                _ => String::new(),
            };
            let is_own = matches!(what, What::OwnFilter(..));
            let label = if is_own { "control.own_filter_of" } else { "control.filter_of" };
            let label = words.fill(label, &[("topic", &topic)]);
            fields.filter(form, &label, &Callback::from(move |form| typed.set(Some(Typed::Filter(form)))))
        }
        Typed::Offset(form) => {
            let typed = typed.clone();
            let topic = match what {
                What::Offset(_, topic) => world.topic(topic).name.to_string(),
                _ => String::new(),
            };
            let label = words.fill("control.reset_of", &[("topic", &topic)]);
            fields.reset(form, &label, &Callback::from(move |form| typed.set(Some(Typed::Offset(form)))))
        }
        Typed::Timeout(form) => {
            let typed = typed.clone();
            let oninput =
                Callback::from(move |timeout| typed.set(Some(Typed::Timeout(TimeoutForm { timeout }))));
            let hint = ("span", Some("control.call_timeout_hint"));
            fields.text("timeout", "control.call_timeout", &form.timeout, hint, oninput)
        }
        Typed::Queues(form) => {
            let typed = typed.clone();
            fields.queues(form, &Callback::from(move |form| typed.set(Some(Typed::Queues(form)))))
        }
    };
    html! {
        <Form label={words.say(what.says())} {onsubmit} oncancel={forget.clone()}>
            { body }
            if is_changed {
                <div class="form-buttons">
                    <button type="submit" class="main-button">{ words.say("control.apply") }</button>
                    <button type="button" class="plain" onclick={forget.reform(|_| ())}>
                        { words.say("control.undo") }
                    </button>
                </div>
            }
        </Form>
    }
}

/// Properties of a question.
#[derive(Clone, PartialEq, Properties)]
pub(super) struct ConfirmProps {
    /// Unique in the page.
    pub(super) id: &'static str,
    /// What the first button says.
    pub(super) ask: String,
    /// The question.
    pub(super) question: String,
    /// What the button says that does it.
    pub(super) yes: String,
    /// What the button says that does not.
    pub(super) no: String,
    /// Somebody means it.
    pub(super) onconfirm: Callback<()>,
}

/// A button for what cannot be taken back: it asks once more.
#[function_component]
pub(super) fn Confirm(props: &ConfirmProps) -> Html {
    let is_asking = use_state(|| false);
    let id = props.id;
    // The same id on the button that asks and on the one that takes it back: the keyboard finds either.
    let ask = {
        let is_asking = is_asking.clone();
        Callback::from(move |_| {
            is_asking.set(true);
            focus_if_lost(id);
        })
    };
    let no = {
        let is_asking = is_asking.clone();
        Callback::from(move |_| {
            is_asking.set(false);
            focus_if_lost(id);
        })
    };
    let yes = {
        let (is_asking, onconfirm) = (is_asking.clone(), props.onconfirm.clone());
        Callback::from(move |_| {
            is_asking.set(false);
            onconfirm.emit(());
            focus_if_lost("inspector-title");
        })
    };
    html! {
        if *is_asking {
            <div class="confirm" role="group" aria-label={props.question.clone()}>
                <p role="status">{ &props.question }</p>
                <button type="button" class="plain danger" onclick={yes}>{ &props.yes }</button>
                <button type="button" {id} class="plain" onclick={no}>{ &props.no }</button>
            </div>
        } else {
            <button type="button" {id} class="plain danger" onclick={ask}>{ &props.ask }</button>
        }
    }
}
