//! Whole conversations with a running broker, replayed on the simulated one: what a client did is a command, and what it
//! saw is looked up in the world. No rule is here, only who asked what, and when.
//!
//! The conversations were recorded without a proxy, so there is none (`pop.throughProxy`); everything else is the profile
//! of the open-source code. The clock goes on by as much as the recording says a step took.

use std::collections::BTreeMap;

use mqscope::broker::consumer::Task;
use mqscope::broker::settings::Settings;
use mqscope::broker::spec::{
    Application, Balance, Cleanup, ConsumeMode, ConsumerSpec, ConsumerType, DeliveryOrder, Failure,
    FilterSpec, GroupSpec, InitialOffset, MessageGroups, MessageTemplate, Pattern, ProducerSpec,
    QueueSelection, RetryRule, Strategy, SubscriptionSpec, TopicSpec, TopicType, TransactionSpec, Which,
};
use mqscope::broker::{
    Broker, Command, ConsumerChange, ConsumerId, Entry, Event, GroupId, MessageRef, Observer, QueueId,
    ResetTarget, World,
};
use mqscope::rules::delay::timer::property;
use mqscope::scenario::Profile;
use mqscope::sim::{Distribution, Ratio, Span};
use serde_json::{Value, json};

use crate::fields::{field, flag, int, integer, list, text, text_or_none};
use crate::{Answer, Verdict};

const TOPIC: &str = "topic";
const GROUP: &str = "group";
const CONSUMER: &str = "group/client";

/// How long after a pop without an answer a client asks again.
const PAUSE: Span = Span::from_ms(100);

pub(crate) fn replay(row: &Value) -> Answer {
    let mut replay = Replay::new(row)?;
    let mut before = 0;
    for (index, step) in list(row, "steps")?.iter().enumerate() {
        let at: i64 = int(step, "t_ms")?;
        let took = Span::from_ms(u64::try_from(at - before).unwrap_or_default());
        before = at;
        if let Err(problem) = replay.step(row, step, took)? {
            return Ok(Verdict::Failed(format!("{}, step {index}: {problem}", text(row, "scenario")?)));
        }
    }
    Ok(Verdict::Passed)
}

/// What came of one step: nothing worth a word, or what was expected and what came.
type Step = Result<Result<(), String>, String>;

struct Replay {
    broker: Broker,
    seen: Seen,
    producers: u32,
    /// Receipt handles by the key of the message, the newest last.
    handles: BTreeMap<String, Vec<u64>>,
    /// What the last pop asked for beside numbers: a filter, and where to begin.
    asked: (FilterSpec, String),
    orderly: bool,
    /// The time that stands for the recording's own clock: the first absolute time that a message asks for.
    epoch_ms: Option<i64>,
    /// Messages that were sent back, by key: the copy that was seen last.
    copies: BTreeMap<String, MessageRef>,
    /// The key of the message that was sent back last.
    sent_back: String,
}

/// What happened, as far as a client hears of it.
#[derive(Default)]
struct Seen {
    /// Messages that were handed out with the last command.
    handed_out: Vec<(QueueId, u64)>,
    refused: bool,
    /// Whom the checker was asked about, and for the how many-th time.
    checks: Vec<(mqscope::broker::ProducerId, u64, u32)>,
    told_of: usize,
}

impl Observer for Seen {
    fn observe(&mut self, world: &World, entry: &Entry) {
        match entry.event {
            Event::MessageHandedOut { progress, offset, .. } => {
                self.handed_out.push((world.progress(progress).queue, offset));
            }
            Event::CommandRefused { .. } | Event::SendRefused { .. } | Event::DeliveryTimeRefused { .. } => {
                self.refused = true;
            }
            Event::TransactionChecked { producer, number, times, asked: Some(_), .. } => {
                self.checks.push((producer, number, times));
            }
            _ => {}
        }
    }
}

