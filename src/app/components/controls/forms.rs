//! The parts that several forms share: when a producer sends, how long a listener takes, when it fails; and the forms
//! that bring new things into the world.

use yew::{AttrValue, Callback, Html, Properties, function_component, html, use_effect_with, use_state};

use super::fields::{Choice, Form, Segments, SelectField, TextField};
use super::focus_and_select;
use crate::app::{Msg, PanelProps, Subject, WordsRef};
use crate::broker::spec::{
    Balance, Cleanup, ConsumeMode, DeliveryOrder, InitialOffset, MessageType, TopicType,
};
use crate::broker::{Command, GroupId, ProducerId, TopicId, World};
use crate::forms::{
    Client, ConsumerForm, FailureForm, FailureKind, FilterForm, FilterKind, GroupForm, LADDERS, PatternForm,
    PatternKind, ProcessingForm, ProcessingKind, ProducerForm, QueuesForm, ResetForm, ResetKind, RetryForm,
    StrategyForm, StrategyKind, TopicForm, Wrongs,
};

/// What a part of a form works with.
pub(super) struct Fields<'a> {
    /// A prefix for the ids of its fields.
    pub(super) id: &'a str,
    /// The catalogue.
    pub(super) words: &'a WordsRef,
    /// What is wrong.
    pub(super) wrongs: Option<&'a Wrongs>,
    /// Say it even before a field is left.
    pub(super) insists: bool,
}

