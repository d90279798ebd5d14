//! Names for new things: the first free one of a row, so that nobody has to invent any.

use crate::broker::{GroupId, World};

pub(super) fn first_free(
    from: usize,
    make: impl Fn(usize) -> String,
    is_taken: impl Fn(&str) -> bool,
) -> String {
    let mut number = from;
    loop {
        let name = make(number);
        if !is_taken(&name) {
            return name;
        }
        number += 1;
    }
}

/// For the next topic.
pub fn topic_name(world: &World) -> String {
    let first = world.ordinary_topics().count() + 1;
    first_free(first, |n| format!("topic-{n}"), |name| world.find_topic(name).is_some())
}

/// For the next producer.
pub fn producer_name(world: &World) -> String {
    let first = world.live.producers.iter().filter(|producer| producer.running).count() + 1;
    first_free(first, |n| format!("producer-{n}"), |name| world.find_producer(name).is_some())
}

/// For the next group.
pub fn group_name(world: &World) -> String {
    let first = world.groups().count() + 1;
    first_free(first, |n| format!("group-{n}"), |name| world.find_group(name).is_some())
}

/// For the next consumer of a group. Names of those that left stay taken: they can start again.
pub fn consumer_name(world: &World, group: GroupId) -> String {
    let consumers = &world.group(group).consumers;
    let is_taken = |name: &str| consumers.iter().any(|id| world.consumer(*id).spec.name == name);
    first_free(consumers.len() + 1, |n| format!("C{n}"), is_taken)
}
