//! One world from its beginning to its rest, and what must hold then.

use std::collections::{BTreeMap, BTreeSet};

use mqscope::broker::promises::promises;
use mqscope::broker::spec::*;
use mqscope::broker::{invariants, *};
use mqscope::metrics::report;
use mqscope::sim::{Instant, Span};

use crate::witness::{Timed, Witness};
use crate::worlds::Plan;
use crate::{consumers, faults, order, reproduce, requests, transaction};

/// A world after its run.
pub(super) struct Run {
    pub(super) broker: Broker,
    pub(super) witness: Witness,
}

pub(super) fn run(plan: &Plan, slice: Span) -> Run {
    let mut broker = Broker::new(plan.settings.clone(), plan.seed, None);
    let mut witness = Witness::new(plan.seed);
    for command in &plan.topology {
        broker.command(command.clone(), &mut witness);
    }
    for (at, command) in &plan.actions {
        go_before(&mut broker, &mut witness, *at, slice);
        broker.command(command.clone(), &mut witness);
    }
    go_before(&mut broker, &mut witness, plan.repair_at, slice);
    check_all(&broker, &witness);
    for command in reproduce::ending(plan) {
        broker.command(command, &mut witness);
    }
    // Quiet must come; how long it takes depends on caches, latencies and backlogs.
    let mut until = plan.repair_at;
    while until < plan.repair_at + Span::from_secs(28_800)
        && !(until > plan.repair_at && at_rest(&broker.world))
    {
        until += Span::from_secs(120);
        go(&mut broker, &mut witness, until, slice);
    }
    // The last offsets are still to be reported.
    go(&mut broker, &mut witness, until + Span::from_secs(30), slice);
    Run { broker, witness }
}

/// Is nothing left to do for any group that has a consumer?
fn at_rest(world: &World) -> bool {
    let is_mended = world.live.faults.as_deref().is_none_or(|faults| {
        let waits = faults.sends.values().any(|send| send.times_out_at().is_some());
        !waits && faults.outage.is_none() && faults.links.values().all(|link| link.held() == 0)
    });
    let is_all_stored = is_mended
        && world.live.timer.is_empty()
        && world.live.halves.is_quiet()
        && world.live.producers.iter().all(|p| p.transit.is_empty());
    let is_answered = world.callers().all(|(_, caller)| caller.open.is_empty() && caller.wire.is_empty())
        && world.p2p_queues().all(|(_, queue)| {
            let unfinished = queue.on_the_way() + queue.waiting.len() as u64 + queue.held();
            queue.alive().next().is_none() || unfinished == 0
        });
    is_all_stored
        && is_answered
        && world.groups().all(|(id, group)| {
            let counts = report::counts(world, id);
            let idle = !group.consumers.iter().any(|c| world.consumer(*c).status.is_member());
            let polled = counts.in_application.unwrap_or_default();
            idle || counts.ready + counts.inflight + polled + counts.retry_waiting + counts.retry_accumulation
                == 0
        })
}

/// Runs to the instant `until`, and not through it: what is done then comes before what time brings then.
fn go_before(broker: &mut Broker, witness: &mut Witness, until: Instant, slice: Span) {
    go(broker, witness, Instant(until.0.saturating_sub(1)), slice);
    broker.advance(until);
}

/// Runs to `until` in slices, as a page would.
fn go(broker: &mut Broker, witness: &mut Witness, until: Instant, slice: Span) {
    let mut target = broker.world.live.now;
    // What was done just now may have consequences in the same instant.
    while target <= until && broker.step(target, witness) {}
    while target < until {
        target = (target + slice).min(until);
        while broker.step(target, witness) {}
        broker.advance(target);
    }
}

