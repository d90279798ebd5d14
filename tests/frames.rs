//! What the stage draws: chosen instants of small worlds as text, and laws that hold for every picture.

use std::fmt::Write;
use std::path::PathBuf;
use std::rc::Rc;

use mqscope::broker::spec::{Balance, ConsumeMode, Pattern, Rate};
use mqscope::broker::{Command, ConsumerChange, GroupId, MessageRef, ProducerId, QueueId};
use mqscope::lesson::{Language, Said, Words};
use mqscope::scenario::{Scenario, bundled};
use mqscope::scene::shape::Anchor;
use mqscope::scene::{self, Area, Form, Labels, Picture, Plural, Role, Shape, Stroke, Subject, Tip, View};
use mqscope::session::Session;
use mqscope::sim::{Instant, Span};

#[path = "frames/told.rs"]
mod told;
#[path = "frames/worlds.rs"]
mod worlds;

use worlds::{Play, consumer, named};

fn picture_of(play: &Play, view: &View<'_>) -> Picture {
    scene::draw(play.world(), play.world().live.now, view)
}

fn stage(width: f32, height: f32) -> View<'static> {
    View::new(width, height)
}

/// One line for each shape.
fn as_text(picture: &Picture) -> String {
    let mut out = format!("picture {}x{}\n", picture.width, picture.height);
    for shape in &picture.shapes {
        line(&mut out, picture, shape);
    }
    out
}

fn line(out: &mut String, picture: &Picture, shape: &Shape) {
    let at = |x: f32, y: f32| format!("{},{}", x.round(), y.round());
    let fill = |fill: Option<scene::Role>| fill.map_or(String::new(), |role| format!(" {role:?}"));
    let edge =
        |stroke: Option<Stroke>| stroke.map_or(String::new(), |s| format!(" {:?}/{:?}", s.role, s.dash));
    let what = match shape.form {
        Form::Rect { x, y, w, h, fill: ground, stroke, .. } => {
            format!("rect {} {}x{}{}{}", at(x, y), w.round(), h.round(), fill(ground), edge(stroke))
        }
        Form::Line { from, to, stroke } => {
            format!("line {} {}{}", at(from[0], from[1]), at(to[0], to[1]), edge(Some(stroke)))
        }
        Form::Curve { from, to, stroke, .. } => {
            format!("curve {} {}{}", at(from[0], from[1]), at(to[0], to[1]), edge(Some(stroke)))
        }
        Form::Path { start, len, fill: ground, stroke, .. } => {
            let points = picture.path(start, len);
            let ends = points.first().zip(points.last());
            let ends = ends.map_or(String::new(), |(a, b)| format!("{} {}", at(a[0], a[1]), at(b[0], b[1])));
            format!("path {ends} of {len}{}{}", fill(ground), edge(stroke))
        }
        Form::Ring { x, y, sweep, stroke, .. } => {
            format!("ring {} {:.2}{}", at(x, y), sweep, edge(Some(stroke)))
        }
        Form::Mark { x, y, mark, fill: ground, .. } => format!("mark {mark:?} {}{}", at(x, y), fill(ground)),
        Form::Text { x, y, start, len, anchor, role, .. } => {
            format!("text {} {anchor:?} {role:?} \"{}\"", at(x, y), picture.text(start, len))
        }
    };
    let subject = shape.subject.map_or(String::new(), |subject| format!("  <{subject}>"));
    // Writing to a string cannot fail.
    let _ = writeln!(out, "{what}{subject}");
}

#[test]
fn frames_are_as_they_were() {
    let folder = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("tests/frames");
    let cases = [
        ("mock", 1060.0, 490.0),
        ("idle", 1060.0, 490.0),
        ("message", 1060.0, 490.0),
        ("fifo", 1060.0, 490.0),
        ("fifo-queue-lock", 1060.0, 490.0),
        ("curtain", 1060.0, 490.0),
        ("outage", 1060.0, 490.0),
        ("links", 1060.0, 490.0),
        ("backlog", 1060.0, 490.0),
        ("empty", 1060.0, 490.0),
        ("small", 390.0, 0.0),
    ];
    let mut wrong = Vec::new();
    for (name, width, height) in cases {
        let view = View { shows_disk: name == "links", ..stage(width, height) };
        let text = as_text(&picture_of(&named(name), &view));
        let file = folder.join(format!("{name}-{width}.txt"));
        if std::env::var_os("UPDATE").is_some() {
            std::fs::write(&file, &text).expect("the folder is there");
        }
        let kept = std::fs::read_to_string(&file).unwrap_or_default();
        if kept != text {
            let at = kept.lines().zip(text.lines()).position(|(a, b)| a != b).unwrap_or(0);
            let line = |text: &str| text.lines().nth(at).unwrap_or("").to_owned();
            wrong.push(format!("{name} line {}\n  was {}\n  is  {}", at + 1, line(&kept), line(&text)));
        }
    }
    assert!(wrong.is_empty(), "UPDATE=1 rewrites them; read the difference:\n{}", wrong.join("\n"));
}

/// The box a text may take: its estimated width, and the height of its letters.
#[derive(Clone, Debug)]
struct Box {
    left: f32,
    top: f32,
    right: f32,
    bottom: f32,
    says: String,
}

fn texts(picture: &Picture) -> Vec<Box> {
    let all = picture.shapes.iter().filter_map(|shape| match shape.form {
        Form::Text { x, y, size, width, start, len, anchor, .. } => {
            let left = match anchor {
                Anchor::Start => x,
                Anchor::Middle => x - width / 2.0,
                Anchor::End => x - width,
            };
            let says = picture.text(start, len).to_owned();
            Some(Box { left, top: y - size * 0.76, right: left + width, bottom: y + size * 0.2, says })
        }
        _ => None,
    });
    all.collect()
}

/// The outermost coordinates of a shape.
fn bounds(picture: &Picture, form: &Form) -> [f32; 4] {
    let around = |points: &mut dyn Iterator<Item = [f32; 2]>| {
        points.fold([f32::MAX, f32::MAX, f32::MIN, f32::MIN], |[l, t, r, b], [x, y]| {
            [l.min(x), t.min(y), r.max(x), b.max(y)]
        })
    };
    match *form {
        Form::Rect { x, y, w, h, .. } => [x, y, x + w, y + h],
        Form::Line { from, to, .. } => around(&mut [from, to].into_iter()),
        Form::Curve { from, bend: [a, b], to, .. } => around(&mut [from, a, b, to].into_iter()),
        Form::Path { start, len, .. } => around(&mut picture.path(start, len).iter().copied()),
        Form::Ring { x, y, r, .. } | Form::Mark { x, y, r, .. } => [x - r, y - r, x + r, y + r],
        Form::Text { .. } => [0.0; 4],
    }
}

