//! Going from thing to thing on the stage with the arrow keys.
//!
//! Messages are many, so they are a level of their own: plain arrows go between the things that stay, and from
//! message to message once one is selected; with the shift key they go to the messages of the selected queue.

use crate::broker::{MessageRef, World};
use crate::scene::{Picture, Subject, Target};

/// Where an arrow points.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Direction {
    /// Towards the producers.
    Left,
    /// Towards the consumers.
    Right,
    /// Up.
    Up,
    /// Down.
    Down,
}

/// Turning aside costs so many times as much as going on.
const ASIDE: f32 = 2.5;
/// Where the name of a thing with other things inside stands.
const NAME: f32 = 16.0;

/// The thing nearest to the selected one in this direction; without a selection, the first thing on the stage.
pub fn towards(
    picture: &Picture,
    world: &World,
    selected: Option<Subject>,
    direction: Direction,
    to_messages: bool,
) -> Option<Subject> {
    let is_message = |subject| matches!(subject, Subject::Message(_));
    let from =
        selected.and_then(|it| Some((it, picture.targets.iter().rev().find(|target| target.subject == it)?)));
    let Some((from, place)) = from else {
        return first(picture);
    };
    if to_messages && !is_message(from) {
        return newest_shown(picture, world, from);
    }
    let (x, y) = point(place);
    let mut best: Option<(f32, Subject)> = None;
    for target in &picture.targets {
        let subject = target.subject;
        if subject == from || is_message(subject) != is_message(from) {
            continue;
        }
        if !is_message(from) && !is_next(from, subject, direction) {
            continue;
        }
        let (to_x, to_y) = point(target);
        let (ahead, aside) = match direction {
            Direction::Left => (x - to_x, (y - to_y).abs()),
            Direction::Right => (to_x - x, (y - to_y).abs()),
            Direction::Up => (y - to_y, (x - to_x).abs()),
            Direction::Down => (to_y - y, (x - to_x).abs()),
        };
        // Within a wedge of about 60 degrees to either side.
        if ahead < 1.0 || aside > ahead * 1.8 + 4.0 {
            continue;
        }
        let cost = ahead + aside * ASIDE;
        if best.is_none_or(|(least, _)| cost < least) {
            best = Some((cost, subject));
        }
    }
    // Before the newest message there is its queue.
    let queue = match (from, direction) {
        (Subject::Message(at), Direction::Left) if best.is_none() => Some(Subject::Queue(at.queue)),
        _ => None,
    };
    best.map(|(_, subject)| subject).or(queue)
}

/// Where everybody begins: at the left, where messages come from.
fn first(picture: &Picture) -> Option<Subject> {
    let steady = picture.targets.iter().filter(|target| is_steady(target.subject));
    let first = steady.min_by(|a, b| a.area.x.total_cmp(&b.area.x).then(a.area.y.total_cmp(&b.area.y)));
    first.map(|target| target.subject)
}

/// The newest message that is drawn in the queue that is selected, or in the one that a selected cursor is on.
fn newest_shown(picture: &Picture, world: &World, selected: Subject) -> Option<Subject> {
    let queue = match selected {
        Subject::Queue(id) => id,
        Subject::Cursor(id) => world.progress(id).queue,
        Subject::Topic(id) => *world.topic(id).queues.first()?,
        _ => return None,
    };
    let of_queue = |target: &Target| match target.subject {
        Subject::Message(at) if at.queue == queue => Some(at),
        _ => None,
    };
    let newest = picture.targets.iter().filter_map(of_queue).max_by_key(|at: &MessageRef| at.offset);
    newest.map(Subject::Message)
}

/// What stays in its place. What flies is too quick for the keyboard; it is reached where it comes from or goes to.
fn is_steady(subject: Subject) -> bool {
    column(subject).is_some()
}

/// Is it in the same column, or in the next one that way? Nobody goes past the queues from a producer to a group.
fn is_next(from: Subject, to: Subject, direction: Direction) -> bool {
    let (Some(from), Some(to)) = (column(from), column(to)) else { return false };
    match direction {
        Direction::Left => to <= from && to + 1 >= from,
        Direction::Right => to >= from && to <= from + 1,
        Direction::Up | Direction::Down => to.abs_diff(from) <= 1,
    }
}

