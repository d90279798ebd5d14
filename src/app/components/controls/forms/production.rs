//! The forms for a new topic and a new producer.

use yew::{Callback, Html, html};

use super::super::fields::Choice;
use super::super::parts::Fields;
use super::{Draft, edit};
use crate::broker::spec::{Cleanup, MessageType, TopicType};
use crate::broker::{TopicId, World};
use crate::forms::{ProducerForm, TopicForm};

/// The types of topics, with their words in the catalogue.
const TYPES: [(&str, TopicType); 6] = [
    ("normal", TopicType::NORMAL),
    ("fifo", TopicType::Of(MessageType::Fifo)),
    ("delay", TopicType::Of(MessageType::Delay)),
    ("transaction", TopicType::Of(MessageType::Transaction)),
    ("lite", TopicType::Of(MessageType::Lite)),
    ("mixed", TopicType::Mixed),
];

pub(super) fn topic(fields: &Fields<'_>, form: &TopicForm, change: &Callback<Draft>) -> Html {
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
            if form.message_type != TopicType::Of(MessageType::Lite) {
            { fields.segments("cleanup", ("control.cleanup", Some(fields.words.say(&format!("control.cleanup_hint_{cleanup}")))),
                fields.choices("control.cleanup_", &["delete", "compaction"]), cleanup, set_cleanup) }
                { fields.text("queues", "control.queues", &form.queues, ("numeric", None),
                edit(form, change, Draft::Topic, |form, text| form.queues = text)) }
            }
        </>
    }
}

pub(super) fn producer(
    fields: &Fields<'_>,
    form: &ProducerForm,
    world: &World,
    change: &Callback<Draft>,
) -> Html {
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
            if form.is_lite(world) {
                { fields.text("lite_topic", "control.lite_topic", &form.lite_topic, ("text", Some("control.lite_topic_hint")),
                    edit(form, change, Draft::Producer, |form, text| form.lite_topic = text)) }
            }
            if form.is_transactional(world) {
                { fields.text("takes", "control.local_takes", &form.takes, ("text", Some("control.local_takes_hint")),
                    edit(form, change, Draft::Producer, |form, text| form.takes = text)) }
                { fields.text("rollback", "control.local_rollback", &form.rollback, ("text", Some("control.probability_hint")),
                    edit(form, change, Draft::Producer, |form, text| form.rollback = text)) }
                { fields.text("unknown", "control.local_unknown", &form.unknown, ("text", Some("control.probability_hint")),
                    edit(form, change, Draft::Producer, |form, text| form.unknown = text)) }
                { fields.text("lost", "control.local_lost", &form.lost, ("text", Some("control.probability_hint")),
                    edit(form, change, Draft::Producer, |form, text| form.lost = text)) }
                { fields.text("check_unknown", "control.check_unknown", &form.check_unknown,
                    ("text", Some("control.probability_hint")),
                    edit(form, change, Draft::Producer, |form, text| form.check_unknown = text)) }
                { fields.text("twice", "control.word_twice", &form.twice, ("text", Some("control.probability_hint")),
                    edit(form, change, Draft::Producer, |form, text| form.twice = text)) }
                { fields.text("check_wrong", "control.check_wrong", &form.check_wrong, ("text", Some("control.probability_hint")),
                    edit(form, change, Draft::Producer, |form, text| form.check_wrong = text)) }
                { fields.text("check_after", "control.check_after", &form.check_after,
                    ("numeric", Some("control.check_after_hint")),
                    edit(form, change, Draft::Producer, |form, text| form.check_after = text)) }
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