impl Replay {
    fn new(row: &Value) -> Result<Self, String> {
        let config = field(row, "config")?;
        let mut settings = Profile::Oss5Code.settings();
        settings.topic_type_check = false;
        settings.pop_through_proxy = false;
        settings.delay_max = Span::from_secs(3 * 86_400);
        settings.network_delivery_latency = Span::ZERO;
        settings.pull_batch = 1_024;
        let ms = |name: &str, usual: Span| row["broker"][name].as_u64().map_or(usual, Span::from_ms);
        settings.tx_first_check_after = ms("txTimeOutMs", settings.tx_first_check_after);
        settings.tx_check_interval = ms("transactionCheckIntervalMs", settings.tx_check_interval);
        let checks = row["broker"]["transactionCheckMax"].as_u64().and_then(|n| u32::try_from(n).ok());
        settings.tx_max_checks = checks.unwrap_or(settings.tx_max_checks);
        let orderly = flag(config, "group_orderly")?;
        let queues: u32 = integer(config, "queues")?;
        settings.group_retry_max_times = integer(config, "retry_max_times")?;
        let mut replay = Self {
            broker: Broker::new(settings, 1, None),
            seen: Seen::default(),
            producers: 0,
            handles: BTreeMap::new(),
            asked: (FilterSpec::All, "MIN".to_owned()),
            orderly,
            epoch_ms: None,
            copies: BTreeMap::new(),
            sent_back: String::new(),
        };
        replay.give(Command::AddTopic(TopicSpec {
            cleanup: Cleanup::Delete,
            name: TOPIC.to_owned(),
            message_type: TopicType::NORMAL,
            write_queues: queues,
            read_queues: queues,
        }));
        Ok(replay)
    }

    fn world(&self) -> &World {
        &self.broker.world
    }

    fn settings(&self) -> &Settings {
        &self.world().settings
    }

    /// Gives a command. Says whether it was taken.
    fn give(&mut self, command: Command) -> bool {
        self.seen.handed_out.clear();
        self.seen.refused = false;
        self.broker.command(command, &mut self.seen);
        !self.seen.refused
    }

    fn consumer(&mut self, change: ConsumerChange) -> bool {
        self.give(Command::Consumer { consumer: CONSUMER.to_owned(), change })
    }

    fn pass(&mut self, time: Span) {
        let until = self.world().live.now + time;
        while self.broker.step(until, &mut self.seen) {}
        self.broker.advance(until);
    }

    fn step(&mut self, row: &Value, step: &Value, took: Span) -> Step {
        let told = match text(step, "op")? {
            "send" => self.send(step)?,
            "send_transaction" => self.send_transaction(row, step)?,
            "pop" => self.pop(step)?,
            "pop_until" => return self.pop_until(step),
            "ack" | "change_invisible" => self.use_handle(step)?,
            "sleep" => {
                let time: u64 = integer(step, "ms")?;
                self.pass(Span::from_ms(time));
                return Ok(Ok(()));
            }
            "check_callback" => return self.check_callback(step),
            "send_back" => self.send_back(step)?,
            "found" => return self.found(step),
            "checks_total" => same(step, "value", self.seen.checks.len())?,
            "consumer_offset" => {
                let committed = self.progress(step)?.map_or(-1, |(_, committed)| committed as i64);
                same(step, "value", committed)?
            }
            "max_offset" if text(step, "topic")?.contains("(shared)") => Ok(()),
            "max_offset" => {
                let queue = self.queue(step)?;
                same(step, "value", self.world().queue(queue).max_offset)?
            }
            other => return Err(format!("unknown operation {other}")),
        };
        self.pass(took);
        Ok(told)
    }

    fn queue(&self, step: &Value) -> Result<QueueId, String> {
        let number: usize = integer(step, "queue")?;
        let topic = self.world().find_topic(TOPIC).ok_or("no topic")?;
        self.world().topic(topic).queues.get(number).copied().ok_or_else(|| format!("no queue {number}"))
    }

