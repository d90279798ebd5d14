//! The named numbers of the model, with the defaults of the `docs5` profile. The dotted names are those of the
//! scenario file; the scenario module holds the table that ties name, unit and limits to a field.

pub use super::flow::Backoff;
use super::spec::{LockScope, QueueHash, SubModel};
use crate::rules::code::Code;
use crate::rules::proxy::{GroupConfig, consumer_settings, producer_settings};
use crate::rules::retry::{GroupPolicy, PolicyKind, client};
use crate::rules::validation::Limits;
use crate::sim::Span;

/// Every setting the modelled half of the broker reads.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Settings {
    /// `push.threads`: listener threads of a consumer that names none.
    pub push_threads: u32,
    /// `push.cacheMaxMessages`: messages a push consumer may hold, shared evenly by its process queues.
    pub push_cache_max_messages: u32,
    /// `push.receiveBatch`: messages one receive may return in message balancing.
    pub push_receive_batch: u32,
    /// `push.invisibleMs`: how long a handed-out message stays invisible; renewed while its consumer lives.
    pub push_invisible: Span,
    /// `push.offlineInvisibleMs`: what is left of it once the consumer's connection is gone
    /// (`DefaultReceiptHandleManager`: 1 s).
    pub push_offline_invisible: Span,
    /// `push.consumeTimeoutMs`: how long a listener may take in message balancing; what takes as long has failed.
    pub push_consume_timeout: Span,
    /// `classic.consumeTimeoutMin`: the same in queue balancing (`DefaultMQPushConsumer`: 15 min).
    pub classic_consume_timeout: Span,
    /// `simple.invisibleMs`: how long a simple consumer makes invisible what it receives.
    pub simple_invisible: Span,
    /// `group.retryMaxTimes`: retries after the first delivery; the failure after the last one dead-letters.
    pub group_retry_max_times: u32,
    /// `group.retryLadder`: the wait before retry n is the n-th rung, or the last one beyond the end.
    pub group_retry_ladder: Vec<Span>,
    /// `group.fifoLockScope`: what waits for an unfinished message of an orderly group, in message balancing.
    pub fifo_lock_scope: LockScope,
    /// `group.fifoRetryIntervalMs`: the wait before an orderly group tries a failed message again, in message balancing.
    pub fifo_retry_interval: Span,
    /// `group.fifoMaxRetryTimes`: how often it does; the failure after that dead-letters. `None` is for ever.
    pub fifo_max_retry_times: Option<u32>,
    /// `fifo.queueHash`: how a message group is hashed to a queue.
    pub fifo_queue_hash: QueueHash,
    /// `classic.suspendMs`: the same wait in queue balancing (`suspendCurrentQueueTimeMillis`).
    pub classic_suspend: Span,
    /// `classic.orderlyMaxRetryTimes`: the same limit in queue balancing; none by default (`maxReconsumeTimes` −1).
    pub classic_orderly_max_retry_times: Option<u32>,
    /// `classic.queueLockMs`: how long the lock on a queue outlives its holder's last sign of life
    /// (`RebalanceLockManager`: 60 s).
    pub classic_queue_lock: Span,
    /// `classic.queueLockRenewMs`: how often the holder gives one (`ConsumeMessageOrderlyService`: 20 s).
    pub classic_queue_lock_renew: Span,
    /// `classic.rebalanceIntervalMs`: a group re-computes its allocation at least this often.
    pub classic_rebalance_interval: Span,
    /// `classic.rebalanceMinIntervalMs`: and never twice within this (`RebalanceService`: 1 s).
    pub classic_rebalance_min_interval: Span,
    /// `classic.persistOffsetIntervalMs`: how often a consumer tells the broker its offsets; 0 = with completion.
    pub classic_persist_offset_interval: Span,
    /// `consumer.crashDetectionMs`: from a crash to the broker noticing it; 0 = the connection closes at once,
    /// 120 000 = only the missing heartbeats tell.
    pub consumer_crash_detection: Span,
    /// `pop.retryFirstPercent`: in so many of 100 receives the retry topic is served first.
    pub pop_retry_first_percent: u32,
    /// `pull.batch`: messages that one poll returns at the most (`pullBatchSize`).
    pub pull_batch: u32,
    /// `pull.cacheMaxMessages`: messages that a pull consumer holds for the next polls (`pullThresholdForAll`).
    pub pull_cache_max_messages: u32,
    /// `pull.cachePerQueue`: and of one queue (`pullThresholdForQueue`).
    pub pull_cache_per_queue: u32,
    /// `pull.autoCommit`: do polls commit by themselves what polls before them returned?
    pub pull_auto_commit: bool,
    /// `pull.autoCommitIntervalMs`: not more often than this.
    pub pull_auto_commit_interval: Span,
    /// `pop.commitMode`: when the committed offset moves, in message balancing.
    pub pop_commit_mode: CommitMode,
    /// `pop.commitScanMs`: how often the broker looks which checkpoints are on record (`PopBufferMergeService`: 5 ms).
    pub pop_commit_scan: Span,
    /// `pop.reviveLagMs`: how much later than its invisible time a message really comes back (`PopReviveService`).
    pub pop_revive_lag: Span,
    /// `pop.staleHandles`: what the broker says to a receipt handle that is out of date.
    pub pop_stale_handles: StaleHandles,
    /// `pop.throughProxy`: does a proxy stand between simple consumers and the broker? It looks at more than the broker does.
    pub pop_through_proxy: bool,
    /// `dlq.timing`: when a message becomes a dead letter whose last retry failed, in message balancing without order.
    pub dlq_timing: DlqTiming,
    /// `delay.maxMs`: how far ahead a delivery time may be (Proxy: 24 h; brokers: 3 d; the documents: 40 d); 0 = no limit.
    pub delay_max: Span,
    /// `delay.outOfRange`: what becomes of a message whose delivery time is further ahead.
    pub delay_out_of_range: OutOfRange,
    /// `delay.precisionMs`: the length of a slot of the timer (`timerPrecisionMs`).
    pub delay_precision: Span,
    /// `delay.recallMessageEnable`: may producers take back what waits in the timer?
    pub delay_recall_enable: bool,
    /// `tx.checkIntervalMs`: how often the broker goes through the half messages (`transactionCheckInterval`: 30 s).
    pub tx_check_interval: Span,
    /// `tx.firstCheckAfterMs`: how old one must be to be asked about (`transactionTimeOut`: 6 s).
    pub tx_first_check_after: Span,
    /// `tx.maxChecks`: how often it is asked about before it is set aside (`transactionCheckMax`: 15).
    pub tx_max_checks: u32,
    /// `tx.lateResolution`: what a word is worth that comes after a check, or after another one.
    pub tx_late_resolution: LateResolution,
    /// `lite.ttlMinutes`: how long a lite topic lives that nobody writes to (`lite.topic.expiration`). `None` is for ever.
    pub lite_ttl: Option<Span>,
    /// `lite.minTtlMinutes`: and no less than this (`minLiteTTl`).
    pub lite_min_ttl: Span,
    /// `lite.ttlCheckIntervalMs`: how often that is looked at (`liteTtlCheckInterval`).
    pub lite_ttl_check_interval: Span,
    /// `lite.subModel`: may several clients of a group subscribe to one lite topic, if the group does not say?
    pub lite_sub_model: SubModel,
    /// `lite.maxSubsPerClient`: lite topics that one client may subscribe to. `None` is as many as it likes.
    pub lite_max_subs_per_client: Option<u32>,
    /// `lite.maxSubsPerBroker`: all clients together.
    pub lite_max_subs_per_broker: u32,
    /// `lite.maxTopicsPerBroker`: lite topics of all parents together (`maxLmqConsumeQueueNum`).
    pub lite_max_topics_per_broker: u32,
    /// `lite.maxEventsPerClient`: how many lite topics fit into a client's event set.
    pub lite_max_events_per_client: u32,
    /// `lite.fullDispatchMs`: when all is looked at again that a client subscribes to, after its event set was full.
    pub lite_full_dispatch: Span,
    /// `lite.syncMs`: how often clients say what they subscribe to (`LiteSubscriptionManager`).
    pub lite_sync_interval: Span,
    /// `lite.tail`: are the last messages of a lite topic counted from its end, rather than from the committed offset?
    pub lite_tail_from_end: bool,
    /// `sql.strictEof`: is something behind a complete SQL-92 condition an error? RocketMQ does not look there.
    pub sql_strict_eof: bool,
    /// `producer.maxAttempts`: how often a producer tries to send one request, the first time included.
    pub producer_max_attempts: u32,
    /// `producer.throttleBackoff`: how long it waits after the broker was too busy.
    pub producer_throttle_backoff: Backoff,
    /// `tx.sendRetries`: is a half message that the broker was too busy for sent again?
    pub tx_send_retries: bool,
    /// `broker.sendTps`: requests to store messages that the broker takes in a second; 0 = as many as come.
    pub broker_send_tps: u32,
    /// `broker.sendQueueWaitMs`: how long one waits for its turn before it is refused (`waitTimeMillsInSendQueue`).
    pub broker_send_queue_wait: Span,
    /// `broker.storeReply`: does the broker keep a copy of each answer (`storeReplyMessageEnable`)?
    pub broker_store_reply: bool,
    /// `message.maxBodyBytes`: how large the bodies of one request may be together.
    pub message_max_body_bytes: u32,
    /// `message.maxGroupBytes`: how long the name of a message group may be; the proxy's limit is one more.
    pub message_max_group_bytes: u32,
    /// `broker.codes`: in whose codes it refuses something.
    pub broker_codes: Codes,
    /// `message.idForm`: how many digits an id of a message has.
    pub message_id_form: IdForm,
    /// `push.cacheMaxBytes`: bytes of bodies at which a push consumer asks for no more.
    pub push_cache_max_bytes: u32,
    /// `sql.available`: does the broker take SQL-92 conditions from groups with queue balancing (`enablePropertyFilter`)?
    pub sql_available: bool,
    /// `store.compactionIntervalMs`: how often the broker looks through topics that it compacts.
    pub store_compaction_interval: Span,
    /// `topic.typeCheck`: does a topic take messages of its own type only?
    pub topic_type_check: bool,
    /// `producer.requestTimeoutMs`: how long it waits for the answer to a try.
    pub producer_request_timeout: Span,
    /// `producer.timeoutForAllTries`: is that the time for all tries together, rather than for each (`DefaultMQProducerImpl`)?
    pub producer_timeout_for_all_tries: bool,
    /// `consumer.reconnectMs`: when clients connect again after the broker is back.
    pub consumer_reconnect: Span,
    /// `flush.disk`: is a message on the disk before it is acknowledged?
    pub flush_disk: FlushDisk,
    /// `flush.intervalMs`: how often the broker flushes what fills enough pages (`flushIntervalCommitLog`).
    pub flush_interval: Span,
    /// `flush.leastPages`: how many that are (`flushCommitLogLeastPages`).
    pub flush_least_pages: u32,
    /// `flush.thoroughIntervalMs`: how often it flushes everything (`flushCommitLogThoroughInterval`).
    pub flush_thorough_interval: Span,
    /// `flush.offsetIntervalMs`: how often it writes down how far groups have come (`flushConsumerOffsetInterval`).
    pub flush_offset_interval: Span,
    /// `replication`: does a replica have a message before it is acknowledged (`brokerRole`)?
    pub replication: Replication,
    /// `replication.replicas`: how many other brokers copy this one.
    pub replication_replicas: u32,
    /// `replication.lagMs`: how far they are behind, if nobody waits for them.
    pub replication_lag: Span,
    /// `replication.offsetIntervalMs`: how often they copy how far groups have come (`SlaveSynchronize`: 60 s).
    pub replication_offset_interval: Span,
    /// `replication.failoverMs`: when a replica takes the place of a broker that is gone (controller: 10 s + 5 s).
    pub replication_failover: Span,
    /// `network.silenceMs`: after so long without a word the broker takes a client for dead (`ClientHousekeepingService`).
    pub network_silence: Span,
    /// `network.sendLatencyUs`: producer to broker.
    pub network_send_latency: Span,
    /// `network.deliveryLatencyUs`: broker to consumer.
    pub network_delivery_latency: Span,
    /// `store.retentionHours`: how long messages are kept (`fileReservedTime`).
    pub store_retention: Span,
    /// `store.expiry`: what goes at once when it is too old.
    pub store_expiry: Expiry,
    /// `store.cleanIntervalMs`: how often that is looked at (`cleanResourceInterval`).
    pub store_clean_interval: Span,
    /// `store.deleteHour`: the hour of the day in which segments go (`deleteWhen`); a run begins at midnight.
    pub store_delete_hour: u32,
    /// `store.hotMessages`: so many of the newest messages are in the broker's memory
    /// (`accessMessageInMemoryMaxRatio`: 40 % of it).
    pub store_hot_messages: u32,
    /// `store.segmentBytes`: how long a file of the log is (`mappedFileSizeCommitLog`).
    pub store_segment_bytes: u32,
}

