//! The broker goes down, and comes back. While it is down nothing gets an answer and nothing of its own happens: no retry, no
//! timer, no rebalance. What was in its memory only is gone: who is connected, whose request waits, locks, filter
//! expressions, who holds what, and offsets that were not written down yet. What was stored is kept as far as the disk
//! has it. Its clients live on, and connect again a while after it is back.
//!
//! A classic client knows by itself how far it has come, and says so then; in message balancing the broker alone knows.

use super::apply::groups::{arm_expiry, arm_order, arm_retry, read_anew};
use super::apply::producers::arm_timer;
use super::apply::{consumers, rearm_sweep};
use super::command::{Command, ConsumerChange};
use super::consumer::{ConsumerStatus, Reach};
use super::event::{Entry, Event, Refusal};
use super::fault::{Client, Crash, LinkState, Outage, note_all_plain};
use super::id::{ConsumerId, GroupId, ProgressId};
use super::world::{Wakeup, World};
use super::{
    balance, compaction, consume, delivery, disk, flow, half, link, lite, order, pop, pull, topology,
};
use crate::sim::Instant;

// What is decided.

/// The broker dies.
pub(super) fn crash(world: &World, how: Crash, out: &mut Vec<Event>) -> Result<(), Refusal> {
    if world.is_down() {
        return Err(Refusal::BrokerDown);
    }
    let kept = world.kept_until(how);
    let replaced = how == Crash::Disk && world.settings.replication_replicas > 0;
    let back_at = replaced.then(|| world.live.now + world.settings.replication_failover);
    out.push(Event::BrokerCrashed { how, kept, back_at });
    flow::crashed(world, out);
    lite::forgotten(world, out);
    for id in (0..world.live.progress.len()).map(ProgressId::at) {
        disk::fell_back(world, id, how, world.live.now, kept, out);
    }
    if how != Crash::Process {
        disk::truncated(world, kept, out);
    }
    Ok(())
}

/// It comes back.
pub(super) fn restart(world: &World) -> Result<Event, Refusal> {
    restarted(world).ok_or(Refusal::BrokerRuns)
}

fn restarted(world: &World) -> Option<Event> {
    let reconnect_at = world.live.now + world.settings.consumer_reconnect;
    world.outage().map(|outage| Event::BrokerRestarted { how: outage.how, reconnect_at })
}

/// Does a command need a broker that runs?
pub(super) fn needs_broker(command: &Command) -> bool {
    match command {
        Command::AddTopic(_)
        | Command::AddGroup(_)
        | Command::RemoveGroup { .. }
        | Command::SetBalance { .. }
        | Command::ResetOffset { .. }
        | Command::SetQueues { .. }
        | Command::SetFilter { .. }
        | Command::AddConsumer { .. }
        | Command::Recall { .. }
        | Command::Throttle { .. }
        | Command::EndTransaction { .. } => true,
        Command::Consumer { change, .. } => matches!(
            change,
            ConsumerChange::Leave
                | ConsumerChange::Restart
                | ConsumerChange::Receive { .. }
                | ConsumerChange::Acknowledge { .. }
                | ConsumerChange::ChangeInvisible { .. }
                | ConsumerChange::SetFilter { .. }
                | ConsumerChange::Lite(_)
                | ConsumerChange::Commit
                | ConsumerChange::Seek { .. }
                | ConsumerChange::SendBack { .. }
        ),
        _ => false,
    }
}

/// Does nothing come of a wake-up, because the broker is down?
#[cold]
pub(super) fn swallows(world: &World, wakeup: Wakeup) -> bool {
    match wakeup {
        Wakeup::RetryDue(_)
        | Wakeup::InvisibleTimeOver(_)
        | Wakeup::TimerFires
        | Wakeup::StoreSwept
        | Wakeup::CompactionDue
        | Wakeup::PopCommits(_)
        | Wakeup::LiteSwept
        | Wakeup::LiteFullDispatch
        | Wakeup::LiteSynced
        | Wakeup::CrashDetected(_)
        | Wakeup::PersistOffsets(_) => world.is_down(),
        // Until they are connected again, clients share out nothing.
        Wakeup::Rebalance(group) => world.is_down() || is_coming_back(world, group),
        _ => false,
    }
}

