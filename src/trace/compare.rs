//! Two courses of one run, message by message. Chance belongs to the message, not to the moment, so a message of one
//! course is the same message in the other, and what became of it can be set side by side.

use std::collections::BTreeMap;

use super::journey::{End, Journey, Reader, journey};
use crate::broker::{GroupId, MessageRef, Outcome, ProducerId, QueueId, World};
use crate::sim::{Instant, sort_by_key};

/// So many messages that ended otherwise are kept one by one; all are counted.
pub const OTHERWISE_KEPT: usize = 200;

/// What has become of a message in one group by some instant.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Fate {
    /// How it ended, and when.
    pub end: Ending,
    /// How often it was handed out.
    pub deliveries: u32,
    /// How often a listener came to its end with success.
    pub consumed: u32,
}

/// How a group is done with a message; [`End`] without the names that the two courses need not share.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Ending {
    /// It is not.
    Open,
    /// Consumed.
    Consumed(Instant),
    /// In the dead-letter topic.
    DeadLettered(Instant),
    /// Gone without having been consumed, in a group without retries.
    Lost(Instant),
    /// Kept back by a filter.
    Filtered(Instant),
    /// Gone before the group came to it.
    Expired(Instant),
    /// Passed over by a reset.
    PassedOver(Instant),
}

/// How the fates of a message differ.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Change {
    /// Dead-lettered here only.
    DeadLettered,
    /// Dead-lettered there only.
    Saved,
    /// Lost, expired or passed over here only.
    Lost,
    /// Lost, expired or passed over there only.
    Found,
    /// Consumed more often here than there.
    Duplicated,
    /// Consumed more often there.
    Single,
    /// Consumed later here.
    Later,
    /// Consumed sooner here.
    Sooner,
    /// Not consumed here yet, but there.
    NotYet,
    /// Consumed here already, but not there.
    Already,
    /// There is no such message there, or the group does not read it.
    OnlyHere,
    /// There is no such message here, or the group does not read it.
    OnlyThere,
    /// In some other way.
    Other,
}

/// A message that went another way in one group.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Otherwise {
    /// Who sent it: the sender's name and the message's number.
    pub sender: (String, u64),
    /// Where it is stored here.
    pub here: Option<MessageRef>,
    /// Where it is stored there.
    pub there: Option<MessageRef>,
    /// The group's name.
    pub group: String,
    /// What became of it here, if the group reads it.
    pub fate_here: Option<Fate>,
    /// What became of it there.
    pub fate_there: Option<Fate>,
    /// In what the two differ.
    pub change: Change,
    /// When it was stored, here if it is here.
    stored_at: Instant,
}

/// The messages of two worlds being compared, some at a time.
#[derive(Clone, Debug)]
pub struct Differences {
    /// Up to when.
    pub until: Instant,
    /// Pairs of a message and a group that were looked at.
    pub compared: u64,
    /// How many of them differ in what way.
    pub counts: BTreeMap<Change, u64>,
    /// The first of them, in the order in which the messages were stored.
    pub kept: Vec<Otherwise>,
    /// For each producer here, which it is there.
    producers: Vec<Option<ProducerId>>,
    /// For each producer there, where each of its messages is stored.
    there: Vec<Vec<Option<MessageRef>>>,
    /// Where it is stored once more, if it was sent again although it had been stored.
    again: BTreeMap<(ProducerId, u64), Vec<MessageRef>>,
    /// How many of those were met here.
    met: Vec<Vec<u32>>,
    work: Work,
}

/// What is to be done next.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Work {
    /// Note where the messages there are stored, from this queue and offset on.
    Find(usize, u64),
    /// Compare the messages here.
    Compare(usize, u64),
    /// Look for those that were not met.
    Rest(usize, u64),
    Done,
}

impl Differences {
    /// Nothing has been compared yet; what happened after `until` will not count.
    pub fn new(here: &World, there: &World, until: Instant) -> Self {
        let names = |world: &World| -> Vec<String> {
            world.live.producers.iter().map(|producer| producer.spec.name.clone()).collect()
        };
        let (ours, theirs) = (names(here), names(there));
        let producers = (0..ours.len()).map(|index| counterpart(&ours, &theirs, index).map(ProducerId::at));
        Self {
            until,
            compared: 0,
            counts: BTreeMap::new(),
            kept: Vec::new(),
            producers: producers.collect(),
            there: vec![Vec::new(); theirs.len()],
            again: BTreeMap::new(),
            met: Vec::new(),
            work: Work::Find(0, 0),
        }
    }

    /// All of it at once.
    pub fn of(here: &World, there: &World, until: Instant) -> Self {
        let mut all = Self::new(here, there, until);
        while !all.go_on(here, there, u64::MAX) {}
        all
    }