fn chinese() -> Labels {
    let word = |text: &str| text.to_owned().into();
    let plural = |text: &str| Plural { one: text.to_owned().into(), other: text.to_owned().into() };
    Labels {
        production: word("生产"),
        storage: word("存储"),
        consumption: word("消费"),
        beside: word("对照：非 RocketMQ"),
        alone: word("对照：这里没有 RocketMQ"),
        consumers: plural("{n} 个消费者"),
        waits_for: plural("等待 {n}"),
        gone: plural("已消失 {n}"),
        behind: plural("堆积 {n}"),
        older: plural("另有 {n} 条更早"),
        expired: plural("{n} 条已过期"),
        queues: plural("{n} 个队列"),
        more_queues: plural("…… 还有 {n} 个队列"),
        more_producers: plural("还有 {n} 个生产者"),
        more_consumers: plural("还有 {n} 个消费者（{busy} 个忙碌）"),
        more_callers: plural("还有 {n} 个调用方"),
        more_services: plural("还有 {n} 个服务"),
        more_p2p: plural("还有 {n} 个点对点队列"),
        more_groups: plural("还有 {n} 个消费者分组"),
        more_topics: plural("还有 {n} 个主题"),
        kept: plural("保留 {n} 小时"),
        kept_for: word("保留 {t}"),
        scale: plural("整条队列 = {n} 条消息"),
        normal: word("普通消息"),
        fifo: word("顺序消息"),
        delay: word("定时消息"),
        transaction: word("事务消息"),
        lite: word("轻量"),
        lite_topics: plural("{n} 个轻量主题"),
        lite_behind: plural("{name}：{n} 个有消息"),
        lite_each: plural("一齿 = {n} 个轻量主题"),
        lite_busy: word("未完成"),
        lite_life: word("最后写入 {t} 后消失"),
        set_aside: word("已移出的半消息"),
        mixed: word("混合类型"),
        refused: plural("被拒 {n}"),
        clustering: word("集群消费"),
        broadcasting: word("广播消费"),
        by_queue: word("队列粒度负载均衡"),
        by_message: word("消息粒度负载均衡"),
        orderly: word("顺序"),
        simple: word("Simple"),
        pull: word("Pull"),
        members_differ: word("订阅不一致"),
        idle: word("空闲"),
        no_queue: word("空闲 · 未分配到队列"),
        no_queue_yet: word("等待分配队列"),
        newest: word("最新"),
        oldest: word("最早"),
        paused: word("已暂停"),
        leaving: word("正在退出"),
        left: word("{t} 前退出"),
        crashed: word("{t} 前崩溃"),
        cached: plural("缓存 {n} 条"),
        holds: plural("持有 {n} 条"),
        owns: plural("{n} 个队列"),
        retry_next: plural("{n} 条待重试，下一条在 {t} 后"),
        retry: plural("{n} 条待重试"),
        dead_letters: plural("{n} 条死信"),
        rebalanced: word("{t} 前重新分配"),
        timer: plural("定时中 {n} 条，下一条在 {t} 后"),
        timer_short: plural("定时中 {n} 条"),
        lost: plural("丢失 {n} 条"),
        send_queue: word("发送队列：{n}"),
        compacted: word("每个 Key 的最新"),
        awaiting: plural("{n} 个待应答"),
        backing_off: plural("{n} 个退避中"),
        given_up: plural("放弃 {n} 条"),
        timer_empty: word("没有定时中的消息"),
        curtain: plural("半消息 {n} 条，{t} 后回查"),
        curtain_short: plural("半消息 {n} 条"),
        curtain_empty: word("没有半消息"),
        broker_down: word("BROKER 已宕机（{t}）"),
        cut_off: word("失联"),
        link_held: word("链路扣住"),
        unanswered: plural("{n} 无应答"),
        send_failed: plural("失败 {n}"),
        no_consumer: word("没有运行中的消费者"),
        per_second: plural("{n} 条/秒"),
        constant: word("匀速"),
        poisson: word("泊松"),
        bursts: word("突发"),
        by_hand: word("手动"),
        sent: plural("已发送 {n}"),
        acknowledged: plural("已确认 {n}"),
        stopped: word("已停止"),
        no_producer: word("没有生产者"),
        no_topic: word("没有主题"),
        no_group: word("没有消费者分组"),
    }
}

/// No text lies on another one, and nothing lies outside the picture: for every world, width, size of text, language.
#[test]
fn words_do_not_overlap_and_nothing_is_outside() {
    let languages = [Labels::ENGLISH, chinese()];
    let sizes = [
        (1060.0, 490.0),
        (1440.0, 700.0),
        (1024.0, 460.0),
        (768.0, 460.0),
        (620.0, 420.0),
        (390.0, 0.0),
        (320.0, 0.0),
    ];
    let mut wrong = Vec::new();
    let mut words = 0;
    for name in worlds::NAMES {
        let play = named(name);
        for labels in &languages {
            for (width, height) in sizes {
                for text_scale in [1.0, 1.3] {
                    let view = View { labels, text_scale, ..stage(width, height) };
                    let picture = picture_of(&play, &view);
                    let context = format!("{name} at {width} x{text_scale} in {}", labels.storage);
                    words += texts(&picture).len();
                    check_layout(&picture, &context, &mut wrong);
                }
            }
        }
    }
    assert!(words > 30_000, "{words} words looked at");
    assert!(wrong.is_empty(), "{} faults:\n{}", wrong.len(), wrong[..wrong.len().min(40)].join("\n"));
}

