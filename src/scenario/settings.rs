//! The settings by their dotted names: one table for reading, writing, schema and documentation.
//!
//! A number takes the unit in its name (`…Ms`, `…Us`, `…Hours`). The names are those of RocketMQ where it has one, with
//! the part of the system in front.

use serde_json::{Map, Value};

use super::form::{self, Kind};
use super::limits;
use super::words::{Ladder, LiteTail, Off, Unlimited, Word, names};
use crate::broker::Settings;
use crate::broker::settings::{
    Backoff, CommitMode, Expiry, FlushDisk, IdForm, LateResolution, OutOfRange, Replication, StaleHandles,
};
use crate::broker::spec::{LockScope, QueueHash, SubModel};
use crate::sim::Span;

/// A setting: its name, what it may be, what it means, and where it is kept.
#[derive(Debug)]
pub struct Setting {
    /// Its dotted name.
    pub name: &'static str,
    /// What it does.
    pub about: &'static str,
    pub(super) kind: Kind,
    place: Place,
}

/// Where a setting is kept, and in which unit the file gives it.
#[derive(Debug)]
enum Place {
    Count(fn(&mut Settings) -> &mut u32),
    Time {
        unit: Span,
        place: fn(&mut Settings) -> &mut Span,
    },
    Flag(fn(&mut Settings) -> &mut bool),
    /// A count that may have no end.
    Limit(fn(&mut Settings) -> &mut Option<u32>),
    ConsumeTimeout,
    CommitMode,
    StaleHandles,
    LockScope,
    QueueHash,
    OutOfRange,
    Expiry,
    FlushDisk,
    Replication,
    Backoff,
    IdForm,
    /// A time in hours, or as a text where it is none.
    Hours(fn(&mut Settings) -> &mut Span),
    LateResolution,
    /// A time in minutes, or as a text where it is none.
    Minutes(fn(&mut Settings) -> &mut Span),
    /// The same, that may have no end.
    Life(fn(&mut Settings) -> &mut Option<Span>),
    SubModel,
    LiteTail,
    Ladder,
}

const MS: Span = Span::from_ms(1);
const US: Span = Span::from_us(1);
const MINUTE: Span = Span::from_secs(60);
const HOUR: Span = Span::from_secs(3_600);

/// So many milliseconds are the longest time.
const MOST_MS: u64 = limits::SPAN_SECONDS * 1_000;

/// A number of retries, or no end of them.
const LIMIT: Kind =
    Kind::Either(&Kind::Word(names::<Unlimited>), &Kind::Whole { least: 0, most: limits::RETRIES });

/// A retry ladder: a name, or its rungs.
pub(super) const LADDER: Kind = Kind::Either(
    &Kind::Word(names::<Ladder>),
    &Kind::List { of: &Kind::Span, least: 1, most: limits::RUNGS },
);