    /// Has everything been compared?
    pub fn is_done(&self) -> bool {
        self.work == Work::Done
    }

    /// How many messages went another way in some group.
    pub fn count(&self) -> u64 {
        self.counts.values().sum()
    }

    /// Compares about so many messages more. Says whether that was all.
    pub fn go_on(&mut self, here: &World, there: &World, messages: u64) -> bool {
        let mut left = messages;
        while left > 0 {
            match self.work {
                Work::Find(queue, offset) => {
                    self.work = match next(there, queue, offset, self.until) {
                        Some(at) => {
                            self.find(there, at);
                            Work::Find(at.queue.index(), at.offset + 1)
                        }
                        None => {
                            self.met = self.there.iter().map(|all| vec![0; all.len()]).collect();
                            Work::Compare(0, 0)
                        }
                    }
                }
                Work::Compare(queue, offset) => {
                    self.work = match next(here, queue, offset, self.until) {
                        Some(at) => {
                            self.compare(here, there, at);
                            Work::Compare(at.queue.index(), at.offset + 1)
                        }
                        None => Work::Rest(0, 0),
                    }
                }
                Work::Rest(queue, offset) => {
                    self.work = match next(there, queue, offset, self.until) {
                        Some(at) => {
                            self.look_for(there, at);
                            Work::Rest(at.queue.index(), at.offset + 1)
                        }
                        None => {
                            self.sort();
                            Work::Done
                        }
                    }
                }
                Work::Done => return true,
            }
            left -= 1;
        }
        self.is_done()
    }

    fn find(&mut self, there: &World, at: MessageRef) {
        let (producer, number) = there.log.queues[at.queue.index()].sender(at.offset);
        let Some(all) = self.there.get_mut(producer.index()) else { return };
        let index = number as usize;
        if index >= all.len() {
            all.resize(index + 1, None);
        }
        match all[index] {
            None => all[index] = Some(at),
            Some(_) => self.again.entry((producer, number)).or_default().push(at),
        }
    }

    /// Where a message is stored there, in the order in which it is looked for.
    fn place(&self, producer: ProducerId, number: u64, nth: u32) -> Option<MessageRef> {
        match nth.checked_sub(1) {
            None => self.there.get(producer.index())?.get(number as usize).copied().flatten(),
            Some(nth) => self.again.get(&(producer, number))?.get(nth as usize).copied(),
        }
    }

    /// At how many of these places it was met here.
    fn met(&self, producer: ProducerId, number: u64) -> u32 {
        let met = self.met.get(producer.index()).and_then(|all| all.get(number as usize));
        met.copied().unwrap_or(0)
    }

    fn compare(&mut self, here: &World, there: &World, at: MessageRef) {
        let (producer, number) = here.log.queues[at.queue.index()].sender(at.offset);
        let counterpart = self.producers.get(producer.index()).copied().flatten();
        let place = |id: ProducerId| self.place(id, number, self.met(id, number));
        let other = counterpart.and_then(place);
        if let (Some(id), Some(_)) = (counterpart, other) {
            self.met[id.index()][number as usize] += 1;
        }
        let ours = fates(here, at, self.until);
        let mut theirs = other.map(|at| fates(there, at, self.until)).unwrap_or_default();
        let sender = (here.producer(producer).spec.name.clone(), number);
        let stored_at = here.log.queues[at.queue.index()].stored_at(at.offset);
        let mut note = |group: String, fate_here: Option<Fate>, fate_there: Option<Fate>| {
            let (sender, change) = (sender.clone(), Change::Other);
            let (here, there) = (Some(at), other);
            self.note(Otherwise { sender, here, there, group, fate_here, fate_there, change, stored_at });
        };
        for (name, fate) in ours {
            let same = theirs.iter().position(|(other, _)| *other == name);
            let fate_there = same.map(|place| theirs.swap_remove(place).1);
            note(name, Some(fate), fate_there);
        }
        for (name, fate) in theirs {
            note(name, None, Some(fate));
        }
    }

    fn look_for(&mut self, there: &World, at: MessageRef) {
        let (producer, number) = there.log.queues[at.queue.index()].sender(at.offset);
        let is_met = (0..self.met(producer, number)).any(|nth| self.place(producer, number, nth) == Some(at));
        if is_met {
            return;
        }
        let sender = (there.producer(producer).spec.name.clone(), number);
        for (group, fate) in fates(there, at, self.until) {
            let one = Otherwise {
                sender: sender.clone(),
                here: None,
                there: Some(at),
                group,
                fate_here: None,
                fate_there: Some(fate),
                change: Change::Other,
                stored_at: there.log.queues[at.queue.index()].stored_at(at.offset),
            };
            self.note(one);
        }
    }