    /// How far the group has read and committed in a queue, if it has begun.
    fn progress(&self, step: &Value) -> Result<Option<(u64, u64)>, String> {
        let queue = self.queue(step)?;
        let Some(group) = self.world().find_group(GROUP) else { return Ok(None) };
        let progress = self.world().progress_on(group, queue).map(|id| self.world().progress(id));
        Ok(progress.map(|progress| (progress.next, progress.committed)))
    }

    /// A producer of its own for a message.
    fn producer(&mut self, message: MessageTemplate) -> String {
        self.producers += 1;
        let name = format!("producer {}", self.producers);
        self.give(Command::AddProducer(ProducerSpec {
            name: name.clone(),
            topic: TOPIC.to_owned(),
            pattern: Pattern::ByHand,
            queue_selection: QueueSelection::RoundRobin,
            message,
        }));
        name
    }

    fn send(&mut self, step: &Value) -> Step {
        let now_ms = i64::try_from(self.world().live.now.as_us() / 1_000).unwrap_or(i64::MAX);
        let mut message = MessageTemplate {
            tags: text_or_none(step, "tag")?.map(str::to_owned).into_iter().collect(),
            key: Some(text(step, "key")?.to_owned()),
            ..MessageTemplate::default()
        };
        let none = serde_json::Map::new();
        for (name, value) in step["props"].as_object().unwrap_or(&none) {
            let said = value.as_str().map_or_else(|| value.to_string(), str::to_owned);
            let number = || said.parse::<i64>().map_err(|_none| format!("{name} is no number: {said}"));
            let later = |ms: i64| Span::from_ms(u64::try_from(ms).unwrap_or_default());
            match name.as_str() {
                "__SHARDINGKEY" => message.message_group = Some(MessageGroups::Text(said)),
                property::LEVEL => {
                    message.delay_level = Some(u32::try_from(number()?.max(0)).unwrap_or(u32::MAX));
                }
                property::DELAY_SEC => message.delay = Some(Distribution::Constant(later(number()? * 1_000))),
                property::DELAY_MS => message.delay = Some(Distribution::Constant(later(number()?))),
                property::DELIVER_MS => {
                    let epoch = *self.epoch_ms.get_or_insert(number()? - now_ms);
                    message.delay = Some(Distribution::Constant(later(number()? - epoch - now_ms)));
                }
                _ => message.properties.push((name.clone(), said)),
            }
        }
        let is_delayed = message.delay.is_some() || message.delay_level.is_some();
        let queue = self.queue(step)?;
        let expected_queue: u32 = integer(step, "queue")?;
        let producer = self.producer(message);
        let taken = self.give(Command::SendTo { producer, queue: expected_queue, count: 1 });
        let result = field(step, "result")?;
        if (text(result, "status")? == "SEND_OK") != taken {
            return Ok(Err(format!("expected {result}, got {}", if taken { "stored" } else { "refused" })));
        }
        if !taken || is_delayed {
            return Ok(Ok(()));
        }
        let offset = self.world().queue(queue).max_offset - 1;
        same(result, "offset", offset)
    }

    /// A half message. What the checker will answer is in the recording, later on: it knows how the local transaction
    /// ended from the first answer on that says so.
    fn send_transaction(&mut self, row: &Value, step: &Value) -> Step {
        let key = text(step, "key")?;
        let all = Ratio::ONE;
        let state = text(step, "local_state")?;
        let mut answers = Vec::new();
        for other in list(row, "steps")? {
            if text(other, "op")? == "check_callback" && text(other, "key")? == key {
                answers.push(text(other, "answer")?);
            }
        }
        let known_after = answers.iter().position(|answer| *answer != "UNKNOW");
        let ends = match state {
            "UNKNOW" => known_after.map_or("COMMIT_MESSAGE", |nth| answers[nth]),
            other => other,
        };
        // Half a look before the one that finds it ended, the local transaction ends.
        let interval = self.settings().tx_check_interval;
        let first = self.settings().tx_first_check_after;
        let looks = u64::try_from(known_after.unwrap_or_default()).unwrap_or_default();
        let late = looks > 0 && state == "UNKNOW";
        let takes = if late { first + interval * looks } else { Span::ZERO };
        let every = |is: bool| if is { Which::Share(all) } else { Which::NONE };
        let producer = self.producer(MessageTemplate {
            key: Some(key.to_owned()),
            transaction: Some(Box::new(TransactionSpec {
                takes: Distribution::Constant(takes),
                rollback: every(ends == "ROLLBACK_MESSAGE"),
                unknown: every(state == "UNKNOW"),
                check_unknown: every(known_after.is_none()),
                ..TransactionSpec::default()
            })),
            ..MessageTemplate::default()
        });
        let taken = self.give(Command::Send { producer, count: 1 });
        let said = if taken { "SEND_OK" } else { "refused" };
        same(step, "status", said)
    }