fn check_layout(picture: &Picture, context: &str, wrong: &mut Vec<String>) {
    let boxes = texts(picture);
    for (i, a) in boxes.iter().enumerate() {
        if a.left < -0.5 || a.top < -0.5 || a.right > picture.width + 0.5 || a.bottom > picture.height + 0.5 {
            wrong.push(format!("{context}: \"{}\" is outside", a.says));
        }
        for b in &boxes[i + 1..] {
            let across = a.right.min(b.right) - a.left.max(b.left);
            let down = a.bottom.min(b.bottom) - a.top.max(b.top);
            if across > 0.5 && down > 0.5 {
                wrong.push(format!(
                    "{context}: \"{}\" lies on \"{}\" ({across:.1} x {down:.1})",
                    a.says, b.says
                ));
            }
        }
    }
    for shape in &picture.shapes {
        let [left, top, right, bottom] = bounds(picture, &shape.form);
        // Signs do not lie on words either. What flies passes over everything.
        let flies = matches!(shape.subject, Some(Subject::Sending(..) | Subject::Message(_)));
        if matches!(shape.form, Form::Ring { .. } | Form::Mark { .. }) && !flies {
            for text in &boxes {
                let across = text.right.min(right) - text.left.max(left);
                let down = text.bottom.min(bottom) - text.top.max(top);
                if across > 0.5 && down > 1.5 {
                    wrong.push(format!(
                        "{context}: {:?} lies on \"{}\" ({across:.1} x {down:.1})",
                        shape.form, text.says
                    ));
                }
            }
        }
        if left < -1.0 || top < -1.0 || right > picture.width + 1.0 || bottom > picture.height + 1.0 {
            wrong.push(format!("{context}: {:?} is outside", shape.form));
        }
    }
}

/// The bundled scenarios, at moments all through their run, on a laptop and on a phone.
#[test]
fn the_bundled_scenarios_are_drawn_well() {
    let languages = [Labels::ENGLISH, chinese()];
    let mut wrong = Vec::new();
    for (id, text) in bundled() {
        let scenario = Rc::new(Scenario::parse(text).unwrap_or_else(|problems| panic!("{id}: {problems}")));
        let mut session = Session::new(scenario, ());
        for moment in 0..=24 {
            let until = Instant::from_ms(moment * 2_517);
            session.run_until(until, u64::MAX);
            for labels in &languages {
                for (width, height) in [(1060.0, 420.0), (390.0, 0.0)] {
                    let view = View { labels, ..stage(width, height) };
                    let picture = scene::draw(session.world(), session.now(), &view);
                    let context = format!("{id} after {until} at {width} in {}", labels.storage);
                    check_layout(&picture, &context, &mut wrong);
                }
            }
        }
    }
    assert!(wrong.is_empty(), "{} faults:\n{}", wrong.len(), wrong[..wrong.len().min(20)].join("\n"));
}

/// The shapes' own numbers are numbers, whatever the room: a canvas that is being made larger is small for a moment.
#[test]
fn no_room_breaks_the_picture() {
    for name in worlds::NAMES {
        let play = named(name);
        for (width, height) in
            [(0.0, 0.0), (1.0, 1.0), (120.0, 60.0), (601.0, 20.0), (900.0, 100.0), (5_000.0, 3_000.0)]
        {
            for text_scale in [0.5, 1.0, 3.0] {
                let view = View { text_scale, ..stage(width, height) };
                let picture = picture_of(&play, &view);
                assert!(picture.height.is_finite() && picture.height >= 0.0, "{name} {width}x{height}");
                for shape in &picture.shapes {
                    let bounds = bounds(&picture, &shape.form);
                    assert!(
                        bounds.iter().all(|n| n.is_finite()),
                        "{name} {width}x{height}: {:?}",
                        shape.form
                    );
                    match shape.form {
                        Form::Rect { radius, .. } => assert!(radius >= 0.0),
                        Form::Ring { r, .. } | Form::Mark { r, .. } => {
                            assert!(r >= 0.0, "{name} {width}: {:?}", shape.form)
                        }
                        _ => {}
                    }
                }
            }
        }
    }
}

/// What has to wait for its turn carries a padlock: the messages behind a failed one of their message group, or, with the
/// wider lock, their queue. Everywhere else messages carry the end of their message group's name.
#[test]
fn what_has_to_wait_for_its_turn_is_locked() {
    let locks = |name: &str| {
        let play = named(name);
        let picture = picture_of(&play, &stage(1060.0, 490.0));
        let locked = picture
            .shapes
            .iter()
            .filter(|shape| matches!(shape.form, Form::Mark { mark: scene::Mark::Lock, .. }));
        let subjects: Vec<Subject> = locked.filter_map(|shape| shape.subject).collect();
        let signs = texts(&picture).iter().filter(|text| ["A", "B", "7", "D"].contains(&&*text.says)).count();
        (play, subjects, signs)
    };
    let by_queue = |play: &Play| {
        let group = play.world().group(GroupId(1)).progress.clone();
        group.into_iter().map(Subject::Cursor).collect::<Vec<_>>()
    };
    let (play, mut locked, signs) = locks("fifo");
    assert!(signs > 30, "{signs} messages with the sign of their message group");
    let kept_back: Vec<Subject> = play
        .world()
        .group(GroupId(0))
        .progress
        .iter()
        .flat_map(|id| {
            let state = play.world().progress(*id);
            let waits = |offset: &u64| play.world().waits_for(*id, *offset).is_some();
            let read = (state.done_below()..state.next).filter(waits);
            read.map(|offset| Subject::Message(MessageRef { queue: state.queue, offset })).collect::<Vec<_>>()
        })
        .collect();
    assert!(!kept_back.is_empty());
    let mut expected = [kept_back, by_queue(&play)].concat();
    locked.sort_unstable();
    expected.sort_unstable();
    assert_eq!(locked, expected);

    let (play, mut locked, _) = locks("fifo-queue-lock");
    let at_work = |id: &&mqscope::broker::ProgressId| !play.world().progress(**id).held.is_empty();
    let by_message = play.world().group(GroupId(0)).progress.iter().filter(at_work);
    let mut expected = by_queue(&play);
    expected.extend(by_message.map(|id| Subject::Cursor(*id)));
    locked.sort_unstable();
    expected.sort_unstable();
    assert_eq!(locked, expected);
}

/// What the page asks for when it makes the canvas: the layout law holds at that height as well.
#[test]
fn the_natural_height_is_enough() {
    let mut wrong = Vec::new();
    for name in worlds::NAMES {
        let play = named(name);
        for width in [390.0, 700.0, 1060.0, 1500.0, 1900.0] {
            let view = stage(width, 0.0);
            let height = scene::natural_height(play.world(), play.world().live.now, &view);
            let picture = picture_of(&play, &stage(width, height));
            assert!(
                (picture.height - height).abs() < 1.0,
                "{name} at {width}: {height} asked, {} given",
                picture.height
            );
            check_layout(&picture, &format!("{name} at {width} x {height}"), &mut wrong);
        }
    }
    assert!(wrong.is_empty(), "{} faults:\n{}", wrong.len(), wrong[..wrong.len().min(20)].join("\n"));
}