/// Production, storage, progress, consumption.
fn column(subject: Subject) -> Option<u8> {
    match subject {
        Subject::Producer(_) | Subject::Caller(_) => Some(0),
        Subject::Topic(_)
        | Subject::Timer(_)
        | Subject::Curtain(_)
        | Subject::Lite(_)
        | Subject::Queue(_) => Some(1),
        Subject::Cursor(_) => Some(2),
        Subject::P2p(_) => Some(1),
        Subject::Service(_) => Some(3),
        Subject::Group(_) | Subject::Consumer(_) | Subject::RetryShelf(_) | Subject::DeadLetters(_) => {
            Some(3)
        }
        Subject::Message(_) | Subject::Sending(..) | Subject::Thread(..) => None,
    }
}

/// The point that stands for a thing: its middle, or the place of its name if there are other things in it.
fn point(target: &Target) -> (f32, f32) {
    let area = target.area;
    match target.subject {
        Subject::Topic(_) | Subject::Group(_) => (area.middle_x(), area.y + NAME),
        Subject::Queue(_) => (area.x + NAME, area.middle_y()),
        _ => (area.middle_x(), area.middle_y()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::app::store::bundled;
    use crate::scene::{View, draw};
    use crate::session::Session;
    use crate::sim::Instant;

    /// The first bundled scenario at an instant, drawn as wide as on a laptop.
    fn stage() -> (Session<()>, Picture) {
        let scenario = bundled("domain-model").expect("it is bundled");
        let mut session = Session::new(scenario.into(), ());
        session.run_until(Instant::from_secs(25), u64::MAX);
        let picture = draw(session.world(), session.now(), &View::new(1040.0, 420.0));
        (session, picture)
    }

    #[test]
    fn arrows_go_from_production_through_storage_to_consumption_and_back() {
        let (session, picture) = stage();
        let go = |from, direction| towards(&picture, session.world(), from, direction, false);
        let mut at = go(None, Direction::Right);
        let mut columns = vec![at.and_then(column)];
        for _ in 0..12 {
            let Some(next) = go(at, Direction::Right) else { break };
            at = Some(next);
            columns.push(column(next));
        }
        columns.dedup();
        assert_eq!(columns, [Some(0), Some(1), Some(2), Some(3)]);
        for _ in 0..12 {
            at = go(at, Direction::Left).or(at);
        }
        assert_eq!(at.and_then(column), Some(0), "and back to a producer: {at:?}");
    }

    #[test]
    fn whatever_stays_in_its_place_can_be_reached() {
        let (session, picture) = stage();
        let mut reached: Vec<Subject> = first(&picture).into_iter().collect();
        let mut next = 0;
        while let Some(&from) = reached.get(next) {
            next += 1;
            for direction in [Direction::Left, Direction::Right, Direction::Up, Direction::Down] {
                if let Some(to) = towards(&picture, session.world(), Some(from), direction, false)
                    && !reached.contains(&to)
                {
                    reached.push(to);
                }
            }
        }
        let steady = picture.targets.iter().map(|target| target.subject).filter(|it| is_steady(*it));
        let missed: Vec<Subject> = steady.filter(|it| !reached.contains(it)).collect();
        assert!(missed.is_empty(), "{missed:?}");
    }

    #[test]
    fn messages_are_entered_from_their_queue_and_left_to_it() {
        let (session, picture) = stage();
        let queue = session.world().ordinary_topics().next().expect("a topic").1.queues[0];
        let go = |from, direction, to_messages| {
            towards(&picture, session.world(), Some(from), direction, to_messages)
        };
        let newest = go(Subject::Queue(queue), Direction::Right, true).expect("the queue holds messages");
        let older = go(newest, Direction::Right, false).expect("there are older ones");
        let (Subject::Message(newest), Subject::Message(older)) = (newest, older) else {
            panic!("messages are neighbours of messages")
        };
        assert_eq!((older.queue, older.offset), (newest.queue, newest.offset - 1));
        assert_eq!(go(Subject::Message(newest), Direction::Left, false), Some(Subject::Queue(queue)));
    }
}
