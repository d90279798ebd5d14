//! What has happened: past tense, small, complete. Events are the only way the world changes, so whatever can be seen
//! has one; they are also the language of every observer (counts, plots, log, fingerprint).

use super::batch::Unfit;
use super::caller::Trouble;
use super::fault::{Client, Crash, LinkState};
use super::half::Word;
use super::id::{
    CallerId, CommandId, ConsumerId, GroupId, LiteId, MessageRef, P2pId, ProducerId, ProgressId, QueueId,
    ServiceId, TopicId,
};
use super::lite::LiteOrigin;
use super::reply::{Landed, ReplyLost};
use super::resend::Nowhere;
use super::spec::Balance;
pub use crate::rules::code::Code;
use crate::sim::{Instant, Span};

/// One line of the journal: a fact, when it became true, and the entry that brought it about.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Entry {
    /// When.
    pub at: Instant,
    /// Its number; entries are counted from 0 without gaps.
    pub seq: u64,
    /// The number of the entry behind it; its own number if it came from outside.
    pub cause: u64,
    /// What.
    pub event: Event,
}

impl Entry {
    /// The entry as the words that the fingerprint absorbs; two different entries give different words.
    #[inline(always)]
    pub fn words(&self) -> [u64; 7] {
        let [kind, a, b, c] = self.event.words();
        [self.at.0, self.seq, self.cause, kind, a, b, c]
    }
}

/// Why a topic exists.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum TopicOrigin {
    /// Somebody created it.
    Command(CommandId),
    /// `%RETRY%<group>`: the classic retry topic, one for all topics of the group.
    RetryOfGroup(GroupId),
    /// `%RETRY%<group>_<topic>`: the retry topic of message balancing, one for each topic.
    RetryOfTopic(GroupId, TopicId),
    /// `TRANS_CHECK_MAX_TIME_TOPIC`: half messages that were checked to no avail.
    SetAside,
    /// `DefaultCluster_REPLY_TOPIC`: copies of answers to requests.
    Replies,
    /// `%DLQ%<group>`.
    DeadLettersOf(GroupId),
}

/// How a delivery ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Outcome {
    /// The listener returned success, and the broker took it.
    Acknowledged,
    /// The listener returned failure.
    Failed,
    /// The listener ended, but the queue had been given to another consumer meanwhile: the result counts for nothing.
    Ignored,
    /// No listener ever saw it: a filter kept it back, and the group's progress went past it.
    Filtered,
}

impl Outcome {
    /// The outcome whose discriminant this is.
    pub(super) fn from_code(code: u64) -> Self {
        match code {
            0 => Self::Acknowledged,
            1 => Self::Failed,
            2 => Self::Ignored,
            _ => Self::Filtered,
        }
    }
}

/// Why a command was refused.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(u8)]
pub enum Refusal {
    /// No topic has this name.
    UnknownTopic,
    /// No producer has this name.
    UnknownProducer,
    /// No group has this name.
    UnknownGroup,
    /// No consumer has this name.
    UnknownConsumer,
    /// The name is taken.
    NameTaken,
    /// A crashed or departed consumer can only be restarted; a running one cannot.
    WrongState,
    /// Broadcasting hands out no single messages.
    BroadcastingIsByQueue,
    /// No service has this name.
    UnknownService = 80,
    /// No point-to-point queue has this name.
    UnknownP2pQueue = 81,
    /// No caller has this name.
    UnknownCaller = 157,
    /// The caller calls whenever a producer sends, and has no pattern of its own.
    CallsAlong = 158,
    /// All consumers of the point-to-point queue are gone.
    NobodyThere = 82,
    /// A service is stopped, crashed or running already.
    AlreadySo = 83,
    /// The world cannot hold another one of these.
    TooMany,
    /// The group does not subscribe to this topic.
    NotSubscribed,
    /// The group reads no lite topics.
    NoLiteTopics = 120,
    /// The client, or the broker, has as many subscriptions to lite topics as it may have
    /// (`LITE_SUBSCRIPTION_QUOTA_EXCEEDED`).
    LiteSubscriptionQuota = 121,
    /// The broker has as many lite topics as it may have (`LITE_TOPIC_QUOTA_EXCEEDED`).
    LiteTopicQuota = 122,
    /// A lite topic cannot be called so (`ILLEGAL_LITE_TOPIC`).
    IllegalLiteTopic = 123,
    /// A group that reads lite topics is bound to one parent topic (`INVALID_PARAMETER`).
    LiteBindsOneTopic = 124,
    /// Lite topics are read by push consumers that share single messages.
    LiteNeedsPush = 125,
    /// Messages of lite topics are not filtered: clients choose lite topics.
    LiteHasNoFilter = 126,
    /// A lite topic has one queue.
    LiteHasOneQueue = 127,
    /// In lite topics a client says where to begin when it subscribes.
    LiteHasNoReset = 128,
    /// What lite topics share is not compacted.
    LiteIsNotCompacted = 129,
    /// The filter's expression is none (`ILLEGAL_FILTER_EXPRESSION`).
    IllegalFilter,
    /// The message is no half message: it was not sent yet, or it is known what becomes of it.
    NoHalfMessage = 60,
    /// The local transaction has ended, and the other way.
    LocalTransactionEnded = 61,
    /// The producer runs.
    ProducerRuns = 62,
    /// The broker is down, and nobody is there to do it.
    BrokerDown = 170,
    /// The broker runs.
    BrokerRuns = 171,
    /// Neither a producer nor a consumer has this name.
    UnknownClient = 172,
    /// Only producers wait for answers that can get lost by themselves.
    NotAProducer = 173,
    /// The link is not cut, or not held.
    LinkIsNot = 174,
    /// The client's link is cut.
    LinkCut = 175,
    /// A retry topic of the group would have the name of another group's.
    RetryTopicTaken = 180,
    /// A batch holds no transactional messages, none with a delivery time and no requests.
    NotInBatches = 140,
    /// The broker is busy and takes no such requests now (`TOO_MANY_REQUESTS`).
    TooManyRequests = 141,
    /// A request is a normal message: it has no message group and no delivery time, and is not transactional.
    RequestsAreNormal = 142,
    /// The broker takes no SQL-92 conditions from groups with queue balancing (`enablePropertyFilter`).
    SqlDisabled = 143,
    /// The broker takes nothing back (`recallMessageEnable`).
    RecallDisabled = 10,
    /// The topic, or the message, is not one of those with a delivery time: there is no recall handle.
    NotRecallable,
    /// The message does not wait in the timer: it was not sent yet, or it was seen or taken back already.
    NotWaiting,
    /// The slot of the timer that the message waits in has begun.
    RecallTooLate,
    /// The producer did not hear that the message was stored, so it has no recall handle.
    NoRecallHandle = 144,
    /// In broadcasting the offsets are kept by the clients: the broker has none to reset.
    OffsetsAreTheClients = 70,
    /// The offset is not one of those that the queue has.
    OffsetOutOfRange = 71,
    /// The topic has no such queue, or it cannot be read.
    UnknownQueue = 72,
    /// No message in the consumer's hands has this receipt handle: it was acknowledged, its invisible time is over, or the
    /// handle was replaced by another (`INVALID_RECEIPT_HANDLE`).
    InvalidReceiptHandle = 100,
    /// The invisible time is shorter or longer than it may be (`ILLEGAL_INVISIBLE_TIME`).
    IllegalInvisibleTime = 101,
    /// The consumer is not a simple one that is worked by hand.
    NotByHand = 102,
    /// A consumer that is worked by hand has no threads.
    NoThreads = 103,
    /// Simple consumers receive single messages.
    SimpleIsByMessage = 104,
    /// The consumer is not a pull consumer that is worked by hand.
    NotPulledByHand = 151,
    /// The queue is not one of those that the pull consumer has.
    QueueOfAnother = 152,
    /// The message is not one of those that the last poll brought.
    NotInItsHands = 153,
    /// The pull consumer has paused this queue already.
    QueueIsPaused = 155,
    /// The pull consumer has not paused this queue.
    QueueIsNotPaused = 156,
    /// Pull consumers share out whole queues.
    PullIsByQueue = 154,
    /// A broker hands out 32 messages at once at the most; a proxy asks it for no more.
    BatchTooLarge = 150,
}

impl Refusal {
    /// The code that a 5.x client hears, where a classic one hears another.
    pub fn code(self) -> Option<Code> {
        match self {
            Self::TooManyRequests => Some(Code::TooManyRequests),
            Self::InvalidReceiptHandle => Some(Code::InvalidReceiptHandle),
            _ => None,
        }
    }
}

/// Everything that can happen.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[expect(missing_docs, reason = "the fields are ids, offsets and instants; the variants say what they mean")]
pub enum Event {
    /// A command arrived; `content` is a hash of all it says.
    CommandGiven { command: CommandId, content: u64 },
    /// It cannot be done, and nothing changed.
    CommandRefused { command: CommandId, reason: Refusal },