/// Where the picture draws the middle of `subject`.
fn middle_of(picture: &Picture, subject: Subject) -> [f32; 2] {
    let area = picture.place_of(subject).unwrap_or_else(|| panic!("{subject} is drawn"));
    [area.middle_x(), area.middle_y()]
}

#[test]
fn a_message_half_way_is_half_way() {
    let mut play = Play::slow();
    play.topic("orders", 1).producer("shop", "orders", Pattern::Constant(Rate::per_second(1))).group(
        "billing",
        &["orders"],
        &[consumer("C1", 500)],
    );
    let view = stage(1060.0, 400.0);
    // It goes out at 1 s and takes 120 ms.
    let mut at = |ms: u64| {
        play.until(ms);
        let picture = picture_of(&play, &view);
        middle_of(&picture, Subject::Sending(ProducerId(0), 0))
    };
    let (start, half, end) = (at(1_000), at(1_060), at(1_119));
    let part = (half[0] - start[0]) / (end[0] - start[0]);
    assert!((part - 0.5).abs() < 0.02, "{start:?} {half:?} {end:?}");

    // Stored at 1.12 s, it is on its way to the consumer for 90 ms: between lane and group, while it stays in the log.
    let mut both = |ms: u64| {
        play.until(ms);
        let picture = picture_of(&play, &view);
        let message = Subject::Message(MessageRef { queue: QueueId(0), offset: 0 });
        let drawn = picture.targets.iter().filter(|target| target.subject == message);
        drawn.map(|target| [target.area.middle_x(), target.area.middle_y()]).collect::<Vec<_>>()
    };
    let (first, second) = (both(1_130), both(1_165));
    assert_eq!((first.len(), second.len()), (2, 2), "the original and its ghost");
    assert_eq!(first[0], second[0], "the original stays where it is");
    let picture = picture_of(&play, &view);
    let lane = picture.place_of(Subject::Topic(mqscope::broker::TopicId(0))).expect("the topic is drawn");
    let group = picture.place_of(Subject::Group(GroupId(0))).expect("the group is drawn");
    let gap = [lane.right(), group.x + 14.0];
    let part = (second[1][0] - gap[0]) / (gap[1] - gap[0]);
    assert!((part - 0.5).abs() < 0.02, "{second:?} in {gap:?}");
}

#[test]
fn with_reduced_motion_nothing_travels() {
    let mut play = Play::slow();
    play.topic("orders", 1).producer("shop", "orders", Pattern::Constant(Rate::per_second(1)));
    let view = View { reduced_motion: true, ..stage(1060.0, 400.0) };
    let mut at = |ms: u64| {
        play.until(ms);
        middle_of(&picture_of(&play, &view), Subject::Sending(ProducerId(0), 0))
    };
    assert_eq!(at(1_010), at(1_110));
}

/// What stands still does not lie on each other, as long as there is room on the way.
#[test]
fn with_reduced_motion_ghosts_are_told_apart() {
    let mut most = 0;
    for (id, seconds) in [("domain-model", 4), ("competing-and-pubsub", 12), ("fifo", 7), ("tag-filter", 9)] {
        for width in [1060.0, 1440.0] {
            let mut session = bundled_at(id, seconds);
            for _ in 0..4 {
                session.run_until(session.now() + Span::from_ms(30), u64::MAX);
                let view = View { reduced_motion: true, ..stage(width, 490.0) };
                let picture = scene::draw(session.world(), session.now(), &view);
                // Ghosts lie above the lanes' tokens, which are targets too.
                let flies = |target: &&scene::Target| {
                    matches!(target.subject, Subject::Sending(..) | Subject::Message(_))
                        && target.area.w < 16.0
                };
                let all: Vec<Area> = picture.targets.iter().filter(flies).map(|one| one.area).collect();
                for (at, one) in all.iter().enumerate() {
                    let over = all[at + 1..].iter().find(|other| {
                        one.x < other.right()
                            && other.x < one.right()
                            && one.y < other.bottom()
                            && other.y < one.bottom()
                    });
                    assert!(over.is_none(), "{id} at {}, {width}: {one:?} and {over:?}", session.now());
                }
                most = most.max(all.len());
            }
        }
    }
    assert!(most > 10, "{most}");
}

/// The cursor stands between the committed messages and the others, and the number beside it is their distance.
#[test]
fn the_cursor_stands_at_the_committed_offset() {
    let play = named("mock");
    let world = play.world();
    let picture = picture_of(&play, &stage(1060.0, 490.0));
    let mut seen = 0;
    for (_, group) in world.groups() {
        for id in &group.progress {
            let progress = world.progress(*id);
            let queue = world.queue(progress.queue);
            if !world.topic(queue.topic).is_ordinary() {
                continue;
            }
            let flag = picture.place_of(Subject::Cursor(*id)).expect("every cursor is drawn");
            let message =
                |offset| picture.place_of(Subject::Message(MessageRef { queue: progress.queue, offset }));
            // The newest message is at the left: the cursor is right of what is not committed, left of what is.
            if progress.committed < queue.max_offset {
                let newer = message(progress.committed).expect("the first uncommitted message is in view");
                assert!(flag.x + 1.0 >= newer.right(), "{flag:?} {newer:?}");
            }
            if let Some(older) = progress.committed.checked_sub(1).and_then(message) {
                assert!(flag.x <= older.x, "{flag:?} {older:?}");
                seen += 1;
            }
            let behind = progress.accumulation(queue.max_offset).to_string();
            let says = |shape: &Shape| match shape.form {
                Form::Text { start, len, .. } => picture.text(start, len) == behind,
                _ => false,
            };
            let said = picture.shapes.iter().any(|s| s.subject == Some(Subject::Cursor(*id)) && says(s));
            assert!(said, "{behind} stands beside its cursor");
        }
    }
    assert!(seen >= 6, "{seen} cursors in view");
}

