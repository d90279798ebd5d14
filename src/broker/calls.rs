//! Synchronous calls: the caller needs an answer, so what happens to the service happens to the caller.
//!
//! ```text
//!  sent ──► started ──► processed ──► answered, or sent to the next service
//!    │         ▲            └───────► failed
//!    ├──► queued
//!    └──► turned away ──────────────► failed
//!  …and whatever takes longer than the caller waits: timed out
//! ```
//!
//! A service knows nothing of a caller's patience: it works on calls whose callers have given up.

use super::arrivals::{self, Arriving, Mirror};
use super::caller::{CallerSpec, CallerState, Flight, OnWire, OpenCall, Trouble};
use super::command::{CallerChange, Command, ServiceChange};
use super::event::{Entry, Event, Refusal};
use super::id::{CallerId, CommandId, ServiceId};
use super::service::{CallAtService, Handler, ServiceSpec, ServiceState, ServiceStatus};
use super::topology::{MOST, room_for};
use super::world::{Wakeup, World};
use crate::sim::{Instant, Span};

// What people ask for.

pub(super) fn add_service(
    world: &World,
    command: CommandId,
    spec: &ServiceSpec,
    out: &mut Vec<Event>,
) -> Result<(), Refusal> {
    if world.find_service(&spec.name).is_some() {
        return Err(Refusal::NameTaken);
    }
    known_group(world, spec.handler.same_as.as_deref())?;
    if world.live.services.len() >= MOST {
        return Err(Refusal::TooMany);
    }
    room_for(world, 1)?;
    out.push(Event::ServiceAdded { service: ServiceId::at(world.live.services.len()), command });
    Ok(())
}

/// Is there the group whose listeners a handler is to be like?
pub(super) fn known_group(world: &World, group: Option<&str>) -> Result<(), Refusal> {
    let is_known = group.is_none_or(|group| world.find_group(group).is_some());
    if is_known { Ok(()) } else { Err(Refusal::UnknownGroup) }
}

pub(super) fn add_caller(
    world: &World,
    command: CommandId,
    spec: &CallerSpec,
    out: &mut Vec<Event>,
) -> Result<(), Refusal> {
    if world.find_caller(&spec.name).is_some() {
        return Err(Refusal::NameTaken);
    }
    let find = |name: &String| world.find_service(name).ok_or(Refusal::UnknownService);
    let services = spec.services.iter().map(find).collect::<Result<Vec<ServiceId>, Refusal>>()?;
    if services.is_empty() {
        return Err(Refusal::UnknownService);
    }
    let next_at = arrivals::first(world, &spec.name, &spec.arrivals)?;
    if world.live.callers.len() >= MOST || services.len() > usize::from(u16::MAX) {
        return Err(Refusal::TooMany);
    }
    room_for(world, 3)?;
    out.push(Event::CallerAdded { caller: CallerId::at(world.live.callers.len()), command, next_at });
    Ok(())
}

pub(super) fn change_caller(
    world: &World,
    command: CommandId,
    name: &str,
    change: &CallerChange,
    out: &mut Vec<Event>,
) -> Result<(), Refusal> {
    let caller = world.find_caller(name).ok_or(Refusal::UnknownCaller)?;
    let arriving = &world.caller(caller).arriving;
    let next_at = match change {
        CallerChange::SetPattern(_) if arriving.producer.is_some() => return Err(Refusal::CallsAlong),
        CallerChange::SetPattern(pattern) => Some(arriving.next_by(*pattern, world.live.now)),
        CallerChange::SetTimeout(_) => None,
    };
    out.push(Event::CallerChanged { caller, command, next_at });
    Ok(())
}

pub(super) fn change_service(
    world: &World,
    command: CommandId,
    name: &str,
    change: &ServiceChange,
    out: &mut Vec<Event>,
) -> Result<(), Refusal> {
    let service = world.find_service(name).ok_or(Refusal::UnknownService)?;
    let status = world.service(service).status;
    let is_possible = match change {
        ServiceChange::Stop => status == ServiceStatus::Running,
        ServiceChange::Crash => status != ServiceStatus::Crashed,
        ServiceChange::Start => status != ServiceStatus::Running,
        ServiceChange::SetWorkers(_) | ServiceChange::SetProcessing(_) => true,
    };
    if !is_possible {
        return Err(Refusal::AlreadySo);
    }
    out.push(Event::ServiceChanged { service, command });
    Ok(())
}

// What time brings.

