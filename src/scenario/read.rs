//! From the values of a file to a scenario. Silent: [`check`](super::check) has said what is wrong, and where something
//! is, a default stands in for it, so that everything else can still be looked at.

use serde_json::{Map, Value};

use super::form::{self, Kind, Shape};
use super::words::{LiteEnd, PlainStrategy, Word};
use super::{
    Action, CLAIMS, Caption, LocalText, Marker, Profile, Scenario, beside, faults, recording, settings,
    shapes,
};
use crate::broker::spec::{
    Configured, ConsumerSpec, Failure, FilterSpec, GroupSpec, InitialOffset, LiteNames, MessageGroups,
    MessageTemplate, MessageType, Names, Pattern, ProducerSpec, Rate, RetryRule, Strategy, SubscriptionSpec,
    TopicSpec, TopicType, TransactionSpec, Which,
};
use crate::broker::{Command, ConsumerChange, LiteChange, ResetTarget};
use crate::rules::lite::Position;
use crate::sim::{Distribution, Instant, Span, sort_by_key};

/// A scenario as the file has it: lists in file order.
pub(super) struct Draft {
    /// The scenario, without its actions.
    pub(super) scenario: Scenario,
    /// Those actions that can be read, each with its place in the file.
    pub(super) actions: Vec<(usize, Action)>,
}

impl Draft {
    /// The finished scenario: what has a time is in order of time.
    pub(super) fn finish(self) -> Scenario {
        let mut scenario = self.scenario;
        scenario.actions = self.actions.into_iter().map(|(_, action)| action).collect();
        sort_by_key(&mut scenario.actions, |action| action.at);
        sort_by_key(&mut scenario.markers, |marker| marker.at);
        sort_by_key(&mut scenario.captions, |caption| caption.at);
        scenario
    }
}

/// An object with the table of its keys.
#[derive(Clone, Copy)]
pub(super) struct Object<'v> {
    map: Option<&'v Map<String, Value>>,
    shape: &'static Shape,
}

impl<'v> Object<'v> {
    pub(super) fn new(value: &'v Value, shape: &'static Shape) -> Self {
        Self { map: value.as_object(), shape }
    }

    /// What a key holds, if it is there, and what it may hold.
    pub(super) fn get(&self, key: &str) -> Option<(&'static Kind, &'v Value)> {
        let field = self.shape.field(key).expect("only keys of the table are read");
        Some((&field.kind, self.map?.get(key)?))
    }

    pub(super) fn value(&self, key: &str) -> &'v Value {
        self.get(key).map_or(&Value::Null, |(_, value)| value)
    }

    pub(super) fn text(&self, key: &str) -> Option<String> {
        self.get(key).and_then(|(kind, value)| form::text(kind, value).ok()).map(str::to_owned)
    }

    pub(super) fn whole(&self, key: &str) -> Option<u64> {
        self.get(key).and_then(|(kind, value)| form::whole(kind, value).ok())
    }

    pub(super) fn count(&self, key: &str) -> Option<u32> {
        self.whole(key).and_then(|whole| u32::try_from(whole).ok())
    }

    pub(super) fn rate(&self, key: &str) -> Rate {
        form::rate(self.value(key)).unwrap_or_default()
    }

    pub(super) fn span(&self, key: &str) -> Option<Span> {
        form::span(self.value(key)).ok()
    }

    pub(super) fn instant(&self, key: &str) -> Option<Instant> {
        self.span(key).map(|span| Instant::ZERO + span)
    }

    pub(super) fn word<T: Word>(&self, key: &str) -> Option<T> {
        self.get(key).and_then(|(kind, value)| form::word(kind, value))
    }

    pub(super) fn list(&self, key: &str) -> &'v [Value] {
        self.value(key).as_array().map_or(&[], Vec::as_slice)
    }

    pub(super) fn local(&self, key: &str) -> Option<LocalText> {
        self.get(key).map(|(kind, value)| local(kind, value))
    }
}

/// A text in both languages: where one is missing, the other stands in for it.
fn local(kind: &Kind, value: &Value) -> LocalText {
    let text = |language| value.get(language).and_then(|text| form::text(kind, text).ok());
    let (en, zh_cn) = (text("en"), text("zh-CN"));
    LocalText {
        en: en.or(zh_cn).unwrap_or_default().to_owned(),
        zh_cn: zh_cn.or(en).unwrap_or_default().to_owned(),
    }
}

