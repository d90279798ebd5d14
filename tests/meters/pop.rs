//! Message balancing as brokers really do it, in their metrics.

use mqscope::metrics::meters::meters;

use crate::{played, sum};

fn held(profile: &str) -> String {
    format!(
        r#""profile": "{profile}",
        "topics": [{{ "name": "o", "write_queues": 1 }}],
        "producers": [{{ "name": "p", "topic": "o", "pattern": {{ "constant": {{ "per_second": 1 }} }} }}],
        "groups": [{{
            "name": "g", "subscribe": [{{ "topic": "o" }}], "type": "simple", "initial_offset": "earliest",
            "consumers": [{{ "name": "C", "application": "by_hand" }}]
        }}],
        "actions": [
            {{ "at": "30500ms", "do": {{ "receive": {{ "consumer": "g/C", "count": 30, "invisible": "1h" }} }} }},
            {{ "at": "31s", "do": {{ "ack": {{ "consumer": "g/C", "handle": 2 }} }} }},
            {{ "at": "31s", "do": {{ "ack": {{ "consumer": "g/C", "handle": 3 }} }} }},
            {{ "at": "31s", "do": {{ "ack": {{ "consumer": "g/C", "handle": 30 }} }} }}
        ]"#
    )
}

/// The documents say how old the earliest unacknowledged message is; the broker that commits what it delivers takes the one as
/// many before the next as are in flight.
#[test]
fn the_earliest_unacknowledged_message_has_its_age() {
    // Messages 0 to 29 were stored at 1 s to 30 s; 0 and 26 others are in hands.
    for (profile, age_ms) in [("docs5", 59_000), ("aliyun5", 59_000), ("oss5-code", 56_000)] {
        let session = played(&held(profile), 60);
        let all = meters(session.world());
        let labels = [("consumer_group", "g"), ("is_retry", "false")];
        assert_eq!(sum(&all, "rocketmq_consumer_inflight_messages", &labels), 27, "{profile}");
        assert_eq!(sum(&all, "rocketmq_consumer_lag_latency", &labels), age_ms, "{profile}");
    }
}