/// When a message is on the disk (`flushDiskType`).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Default)]
pub enum FlushDisk {
    /// Some time after it was acknowledged.
    #[default]
    Async,
    /// Before it is acknowledged.
    Sync,
}

/// When a replica has a message (`brokerRole`).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Default)]
pub enum Replication {
    /// Some time after it was acknowledged.
    #[default]
    Async,
    /// Before it is acknowledged.
    Sync,
}

/// When the committed offset moves, in message balancing without order.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Default)]
pub enum CommitMode {
    /// It is the smallest unfinished offset: what "consumed" means to people.
    #[default]
    MinUnacked,
    /// It goes past a message as soon as the checkpoint of its delivery is on record; what is unfinished comes back from
    /// there (`PopBufferMergeService`).
    Checkpoint,
}

/// What the broker says to a receipt handle that is out of date.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Default)]
pub enum StaleHandles {
    /// `INVALID_RECEIPT_HANDLE`, and nothing changes.
    #[default]
    Refuse,
    /// That all is well. An acknowledgement changes nothing; another invisible time brings the message back, whatever has
    /// become of it (`AckMessageProcessor`, `ChangeInvisibleTimeProcessor`).
    Accept,
}

/// When a message becomes a dead letter.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Default)]
pub enum DlqTiming {
    /// With its last failure.
    #[default]
    OnFailure,
    /// After one more wait, when it comes back: it is the proxy that counts (`PopMessageResultFilterImpl`).
    OnNextPop,
}