pub(super) fn check_all(broker: &Broker, witness: &Witness) {
    let world = &broker.world;
    if let Err(violation) = invariants::check(world) {
        panic!("world {}, at {}: {violation}", witness.seed, world.live.now);
    }
    for promise in promises(world) {
        let broken = witness.kept.broken(promise).filter(|broken| broken.promised);
        assert_eq!(broken, None, "{promise:?} was promised, world {}", witness.seed);
    }
    for (id, group) in world.groups() {
        let counts = report::counts(world, id);
        let series = witness.series.groups.get(id.index()).map_or(0, |series| series.accumulation.now());
        assert_eq!(
            series, counts.accumulation,
            "the plotted accumulation of {}, world {}",
            group.spec.name, witness.seed
        );
        let parts = counts.ready + counts.inflight + counts.finished_ahead;
        assert_eq!(counts.accumulation, parts, "I58, world {}", witness.seed);
        let dead =
            group.dead_letter_topic.map_or(0, |topic| world.queue(world.topic(topic).queues[0]).max_offset);
        assert_eq!(counts.dead_letters, dead, "I61, world {}", witness.seed);
        let handed_out = witness.handed_out.get(&id).copied().unwrap_or_default();
        let counted = (counts.deliveries, counts.redeliveries);
        assert_eq!(counted, handed_out, "deliveries of {}, world {}", group.spec.name, witness.seed);
        for id in &group.consumers {
            let consumer = world.consumer(*id);
            let suspended = group.suspended.values().filter(|one| one.consumer == *id).count();
            let held = consumer.cache.len() + consumer.polled.len() + consumer.work().count() + suspended;
            let outstanding = (consumer.outstanding - consumer.in_transit) as usize;
            assert_eq!(outstanding, held, "in the hands of {}, world {}", consumer.spec.name, witness.seed);
        }
    }
    round_robin(world, witness);
    order::stored(world, witness);
}

/// I13: what each producer sent by round robin lies evenly in the queues.
fn round_robin(world: &World, witness: &Witness) {
    let Witness { seed, timed, halves, .. } = witness;
    if witness.broken.forgets {
        return; // What is lost leaves gaps.
    }
    let mut counts: BTreeMap<(ProducerId, QueueId), u64> = BTreeMap::new();
    for (_, topic) in world.ordinary_topics() {
        for queue in &topic.queues {
            for offset in 0..world.queue(*queue).max_offset {
                let (producer, _) = world.log.queues[queue.index()].sender(offset);
                *counts.entry((producer, *queue)).or_default() += 1;
            }
        }
    }
    for (index, producer) in world.live.producers.iter().enumerate() {
        let is_hashed = producer.spec.message.message_group.is_some();
        if witness.broken.has_hit(ProducerId::at(index)) {
            continue; // What is sent again lies unevenly.
        }
        if had_other_queues(world, &world.topic(producer.topic).name) {
            continue;
        }
        if producer.spec.queue_selection != QueueSelection::RoundRobin || is_hashed {
            continue;
        }
        let queues = world.topic(producer.topic).writable();
        let of = |queue: &QueueId| counts.get(&(ProducerId::at(index), *queue)).copied().unwrap_or(0);
        let (low, high) = (queues.iter().map(of).min(), queues.iter().map(of).max());
        let on_the_way = requests::on_the_way(world, ProducerId::at(index)) + producer.given_up;
        // What waits, was refused or was taken back would have been stored elsewhere.
        let elsewhere = [
            timed.waiting.keys().collect::<Vec<_>>(),
            timed.refused.iter().collect(),
            timed.recalled.iter().collect(),
            halves.all.keys().filter(|key| !timed.stored.contains(key)).collect(),
        ];
        let elsewhere = elsewhere.iter().flatten().filter(|(id, _)| id.index() == index).count() as u64;
        let again = halves.again.get(&ProducerId::at(index)).copied().unwrap_or_default();
        // What a person sends may end with a batch that is not full.
        let is_by_hand = |command: &Command| matches!(command, Command::Send { producer: name, .. } if *name == producer.spec.name);
        let not_full = world.log.commands.iter().filter(|command| is_by_hand(command)).count() as u64 + 1;
        let missing = on_the_way + elsewhere + again + not_full * u64::from(producer.batch() - 1);
        assert!(high <= low.map(|low| low + 1 + missing), "I13, world {seed}: {low:?}..{high:?}");
    }
}

/// Has a topic shown other numbers of queues before?
pub(super) fn had_other_queues(world: &World, name: &str) -> bool {
    let changes = |command: &Command| matches!(command, Command::SetQueues { topic, .. } if topic == name);
    world.log.commands.iter().any(|command| changes(command))
}

