//! Messages that are to be seen later: the broker acknowledges them and keeps them in its timer, and only when their
//! time has come are they appended to their queue. Offset and store time are given then, so a message that waits is
//! nobody's to consume and in nobody's way.
//!
//! Source: `HookUtils` and `TimerMessageStore` for times, `ScheduleMessageService` for the classic levels; the formulas
//! are in [`rules::delay`](crate::rules::delay).

use std::collections::BTreeMap;
use std::rc::Rc;

use super::event::{Entry, Event, Refusal};
use super::id::{ProducerId, QueueId, TopicId};
use super::send;
use super::settings::{OutOfRange, Settings};
use super::spec::{MessageTemplate, MessageType};
use super::world::World;
use crate::rules::delay::timer::{Due, Placement, Request, TimerSettings, place};
use crate::rules::delay::{recall, wheel};
use crate::rules::message_type::accept;
use crate::rules::validation::{self, Limits};
use crate::sim::{Draws, Instant, Sampler, Slot, Span};

/// What a producer asks for about the time of its messages, made ready.
#[derive(Clone, Copy, Debug)]
pub struct Delay {
    /// How long each message is to be kept back.
    time: Option<Sampler>,
    /// A classic level, which comes before a time.
    level: i32,
    /// The luck of each message.
    draws: Draws,
}

impl Delay {
    /// What a template asks for, if it does.
    pub(super) fn of(message: &MessageTemplate, draws: Draws) -> Option<Self> {
        let time = message.delay.map(|delay| delay.sampler());
        let level = message.delay_level.map(|level| i32::try_from(level).unwrap_or(i32::MAX));
        (time.is_some() || level.is_some()).then(|| Self { time, level: level.unwrap_or(0), draws })
    }

    /// Is it one of the classic levels, rather than a time?
    pub fn has_level(&self) -> bool {
        self.level > 0
    }

    /// The delivery time that the client writes into its `number`-th message: whole milliseconds, and never before the
    /// delay is over. No delay means now.
    fn due_at(&self, number: u64, sent_at: Instant) -> Option<Instant> {
        let delay = self.time?.sample(self.draws.nth(number));
        let due_at = sent_at + delay;
        Some(if delay.is_zero() { due_at } else { Instant::from_ms(due_at.0.div_ceil(1_000)) })
    }
}

/// A message in the timer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Waiting {
    /// Who sent it.
    pub producer: ProducerId,
    /// Which of the producer's messages it is, from 0.
    pub number: u64,
    /// The topic that it is for.
    pub topic: TopicId,
    /// The queue that it will be appended to.
    pub queue: QueueId,
    /// When it was sent.
    pub sent_at: Instant,
    /// When the broker got it.
    pub stored_at: Instant,
    /// When it is due.
    pub due_at: Instant,
}

/// Where a message lies in the wheel.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct InWheel {
    /// Its slot.
    pub slot: i64,
    /// Slots that there is room for.
    pub slots: i64,
    /// How often it will be taken out and put in again.
    pub rolls: u64,
}

/// The broker's timer: one for all topics, like the real wheel and its topic `rmq_sys_wheel_timer`.
#[derive(Clone, Debug)]
pub struct Timer {
    rules: Rc<TimerSettings>,
    /// By the instant at which they become visible; those of one instant in the order in which they came. RocketMQ
    /// promises no order among them.
    waiting: BTreeMap<(Instant, u64), Waiting>,
    /// How many of them are for each topic; topics at the end for which none ever came are left out.
    of_topic: Vec<u64>,
    /// How many came so far, by whether they had a level, and by the bytes of their bodies.
    bodies: BTreeMap<(bool, u64), u64>,
    /// Did the message that was stored last, of those that were not sent at that very instant, come from here?
    pub(super) let_one_go: bool,
    /// Where it stands on the agenda, since the first message.
    pub(super) slot: Option<Slot>,
}

impl Timer {
    /// An empty one.
    pub(super) fn new(settings: &Settings) -> Self {
        let rules = TimerSettings {
            precision_ms: ms(settings.delay_precision).max(1),
            // The proxy's limit is the tighter one, and has been looked at before.
            max_delay_secs: i64::MAX / 1_000,
            ..TimerSettings::default()
        };
        Self {
            rules: rules.into(),
            waiting: BTreeMap::new(),
            of_topic: Vec::new(),
            bodies: BTreeMap::new(),
            let_one_go: false,
            slot: None,
        }
    }