/// A caller's own pattern says: call.
pub(super) fn due(world: &World, caller: CallerId) -> Option<Event> {
    let state = world.caller(caller);
    let next_at = Some(state.arriving.next_at(world.live.now));
    arrivals::go_on(world).then(|| begun(world, caller, state.arriving.made, next_at))
}

/// A caller does what its producer does.
pub(super) fn mirrored(world: &World, caller: CallerId, number: u64) -> Event {
    begun(world, caller, number, None)
}

fn begun(world: &World, caller: CallerId, number: u64, next_at: Option<Instant>) -> Event {
    Event::CallSent { caller, number, stage: 0, arrives_at: across(world), next_at }
}

/// When something arrives that sets out now.
fn across(world: &World) -> Instant {
    world.live.now + world.settings.network_send_latency
}

/// The first of what a caller has on the wire arrives.
pub(super) fn arrives(world: &World, id: CallerId) -> Option<Event> {
    let caller = world.caller(id);
    let flight = caller.wire.front()?;
    let (number, service) = (flight.number, caller.services[usize::from(flight.stage)]);
    if flight.what == OnWire::Request {
        return Some(reached(world, id, flight, service));
    }
    let Some(open) = caller.open.get(&number) else {
        return Some(Event::AnswerTooLate { caller: id, number, service });
    };
    debug_assert_eq!(open.stage, flight.stage, "a caller waits for one service at a time");
    Some(match flight.what {
        OnWire::Trouble(why) => Event::CallFailed { caller: id, number, service, why },
        _ if usize::from(flight.stage) + 1 < caller.services.len() => {
            let stage = flight.stage + 1;
            Event::CallSent { caller: id, number, stage, arrives_at: across(world), next_at: None }
        }
        _ => Event::CallAnswered { caller: id, number },
    })
}

/// A call has reached its service.
fn reached(world: &World, caller: CallerId, flight: &Flight, id: ServiceId) -> Event {
    let (service, number) = (world.service(id), flight.number);
    let why = match service.status {
        ServiceStatus::Crashed => Trouble::Silence,
        ServiceStatus::Stopped => Trouble::Unavailable,
        ServiceStatus::Running if service.has_room() => {
            return started(world, id, caller, (number, flight.stage), false);
        }
        ServiceStatus::Running if service.may_wait() => {
            return Event::CallQueued { service: id, caller, number };
        }
        ServiceStatus::Running => Trouble::Overloaded,
    };
    Event::CallTurnedAway { service: id, caller, number, why }
}

/// The number by which the chance of a call is keyed at one of its services: where it goes to the same one again, that is
/// another attempt.
fn chance_key(world: &World, caller: CallerId, number: u64, stage: u16) -> u64 {
    let state = world.caller(caller);
    let (before, after) = state.services.split_at(usize::from(stage));
    let times = before.iter().filter(|service| after.first() == Some(service)).count();
    state.arriving.chance_key(world, number, times as u32)
}

fn started(
    world: &World,
    service: ServiceId,
    caller: CallerId,
    (number, stage): (u64, u16),
    waited: bool,
) -> Event {
    let key = chance_key(world, caller, number, stage);
    let finishes_at = world.live.now + world.service(service).handler.time(key);
    Event::CallStarted { service, caller, number, finishes_at, waited }
}

/// The earliest end of a service's work.
pub(super) fn processed(world: &World, service: ServiceId) -> Option<Event> {
    let state = world.service(service);
    let call = state.working.values().next()?;
    let key = chance_key(world, call.caller, call.number, call.stage);
    let ok = !state.handler.fails(key);
    Some(Event::CallProcessed { service, caller: call.caller, number: call.number, ok })
}

/// A caller has waited long enough.
pub(super) fn timed_out(world: &World, id: CallerId) -> Option<Event> {
    let caller = world.caller(id);
    let (_, number) = *caller.deadlines.keys().next()?;
    let open = caller.open.get(&number)?;
    let service = caller.services[usize::from(open.stage)];
    Some(Event::CallTimedOut { caller: id, number, service, waited: open.patience })
}

/// Workers that are free begin with the calls that wait.
pub(super) fn start_waiting(world: &World, id: ServiceId, out: &mut Vec<Event>) {
    let service = world.service(id);
    let free = (service.workers as usize).saturating_sub(service.working.len());
    let begin = |call: &CallAtService| started(world, id, call.caller, (call.number, call.stage), true);
    out.extend(service.waiting.iter().take(free).map(begin));
}

