//! The lines of what stands beside the broker: calls, and point-to-point queues.

use super::track::{Source, Track, all_groups, of_group};
use crate::broker::World;
use crate::lesson::Words;
use crate::metrics::Series;
use crate::metrics::call_series::Held;
use crate::metrics::series::Count;
use crate::scene::{Dash, Role};
use crate::sim::Instant;

fn line<'a>(
    words: &Words,
    key: &str,
    role: Role,
    dash: Dash,
    since: Instant,
    source: Source<'a>,
) -> Track<'a> {
    Track { name: words.text(key).to_owned(), role, dash, since, until: None, source }
}

/// Per second: calls begun and what became of them, then messages put into point-to-point queues and gone from them.
pub(super) fn calls<'a>(series: &'a Series, words: &Words) -> Vec<Track<'a>> {
    let all = &series.calls;
    let mut lines = Vec::new();
    if let Some(since) = all.since {
        let mut rate = |key: &str, role, dash, count: &'a Count| {
            lines.push(line(words, key, role, dash, since, Source::Rate(count)));
        };
        rate("plot.calls.begun", Role::Ink, Dash::Solid, &all.begun);
        rate("plot.calls.answered", Role::Accent, Dash::Solid, &all.answered);
        rate("plot.calls.failed", Role::Danger, Dash::Dashed, &all.failed);
        rate("plot.calls.timed_out", Role::Danger, Dash::Dotted, &all.timed_out);
    }
    if let Some(since) = all.queued_since {
        let mut rate = |key: &str, dash, count: &'a Count| {
            lines.push(line(words, key, Role::InkMuted, dash, since, Source::Rate(count)));
        };
        rate("plot.p2p.put", Dash::Solid, &all.put);
        rate("plot.p2p.gone", Dash::Dashed, &all.gone);
    }
    lines
}

/// How long answered calls took, and messages from being sent to their success in each group.
pub(super) fn times<'a>(series: &'a Series, world: &World, words: &Words) -> Vec<Track<'a>> {
    let all = &series.calls;
    let Some(since) = all.since else { return Vec::new() };
    let calls =
        line(words, "plot.calls", Role::Ink, Dash::Solid, since, Source::Mean(&all.took, &all.answered));
    let groups = all_groups(world).filter_map(|id| {
        let (name, role, dash, begun, until) = of_group(world, id, series)?;
        let took = all.messages_took.get(id.index())?;
        let source = Source::Mean(took, &series.groups[id.index()].consumed);
        Some(Track { name, role, dash, since: begun.max(since), until, source })
    });
    [calls].into_iter().chain(groups).collect()
}

/// How many there are: calls without an answer, at work, in line; messages that wait point to point.
pub(super) fn in_use<'a>(series: &'a Series, words: &Words) -> Vec<Track<'a>> {
    let all = &series.calls;
    let mut lines = Vec::new();
    if let Some(since) = all.since {
        let mut held = |key: &str, role, dash, held: &'a Held| {
            lines.push(line(words, key, role, dash, since, Source::Held(held)));
        };
        held("plot.calls.open", Role::Ink, Dash::Solid, &all.open);
        held("plot.calls.working", Role::Accent, Dash::Solid, &all.working);
        held("plot.calls.waiting", Role::Danger, Dash::Dashed, &all.waiting);
    }
    if let Some(since) = all.queued_since {
        let source = Source::Held(&all.queued);
        lines.push(line(words, "plot.p2p.queued", Role::InkMuted, Dash::Solid, since, source));
    }
    lines
}
