//! Does the file make sense as a whole? Names that must differ, things that must exist when they are spoken of, times
//! in order, and what all parts together may ask for.
//!
//! Actions are followed in order of time, so that they can speak of what earlier ones added. What a visitor did may
//! speak of anything, and take anything from under an action: what cannot be done is refused in the run, as it was when
//! it was recorded.

mod actions;
mod things;

use std::collections::{BTreeMap, BTreeSet};

use super::problem::{Path, Problems, nearest, quoted};
use super::read::Draft;
use super::sentence::{Sentence, all_of, sentence};
use super::{Caption, Scenario, limits};
use crate::broker::spec::GroupSpec;
use crate::sim::Instant;

/// Looks at a file of which every value can be read, or has a default in its place.
pub(super) fn check(draft: &Draft, problems: &mut Problems) {
    let scenario = &draft.scenario;
    let mut rules = Rules {
        path: Path::default(),
        problems,
        usual_threads: scenario.settings.push_threads.into(),
        strict_eof: scenario.settings.sql_strict_eof,
        now: None,
        is_act: false,
        topics: BTreeMap::new(),
        lite_parents: BTreeSet::new(),
        group_bytes_most: scenario.settings.message_max_group_bytes.into(),
        lite_most: scenario.settings.lite_max_subs_per_client.map(u64::from),
        producers: BTreeSet::new(),
        groups: BTreeMap::new(),
        services: BTreeSet::new(),
        callers: BTreeSet::new(),
        p2p_queues: BTreeSet::new(),
        totals: Totals::default(),
    };
    rules.each("topics", &scenario.topics, Rules::topic);
    rules.each("groups", &scenario.groups, Rules::group);
    rules.each("producers", &scenario.producers, Rules::producer);
    rules.each("services", &scenario.services, Rules::service);
    rules.each("callers", &scenario.callers, Rules::caller);
    rules.each("p2p_queues", &scenario.p2p_queues, Rules::p2p_queue);
    let listed = (scenario.topics.len(), scenario.producers.len(), scenario.groups.len());
    for (index, action) in &draft.actions {
        rules.at("actions", *index, |rules| {
            if action.at > scenario.until {
                rules.after_the_end("at", action.at, scenario.until);
            }
            rules.now = Some(action.at);
            rules.within("do", |rules| {
                rules.within(action.command.key(), |rules| rules.command(&action.command))
            });
        });
    }
    rules.acts(&scenario.acts);
    for (index, branch) in scenario.branches.iter().enumerate() {
        rules.at("branches", index, |rules| rules.acts(&branch.acts));
    }
    rules.times(scenario);
    rules.totals(listed, scenario);
}

/// What a group is known by while the file is being followed.
#[derive(Default)]
pub(super) struct Group<'s> {
    /// How the file describes it.
    spec: Option<&'s GroupSpec>,
    broadcasting: bool,
    simple: bool,
    /// Does it read lite topics?
    lite: bool,
    pull: bool,
    /// Consumers that do only what a person asks for.
    by_hand: BTreeSet<&'s str>,
    /// What it subscribes to.
    topics: BTreeSet<&'s str>,
    /// Queues that a reader of all its topics reads.
    queues: u64,
    /// Consumers whose machine rooms are known, where that matters.
    rooms: Option<BTreeSet<&'s str>>,
    /// Threads of each consumer, the most it ever has.
    consumers: BTreeMap<&'s str, u64>,
}

/// What the file asks for altogether. Things that go are not taken off: a world remembers them.
#[derive(Default)]
pub(super) struct Totals {
    topics: u64,
    queues: u64,
    producers: u64,
    groups: u64,
    consumers: u64,
    threads: u64,
    progresses: u64,
    pub(super) services: u64,
    pub(super) callers: u64,
    pub(super) p2p_queues: u64,
}

pub(super) struct Rules<'s, 'p> {
    path: Path<'s>,
    problems: &'p mut Problems,
    usual_threads: u64,
    strict_eof: bool,
    /// The instant of the action being looked at.
    now: Option<Instant>,
    /// Is it something that a visitor did?
    pub(super) is_act: bool,
    topics: BTreeMap<&'s str, u64>,
    /// Those of them that are parents of lite topics.
    pub(super) lite_parents: BTreeSet<&'s str>,
    /// So many bytes a message group may have.
    group_bytes_most: u64,
    /// So many lite topics a client may subscribe to.
    pub(super) lite_most: Option<u64>,
    pub(super) producers: BTreeSet<&'s str>,
    pub(super) groups: BTreeMap<&'s str, Group<'s>>,
    pub(super) services: BTreeSet<&'s str>,
    pub(super) callers: BTreeSet<&'s str>,
    pub(super) p2p_queues: BTreeSet<&'s str>,
    pub(super) totals: Totals,
}