    fn note(&mut self, mut one: Otherwise) {
        self.compared += 1;
        let Some(change) = change(one.fate_here, one.fate_there) else { return };
        one.change = change;
        *self.counts.entry(change).or_default() += 1;
        self.kept.push(one);
        if self.kept.len() >= 2 * OTHERWISE_KEPT {
            self.sort();
        }
    }

    /// Queues are looked through one after the other, so the first are among them, but not at their beginning.
    fn sort(&mut self) {
        sort_by_key(&mut self.kept, |one| one.stored_at);
        self.kept.truncate(OTHERWISE_KEPT);
    }
}

/// In what two fates differ.
fn change(here: Option<Fate>, there: Option<Fate>) -> Option<Change> {
    let (here, there) = match (here, there) {
        (Some(here), Some(there)) => (here, there),
        (Some(_), None) => return Some(Change::OnlyHere),
        (None, Some(_)) => return Some(Change::OnlyThere),
        (None, None) => return None,
    };
    if here == there {
        return None;
    }
    let is_lost = |end| matches!(end, Ending::Lost(_) | Ending::Expired(_) | Ending::PassedOver(_));
    Some(match (here.end, there.end) {
        (Ending::DeadLettered(_), Ending::DeadLettered(_)) => Change::Other,
        (Ending::DeadLettered(_), _) => Change::DeadLettered,
        (_, Ending::DeadLettered(_)) => Change::Saved,
        (one, other) if is_lost(one) && !is_lost(other) => Change::Lost,
        (one, other) if is_lost(other) && !is_lost(one) => Change::Found,
        _ if here.consumed > there.consumed.max(1) => Change::Duplicated,
        _ if there.consumed > here.consumed.max(1) => Change::Single,
        (Ending::Consumed(one), Ending::Consumed(other)) if one > other => Change::Later,
        (Ending::Consumed(one), Ending::Consumed(other)) if one < other => Change::Sooner,
        (Ending::Open, Ending::Consumed(_)) => Change::NotYet,
        (Ending::Consumed(_), Ending::Open) => Change::Already,
        _ => Change::Other,
    })
}

/// What became of a message by an instant, for each group (in broadcasting, for each of its consumers) that reads it.
fn fates(world: &World, at: MessageRef, until: Instant) -> Vec<(String, Fate)> {
    let Some(Journey { readers, .. }) = journey(world, at) else { return Vec::new() };
    let name = |group: GroupId| world.group(group).spec.name.clone();
    let named = |reader: &Reader| match reader.member {
        Some(member) => world.consumer_name(member),
        None => name(reader.group),
    };
    readers.iter().map(|reader| (named(reader), fate(reader, until))).collect()
}

fn fate(reader: &Reader, until: Instant) -> Fate {
    let deliveries = reader.deliveries.iter().filter(|delivery| delivery.handed_out_at <= until);
    let consumed = reader.deliveries.iter().filter(|delivery| {
        matches!(delivery.outcome, Some(Outcome::Acknowledged | Outcome::Ignored))
            && delivery.finished_at.is_some_and(|at| at <= until)
    });
    let end = match reader.end {
        end if end.at().is_none_or(|at| at > until) => Ending::Open,
        End::Open => Ending::Open,
        End::Acknowledged { at, .. } => Ending::Consumed(at),
        End::DeadLettered { at, .. } => Ending::DeadLettered(at),
        End::Dropped { at, .. } | End::Lost { at, .. } => Ending::Lost(at),
        End::Filtered { at, .. } => Ending::Filtered(at),
        End::Expired { at } => Ending::Expired(at),
        End::PassedOver { at } => Ending::PassedOver(at),
    };
    Fate { end, deliveries: deliveries.count() as u32, consumed: consumed.count() as u32 }
}

/// The next message of an ordinary topic that was stored by an instant, at or after this place.
fn next(world: &World, queue: usize, offset: u64, until: Instant) -> Option<MessageRef> {
    let first = world.live.queues.get(queue).map(|_| (queue, offset));
    let later = (queue + 1..world.live.queues.len()).map(|queue| (queue, 0));
    first.into_iter().chain(later).find_map(|(queue, offset)| {
        let state = &world.live.queues[queue];
        let is_stored = offset < state.max_offset && world.log.queues[queue].stored_at(offset) <= until;
        let is_original = world.topic(state.topic).is_ordinary();
        (is_stored && is_original).then(|| MessageRef { queue: QueueId::at(queue), offset })
    })
}

/// Which of the things of the same name it is: names may be given again once their bearer is gone.
fn counterpart(ours: &[String], theirs: &[String], index: usize) -> Option<usize> {
    let name = ours.get(index)?;
    let nth = ours[..index].iter().filter(|other| *other == name).count();
    theirs.iter().enumerate().filter(|(_, other)| *other == name).nth(nth).map(|(index, _)| index)
}
