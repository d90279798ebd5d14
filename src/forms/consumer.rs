//! A consumer: how long its listener takes, when it fails, how many threads it has.

use super::text::{self, NameRule};
use super::{Checks, Wrong, Wrongs, consumer_name, lite};
use crate::broker::spec::{Application, ConsumerSpec, Failure};
use crate::broker::{Command, ConsumerChange, ConsumerId, GroupId, World};
use crate::scenario::limits;
use crate::sim::{Distribution, Span};

/// The kinds of distribution.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ProcessingKind {
    /// Always the same.
    Constant,
    /// Anything between two.
    Uniform,
    /// Exponential.
    Exponential,
    /// Log-normal.
    LogNormal,
}

impl ProcessingKind {
    /// All of them, in the order of the choice.
    pub const ALL: [Self; 4] = [Self::Constant, Self::Uniform, Self::Exponential, Self::LogNormal];

    /// The word for it in files and catalogues.
    pub fn name(self) -> &'static str {
        match self {
            Self::Constant => "constant",
            Self::Uniform => "uniform",
            Self::Exponential => "exponential",
            Self::LogNormal => "log_normal",
        }
    }
}

/// What is typed about how long a listener takes. A kind uses the first field or both.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ProcessingForm {
    /// Which kind.
    pub kind: ProcessingKind,
    /// The time, the shortest, the mean or the median.
    pub first: String,
    /// The longest, or what 99 of 100 stay below.
    pub second: String,
}

impl ProcessingForm {
    /// A distribution, as one would type it.
    pub fn of(processing: &Distribution) -> Self {
        let (kind, first, second) = match *processing {
            Distribution::Constant(span) => (ProcessingKind::Constant, span, span * 4),
            Distribution::Uniform { min, max } => (ProcessingKind::Uniform, min, max),
            Distribution::Exponential { mean } => (ProcessingKind::Exponential, mean, mean * 4),
            Distribution::LogNormal { median, p99 } => (ProcessingKind::LogNormal, median, p99),
        };
        Self { kind, first: first.to_string(), second: second.to_string() }
    }

    /// Does the kind use the second field?
    pub fn has_second(&self) -> bool {
        matches!(self.kind, ProcessingKind::Uniform | ProcessingKind::LogNormal)
    }

    /// The distribution it stands for.
    pub fn check(&self) -> Result<Distribution, Wrongs> {
        let mut checks = Checks::default();
        let first = checks.take("first", text::span(&self.first));
        let distribution = match self.kind {
            ProcessingKind::Constant => first.map(Distribution::Constant),
            ProcessingKind::Exponential => first.map(|mean| Distribution::Exponential { mean }),
            ProcessingKind::Uniform => {
                self.second(first, &mut checks).map(|(min, max)| Distribution::Uniform { min, max })
            }
            ProcessingKind::LogNormal => {
                self.second(first, &mut checks).map(|(median, p99)| Distribution::LogNormal { median, p99 })
            }
        };
        checks.finish(distribution)
    }

    fn second(&self, first: Option<Span>, checks: &mut Checks) -> Option<(Span, Span)> {
        let second = checks.take("second", text::span(&self.second));
        let (first, second) = first.zip(second)?;
        if second < first {
            checks.object("second", Wrong::new("control.wrong_second_short").with("first", first));
        }
        Some((first, second))
    }
}

/// The kinds of failure.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum FailureKind {
    /// By chance.
    Probability,
    /// Messages with a tag.
    PoisonTag,
    /// Messages with a key.
    PoisonKey,
    /// The first attempts of every message.
    FirstAttempts,
}

impl FailureKind {
    /// All of them, in the order of the choice.
    pub const ALL: [Self; 4] = [Self::Probability, Self::PoisonTag, Self::PoisonKey, Self::FirstAttempts];

    /// The word for it in files and catalogues.
    pub fn name(self) -> &'static str {
        match self {
            Self::Probability => "probability",
            Self::PoisonTag => "poison_tag",
            Self::PoisonKey => "poison_key",
            Self::FirstAttempts => "first_attempts",
        }
    }
}

/// What is typed about when a listener fails. Fields that the kind does not use keep what they hold.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FailureForm {
    /// Which kind.
    pub kind: FailureKind,
    /// How probable.
    pub probability: String,
    /// Which tag.
    pub tag: String,
    /// Which key.
    pub key: String,
    /// How many attempts.
    pub attempts: String,
}

impl FailureForm {
    /// A rule, as one would type it.
    pub fn of(failure: &Failure) -> Self {
        let mut form = Self {
            kind: FailureKind::Probability,
            probability: "0".into(),
            tag: String::new(),
            key: String::new(),
            attempts: "1".into(),
        };
        match failure {
            Failure::Probability(ratio) => form.probability = ratio.to_string(),
            Failure::PoisonTag(tag) => (form.kind, form.tag) = (FailureKind::PoisonTag, tag.clone()),
            Failure::PoisonKey(key) => (form.kind, form.key) = (FailureKind::PoisonKey, key.clone()),
            Failure::FirstAttempts(attempts) => {
                (form.kind, form.attempts) = (FailureKind::FirstAttempts, attempts.to_string());
            }
        }
        form
    }

