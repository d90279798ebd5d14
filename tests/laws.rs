//! Laws over random worlds: each seed draws which features and faults exist, the world runs through them, everything
//! is repaired, and quiet must come. A failing world prints its seed.
//!
//! `MQSCOPE_WORLDS` sets how many worlds are run, `MQSCOPE_WORLD` runs just one. The test command runs a few hundred in
//! debug and thousands in release, and shows how many worlds exercised what.

#[path = "laws/beside.rs"]
mod beside;
#[path = "laws/consumers.rs"]
mod consumers;
#[path = "laws/faults.rs"]
mod faults;
#[path = "laws/order.rs"]
mod order;
#[path = "laws/reproduce.rs"]
mod reproduce;
#[path = "laws/transaction.rs"]
mod transaction;
#[path = "laws/worlds.rs"]
mod worlds;

use std::collections::{BTreeMap, BTreeSet};
use std::num::NonZero;
use std::panic::{AssertUnwindSafe, catch_unwind, resume_unwind};

use mqscope::broker::invariants::{self, Before};
use mqscope::broker::message::Content;
use mqscope::broker::progress::DeliveryRecord;
use mqscope::broker::settings::Expiry;
use mqscope::broker::spec::*;
use mqscope::broker::*;
use mqscope::metrics::{Series, report};
use mqscope::rules::allocate::{average_share, circle_share};
use mqscope::rules::filter::sql;
use mqscope::rules::filter::tags::hash_code;
use mqscope::rules::process_queue::ProcessQueue;
use mqscope::scenario::Scenario;
use mqscope::session::Session;
use mqscope::sim::{Instant, Span};
use worlds::Plan;

/// Watches a world from the outside: every entry is checked as it happens, and what laws were exercised is noted.
struct Witness {
    seed: u64,
    before: Before,
    exercised: BTreeSet<&'static str>,
    deliveries: BTreeMap<(GroupId, Option<ConsumerId>, MessageRef), u64>,
    /// Messages on a shelf with their due times; a message that was read again may wait there twice.
    due: BTreeSet<(GroupId, MessageRef, Instant)>,
    dead: BTreeSet<(GroupId, MessageRef)>,
    /// Min and max offset of every queue in which something was stored.
    ends: BTreeMap<QueueId, (u64, u64)>,
    /// In message balancing: what is invisible, and until when, if that is known.
    invisible: BTreeMap<(ProgressId, u64), Option<Instant>>,
    /// What the owner of a queue holds of it, as the real client would keep it, since the queue changed hands.
    local: BTreeMap<ProgressId, Local>,
    timed: Timed,
    beside: beside::Beside,
    apps: consumers::Apps,
    halves: transaction::Watched,
    broken: faults::Broken,
    entries: u64,
    series: Series,
}

/// What is held and what was kept back of a queue since it changed hands.
#[derive(Default)]
struct Local {
    epoch: u32,
    held: ProcessQueue,
    kept_back: BTreeSet<u64>,
}

/// What became of the messages of each producer, and of those that are to be seen later.
#[derive(Default)]
struct Timed {
    /// In the timer, and when each is to come out.
    waiting: BTreeMap<(ProducerId, u64), Instant>,
    stored: BTreeSet<(ProducerId, u64)>,
    refused: BTreeSet<(ProducerId, u64)>,
    recalled: BTreeSet<(ProducerId, u64)>,
}

/// Does a filter want this message? Said again in other words than the broker's.
fn wants(world: &World, filter: FilterId, at: MessageRef) -> bool {
    let content = world.content(at);
    match world.filter(filter).spec() {
        FilterSpec::All => true,
        FilterSpec::Tags(tags) => tags.split("||").any(|tag| Some(tag.trim()) == content.tag.as_deref()),
        FilterSpec::Sql(condition) => is_true(condition, &content),
    }
}

fn is_true(condition: &str, content: &Content) -> bool {
    let compiled = sql::Filter::compile(condition, sql::EndOfInput::Required).expect("it compiles");
    let mut properties: BTreeMap<&str, &str> = BTreeMap::new();
    properties.extend(content.properties.iter().map(|(name, text)| (&**name, &**text)));
    properties.extend(content.tag.as_deref().map(|tag| ("TAGS", tag)));
    compiled.evaluate(&|name| properties.get(name).copied()) == Ok(sql::Truth::True)
}

