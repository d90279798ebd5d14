//! Pull consumers: the application polls its client for messages, and it is the client's position that is committed.
//!
//! ```text
//!  queue:   0 1 2 │ 3 4 5 │ 6 7 8 9 │ 10 11
//!           done  │ with  │ in the  │ ready at
//!                 │ the   │ client's│ the broker
//!                 │ app   │ cache   │
//!          committed      position: what the next poll returns
//! ```
//!
//! The client reads ahead into its cache. A poll returns some messages of one queue, and with that the client's position
//! has gone past them, whatever the application makes of them. The commit, by itself inside a later poll or by hand, is of
//! that position: who dies after it and before it has processed has lost what it held (at most once), and who commits
//! only after processing gets it again (at least once). There is no result, no retry and no dead letter; an application may
//! send a message back by itself. Source: `DefaultLitePullConsumerImpl`, `AssignedMessageQueue`,
//! `DefaultMQPullConsumer.sendMessageBack`.

use std::collections::BTreeMap;

use super::command::ResetTarget;
use super::consumer::{ConsumerState, ConsumerStatus, Reach, Task, Work};
use super::event::{Entry, Event, Outcome, Refusal};
use super::id::{ConsumerId, MessageRef, ProgressId};
use super::progress::ProgressState;
use super::spec::Application;
use super::world::World;
use super::{apply, consume, delivery, reset, settle};
use crate::rules::delay::Levels;
use crate::rules::ranges::OffsetRanges;
use crate::rules::retry::send_back::{SendBack, SentBack, send_back};
use crate::sim::{Instant, Span};

/// A client that commits with every poll does so not more often than this.
const SHORTEST: Span = Span::from_ms(1);

/// What a queue knows of the pull consumers that read it: what became of messages that a poll returned and nobody
/// finished, and whether its owner wants no more.
#[derive(Clone, Debug, Default)]
pub struct Pulled {
    /// Since when the consumer that has the queue asks for no more messages of it.
    paused_since: Option<Instant>,
    /// Their process died, and their offsets were not committed: they are read again.
    orphans: Vec<(u64, ConsumerId)>,
    /// Their process died, and their offsets were committed: nobody gets them any more.
    pub lost: OffsetRanges,
    /// The group had to go past these because they were too old, not because anybody committed them.
    overtaken: OffsetRanges,
    /// When each of these was lost for the first time, and with whom. Who reads it anew by a seek changes nothing in that.
    losses: BTreeMap<u64, (Instant, ConsumerId)>,
}

impl World {
    /// What a pull consumer's application has in hands: what polls returned and it has not processed.
    pub fn polled(&self, id: ConsumerId) -> impl Iterator<Item = &Task> {
        let consumer = self.consumer(id);
        let work = consumer.work().map(|(_, work)| &work.task).filter(|_| consumer.pulls);
        work.chain(&consumer.polled)
    }

    /// When a message was lost in the hands of a pull consumer's application, and with whom.
    pub fn loss(&self, progress: ProgressId, offset: u64) -> Option<(Instant, ConsumerId)> {
        self.progress(progress).pulled.as_ref()?.losses.get(&offset).copied()
    }
}

impl ProgressState {
    /// Since when the pull consumer that has the queue asks for no more messages of it, if that is so. What it has of it
    /// its polls return all the same.
    pub fn paused_since(&self) -> Option<Instant> {
        self.pulled.as_ref()?.paused_since
    }
}

// What is decided.

/// Does the application of this consumer poll by itself, and has it use for more? One that commits by itself is done
/// with what it got first; others give what they get to any free thread, whatever the others are at.
fn polls_now(consumer: &ConsumerState) -> bool {
    let has_use = match consumer.spec.application {
        Application::Committing => is_idle(consumer),
        _ => consumer.polled.is_empty() && consumer.busy < consumer.thread_count,
    };
    consumer.pulls && consumer.takes_messages() && !consumer.is_by_hand() && has_use
}

fn is_idle(consumer: &ConsumerState) -> bool {
    consumer.polled.is_empty() && consumer.busy == 0
}

/// The application polls, if it does so by itself and there is something for it.
pub(super) fn go_on(world: &World, id: ConsumerId, out: &mut Vec<Event>) {
    let consumer = world.consumer(id);
    if !polls_now(consumer) {
        return;
    }
    if consumer.cache.is_empty() {
        commit_itself(world, id, out); // It waits in its poll.
    } else {
        poll(world, id, out);
    }
}

