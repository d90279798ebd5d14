//! Stories: each file in `tests/stories` is a transcript that reads aloud. A comment says what will happen, commands
//! act it, and below the dashes stands what the broker did, in the words the page uses.
//!
//! `UPDATE_GOLDENFILES=1 cargo test --test stories` writes what happened; read it before you believe it.
//!
//! Commands: `set NAME=VALUE…` (settings, before anything else) · `topic NAME queues=N [read=N] [type=FIFO] [cleanup=COMPACTION]` ·
//! `producer NAME [topic=NAME] [per_second=N] [groups=A/B/…] [lite=A/B/…] [delay=SPAN] [level=N] [takes=SPAN
//! [rollback=RATIO] [unknown=RATIO] [lost=RATIO] [check_unknown=RATIO] [twice=RATIO] [check_wrong=RATIO]
//! [check_after=SECONDS]] [batch=N] [request=SPAN] [key=TEXT|none] [tags=A/B/…]` · `group NAME [balance=queue|message]
//! [type=simple|pull [application=renewing|committing|by_hand]] [idempotent=true|false] [replies=true] [mode=broadcasting]
//! [strategy=NAME [rooms=A/B/…] [read=A/…] [stand=A/B/…] [config=C1:0+3/C2:1]] [order=orderly]
//! [from=earliest|timestamp|ossCompat|TIME] [where=SQL] [model=Exclusive] [lite=C1:A+B/C2:B] [retries=N] [ladder=NAME|SPAN,…] [work=SPAN] [threads=N] [CONSUMER…]` ·
//! `join GROUP/CONSUMER [work=SPAN] [lite=A/B]` · `subscribe GROUP/CONSUMER A/B [from=min|max] [offset=N] [tail=N]` ·
//! `unsubscribe GROUP/CONSUMER A/B` · `only GROUP/CONSUMER A/B` · `leave|crash|restart|pause|resume GROUP/CONSUMER` · `fail GROUP/CONSUMER N` ·
//! `receive GROUP/CONSUMER N [invisible=SPAN] [queue=N] [attempt=NAME]` · `ack GROUP/CONSUMER HANDLE` · `change GROUP/CONSUMER HANDLE SPAN` ·
//! `poll|commit_offsets GROUP/CONSUMER` · `seek GROUP/CONSUMER QUEUE OFFSET|earliest|latest` ·
//! `pause_queue|resume_queue GROUP/CONSUMER QUEUE` ·
//! `send_back GROUP/CONSUMER QUEUE OFFSET [topic=NAME] [level=N] [max=N]` · `slow GROUP/CONSUMER SPAN` · `threads GROUP/CONSUMER N` · `remove GROUP` · `filter GROUP TAGS` · `balance GROUP queue|message` ·
//! `service NAME [workers=N] [line=N] [work=SPAN] [fails=1/N]` · `stop|die|start SERVICE` · `workers SERVICE N` ·
//! `caller NAME services=A/B [per_second=N] [same_as=PRODUCER] [timeout=SPAN]` · `calls CALLER` ·
//! `call_pattern CALLER per_second=N [poisson=true]` · `call_timeout CALLER SPAN` ·
//! `p2p QUEUE [consumers=N] [per_second=N] [same_as=PRODUCER] [work=SPAN]` · `compete|strike QUEUE` · `lane QUEUE` ·
//! `send PRODUCER N` · `send_to PRODUCER QUEUE [count=N]` · `throttle sends|receives|all SPAN` · `recall PRODUCER NUMBER` ·
//! `commit|roll_back PRODUCER NUMBER` ·
//! `curtain TOPIC` · `kill|revive|retire PRODUCER` ·
//! `crash_broker [process|machine|disk]` · `restart_broker` · `cut CLIENT [way=answers]` · `repair|hold|release CLIENT` ·
//! `lose_answers PRODUCER N` · `reset GROUP TIME|earliest|latest` · `reset GROUP OFFSET queue=N` · `queues TOPIC write=N read=N` · `run SPAN` ·
//! `report GROUP`.

use std::error::Error;
use std::fmt::Write as _;
use std::path::Path;

use goldenscript::{Argument, Command as Line, Context, Runner};
use mqscope::broker::arrivals::Arrivals;
use mqscope::broker::caller::CallerSpec;
use mqscope::broker::invariants::{self, Before};
use mqscope::broker::p2p::{P2pSpec, SenderSpec};
use mqscope::broker::service::{HandlerSpec, ServiceSpec};
use mqscope::broker::settings::{
    Backoff, Codes, CommitMode, DlqTiming, Expiry, FlushDisk, LateResolution, OutOfRange, Replication,
    StaleHandles, docs_ladder, exponential_ladder, java_grpc_ladder,
};
use mqscope::broker::spec::*;
use mqscope::broker::*;
use mqscope::lesson::{Language, Words, explain};
use mqscope::metrics::{beside, report};
use mqscope::rules::lite::Position;
use mqscope::sim::{Distribution, Instant, Ratio, Span};

