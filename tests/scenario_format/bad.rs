//! Bad files: each problem and its exact sentence.

use std::fs;
use std::path::Path;

use mqscope::scenario::{Scenario, bundled, limits};
use mqscope::sim::{Chance, Stream};
use serde_json::{Map, Value, json};

use crate::random::{Luck, disturb, flip, floor_char};
use crate::{base, base_with, generated, good, parse, said, with_group};

/// The base without something.
fn base_without(pointer: &str) -> Value {
    let mut file = base();
    let (parent, key) = pointer.rsplit_once('/').expect("a pointer has a slash");
    let parent = file.pointer_mut(parent).and_then(Value::as_object_mut).expect("the parent is there");
    parent.remove(key).expect("the key is there");
    file
}

/// `problems.txt` holds the cases: a JSON pointer into the base with what stands there instead (or that it is removed),
/// and below it every sentence that is said.
#[test]
fn every_problem_has_its_sentence() {
    let cases = fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join(PROBLEMS))
        .expect("the cases are there");
    let mut told = String::new();
    for line in cases.lines().filter(|line| !line.starts_with("  ")) {
        told += &format!("{line}\n");
        let file = match (line.split_once(" = "), line.strip_suffix(" removed")) {
            _ if line.is_empty() || line.starts_with('#') => continue,
            (Some((pointer, value)), _) => base_with(pointer, value.parse().expect("the value is JSON")),
            (None, Some(pointer)) => base_without(pointer),
            (None, None) => panic!("{line} is no case"),
        };
        for sentence in said(&file).lines() {
            told += &format!("  {sentence}\n");
        }
    }
    generated(PROBLEMS, &told);
}

const PROBLEMS: &str = "tests/scenario_format/problems.txt";

