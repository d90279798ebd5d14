//! Pull consumers, simple consumers that keep order, and brokers that go by checkpoints, drawn apart from everything else:
//! worlds without them stay as they are.

use mqscope::broker::settings::{CommitMode, DlqTiming, StaleHandles};
use mqscope::broker::spec::*;
use mqscope::broker::*;
use mqscope::sim::{Instant, Span};

use super::{Dice, Plan};

/// Makes some groups fetch in other ways, and some brokers go by checkpoints.
pub(super) fn mingle(plan: &mut Plan) {
    let mut dice = Dice::new(plan.seed ^ 0x7055_4c4c_0a0b_0c0d);
    let dice = &mut dice;
    if dice.percent(30) {
        begin(plan, dice);
    }
    if dice.percent(60) {
        checkpoints(plan, dice);
    }
    if dice.percent(35) {
        in_order(plan, dice);
    }
    if dice.percent(35) {
        pull(plan, dice);
    }
    plan.actions.sort_by_key(|(at, _)| *at);
}

impl Plan {
    /// Is a group deleted at some time?
    fn is_removed(&self, name: &str) -> bool {
        let removes = |command: &Command| matches!(command, Command::RemoveGroup { group } if group == name);
        self.actions.iter().any(|(_, command)| removes(command))
    }
}

/// All groups that the plan creates, now or later.
fn groups(plan: &mut Plan) -> impl Iterator<Item = &mut GroupSpec> {
    let later = plan.actions.iter_mut().map(|(_, command)| command);
    plan.topology.iter_mut().chain(later).filter_map(|command| match command {
        Command::AddGroup(spec) => Some(spec),
        _ => None,
    })
}

fn begin(plan: &mut Plan, dice: &mut Dice) {
    plan.settings.store_hot_messages = dice.pick(&[0, 3_000_000]);
    for group in groups(plan) {
        let time = Some(Span::from_secs(dice.below(40)));
        let all = [InitialOffset::OssCompat, InitialOffset::Timestamp(time), InitialOffset::Timestamp(None)];
        group.initial_offset = dice.pick(&all);
    }
    plan.features.insert("beginning at a time or as brokers do");
}

fn checkpoints(plan: &mut Plan, dice: &mut Dice) {
    let modes =
        [CommitMode::Checkpoint, CommitMode::Checkpoint, CommitMode::Checkpoint, CommitMode::MinUnacked];
    plan.settings.pop_commit_mode = dice.pick(&modes);
    plan.settings.pop_commit_scan = Span::from_ms(dice.pick(&[0, 5, 800]));
    plan.settings.pop_revive_lag = Span::from_ms(dice.pick(&[0, 2_000]));
    plan.settings.pop_stale_handles = match dice.below(5) {
        0..3 => StaleHandles::Accept,
        _ => StaleHandles::Refuse,
    };
    plan.settings.pop_through_proxy = dice.percent(60);
    if !plan.settings.pop_through_proxy {
        // Nobody gives a message up, so all failures have to end.
        let failing = plan.repairs.iter().filter_map(|command| match command {
            Command::Consumer { consumer, change: ConsumerChange::Resume } => Some(consumer.clone()),
            _ => None,
        });
        let change = ConsumerChange::SetFailure(Failure::NEVER);
        let ends: Vec<Command> =
            failing.map(|consumer| Command::Consumer { consumer, change: change.clone() }).collect();
        plan.repairs.extend(ends);
    }
    let there: Vec<String> = plan.groups().into_iter().filter(|name| !plan.is_removed(name)).collect();
    let by_hand = plan.by_hand().into_iter();
    let by_hand = by_hand.filter(|name| there.iter().any(|group| name.split('/').next() == Some(group)));
    let accepts = plan.settings.pop_stale_handles == StaleHandles::Accept;
    for consumer in by_hand.filter(|_| accepts) {
        // Acknowledged, and asked for once more.
        let start = Instant(plan.repair_at.0 / 4 + dice.below(plan.repair_at.0 / 2));
        let receive = ConsumerChange::Receive {
            count: 8,
            invisible: Some(Span::from_secs(12)),
            queue: None,
            attempt: None,
        };
        plan.actions.push((start, Command::Consumer { consumer: consumer.clone(), change: receive }));
        for handle in 1..25 {
            let invisible = Span::from_ms(dice.between(0, 5_000));
            let ack = ConsumerChange::Acknowledge { handle };
            for change in [ack.clone(), ack, ConsumerChange::ChangeInvisible { handle, invisible }] {
                let at = start + Span::from_ms(300);
                plan.actions.push((at, Command::Consumer { consumer: consumer.clone(), change }));
            }
        }
    }
    // Drawn by itself: all else stays as it was.
    if Dice::new(plan.seed ^ 0x0d1c_0d1c).percent(50) {
        plan.settings.dlq_timing = DlqTiming::OnNextPop;
    }
    plan.features.insert("a broker of its own mind");
}