/// A poll that waits for messages has taken long enough, and the application polls again.
pub(super) fn polls_again(world: &World, id: ConsumerId, out: &mut Vec<Event>) {
    if polls_now(world.consumer(id)) {
        commit_itself(world, id, out);
    }
}

/// The client commits by itself, if that is due. An application that commits after its work does so after an empty poll, too.
fn commit_itself(world: &World, id: ConsumerId, out: &mut Vec<Event>) {
    let consumer = world.consumer(id);
    let commits_itself =
        consumer.spec.application == Application::Committing || world.settings.pull_auto_commit;
    if commits_itself && world.live.now >= consumer.commits_at {
        commits(world, id, out);
        // However often it polls, time goes on.
        let next_at = world.live.now + world.settings.pull_auto_commit_interval.max(SHORTEST);
        out.push(Event::OffsetsPersisted { consumer: id, next_at });
    }
}

/// A poll: first the client commits by itself if that is due, then it gives the application messages of one queue.
fn poll(world: &World, id: ConsumerId, out: &mut Vec<Event>) {
    commit_itself(world, id, out);
    let consumer = world.consumer(id);
    let Some(first) = consumer.cache.front() else {
        return out.push(Event::PolledNothing { consumer: id });
    };
    let (progress, offset) = (first.progress, first.offset);
    let of_it = consumer.cache.iter().filter(|task| task.progress == progress);
    let count = of_it.take(world.settings.pull_batch as usize).count() as u32;
    out.push(Event::MessagesPolled { consumer: id, progress, offset, count });
}

/// The client tells the broker its positions.
fn commits(world: &World, id: ConsumerId, out: &mut Vec<Event>) {
    if world.consumer(id).reach == Reach::Cut {
        return; // They do not get through.
    }
    for &progress in &world.group(world.consumer(id).group).progress {
        let state = world.progress(progress);
        let commit = Event::OffsetCommitted { progress, offset: state.done_below() };
        // An application that commits after its work may be due to commit by itself in the same instant.
        if state.owner == Some(id) && state.done_below() > state.committed && !out.contains(&commit) {
            out.push(commit);
        }
    }
}

fn by_hand(world: &World, id: ConsumerId) -> Result<&ConsumerState, Refusal> {
    let consumer = world.consumer(id);
    if !(consumer.pulls && consumer.is_by_hand()) {
        return Err(Refusal::NotPulledByHand);
    }
    if !consumer.takes_messages() {
        return Err(Refusal::WrongState);
    }
    Ok(consumer)
}

/// A person lets the application poll: by that it says that it is done with what the last poll brought.
pub(super) fn poll_by_hand(world: &World, id: ConsumerId, out: &mut Vec<Event>) -> Result<(), Refusal> {
    by_hand(world, id)?;
    done_by_hand(world, id, out);
    poll(world, id, out);
    Ok(())
}

/// What the last poll brought is processed, as far as the person is concerned.
pub(super) fn done_by_hand(world: &World, id: ConsumerId, out: &mut Vec<Event>) {
    let consumer = world.consumer(id);
    if consumer.pulls && consumer.is_by_hand() && !consumer.polled.is_empty() {
        out.push(Event::PolledProcessed { consumer: id, count: consumer.polled.len() as u32 });
    }
}

/// A person lets the client commit its positions.
pub(super) fn commit_by_hand(world: &World, id: ConsumerId, out: &mut Vec<Event>) -> Result<(), Refusal> {
    by_hand(world, id)?;
    commits(world, id, out);
    Ok(())
}

/// One of the queues that a pull consumer has.
fn own_queue(world: &World, id: ConsumerId, topic: &str, queue: u32) -> Result<ProgressId, Refusal> {
    let consumer = world.consumer(id);
    if !consumer.pulls {
        return Err(Refusal::NotPulledByHand);
    }
    if !consumer.takes_messages() {
        return Err(Refusal::WrongState);
    }
    let topic = world.find_topic(topic).ok_or(Refusal::UnknownTopic)?;
    let queue = world.topic(topic).readable().get(queue as usize).copied().ok_or(Refusal::UnknownQueue)?;
    let progress = world.progress_on(consumer.group, queue).ok_or(Refusal::NotSubscribed)?;
    if world.progress(progress).owner != Some(id) {
        return Err(Refusal::QueueOfAnother);
    }
    Ok(progress)
}

