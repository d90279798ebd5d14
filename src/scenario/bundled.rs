//! The scenarios that come with the program, in the order of the catalogue.

macro_rules! bundled {
    ($($id:literal),* $(,)?) => {
        &[$(($id, include_str!(concat!("../../static/scenarios/", $id, ".json")))),*]
    };
}

/// Every bundled scenario: its id and its file.
const BUNDLED: &[(&str, &str)] = bundled![
    "domain-model",
    "competing-and-pubsub",
    "scale-out",
    "accumulate-and-drain",
    "crash-and-redelivery",
    "broker-crash",
    "broker-crash-sync",
    "replica",
    "partition",
    "lost-acknowledgement",
    "persistence",
    "broadcasting-and-clustering",
    "come-and-go",
    "retry-and-dead-letter",
    "simple-consumer",
    "pull-and-seek",
    "idempotent-consumer",
    "fifo",
    "two-senders",
    "tag-filter",
    "inconsistent-subscriptions",
    "delay",
    "retention",
    "offset-reset",
    "rpc-and-messaging",
    "peak-shifting",
    "loose-coupling",
    "star-topology",
    "point-to-point",
    "order-processing",
    "real-time-notification",
    "transactions",
    "lite-sessions",
    "lite-reconnect",
    "batch-and-reply",
    "compaction",
    "throttled",
    "demo",
];

/// The scenarios that come with the program, id and text, in the order of the catalogue.
pub fn bundled() -> &'static [(&'static str, &'static str)] {
    BUNDLED
}

/// The same as somebody looks for one: where to begin, and what it is about. Each shelf has a name in the catalogue.
pub const SHELVES: &[(&str, &[&str])] = &[
    (
        "shelf.start",
        &[
            "domain-model",
            "competing-and-pubsub",
            "scale-out",
            "accumulate-and-drain",
            "crash-and-redelivery",
            "demo",
        ],
    ),
    (
        "shelf.why",
        &[
            "rpc-and-messaging",
            "peak-shifting",
            "loose-coupling",
            "star-topology",
            "point-to-point",
            "order-processing",
            "real-time-notification",
        ],
    ),
    (
        "shelf.groups",
        &[
            "broadcasting-and-clustering",
            "come-and-go",
            "tag-filter",
            "inconsistent-subscriptions",
            "simple-consumer",
            "pull-and-seek",
            "offset-reset",
        ],
    ),
    ("shelf.failures", &["retry-and-dead-letter", "idempotent-consumer", "throttled"]),
    (
        "shelf.faults",
        &["broker-crash", "broker-crash-sync", "replica", "partition", "lost-acknowledgement", "persistence"],
    ),
    ("shelf.messages", &["fifo", "two-senders", "delay", "transactions", "batch-and-reply"]),
    ("shelf.storage", &["retention", "compaction", "lite-sessions", "lite-reconnect"]),
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_scenario_stands_on_one_shelf() {
        let mut shelved: Vec<&str> = SHELVES.iter().flat_map(|(_, ids)| *ids).copied().collect();
        let mut all: Vec<&str> = bundled().iter().map(|(id, _)| *id).collect();
        shelved.sort_unstable();
        all.sort_unstable();
        assert_eq!(shelved, all);
        assert_eq!(
            SHELVES[0].1[0],
            bundled()[0].0,
            "whoever comes for the first time begins with the first one"
        );
    }
}