// What it means.

/// Writes down what an event about calls means.
#[inline(never)]
pub(super) fn apply(world: &mut World, entry: &Entry) {
    match entry.event {
        Event::ServiceAdded { command, .. } => service_added(world, command),
        Event::ServiceChanged { service, command } => service_changed(world, service, command),
        Event::CallerAdded { caller, command, next_at } => {
            caller_added(world, entry, caller, command, next_at)
        }
        Event::CallerChanged { caller, command, next_at } => {
            caller_changed(world, entry, caller, command, next_at);
        }
        Event::CallSent { caller, number, stage, arrives_at, next_at } => {
            sent(world, entry, caller, number, stage, arrives_at, next_at);
        }
        Event::CallTurnedAway { service, caller, why, .. } => {
            let counts = &mut world.live.services[service.index()].counts;
            counts.arrived += 1;
            *match why {
                Trouble::Overloaded => &mut counts.overloaded,
                Trouble::Unavailable | Trouble::Error => &mut counts.unavailable,
                Trouble::Silence => &mut counts.unheard,
            } += 1;
            let flight = off_wire(world, caller);
            if let (Some(flight), true) = (flight, why != Trouble::Silence) {
                back(world, entry, caller, flight.number, flight.stage, OnWire::Trouble(why));
            }
        }
        Event::CallQueued { service, caller, .. } => {
            if let Some(flight) = off_wire(world, caller) {
                let state = &mut world.live.services[service.index()];
                state.counts.arrived += 1;
                let (number, stage) = (flight.number, flight.stage);
                state.waiting.push_back(CallAtService { caller, number, stage, since: entry.at });
            }
        }
        Event::CallStarted { service, caller, finishes_at, waited, .. } => {
            let call = if waited {
                world.live.services[service.index()].waiting.pop_front()
            } else {
                world.live.services[service.index()].counts.arrived += 1;
                let at =
                    |f: Flight| CallAtService { caller, number: f.number, stage: f.stage, since: entry.at };
                off_wire(world, caller).map(at)
            };
            if let Some(call) = call {
                let state = &mut world.live.services[service.index()];
                let call = CallAtService { since: entry.at, ..call };
                state.working.insert((finishes_at, entry.seq), call);
                arm_service(world, service);
            }
        }
        Event::CallProcessed { service, ok, .. } => call_processed(world, entry, service, ok),
        Event::CallAnswered { caller, number } => {
            off_wire(world, caller);
            if let Some(open) = close(world, caller, number) {
                let counts = &mut world.live.callers[caller.index()].counts;
                world.log.answers[caller.index()].put(counts.answered, (entry.at - open.since).0);
                counts.answered += 1;
            }
        }
        Event::CallFailed { caller, number, why, .. } => {
            off_wire(world, caller);
            close(world, caller, number);
            let counts = &mut world.live.callers[caller.index()].counts;
            *match why {
                Trouble::Overloaded => &mut counts.overloaded,
                Trouble::Unavailable => &mut counts.unavailable,
                Trouble::Error | Trouble::Silence => &mut counts.errors,
            } += 1;
        }
        Event::CallTimedOut { caller, number, .. } => {
            close(world, caller, number);
            world.live.callers[caller.index()].counts.timed_out += 1;
        }
        Event::AnswerTooLate { caller, .. } => {
            off_wire(world, caller);
            world.live.callers[caller.index()].counts.too_late += 1;
        }
        _ => {}
    }
}

fn service_added(world: &mut World, command: CommandId) {
    let Command::AddService(spec) = &*world.log.commands[command.index()].clone() else { return };
    let id = ServiceId::at(world.live.services.len());
    let state = ServiceState {
        status: ServiceStatus::Running,
        since: world.live.now,
        workers: spec.workers,
        handler: Handler::new(world, &spec.name, &spec.handler),
        waiting: Default::default(),
        working: Default::default(),
        counts: Default::default(),
        slot: world.live.slot_for(Wakeup::ServiceEnds(id)),
        spec: spec.clone().into(),
    };
    world.live.services.push(state);
}