/// Every setting, in the order of the documentation.
pub static SETTINGS: &[Setting] = &[
    Setting {
        name: "network.sendLatencyUs",
        about: "From a producer to the broker.",
        kind: Kind::Whole { least: 0, most: MOST_MS * 1_000 },
        place: Place::Time { unit: US, place: |s| &mut s.network_send_latency },
    },
    Setting {
        name: "network.deliveryLatencyUs",
        about: "From the broker to a consumer.",
        kind: Kind::Whole { least: 0, most: MOST_MS * 1_000 },
        place: Place::Time { unit: US, place: |s| &mut s.network_delivery_latency },
    },
    Setting {
        name: "producer.requestTimeoutMs",
        about: "How long it waits for the answer to each try.",
        kind: Kind::Whole { least: 1, most: MOST_MS },
        place: Place::Time { unit: MS, place: |s| &mut s.producer_request_timeout },
    },
    Setting {
        name: "consumer.reconnectMs",
        about: "From the broker being back to its consumers being connected again.",
        kind: Kind::Whole { least: 0, most: MOST_MS },
        place: Place::Time { unit: MS, place: |s| &mut s.consumer_reconnect },
    },
    Setting {
        name: "network.silenceMs",
        about: "After so long without a word the broker takes a consumer behind a cut link for dead.",
        kind: Kind::Whole { least: 1, most: MOST_MS },
        place: Place::Time { unit: MS, place: |s| &mut s.network_silence },
    },
    Setting {
        name: "flush.disk",
        about: "Whether a message is on the disk when it is acknowledged, or some time later.",
        kind: Kind::Word(names::<FlushDisk>),
        place: Place::FlushDisk,
    },
    Setting {
        name: "flush.intervalMs",
        about: "How often the broker flushes, if enough pages are dirty.",
        kind: Kind::Whole { least: 1, most: MOST_MS },
        place: Place::Time { unit: MS, place: |s| &mut s.flush_interval },
    },
    Setting {
        name: "flush.leastPages",
        about: "How many pages of 4 KiB those are.",
        kind: Kind::Whole { least: 0, most: 1_000 },
        place: Place::Count(|s| &mut s.flush_least_pages),
    },
    Setting {
        name: "flush.thoroughIntervalMs",
        about: "How often it flushes, however few there are.",
        kind: Kind::Whole { least: 1, most: MOST_MS },
        place: Place::Time { unit: MS, place: |s| &mut s.flush_thorough_interval },
    },
    Setting {
        name: "flush.offsetIntervalMs",
        about: "How often it writes down how far groups have come.",
        kind: Kind::Whole { least: 1, most: MOST_MS },
        place: Place::Time { unit: MS, place: |s| &mut s.flush_offset_interval },
    },
    Setting {
        name: "replication",
        about: "Whether a replica has a message when it is acknowledged, or some time later.",
        kind: Kind::Word(names::<Replication>),
        place: Place::Replication,
    },
    Setting {
        name: "replication.replicas",
        about: "How many other brokers copy this one; one of them takes its place when its disk is lost.",
        kind: Kind::Whole { least: 0, most: 8 },
        place: Place::Count(|s| &mut s.replication_replicas),
    },
    Setting {
        name: "replication.lagMs",
        about: "How far they are behind with ASYNC_MASTER.",
        kind: Kind::Whole { least: 0, most: MOST_MS },
        place: Place::Time { unit: MS, place: |s| &mut s.replication_lag },
    },
    Setting {
        name: "replication.offsetIntervalMs",
        about: "How often they copy how far groups have come.",
        kind: Kind::Whole { least: 1, most: MOST_MS },
        place: Place::Time { unit: MS, place: |s| &mut s.replication_offset_interval },
    },
    Setting {
        name: "replication.failoverMs",
        about: "From the loss of a broker to a replica in its place.",
        kind: Kind::Whole { least: 0, most: MOST_MS },
        place: Place::Time { unit: MS, place: |s| &mut s.replication_failover },
    },
    Setting {
        name: "push.threads",
        about: "Listener threads of a consumer that names none.",
        kind: Kind::Whole { least: 1, most: limits::THREADS_PER_CONSUMER },
        place: Place::Count(|s| &mut s.push_threads),
    },
    Setting {
        name: "push.cacheMaxMessages",
        about: "Messages a push consumer holds at the most; in queue balancing its queues share this evenly.",
        kind: Kind::Whole { least: 1, most: 65_536 },
        place: Place::Count(|s| &mut s.push_cache_max_messages),
    },
    Setting {
        name: "push.receiveBatch",
        about: "Messages that one receive brings at the most, in message balancing.",
        kind: Kind::Whole { least: 1, most: 32 },
        place: Place::Count(|s| &mut s.push_receive_batch),
    },
    Setting {
        name: "push.invisibleMs",
        about: "How long a message that was handed out stays invisible to others, in message balancing; renewed \
                while its consumer lives.",
        kind: Kind::Whole { least: 1, most: MOST_MS },
        place: Place::Time { unit: MS, place: |s| &mut s.push_invisible },
    },
    Setting {
        name: "push.offlineInvisibleMs",
        about: "What is left of that time once its consumer's connection is gone.",
        kind: Kind::Whole { least: 0, most: MOST_MS },
        place: Place::Time { unit: MS, place: |s| &mut s.push_offline_invisible },
    },
    Setting {
        name: "push.consumeTimeoutMs",
        about: "How long a listener may take for a message in message balancing; what takes as long has failed. The 5.x \
                Java client has no such timer: \"off\".",
        kind: Kind::Either(&Kind::Word(names::<Off>), &Kind::Whole { least: 1, most: MOST_MS }),
        place: Place::ConsumeTimeout,
    },
    Setting {
        name: "classic.consumeTimeoutMin",
        about: "The same in queue balancing, in minutes.",
        kind: Kind::Whole { least: 1, most: MOST_MS / 60_000 },
        place: Place::Time { unit: MINUTE, place: |s| &mut s.classic_consume_timeout },
    },
    Setting {
        name: "simple.invisibleMs",
        about: "How long what a simple consumer receives is invisible to others, if it does not say so itself.",
        kind: Kind::Whole { least: 10_000, most: 12 * 3_600_000 },
        place: Place::Time { unit: MS, place: |s| &mut s.simple_invisible },
    },
    Setting {
        name: "pull.batch",
        about: "Messages that a poll of a pull consumer returns at the most; they are of one queue.",
        kind: Kind::Whole { least: 1, most: 1_024 },
        place: Place::Count(|s| &mut s.pull_batch),
    },
    Setting {
        name: "pull.cacheMaxMessages",
        about: "Messages that a pull consumer holds at the most for the next polls; its queues share this evenly.",
        kind: Kind::Whole { least: 1, most: 65_536 },
        place: Place::Count(|s| &mut s.pull_cache_max_messages),
    },
    Setting {
        name: "pull.cachePerQueue",
        about: "And of one queue.",
        kind: Kind::Whole { least: 1, most: 65_535 },
        place: Place::Count(|s| &mut s.pull_cache_per_queue),
    },
    Setting {
        name: "pull.autoCommit",
        about: "Whether a poll commits by itself what the polls before it returned.",
        kind: Kind::Truth,
        place: Place::Flag(|s| &mut s.pull_auto_commit),
    },
    Setting {
        name: "pull.autoCommitIntervalMs",
        about: "But not more often than this.",
        kind: Kind::Whole { least: 0, most: MOST_MS },
        place: Place::Time { unit: MS, place: |s| &mut s.pull_auto_commit_interval },
    },
    Setting {
        name: "pop.retryFirstPercent",
        about: "In so many of 100 receives the retry topic is served first, in message balancing.",
        kind: Kind::Whole { least: 0, most: 100 },
        place: Place::Count(|s| &mut s.pop_retry_first_percent),
    },
    Setting {
        name: "pop.commitMode",
        about: "When the committed offset moves in message balancing without order: it is the smallest unfinished offset, or \
                it goes past what was delivered as soon as that is on record, as in open-source brokers.",
        kind: Kind::Word(names::<CommitMode>),
        place: Place::CommitMode,
    },
    Setting {
        name: "pop.commitScanMs",
        about: "With `checkpoint`, how long after a delivery that is.",
        kind: Kind::Whole { least: 0, most: MOST_MS },
        place: Place::Time { unit: MS, place: |s| &mut s.pop_commit_scan },
    },
    Setting {
        name: "pop.reviveLagMs",
        about: "How much later than its invisible time a message really comes back; until then it can be acknowledged.",
        kind: Kind::Whole { least: 0, most: MOST_MS },
        place: Place::Time { unit: MS, place: |s| &mut s.pop_revive_lag },
    },
    Setting {
        name: "pop.staleHandles",
        about: "What the broker says to a receipt handle that is out of date: INVALID_RECEIPT_HANDLE, or, as open-source \
                brokers do, that all is well. Then an acknowledgement changes nothing, and another invisible time brings the \
                message back, whatever has become of it.",
        kind: Kind::Word(names::<StaleHandles>),
        place: Place::StaleHandles,
    },
    Setting {
        name: "pop.throughProxy",
        about: "Whether a proxy stands between simple consumers and the broker. Without one nobody compares the tags \
                themselves, any invisible time is taken, and nothing becomes a dead letter.",
        kind: Kind::Truth,
        place: Place::Flag(|s| &mut s.pop_through_proxy),
    },
    Setting {
        name: "group.retryMaxTimes",
        about: "Retries after the first delivery; the failure after the last one sends the message to the \
                dead-letter topic.",
        kind: Kind::Whole { least: 0, most: limits::RETRIES },
        place: Place::Count(|s| &mut s.group_retry_max_times),
    },
    Setting {
        name: "group.retryLadder",
        about: "How long a failed message waits: the n-th rung before its n-th retry, the last rung from then on. \
                A name, or a list of times.",
        kind: LADDER,
        place: Place::Ladder,
    },
    Setting {
        name: "group.fifoLockScope",
        about: "What waits while an orderly group is not done with a message, in message balancing: the later messages \
                of its message group, or, as in open-source brokers, all later messages of its queue.",
        kind: Kind::Word(names::<LockScope>),
        place: Place::LockScope,
    },
    Setting {
        name: "group.fifoRetryIntervalMs",
        about: "How long an orderly group waits before it tries a failed message again, in message balancing.",
        kind: Kind::Whole { least: 0, most: MOST_MS },
        place: Place::Time { unit: MS, place: |s| &mut s.fifo_retry_interval },
    },
    Setting {
        name: "group.fifoMaxRetryTimes",
        about: "How often it does; the failure after that sends the message to the dead-letter topic, and the next one \
                has its turn.",
        kind: LIMIT,
        place: Place::Limit(|s| &mut s.fifo_max_retry_times),
    },
    Setting {
        name: "fifo.queueHash",
        about: "How a message group is hashed to a queue: the jump hash of the proxy, the SipHash of the 5.x client, or \
                the remainder that users of the classic client write.",
        kind: Kind::Word(names::<QueueHash>),
        place: Place::QueueHash,
    },
    Setting {
        name: "consumer.crashDetectionMs",
        about: "From a crash to the broker noticing it: 0 if the connection closes at once, 120000 if only the \
                missing heartbeats tell.",
        kind: Kind::Whole { least: 0, most: MOST_MS },
        place: Place::Time { unit: MS, place: |s| &mut s.consumer_crash_detection },
    },
    Setting {
        name: "classic.rebalanceIntervalMs",
        about: "How often a group shares out its queues anew even if nothing has changed, in queue balancing.",
        kind: Kind::Whole { least: 1, most: MOST_MS },
        place: Place::Time { unit: MS, place: |s| &mut s.classic_rebalance_interval },
    },
    Setting {
        name: "classic.rebalanceMinIntervalMs",
        about: "The least time between two such rounds.",
        kind: Kind::Whole { least: 0, most: MOST_MS },
        place: Place::Time { unit: MS, place: |s| &mut s.classic_rebalance_min_interval },
    },
    Setting {
        name: "classic.persistOffsetIntervalMs",
        about: "How often a consumer tells the broker its offsets, in queue balancing; 0 = with every completion.",
        kind: Kind::Whole { least: 0, most: MOST_MS },
        place: Place::Time { unit: MS, place: |s| &mut s.classic_persist_offset_interval },
    },
    Setting {
        name: "classic.suspendMs",
        about: "How long a queue rests after a failure in an orderly group, in queue balancing; at least 10, at most \
                30000.",
        kind: Kind::Whole { least: 10, most: 30_000 },
        place: Place::Time { unit: MS, place: |s| &mut s.classic_suspend },
    },
    Setting {
        name: "classic.orderlyMaxRetryTimes",
        about: "How often an orderly group tries a failed message again, in queue balancing.",
        kind: LIMIT,
        place: Place::Limit(|s| &mut s.classic_orderly_max_retry_times),
    },
    Setting {
        name: "classic.queueLockMs",
        about: "How long the lock that the consumer of an orderly group has on a queue outlives the last time it was \
                renewed, in queue balancing: so long nobody else works on the queue after a crash.",
        kind: Kind::Whole { least: 1, most: MOST_MS },
        place: Place::Time { unit: MS, place: |s| &mut s.classic_queue_lock },
    },
    Setting {
        name: "classic.queueLockRenewMs",
        about: "How often it is renewed.",
        kind: Kind::Whole { least: 1, most: MOST_MS },
        place: Place::Time { unit: MS, place: |s| &mut s.classic_queue_lock_renew },
    },
    Setting {
        name: "delay.maxMs",
        about: "How far ahead a delivery time may be: 86400000 (24 hours) in the proxy, 259200000 (3 days) in the \
                broker, 3456000000 (40 days) in the documents; 0 = no limit. Classic levels are not asked.",
        kind: Kind::Whole { least: 0, most: MOST_MS },
        place: Place::Time { unit: MS, place: |s| &mut s.delay_max },
    },
    Setting {
        name: "delay.outOfRange",
        about: "What becomes of a message whose delivery time is further ahead: refused with ILLEGAL_DELIVERY_TIME, or \
                seen at once, as the documents say.",
        kind: Kind::Word(names::<OutOfRange>),
        place: Place::OutOfRange,
    },
    Setting {
        name: "delay.precisionMs",
        about: "The length of a slot of the timer. A message becomes visible at the end of its slot: never early, and \
                late by less than this.",
        kind: Kind::Whole { least: 1, most: MOST_MS },
        place: Place::Time { unit: MS, place: |s| &mut s.delay_precision },
    },
    Setting {
        name: "delay.recallMessageEnable",
        about: "Whether producers may take back messages that wait in the timer.",
        kind: Kind::Truth,
        place: Place::Flag(|s| &mut s.delay_recall_enable),
    },
    Setting {
        name: "tx.checkIntervalMs",
        about: "How often the broker goes through its half messages: at this time, twice this time, and so on. 30000 in the \
                broker, 60000 in the documents.",
        kind: Kind::Whole { least: 1, most: MOST_MS },
        place: Place::Time { unit: MS, place: |s| &mut s.tx_check_interval },
    },
    Setting {
        name: "tx.firstCheckAfterMs",
        about: "A half message must be older than this to be asked about, if its producer names no time of its own.",
        kind: Kind::Whole { least: 0, most: MOST_MS },
        place: Place::Time { unit: MS, place: |s| &mut s.tx_first_check_after },
    },
    Setting {
        name: "tx.maxChecks",
        about: "How often the broker asks about a half message. At the next look it is set aside.",
        kind: Kind::Whole { least: 1, most: limits::RETRIES },
        place: Place::Count(|s| &mut s.tx_max_checks),
    },
    Setting {
        name: "tx.lateResolution",
        about: "What a commit or rollback is worth after a check or another one: nothing once the first was heard, or, as in \
                open-source brokers, as much as the first for the half message that it names. A check makes a new one, so \
                a message may be published twice.",
        kind: Kind::Word(names::<LateResolution>),
        place: Place::LateResolution,
    },
    Setting {
        name: "lite.ttlMinutes",
        about: "How long a lite topic lives that nobody writes to, whoever has read it: minutes, a time such as `90s`, or \
                \"unlimited\" (RocketMQ writes -1).",
        kind: Kind::Either(
            &Kind::Word(names::<Unlimited>),
            &Kind::Either(&Kind::Span, &Kind::Whole { least: 1, most: 43_200 }),
        ),
        place: Place::Life(|s| &mut s.lite_ttl),
    },
    Setting {
        name: "lite.minTtlMinutes",
        about: "The shortest such life, whatever `lite.ttlMinutes` says (`minLiteTTl`): minutes, or a time such as `5s`.",
        kind: Kind::Either(&Kind::Span, &Kind::Whole { least: 0, most: 43_200 }),
        place: Place::Minutes(|s| &mut s.lite_min_ttl),
    },
    Setting {
        name: "lite.ttlCheckIntervalMs",
        about: "How often the broker looks for lite topics that nobody writes to any more.",
        kind: Kind::Whole { least: 1, most: MOST_MS },
        place: Place::Time { unit: MS, place: |s| &mut s.lite_ttl_check_interval },
    },
    Setting {
        name: "lite.subModel",
        about: "Whether several clients of a group may subscribe to a lite topic (`Shared`), or one (`Exclusive`), if the \
                group does not say.",
        kind: Kind::Word(names::<SubModel>),
        place: Place::SubModel,
    },
    Setting {
        name: "lite.maxSubsPerClient",
        about: "How many lite topics one client may subscribe to.",
        kind: Kind::Either(
            &Kind::Word(names::<Unlimited>),
            &Kind::Whole { least: 0, most: limits::LITE_TOPICS },
        ),
        place: Place::Limit(|s| &mut s.lite_max_subs_per_client),
    },
    Setting {
        name: "lite.maxSubsPerBroker",
        about: "The same of all clients together.",
        kind: Kind::Whole { least: 0, most: limits::LITE_TOPICS },
        place: Place::Count(|s| &mut s.lite_max_subs_per_broker),
    },
    Setting {
        name: "lite.maxTopicsPerBroker",
        about: "How many lite topics there may be, of all parent topics together.",
        kind: Kind::Whole { least: 0, most: limits::LITE_TOPICS },
        place: Place::Count(|s| &mut s.lite_max_topics_per_broker),
    },
    Setting {
        name: "lite.maxEventsPerClient",
        about: "How many lite topics with new messages a client's event set holds.",
        kind: Kind::Whole { least: 10, most: 100_000 },
        place: Place::Count(|s| &mut s.lite_max_events_per_client),
    },
    Setting {
        name: "lite.fullDispatchMs",
        about: "After a client's event set was full, when all is looked at again that it subscribes to.",
        kind: Kind::Whole { least: 1, most: MOST_MS },
        place: Place::Time { unit: MS, place: |s| &mut s.lite_full_dispatch },
    },
    Setting {
        name: "lite.syncMs",
        about: "How often clients say once more what they subscribe to; so they are registered for a lite topic that expired \
                and came back.",
        kind: Kind::Whole { least: 1, most: MOST_MS },
        place: Place::Time { unit: MS, place: |s| &mut s.lite_sync_interval },
    },
    Setting {
        name: "lite.tail",
        about: "From where the last messages of a lite topic are counted: back from the committed offset, as servers do, or \
                from the end, as the option's name suggests.",
        kind: Kind::Word(names::<LiteTail>),
        place: Place::LiteTail,
    },
    Setting {
        name: "tx.sendRetries",
        about: "Whether a half message that the broker was too busy for is sent again, as the Java clients do; the documents \
                say that it is not.",
        kind: Kind::Truth,
        place: Place::Flag(|s| &mut s.tx_send_retries),
    },
    Setting {
        name: "producer.maxAttempts",
        about: "How often a producer tries to send one request, the first time included, if nobody answers or the broker is too \
                busy. A half message that nobody answered is not sent again.",
        kind: Kind::Whole { least: 1, most: limits::RETRIES },
        place: Place::Count(|s| &mut s.producer_max_attempts),
    },
    Setting {
        name: "producer.throttleBackoff",
        about: "How long a producer waits before it sends again what the broker was too busy for: 10 ms doubled for each try, up \
                to 1 s, so 20 ms before the second (`proxy`), 1 s times 1.6, give or take a fifth, up to 120 s (`docs`), or \
                not at all, as classic clients (`none`).",
        kind: Kind::Word(names::<Backoff>),
        place: Place::Backoff,
    },
    Setting {
        name: "broker.sendTps",
        about: "How many requests to store messages the broker takes in a second, however many messages each holds; 0 = as \
                many as come.",
        kind: Kind::Whole { least: 0, most: 1_000_000 },
        place: Place::Count(|s| &mut s.broker_send_tps),
    },
    Setting {
        name: "broker.sendQueueWaitMs",
        about: "How long such a request waits for its turn before it is refused with TOO_MANY_REQUESTS.",
        kind: Kind::Whole { least: 0, most: MOST_MS },
        place: Place::Time { unit: MS, place: |s| &mut s.broker_send_queue_wait },
    },
    Setting {
        name: "broker.storeReply",
        about: "Whether the broker keeps a copy of each answer to a request, in DefaultCluster_REPLY_TOPIC.",
        kind: Kind::Truth,
        place: Place::Flag(|s| &mut s.broker_store_reply),
    },
    Setting {
        name: "message.maxBodyBytes",
        about: "How large the bodies of one request may be together.",
        kind: Kind::Whole { least: 1, most: 4 << 20 },
        place: Place::Count(|s| &mut s.message_max_body_bytes),
    },
    Setting {
        name: "message.idForm",
        about: "How many digits an id of a message has: `long` is 34 (5.x clients), `short` is 32 (classic clients, and what the documents \
                describe). It stays the same when the message is tried again.",
        kind: Kind::Word(names::<IdForm>),
        place: Place::IdForm,
    },
    Setting {
        name: "push.cacheMaxBytes",
        about: "A push consumer that holds bodies of so many bytes asks for no more messages; in queue balancing its queues \
                share this evenly.",
        kind: Kind::Whole { least: 1, most: 64 << 20 },
        place: Place::Count(|s| &mut s.push_cache_max_bytes),
    },
    Setting {
        name: "sql.available",
        about: "Whether groups with queue balancing may have SQL-92 conditions; classic brokers refuse them unless \
                `enablePropertyFilter` is on.",
        kind: Kind::Truth,
        place: Place::Flag(|s| &mut s.sql_available),
    },
    Setting {
        name: "store.compactionIntervalMs",
        about: "How often the broker looks through topics with `cleanup` = `COMPACTION`: at this time, twice this time, and so \
                on.",
        kind: Kind::Whole { least: 1, most: MOST_MS },
        place: Place::Time { unit: MS, place: |s| &mut s.store_compaction_interval },
    },
    Setting {
        name: "sql.strictEof",
        about: "Whether something behind a complete SQL-92 condition is an error. RocketMQ does not look there: with \
                `false`, `a = 1 b` is `a = 1`.",
        kind: Kind::Truth,
        place: Place::Flag(|s| &mut s.sql_strict_eof),
    },
    Setting {
        name: "topic.typeCheck",
        about: "Whether a topic takes messages of its own type only. Classic clients and brokers do not look.",
        kind: Kind::Truth,
        place: Place::Flag(|s| &mut s.topic_type_check),
    },
    Setting {
        name: "store.retentionHours",
        about: "How long the broker keeps messages, whoever has read them: hours, or a time such as `90s`.",
        kind: Kind::Either(&Kind::Span, &Kind::Whole { least: 1, most: 8_760 }),
        place: Place::Hours(|s| &mut s.store_retention),
    },
    Setting {
        name: "store.expiry",
        about: "What goes when it is too old: each message (`perMessage`), or whole files of the log in one hour of \
                the day (`segment`, what brokers do).",
        kind: Kind::Word(names::<Expiry>),
        place: Place::Expiry,
    },
    Setting {
        name: "store.cleanIntervalMs",
        about: "How often the broker looks for messages that are too old.",
        kind: Kind::Whole { least: 1, most: MOST_MS },
        place: Place::Time { unit: MS, place: |s| &mut s.store_clean_interval },
    },
    Setting {
        name: "store.deleteHour",
        about: "The hour of the day in which files go, with `segment`. A run begins at midnight.",
        kind: Kind::Whole { least: 0, most: 23 },
        place: Place::Count(|s| &mut s.store_delete_hour),
    },
    Setting {
        name: "store.hotMessages",
        about: "So many of the newest messages are in the broker's memory. It matters for groups that begin by `ossCompat`.",
        kind: Kind::Whole { least: 0, most: u32::MAX as u64 },
        place: Place::Count(|s| &mut s.store_hot_messages),
    },
    Setting {
        name: "store.segmentBytes",
        about: "How long a file of the log is, with `segment`. All topics share the log.",
        kind: Kind::Whole { least: 1_024, most: 1 << 30 },
        place: Place::Count(|s| &mut s.store_segment_bytes),
    },
];