impl Witness {
    /// What is known of a progress since it changed hands last.
    fn local(&mut self, world: &World, progress: ProgressId) -> &mut Local {
        let epoch = world.progress(progress).epoch;
        let local = self.local.entry(progress).or_default();
        if local.epoch != epoch {
            *local = Local { epoch, ..Local::default() };
        }
        local
    }

    /// I29, I31, I32: what a filter keeps back is not wanted; of a condition and its opposite, one keeps it back.
    fn kept_back(&mut self, world: &World, progress: ProgressId, offsets: std::ops::Range<u64>) {
        let seed = self.seed;
        let queue = world.progress(progress).queue;
        for offset in offsets {
            let at = MessageRef { queue, offset };
            let stored_at = world.log.queues[queue.index()].stored_at(offset);
            let records = world.log.deliveries[progress.index()].of(offset, stored_at);
            let filter = records.last().and_then(|record| record.filter).expect("the filter is remembered");
            assert!(!wants(world, filter, at), "I31, world {seed}: {at:?} was wanted");
            if let FilterSpec::Tags(_) = world.filter(filter).spec() {
                self.exercised.insert("I31");
            }
            self.local(world, progress).kept_back.insert(offset);
        }
        self.exercised.insert("filtered");
    }

    /// I29: what is handed out went through the filter of that moment; I32: and would not go through its opposite.
    fn let_through(&mut self, world: &World, progress: ProgressId, offset: u64, to: ConsumerId) {
        let seed = self.seed;
        let state = world.progress(progress);
        let at = MessageRef { queue: state.queue, offset };
        let kept_back = self.local(world, progress).kept_back.contains(&offset);
        assert!(!kept_back, "I29, world {seed}: {at:?} was kept back and handed out");
        let topic = world.queue(world.origin(at).queue).topic;
        let own = world.filter_of(to, topic);
        let registered =
            world.subscription(state.group, topic).map_or(FilterId::ALL, |known| known.registered);
        let filter = if state.by_message { own } else { registered };
        match world.filter(filter).spec() {
            FilterSpec::Sql(condition) if state.ordinary => {
                let content = world.content(at);
                assert!(is_true(condition, &content), "I29, world {seed}: {at:?}");
                let opposite = format!("NOT ({condition})");
                assert!(
                    !is_true(&opposite, &content),
                    "I32, world {seed}: both {condition} and its opposite"
                );
                self.exercised.extend(["I29", "I32"]);
            }
            // The proxy compares tags, of retries too; a classic client does when the message arrives.
            FilterSpec::Tags(_) if state.by_message => {
                assert!(wants(world, filter, at), "I29, world {seed}: {at:?}");
                self.exercised.insert("I29");
            }
            FilterSpec::Tags(tags) if state.ordinary => {
                let code = |tag: &str| hash_code(tag.trim());
                let known = tags.split("||").any(|tag| Some(code(tag)) == world.tag(at).map(hash_code));
                assert!(known, "I29, world {seed}: {at:?}");
            }
            _ => {}
        }
    }

    /// I29: what a classic client keeps has a tag that it wants.
    fn received(&mut self, world: &World, progress: ProgressId, offset: u64, consumer: ConsumerId) {
        let state = world.progress(progress);
        if state.by_message || !state.ordinary {
            return;
        }
        let at = MessageRef { queue: state.queue, offset };
        let own = world.filter_of(consumer, world.queue(state.queue).topic);
        if let FilterSpec::Tags(_) = world.filter(own).spec() {
            assert!(wants(world, own, at), "I29, world {}: {at:?}", self.seed);
            self.exercised.insert("I29");
        }
    }

    fn new(seed: u64) -> Self {
        Self {
            seed,
            before: Before::default(),
            exercised: BTreeSet::new(),
            deliveries: BTreeMap::new(),
            due: BTreeSet::new(),
            dead: BTreeSet::new(),
            ends: BTreeMap::new(),
            invisible: BTreeMap::new(),
            local: BTreeMap::new(),
            timed: Timed::default(),
            beside: beside::Beside::default(),
            apps: Default::default(),
            halves: transaction::Watched::default(),
            broken: faults::Broken::default(),
            entries: 0,
            series: Series::default(),
        }
    }

