//! Filtering: what is read for a consumer and not sent to it.
//!
//! Messages are judged when they would be handed out, by the filter of that moment; a filter that changes later brings
//! nothing back. As long as nobody reads, nothing is judged. What does not match is finished for the group: its progress
//! goes past it, and no thread has anything to do with it. Source: `ExpressionMessageFilter`, `PullAPIWrapper`,
//! `PopMessageResultFilterImpl`.

use std::ops::Range;

use super::delivery::handed_out;
use super::event::Event;
use super::id::{ConsumerId, MessageRef, ProgressId};
use super::progress::ProgressState;
use super::world::World;
use crate::rules::proxy::{self, Received};

/// What becomes of a message that is read for a consumer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Verdict {
    /// It is handed out.
    Passes,
    /// The broker does not send it.
    Filtered,
    /// The broker would send it and the proxy does not.
    Rejected,
    /// It is gone, because a newer one has the same key.
    Superseded,
}

/// Judges one message of a progress with filters.
pub(super) fn verdict(world: &World, id: ProgressId, offset: u64, reader: ConsumerId) -> Verdict {
    let at = MessageRef { queue: world.progress(id).queue, offset };
    if world.is_superseded(at) {
        Verdict::Superseded
    } else if !world.filter(world.filter_at_broker(id, reader)).passes_broker(world, at) {
        Verdict::Filtered
    } else if at_proxy(world, id, at, reader) == Received::NoMatch {
        Verdict::Rejected
    } else {
        // What was tried often enough became a dead letter on its way back: `World::is_last_wait`. Only a group that is made
        // anew with fewer tries is still given what came back to the one before.
        Verdict::Passes
    }
}

/// What the proxy does with a message, in message balancing and where there is one.
fn at_proxy(world: &World, id: ProgressId, at: MessageRef, reader: ConsumerId) -> Received {
    let ProgressState { by_message, group, .. } = *world.progress(id);
    if !by_message || !world.has_proxy(group) {
        return Received::Match;
    }
    let filter = world.filter(world.filter_at_client(id, at, reader));
    let times = world.reconsume_times(at).into();
    proxy::received(world.attempts_max(group), times, filter.tags(), world.tag(at))
}

/// Would the consumer's own side keep the message?
pub(super) fn passes_client(world: &World, id: ProgressId, offset: u64, reader: ConsumerId) -> bool {
    let at = MessageRef { queue: world.progress(id).queue, offset };
    world.filter(world.filter_at_client(id, at, reader)).passes_exactly(world, at)
}

/// Reads what is ready for a consumer, in order, until `room` messages have come through. Says how many have.
pub(super) fn sift(
    world: &World,
    id: ProgressId,
    reader: ConsumerId,
    room: u64,
    out: &mut Vec<Event>,
) -> u64 {
    let progress = world.progress(id);
    // What is passed over in a row, and for the same reason, is one event.
    let mut run = (progress.next..progress.next, Verdict::Filtered);
    let mut passed = 0;
    for offset in progress.next..world.queue(progress.queue).max_offset {
        if passed == room {
            break;
        }
        let verdict = verdict(world, id, offset, reader);
        let (offsets, why) = &mut run;
        if verdict == *why && offsets.end - offsets.start < u64::from(u32::MAX) {
            offsets.end = offset + 1;
            continue;
        }
        out.extend(passed_over(id, reader, &run));
        run = (offset + 1..offset + 1, Verdict::Filtered);
        match verdict {
            Verdict::Filtered | Verdict::Superseded => run = (offset..offset + 1, verdict),
            Verdict::Rejected => {
                out.push(Event::MessageRejectedByTag { progress: id, offset, consumer: reader });
            }
            Verdict::Passes => {
                out.push(handed_out(world, id, offset, reader));
                passed += 1;
            }
        }
    }
    out.extend(passed_over(id, reader, &run));
    passed
}

/// A reader does not get some messages in a row, all for the same reason.
pub(super) fn passed_over(
    progress: ProgressId,
    consumer: ConsumerId,
    (offsets, why): &(Range<u64>, Verdict),
) -> Option<Event> {
    let (offset, count) = (offsets.start, (offsets.end - offsets.start) as u32);
    match why {
        _ if count == 0 => None,
        Verdict::Superseded => Some(Event::MessagesSuperseded { progress, offset, count, consumer }),
        _ => Some(Event::MessagesFiltered { progress, offset, count, consumer }),
    }
}