impl Setting {
    /// The setting of this name.
    pub(super) fn find(name: &str) -> Option<&'static Setting> {
        SETTINGS.iter().find(|setting| setting.name == name)
    }

    /// Takes a value over; nothing happens if it is not one.
    pub(super) fn set(&self, settings: &mut Settings, value: &Value) {
        match self.place {
            Place::Count(place) => {
                let count = form::whole(&self.kind, value).ok().and_then(|count| u32::try_from(count).ok());
                *place(settings) = count.unwrap_or(*place(settings));
            }
            Place::Time { unit, place } => {
                let time = form::whole(&self.kind, value).ok().map(|count| unit * count);
                *place(settings) = time.unwrap_or(*place(settings));
            }
            Place::Flag(place) => {
                let truth = form::truth(value).ok();
                *place(settings) = truth.unwrap_or(*place(settings));
            }
            Place::Limit(place) => {
                *place(settings) = value.as_u64().and_then(|count| u32::try_from(count).ok());
            }
            Place::ConsumeTimeout => {
                settings.push_consume_timeout = value.as_u64().map_or(Span::FOREVER, Span::from_ms);
            }
            Place::CommitMode => {
                settings.pop_commit_mode = form::word(&self.kind, value).unwrap_or(settings.pop_commit_mode);
            }
            Place::StaleHandles => {
                let stale = form::word(&self.kind, value);
                settings.pop_stale_handles = stale.unwrap_or(settings.pop_stale_handles);
            }
            Place::LockScope => {
                settings.fifo_lock_scope = form::word(&self.kind, value).unwrap_or(settings.fifo_lock_scope);
            }
            Place::QueueHash => {
                settings.fifo_queue_hash = form::word(&self.kind, value).unwrap_or(settings.fifo_queue_hash);
            }
            Place::OutOfRange => {
                let policy = form::word(&self.kind, value);
                settings.delay_out_of_range = policy.unwrap_or(settings.delay_out_of_range);
            }
            Place::Expiry => {
                settings.store_expiry = form::word(&self.kind, value).unwrap_or(settings.store_expiry);
            }
            Place::FlushDisk => {
                settings.flush_disk = form::word(&self.kind, value).unwrap_or(settings.flush_disk);
            }
            Place::Replication => {
                settings.replication = form::word(&self.kind, value).unwrap_or(settings.replication);
            }
            Place::Hours(place) => {
                let time = form::span(value).ok().or_else(|| value.as_u64().map(|count| HOUR * count));
                *place(settings) = time.unwrap_or(*place(settings));
            }
            Place::LateResolution => {
                let late = form::word(&self.kind, value);
                settings.tx_late_resolution = late.unwrap_or(settings.tx_late_resolution);
            }
            Place::Minutes(place) => {
                *place(settings) = minutes(value).unwrap_or(*place(settings));
            }
            Place::Life(place) => *place(settings) = minutes(value),
            Place::SubModel => {
                settings.lite_sub_model = form::word(&self.kind, value).unwrap_or(settings.lite_sub_model);
            }
            Place::LiteTail => {
                let from = form::word(&self.kind, value);
                settings.lite_tail_from_end = from == Some(LiteTail::FromEnd);
            }
            Place::IdForm => {
                settings.message_id_form = form::word(&self.kind, value).unwrap_or(settings.message_id_form);
            }
            Place::Backoff => {
                let wait = form::word(&self.kind, value);
                settings.producer_throttle_backoff = wait.unwrap_or(settings.producer_throttle_backoff);
            }
            Place::Ladder => {
                if let Some(ladder) = ladder(value) {
                    settings.group_retry_ladder = ladder;
                }
            }
        }
    }

    /// The value as the file gives it.
    pub fn value(&self, settings: &Settings) -> Value {
        // The table knows places to write to; a copy is cheap enough to look at them.
        let mut settings = settings.clone();
        match self.place {
            Place::Count(place) => (*place(&mut settings)).into(),
            Place::Time { unit, place } => (place(&mut settings).0 / unit.0).into(),
            Place::Flag(place) => (*place(&mut settings)).into(),
            Place::Limit(place) => match *place(&mut settings) {
                Some(count) => count.into(),
                None => Unlimited.word().into(),
            },
            Place::ConsumeTimeout if settings.push_consume_timeout == Span::FOREVER => Off.word().into(),
            Place::ConsumeTimeout => (settings.push_consume_timeout.0 / MS.0).into(),
            Place::CommitMode => settings.pop_commit_mode.word().into(),
            Place::StaleHandles => settings.pop_stale_handles.word().into(),
            Place::LockScope => settings.fifo_lock_scope.word().into(),
            Place::QueueHash => settings.fifo_queue_hash.word().into(),
            Place::OutOfRange => settings.delay_out_of_range.word().into(),
            Place::Expiry => settings.store_expiry.word().into(),
            Place::FlushDisk => settings.flush_disk.word().into(),
            Place::Replication => settings.replication.word().into(),
            Place::Hours(place) => {
                let time = *place(&mut settings);
                if time.0 % HOUR.0 == 0 { (time.0 / HOUR.0).into() } else { time.to_string().into() }
            }
            Place::LateResolution => settings.tx_late_resolution.word().into(),
            Place::Minutes(place) => minutes_value(*place(&mut settings)),
            Place::Life(place) => match *place(&mut settings) {
                Some(life) => minutes_value(life),
                None => Unlimited.word().into(),
            },
            Place::SubModel => settings.lite_sub_model.word().into(),
            Place::LiteTail if settings.lite_tail_from_end => LiteTail::FromEnd.word().into(),
            Place::LiteTail => LiteTail::FromCommitted.word().into(),
            Place::IdForm => settings.message_id_form.word().into(),
            Place::Backoff => settings.producer_throttle_backoff.word().into(),
            Place::Ladder => ladder_value(&settings.group_retry_ladder),
        }
    }
}

