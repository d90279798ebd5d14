//! What breaks in random worlds, drawn apart from everything else: worlds in which nothing breaks stay as they are. All of
//! it is mended in the end.

use mqscope::broker::fault::Crash;
use mqscope::broker::settings::{FlushDisk, Replication};
use mqscope::broker::spec::MessageType;
use mqscope::broker::*;
use mqscope::sim::{Instant, Span};

use super::{Dice, Plan};

/// Lets the broker crash and links break in some worlds.
pub(super) fn mingle(plan: &mut Plan) {
    let mut dice = Dice::new(plan.seed ^ 0xfa17_fa17);
    let dice = &mut dice;
    if !dice.percent(35) {
        return;
    }
    let settings = &mut plan.settings;
    settings.producer_max_attempts = dice.pick(&[1, 3, 3]);
    settings.producer_request_timeout = Span::from_ms(dice.pick(&[500, 3_000]));
    settings.consumer_reconnect = Span::from_ms(dice.pick(&[0, 1_000]));
    settings.network_silence = Span::from_secs(dice.pick(&[2, 5, 120]));
    settings.push_invisible = Span::from_secs(dice.pick(&[3, 60]));
    settings.flush_least_pages = dice.pick(&[0, 1, 4]);
    settings.flush_disk = dice.pick(&[FlushDisk::Async, FlushDisk::Async, FlushDisk::Sync]);
    settings.replication = dice.pick(&[Replication::Async, Replication::Sync]);
    settings.replication_replicas = dice.pick(&[0, 1]);
    settings.replication_failover = Span::from_secs(dice.pick(&[1, 15]));
    settings.flush_offset_interval = Span::from_ms(dice.pick(&[500, 5_000]));
    plan.features.insert("faults");
    let producers: Vec<String> = plan.topology.iter().filter_map(producer).collect();
    let removed: Vec<&String> = plan
        .actions
        .iter()
        .filter_map(|(_, command)| match command {
            Command::RemoveGroup { group } => Some(group),
            _ => None,
        })
        .collect();
    let stays =
        |name: &String| name.split('/').next().is_none_or(|of| removed.iter().all(|gone| **gone != of));
    let clients: Vec<String> = plan.consumers().into_iter().filter(stays).chain(producers.clone()).collect();
    let mut drawn: Vec<(Instant, Command)> = Vec::new();
    let mut mended: Vec<Command> = vec![Command::RestartBroker];
    let mut outages = Vec::new();
    let when = |dice: &mut Dice| dice.below(Instant::from_secs(38).0);
    if dice.percent(60) {
        for _ in 0..dice.between(1, 3) {
            let how =
                dice.pick(&[Crash::Process, Crash::Process, Crash::Machine, Crash::Machine, Crash::Disk]);
            plan.features.insert(match how {
                Crash::Process => "crash of the broker's process",
                Crash::Machine => "crash of the broker's machine",
                Crash::Disk => "loss of the broker's disk",
            });
            let at = when(dice);
            drawn.push((Instant(at), Command::CrashBroker { how }));
            let back = (at + dice.pick(&[0, 10_000, 2_000_000, 9_000_000])).min(plan.repair_at.0);
            drawn.push((Instant(back), Command::RestartBroker));
            outages.push(Instant(at)..=Instant(back));
        }
    }
    for _ in 0..dice.pick(&[0, 4, 10]) {
        let client = dice.pick(&clients);
        let link = |change| Command::Link { client: client.clone(), change };
        let at = when(dice);
        let back = (at + dice.pick(&[10_000, 1_000_000, 9_000_000])).min(plan.repair_at.0);
        let [broken, whole] = match dice.below(7) {
            0 => [LinkChange::Hold, LinkChange::Release],
            1 => [LinkChange::Cut { answers_only: true }, LinkChange::Repair],
            2 => [LinkChange::LoseAnswers(dice.between(1, 5) as u32), LinkChange::LoseAnswers(0)],
            _ => [LinkChange::Cut { answers_only: false }, LinkChange::Repair],
        };
        let only_producers =
            matches!(broken, LinkChange::Cut { answers_only: true } | LinkChange::LoseAnswers(_));
        if only_producers && !producers.contains(&client) {
            continue;
        }
        plan.features.insert(match broken {
            LinkChange::Hold => "held link",
            LinkChange::Cut { answers_only: false } => "cut link",
            LinkChange::Cut { .. } => "cut for answers",
            _ => "lost answers",
        });
        drawn.extend([(Instant(at), link(broken)), (Instant(back), link(whole))]);
        mended.extend([LinkChange::Repair, LinkChange::Release].map(link));
    }
    if dice.percent(30) {
        cut_off(&clients, dice, &mut drawn, &mut mended);
    }
    if dice.percent(30) {
        ask(plan, dice);
        for client in &producers {
            let link = |change| Command::Link { client: client.clone(), change };
            let at = dice.below(20_000_000);
            let answers_only = dice.percent(70);
            drawn.push((Instant(at), link(LinkChange::Cut { answers_only })));
            drawn.push((Instant(at + dice.between(1_000_000, 15_000_000)), link(LinkChange::Repair)));
            mended.push(link(LinkChange::Repair));
        }
        plan.features.insert("requests while something breaks");
    }
    // A broker that is down removes no group; whoever wants that waits.
    for (at, command) in &mut plan.actions {
        while let Command::RemoveGroup { .. } = command
            && let Some(outage) = outages.iter().find(|outage| outage.contains(at))
        {
            *at = *outage.end() + Span(1);
        }
    }
    plan.actions.extend(drawn);
    plan.actions.sort_by_key(|(at, _)| *at);
    plan.repairs.splice(0..0, mended);
}

/// Consumers that are at work again and again while nothing they say gets through.
fn cut_off(
    clients: &[String],
    dice: &mut Dice,
    drawn: &mut Vec<(Instant, Command)>,
    mended: &mut Vec<Command>,
) {
    let consumers: Vec<&String> = clients.iter().filter(|name| name.contains('/')).collect();
    for _ in 0..if consumers.is_empty() { 0 } else { 10 } {
        let client = dice.pick(&consumers).clone();
        let link = |change| Command::Link { client: client.clone(), change };
        let at = dice.below(36_000_000);
        let back = at + dice.pick(&[200_000, 600_000, 1_500_000]);
        drawn.push((Instant(at), link(LinkChange::Cut { answers_only: false })));
        drawn.push((Instant(back), link(LinkChange::Repair)));
        mended.push(link(LinkChange::Repair));
    }
}

/// What is plain is a request, and is answered.
fn ask(plan: &mut Plan, dice: &mut Dice) {
    for command in &mut plan.topology {
        match command {
            Command::AddProducer(spec)
                if spec.message.message_type() == MessageType::Normal && spec.message.batch.is_none() =>
            {
                spec.message.request = Some(Span::from_ms(dice.pick(&[200, 3_000, 30_000])));
            }
            Command::AddGroup(spec) => spec.replies = true,
            _ => {}
        }
    }
}

fn producer(command: &Command) -> Option<String> {
    if let Command::AddProducer(spec) = command { Some(spec.name.clone()) } else { None }
}