    /// A topic and its queues exist from now on.
    TopicCreated { topic: TopicId, origin: TopicOrigin, queues: u32 },
    /// A topic has other numbers of queues: so many may be written and read, and there are so many in all.
    QueuesChanged { topic: TopicId, write: u32, read: u32, queues: u32 },
    /// A producer started; its first message goes out at `next_at`.
    ProducerAdded { producer: ProducerId, command: CommandId, next_at: Instant },
    /// A producer stopped for good.
    ProducerRemoved { producer: ProducerId },
    /// A producer's process died.
    ProducerCrashed { producer: ProducerId },
    /// A producer that had crashed started again; its next message goes out at `next_at`.
    ProducerRestarted { producer: ProducerId, next_at: Instant },
    /// The broker died. What was stored until `kept` is kept, or nothing at all; if a replica takes its place, then at `back_at`.
    BrokerCrashed { how: Crash, kept: Option<Instant>, back_at: Option<Instant> },
    /// The broker that had died in this way, or a replica in its place, is back; its clients connect to it at
    /// `reconnect_at`.
    BrokerRestarted { how: Crash, reconnect_at: Instant },
    /// After a crash of the broker a group goes on in a queue at `offset`; what it finished after that, as the numbers say, is
    /// delivered again, or is lost.
    ProgressFellBack {
        progress: ProgressId,
        offset: u64,
        reread_acknowledged: u32,
        reread_moved: u32,
        reread_filtered: u32,
    },
    /// So many messages at the end of a queue are lost: `offset` is its max offset again.
    QueueTruncated { queue: QueueId, offset: u64, lost: u64 },
    /// The link between the broker and a client is another than before.
    LinkChanged { client: Client, state: LinkState },
    /// So many of the next answers to a producer will get lost.
    AnswersToLose { producer: ProducerId, count: u32 },
    /// A producer sends by another pattern, next at `next_at`.
    PatternChanged { producer: ProducerId, command: CommandId, next_at: Instant },
    /// A group exists from now on, with no consumer yet.
    GroupCreated { group: GroupId, command: CommandId },
    /// A group, its offsets and its retries are gone.
    GroupRemoved { group: GroupId },
    /// A group (in broadcasting: one consumer of it) will read a queue from this offset on.
    ProgressStarted {
        progress: ProgressId,
        group: GroupId,
        queue: QueueId,
        member: Option<ConsumerId>,
        offset: u64,
    },
    /// What is shared out inside a group changed.
    BalanceChanged { group: GroupId, balance: Balance },
    /// A group, or one consumer of it, wants other messages of a topic.
    FilterChanged { group: GroupId, topic: TopicId, consumer: Option<ConsumerId>, command: CommandId },

    /// A consumer connected for the first time; it is the `nth` one of the command that brought it.
    ConsumerJoined { consumer: ConsumerId, group: GroupId, command: CommandId, nth: u32 },
    /// A consumer is shutting down: it takes nothing new and finishes what it holds.
    ConsumerLeaving { consumer: ConsumerId },
    /// A consumer has disconnected cleanly.
    ConsumerLeft { consumer: ConsumerId },
    /// A consumer's process died.
    ConsumerCrashed { consumer: ConsumerId, detected_at: Instant },
    /// The broker noticed that a consumer's connection is gone.
    CrashDetected { consumer: ConsumerId },
    /// The broker has not heard of a consumer for so long that it takes it for dead.
    ConsumerUnheard { consumer: ConsumerId },
    /// A consumer that could not reach the broker is connected again, and brings its filters along.
    ConsumerReconnected { consumer: ConsumerId },
    /// A consumer that had left or crashed connected again.
    ConsumerRestarted { consumer: ConsumerId },
    /// A consumer stays connected but takes nothing.
    ConsumerPaused { consumer: ConsumerId },
    /// A paused consumer goes on.
    ConsumerResumed { consumer: ConsumerId },
    /// A consumer has another number of listener threads.
    ThreadsChanged { consumer: ConsumerId, threads: u32 },
    /// A consumer's listener takes another time.
    ProcessingChanged { consumer: ConsumerId, command: CommandId },
    /// A consumer's listener fails by another rule.
    FailureChanged { consumer: ConsumerId, command: CommandId },
    /// A consumer's next so many results will be failures.
    FailNextSet { consumer: ConsumerId, count: u32 },

