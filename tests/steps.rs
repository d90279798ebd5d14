//! Steps of the larger size, by stages of messages: so many on and as many back is where one was, and every place is
//! one at which something became of a message. All bundled scenarios, and random worlds;
//! `MQSCOPE_WORLDS` sets how many.

#[path = "laws/reproduce.rs"]
#[allow(dead_code, reason = "the laws write scenarios down")]
mod reproduce;
#[path = "laws/worlds.rs"]
#[allow(dead_code, reason = "the laws read more of a plan")]
mod worlds;

use std::rc::Rc;

use mqscope::broker::MessageRef;
use mqscope::scenario::{Scenario, bundled};
use mqscope::session::{Arrival, Goal, Session, Walk};
use mqscope::sim::{Fingerprint, Instant, Span};
use mqscope::trace::stages::{Stages, Whose};
use mqscope::trace::{Stage, StageKind, journey};
use worlds::{Dice, Plan};

type Watched = Session<Stages>;

fn played(scenario: Scenario, every: u64) -> Watched {
    let mut session = Session::new(Rc::new(scenario), Default::default());
    session.keep_checkpoints_every(every, 100);
    session
}

type Stand = (Fingerprint, u64, u64, Instant);

fn stand(session: &Watched) -> Stand {
    (session.fingerprint(), session.steps(), session.world().live.seq, session.now())
}

/// One step of the larger size.
fn go(session: &mut Watched, mut walk: Walk, whose: Whose, until: Instant, slice: u64) -> Arrival {
    session.observer_mut().note(Some(whose));
    let arrival = loop {
        if let Some(arrival) = session.walk(&mut walk, until, slice, Stages::noted) {
            break arrival;
        }
    };
    session.observer_mut().note(None);
    arrival
}

fn on(session: &mut Watched, whose: Whose, until: Instant, slice: u64) -> Arrival {
    let walk = Walk::on(session);
    go(session, walk, whose, until, slice)
}

fn back(session: &mut Watched, whose: Whose, slice: u64) -> Arrival {
    let walk = Walk::back(session, whose == Whose::Any);
    go(session, walk, whose, Instant::MAX, slice)
}

/// So many steps on, and as many back.
fn there_and_back(session: &mut Watched, whose: Whose, count: usize, slice: u64, what: &str) -> Vec<Stand> {
    let until = session.scenario().until;
    let mut stands = vec![stand(session)];
    for _ in 0..count {
        if on(session, whose, until, slice) == Arrival::Home {
            assert_eq!(Some(&stand(session)), stands.last(), "{what}: nothing ahead, so it stays");
            break;
        }
        stands.push(stand(session));
    }
    for before in stands.iter().rev().skip(1) {
        assert_eq!(back(session, whose, slice), Arrival::There, "{what}");
        assert_eq!(stand(session), *before, "{what}");
    }
    stands
}

#[test]
fn so_many_stages_on_and_as_many_back_is_where_one_was() {
    for (id, text) in bundled() {
        let scenario = Scenario::parse(text).unwrap_or_else(|problems| panic!("{id}: {problems}"));
        let mut session = played(scenario, 100);
        let stands = there_and_back(&mut session, Whose::Any, 60, u64::MAX, id);
        assert_eq!(session.steps(), 0, "{id}: the start is a place");
        let entries: Vec<u64> = stands.iter().map(|stand| stand.2).collect();
        assert!(entries.is_sorted_by(|a, b| a < b), "{id}: {entries:?}");
        session.seek(Goal::Entry(2_000), u64::MAX);
        on(&mut session, Whose::Any, Instant::MAX, u64::MAX);
        there_and_back(&mut session, Whose::Any, 40, 7, &format!("{id} in small slices"));
    }
}

fn worlds() -> u64 {
    std::env::var("MQSCOPE_WORLDS").ok().and_then(|text| text.parse().ok()).unwrap_or(60)
}

#[test]
fn one_messages_stages_are_its_own_in_random_worlds() {
    let mut places = 0;
    for seed in 0..worlds() {
        let plan = Plan::draw(seed);
        let until = plan.repair_at + Span::from_secs(20);
        let mut dice = Dice::new(seed ^ 0x57a6e);
        let mut session = played(reproduce::scenario(&plan, until), 50 + dice.below(500));
        session.run_until(Instant(dice.below(until.0)), u64::MAX);
        let queues = session.world().ordinary_topics().flat_map(|(_, topic)| topic.queues.clone());
        let stored = |queue| session.world().queue(queue).max_offset;
        let all: Vec<MessageRef> = queues
            .flat_map(|queue| (0..stored(queue)).map(move |offset| MessageRef { queue, offset }))
            .collect();
        if all.is_empty() {
            continue;
        }
        let message = all[dice.below(all.len() as u64) as usize];
        // What a crash of the broker took has no place any more.
        let whose = Whose::at(session.world(), message);
        let what = format!("world {seed}, {message:?}");
        while back(&mut session, whose, u64::MAX) == Arrival::There {}
        let first = session.world().live.seq;
        assert!(first > 0, "{what}: there is a first stage");
        let stands = there_and_back(&mut session, whose, 200, 1 + dice.below(5_000), &what);
        places += stands.len();
        // At the end its journey has begun no stage that was not stopped at.
        session.seek(Goal::Entry(stands[stands.len() - 1].2), u64::MAX);
        let stops: Vec<Instant> = stands.iter().map(|stand| stand.3).collect();
        let Whose::One { at: Some(at), .. } = whose else { continue };
        let Some(journey) = journey(session.world(), at) else { continue };
        for reader in &journey.readers {
            // That a group begins to read is about the group. What is tried again in place is in its consumer's hands
            // already, and has no arrival.
            let in_order = session.world().progress(reader.progress).order.is_some();
            let is_event = |stage: &Stage| {
                (stage.from != reader.since || stage.from == journey.stored_at)
                    && !(in_order && stage.kind == StageKind::Cached)
            };
            for stage in reader.stages.iter().filter(|stage| is_event(stage)) {
                assert!(stops.contains(&stage.from), "{what}: no stop at {stage:?}, but at {stops:?}");
            }
        }
    }
    assert!(places > 300, "{places}");
}
