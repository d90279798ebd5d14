//! Ten things that a visitor might do.

use mqscope::broker::spec::{ConsumerSpec, Failure, Pattern};
use mqscope::broker::{Command, ConsumerChange};
use mqscope::scenario::Scenario;
use mqscope::sim::Ratio;

/// Something that the page offers; what cannot be done in this scenario is refused, and recorded all the same.
pub(crate) fn does(scenario: &Scenario, nth: u64) -> Command {
    let group = scenario.groups.first().map_or("nobody", |group| &group.name);
    let member = scenario.groups.first().and_then(|group| group.consumers.first());
    let consumer = format!("{group}/{}", member.map_or("C1", |consumer| &consumer.name));
    let producer = scenario.producers.first().map_or("nobody", |producer| &producer.name).to_owned();
    let change = |change| Command::Consumer { consumer: consumer.clone(), change };
    match nth {
        0 => change(ConsumerChange::Pause),
        1 => Command::Send { producer, count: 7 },
        2 => change(ConsumerChange::Resume),
        3 => match member {
            Some(member) => Command::AddConsumer {
                group: group.to_owned(),
                consumer: ConsumerSpec { name: "Added".to_owned(), ..member.clone() },
            },
            None => Command::RemoveProducer { producer },
        },
        4 => change(ConsumerChange::SetFailure(Failure::Probability(Ratio::new(1, 4).expect("a ratio")))),
        5 => change(ConsumerChange::Crash),
        6 => Command::SetPattern { producer, pattern: Pattern::ByHand },
        7 => change(ConsumerChange::Restart),
        8 => Command::RemoveGroup { group: "nobody".into() },
        _ => change(ConsumerChange::SetThreads(3)),
    }
}
