//! From a scenario to the canonical form of its file: keys in the order of the tables, names for what has one, and
//! nothing that could be left out except what makes a topology readable.

use serde_json::{Map, Value, json};

use super::words::{LiteEnd, Word};
use super::{Action, Caption, LocalText, Marker, Scenario, beside, faults, recording, settings};
use crate::broker::spec::{
    Application, Cleanup, ConsumerSpec, ConsumerType, DeliveryOrder, Failure, FilterSpec, GroupSpec,
    InitialOffset, LiteNames, MessageGroups, MessageTemplate, Names, Pattern, ProducerSpec, Rate, Strategy,
    SubscriptionSpec, TopicSpec, TransactionSpec, Which,
};
use crate::broker::{Command, ConsumerChange, LiteChange, ResetTarget};
use crate::rules::lite::Position;
use crate::sim::{Distribution, Instant};

/// The whole file.
pub(super) fn scenario(scenario: &Scenario) -> Value {
    let mut file = Map::new();
    let mut put = |key: &str, value: Value| file.insert(key.to_owned(), value);
    put("format", super::FORMAT.into());
    put("id", scenario.id.clone().into());
    put("title", local(&scenario.title));
    if let Some(summary) = &scenario.summary {
        put("summary", local(summary));
    }
    put("seed", scenario.seed.to_string().into());
    put("profile", scenario.profile.word().into());
    put("settings", settings::write(&scenario.settings, &scenario.profile.settings()));
    put("topics", scenario.topics.iter().map(topic).collect());
    put("producers", scenario.producers.iter().map(producer).collect());
    put("groups", scenario.groups.iter().map(group).collect());
    // Few files have these.
    let beside: [(&str, Value); 3] = [
        ("services", scenario.services.iter().map(beside::write_service).collect()),
        ("callers", scenario.callers.iter().map(beside::write_caller).collect()),
        ("p2p_queues", scenario.p2p_queues.iter().map(beside::write_p2p_queue).collect()),
    ];
    for (key, things) in beside {
        if things.as_array().is_some_and(|things| !things.is_empty()) {
            put(key, things);
        }
    }
    put("actions", scenario.actions.iter().map(action).collect());
    if !scenario.acts.is_empty() {
        put("acts", scenario.acts.iter().map(recording::write_act).collect());
    }
    if let Some(recorded) = &scenario.recorded {
        put("recorded", recording::write_recorded(recorded));
    }
    if !scenario.branches.is_empty() {
        put("branches", scenario.branches.iter().map(recording::write_branch).collect());
    }
    put("markers", scenario.markers.iter().map(marker).collect());
    put("captions", scenario.captions.iter().map(caption).collect());
    if let Some(messages) = scenario.stop_after_messages {
        put("stop_after_messages", messages.into());
    }
    put("until", time(scenario.until));
    Value::Object(file)
}

fn time(at: Instant) -> Value {
    (at - Instant::ZERO).to_string().into()
}

/// Both languages, or only one if they say the same.
fn local(text: &LocalText) -> Value {
    if text.en == text.zh_cn {
        return json!({ "en": text.en });
    }
    json!({ "en": text.en, "zh-CN": text.zh_cn })
}

fn topic(topic: &TopicSpec) -> Value {
    let mut written = json!({
        "name": topic.name,
        "type": topic.message_type.word(),
        "write_queues": topic.write_queues,
        "read_queues": topic.read_queues,
    });
    if topic.cleanup != Cleanup::Delete {
        written["cleanup"] = topic.cleanup.word().into();
    }
    written
}

fn producer(producer: &ProducerSpec) -> Value {
    let mut written = json!({
        "name": producer.name,
        "topic": producer.topic,
        "pattern": pattern(&producer.pattern),
        "queue_selection": producer.queue_selection.word(),
    });
    if producer.message != MessageTemplate::default() {
        written["message"] = message(&producer.message);
    }
    written
}