/// The one key of a choice and what it holds.
fn the_one(value: &Value) -> Option<(&str, &Value)> {
    value.as_object()?.iter().next().map(|(key, value)| (key.as_str(), value))
}

/// Reads the file.
pub(super) fn draft(value: &Value) -> Draft {
    let file = Object::new(value, &shapes::SCENARIO);
    let no_settings = Map::new();
    let profile: Profile = file.word("profile").unwrap_or_default();
    let until = file.instant("until").unwrap_or(super::UNTIL);
    let actions = file.list("actions").iter().enumerate();
    let mut actions: Vec<(usize, Action)> =
        actions.filter_map(|(index, value)| Some((index, action(value, until, profile)?))).collect();
    sort_by_key(&mut actions, |(_, action)| action.at);
    let scenario = Scenario {
        id: file.text("id").unwrap_or_default(),
        title: file.local("title").unwrap_or_default(),
        summary: file.local("summary"),
        seed: form::seed(file.value("seed")).unwrap_or_default(),
        profile,
        settings: settings::read(
            file.value("settings").as_object().unwrap_or(&no_settings),
            profile.settings(),
        ),
        topics: file.list("topics").iter().map(topic).collect(),
        producers: file.list("producers").iter().map(producer).collect(),
        groups: file.list("groups").iter().map(|value| group(value, profile)).collect(),
        services: file.list("services").iter().map(beside::service).collect(),
        callers: file.list("callers").iter().map(beside::caller).collect(),
        p2p_queues: file.list("p2p_queues").iter().map(beside::p2p_queue).collect(),
        actions: Vec::new(),
        acts: file.list("acts").iter().filter_map(|act| recording::read_act(act, profile)).collect(),
        recorded: recording::read_recorded(file.value("recorded")),
        branches: file
            .list("branches")
            .iter()
            .filter_map(|branch| recording::read_branch(branch, profile))
            .collect(),
        markers: file.list("markers").iter().map(marker).collect(),
        captions: file.list("captions").iter().map(caption).collect(),
        stop_after_messages: file.whole("stop_after_messages"),
        until,
    };
    Draft { scenario, actions }
}

fn topic(value: &Value) -> TopicSpec {
    let topic = Object::new(value, &shapes::TOPIC);
    let message_type = topic.word("type").unwrap_or(TopicType::NORMAL);
    let usual = if message_type == TopicType::Of(MessageType::Lite) { 1 } else { 4 };
    let write_queues = topic.count("write_queues").unwrap_or(usual);
    TopicSpec {
        name: topic.text("name").unwrap_or_default(),
        message_type,
        write_queues,
        read_queues: topic.count("read_queues").unwrap_or(write_queues),
        cleanup: topic.word("cleanup").unwrap_or_default(),
    }
}

fn producer(value: &Value) -> ProducerSpec {
    let producer = Object::new(value, &shapes::PRODUCER);
    ProducerSpec {
        name: producer.text("name").unwrap_or_default(),
        topic: producer.text("topic").unwrap_or_default(),
        pattern: pattern(producer.value("pattern")),
        queue_selection: producer.word("queue_selection").unwrap_or_default(),
        message: message(producer.value("message")),
    }
}

fn message(value: &Value) -> MessageTemplate {
    let message = Object::new(value, &shapes::MESSAGE);
    let text = |value: &Value| value.as_str().map(str::to_owned);
    let properties = message.value("properties").as_object();
    let property = |(name, value): (&String, &Value)| Some((name.clone(), text(value)?));
    MessageTemplate {
        tags: message.list("tags").iter().filter_map(text).collect(),
        key: message.text("key"),
        properties: properties.map(|map| map.iter().filter_map(property).collect()).unwrap_or_default(),
        body: message.text("body"),
        first_number: message.whole("first_number").unwrap_or_default(),
        message_group: message_group(message.value("message_group")),
        lite_topic: lite_topic(message.value("lite_topic")),
        delay: message.get("delay").map(|(_, value)| delay(value)),
        delay_level: message.count("delay_level"),
        transaction: message.get("transaction").map(|(_, value)| transaction(value).into()),
        batch: message.count("batch"),
        request: message.span("request"),
    }
}