fn in_order(plan: &mut Plan, dice: &mut Dice) {
    let (mut members, mut by_hand) = (Vec::new(), Vec::new());
    let mut is_some = false;
    let there: Vec<String> = plan.groups().into_iter().filter(|name| !plan.is_removed(name)).collect();
    for group in groups(plan).filter(|group| group.consumer_type == ConsumerType::Simple) {
        if dice.percent(80) {
            group.delivery_order = DeliveryOrder::Orderly;
            if there.contains(&group.name) {
                let name = |consumer: &ConsumerSpec| format!("{}/{}", group.name, consumer.name);
                members.extend(group.consumers.iter().map(name));
                by_hand.extend(super::by_hand_of(group));
            }
            is_some = true;
        }
    }
    for (_, command) in &plan.actions {
        if let Command::AddConsumer { group, consumer } = command
            && there.contains(group)
        {
            members.push(format!("{group}/{}", consumer.name));
        }
    }
    // Whole backlogs wait for each message that fails, invisible as it is.
    plan.settings.simple_invisible = Span::from_secs(10);
    for consumer in members {
        let change = ConsumerChange::SetFailure(Failure::NEVER);
        plan.repairs.push(Command::Consumer { consumer, change });
    }
    if is_some {
        plan.features.insert("simple consumers in order");
        if dice.percent(60) {
            plan.settings.fifo_lock_scope = LockScope::Queue;
            plan.features.insert("batches lock queues");
        }
        let mut again = Vec::new();
        for (at, command) in &mut plan.actions {
            if let Command::Consumer { change: ConsumerChange::Receive { attempt, queue, .. }, .. } = command
            {
                *attempt = dice.percent(95).then(|| dice.pick(&["a", "b"]).to_owned());
                *queue = dice.percent(20).then(|| dice.below(3) as u32);
                // The answer did not come.
                again.push((*at + Span::from_ms(100), command.clone()));
            }
        }
        for consumer in by_hand {
            let at = Instant(dice.below(plan.repair_at.0));
            for wait in [0, 50] {
                let change = ConsumerChange::Receive {
                    count: 8,
                    invisible: Some(Span::from_secs(15)),
                    queue: None,
                    attempt: Some("first".to_owned()),
                };
                again.push((
                    at + Span::from_ms(wait),
                    Command::Consumer { consumer: consumer.clone(), change },
                ));
            }
        }
        plan.actions.extend(again.into_iter().filter(|(at, _)| *at <= plan.repair_at));
    }
}

