//! The named numbers of the model, with the defaults of the `docs5` profile. The dotted names are those of the
//! scenario file; the scenario module holds the table that ties name, unit and limits to a field.

use super::spec::{LockScope, QueueHash};
use crate::rules::retry::{self, client};
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
    /// `sql.strictEof`: is something behind a complete SQL-92 condition an error? RocketMQ does not look there.
    pub sql_strict_eof: bool,
    /// `topic.typeCheck`: does a topic take messages of its own type only?
    pub topic_type_check: bool,
    /// `producer.maxAttempts`: how often a producer sends one message, the first time included.
    pub producer_max_attempts: u32,
    /// `producer.requestTimeoutMs`: how long it waits for the answer to a try.
    pub producer_request_timeout: Span,
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
        Self {
            push_threads: 20,
            push_cache_max_messages: 1024,
            push_receive_batch: 32,
            push_invisible: Span::from_secs(60),
            push_offline_invisible: Span::from_secs(1),
            push_consume_timeout: Span::from_secs(900),
            classic_consume_timeout: Span::from_secs(900),
            simple_invisible: Span::from_secs(30),
            group_retry_max_times: 16,
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
            delay_max: Span::from_secs(86_400),
            delay_out_of_range: OutOfRange::Reject,
            delay_precision: Span::from_secs(1),
            delay_recall_enable: false,
            tx_check_interval: Span::from_secs(30),
            tx_first_check_after: Span::from_secs(6),
            tx_max_checks: 15,
            tx_late_resolution: LateResolution::Idempotent,
            sql_strict_eof: true,
            topic_type_check: true,
            producer_max_attempts: 3,
            producer_request_timeout: Span::from_secs(3),
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
            store_segment_bytes: 1 << 30,
        }
    }
}

impl Settings {
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
    let policy = retry::GroupPolicy::default();
    (0..16).map(|times| policy.wait_ms(times).map_or(Span::ZERO, span)).collect()
}

/// The ladder that the 5.x Java client walks: the whole stored list, from 1 s on (`CustomizedBackoffRetryPolicy`).
pub fn java_grpc_ladder() -> Vec<Span> {
    retry::DEFAULT_LIST_MS.map(span).to_vec()
}

/// Exponential: 5 s doubled up to two hours (`ExponentialRetryPolicy`).
pub fn exponential_ladder() -> Vec<Span> {
    (0..12).map(|times| span(retry::Exponential::default().wait_ms(times))).collect()
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