fn transaction(value: &Value) -> TransactionSpec {
    let transaction = Object::new(value, &shapes::TRANSACTION);
    let which = |key| transaction.get(key).map_or(Which::NONE, |(_, value)| which(value));
    let usual = TransactionSpec::default();
    TransactionSpec {
        takes: transaction.get("takes").map_or(usual.takes, |(_, value)| delay(value)),
        rollback: which("rollback"),
        unknown: which("unknown"),
        lost: which("lost"),
        check_unknown: which("check_unknown"),
        twice: which("twice"),
        check_wrong: which("check_wrong"),
        check_after_secs: transaction.count("check_after_seconds"),
    }
}

fn which(value: &Value) -> Which {
    let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
    match the_one(value) {
        Some(("tag", tag)) => Which::Tag(text(tag)),
        Some(("key", key)) => Which::Key(text(key)),
        _ => form::ratio(value).map_or(Which::NONE, Which::Share),
    }
}

fn message_group(value: &Value) -> Option<MessageGroups> {
    match value {
        Value::String(text) if !text.trim().is_empty() => Some(MessageGroups::Text(text.clone())),
        Value::Array(names) => {
            let names: Vec<String> =
                names.iter().filter_map(|name| name.as_str().map(str::to_owned)).collect();
            (!names.is_empty()).then_some(MessageGroups::InTurn(names))
        }
        Value::Object(_) => {
            let chance = Object::new(value, &shapes::MESSAGE_GROUPS);
            chance.count("count").map(MessageGroups::ByChance)
        }
        _ => None,
    }
}

fn lite_topic(value: &Value) -> Option<LiteNames> {
    match value {
        Value::String(text) if !text.trim().is_empty() => Some(LiteNames::Text(text.clone())),
        Value::Array(_) => Some(LiteNames::InTurn(lite_names(value))),
        Value::Object(_) => {
            let chance = Object::new(value, &shapes::LITE_BY_CHANCE);
            Some(LiteNames::ByChance(lite_names(chance.value("by_chance"))))
        }
        _ => None,
    }
    .filter(|names| !matches!(names, LiteNames::InTurn(all) | LiteNames::ByChance(all) if all.is_empty()))
}

/// A text that looks like a series and is none is a problem, and here the name that it would be.
fn lite_names(value: &Value) -> Vec<Names> {
    let texts = value.as_array().map_or(&[][..], Vec::as_slice).iter().filter_map(Value::as_str);
    texts.map(|text| Names::read(text).unwrap_or_else(|_| Names::one(text))).collect()
}

fn lite_position(value: &Value) -> Position {
    let count = |value: &Value| value.as_u64().unwrap_or_default();
    match the_one(value) {
        Some(("offset", offset)) => Position::Offset(count(offset)),
        Some(("tail", tail)) => Position::Tail(count(tail)),
        _ => value.as_str().and_then(LiteEnd::read).map_or(Position::Last, |end| end.0),
    }
}

pub(super) fn pattern(value: &Value) -> Pattern {
    match the_one(value) {
        Some(("constant", rate)) => Pattern::Constant(Object::new(rate, &shapes::STEADY).rate("per_second")),
        Some(("poisson", rate)) => Pattern::Poisson(Object::new(rate, &shapes::STEADY).rate("per_second")),
        Some(("bursts", bursts)) => {
            let bursts = Object::new(bursts, &shapes::BURSTS);
            Pattern::Bursts {
                rate: bursts.rate("per_second"),
                burst_rate: bursts.rate("burst_per_second"),
                every: bursts.span("every").unwrap_or(Span::FOREVER),
                lasting: bursts.span("lasting").unwrap_or_default(),
            }
        }
        _ => Pattern::ByHand,
    }
}

fn group(value: &Value, profile: Profile) -> GroupSpec {
    let group = Object::new(value, &shapes::GROUP);
    let mode = group.word("mode").unwrap_or_default();
    let consumer_type = group.word("type").unwrap_or_default();
    let usual = profile.balance_of(mode, consumer_type);
    GroupSpec {
        name: group.text("name").unwrap_or_default(),
        mode,
        consumer_type,
        balance: group.word("balance").unwrap_or(usual),
        strategy: strategy(group.value("strategy")),
        retry: RetryRule {
            max_times: group.count("retry_max_times"),
            ladder: settings::ladder(group.value("retry_ladder")),
        },
        delivery_order: group.word("delivery_order").unwrap_or_default(),
        idempotent: group.value("idempotent").as_bool(),
        lite_sub_model: group.word("lite_sub_model"),
        replies: group.value("replies").as_bool().unwrap_or_default(),
        initial_offset: initial_offset(&group, profile),
        subscriptions: group.list("subscribe").iter().map(subscription).collect(),
        consumers: group.list("consumers").iter().map(consumer).collect(),
    }
}