    /// I6: only storing moves the ends of a queue; whatever becomes of a message, it stays where it is.
    fn keeps_the_log(&mut self, world: &World, event: &Event) {
        let stored = match *event {
            Event::MessageStored { queue, offset, .. } => Some(MessageRef { queue, offset }),
            Event::RetryStored { copy, .. } | Event::DeadLettered { copy, .. } => Some(copy),
            _ => None,
        };
        if let Some(at) = stored {
            self.ends.entry(at.queue).or_default().1 = at.offset + 1;
        }
        if let Event::MessagesExpired { queue, offset, count } = *event {
            let min_offset = &mut self.ends.entry(queue).or_default().0;
            assert_eq!(*min_offset + count, offset, "I2, world {}: {event:?}", self.seed);
            *min_offset = offset;
            let stored_at = |offset| world.log.queues[queue.index()].stored_at(offset);
            let age = world.live.now - stored_at(offset - 1);
            assert!(age >= world.settings.store_retention, "I7, world {}: {event:?}", self.seed);
            self.exercised.extend(["I7", "I8"]);
        }
        let (what, queue) = match *event {
            Event::ConsumeFinished { progress, .. } => ("I6 after a result", world.progress(progress).queue),
            Event::MessagesFiltered { progress, .. } | Event::MessageRejectedByTag { progress, .. } => {
                ("I6 after a filter", world.progress(progress).queue)
            }
            Event::DeadLettered { message, .. } => ("I6 after a dead letter", message.queue),
            _ => return,
        };
        let state = world.queue(queue);
        let ends = self.ends.get(&queue).copied();
        assert_eq!(Some((state.min_offset, state.max_offset)), ends, "I6, world {}: {event:?}", self.seed);
        self.exercised.insert(what);
    }

    fn handed_out(&mut self, world: &World, progress: ProgressId, offset: u64) {
        let state = world.progress(progress);
        let at = MessageRef { queue: state.queue, offset };
        *self.deliveries.entry((state.group, state.member, at)).or_default() += 1;
        self.exercised.insert(if state.member.is_some() { "I26" } else { "I25" });
        if state.by_message {
            let until = state.held.get(&offset).and_then(|held| held.until);
            let held = self.invisible.insert((progress, offset), until);
            assert_eq!(held, None, "I27, world {}: {at:?} is invisible", self.seed);
            self.exercised.insert("I27");
        }
        if state.owner.is_some() && !state.by_message {
            self.local(world, progress).held.put(&[offset]);
        }
        let attempt = u64::from(world.reconsume_times(at));
        let most = u64::from(world.retry_max_times(state.group));
        // Who could not send a failed message back tries it once more.
        assert!(
            attempt <= most || faults::is_broken(world),
            "I22, world {}: delivery {attempt} of at most {most} retries",
            self.seed
        );
        self.exercised.insert("I22");
    }

    /// I20: what a result lets a group commit is what the real client's local queue says, and whatever is filtered out
    /// from there on.
    fn finished(&mut self, world: &World, progress: ProgressId, offset: u64) {
        let state = world.progress(progress);
        if state.owner.is_some() && !state.by_message {
            let local = self.local(world, progress);
            let says = local.held.remove(&[offset]);
            // What was filtered out never got into the queue, and there is nothing to wait for in it.
            let past = says.map(|says| (says..).find(|offset| !local.kept_back.contains(offset)));
            assert_eq!(past, Some(Some(state.done_below)), "I20, world {}", self.seed);
            self.exercised.insert("commit by the local queue");
        }
    }
}