    fn check_callback(&mut self, step: &Value) -> Step {
        for _ in 0..6_000 {
            if self.seen.checks.len() > self.seen.told_of {
                break;
            }
            self.pass(PAUSE);
        }
        let Some(&(producer, number, times)) = self.seen.checks.get(self.seen.told_of) else {
            return Ok(Err("nobody asked".to_owned()));
        };
        self.seen.told_of += 1;
        let key = self.world().producer(producer).content(number).key;
        let ours = json!({ "n": self.seen.told_of, "key": key, "check_times_prop": times.to_string() });
        crate::fields::compare(step, &ours).map(told)
    }

    fn use_handle(&mut self, step: &Value) -> Step {
        let key = text(step, "key")?.to_owned();
        let handles = self.handles.entry(key.clone()).or_default();
        let is_current = text(step, "handle")? == "current";
        let place = handles.len().checked_sub(if is_current { 1 } else { 2 });
        let handle = place.map(|place| handles[place]).ok_or_else(|| format!("no such handle of {key}"))?;
        let taken = if text(step, "op")? == "ack" {
            self.consumer(ConsumerChange::Acknowledge { handle })
        } else {
            let invisible = Span::from_ms(integer(step, "invisible_ms")?);
            let group = self.world().find_group(GROUP).ok_or("no group")?;
            let before = self.world().group(group).handles;
            let taken = self.consumer(ConsumerChange::ChangeInvisible { handle, invisible });
            let newest = self.world().group(group).handles;
            if is_current && newest > before {
                self.handles.entry(key).or_default().push(newest);
            }
            taken
        };
        same(step, "result", if taken { "OK" } else { "refused" })
    }

    /// The group begins with its first pop.
    fn group(&mut self, init_mode: &str) -> Result<(GroupId, ConsumerId), String> {
        self.group_of(ConsumerType::Simple, Balance::Message, init_mode)
    }

    fn group_of(
        &mut self,
        consumer_type: ConsumerType,
        balance: Balance,
        init_mode: &str,
    ) -> Result<(GroupId, ConsumerId), String> {
        if self.world().find_group(GROUP).is_none() {
            self.give(Command::AddGroup(GroupSpec {
                lite_sub_model: None,
                replies: false,
                name: GROUP.to_owned(),
                mode: ConsumeMode::Clustering,
                consumer_type,
                balance,
                strategy: Strategy::Avg,
                retry: RetryRule::default(),
                delivery_order: if self.orderly { DeliveryOrder::Orderly } else { DeliveryOrder::Concurrent },
                idempotent: None,
                initial_offset: match init_mode {
                    "MIN" => InitialOffset::Earliest,
                    _ => InitialOffset::OssCompat,
                },
                subscriptions: vec![SubscriptionSpec::all(TOPIC)],
                consumers: vec![ConsumerSpec {
                    lite_topics: Vec::new(),
                    name: "client".to_owned(),
                    threads: None,
                    processing: Distribution::Constant(Span::ZERO),
                    failure: Failure::NEVER,
                    application: Application::ByHand,
                    subscriptions: Vec::new(),
                }],
            }));
        }
        let group = self.world().find_group(GROUP).ok_or("no group")?;
        let consumer = self.world().find_consumer(CONSUMER).ok_or("no consumer")?;
        Ok((group, consumer))
    }

