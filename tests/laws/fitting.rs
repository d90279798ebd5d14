//! What the kind of a consumer does not allow stands in no file, so it is not done in random worlds either. That the broker
//! refuses it is told in stories.

use mqscope::broker::spec::*;
use mqscope::broker::{Command, ConsumerChange};

use super::Plan;

/// Leaves out what no consumer of its kind can do.
pub(super) fn fit(plan: &mut Plan) {
    let all: Vec<Command> =
        plan.topology.iter().chain(plan.actions.iter().map(|(_, c)| c)).cloned().collect();
    plan.actions.retain(|(_, command)| match command {
        Command::Consumer { consumer, change } => fits(&all, consumer, change),
        _ => true,
    });
}

fn fits(all: &[Command], consumer: &str, change: &ConsumerChange) -> bool {
    let (of, name) = consumer.split_once('/').expect("group/consumer");
    let group = all.iter().find_map(|command| match command {
        Command::AddGroup(spec) if spec.name == of => Some(spec),
        _ => None,
    });
    let Some(group) = group else { return true };
    let late = all.iter().filter_map(|command| match command {
        Command::AddConsumer { group, consumer } if group == of => Some(consumer),
        _ => None,
    });
    let mut members = group.consumers.iter().chain(late).filter(|spec| spec.name == name);
    let by_hand = members.next().is_some_and(|spec| spec.application == Application::ByHand);
    let is_lite = |command: &Command| {
        let lite = TopicType::Of(MessageType::Lite);
        let reads = |name: &String| group.subscriptions.iter().any(|wish| wish.topic == *name);
        matches!(command, Command::AddTopic(spec) if spec.message_type == lite && reads(&spec.name))
    };
    match change {
        ConsumerChange::Receive { .. }
        | ConsumerChange::Acknowledge { .. }
        | ConsumerChange::ChangeInvisible { .. } => group.consumer_type == ConsumerType::Simple && by_hand,
        ConsumerChange::Poll | ConsumerChange::Commit | ConsumerChange::SendBack { .. } => {
            group.consumer_type == ConsumerType::Pull && by_hand
        }
        ConsumerChange::Seek { .. } => group.consumer_type == ConsumerType::Pull,
        ConsumerChange::SetThreads(_) => !by_hand,
        ConsumerChange::Lite(_) => all.iter().any(is_lite),
        _ => true,
    }
}