/// What `push.cacheMaxBytes` is unless somebody says otherwise (64 MiB).
pub(super) const CACHE_BYTES: u32 = 64 << 20;

/// In whose codes the broker refuses something.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Default)]
pub enum Codes {
    /// Those of the 5.x protocol.
    #[default]
    Grpc,
    /// Those of the classic one.
    Remoting,
}

/// How many digits an id of a message has.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Default)]
pub enum IdForm {
    /// 34: 5.x clients (`MessageIdCodec`).
    #[default]
    Long,
    /// 32: classic clients, and what the documents describe (`MessageClientIDSetter`).
    Short,
}

/// What goes at once when it is too old.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Default)]
pub enum Expiry {
    /// Each message: easier to follow.
    #[default]
    PerMessage,
    /// Whole files of the log, once a day: what brokers do.
    Segment,
}

/// What becomes of a message whose delivery time is too far ahead. Proxy and broker refuse it; the documents say that it
/// takes effect immediately.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Default)]
pub enum OutOfRange {
    /// It is refused.
    #[default]
    Reject,
    /// It is stored as if it had no delivery time.
    DeliverNow,
}

/// What a word about a transaction is worth that comes late.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Default)]
pub enum LateResolution {
    /// The first one counts, and later ones change nothing.
    #[default]
    Idempotent,
    /// Each counts for the half message that it names, and a check makes a new one: a message may be published twice
    /// (`EndTransactionProcessor`).
    Faithful,
}