/// A number of minutes, or a time as text.
fn minutes(value: &Value) -> Option<Span> {
    form::span(value).ok().or_else(|| value.as_u64().map(|count| MINUTE * count))
}

/// The same written: as a number where it is one.
fn minutes_value(time: Span) -> Value {
    if time.0.is_multiple_of(MINUTE.0) { (time.0 / MINUTE.0).into() } else { time.to_string().into() }
}

/// The rungs of a ladder that a file gives by name or one by one.
pub(super) fn ladder(value: &Value) -> Option<Vec<Span>> {
    match value {
        Value::Array(rungs) => Some(rungs.iter().filter_map(|rung| form::span(rung).ok()).collect()),
        _ => value.as_str().and_then(Ladder::read).map(Ladder::rungs),
    }
}

/// A ladder as a file gives it.
pub(super) fn ladder_value(rungs: &[Span]) -> Value {
    match Ladder::with_rungs(rungs) {
        Some(ladder) => ladder.word().into(),
        None => rungs.iter().map(Span::to_string).collect(),
    }
}

/// The settings that differ from the usual ones, by name.
pub(super) fn write(settings: &Settings, usual: &Settings) -> Value {
    let mut written = Map::new();
    for setting in SETTINGS {
        let value = setting.value(settings);
        if value != setting.value(usual) {
            written.insert(setting.name.to_owned(), value);
        }
    }
    Value::Object(written)
}