impl Observer for Witness {
    fn observe(&mut self, world: &World, entry: &Entry) {
        let seed = self.seed;
        assert_eq!(entry.seq, self.entries, "entries are counted without gaps, world {seed}");
        assert!(entry.cause <= entry.seq, "nothing is caused by the future, world {seed}: {entry:?}");
        self.entries += 1;
        self.series.observe(world, entry);
        if let Some(violation) = self.before.check(world, entry) {
            panic!("world {seed}, entry {entry:?}: {violation}");
        }
        self.exercised.extend(self.beside.look(world, entry, seed));
        self.keeps_the_log(world, &entry.event);
        consumers::observe(self, world, entry);
        faults::observe(self, world, &entry.event, entry.at);
        let broken = faults::is_broken(world);
        match entry.event {
            Event::MessageDelayed { producer, number, due_at, visible_at, .. } => {
                let is_level = world.producer(producer).spec.message.delay_level.is_some();
                let latest = if is_level { Span(1) } else { world.settings.delay_precision };
                let late = visible_at - due_at;
                assert!(entry.at < due_at && due_at <= visible_at && late < latest, "I43, world {seed}");
                let before = self.timed.waiting.insert((producer, number), visible_at);
                assert!(before.is_none() || broken, "I43, world {seed}: twice in the timer");
                self.exercised.extend([if is_level { "in the timer by level" } else { "in the timer" }]);
            }
            Event::DeliveryTimeRefused { producer, number, due_at, .. } => {
                assert!(due_at - entry.at > world.settings.delay_max, "I45, world {seed}");
                let is_new = self.timed.refused.insert((producer, number));
                assert!(is_new || broken, "I45, world {seed}");
                self.exercised.insert("I45");
            }
            Event::SendRefused { producer, number, .. } => {
                assert!(self.timed.refused.insert((producer, number)), "world {seed}");
                self.exercised.insert("wrong type");
            }
            Event::MessageRecalled { producer, number, .. } => {
                let visible_at = self.timed.waiting.remove(&(producer, number));
                let is_before = visible_at.is_some_and(|at| at > entry.at);
                assert!(is_before && self.timed.recalled.insert((producer, number)), "I46, world {seed}");
                self.exercised.insert("I46");
            }
            Event::MessageStored { producer, number, queue, offset, sent_at } => {
                self.exercised.extend(["I1", "I2", "I3", "I4", "I5", "I13"]);
                let message = (producer, number);
                let is_first = self.timed.stored.insert(message);
                if world.producer(producer).transaction.is_some() {
                    transaction::stored(self, world, message, is_first);
                } else if !broken {
                    assert!(is_first, "I43, world {seed}: stored twice");
                }
                let gone = self.timed.refused.contains(&message) || self.timed.recalled.contains(&message);
                assert!(!gone, "I45, I46, world {seed}: {message:?} was refused or taken back");
                assert_eq!(world.log.queues[queue.index()].sent_at(offset), sent_at, "born, world {seed}");
                if let Some(visible_at) = self.timed.waiting.remove(&message) {
                    // What is overdue when the broker is back comes then, and twice if it was sent twice.
                    assert!(visible_at == entry.at || broken, "I43, world {seed}");
                    self.exercised.insert("I43");
                } else if let Some(due_at) = world.due_at(producer, number, sent_at) {
                    let is_too_far = due_at - entry.at > world.settings.delay_max;
                    assert!(due_at <= entry.at || is_too_far || broken, "I44, world {seed}");
                    self.exercised.insert(if is_too_far { "too far is now" } else { "I44" });
                }
            }
            Event::MessageHandedOut { progress, offset, consumer, .. } => {
                let state = world.progress(progress);
                let min_offset = world.queue(state.queue).min_offset;
                assert!(offset >= min_offset, "I7, world {seed}: {offset} is gone from {progress:?}");
                // An owner reads on until the queues are shared out anew.
                assert!(state.readable || !state.by_message, "world {seed}: {progress:?} may not be read");
                self.let_through(world, progress, offset, consumer);
                order::handed_out(self, world, progress, offset);
                self.handed_out(world, progress, offset);
            }
            Event::MessageReceived { progress, offset, consumer } => {
                self.received(world, progress, offset, consumer);
            }
            Event::MessagesFiltered { progress, offset, count, .. } => {
                self.kept_back(world, progress, offset..offset + u64::from(count));
            }
            Event::MessageRejectedByTag { progress, offset, .. } => {
                let by_message = world.progress(progress).by_message;
                if !by_message {
                    self.local(world, progress).held.remove(&[offset]);
                }
                self.kept_back(world, progress, offset..offset + 1);
                self.exercised.insert(if by_message {
                    "rejected by the proxy"
                } else {
                    "rejected by a client"
                });
            }
            Event::ConsumeFinished { progress, offset, outcome, .. } => {
                self.exercised.extend(["I18", "I19", "I20", "I58"]);
                if outcome == Outcome::Ignored {
                    self.exercised.insert("late result ignored");
                } else if outcome == Outcome::Failed && consumers::is_simple(world, progress) {
                    self.exercised.insert("not acknowledged");
                } else if outcome == Outcome::Failed && world.progress(progress).order.is_some() {
                    self.exercised.insert("failure in place");
                } else {
                    self.invisible.remove(&(progress, offset));
                    self.finished(world, progress, offset);
                }
            }
            Event::RetryScheduled { group, message, attempt, due_at } => {
                let rung = world.retry_delay(group, attempt);
                assert_eq!(due_at - entry.at, rung, "I33, world {seed}: the gap is the rung");
                self.due.insert((group, message, due_at));
                self.exercised.extend(["I23", "I33"]);
            }
            Event::RetryStored { group, message, copy, attempt, from_shelf } => {
                if from_shelf {
                    let due = self.due.remove(&(group, message, entry.at));
                    assert!(due || broken, "I33, world {seed}: visible exactly when due");
                }
                assert_eq!(attempt, world.reconsume_times(message) + 1, "I23, world {seed}");
                assert_eq!(
                    world.content(copy),
                    world.content(message),
                    "I5, world {seed}: a retry is the message"
                );
                self.exercised.insert("I36");
            }
            Event::DeadLettered { group, message, copy, .. } => {
                assert_eq!(world.content(copy), world.content(message), "I35, world {seed}");
                if let Some(progress) = world.progress_on(group, message.queue)
                    && world.progress(progress).order.is_some()
                {
                    self.finished(world, progress, message.offset);
                }
                let origin = world.origin(message);
                let doubled = world.group(group).counts.duplicated > 0;
                assert!(
                    self.dead.insert((group, origin)) || doubled || broken,
                    "I34, world {seed}: twice dead-lettered"
                );
                self.exercised.extend(["I34", "I35", "I61"]);
            }
            Event::Rebalanced { group, .. } => self.rebalanced(world, group),
            Event::ConsumeStarted { progress, offset, .. } => order::started(self, world, progress, offset),
            Event::RetryInPlaceScheduled { progress, offset, attempt, due_at, .. } => {
                order::suspended(self, world, progress, (offset, attempt), due_at - entry.at);
            }
            Event::MessagesKeptBack { .. } => {
                self.exercised.insert("kept back");
            }
            Event::QueueLockAwaited { .. } => {
                self.exercised.insert("queue lock awaited");
            }
            Event::ReceiveParked { consumer } => {
                order::parked(self, world, consumer);
                self.exercised.insert("I55");
            }
            Event::InvisibleTimeCut { progress, offset, until } => {
                let held = self.invisible.insert((progress, offset), Some(until));
                assert_eq!(held, Some(None), "I27, world {seed}: cut once, and only of what is held");
            }
            Event::InvisibleTimeOver { progress, offset } => {
                let held = self.invisible.remove(&(progress, offset));
                assert_eq!(held, Some(Some(entry.at)), "I27, world {seed}: over when it was to be");
                self.exercised.insert("invisible time over");
            }
            Event::QueueAssigned { progress, .. } | Event::OffsetCorrected { progress, drops: true, .. } => {
                self.invisible.retain(|(id, _), _| *id != progress);
                self.apps.handles.retain(|(id, _), _| *id != progress);
            }
            Event::OffsetReset { progress, offset, .. } => {
                self.invisible.retain(|(id, _), _| *id != progress);
                self.apps.handles.retain(|(id, _), _| *id != progress);
                self.reset(world, progress, offset);
            }
            Event::QueuesChanged { .. } => {
                self.exercised.insert("other queues");
            }
            Event::HalfStored { .. }
            | Event::LocalTransactionEnded { .. }
            | Event::TransactionChecked { .. }
            | Event::TransactionCommitted { .. }
            | Event::TransactionRolledBack { .. }
            | Event::TransactionWordIgnored { .. }
            | Event::TransactionSetAside { .. } => transaction::observe(self, world, entry),
            Event::DeliveryLost { .. } => {
                self.exercised.insert("delivery lost");
            }
            _ => {}
        }
    }
}