/// What has a name.
#[derive(Clone, Copy)]
pub(super) enum Thing {
    Topic,
    Producer,
    Group,
    Consumer,
    Service,
    Caller,
    P2pQueue,
}

impl<'s> Rules<'s, '_> {
    // Where, and what to say.

    pub(super) fn within<T>(&mut self, key: &'s str, look: impl FnOnce(&mut Self) -> T) -> T {
        self.path.enter_key(key);
        let seen = look(self);
        self.path.leave();
        seen
    }

    pub(super) fn at<T>(&mut self, key: &'s str, index: usize, look: impl FnOnce(&mut Self) -> T) -> T {
        self.within(key, |rules| {
            rules.path.enter_item(index);
            let seen = look(rules);
            rules.path.leave();
            seen
        })
    }

    fn each<T>(&mut self, key: &'s str, things: &'s [T], look: fn(&mut Self, &'s T)) {
        for (index, thing) in things.iter().enumerate() {
            self.at(key, index, |rules| look(rules, thing));
        }
    }

    /// Reports a problem with what `key` holds here.
    pub(super) fn problem(&mut self, key: &'s str, what: Sentence, instead: Sentence) {
        self.path.enter_key(key);
        self.problems.push(self.path.to_string(), what, instead);
        self.path.leave();
    }

    /// What is so, or is so at the time of the action being looked at.
    fn when(&self, what: Sentence) -> Sentence {
        match self.now {
            None => what,
            Some(at) => sentence!("{what} at {time}", what = what, time = at - Instant::ZERO),
        }
    }

    pub(super) fn taken(&mut self, thing: Thing, name: &str) {
        if self.is_act {
            return;
        }
        let name = quoted(name);
        let (what, instead) = match thing {
            Thing::Topic => (
                sentence!("there is already a topic {name}", name = name),
                sentence!("give each topic a name of its own"),
            ),
            Thing::Producer => (
                sentence!("there is already a producer {name}", name = name),
                sentence!("give each producer a name of its own"),
            ),
            Thing::Group => (
                sentence!("there is already a group {name}", name = name),
                sentence!("give each group a name of its own"),
            ),
            Thing::Consumer => (
                sentence!("there is already a consumer {name}", name = name),
                sentence!("give each consumer a name of its own"),
            ),
            Thing::Service => (
                sentence!("there is already a service {name}", name = name),
                sentence!("give each service a name of its own"),
            ),
            Thing::Caller => (
                sentence!("there is already a caller {name}", name = name),
                sentence!("give each caller a name of its own"),
            ),
            Thing::P2pQueue => (
                sentence!("there is already a point-to-point queue {name}", name = name),
                sentence!("give each point-to-point queue a name of its own"),
            ),
        };
        let what = self.when(what);
        self.problem("name", what, instead);
    }

    /// Names to choose from; none once there are so many problems that nobody would read them.
    pub(super) fn some<'n>(&self, names: impl Iterator<Item = &'n str>) -> Vec<String> {
        let most = if self.problems.are_many() { 0 } else { 1_000 };
        names.take(most).map(str::to_owned).collect()
    }

    pub(super) fn unknown(&mut self, key: &'s str, thing: Thing, name: &str, known: Vec<String>) {
        self.path.enter_key(key);
        self.unknown_here(thing, name, known);
        self.path.leave();
    }

    fn unknown_here(&mut self, thing: Thing, name: &str, known: Vec<String>) {
        if self.is_act {
            return;
        }
        let known: Vec<&str> = known.iter().map(String::as_str).collect();
        let instead = match (nearest(name, known.iter().copied()), thing) {
            (None, Thing::Topic) if known.is_empty() => sentence!("add the topic first"),
            (None, Thing::Producer) if known.is_empty() => sentence!("add the producer first"),
            (None, Thing::Group) if known.is_empty() => sentence!("add the group first"),
            (None, Thing::Consumer) if known.is_empty() => sentence!("add the consumer first"),
            (None, Thing::Service) if known.is_empty() => sentence!("add the service first"),
            (None, Thing::P2pQueue) if known.is_empty() => sentence!("add the point-to-point queue first"),
            (Some(near), _) => sentence!("the nearest is {near}", near = quoted(near)),
            (None, _) if known.len() == 1 => sentence!("there is {names}", names = all_of(known)),
            (None, _) => sentence!("there are {names}", names = all_of(known)),
        };
        let name = quoted(name);
        let what = self.when(match thing {
            Thing::Topic => sentence!("there is no topic {name}", name = name),
            Thing::Producer => sentence!("there is no producer {name}", name = name),
            Thing::Group => sentence!("there is no group {name}", name = name),
            Thing::Consumer => sentence!("there is no consumer {name}", name = name),
            Thing::Service | Thing::Caller => sentence!("there is no service {name}", name = name),
            Thing::P2pQueue => sentence!("there is no point-to-point queue {name}", name = name),
        });
        self.problems.push(self.path.to_string(), what, instead);
    }

    /// The same about an item of the list that `key` holds.
    pub(super) fn unknown_item(
        &mut self,
        key: &'s str,
        index: usize,
        thing: Thing,
        name: &str,
        known: Vec<String>,
    ) {
        self.path.enter_key(key);
        self.path.enter_item(index);
        self.unknown_here(thing, name, known);
        self.path.leave();
        self.path.leave();
    }

    fn after_the_end(&mut self, key: &'s str, at: Instant, end: Instant) {
        let span = |at: Instant| (at - Instant::ZERO).to_string();
        let what = sentence!("{at} is after the end of the run at {end}", at = span(at), end = span(end));
        self.problem(key, what, sentence!("write an earlier time here or a later one in \"until\""));
    }

    // The whole.

    fn times(&mut self, scenario: &'s Scenario) {
        self.now = None;
        let end = scenario.until;
        for (index, marker) in scenario.markers.iter().enumerate().filter(|(_, marker)| marker.at > end) {
            self.at("markers", index, |rules| rules.after_the_end("at", marker.at, end));
        }
        for (index, caption) in scenario.captions.iter().enumerate() {
            self.at("captions", index, |rules| rules.caption(caption, end));
        }
    }

    fn caption(&mut self, caption: &Caption, end: Instant) {
        if caption.at > end {
            self.after_the_end("at", caption.at, end);
        }
        match caption.until {
            Some(until) if until <= caption.at => {
                let span = |at: Instant| at - Instant::ZERO;
                let what = sentence!(
                    "{until} is not after the caption's \"at\" of {at}",
                    until = span(until),
                    at = span(caption.at)
                );
                self.problem("until", what, sentence!("write a later time, or leave it out"));
            }
            Some(until) if until > end && caption.at <= end => self.after_the_end("until", until, end),
            _ => {}
        }
    }

    /// `listed` topics, producers and groups stand in the lists themselves, where their number has been looked at.
    fn totals(&mut self, listed: (usize, usize, usize), scenario: &Scenario) {
        let Totals { topics, queues, producers, groups, consumers, threads, progresses, .. } = self.totals;
        let Totals { services, callers, p2p_queues, .. } = self.totals;
        let with_actions = |listed: usize, most: u64| listed as u64 <= most;
        let totals = [
            ("topics", topics, limits::TOPICS, with_actions(listed.0, limits::TOPICS), sentence!("topics")),
            ("topics", queues, limits::QUEUES, true, sentence!("queues")),
            (
                "producers",
                producers,
                limits::PRODUCERS,
                with_actions(listed.1, limits::PRODUCERS),
                sentence!("producers"),
            ),
            ("groups", groups, limits::GROUPS, with_actions(listed.2, limits::GROUPS), sentence!("groups")),
            ("groups", consumers, limits::CONSUMERS, true, sentence!("consumers")),
            ("groups", threads, limits::THREADS, true, sentence!("threads")),
            (
                "services",
                services,
                limits::SERVICES,
                with_actions(scenario.services.len(), limits::SERVICES),
                sentence!("services"),
            ),
            (
                "callers",
                callers,
                limits::CALLERS,
                with_actions(scenario.callers.len(), limits::CALLERS),
                sentence!("callers"),
            ),
            (
                "p2p_queues",
                p2p_queues,
                limits::P2P_QUEUES,
                with_actions(scenario.p2p_queues.len(), limits::P2P_QUEUES),
                sentence!("point-to-point queues"),
            ),
            (
                "groups",
                progresses,
                limits::PROGRESSES,
                true,
                sentence!("pairs of a group and a queue it reads"),
            ),
        ];
        for (path, total, most, look, of) in totals {
            if look && total > most {
                let what = sentence!(
                    "all together, these and the actions make {total} {of}",
                    total = total,
                    of = of
                );
                self.problem(path, what, sentence!("make at most {most}", most = most));
            }
        }
    }
}