impl Default for Settings {
    fn default() -> Self {
        let group = GroupConfig::default();
        let limits = Limits::default();
        let told = producer_settings(true, &limits);
        Self {
            push_threads: 20,
            push_cache_max_messages: 1024,
            push_receive_batch: consumer_settings(&group).receive_batch,
            push_invisible: Span::from_secs(60),
            push_offline_invisible: Span::from_secs(1),
            push_consume_timeout: Span::from_secs(900),
            classic_consume_timeout: Span::from_secs(900),
            simple_invisible: Span::from_secs(30),
            group_retry_max_times: count(group.retry_max_times),
            group_retry_ladder: docs_ladder(),
            fifo_lock_scope: LockScope::MessageGroup,
            fifo_retry_interval: Span::from_secs(3),
            fifo_max_retry_times: Some(16),
            fifo_queue_hash: QueueHash::Jump,
            classic_suspend: Span::from_secs(1),
            classic_orderly_max_retry_times: None,
            classic_queue_lock: Span::from_secs(60),
            classic_queue_lock_renew: Span::from_secs(20),
            classic_rebalance_interval: Span::from_secs(20),
            classic_rebalance_min_interval: Span::from_secs(1),
            classic_persist_offset_interval: Span::from_secs(5),
            consumer_crash_detection: Span::ZERO,
            pop_retry_first_percent: 20,
            pull_batch: 10,
            pull_cache_max_messages: 10_000,
            pull_cache_per_queue: 1_000,
            pull_auto_commit: true,
            pull_auto_commit_interval: Span::from_secs(5),
            pop_commit_mode: CommitMode::MinUnacked,
            pop_commit_scan: Span::from_ms(5),
            pop_revive_lag: Span::ZERO,
            pop_stale_handles: StaleHandles::Refuse,
            pop_through_proxy: true,
            dlq_timing: DlqTiming::OnFailure,
            delay_max: Span::from_secs(86_400),
            delay_out_of_range: OutOfRange::Reject,
            delay_precision: Span::from_secs(1),
            delay_recall_enable: false,
            tx_check_interval: Span::from_secs(30),
            tx_first_check_after: Span::from_secs(6),
            tx_max_checks: 15,
            tx_late_resolution: LateResolution::Idempotent,
            lite_ttl: Some(Span::from_secs(3_600)),
            lite_min_ttl: Span::from_secs(900),
            lite_ttl_check_interval: Span::from_secs(120),
            lite_sub_model: SubModel::Shared,
            lite_max_subs_per_client: Some(2_000),
            lite_max_subs_per_broker: 100_000,
            lite_max_topics_per_broker: 20_000,
            lite_max_events_per_client: 400,
            lite_full_dispatch: Span::from_secs(10),
            lite_sync_interval: Span::from_secs(30),
            lite_tail_from_end: false,
            sql_strict_eof: true,
            producer_max_attempts: count(told.attempts_max),
            producer_throttle_backoff: Backoff::Proxy,
            tx_send_retries: false,
            broker_send_tps: 0,
            broker_send_queue_wait: Span::from_ms(200),
            broker_store_reply: true,
            message_max_body_bytes: count(told.body_bytes_max),
            message_max_group_bytes: count(limits.message_group_bytes - 1),
            broker_codes: Codes::Grpc,
            message_id_form: IdForm::Long,
            push_cache_max_bytes: CACHE_BYTES,
            sql_available: true,
            store_compaction_interval: Span::from_secs(900),
            topic_type_check: told.is_type_checked,
            producer_request_timeout: Span::from_secs(3),
            producer_timeout_for_all_tries: false,
            consumer_reconnect: Span::from_secs(1),
            flush_disk: FlushDisk::Async,
            flush_interval: Span::from_ms(500),
            flush_least_pages: 4,
            flush_thorough_interval: Span::from_secs(10),
            flush_offset_interval: Span::from_secs(5),
            replication: Replication::Async,
            replication_replicas: 0,
            replication_lag: Span::from_ms(100),
            replication_offset_interval: Span::from_secs(60),
            replication_failover: Span::from_secs(15),
            network_silence: Span::from_secs(120),
            network_send_latency: Span::ZERO,
            network_delivery_latency: Span::from_us(100),
            store_retention: Span::from_secs(72 * 3_600),
            store_expiry: Expiry::PerMessage,
            store_clean_interval: Span::from_secs(10),
            store_delete_hour: 4,
            store_hot_messages: 3_000_000,
            store_segment_bytes: 1 << 30,
        }
    }
}

