//! What the stage of a bundled scenario tells without words.

use std::rc::Rc;

use mqscope::broker::World;
use mqscope::scenario::{Scenario, bundled};
use mqscope::scene::{self, Dash, Form, Mark, Picture, Role, Subject};
use mqscope::session::Session;
use mqscope::sim::Instant;
use serde_json::{Value, json};

use super::{stage, texts};

/// A bundled scenario after some time, as it is drawn.
fn drawn<T>(id: &str, ms: u64, width: f32, read: impl FnOnce(&World, &Picture) -> T) -> T {
    drawn_with(id, |_| {}, ms, width, read)
}

/// The same with something changed in it.
fn drawn_with<T>(
    id: &str,
    change: impl FnOnce(&mut Value),
    ms: u64,
    width: f32,
    read: impl FnOnce(&World, &Picture) -> T,
) -> T {
    let text = bundled().iter().find(|(one, _)| *one == id).expect("it is bundled").1;
    let mut file: Value = serde_json::from_str(text).expect("it is JSON");
    change(&mut file);
    let scenario = Scenario::parse(&file.to_string()).expect("it is valid");
    let mut session = Session::new(Rc::new(scenario), ());
    session.run_until(Instant::from_ms(ms), u64::MAX);
    let mut view = stage(width, 490.0);
    if width < 600.0 {
        view.height = scene::natural_height(session.world(), session.now(), &view);
    }
    read(session.world(), &scene::draw(session.world(), session.now(), &view))
}

fn says(picture: &Picture, what: &str) -> bool {
    texts(picture).iter().any(|text| text.says == what)
}

/// A lite topic has a line to whoever subscribes to it, and the line moves with the session.
#[test]
fn a_session_that_moves_takes_its_line_along() {
    let ends = |ms| {
        drawn("lite-reconnect", ms, 1060.0, |world, picture| {
            let parent = world.find_topic("chat").expect("it is there");
            let ann = Subject::Lite(world.find_lite(parent, "ann").expect("it is there"));
            let line = picture.shapes.iter().find_map(|shape| match shape.form {
                Form::Curve { to, .. } if shape.subject == Some(ann) => Some(to),
                _ => None,
            });
            let [_, y] = line.expect("somebody subscribes");
            let of = |name| world.find_consumer(name).expect("it is there");
            let rows = ["nodes/A", "nodes/B"].map(|name| picture.place_of(Subject::Consumer(of(name))));
            rows.map(|row| row.is_some_and(|row| row.y < y && y < row.bottom()))
        })
    };
    assert_eq!(ends(7_000), [true, false]);
    assert_eq!(ends(10_000), [false, true]);
    assert!(drawn("lite-reconnect", 10_000, 1060.0, |_, picture| says(
        picture,
        "gone 8 s after the last write"
    )));
}

/// The names of lite topics are told apart even where there is little room.
#[test]
fn names_of_sessions_keep_their_ends() {
    for width in [390.0, 935.0, 1_450.0] {
        drawn("lite-sessions", 12_000, width, |_, picture| {
            let names: Vec<String> = texts(picture).into_iter().map(|text| text.says).collect();
            let names: Vec<&String> = names.iter().filter(|says| says.ends_with("1097")).collect();
            assert_eq!(names.len(), 1, "{width}: {names:?}");
        });
    }
}

/// On a short way messages do not lie on each other.
#[test]
fn many_sends_are_told_apart() {
    drawn("lite-sessions", 12_000, 935.0, |world, picture| {
        let flying = world.live.producers[0].transit.len();
        let is_send = |subject| matches!(subject, Subject::Sending(..));
        let mut places: Vec<f32> = picture
            .targets
            .iter()
            .filter(|target| is_send(target.subject))
            .map(|one| one.area.middle_x())
            .collect();
        places.sort_by(f32::total_cmp);
        assert!(flying > 20 && places.len() < 10 && places.len() > 1, "{flying}: {places:?}");
        assert!(places.windows(2).all(|pair| pair[1] - pair[0] > 6.0), "{places:?}");
    });
}

/// All that compaction left and took has a place on the lane.
#[test]
fn compaction_shows_what_is_left() {
    drawn("compaction", 44_000, 935.0, |world, picture| {
        let of = |wanted: bool| {
            let is_it = |shape: &&scene::Shape| match shape.subject {
                Some(Subject::Message(at)) => world.is_superseded(at) == wanted,
                _ => false,
            };
            picture.shapes.iter().filter(is_it).count()
        };
        assert_eq!((of(false), of(true)), (4, 59));
    });
}

/// What went wrong stands where one looks: messages lost, given up, waiting.
#[test]
fn what_goes_wrong_is_on_the_stage() {
    assert!(drawn("pull-and-seek", 13_000, 935.0, |_, picture| says(picture, "1 lost")));
    drawn("throttled", 15_000, 935.0, |world, picture| {
        let given_up = world.live.producers[0].given_up;
        assert!(given_up > 50 && says(picture, &given_up.to_string()), "{given_up}");
        assert!(texts(picture).iter().any(|text| text.says.starts_with("send queue: ")));
    });
    // The sign is there before anything waits, so nothing jumps.
    assert!(drawn("throttled", 1_000, 935.0, |_, picture| {
        texts(picture).iter().any(|text| text.says.starts_with("send queue: "))
    }));
}