fn message(message: &MessageTemplate) -> Value {
    let mut written = Map::new();
    if !message.tags.is_empty() {
        written.insert("tags".into(), message.tags.clone().into());
    }
    if let Some(key) = &message.key {
        written.insert("key".into(), key.clone().into());
    }
    match &message.message_group {
        None => {}
        Some(MessageGroups::Text(text)) => drop(written.insert("message_group".into(), text.clone().into())),
        Some(MessageGroups::InTurn(names)) => {
            written.insert("message_group".into(), names.clone().into());
        }
        Some(MessageGroups::ByChance(count)) => {
            written.insert("message_group".into(), json!({ "count": count }));
        }
    }
    if let Some(names) = &message.lite_topic {
        let names = match names {
            LiteNames::Text(text) => text.clone().into(),
            LiteNames::InTurn(names) => lite_names(names),
            LiteNames::ByChance(names) => json!({ "by_chance": lite_names(names) }),
        };
        written.insert("lite_topic".into(), names);
    }
    if !message.properties.is_empty() {
        let properties = message.properties.iter().map(|(name, text)| (name.clone(), text.clone().into()));
        written.insert("properties".into(), Value::Object(properties.collect()));
    }
    if let Some(body) = &message.body {
        written.insert("body".into(), body.clone().into());
    }
    if message.first_number != 0 {
        written.insert("first_number".into(), message.first_number.into());
    }
    if let Some(delay) = &message.delay {
        written.insert("delay".into(), distribution(delay));
    }
    if let Some(level) = message.delay_level {
        written.insert("delay_level".into(), level.into());
    }
    if let Some(spec) = &message.transaction {
        written.insert("transaction".into(), transaction(spec));
    }
    if let Some(batch) = message.batch {
        written.insert("batch".into(), batch.into());
    }
    if let Some(timeout) = message.request {
        written.insert("request".into(), timeout.to_string().into());
    }
    Value::Object(written)
}

fn lite_names(names: &[Names]) -> Value {
    names.iter().map(Names::to_string).collect()
}

fn transaction(spec: &TransactionSpec) -> Value {
    let mut written = Map::new();
    written.insert("takes".into(), distribution(&spec.takes));
    let kinds = [
        ("rollback", &spec.rollback),
        ("unknown", &spec.unknown),
        ("lost", &spec.lost),
        ("check_unknown", &spec.check_unknown),
        ("twice", &spec.twice),
        ("check_wrong", &spec.check_wrong),
    ];
    for (key, which) in kinds {
        let value: Value = match which {
            Which::Share(ratio) => ratio.to_string().into(),
            Which::Tag(tag) => json!({ "tag": tag }),
            Which::Key(key) => json!({ "key": key }),
        };
        if *which != Which::NONE {
            written.insert(key.into(), value);
        }
    }
    if let Some(seconds) = spec.check_after_secs {
        written.insert("check_after_seconds".into(), seconds.into());
    }
    Value::Object(written)
}

pub(super) fn pattern(pattern: &Pattern) -> Value {
    match *pattern {
        Pattern::Constant(per_second) => json!({ "constant": { "per_second": rate(per_second) } }),
        Pattern::Poisson(per_second) => json!({ "poisson": { "per_second": rate(per_second) } }),
        Pattern::Bursts { rate: between, burst_rate, every, lasting } => json!({ "bursts": {
            "per_second": rate(between),
            "burst_per_second": rate(burst_rate),
            "every": every.to_string(),
            "lasting": lasting.to_string(),
        } }),
        Pattern::ByHand => json!({ "by_hand": {} }),
    }
}

/// A whole number where it is one; else the shortest decimal, which reads back to the same millionth.
fn rate(rate: Rate) -> Value {
    match rate.micros_per_second % 1_000_000 {
        0 => (rate.micros_per_second / 1_000_000).into(),
        _ => (rate.micros_per_second as f64 / 1e6).into(),
    }
}

fn group(group: &GroupSpec) -> Value {
    let mut written = Map::new();
    let mut put = |key: &str, value: Value| written.insert(key.to_owned(), value);
    put("name", group.name.clone().into());
    put("mode", group.mode.word().into());
    if group.consumer_type != ConsumerType::Push {
        put("type", group.consumer_type.word().into());
    }
    put("balance", group.balance.word().into());
    put("strategy", strategy(&group.strategy));
    if let Some(times) = group.retry.max_times {
        put("retry_max_times", times.into());
    }
    if let Some(ladder) = &group.retry.ladder {
        put("retry_ladder", settings::ladder_value(ladder));
    }
    if group.delivery_order != DeliveryOrder::Concurrent {
        put("delivery_order", group.delivery_order.word().into());
    }
    if let Some(idempotent) = group.idempotent {
        put("idempotent", idempotent.into());
    }
    if let Some(model) = group.lite_sub_model {
        put("lite_sub_model", model.word().into());
    }
    if group.replies {
        put("replies", true.into());
    }
    put(
        "initial_offset",
        match group.initial_offset {
            InitialOffset::Timestamp(Some(at)) => json!({ "timestamp": at.to_string() }),
            other => other.word().into(),
        },
    );
    put("subscribe", group.subscriptions.iter().map(subscription).collect());
    put("consumers", group.consumers.iter().map(consumer).collect());
    Value::Object(written)
}