type Failure = Box<dyn Error>;

/// A world that a story acts in.
struct Story {
    settings: Settings,
    broker: Option<Broker>,
    before: Before,
    words: Words,
}

/// Collects the sentences of what happens, and holds it to the invariants.
struct Teller<'a> {
    words: &'a Words,
    before: &'a mut Before,
    told: String,
}

impl Observer for Teller<'_> {
    fn observe(&mut self, world: &World, entry: &Entry) {
        if let Some(violation) = self.before.check(world, entry) {
            panic!("{}: {violation}", entry.at);
        }
        let setting_up = entry.at.0 == 0 && matches!(entry.event, Event::ProgressStarted { .. });
        if setting_up || matches!(entry.event, Event::CommandGiven { .. } | Event::OffsetsPersisted { .. }) {
            return;
        }
        let _ = writeln!(self.told, "{} {}", entry.at, explain(world, entry, self.words));
    }
}

impl Runner for Story {
    type Command = Line;

    fn run(&mut self, line: &Line, _: &Context) -> Result<String, Failure> {
        let mut args = line.consume_args();
        let words = self.words.clone();
        let mut teller = Teller { words: &words, before: &mut self.before, told: String::new() };
        let name = line.name.as_str();
        if name == "set" {
            while let Some((name, value)) = args.next_key() {
                self.set(name, value)?;
            }
            return Ok(String::new());
        }
        let settings = self.settings.clone();
        let broker = self.broker.get_or_insert_with(|| Broker::new(settings, 7, None));
        let of = |key: &str| named(line, key);
        let mut pos = || args.next_pos().map(str::to_owned);
        let command = match name {
            "topic" => {
                let name = pos().ok_or("a name")?;
                let queues = of("queues").map_or(Ok(1), str::parse)?;
                let message_type = match of("type") {
                    Some("MIXED") => TopicType::Mixed,
                    None => TopicType::NORMAL,
                    Some("FIFO") => TopicType::Of(MessageType::Fifo),
                    Some("DELAY") => TopicType::Of(MessageType::Delay),
                    Some("TRANSACTION") => TopicType::Of(MessageType::Transaction),
                    Some("LITE") => TopicType::Of(MessageType::Lite),
                    Some(other) => return Err(format!("{other} is no type of a topic").into()),
                };
                let read_queues = of("read").map_or(Ok(queues), str::parse)?;
                let cleanup = if of("cleanup").is_some() { Cleanup::Compaction } else { Cleanup::Delete };
                Command::AddTopic(TopicSpec {
                    name,
                    message_type,
                    write_queues: queues,
                    read_queues,
                    cleanup,
                })
            }
            "producer" => {
                let name = pos().ok_or("a name")?;
                let rate: Option<u64> = of("per_second").map(str::parse).transpose()?;
                let pattern = rate.map_or(Pattern::ByHand, |n| Pattern::Constant(Rate::per_second(n)));
                let queue_selection = QueueSelection::RoundRobin;
                let names = |names: &str| -> Vec<String> { names.split('/').map(str::to_owned).collect() };
                let message = MessageTemplate {
                    key: Some(of("key").unwrap_or("order-{n}").into()).filter(|key: &String| key != "none"),
                    tags: of("tags").map(names).unwrap_or_default(),
                    batch: of("batch").map(str::parse).transpose()?,
                    request: of("request").map(span).transpose()?,
                    message_group: of("groups").map(|all| MessageGroups::InTurn(names(all))),
                    delay: of("delay").map(span).transpose()?.map(Distribution::Constant),
                    delay_level: of("level").map(str::parse).transpose()?,
                    transaction: transaction(line)?,
                    lite_topic: of("lite").map(|all| lite_names(all).map(LiteNames::InTurn)).transpose()?,
                    ..Default::default()
                };
                Command::AddProducer(ProducerSpec {
                    name,
                    topic: of("topic").unwrap_or("orders").into(),
                    pattern,
                    queue_selection,
                    message,
                })
            }
            "group" => {
                let name = pos().ok_or("a name")?;
                let consumers: Vec<String> = std::iter::from_fn(pos).collect();
                let work = span(of("work").unwrap_or("1s"))?;
                let threads = of("threads").map_or(Ok(1), str::parse)?;
                let rooms = |key: &str| of(key).unwrap_or_default().split('/').map(str::to_owned).collect();
                Command::AddGroup(GroupSpec {
                    name,
                    mode: match of("mode") {
                        Some("broadcasting") => ConsumeMode::Broadcasting,
                        _ => ConsumeMode::Clustering,
                    },
                    consumer_type: match of("type") {
                        Some("simple") => ConsumerType::Simple,
                        Some("pull") => ConsumerType::Pull,
                        _ => ConsumerType::Push,
                    },
                    idempotent: of("idempotent").map(|word| word == "true"),
                    replies: of("replies").is_some(),
                    balance: balance(of("balance").unwrap_or("queue")),
                    strategy: match of("strategy") {
                        Some("AVG_BY_CIRCLE") => Strategy::AvgByCircle,
                        Some("CONSISTENT_HASH") => Strategy::ConsistentHash,
                        Some("CONFIG") => Strategy::Config(configured(of("config").unwrap_or_default())?),
                        Some("MACHINE_ROOM") => {
                            Strategy::MachineRoom { queues: rooms("rooms"), rooms: rooms("read") }
                        }
                        Some("MACHINE_ROOM_NEARBY") => Strategy::MachineRoomNearby {
                            queues: rooms("rooms"),
                            consumers: (1..).map(|n| format!("C{n}")).zip(rooms("stand")).collect(),
                        },
                        None | Some("AVG") => Strategy::Avg,
                        Some(other) => return Err(format!("{other} is no strategy").into()),
                    },
                    retry: RetryRule {
                        max_times: of("retries").map(str::parse).transpose()?,
                        ladder: of("ladder").map(ladder).transpose()?,
                    },
                    delivery_order: match of("order") {
                        Some("orderly") => DeliveryOrder::Orderly,
                        _ => DeliveryOrder::Concurrent,
                    },
                    initial_offset: match of("from") {
                        Some("earliest") => InitialOffset::Earliest,
                        Some("ossCompat") => InitialOffset::OssCompat,
                        Some("timestamp") => InitialOffset::Timestamp(None),
                        Some(at) if at != "latest" => InitialOffset::Timestamp(Some(span(at)?)),
                        _ => InitialOffset::Latest,
                    },
                    lite_sub_model: match of("model") {
                        Some("Exclusive") => Some(SubModel::Exclusive),
                        Some("Shared") => Some(SubModel::Shared),
                        _ => None,
                    },
                    subscriptions: vec![SubscriptionSpec {
                        filter: of("where").map_or(FilterSpec::All, |sql| FilterSpec::Sql(sql.into())),
                        ..SubscriptionSpec::all("orders")
                    }],
                    consumers: consumers
                        .into_iter()
                        .map(|name| ConsumerSpec {
                            lite_topics: lite_wishes(of("lite").unwrap_or_default(), &name),
                            application: match of("application") {
                                Some("renewing") => Application::Renewing,
                                Some("committing") => Application::Committing,
                                Some("by_hand") => Application::ByHand,
                                _ => Application::Loop,
                            },
                            ..consumer(name, threads, work)
                        })
                        .collect(),
                })
            }
            "join" => {
                let name = pos().ok_or("group/consumer")?;
                let (group, name) = name.split_once('/').ok_or("group/consumer")?;
                let work = span(of("work").unwrap_or("1s"))?;
                let lite_topics = of("lite").map(lite_names).transpose()?.unwrap_or_default();
                let consumer = ConsumerSpec { lite_topics, ..consumer(name.into(), 1, work) };
                Command::AddConsumer { group: group.into(), consumer }
            }
            "leave" | "crash" | "restart" | "pause" | "resume" | "fail" | "slow" | "receive" | "ack"
            | "change" | "poll" | "commit_offsets" | "seek" | "pause_queue" | "resume_queue"
            | "send_back" => {
                let consumer = pos().ok_or("group/consumer")?;
                let change = match name {
                    "leave" => ConsumerChange::Leave,
                    "crash" => ConsumerChange::Crash,
                    "restart" => ConsumerChange::Restart,
                    "pause" => ConsumerChange::Pause,
                    "resume" => ConsumerChange::Resume,
                    "fail" => ConsumerChange::FailNext(pos().ok_or("how often")?.parse()?),
                    "poll" => ConsumerChange::Poll,
                    "commit_offsets" => ConsumerChange::Commit,
                    "seek" => {
                        let queue = pos().ok_or("a queue")?.parse()?;
                        let to = match pos().ok_or("where to")?.as_str() {
                            "earliest" => ResetTarget::Earliest,
                            "latest" => ResetTarget::Latest,
                            offset => ResetTarget::Offset { queue, offset: offset.parse()? },
                        };
                        ConsumerChange::Seek { topic: "orders".into(), queue, to }
                    }
                    "pause_queue" | "resume_queue" => {
                        let (topic, queue) = ("orders".into(), pos().ok_or("a queue")?.parse()?);
                        match name {
                            "pause_queue" => ConsumerChange::PauseQueue { topic, queue },
                            _ => ConsumerChange::ResumeQueue { topic, queue },
                        }
                    }
                    "send_back" => ConsumerChange::SendBack {
                        topic: of("topic").unwrap_or("orders").into(),
                        queue: pos().ok_or("a queue")?.parse()?,
                        offset: pos().ok_or("an offset")?.parse()?,
                        level: of("level").map_or(Ok(0), str::parse)?,
                        max_times: of("max").map(str::parse).transpose()?,
                    },
                    "receive" => ConsumerChange::Receive {
                        count: pos().ok_or("how many")?.parse()?,
                        invisible: of("invisible").map(span).transpose()?,
                        queue: of("queue").map(str::parse).transpose()?,
                        attempt: of("attempt").map(str::to_owned),
                    },
                    "ack" => ConsumerChange::Acknowledge { handle: pos().ok_or("a handle")?.parse()? },
                    "change" => ConsumerChange::ChangeInvisible {
                        handle: pos().ok_or("a handle")?.parse()?,
                        invisible: span(&pos().ok_or("a span")?)?,
                    },
                    _ => {
                        ConsumerChange::SetProcessing(Distribution::Constant(span(&pos().ok_or("a span")?)?))
                    }
                };
                Command::Consumer { consumer, change }
            }
            "subscribe" | "unsubscribe" | "only" => {
                let consumer = pos().ok_or("group/consumer")?;
                let names = pos().map_or(Ok(Vec::new()), |names| lite_names(&names))?;
                let from = match (of("from"), of("offset"), of("tail")) {
                    (Some("min"), ..) => Position::Min,
                    (Some("max"), ..) => Position::Max,
                    (_, Some(offset), _) => Position::Offset(offset.parse()?),
                    (.., Some(tail)) => Position::Tail(tail.parse()?),
                    _ => Position::Last,
                };
                let change = match name {
                    "subscribe" => LiteChange::Add { names, from },
                    "unsubscribe" => LiteChange::Remove { names },
                    _ => LiteChange::All { names },
                };
                Command::Consumer { consumer, change: ConsumerChange::Lite(change) }
            }
            "filter" => Command::SetFilter {
                group: pos().ok_or("a group")?,
                topic: "orders".into(),
                filter: FilterSpec::Tags(pos().ok_or("tags")?),
            },
            "remove" => Command::RemoveGroup { group: pos().ok_or("a group")? },
            "threads" => Command::Consumer {
                consumer: pos().ok_or("group/consumer")?,
                change: ConsumerChange::SetThreads(pos().ok_or("how many")?.parse()?),
            },
            "balance" => Command::SetBalance {
                group: pos().ok_or("a group")?,
                balance: balance(&pos().ok_or("a family")?),
            },
            "send" => Command::Send {
                producer: pos().ok_or("a producer")?,
                count: pos().ok_or("how many")?.parse()?,
            },
            "send_to" => Command::SendTo {
                producer: pos().ok_or("a producer")?,
                queue: pos().ok_or("a queue")?.parse()?,
                count: of("count").map_or(Ok(1), str::parse)?,
            },
            "throttle" => {
                let (what, time) = (pos().ok_or("what")?, pos().ok_or("a span")?);
                let (sends, receives) = (what != "receives", what != "sends");
                Command::Throttle { sends, receives, lasting: span(&time)? }
            }
            "recall" => Command::Recall {
                producer: pos().ok_or("a producer")?,
                number: pos().ok_or("which message")?.parse()?,
            },
            "reset" => Command::ResetOffset {
                group: pos().ok_or("a group")?,
                topic: "orders".into(),
                to: match (pos(), of("queue")) {
                    (Some(offset), Some(queue)) => {
                        ResetTarget::Offset { queue: queue.parse()?, offset: offset.parse()? }
                    }
                    (Some(end), None) if end == "latest" => ResetTarget::Latest,
                    (Some(end), None) if end == "earliest" => ResetTarget::Earliest,
                    (Some(time), None) => ResetTarget::Time(Instant::ZERO + span(&time)?),
                    (None, _) => return Err("where to".into()),
                },
            },
            "queues" => Command::SetQueues {
                topic: pos().ok_or("a topic")?,
                write: of("write").ok_or("write=")?.parse()?,
                read: of("read").ok_or("read=")?.parse()?,
            },
            "commit" | "roll_back" => Command::EndTransaction {
                producer: pos().ok_or("a producer")?,
                number: pos().ok_or("which message")?.parse()?,
                commit: name == "commit",
            },
            "crash_broker" => Command::CrashBroker {
                how: match pos().as_deref() {
                    None | Some("process") => fault::Crash::Process,
                    Some("machine") => fault::Crash::Machine,
                    Some("disk") => fault::Crash::Disk,
                    Some(other) => return Err(format!("{other} is no way to die").into()),
                },
            },
            "restart_broker" => Command::RestartBroker,
            "cut" | "repair" | "hold" | "release" | "lose_answers" => {
                let client = pos().ok_or("a producer or group/consumer")?;
                let change = match name {
                    "cut" => LinkChange::Cut { answers_only: of("way") == Some("answers") },
                    "repair" => LinkChange::Repair,
                    "hold" => LinkChange::Hold,
                    "release" => LinkChange::Release,
                    _ => LinkChange::LoseAnswers(pos().ok_or("how many")?.parse()?),
                };
                Command::Link { client, change }
            }
            "kill" => Command::CrashProducer { producer: pos().ok_or("a producer")? },
            "retire" => Command::RemoveProducer { producer: pos().ok_or("a producer")? },
            "revive" => Command::RestartProducer { producer: pos().ok_or("a producer")? },
            "run" => {
                let until = broker.world.live.now + span(&pos().ok_or("a span")?)?;
                while broker.step(until, &mut teller) {}
                broker.advance(until);
                invariants::check(&broker.world).map_err(|violation| violation.to_string())?;
                return Ok(teller.told);
            }
            "report" => {
                let name = pos().ok_or("a group")?;
                let id = broker.world.find_group(&name).ok_or("a group that exists")?;
                return Ok(told(&report::counts(&broker.world, id)));
            }
            "curtain" => {
                let name = pos().ok_or("a topic")?;
                let id = broker.world.find_topic(&name).ok_or("a topic that exists")?;
                return Ok(format!(
                    "{}\n",
                    serde_json::to_string(&report::half_messages(&broker.world, id))?
                ));
            }
            "calls" => {
                let name = pos().ok_or("a caller")?;
                let id = broker.world.find_caller(&name).ok_or("a caller that exists")?;
                return Ok(format!(
                    "{}\n",
                    serde_json::to_string(&beside::caller_counts(&broker.world, id))?
                ));
            }
            "lane" => {
                let name = pos().ok_or("a queue")?;
                let id = broker.world.find_p2p(&name).ok_or("a queue that exists")?;
                return Ok(format!("{}\n", serde_json::to_string(&beside::p2p_counts(&broker.world, id))?));
            }
            _ => {
                let first = pos().ok_or("a name")?;
                beside_command(line, name, first, pos())?
            }
        };
        while args.next_key().is_some() {}
        args.reject_next()?;
        broker.command(command, &mut teller);
        invariants::check(&broker.world).map_err(|violation| violation.to_string())?;
        Ok(teller.told)
    }
}