impl Witness {
    /// I59, I60: a reset leads to one place, whatever the group was at; from there on it is behind by what is stored.
    fn reset(&mut self, world: &World, progress: ProgressId, offset: u64) {
        let (seed, state) = (self.seed, world.progress(progress));
        let queue = world.queue(state.queue);
        let log = &world.log.queues[state.queue.index()];
        assert_eq!((state.committed, state.next, state.inflight), (offset, offset, 0), "world {seed}");
        match world.log.commands.last().map(|command| (**command).clone()) {
            Some(Command::ResetOffset { to: ResetTarget::Time(at), .. }) => {
                let is_after = |offset| log.stored_at(offset) >= at;
                let first = (queue.min_offset..queue.max_offset).find(|offset| is_after(*offset));
                assert_eq!(offset, first.unwrap_or(queue.max_offset), "I59, world {seed}");
                self.exercised.insert("I59");
            }
            Some(Command::ResetOffset { to: ResetTarget::Latest, .. }) => {
                assert_eq!(state.ready(queue.max_offset), 0, "I60, world {seed}");
                self.exercised.insert("I60");
            }
            _ => {}
        }
    }

    /// I52, I53, I57: after a round, owners are exactly what the strategy says of the sorted members.
    fn rebalanced(&mut self, world: &World, id: GroupId) {
        let group = world.group(id);
        if group.spec.mode == ConsumeMode::Broadcasting || group.balance == Balance::Message {
            return;
        }
        let mut members: Vec<ConsumerId> = group.consumers.clone();
        members.retain(|c| world.consumer(*c).is_member());
        members.sort_by_key(|c| world.consumer(*c).spec.name.clone());
        for topic in &group.topics {
            let queues = world.topic(*topic).readable();
            for (index, member) in members.iter().enumerate() {
                let share: Vec<usize> = match &group.spec.strategy {
                    Strategy::Avg => average_share(queues.len(), members.len(), index).collect(),
                    Strategy::AvgByCircle => circle_share(queues.len(), members.len(), index).collect(),
                    // What the others do stands beside them, against the golden vectors.
                    _ => continue,
                };
                for (position, queue) in queues.iter().enumerate() {
                    let Some(progress) = world.progress_on(id, *queue) else { continue };
                    let owns = world.progress(progress).owner == Some(*member);
                    assert_eq!(owns, share.contains(&position), "I52, I57, world {}", self.seed);
                }
            }
        }
        self.exercised.extend(["I52", "I53", "I57"]);
    }
}

