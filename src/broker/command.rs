//! What can be asked of the world from outside: by a scenario's actions, by the page, by a test. A command is
//! imperative and may be refused; either way the journal says what became of it.

use serde::{Serialize, Serializer};

use super::caller::CallerSpec;
use super::fault::Crash;
use super::p2p::P2pSpec;
use super::service::ServiceSpec;
use super::spec::{Balance, ConsumerSpec, Failure, FilterSpec, GroupSpec, Pattern, ProducerSpec, TopicSpec};
use crate::rules::lite::{Names, Position};
use crate::sim::{Distribution, Instant, Span, subject_of};

/// One request. Things are named as people name them; a consumer is `group/consumer`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub enum Command {
    /// Create a topic with its queues.
    AddTopic(TopicSpec),
    /// Start a producer.
    AddProducer(ProducerSpec),
    /// Stop a producer for good; what it sent stays.
    RemoveProducer {
        /// Whom.
        producer: String,
    },
    /// Change when a producer sends, from now on.
    SetPattern {
        /// Whose.
        producer: String,
        /// The new pattern.
        pattern: Pattern,
    },
    /// Let a producer send some messages now.
    Send {
        /// Who sends.
        producer: String,
        /// How many.
        count: u32,
    },
    /// Let a producer send some messages now, to one queue: it has a `MessageQueueSelector` of its own.
    SendTo {
        /// Who sends.
        producer: String,
        /// The queue's number in the producer's topic.
        queue: u32,
        /// How many.
        count: u32,
    },
    /// Take a message back that waits in the broker's timer.
    Recall {
        /// Whose message.
        producer: String,
        /// Which of its messages, from 0.
        number: u64,
    },
    /// Let a producer say how the local transaction of a half message ended; if it runs, it ends so now.
    EndTransaction {
        /// Whose message.
        producer: String,
        /// Which of its messages, from 0.
        number: u64,
        /// Committed, or rolled back?
        commit: bool,
    },
    /// Kill a producer's process: what it committed is committed, what it was at is undone, and it says nothing more.
    CrashProducer {
        /// Whose.
        producer: String,
    },
    /// Start a producer again that crashed; its pattern begins anew.
    RestartProducer {
        /// Whom.
        producer: String,
    },
    /// Let the broker die.
    CrashBroker {
        /// With what.
        how: Crash,
    },
    /// Start the broker again; after its disk was lost, a new one.
    RestartBroker,
    /// Something that happens to the link between the broker and a client.
    Link {
        /// Which client: a producer, or `group/consumer`.
        client: String,
        /// What.
        change: LinkChange,
    },
    /// Let the broker be too busy for a while: it refuses requests to send, to receive, or both (`TOO_MANY_REQUESTS`). No
    /// time ends what there is of it.
    Throttle {
        /// Requests to store messages?
        sends: bool,
        /// Requests for messages?
        receives: bool,
        /// For how long.
        lasting: Span,
    },
    /// Create a group, its subscriptions and its consumers.
    AddGroup(GroupSpec),
    /// Delete a group with its offsets, its retry topics and its dead-letter topic; its consumers stop
    /// (`deleteSubGroup` with its option to remove them).
    RemoveGroup {
        /// Which.
        group: String,
    },
    /// Change what is shared out inside a group; everything unfinished is handed out again.
    SetBalance {
        /// Which group.
        group: String,
        /// The new family.
        balance: Balance,
    },
    /// Move the offsets of a group in a topic.
    ResetOffset {
        /// Which group.
        group: String,
        /// One of its topics.
        topic: String,
        /// Where to.
        to: ResetTarget,
    },
    /// Change how many queues of a topic may be written and read.
    SetQueues {
        /// Which topic.
        topic: String,
        /// Producers see the first so many.
        write: u32,
        /// Consumers see the first so many.
        read: u32,
    },
    /// Change which messages of a topic a group wants; members with a filter of their own keep it.
    SetFilter {
        /// Which group.
        group: String,
        /// One of its topics.
        topic: String,
        /// The new filter.
        filter: FilterSpec,
    },
    /// Start another consumer in a group.
    AddConsumer {
        /// Which group.
        group: String,
        /// The consumer.
        consumer: ConsumerSpec,
    },
    /// Something that happens to one consumer.
    Consumer {
        /// `group/consumer`.
        consumer: String,
        /// What.
        change: ConsumerChange,
    },
    /// Start a service, to be called directly.
    AddService(ServiceSpec),
    /// Start a caller.
    AddCaller(CallerSpec),
    /// Something about a caller becomes another.
    Caller {
        /// Which.
        caller: String,
        /// What.
        change: CallerChange,
    },
    /// Something that happens to a service.
    Service {
        /// Which.
        service: String,
        /// What.
        change: ServiceChange,
    },
    /// Create a point-to-point queue with its senders and consumers.
    AddP2pQueue(P2pSpec),
    /// Something that happens to the consumers of a point-to-point queue.
    P2p {
        /// Which queue.
        queue: String,
        /// What.
        change: P2pChange,
    },
}