fn initial_offset(group: &Object<'_>, profile: Profile) -> InitialOffset {
    match the_one(group.value("initial_offset")) {
        Some(("timestamp", at)) => InitialOffset::Timestamp(form::span(at).ok()),
        _ => {
            let said = group.value("initial_offset").as_str().and_then(InitialOffset::read);
            said.unwrap_or(profile.initial_offset())
        }
    }
}

fn strategy(value: &Value) -> Strategy {
    if let Some(plain) = value.as_str().and_then(PlainStrategy::read) {
        return plain.into();
    }
    let texts = |value: &Value| -> Vec<String> {
        let texts = value.as_array().map_or(&[][..], Vec::as_slice);
        texts.iter().filter_map(|text| text.as_str().map(str::to_owned)).collect()
    };
    match the_one(value) {
        Some(("CONFIG", all)) => {
            let all = all.as_array().map_or(&[][..], Vec::as_slice);
            Strategy::Config(all.iter().map(configured).collect())
        }
        Some(("MACHINE_ROOM", value)) => {
            let given = Object::new(value, &shapes::MACHINE_ROOM);
            Strategy::MachineRoom { queues: texts(given.value("queues")), rooms: texts(given.value("rooms")) }
        }
        Some(("MACHINE_ROOM_NEARBY", value)) => {
            let given = Object::new(value, &shapes::MACHINE_ROOM_NEARBY);
            let stands_in = |value| {
                let one = Object::new(value, &shapes::STANDS_IN);
                (one.text("consumer").unwrap_or_default(), one.text("room").unwrap_or_default())
            };
            Strategy::MachineRoomNearby {
                queues: texts(given.value("queues")),
                consumers: given.list("consumers").iter().map(stands_in).collect(),
            }
        }
        _ => Strategy::default(),
    }
}

fn configured(value: &Value) -> Configured {
    let one = Object::new(value, &shapes::CONFIGURED);
    let number = |value: &Value| value.as_u64().and_then(|number| u32::try_from(number).ok());
    Configured {
        consumer: one.text("consumer").unwrap_or_default(),
        topic: one.text("topic").unwrap_or_default(),
        queues: one.list("queues").iter().filter_map(number).collect(),
    }
}

fn subscription(value: &Value) -> SubscriptionSpec {
    let subscription = Object::new(value, &shapes::SUBSCRIPTION);
    SubscriptionSpec {
        topic: subscription.text("topic").unwrap_or_default(),
        filter: filter(subscription.value("filter")),
    }
}

fn filter(value: &Value) -> FilterSpec {
    match value {
        Value::Object(_) => {
            // A condition that cannot be read is no reason to say that nothing is none.
            Object::new(value, &shapes::SQL).text("sql").map_or(FilterSpec::All, FilterSpec::Sql)
        }
        Value::String(tags) if !tags.trim().is_empty() => FilterSpec::tags(tags),
        _ => FilterSpec::All,
    }
}

fn consumer(value: &Value) -> ConsumerSpec {
    let consumer = Object::new(value, &shapes::CONSUMER_SHAPE);
    ConsumerSpec {
        name: consumer.text("name").unwrap_or_default(),
        threads: consumer.count("threads"),
        processing: processing(consumer.value("processing")),
        failure: failure(consumer.value("failure")),
        lite_topics: lite_names(consumer.value("lite_topics")),
        application: consumer.word("application").unwrap_or_default(),
        subscriptions: consumer.list("subscribe").iter().map(subscription).collect(),
    }
}

pub(super) fn processing(value: &Value) -> Distribution {
    distribution(value, super::PROCESSING)
}

/// A time alone is a constant one.
fn delay(value: &Value) -> Distribution {
    match form::span(value) {
        Ok(time) => Distribution::Constant(time),
        Err(_) => distribution(value, Span::ZERO),
    }
}

