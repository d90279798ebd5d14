//! A producer: when it sends, and for a new one, what and where.

use super::text::{self, NameRule};
use super::{Checks, Wrong, Wrongs, producer_name};
use crate::broker::spec::{
    MessageGroups, MessageTemplate, MessageType, Pattern, ProducerSpec, QueueSelection, Rate, TopicType,
    TransactionSpec, Which,
};
use crate::broker::{Command, TopicId, World};
use crate::scenario::limits;
use crate::sim::{Distribution, Span};

/// The kinds of pattern.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum PatternKind {
    /// Evenly spaced.
    Constant,
    /// Independent gaps.
    Poisson,
    /// Two rates in turn.
    Bursts,
    /// Only when asked.
    ByHand,
}

impl PatternKind {
    /// All of them, in the order of the choice.
    pub const ALL: [Self; 4] = [Self::Constant, Self::Poisson, Self::Bursts, Self::ByHand];

    /// The word for it in files and catalogues.
    pub fn name(self) -> &'static str {
        match self {
            Self::Constant => "constant",
            Self::Poisson => "poisson",
            Self::Bursts => "bursts",
            Self::ByHand => "by_hand",
        }
    }
}

/// What is typed about when a producer sends. Fields that the kind does not use keep what they hold.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PatternForm {
    /// Which kind.
    pub kind: PatternKind,
    /// Messages per second; for bursts, between them.
    pub rate: String,
    /// Messages per second during a burst.
    pub burst_rate: String,
    /// From burst to burst.
    pub every: String,
    /// Length of a burst.
    pub lasting: String,
}

impl PatternForm {
    /// A pattern, as one would type it.
    pub fn of(pattern: &Pattern) -> Self {
        let mut form = Self {
            kind: PatternKind::ByHand,
            rate: "10".into(),
            burst_rate: "100".into(),
            every: "10s".into(),
            lasting: "2s".into(),
        };
        match *pattern {
            Pattern::Constant(rate) | Pattern::Poisson(rate) => {
                let even = matches!(pattern, Pattern::Constant(_));
                form.kind = if even { PatternKind::Constant } else { PatternKind::Poisson };
                form.rate = text::rate_text(rate);
            }
            Pattern::Bursts { rate, burst_rate, every, lasting } => {
                form.kind = PatternKind::Bursts;
                form.rate = text::rate_text(rate);
                form.burst_rate = text::rate_text(burst_rate);
                form.every = every.to_string();
                form.lasting = lasting.to_string();
            }
            Pattern::ByHand => {}
        }
        form
    }

    /// The pattern it stands for.
    pub fn check(&self) -> Result<Pattern, Wrongs> {
        let mut checks = Checks::default();
        let pattern = match self.kind {
            PatternKind::ByHand => Some(Pattern::ByHand),
            PatternKind::Constant => checks.take("rate", text::rate(&self.rate)).map(Pattern::Constant),
            PatternKind::Poisson => checks.take("rate", text::rate(&self.rate)).map(Pattern::Poisson),
            PatternKind::Bursts => {
                let rate = checks.take("rate", text::rate(&self.rate));
                let burst_rate = checks.take("burst_rate", text::rate(&self.burst_rate));
                let every = checks.take("every", text::span(&self.every));
                let lasting = checks.take("lasting", text::span(&self.lasting));
                if every == Some(Span::ZERO) {
                    checks.object("every", Wrong::new("control.wrong_every_zero"));
                } else if let (Some(every), Some(lasting)) = (every, lasting)
                    && lasting > every
                {
                    checks.object("lasting", Wrong::new("control.wrong_lasting_long").with("every", every));
                }
                match (rate, burst_rate, every, lasting) {
                    (Some(rate), Some(burst_rate), Some(every), Some(lasting)) => {
                        Some(Pattern::Bursts { rate, burst_rate, every, lasting })
                    }
                    _ => None,
                }
            }
        };
        checks.finish(pattern)
    }
}

/// The same pattern at twice or half the rate, within the limits. None where there is no rate to change.
pub fn scaled(pattern: &Pattern, up: bool) -> Option<Pattern> {
    let most = limits::MESSAGES_PER_SECOND * 1_000_000;
    let scale = |rate: Rate| {
        let micros = rate.micros_per_second;
        Rate { micros_per_second: if up { micros.saturating_mul(2).min(most) } else { micros / 2 } }
    };
    let scaled = match *pattern {
        Pattern::Constant(rate) => Pattern::Constant(scale(rate)),
        Pattern::Poisson(rate) => Pattern::Poisson(scale(rate)),
        Pattern::Bursts { rate, burst_rate, every, lasting } => {
            Pattern::Bursts { rate: scale(rate), burst_rate: scale(burst_rate), every, lasting }
        }
        Pattern::ByHand => return None,
    };
    (scaled != *pattern).then_some(scaled)
}

