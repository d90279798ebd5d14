//! The table itself.

use super::{LADDER, MINUTE, MS, Place, Setting, US};
use crate::broker::settings::{
    Backoff, Codes, CommitMode, DlqTiming, Expiry, FlushDisk, IdForm, LateResolution, OutOfRange,
    Replication, StaleHandles,
};
use crate::broker::spec::{LockScope, QueueHash, SubModel};
use crate::scenario::form::Kind;
use crate::scenario::limits;
use crate::scenario::words::{LiteTail, Off, Unlimited, names};

/// So many milliseconds are the longest time.
const MOST_MS: u64 = limits::SPAN_SECONDS * 1_000;

/// A number of retries, or no end of them.
const LIMIT: Kind =
    Kind::Either(&Kind::Word(names::<Unlimited>), &Kind::Whole { least: 0, most: limits::RETRIES });

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
        name: "producer.timeoutForAllTries",
        about: "Whether that is the time for all tries together, as for classic clients: who has used it up does not try again.",
        kind: Kind::Truth,
        place: Place::Flag(|s| &mut s.producer_timeout_for_all_tries),
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
        name: "dlq.timing",
        about: "When a message becomes a dead letter whose last retry failed, in message balancing without order: with that \
                failure, or after one more wait, when it would be delivered again.",
        kind: Kind::Word(names::<DlqTiming>),
        place: Place::DlqTiming,
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
        kind: Kind::Whole { least: 1, most: MOST_MS },
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
        name: "message.maxGroupBytes",
        about: "How many bytes the name of a message group may have. The proxy refuses 64, which the documents allow.",
        kind: Kind::Whole { least: 1, most: limits::MESSAGE_GROUP_BYTES },
        place: Place::Count(|s| &mut s.message_max_group_bytes),
    },
    Setting {
        name: "broker.codes",
        about: "Whose codes refusals are given in: those of the 5.x protocol (`grpc`), or those of the classic one (`remoting`), \
                such as SYSTEM_BUSY for TOO_MANY_REQUESTS, MESSAGE_ILLEGAL for ILLEGAL_DELIVERY_TIME and NO_MESSAGE for \
                INVALID_RECEIPT_HANDLE.",
        kind: Kind::Word(names::<Codes>),
        place: Place::Codes,
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