    /// A producer sent its `number`-th message towards a queue; it sends the next one at `next_at`.
    MessageSent { producer: ProducerId, number: u64, queue: QueueId, arrives_at: Instant, next_at: Instant },
    /// A producer sent a message because a person asked for it; its pattern is not touched.
    MessageSentByHand { producer: ProducerId, number: u64, queue: QueueId, arrives_at: Instant },
    /// A producer wanted to send its `number`-th message, and its type is not one that the topic takes. If the
    /// pattern brought it, the next one goes out at `next_at`.
    SendRefused { producer: ProducerId, number: u64, next_at: Option<Instant> },
    /// So many messages got nowhere; its producer hears nothing.
    SendLost { producer: ProducerId, number: u64, count: u32, queue: QueueId, sent_at: Instant, why: Nowhere },
    /// A message waits on the link to the broker.
    SendHeld { producer: ProducerId, number: u64, count: u32, queue: QueueId, sent_at: Instant },
    /// A message was stored, and its producer did not hear of it; or only when it no longer waited (`late`).
    AnswerLost { producer: ProducerId, number: u64, count: u32, queue: QueueId, sent_at: Instant, late: bool },
    /// A producer that heard nothing sent a message for the `attempt`-th time.
    MessageResent {
        producer: ProducerId,
        number: u64,
        count: u32,
        queue: QueueId,
        attempt: u32,
        arrives_at: Instant,
    },
    /// A producer heard that its message is stored, after it had waited in vain; there are so many copies.
    SendAcknowledged { producer: ProducerId, number: u64, count: u32, attempt: u32, copies: u32 },
    /// A producer gave a message up after so many tries. It may be stored all the same.
    SendFailed { producer: ProducerId, number: u64, count: u32, attempts: u32, copies: u32 },
    /// A producer sent `count` messages, from its `number`-th on, as one request towards one queue.
    BatchSent {
        producer: ProducerId,
        number: u64,
        count: u32,
        queue: QueueId,
        arrives_at: Instant,
        next_at: Option<Instant>,
    },
    /// A producer's client, or the broker, does not take what it wanted to send: so many messages from its `number`-th on.
    /// If the pattern brought them, the next ones go out at `next_at`.
    SendUnfit { producer: ProducerId, number: u64, count: u32, why: Unfit, next_at: Option<Instant> },
    /// A request to store messages is in the broker's send queue. Its turn comes at `until`, or it will have waited too long
    /// then and be refused.
    RequestQueued {
        producer: ProducerId,
        number: u64,
        count: u32,
        queue: QueueId,
        attempt: u32,
        until: Instant,
        refused: bool,
    },
    /// The broker refused a request to store messages because it is too busy. Its producer tries again at `retry_at`, or
    /// tells its application that it could not.
    SendThrottled {
        producer: ProducerId,
        number: u64,
        count: u32,
        queue: QueueId,
        attempt: u32,
        retry_at: Option<Instant>,
    },
    /// A producer sends something once more.
    SendRetried {
        producer: ProducerId,
        number: u64,
        count: u32,
        queue: QueueId,
        attempt: u32,
        arrives_at: Instant,
    },
    /// The broker is too busy from now until `until`, and refuses requests to send, to receive or both; or it is not
    /// any longer.
    ThrottlingChanged { sends: bool, receives: bool, until: Option<Instant> },
    /// A consumer asked for messages, and the broker was too busy. It asks again and again, and is heard at `retry_at`. In
    /// queue balancing it asks for one queue.
    ReceiveThrottled { consumer: ConsumerId, progress: Option<ProgressId>, retry_at: Instant },
    /// Queue balancing: a consumer is heard again after that.
    PullRepeated { progress: ProgressId, consumer: ConsumerId },
    /// The broker looked through a topic and kept only the newest message of each key; so many others are gone, and their
    /// offsets are holes now. It looks again at `next_at`.
    TopicCompacted { topic: TopicId, removed: u64, next_at: Instant },
    /// The broker read on for a consumer: at so many offsets from `offset` on nothing is left, because newer messages have
    /// the same keys.
    MessagesSuperseded { progress: ProgressId, offset: u64, count: u32, consumer: ConsumerId },
    /// A message is a request: its producer waits for the answer, until `until` at the longest.
    RequestAwaited { producer: ProducerId, number: u64, until: Instant },
    /// A listener answered a request; the answer is with the broker at `arrives_at`.
    ReplySent { progress: ProgressId, offset: u64, consumer: ConsumerId, arrives_at: Instant },
    /// The broker has the answer to a request, keeps a copy of it, and pushes it to the requester, who has it at `arrives_at`;
    /// unless it is not connected any more.
    ReplyStored { producer: ProducerId, number: u64, copy: Option<MessageRef>, arrives_at: Option<Instant> },
    /// The answer got lost on its way.
    ReplyLost { producer: ProducerId, number: u64, why: ReplyLost },
    /// The answer reached its requester.
    ReplyReceived { producer: ProducerId, number: u64, landed: Landed },
    /// A requester has waited for an answer for too long.
    RequestTimedOut { producer: ProducerId, number: u64 },
    /// The broker acknowledged it and keeps it in its timer: it is due at `due_at`, and its slot ends at `visible_at`.
    /// Only then will it be appended to its queue, and have an offset.
    MessageDelayed { producer: ProducerId, number: u64, queue: QueueId, due_at: Instant, visible_at: Instant },
    /// The delivery time of a message is further ahead than it may be: it was not stored.
    DeliveryTimeRefused { producer: ProducerId, number: u64, queue: QueueId, due_at: Instant },
    /// A producer took back a message before the timer let it go.
    MessageRecalled { producer: ProducerId, number: u64, queue: QueueId, sent_at: Instant },
    /// A lite topic exists from now on: this was its first use, or its first since it expired.
    LiteTopicCreated { lite: LiteId, topic: TopicId, origin: LiteOrigin },
    /// The broker refused a message because of its lite topic: there are as many as may be (`full`), or it cannot be
    /// called so.
    LiteSendRefused { producer: ProducerId, number: u64, queue: QueueId, full: bool },
    /// A client is registered for a lite topic. If its group has no offset there, it begins at `offset`; so many messages
    /// wait for it.
    LiteSubscribed { consumer: ConsumerId, lite: LiteId, offset: u64, behind: u32 },
    /// A client is not registered for a lite topic any more: it asked for that, or another one took it (`by`).
    LiteUnsubscribed { consumer: ConsumerId, lite: LiteId, by: Option<ConsumerId> },
    /// A client that connected again, or said its list, was not registered: another one has the lite topic.
    LiteSubscriptionRefused { consumer: ConsumerId, lite: LiteId, holder: Option<ConsumerId> },
    /// Its group goes on in a lite topic at another offset, because a client asked for that; what was finished behind
    /// it is counted as in a reset.
    LitePositioned {
        progress: ProgressId,
        lite: LiteId,
        offset: u64,
        reread_acknowledged: u32,
        reread_moved: u32,
    },
    /// The broker has nothing registered for a client any more: it is gone.
    LiteClientGone { consumer: ConsumerId },
    /// A lite topic has messages for a client: it is in the client's event set. It may have been in that of another.
    LiteQueued { progress: ProgressId, lite: LiteId, consumer: ConsumerId, from: Option<ConsumerId> },
    /// It could not be put there, for the set is full; all that the client subscribes to is looked at again at `due_at`.
    LiteSetFull { progress: ProgressId, lite: LiteId, consumer: ConsumerId, due_at: Instant },
    /// All that a client subscribes to was looked at again, and will be once more at `next_at` if the set is too full.
    LiteFullDispatch { consumer: ConsumerId, next_at: Option<Instant> },
    /// Nobody has written to a lite topic for long enough: it is gone. Groups lose so many messages that they had not
    /// finished.
    LiteExpired { lite: LiteId, unread: u32 },
    /// The broker looked for such lite topics; it looks again at `next_at`.
    LiteSwept { next_at: Instant },
    /// Clients said once more what they subscribe to.
    LiteSynced,
    /// The broker acknowledged it and keeps it as a half message, which nobody sees. Its local transaction ends at
    /// `ends_at`, or is not run because its producer crashed; the broker asks about it at `check_at` at the earliest.
    HalfStored {
        producer: ProducerId,
        number: u64,
        queue: QueueId,
        ends_at: Option<Instant>,
        check_at: Instant,
    },
    /// A local transaction ended. Its producer says so with `word`, unless it is dead, and that is with the broker at
    /// `arrives_at`, or lost.
    LocalTransactionEnded {
        producer: ProducerId,
        number: u64,
        committed: bool,
        word: Option<Word>,
        arrives_at: Option<Instant>,
        /// Does it arrive a second time?
        twice: bool,
    },
    /// The broker asked about a half message for the `times`-th time: whom, if a producer is there. It looks again at
    /// `next_at`.
    TransactionChecked {
        producer: ProducerId,
        number: u64,
        times: u32,
        asked: Option<ProducerId>,
        next_at: Instant,
    },
    /// The broker was told that nobody knows yet: by a producer that it asked, or by the one that sent the message.
    TransactionPending { producer: ProducerId, number: u64, by: Option<ProducerId> },
    /// It was told of a commit; the message is appended next. `stays` says that the half message is not done with.
    TransactionCommitted {
        producer: ProducerId,
        number: u64,
        queue: QueueId,
        sent_at: Instant,
        by: Option<ProducerId>,
        stays: bool,
    },
    /// It was told of a rollback: nobody will ever see the message.
    TransactionRolledBack { producer: ProducerId, number: u64, by: Option<ProducerId>, stays: bool },
    /// It was told something that changes nothing: all was known already, or it is too late for the immunity that
    /// the producer named (`refused`).
    TransactionWordIgnored {
        producer: ProducerId,
        number: u64,
        word: Word,
        by: Option<ProducerId>,
        refused: bool,
    },
    /// A word about a transaction did not get through to the broker.
    TransactionWordLost { producer: ProducerId, number: u64, by: Option<ProducerId> },
    /// The broker would have looked at a half message, and is down; it does so at `next_at`, if it is back then.
    TransactionCheckPutOff { producer: ProducerId, number: u64, next_at: Instant },
    /// After the last check a half message was moved to `TRANS_CHECK_MAX_TIME_TOPIC`, which nobody reads.
    TransactionSetAside { producer: ProducerId, number: u64, queue: QueueId, offset: u64, sent_at: Instant },
    /// The broker appended it and acknowledged it, unless it has done so before, when it kept it for later.
    MessageStored { producer: ProducerId, number: u64, queue: QueueId, offset: u64, sent_at: Instant },

    /// The broker looked for messages that it has kept for long enough; it looks again at `next_at`.
    StoreSwept { next_at: Instant },
    /// So many messages of a queue, those before `offset`, are gone: `offset` is its min offset.
    MessagesExpired { queue: QueueId, offset: u64, count: u64 },
    /// A group has come too late: what it would read next is gone, so it goes on at `offset`, the min offset. So many
    /// messages are lost for it. What is in hands stays there, unless the group drops it with the old offset.
    OffsetCorrected { progress: ProgressId, offset: u64, expired: u64, drops: bool },
    /// Somebody moved a group's offset. It reads from `offset` on; so many messages before it are passed over, and
    /// `reread_acknowledged`, `reread_moved` and `reread_filtered` count the finished ones after it.
    OffsetReset {
        progress: ProgressId,
        offset: u64,
        passed: u32,
        reread_acknowledged: u32,
        reread_moved: u32,
        reread_filtered: u32,
    },
    /// Message balancing: a consumer asks once more, because its group's offsets or queues have changed.
    ReceiveRepeated { consumer: ConsumerId },

    /// The allocation of a group will be computed again at `at`.
    RebalanceScheduled { group: GroupId, at: Instant },
    /// A queue has another owner (or none). Reading goes on at the committed offset; `reread_acknowledged`,
    /// `reread_moved` and `reread_filtered` count the finished messages at or above it that will be read again.
    QueueAssigned {
        progress: ProgressId,
        owner: Option<ConsumerId>,
        reread_acknowledged: u32,
        reread_moved: u32,
        reread_filtered: u32,
    },
    /// In message balancing: a consumer learned that it may read every queue.
    AssignmentReceived { consumer: ConsumerId },
    /// A round of rebalancing is over: so many queues moved, and the next round comes no later than `next_at`.
    Rebalanced { group: GroupId, moved: u32, next_at: Instant },
    /// A consumer asked for messages, there were none, and its request waits at the broker.
    ReceiveParked { consumer: ConsumerId },

    /// A simple consumer asked for messages and was given so many at once, or none. They are invisible to others for so
    /// long, unless they are acknowledged.
    ReceiveAnswered { consumer: ConsumerId, count: u32, invisible: Span },