/// The settings of a file: the usual ones, with what it names instead.
pub(super) fn read(named: &Map<String, Value>, usual: Settings) -> Settings {
    let mut settings = usual;
    for (name, value) in named {
        if let Some(setting) = Setting::find(name) {
            setting.set(&mut settings, value);
        }
    }
    settings
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A field without a row would be a setting that nobody can name.
    #[test]
    fn every_setting_has_a_row() {
        let Settings {
            push_threads: _,
            push_cache_max_messages: _,
            push_receive_batch: _,
            push_invisible: _,
            push_offline_invisible: _,
            group_retry_max_times: _,
            group_retry_ladder: _,
            fifo_lock_scope: _,
            fifo_retry_interval: _,
            fifo_max_retry_times: _,
            fifo_queue_hash: _,
            classic_suspend: _,
            classic_orderly_max_retry_times: _,
            classic_queue_lock: _,
            classic_queue_lock_renew: _,
            classic_rebalance_interval: _,
            classic_rebalance_min_interval: _,
            classic_persist_offset_interval: _,
            consumer_crash_detection: _,
            push_consume_timeout: _,
            classic_consume_timeout: _,
            simple_invisible: _,
            pop_retry_first_percent: _,
            pull_batch: _,
            pull_cache_max_messages: _,
            pull_cache_per_queue: _,
            pull_auto_commit: _,
            pull_auto_commit_interval: _,
            pop_commit_mode: _,
            pop_commit_scan: _,
            pop_revive_lag: _,
            pop_stale_handles: _,
            pop_through_proxy: _,
            delay_max: _,
            delay_out_of_range: _,
            delay_precision: _,
            delay_recall_enable: _,
            tx_check_interval: _,
            tx_first_check_after: _,
            tx_max_checks: _,
            tx_late_resolution: _,
            lite_ttl: _,
            lite_min_ttl: _,
            lite_ttl_check_interval: _,
            lite_sub_model: _,
            lite_max_subs_per_client: _,
            lite_max_subs_per_broker: _,
            lite_max_topics_per_broker: _,
            lite_max_events_per_client: _,
            lite_full_dispatch: _,
            lite_sync_interval: _,
            lite_tail_from_end: _,
            sql_strict_eof: _,
            producer_max_attempts: _,
            producer_throttle_backoff: _,
            tx_send_retries: _,
            broker_send_tps: _,
            broker_send_queue_wait: _,
            broker_store_reply: _,
            message_max_body_bytes: _,
            store_compaction_interval: _,
            message_id_form: _,
            push_cache_max_bytes: _,
            sql_available: _,
            topic_type_check: _,
            producer_request_timeout: _,
            consumer_reconnect: _,
            network_silence: _,
            flush_disk: _,
            flush_interval: _,
            flush_least_pages: _,
            flush_thorough_interval: _,
            flush_offset_interval: _,
            replication: _,
            replication_replicas: _,
            replication_lag: _,
            replication_offset_interval: _,
            replication_failover: _,
            network_send_latency: _,
            network_delivery_latency: _,
            store_retention: _,
            store_expiry: _,
            store_clean_interval: _,
            store_delete_hour: _,
            store_hot_messages: _,
            store_segment_bytes: _,
        } = Settings::default();
        assert_eq!(SETTINGS.len(), 86);
        // And each row a field of its own.
        for setting in SETTINGS {
            let mut settings = Settings::default();
            let other = match setting.value(&settings) {
                Value::Bool(truth) => Value::from(!truth),
                Value::Number(number) => {
                    Value::from(number.as_u64().map_or(0, |n| if n == 0 { 1 } else { n - 1 }))
                }
                // The last word that it is not, or a number where no word is left.
                _ => match &setting.kind {
                    Kind::Word(names) => Value::from(names()[1]),
                    Kind::Either(Kind::Word(names), _) if names().len() > 1 => Value::from("exponential"),
                    _ => Value::from(7),
                },
            };
            setting.set(&mut settings, &other);
            assert_eq!(write(&settings, &Settings::default()), serde_json::json!({ setting.name: other }));
        }
    }

    #[test]
    fn defaults_are_within_their_limits() {
        for setting in SETTINGS {
            let default = setting.value(&Settings::default());
            if let Kind::Whole { .. } = setting.kind {
                assert_eq!(form::whole(&setting.kind, &default), Ok(default.as_u64().unwrap_or(0)));
            }
        }
    }
}