impl Settings {
    /// The code that a client hears.
    pub fn code(&self, code: Code) -> Code {
        match self.broker_codes {
            Codes::Grpc => code,
            Codes::Remoting => code.classic(),
        }
    }

    /// The wait before retry `n` (from 1).
    pub fn retry_delay(&self, n: u32) -> Span {
        rung(&self.group_retry_ladder, n)
    }
}

/// The rung of a ladder before retry `n` (from 1), or the last one beyond the end.
pub(super) fn rung(ladder: &[Span], n: u32) -> Span {
    let attempt = i32::try_from(n.max(1)).unwrap_or(i32::MAX);
    client::customized(ladder, attempt).unwrap_or(Span::ZERO)
}

/// The documented ladder of sixteen rungs, 10 s to 2 h (`CustomizedRetryPolicy` from its third entry on).
pub fn docs_ladder() -> Vec<Span> {
    let policy = GroupPolicy::default();
    (0..16).map(|times| policy.wait_ms(times).map_or(Span::ZERO, span)).collect()
}

/// The ladder that the 5.x Java client walks: the whole stored list, from 1 s on (`CustomizedBackoffRetryPolicy`).
pub fn java_grpc_ladder() -> Vec<Span> {
    told_ladder(GroupPolicy::default(), 18)
}

