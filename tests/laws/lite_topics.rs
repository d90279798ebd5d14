//! Lite topics in random worlds, drawn apart from everything else: worlds without them stay as they are.

use mqscope::broker::spec::*;
use mqscope::broker::*;
use mqscope::rules::lite::Position;
use mqscope::sim::{Distribution, Instant, Ratio, Span};

use super::{Dice, Plan};

/// More lite topics than the smallest event set holds.
const NAMES: u64 = 14;

fn some_names(dice: &mut Dice) -> Vec<Names> {
    let count = dice.pick(&[1, 2, 4, NAMES]);
    let first = dice.below(NAMES - count + 1);
    vec![Names::read(&format!("s-{{{first}-{}}}", first + count - 1)).expect("a series")]
}

fn wishing(dice: &mut Dice, name: String) -> ConsumerSpec {
    let ms = Span::from_ms;
    let failure = match dice.below(6) {
        0 => Failure::Probability(Ratio { numerator: 1, denominator: 3 }),
        1 => Failure::FirstAttempts(1),
        _ => Failure::NEVER,
    };
    ConsumerSpec {
        name,
        threads: Some(dice.pick(&[1, 1, 3])),
        processing: Distribution::Exponential { mean: ms(dice.pick(&[5, 50, 300])) },
        failure,
        lite_topics: if dice.percent(80) { some_names(dice) } else { Vec::new() },
        application: Application::Loop,
        subscriptions: Vec::new(),
    }
}

/// Topics, then groups, then producers, as a file builds them.
fn add(plan: &mut Plan, command: Command) {
    let rank = |command: &Command| match command {
        Command::AddTopic(_) => 0,
        Command::AddGroup(_) => 1,
        Command::AddProducer(_) => 2,
        _ => 3,
    };
    let place = plan.topology.partition_point(|other| rank(other) <= rank(&command));
    plan.topology.insert(place, command);
}