/// A world after its run.
struct Run {
    broker: Broker,
    witness: Witness,
}

fn run(plan: &Plan, slice: Span) -> Run {
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
            idle || counts.ready + counts.inflight + counts.retry_waiting + counts.retry_accumulation == 0
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
    while target < until {
        target = (target + slice).min(until);
        while broker.step(target, witness) {}
        broker.advance(target);
    }
}

fn check_all(broker: &Broker, witness: &Witness) {
    let world = &broker.world;
    if let Err(violation) = invariants::check(world) {
        panic!("world {}, at {}: {violation}", witness.seed, world.live.now);
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
    }
    round_robin(world, witness);
    if !faults::is_broken(world) {
        order::stored(world, witness.seed); // Who sends again sends later.
    }
}

/// I13: what each producer sent by round robin lies evenly in the queues.
fn round_robin(world: &World, witness: &Witness) {
    let Witness { seed, timed, halves, .. } = witness;
    if faults::is_broken(world) {
        return; // What is lost, and what is sent again, lies unevenly.
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
        if had_other_queues(world, &world.topic(producer.topic).name) {
            continue;
        }
        if producer.spec.queue_selection != QueueSelection::RoundRobin || is_hashed {
            continue;
        }
        let queues = world.topic(producer.topic).writable();
        let of = |queue: &QueueId| counts.get(&(ProducerId::at(index), *queue)).copied().unwrap_or(0);
        let (low, high) = (queues.iter().map(of).min(), queues.iter().map(of).max());
        let on_the_way = producer.transit.len() as u64;
        // What waits, was refused or was taken back would have been stored elsewhere.
        let elsewhere = [
            timed.waiting.keys().collect::<Vec<_>>(),
            timed.refused.iter().collect(),
            timed.recalled.iter().collect(),
            halves.all.keys().filter(|key| !timed.stored.contains(key)).collect(),
        ];
        let elsewhere = elsewhere.iter().flatten().filter(|(id, _)| id.index() == index).count() as u64;
        let again = halves.again.get(&ProducerId::at(index)).copied().unwrap_or_default();
        let missing = on_the_way + elsewhere + again;
        assert!(high <= low.map(|low| low + 1 + missing), "I13, world {seed}: {low:?}..{high:?}");
    }
}

/// Has a topic shown other numbers of queues before?
fn had_other_queues(world: &World, name: &str) -> bool {
    let changes = |command: &Command| matches!(command, Command::SetQueues { topic, .. } if topic == name);
    world.log.commands.iter().any(|command| changes(command))
}