fn pull(plan: &mut Plan, dice: &mut Dice) {
    plan.settings.pull_batch = dice.pick(&[1, 3, 10]);
    plan.settings.pull_cache_per_queue = dice.pick(&[2, 1_000]);
    plan.settings.pull_auto_commit = dice.percent(90);
    plan.settings.pull_auto_commit_interval = Span::from_ms(dice.pick(&[0, 700, 5_000]));
    let mut by_hand = Vec::new();
    let mut others = Vec::new();
    let mut topics = Vec::new();
    let could_be = |group: &&mut GroupSpec| {
        group.mode == ConsumeMode::Clustering
            && group.balance == Balance::Queue
            && group.delivery_order == DeliveryOrder::Concurrent
            && group.consumer_type == ConsumerType::Push
    };
    let commits = plan.settings.pull_auto_commit;
    let there: Vec<String> = plan.groups().into_iter().filter(|name| !plan.is_removed(name)).collect();
    for group in groups(plan).filter(could_be) {
        if !dice.percent(75) {
            continue;
        }
        group.consumer_type = ConsumerType::Pull;
        topics.push(group.subscriptions[0].topic.clone());
        let is_by_hand = dice.percent(40);
        for consumer in &mut group.consumers {
            let name = format!("{}/{}", group.name, consumer.name);
            let is_there = there.contains(&group.name);
            consumer.application = if is_by_hand && is_there {
                by_hand.push(name);
                Application::ByHand
            } else {
                others.extend(is_there.then_some(name));
                if commits {
                    dice.pick(&[Application::Loop, Application::Committing])
                } else {
                    Application::Committing
                }
            };
        }
    }
    if topics.is_empty() {
        return;
    }
    // Whoever joins later or repairs has to commit too.
    let pulling: Vec<String> = groups(plan)
        .filter(|group| group.consumer_type == ConsumerType::Pull)
        .map(|group| group.name.clone())
        .collect();
    for (_, command) in &mut plan.actions {
        if let Command::AddConsumer { group, consumer } = command
            && pulling.contains(group)
        {
            consumer.application = Application::Committing;
        }
    }
    plan.features.insert("pull consumers");
    let all: Vec<String> = by_hand.iter().chain(&others).cloned().collect();
    for _ in 0..if all.is_empty() { 0 } else { dice.below(30) } {
        let at = Instant(dice.below(plan.repair_at.0));
        let anybody = by_hand.is_empty() || dice.percent(20);
        let consumer = dice.pick(if anybody { &all } else { &by_hand });
        let topic = dice.pick(&topics);
        let (queue, offset) = (dice.below(3) as u32, dice.below(60));
        let time = ResetTarget::Time(Instant(dice.below(at.0 + 1)));
        let to = dice.pick(&[
            ResetTarget::Earliest,
            ResetTarget::Latest,
            ResetTarget::Offset { queue, offset },
            time,
        ]);
        let change = match dice.below(12) {
            0..6 => ConsumerChange::Poll,
            6 => ConsumerChange::Commit,
            10 => ConsumerChange::ResumeQueue { topic: topic.clone(), queue },
            11 => ConsumerChange::PauseQueue { topic: topic.clone(), queue },
            _ => ConsumerChange::Seek { topic: topic.clone(), queue, to },
        };
        if change == ConsumerChange::Commit {
            // Committed, and dead before anything is done with it.
            for change in [ConsumerChange::Poll, ConsumerChange::Commit, ConsumerChange::Crash] {
                plan.actions.push((at, Command::Consumer { consumer: consumer.clone(), change }));
            }
            let back = (at + Span::from_secs(2)).min(plan.repair_at);
            let change = ConsumerChange::Restart;
            plan.actions.push((back, Command::Consumer { consumer, change }));
            continue;
        }
        let polls = change == ConsumerChange::Poll;
        plan.actions.push((at, Command::Consumer { consumer: consumer.clone(), change }));
        for _ in 0..if polls { 6 } else { 0 } {
            let change = ConsumerChange::SendBack {
                topic: topic.clone(),
                queue: dice.below(2) as u32,
                offset: dice.below(15),
                level: dice.below(3) as i32,
                max_times: dice.percent(30).then_some(1),
            };
            plan.actions.push((at, Command::Consumer { consumer: consumer.clone(), change }));
        }
        plan.features.insert("polling by hand");
    }
    for (consumer, topic) in others.iter().flat_map(|one| topics.iter().map(move |topic| (one, topic))) {
        for queue in 0..3 {
            let change = ConsumerChange::ResumeQueue { topic: topic.clone(), queue };
            plan.repairs.push(Command::Consumer { consumer: consumer.clone(), change });
        }
    }
    // Nobody polls for them once nobody is there, and they have queues.
    for consumer in by_hand {
        plan.repairs.push(Command::Consumer { consumer, change: ConsumerChange::Leave });
    }
}
