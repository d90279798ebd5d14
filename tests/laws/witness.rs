//! What watches a world from the outside, entry by entry.

use std::collections::{BTreeMap, BTreeSet};

use mqscope::broker::invariants::Before;
use mqscope::broker::message::Content;
use mqscope::broker::promise_watch::PromiseWatch;
use mqscope::broker::settings::DlqTiming;
use mqscope::broker::spec::*;
use mqscope::broker::*;
use mqscope::metrics::Series;
use mqscope::rules::allocate::{average_share, circle_share};
use mqscope::rules::filter::sql;
use mqscope::rules::filter::tags::hash_code;
use mqscope::sim::{Instant, Span};

use crate::{beside, consumers, faults, lite, order, requests, transaction};

/// Watches a world from the outside: every entry is checked as it happens, and what laws were exercised is noted.
pub(super) struct Witness {
    pub(super) seed: u64,
    pub(super) before: Before,
    pub(super) kept: PromiseWatch,
    pub(super) exercised: BTreeSet<&'static str>,
    pub(super) deliveries: BTreeMap<(GroupId, Option<ConsumerId>, MessageRef), u64>,
    /// Deliveries of each group, and how many of them were not the first of their message.
    pub(super) handed_out: BTreeMap<GroupId, (u64, u64)>,
    /// Messages on a shelf with their due times; a message that was read again may wait there twice.
    pub(super) due: BTreeSet<(GroupId, MessageRef, Instant)>,
    /// The last message whose invisible time was over.
    over: Option<MessageRef>,
    pub(super) dead: BTreeSet<(GroupId, MessageRef)>,
    /// Min and max offset of every queue in which something was stored.
    pub(super) ends: BTreeMap<QueueId, (u64, u64)>,
    /// In message balancing: what is invisible, and until when, if that is known.
    pub(super) invisible: BTreeMap<(ProgressId, u64), Option<Instant>>,
    /// What the owner of a queue holds of it, as the real client would keep it, since the queue changed hands.
    pub(super) local: BTreeMap<ProgressId, Local>,
    pub(super) timed: Timed,
    pub(super) beside: beside::Beside,
    pub(super) apps: consumers::Apps,
    pub(super) halves: transaction::Watched,
    pub(super) broken: faults::Broken,
    pub(super) lite: lite::Watched,
    pub(super) entries: u64,
    pub(super) requests: requests::Seen,
    pub(super) series: Series,
}

/// What is held and what was kept back of a queue since it changed hands.
#[derive(Default)]
pub(super) struct Local {
    pub(super) epoch: u32,
    pub(super) held: BTreeSet<u64>,
    /// The offset that was fetched last.
    pub(super) last: u64,
    pub(super) kept_back: BTreeSet<u64>,
}

/// What became of the messages of each producer, and of those that are to be seen later.
#[derive(Default)]
pub(super) struct Timed {
    /// In the timer, and when each is to come out; what was sent again may be there more than once.
    pub(super) waiting: BTreeMap<(ProducerId, u64), Vec<Instant>>,
    pub(super) stored: BTreeSet<(ProducerId, u64)>,
    pub(super) refused: BTreeSet<(ProducerId, u64)>,
    pub(super) recalled: BTreeSet<(ProducerId, u64)>,
}

impl Timed {
    /// One copy leaves the timer: one of which this holds, or any. Says when it was to come out.
    fn leaves(&mut self, message: (ProducerId, u64), is_it: impl Fn(Instant) -> bool) -> Option<Instant> {
        let copies = self.waiting.get_mut(&message)?;
        let place = copies.iter().position(|at| is_it(*at)).unwrap_or(0);
        let visible_at = copies.remove(place);
        if copies.is_empty() {
            self.waiting.remove(&message);
        }
        Some(visible_at)
    }
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

