//! The forms for a new group and a new consumer.

use yew::{Callback, Html, html};

use super::super::parts::Fields;
use super::{Draft, edit};
use crate::app::WordsRef;
use crate::broker::spec::{Balance, ConsumeMode, DeliveryOrder, InitialOffset, SubModel};
use crate::broker::{GroupId, TopicId, World};
use crate::forms::{
    Client, ConsumerForm, Effect, FilterForm, GroupForm, LADDERS, RetryForm, StrategyForm, StrategyKind,
};

pub(super) fn group(fields: &Fields<'_>, form: &GroupForm, world: &World, change: &Callback<Draft>) -> Html {
    let words = fields.words;
    let mode = match form.mode {
        ConsumeMode::Clustering => "clustering",
        ConsumeMode::Broadcasting => "broadcasting",
    };
    let from = form.initial_offset.name();
    let order = form.delivery_order.name();
    let set_order = edit(form, change, Draft::Group, |form: &mut GroupForm, value: String| {
        form.delivery_order =
            if value == "orderly" { DeliveryOrder::Orderly } else { DeliveryOrder::Concurrent };
    });
    let set_mode = edit(form, change, Draft::Group, |form: &mut GroupForm, value: String| {
        form.mode = if value == "broadcasting" { ConsumeMode::Broadcasting } else { ConsumeMode::Clustering };
    });
    let set_from = edit(form, change, Draft::Group, |form: &mut GroupForm, value: String| {
        form.initial_offset = match value.as_str() {
            "earliest" => InitialOffset::Earliest,
            "timestamp" => InitialOffset::Timestamp(None),
            "ossCompat" => InitialOffset::OssCompat,
            _ => InitialOffset::Latest,
        };
    });
    let set_balance = edit(form, change, Draft::Group, |form: &mut GroupForm, value: String| {
        form.balance = if value == "queue" { Balance::Queue } else { Balance::Message };
    });
    let is_lite = form.is_lite(world);
    let is_clustering = form.mode == ConsumeMode::Clustering && !is_lite;
    let by_queue = form.balance == Balance::Queue || !is_clustering;
    let set_client = edit(form, change, Draft::Group, |form: &mut GroupForm, value: String| {
        form.client = Client::of(&value);
    });
    let set_effect = edit(form, change, Draft::Group, |form: &mut GroupForm, value: String| {
        form.effect = Effect::of(&value);
    });
    html! {
        <>
            { fields.text("name", "control.name", &form.name, ("text", None),
                edit(form, change, Draft::Group, |form, text| form.name = text)) }
            { subscriptions(fields, form, world, change) }
            if is_lite {
                { lite(fields, form, change) }
            } else {
                { for form.topics.iter().map(|topic| filter(fields, form, world, *topic, change)) }
            }
            { fields.segments("from", ("control.from", None), fields.choices("control.from_",
                &["latest", "earliest", "timestamp", "ossCompat"]), from, set_from) }
            if !is_lite {
                { fields.segments("mode", ("control.mode", Some(words.say(&format!("control.mode_hint_{mode}")))),
                    fields.choices("control.mode_", &["clustering", "broadcasting"]), mode, set_mode) }
            }
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
            if is_lite || is_clustering && form.delivery_order == DeliveryOrder::Concurrent {
                { retry(fields, &form.retry,
                    &edit(form, change, Draft::Group, |form: &mut GroupForm, retry| form.retry = retry)) }
            }
            if is_clustering {
                { fields.select("client", "control.client",
                    fields.choices("control.client_", &Client::words(form.balance)), form.client.name().into(), set_client) }
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
            { fields.select("effect", "control.effect", fields.choices("control.effect_", &Effect::WORDS),
                form.effect.name().into(), set_effect) }
        </>
    }
}

/// The lite topics of a group, and whether they are shared.
fn lite(fields: &Fields<'_>, form: &GroupForm, change: &Callback<Draft>) -> Html {
    let chosen = match form.lite_sub_model {
        None => "settings",
        Some(SubModel::Shared) => "shared",
        Some(SubModel::Exclusive) => "exclusive",
    };
    let set_model = edit(form, change, Draft::Group, |form: &mut GroupForm, value: String| {
        form.lite_sub_model = match value.as_str() {
            "shared" => Some(SubModel::Shared),
            "exclusive" => Some(SubModel::Exclusive),
            _ => None,
        };
    });
    html! {
        <>
            { fields.text("lite_topics", "control.lite_topics_each", &form.lite_topics,
                ("text", Some("control.lite_topics_hint")),
                edit(form, change, Draft::Group, |form, text| form.lite_topics = text)) }
            { fields.select("lite_model", "control.lite_model",
                fields.choices("control.lite_model_", &["settings", "shared", "exclusive"]), chosen.into(), set_model) }
        </>
    }
}

/// How queues are shared out.
pub(super) fn strategy(fields: &Fields<'_>, form: &StrategyForm, onchange: &Callback<StrategyForm>) -> Html {
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
pub(super) fn retry(fields: &Fields<'_>, form: &RetryForm, onchange: &Callback<RetryForm>) -> Html {
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
pub(in super::super) fn balance_hint(words: &WordsRef, balance: Balance) -> String {
    words.say(&format!("control.balance_hint_{}", balance.name()))
}

/// The filter of one of the chosen topics.
pub(super) fn filter(
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

pub(super) fn consumer(
    fields: &Fields<'_>,
    of: GroupId,
    form: &ConsumerForm,
    world: &World,
    change: &Callback<Draft>,
) -> Html {
    let wrap = move |form| Draft::Consumer(of, form);
    html! {
        <>
            { fields.text("name", "control.name", &form.name, ("text", None),
                edit(form, change, wrap, |form, text| form.name = text)) }
            if world.lite_progress(of).is_some() {
                { fields.text("lite_topics", "control.lite_topics", &form.lite_topics,
                    ("text", Some("control.lite_topics_hint")),
                    edit(form, change, wrap, |form, text| form.lite_topics = text)) }
            }
            { fields.text("threads", "control.threads", &form.threads, ("numeric", None),
                edit(form, change, wrap, |form, text| form.threads = text)) }
            { fields.processing(&form.processing, &edit(form, change, wrap, |form, processing| form.processing = processing)) }
            { fields.failure(&form.failure, &edit(form, change, wrap, |form, failure| form.failure = failure)) }
        </>
    }
}
