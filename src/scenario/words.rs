//! The words of the file that stand for one of a few things.

use super::Profile;
use crate::broker::fault::Crash;
use crate::broker::settings::{
    Backoff, Codes, CommitMode, DlqTiming, Expiry, FlushDisk, IdForm, LateResolution, OutOfRange,
    Replication, StaleHandles, docs_ladder, exponential_ladder, java_grpc_ladder,
};
use crate::broker::spec::{
    Application, Balance, Cleanup, ConsumeMode, ConsumerType, DeliveryOrder, InitialOffset, LockScope,
    MessageType, QueueHash, QueueSelection, Strategy, SubModel, TopicType,
};
use crate::rules::lite::Position;
use crate::sim::Span;

/// Something that a word stands for.
pub(super) trait Word: Copy + PartialEq + 'static {
    /// Every word with what it means.
    const WORDS: &'static [(&'static str, Self)];

    /// What a word means.
    fn read(word: &str) -> Option<Self> {
        Self::WORDS.iter().find(|(name, _)| *name == word).map(|(_, meaning)| *meaning)
    }

    /// The word for it.
    fn word(self) -> &'static str {
        Self::WORDS.iter().find(|(_, meaning)| *meaning == self).map_or("", |(name, _)| name)
    }
}

/// All words for a kind of thing.
pub(super) fn names<T: Word>() -> Vec<&'static str> {
    T::WORDS.iter().map(|(name, _)| *name).collect()
}

impl Word for Profile {
    const WORDS: &'static [(&'static str, Self)] = &[
        ("docs5", Self::Docs5),
        ("oss5-code", Self::Oss5Code),
        ("classic4", Self::Classic4),
        ("aliyun5", Self::Aliyun5),
    ];
}

impl Word for TopicType {
    const WORDS: &'static [(&'static str, Self)] = &[
        ("NORMAL", Self::NORMAL),
        ("FIFO", Self::Of(MessageType::Fifo)),
        ("DELAY", Self::Of(MessageType::Delay)),
        ("TRANSACTION", Self::Of(MessageType::Transaction)),
        ("LITE", Self::Of(MessageType::Lite)),
        ("MIXED", Self::Mixed),
    ];
}

impl Word for Cleanup {
    const WORDS: &'static [(&'static str, Self)] =
        &[("DELETE", Self::Delete), ("COMPACTION", Self::Compaction)];
}

impl Word for Codes {
    const WORDS: &'static [(&'static str, Self)] = &[("grpc", Self::Grpc), ("remoting", Self::Remoting)];
}

impl Word for IdForm {
    const WORDS: &'static [(&'static str, Self)] = &[("long", Self::Long), ("short", Self::Short)];
}

impl Word for Backoff {
    const WORDS: &'static [(&'static str, Self)] =
        &[("proxy", Self::Proxy), ("docs", Self::Docs), ("none", Self::None)];
}

impl Word for QueueSelection {
    const WORDS: &'static [(&'static str, Self)] =
        &[("round_robin", Self::RoundRobin), ("uniform", Self::Uniform)];
}

impl Word for ConsumeMode {
    const WORDS: &'static [(&'static str, Self)] =
        &[("clustering", Self::Clustering), ("broadcasting", Self::Broadcasting)];
}

impl Word for Balance {
    const WORDS: &'static [(&'static str, Self)] = &[("queue", Self::Queue), ("message", Self::Message)];
}

/// A strategy that needs nothing but its name.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum PlainStrategy {
    Avg,
    AvgByCircle,
    ConsistentHash,
}

impl Word for PlainStrategy {
    const WORDS: &'static [(&'static str, Self)] = &[
        ("AVG", Self::Avg),
        ("AVG_BY_CIRCLE", Self::AvgByCircle),
        ("CONSISTENT_HASH", Self::ConsistentHash),
    ];
}

impl From<PlainStrategy> for Strategy {
    fn from(plain: PlainStrategy) -> Self {
        match plain {
            PlainStrategy::Avg => Self::Avg,
            PlainStrategy::AvgByCircle => Self::AvgByCircle,
            PlainStrategy::ConsistentHash => Self::ConsistentHash,
        }
    }
}

impl Word for ConsumerType {
    const WORDS: &'static [(&'static str, Self)] =
        &[("push", Self::Push), ("simple", Self::Simple), ("pull", Self::Pull)];
}

impl Word for SubModel {
    const WORDS: &'static [(&'static str, Self)] =
        &[("Shared", Self::Shared), ("Exclusive", Self::Exclusive)];
}

/// From where the last messages of a lite topic are counted.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum LiteTail {
    FromCommitted,
    FromEnd,
}

impl Word for LiteTail {
    const WORDS: &'static [(&'static str, Self)] =
        &[("fromCommitted", Self::FromCommitted), ("fromEnd", Self::FromEnd)];
}

/// Where a client begins in a lite topic, if a word says it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct LiteEnd(pub(super) Position);

impl Word for LiteEnd {
    const WORDS: &'static [(&'static str, Self)] =
        &[("last", Self(Position::Last)), ("min", Self(Position::Min)), ("max", Self(Position::Max))];
}

impl Word for Application {
    const WORDS: &'static [(&'static str, Self)] = &[
        ("loop", Self::Loop),
        ("renewing", Self::Renewing),
        ("committing", Self::Committing),
        ("by_hand", Self::ByHand),
    ];
}

impl Word for DeliveryOrder {
    const WORDS: &'static [(&'static str, Self)] =
        &[("concurrent", Self::Concurrent), ("orderly", Self::Orderly)];
}