/// I21, I72: once everything is repaired and quiet, every message is acknowledged, dead-lettered or (in broadcasting)
/// dropped, for every group that has a consumer left.
fn check_quiet(run: &mut Run) {
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
            let lost = counts.expired + counts.passed;
            let lost = lost + group.counts.lost_dead_letters;
            let done = counts.acknowledged + counts.dead_letters + counts.dropped + lost;
            run.witness.exercised.extend((counts.expired > 0).then_some("expired unread"));
            run.witness.exercised.extend((counts.passed > 0).then_some("passed over"));
            assert_eq!(done, counts.matched + counts.duplicated, "I72, world {seed}");
            for progress in &group.progress {
                let state = world.progress(*progress);
                let max = world.queue(state.queue).max_offset;
                if world.topic(world.queue(state.queue).topic).is_ordinary() {
                    let settled = (state.start..max).all(|offset| world.is_settled(*progress, offset));
                    assert!(settled, "I21, world {seed}: a message of {} was lost", group.spec.name);
                }
            }
            run.witness.exercised.extend(["I21", "I72"]);
            let nothing = |id: &ProgressId| {
                let state = world.progress(*id);
                (state.committed, state.done_below) == (state.next, state.next)
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
    let Timed { waiting, stored, refused, recalled } = &run.witness.timed;
    let unseen = run.witness.halves.all.keys().filter(|key| !stored.contains(key)).copied().collect();
    for (index, producer) in world.live.producers.iter().enumerate() {
        let of = |set: &BTreeSet<(ProducerId, u64)>| {
            set.iter().filter(|(id, _)| id.index() == index).count() as u64
        };
        let ended = of(stored) + of(refused) + of(recalled) + of(&unseen);
        if faults::is_broken(world) {
            continue;
        }
        assert_eq!((producer.sent, waiting.len()), (ended, 0), "I43, world {seed}: exactly once");
        assert_eq!(producer.stored, of(stored) + of(recalled) + of(&unseen), "acknowledged, world {seed}");
        assert_eq!(producer.refused, of(refused), "refused, world {seed}");
    }
    let quiet = world.live.little.inside == 0;
    if quiet {
        assert_eq!(world.live.little.area, world.live.little.sojourn, "Little's law, world {seed}");
        run.witness.exercised.insert("Little");
    }
}

/// I26: without faults, every broadcasting consumer gets every message exactly once.
fn check_broadcasting(run: &mut Run, plan: &Plan) {
    let faults =
        ["faults", "crash", "restart", "leave", "add consumer", "add group", "remove group", "change queues"];
    if plan.features.iter().any(|feature| faults.contains(feature)) {
        return;
    }
    for ((group, member, at), count) in &run.witness.deliveries {
        if member.is_some() {
            assert_eq!(*count, 1, "I26, world {}: {at:?} in group {group:?}", plan.seed);
        }
    }
}

/// How many worlds a run of the laws looks at.
fn worlds() -> Vec<u64> {
    let number = |name: &str| std::env::var(name).ok().and_then(|text| text.parse().ok());
    match number("MQSCOPE_WORLD") {
        Some(seed) => vec![seed],
        None => (0..number("MQSCOPE_WORLDS").unwrap_or(300)).collect(),
    }
}

/// Every law that random worlds have to put to the test.
const LAWS: [&str; 61] = [
    "I10",
    "I11",
    "I68",
    "I69",
    "I7",
    "I8",
    "I59",
    "I60",
    "expired unread",
    "passed over",
    "I1",
    "I2",
    "I3",
    "I4",
    "I5",
    "I6 after a result",
    "I6 after a filter",
    "I6 after a dead letter",
    "I13",
    "I18",
    "I19",
    "I20",
    "I21",
    "I22",
    "I23",
    "I25",
    "I26",
    "I27",
    "I28",
    "I29",
    "I30",
    "I31",
    "I32",
    "I33",
    "I34",
    "I35",
    "I36",
    "I37",
    "effects",
    "I52",
    "I53",
    "I55",
    "I57",
    "I58",
    "I72",
    "I39",
    "I40",
    "I41",
    "I42",
    "I81",
    "I82",
    "I43",
    "I44",
    "I45",
    "I46",
    "I47",
    "I48",
    "I49",
    "I50",
    "I51",
    "I61",
];

/// What was seen in some worlds: how many exercised what, and how many entries each has.
#[derive(Default)]
struct Tally {
    exercised: BTreeMap<&'static str, u64>,
    sizes: Vec<u64>,
}

/// Runs worlds one after the other. One that breaks a law is written down before the test fails.
fn check_worlds(seeds: impl Iterator<Item = u64>) -> Tally {
    let mut tally = Tally::default();
    for seed in seeds {
        let plan = Plan::draw(seed);
        let checked = || {
            let mut run = run(&plan, Span::from_secs(5));
            check_quiet(&mut run);
            check_broadcasting(&mut run, &plan);
            run.witness
        };
        let witness = catch_unwind(AssertUnwindSafe(checked)).unwrap_or_else(|broken| {
            match reproduce::write(&plan) {
                Ok(path) => println!("world {seed} as a scenario file: {}", path.display()),
                Err(error) => println!("world {seed} cannot be written down: {error}"),
            }
            resume_unwind(broken)
        });
        tally.sizes.push(witness.entries);
        for name in plan.features.iter().chain(&witness.exercised) {
            *tally.exercised.entry(name).or_default() += 1;
        }
    }
    tally
}

#[test]
fn every_world_keeps_the_laws() {
    let seeds = worlds();
    let threads = std::thread::available_parallelism().map_or(1, NonZero::get);
    let parts = std::thread::scope(|scope| {
        let part = |seeds| scope.spawn(|| check_worlds(seeds));
        let parts: Vec<_> =
            (0..threads).map(|n| part(seeds.iter().copied().skip(n).step_by(threads))).collect();
        parts
            .into_iter()
            .map(|part| part.join().unwrap_or_else(|broken| resume_unwind(broken)))
            .collect::<Vec<_>>()
    });
    let mut tally: BTreeMap<&'static str, u64> = BTreeMap::new();
    let mut sizes = Vec::new();
    for part in parts {
        sizes.extend(part.sizes);
        for (name, count) in part.exercised {
            *tally.entry(name).or_default() += count;
        }
    }
    sizes.sort_unstable();
    let median = sizes[sizes.len() / 2];
    println!("{} worlds, median {median} entries, largest {}", seeds.len(), sizes[sizes.len() - 1]);
    for (name, count) in &tally {
        println!("{count:>8} {:>5.1} %  {name}", *count as f64 * 100.0 / seeds.len() as f64);
    }
    if seeds.len() > 100 {
        assert!(median >= 1_000, "worlds are too small to mean anything: median {median}");
        for name in LAWS {
            assert!(tally.contains_key(name), "{name} was never put to the test");
        }
        for (name, count) in tally {
            assert!(count * 100 >= seeds.len() as u64, "{name} occurs in {count} worlds only");
        }
    }
}

/// A world that breaks a law is given away as a scenario file; the file must bring about the same journal.
#[test]
fn a_world_is_the_same_as_a_scenario_file() {
    for seed in worlds().into_iter().take(120) {
        let plan = Plan::draw(seed);
        let broker = run(&plan, Span::from_secs(3_600)).broker;
        let until = broker.world.live.now;
        let text = reproduce::scenario(&plan, until).to_json().to_string();
        let scenario = Scenario::parse(&text).unwrap_or_else(|problems| panic!("world {seed}:\n{problems}"));
        let mut session = Session::new(scenario.into(), ());
        session.run_until(until, u64::MAX);
        assert_eq!(session.fingerprint(), broker.fingerprint(), "world {seed}");
    }
}

/// I71: the same seed and script give the same journal, however the run is cut into slices.
#[test]
fn slicing_changes_nothing() {
    for seed in worlds().into_iter().take(60) {
        let plan = Plan::draw(seed);
        let whole = run(&plan, Span::from_secs(3_600)).broker.fingerprint();
        assert_eq!(whole, run(&plan, Span::from_ms(17)).broker.fingerprint(), "world {seed}");
    }
}

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
        if plan.settings.store_expiry == Expiry::Segment {
            continue;
        }
        // So are its pages: they are flushed earlier if others fill them.
        if plan.features.contains("crash of the broker's machine") {
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

/// Records of one message stay in order: handed out, started, finished.
#[test]
fn delivery_records_are_in_order() {
    for seed in worlds().into_iter().take(100) {
        let run = run(&Plan::draw(seed), Span::from_secs(60));
        let world = &run.broker.world;
        for (index, state) in world.live.progress.iter().enumerate() {
            let log = &world.log.queues[state.queue.index()];
            for offset in state.start..state.high_water {
                let stored_at = log.stored_at(offset);
                let records: Vec<DeliveryRecord> =
                    world.log.deliveries[index].of(offset, stored_at).collect();
                // In an orderly group some are passed over until their turn comes.
                let is_known = !records.is_empty() || state.order.is_some() || state.gaps.is_some();
                assert!(is_known, "world {seed}: handed out and not recorded");
                for record in records {
                    assert!(stored_at <= record.handed_out_at, "world {seed}");
                    assert!(record.started_at.is_none_or(|at| at >= record.handed_out_at), "world {seed}");
                    assert!(
                        record.finished_at.is_none_or(|at| Some(at) >= record.started_at),
                        "world {seed}"
                    );
                }
            }
        }
    }
}