/// What can be changed about a caller, for all calls from now on.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub enum CallerChange {
    /// When it calls.
    SetPattern(Pattern),
    /// How long it waits for each answer.
    SetTimeout(Span),
}

/// What can be done to a service.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub enum ServiceChange {
    /// Let it take no more calls, and work off those it has.
    Stop,
    /// Let its machine die with all calls that are there.
    Crash,
    /// Start it again.
    Start,
    /// Change how many calls it works on at once.
    SetWorkers(u32),
    /// Change how long it takes for a call.
    SetProcessing(Distribution),
}

/// What can be done to a link.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
pub enum LinkChange {
    /// Cut it: nothing gets through.
    Cut {
        /// Only the broker's answers to a producer do not.
        answers_only: bool,
    },
    /// Let everything through again.
    Repair,
    /// Let messages wait on it.
    Hold,
    /// Let go what waits.
    Release,
    /// Lose so many of the next answers to a producer.
    LoseAnswers(u32),
}

/// What can be done to the consumers of a point-to-point queue.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
pub enum P2pChange {
    /// Another one joins.
    AddConsumer,
    /// One dies, if possible one that holds a message.
    CrashConsumer,
}

/// Where a group's offsets are moved to.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
pub enum ResetTarget {
    /// In each queue, to the first message stored at this instant or later.
    Time(#[serde(serialize_with = "as_us")] Instant),
    /// To the max offsets: what waits is passed over.
    Latest,
    /// To the min offsets: everything still stored is read again.
    Earliest,
    /// In one queue, to this offset.
    Offset {
        /// The queue's number.
        queue: u32,
        /// The offset.
        offset: u64,
    },
}

fn as_us<S: Serializer>(at: &Instant, serializer: S) -> Result<S::Ok, S::Error> {
    serializer.serialize_u64(at.as_us())
}

/// What can be done to one consumer.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub enum ConsumerChange {
    /// Shut it down cleanly: what its threads hold is finished first.
    Leave,
    /// Kill its process: whatever it held is unfinished.
    Crash,
    /// Start it again after it left or crashed.
    Restart,
    /// Keep it connected but let it take nothing new.
    Pause,
    /// Let a paused consumer go on.
    Resume,
    /// Change its number of listener threads.
    SetThreads(u32),
    /// Change how long its listener takes.
    SetProcessing(Distribution),
    /// Change when its listener fails.
    SetFailure(Failure),
    /// Let its next so many results be failures, whatever the rule says.
    FailNext(u32),
    /// Let a simple consumer receive messages, at most so many. What it gets is invisible to others for a time, or for
    /// `simple.invisibleMs`.
    Receive {
        /// How many at the most.
        count: u32,
        /// For how long.
        #[serde(skip_serializing_if = "Option::is_none")]
        invisible: Option<Span>,
        /// Only from the queue with this number, and from retry topics.
        #[serde(skip_serializing_if = "Option::is_none")]
        queue: Option<u32>,
        /// The name of the attempt: a client that got no answer asks again under the same name. It matters where a batch
        /// locks its queue.
        #[serde(skip_serializing_if = "Option::is_none")]
        attempt: Option<String>,
    },
    /// Let a simple consumer acknowledge a message by its receipt handle.
    Acknowledge {
        /// Which.
        handle: u64,
    },
    /// Let a simple consumer change how long a message is invisible from now on; this brings a new receipt handle.
    ChangeInvisible {
        /// Of which message, by its receipt handle.
        handle: u64,
        /// For how long.
        invisible: Span,
    },
    /// Change which lite topics this client subscribes to.
    Lite(LiteChange),
    /// Let a pull consumer poll; what its last poll brought is processed by that.
    Poll,
    /// Let a pull consumer commit its positions.
    Commit,
    /// Let a pull consumer go on from another place in one of its queues.
    Seek {
        /// One of its group's topics.
        topic: String,
        /// The queue's number.
        queue: u32,
        /// Where to; an offset is one of this queue.
        to: ResetTarget,
    },
    /// Let a pull consumer ask for no more messages of one of its queues.
    PauseQueue {
        /// One of its group's topics.
        topic: String,
        /// The queue's number.
        queue: u32,
    },
    /// Let it ask for them again.
    ResumeQueue {
        /// One of its group's topics.
        topic: String,
        /// The queue's number.
        queue: u32,
    },
    /// Let a pull consumer send a message back that its last poll brought.
    SendBack {
        /// The topic, or the retry topic, that it came from.
        topic: String,
        /// The queue's number.
        queue: u32,
        /// Its offset.
        offset: u64,
        /// The delay level after which it comes again: 0 lets the broker choose, below that it is a dead letter.
        level: i32,
        /// How many times it may come again, if not so often as the group says.
        #[serde(skip_serializing_if = "Option::is_none")]
        max_times: Option<i32>,
    },
    /// Change which messages of a topic this one consumer wants, whatever its group does.
    SetFilter {
        /// One of its group's topics.
        topic: String,
        /// The new filter.
        filter: FilterSpec,
    },
}