    /// The broker read so many messages from `offset` on for a consumer, whose group does not want them: they are not
    /// sent, and the group's progress goes past them.
    MessagesFiltered { progress: ProgressId, offset: u64, count: u32, consumer: ConsumerId },
    /// A message came through the broker's filter and not through the comparison of the tags themselves: its tag only
    /// hashes like a wanted one, or its consumer wants other tags than the broker knows of. A classic client throws it
    /// away when it arrives; in message balancing the proxy acknowledges it at once.
    MessageRejectedByTag { progress: ProgressId, offset: u64, consumer: ConsumerId },
    /// The broker read so many messages from `offset` on for a consumer of an orderly group, and earlier ones of their
    /// message groups are unfinished: they wait.
    MessagesKeptBack { progress: ProgressId, offset: u64, count: u32, consumer: ConsumerId },
    /// The broker handed a message to a consumer.
    MessageHandedOut { progress: ProgressId, offset: u64, consumer: ConsumerId, arrives_at: Instant },
    /// It reached the consumer's cache.
    MessageReceived { progress: ProgressId, offset: u64, consumer: ConsumerId },
    /// The consumer was gone when it arrived.
    DeliveryLost { progress: ProgressId, offset: u64, consumer: ConsumerId },
    /// A listener thread began to work on it.
    ConsumeStarted {
        progress: ProgressId,
        offset: u64,
        consumer: ConsumerId,
        thread: u32,
        finishes_at: Instant,
    },
    /// The listener ended.
    ConsumeFinished { progress: ProgressId, offset: u64, consumer: ConsumerId, thread: u32, outcome: Outcome },
    /// A simple consumer worked by hand acknowledged a message by its receipt handle.
    HandleAcknowledged { progress: ProgressId, offset: u64, consumer: ConsumerId, handle: u64 },
    /// A simple consumer acknowledged a message when its invisible time was over: its receipt handle is stale, and the
    /// broker refused it.
    HandleRefused { progress: ProgressId, offset: u64, consumer: ConsumerId },
    /// A simple consumer changed how long a message is invisible; `handle` takes the place of the handle it had.
    InvisibleTimeChanged {
        progress: ProgressId,
        offset: u64,
        consumer: ConsumerId,
        handle: u64,
        until: Instant,
    },
    /// What a listener returned did not get through to the broker. The message is invisible until `until`.
    ResultLost { progress: ProgressId, offset: u64, consumer: ConsumerId, until: Instant },
    /// A simple consumer acknowledged a message with a stale receipt handle. The broker said that all is well, and changed
    /// nothing. The handle is 0 where nobody has written it down.
    HandleIgnored { progress: ProgressId, offset: u64, consumer: ConsumerId, handle: u64 },
    /// A simple consumer changed an invisible time with a stale receipt handle. The broker put another checkpoint on
    /// record: unless `handle` is acknowledged, the message comes back at `until`, whatever has become of it.
    CheckpointAdded { progress: ProgressId, offset: u64, consumer: ConsumerId, handle: u64, until: Instant },
    /// That checkpoint was acknowledged, or another one took its place.
    CheckpointClosed { progress: ProgressId, offset: u64, consumer: ConsumerId, handle: u64 },
    /// Its time is over. If `comes_back`, a copy of the message is appended to the retry topic.
    CheckpointOver { progress: ProgressId, offset: u64, handle: u64, comes_back: bool },
    /// Where a batch locks its queue: its time is over, or the same attempt asks again. Reading goes on at the committed
    /// offset, and the counts are those of the finished messages after it.
    BatchReread {
        progress: ProgressId,
        consumer: ConsumerId,
        reread_acknowledged: u32,
        reread_moved: u32,
        reread_filtered: u32,
        same_attempt: bool,
    },
    /// A poll of a pull consumer returned so many messages of one queue, from `offset` on. Its position has gone past them.
    MessagesPolled { consumer: ConsumerId, progress: ProgressId, offset: u64, count: u32 },
    /// A poll found nothing in the cache.
    PolledNothing { consumer: ConsumerId },
    /// A person was done with what the last poll had brought.
    PolledProcessed { consumer: ConsumerId, count: u32 },
    /// With its process an application lost so many messages that polls had returned: their offsets are committed, and
    /// nobody gets them any more.
    PolledLost { consumer: ConsumerId, count: u32 },
    /// A pull consumer goes on from another offset of a queue.
    QueueSought { progress: ProgressId, consumer: ConsumerId, offset: u64 },
    /// A pull consumer asks for no more messages of a queue.
    QueuePaused { progress: ProgressId, consumer: ConsumerId },
    /// It asks for them again.
    QueueResumed { progress: ProgressId, consumer: ConsumerId },
    /// An application sent a message back that a poll had brought; what becomes of it follows.
    SentBack { progress: ProgressId, offset: u64, consumer: ConsumerId },
    /// So many messages that were just handed out are a batch, and lock their queue for everybody else.
    BatchLocked { progress: ProgressId, consumer: ConsumerId, count: u32, command: Option<CommandId> },
    /// A listener took as long as it may: that is a failure, whatever it would have returned.
    ConsumeTimedOut { progress: ProgressId, offset: u64, consumer: ConsumerId },
    /// A listener had the business effect of a message; it is the `times`-th time for this business key.
    EffectDone { progress: ProgressId, offset: u64, consumer: ConsumerId, times: u32 },
    /// A listener knew that the business effect had been had, and did nothing.
    EffectSkipped { progress: ProgressId, offset: u64, consumer: ConsumerId },
    /// A service takes calls from now on.
    ServiceAdded { service: ServiceId, command: CommandId },
    /// Something was done to a service; the command says what.
    ServiceChanged { service: ServiceId, command: CommandId },
    /// A caller started; its first call goes out at `next_at`, or with the first message of the producer it follows.
    CallerAdded { caller: CallerId, command: CommandId, next_at: Instant },
    /// Something about a caller is another from now on; if it is when it calls, it calls next at `next_at`.
    CallerChanged { caller: CallerId, command: CommandId, next_at: Option<Instant> },
    /// A caller called the `stage`-th of its services, and waits for the answer.
    CallSent { caller: CallerId, number: u64, stage: u16, arrives_at: Instant, next_at: Option<Instant> },
    /// The call reached a service that would not or could not take it.
    CallTurnedAway { service: ServiceId, caller: CallerId, number: u64, why: Trouble },
    /// It reached a service whose workers are all busy, and waits there.
    CallQueued { service: ServiceId, caller: CallerId, number: u64 },
    /// A worker began with it.
    CallStarted { service: ServiceId, caller: CallerId, number: u64, finishes_at: Instant, waited: bool },
    /// The worker is done with it, and answers.
    CallProcessed { service: ServiceId, caller: CallerId, number: u64, ok: bool },
    /// The last answer reached the caller.
    CallAnswered { caller: CallerId, number: u64 },
    /// The caller heard that a service did not do it.
    CallFailed { caller: CallerId, number: u64, service: ServiceId, why: Trouble },
    /// The caller waited for a service too long, and gave up.
    CallTimedOut { caller: CallerId, number: u64, service: ServiceId, waited: Span },
    /// An answer came to a call that the caller had given up.
    AnswerTooLate { caller: CallerId, number: u64, service: ServiceId },

    /// A point-to-point queue exists from now on, with its consumers.
    P2pQueueAdded { queue: P2pId, command: CommandId },
    /// Somebody will send to it, first at `next_at`, or with the first message of the producer it follows.
    P2pSenderAdded { queue: P2pId, sender: u16, command: CommandId, next_at: Instant },
    /// Another consumer competes.
    P2pConsumerJoined { queue: P2pId, consumer: u16 },
    /// A consumer died; what it held is back in the queue.
    P2pConsumerGone { queue: P2pId, consumer: u16 },
    /// A message was sent to the queue.
    P2pSent { queue: P2pId, sender: u16, number: u64, arrives_at: Instant, next_at: Option<Instant> },
    /// It is in the queue.
    P2pPut { queue: P2pId, sender: u16, number: u64 },
    /// A consumer took it.
    P2pTaken { queue: P2pId, sender: u16, number: u64, consumer: u16, finishes_at: Instant },
    /// The consumer is done with it, and it is gone.
    P2pProcessed { queue: P2pId, sender: u16, number: u64, consumer: u16 },

    /// A consumer told the broker how far it has come in a queue.
    OffsetCommitted { progress: ProgressId, offset: u64 },
    /// A consumer's turn to tell the broker its offsets is over; the next comes at `next_at`.
    OffsetsPersisted { consumer: ConsumerId, next_at: Instant },
    /// What is left of a message's invisible time was cut, because its consumer is gone.
    InvisibleTimeCut { progress: ProgressId, offset: u64, until: Instant },
    /// A message's invisible time ended without an acknowledgement.
    InvisibleTimeOver { progress: ProgressId, offset: u64 },

    /// A message of an orderly group failed, and its consumer keeps it and tries again at `due_at`; what comes after it
    /// in its message group or queue waits.
    RetryInPlaceScheduled {
        progress: ProgressId,
        offset: u64,
        consumer: ConsumerId,
        attempt: u32,
        due_at: Instant,
    },
    /// The consumer that kept it tries again.
    RetriedInPlace { progress: ProgressId, offset: u64, consumer: ConsumerId },