    /// The rule it stands for.
    pub fn check(&self) -> Result<Failure, Wrongs> {
        let mut checks = Checks::default();
        let failure = match self.kind {
            FailureKind::Probability => {
                checks.take("probability", text::ratio(&self.probability)).map(Failure::Probability)
            }
            FailureKind::PoisonTag => checks.take("tag", text::word(&self.tag, true)).map(Failure::PoisonTag),
            FailureKind::PoisonKey => {
                checks.take("key", text::word(&self.key, false)).map(Failure::PoisonKey)
            }
            FailureKind::FirstAttempts => checks
                .take("attempts", text::count(&self.attempts, 0, limits::RETRIES))
                .map(Failure::FirstAttempts),
        };
        checks.finish(failure)
    }
}

/// What is typed for a new consumer.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ConsumerForm {
    /// Its name.
    pub name: String,
    /// Its listener threads.
    pub threads: String,
    /// How long they take.
    pub processing: ProcessingForm,
    /// When they fail.
    pub failure: FailureForm,
    /// The lite topics that it subscribes to, in a group that reads some.
    pub lite_topics: String,
}

impl ConsumerForm {
    /// A proposal: a consumer like the group's first one. All consumers of a group should share one logic.
    pub fn new(world: &World, group: GroupId) -> Self {
        let like = world.group(group).consumers.first().map(|id| world.consumer(*id));
        let usual = Distribution::Exponential { mean: Span::from_ms(100) };
        Self {
            name: consumer_name(world, group),
            threads: like.map_or(world.settings.push_threads, |c| c.thread_count.max(1)).to_string(),
            processing: ProcessingForm::of(like.map_or(&usual, |c| &c.processing)),
            failure: FailureForm::of(like.map_or(&Failure::NEVER, |c| &c.failure)),
            lite_topics: like.map_or_else(String::new, |c| lite::written(&c.spec.lite_topics)),
        }
    }

    /// The command it asks for.
    pub fn check(&self, world: &World, group: GroupId) -> Result<Command, Wrongs> {
        let mut checks = Checks::default();
        let consumers = &world.group(group).consumers;
        let like = consumers.first().map(|id| world.consumer(*id));
        let is_taken = |name: &str| consumers.iter().any(|id| world.consumer(*id).spec.name == name);
        let name = checks.take("name", text::name(&self.name, NameRule::Client, is_taken));
        let threads = checks.take("threads", threads(world, &self.threads, 0, 1));
        let processing = checks.part(self.processing.check());
        let failure = checks.part(self.failure.check());
        let is_lite = world.lite_progress(group).is_some();
        let lite_topics =
            checks.take("lite_topics", lite::wishes(if is_lite { &self.lite_topics } else { "" }));
        if world.live.consumers.len() as u64 >= limits::CONSUMERS {
            checks.object("name", Wrong::new("control.wrong_too_many").with("most", limits::CONSUMERS));
        }
        let consumer = match (name, threads, processing, failure, lite_topics) {
            (Some(name), Some(threads), Some(processing), Some(failure), Some(lite_topics)) => {
                Some(ConsumerSpec {
                    application: like.map_or(Application::default(), |like| like.spec.application),
                    name,
                    threads: Some(threads),
                    processing,
                    failure,
                    lite_topics,
                    subscriptions: Vec::new(),
                })
            }
            _ => None,
        };
        let group = world.group(group).spec.name.clone();
        checks.finish(consumer.map(|consumer| Command::AddConsumer { group, consumer }))
    }
}

/// Threads for each of `consumers` new ones, or, if `already` are there, for one that exists: within the limit for one
/// consumer and the limit for all together.
pub(super) fn threads(world: &World, text: &str, already: u64, consumers: u64) -> Result<u32, Wrong> {
    let taken: u64 = world.live.consumers.iter().map(|consumer| consumer.threads.len() as u64).sum();
    let room = (limits::THREADS + already).saturating_sub(taken) / consumers.max(1);
    text::count(text, 1, limits::THREADS_PER_CONSUMER.min(room.max(1)))
}

/// Another number of threads for a consumer.
pub fn threads_change(world: &World, consumer: ConsumerId, text: &str) -> Result<ConsumerChange, Wrongs> {
    let mut checks = Checks::default();
    let already = world.consumer(consumer).threads.len() as u64;
    let threads = checks.take("threads", threads(world, text, already, 1));
    checks.finish(threads.map(ConsumerChange::SetThreads))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::sim::Ratio;

    #[test]
    fn distributions_and_rules_come_back_from_their_forms() {
        let ms = Span::from_ms;
        for processing in [
            Distribution::Constant(Span(800)),
            Distribution::Uniform { min: ms(1), max: ms(2) },
            Distribution::Exponential { mean: ms(1_500) },
            Distribution::LogNormal { median: ms(20), p99: ms(100) },
        ] {
            assert_eq!(ProcessingForm::of(&processing).check(), Ok(processing));
        }
        for failure in [
            Failure::NEVER,
            Failure::Probability(Ratio { numerator: 1, denominator: 10 }),
            Failure::PoisonTag("refund".into()),
            Failure::PoisonKey("order-7".into()),
            Failure::FirstAttempts(2),
        ] {
            assert_eq!(FailureForm::of(&failure).check(), Ok(failure));
        }
    }

    #[test]
    fn the_longer_time_is_not_the_shorter_one() {
        let form = ProcessingForm { kind: ProcessingKind::Uniform, first: "2s".into(), second: "1s".into() };
        let wrongs = form.check().expect_err("they are the wrong way round");
        assert_eq!(wrongs.of("second").map(|wrong| wrong.key), Some("control.wrong_second_short"));
        assert_eq!(wrongs.of("first"), None);
    }
}