#[test]
fn what_is_no_scenario_is_refused_as_a_whole() {
    let said = |text: &str| Scenario::parse(text).map_or_else(|p| p.to_string(), |_| "nothing".into());
    let table = [
        (
            "",
            "line 1, column 0: this is not JSON (EOF while parsing a value); look for a missing or spare comma, quote or bracket there or just before.",
        ),
        (
            "{\n  \"id\": \"x\"\n  \"seed\": 1\n}",
            "line 3, column 3: this is not JSON (expected `,` or `}`); look for a missing or spare comma, quote or bracket there or just before.",
        ),
        (
            "<html>",
            "line 1, column 1: this is not JSON (expected value); look for a missing or spare comma, quote or bracket there or just before.",
        ),
        (
            "{\"seed\": 1e999}",
            "line 1, column 14: this is not JSON (number out of range); look for a missing or spare comma, quote or bracket there or just before.",
        ),
        ("[1]", r#"the file: a list stands here; write an object with the keys "format", "id" and "title"."#),
        ("3", r#"the file: 3 stands here; write an object with the keys "format", "id" and "title"."#),
    ];
    for (text, sentence) in table {
        assert_eq!(said(text), sentence);
    }
    let deep = "[".repeat(100_000);
    assert!(said(&deep).contains("this is not JSON (recursion limit exceeded)"));
    let long = " ".repeat(limits::FILE_BYTES as usize + 1);
    assert_eq!(said(&long), "the file: 4194305 bytes are too many; write at most 4194304.");
}

/// A newer program may mean anything by the rest, so nothing else is said about it.
#[test]
fn a_future_version_gets_one_clear_sentence() {
    let mut file = base_with("/format", json!("mqscope.scenario/2"));
    file["wormholes"] = json!([1, 2, 3]);
    let sentence = "format: \"mqscope.scenario/2\" is a version that this program does not know; open the file with a \
                    newer MQScope, or write it as \"mqscope.scenario/1\".";
    assert_eq!(said(&file), sentence);
}

#[test]
fn a_thousand_problems_are_all_reported() {
    let topics: Vec<Value> =
        (0..1000).map(|n| json!({ "name": format!("t{n}"), "write_queues": -n - 1 })).collect();
    let mut file = base_without("/groups");
    file["actions"] = json!([]);
    file["producers"] = json!([]);
    file["topics"] = topics.into();
    let problems = parse(&file).expect_err("a thousand negative numbers");
    assert_eq!((problems.len(), problems.iter().count()), (1000, 1000));
    let last = problems.iter().last().expect("there is a last");
    assert_eq!(
        last.to_string(),
        "topics[999].write_queues: -1000 is negative; write a whole number from 1 to 1024."
    );
    let shown = problems.to_string();
    assert_eq!(shown.lines().count(), 51);
    assert!(shown.ends_with("\nand 950 more"));
}

/// Problems of different places come together: one bad value hides no other.
#[test]
fn problems_of_all_kinds_are_collected() {
    let mut file = base_with("/topics/0/write_queues", json!("many"));
    file["groups"][0]["consumers"][1]["failure"] = json!("2");
    file["actions"][0]["do"] = json!({ "crash": { "consumer": "billing/C8" } });
    file["producers"][0]["topic"] = json!("paymets");
    file["x"] = json!(0);
    let problems = parse(&file).expect_err("five problems");
    let mut places: Vec<&str> = problems.iter().map(|problem| &*problem.path).collect();
    places.sort_unstable();
    let expected = [
        "actions[0].do.crash.consumer",
        "groups[0].consumers[1].failure",
        "producers[0].topic",
        "topics[0].write_queues",
        "x",
    ];
    assert_eq!(places, expected);
}

#[test]
fn what_all_parts_make_together_is_limited() {
    let many = |count: usize, make: &dyn Fn(usize) -> Value| -> Value { (0..count).map(make).collect() };
    let topics = many(10, &|n| json!({ "name": format!("t{n}"), "write_queues": 1024 }));
    let mut file = base_with("/topics", topics);
    file["producers"] = json!([]);
    file["actions"] = json!([]);
    file["groups"] = json!([]);
    let queues = "topics: all together, these and the actions make 10240 queues; make at most 10000.";
    assert_eq!(said(&file), queues);

    let consumers = many(10_001, &|n| json!({ "name": format!("C{n}"), "threads": 1 }));
    let sentences = "groups[0].consumers: 10001 items stand here; write at most 10000.\ngroups: all together, these and the \
                     actions make 10001 consumers; make at most 10000.";
    assert_eq!(said(&base_with("/groups/0/consumers", consumers)), sentences);

    let consumers = many(200, &|n| json!({ "name": format!("C{n}"), "threads": 1024 }));
    let threads = "groups: all together, these and the actions make 204800 threads; make at most 200000.";
    assert_eq!(said(&base_with("/groups/0/consumers", consumers)), threads);

    let adds = many(
        999,
        &|n| json!({ "at": "1s", "do": { "add_topic": { "name": format!("t{n}"), "write_queues": 1 } } }),
    );
    let sentence = "topics: all together, these and the actions make 1001 topics; make at most 1000.";
    assert_eq!(said(&base_with("/actions", adds)), sentence);

    let mut file =
        base_with("/topics", many(9, &|n| json!({ "name": format!("t{n}"), "write_queues": 1000 })));
    let subscribe = many(9, &|n| json!({ "topic": format!("t{n}") }));
    let groups = many(23, &|n| json!({ "name": format!("g{n}"), "subscribe": subscribe }));
    file["groups"] = groups;
    file["producers"] = json!([]);
    file["actions"] = json!([]);
    let pairs = "groups: all together, these and the actions make 207000 pairs of a group and a queue it reads; make at \
                 most 200000.";
    assert_eq!(said(&file), pairs);

    let properties = many(17, &|n| json!([format!("p{n}"), "x".repeat(1000)]));
    let pairs = properties.as_array().expect("a list").iter();
    let properties: Map<String, Value> =
        pairs.map(|pair| (pair[0].as_str().unwrap_or_default().to_owned(), pair[1].clone())).collect();
    let bytes = "producers[0].message.properties: tag, key and properties take 17048 bytes together; write at most 16384 \
                 bytes.";
    assert_eq!(said(&base_with("/producers/0/message/properties", properties.into())), bytes);
}

/// Files with as many entries as fit, all of them wrong or all of them right: no limit is met by running out of
/// memory, stack or patience.
#[test]
fn a_hundred_thousand_entries_are_looked_at_one_by_one() {
    let crash = json!({ "at": "1s", "do": { "crash": { "consumer": "billing/C1" } } });
    let actions: Value = std::iter::repeat_n(crash, 50_000).collect();
    assert_eq!(good(&base_with("/actions", actions)).actions.len(), 50_000);

    let ghost = json!({ "at": "1s", "do": { "pause": { "consumer": "billing/nobody" } } });
    let actions: Value = std::iter::repeat_n(ghost, 60_000).collect();
    let problems = parse(&base_with("/actions", actions)).expect_err("nobody");
    assert_eq!((problems.len(), problems.iter().count() as u64), (60_000, limits::PROBLEMS));

    let zeros: Value = std::iter::repeat_n(json!(0), 1_000_000).collect();
    assert_eq!(parse(&base_with("/actions", zeros)).expect_err("zeros").len(), 1_000_001);

    let keys: Map<String, Value> = (0..100_000).map(|n| (format!("write_queue{n}"), json!(0))).collect();
    let mut topic = json!({ "name": "x" });
    topic.as_object_mut().expect("an object").extend(keys);
    assert_eq!(parse(&base_with("/topics/1", topic)).expect_err("unknown keys").len(), 100_000);

    let twins: Value = std::iter::repeat_n(json!({ "name": "C" }), 100_000).collect();
    let problems = parse(&base_with("/groups/0/consumers", twins)).expect_err("twins");
    // Each but the first has a taken name; too many in the list, in all, and in threads; and the action's C1 is gone.
    assert_eq!(problems.len(), 99_999 + 3);
}

/// Broken files, made from good ones: never a panic, and always either a scenario or a sentence.
#[test]
fn mutated_files_never_panic() {
    let draws = Chance::new(0x5eed).stream(Stream::World, 1);
    let (mut refused, mut accepted) = (0, 0);
    for n in 0..5_000 {
        let mut luck = Luck { draws, next: n * 1_000 };
        let (_, text) = bundled()[luck.below(bundled().len())];
        let text = match luck.below(3) {
            0 => text[..floor_char(text, luck.below(text.len() + 1))].to_owned(),
            1 => flip(text, &mut luck),
            _ => {
                let mut value: Value = serde_json::from_str(text).expect("bundled files are JSON");
                for _ in 0..=luck.below(3) {
                    disturb(&mut value, &mut luck);
                }
                value.to_string()
            }
        };
        match Scenario::parse(&text) {
            Ok(scenario) => {
                accepted += 1;
                assert_eq!(Scenario::parse(&scenario.to_json().to_string()), Ok(scenario));
            }
            Err(problems) => {
                refused += 1;
                assert!(!problems.is_empty());
                for problem in &problems {
                    let sentence = problem.to_string();
                    assert!(
                        sentence.ends_with('.') && sentence.contains(": ") && sentence.contains("; "),
                        "{sentence}"
                    );
                    assert!(sentence.len() < 2_000 && !sentence.contains('\n'), "{sentence}");
                }
            }
        }
    }
    // Both ways are taken often enough to mean something.
    assert!(refused > 2_000 && accepted > 200, "{refused} refused, {accepted} accepted");
}

#[test]
fn strategies_that_cannot_be_are_said() {
    let said = |group: &str| Scenario::parse(&with_group("", group)).expect_err("it is wrong").to_string();
    let config = |queues: &str| {
        said(&format!(
            r#", "strategy": {{"CONFIG": [{{"consumer": "C1", "topic": "t", "queues": {queues}}}]}}"#
        ))
    };
    assert_eq!(
        config("[0, 4]"),
        "groups[0].strategy.CONFIG[0].queues: \"t\" has no queue 4 to read; write numbers from 0 to 3."
    );
    assert!(config("[1, 1]").contains("two entries name queue 1 of \"t\""));
    let nearby = r#", "strategy": {"MACHINE_ROOM_NEARBY": {"queues": ["hz"], "consumers": []}}"#;
    assert!(said(nearby).contains("nobody knows in which machine room \"C1\" stands"));
    let known = nearby.replace("[]}", r#"[{"consumer": "C1", "room": "hz"}]}"#);
    let scenario = Scenario::parse(&with_group("", &known)).expect("everybody stands somewhere");
    assert_eq!(Scenario::parse(&scenario.to_json().to_string()), Ok(scenario));
}

#[test]
fn what_nothing_would_obey_is_a_problem() {
    let said = |setting: &str| {
        let top = format!(r#", "settings": {{"{setting}": 1}}"#);
        Scenario::parse(&with_group(&top, "")).expect_err("nobody obeys it").to_string()
    };
    for entry in mqscope::scenario::entries() {
        match (entry.setting(), entry.key()) {
            (Some(_), _) => {}
            (None, Some(key)) => assert!(said(entry.name).contains(key), "{}", entry.name),
            (None, None) => {
                let why =
                    if entry.is_left_out() { "has no place in this model" } else { "always has its default" };
                let problem = format!(
                    "settings.{}: this setting {why}; leave it out; nothing would obey it.",
                    entry.name
                );
                assert_eq!(
                    said(entry.name).replace(['[', ']', '"'], ""),
                    problem.replace(['[', ']', '"'], "")
                );
            }
        }
    }
}

/// Where a tag is, a text that is filled with it is not blank, and who may be blank is not asked: old links have to open. How
/// long a message group may be is a setting.
#[test]
fn what_the_client_takes_depends_on_tags_and_settings() {
    let of = |most: u64, message: Value| {
        let mut file = base_with("/producers/0/message", message);
        file["settings"]["message.maxGroupBytes"] = most.into();
        said(&file)
    };
    for tags in [json!(["a"]), json!([])] {
        let by_tag =
            json!({ "tags": tags, "key": "{tag}", "body": "{key}", "properties": { "shop": "{tag}" } });
        assert_eq!(of(63, by_tag), "nothing");
    }
    let group = "g".repeat(64);
    for named in [json!(group), json!([group]), json!(["g", group])] {
        let message = json!({ "message_group": named });
        let told = of(63, message.clone());
        assert!(told.contains("takes 64 bytes; write at most 63 bytes."), "{told}");
        assert_eq!(of(64, message), "nothing");
    }
    let short = of(2, json!({ "tags": ["a", "bcd"], "message_group": "{tag}" }));
    assert!(short.contains("the message group \"bcd\" takes 3 bytes; write at most 2 bytes."), "{short}");
    let by_chance = |count: u64| of(2, json!({ "message_group": { "count": count } }));
    assert_eq!(by_chance(10), "nothing");
    assert!(by_chance(11).contains("the message group \"g10\" takes 3 bytes"), "{}", by_chance(11));
    // What somebody did under another value stays in the recording.
    let producer = json!({ "name": "late", "topic": "orders", "pattern": "by_hand", "message": { "message_group": "bcd" } });
    let mut file = base_with("/settings/message.maxGroupBytes", 2.into());
    file["acts"] = json!([{ "at": "1s", "do": { "add_producer": producer } }]);
    assert_eq!(said(&file), "nothing");
}