fn distribution(value: &Value, usual: Span) -> Distribution {
    match the_one(value) {
        Some(("constant", time)) => {
            let time = time.get("value").unwrap_or(time);
            Distribution::Constant(form::span(time).unwrap_or(usual))
        }
        Some(("uniform", times)) => {
            let times = Object::new(times, &shapes::UNIFORM);
            let min = times.span("min").unwrap_or_default();
            Distribution::Uniform { min, max: times.span("max").unwrap_or(min) }
        }
        Some(("exponential", times)) => {
            let times = Object::new(times, &shapes::EXPONENTIAL);
            Distribution::Exponential { mean: times.span("mean").unwrap_or_default() }
        }
        Some(("log_normal", times)) => {
            let times = Object::new(times, &shapes::LOG_NORMAL);
            let median = times.span("median").unwrap_or_default();
            Distribution::LogNormal { median, p99: times.span("p99").unwrap_or(median) }
        }
        _ => Distribution::Constant(usual),
    }
}

fn failure(value: &Value) -> Failure {
    match the_one(value) {
        Some(("poison_tag", tag)) => Failure::PoisonTag(tag.as_str().unwrap_or_default().to_owned()),
        Some(("poison_key", key)) => Failure::PoisonKey(key.as_str().unwrap_or_default().to_owned()),
        Some(("first_attempts", attempts)) => {
            let kind = &shapes::FAILURE_CHOICE.variant("first_attempts").expect("the table names it").kind;
            let attempts = form::whole(kind, attempts).ok().and_then(|count| u32::try_from(count).ok());
            Failure::FirstAttempts(attempts.unwrap_or_default())
        }
        _ => form::ratio(value).map_or(Failure::NEVER, Failure::Probability),
    }
}

/// An action, if it can be read. Where only its instant cannot, it counts as the last thing that happens.
fn action(value: &Value, until: Instant, profile: Profile) -> Option<Action> {
    let action = Object::new(value, &shapes::ACTION);
    let command = command(action.value("do"), profile)?;
    Some(Action { at: action.instant("at").unwrap_or(until), command })
}