#[test]
fn pointing_finds_what_is_drawn() {
    for (name, width) in
        [("mock", 1060.0), ("mock", 390.0), ("message", 1060.0), ("idle", 768.0), ("backlog", 1060.0)]
    {
        let picture = picture_of(&named(name), &stage(width, 490.0));
        for target in &picture.targets {
            let [x, y] = [target.area.middle_x(), target.area.middle_y()];
            let found = scene::hit(&picture, x, y)
                .unwrap_or_else(|| panic!("{name}: {} is under its middle", target.subject));
            if found != target.subject {
                // Something more specific, or as specific, lies over it.
                let over = picture.targets.iter().filter(|other| other.subject == found);
                let near = over.map(|other| other.area).any(|area| {
                    (area.middle_x() - x).abs() <= area.w.max(24.0)
                        && (area.middle_y() - y).abs() <= area.h.max(24.0)
                });
                assert!(near, "{name}: {} was meant, {found} was found", target.subject);
            }
        }
        assert_eq!(scene::hit(&picture, width - 1.0, 2.0), None);
    }
    let picture = picture_of(&named("mock"), &stage(1060.0, 490.0));
    let find = |subject| {
        let [x, y] = middle_of(&picture, subject);
        scene::hit(&picture, x, y)
    };
    for subject in [
        Subject::Producer(ProducerId(1)),
        Subject::Message(MessageRef { queue: QueueId(2), offset: 100 }),
        Subject::RetryShelf(GroupId(0)),
        Subject::Thread(mqscope::broker::ConsumerId(0), 1),
    ] {
        assert_eq!(find(subject), Some(subject));
    }
}

/// The curve from a lane to its reader can be pointed at too.
#[test]
fn an_assignment_can_be_pointed_at() {
    let picture = picture_of(&named("mock"), &stage(1060.0, 490.0));
    let mut seen = 0;
    for shape in &picture.shapes {
        let (Form::Curve { from, bend: [a, b], to, .. }, Some(subject @ Subject::Cursor(_))) =
            (shape.form, shape.subject)
        else {
            continue;
        };
        let middle = |at: usize| (from[at] + 3.0 * a[at] + 3.0 * b[at] + to[at]) / 8.0;
        seen += usize::from(scene::hit(&picture, middle(0), middle(1)) == Some(subject));
    }
    // Some of them cross there.
    assert!(seen >= 3, "{seen}");
}

/// Whoever taps beside a token by a few pixels still gets it.
#[test]
fn targets_are_as_large_as_a_fingertip() {
    let picture = picture_of(&named("mock"), &stage(1060.0, 490.0));
    let subject = Subject::Thread(mqscope::broker::ConsumerId(0), 1);
    let area = picture.place_of(subject).expect("the ring is drawn");
    assert!(area.w < 24.0);
    assert_eq!(scene::hit(&picture, area.middle_x() + 11.0, area.middle_y()), Some(subject));
}

#[test]
fn what_is_selected_has_a_ring() {
    let play = named("mock");
    let subject = Subject::Message(MessageRef { queue: QueueId(1), offset: 80 });
    let view = View { selection: Some(subject), ..stage(1060.0, 490.0) };
    let rings = |view: &View<'_>| {
        let picture = picture_of(&play, view);
        let accent = |shape: &&Shape| match shape.form {
            Form::Rect { stroke: Some(stroke), .. } => stroke.role == scene::Role::Accent,
            _ => false,
        };
        picture.shapes.iter().filter(accent).filter_map(|shape| shape.subject).collect::<Vec<_>>()
    };
    assert_eq!(rings(&view), [subject]);
    assert_eq!(rings(&stage(1060.0, 490.0)), []);
}

/// Without colour: each state has a word or a sign of its own.
#[test]
fn states_are_said_in_words() {
    let mut play = named("idle");
    play.change("billing/C3", ConsumerChange::Crash);
    let end = play.world().live.now.0 / 1_000 + 7_000;
    play.until(end);
    let picture = picture_of(&play, &stage(1060.0, 490.0));
    let said: Vec<&str> = picture
        .shapes
        .iter()
        .filter_map(|shape| match shape.form {
            Form::Text { start, len, .. } => Some(picture.text(start, len)),
            _ => None,
        })
        .collect();
    for word in ["paused", "crashed 7 s ago", "no consumer running", "idle · no queue"] {
        assert!(said.contains(&word), "{word} in {said:?}");
    }
}

/// A picture costs what it shows: not more for a million stored messages than for a thousand.
#[test]
fn a_picture_does_not_grow_with_what_is_stored() {
    let mut play = Play::slow();
    play.topic("orders", 8).producer("shop", "orders", Pattern::Constant(Rate::per_second(20_000)));
    play.group("billing", &["orders"], &[consumer("C1", 5), consumer("C2", 5)]);
    let mut sizes = Vec::new();
    for ms in [2_000, 20_000] {
        play.until(ms);
        sizes.push(picture_of(&play, &stage(1060.0, 490.0)).shapes.len());
    }
    assert!(sizes[1] <= sizes[0] + 40, "{sizes:?}");
    assert!(sizes[1] < 1_500, "{sizes:?}");
}

/// The same world, instant and view give the same picture, and a used picture is as good as a new one.
#[test]
fn drawing_is_a_pure_function() {
    let (one, other) = (named("mock"), named("backlog"));
    let view = stage(1060.0, 490.0);
    let mut picture = picture_of(&other, &view);
    scene::draw_into(&mut picture, one.world(), one.world().live.now, &view);
    assert_eq!(picture, picture_of(&one, &view));
}

/// An instant between two events is drawn too: what is on its way moves on.
#[test]
fn between_events_only_what_travels_moves() {
    let mut play = named("small");
    play.until(6_000);
    let now = play.world().live.now;
    let view = stage(1060.0, 490.0);
    let later = scene::draw(play.world(), Instant(now.0 + 1_000), &view);
    let picture = picture_of(&play, &view);
    let said = |picture: &Picture| texts(picture).into_iter().map(|text| text.says).collect::<Vec<_>>();
    assert_eq!(said(&picture), said(&later));
    assert_ne!(picture, later);
}