fn service_changed(world: &mut World, id: ServiceId, command: CommandId) {
    let Command::Service { change, .. } = &*world.log.commands[command.index()].clone() else { return };
    let now = world.live.now;
    let state = &mut world.live.services[id.index()];
    let before = state.status;
    match change {
        ServiceChange::Stop => state.status = ServiceStatus::Stopped,
        ServiceChange::Start => state.status = ServiceStatus::Running,
        ServiceChange::Crash => {
            state.status = ServiceStatus::Crashed;
            state.counts.lost += (state.waiting.len() + state.working.len()) as u64;
            state.counts.busy += Span(state.working.values().map(|call| (now - call.since).0).sum());
            state.waiting.clear();
            state.working.clear();
        }
        ServiceChange::SetWorkers(workers) => state.workers = *workers,
        ServiceChange::SetProcessing(processing) => state.handler.set_processing(*processing),
    }
    if state.status != before {
        state.since = now;
    }
    arm_service(world, id);
}

fn caller_added(world: &mut World, entry: &Entry, id: CallerId, command: CommandId, next_at: Instant) {
    let Command::AddCaller(spec) = &*world.log.commands[command.index()].clone() else { return };
    let slot = world.live.slot_for(Wakeup::Call(id));
    let arriving = Arriving::new(world, &spec.name, &spec.arrivals, slot);
    let producer = arriving.producer;
    let state = CallerState {
        services: spec.services.iter().filter_map(|name| world.find_service(name)).collect(),
        arriving,
        timeout: spec.timeout,
        open: Default::default(),
        wire: Default::default(),
        deadlines: Default::default(),
        counts: Default::default(),
        wire_slot: world.live.slot_for(Wakeup::CallArrives(id)),
        timeout_slot: world.live.slot_for(Wakeup::CallTimesOut(id)),
        spec: spec.clone().into(),
    };
    world.live.wake(slot, next_at, entry);
    world.live.callers.push(state);
    world.log.answers.push(Default::default());
    arrivals::follow(world, producer, Mirror::Caller(id));
}

fn caller_changed(
    world: &mut World,
    entry: &Entry,
    id: CallerId,
    command: CommandId,
    next_at: Option<Instant>,
) {
    let Command::Caller { change, .. } = &*world.log.commands[command.index()].clone() else { return };
    let caller = &mut world.live.callers[id.index()];
    match change {
        CallerChange::SetPattern(pattern) => caller.arriving.go_by(*pattern, entry.at),
        CallerChange::SetTimeout(timeout) => caller.timeout = *timeout,
    }
    let slot = caller.arriving.slot;
    if let Some(next_at) = next_at {
        world.live.wake(slot, next_at, entry);
    }
}

fn sent(
    world: &mut World,
    entry: &Entry,
    id: CallerId,
    number: u64,
    stage: u16,
    arrives_at: Instant,
    next_at: Option<Instant>,
) {
    let since = if stage == 0 {
        let caller = &mut world.live.callers[id.index()];
        caller.arriving.made += 1;
        entry.at
    } else {
        off_wire(world, id);
        close(world, id, number).map_or(entry.at, |open| open.since)
    };
    let caller = &mut world.live.callers[id.index()];
    let patience = caller.timeout;
    let deadline = entry.at + patience;
    caller.open.insert(number, OpenCall { since, stage, deadline, patience });
    caller.deadlines.insert((deadline, number), entry.seq);
    let slot = caller.arriving.slot;
    put_on_wire(
        world,
        entry,
        id,
        Flight { number, stage, what: OnWire::Request, sent_at: entry.at, arrives_at, cause: entry.seq },
    );
    arm_timeout(world, id);
    if let Some(next_at) = next_at {
        world.live.wake(slot, next_at, entry);
    }
}

fn call_processed(world: &mut World, entry: &Entry, id: ServiceId, ok: bool) {
    let state = &mut world.live.services[id.index()];
    let Some((_, call)) = state.working.pop_first() else { return };
    state.counts.busy += entry.at - call.since;
    *if ok { &mut state.counts.answered } else { &mut state.counts.errors } += 1;
    if !world.caller(call.caller).open.contains_key(&call.number) {
        world.live.services[id.index()].counts.in_vain += 1;
    }
    arm_service(world, id);
    let what = if ok { OnWire::Answer } else { OnWire::Trouble(Trouble::Error) };
    back(world, entry, call.caller, call.number, call.stage, what);
}

/// Something goes back to a caller.
fn back(world: &mut World, entry: &Entry, id: CallerId, number: u64, stage: u16, what: OnWire) {
    let arrives_at = entry.at + world.settings.network_send_latency;
    put_on_wire(
        world,
        entry,
        id,
        Flight { number, stage, what, sent_at: entry.at, arrives_at, cause: entry.seq },
    );
}

