//! One group alone and among others.

use mqscope::broker::settings::{Expiry, FlushDisk};
use mqscope::broker::*;
use mqscope::sim::Instant;

use crate::worlds;
use crate::worlds::Plan;

/// One delivery as others could see it: by names, not by ids.
type Seen = (Instant, String, u64, String, &'static str);

/// Everything that happened in one group.
#[derive(Default)]
struct OneGroup {
    name: String,
    seen: Vec<Seen>,
}

impl Observer for OneGroup {
    fn observe(&mut self, world: &World, entry: &Entry) {
        let (progress, offset, consumer, what) = match entry.event {
            Event::MessageHandedOut { progress, offset, consumer, .. } => {
                (progress, offset, consumer, "handed out")
            }
            Event::ConsumeFinished { progress, offset, consumer, outcome, .. } => {
                let what = if outcome == Outcome::Acknowledged { "acknowledged" } else { "failed" };
                (progress, offset, consumer, what)
            }
            _ => return,
        };
        let state = world.progress(progress);
        if world.group(state.group).spec.name == self.name {
            let view = world.message_view(MessageRef { queue: state.queue, offset });
            let number = view.map_or(0, |view| view.number);
            self.seen.push((
                entry.at,
                world.queue_name(state.queue),
                number,
                world.consumer_name(consumer),
                what,
            ));
        }
    }
}

/// I24: what one group does, or whether it exists at all, changes nothing in another group's deliveries.
#[test]
fn groups_do_not_disturb_each_other() {
    let mut compared = 0;
    for seed in worlds().into_iter().take(300) {
        let plan = Plan::draw(seed);
        let names: Vec<String> = plan.topology.iter().filter_map(group_name).collect();
        let [first, .., other] = names.as_slice() else { continue };
        // Files of the log are shared: what one group has retried fills them for all.
        if plan.settings.store_expiry == Expiry::Segment || lite_topics_are_shared(&plan) {
            continue;
        }
        // So are its pages: where enough of them are waited for they are flushed earlier if others fill them.
        let waits = plan.settings.flush_disk == FlushDisk::Async && plan.settings.flush_least_pages > 0;
        if waits && plan.features.contains("crash of the broker's machine") {
            continue;
        }
        let alone = |command: &Command| group_name(command).is_none_or(|name| name == *first);
        let quiet = |command: &Command| match command {
            Command::Consumer { consumer, .. } => consumer.starts_with(&format!("{first}/")),
            Command::Link { client, .. } => !client.contains('/') || client.starts_with(&format!("{first}/")),
            Command::AddGroup(_) => false,
            Command::AddConsumer { group, .. }
            | Command::RemoveGroup { group }
            | Command::SetFilter { group, .. }
            | Command::ResetOffset { group, .. }
            | Command::SetBalance { group, .. } => group == first,
            _ => true,
        };
        let play = |keep: &dyn Fn(&Command) -> bool, act: &dyn Fn(&Command) -> bool| {
            let mut broker = Broker::new(plan.settings.clone(), seed, None);
            let mut group = OneGroup { name: first.clone(), seen: Vec::new() };
            for command in plan.topology.iter().filter(|c| keep(c)) {
                broker.command(command.clone(), &mut group);
            }
            for (at, command) in plan.actions.iter().filter(|(_, c)| act(c)) {
                while broker.step(*at, &mut group) {}
                broker.advance(*at);
                broker.command(command.clone(), &mut group);
            }
            while broker.step(plan.repair_at, &mut group) {}
            group.seen
        };
        let among_others = play(&|_| true, &|_| true);
        assert_eq!(among_others, play(&alone, &quiet), "I24, world {seed}: {first} beside {other}");
        compared += 1;
    }
    assert!(compared > 0 || worlds().len() == 1, "some worlds have two groups");
}

fn group_name(command: &Command) -> Option<String> {
    if let Command::AddGroup(spec) = command { Some(spec.name.clone()) } else { None }
}

/// Lite topics are of no group: one that another group brought into being counts, and ends, for all.
fn lite_topics_are_shared(plan: &Plan) -> bool {
    plan.features.contains("lite topics end") || plan.features.contains("lite quota")
}
