//! A world that is as full as it may be has room for all that may still come into being in it.

use mqscope::broker::fault::Crash;
use mqscope::broker::settings::CommitMode;
use mqscope::broker::spec::Balance;
use mqscope::broker::{Broker, Command, ConsumerChange, Settings};
use mqscope::scenario::Scenario;
use mqscope::sim::Span;
use serde_json::json;

/// So many groups, of which each gets two retry topics.
const GROUPS: usize = 14;

fn scenario() -> Scenario {
    let groups = (0..GROUPS).map(|n| {
        json!({
            "name": format!("g{n}"),
            "balance": "queue",
            "subscribe": [{ "topic": "orders" }],
            "consumers": [{ "name": "C", "threads": 1, "processing": { "constant": "1ms" }, "failure": { "first_attempts": 99 } }],
        })
    });
    let text = json!({
        "format": "mqscope.scenario/1",
        "id": "full",
        "title": { "en": "Full" },
        "summary": { "en": "Full." },
        "topics": [
            { "name": "orders", "type": "NORMAL", "write_queues": 1 },
            { "name": "chat", "type": "LITE", "write_queues": 1 },
            { "name": "later", "type": "DELAY", "write_queues": 1 },
            { "name": "halves", "type": "TRANSACTION", "write_queues": 1 },
            { "name": "newest", "type": "NORMAL", "write_queues": 1, "cleanup": "COMPACTION" },
        ],
        "producers": [
            { "name": "shop", "topic": "orders", "pattern": "by_hand" },
            { "name": "asks", "topic": "orders", "pattern": "by_hand", "message": { "request": "2s" } },
            { "name": "model", "topic": "chat", "pattern": "by_hand", "message": { "lite_topic": "a" } },
            { "name": "timed", "topic": "later", "pattern": "by_hand", "message": { "delay": "5s" } },
            { "name": "bank", "topic": "halves", "pattern": "by_hand", "message": { "transaction": { "takes": "1s" } } },
            { "name": "price", "topic": "newest", "pattern": "by_hand", "message": { "key": "k" } },
        ],
        "groups": groups.collect::<Vec<_>>(),
        "until": "1m",
    });
    Scenario::parse(&text.to_string()).expect("the scenario is sound")
}

fn run(broker: &mut Broker, span: Span) {
    let until = broker.world.live.now + span;
    while broker.step(until, &mut ()) {}
    broker.advance(until);
}

fn send(broker: &mut Broker, producer: &str) {
    broker.command(Command::Send { producer: producer.to_owned(), count: 1 }, &mut ());
}

#[test]
fn a_full_world_goes_on() {
    for commits in [CommitMode::MinUnacked, CommitMode::Checkpoint] {
        let settings = Settings {
            pop_commit_mode: commits,
            group_retry_ladder: vec![Span::from_ms(10)],
            ..Settings::default()
        };
        let mut broker = Broker::new(settings, 1, None);
        scenario().commands().into_iter().for_each(|command| broker.command(command, &mut ()));
        run(&mut broker, Span::from_secs(1));

        // As many threads as there may be: one more was refused.
        let consumer = broker.world.find_consumer("g0/C").expect("it is there");
        let mut threads = 1 << 20;
        while broker.world.consumer(consumer).thread_count == 1 {
            threads -= 1;
            let change = ConsumerChange::SetThreads(threads);
            broker.command(Command::Consumer { consumer: "g0/C".to_owned(), change }, &mut ());
        }
        assert!(threads > (1 << 20) - 500, "the world was nearly empty: {threads}");

        // All that takes a slot when it is first needed.
        for producer in ["shop", "asks", "model", "timed", "bank", "price"] {
            send(&mut broker, producer);
        }
        run(&mut broker, Span::from_secs(5));
        for n in 0..GROUPS {
            let group = format!("g{n}");
            broker.command(Command::SetBalance { group, balance: Balance::Message }, &mut ());
        }
        send(&mut broker, "shop");
        run(&mut broker, Span::from_secs(5));
        let throttle = Command::Throttle { sends: true, receives: true, lasting: Span::from_secs(1) };
        broker.command(throttle, &mut ());
        send(&mut broker, "shop");
        run(&mut broker, Span::from_secs(5));
        broker.command(Command::CrashBroker { how: Crash::Process }, &mut ());
        send(&mut broker, "shop");
        broker.command(Command::RestartBroker, &mut ());
        run(&mut broker, Span::from_secs(5));

        for (_, group) in broker.world.groups() {
            assert_eq!(group.retry_topics.len(), 2, "one of each kind");
        }
    }
}