impl Fields<'_> {
    fn id(&self, field: &str) -> String {
        format!("{}-{field}", self.id)
    }

    /// One text field of a form, by its name there.
    pub(super) fn text(
        &self,
        field: &'static str,
        label: &str,
        value: &str,
        (inputmode, hint): (&'static str, Option<&str>),
        oninput: Callback<String>,
    ) -> Html {
        let wrong = self.wrongs.and_then(|wrongs| wrongs.of(field)).map(|wrong| wrong.say(self.words));
        html! {
            <TextField key={field} id={self.id(field)} label={self.words.say(label)} value={value.to_owned()} {inputmode}
                hint={hint.map(|key| AttrValue::from(self.words.say(key)))} wrong={wrong.map(AttrValue::from)}
                insists={self.insists} is_wide={inputmode == "text"} {oninput} />
        }
    }

    fn select(
        &self,
        field: &'static str,
        label: &str,
        choices: Vec<Choice>,
        value: String,
        onchange: Callback<String>,
    ) -> Html {
        html! {
            <SelectField key={field} id={self.id(field)} label={self.words.say(label)} {choices} {value} {onchange}
                is_wide=true />
        }
    }

    fn segments(
        &self,
        field: &'static str,
        (label, hint): (&str, Option<String>),
        choices: Vec<Choice>,
        value: &'static str,
        onchange: Callback<String>,
    ) -> Html {
        html! {
            <Segments key={field} id={self.id(field)} label={self.words.say(label)} {choices} {value} {onchange}
                hint={hint.map(AttrValue::from)} />
        }
    }

    /// The choices of a field, with a word of the catalogue for each.
    fn choices(&self, prefix: &str, values: &[&'static str]) -> Vec<Choice> {
        let choice = |value: &&'static str| Choice {
            value: AttrValue::Static(value),
            label: self.words.say(&format!("{prefix}{value}")).into(),
        };
        values.iter().map(choice).collect()
    }

    /// When a producer sends.
    pub(super) fn pattern(&self, form: &PatternForm, onchange: &Callback<PatternForm>) -> Html {
        let typed = |set: fn(&mut PatternForm, String)| {
            let (form, onchange) = (form.clone(), onchange.clone());
            Callback::from(move |text| {
                let mut form = form.clone();
                set(&mut form, text);
                onchange.emit(form);
            })
        };
        let kinds = self.choices("control.pattern_", &PatternKind::ALL.map(PatternKind::name));
        let kind = typed(|form, name| {
            form.kind = PatternKind::ALL.into_iter().find(|kind| kind.name() == name).unwrap_or(form.kind);
        });
        let per_second = Some("control.per_second");
        let is_bursts = form.kind == PatternKind::Bursts;
        let rate_label = if is_bursts { "control.rate_between" } else { "control.rate" };
        html! {
            <>
                { self.select("kind", "control.pattern", kinds, form.kind.name().into(), kind) }
                if form.kind != PatternKind::ByHand {
                    { self.text("rate", rate_label, &form.rate, ("decimal", per_second), typed(|form, text| form.rate = text)) }
                }
                if is_bursts {
                    { self.text("burst_rate", "control.burst_rate", &form.burst_rate, ("decimal", per_second),
                        typed(|form, text| form.burst_rate = text)) }
                    { self.text("every", "control.every", &form.every, ("span", None), typed(|form, text| form.every = text)) }
                    { self.text("lasting", "control.lasting", &form.lasting, ("span", None),
                        typed(|form, text| form.lasting = text)) }
                }
            </>
        }
    }

    /// Which messages of a topic are wanted.
    pub(super) fn filter(&self, form: &FilterForm, label: &str, onchange: &Callback<FilterForm>) -> Html {
        let typed = |set: fn(&mut FilterForm, String)| {
            let (form, onchange) = (form.clone(), onchange.clone());
            Callback::from(move |text| {
                let mut form = form.clone();
                set(&mut form, text);
                onchange.emit(form);
            })
        };
        let choices = self.choices("control.filter_", &FilterKind::ALL.map(FilterKind::name));
        let kind = typed(|form, name| {
            form.kind = FilterKind::ALL.into_iter().find(|kind| kind.name() == name).unwrap_or(form.kind);
        });
        let (value, hint) = match form.kind {
            FilterKind::Tags => (form.kind.name(), "control.filter_hint_tags"),
            FilterKind::Sql => (form.kind.name(), "control.filter_hint_sql"),
        };
        let wrong = self.wrongs.and_then(|wrongs| wrongs.of("filter")).map(|wrong| wrong.say(self.words));
        html! {
            <>
                <SelectField id={self.id("kind")} label={label.to_owned()} {choices} value={value} onchange={kind}
                    is_wide=true />
                <TextField id={self.id("filter")} label={self.words.say("control.filter_expression")}
                    value={form.text.clone()} hint={AttrValue::from(self.words.say(hint))}
                    wrong={wrong.map(AttrValue::from)} insists={self.insists} is_wide=true
                    oninput={typed(|form, text| form.text = text)} />
            </>
        }
    }

    /// Where a group goes on.
    pub(super) fn reset(&self, form: &ResetForm, label: &str, onchange: &Callback<ResetForm>) -> Html {
        let choices = self.choices("control.reset_", &ResetKind::ALL.map(ResetKind::name));
        let kind = {
            let (form, onchange) = (form.clone(), onchange.clone());
            Callback::from(move |name: String| {
                let kind = ResetKind::ALL.into_iter().find(|kind| kind.name() == name).unwrap_or(form.kind);
                onchange.emit(ResetForm { kind, ..form.clone() });
            })
        };
        let time = {
            let (form, onchange) = (form.clone(), onchange.clone());
            Callback::from(move |time| onchange.emit(ResetForm { time, ..form.clone() }))
        };
        let hint = Some("control.reset_time_hint");
        html! {
            <>
                <SelectField id={self.id("kind")} label={label.to_owned()} {choices} value={form.kind.name()}
                    onchange={kind} is_wide=true />
                if form.kind == ResetKind::Time {
                    { self.text("time", "control.reset_time_of", &form.time, ("text", hint), time) }
                }
            </>
        }
    }

    /// How many queues a topic shows.
    pub(super) fn queues(&self, form: &QueuesForm, onchange: &Callback<QueuesForm>) -> Html {
        let write = {
            let (form, onchange) = (form.clone(), onchange.clone());
            Callback::from(move |write| onchange.emit(QueuesForm { write, ..form.clone() }))
        };
        let read = {
            let (form, onchange) = (form.clone(), onchange.clone());
            Callback::from(move |read| onchange.emit(QueuesForm { read, ..form.clone() }))
        };
        html! {
            <>
                { self.text("write", "inspect.write_queues", &form.write, ("numeric", None), write) }
                { self.text("read", "inspect.read_queues", &form.read, ("numeric", Some("control.queues_hint")), read) }
            </>
        }
    }

    /// How long a listener takes.
    pub(super) fn processing(&self, form: &ProcessingForm, onchange: &Callback<ProcessingForm>) -> Html {
        let typed = |set: fn(&mut ProcessingForm, String)| {
            let (form, onchange) = (form.clone(), onchange.clone());
            Callback::from(move |text| {
                let mut form = form.clone();
                set(&mut form, text);
                onchange.emit(form);
            })
        };
        let kinds = self.choices("control.processing_", &ProcessingKind::ALL.map(ProcessingKind::name));
        let kind = typed(|form, name| {
            form.kind = ProcessingKind::ALL.into_iter().find(|kind| kind.name() == name).unwrap_or(form.kind);
        });
        let (first, second) = match form.kind {
            ProcessingKind::Constant => ("control.time", "control.time"),
            ProcessingKind::Uniform => ("control.shortest", "control.longest"),
            ProcessingKind::Exponential => ("control.mean", "control.mean"),
            ProcessingKind::LogNormal => ("control.median", "control.p99"),
        };
        html! {
            <>
                { self.select("processing", "control.processing", kinds, form.kind.name().into(), kind) }
                { self.text("first", first, &form.first, ("span", None), typed(|form, text| form.first = text)) }
                if form.has_second() {
                    { self.text("second", second, &form.second, ("span", None), typed(|form, text| form.second = text)) }
                }
            </>
        }
    }

    /// When a listener fails.
    pub(super) fn failure(&self, form: &FailureForm, onchange: &Callback<FailureForm>) -> Html {
        let typed = |set: fn(&mut FailureForm, String)| {
            let (form, onchange) = (form.clone(), onchange.clone());
            Callback::from(move |text| {
                let mut form = form.clone();
                set(&mut form, text);
                onchange.emit(form);
            })
        };
        let kinds = self.choices("control.failure_", &FailureKind::ALL.map(FailureKind::name));
        let kind = typed(|form, name| {
            form.kind = FailureKind::ALL.into_iter().find(|kind| kind.name() == name).unwrap_or(form.kind);
        });
        let field = match form.kind {
            FailureKind::Probability => self.text(
                "probability",
                "control.probability",
                &form.probability,
                ("ratio", Some("control.probability_hint")),
                typed(|form, text| form.probability = text),
            ),
            FailureKind::PoisonTag => self.text(
                "tag",
                "control.tag",
                &form.tag,
                ("word", None),
                typed(|form, text| form.tag = text),
            ),
            FailureKind::PoisonKey => self.text(
                "key",
                "control.key",
                &form.key,
                ("word", None),
                typed(|form, text| form.key = text),
            ),
            FailureKind::FirstAttempts => self.text(
                "attempts",
                "control.attempts",
                &form.attempts,
                ("numeric", None),
                typed(|form, text| form.attempts = text),
            ),
        };
        html! {
            <>
                { self.select("failure", "control.failure", kinds, form.kind.name().into(), kind) }
                { field }
            </>
        }
    }
}

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
}