/// What can be changed about a client's subscriptions to lite topics.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub enum LiteChange {
    /// Subscribe to some more (`PARTIAL_ADD`): on purpose, so where each has one client only it takes them from others.
    Add {
        /// Which.
        names: Vec<Names>,
        /// From where to read them.
        from: Position,
    },
    /// Give some up (`PARTIAL_REMOVE`).
    Remove {
        /// Which.
        names: Vec<Names>,
    },
    /// Want these and no others (`COMPLETE_ADD`): it takes nothing from others.
    All {
        /// Which.
        names: Vec<Names>,
    },
}

impl Command {
    /// The command's one documented key in a scenario file.
    pub fn key(&self) -> &'static str {
        match self {
            Self::AddTopic(_) => "add_topic",
            Self::AddProducer(_) => "add_producer",
            Self::RemoveProducer { .. } => "remove_producer",
            Self::SetPattern { .. } => "set_pattern",
            Self::Send { .. } => "send",
            Self::SendTo { .. } => "send_to",
            Self::Recall { .. } => "recall",
            Self::EndTransaction { .. } => "end_transaction",
            Self::CrashProducer { .. } => "crash_producer",
            Self::RestartProducer { .. } => "restart_producer",
            Self::CrashBroker { .. } => "crash_broker",
            Self::RestartBroker => "restart_broker",
            Self::Link { change, .. } => match change {
                LinkChange::Cut { .. } => "cut",
                LinkChange::Repair => "repair",
                LinkChange::Hold => "hold",
                LinkChange::Release => "release",
                LinkChange::LoseAnswers(_) => "lose_answers",
            },
            Self::Throttle { .. } => "throttle",
            Self::AddGroup(_) => "add_group",
            Self::RemoveGroup { .. } => "remove_group",
            Self::SetBalance { .. } => "set_balance",
            Self::ResetOffset { .. } => "reset_offset",
            Self::SetQueues { .. } => "set_queues",
            Self::SetFilter { .. } => "set_filter",
            Self::AddConsumer { .. } => "add_consumer",
            Self::Consumer { change, .. } => match change {
                ConsumerChange::Leave => "leave",
                ConsumerChange::Crash => "crash",
                ConsumerChange::Restart => "restart",
                ConsumerChange::Pause => "pause",
                ConsumerChange::Resume => "resume",
                ConsumerChange::SetThreads(_) => "set_threads",
                ConsumerChange::SetProcessing(_) => "set_processing",
                ConsumerChange::SetFailure(_) => "set_failure",
                ConsumerChange::FailNext(_) => "fail_next",
                ConsumerChange::Receive { .. } => "receive",
                ConsumerChange::Acknowledge { .. } => "ack",
                ConsumerChange::ChangeInvisible { .. } => "change_invisible",
                ConsumerChange::Lite(LiteChange::Add { .. }) => "lite_subscribe",
                ConsumerChange::Lite(LiteChange::Remove { .. }) => "lite_unsubscribe",
                ConsumerChange::Lite(LiteChange::All { .. }) => "lite_set",
                ConsumerChange::Poll => "poll",
                ConsumerChange::Commit => "commit_offsets",
                ConsumerChange::Seek { .. } => "seek",
                ConsumerChange::PauseQueue { .. } => "pause_queue",
                ConsumerChange::ResumeQueue { .. } => "resume_queue",
                ConsumerChange::SendBack { .. } => "send_back",
                ConsumerChange::SetFilter { .. } => "set_consumer_filter",
            },
            Self::AddService(_) => "add_service",
            Self::AddCaller(_) => "add_caller",
            Self::Caller { change, .. } => match change {
                CallerChange::SetPattern(_) => "set_call_pattern",
                CallerChange::SetTimeout(_) => "set_call_timeout",
            },
            Self::Service { change, .. } => match change {
                ServiceChange::Stop => "stop_service",
                ServiceChange::Crash => "crash_service",
                ServiceChange::Start => "start_service",
                ServiceChange::SetWorkers(_) => "set_workers",
                ServiceChange::SetProcessing(_) => "set_service_processing",
            },
            Self::AddP2pQueue(_) => "add_p2p_queue",
            Self::P2p { change, .. } => match change {
                P2pChange::AddConsumer => "add_p2p_consumer",
                P2pChange::CrashConsumer => "crash_p2p_consumer",
            },
        }
    }
}

impl Command {
    /// A hash of everything the command says: it goes into the journal, so that two runs whose commands differ in a
    /// name or a number have different fingerprints.
    pub fn digest(&self) -> u64 {
        // As JSON every field has its name, and neither the platform nor the compiler has a say: no floats, no maps.
        let text = serde_json::to_string(self).expect("plain values can be written as JSON");
        subject_of(&text)
    }
}