    /// What is gone is passed over like what a filter keeps back.
    pub(super) fn passed_over(&mut self, world: &World, progress: ProgressId, offsets: std::ops::Range<u64>) {
        self.local(world, progress).kept_back.extend(offsets);
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
            FilterSpec::Tags(_)
                if state.by_message
                    && (world.settings.pop_through_proxy || !world.group(state.group).simple) =>
            {
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

    pub(super) fn new(seed: u64) -> Self {
        Self {
            seed,
            before: Before::default(),
            kept: PromiseWatch::default(),
            exercised: BTreeSet::new(),
            deliveries: BTreeMap::new(),
            handed_out: BTreeMap::new(),
            due: BTreeSet::new(),
            over: None,
            dead: BTreeSet::new(),
            ends: BTreeMap::new(),
            invisible: BTreeMap::new(),
            local: BTreeMap::new(),
            timed: Timed::default(),
            beside: beside::Beside::default(),
            apps: Default::default(),
            halves: transaction::Watched::default(),
            broken: faults::Broken::default(),
            lite: lite::Watched::default(),
            entries: 0,
            requests: requests::Seen::default(),
            series: Series::default(),
        }
    }

    /// I6: only storing moves the ends of a queue; whatever becomes of a message, it stays where it is.
    fn keeps_the_log(&mut self, world: &World, event: &Event) {
        let stored = match *event {
            Event::MessageStored { queue, offset, .. } | Event::TransactionSetAside { queue, offset, .. } => {
                Some(MessageRef { queue, offset })
            }
            Event::RetryStored { copy, .. } | Event::DeadLettered { copy, .. } => Some(copy),
            Event::ReplyStored { copy, .. } => copy,
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
        let times = self.deliveries.entry((state.group, state.member, at)).or_default();
        *times += 1;
        let counts = self.handed_out.entry(state.group).or_default();
        counts.0 += 1;
        counts.1 += u64::from(*times > 1 || at != world.origin(at));
        self.exercised.insert(if state.member.is_some() { "I26" } else { "I25" });
        if state.by_message {
            let until = state.held.get(&offset).and_then(|held| held.until);
            let held = self.invisible.insert((progress, offset), until);
            assert_eq!(held, None, "I27, world {}: {at:?} is invisible", self.seed);
            self.exercised.insert("I27");
        }
        if state.owner.is_some() && !state.by_message && !world.group(state.group).pull {
            let local = self.local(world, progress);
            local.last = offset;
            local.held.insert(offset);
        }
        // Who sends back says how often.
        if world.group(state.group).pull {
            return;
        }
        if world.group(state.group).simple && !world.settings.pop_through_proxy {
            return self.exercised.extend(["nobody counts"]); // How often it comes, that is.
        }
        let attempt = u64::from(world.reconsume_times(at));
        let most = u64::from(world.retry_max_times(state.group));
        // Who could not send a failed message back tries it once more.
        assert!(
            attempt <= most || self.broken.were_apart(state.group),
            "I22, world {}: delivery {attempt} of at most {most} retries",
            self.seed
        );
        self.exercised.insert("I22");
    }

    /// I33: what waited for its retry goes on exactly when it is due.
    fn off_the_shelf(&mut self, world: &World, group: GroupId, message: MessageRef, now: Instant) {
        // What is overdue when the broker is back comes then.
        let mut on_shelf = self.due.range((group, message, Instant::default())..=(group, message, now));
        let due = on_shelf.find(|(.., at)| world.when_up(*at) == now).copied();
        let is_due = due.is_some_and(|due| self.due.remove(&due));
        assert!(is_due || self.broken.forgets, "I33, world {}: visible exactly when due", self.seed);
    }

    /// I20: what a result lets a group commit is what the real client's local queue says, and whatever is filtered out
    /// from there on.
    fn finished(&mut self, world: &World, progress: ProgressId, offset: u64) {
        let state = world.progress(progress);
        if state.owner.is_some() && !state.by_message && !world.group(state.group).pull {
            let local = self.local(world, progress);
            assert!(local.held.remove(&offset), "I20, world {}: it was in hands", self.seed);
            let says = local.held.first().copied().unwrap_or(local.last + 1);
            // What was filtered out never got into the queue, and there is nothing to wait for in it.
            let past = (says..).find(|offset| !local.kept_back.contains(offset));
            assert_eq!(past, Some(state.done_below()), "I20, world {}", self.seed);
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
        self.kept.note(world, entry);
        if let Some(violation) = self.before.check(world, entry) {
            panic!("world {seed}, entry {entry:?}: {violation}");
        }
        self.exercised.extend(self.beside.look(world, entry, seed));
        self.keeps_the_log(world, &entry.event);
        consumers::observe(self, world, entry);
        lite::observe(self, world, entry);
        requests::observe(self, world, entry);
        faults::observe(self, world, &entry.event, entry.at);
        match entry.event {
            Event::MessageDelayed { producer, number, due_at, visible_at, .. } => {
                let is_level = world.producer(producer).spec.message.delay_level.is_some();
                let latest = if is_level { Span(1) } else { world.settings.delay_precision };
                let late = visible_at - due_at;
                assert!(entry.at < due_at && due_at <= visible_at && late < latest, "I43, world {seed}");
                let waiting = self.timed.waiting.entry((producer, number)).or_default();
                waiting.push(visible_at);
                let is_again = self.broken.was_unanswered((producer, number));
                assert!(waiting.len() == 1 || is_again, "I43, world {seed}: twice in the timer");
                self.exercised.extend([if is_level { "in the timer by level" } else { "in the timer" }]);
            }
            Event::DeliveryTimeRefused { producer, number, due_at, .. } => {
                assert!(due_at - entry.at > world.settings.delay_max, "I45, world {seed}");
                let is_new = self.timed.refused.insert((producer, number));
                assert!(is_new || self.broken.was_unanswered((producer, number)), "I45, world {seed}");
                self.exercised.insert("I45");
            }
            Event::SendRefused { producer, number, .. } => {
                assert!(self.timed.refused.insert((producer, number)), "world {seed}");
                self.exercised.insert("wrong type");
            }
            Event::MessageRecalled { producer, number, .. } => {
                let copies = self.timed.waiting.remove(&(producer, number)).unwrap_or_default();
                let is_before = !copies.is_empty() && copies.iter().all(|at| *at > entry.at);
                assert!(is_before && self.timed.recalled.insert((producer, number)), "I46, world {seed}");
                self.exercised.insert("I46");
            }
            Event::MessageStored { producer, number, queue, offset, sent_at } => {
                self.exercised.extend(["I1", "I2", "I3", "I4", "I5", "I13"]);
                let message = (producer, number);
                let is_first = self.timed.stored.insert(message);
                if world.producer(producer).transaction.is_some() {
                    transaction::stored(self, world, message, is_first);
                } else {
                    let may_be = is_first || self.broken.was_unanswered(message);
                    assert!(may_be, "I43, world {seed}: stored twice");
                }
                let gone = self.timed.refused.contains(&message) || self.timed.recalled.contains(&message);
                // Another copy may have been on its way when it was refused or taken back.
                let is_copy = self.broken.was_unanswered(message);
                assert!(!gone || is_copy, "I45, I46, world {seed}: {message:?} was refused or taken back");
                assert_eq!(world.log.queues[queue.index()].sent_at(offset), sent_at, "born, world {seed}");
                let is_due = |at| world.when_up(at) == entry.at;
                if let Some(visible_at) = self.timed.leaves(message, is_due) {
                    // What is overdue when the broker is back comes then, and twice if it was sent twice.
                    let is_late = !is_due(visible_at);
                    assert!(!is_late || self.broken.was_unanswered(message), "I43, world {seed}");
                    self.exercised.extend((visible_at < entry.at).then_some("overdue from the timer"));
                    self.exercised.insert("I43");
                } else if let Some(due_at) = world.due_at(producer, number, sent_at) {
                    let is_too_far = due_at - entry.at > world.settings.delay_max;
                    assert!(
                        due_at <= entry.at || is_too_far || self.broken.was_unanswered(message),
                        "I44, world {seed}"
                    );
                    self.exercised.insert(if is_too_far { "too far is now" } else { "I44" });
                }
            }
            Event::MessageHandedOut { progress, offset, consumer, .. } => {
                let is_paused = world.progress(progress).paused_since().is_some();
                assert!(!is_paused, "world {seed}: a paused queue gives nothing to who paused it");
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
                    self.local(world, progress).held.remove(&offset);
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
                // What was made invisible for it is brought back later.
                let by_message = world.group(group).by_message;
                let lag = if by_message { world.settings.pop_revive_lag } else { Span::ZERO };
                // Who sends back by hand chooses.
                let is_chosen = world.group(group).pull;
                assert!(
                    due_at - entry.at == rung + lag || is_chosen,
                    "I33, world {seed}: the gap is the rung"
                );
                self.exercised.extend((lag > Span::ZERO).then_some("retry brought back late"));
                self.due.insert((group, message, due_at));
                self.exercised.extend(["I23", "I33"]);
            }
            Event::RetryStored { group, message, copy, attempt, from_shelf } => {
                if from_shelf {
                    self.off_the_shelf(world, group, message, entry.at);
                }
                assert_eq!(attempt, world.reconsume_times(message) + 1, "I23, world {seed}");
                assert_eq!(
                    world.content(copy),
                    world.content(message),
                    "I5, world {seed}: a retry is the message"
                );
                self.exercised.insert("I36");
            }
            Event::DeadLettered { group, message, copy, from_shelf, .. } => {
                let state = world.group(group);
                let waits = state.by_message && !state.orderly && !state.simple;
                if from_shelf {
                    self.off_the_shelf(world, group, message, entry.at);
                    self.exercised.insert("dead letter after one more wait");
                }
                match world.settings.dlq_timing {
                    DlqTiming::OnFailure => assert!(!from_shelf, "I34, world {seed}: with its last failure"),
                    DlqTiming::OnNextPop => {
                        // What nobody answered has waited already.
                        let is_back = from_shelf || self.over == Some(message);
                        assert!(is_back || !waits, "I34, world {seed}: when it is back");
                    }
                }
                assert_eq!(world.content(copy), world.content(message), "I35, world {seed}");
                if let Some(progress) = world.progress_on(group, message.queue)
                    && world.progress(progress).order.is_some()
                {
                    self.finished(world, progress, message.offset);
                }
                let origin = world.origin(message);
                let doubled = world.group(group).counts.duplicated > 0;
                assert!(
                    self.dead.insert((group, origin)) || doubled || self.broken.forgets,
                    "I34, world {seed}: twice dead-lettered"
                );
                self.exercised.extend(["I34", "I35", "I61"]);
            }
            Event::Rebalanced { group, .. } => self.rebalanced(world, group),
            Event::ConsumeStarted { progress, offset, .. } => order::started(self, world, progress, offset),
            Event::RetryInPlaceScheduled { progress, offset, attempt, due_at, .. } => {
                order::suspended(self, world, progress, (offset, attempt), due_at - entry.at);
            }
            Event::RetriedInPlace { progress, .. } => {
                let counts = self.handed_out.entry(world.progress(progress).group).or_default();
                counts.0 += 1;
                counts.1 += 1;
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
                let over = held.flatten().map(|until| until + world.revive_lag(progress));
                assert_eq!(over, Some(entry.at), "I27, world {seed}: over when it was to be");
                self.over = Some(MessageRef { queue: world.progress(progress).queue, offset });
                self.exercised.insert("invisible time over");
            }
            Event::BatchReread { progress, same_attempt, .. } => {
                self.invisible.retain(|(id, _), _| *id != progress);
                self.apps.handles.retain(|(id, _), _| *id != progress);
                self.exercised.insert(if same_attempt {
                    "the same attempt again"
                } else {
                    "batch read again"
                });
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
