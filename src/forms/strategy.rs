//! How a new group shares out its queues.

use std::collections::BTreeSet;

use super::{Checks, Wrong, Wrongs};
use crate::broker::spec::{Configured, Strategy};
use crate::broker::{TopicId, World};
use crate::scenario::limits;

/// The strategies.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum StrategyKind {
    /// In blocks.
    Avg,
    /// In turn.
    AvgByCircle,
    /// By a ring of hashes.
    ConsistentHash,
    /// As configured.
    Config,
    /// Some machine rooms.
    MachineRoom,
    /// The nearest machine room.
    MachineRoomNearby,
}

impl StrategyKind {
    /// All of them, in the order of the choice.
    pub const ALL: [Self; 6] = [
        Self::Avg,
        Self::AvgByCircle,
        Self::ConsistentHash,
        Self::Config,
        Self::MachineRoom,
        Self::MachineRoomNearby,
    ];

    /// The word for it in catalogues.
    pub fn name(self) -> &'static str {
        match self {
            Self::Avg => "avg",
            Self::AvgByCircle => "avg_by_circle",
            Self::ConsistentHash => "consistent_hash",
            Self::Config => "config",
            Self::MachineRoom => "machine_room",
            Self::MachineRoomNearby => "machine_room_nearby",
        }
    }
}

/// So many consumers stand in a room from the start, those that join later included.
const CONSUMERS: usize = 100;

/// What is typed about a strategy. Fields that the kind does not use keep what they hold.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct StrategyForm {
    /// Which.
    pub kind: StrategyKind,
    /// Queues by consumer: `C1: 0 1; C2: 2`.
    pub configured: String,
    /// The rooms of the queues, in turn.
    pub queues: String,
    /// The rooms that are read.
    pub rooms: String,
    /// The rooms of the consumers, in turn.
    pub consumers: String,
}

impl Default for StrategyForm {
    fn default() -> Self {
        Self {
            kind: StrategyKind::Avg,
            configured: "C1: 0 1; C2: 2 3".into(),
            queues: "room-a, room-b".into(),
            rooms: "room-a".into(),
            consumers: "room-a, room-b".into(),
        }
    }
}

impl StrategyForm {
    /// The strategy it stands for, for a group of these topics.
    pub fn check(&self, world: &World, topics: &[TopicId]) -> Result<Strategy, Wrongs> {
        let mut checks = Checks::default();
        let strategy = match self.kind {
            StrategyKind::Avg => Some(Strategy::Avg),
            StrategyKind::AvgByCircle => Some(Strategy::AvgByCircle),
            StrategyKind::ConsistentHash => Some(Strategy::ConsistentHash),
            StrategyKind::Config => {
                checks.take("configured", configured(&self.configured, world, topics)).map(Strategy::Config)
            }
            StrategyKind::MachineRoom => {
                let queues = checks.take("queue_rooms", rooms(&self.queues));
                let rooms = checks.take("rooms", rooms(&self.rooms));
                queues.zip(rooms).map(|(queues, rooms)| Strategy::MachineRoom { queues, rooms })
            }
            StrategyKind::MachineRoomNearby => {
                let queues = checks.take("queue_rooms", rooms(&self.queues));
                let consumers = checks.take("consumer_rooms", rooms(&self.consumers));
                queues.zip(consumers).map(|(queues, rooms)| {
                    let names = (1..=CONSUMERS).map(|n| format!("C{n}"));
                    let consumers = names.zip(rooms.iter().cycle().cloned()).collect();
                    Strategy::MachineRoomNearby { queues, consumers }
                })
            }
        };
        checks.finish(strategy)
    }
}

/// Names of rooms, with commas between them.
fn rooms(text: &str) -> Result<Vec<String>, Wrong> {
    let names = text.split([',', '，', '、']).map(str::trim).filter(|name| !name.is_empty());
    let names: Vec<String> = names.map(str::to_owned).collect();
    let is_good = |name: &String| {
        name.len() as u64 <= limits::NAME_CHARS
            && name.chars().all(|c| c.is_ascii_alphanumeric() || "_-".contains(c))
    };
    if names.is_empty() || names.len() as u64 > limits::QUEUES_PER_TOPIC || !names.iter().all(is_good) {
        return Err(Wrong::new("control.wrong_rooms"));
    }
    Ok(names)
}

/// Queues by consumer, the same of every topic.
fn configured(text: &str, world: &World, topics: &[TopicId]) -> Result<Vec<Configured>, Wrong> {
    let mut all = Vec::new();
    let mut taken = BTreeSet::new();
    for part in text.split([';', '；', '\n']).map(str::trim).filter(|part| !part.is_empty()) {
        let (consumer, queues) =
            part.split_once([':', '：']).ok_or(Wrong::new("control.wrong_configured"))?;
        let queues =
            queues.split([' ', ',', '，']).filter(|number| !number.is_empty()).map(str::parse::<u32>);
        let queues: Option<Vec<u32>> = queues.map(Result::ok).collect();
        let queues = queues.ok_or(Wrong::new("control.wrong_configured"))?;
        let consumer = consumer.trim().to_owned();
        if consumer.is_empty() || consumer.contains('/') {
            return Err(Wrong::new("control.wrong_configured"));
        }
        for &queue in &queues {
            if !taken.insert(queue) {
                return Err(Wrong::new("control.wrong_configured_twice").with("queue", queue));
            }
            let has = |topic: &TopicId| queue < world.topic(*topic).read_queues;
            if !topics.iter().all(has) {
                return Err(Wrong::new("control.wrong_configured_queue").with("queue", queue));
            }
        }
        for topic in topics {
            let topic = world.topic(*topic).name.to_string();
            all.push(Configured { consumer: consumer.clone(), topic, queues: queues.clone() });
        }
    }
    Ok(all)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rooms_are_names_with_commas_between_them() {
        assert_eq!(rooms("a, b，c"), Ok(vec!["a".into(), "b".into(), "c".into()]));
        assert!(rooms(" ").is_err() && rooms("a@b").is_err());
    }
}
