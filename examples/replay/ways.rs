//! The ways to go through a recorded run. All of them end at the same entry, with the same fingerprint.

use std::rc::Rc;

use mqscope::broker::{Command, ConsumerChange, Observer};
use mqscope::metrics::Series;
use mqscope::scenario::{Act, Recorded, Scenario};
use mqscope::session::{Branches, Goal, Session, Way};
use mqscope::sim::{Chance, Draws, Instant, Span, Stream};
use mqscope::trace::log_window::LogWindow;

/// The ways by name.
const WAYS: [(&str, Play); 5] = [
    ("at once", at_once),
    ("one by one", one_by_one),
    ("in odd frames", in_odd_frames),
    ("at odd speeds", at_odd_speeds),
    ("by seeks and forks", by_seeks_and_forks),
];

/// Entries from which a run counts as large. A fifth of the worlds are, and they have three quarters of all entries.
const LARGE: u64 = 20_000;

/// The ways in which a run is played: all of them, or for a large one the first and one more, each world another.
pub(crate) fn ways_of(scenario: &Scenario, recorded: &Recorded) -> Vec<(&'static str, Play)> {
    let more = 1 + Dice::new(scenario).below(WAYS.len() as u64 - 1) as usize;
    let is_played = |nth: usize| recorded.entries < LARGE || nth == 0 || nth == more;
    WAYS.into_iter().enumerate().filter(|(nth, _)| is_played(*nth)).map(|(_, way)| way).collect()
}

/// Plays a recording from its beginning, and says where the run stands.
pub(crate) type Play = fn(&Rc<Scenario>, &Recorded) -> Recorded;

/// Draws in a row; each world has its own.
struct Dice {
    draws: Draws,
    n: u64,
}

impl Dice {
    fn new(scenario: &Scenario) -> Self {
        Self { draws: Chance::new(scenario.seed).stream(Stream::World, 2), n: 0 }
    }

    fn below(&mut self, bound: u64) -> u64 {
        self.n += 1;
        self.draws.below(self.n, bound)
    }
}

fn stand<O: Observer>(session: &Session<O>) -> Recorded {
    assert_eq!(session.broken(), None, "{}", session.scenario().id);
    session.recording().recorded.expect("a recording says where it stands")
}

fn at_once(scenario: &Rc<Scenario>, recorded: &Recorded) -> Recorded {
    let mut session = Session::new(Rc::clone(scenario), ());
    session.run_to(recorded, u64::MAX);
    stand(&session)
}

fn one_by_one(scenario: &Rc<Scenario>, recorded: &Recorded) -> Recorded {
    let mut session = Session::new(Rc::clone(scenario), ());
    while !session.run_to(recorded, 1) {}
    stand(&session)
}

/// As if the frames of a page never had time for the same number of entries.
fn in_odd_frames(scenario: &Rc<Scenario>, recorded: &Recorded) -> Recorded {
    let mut dice = Dice::new(scenario);
    let mut session = Session::new(Rc::clone(scenario), ());
    while !session.run_to(recorded, 1 + 2 * dice.below(700)) {}
    stand(&session)
}

/// As if somebody moved the speed up and down all the time, from a thousandth to four thousand times, while each frame
/// has little time.
fn at_odd_speeds(scenario: &Rc<Scenario>, recorded: &Recorded) -> Recorded {
    let mut dice = Dice::new(scenario);
    let mut session = Session::new(Rc::clone(scenario), ());
    // The last instant may not have come to its end where the run stood.
    let end = Instant(recorded.at.0.saturating_sub(1));
    while session.now() < end && session.broken().is_none() {
        let frame = Span(1 + (16 << dice.below(23)) + dice.below(16));
        let until = (session.now() + frame).min(end);
        session.run_until(until, 1 + dice.below(3_000));
    }
    session.run_to(recorded, u64::MAX);
    stand(&session)
}

/// With all that the page watches, so that this goes back and forth as well.
type Watched = Session<(Series, LogWindow)>;

fn watched(scenario: &Rc<Scenario>, acts: Vec<Act>, dice: &mut Dice) -> Watched {
    let mut session = Session::with_acts(Rc::clone(scenario), Default::default(), acts);
    session.keep_checkpoints_every(50 + dice.below(1_000), 4 + dice.below(40) as usize);
    session
}

/// There and back again; and once something is done in the past, which becomes another branch, and is left again.
fn by_seeks_and_forks(scenario: &Rc<Scenario>, recorded: &Recorded) -> Recorded {
    let mut dice = Dice::new(scenario);
    let mut branches = Branches::default();
    let mut session = watched(scenario, scenario.acts.clone(), &mut dice);
    session.run_to(recorded, u64::MAX);
    branches.see(&session);
    for round in 0..5 {
        session.seek(somewhere(recorded, &mut dice), u64::MAX);
        if round != 2 {
            continue;
        }
        let command = command(scenario, &mut dice);
        if let Some(left) = branches.begin_act(&session, &command) {
            session.act(command);
            session.run_until(session.now() + Span::from_ms(dice.below(5_000)), 5_000);
            branches.see(&session);
            let way = branches.open(left, &session, None).expect("the branch that was left is kept");
            session = follow(session, way, &mut dice);
        }
    }
    session.run_to(recorded, u64::MAX);
    stand(&session)
}

fn somewhere(recorded: &Recorded, dice: &mut Dice) -> Goal {
    match dice.below(2) {
        0 => Goal::Entry(dice.below(recorded.entries.max(1))),
        _ => Goal::At(Instant(dice.below(recorded.at.0.max(1)))),
    }
}

/// Something that a visitor might do here, be it only refused.
fn command(scenario: &Scenario, dice: &mut Dice) -> Command {
    let acts = scenario.acts.iter().map(|act| &act.command);
    let mut commands: Vec<_> =
        acts.chain(scenario.actions.iter().map(|action| &action.command)).cloned().collect();
    if let Some(producer) = scenario.producers.first() {
        commands.push(Command::Send { producer: producer.name.clone(), count: 3 });
    }
    for group in &scenario.groups {
        let names = group.consumers.iter().map(|consumer| format!("{}/{}", group.name, consumer.name));
        commands.extend(names.map(|consumer| Command::Consumer { consumer, change: ConsumerChange::Crash }));
    }
    match commands.len() as u64 {
        0 => Command::Send { producer: "nobody".to_owned(), count: 1 },
        count => commands.swap_remove(dice.below(count) as usize),
    }
}

/// As the page does: from where the acts part, or from the start.
fn follow(mut session: Watched, way: Way, dice: &mut Dice) -> Watched {
    if let Err(acts) = session.retrace(way.acts, way.to.at().unwrap_or_default()) {
        session = watched(&Rc::clone(session.scenario()), acts, dice);
    }
    session.run_to_stop(way.to, u64::MAX);
    session
}
