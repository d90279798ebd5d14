//! Batches, busy brokers, requests and compaction in random worlds, drawn apart from everything else.

use mqscope::broker::settings::Backoff;
use mqscope::broker::spec::*;
use mqscope::broker::*;
use mqscope::sim::{Instant, Ratio, Span};

use super::{Dice, Plan};

/// Draws which of them occur, and how they look.
pub(super) fn mingle(plan: &mut Plan) {
    let mut dice = Dice::new(plan.seed ^ 0x4241_5443_4845_5321);
    let dice = &mut dice;
    let ms = Span::from_ms;
    if dice.percent(25) {
        batches(plan, dice);
    }
    if dice.percent(20) {
        plan.settings.broker_send_tps = dice.pick(&[3, 8, 20, 60]);
        plan.settings.broker_send_queue_wait = ms(dice.pick(&[0, 100, 200, 1_000]));
        plan.features.insert("a slow broker");
    }
    plan.settings.producer_throttle_backoff = dice.pick(&[Backoff::Proxy, Backoff::Docs, Backoff::None]);
    plan.settings.producer_max_attempts = dice.pick(&[1, 2, 3, 3, 5, 9]);
    plan.settings.tx_send_retries = dice.percent(50);
    if dice.percent(30) {
        for _ in 0..dice.between(1, 4) {
            let at = Instant(dice.below(plan.repair_at.0 - 4_000_000));
            let (sends, receives) = dice.pick(&[(true, false), (false, true), (true, true)]);
            let lasting = dice.pick(&[Span::ZERO, ms(7), ms(50), ms(333), ms(3_000)]);
            plan.actions.push((at, Command::Throttle { sends, receives, lasting }));
        }
        plan.features.insert("a busy broker");
    }
    if dice.percent(45) {
        requests(plan, dice);
    }
    if dice.percent(25) {
        compaction(plan, dice);
    }
    if dice.percent(90) {
        trouble(plan, dice);
    }
    if dice.percent(15) {
        plan.settings.push_cache_max_bytes = dice.pick(&[20, 60, 400]);
        plan.features.insert("a small cache");
    }
    if dice.percent(20) {
        plan.settings.producer_timeout_for_all_tries = true;
        plan.features.insert("one time for all tries");
    }
    plan.actions.sort_by_key(|(at, _)| *at);
}

fn producers(plan: &mut Plan) -> impl Iterator<Item = &mut ProducerSpec> {
    plan.topology.iter_mut().filter_map(|command| match command {
        Command::AddProducer(spec) => Some(spec),
        _ => None,
    })
}

fn batches(plan: &mut Plan, dice: &mut Dice) {
    let mut are_there = false;
    for spec in producers(plan) {
        let message = &mut spec.message;
        let is_later = message.delay.is_some()
            || message.delay_level.is_some()
            || message.transaction.is_some()
            || message.lite_topic.is_some();
        if !is_later && dice.percent(60) {
            message.batch = Some(dice.between(1, 6) as u32);
            are_there = true;
        }
    }
    if are_there && dice.percent(25) {
        plan.settings.message_max_body_bytes = dice.pick(&[20, 40, 60]);
        plan.features.insert("small bodies only");
    }
}

fn requests(plan: &mut Plan, dice: &mut Dice) {
    for spec in producers(plan) {
        let message = &mut spec.message;
        if message.message_type() == MessageType::Normal && message.batch.is_none() && dice.percent(60) {
            message.request = Some(Span::from_ms(dice.pick(&[1, 200, 3_000, 30_000])));
        }
    }
    for command in &mut plan.topology {
        if let Command::AddGroup(spec) = command {
            spec.replies = dice.percent(85);
        }
    }
    plan.settings.broker_store_reply = dice.percent(70);
}

fn compaction(plan: &mut Plan, dice: &mut Dice) {
    plan.settings.store_compaction_interval = Span::from_ms(dice.pick(&[1_000, 4_500, 20_000]));
    let mut compacted = Vec::new();
    for command in &mut plan.topology {
        if let Command::AddTopic(spec) = command
            && spec.message_type != TopicType::Of(MessageType::Lite)
            && dice.percent(60)
        {
            spec.cleanup = Cleanup::Compaction;
            compacted.push(spec.name.clone());
        }
    }
    for spec in producers(plan).filter(|spec| compacted.contains(&spec.topic)) {
        // Rarely none, and few enough that they come again.
        let keys = [Some("{tag}"), Some("{tag}"), Some("all"), Some("all"), None];
        let is_there = |key: &&str| *key != "{tag}" || !spec.message.tags.is_empty();
        spec.message.key = dice.pick(&keys).filter(is_there).map(str::to_owned);
    }
}

/// Words that come twice, and checkers that are wrong.
fn trouble(plan: &mut Plan, dice: &mut Dice) {
    let (twice, wrong) = (dice.percent(60), dice.percent(75));
    let share =
        |is_so: bool| if is_so { Which::Share(Ratio { numerator: 1, denominator: 2 }) } else { Which::NONE };
    for spec in producers(plan) {
        if let Some(transaction) = &mut spec.message.transaction {
            transaction.twice = share(twice);
            transaction.check_wrong = share(wrong);
        }
    }
}
