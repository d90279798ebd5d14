//! What is set, in words.

use crate::broker::spec::{Failure, Pattern};
use crate::forms::text::rate_text;
use crate::lesson::Words;
use crate::sim::Distribution;

/// When a producer sends.
pub(in crate::app::components) fn pattern(words: &Words, pattern: &Pattern) -> String {
    match *pattern {
        Pattern::Constant(rate) => words.fill("control.says_constant", &[("rate", &rate_text(rate))]),
        Pattern::Poisson(rate) => words.fill("control.says_poisson", &[("rate", &rate_text(rate))]),
        Pattern::Bursts { rate, burst_rate, every, lasting } => {
            let (rate, burst_rate) = (rate_text(rate), rate_text(burst_rate));
            words.fill(
                "control.says_bursts",
                &[("rate", &rate), ("burst_rate", &burst_rate), ("lasting", &lasting), ("every", &every)],
            )
        }
        Pattern::ByHand => words.text("control.says_by_hand").to_owned(),
    }
}

/// How long a listener takes.
pub(in crate::app::components) fn processing(words: &Words, processing: &Distribution) -> String {
    match *processing {
        Distribution::Constant(time) => words.fill("control.says_always", &[("time", &time)]),
        Distribution::Uniform { min, max } => {
            words.fill("control.says_uniform", &[("min", &min), ("max", &max)])
        }
        Distribution::Exponential { mean } => words.fill("control.says_exponential", &[("mean", &mean)]),
        Distribution::LogNormal { median, p99 } => {
            words.fill("control.says_log_normal", &[("median", &median), ("p99", &p99)])
        }
    }
}

/// When a listener fails.
pub(in crate::app::components) fn failure(words: &Words, failure: &Failure) -> String {
    match failure {
        Failure::Probability(ratio) if ratio.is_zero() => words.text("control.says_never").to_owned(),
        Failure::Probability(ratio) => words.fill("control.says_probability", &[("ratio", ratio)]),
        Failure::PoisonTag(tag) => words.fill("control.says_poison_tag", &[("tag", tag)]),
        Failure::PoisonKey(key) => words.fill("control.says_poison_key", &[("key", key)]),
        Failure::FirstAttempts(n) => words.count("control.says_first_attempts", u64::from(*n), &[]),
    }
}
