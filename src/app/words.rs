//! Words of the page that come from elsewhere than the catalogue's sentences: the scenario's own texts, times, and the
//! stage's labels.

use std::borrow::Cow;

use crate::lesson::{Language, Said, Words};
use crate::scenario::LocalText;
use crate::scene::{Labels, Plural, Tip, Word};
use crate::sim::Instant;

/// A scenario's text in the visitor's language.
pub fn local(text: &LocalText, language: Language) -> &str {
    match language {
        Language::English => &text.en,
        Language::Chinese => &text.zh_cn,
    }
}

/// An instant as the page's clock shows it, and the microseconds that are left.
pub fn clock(at: Instant) -> (String, u64) {
    let (seconds, us) = (at.0 / 1_000_000, at.0 % 1_000_000);
    (format!("{}:{:02}.{:03}", seconds / 60, seconds % 60, us / 1_000), us % 1_000)
}

/// The same without thousandths that are all zero.
pub fn short_clock(at: Instant) -> String {
    let (text, _) = clock(at);
    text.strip_suffix(".000").map_or(text.clone(), str::to_owned)
}

/// The line about a thing on the stage.
pub fn tip(words: &Words, tip: &Tip) -> String {
    tip.text(|phrase| {
        let holes: Vec<(&str, &dyn Said)> =
            phrase.holes.iter().map(|(name, value)| (*name, value as _)).collect();
        match phrase.count {
            Some(n) => words.count(phrase.key, n, &holes),
            None => words.fill(phrase.key, &holes),
        }
    })
}

macro_rules! labels {
    ($words:ident; $($name:ident: $kind:ident),* $(,)?) => {
        Labels { $($name: labels!(@$kind $words concat!("stage.", stringify!($name))),)* }
    };
    (@Word $words:ident $key:expr) => { Word::from($words.text($key).to_owned()) };
    (@Plural $words:ident $key:expr) => {{
        let [one, other] = $words.forms($key);
        Plural { one: Cow::Owned(one.to_owned()), other: Cow::Owned(other.to_owned()) }
    }};
}

/// The words on the stage.
pub fn labels(words: &Words) -> Labels {
    labels! { words;
        production: Word, storage: Word, consumption: Word, beside: Word, alone: Word, consumers: Plural, waits_for: Plural, gone: Plural, behind: Plural, older: Plural, expired: Plural, queues: Plural,
        broker_down: Word, cut_off: Word, link_held: Word, unanswered: Plural, send_failed: Plural,
        more_queues: Plural, more_producers: Plural, more_consumers: Plural, more_callers: Plural, more_services: Plural, more_p2p: Plural, more_groups: Plural,
        more_topics: Plural, kept: Plural, kept_for: Word, scale: Plural, normal: Word, fifo: Word, delay: Word, transaction: Word, lite: Word, lite_topics: Plural, lite_behind: Plural, lite_each: Plural, lite_busy: Word, lite_life: Word, set_aside: Word, mixed: Word, refused: Plural, clustering: Word, broadcasting: Word,
        by_queue: Word, by_message: Word, orderly: Word, simple: Word, pull: Word, members_differ: Word, idle: Word, no_queue: Word,
        no_queue_yet: Word, newest: Word, oldest: Word, paused: Word, leaving: Word, left: Word,
        crashed: Word, cached: Plural, holds: Plural, owns: Plural, retry_next: Plural, retry: Plural,
        dead_letters: Plural, timer: Plural, timer_short: Plural, lost: Plural, send_queue: Word, compacted: Word, awaiting: Plural, backing_off: Plural, given_up: Plural,
        timer_empty: Word, curtain: Plural, curtain_short: Plural, curtain_empty: Word, rebalanced: Word, no_consumer: Word, per_second: Plural, constant: Word,
        poisson: Word, bursts: Word, by_hand: Word, sent: Plural, acknowledged: Plural, stopped: Word,
        no_producer: Word, no_topic: Word, no_group: Word,
    }
}