    /// How many messages wait.
    pub fn len(&self) -> usize {
        self.waiting.len()
    }

    /// Does none wait?
    pub fn is_empty(&self) -> bool {
        self.waiting.is_empty()
    }

    /// All that wait, with the instants at which they become visible, the earliest first.
    pub fn waiting(&self) -> impl Iterator<Item = (Instant, &Waiting)> {
        self.waiting.iter().map(|(&(visible_at, _), waiting)| (visible_at, waiting))
    }

    /// How many messages wait for a topic.
    pub fn count(&self, topic: TopicId) -> u64 {
        self.of_topic.get(topic.index()).copied().unwrap_or(0)
    }

    /// The same messages one by one, as [`waiting`](Self::waiting) has them.
    pub fn waiting_for(&self, topic: TopicId) -> impl Iterator<Item = (Instant, &Waiting)> {
        let count = usize::try_from(self.count(topic)).unwrap_or(usize::MAX);
        // Nobody goes through what is for other topics once all of these were there.
        self.waiting().filter(move |(_, waiting)| waiting.topic == topic).take(count)
    }

    /// When the next message becomes visible, and the entry that put it here.
    pub(super) fn next(&self) -> Option<(Instant, u64)> {
        self.waiting.first_key_value().map(|(key, _)| *key)
    }

    /// How many messages ever came with a level, or with a time, by the bytes of their bodies.
    pub fn bodies(&self, has_level: bool) -> impl Iterator<Item = (u64, u64)> {
        let all = self.bodies.range((has_level, 0)..=(has_level, u64::MAX));
        all.map(|(&(_, bytes), count)| (bytes, *count))
    }

    pub(super) fn put(
        &mut self,
        visible_at: Instant,
        seq: u64,
        waiting: Waiting,
        has_level: bool,
        body_bytes: u64,
    ) {
        *self.bodies.entry((has_level, body_bytes)).or_default() += 1;
        let index = waiting.topic.index();
        if index >= self.of_topic.len() {
            self.of_topic.resize(index + 1, 0);
        }
        self.of_topic[index] += 1;
        self.waiting.insert((visible_at, seq), waiting);
    }

    /// Lets the earliest message go, if it is this one, of this try: another may come from its producer at this moment.
    pub(super) fn let_go(&mut self, producer: ProducerId, number: u64, sent_at: Instant) -> bool {
        let first = self.waiting.first_entry();
        let is_it = |w: &Waiting| (w.producer, w.number, w.sent_at) == (producer, number, sent_at);
        let gone = first.filter(|entry| is_it(entry.get())).map(|entry| entry.remove());
        if let Some(waiting) = gone {
            self.of_topic[waiting.topic.index()] -= 1;
        }
        self.let_one_go = gone.is_some();
        self.let_one_go
    }

    /// Takes a message out, with all its copies: the broker knows it by its id, and they have one and the same slot.
    pub(super) fn take_back(&mut self, producer: ProducerId, number: u64) {
        let is_it = |w: &Waiting| (w.producer, w.number) == (producer, number);
        for (_, gone) in self.waiting.extract_if(.., |_, waiting| is_it(waiting)) {
            self.of_topic[gone.topic.index()] -= 1;
        }
    }

    /// The message that came last of those that become visible at an instant, if it is this one.
    pub(super) fn latest(&self, visible_at: Instant, producer: ProducerId, number: u64) -> Option<&Waiting> {
        let mut last = self.waiting.range((visible_at, 0)..=(visible_at, u64::MAX)).rev().map(|(_, w)| w);
        last.find(|waiting| (waiting.producer, waiting.number) == (producer, number))
    }

    /// Forgets what came after an instant, or all.
    pub(super) fn forget_after(&mut self, kept: Option<Instant>) {
        self.waiting.retain(|_, waiting| kept.is_some_and(|kept| waiting.stored_at <= kept));
        self.of_topic.iter_mut().for_each(|count| *count = 0);
        for waiting in self.waiting.values() {
            self.of_topic[waiting.topic.index()] += 1;
        }
    }
}

/// A length of time in milliseconds, as far as 64 bits go.
fn ms(span: Span) -> i64 {
    i64::try_from(span.0 / 1_000).unwrap_or(i64::MAX)
}