/// A person lets the client go on from another place in a queue.
pub(super) fn seek(
    world: &World,
    id: ConsumerId,
    topic: &str,
    queue: u32,
    to: ResetTarget,
    out: &mut Vec<Event>,
) -> Result<(), Refusal> {
    let progress = own_queue(world, id, topic, queue)?;
    let offset = reset::target(world, world.progress(progress).queue, to)?;
    out.push(Event::QueueSought { progress, consumer: id, offset });
    out.push(reset::moved(world, progress, offset));
    Ok(())
}

/// A person lets the client ask for no more messages of a queue. What it has of it, and what is on its way, polls return.
pub(super) fn pause(world: &World, id: ConsumerId, topic: &str, queue: u32) -> Result<Event, Refusal> {
    let progress = own_queue(world, id, topic, queue)?;
    match world.progress(progress).paused_since() {
        Some(_) => Err(Refusal::QueueIsPaused),
        None => Ok(Event::QueuePaused { progress, consumer: id }),
    }
}

/// A person lets it ask for them again.
pub(super) fn resume(world: &World, id: ConsumerId, topic: &str, queue: u32) -> Result<Event, Refusal> {
    let progress = own_queue(world, id, topic, queue)?;
    let resumed = Event::QueueResumed { progress, consumer: id };
    world.progress(progress).paused_since().map(|_| resumed).ok_or(Refusal::QueueIsNotPaused)
}

/// A message that a person sends back.
#[derive(Clone, Copy, Debug)]
pub(super) struct SendsBack<'a> {
    pub(super) topic: &'a str,
    pub(super) queue: u32,
    pub(super) offset: u64,
    pub(super) level: i32,
    pub(super) max_times: Option<i32>,
}

/// A person lets the application send a message back that a poll brought: it comes again from the retry topic.
pub(super) fn sends_back(
    world: &World,
    id: ConsumerId,
    what: &SendsBack<'_>,
    out: &mut Vec<Event>,
) -> Result<(), Refusal> {
    let consumer = by_hand(world, id)?;
    let topic = world.find_topic(what.topic).ok_or(Refusal::UnknownTopic)?;
    let queue = world.topic(topic).queues.get(what.queue as usize).copied().ok_or(Refusal::UnknownQueue)?;
    let is_it = |task: &&Task| (world.progress(task.progress).queue, task.offset) == (queue, what.offset);
    let task = consumer.polled.iter().find(is_it).filter(|task| still_counts(world, task));
    let task = task.ok_or(Refusal::NotInItsHands)?;
    let (progress, offset, group) = (task.progress, task.offset, consumer.group);
    let message = MessageRef { queue, offset };
    let times = world.reconsume_times(message);
    let most = world.retry_max_times(group);
    let request = SendBack {
        reconsume_times: i32::try_from(times).unwrap_or(i32::MAX),
        delay_level: what.level,
        group_retry_max_times: i32::try_from(most).unwrap_or(i32::MAX),
        request_max_reconsume_times: what.max_times,
    };
    let (place, _) = send_back(&request, &Levels::default());
    out.push(Event::SentBack { progress, offset, consumer: id });
    let attempt = times + 1;
    let later =
        |delay: Span| Event::RetryScheduled { group, message, attempt, due_at: world.live.now + delay };
    match place {
        SentBack::DeadLetter => consume::dead_letter(world, group, message, attempt, out),
        SentBack::Retry => out.push(later(Span::ZERO)),
        SentBack::Delayed { delay_ms, .. } => {
            out.push(later(Span::from_ms(u64::try_from(delay_ms).unwrap_or_default())));
        }
    }
    Ok(())
}

/// Free threads of the application begin with what a poll brought.
pub(super) fn start_idle(world: &World, id: ConsumerId, out: &mut Vec<Event>) {
    let consumer = world.consumer(id);
    if matches!(consumer.status, ConsumerStatus::Running | ConsumerStatus::Leaving) {
        let begin = |(thread, task)| delivery::started(world, id, consumer, thread, task);
        out.extend(consumer.free_threads().zip(&consumer.polled).map(begin));
    }
}

/// A poll brought messages: there is room for more in the cache, and the application may begin.
pub(super) fn after_poll(world: &World, id: ConsumerId, progress: ProgressId, out: &mut Vec<Event>) {
    start_idle(world, id, out);
    delivery::hand_out_ready(world, progress, out);
}

/// The application is done with a message.
pub(super) fn after(world: &World, id: ConsumerId, out: &mut Vec<Event>) {
    start_idle(world, id, out);
    let consumer = world.consumer(id);
    if is_idle(consumer) && consumer.spec.application == Application::Committing {
        commits(world, id, out);
    }
    go_on(world, id, out);
    consume::leave_when_done(world, id, out);
}