/// Names of lite topics: `a/b/s-{0-9}`.
fn lite_names(all: &str) -> Result<Vec<Names>, Failure> {
    all.split('/').map(|name| Names::read(name).map_err(|_wrong| "no series".into())).collect()
}

/// What a consumer subscribes to: `C1:a+b/C2:b`.
fn lite_wishes(all: &str, consumer: &str) -> Vec<Names> {
    let own = all.split('/').filter_map(|one| one.split_once(':')).find(|(name, _)| *name == consumer);
    let names = own.into_iter().flat_map(|(_, names)| names.split('+'));
    names.filter_map(|name| Names::read(name).ok()).collect()
}

/// A command about what stands beside the broker.
fn beside_command(
    line: &Line,
    name: &str,
    first: String,
    second: Option<String>,
) -> Result<Command, Failure> {
    let of = |key: &str| named(line, key);
    let handler = || -> Result<HandlerSpec, Failure> {
        let processing = Distribution::Constant(span(of("work").unwrap_or("1s"))?);
        let failure = of("fails").map_or(Ok(Ratio::ZERO), Ratio::parse).map_err(|_none| "no ratio")?;
        Ok(HandlerSpec { processing, failure, same_as: None })
    };
    let arrivals = || -> Result<Arrivals, Failure> {
        Ok(match (of("same_as"), of("per_second")) {
            (Some(producer), _) => Arrivals::SameAs(producer.into()),
            (None, rate) => {
                Arrivals::Pattern(Pattern::Constant(Rate::per_second(rate.unwrap_or("1").parse()?)))
            }
        })
    };
    Ok(match name {
        "service" => Command::AddService(ServiceSpec {
            name: first,
            workers: of("workers").map_or(Ok(1), str::parse)?,
            waiting_line: of("line").map(str::parse).transpose()?,
            handler: handler()?,
        }),
        "caller" => Command::AddCaller(CallerSpec {
            name: first,
            services: of("services").ok_or("services")?.split('/').map(str::to_owned).collect(),
            arrivals: arrivals()?,
            timeout: span(of("timeout").unwrap_or("3s"))?,
        }),
        "p2p" => Command::AddP2pQueue(P2pSpec {
            senders: vec![SenderSpec { name: "web".into(), arrivals: arrivals()? }],
            name: first,
            consumers: of("consumers").map_or(Ok(1), str::parse)?,
            handler: handler()?,
        }),
        "stop" => Command::Service { service: first, change: ServiceChange::Stop },
        "die" => Command::Service { service: first, change: ServiceChange::Crash },
        "start" => Command::Service { service: first, change: ServiceChange::Start },
        "workers" => {
            let workers = second.ok_or("how many")?.parse()?;
            Command::Service { service: first, change: ServiceChange::SetWorkers(workers) }
        }
        "call_pattern" => {
            let rate = Rate::per_second(of("per_second").ok_or("a rate")?.parse()?);
            let pattern =
                if of("poisson").is_some() { Pattern::Poisson(rate) } else { Pattern::Constant(rate) };
            Command::Caller { caller: first, change: CallerChange::SetPattern(pattern) }
        }
        "call_timeout" => {
            let timeout = span(&second.ok_or("a span")?)?;
            Command::Caller { caller: first, change: CallerChange::SetTimeout(timeout) }
        }
        "compete" => Command::P2p { queue: first, change: P2pChange::AddConsumer },
        "strike" => Command::P2p { queue: first, change: P2pChange::CrashConsumer },
        _ => return Err(format!("no such command: {name}").into()),
    })
}