/// What is typed for a new producer.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ProducerForm {
    /// Its name.
    pub name: String,
    /// The topic it sends to.
    pub topic: Option<TopicId>,
    /// When it sends.
    pub pattern: PatternForm,
    /// Tags, with commas between them; empty for none.
    pub tags: String,
    /// The key of its messages; empty for none.
    pub key: String,
    /// Their message group, or several with commas between them; empty for none.
    pub message_group: String,
    /// In a parent of lite topics: which one each message is for.
    pub lite_topic: String,
    /// How long after it is sent a message is to be seen; empty for at once.
    pub delay: String,
    /// The same as a classic level; empty for none.
    pub delay_level: String,
    /// Their body; empty for the usual one.
    pub body: String,
    /// How many go out as one request; empty for each by itself.
    pub batch: String,
    /// How long it waits for an answer to each; empty for not at all.
    pub request: String,
    /// In a topic for transactional messages: how long local transactions take.
    pub takes: String,
    /// Which part of them is rolled back.
    pub rollback: String,
    /// At the end of which part of them the producer does not know yet how they ended.
    pub unknown: String,
    /// About which part of them the broker hears nothing.
    pub lost: String,
    /// About which part of them the checker knows nothing afterwards.
    pub check_unknown: String,
    /// Which part of what it says at the end arrives twice.
    pub twice: String,
    /// About which part the checker says the opposite of what is the case.
    pub check_wrong: String,
    /// How many seconds old a half message is before it is asked about; empty for the setting.
    pub check_after: String,
}

impl ProducerForm {
    /// A proposal.
    pub fn new(world: &World) -> Self {
        Self {
            name: producer_name(world),
            topic: world.ordinary_topics().next().map(|(id, _)| id),
            pattern: PatternForm::of(&Pattern::Poisson(Rate::per_second(10))),
            tags: String::new(),
            key: String::new(),
            message_group: String::new(),
            lite_topic: "session-{n}".into(),
            delay: String::new(),
            delay_level: String::new(),
            body: String::new(),
            batch: String::new(),
            request: String::new(),
            takes: "2s".into(),
            rollback: "0".into(),
            unknown: "0".into(),
            lost: "0".into(),
            check_unknown: "0".into(),
            twice: "0".into(),
            check_wrong: "0".into(),
            check_after: String::new(),
        }
    }

    /// Does its topic take transactional messages?
    pub fn is_transactional(&self, world: &World) -> bool {
        let topic = self.topic.and_then(|id| world.live.topics.get(id.index()));
        topic.is_some_and(|topic| topic.message_type == TopicType::Of(MessageType::Transaction))
    }

    /// Is its topic a parent of lite topics?
    pub fn is_lite(&self, world: &World) -> bool {
        self.topic.is_some_and(|id| id.index() < world.live.topics.len() && world.is_lite(id))
    }

    fn transaction(&self) -> Result<TransactionSpec, Wrongs> {
        let mut checks = Checks::default();
        let takes = checks.take("takes", text::span(&self.takes));
        let rollback = checks.take("rollback", text::ratio(&self.rollback));
        let unknown = checks.take("unknown", text::ratio(&self.unknown));
        let lost = checks.take("lost", text::ratio(&self.lost));
        let check_unknown = checks.take("check_unknown", text::ratio(&self.check_unknown));
        let twice = checks.take("twice", text::ratio(&self.twice));
        let check_wrong = checks.take("check_wrong", text::ratio(&self.check_wrong));
        let seconds = |typed: &str| text::count(typed, 1, limits::CHECK_AFTER_SECONDS);
        let check_after_secs = checks.take("check_after", optional(&self.check_after, seconds));
        let trouble = twice.zip(check_wrong);
        let ends = rollback.zip(unknown).zip(lost.zip(check_unknown)).zip(trouble);
        let spec = match (takes, ends, check_after_secs) {
            (
                Some(takes),
                Some((((rollback, unknown), (lost, check_unknown)), trouble)),
                Some(check_after_secs),
            ) => Some(TransactionSpec {
                takes: Distribution::Constant(takes),
                rollback: Which::Share(rollback),
                unknown: Which::Share(unknown),
                lost: Which::Share(lost),
                check_unknown: Which::Share(check_unknown),
                twice: Which::Share(trouble.0),
                check_wrong: Which::Share(trouble.1),
                check_after_secs,
            }),
            _ => None,
        };
        checks.finish(spec)
    }