/// How many messages are lost with this process: polls returned them, they are not processed, and their offsets are
/// committed.
pub(super) fn would_lose(world: &World, id: ConsumerId) -> u32 {
    world.polled(id).filter(|task| is_lost(world, task)).count() as u32
}

fn is_lost(world: &World, task: &Task) -> bool {
    let state = world.progress(task.progress);
    let was_overtaken = state.pulled.as_ref().is_some_and(|pulled| pulled.overtaken.contains(task.offset));
    task.epoch == state.epoch && task.offset < state.committed && !was_overtaken
}

/// How many messages before `end` polls had returned to applications that died, and would be read again if they were not
/// gone.
pub(super) fn orphans_before(progress: &ProgressState, end: u64) -> u64 {
    let orphans = progress.pulled.iter().flat_map(|pulled| &pulled.orphans);
    orphans.filter(|(offset, _)| *offset < end).count() as u64
}

// What is written down.

/// Notes that the client's position has gone past some messages, which the application has now.
pub(super) fn polled(world: &mut World, at: Instant, id: ConsumerId, progress: ProgressId, count: u32) {
    for _ in 0..count {
        let consumer = &mut world.live.consumers[id.index()];
        let Some(place) = consumer.cache.iter().position(|task| task.progress == progress) else { return };
        let Some(task) = consumer.cache.remove(place) else { return };
        consumer.polled.push_back(task);
        let by_hand = consumer.is_by_hand();
        let group = consumer.group;
        world.live.progress[progress.index()].finish(task.offset, false);
        world.live.groups[group.index()].counts.in_application += 1;
        if by_hand {
            let log = &mut world.log.deliveries[progress.index()];
            log.start(task.offset, task.handed_out_at, at, task.again);
        }
    }
}

/// Notes that the application begins with a message.
pub(super) fn started(
    world: &mut World,
    entry: &Entry,
    (progress, offset): (ProgressId, u64),
    id: ConsumerId,
    thread: u32,
    finishes_at: Instant,
) {
    let consumer = &mut world.live.consumers[id.index()];
    let is_it = |task: &Task| (task.progress, task.offset) == (progress, offset);
    let place = consumer.polled.iter().position(is_it);
    let Some(task) = place.and_then(|place| consumer.polled.remove(place)) else { return };
    consumer.busy += 1;
    let thread = &mut consumer.threads[thread as usize];
    thread.work = Some(Work { task, started_at: entry.at, finishes_at });
    let slot = thread.slot;
    let log = &mut world.log.deliveries[progress.index()];
    log.start(offset, task.handed_out_at, entry.at, task.again);
    world.live.wake(slot, finishes_at, entry);
}

/// Notes since when a queue is paused, or that it is not.
pub(super) fn paused(world: &mut World, id: ProgressId, since: Option<Instant>) {
    let state = &mut world.live.progress[id.index()];
    if state.paused_since() == since {
        return;
    }
    state.pulled.get_or_insert_default().paused_since = since;
    let queue = state.queue;
    apply::groups::note_readers(world, queue);
}

/// Notes that a person is done with what the last poll brought.
pub(super) fn processed(world: &mut World, at: Instant, id: ConsumerId) {
    while let Some(task) = world.live.consumers[id.index()].polled.pop_front() {
        end_by_hand(world, at, id, &task, Outcome::Acknowledged);
    }
}

/// Notes that a person sent a message back.
pub(super) fn sent_back(world: &mut World, at: Instant, id: ConsumerId, progress: ProgressId, offset: u64) {
    let hands = &mut world.live.consumers[id.index()].polled;
    let place = hands.iter().position(|task| (task.progress, task.offset) == (progress, offset));
    if let Some(task) = place.and_then(|place| hands.remove(place)) {
        end_by_hand(world, at, id, &task, Outcome::Failed);
    }
}

fn end_by_hand(world: &mut World, at: Instant, id: ConsumerId, task: &Task, outcome: Outcome) {
    let outcome = if still_counts(world, task) { outcome } else { Outcome::Ignored };
    let consumer = &mut world.live.consumers[id.index()];
    consumer.outstanding -= 1;
    let group = &mut world.live.groups[consumer.group.index()].counts;
    match outcome {
        Outcome::Acknowledged => {
            consumer.counts.acknowledged += 1;
            group.acknowledged += 1;
        }
        Outcome::Failed => {
            consumer.counts.failed += 1;
            group.failed += 1;
        }
        Outcome::Ignored | Outcome::Filtered => {}
    }
    let log = &mut world.log.deliveries[task.progress.index()];
    let started =
        log.of(task.offset, task.copy.stored_at).filter(|one| one.handed_out_at == task.handed_out_at);
    let spent = started.last().and_then(|one| one.started_at).map_or(Span::ZERO, |polled_at| at - polled_at);
    log.end(task.offset, task.handed_out_at, spent, outcome, task.again);
    done_with(world, at, task, outcome);
}