/// I21, I72: once everything is repaired and quiet, every message is acknowledged, dead-lettered or (in broadcasting)
/// dropped, for every group that has a consumer left.
pub(super) fn check_quiet(run: &mut Run) {
    let world = &run.broker.world;
    let seed = run.witness.seed;
    check_all(&run.broker, &run.witness);
    run.witness.beside.at_rest(world, seed);
    run.witness.exercised.extend(consumers::effects(&run.witness, world));
    for (id, group) in world.groups() {
        let clustering = group.spec.mode == ConsumeMode::Clustering;
        if !group.consumers.iter().any(|c| world.consumer(*c).status.is_member()) {
            continue;
        }
        let counts = report::counts(world, id);
        let rest = counts.ready + counts.inflight + counts.retry_waiting + counts.retry_accumulation;
        let alive =
            |p: &ProgressId| world.progress(*p).member.is_none_or(|m| world.consumer(m).status.is_member());
        if clustering || group.progress.iter().all(alive) {
            assert_eq!(rest, 0, "I21, world {seed}: {} never came to rest: {counts:#?}", group.spec.name);
            assert_eq!(
                counts.accumulation, 0,
                "I21, world {seed}: offsets of {}: {counts:#?}",
                group.spec.name
            );
            let lost = counts.expired + counts.passed + counts.lost.unwrap_or_default();
            let lost = lost + group.counts.lost_dead_letters;
            let done = counts.acknowledged + counts.dead_letters + counts.dropped + lost;
            run.witness.exercised.extend((counts.expired > 0).then_some("expired unread"));
            run.witness.exercised.extend((counts.passed > 0).then_some("passed over"));
            assert_eq!(done, counts.matched + counts.duplicated, "I72, world {seed}");
            for progress in &group.progress {
                let state = world.progress(*progress);
                let max = world.queue(state.queue).max_offset;
                if world.topic(world.queue(state.queue).topic).is_ordinary() {
                    // What a group never subscribed to was none of its business.
                    let mut seen = (state.start..max).filter(|offset| world.lite_sees(*progress, *offset));
                    let settled = seen.all(|offset| world.is_settled(*progress, offset));
                    assert!(settled, "I21, world {seed}: a message of {} was lost", group.spec.name);
                }
            }
            run.witness.exercised.extend(["I21", "I72"]);
            let nothing = |id: &ProgressId| {
                let state = world.progress(*id);
                (state.committed, state.done_below()) == (state.next, state.next)
            };
            if counts.filtered > 0 && counts.matched == 0 && counts.deliveries == 0 {
                assert!(
                    group.progress.iter().all(nothing),
                    "I30, world {seed}: offsets of {}",
                    group.spec.name
                );
                run.witness.exercised.insert("I30");
            }
        }
    }
    faults::quiet(&run.witness, world);
    // Each message that was sent is in its queue once, or there is a reason why it is not.
    transaction::quiet(&mut run.witness, world);
    requests::quiet(&run.witness, world);
    let Timed { waiting, stored, refused, recalled } = &run.witness.timed;
    let unseen = run.witness.halves.all.keys().filter(|key| !stored.contains(key)).copied().collect();
    for (index, producer) in world.live.producers.iter().enumerate() {
        let of = |set: &BTreeSet<(ProducerId, u64)>| {
            set.iter().filter(|(id, _)| id.index() == index).count() as u64
        };
        let ended = of(stored) + of(refused) + of(recalled) + of(&unseen) + producer.given_up;
        let waiting = waiting.keys().filter(|(id, _)| id.index() == index).count();
        if run.witness.broken.forgets || run.witness.broken.has_hit(ProducerId::at(index)) {
            continue;
        }
        if faults::is_broken(world) {
            run.witness.exercised.insert("the full law beside a fault");
        }
        assert_eq!((producer.sent, waiting), (ended, 0), "I43, world {seed}: exactly once");
        assert_eq!(producer.stored, of(stored) + of(recalled) + of(&unseen), "acknowledged, world {seed}");
        assert_eq!(producer.refused, of(refused), "refused, world {seed}");
    }
    let quiet = world.live.little.inside == 0;
    if quiet {
        assert_eq!(world.live.little.area, world.live.little.sojourn, "Little's law, world {seed}");
        run.witness.exercised.insert("Little");
    }
}

/// I26: while nothing stands between it and the broker, every broadcasting consumer gets every message exactly once.
pub(super) fn check_broadcasting(run: &mut Run, plan: &Plan) {
    let faults = ["crash", "restart", "leave", "add consumer", "add group", "remove group", "change queues"];
    if plan.features.iter().any(|feature| faults.contains(feature)) {
        return;
    }
    for ((group, member, at), count) in &run.witness.deliveries {
        if member.is_some() && !run.witness.broken.were_apart(*group) {
            assert_eq!(*count, 1, "I26, world {}: {at:?} in group {group:?}", plan.seed);
        }
    }
}