    /// Asks once. Gives the messages that came, as the recording has them, or nothing if the pop was refused.
    fn ask(&mut self, step: &Value) -> Result<Option<Vec<Value>>, String> {
        let (filter, init_mode) = self.asked.clone();
        let (_, client) = self.group(&init_mode)?;
        if !self.consumer(ConsumerChange::SetFilter { topic: TOPIC.to_owned(), filter }) {
            return Ok(None);
        }
        let queue: i64 = int(step, "queue")?;
        let taken = self.consumer(ConsumerChange::Receive {
            count: integer(step, "max")?,
            invisible: Some(Span::from_ms(integer(step, "invisible_ms")?)),
            queue: u32::try_from(queue).ok(),
            attempt: step["attempt_id"].as_str().map(str::to_owned),
        });
        if !taken {
            return Ok(None);
        }
        let given = std::mem::take(&mut self.seen.handed_out);
        self.pass(Span::ZERO);
        let in_hands = self.world().in_hands(client);
        let mut messages = Vec::new();
        for (queue, offset) in given {
            let at = MessageRef { queue, offset };
            let view = self.world().message_view(at).ok_or("what was handed out is gone")?;
            let held =
                in_hands.iter().find(|held| held.message == at).ok_or("what was handed out is lost")?;
            let key = view.content.key.unwrap_or_default();
            self.handles.entry(key.clone()).or_default().push(held.handle);
            let state = self.world().queue(queue);
            messages.push(json!({
                "key": key,
                "reconsume_times": self.world().failures_before(held.progress, offset),
                "queue_id": state.number,
                "queue_offset": offset,
                "from_retry_topic": self.world().topic(state.topic).is_retry(),
            }));
        }
        Ok(Some(messages))
    }

    /// What a classic client sends back it has pulled before.
    fn send_back(&mut self, step: &Value) -> Step {
        let key = text(step, "key")?.to_owned();
        let (_, client) = self.group_of(ConsumerType::Pull, Balance::Queue, "MIN")?;
        let copy = match self.copies.get(&key) {
            Some(copy) => *copy,
            None => self.stored(TOPIC, &key, None).ok_or_else(|| format!("{key} was not stored"))?,
        };
        let queue = self.world().queue(copy.queue).number;
        let topic = self.world().topic(self.world().queue(copy.queue).topic).name.to_string();
        for attempt in 0..40 {
            if self.has_polled(client, copy) {
                break;
            }
            if attempt == 20 {
                let to = ResetTarget::Offset { queue, offset: copy.offset };
                self.consumer(ConsumerChange::Seek { topic: topic.clone(), queue, to });
            }
            self.pass(PAUSE);
            self.consumer(ConsumerChange::Poll);
        }
        let taken = self.consumer(ConsumerChange::SendBack {
            topic,
            queue,
            offset: copy.offset,
            level: integer(step, "delay_level")?,
            max_times: step["max_reconsume_times"].as_i64().and_then(|times| i32::try_from(times).ok()),
        });
        self.sent_back = key.clone();
        self.copies.insert(key, copy);
        same(step, "result", if taken { "ok" } else { "refused" })
    }

    fn has_polled(&self, client: ConsumerId, copy: MessageRef) -> bool {
        let world = self.world();
        let queue = |task: &Task| world.progress(task.progress).queue;
        world.polled(client).any(|task| MessageRef { queue: queue(task), offset: task.offset } == copy)
    }

    /// The newest stored copy of a message in a topic, unless it is the one that is known.
    fn stored(&self, topic: &str, key: &str, known: Option<MessageRef>) -> Option<MessageRef> {
        let topic = self.world().topic(self.world().find_topic(topic)?);
        let copies = topic.queues.iter().flat_map(|queue| {
            let max = self.world().queue(*queue).max_offset;
            (0..max).rev().map(|offset| MessageRef { queue: *queue, offset })
        });
        let mut copies = copies.filter(|at| self.world().content(*at).key.as_deref() == Some(key));
        copies.find(|at| Some(*at) != known)
    }