/// Would anybody count what becomes of this message? Not if it is read again, or was passed over.
pub(super) fn still_counts(world: &World, task: &Task) -> bool {
    world.progress(task.progress).epoch == task.epoch
}

/// Notes what the application has made of a message. For the queue it was finished when a poll returned it.
pub(super) fn done_with(world: &mut World, at: Instant, task: &Task, outcome: Outcome) {
    if outcome == Outcome::Ignored {
        return;
    }
    let state = world.progress(task.progress);
    let since = state.in_sight_since(task.copy.stored_at);
    let (group, is_first) = (state.group, !task.again && state.ordinary);
    world.live.groups[group.index()].counts.in_application -= 1;
    if outcome == Outcome::Acknowledged && is_first {
        world.live.little.leave(at, since);
    } else if outcome == Outcome::Acknowledged {
        settle::again(world, task.progress, task.offset);
    }
}

/// Notes what a process that died had in hands.
pub(super) fn died(world: &mut World, id: ConsumerId) {
    let held: Vec<Task> = world.polled(id).filter(|task| still_counts(world, task)).copied().collect();
    world.live.consumers[id.index()].polled.clear();
    for task in &held {
        if task.offset < world.progress(task.progress).committed {
            lose(world, id, task.progress, task.offset);
        } else {
            let pulled = world.live.progress[task.progress.index()].pulled.get_or_insert_default();
            pulled.orphans.push((task.offset, id));
        }
    }
}

/// Nobody gets a message any more that a poll had returned: it was committed, or it is too old.
fn lose(world: &mut World, with: ConsumerId, progress: ProgressId, offset: u64) {
    let now = world.live.now;
    let state = &mut world.live.progress[progress.index()];
    let pulled = state.pulled.get_or_insert_default();
    let counts = &mut world.live.groups[state.group.index()].counts;
    counts.in_application -= 1;
    if pulled.overtaken.contains(offset) {
        state.gaps.get_or_insert_default().lose(offset, now, true);
        counts.expired += 1;
    } else {
        pulled.lost.insert(offset);
        pulled.losses.entry(offset).or_insert((now, with));
        counts.lost += 1;
    }
    settle::again(world, progress, offset);
}

/// Notes that a group goes on at an offset because what was before it is gone.
pub(super) fn overtaken(world: &mut World, id: ProgressId, offset: u64) {
    let state = &mut world.live.progress[id.index()];
    if world.live.groups[state.group.index()].pull {
        let overtaken = &mut state.pulled.get_or_insert_default().overtaken;
        overtaken.insert_all(state.committed..offset);
    }
}

/// Notes that a queue is read anew from an offset on: what applications have from there on is read again, what they have
/// from before is theirs to finish.
pub(super) fn read_anew(world: &mut World, id: ProgressId, offset: u64) {
    let group = world.progress(id).group;
    if !world.group(group).pull {
        return;
    }
    let epoch = world.progress(id).epoch;
    let mut again = 0;
    for index in 0..world.group(group).consumers.len() {
        let consumer = world.group(group).consumers[index];
        let consumer = &mut world.live.consumers[consumer.index()];
        let work = consumer.threads.iter_mut().filter_map(|thread| thread.work.as_mut());
        let tasks = work.map(|work| &mut work.task).chain(&mut consumer.polled);
        for task in tasks.filter(|task| task.progress == id && task.epoch + 1 == epoch) {
            if task.offset < offset {
                task.epoch = epoch;
            } else {
                again += 1;
            }
        }
    }
    let pulled = world.live.progress[id.index()].pulled.take();
    if let Some(mut pulled) = pulled {
        let found: Vec<u64> = pulled.lost.from(offset).collect();
        for one in &found {
            pulled.lost.remove(*one);
        }
        world.live.groups[group.index()].counts.lost -= found.len() as u64;
        let orphans = std::mem::take(&mut pulled.orphans);
        world.live.progress[id.index()].pulled = Some(pulled);
        for (one, with) in orphans {
            if one < offset {
                lose(world, with, id, one);
            } else {
                again += 1;
            }
        }
    }
    world.live.groups[group.index()].counts.in_application -= again;
}