/// In message balancing a crashed consumer's messages stay invisible for a while: the ring of each shrinks, and when
/// it is used up nobody is drawn as holding it any longer.
#[test]
fn the_ring_of_a_held_message_shrinks_until_the_message_is_free() {
    let mut play = Play::slow();
    play.topic("orders", 1)
        .producer("shop", "orders", Pattern::ByHand)
        .group_as(
            "billing",
            &["orders"],
            &[consumer("C1", 60_000)],
            ConsumeMode::Clustering,
            Balance::Message,
        )
        .give(Command::Send { producer: "shop".into(), count: 1 })
        .until(3_000)
        .change("billing/C1", ConsumerChange::Crash);
    let consumer = play.world().group(GroupId(0)).consumers[0];
    let rings = |play: &Play| -> Vec<f32> {
        let picture = picture_of(play, &stage(1060.0, 490.0));
        let row = picture.targets.iter().find(|target| target.subject == Subject::Consumer(consumer));
        let row = row.expect("the consumer is drawn").area;
        let sweep = |shape: &Shape| match (shape.form, shape.subject) {
            (Form::Ring { y, sweep, .. }, Some(Subject::Message(_)))
                if y > row.y && y < row.bottom() && sweep < 1.0 =>
            {
                Some(sweep)
            }
            _ => None,
        };
        picture.shapes.iter().filter_map(sweep).collect()
    };
    let settings = &play.world().settings;
    let (seen, rest) = (settings.consumer_crash_detection, settings.push_offline_invisible);
    let part = |percent: u64| 3_000 + seen.0 / 1_000 + rest.0 / 1_000 * percent / 100;
    let at = |play: &mut Play, ms| {
        play.until(ms);
        rings(play)
    };
    let (early, late, free) = (at(&mut play, part(30)), at(&mut play, part(80)), at(&mut play, part(120)));
    assert_eq!((early.len(), late.len()), (1, 1), "{early:?} {late:?}");
    assert!(late[0] < early[0] && late[0] > 0.0, "{early:?} {late:?}");
    assert!(free.is_empty(), "{free:?}");
}

/// C32 on the stage: what a group does not get is struck out, by a line and not by colour alone; a group says what it
/// wants, and whether its members differ.
#[test]
fn what_a_filter_keeps_back_is_struck_out() {
    let texts_at = |id: &str, seconds: u64| {
        let (_, text) = bundled().iter().find(|(bundled, _)| *bundled == id).expect("it is bundled");
        let scenario = Scenario::parse(text).unwrap_or_else(|problems| panic!("{id}: {problems}"));
        let mut session = Session::new(Rc::new(scenario), ());
        session.run_until(Instant::from_secs(seconds), u64::MAX);
        let picture = scene::draw(session.world(), session.now(), &stage(1060.0, 600.0));
        let struck = picture.shapes.iter().filter(|shape| {
            matches!(shape.subject, Some(Subject::Message(_))) && matches!(shape.form, Form::Line { .. })
        });
        (struck.count(), as_text(&picture))
    };
    let (struck, text) = texts_at("tag-filter", 8);
    assert!(struck > 5, "{struck} messages are struck out");
    assert!(text.contains("paid || refunded"), "billing says what it wants");
    assert!(!text.contains("filters differ"));
    let (_, text) = texts_at("inconsistent-subscriptions", 8);
    assert!(text.contains("filters differ"), "the warning");
    assert_eq!(texts_at("demo", 8).0, 0, "nobody filters there");
}

/// Everything the stage draws can be asked what it is, in both languages, and no key and no hole is left in the answer.
#[test]
fn whatever_can_be_pointed_at_has_a_line() {
    let mut kinds = std::collections::BTreeSet::new();
    for language in Language::ALL {
        let words = Words::new(language);
        for name in worlds::NAMES {
            let play = named(name);
            let (world, now) = (play.world(), play.world().live.now);
            let picture = picture_of(&play, &stage(1060.0, 490.0));
            for target in &picture.targets {
                let tip = Tip::about(world, now, target.subject)
                    .unwrap_or_else(|| panic!("{name}: {} has a line", target.subject));
                kinds.extend(tip.0.iter().map(|phrase| phrase.key));
                let said = line_of(&words, &tip);
                let holes = said.contains('{') || said.contains('}');
                assert!(!said.contains("tip.") && !holes && !said.is_empty(), "{name}: {said:?}");
                assert!(said.chars().count() < 240 || name == "long-names", "one line is enough: {said:?}");
            }
        }
    }
    let missing: Vec<_> = [
        "tip.producer",
        "tip.sending",
        "tip.topic",
        "tip.queue",
        "tip.cursor",
        "tip.cursor.owner",
        "tip.cursor.nobody",
        "tip.message",
        "tip.message.acknowledged",
        "tip.message.flying",
        "tip.message.working",
        "tip.message.waiting",
        "tip.group",
        "tip.consumer",
        "tip.consumer.owns",
        "tip.consumer.holds",
        "tip.thread.idle",
        "tip.thread.working",
        "tip.retry.waiting",
        "tip.dead_letters",
    ]
    .into_iter()
    .filter(|key| !kinds.contains(key))
    .collect();
    assert!(missing.is_empty(), "{missing:?} in {kinds:?}");
}

fn line_of(words: &Words, tip: &Tip) -> String {
    tip.text(|phrase| {
        let holes: Vec<(&str, &dyn Said)> =
            phrase.holes.iter().map(|(name, value)| (*name, value as _)).collect();
        match phrase.count {
            Some(n) => words.count(phrase.key, n, &holes),
            None => words.fill(phrase.key, &holes),
        }
    })
}

#[test]
fn a_line_says_what_the_numbers_are() {
    let play = named("mock");
    let world = play.world();
    let (id, progress) = world.live.progress.iter().enumerate().find(|(_, p)| p.committed > 0).expect("some");
    let max = world.queue(progress.queue).max_offset;
    let about = |language| {
        let subject = Subject::Cursor(mqscope::broker::ProgressId(id as u32));
        let tip = Tip::about(world, world.live.now, subject).expect("it is there");
        line_of(&Words::new(language), &tip)
    };
    let (group, queue) = (&world.group(progress.group).spec.name, world.queue_name(progress.queue));
    let behind = max - progress.committed;
    let english =
        format!("{group} has committed {} of {max} in {queue}: {behind} behind", progress.committed);
    assert!(about(Language::English).starts_with(&english), "{}", about(Language::English));
    assert!(about(Language::Chinese).contains(&format!("堆积 {behind}")), "{}", about(Language::Chinese));
}