/// A queue that its pull consumer has paused has two bars beside it, however many queues there are.
#[test]
fn a_paused_queue_reads_as_paused() {
    for queues in [1, 6, 12] {
        let change = |file: &mut Value| {
            file["topics"][0]["write_queues"] = queues.into();
            file["topics"][0]["read_queues"] = queues.into();
            let which = json!({ "consumer": "clerk/desk", "topic": "orders", "queue": 0 });
            let action = json!({ "at": "1s", "do": { "pause_queue": which } });
            file["actions"].as_array_mut().expect("a list").insert(0, action);
        };
        drawn_with("pull-and-seek", change, 5_000, 935.0, |_, picture| {
            let bars = picture
                .shapes
                .iter()
                .filter(|shape| matches!(shape.form, Form::Mark { mark: Mark::Pause, .. }));
            let of_cursors = bars.filter(|shape| matches!(shape.subject, Some(Subject::Cursor(_))));
            assert_eq!(of_cursors.count(), 1, "{queues}");
        });
    }
}

/// What a group has lost is said in the least band too, with a sign of its own.
#[test]
fn the_least_band_says_what_is_lost() {
    let change = |file: &mut Value| {
        let groups = file["groups"].as_array_mut().expect("a list");
        let early = groups[1].clone();
        groups.extend((0..9).map(|n| {
            let mut one = early.clone();
            one["name"] = format!("group-{n}").into();
            one
        }));
    };
    drawn_with("pull-and-seek", change, 13_000, 935.0, |world, picture| {
        let early = Subject::Group(world.find_group("early").expect("it is there"));
        let is_sign = |form: &Form| match form {
            Form::Rect { stroke: Some(stroke), .. } => {
                (stroke.role, stroke.dash) == (Role::Danger, Dash::Dotted)
            }
            _ => false,
        };
        let signs =
            picture.shapes.iter().filter(|shape| shape.subject == Some(early) && is_sign(&shape.form));
        assert_eq!(signs.count(), 1);
        assert!(!says(picture, "1 lost"), "there is no room for words");
    });
}

/// A client of lite topics shows how full its event set is.
#[test]
fn event_sets_have_a_gauge() {
    drawn("lite-sessions", 12_000, 935.0, |world, picture| {
        let consumer = Subject::Consumer(world.find_consumer("gateways/G1").expect("it is there"));
        let gauge = picture.shapes.iter().any(|shape| match shape.form {
            Form::Rect { h, fill: Some(Role::Line), .. } => h < 4.0 && shape.subject == Some(consumer),
            _ => false,
        });
        assert!(gauge);
    });
}

/// Where the consumers of a group do not agree, no filter is said to be the group's: each row says its own.
#[test]
fn consumers_that_do_not_agree_say_what_each_of_them_wants() {
    drawn("inconsistent-subscriptions", 10_000, 1060.0, |world, picture| {
        for (consumer, wants) in [
            ("split/C1", vec!["created"]),
            ("split/C2", vec!["paid"]),
            ("classic/C1", vec!["created"]),
            ("classic/C2", vec!["paid"]),
            ("agreed/C1", vec![]),
        ] {
            let id = world.find_consumer(consumer).expect("it is there");
            let of_row = picture.shapes.iter().filter(|shape| shape.subject == Some(Subject::Consumer(id)));
            let said = of_row.filter_map(|shape| match shape.form {
                Form::Text { start, len, .. } => Some(picture.text(start, len)),
                _ => None,
            });
            let filters: Vec<&str> = said.filter(|says| ["created", "paid"].contains(says)).collect();
            assert_eq!(filters, wants, "{consumer}");
        }
        let of_groups = texts(picture).into_iter().filter(|text| text.says.contains("||")).count();
        assert_eq!(of_groups, 1, "agreed has a filter of its own, the others have none");
    });
}

/// Of groups beside each other the same is told, and lengths of time have a space before their unit.
#[test]
fn slim_heads_say_the_same_of_every_group() {
    drawn("competing-and-pubsub", 20_000, 1000.0, |_, picture| {
        let heads = texts(picture).into_iter().filter(|text| text.says.ends_with("by queue")).count();
        assert_eq!(heads, 4, "every group says how it shares");
    });
    assert!(drawn("retention", 10_000, 1060.0, |_, picture| says(picture, "kept 20 s")));
}

/// Where there is no broker, its three columns would be empty: they are not there, and the point-to-point queues have the room.
#[test]
fn without_a_broker_there_are_no_empty_columns() {
    for width in [1060.0, 390.0] {
        drawn("order-processing", 15_000, width, |_, picture| {
            for word in ["PRODUCTION", "STORAGE", "CONSUMPTION"] {
                assert!(!says(picture, word), "{word} at {width}");
            }
            assert!(says(picture, "FOR COMPARISON, NOT ROCKETMQ"), "{width}");
            assert!(says(picture, "2 consumers") && says(picture, "4 consumers"), "{width}");
        });
    }
    drawn("point-to-point", 15_000, 1060.0, |_, picture| assert!(says(picture, "PRODUCTION")));
}

/// A band is no higher than its rows and its foot make use of.
#[test]
fn bands_have_no_blank_room() {
    for (id, width) in [
        ("fifo", 1010.0),
        ("competing-and-pubsub", 1010.0),
        ("domain-model", 1010.0),
        ("domain-model", 1400.0),
    ] {
        drawn(id, 20_000, width, |world, picture| {
            for (group, state) in world.groups() {
                let band = picture.place_of(Subject::Group(group)).expect("it is drawn");
                let rows = state.consumers.iter().filter_map(|one| picture.place_of(Subject::Consumer(*one)));
                let end = rows.map(|row| row.bottom()).fold(0.0, f32::max);
                assert!(
                    band.bottom() - end < 36.0,
                    "{id}, {width}: {} below its last row",
                    band.bottom() - end
                );
            }
        });
    }
}