/// A command by its key.
pub(super) fn command(value: &Value, profile: Profile) -> Option<Command> {
    let (key, value) = the_one(value)?;
    let Kind::Object(shape) = shapes::COMMAND.variant(key)?.kind else { return None };
    let given = Object::new(value, shape);
    let change = |change| given.text("consumer").map(|consumer| Command::Consumer { consumer, change });
    match key {
        "add_topic" => Some(Command::AddTopic(topic(value))),
        "add_producer" => Some(Command::AddProducer(producer(value))),
        "remove_producer" => Some(Command::RemoveProducer { producer: given.text("producer")? }),
        "set_pattern" => Some(Command::SetPattern {
            producer: given.text("producer")?,
            pattern: pattern(given.value("pattern")),
        }),
        "send" => Some(Command::Send {
            producer: given.text("producer")?,
            count: given.count("count").unwrap_or(1),
        }),
        "send_to" => Some(Command::SendTo {
            producer: given.text("producer")?,
            queue: given.count("queue")?,
            count: given.count("count").unwrap_or(1),
        }),
        "throttle" => Some(Command::Throttle {
            sends: form::truth(given.value("sends")).unwrap_or(true),
            receives: form::truth(given.value("receives")).unwrap_or(false),
            lasting: given.span("lasting")?,
        }),
        "recall" => {
            Some(Command::Recall { producer: given.text("producer")?, number: given.whole("number")? })
        }
        "end_transaction" => Some(Command::EndTransaction {
            producer: given.text("producer")?,
            number: given.whole("number")?,
            commit: form::truth(given.value("commit")).ok()?,
        }),
        "crash_producer" => Some(Command::CrashProducer { producer: given.text("producer")? }),
        "restart_producer" => Some(Command::RestartProducer { producer: given.text("producer")? }),
        "add_group" => Some(Command::AddGroup(group(value, profile))),
        "remove_group" => Some(Command::RemoveGroup { group: given.text("group")? }),
        "set_balance" => {
            Some(Command::SetBalance { group: given.text("group")?, balance: given.word("balance")? })
        }
        "reset_offset" => Some(Command::ResetOffset {
            group: given.text("group")?,
            topic: given.text("topic")?,
            to: reset_target(given.value("to"))?,
        }),
        "set_queues" => Some(Command::SetQueues {
            topic: given.text("topic")?,
            write: given.count("write")?,
            read: given.count("read")?,
        }),
        "set_filter" => Some(Command::SetFilter {
            group: given.text("group")?,
            topic: given.text("topic")?,
            filter: filter(given.value("filter")),
        }),
        "add_consumer" => Some(Command::AddConsumer {
            group: given.text("group")?,
            consumer: consumer(given.value("consumer")),
        }),
        "leave" => change(ConsumerChange::Leave),
        "crash" => change(ConsumerChange::Crash),
        "restart" => change(ConsumerChange::Restart),
        "pause" => change(ConsumerChange::Pause),
        "resume" => change(ConsumerChange::Resume),
        "set_threads" => change(ConsumerChange::SetThreads(given.count("threads")?)),
        "set_processing" => change(ConsumerChange::SetProcessing(processing(given.value("processing")))),
        "set_failure" => change(ConsumerChange::SetFailure(failure(given.value("failure")))),
        "receive" => change(ConsumerChange::Receive {
            count: given.count("count").unwrap_or(1),
            invisible: given.span("invisible"),
            queue: given.count("queue"),
            attempt: given.text("attempt"),
        }),
        "ack" => change(ConsumerChange::Acknowledge { handle: given.whole("handle")? }),
        "change_invisible" => change(ConsumerChange::ChangeInvisible {
            handle: given.whole("handle")?,
            invisible: given.span("invisible")?,
        }),
        "lite_subscribe" => change(ConsumerChange::Lite(LiteChange::Add {
            names: lite_names(given.value("lite_topics")),
            from: lite_position(given.value("from")),
        })),
        "lite_unsubscribe" => {
            change(ConsumerChange::Lite(LiteChange::Remove { names: lite_names(given.value("lite_topics")) }))
        }
        "lite_set" => {
            change(ConsumerChange::Lite(LiteChange::All { names: lite_names(given.value("lite_topics")) }))
        }
        "poll" => change(ConsumerChange::Poll),
        "commit_offsets" => change(ConsumerChange::Commit),
        "seek" => {
            let queue = given.count("queue")?;
            let to = match the_one(given.value("to")) {
                Some(("offset", offset)) => ResetTarget::Offset { queue, offset: offset.as_u64()? },
                _ => reset_target(given.value("to"))?,
            };
            change(ConsumerChange::Seek { topic: given.text("topic")?, queue, to })
        }
        "pause_queue" => {
            change(ConsumerChange::PauseQueue { topic: given.text("topic")?, queue: given.count("queue")? })
        }
        "resume_queue" => {
            change(ConsumerChange::ResumeQueue { topic: given.text("topic")?, queue: given.count("queue")? })
        }
        "send_back" => change(ConsumerChange::SendBack {
            topic: given.text("topic")?,
            queue: given.count("queue")?,
            offset: given.whole("offset")?,
            level: i32::try_from(given.count("level")?).ok()?,
            max_times: given.count("max_times").and_then(|times| i32::try_from(times).ok()),
        }),
        "set_consumer_filter" => change(ConsumerChange::SetFilter {
            topic: given.text("topic")?,
            filter: filter(given.value("filter")),
        }),
        "fail_next" => change(ConsumerChange::FailNext(given.count("count").unwrap_or(1))),
        "crash_broker" | "restart_broker" | "cut" | "repair" | "hold" | "release" | "lose_answers" => {
            faults::command(key, &given)
        }
        _ => beside::command(key, value, given),
    }
}

fn reset_target(value: &Value) -> Option<ResetTarget> {
    match (value.as_str(), the_one(value)) {
        (Some("latest"), _) => Some(ResetTarget::Latest),
        (Some("earliest"), _) => Some(ResetTarget::Earliest),
        (_, Some(("time", time))) => {
            form::span(time).ok().map(|time| ResetTarget::Time(Instant::ZERO + time))
        }
        (_, Some(("offset", place))) => {
            let place = Object::new(place, &shapes::OFFSET_IN_QUEUE);
            Some(ResetTarget::Offset { queue: place.count("queue")?, offset: place.whole("offset")? })
        }
        _ => None,
    }
}

fn marker(value: &Value) -> Marker {
    let marker = Object::new(value, &shapes::MARKER);
    Marker { at: marker.instant("at").unwrap_or_default(), label: marker.local("label").unwrap_or_default() }
}

/// A claim's id, as the program spells it.
fn claim(value: &Value) -> Option<&'static str> {
    let wanted = value.as_str()?;
    CLAIMS.into_iter().find(|id| *id == wanted)
}

fn caption(value: &Value) -> Caption {
    let caption = Object::new(value, &shapes::CAPTION_SHAPE);
    Caption {
        at: caption.instant("at").unwrap_or_default(),
        until: caption.instant("until"),
        text: caption.local("text").unwrap_or_default(),
        claims: caption.list("claims").iter().filter_map(claim).collect(),
    }
}