#[test]
fn a_message_is_told_by_its_key_and_group_by_group() {
    let scenario = Rc::new(Scenario::parse(bundled()[0].1).expect("it is bundled"));
    let mut session = Session::new(scenario, ());
    session.run_until(Instant::from_ms(20_000), u64::MAX);
    let message = Subject::Message(MessageRef { queue: QueueId(0), offset: 0 });
    let line = |language| {
        let tip = Tip::about(session.world(), session.now(), message).expect("it is stored");
        line_of(&Words::new(language), &tip)
    };
    let (english, chinese) = (line(Language::English), line(Language::Chinese));
    for (_, group) in session.world().groups() {
        assert!(english.contains(&format!("{}: ", group.spec.name)), "{english}");
        assert!(chinese.contains(&format!("{}：", group.spec.name)), "{chinese}");
    }
    assert!(english.contains("@0, key ") && english.contains("acknowledged"), "{english}");
    assert!(chinese.contains("已确认"), "{chinese}");
}

/// Before the queues are shared out for the first time a consumer waits for them; it is not idle.
#[test]
fn before_the_first_rebalance_consumers_wait_for_queues() {
    let scenario = Rc::new(Scenario::parse(bundled()[0].1).expect("it is bundled"));
    let session = Session::new(scenario, ());
    let picture = scene::draw(session.world(), session.now(), &stage(1060.0, 490.0));
    let said: Vec<String> = texts(&picture).into_iter().map(|text| text.says).collect();
    assert!(said.iter().any(|word| word == "waiting for queues"), "{said:?}");
    assert!(!said.iter().any(|word| word == "idle · no queue"), "{said:?}");
}

/// How far a group is behind is never cut, however little room there is.
#[test]
fn a_number_is_never_cut() {
    for name in worlds::NAMES {
        let play = named(name);
        for width in [600.0, 620.0, 700.0, 768.0, 900.0] {
            for text_scale in [1.0, 1.3] {
                let picture = picture_of(&play, &View { text_scale, ..stage(width, 420.0) });
                for text in texts(&picture) {
                    let starts = text.says.starts_with(|c: char| c.is_ascii_digit());
                    let is_cut =
                        starts && text.says.ends_with('…') && !text.says.contains(char::is_alphabetic);
                    assert!(
                        !(is_cut || starts && text.says.contains("behi…")),
                        "{name} at {width}: {}",
                        text.says
                    );
                }
            }
        }
    }
}

/// What waits is on the topic's clock: how many, when the next one comes out, and a stroke for each slot of a minute.
#[test]
fn the_clock_says_what_waits_in_the_timer() {
    let text = bundled().iter().find(|(id, _)| *id == "delay").expect("it is bundled").1;
    let mut session = Session::new(Rc::new(Scenario::parse(text).expect("it is valid")), ());
    let clock = Subject::Timer(mqscope::broker::TopicId(0));
    let strokes = |picture: &Picture| {
        let rings = picture.shapes.iter().filter(|shape| shape.subject == Some(clock));
        rings.filter(|shape| matches!(shape.form, Form::Ring { .. })).count()
    };
    // Seconds, how many wait, and when the next one comes out; beside the strokes there are the rim and the hand.
    for (ms, said, slots) in [
        (500, "timer empty", 0),
        (1_500, "1 in the timer, out in 10 s", 1),
        (11_500, "11 in the timer, next out in 0.5 s", 11),
        (22_400, "41 in the timer, next out in 0.6 s", 12),
    ] {
        session.run_until(Instant::from_ms(ms), u64::MAX);
        let picture = scene::draw(session.world(), session.now(), &stage(1060.0, 490.0));
        let texts = texts(&picture);
        assert!(texts.iter().any(|text| text.says == said), "{said}: {texts:?}");
        assert_eq!(strokes(&picture), slots + 2, "at {ms} ms");
        let [x, y] = middle_of(&picture, clock);
        assert_eq!(scene::hit(&picture, x, y), Some(clock));
    }
    let line = |language| {
        let tip = Tip::about(session.world(), session.now(), clock).expect("the topic is there");
        line_of(&Words::new(language), &tip)
    };
    let english = "41 messages for reminders wait in the timer, the next comes into its queue in 0.6 s";
    assert_eq!(line(Language::English), english);
    assert!(line(Language::Chinese).contains("41 条"), "{}", line(Language::Chinese));
}

/// What waits behind a topic's curtain: how many, when the broker asks next, and a token for each, as far as there is room.
#[test]
fn the_curtain_says_what_waits_behind_it() {
    let text = bundled().iter().find(|(id, _)| *id == "transactions").expect("it is bundled").1;
    let mut session = Session::new(Rc::new(Scenario::parse(text).expect("it is valid")), ());
    let curtain = Subject::Curtain(mqscope::broker::TopicId(0));
    for (ms, said, tokens) in [
        (500, "no half message", 0),
        (2_000, "1 half message, checked in 8 s", 1),
        (3_000, "2 half messages, next check in 7 s", 2),
        (25_000, "3 half messages, next check in 5 s", 3),
        (66_000, "6 half messages, next check in 4 s", 6),
    ] {
        session.run_until(Instant::from_ms(ms), u64::MAX);
        let world = session.world();
        let picture = scene::draw(world, session.now(), &stage(1060.0, 490.0));
        let texts = texts(&picture);
        assert!(texts.iter().any(|text| text.says == said), "{said}: {texts:?}");
        let halves: Vec<Subject> =
            world.live.halves.all().map(|(producer, number, _)| Subject::Sending(producer, number)).collect();
        assert_eq!(halves.len(), tokens, "at {ms} ms");
        for half in halves {
            let [x, y] = middle_of(&picture, half);
            assert_eq!(scene::hit(&picture, x, y), Some(half), "each can be selected");
        }
    }
    let line = |language, subject| {
        let tip = Tip::about(session.world(), session.now(), subject).expect("it is there");
        line_of(&Words::new(language), &tip)
    };
    let english =
        "6 half messages for payments wait behind the curtain; the broker asks about the next in 4 s";
    assert_eq!(line(Language::English, curtain), english);
    assert!(line(Language::Chinese, curtain).contains("6 条半消息"), "{}", line(Language::Chinese, curtain));
    // What was set aside is in a topic of its own, on the stage.
    session.run_until(Instant::from_secs(115), u64::MAX);
    let picture = scene::draw(session.world(), session.now(), &stage(1060.0, 700.0));
    assert!(texts(&picture).iter().any(|text| text.says.starts_with("TRANS_CHECK")));
    assert!(texts(&picture).iter().any(|text| text.says.starts_with("set aside")));
}