    /// Queue balancing: the broker has locked a queue for its owner in an orderly group; nobody else works on it.
    QueueLocked { progress: ProgressId, consumer: ConsumerId },
    /// The owner has to wait for that: the consumer that had the queue before is not done with a message of it, or it is
    /// dead and its lock lasts until `until`.
    QueueLockAwaited { progress: ProgressId, holder: ConsumerId, until: Option<Instant> },

    /// A failed message waits on the group's retry shelf for its next delivery.
    RetryScheduled { group: GroupId, message: MessageRef, attempt: u32, due_at: Instant },
    /// A copy of it was appended to the group's retry topic.
    RetryStored { group: GroupId, message: MessageRef, copy: MessageRef, attempt: u32, from_shelf: bool },
    /// A copy of it was appended to the group's dead-letter topic.
    DeadLettered { group: GroupId, message: MessageRef, copy: MessageRef, attempts: u32, from_shelf: bool },
    /// A broadcasting consumer failed on it: logged and dropped, there is no retry.
    MessageDropped { progress: ProgressId, offset: u64, consumer: ConsumerId },
}

impl Event {
    /// A number for the kind of event; part of the fingerprint.
    #[inline(always)]
    pub fn kind(&self) -> u8 {
        match self {
            Self::CommandGiven { .. } => 1,
            Self::CommandRefused { .. } => 2,
            Self::TopicCreated { .. } => 3,
            Self::ProducerAdded { .. } => 4,
            Self::ProducerRemoved { .. } => 5,
            Self::PatternChanged { .. } => 6,
            Self::GroupCreated { .. } => 7,
            Self::GroupRemoved { .. } => 8,
            Self::ProgressStarted { .. } => 9,
            Self::BalanceChanged { .. } => 10,
            Self::ConsumerJoined { .. } => 11,
            Self::ConsumerLeaving { .. } => 12,
            Self::ConsumerLeft { .. } => 13,
            Self::ConsumerCrashed { .. } => 14,
            Self::CrashDetected { .. } => 15,
            Self::ConsumerRestarted { .. } => 16,
            Self::ConsumerPaused { .. } => 17,
            Self::ConsumerResumed { .. } => 18,
            Self::ThreadsChanged { .. } => 19,
            Self::ProcessingChanged { .. } => 20,
            Self::FailureChanged { .. } => 21,
            Self::FailNextSet { .. } => 22,
            Self::MessageSent { .. } => 23,
            Self::MessageStored { .. } => 24,
            Self::RebalanceScheduled { .. } => 25,
            Self::QueueAssigned { .. } => 26,
            Self::Rebalanced { .. } => 27,
            Self::ReceiveParked { .. } => 28,
            Self::MessageHandedOut { .. } => 29,
            Self::MessageReceived { .. } => 30,
            Self::DeliveryLost { .. } => 31,
            Self::ConsumeStarted { .. } => 32,
            Self::ConsumeFinished { .. } => 33,
            Self::ServiceAdded { .. } => 80,
            Self::ServiceChanged { .. } => 81,
            Self::CallerAdded { .. } => 82,
            Self::CallerChanged { .. } => 202,
            Self::CallSent { .. } => 83,
            Self::CallTurnedAway { .. } => 84,
            Self::CallQueued { .. } => 85,
            Self::CallStarted { .. } => 86,
            Self::CallProcessed { .. } => 87,
            Self::CallAnswered { .. } => 88,
            Self::CallFailed { .. } => 89,
            Self::CallTimedOut { .. } => 90,
            Self::AnswerTooLate { .. } => 91,
            Self::P2pQueueAdded { .. } => 92,
            Self::P2pSenderAdded { .. } => 93,
            Self::P2pConsumerJoined { .. } => 94,
            Self::P2pConsumerGone { .. } => 95,
            Self::P2pSent { .. } => 96,
            Self::P2pPut { .. } => 97,
            Self::P2pTaken { .. } => 98,
            Self::P2pProcessed { .. } => 99,
            Self::OffsetCommitted { .. } => 34,
            Self::OffsetsPersisted { .. } => 35,
            Self::InvisibleTimeCut { .. } => 36,
            Self::InvisibleTimeOver { .. } => 37,
            Self::RetryScheduled { .. } => 38,
            Self::RetryStored { .. } => 39,
            Self::DeadLettered { .. } => 40,
            Self::MessageDropped { .. } => 41,
            Self::MessageSentByHand { .. } => 42,
            Self::AssignmentReceived { .. } => 43,
            Self::MessagesFiltered { .. } => 44,
            Self::MessageRejectedByTag { .. } => 45,
            Self::FilterChanged { .. } => 46,
            Self::SendRefused { .. } => 47,
            Self::MessagesKeptBack { .. } => 48,
            Self::RetryInPlaceScheduled { .. } => 49,
            Self::RetriedInPlace { .. } => 50,
            Self::QueueLocked { .. } => 51,
            Self::QueueLockAwaited { .. } => 52,
            Self::BatchSent { .. } => 150,
            Self::SendUnfit { .. } => 151,
            Self::RequestQueued { .. } => 152,
            Self::SendThrottled { .. } => 153,
            Self::SendRetried { .. } => 154,
            Self::ThrottlingChanged { .. } => 155,
            Self::ReceiveThrottled { .. } => 156,
            Self::PullRepeated { .. } => 157,
            Self::TopicCompacted { .. } => 158,
            Self::MessagesSuperseded { .. } => 159,
            Self::RequestAwaited { .. } => 160,
            Self::ReplySent { .. } => 161,
            Self::ReplyStored { .. } => 162,
            Self::ReplyReceived { .. } => 163,
            Self::ReplyLost { .. } => 147,
            Self::RequestTimedOut { .. } => 164,
            Self::MessageDelayed { .. } => 53,
            Self::DeliveryTimeRefused { .. } => 54,
            Self::LiteTopicCreated { .. } => 110,
            Self::LiteSendRefused { .. } => 111,
            Self::LiteSubscribed { .. } => 112,
            Self::LiteUnsubscribed { .. } => 113,
            Self::LiteSubscriptionRefused { .. } => 114,
            Self::LiteExpired { .. } => 115,
            Self::LiteSwept { .. } => 116,
            Self::LiteQueued { .. } => 117,
            Self::LiteSetFull { .. } => 118,
            Self::LiteFullDispatch { .. } => 119,
            Self::LiteClientGone { .. } => 120,
            Self::LitePositioned { .. } => 121,
            Self::LiteSynced => 122,
            Self::HandleIgnored { .. } => 165,
            Self::CheckpointAdded { .. } => 166,
            Self::CheckpointClosed { .. } => 167,
            Self::CheckpointOver { .. } => 168,
            Self::BatchReread { .. } => 169,
            Self::BatchLocked { .. } => 170,
            Self::MessagesPolled { .. } => 171,
            Self::PolledNothing { .. } => 172,
            Self::PolledProcessed { .. } => 173,
            Self::PolledLost { .. } => 174,
            Self::QueueSought { .. } => 175,
            Self::QueuePaused { .. } => 200,
            Self::QueueResumed { .. } => 201,
            Self::SentBack { .. } => 176,
            Self::HalfStored { .. } => 60,
            Self::LocalTransactionEnded { .. } => 61,
            Self::TransactionChecked { .. } => 62,
            Self::TransactionPending { .. } => 63,
            Self::TransactionCommitted { .. } => 64,
            Self::TransactionRolledBack { .. } => 65,
            Self::TransactionWordIgnored { .. } => 66,
            Self::TransactionSetAside { .. } => 67,
            Self::TransactionWordLost { .. } => 145,
            Self::TransactionCheckPutOff { .. } => 146,
            Self::BrokerCrashed { .. } => 130,
            Self::BrokerRestarted { .. } => 131,
            Self::ProgressFellBack { .. } => 132,
            Self::QueueTruncated { .. } => 133,
            Self::LinkChanged { .. } => 134,
            Self::AnswersToLose { .. } => 135,
            Self::ConsumerUnheard { .. } => 136,
            Self::ConsumerReconnected { .. } => 137,
            Self::SendLost { .. } => 138,
            Self::SendHeld { .. } => 139,
            Self::AnswerLost { .. } => 140,
            Self::MessageResent { .. } => 141,
            Self::SendAcknowledged { .. } => 142,
            Self::SendFailed { .. } => 143,
            Self::ResultLost { .. } => 144,
            Self::ProducerCrashed { .. } => 68,
            Self::ProducerRestarted { .. } => 69,
            Self::MessageRecalled { .. } => 55,
            Self::StoreSwept { .. } => 70,
            Self::MessagesExpired { .. } => 71,
            Self::OffsetCorrected { .. } => 72,
            Self::OffsetReset { .. } => 73,
            Self::ReceiveRepeated { .. } => 74,
            Self::QueuesChanged { .. } => 75,
            Self::ReceiveAnswered { .. } => 100,
            Self::HandleAcknowledged { .. } => 101,
            Self::HandleRefused { .. } => 102,
            Self::InvisibleTimeChanged { .. } => 103,
            Self::ConsumeTimedOut { .. } => 104,
            Self::EffectDone { .. } => 105,
            Self::EffectSkipped { .. } => 106,
        }
    }

