//! Every word on the stage. They come in from outside, so the stage speaks whatever language the page does.

use std::borrow::Cow;
use std::fmt::Write;

/// A word or a sentence; `{n}`, `{t}` and `{name}` stand for what is filled in.
pub type Word = Cow<'static, str>;

/// A sentence about a number.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Plural {
    /// About exactly one.
    pub one: Word,
    /// About any other number.
    pub other: Word,
}

impl Plural {
    /// A sentence for one and one for the rest.
    pub const fn new(one: &'static str, other: &'static str) -> Self {
        Self { one: Cow::Borrowed(one), other: Cow::Borrowed(other) }
    }

    /// The one that fits `n`.
    pub fn of(&self, n: u64) -> &str {
        if n == 1 { &self.one } else { &self.other }
    }
}

macro_rules! labels {
    ($($(#[$doc:meta])* $name:ident: $kind:ident = $($text:literal),+;)*) => {
        /// The words of the stage in one language.
        #[derive(Clone, Debug, PartialEq, Eq)]
        pub struct Labels {
            $($(#[$doc])* pub $name: $kind,)*
        }

        impl Labels {
            /// English.
            pub const ENGLISH: Self = Self { $($name: labels!(@value $kind $($text),+),)* };
        }
    };
    (@value Word $text:literal) => { Cow::Borrowed($text) };
    (@value Plural $one:literal, $other:literal) => { Plural::new($one, $other) };
}

labels! {
    /// Heads the left third.
    production: Word = "PRODUCTION";
    /// Heads the middle.
    storage: Word = "STORAGE";
    /// Heads the right third.
    consumption: Word = "CONSUMPTION";
    /// Heads what is not RocketMQ, below the rest.
    beside: Word = "BESIDE IT, NOT ROCKETMQ";
    /// Heads the same where there is nothing else.
    alone: Word = "FOR COMPARISON, NOT ROCKETMQ";
    /// Consumers of a point-to-point queue.
    consumers: Plural = "{n} consumer", "{n} consumers";
    /// Calls that wait for an answer or a worker, or messages that wait in a point-to-point queue.
    waits_for: Plural = "waiting: {n}", "waiting: {n}";
    /// Messages that a point-to-point queue is rid of.
    gone: Plural = "{n} gone", "{n} gone";
    /// How far a group is behind, `{n}` messages.
    behind: Plural = "{n} behind", "{n} behind";
    /// Messages of a lane that are stored but not drawn, `{n}` of them.
    older: Plural = "+{n} older", "+{n} older";
    /// Messages of a lane that have expired, `{n}` of them.
    expired: Plural = "{n} expired", "{n} expired";
    /// How many queues a topic has.
    queues: Plural = "{n} queue", "{n} queues";
    /// Queues that are not drawn one by one.
    more_queues: Plural = "… {n} more queue", "… {n} more queues";
    /// Producers that are not drawn one by one.
    more_producers: Plural = "+{n} producer", "+{n} producers";
    /// Consumers that are not drawn one by one; `{busy}` of them have work.
    more_consumers: Plural = "+{n} consumer ({busy} busy)", "+{n} consumers ({busy} busy)";
    /// Callers that are not drawn one by one.
    more_callers: Plural = "+{n} caller", "+{n} callers";
    /// Services that are not drawn one by one.
    more_services: Plural = "+{n} service", "+{n} services";
    /// Point-to-point queues that are not drawn one by one.
    more_p2p: Plural = "+{n} point-to-point queue", "+{n} point-to-point queues";
    /// Groups that are not drawn one by one.
    more_groups: Plural = "+{n} group", "+{n} groups";
    /// Topics that are not drawn one by one.
    more_topics: Plural = "+{n} topic", "+{n} topics";
    /// How long messages are kept, `{n}` hours.
    kept: Plural = "kept {n} h", "kept {n} h";
    /// The same where these are no whole hours.
    kept_for: Word = "kept {t}";
    /// A lane's whole length stands for `{n}` messages.
    scale: Plural = "full lane = {n} message", "full lane = {n} messages";
    /// The message type of an ordinary topic.
    normal: Word = "normal";
    /// The same of one that keeps order within message groups.
    fifo: Word = "FIFO";
    /// The same of one whose messages are visible at their time.
    delay: Word = "delay";
    /// The same of one whose messages are visible once their transaction commits.
    transaction: Word = "transaction";
    /// The same of the parent of lite topics.
    lite: Word = "lite";
    /// How many lite topics a parent has.
    lite_topics: Plural = "{n} lite topic", "{n} lite topics";
    /// Lite topics with messages that the group `{name}` has not finished.
    lite_behind: Plural = "{name}: {n} with messages", "{name}: {n} with messages";
    /// A tooth of the comb stands for several.
    lite_each: Plural = "a tooth = {n} lite topic", "a tooth = {n} lite topics";
    /// Heads the lite topics with most unfinished messages, and how many these are.
    lite_busy: Word = "unfinished";
    /// How long lite topics live that nobody writes to.
    lite_life: Word = "gone {t} after the last write";
    /// What is in the topic of half messages that were checked to no avail.
    set_aside: Word = "set aside";
    /// The same of one that takes every type.
    mixed: Word = "mixed";
    /// The broker is down, since `{t}`.
    broker_down: Word = "THE BROKER IS DOWN ({t})";
    /// A consumer that cannot reach the broker.
    cut_off: Word = "cut off";
    /// A consumer on whose link messages wait.
    link_held: Word = "link held";
    /// Messages of a producer that nobody has answered.
    unanswered: Plural = "{n} unanswered", "{n} unanswered";
    /// Messages that a producer gave up.
    send_failed: Plural = "{n} failed", "{n} failed";
    /// Messages that were refused when they were sent.
    refused: Plural = "{n} refused", "{n} refused";
    /// Consumers share the messages.
    clustering: Word = "clustering";
    /// Each consumer gets all.
    broadcasting: Word = "broadcasting";
    /// Whole queues are shared out.
    by_queue: Word = "by queue";
    /// Single messages are shared out.
    by_message: Word = "by message";
    /// An orderly group is given one message after the other.
    orderly: Word = "in order";
    /// The consumers of a group receive and acknowledge themselves.
    simple: Word = "simple";
    /// Its consumers are pull consumers.
    pull: Word = "pull";
    /// The consumers of a group do not want the same messages.
    members_differ: Word = "filters differ";
    /// A consumer with nothing to do.
    idle: Word = "idle";
    /// A consumer that owns no queue.
    no_queue: Word = "idle · no queue";
    /// A consumer whose queues are not shared out yet.
    no_queue_yet: Word = "waiting for queues";
    /// The end of a lane where messages enter.
    newest: Word = "newest";
    /// The end of a lane that was filled first.
    oldest: Word = "oldest";
    /// A consumer that takes nothing new.
    paused: Word = "paused";
    /// A consumer that is shutting down.
    leaving: Word = "leaving";
    /// A consumer that went `{t}` ago.
    left: Word = "left {t} ago";
    /// A consumer whose process died `{t}` ago.
    crashed: Word = "crashed {t} ago";
    /// A consumer's received messages that wait for a thread.
    cached: Plural = "{n} cached", "{n} cached";
    /// Messages a consumer holds.
    holds: Plural = "holds {n}", "holds {n}";
    /// Queues a consumer owns, when they cannot be listed.
    owns: Plural = "{n} queue", "{n} queues";
    /// Messages waiting to be delivered again, the next in `{t}`.
    retry_next: Plural = "{n} retry, next in {t}", "{n} retries, next in {t}";
    /// Messages that are being delivered again, none waiting.
    retry: Plural = "{n} retry", "{n} retries";
    /// Messages given up.
    dead_letters: Plural = "{n} dead letter", "{n} dead letters";
    /// The queues of a group were shared out anew `{t}` ago.
    rebalanced: Word = "rebalanced {t} ago";
    /// Messages in the timer, the next of which comes into its queue in `{t}`.
    timer: Plural = "{n} in the timer, out in {t}", "{n} in the timer, next out in {t}";
    /// The same where there is little room.
    timer_short: Plural = "{n} waits", "{n} wait";
    /// Messages that were with a process that died, and are not delivered again.
    lost: Plural = "{n} lost", "{n} lost";
    /// Requests that wait until a broker with a limit has time, `{n}` of them.
    send_queue: Word = "send queue: {n}";
    /// A topic that is compacted.
    compacted: Word = "newest of each key";
    /// Requests whose answers a producer waits for.
    awaiting: Plural = "{n} to be answered", "{n} to be answered";
    /// Requests that a producer sends again later, because the broker was too busy.
    backing_off: Plural = "{n} backs off", "{n} back off";
    /// Messages that a producer gave up.
    given_up: Plural = "{n} given up", "{n} given up";
    /// A timer in which no message waits.
    timer_empty: Word = "timer empty";
    /// Half messages, the next of which the broker asks about in `{t}`.
    curtain: Plural = "{n} half message, checked in {t}", "{n} half messages, next check in {t}";
    /// The same where there is little room.
    curtain_short: Plural = "{n} half message", "{n} half messages";
    /// A curtain without any.
    curtain_empty: Word = "no half message";
    /// A group without a running consumer.
    no_consumer: Word = "no consumer running";
    /// A producer's rate, `{n}` messages a second.
    per_second: Plural = "{n} msg/s", "{n} msg/s";
    /// A producer that sends at even intervals.
    constant: Word = "constant";
    /// A producer that sends at random intervals.
    poisson: Word = "Poisson";
    /// A producer that sends in bursts.
    bursts: Word = "bursts";
    /// A producer that sends when told to.
    by_hand: Word = "by hand";
    /// Messages a producer sent.
    sent: Plural = "{n} sent", "{n} sent";
    /// Messages the broker acknowledged to it.
    acknowledged: Plural = "{n} acked", "{n} acked";
    /// A producer that sends no more.
    stopped: Word = "stopped";
    /// A stage without producers.
    no_producer: Word = "no producer";
    /// A stage without topics.
    no_topic: Word = "no topic";
    /// A stage without groups.
    no_group: Word = "no consumer group";
}

/// Writes `template` with `{n}` and the like replaced.
pub(super) fn fill(out: &mut String, template: &str, values: &[(&str, &dyn std::fmt::Display)]) {
    let mut rest = template;
    while let Some(open) = rest.find('{') {
        let Some(close) = rest[open..].find('}').map(|at| open + at) else { break };
        out.push_str(&rest[..open]);
        match values.iter().find(|(name, _)| *name == &rest[open + 1..close]) {
            // Writing to a string cannot fail.
            Some((_, value)) => drop(write!(out, "{value}")),
            None => out.push_str(&rest[open..=close]),
        }
        rest = &rest[close + 1..];
    }
    out.push_str(rest);
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn templates_are_filled() {
        let mut out = String::new();
        fill(&mut out, "{n} retries, next in {t} {x", &[("n", &2), ("t", &"8 s")]);
        assert_eq!(out, "2 retries, next in 8 s {x");
        out.clear();
        fill(&mut out, "落后 {n} {unknown}", &[("n", &35)]);
        assert_eq!(out, "落后 35 {unknown}");
        assert_eq!(Labels::ENGLISH.dead_letters.of(1), "{n} dead letter");
    }
}