impl Story {
    fn set(&mut self, name: &str, value: &str) -> Result<(), Failure> {
        match name {
            "delivery" => self.settings.network_delivery_latency = span(value)?,
            "send" => self.settings.network_send_latency = span(value)?,
            "persist" => self.settings.classic_persist_offset_interval = span(value)?,
            "detect" => self.settings.consumer_crash_detection = span(value)?,
            "offline" => self.settings.push_offline_invisible = span(value)?,
            "poll" => self.settings.pull_batch = value.parse()?,
            "auto_commit" => {
                self.settings.pull_auto_commit = value != "off";
                if value != "off" {
                    self.settings.pull_auto_commit_interval = span(value)?;
                }
            }
            "cache" => self.settings.push_cache_max_messages = value.parse()?,
            "batch" => self.settings.push_receive_batch = value.parse()?,
            "timeout" => {
                self.settings.push_consume_timeout = span(value)?;
                self.settings.classic_consume_timeout = span(value)?;
            }
            "simple" => self.settings.simple_invisible = span(value)?,
            "commit" => {
                self.settings.pop_commit_mode =
                    if value == "checkpoint" { CommitMode::Checkpoint } else { CommitMode::MinUnacked };
            }
            "pull_cache" => self.settings.pull_cache_per_queue = value.parse()?,
            "commit_scan" => self.settings.pop_commit_scan = span(value)?,
            "revive_lag" => self.settings.pop_revive_lag = span(value)?,
            "stale" => {
                self.settings.pop_stale_handles =
                    if value == "accept" { StaleHandles::Accept } else { StaleHandles::Refuse };
            }
            "proxy" => self.settings.pop_through_proxy = value == "on",
            "dead_letters" => {
                self.settings.dlq_timing =
                    if value == "onNextPop" { DlqTiming::OnNextPop } else { DlqTiming::OnFailure };
            }
            "hot" => self.settings.store_hot_messages = value.parse()?,
            "retries" => self.settings.group_retry_max_times = value.parse()?,
            "scope" => {
                self.settings.fifo_lock_scope =
                    if value == "queue" { LockScope::Queue } else { LockScope::MessageGroup };
            }
            "fifo_retries" => self.settings.fifo_max_retry_times = Some(value.parse()?),
            "type_check" => self.settings.topic_type_check = value == "on",
            "suspend" => self.settings.classic_suspend = span(value)?,
            "retention" => self.settings.store_retention = span(value)?,
            "clean" => self.settings.store_clean_interval = span(value)?,
            "expiry" => {
                self.settings.store_expiry =
                    if value == "segment" { Expiry::Segment } else { Expiry::PerMessage };
            }
            "segment" => self.settings.store_segment_bytes = value.parse()?,
            "delete_hour" => self.settings.store_delete_hour = value.parse()?,
            "max" => self.settings.delay_max = span(value)?,
            "precision" => self.settings.delay_precision = span(value)?,
            "scan" => self.settings.tx_check_interval = span(value)?,
            "immune" => self.settings.tx_first_check_after = span(value)?,
            "checks" => self.settings.tx_max_checks = value.parse()?,
            "late" => {
                self.settings.tx_late_resolution = match value {
                    "faithful" => LateResolution::Faithful,
                    _ => LateResolution::Idempotent,
                }
            }
            "tps" => self.settings.broker_send_tps = value.parse()?,
            "send_wait" => self.settings.broker_send_queue_wait = span(value)?,
            "backoff" => {
                self.settings.producer_throttle_backoff = match value {
                    "docs" => Backoff::Docs,
                    "none" => Backoff::None,
                    _ => Backoff::Proxy,
                }
            }
            "codes" => {
                self.settings.broker_codes = if value == "remoting" { Codes::Remoting } else { Codes::Grpc };
            }
            "attempts" => self.settings.producer_max_attempts = value.parse()?,
            "tx_retries" => self.settings.tx_send_retries = value == "on",
            "store_reply" => self.settings.broker_store_reply = value == "on",
            "max_body" => self.settings.message_max_body_bytes = value.parse()?,
            "compaction" => self.settings.store_compaction_interval = span(value)?,
            "cache_bytes" => self.settings.push_cache_max_bytes = value.parse()?,
            "sql" => self.settings.sql_available = value == "on",
            "recall" => self.settings.delay_recall_enable = value == "on",
            "answer" => self.settings.producer_request_timeout = span(value)?,
            "answer_to_all" => self.settings.producer_timeout_for_all_tries = value == "on",
            "reconnect" => self.settings.consumer_reconnect = span(value)?,
            "silence" => self.settings.network_silence = span(value)?,
            "flush" => {
                self.settings.flush_disk = if value == "SYNC" { FlushDisk::Sync } else { FlushDisk::Async };
            }
            "flush_pages" => self.settings.flush_least_pages = value.parse()?,
            "replicas" => self.settings.replication_replicas = value.parse()?,
            "replication" => {
                let is_sync = value == "SYNC_MASTER";
                self.settings.replication = if is_sync { Replication::Sync } else { Replication::Async };
            }
            "failover" => self.settings.replication_failover = span(value)?,
            "invisible" => self.settings.push_invisible = span(value)?,
            "too_far" => {
                self.settings.delay_out_of_range = match value {
                    "deliverNow" => OutOfRange::DeliverNow,
                    _ => OutOfRange::Reject,
                }
            }
            "lite_ttl" => self.settings.lite_ttl = Some(span(value)?),
            "lite_floor" => self.settings.lite_min_ttl = span(value)?,
            "lite_look" => self.settings.lite_ttl_check_interval = span(value)?,
            "lite_sync" => self.settings.lite_sync_interval = span(value)?,
            "lite_topics" => self.settings.lite_max_topics_per_broker = value.parse()?,
            "lite_subscriptions" => self.settings.lite_max_subs_per_client = Some(value.parse()?),
            "lite_all_subscriptions" => self.settings.lite_max_subs_per_broker = value.parse()?,
            "lite_events" => self.settings.lite_max_events_per_client = value.parse()?,
            "lite_look_again" => self.settings.lite_full_dispatch = span(value)?,
            "lite_tail" => self.settings.lite_tail_from_end = value == "fromEnd",
            "ladder" => self.settings.group_retry_ladder = ladder(value)?,
            _ => return Err(format!("no such setting: {name}").into()),
        }
        Ok(())
    }
}