/// A bundled scenario at an instant.
fn bundled_at(id: &str, seconds: u64) -> Session<()> {
    let text = bundled().iter().find(|(known, _)| *known == id).expect("it is bundled").1;
    let mut session = Session::new(Rc::new(Scenario::parse(text).expect("it is good")), ());
    session.run_until(Instant::from_secs(seconds), u64::MAX);
    session
}

/// What has expired is counted at the end of its lane, behind a line where the stored messages end.
#[test]
fn what_has_expired_is_hatched_and_counted() {
    let drawn = |seconds| {
        let session = bundled_at("retention", seconds);
        let picture = scene::draw(session.world(), session.now(), &stage(1060.0, 490.0));
        let words: Vec<String> = texts(&picture).into_iter().map(|text| text.says).collect();
        let expired: Vec<u64> =
            session.world().live.queues.iter().map(|queue| queue.min_offset).filter(|n| *n > 0).collect();
        let upright = |shape: &&Shape| match shape.form {
            Form::Line { from, to, stroke, .. } => from[0] == to[0] && stroke.role == Role::LineStrong,
            _ => false,
        };
        (words, expired, picture.shapes.iter().filter(upright).count())
    };
    let (words, expired, cuts) = drawn(15);
    assert_eq!((expired.len(), cuts), (0, 0), "nothing has expired yet");
    assert!(!words.iter().any(|says| says.contains("expired")));
    let (words, expired, cuts) = drawn(40);
    assert_eq!((expired.len(), cuts), (2, 2));
    for n in expired {
        assert!(words.contains(&format!("{n} expired")), "{n}: {words:?}");
    }
}

/// More than ten callers, services or point-to-point queues are counted.
#[test]
fn what_has_no_place_beside_the_broker_is_counted() {
    let handler = serde_json::json!({ "constant": "10ms" });
    let pattern = serde_json::json!({ "constant": { "per_second": 1 } });
    let services: Vec<_> =
        (0..12).map(|n| serde_json::json!({ "name": format!("s{n}"), "processing": handler })).collect();
    let callers: Vec<_> = (0..13)
        .map(|n| serde_json::json!({ "name": format!("c{n}"), "services": ["s0"], "pattern": pattern }))
        .collect();
    let queues: Vec<_> = (0..11)
        .map(|n| {
            let senders = [serde_json::json!({ "name": "a", "pattern": pattern })];
            serde_json::json!({ "name": format!("q{n}"), "senders": senders, "processing": handler })
        })
        .collect();
    let file = serde_json::json!({
        "format": "mqscope.scenario/1", "id": "many", "title": { "en": "M", "zh-CN": "M" },
        "summary": { "en": "Many.", "zh-CN": "多。" }, "seed": "1", "profile": "docs5", "until": "1s",
        "services": services, "callers": callers, "p2p_queues": queues,
    });
    let scenario = Scenario::parse(&file.to_string()).expect("it is good");
    let session = Session::new(Rc::new(scenario), ());
    for (width, height) in [(1060.0, 490.0), (390.0, 0.0)] {
        let picture = scene::draw(session.world(), session.now(), &stage(width, height));
        let words: Vec<String> = texts(&picture).into_iter().map(|text| text.says).collect();
        for said in ["+3 callers", "+2 services", "+1 point-to-point queue"] {
            assert!(words.iter().any(|word| word == said), "{said} at {width}: {words:?}");
        }
        let mut wrong = Vec::new();
        check_layout(&picture, "many", &mut wrong);
        assert!(wrong.is_empty(), "{wrong:#?}");
    }
}

/// A batch is a stack that travels as one; an answer goes back the way its request came.
#[test]
fn a_batch_is_a_stack_and_an_answer_goes_back() {
    let text = bundled().iter().find(|(id, _)| *id == "batch-and-reply").expect("it is bundled").1;
    let mut session = Session::new(Rc::new(Scenario::parse(text).expect("it is valid")), ());
    let view = stage(1060.0, 490.0);
    session.run_until(Instant::from_ms(1_100), u64::MAX);
    let sending = Subject::Sending(session.world().find_producer("collector").expect("it runs"), 0);
    let picture = scene::draw(session.world(), session.now(), &view);
    let of_it = picture.shapes.iter().filter(|shape| shape.subject == Some(sending));
    let cards = of_it.filter(|shape| matches!(shape.form, Form::Rect { .. })).count();
    assert_eq!(cards, 3, "the first and the edges of two more");
    let tip = Tip::about(session.world(), session.now(), sending).expect("it is on its way");
    let said = line_of(&Words::new(Language::English), &tip);
    assert!(said.starts_with("A batch of 4 messages of collector"), "{said}");
    let mut places = Vec::new();
    for ms in [1_950, 2_050, 2_150, 2_250] {
        session.run_until(Instant::from_ms(ms), u64::MAX);
        let reply = session.world().live.requests.in_flight().next().expect("an answer is on its way");
        let picture = scene::draw(session.world(), session.now(), &view);
        let ring = picture.shapes.iter().rev().find_map(|shape| match shape.form {
            Form::Ring { x, .. } if shape.subject == Some(Subject::Message(reply.request)) => Some(x),
            _ => None,
        });
        places.push(ring.expect("it is drawn"));
    }
    assert!(places.is_sorted_by(|a, b| a > b), "from right to left: {places:?}");
}

/// Where compaction took a message an empty cell stays, and the topic says what it keeps.
#[test]
fn compaction_leaves_holes() {
    let text = bundled().iter().find(|(id, _)| *id == "compaction").expect("it is bundled").1;
    let mut session = Session::new(Rc::new(Scenario::parse(text).expect("it is valid")), ());
    session.run_until(Instant::from_ms(12_200), u64::MAX);
    let world = session.world();
    let queue = world.topic(world.find_topic("positions").expect("it is there")).queues[0];
    let picture = scene::draw(world, session.now(), &stage(1060.0, 490.0));
    assert!(texts(&picture).iter().any(|text| text.says == "newest of each key"));
    let (mut holes, mut cells) = (0, 0);
    for shape in &picture.shapes {
        if let (Form::Rect { fill, .. }, Some(Subject::Message(at))) = (&shape.form, shape.subject)
            && at.queue == queue
        {
            let is_hole = world.is_superseded(at);
            assert!(!is_hole || fill.is_none(), "a hole is empty: {shape:?}");
            *(if is_hole { &mut holes } else { &mut cells }) += 1;
        }
    }
    assert!(holes >= 8 && cells >= 8, "{holes} holes, {cells} cells");
}
