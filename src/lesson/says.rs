//! What is set, in words: when a producer sends, how long a listener takes, when it fails.

use super::words::{Said, Words};
use crate::broker::event::Code;
use crate::broker::spec::{Failure, Pattern, Rate};
use crate::broker::{ProducerId, World};
use crate::sim::Distribution;

/// Messages per second, with as many decimals as it has.
fn rate_text(rate: Rate) -> String {
    let (whole, rest) = (rate.micros_per_second / 1_000_000, rate.micros_per_second % 1_000_000);
    if rest == 0 {
        return whole.said();
    }
    format!("{}.{rest:06}", whole.said()).trim_end_matches('0').to_owned()
}

/// When a producer sends.
pub fn pattern(words: &Words, pattern: &Pattern) -> String {
    match *pattern {
        Pattern::Constant(rate) => words.fill("control.says_constant", &[("rate", &rate_text(rate))]),
        Pattern::Poisson(rate) => words.fill("control.says_poisson", &[("rate", &rate_text(rate))]),
        Pattern::Bursts { rate, burst_rate, every, lasting } => {
            let (rate, burst_rate) = (rate_text(rate), rate_text(burst_rate));
            let (lasting, every) = (words.exact_span(lasting), words.exact_span(every));
            words.fill(
                "control.says_bursts",
                &[("rate", &rate), ("burst_rate", &burst_rate), ("lasting", &lasting), ("every", &every)],
            )
        }
        Pattern::ByHand => words.text("control.says_by_hand").to_owned(),
    }
}

/// Which type of message a producer sends, which its topic takes, and what it is told if these are not one.
pub(super) fn types(world: &World, producer: ProducerId) -> [(&'static str, String); 4] {
    let sender = world.producer(producer);
    let topic = world.topic(sender.topic);
    [
        ("message", sender.spec.message.message_type().name().said()),
        ("topic", topic.name.said()),
        ("takes", topic.message_type.name().said()),
        ("code", Code::MessagePropertyConflictWithType.said()),
    ]
}

/// When a caller calls.
pub fn calls(words: &Words, pattern: &Pattern) -> String {
    match *pattern {
        Pattern::Constant(rate) | Pattern::Poisson(rate) if rate.micros_per_second == 0 => {
            words.text("control.calls_never").to_owned()
        }
        Pattern::Constant(rate) => words.fill("control.calls_constant", &[("rate", &rate_text(rate))]),
        Pattern::Poisson(rate) => words.fill("control.calls_poisson", &[("rate", &rate_text(rate))]),
        Pattern::Bursts { rate, burst_rate, every, lasting } => {
            let (rate, burst_rate) = (rate_text(rate), rate_text(burst_rate));
            let (lasting, every) = (words.exact_span(lasting), words.exact_span(every));
            let holes: [(&str, &dyn Said); 4] =
                [("rate", &rate), ("burst_rate", &burst_rate), ("lasting", &lasting), ("every", &every)];
            words.fill("control.calls_bursts", &holes)
        }
        Pattern::ByHand => words.text("control.calls_never").to_owned(),
    }
}

/// The same where there is little room: the rate alone, if it has one.
pub fn rate(words: &Words, pattern: &Pattern) -> String {
    match *pattern {
        Pattern::Constant(rate) | Pattern::Poisson(rate) => {
            words.fill("tick.rate", &[("rate", &rate_text(rate))])
        }
        Pattern::Bursts { .. } => words.text("control.pattern_bursts").to_owned(),
        Pattern::ByHand => words.text("control.says_by_hand").to_owned(),
    }
}

/// How long a listener takes.
pub fn processing(words: &Words, processing: &Distribution) -> String {
    match *processing {
        Distribution::Constant(time) => {
            words.fill("control.says_always", &[("time", &words.exact_span(time))])
        }
        Distribution::Uniform { min, max } => words.fill(
            "control.says_uniform",
            &[("min", &words.exact_span(min)), ("max", &words.exact_span(max))],
        ),
        Distribution::Exponential { mean } => {
            words.fill("control.says_exponential", &[("mean", &words.exact_span(mean))])
        }
        Distribution::LogNormal { median, p99 } => words.fill(
            "control.says_log_normal",
            &[("median", &words.exact_span(median)), ("p99", &words.exact_span(p99))],
        ),
    }
}

/// When a listener fails.
pub fn failure(words: &Words, failure: &Failure) -> String {
    match failure {
        Failure::Probability(ratio) if ratio.is_zero() => words.text("control.says_never").to_owned(),
        Failure::Probability(ratio) => words.fill("control.says_probability", &[("ratio", ratio)]),
        Failure::PoisonTag(tag) => words.fill("control.says_poison_tag", &[("tag", tag)]),
        Failure::PoisonKey(key) => words.fill("control.says_poison_key", &[("key", key)]),
        Failure::FirstAttempts(n) => words.count("control.says_first_attempts", u64::from(*n), &[]),
    }
}
