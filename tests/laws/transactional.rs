//! Transactions in random worlds, drawn apart from everything else: worlds without them stay as they are.

use mqscope::broker::settings::LateResolution;
use mqscope::broker::spec::*;
use mqscope::broker::*;
use mqscope::sim::{Distribution, Instant, Ratio, Span};

use super::{Dice, Plan};

/// Makes some topics transactional, with everything that goes with it.
pub(super) fn mingle(plan: &mut Plan) {
    let mut dice = Dice::new(plan.seed ^ 0x7452_414e_5341_4354);
    let dice = &mut dice;
    let mut topics = Vec::new();
    for command in &mut plan.topology {
        let Command::AddTopic(spec) = command else { continue };
        let chance = match spec.message_type {
            TopicType::Of(MessageType::Normal) => 25,
            TopicType::Mixed => 50,
            TopicType::Of(_) => 2,
        };
        if dice.percent(chance) {
            if spec.message_type == TopicType::NORMAL {
                spec.message_type = TopicType::Of(MessageType::Transaction);
            }
            topics.push((spec.name.clone(), spec.message_type));
        }
    }
    if topics.is_empty() {
        return;
    }
    let ms = Span::from_ms;
    plan.settings.tx_check_interval = ms(dice.pick(&[1_000, 2_500, 5_000]));
    plan.settings.tx_first_check_after = ms(dice.pick(&[0, 1_500, 6_000]));
    plan.settings.tx_max_checks = dice.pick(&[1, 2, 4, 15]);
    if dice.percent(35) {
        plan.settings.tx_late_resolution = LateResolution::Faithful;
        plan.features.insert("faithful to late words");
    }
    let mut senders = Vec::new();
    for command in &mut plan.topology {
        let Command::AddProducer(spec) = command else { continue };
        let Some((_, message_type)) = topics.iter().find(|(name, _)| *name == spec.topic) else { continue };
        let of_type = *message_type == TopicType::Of(MessageType::Transaction);
        if !(of_type && dice.percent(95) || dice.percent(50)) {
            continue;
        }
        // What is sent inside a transaction has neither a message group nor a delivery time.
        spec.message.message_group = None;
        (spec.message.delay, spec.message.delay_level) = (None, None);
        spec.message.transaction = Some(transaction(dice).into());
        plan.features.insert("transactions");
        senders.push(spec.name.clone());
    }
    if senders.is_empty() {
        return;
    }
    for _ in 0..dice.below(8) {
        let at = Instant(dice.below(plan.repair_at.0));
        let producer = dice.pick(&senders);
        match dice.below(3) {
            0 => plan.act(at, "crash producer", Command::CrashProducer { producer }),
            1 => plan.act(at, "restart producer", Command::RestartProducer { producer }),
            _ => {
                let commit = dice.percent(50);
                for _ in 0..6 {
                    let number = dice.below(1 + at.0 / 100_000);
                    let producer = producer.clone();
                    plan.act(at, "end transaction", Command::EndTransaction { producer, number, commit });
                }
            }
        }
    }
    plan.actions.sort_by_key(|(at, _)| *at);
}

fn transaction(dice: &mut Dice) -> TransactionSpec {
    let ms = Span::from_ms;
    let takes = match dice.below(3) {
        0 => Distribution::Constant(ms(dice.between(0, 3) * 700)),
        1 => Distribution::Uniform { min: Span::ZERO, max: ms(9_000) },
        _ => Distribution::Exponential { mean: ms(2_000) },
    };
    let mut share = || Which::Share(dice.pick(&[Ratio::ZERO, ratio(1, 10), ratio(1, 2)]));
    let (rollback, unknown, lost, check_unknown) = (share(), share(), share(), share());
    let check_after_secs = dice.percent(20).then(|| dice.between(1, 4) as u32);
    let TransactionSpec { twice, check_wrong, .. } = TransactionSpec::default();
    TransactionSpec { takes, rollback, unknown, lost, check_unknown, twice, check_wrong, check_after_secs }
}

fn ratio(numerator: u32, denominator: u32) -> Ratio {
    Ratio::new(numerator, denominator).expect("a ratio")
}

impl Plan {
    fn act(&mut self, at: Instant, feature: &'static str, command: Command) {
        self.features.insert(feature);
        self.actions.push((at, command));
    }
}
