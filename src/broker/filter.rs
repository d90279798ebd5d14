//! Filtering: what is read for a consumer and not sent to it.
//!
//! Messages are judged when they would be handed out, by the filter of that moment; a filter that changes later brings
//! nothing back. As long as nobody reads, nothing is judged. What does not match is finished for the group: its progress
//! goes past it, and no thread has anything to do with it. Source: `ExpressionMessageFilter`, `PullAPIWrapper`,
//! `PopMessageResultFilterImpl`.

use super::delivery::handed_out;
use super::event::Event;
use super::id::{ConsumerId, MessageRef, ProgressId};
use super::world::World;

/// What becomes of a message that is read for a consumer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Verdict {
    /// It is handed out.
    Passes,
    /// The broker does not send it.
    Filtered,
    /// The broker would send it and the proxy does not.
    Rejected,
}

/// Judges one message of a progress with filters.
pub(super) fn verdict(world: &World, id: ProgressId, offset: u64, reader: ConsumerId) -> Verdict {
    let at = MessageRef { queue: world.progress(id).queue, offset };
    if !world.filter(world.filter_at_broker(id, reader)).passes_broker(world, at) {
        Verdict::Filtered
    } else if is_compared_by_proxy(world, id) && !passes_client(world, id, offset, reader) {
        Verdict::Rejected
    } else {
        Verdict::Passes
    }
}

/// In message balancing the proxy compares the tags themselves, where there is one.
fn is_compared_by_proxy(world: &World, id: ProgressId) -> bool {
    let progress = world.progress(id);
    progress.by_message && (world.settings.pop_through_proxy || !world.group(progress.group).simple)
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
    let mut run = progress.next..progress.next;
    let mut passed = 0;
    let end_run = |run: &std::ops::Range<u64>, out: &mut Vec<Event>| {
        let count = (run.end - run.start) as u32;
        if count > 0 {
            out.push(Event::MessagesFiltered { progress: id, offset: run.start, count, consumer: reader });
        }
    };
    for offset in progress.next..world.queue(progress.queue).max_offset {
        if passed == room {
            break;
        }
        let verdict = verdict(world, id, offset, reader);
        if verdict == Verdict::Filtered && run.end - run.start < u64::from(u32::MAX) {
            run.end = offset + 1;
            continue;
        }
        end_run(&run, out);
        run = offset + 1..offset + 1;
        match verdict {
            Verdict::Filtered => run.start = offset,
            Verdict::Rejected => {
                out.push(Event::MessageRejectedByTag { progress: id, offset, consumer: reader });
            }
            Verdict::Passes => {
                out.push(handed_out(world, id, offset, reader));
                passed += 1;
            }
        }
    }
    end_run(&run, out);
    passed
}