fn strategy(strategy: &Strategy) -> Value {
    let given = match strategy {
        Strategy::Avg | Strategy::AvgByCircle | Strategy::ConsistentHash => return strategy.name().into(),
        Strategy::Config(all) => all
            .iter()
            .map(|one| json!({ "consumer": one.consumer, "topic": one.topic, "queues": one.queues }))
            .collect(),
        Strategy::MachineRoom { queues, rooms } => json!({ "queues": queues, "rooms": rooms }),
        Strategy::MachineRoomNearby { queues, consumers } => {
            let stands_in =
                |(consumer, room): &(String, String)| json!({ "consumer": consumer, "room": room });
            json!({ "queues": queues, "consumers": consumers.iter().map(stands_in).collect::<Value>() })
        }
    };
    json!({ strategy.name(): given })
}

fn subscription(subscription: &SubscriptionSpec) -> Value {
    json!({ "topic": subscription.topic, "filter": filter(&subscription.filter) })
}

fn filter(filter: &FilterSpec) -> Value {
    match filter {
        FilterSpec::Sql(condition) => json!({ "sql": condition }),
        _ => filter.expression().into(),
    }
}

fn consumer(consumer: &ConsumerSpec) -> Value {
    let mut written = Map::new();
    written.insert("name".into(), consumer.name.clone().into());
    if let Some(threads) = consumer.threads {
        written.insert("threads".into(), threads.into());
    }
    written.insert("processing".into(), distribution(&consumer.processing));
    if consumer.failure != Failure::NEVER {
        written.insert("failure".into(), failure(&consumer.failure));
    }
    if !consumer.lite_topics.is_empty() {
        written.insert("lite_topics".into(), lite_names(&consumer.lite_topics));
    }
    if consumer.application != Application::Loop {
        written.insert("application".into(), consumer.application.word().into());
    }
    if !consumer.subscriptions.is_empty() {
        let subscriptions = consumer.subscriptions.iter().map(subscription).collect();
        written.insert("subscribe".into(), subscriptions);
    }
    Value::Object(written)
}

pub(super) fn distribution(distribution: &Distribution) -> Value {
    match distribution {
        Distribution::Constant(time) => json!({ "constant": time.to_string() }),
        Distribution::Uniform { min, max } => {
            json!({ "uniform": { "min": min.to_string(), "max": max.to_string() } })
        }
        Distribution::Exponential { mean } => json!({ "exponential": { "mean": mean.to_string() } }),
        Distribution::LogNormal { median, p99 } => {
            json!({ "log_normal": { "median": median.to_string(), "p99": p99.to_string() } })
        }
    }
}

fn failure(failure: &Failure) -> Value {
    match failure {
        Failure::Probability(ratio) => ratio.to_string().into(),
        Failure::PoisonTag(tag) => json!({ "poison_tag": tag }),
        Failure::PoisonKey(key) => json!({ "poison_key": key }),
        Failure::FirstAttempts(attempts) => json!({ "first_attempts": attempts }),
    }
}

fn action(action: &Action) -> Value {
    json!({ "at": time(action.at), "do": command(&action.command) })
}

/// Where offsets are moved to.
fn target(to: ResetTarget) -> Value {
    match to {
        ResetTarget::Time(at) => json!({ "time": time(at) }),
        ResetTarget::Latest => json!("latest"),
        ResetTarget::Earliest => json!("earliest"),
        ResetTarget::Offset { queue, offset } => json!({ "offset": { "queue": queue, "offset": offset } }),
    }
}

