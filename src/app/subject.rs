//! What can be selected, hovered and asked about: the same in the picture, the log and the tables.

pub use crate::scene::Subject;

use crate::broker::consumer::{ConsumerStatus, Doing, Reach};
use crate::broker::{ConsumerId, World};
use crate::lesson::About;
use crate::lesson::explain::name_of;

/// What a name in a sentence stands for.
pub fn subject_of(about: About) -> Subject {
    match about {
        About::Topic(id) => Subject::Topic(id),
        About::Queue(id) => Subject::Queue(id),
        About::Message(at) => Subject::Message(at),
        About::Producer(id) => Subject::Producer(id),
        About::Group(id) => Subject::Group(id),
        About::Consumer(id) => Subject::Consumer(id),
        About::Service(id) => Subject::Service(id),
        About::Caller(id) => Subject::Caller(id),
        About::P2p(id) => Subject::P2p(id),
        About::Lite(id) => Subject::Lite(id),
    }
}

/// Does the world hold it? A selection can outlive its run.
pub fn exists(world: &World, subject: Subject) -> bool {
    let live = &world.live;
    let queue = |at: crate::broker::MessageRef| live.queues.get(at.queue.index());
    match subject {
        Subject::Producer(id) => id.index() < live.producers.len(),
        Subject::Sending(id, number) => {
            live.producers.get(id.index()).is_some_and(|producer| number < producer.sent)
        }
        Subject::Topic(id) | Subject::Timer(id) | Subject::Curtain(id) => {
            live.topics.get(id.index()).is_some_and(|topic| !topic.removed)
        }
        Subject::Lite(id) => world.lites().is_some_and(|lites| id.index() < lites.len()),
        Subject::Queue(id) => id.index() < live.queues.len(),
        Subject::Message(at) => queue(at).is_some_and(|queue| at.offset < queue.max_offset),
        Subject::Cursor(id) => id.index() < live.progress.len(),
        Subject::Group(id) | Subject::RetryShelf(id) | Subject::DeadLetters(id) => {
            live.groups.get(id.index()).is_some_and(|group| !group.removed)
        }
        Subject::Service(id) => id.index() < live.services.len(),
        Subject::Caller(id) => id.index() < live.callers.len(),
        Subject::P2p(id) => id.index() < live.p2p.len(),
        Subject::Consumer(id) | Subject::Thread(id, _) => id.index() < live.consumers.len(),
    }
}

/// The catalogue's key for how a consumer is: whether the broker can reach it, what it is at while it runs, else how it came
/// to stand still.
pub fn state_key(world: &World, id: ConsumerId) -> &'static str {
    let consumer = world.consumer(id);
    match consumer.reach {
        Reach::Cut if consumer.is_alive() => return "stage.cut_off",
        Reach::Held if consumer.is_alive() => return "stage.link_held",
        _ => {}
    }
    match (consumer.status, world.doing(id)) {
        (_, Some(Doing::Idle)) => "stage.idle",
        (_, Some(Doing::NoQueue)) => "stage.no_queue",
        (_, Some(Doing::WaitsForQueues)) => "stage.no_queue_yet",
        (status, _) => status_key(status),
    }
}

/// The state of its process in a word.
pub fn status_key(status: ConsumerStatus) -> &'static str {
    match status {
        ConsumerStatus::Running => "inspect.status_running",
        ConsumerStatus::Paused => "inspect.status_paused",
        ConsumerStatus::Leaving => "inspect.status_leaving",
        ConsumerStatus::Left => "inspect.status_left",
        ConsumerStatus::Crashed => "inspect.status_crashed",
    }
}

/// Its name, as sentences use it.
pub fn name(world: &World, subject: Subject) -> String {
    let named = |about| name_of(world, about);
    match subject {
        Subject::Producer(id) => named(About::Producer(id)),
        Subject::Sending(id, number) => format!("{} #{number}", named(About::Producer(id))),
        Subject::Topic(id) | Subject::Timer(id) | Subject::Curtain(id) => named(About::Topic(id)),
        Subject::Queue(id) => named(About::Queue(id)),
        Subject::Message(at) => named(About::Message(at)),
        Subject::Cursor(id) => {
            let progress = world.progress(id);
            format!("{} · {}", named(About::Group(progress.group)), named(About::Queue(progress.queue)))
        }
        Subject::Group(id) | Subject::RetryShelf(id) | Subject::DeadLetters(id) => named(About::Group(id)),
        Subject::Service(id) => named(About::Service(id)),
        Subject::Caller(id) => named(About::Caller(id)),
        Subject::P2p(id) => named(About::P2p(id)),
        Subject::Lite(id) => named(About::Lite(id)),
        Subject::Consumer(id) => named(About::Consumer(id)),
        Subject::Thread(id, thread) => format!("{} · {}", named(About::Consumer(id)), thread + 1),
    }
}