/// Exponential: 5 s doubled up to two hours (`ExponentialBackoffRetryPolicy`).
pub fn exponential_ladder() -> Vec<Span> {
    told_ladder(GroupPolicy { kind: PolicyKind::Exponential, ..GroupPolicy::default() }, 12)
}

/// The waits that a consumer of a group with such a policy is told of.
fn told_ladder(retry_policy: GroupPolicy, rungs: i32) -> Vec<Span> {
    let told = consumer_settings(&GroupConfig { retry_policy, ..GroupConfig::default() }).backoff;
    (1..=rungs).map(|attempt| told.wait_ns(attempt).map_or(Span::ZERO, |ns| span(ns / 1_000_000))).collect()
}

/// The word for a ladder, if it is one of those that have a name.
pub fn ladder_name(rungs: &[Span]) -> Option<&'static str> {
    let named =
        [("docs", docs_ladder()), ("javaGrpc", java_grpc_ladder()), ("exponential", exponential_ladder())];
    named.into_iter().find(|(_, ladder)| ladder == rungs).map(|(name, _)| name)
}

/// A wait of the rules, of which none is negative here.
fn span(ms: i64) -> Span {
    u64::try_from(ms).map_or(Span::ZERO, Span::from_ms)
}

/// A number of the rules, of which none is negative here.
fn count(number: impl Into<i64>) -> u32 {
    u32::try_from(number.into()).unwrap_or(u32::MAX)
}