/// A ladder by its name, or its rungs.
fn ladder(text: &str) -> Result<Vec<Span>, Failure> {
    match text {
        "docs" => Ok(docs_ladder()),
        "javaGrpc" => Ok(java_grpc_ladder()),
        "exponential" => Ok(exponential_ladder()),
        _ => text.split(',').map(span).collect(),
    }
}

/// Queues by consumer: `C1:0+3/C2:1+2`, or of another topic, `C1:%RETRY%billing:0`.
fn configured(text: &str) -> Result<Vec<Configured>, Failure> {
    let one = |text: &str| {
        let (consumer, rest) = text.split_once(':').ok_or("a consumer and its queues")?;
        let (topic, queues) = rest.rsplit_once(':').unwrap_or(("orders", rest));
        let queues = queues.split('+').map(str::parse).collect::<Result<_, _>>()?;
        Ok(Configured { consumer: consumer.into(), topic: topic.into(), queues })
    };
    text.split('/').map(one).collect()
}

/// The value of `key=…` on a line.
fn named<'a>(line: &'a Line, key: &str) -> Option<&'a str> {
    line.args.iter().find_map(|argument| match argument {
        Argument::KeyValue(name, value) if name == key => Some(value.as_str()),
        _ => None,
    })
}

/// What a producer's local transactions are like, if it takes any time for them.
fn transaction(line: &Line) -> Result<Option<Box<TransactionSpec>>, Failure> {
    let Some(takes) = named(line, "takes") else { return Ok(None) };
    let which = |key| -> Result<Which, Failure> {
        let ratio = Ratio::parse(named(line, key).unwrap_or("0"));
        ratio.map(Which::Share).map_err(|error| format!("{key}: {error}").into())
    };
    Ok(Some(Box::new(TransactionSpec {
        takes: Distribution::Constant(span(takes)?),
        rollback: which("rollback")?,
        unknown: which("unknown")?,
        lost: which("lost")?,
        check_unknown: which("check_unknown")?,
        twice: which("twice")?,
        check_wrong: which("check_wrong")?,
        check_after_secs: named(line, "check_after").map(str::parse).transpose()?,
    })))
}