/// An instant as a broker's clock shows it.
fn clock_ms(at: Instant) -> i64 {
    ms(at - Instant::ZERO)
}

/// An instant of a clock; there is none before the start.
fn instant(ms: i64) -> Instant {
    Instant::from_ms(u64::try_from(ms).unwrap_or_default())
}

impl World {
    /// Was a message kept somewhere that was sent and stored at these instants: in the timer, behind the curtain, on its link
    /// or in the send queue? On the way from its producer all take the same time.
    pub(super) fn was_kept(&self, sent_at: Instant, stored_at: Instant) -> bool {
        stored_at > sent_at + self.settings.network_send_latency
    }

    /// When a try to send a message arrived that has a delivery time or is transactional, and went out at this instant.
    pub fn arrived_at(&self, producer: ProducerId, number: u64, sent_at: Instant) -> Instant {
        let late = self.log.late_arrivals.get(&(producer, number, sent_at)).copied();
        late.unwrap_or(sent_at + self.settings.network_send_latency)
    }

    /// Is this the entry of a message that came out of the timer?
    pub fn came_out_of_timer(&self, entry: &Entry) -> bool {
        let Event::MessageStored { producer, number, sent_at, .. } = entry.event else { return false };
        self.producer(producer).delay.is_some() && self.arrived_at(producer, number, sent_at) < entry.at
    }

    /// Is this the entry of a message that came to the broker only after its delivery time, because something kept it?
    pub fn came_after_its_time(&self, entry: &Entry) -> bool {
        let Event::MessageStored { producer, number, sent_at, .. } = entry.event else { return false };
        let was_ahead = |due_at: &Instant| *due_at > self.born_at(producer, number, sent_at);
        let due_at = self.due_at(producer, number, sent_at).filter(was_ahead);
        self.log.late_arrivals.get(&(producer, number, sent_at)) == Some(&entry.at)
            && due_at.is_some_and(|due_at| due_at <= entry.at)
    }

    /// Where a message of the timer lies in the wheel. None for one with a level: those have queues of their own.
    pub fn in_wheel(&self, waiting: &Waiting) -> Option<InWheel> {
        if self.producer(waiting.producer).delay.is_some_and(|delay| delay.has_level()) {
            return None;
        }
        let (slots, window) = (wheel::DEFAULT_SLOTS, wheel::DEFAULT_ROLL_WINDOW_SLOTS);
        let precision_ms = self.live.timer.rules.precision_ms;
        let last = wheel::slot_time_ms(clock_ms(waiting.due_at), precision_ms) / precision_ms;
        let now = clock_ms(self.live.now) / precision_ms;
        // It is put as far ahead as the window reaches, until its own slot is within.
        let mut put = clock_ms(waiting.stored_at) / precision_ms;
        let mut lies = put + wheel::parked_slots(last - put, window);
        while lies < last && lies < now {
            put = lies;
            lies += wheel::parked_slots(last - put, window);
        }
        Some(InWheel {
            slot: wheel::slot_index(lies * precision_ms, slots, precision_ms),
            slots: slots * 2,
            rolls: wheel::roll_count(last - put, window),
        })
    }

    /// Can a topic that somebody created have messages with a delivery time?
    pub fn takes_delayed(&self, topic: TopicId) -> bool {
        let state = self.topic(topic);
        state.is_ordinary() && accept(state.message_type, MessageType::Delay).is_ok()
    }

    /// When a message is due that a producer sent at `sent_at`: its delivery time, or the end of its level's delay
    /// after it reached the broker. None for a message that is to be seen at once.
    pub fn due_at(&self, producer: ProducerId, number: u64, sent_at: Instant) -> Option<Instant> {
        self.due_if_arrived(producer, number, sent_at, self.arrived_at(producer, number, sent_at))
    }

    fn due_if_arrived(
        &self,
        producer: ProducerId,
        number: u64,
        sent_at: Instant,
        arrived_at: Instant,
    ) -> Option<Instant> {
        let delay = self.producer(producer).delay.as_ref()?;
        let levels = &self.live.timer.rules.levels;
        match levels.clipped(delay.level) {
            Some(level) => {
                let delay_ms = u64::try_from(levels.delay_ms(level)).unwrap_or_default();
                Some(arrived_at + Span::from_ms(delay_ms))
            }
            // The client writes it down once, and sends the same again if nobody answers.
            None => delay.due_at(number, self.born_at(producer, number, sent_at)),
        }
    }
}