    fn found(&mut self, step: &Value) -> Step {
        let place = text(step, "where")?.replace("{group}", GROUP).replace("{topic}", TOPIC);
        let (key, known) = (self.sent_back.clone(), self.copies.get(&self.sent_back).copied());
        let until = self.world().live.now + Span::from_secs(3 * 3_600);
        let copy = loop {
            match self.stored(&place, &key, known) {
                Some(copy) => break copy,
                None if self.world().live.now < until => self.pass(PAUSE),
                None => return Ok(Err(format!("nothing came to {place}"))),
            }
        };
        self.copies.insert(key, copy);
        let ours = json!({
            "queue_offset": copy.offset,
            "reconsume_times": self.world().reconsume_times(copy),
        });
        crate::fields::compare(step, &ours).map(told)
    }

    fn pop(&mut self, step: &Value) -> Step {
        let is_sql = ["sub_type", "exp_type", "expression_type", "type"]
            .iter()
            .any(|name| step[*name].as_str().is_some_and(|word| word.eq_ignore_ascii_case("SQL92")));
        let filter = match text_or_none(step, "sub")? {
            None | Some("") => FilterSpec::All,
            Some(condition) if is_sql => FilterSpec::Sql(condition.to_owned()),
            Some(tags) => FilterSpec::tags(tags),
        };
        self.asked = (filter, text_or_none(step, "init_mode")?.unwrap_or("MIN").to_owned());
        let given = self.ask(step)?;
        if step.get("error").is_some_and(|error| !error.is_null()) {
            return Ok(given.map_or(Ok(()), |given| Err(format!("expected a refusal, got {given:?}"))));
        }
        let Some(given) = given else { return Ok(Err("the pop was refused".to_owned())) };
        same_messages(step, given)
    }

    fn pop_until(&mut self, step: &Value) -> Step {
        let want: usize = integer(step, "want")?;
        let until = self.world().live.now + Span::from_ms(integer(step, "timeout_ms")?);
        let mut given = Vec::new();
        loop {
            match self.ask(step)? {
                Some(more) => given.extend(more),
                None => return Ok(Err("a pop was refused".to_owned())),
            }
            if given.len() >= want || self.world().live.now >= until {
                break;
            }
            self.pass(PAUSE);
        }
        same_messages(step, given)
    }
}

fn told(verdict: Verdict) -> Result<(), String> {
    match verdict {
        Verdict::Failed(problem) => Err(problem),
        Verdict::Passed | Verdict::NotModelled(_) => Ok(()),
    }
}

/// Is our value the recorded one?
fn same(step: &Value, name: &str, ours: impl Into<Value>) -> Step {
    let (expected, ours) = (field(step, name)?, ours.into());
    Ok(if *expected == ours { Ok(()) } else { Err(format!("{name}: expected {expected}, got {ours}")) })
}

/// Are these the recorded messages? Where any queue was asked, order counts within each queue only.
fn same_messages(step: &Value, ours: Vec<Value>) -> Step {
    let mut ours = ours;
    let mut expected = list(step, "messages")?.to_vec();
    for message in &mut expected {
        if let Some(fields) = message.as_object_mut() {
            fields.remove("seen_after_ms");
            // An offset in a retry topic is its own.
            fields.retain(|name, _| {
                ["key", "reconsume_times", "queue_id", "queue_offset", "from_retry_topic"]
                    .contains(&name.as_str())
            });
        }
    }
    if int(step, "queue")? < 0 {
        let place = |message: &Value| {
            (
                message["from_retry_topic"].as_bool(),
                message["queue_id"].as_i64(),
                message["queue_offset"].as_i64(),
            )
        };
        ours.sort_by_key(place);
        expected.sort_by_key(place);
    }
    Ok(if ours == expected {
        Ok(())
    } else {
        let show = |all: &[Value]| all.iter().map(Value::to_string).collect::<Vec<_>>().join(" ");
        Err(format!("expected {}, got {}", show(&expected), show(&ours)))
    })
}