fn span(text: &str) -> Result<Span, Failure> {
    Span::parse(text).map_err(|error| format!("{text}: {error}").into())
}

fn balance(text: &str) -> Balance {
    if text == "message" { Balance::Message } else { Balance::Queue }
}

fn consumer(name: String, threads: u32, work: Span) -> ConsumerSpec {
    let failure = mqscope::broker::spec::Failure::NEVER;
    ConsumerSpec {
        name,
        threads: Some(threads),
        processing: Distribution::Constant(work),
        failure,
        lite_topics: Vec::new(),
        application: Default::default(),
        subscriptions: Vec::new(),
    }
}

fn told(report: &report::GroupReport) -> String {
    let mut told = String::new();
    let r = report;
    let _ = writeln!(
        told,
        "{} behind: {} ready, {} in flight, {} finished ahead",
        r.accumulation, r.ready, r.inflight, r.finished_ahead
    );
    let _ = writeln!(
        told,
        "{} acknowledged, {} dead letters, {} dropped, {} waiting for a retry",
        r.acknowledged, r.dead_letters, r.dropped, r.retry_waiting
    );
    if let (Some(effects), Some(repeated), Some(skipped)) = (r.effects, r.effects_repeated, r.effects_skipped)
    {
        let _ = writeln!(told, "{effects} effects, {repeated} of them repeated, {skipped} skipped");
    }
    if r.expired + r.passed > 0 {
        let _ = writeln!(told, "{} expired, {} passed over", r.expired, r.passed);
    }
    if r.lost_stored > 0 {
        let _ = writeln!(told, "{} lost", r.lost_stored);
    }
    for q in &r.queues {
        let who = q.owner.as_deref().or(q.consumer.as_deref()).unwrap_or("nobody");
        let _ = writeln!(
            told,
            "{}/{}: committed {}, next {}, read by {who}",
            q.topic, q.queue, q.committed_offset, q.next_offset
        );
    }
    told
}

#[test]
fn every_story_comes_true() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/stories");
    let mut stories = 0;
    for feature in std::fs::read_dir(folder).expect("the stories are there") {
        for file in
            std::fs::read_dir(feature.expect("a readable folder").path()).expect("a folder of stories")
        {
            let path = file.expect("a readable file").path();
            let settings = Settings {
                classic_persist_offset_interval: Span::ZERO,
                network_delivery_latency: Span::from_ms(100),
                group_retry_ladder: vec![Span::from_secs(2), Span::from_secs(5)],
                group_retry_max_times: 2,
                ..Settings::default()
            };
            let mut story = Story {
                settings,
                broker: None,
                before: Before::default(),
                words: Words::new(Language::English),
            };
            goldenscript::run(&mut story, &path)
                .unwrap_or_else(|error| panic!("{}: {error}", path.display()));
            stories += 1;
        }
    }
    assert!(stories >= 10, "only {stories} stories were found");
}