    /// The event as four words: its kind with the narrow fields beside it, then the wide ones. No two fields share a
    /// bit, so a change of any one field changes a word.
    #[inline(always)]
    fn words(&self) -> [u64; 4] {
        let kind = u64::from(self.kind());
        /// An optional consumer in 17 bits.
        fn maybe(consumer: Option<ConsumerId>) -> u64 {
            consumer.map_or(0, |c| u64::from(c.0) + 1)
        }
        /// The same for a producer.
        fn maybe_producer(producer: Option<ProducerId>) -> u64 {
            producer.map_or(0, |p| u64::from(p.0) + 1)
        }
        /// The kind in the lowest byte, a field of up to 24 bits above it, one of up to 32 bits on top.
        fn pack(kind: u64, narrow: u64, wide: u64) -> u64 {
            kind | narrow << 8 | wide << 32
        }
        match *self {
            Self::CommandGiven { command, content } => [pack(kind, 0, command.0.into()), content, 0, 0],
            Self::CommandRefused { command, reason } => {
                [pack(kind, reason as u64, command.0.into()), 0, 0, 0]
            }
            Self::TopicCreated { topic, origin, queues } => {
                let origin = match origin {
                    TopicOrigin::Command(command) => u64::from(command.0) << 32,
                    TopicOrigin::RetryOfGroup(group) => 1 | u64::from(group.0) << 32,
                    TopicOrigin::RetryOfTopic(group, topic) => {
                        2 | u64::from(topic.0) << 8 | u64::from(group.0) << 32
                    }
                    TopicOrigin::SetAside => 4,
                    TopicOrigin::Replies => 5,
                    TopicOrigin::DeadLettersOf(group) => 3 | u64::from(group.0) << 32,
                };
                [pack(kind, topic.0.into(), queues.into()), origin, 0, 0]
            }
            Self::QueuesChanged { topic, write, read, queues } => {
                [pack(kind, topic.0.into(), queues.into()), u64::from(write) | u64::from(read) << 32, 0, 0]
            }
            Self::ProducerAdded { producer, command, next_at }
            | Self::PatternChanged { producer, command, next_at } => {
                [pack(kind, producer.0.into(), command.0.into()), next_at.0, 0, 0]
            }
            Self::ProducerRemoved { producer } => [pack(kind, producer.0.into(), 0), 0, 0, 0],
            Self::GroupCreated { group, command } => [pack(kind, group.0.into(), command.0.into()), 0, 0, 0],
            Self::GroupRemoved { group } => [pack(kind, group.0.into(), 0), 0, 0, 0],
            Self::ProgressStarted { progress, group, queue, member, offset } => {
                let who = u64::from(queue.0) | maybe(member) << 32;
                [pack(kind, group.0.into(), progress.0.into()), who, offset, 0]
            }
            Self::BalanceChanged { group, balance } => [pack(kind, group.0.into(), balance as u64), 0, 0, 0],
            Self::ConsumerJoined { consumer, group, command, nth } => [
                pack(kind, consumer.0.into(), command.0.into()),
                u64::from(group.0) | u64::from(nth) << 32,
                0,
                0,
            ],
            Self::ConsumerLeaving { consumer }
            | Self::ConsumerLeft { consumer }
            | Self::CrashDetected { consumer }
            | Self::ConsumerUnheard { consumer }
            | Self::ConsumerReconnected { consumer }
            | Self::ConsumerRestarted { consumer }
            | Self::ConsumerPaused { consumer }
            | Self::ConsumerResumed { consumer }
            | Self::AssignmentReceived { consumer }
            | Self::ReceiveRepeated { consumer }
            | Self::PolledNothing { consumer }
            | Self::ReceiveParked { consumer } => [pack(kind, consumer.0.into(), 0), 0, 0, 0],
            Self::ConsumerCrashed { consumer, detected_at: at }
            | Self::OffsetsPersisted { consumer, next_at: at } => {
                [pack(kind, consumer.0.into(), 0), at.0, 0, 0]
            }
            Self::ThreadsChanged { consumer, threads: n }
            | Self::PolledProcessed { consumer, count: n }
            | Self::PolledLost { consumer, count: n }
            | Self::FailNextSet { consumer, count: n } => [pack(kind, consumer.0.into(), n.into()), 0, 0, 0],
            Self::ProcessingChanged { consumer, command } | Self::FailureChanged { consumer, command } => {
                [pack(kind, consumer.0.into(), command.0.into()), 0, 0, 0]
            }
            Self::MessageSent { producer, number, queue, arrives_at, next_at } => {
                [pack(kind, producer.0.into(), queue.0.into()), number, arrives_at.0, next_at.0]
            }
            Self::MessageSentByHand { producer, number, queue, arrives_at } => {
                [pack(kind, producer.0.into(), queue.0.into()), number, arrives_at.0, 0]
            }
            Self::SendRefused { producer, number, next_at } => {
                let next_at = next_at.map_or([0, 0], |at| [1, at.0]);
                [pack(kind, producer.0.into(), next_at[0]), number, next_at[1], 0]
            }
            Self::BatchSent { producer, number, count, queue, arrives_at, next_at } => {
                // No instant has more than 44 bits, and NEVER is one less than a whole word of them.
                let next_at = next_at.map_or(0, |at| at.0.wrapping_add(1));
                let way = arrives_at.0 | u64::from(count) << 44;
                [pack(kind, producer.0.into(), queue.0.into()), number, way, next_at]
            }
            Self::SendUnfit { producer, number, count, why, next_at } => {
                let next_at = next_at.map_or([0, 0], |at| [1, at.0]);
                let what = why as u64 | next_at[0] << 8;
                [pack(kind, producer.0.into(), count.into()), number, next_at[1], what]
            }
            Self::RequestQueued { producer, number, count, queue, attempt, until, refused } => {
                let what = u64::from(count) | u64::from(attempt) << 32 | u64::from(refused) << 63;
                [pack(kind, producer.0.into(), queue.0.into()), number, until.0, what]
            }
            Self::SendThrottled { producer, number, count, queue, attempt, retry_at } => {
                let retry_at = retry_at.map_or(0, |at| at.0 + 1);
                let what = u64::from(count) | u64::from(attempt) << 32;
                [pack(kind, producer.0.into(), queue.0.into()), number, retry_at, what]
            }
            Self::SendRetried { producer, number, count, queue, attempt, arrives_at } => {
                let what = u64::from(count) | u64::from(attempt) << 32;
                [pack(kind, producer.0.into(), queue.0.into()), number, arrives_at.0, what]
            }
            Self::ThrottlingChanged { sends, receives, until } => {
                let until = until.map_or(0, |at| at.0 + 1);
                [pack(kind, u64::from(sends) | u64::from(receives) << 1, 0), until, 0, 0]
            }
            Self::ReceiveThrottled { consumer, progress, retry_at } => {
                let progress = progress.map_or(0, |id| u64::from(id.0) + 1);
                [pack(kind, consumer.0.into(), 0), progress, retry_at.0, 0]
            }
            Self::PullRepeated { progress, consumer } => {
                [pack(kind, consumer.0.into(), progress.0.into()), 0, 0, 0]
            }
            Self::TopicCompacted { topic, removed, next_at } => {
                [pack(kind, topic.0.into(), 0), removed, next_at.0, 0]
            }
            Self::RequestAwaited { producer, number, until: at } => {
                [pack(kind, producer.0.into(), 0), number, at.0, 0]
            }
            Self::ReplySent { progress, offset, consumer, arrives_at } => {
                [pack(kind, consumer.0.into(), progress.0.into()), offset, arrives_at.0, 0]
            }
            Self::ReplyStored { producer, number, copy, arrives_at } => {
                let queue = copy.map_or(0, |copy| u64::from(copy.queue.0) + 1);
                let offset = copy.map_or(0, |copy| copy.offset);
                let arrives_at = arrives_at.map_or(0, |at| at.0 + 1);
                [pack(kind, producer.0.into(), queue), number, offset, arrives_at]
            }
            Self::ReplyLost { producer, number, why } => {
                [pack(kind, producer.0.into(), why as u64), number, 0, 0]
            }
            Self::ReplyReceived { producer, number, landed } => {
                [pack(kind, producer.0.into(), landed as u64), number, 0, 0]
            }
            Self::RequestTimedOut { producer, number } => [pack(kind, producer.0.into(), 0), number, 0, 0],
            Self::MessageDelayed { producer, number, queue, due_at, visible_at } => {
                [pack(kind, producer.0.into(), queue.0.into()), number, due_at.0, visible_at.0]
            }
            Self::DeliveryTimeRefused { producer, number, queue, due_at: at }
            | Self::MessageRecalled { producer, number, queue, sent_at: at } => {
                [pack(kind, producer.0.into(), queue.0.into()), number, at.0, 0]
            }
            Self::LiteTopicCreated { lite, topic, origin } => {
                let (sent, who, number) = match origin {
                    LiteOrigin::Sent { producer, number } => (1, u64::from(producer.0), number),
                    LiteOrigin::Wished { command, nth } => (0, u64::from(command.0), u64::from(nth)),
                };
                [pack(kind, sent, lite.0.into()), u64::from(topic.0) << 32 | who, number, 0]
            }
            Self::LiteSendRefused { producer, number, queue, full } => {
                [pack(kind, u64::from(producer.0), queue.0.into()), number, u64::from(full), 0]
            }
            Self::LiteSubscribed { consumer, lite, offset, behind } => {
                [pack(kind, consumer.0.into(), lite.0.into()), offset, behind.into(), 0]
            }
            Self::LiteUnsubscribed { consumer, lite, by: other }
            | Self::LiteSubscriptionRefused { consumer, lite, holder: other } => {
                [pack(kind, consumer.0.into(), lite.0.into()), maybe(other), 0, 0]
            }
            Self::LitePositioned { progress, lite, offset, reread_acknowledged, reread_moved } => [
                pack(kind, 0, progress.0.into()),
                offset,
                lite.0.into(),
                u64::from(reread_acknowledged) | u64::from(reread_moved) << 32,
            ],
            Self::LiteClientGone { consumer } => [pack(kind, consumer.0.into(), 0), 0, 0, 0],
            Self::LiteQueued { progress, lite, consumer, from } => [
                pack(kind, consumer.0.into(), progress.0.into()),
                u64::from(lite.0) | maybe(from) << 32,
                0,
                0,
            ],
            Self::LiteSetFull { progress, lite, consumer, due_at } => {
                [pack(kind, consumer.0.into(), progress.0.into()), lite.0.into(), due_at.0, 0]
            }
            Self::LiteFullDispatch { consumer, next_at } => [
                pack(kind, consumer.0.into(), 0),
                u64::from(next_at.is_some()),
                next_at.map_or(0, |at| at.0),
                0,
            ],
            Self::LiteExpired { lite, unread } => [pack(kind, 0, lite.0.into()), unread.into(), 0, 0],
            Self::LiteSwept { next_at } => [pack(kind, 0, 0), next_at.0, 0, 0],
            Self::LiteSynced => [pack(kind, 0, 0), 0, 0, 0],
            Self::HalfStored { producer, number, queue, ends_at, check_at } => {
                // No instant has more than 44 bits.
                let ends_at = ends_at.map_or(0, |at| at.0 + 1);
                [pack(kind, producer.0.into(), queue.0.into()), number, ends_at, check_at.0]
            }
            Self::LocalTransactionEnded { producer, number, committed, word, arrives_at, twice } => {
                let arrives_at = arrives_at.map_or(0, |at| at.0 + 1);
                let said = word.map_or(0, |word| word as u64 + 1);
                let what = u64::from(committed) | said << 1 | u64::from(twice) << 8;
                [pack(kind, producer.0.into(), what), number, arrives_at, 0]
            }
            Self::TransactionChecked { producer, number, times, asked, next_at } => {
                [pack(kind, producer.0.into(), times.into()), number, maybe_producer(asked), next_at.0]
            }
            Self::TransactionCheckPutOff { producer, number, next_at } => {
                [pack(kind, producer.0.into(), 0), number, next_at.0, 0]
            }
            Self::TransactionPending { producer, number, by }
            | Self::TransactionWordLost { producer, number, by } => {
                [pack(kind, producer.0.into(), 0), number, maybe_producer(by), 0]
            }
            Self::TransactionCommitted { producer, number, queue, sent_at, by, stays } => {
                let heard = maybe_producer(by) | u64::from(stays) << 32;
                [pack(kind, producer.0.into(), queue.0.into()), number, sent_at.0, heard]
            }
            Self::TransactionRolledBack { producer, number, by, stays } => {
                [pack(kind, producer.0.into(), stays.into()), number, maybe_producer(by), 0]
            }
            Self::TransactionWordIgnored { producer, number, word, by, refused } => {
                let what = word as u64 | u64::from(refused) << 2;
                [pack(kind, producer.0.into(), what), number, maybe_producer(by), 0]
            }
            Self::TransactionSetAside { producer, number, queue, offset, sent_at } => {
                [pack(kind, producer.0.into(), queue.0.into()), number, offset, sent_at.0]
            }
            Self::BrokerCrashed { how, kept, back_at } => {
                // No instant has more than 44 bits.
                let [kept, back_at] = [kept, back_at].map(|at| at.map_or(0, |at| at.0 + 1));
                [pack(kind, how as u64, 0), kept, back_at, 0]
            }
            Self::BrokerRestarted { how, reconnect_at } => [pack(kind, how as u64, 0), reconnect_at.0, 0, 0],
            Self::ProgressFellBack {
                progress,
                offset,
                reread_acknowledged,
                reread_moved,
                reread_filtered,
            } => {
                let reread = u64::from(reread_acknowledged) | u64::from(reread_moved) << 32;
                [pack(kind, 0, progress.0.into()), offset, reread, reread_filtered.into()]
            }
            Self::QueueTruncated { queue, offset, lost } => [pack(kind, 0, queue.0.into()), offset, lost, 0],
            Self::LinkChanged { client, state } => {
                let (is_consumer, id) = match client {
                    Client::Producer(id) => (0, id.0),
                    Client::Consumer(id) => (1, id.0),
                };
                [pack(kind, id.into(), is_consumer | (state as u64) << 1), 0, 0, 0]
            }
            Self::AnswersToLose { producer, count } => [pack(kind, producer.0.into(), count.into()), 0, 0, 0],
            Self::SendLost { producer, number, count, queue, sent_at, why } => {
                let why = why as u64 | u64::from(count) << 2;
                [pack(kind, producer.0.into(), queue.0.into()), number, sent_at.0, why]
            }
            Self::SendHeld { producer, number, count, queue, sent_at } => {
                [pack(kind, producer.0.into(), queue.0.into()), number, sent_at.0, count.into()]
            }
            Self::AnswerLost { producer, number, count, queue, sent_at, late } => {
                let late = u64::from(late) | u64::from(count) << 1;
                [pack(kind, producer.0.into(), queue.0.into()), number, sent_at.0, late]
            }
            Self::MessageResent { producer, number, count, queue, attempt, arrives_at } => {
                let tries = u64::from(attempt) | u64::from(count) << 32;
                [pack(kind, producer.0.into(), queue.0.into()), number, arrives_at.0, tries]
            }
            Self::SendAcknowledged { producer, number, count, attempt: tries, copies }
            | Self::SendFailed { producer, number, count, attempts: tries, copies } => {
                [pack(kind, producer.0.into(), tries.into()), number, copies.into(), count.into()]
            }
            Self::ResultLost { progress, offset, consumer, until } => {
                [pack(kind, consumer.0.into(), progress.0.into()), offset, until.0, 0]
            }
            Self::ProducerCrashed { producer } => [pack(kind, producer.0.into(), 0), 0, 0, 0],
            Self::ProducerRestarted { producer, next_at } => {
                [pack(kind, producer.0.into(), 0), next_at.0, 0, 0]
            }
            Self::MessageStored { producer, number, queue, offset, sent_at } => {
                [pack(kind, producer.0.into(), queue.0.into()), number, offset, sent_at.0]
            }
            Self::StoreSwept { next_at } => [pack(kind, 0, 0), next_at.0, 0, 0],
            Self::MessagesExpired { queue, offset, count } => {
                [pack(kind, 0, queue.0.into()), offset, count, 0]
            }
            Self::OffsetCorrected { progress, offset, expired, drops } => {
                [pack(kind, drops.into(), progress.0.into()), offset, expired, 0]
            }
            Self::OffsetReset {
                progress,
                offset,
                passed,
                reread_acknowledged,
                reread_moved,
                reread_filtered,
            } => {
                let reread = u64::from(reread_acknowledged) | u64::from(reread_moved) << 32;
                let others = u64::from(passed) | u64::from(reread_filtered) << 32;
                [pack(kind, 0, progress.0.into()), offset, reread, others]
            }
            Self::RebalanceScheduled { group, at } => [pack(kind, group.0.into(), 0), at.0, 0, 0],
            Self::QueueAssigned { progress, owner, reread_acknowledged, reread_moved, reread_filtered } => {
                let reread = u64::from(reread_acknowledged) | u64::from(reread_moved) << 32;
                [pack(kind, maybe(owner), progress.0.into()), reread, reread_filtered.into(), 0]
            }
            Self::FilterChanged { group, topic, consumer, command } => {
                let who = u64::from(topic.0) | maybe(consumer) << 32;
                [pack(kind, group.0.into(), command.0.into()), who, 0, 0]
            }
            Self::MessagesFiltered { progress, offset, count, consumer }
            | Self::MessagesPolled { progress, offset, count, consumer }
            | Self::MessagesSuperseded { progress, offset, count, consumer }
            | Self::MessagesKeptBack { progress, offset, count, consumer } => {
                [pack(kind, consumer.0.into(), progress.0.into()), offset, count.into(), 0]
            }
            Self::Rebalanced { group, moved, next_at } => {
                [pack(kind, group.0.into(), moved.into()), next_at.0, 0, 0]
            }
            Self::MessageHandedOut { progress, offset, consumer, arrives_at: at }
            | Self::ConsumeStarted { progress, offset, consumer, thread: _, finishes_at: at } => {
                let thread = if let Self::ConsumeStarted { thread, .. } = *self { thread } else { 0 };
                [pack(kind, consumer.0.into(), progress.0.into()), offset, at.0, thread.into()]
            }
            Self::MessageReceived { progress, offset, consumer }
            | Self::DeliveryLost { progress, offset, consumer }
            | Self::RetriedInPlace { progress, offset, consumer }
            | Self::MessageRejectedByTag { progress, offset, consumer }
            | Self::HandleRefused { progress, offset, consumer }
            | Self::QueueSought { progress, offset, consumer }
            | Self::SentBack { progress, offset, consumer }
            | Self::ConsumeTimedOut { progress, offset, consumer }
            | Self::EffectSkipped { progress, offset, consumer }
            | Self::MessageDropped { progress, offset, consumer } => {
                [pack(kind, consumer.0.into(), progress.0.into()), offset, 0, 0]
            }
            Self::ReceiveAnswered { consumer, count, invisible } => {
                [pack(kind, consumer.0.into(), count.into()), invisible.0, 0, 0]
            }
            Self::HandleAcknowledged { progress, offset, consumer, handle }
            | Self::HandleIgnored { progress, offset, consumer, handle }
            | Self::CheckpointClosed { progress, offset, consumer, handle } => {
                [pack(kind, consumer.0.into(), progress.0.into()), offset, handle, 0]
            }
            Self::CheckpointOver { progress, offset, handle, comes_back } => {
                [pack(kind, comes_back.into(), progress.0.into()), offset, handle, 0]
            }
            Self::BatchReread {
                progress,
                consumer,
                reread_acknowledged,
                reread_moved,
                reread_filtered,
                same_attempt,
            } => {
                let reread = u64::from(reread_acknowledged) | u64::from(reread_moved) << 32;
                let others = u64::from(reread_filtered) | u64::from(same_attempt) << 32;
                [pack(kind, consumer.0.into(), progress.0.into()), reread, others, 0]
            }
            Self::BatchLocked { progress, consumer, count, command } => {
                let command = command.map_or(0, |command| u64::from(command.0) + 1);
                [pack(kind, consumer.0.into(), progress.0.into()), count.into(), command, 0]
            }
            Self::InvisibleTimeChanged { progress, offset, consumer, handle, until }
            | Self::CheckpointAdded { progress, offset, consumer, handle, until } => {
                [pack(kind, consumer.0.into(), progress.0.into()), offset, handle, until.0]
            }
            Self::EffectDone { progress, offset, consumer, times } => {
                [pack(kind, consumer.0.into(), progress.0.into()), offset, times.into(), 0]
            }
            Self::ConsumeFinished { progress, offset, consumer, thread, outcome } => {
                [pack(kind, consumer.0.into(), progress.0.into()), offset, thread.into(), outcome as u64]
            }
            Self::ServiceAdded { service, command } | Self::ServiceChanged { service, command } => {
                [pack(kind, service.0.into(), command.0.into()), 0, 0, 0]
            }
            Self::CallerAdded { caller, command, next_at } => {
                [pack(kind, caller.0.into(), command.0.into()), next_at.0, 0, 0]
            }
            // None is 0, and everything else is one more.
            Self::CallerChanged { caller, command, next_at } => {
                let next_at = next_at.map_or(0, |at| at.0.wrapping_add(1));
                [pack(kind, caller.0.into(), command.0.into()), next_at, 0, 0]
            }
            Self::CallSent { caller, number, stage, arrives_at, next_at } => {
                let next_at = next_at.map_or(0, |at| at.0.wrapping_add(1));
                [pack(kind, caller.0.into(), stage.into()), number, arrives_at.0, next_at]
            }
            Self::CallTurnedAway { service, caller, number, why } => {
                [pack(kind, service.0.into(), caller.0.into()), number, why as u64, 0]
            }
            Self::CallQueued { service, caller, number } => {
                [pack(kind, service.0.into(), caller.0.into()), number, 0, 0]
            }
            Self::CallStarted { service, caller, number, finishes_at, waited } => {
                [pack(kind, service.0.into(), caller.0.into()), number, finishes_at.0, waited.into()]
            }
            Self::CallProcessed { service, caller, number, ok } => {
                [pack(kind, service.0.into(), caller.0.into()), number, ok.into(), 0]
            }
            Self::CallAnswered { caller, number } => [pack(kind, caller.0.into(), 0), number, 0, 0],
            Self::CallFailed { caller, number, service, why } => {
                [pack(kind, caller.0.into(), service.0.into()), number, why as u64, 0]
            }
            // How long that was follows from what came before.
            Self::CallTimedOut { caller, number, service, waited: _ }
            | Self::AnswerTooLate { caller, number, service } => {
                [pack(kind, caller.0.into(), service.0.into()), number, 0, 0]
            }
            Self::P2pQueueAdded { queue, command } => [pack(kind, queue.0.into(), command.0.into()), 0, 0, 0],
            Self::P2pSenderAdded { queue, sender, command, next_at } => {
                [pack(kind, queue.0.into(), command.0.into()), sender.into(), next_at.0, 0]
            }
            Self::P2pConsumerJoined { queue, consumer } | Self::P2pConsumerGone { queue, consumer } => {
                [pack(kind, queue.0.into(), consumer.into()), 0, 0, 0]
            }
            Self::P2pSent { queue, sender, number, arrives_at, next_at } => {
                let next_at = next_at.map_or(0, |at| at.0.wrapping_add(1));
                [pack(kind, queue.0.into(), sender.into()), number, arrives_at.0, next_at]
            }
            Self::P2pPut { queue, sender, number } => {
                [pack(kind, queue.0.into(), sender.into()), number, 0, 0]
            }
            Self::P2pTaken { queue, sender, number, consumer, finishes_at } => {
                [pack(kind, queue.0.into(), sender.into()), number, finishes_at.0, consumer.into()]
            }
            Self::P2pProcessed { queue, sender, number, consumer } => {
                [pack(kind, queue.0.into(), sender.into()), number, consumer.into(), 0]
            }
            Self::OffsetCommitted { progress, offset } | Self::InvisibleTimeOver { progress, offset } => {
                [pack(kind, 0, progress.0.into()), offset, 0, 0]
            }
            Self::InvisibleTimeCut { progress, offset, until } => {
                [pack(kind, 0, progress.0.into()), offset, until.0, 0]
            }
            Self::RetryInPlaceScheduled { progress, offset, consumer, attempt, due_at } => {
                [pack(kind, consumer.0.into(), progress.0.into()), offset, due_at.0, attempt.into()]
            }
            Self::QueueLocked { progress, consumer }
            | Self::QueuePaused { progress, consumer }
            | Self::QueueResumed { progress, consumer } => {
                [pack(kind, consumer.0.into(), progress.0.into()), 0, 0, 0]
            }
            Self::QueueLockAwaited { progress, holder, until } => {
                let until = until.map_or([0, 0], |at| [1, at.0]);
                [pack(kind, holder.0.into(), progress.0.into()), until[0], until[1], 0]
            }
            Self::RetryScheduled { group, message, attempt, due_at } => {
                let what = u64::from(message.queue.0) | u64::from(attempt) << 32;
                [pack(kind, group.0.into(), 0), message.offset, what, due_at.0]
            }
            Self::RetryStored { group, message, copy, attempt, from_shelf } => {
                let queues = u64::from(message.queue.0) | u64::from(copy.queue.0) << 32;
                // The copy's offset grows by one with each copy, so 2^47 of them fit beside the flag and the rest.
                [
                    pack(kind, group.0.into(), attempt.into()),
                    message.offset,
                    copy.offset << 1 | u64::from(from_shelf),
                    queues,
                ]
            }
            Self::DeadLettered { group, message, copy, attempts, from_shelf } => {
                let queues = u64::from(message.queue.0) | u64::from(copy.queue.0) << 32;
                // Most come from no shelf, and the flag stands where offsets do not reach.
                let message = message.offset | u64::from(from_shelf) << 63;
                [pack(kind, group.0.into(), attempts.into()), message, copy.offset, queues]
            }
        }
    }
}
