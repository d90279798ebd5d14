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