/// Is the broker back, and will consumers of a group connect to it?
fn is_coming_back(world: &World, group: GroupId) -> bool {
    let back_at = world.live.faults.as_ref().and_then(|faults| faults.back_at);
    let comes = |id: &ConsumerId| {
        let consumer = world.consumer(*id);
        consumer.is_alive() && consumer.unheard && !link::is_cut(world, Client::Consumer(*id))
    };
    back_at.is_some_and(|at| at > world.live.now) && world.group(group).consumers.iter().any(comes)
}

/// A replica takes the broker's place; or the clients connect to it again.
pub(super) fn back(world: &World, out: &mut Vec<Event>) {
    if let Some(restarted) = restarted(world) {
        return out.push(restarted);
    }
    for (index, consumer) in world.live.consumers.iter().enumerate() {
        let id = ConsumerId::at(index);
        if consumer.is_alive() && consumer.unheard && !link::is_cut(world, Client::Consumer(id)) {
            out.push(Event::ConsumerReconnected { consumer: id });
        }
    }
}

/// The broker is back. It knows nothing of consumers that died before, and of queues whose reader died while it was down
/// only what is written down.
pub(super) fn after_restart(world: &World, out: &mut Vec<Event>) {
    let undetected = |(_, consumer): &(usize, &super::consumer::ConsumerState)| {
        consumer.status == ConsumerStatus::Crashed && !consumer.crash_detected
    };
    let consumers = world.live.consumers.iter().enumerate().filter(undetected);
    out.extend(consumers.map(|(index, _)| Event::CrashDetected { consumer: ConsumerId::at(index) }));
    let Some(Outage { since, how, .. }) = world.live.faults.as_ref().and_then(|faults| faults.last_outage)
    else {
        return;
    };
    for id in (0..world.live.progress.len()).map(ProgressId::at) {
        disk::fell_back(world, id, how, since, Some(world.live.now), out);
    }
}

/// A consumer is connected again: it says how far it has come, and is given messages.
pub(super) fn reconnected(world: &World, id: ConsumerId, out: &mut Vec<Event>) {
    let consumer = world.consumer(id);
    lite::connects(world, id, None, out);
    delivery::start_idle(world, id, out);
    pull::start_idle(world, id, out);
    pull::go_on(world, id, out);
    if world.group(consumer.group).by_message {
        delivery::receive(world, id, out);
    } else {
        for progress in topology::owned_by(world, id) {
            let state = world.progress(progress);
            if state.done_below() > state.committed && !consumer.pulls {
                out.push(Event::OffsetCommitted { progress, offset: state.done_below() });
            }
            if state.order.is_some() {
                // Who waits for a lock has been told so, and goes on waiting.
                if !order::waits_for_lock(world, progress) {
                    order::lock(world, progress, out);
                }
            } else {
                delivery::hand_out_ready(world, progress, out);
            }
        }
        balance::schedule(world, consumer.group, out);
    }
    consume::leave_when_done(world, id, out);
}

/// A consumer has said nothing for so long that the broker takes it for dead.
pub(super) fn unheard(world: &World, id: ConsumerId, out: &mut Vec<Event>) {
    topology::crash_detected(world, id, out);
}

// What is written down.