/// Adds a parent of lite topics, with everything that goes with it.
pub(super) fn mingle(plan: &mut Plan) {
    let mut dice = Dice::new(plan.seed ^ 0x6c17_e70b_1c50);
    let dice = &mut dice;
    if !dice.percent(25) {
        return;
    }
    plan.features.insert("lite topics");
    if dice.percent(50) {
        plan.settings.lite_ttl = Some(Span::from_secs(dice.pick(&[2, 5, 12])));
        plan.settings.lite_min_ttl = Span::ZERO;
        plan.settings.lite_ttl_check_interval = Span::from_ms(dice.pick(&[500, 3_000]));
        plan.settings.lite_sync_interval = Span::from_ms(dice.pick(&[1_000, 30_000]));
        plan.features.insert("lite topics end");
    }
    if dice.percent(20) {
        plan.settings.lite_max_topics_per_broker = dice.between(2, 10) as u32;
        plan.features.insert("lite quota");
    }
    if dice.percent(50) {
        plan.settings.lite_max_events_per_client = 10;
        plan.settings.lite_full_dispatch = Span::from_ms(dice.pick(&[500, 10_000]));
    }
    if dice.percent(30) {
        plan.settings.push_cache_max_messages = 1;
    }
    plan.settings.lite_tail_from_end = dice.percent(30);
    let topic = "lite".to_owned();
    add(
        plan,
        Command::AddTopic(TopicSpec {
            cleanup: Default::default(),
            name: topic.clone(),
            message_type: TopicType::Of(MessageType::Lite),
            write_queues: 1,
            read_queues: 1,
        }),
    );
    let mut groups: Vec<String> = (0..dice.between(1, 2)).map(|n| format!("lite-{n}")).collect();
    let mut clients = Vec::new();
    for name in &groups {
        let consumers: Vec<ConsumerSpec> =
            (0..dice.between(1, 4)).map(|n| wishing(dice, format!("L{n}"))).collect();
        clients.extend(consumers.iter().map(|consumer| format!("{name}/{}", consumer.name)));
        let model =
            dice.pick(&[None, Some(SubModel::Shared), Some(SubModel::Exclusive), Some(SubModel::Exclusive)]);
        if model == Some(SubModel::Exclusive) {
            plan.features.insert("exclusive lite topics");
        }
        add(
            plan,
            Command::AddGroup(GroupSpec {
                replies: false,
                name: name.clone(),
                mode: ConsumeMode::Clustering,
                consumer_type: ConsumerType::Push,
                balance: Balance::Message,
                strategy: Strategy::Avg,
                retry: RetryRule::default(),
                delivery_order: DeliveryOrder::Concurrent,
                idempotent: dice.pick(&[None, None, Some(true)]),
                lite_sub_model: model,
                initial_offset: dice.pick(&[
                    InitialOffset::Latest,
                    InitialOffset::Earliest,
                    InitialOffset::OssCompat,
                    InitialOffset::Timestamp(Some(Span::from_secs(3))),
                ]),
                subscriptions: vec![SubscriptionSpec::all(topic.clone())],
                consumers,
            }),
        );
    }
    let all = vec![Names::read(&format!("s-{{0-{}}}", NAMES - 1)).expect("a series")];
    for n in 0..dice.between(1, 2) {
        let some = some_names(dice);
        let names = dice.pick(&[
            LiteNames::ByChance(all.clone()),
            LiteNames::InTurn(some),
            LiteNames::Text("s-{n}".into()),
        ]);
        add(
            plan,
            Command::AddProducer(ProducerSpec {
                name: format!("lite-producer-{n}"),
                topic: topic.clone(),
                pattern: Pattern::Poisson(Rate::per_second(dice.pick(&[1, 5, 20]))),
                queue_selection: QueueSelection::RoundRobin,
                message: MessageTemplate { lite_topic: Some(names), ..MessageTemplate::default() },
            }),
        );
    }
    for _ in 0..dice.below(14) {
        let at = Instant(dice.below(plan.repair_at.0));
        let consumer = dice.pick(&clients);
        let position = dice.pick(&[
            Position::Last,
            Position::Last,
            Position::Min,
            Position::Max,
            Position::Offset(3),
            Position::Tail(2),
        ]);
        let change = match dice.below(13) {
            0..4 => ConsumerChange::Lite(LiteChange::Add { names: some_names(dice), from: position }),
            4 => ConsumerChange::Lite(LiteChange::Remove { names: some_names(dice) }),
            5 => ConsumerChange::Lite(LiteChange::All { names: some_names(dice) }),
            6 => dice.pick(&[ConsumerChange::Crash, ConsumerChange::Leave]),
            7 => ConsumerChange::Restart,
            8..12 => ConsumerChange::Pause,
            _ => ConsumerChange::Resume,
        };
        plan.actions.push((at, Command::Consumer { consumer, change }));
    }
    if dice.percent(15) && groups.len() > 1 {
        let at = Instant(dice.below(plan.repair_at.0));
        let is_gone = |when: Instant, command: &Command| {
            when >= at
                && matches!(command, Command::Consumer { consumer, .. } if consumer.starts_with("lite-1/"))
        };
        plan.actions.retain(|(when, command)| !is_gone(*when, command));
        plan.actions.push((at, Command::RemoveGroup { group: groups[1].clone() }));
        clients.retain(|client| !client.starts_with("lite-1/"));
        groups.truncate(1);
    }
    plan.actions.sort_by_key(|(at, _)| *at);
    for client in &clients {
        let on = |change| Command::Consumer { consumer: client.clone(), change };
        plan.repairs.push(on(ConsumerChange::Resume));
        plan.repairs.push(on(ConsumerChange::Restart));
        plan.repairs.push(on(ConsumerChange::SetFailure(Failure::NEVER)));
        plan.repairs.push(on(ConsumerChange::SetProcessing(Distribution::Constant(Span::from_ms(2)))));
    }
    // Somebody takes what nobody reads any more; one by one, for what does not exist may not come to be.
    for group in &groups {
        for n in 0..NAMES {
            let names = vec![Names::one(&format!("s-{n}"))];
            let change = ConsumerChange::Lite(LiteChange::Add { names, from: Position::Last });
            plan.repairs.push(Command::Consumer { consumer: format!("{group}/L0"), change });
        }
    }
}