/// A command under its key.
pub(super) fn command(command: &Command) -> Value {
    let given = match command {
        Command::AddTopic(spec) => topic(spec),
        Command::AddProducer(spec) => producer(spec),
        Command::RemoveProducer { producer } => json!({ "producer": producer }),
        Command::SetPattern { producer, pattern: new } => {
            json!({ "producer": producer, "pattern": pattern(new) })
        }
        Command::Send { producer, count } => json!({ "producer": producer, "count": count }),
        Command::SendTo { producer, queue, count } => {
            json!({ "producer": producer, "queue": queue, "count": count })
        }
        Command::Throttle { sends, receives, lasting } => {
            json!({ "lasting": lasting.to_string(), "sends": sends, "receives": receives })
        }
        Command::Recall { producer, number } => json!({ "producer": producer, "number": number }),
        Command::EndTransaction { producer, number, commit } => {
            json!({ "producer": producer, "number": number, "commit": commit })
        }
        Command::CrashProducer { producer } | Command::RestartProducer { producer } => {
            json!({ "producer": producer })
        }
        Command::CrashBroker { .. } | Command::RestartBroker | Command::Link { .. } => faults::write(command),
        Command::AddGroup(spec) => group(spec),
        Command::RemoveGroup { group } => json!({ "group": group }),
        Command::SetBalance { group, balance } => json!({ "group": group, "balance": balance.word() }),
        Command::ResetOffset { group, topic, to } => {
            json!({ "group": group, "topic": topic, "to": target(*to) })
        }
        Command::SetQueues { topic, write, read } => json!({ "topic": topic, "write": write, "read": read }),
        Command::SetFilter { group, topic, filter: new } => {
            json!({ "group": group, "topic": topic, "filter": filter(new) })
        }
        Command::AddConsumer { group, consumer: spec } => {
            json!({ "group": group, "consumer": consumer(spec) })
        }
        Command::Consumer { consumer, change } => {
            let mut given = json!({ "consumer": consumer });
            match change {
                ConsumerChange::SetThreads(threads) => given["threads"] = (*threads).into(),
                ConsumerChange::SetProcessing(new) => given["processing"] = distribution(new),
                ConsumerChange::SetFailure(new) => given["failure"] = failure(new),
                ConsumerChange::SetFilter { topic, filter: new } => {
                    given["topic"] = topic.clone().into();
                    given["filter"] = filter(new);
                }
                ConsumerChange::FailNext(count) => given["count"] = (*count).into(),
                ConsumerChange::Lite(LiteChange::Add { names, from }) => {
                    given["lite_topics"] = lite_names(names);
                    given["from"] = match *from {
                        Position::Offset(offset) => json!({ "offset": offset }),
                        Position::Tail(tail) => json!({ "tail": tail }),
                        end => LiteEnd(end).word().into(),
                    };
                }
                ConsumerChange::Lite(LiteChange::Remove { names } | LiteChange::All { names }) => {
                    given["lite_topics"] = lite_names(names);
                }
                ConsumerChange::Receive { count, invisible, queue, attempt } => {
                    given["count"] = (*count).into();
                    if let Some(queue) = queue {
                        given["queue"] = (*queue).into();
                    }
                    if let Some(attempt) = attempt {
                        given["attempt"] = attempt.clone().into();
                    }
                    if let Some(invisible) = invisible {
                        given["invisible"] = invisible.to_string().into();
                    }
                }
                ConsumerChange::Acknowledge { handle } => given["handle"] = (*handle).into(),
                ConsumerChange::ChangeInvisible { handle, invisible } => {
                    given["handle"] = (*handle).into();
                    given["invisible"] = invisible.to_string().into();
                }
                ConsumerChange::Seek { topic, queue, to } => {
                    given["topic"] = topic.clone().into();
                    given["queue"] = (*queue).into();
                    given["to"] = match to {
                        ResetTarget::Offset { offset, .. } => json!({ "offset": offset }),
                        other => target(*other),
                    };
                }
                ConsumerChange::PauseQueue { topic, queue }
                | ConsumerChange::ResumeQueue { topic, queue } => {
                    given["topic"] = topic.clone().into();
                    given["queue"] = (*queue).into();
                }
                ConsumerChange::SendBack { topic, queue, offset, level, max_times } => {
                    given["topic"] = topic.clone().into();
                    given["queue"] = (*queue).into();
                    given["offset"] = (*offset).into();
                    given["level"] = (*level).into();
                    if let Some(max_times) = max_times {
                        given["max_times"] = (*max_times).into();
                    }
                }
                ConsumerChange::Poll
                | ConsumerChange::Commit
                | ConsumerChange::Leave
                | ConsumerChange::Crash
                | ConsumerChange::Restart
                | ConsumerChange::Pause
                | ConsumerChange::Resume => {}
            }
            given
        }
        Command::AddService(spec) => beside::write_service(spec),
        Command::AddCaller(spec) => beside::write_caller(spec),
        Command::Caller { caller, change } => beside::write_caller_change(caller, change),
        Command::Service { service, change } => beside::write_service_change(service, change),
        Command::AddP2pQueue(spec) => beside::write_p2p_queue(spec),
        Command::P2p { queue, .. } => json!({ "queue": queue }),
    };
    json!({ command.key(): given })
}

fn marker(marker: &Marker) -> Value {
    json!({ "at": time(marker.at), "label": local(&marker.label) })
}

fn caption(caption: &Caption) -> Value {
    let mut written = json!({ "at": time(caption.at) });
    if let Some(until) = caption.until {
        written["until"] = time(until);
    }
    written["text"] = local(&caption.text);
    if !caption.claims.is_empty() {
        written["claims"] = json!(caption.claims);
    }
    written
}