/// Writes down what an entry about the broker's life means.
#[cold]
pub(super) fn apply(world: &mut World, entry: &Entry) {
    match entry.event {
        Event::BrokerCrashed { how, kept, back_at } => crashed(world, entry, how, kept, back_at),
        Event::BrokerRestarted { reconnect_at, .. } => came_back(world, entry, reconnect_at),
        Event::ProgressFellBack { progress, offset, reread_acknowledged, reread_moved, reread_filtered } => {
            let group = world.progress(progress).group;
            if world.progress(progress).lite.is_some() {
                return lite::hands_forgotten(world, progress);
            }
            read_anew(world, progress, offset);
            let counts = &mut world.live.groups[group.index()].counts;
            counts.acknowledged -= u64::from(reread_acknowledged);
            counts.duplicated += i64::from(reread_moved);
            counts.filtered -= u64::from(reread_filtered);
        }
        Event::QueueTruncated { queue, offset, lost } => disk::cut_off(world, entry, queue, offset, lost),
        Event::ConsumerReconnected { consumer } => {
            reach(world, consumer);
            world.live.consumers[consumer.index()].unheard = false;
            consumers::register(world, consumer);
            consumers::arm_first_persist(world, entry, consumer);
        }
        Event::ConsumerUnheard { consumer } => world.live.consumers[consumer.index()].unheard = true,
        _ => {}
    }
}

fn crashed(world: &mut World, entry: &Entry, how: Crash, kept: Option<Instant>, back_at: Option<Instant>) {
    let outage = Outage { since: entry.at, how, kept };
    let slot = world.live.back_slot();
    let faults = world.live.faults_mut();
    faults.outage = Some(outage);
    faults.last_outage = Some(outage);
    faults.back_at = back_at;
    faults.counts.broker_crashes += 1;
    world.live.agenda.cancel(slot);
    if let Some(back_at) = back_at {
        world.live.wake(slot, back_at, entry);
    }
    for index in 0..world.live.consumers.len() {
        let id = ConsumerId::at(index);
        consumers::unpark(world, id);
        world.live.consumers[index].unheard = true;
        reach(world, id);
    }
    flow::forget_all(world);
    pop::crashed(world, kept);
    lite::sets_forgotten(world);
    for index in 0..world.live.groups.len() {
        let group = &mut world.live.groups[index];
        group.subscriptions.iter_mut().for_each(|subscription| subscription.is_known = false);
        group.rebalance_at = None;
        if !group.awaited_locks.is_empty() {
            group.awaited_locks.clear();
            arm_order(world, GroupId::at(index));
        }
    }
    for progress in &mut world.live.progress {
        if let Some(order) = &mut progress.order {
            order.lock = None;
        }
    }
    if how != Crash::Process {
        world.live.timer.forget_after(kept);
        half::forget_after(world, kept);
    }
    note_all_plain(world);
}

fn came_back(world: &mut World, entry: &Entry, reconnect_at: Instant) {
    let slot = world.live.back_slot();
    let faults = world.live.faults_mut();
    let outage = faults.outage.take();
    faults.outages.extend(outage.map(|outage| (outage, entry.at)));
    faults.back_at = Some(reconnect_at);
    world.live.wake(slot, reconnect_at, entry);
    // What was due meanwhile is due now.
    for index in 0..world.live.groups.len() {
        let group = GroupId::at(index);
        world.live.groups[index].rebalance_at = None;
        if !world.group(group).removed {
            arm_retry(world, group);
            arm_expiry(world, group);
            arm_order(world, group);
        }
    }
    if !world.live.timer.is_empty() {
        arm_timer(world);
    }
    rearm_sweep(world, entry);
    compaction::came_back(world, entry);
    lite::came_back(world, entry);
    note_all_plain(world);
}

/// Keeps true what a consumer knows of its link: is the broker at the other end?
pub(super) fn reach(world: &mut World, id: ConsumerId) {
    let reach = match world.link_state(Client::Consumer(id)) {
        _ if world.is_down() => Reach::Cut,
        LinkState::Cut | LinkState::Deaf => Reach::Cut,
        LinkState::Held => Reach::Held,
        LinkState::Open => Reach::Open,
    };
    consumers::change(world, id, |consumer| consumer.reach = reach);
    let consumer = &mut world.live.consumers[id.index()];
    consumer.queue_room =
        delivery::process_queue_room(&world.settings, consumer.pulls, consumer.owned, reach);
}