impl New {
    /// The words on its button, which are also its form's title.
    pub(crate) fn says(self) -> &'static str {
        match self {
            Self::Topic => "control.new_topic",
            Self::Producer => "control.new_producer",
            Self::Group => "control.new_group",
            Self::Consumer(_) => "control.new_consumer",
        }
    }

    /// What the next one will be; a group's new consumer is seen on the group's page.
    fn next(self, world: &World) -> Option<Subject> {
        match self {
            Self::Topic => Some(Subject::Topic(TopicId::at(world.live.topics.len()))),
            Self::Producer => Some(Subject::Producer(ProducerId::at(world.live.producers.len()))),
            Self::Group => Some(Subject::Group(GroupId::at(world.live.groups.len()))),
            Self::Consumer(_) => None,
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
}

impl Draft {
    pub(super) fn new(world: &World, what: New) -> Self {
        match what {
            New::Topic => Self::Topic(TopicForm::new(world)),
            New::Producer => Self::Producer(ProducerForm::new(world)),
            New::Group => Self::Group(GroupForm::new(world)),
            New::Consumer(group) => Self::Consumer(group, ConsumerForm::new(world, group)),
        }
    }

    pub(super) fn check(&self, world: &World) -> Result<Command, Wrongs> {
        match self {
            Self::Topic(form) => form.check(world),
            Self::Producer(form) => form.check(world),
            Self::Group(form) => form.check(world),
            Self::Consumer(group, form) => form.check(world, *group),
        }
    }

    /// Its fields.
    pub(super) fn body(&self, fields: &Fields<'_>, world: &World, change: &Callback<Self>) -> Html {
        match self {
            Self::Topic(form) => topic(fields, form, change),
            Self::Producer(form) => producer(fields, form, world, change),
            Self::Group(form) => group(fields, form, world, change),
            Self::Consumer(of, form) => consumer(fields, *of, form, change),
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
        <Form label={words.say(what.says())} {onsubmit} oncancel={onclose.clone()}>
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

/// The types of topics, with their words in the catalogue.
const TYPES: [(&str, TopicType); 5] = [
    ("normal", TopicType::NORMAL),
    ("fifo", TopicType::Of(MessageType::Fifo)),
    ("delay", TopicType::Of(MessageType::Delay)),
    ("transaction", TopicType::Of(MessageType::Transaction)),
    ("mixed", TopicType::Mixed),
];

fn topic(fields: &Fields<'_>, form: &TopicForm, change: &Callback<Draft>) -> Html {
    let type_name = TYPES.iter().find(|(_, of)| *of == form.message_type).map_or("", |(name, _)| name);
    let set_type = edit(form, change, Draft::Topic, |form: &mut TopicForm, value: String| {
        if let Some((_, message_type)) = TYPES.into_iter().find(|(name, _)| *name == value) {
            form.message_type = message_type;
        }
    });
    let cleanup = if form.cleanup == Cleanup::Compaction { "compaction" } else { "delete" };
    let set_cleanup = edit(form, change, Draft::Topic, |form: &mut TopicForm, value: String| {
        form.cleanup = if value == "compaction" { Cleanup::Compaction } else { Cleanup::Delete };
    });
    html! {
        <>
            { fields.text("name", "control.name", &form.name, ("text", None),
                edit(form, change, Draft::Topic, |form, text| form.name = text)) }
            { fields.select("type", "control.topic_type", fields.choices("control.type_", &TYPES.map(|(name, _)| name)),
                type_name.into(), set_type) }
            { fields.segments("cleanup", ("control.cleanup", Some(fields.words.say(&format!("control.cleanup_hint_{cleanup}")))),
                fields.choices("control.cleanup_", &["delete", "compaction"]), cleanup, set_cleanup) }
            { fields.text("queues", "control.queues", &form.queues, ("numeric", None),
                edit(form, change, Draft::Topic, |form, text| form.queues = text)) }
        </>
    }
}

fn producer(fields: &Fields<'_>, form: &ProducerForm, world: &World, change: &Callback<Draft>) -> Html {
    let topics = world
        .ordinary_topics()
        .map(|(id, topic)| Choice { value: id.0.to_string().into(), label: topic.name.to_string().into() });
    let topic = edit(form, change, Draft::Producer, |form: &mut ProducerForm, value: String| {
        form.topic = value.parse().ok().map(TopicId);
    });
    let chosen = form.topic.map_or_else(String::new, |id| id.0.to_string());
    html! {
        <>
            { fields.text("name", "control.name", &form.name, ("text", None),
                edit(form, change, Draft::Producer, |form, text| form.name = text)) }
            if form.topic.is_some() {
                { fields.select("topic", "control.topic", topics.collect(), chosen, topic) }
            } else {
                <p class="field-wrong is-wide">{ fields.words.say("control.wrong_no_topic") }</p>
            }
            { fields.pattern(&form.pattern, &edit(form, change, Draft::Producer, |form, pattern| form.pattern = pattern)) }
            if form.is_transactional(world) {
                { fields.text("takes", "control.local_takes", &form.takes, ("text", Some("control.local_takes_hint")),
                    edit(form, change, Draft::Producer, |form, text| form.takes = text)) }
                { fields.text("rollback", "control.local_rollback", &form.rollback, ("text", Some("control.probability_hint")),
                    edit(form, change, Draft::Producer, |form, text| form.rollback = text)) }
                { fields.text("lost", "control.local_lost", &form.lost, ("text", Some("control.probability_hint")),
                    edit(form, change, Draft::Producer, |form, text| form.lost = text)) }
            }
            <details class="is-wide">
                <summary>{ fields.words.say("control.message") }</summary>
                <div class="form-part">
                    { fields.text("tags", "control.tags", &form.tags, ("text", Some("control.tags_hint")),
                        edit(form, change, Draft::Producer, |form, text| form.tags = text)) }
                    { fields.text("key", "control.message_key", &form.key, ("text", Some("control.template_hint")),
                        edit(form, change, Draft::Producer, |form, text| form.key = text)) }
                    { fields.text("message_group", "control.message_group", &form.message_group,
                        ("text", Some("control.message_group_hint")),
                        edit(form, change, Draft::Producer, |form, text| form.message_group = text)) }
                    { fields.text("delay", "control.delay", &form.delay, ("span", Some("control.delay_hint")),
                        edit(form, change, Draft::Producer, |form, text| form.delay = text)) }
                    { fields.text("delay_level", "control.delay_level", &form.delay_level,
                        ("numeric", Some("control.delay_level_hint")),
                        edit(form, change, Draft::Producer, |form, text| form.delay_level = text)) }
                    { fields.text("batch", "control.batch", &form.batch, ("numeric", Some("control.batch_hint")),
                        edit(form, change, Draft::Producer, |form, text| form.batch = text)) }
                    { fields.text("request", "control.request", &form.request, ("span", Some("control.request_hint")),
                        edit(form, change, Draft::Producer, |form, text| form.request = text)) }
                    { fields.text("body", "control.body", &form.body, ("text", Some("control.body_hint")),
                        edit(form, change, Draft::Producer, |form, text| form.body = text)) }
                </div>
            </details>
        </>
    }
}

fn group(fields: &Fields<'_>, form: &GroupForm, world: &World, change: &Callback<Draft>) -> Html {
    let words = fields.words;
    let mode = match form.mode {
        ConsumeMode::Clustering => "clustering",
        ConsumeMode::Broadcasting => "broadcasting",
    };
    let from = match form.initial_offset {
        InitialOffset::Latest => "latest",
        InitialOffset::Earliest => "earliest",
    };
    let order = form.delivery_order.name();
    let set_order = edit(form, change, Draft::Group, |form: &mut GroupForm, value: String| {
        form.delivery_order =
            if value == "orderly" { DeliveryOrder::Orderly } else { DeliveryOrder::Concurrent };
    });
    let set_mode = edit(form, change, Draft::Group, |form: &mut GroupForm, value: String| {
        form.mode = if value == "broadcasting" { ConsumeMode::Broadcasting } else { ConsumeMode::Clustering };
    });
    let set_from = edit(form, change, Draft::Group, |form: &mut GroupForm, value: String| {
        form.initial_offset =
            if value == "earliest" { InitialOffset::Earliest } else { InitialOffset::Latest };
    });
    let set_balance = edit(form, change, Draft::Group, |form: &mut GroupForm, value: String| {
        form.balance = if value == "queue" { Balance::Queue } else { Balance::Message };
    });
    let is_clustering = form.mode == ConsumeMode::Clustering;
    let by_queue = form.balance == Balance::Queue || !is_clustering;
    let set_client = edit(form, change, Draft::Group, |form: &mut GroupForm, value: String| {
        form.client = Client::of(&value);
    });
    html! {
        <>
            { fields.text("name", "control.name", &form.name, ("text", None),
                edit(form, change, Draft::Group, |form, text| form.name = text)) }
            { subscriptions(fields, form, world, change) }
            { for form.topics.iter().map(|topic| filter(fields, form, world, *topic, change)) }
            { fields.segments("from", ("control.from", None), fields.choices("control.from_", &["latest", "earliest"]),
                from, set_from) }
            { fields.segments("mode", ("control.mode", Some(words.say(&format!("control.mode_hint_{mode}")))),
                fields.choices("control.mode_", &["clustering", "broadcasting"]), mode, set_mode) }
            if is_clustering {
                { fields.segments("balance", ("control.balance", Some(balance_hint(words, form.balance))),
                    fields.choices("control.balance_", &["queue", "message"]), form.balance.name(), set_balance) }
            }
            if is_clustering && by_queue {
                { strategy(fields, &form.strategy,
                    &edit(form, change, Draft::Group, |form: &mut GroupForm, strategy| form.strategy = strategy)) }
            }
            if is_clustering {
                { fields.segments("order", ("control.order", Some(words.say(&format!("control.order_hint_{order}")))),
                    fields.choices("control.order_", &["concurrent", "orderly"]), order, set_order) }
            }
            if is_clustering && form.delivery_order == DeliveryOrder::Concurrent {
                { retry(fields, &form.retry,
                    &edit(form, change, Draft::Group, |form: &mut GroupForm, retry| form.retry = retry)) }
            }
            if !by_queue {
                { fields.segments("client", ("control.client", None),
                    fields.choices("control.client_", &Client::WORDS), form.client.name(), set_client) }
            }
            { fields.segments("replies", ("control.replies", None), fields.choices("control.replies_", &["no", "yes"]),
                if form.replies { "yes" } else { "no" },
                edit(form, change, Draft::Group, |form: &mut GroupForm, value: String| form.replies = value == "yes")) }
            { fields.text("consumers", "control.consumers", &form.consumers, ("numeric", None),
                edit(form, change, Draft::Group, |form, text| form.consumers = text)) }
            { fields.text("threads", "control.threads_each", &form.threads, ("numeric", None),
                edit(form, change, Draft::Group, |form, text| form.threads = text)) }
            { fields.processing(&form.processing,
                &edit(form, change, Draft::Group, |form, processing| form.processing = processing)) }
            { fields.failure(&form.failure, &edit(form, change, Draft::Group, |form, failure| form.failure = failure)) }
        </>
    }
}

/// How queues are shared out.
fn strategy(fields: &Fields<'_>, form: &StrategyForm, onchange: &Callback<StrategyForm>) -> Html {
    let typed = |set: fn(&mut StrategyForm, String)| {
        let (form, onchange) = (form.clone(), onchange.clone());
        Callback::from(move |text| {
            let mut form = form.clone();
            set(&mut form, text);
            onchange.emit(form);
        })
    };
    let kinds = fields.choices("control.strategy_", &StrategyKind::ALL.map(StrategyKind::name));
    let kind = typed(|form, name| {
        form.kind = StrategyKind::ALL.into_iter().find(|kind| kind.name() == name).unwrap_or(form.kind);
    });
    let has_rooms = matches!(form.kind, StrategyKind::MachineRoom | StrategyKind::MachineRoomNearby);
    html! {
        <>
            { fields.select("strategy", "control.strategy", kinds, form.kind.name().into(), kind) }
            if form.kind == StrategyKind::Config {
                { fields.text("configured", "control.configured", &form.configured, ("text", Some("control.configured_hint")),
                    typed(|form, text| form.configured = text)) }
            }
            if has_rooms {
                { fields.text("queue_rooms", "control.queue_rooms", &form.queues, ("text", Some("control.rooms_hint")),
                    typed(|form, text| form.queues = text)) }
            }
            if form.kind == StrategyKind::MachineRoom {
                { fields.text("rooms", "control.rooms", &form.rooms, ("text", None), typed(|form, text| form.rooms = text)) }
            }
            if form.kind == StrategyKind::MachineRoomNearby {
                { fields.text("consumer_rooms", "control.consumer_rooms", &form.consumers,
                    ("text", Some("control.rooms_hint")), typed(|form, text| form.consumers = text)) }
            }
        </>
    }
}

/// When failed messages are tried again.
fn retry(fields: &Fields<'_>, form: &RetryForm, onchange: &Callback<RetryForm>) -> Html {
    let typed = |set: fn(&mut RetryForm, String)| {
        let (form, onchange) = (form.clone(), onchange.clone());
        Callback::from(move |text| {
            let mut form = form.clone();
            set(&mut form, text);
            onchange.emit(form);
        })
    };
    let ladder = typed(|form, name| {
        form.ladder = LADDERS.into_iter().find(|ladder| *ladder == name).unwrap_or(form.ladder);
    });
    html! {
        <>
            { fields.select("ladder", "control.ladder", fields.choices("control.ladder_", &LADDERS), form.ladder.into(),
                ladder) }
            if form.ladder == "own" {
                { fields.text("rungs", "control.rungs", &form.rungs, ("text", Some("control.rungs_hint")),
                    typed(|form, text| form.rungs = text)) }
            }
            { fields.text("retries", "control.retries", &form.times, ("numeric", Some("control.retries_hint")),
                typed(|form, text| form.times = text)) }
        </>
    }
}

/// What the two families of balancing mean.
pub(super) fn balance_hint(words: &WordsRef, balance: Balance) -> String {
    words.say(&format!("control.balance_hint_{}", balance.name()))
}

/// The filter of one of the chosen topics.
fn filter(
    fields: &Fields<'_>,
    form: &GroupForm,
    world: &World,
    topic: TopicId,
    change: &Callback<Draft>,
) -> Html {
    let typed = form.filter(topic);
    let checked = typed.check(world);
    let id = format!("{}-{}", fields.id("topic"), topic.0);
    let fields =
        Fields { id: &id, words: fields.words, wrongs: checked.as_ref().err(), insists: fields.insists };
    let label = fields.words.fill("control.filter_of", &[("topic", &world.topic(topic).name)]);
    let set = edit(form, change, Draft::Group, |form: &mut GroupForm, (topic, typed)| {
        form.set_filter(topic, typed);
    });
    let onchange = set.reform(move |typed: FilterForm| (topic, typed));
    fields.filter(&typed, &label, &onchange)
}

fn subscriptions(fields: &Fields<'_>, form: &GroupForm, world: &World, change: &Callback<Draft>) -> Html {
    let words = fields.words;
    let wrong = fields.wrongs.and_then(|wrongs| wrongs.of("topics")).map(|wrong| wrong.say(words));
    let wrong_id = format!("{}-wrong", fields.id("topics"));
    html! {
        <fieldset class="field is-wide" aria-describedby={wrong.as_ref().map(|_| wrong_id.clone())}>
            <legend>{ words.say("control.subscriptions") }</legend>
            { for world.ordinary_topics().map(|(id, topic)| {
                let toggle = edit(form, change, Draft::Group, |form: &mut GroupForm, id: TopicId| form.toggle(id));
                html! {
                    <label class="check" key={id.0}>
                        <input type="checkbox" checked={form.topics.contains(&id)} onchange={toggle.reform(move |_| id)} />
                        <span>{ topic.name.to_string() }</span>
                    </label>
                }
            }) }
            if let Some(wrong) = wrong {
                <span class="field-wrong" id={wrong_id} role="alert">{ wrong }</span>
            }
        </fieldset>
    }
}

fn consumer(fields: &Fields<'_>, of: GroupId, form: &ConsumerForm, change: &Callback<Draft>) -> Html {
    let wrap = move |form| Draft::Consumer(of, form);
    html! {
        <>
            { fields.text("name", "control.name", &form.name, ("text", None),
                edit(form, change, wrap, |form, text| form.name = text)) }
            { fields.text("threads", "control.threads", &form.threads, ("numeric", None),
                edit(form, change, wrap, |form, text| form.threads = text)) }
            { fields.processing(&form.processing, &edit(form, change, wrap, |form, processing| form.processing = processing)) }
            { fields.failure(&form.failure, &edit(form, change, wrap, |form, failure| form.failure = failure)) }
        </>
    }
}