fn put_on_wire(world: &mut World, entry: &Entry, id: CallerId, flight: Flight) {
    debug_assert!(flight.arrives_at >= entry.at, "nothing arrives before it sets out");
    let caller = &mut world.live.callers[id.index()];
    caller.wire.push_back(flight);
    if caller.wire.len() == 1 {
        let slot = caller.wire_slot;
        world.live.wake(slot, flight.arrives_at, entry);
    }
}

/// What arrives now is on the wire no longer.
fn off_wire(world: &mut World, id: CallerId) -> Option<Flight> {
    let caller = &mut world.live.callers[id.index()];
    let (arrived, slot) = (caller.wire.pop_front(), caller.wire_slot);
    if let Some(next) = caller.wire.front() {
        let (at, cause) = (next.arrives_at, next.cause);
        world.live.wake_because(slot, at, cause);
    }
    arrived
}

/// A call waits for nothing any more.
fn close(world: &mut World, id: CallerId, number: u64) -> Option<OpenCall> {
    let caller = &mut world.live.callers[id.index()];
    let open = caller.open.remove(&number)?;
    caller.deadlines.remove(&(open.deadline, number));
    arm_timeout(world, id);
    Some(open)
}

fn arm_timeout(world: &mut World, id: CallerId) {
    let caller = world.caller(id);
    let (first, slot) = (caller.deadlines.first_key_value(), caller.timeout_slot);
    match first.map(|(&(at, _), &cause)| (at, cause)) {
        Some((at, cause)) => world.live.wake_because(slot, at, cause),
        None => world.live.agenda.cancel(slot),
    }
}

fn arm_service(world: &mut World, id: ServiceId) {
    let service = world.service(id);
    let (first, slot) = (service.working.keys().next().copied(), service.slot);
    match first {
        Some((at, cause)) => world.live.wake_because(slot, at, cause),
        None => world.live.agenda.cancel(slot),
    }
}

impl World {
    /// A service.
    pub fn service(&self, id: ServiceId) -> &ServiceState {
        &self.live.services[id.index()]
    }

    /// A caller.
    pub fn caller(&self, id: CallerId) -> &CallerState {
        &self.live.callers[id.index()]
    }

    /// The service of this name.
    pub fn find_service(&self, name: &str) -> Option<ServiceId> {
        self.live.services.iter().position(|s| s.spec.name == name).map(ServiceId::at)
    }

    /// The caller of this name.
    pub fn find_caller(&self, name: &str) -> Option<CallerId> {
        self.live.callers.iter().position(|c| c.spec.name == name).map(CallerId::at)
    }

    /// Services with their ids.
    pub fn services(&self) -> impl Iterator<Item = (ServiceId, &ServiceState)> {
        self.live.services.iter().enumerate().map(|(i, s)| (ServiceId::at(i), s))
    }

    /// Callers with their ids.
    pub fn callers(&self) -> impl Iterator<Item = (CallerId, &CallerState)> {
        self.live.callers.iter().enumerate().map(|(i, c)| (CallerId::at(i), c))
    }

    /// How long each call of a caller took that was answered, in the order of the answers, in microseconds.
    pub fn answer_times(&self, id: CallerId) -> impl Iterator<Item = u64> {
        let column = &self.log.answers[id.index()];
        (0..self.caller(id).counts.answered).map(|index| column.get(index))
    }

    /// How long the last answered call took, in microseconds.
    pub fn last_answer_time(&self, id: CallerId) -> u64 {
        let last = self.caller(id).counts.answered.checked_sub(1);
        last.map_or(0, |index| self.log.answers[id.index()].get(index))
    }
}

/// What must hold of calls at any instant; the sentence that is broken, if one is.
pub(super) fn broken(world: &World) -> Option<&'static str> {
    for caller in &world.live.callers {
        let counts = &caller.counts;
        let ended = counts.answered + counts.failed() + counts.timed_out;
        if caller.arriving.made != ended + caller.open.len() as u64 {
            return Some("a call is answered, failed, timed out, or open");
        }
        if caller.deadlines.len() != caller.open.len() {
            return Some("every open call has a deadline");
        }
    }
    for service in &world.live.services {
        let counts = &service.counts;
        let away = counts.overloaded + counts.unavailable + counts.unheard + counts.lost;
        let inside = (service.waiting.len() + service.working.len()) as u64;
        if counts.arrived != away + counts.answered + counts.errors + inside {
            return Some("a call that reached a service was turned away, handled or lost, or is there");
        }
    }
    None
}
