//! States of the page that are worth looking at.

use std::rc::Rc;

use mqscope::app::preferences::ThemeChoice;
use mqscope::app::{Dialog, Msg, State, Subject, store};
use mqscope::broker::{
    Command, ConsumerChange, ConsumerId, MessageRef, ProducerId, ProgressId, QueueId, TopicId, World,
};
use mqscope::lesson::Language;
use mqscope::scenario::{Scenario, bundled};
use mqscope::sim::Instant;

/// A scenario at an instant, standing still.
pub(crate) fn play(scenario: Scenario, at: Instant, language: Language) -> State {
    let mut state = State::new(Rc::new(scenario), language, ThemeChoice::Light);
    state.jump(at);
    while state.is_playing() {
        state.pass(16.0);
    }
    assert_eq!(state.now(), at);
    state
}

/// A bundled scenario at an instant, standing still.
pub(crate) fn at(id: &str, at: Instant, language: Language) -> State {
    play(store::bundled(id).expect("it is bundled"), at, language)
}

/// Every bundled scenario at its beginning, in its middle and at its end.
pub(crate) fn everywhere() -> Vec<(String, Instant)> {
    let of = |(id, _): &(&'static str, &str)| {
        let until = store::bundled(id).expect("it is bundled").until;
        [Instant::ZERO, Instant(until.0 / 3 + 345_678), until].map(|at| ((*id).to_owned(), at))
    };
    bundled().iter().flat_map(of).collect()
}

/// Everything in the world that can be selected; of messages the newest of each queue.
pub(crate) fn subjects(world: &World) -> Vec<Subject> {
    let live = &world.live;
    let mut all = Vec::new();
    for (index, producer) in live.producers.iter().enumerate() {
        let id = ProducerId::at(index);
        all.push(Subject::Producer(id));
        all.extend(producer.transit.iter().take(1).map(|flight| Subject::Sending(id, flight.number)));
    }
    all.extend(live.halves.all().take(3).map(|(producer, number, _)| Subject::Sending(producer, number)));
    all.extend(world.services().map(|(id, _)| Subject::Service(id)));
    all.extend(world.callers().map(|(id, _)| Subject::Caller(id)));
    all.extend(world.p2p_queues().map(|(id, _)| Subject::P2p(id)));
    let topics = (0..live.topics.len()).map(TopicId::at);
    all.extend(topics.flat_map(|id| [Subject::Topic(id), Subject::Timer(id), Subject::Curtain(id)]));
    for (index, queue) in live.queues.iter().enumerate() {
        let id = QueueId::at(index);
        all.push(Subject::Queue(id));
        if queue.max_offset > queue.min_offset {
            all.push(Subject::Message(MessageRef { queue: id, offset: queue.max_offset - 1 }));
        }
    }
    all.extend((0..live.progress.len()).map(|index| Subject::Cursor(ProgressId::at(index))));
    for (id, _) in world.groups() {
        all.extend([Subject::Group(id), Subject::RetryShelf(id), Subject::DeadLetters(id)]);
    }
    for index in 0..live.consumers.len() {
        let id = ConsumerId::at(index);
        all.extend([Subject::Consumer(id), Subject::Thread(id, 0)]);
    }
    all
}

/// Shows one state after another for each thing the page can show, with a name to blame.
pub(crate) fn all(language: Language, mut look: impl FnMut(&str, &State)) {
    for (id, instant) in everywhere() {
        look(&format!("{id} at {instant}"), &at(&id, instant, language));
    }
    // What is rich in things: retries, both families of balancing, broadcasting, crashes.
    for id in [
        "retry-and-dead-letter",
        "broadcasting-and-clustering",
        "crash-and-redelivery",
        "domain-model",
        "delay",
    ] {
        let mut state = at(id, Instant::from_ms(38_200), language);
        let subjects = subjects(state.session.borrow().world());
        for subject in subjects {
            state.update(Msg::Select(Some(subject)));
            look(&format!("{id}, {subject} selected"), &state);
        }
    }
    let begin = || at("domain-model", Instant::from_secs(5), language);
    let mut state = begin();
    state.update(Msg::LoadText("{ \"format\": \"mqscope.scenario/1\", \"seed\": -1 }".to_owned()));
    for dialog in [
        Dialog::Picker,
        Dialog::Help,
        Dialog::Model,
        Dialog::Settings,
        Dialog::Metrics,
        Dialog::Share,
        Dialog::Problems,
    ] {
        state.update(Msg::Open(dialog));
        look(&format!("{dialog:?}"), &state);
    }
    let mut state = begin();
    state.update(Msg::TogglePlay);
    look("time runs", &state);
    for change in [ConsumerChange::Crash, ConsumerChange::Pause, ConsumerChange::Leave] {
        let mut state = begin();
        state.update(Msg::Select(Some(Subject::Consumer(ConsumerId(0)))));
        let name = format!("{change:?}");
        state.update(Msg::Command(Box::new(Command::Consumer { consumer: "billing/C1".to_owned(), change })));
        state.update(Msg::Step);
        look(&name, &state);
    }
    let mut state = begin();
    state.update(Msg::Command(Box::new(Command::RemoveGroup { group: "nobody".to_owned() })));
    assert!(state.notice.is_some());
    look("a wish was refused", &state);
    let mut state = at("demo", Instant::from_secs(1), language);
    state.update(Msg::Command(Box::new(Command::RemoveGroup { group: "billing".to_owned() })));
    look("nobody listens", &state);
}