/// A message with a delivery time has reached the broker: it is stored at once if the time has come, waits in the timer
/// if it has not, and is refused if it is too far ahead.
pub(super) fn arrived(
    world: &World,
    delay: &Delay,
    producer: ProducerId,
    number: u64,
    queue: QueueId,
    sent_at: Instant,
) -> Event {
    let now = world.live.now;
    let due_at = world.due_if_arrived(producer, number, sent_at, now).unwrap_or(now);
    match visible_at(world, delay, due_at) {
        Ok(Some(visible_at)) => Event::MessageDelayed { producer, number, queue, due_at, visible_at },
        Ok(None) => send::stored(world, producer, number, queue, sent_at),
        Err(TooFarAhead) => match world.settings.delay_out_of_range {
            OutOfRange::Reject => Event::DeliveryTimeRefused { producer, number, queue, due_at },
            OutOfRange::DeliverNow => send::stored(world, producer, number, queue, sent_at),
        },
    }
}

/// A delivery time that is further ahead than it may be.
struct TooFarAhead;

/// When a message becomes visible that arrives now and is due at `due_at`; none if it is visible at once.
fn visible_at(world: &World, delay: &Delay, due_at: Instant) -> Result<Option<Instant>, TooFarAhead> {
    let (rules, now_ms, due_ms) = (&world.live.timer.rules, clock_ms(world.live.now), clock_ms(due_at));
    if delay.level <= 0 {
        let limits = Limits { delay_max_ms: ms(world.settings.delay_max), ..Limits::default() };
        validation::delay(due_ms - now_ms, &limits).map_err(|_code| TooFarAhead)?;
    }
    let request = Request { level: delay.level, due: Some(Due::AtMs(due_ms)), is_deletion: false };
    match place(request, rules, now_ms).map_err(|_refusal| TooFarAhead)? {
        Placement::AsSent => Ok(None),
        // Each level has a queue of its own, which is looked at all the time.
        Placement::Level(_) => Ok(Some(due_at).filter(|due_at| *due_at > world.live.now)),
        Placement::Wheel { .. } => Ok(Some(instant(wheel::visible_at_ms(due_ms, rules.precision_ms)))),
    }
}

/// The earliest message in the timer becomes visible: it is appended to its queue. Others of the same instant follow.
pub(super) fn fires(world: &World) -> Option<Event> {
    let (_, waiting) = world.live.timer.waiting().next()?;
    Some(send::stored(world, waiting.producer, waiting.number, waiting.queue, waiting.sent_at))
}

/// A producer takes a message back, if the broker lets it.
pub(super) fn recall(world: &World, id: ProducerId, number: u64) -> Result<Event, Refusal> {
    if !world.settings.delay_recall_enable {
        return Err(Refusal::RecallDisabled);
    }
    let producer = world.producer(id);
    let is_delay_topic = accept(world.topic(producer.topic).message_type, MessageType::Delay).is_ok();
    // Messages with a level do not go through the wheel, and their producer gets no handle.
    let has_handle = producer.delay.is_some_and(|delay| delay.level <= 0);
    if !(is_delay_topic && has_handle) {
        return Err(Refusal::NotRecallable);
    }
    let is_it = |w: &&Waiting| (w.producer, w.number) == (id, number);
    let timer = &world.live.timer;
    let waiting = timer.waiting.values().find(is_it).ok_or(Refusal::NotWaiting)?;
    // The handle comes with the answer.
    if world.open_send(id, number).is_some_and(|open| !open.acknowledged) {
        return Err(Refusal::NoRecallHandle);
    }
    let slot_ms = wheel::slot_time_ms(clock_ms(waiting.due_at), timer.rules.precision_ms);
    let max_ms = Some(ms(world.settings.delay_max)).filter(|max| *max > 0).unwrap_or(i64::MAX);
    if !recall::is_in_time(recall::handle_time_ms(slot_ms), clock_ms(world.live.now), max_ms) {
        return Err(Refusal::RecallTooLate);
    }
    Ok(Event::MessageRecalled { producer: id, number, queue: waiting.queue, sent_at: waiting.sent_at })
}
