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

const REVIVED: &str = r#"
    "profile": "oss5-code",
    "topics": [{ "name": "o", "write_queues": 1 }],
    "producers": [{ "name": "p", "topic": "o", "pattern": "by_hand" }],
    "groups": [{
        "name": "g", "subscribe": [{ "topic": "o" }], "type": "simple", "initial_offset": "earliest",
        "consumers": [{ "name": "C", "application": "by_hand" }]
    }],
    "actions": [
        { "at": "0s", "do": { "send": { "producer": "p", "count": 3 } } },
        { "at": "1s", "do": { "receive": { "consumer": "g/C", "count": 3, "invisible": "10s" } } },
        { "at": "2s", "do": { "ack": { "consumer": "g/C", "handle": 1 } } },
        { "at": "20s", "do": { "receive": { "consumer": "g/C", "count": 2, "invisible": "10s" } } }
    ]"#;

/// Two of three are not acknowledged until 11 s, and come back 2 s late; what comes again was delivered from the retry topic.
#[test]
fn what_is_revived_is_counted_and_what_is_late_for_it_too() {
    let at = |seconds| {
        let session = played(REVIVED, seconds);
        let all = meters(session.world());
        let retries = |topic| {
            let labels = [("consumer_group", "g"), ("topic", topic), ("put_status", "PUT_OK")];
            sum(&all, "rocketmq_pop_revive_retry_messages_total", &labels)
        };
        let [lag, latency] =
            ["rocketmq_pop_revive_lag", "rocketmq_pop_revive_latency"].map(|name| sum(&all, name, &[]));
        (lag, latency, retries("o"), retries("%RETRY%g_o"))
    };
    assert_eq!(at(10), (0, 0, 0, 0));
    assert_eq!(at(12), (2, 1_000, 0, 0));
    assert_eq!(at(14), (0, 0, 2, 0));
    assert_eq!(at(31), (2, 1_000, 2, 0));
    assert_eq!(at(40), (0, 0, 2, 2));
}