    /// The command it asks for.
    pub fn check(&self, world: &World) -> Result<Command, Wrongs> {
        let mut checks = Checks::default();
        let name = text::name(&self.name, NameRule::Client, |name| world.find_producer(name).is_some());
        let name = checks.take("name", name);
        let topic =
            self.topic.filter(|id| world.live.topics.get(id.index()).is_some_and(|topic| !topic.removed));
        let topic = checks.take("topic", topic.ok_or(Wrong::new("control.wrong_no_topic")));
        let pattern = checks.part(self.pattern.check());
        let tags = checks.take("tags", tags(&self.tags));
        let key = checks.take("key", optional(&self.key, |key| text::word(key, false)));
        let body = checks.take("body", optional(&self.body, body));
        let groups =
            checks.take("message_group", optional(&self.message_group, |text| message_groups(text, world)));
        let delay = checks.take("delay", optional(&self.delay, text::span));
        let level = |text: &str| text::count(text, 1, limits::DELAY_LEVEL);
        let level = checks.take("delay_level", optional(&self.delay_level, level));
        let batch = checks.take("batch", optional(&self.batch, |text| text::count(text, 1, limits::BATCH)));
        let request = checks.take("request", optional(&self.request, text::span));
        let is_delayed = matches!(delay, Some(Some(_))) || matches!(level, Some(Some(_)));
        if is_delayed && matches!(groups, Some(Some(_))) {
            checks.object("message_group", Wrong::new("control.wrong_group_and_time"));
        }
        let transaction = if self.is_transactional(world) {
            checks.part(self.transaction()).map(|spec| Some(Box::new(spec)))
        } else {
            Some(None)
        };
        let lite = if self.is_lite(world) {
            checks.take("lite_topic", super::lite::of_messages(&self.lite_topic)).map(Some)
        } else {
            Some(None)
        };
        let is_more = matches!(batch, Some(Some(_))) || matches!(request, Some(Some(_)));
        if matches!(lite, Some(Some(_))) && (is_delayed || is_more || matches!(groups, Some(Some(_)))) {
            checks.object("message_group", Wrong::new("control.wrong_lite_plain"));
        }
        let more = groups.zip(delay.zip(level)).zip(transaction);
        if let Some(((groups, (delay, level)), Some(_))) = &more
            && (groups.is_some() || delay.is_some() || level.is_some())
        {
            checks.object("message_group", Wrong::new("control.wrong_plain_transaction"));
        }
        let is_asking = matches!(request, Some(Some(_)));
        let is_kept = is_delayed || matches!(&more, Some((_, Some(_))));
        if matches!(batch, Some(Some(_))) && (is_kept || is_asking) {
            checks.object("batch", Wrong::new("control.wrong_batch"));
        }
        if is_asking && (is_kept || matches!(&more, Some(((Some(_), _), _)))) {
            checks.object("request", Wrong::new("control.wrong_request"));
        }
        if world.live.producers.len() as u64 >= limits::PRODUCERS {
            checks.object("name", Wrong::new("control.wrong_too_many").with("most", limits::PRODUCERS));
        }
        let spec =
            match (name, topic, pattern.zip(lite), tags.zip(key.zip(body)), more.zip(batch.zip(request))) {
                (
                    Some(name),
                    Some(topic),
                    Some((pattern, lite_topic)),
                    Some((tags, (key, body))),
                    Some((((groups, (delay, level)), transaction), (batch, request))),
                ) => Some(ProducerSpec {
                    name,
                    topic: world.topic(topic).name.to_string(),
                    pattern,
                    queue_selection: QueueSelection::RoundRobin,
                    message: MessageTemplate {
                        tags,
                        key,
                        body,
                        message_group: groups,
                        lite_topic,
                        delay: delay.map(Distribution::Constant),
                        delay_level: level,
                        transaction,
                        batch,
                        request,
                        ..MessageTemplate::default()
                    },
                }),
                _ => None,
            };
        let of_all = |is_blank: fn(&MessageTemplate) -> bool| {
            spec.as_ref().is_some_and(|spec| is_blank(&spec.message))
        };
        if of_all(MessageTemplate::is_key_blank) {
            checks.object("key", Wrong::new("control.wrong_filled_blank"));
        }
        if of_all(MessageTemplate::is_body_empty) {
            checks.object("body", Wrong::new("control.wrong_filled_blank"));
        }
        checks.finish(spec.map(Command::AddProducer))
    }
}

