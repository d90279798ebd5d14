//! A random world as a scenario file: what fails here can be opened in the page, and run by headless.

use std::path::PathBuf;

use mqscope::broker::Command;
use mqscope::broker::spec::Pattern;
use mqscope::scenario::{Action, LocalText, Profile, Scenario};
use mqscope::session::Session;
use mqscope::sim::{Instant, Span};

use crate::worlds::{Dice, Plan};

/// What ends the faults: producers that crashed start again, all fall silent, and everything is repaired.
pub(crate) fn ending(plan: &Plan) -> Vec<Command> {
    let mut ending = Vec::new();
    let acted = plan.actions.iter().map(|(_, command)| command);
    for command in acted.clone() {
        if let Command::CrashProducer { producer } = command {
            ending.push(Command::RestartProducer { producer: producer.clone() });
        }
    }
    for command in plan.topology.iter().chain(acted) {
        if let Command::AddProducer(spec) = command {
            ending.push(Command::SetPattern { producer: spec.name.clone(), pattern: Pattern::ByHand });
        }
    }
    ending.extend(plan.repairs.iter().cloned());
    ending
}

/// What a plan makes happen, as a scenario that ends at `until`.
pub(crate) fn scenario(plan: &Plan, until: Instant) -> Scenario {
    let title = format!("World {}", plan.seed);
    let mut scenario = Scenario {
        id: format!("world-{}", plan.seed),
        title: LocalText { en: title.clone(), zh_cn: title },
        summary: None,
        seed: plan.seed,
        profile: Profile::default(),
        settings: plan.settings.clone(),
        topics: Vec::new(),
        producers: Vec::new(),
        groups: Vec::new(),
        services: Vec::new(),
        callers: Vec::new(),
        p2p_queues: Vec::new(),
        actions: Vec::new(),
        acts: Vec::new(),
        recorded: None,
        branches: Vec::new(),
        markers: Vec::new(),
        captions: Vec::new(),
        stop_after_messages: None,
        until,
    };
    for command in plan.topology.iter().cloned() {
        match command {
            Command::AddTopic(spec) => scenario.topics.push(spec),
            Command::AddGroup(spec) => scenario.groups.push(spec),
            Command::AddProducer(spec) => scenario.producers.push(spec),
            Command::AddService(spec) => scenario.services.push(spec),
            Command::AddCaller(spec) => scenario.callers.push(spec),
            Command::AddP2pQueue(spec) => scenario.p2p_queues.push(spec),
            other => scenario.actions.push(Action { at: Instant::ZERO, command: other }),
        }
    }
    let actions = plan.actions.iter().cloned();
    let ending = ending(plan).into_iter().map(|command| (plan.repair_at, command));
    scenario.actions.extend(actions.chain(ending).map(|(at, command)| Action { at, command }));
    scenario
}

/// What a plan makes happen, done by hand and recorded, until quiet may have come.
pub(crate) fn recording(plan: &Plan) -> Scenario {
    let until = plan.repair_at + Span::from_secs(20);
    let mut scenario = scenario(plan, until);
    let actions = std::mem::take(&mut scenario.actions);
    let mut played = Session::new(scenario.into(), ());
    let mut amid = Dice::new(plan.seed ^ 0xac7);
    for action in actions {
        played.run_until(action.at, u64::MAX);
        // In the middle of an instant too, after whatever leaves an entry or none.
        for _ in 0..amid.below(4) {
            played.step(until);
        }
        played.act(action.command);
    }
    played.run_until(until, u64::MAX);
    played.recording()
}

/// Writes the scenario of a plan down, and says where.
pub(crate) fn write(plan: &Plan) -> std::io::Result<PathBuf> {
    let folder = PathBuf::from(env!("CARGO_TARGET_TMPDIR"));
    let path = folder.join(format!("world-{}.json", plan.seed));
    std::fs::create_dir_all(folder)?;
    let until = plan.repair_at + Span::from_secs(300);
    std::fs::write(&path, format!("{:#}\n", scenario(plan, until).to_json()))?;
    Ok(path)
}