impl Word for CommitMode {
    const WORDS: &'static [(&'static str, Self)] =
        &[("minUnacked", Self::MinUnacked), ("checkpoint", Self::Checkpoint)];
}

impl Word for StaleHandles {
    const WORDS: &'static [(&'static str, Self)] = &[("refuse", Self::Refuse), ("accept", Self::Accept)];
}

impl Word for DlqTiming {
    const WORDS: &'static [(&'static str, Self)] =
        &[("onFailure", Self::OnFailure), ("onNextPop", Self::OnNextPop)];
}

impl Word for LockScope {
    const WORDS: &'static [(&'static str, Self)] =
        &[("messageGroup", Self::MessageGroup), ("queue", Self::Queue)];
}

/// Which way of a link is cut.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Way {
    Both,
    Answers,
}

impl Word for Way {
    const WORDS: &'static [(&'static str, Self)] = &[("both", Self::Both), ("answers", Self::Answers)];
}

impl Word for Crash {
    const WORDS: &'static [(&'static str, Self)] =
        &[("process", Self::Process), ("machine", Self::Machine), ("disk", Self::Disk)];
}

impl Word for FlushDisk {
    const WORDS: &'static [(&'static str, Self)] = &[("ASYNC", Self::Async), ("SYNC", Self::Sync)];
}

impl Word for Replication {
    const WORDS: &'static [(&'static str, Self)] =
        &[("ASYNC_MASTER", Self::Async), ("SYNC_MASTER", Self::Sync)];
}

impl Word for QueueHash {
    const WORDS: &'static [(&'static str, Self)] =
        &[("jump", Self::Jump), ("sipHash", Self::SipHash), ("mod", Self::Mod)];
}

/// Retries that have no end.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Unlimited;

/// No limit of a listener's time.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Off;

impl Word for Off {
    const WORDS: &'static [(&'static str, Self)] = &[("off", Self)];
}

impl Word for Unlimited {
    const WORDS: &'static [(&'static str, Self)] = &[("unlimited", Self)];
}

impl Word for InitialOffset {
    const WORDS: &'static [(&'static str, Self)] = &[
        ("latest", Self::Latest),
        ("earliest", Self::Earliest),
        ("timestamp", Self::Timestamp(None)),
        ("ossCompat", Self::OssCompat),
    ];
}

impl Word for LateResolution {
    const WORDS: &'static [(&'static str, Self)] =
        &[("idempotent", Self::Idempotent), ("faithful", Self::Faithful)];
}

impl Word for OutOfRange {
    const WORDS: &'static [(&'static str, Self)] =
        &[("reject", Self::Reject), ("deliverNow", Self::DeliverNow)];
}

impl Word for Expiry {
    const WORDS: &'static [(&'static str, Self)] =
        &[("perMessage", Self::PerMessage), ("segment", Self::Segment)];
}

/// A retry ladder that has a name.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Ladder {
    Docs,
    JavaGrpc,
    Exponential,
}

impl Word for Ladder {
    const WORDS: &'static [(&'static str, Self)] =
        &[("docs", Self::Docs), ("javaGrpc", Self::JavaGrpc), ("exponential", Self::Exponential)];
}

impl Ladder {
    /// Its rungs.
    pub(super) fn rungs(self) -> Vec<Span> {
        match self {
            Self::Docs => docs_ladder(),
            Self::JavaGrpc => java_grpc_ladder(),
            Self::Exponential => exponential_ladder(),
        }
    }

    /// The named ladder with these rungs.
    pub(super) fn with_rungs(rungs: &[Span]) -> Option<Self> {
        Self::WORDS.iter().map(|(_, ladder)| *ladder).find(|ladder| ladder.rungs() == rungs)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The file says what the screen says.
    #[test]
    fn words_are_those_of_the_broker() {
        for (word, meaning) in TopicType::WORDS {
            assert_eq!(*word, meaning.name());
        }
        for (word, meaning) in DeliveryOrder::WORDS {
            assert_eq!(*word, meaning.name());
        }
        for (word, meaning) in Balance::WORDS {
            assert_eq!(*word, meaning.name());
        }
        for (word, meaning) in PlainStrategy::WORDS {
            assert_eq!(*word, Strategy::from(*meaning).name());
        }
    }

    #[test]
    fn every_word_reads_back() {
        fn check<T: Word + std::fmt::Debug>() {
            for (word, meaning) in T::WORDS {
                assert_eq!(T::read(word), Some(*meaning));
                assert_eq!(meaning.word(), *word);
            }
            assert_eq!(T::read("nonsense"), None);
        }
        check::<Profile>();
        check::<TopicType>();
        check::<Cleanup>();
        check::<Backoff>();
        check::<Codes>();
        check::<IdForm>();
        check::<QueueSelection>();
        check::<ConsumeMode>();
        check::<Balance>();
        check::<PlainStrategy>();
        check::<DeliveryOrder>();
        check::<CommitMode>();
        check::<StaleHandles>();
        check::<DlqTiming>();
        check::<LockScope>();
        check::<QueueHash>();
        check::<InitialOffset>();
        check::<Ladder>();
        check::<SubModel>();
        check::<LiteTail>();
        check::<LiteEnd>();
        check::<LateResolution>();
        check::<OutOfRange>();
        check::<Expiry>();
    }

    #[test]
    fn a_named_ladder_is_known_by_its_rungs() {
        for (_, ladder) in Ladder::WORDS {
            assert_eq!(Ladder::with_rungs(&ladder.rungs()), Some(*ladder));
        }
        assert_eq!(Ladder::with_rungs(&[Span::from_secs(3)]), None);
    }
}