fn optional<T>(text: &str, read: impl Fn(&str) -> Result<T, Wrong>) -> Result<Option<T>, Wrong> {
    if text.trim().is_empty() { Ok(None) } else { read(text).map(Some) }
}

/// One message group, or several in turn. Each fits into what the proxy takes.
fn message_groups(text: &str, world: &World) -> Result<MessageGroups, Wrong> {
    let names: Vec<&str> =
        text.split([',', '，', '、']).map(str::trim).filter(|name| !name.is_empty()).collect();
    let names =
        names.into_iter().map(|name| text::word(name, false)).collect::<Result<Vec<String>, Wrong>>()?;
    let most = world.settings.message_max_group_bytes;
    if let Some(long) = names.iter().find(|name| name.len() > most as usize) {
        return Err(Wrong::new("control.wrong_group_long").with("bytes", long.len()).with("most", most));
    }
    match names.as_slice() {
        [] => Err(Wrong::new("control.wrong_groups_blank")),
        [one] => Ok(MessageGroups::Text(one.clone())),
        _ => Ok(MessageGroups::InTurn(names)),
    }
}

fn tags(text: &str) -> Result<Vec<String>, Wrong> {
    // A Chinese keyboard has commas of its own.
    let tags = text.split([',', '，', '、']).map(str::trim).filter(|tag| !tag.is_empty());
    let tags = tags.map(|tag| text::word(tag, true)).collect::<Result<Vec<String>, Wrong>>()?;
    if tags.len() as u64 > limits::TAGS {
        return Err(Wrong::new("control.wrong_tags_many")
            .with("count", tags.len())
            .with("most", limits::TAGS));
    }
    Ok(tags)
}

fn body(text: &str) -> Result<String, Wrong> {
    let count = text.chars().count();
    if count as u64 > limits::BODY_CHARS {
        return Err(Wrong::new("control.wrong_name_long")
            .with("count", count)
            .with("most", limits::BODY_CHARS));
    }
    Ok(text.to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_pattern_comes_back_from_its_form() {
        let rate = Rate { micros_per_second: 2_500_000 };
        let bursts = Pattern::Bursts {
            rate,
            burst_rate: Rate::per_second(100),
            every: Span::from_secs(90),
            lasting: Span(1),
        };
        for pattern in [Pattern::Constant(rate), Pattern::Poisson(rate), bursts, Pattern::ByHand] {
            assert_eq!(PatternForm::of(&pattern).check(), Ok(pattern));
        }
    }

    #[test]
    fn only_the_fields_of_the_kind_count() {
        let mut form = PatternForm::of(&Pattern::Poisson(Rate::per_second(1)));
        form.every = "whenever".into();
        assert_eq!(form.check(), Ok(Pattern::Poisson(Rate::per_second(1))));
        form.kind = PatternKind::Bursts;
        let wrongs = form.check().expect_err("it counts now");
        assert_eq!(wrongs.iter().map(|(field, _)| field).collect::<Vec<_>>(), ["every"]);
        (form.every, form.lasting) = ("1s".into(), "2s".into());
        assert_eq!(
            form.check().expect_err("too long").of("lasting").map(|w| w.key),
            Some("control.wrong_lasting_long")
        );
        form.every = "0s".into();
        assert_eq!(
            form.check().expect_err("no time").of("every").map(|w| w.key),
            Some("control.wrong_every_zero")
        );
    }

    #[test]
    fn doubling_stops_at_the_limit_and_halving_at_nothing() {
        let most = Pattern::Constant(Rate::per_second(limits::MESSAGES_PER_SECOND));
        assert_eq!(scaled(&most, true), None);
        assert_eq!(scaled(&Pattern::Constant(Rate::default()), false), None);
        assert_eq!(scaled(&Pattern::ByHand, true), None);
        let four = Pattern::Poisson(Rate::per_second(4));
        assert_eq!(scaled(&four, false), Some(Pattern::Poisson(Rate::per_second(2))));
    }

    #[test]
    fn tags_have_commas_of_either_keyboard_between_them() {
        assert_eq!(tags("a, b，c、,d "), Ok(vec!["a".into(), "b".into(), "c".into(), "d".into()]));
        assert_eq!(tags(" "), Ok(vec![]));
        assert_eq!(tags("a|b").map_err(|wrong| wrong.key), Err("control.wrong_tag_bar"));
    }
}
