//! Charts and the series they are drawn from: golden pictures of a small run, hostile names, and laws over random
//! worlds.
//!
//! `UPDATE=1 cargo test --test plots` writes the golden pictures anew.

#[path = "plots/run.rs"]
mod run;
#[allow(dead_code, reason = "the worlds of the laws, which use more of them")]
#[path = "laws/worlds.rs"]
mod worlds;

use mqscope::broker::spec::{Balance, Pattern, Rate};
use mqscope::broker::{Command, GroupId, QueueId, Settings, World};
use mqscope::lesson::words::{Language, Words};
use mqscope::metrics::series::{BUCKETS, Bucket, Level};
use mqscope::metrics::{Series, beside, report};
use mqscope::plot::{self, Chart, Style, Subject};
use mqscope::scenario::Scenario;
use mqscope::scene::Theme;
use mqscope::session::Session;
use mqscope::sim::{Instant, Span};
use run::{Run, consumer, group, producer, shop, topic};
use worlds::Plan;

const BESIDE: [(&str, Subject); 3] =
    [("calls", Subject::Calls), ("times", Subject::Times), ("in-use", Subject::InUse)];

const SUBJECTS: [(&str, Subject); 3] = [
    ("accumulation", Subject::Accumulation),
    ("offsets", Subject::Offsets(QueueId(1))),
    ("rates", Subject::Rates),
];

fn style<'a>(size: (u32, u32), theme: &'a Theme, words: &'a Words) -> Style<'a> {
    Style { width: size.0, height: size.1, theme, words, until: Instant::from_secs(60), stands_alone: false }
}

fn draw(run: &Run, subject: Subject, style: &Style<'_>) -> Chart {
    plot::draw(subject, &run.series, &run.broker.world, style)
}

/// The pictures of a small run, character by character.
#[test]
fn charts_look_as_they_did() {
    let words = Words::new(Language::English);
    let run = shop(Instant::from_ms(53_412));
    let mut changed = Vec::new();
    for theme in [&Theme::LIGHT, &Theme::DARK] {
        for (name, subject) in SUBJECTS {
            let svg = draw(&run, subject, &style((540, 240), theme, &words)).svg;
            let path = format!("{}/tests/plots/{name}-{}.svg", env!("CARGO_MANIFEST_DIR"), theme.name);
            if std::env::var_os("UPDATE").is_some() {
                std::fs::write(&path, &svg).expect("the golden picture can be written");
            }
            if std::fs::read_to_string(&path).unwrap_or_default() != svg {
                changed.push(path);
            }
        }
    }
    assert!(changed.is_empty(), "other than before: {changed:#?}; UPDATE=1 takes them as they are now");
}

#[test]
fn a_chart_says_what_it_shows() {
    let run = shop(Instant::from_ms(53_412));
    let said =
        |language, subject| plot::summary(subject, &run.series, &run.broker.world, &Words::new(language));
    let english = SUBJECTS.map(|(_, subject)| said(Language::English, subject));
    assert_eq!(
        english,
        [
            "billing 15 behind, rising; audit 180 behind, rising",
            "max at 878; billing at 873; audit at 832",
            "stored 58 per second, steady; billing 57 per second, falling; audit 44 per second, steady",
        ]
    );
    assert_eq!(
        said(Language::Chinese, Subject::Accumulation),
        "billing 堆积 15 条，正在上升；audit 堆积 180 条，正在上升"
    );
}

/// An element as the reader of a picture sees it.
struct Element {
    tag: String,
    attributes: Vec<(String, String)>,
    text: String,
}

/// Reads a picture strictly: only the elements and attributes that charts are made of, every one closed, every
/// value in quotes, every ampersand a known entity. Whatever else a name could smuggle in makes it fail.
fn read(svg: &str) -> Vec<Element> {
    const TAGS: [&str; 8] = ["svg", "g", "line", "polyline", "polygon", "rect", "circle", "text"];
    const ATTRIBUTES: [&str; 31] = [
        "xmlns",
        "width",
        "height",
        "viewBox",
        "role",
        "aria-label",
        "transform",
        "shape-rendering",
        "fill",
        "opacity",
        "stroke",
        "stroke-width",
        "stroke-linejoin",
        "stroke-linecap",
        "stroke-dasharray",
        "points",
        "x",
        "y",
        "dy",
        "cx",
        "cy",
        "r",
        "text-anchor",
        "font-family",
        "font-size",
        "font-weight",
        "x1",
        "x2",
        "y1",
        "y2",
        "class",
    ];
    fn plain(text: &str) -> String {
        let mut parts = text.split('&');
        let mut out = parts.next().unwrap_or_default().to_owned();
        for part in parts {
            let (entity, rest) = part.split_once(';').expect("an ampersand begins an entity");
            out.push(match entity {
                "lt" => '<',
                "gt" => '>',
                "amp" => '&',
                "quot" => '"',
                "apos" => '\'',
                other => panic!("unknown entity {other}"),
            });
            out.push_str(rest);
        }
        assert!(out.chars().all(|c| c == '\n' || !c.is_control()), "a control character in {out:?}");
        out
    }
    let mut elements: Vec<Element> = Vec::new();
    let mut open: Vec<usize> = Vec::new();
    let mut rest = svg;
    while let Some((text, after)) = rest.split_once('<') {
        assert!(!text.contains('>'), "a loose > in {text:?}");
        match open.last() {
            Some(&inside) => elements[inside].text.push_str(plain(text).trim_matches('\n')),
            None => assert!(text.trim().is_empty(), "text outside: {text:?}"),
        }
        let (tag, after) = after.split_once('>').expect("a tag ends");
        rest = after;
        if let Some(name) = tag.strip_prefix('/') {
            let closed = open.pop().expect("something is open");
            assert_eq!(elements[closed].tag, name, "tags are nested");
            continue;
        }
        let (tag, closed) = tag.strip_suffix('/').map_or((tag, false), |tag| (tag, true));
        let (name, mut list) = tag.split_once(' ').unwrap_or((tag, ""));
        assert!(TAGS.contains(&name), "element {name:?}");
        let mut attributes = Vec::new();
        while !list.trim().is_empty() {
            let (name, value) = list.trim_start().split_once("=\"").expect("a value is in quotes");
            let (value, after) = value.split_once('"').expect("the quote is closed");
            assert!(ATTRIBUTES.contains(&name), "attribute {name:?}");
            assert!(after.is_empty() || after.starts_with(' '), "room between attributes");
            attributes.push((name.to_owned(), plain(value)));
            list = after;
        }
        elements.push(Element { tag: name.to_owned(), attributes, text: String::new() });
        if !closed {
            open.push(elements.len() - 1);
        }
    }
    assert!(open.is_empty() && rest.trim().is_empty(), "everything is closed");
    elements
}

const HOSTILE: [&str; 12] = [
    "<script>alert(1)</script>",
    "</svg><img src=x onerror=alert(1)>",
    "\" onload=\"alert(1)",
    "' onload='alert(1)",
    "a&b &lt; &#x3c; &amp;",
    "]]><![CDATA[",
    "<!-- --><!DOCTYPE x>",
    "line\nbreak\ttab\0null\u{1b}[31m",
    "\u{202e}reversed\u{2066}",
    "{n}{first}{line}",
    "=HYPERLINK(\"http://x\")",
    "消费者分组 🦀 e\u{301}",
];

fn hostile_run() -> Run {
    let mut run = Run::new(Settings::default(), 1);
    run.command(topic(HOSTILE[0], 2));
    for name in HOSTILE {
        run.command(group(name, HOSTILE[0], Balance::Message, vec![consumer("C1", 1, 50)]));
    }
    run.command(producer("p", HOSTILE[0], Pattern::Constant(Rate::per_second(50))));
    run.until(Instant::from_secs(5));
    run
}

/// The lines of another branch lie under those of this one, in their colours, dashed and pale, and the legend names them;
/// the axes have room for both.
#[test]
fn another_branch_lies_under_this_one() {
    let words = Words::new(Language::English);
    let (here, there) = (shop(Instant::from_secs(20)), shop(Instant::from_secs(55)));
    for (name, subject) in SUBJECTS {
        let style = style((540, 240), &Theme::LIGHT, &words);
        let over = |run: &Run| {
            plot::draw_over(
                subject,
                (&here.series, &here.broker.world),
                (&run.series, &run.broker.world),
                &style,
            )
        };
        let (alone, with) = (draw(&here, subject, &style), over(&there));
        let dashed = |chart: &Chart| chart.svg.matches("stroke-dasharray=\"16 14\"").count();
        assert_eq!((dashed(&alone), dashed(&with)), (0, 1), "{name}");
        assert!(with.svg.contains(words.text("plot.other_branch")), "{name}: the legend");
        assert!(with.frame.highest >= alone.frame.highest, "{name}");
        assert_eq!(with.summary, alone.summary, "{name}: it tells of this one");
        assert!(read(&with.svg).len() > read(&alone.svg).len(), "{name}");
    }
    let long = shop(Instant::from_secs(70));
    let under = plot::draw_over(
        Subject::Accumulation,
        (&here.series, &here.broker.world),
        (&long.series, &long.broker.world),
        &style((540, 240), &Theme::LIGHT, &words),
    );
    assert_eq!(under.frame.until, Instant::from_secs(70), "the axis goes as far as the other one has been");
}

/// A name is text wherever it stands, whatever it looks like. The page relies on it: it puts the picture's text into
/// the document as it is.
#[test]
fn hostile_names_stay_text() {
    let run = hostile_run();
    for language in Language::ALL {
        let words = Words::new(language);
        for size in [(280, 200), (540, 240), (1100, 400)] {
            for (name, subject) in SUBJECTS {
                for stands_alone in [false, true] {
                    let chart =
                        draw(&run, subject, &Style { stands_alone, ..style(size, &Theme::DARK, &words) });
                    let elements = read(&chart.svg);
                    let label =
                        &elements[0].attributes.iter().find(|(name, _)| name == "aria-label").expect("one").1;
                    assert!(label.contains(HOSTILE[0]), "{name}: the description names groups as they are");
                    assert_eq!(elements.iter().filter(|element| element.tag == "svg").count(), 1);
                }
            }
        }
    }
    let words = Words::new(Language::English);
    let chart = draw(&run, Subject::Accumulation, &style((1100, 400), &Theme::LIGHT, &words));
    let texts: Vec<String> = read(&chart.svg).into_iter().map(|element| element.text).collect();
    assert!(texts.iter().any(|text| text.starts_with("<script>alert(1)</scr")), "{texts:#?}");
}

#[test]
fn hostile_names_stay_cells() {
    let run = hostile_run();
    let words = Words::new(Language::English);
    let csv = plot::table(Subject::Accumulation, &run.series, &run.broker.world, &words, 5).csv();
    let first = csv.split("\r\n").next().expect("a header");
    assert!(first.contains("\"\"\" onload=\"\"alert(1) (messages)\""), "{first}");
    assert!(first.contains("\"'=HYPERLINK(\"\"http://x\"\") (messages)\""), "{first}");
    let columns = 1 + 2 * HOSTILE.len();
    for line in csv.trim_end().split("\r\n").skip(1) {
        assert_eq!(line.split(',').count(), columns, "{line}");
    }
}

#[test]
fn every_size_theme_and_state_gives_a_sound_picture() {
    let empty = Run::new(Settings::default(), 1);
    let mut silent = Run::new(Settings::default(), 1);
    silent.command(topic("orders", 4));
    silent.command(group("billing", "orders", Balance::Queue, vec![]));
    let mut removed = shop(Instant::from_secs(30));
    removed.command(Command::RemoveGroup { group: "billing".into() });
    removed.until(Instant::from_secs(40));
    let mut crowd = Run::new(Settings::default(), 1);
    crowd.command(topic("orders", 1));
    for n in 0..40 {
        crowd.command(group(
            &format!("a group with a long name, number {n}"),
            "orders",
            Balance::Message,
            vec![],
        ));
    }
    crowd.until(Instant::from_secs(20));
    let words = Words::new(Language::English);
    for run in [&empty, &silent, &shop(Instant::ZERO), &shop(Instant::from_ms(5)), &removed, &crowd] {
        for theme in Theme::ALL {
            for size in [(1, 1), (280, 160), (340, 240), (1200, 300), (u32::MAX, u32::MAX)] {
                for (name, subject) in SUBJECTS {
                    let style = style(size, theme, &words);
                    let chart = draw(run, subject, &style);
                    let elements = read(&chart.svg);
                    let ticks = elements.iter().filter(|e| e.tag == "text").count();
                    assert!(ticks >= 5, "{name} {size:?}: two ticks on each axis and a unit, at least");
                    let frame = chart.frame;
                    assert!(frame.x.0 < frame.x.1 && frame.y.1 < frame.y.0, "{name} {size:?}: {frame:?}");
                    assert!(frame.x.1 <= frame.size.0 as i32 && frame.y.0 <= frame.size.1 as i32);
                    assert!(!chart.summary.is_empty());
                }
            }
        }
    }
    let nothing = draw(&empty, Subject::Accumulation, &style((540, 240), &Theme::LIGHT, &words));
    assert!(read(&nothing.svg).iter().any(|element| element.text == "No consumer group yet"));
}

/// Words neither leave the picture nor stand on each other.
#[test]
fn words_have_room() {
    let long = |ms| shop(Instant::from_ms(ms));
    for run in [long(0), long(700), long(27_000), long(59_900), long(200_000), hostile_run()] {
        for language in Language::ALL {
            let words = Words::new(language);
            for size in [(280, 200), (340, 240), (419, 240), (420, 240), (540, 240), (1100, 300), (1200, 500)]
            {
                for (name, subject) in SUBJECTS {
                    let chart = draw(&run, subject, &style(size, &Theme::LIGHT, &words));
                    let boxes = text_boxes(&chart.svg);
                    for (index, (text, [left, top, right, bottom])) in boxes.iter().enumerate() {
                        let inside = *left >= -1.0
                            && *right <= size.0 as f32 + 1.0
                            && *top >= 0.0
                            && *bottom <= size.1 as f32;
                        assert!(
                            inside,
                            "{name} {size:?}: {text:?} from {left} to {right}, {top} to {bottom}"
                        );
                        for (other, [l, t, r, b]) in &boxes[index + 1..] {
                            let apart = right <= l || r <= left || bottom <= t || b <= top;
                            assert!(apart, "{name} {size:?}: {text:?} on {other:?}");
                        }
                    }
                }
            }
        }
    }
}

/// Each text with the rectangle it is expected to cover.
fn text_boxes(svg: &str) -> Vec<(String, [f32; 4])> {
    use mqscope::scene::shape::Font;
    let of = |element: Element| {
        let attribute =
            |name: &str| element.attributes.iter().find(|(n, _)| n == name).map(|(_, value)| value.as_str());
        let number = |name| attribute(name).expect("it is there").parse::<f32>().expect("a number");
        let font = if attribute("font-weight").is_some() { Font::Bold } else { Font::Regular };
        let wide = mqscope::scene::text::width(&element.text, number("font-size"), font);
        let left = number("x")
            - match attribute("text-anchor") {
                Some("middle") => wide / 2.0,
                Some("end") => wide,
                _ => 0.0,
            };
        // Its baseline is half the height of an x above its place.
        let base = number("y") - 3.0;
        (element.text.clone(), [left, base - 9.0, left + wide, base + 2.0])
    };
    read(svg).into_iter().filter(|element| element.tag == "text").map(of).collect()
}

#[test]
fn the_table_is_what_the_chart_shows() {
    let run = shop(Instant::from_ms(53_412));
    let (series, world, words) = (&run.series, &run.broker.world, Words::new(Language::English));
    let header = |subject| {
        let table = plot::table(subject, series, world, &words, 200);
        assert!(table.rows.len() <= 200 && table.rows.len() >= 100, "{} rows", table.rows.len());
        assert!(table.rows.iter().all(|row| row.len() == table.columns.len()));
        let names: Vec<String> = table.columns.iter().map(|c| format!("{} [{}]", c.name, c.unit)).collect();
        let last =
            table.rows.last().expect("a row").iter().map(|cell| cell.exact.clone()).collect::<Vec<_>>();
        (names.join(", "), last.join(", "))
    };
    assert_eq!(
        header(Subject::Accumulation),
        (
            "time [s], billing [messages], billing, highest [messages], audit [messages], audit, highest [messages]".into(),
            "53.412, 15, 16, 180, 181".into()
        )
    );
    assert_eq!(header(Subject::Offsets(QueueId(1))).1, "53.412, 878, 873, 832");
    // Every reading of the shared cursor is the value in the table's row.
    for (_, subject) in SUBJECTS {
        let table = plot::table(subject, series, world, &words, usize::MAX);
        for (bucket, row) in table.rows.iter().enumerate() {
            let readings = plot::readings(subject, series, world, &words, series.start_of(bucket));
            for reading in readings {
                let column =
                    table.columns.iter().position(|column| column.name == reading.name).expect("a column");
                assert_eq!(row[column].shown, reading.value, "{} in bucket {bucket}", reading.name);
            }
        }
    }
}

/// The highest point of a line is drawn, however many values share a pixel.
#[test]
fn peaks_are_not_lost() {
    let run = shop(Instant::from_secs(600));
    let words = Words::new(Language::English);
    for width in [280, 540, 1200] {
        let chart = draw(&run, Subject::Accumulation, &style((width, 240), &Theme::LIGHT, &words));
        let lines: Vec<Element> = read(&chart.svg).into_iter().filter(|e| e.tag == "polyline").collect();
        let top = |element: &Element| {
            let points = &element.attributes.iter().find(|(name, _)| name == "points").expect("points").1;
            points.split_whitespace().filter_map(|p| p.split_once(',')?.1.parse::<i32>().ok()).min()
        };
        let tops: Vec<f64> = lines.iter().filter_map(top).map(f64::from).collect();
        for group in &run.series.groups {
            let highest = group.accumulation.buckets().iter().map(|bucket| bucket.high).max().expect("some");
            let wanted = chart.frame.y_of(highest) * 4.0;
            assert!(
                tops.iter().any(|top| (top - wanted).abs() <= 1.5),
                "{width}: no line reaches {highest}: {tops:?}"
            );
        }
    }
}

fn check(series: &Series, world: &World, seed: u64) {
    for (id, _) in world.groups() {
        let counts = report::counts(world, id);
        let group = &series.groups[id.index()];
        assert_eq!(group.accumulation.now(), counts.accumulation, "{} in world {seed}", counts.group);
        let successes: u64 = counts.consumers.iter().map(|consumer| consumer.acknowledged).sum();
        assert_eq!(group.consumed.total(), successes, "successes of {} in world {seed}", counts.group);
        assert_eq!(group.until, None);
    }
    for (index, (queue, level)) in world.live.queues.iter().zip(&series.max_offset).enumerate() {
        assert_eq!(level.now(), queue.max_offset, "queue {index} in world {seed}");
    }
    assert_eq!(series.max_offset.len(), world.live.queues.len());
    for (index, (progress, level)) in world.live.progress.iter().zip(&series.committed).enumerate() {
        assert_eq!(level.now(), progress.committed, "progress {index} in world {seed}");
    }
    assert_eq!(series.committed.len(), world.live.progress.len());
    let ordinary = world.ordinary_topics().flat_map(|(_, topic)| &topic.queues);
    let lost = world.fault_counts().map_or(0, |counts| counts.lost_messages);
    let stored: u64 = lost + ordinary.map(|queue| world.queue(*queue).max_offset).sum::<u64>();
    assert_eq!(series.produced.total(), stored, "stored in world {seed}");
    // What every level is now is what it was in its last bucket.
    for level in
        series.max_offset.iter().chain(&series.committed).chain(series.groups.iter().map(|g| &g.accumulation))
    {
        assert_eq!(level.buckets().last().map(|bucket| bucket.last), Some(level.now()), "world {seed}");
        assert!(level.buckets().iter().all(|b| b.low <= b.last && b.last <= b.high), "world {seed}");
    }
    let everything = 0..series.bucket_of(world.live.now) + 1;
    assert_eq!(series.produced.during(everything), stored);
    check_beside(series, world, seed);
}

/// The same for calls and for point-to-point queues.
fn check_beside(series: &Series, world: &World, seed: u64) {
    let calls = &series.calls;
    let callers: Vec<_> = world.callers().map(|(id, _)| beside::caller(world, id)).collect();
    let services: Vec<_> = world.services().map(|(id, _)| beside::service(world, id)).collect();
    let queues: Vec<_> = world.p2p_queues().map(|(id, _)| beside::p2p_counts(world, id)).collect();
    let sum = |of: fn(&beside::CallerReport) -> u64| callers.iter().map(of).sum::<u64>();
    let recount = [
        (calls.begun.total(), sum(|caller| caller.calls)),
        (calls.answered.total(), sum(|caller| caller.answered)),
        (calls.failed.total(), sum(|caller| caller.failed)),
        (calls.timed_out.total(), sum(|caller| caller.timed_out)),
        (calls.open.now(), sum(|caller| caller.waiting)),
        (calls.working.now(), services.iter().map(|service| service.working).sum()),
        (calls.waiting.now(), services.iter().map(|service| service.waiting).sum()),
        (calls.queued.now(), queues.iter().map(|queue| queue.waiting).sum()),
        (calls.gone.total(), queues.iter().map(|queue| queue.processed).sum()),
        (calls.took.total(), world.callers().flat_map(|(id, _)| world.answer_times(id)).sum()),
    ];
    for (index, (series, world)) in recount.into_iter().enumerate() {
        assert_eq!(series, world, "number {index} of world {seed}");
    }
}

/// A run of a bundled scenario, watched.
fn bundled(id: &str, until: Instant) -> Session<Series> {
    let (_, text) = mqscope::scenario::bundled().iter().find(|(name, _)| *name == id).expect("it is bundled");
    let scenario = Scenario::parse(text).expect("a bundled file is sound");
    let mut session = Session::new(scenario.into(), Series::default());
    session.run_until(until, u64::MAX);
    session
}

/// Beside the charts of messages stand those of calls: as many begun as messages sent, and where the ends are.
#[test]
fn calls_have_charts_of_their_own() {
    let session = bundled("rpc-and-messaging", Instant::from_secs(30));
    let (series, world) = (session.observer(), session.world());
    check_beside(series, world, 0);
    let words = Words::new(Language::English);
    let at = |subject, seconds| -> Vec<(String, String)> {
        let all = plot::readings(subject, series, world, &words, Instant::from_secs(seconds));
        all.into_iter().map(|reading| (reading.name, reading.value)).collect()
    };
    let of = |all: &[(String, String)], name: &str| {
        all.iter().find(|(line, _)| line == name).map(|(_, value)| value.clone())
    };
    let before = at(Subject::Calls, 15);
    assert_eq!(of(&before, "begun").as_deref(), Some("10"), "{before:?}");
    assert_eq!(of(&before, "failed").as_deref(), Some("0.0"), "{before:?}");
    let stopped = at(Subject::Calls, 29);
    assert_eq!(of(&stopped, "failed").as_deref(), Some("10"), "{stopped:?}");
    assert_eq!(of(&stopped, "answered").as_deref(), Some("0.0"), "{stopped:?}");
    assert!(of(&at(Subject::Times, 15), "calls").is_some());
    assert_eq!(of(&at(Subject::Times, 29), "calls"), None, "nothing to take the mean of");
    assert!(!at(Subject::InUse, 15).is_empty());
    for (name, subject) in BESIDE {
        for language in Language::ALL {
            let words = Words::new(language);
            let chart = plot::draw(subject, series, world, &style((540, 240), &Theme::LIGHT, &words));
            assert!(!chart.summary.is_empty() && !read(&chart.svg).is_empty(), "{name}");
            assert!(plot::table(subject, series, world, &words, 20).rows.len() > 10, "{name}");
        }
    }
    // Little's law, in microseconds: how many there were for how long is how long each of them took.
    let earlier = bundled("rpc-and-messaging", Instant::from_secs(15));
    let (calls, world) = (&earlier.observer().calls, earlier.world());
    let now = world.live.now;
    let waited = |since: Instant| (now - since).0;
    let unfinished: u64 =
        world.callers().flat_map(|(_, caller)| caller.open.values()).map(|open| waited(open.since)).sum();
    let area = calls.open.times().total() + calls.open.time_since(Instant::ZERO, now);
    assert_eq!((calls.failed.total(), area), (0, calls.took.total() + unfinished));
    let quiet = bundled("domain-model", Instant::from_secs(5));
    assert!(!quiet.observer().calls.is_used(), "a run without calls has nothing to show");
}

fn play(plan: &Plan, until: Instant, slice: Span, mut look: impl FnMut(&Run)) -> Run {
    let mut run = Run::new(plan.settings.clone(), plan.seed);
    plan.topology.iter().for_each(|command| run.command(command.clone()));
    let mut actions = plan.actions.iter().peekable();
    let mut at = Instant::ZERO;
    while at < until {
        at = (at + slice).min(until);
        while let Some((when, command)) = actions.next_if(|(when, _)| *when <= at) {
            run.until(*when);
            run.command(command.clone());
        }
        run.until(at);
        look(&run);
    }
    run
}

/// Law: at every instant the series say what a recount of the world says.
#[test]
fn series_equal_a_recount() {
    let mut removed = 0;
    for seed in 0..60 {
        let plan = Plan::draw(seed);
        let run = play(&plan, Instant::from_secs(45), Span::from_ms(977), |run| {
            check(&run.series, &run.broker.world, seed);
        });
        removed += run.series.groups.iter().filter(|group| group.until.is_some()).count();
    }
    assert!(removed > 3, "groups were deleted too");
}

/// Law: how a run is watched makes no difference.
#[test]
fn the_same_run_gives_the_same_series() {
    for seed in 100..120 {
        let plan = Plan::draw(seed);
        let until = Instant::from_secs(41);
        let at_once = play(&plan, until, Span::from_secs(100), |_| {});
        let in_slices = play(&plan, until, Span::from_us(333_333), |_| {});
        assert!(at_once.series == in_slices.series, "world {seed}");
        let words = Words::new(Language::English);
        for (name, subject) in SUBJECTS.into_iter().chain(BESIDE) {
            let [one, other] = [&at_once, &in_slices]
                .map(|run| draw(run, subject, &style((540, 240), &Theme::LIGHT, &words)));
            assert_eq!(one, other, "{name} of world {seed}");
        }
    }
}

/// A run a thousand times as long takes the same memory, and keeps its extremes.
#[test]
fn memory_is_bounded() {
    let mut run = shop(Instant::from_secs(60));
    let extremes = |run: &Run| {
        let high = |group: GroupId| {
            let level = &run.series.groups[group.index()].accumulation;
            level.buckets().iter().copied().reduce(Bucket::then).expect("a bucket")
        };
        [high(GroupId(0)), high(GroupId(1))]
    };
    let early = extremes(&run);
    run.until(Instant::from_secs(2_000));
    run.command(Command::SetPattern { producer: "web-shop".into(), pattern: Pattern::ByHand });
    run.command(Command::SetPattern {
        producer: "mobile".into(),
        pattern: Pattern::Constant(Rate { micros_per_second: 1_000 }),
    });
    run.until(Instant::from_secs(86_400));
    for (before, after) in early.into_iter().zip(extremes(&run)) {
        assert!(after.high >= before.high && after.low <= before.low);
    }
    let longest = |levels: &[Level]| levels.iter().map(|level| level.buckets().len()).max().unwrap_or(0);
    assert!(longest(&run.series.max_offset) <= BUCKETS);
    assert!(longest(&run.series.committed) <= BUCKETS);
    assert!(longest(&run.series.max_offset) > BUCKETS / 4, "and it is used");
    check(&run.series, &run.broker.world, 42);
}

/// Where a broker commits what it has handed out, a queue that its owner gives up is read again from its checkpoint: what was
/// passed over or moved there counts as behind once more.
#[test]
fn a_queue_that_is_given_up_counts_as_behind_again() {
    let text = r#"{
        "format": "mqscope.scenario/1", "id": "given-up", "title": { "en": "Given up" }, "seed": "1",
        "settings": { "pop.commitMode": "checkpoint", "consumer.crashDetectionMs": 5000 },
        "topics": [{ "name": "orders", "type": "NORMAL", "write_queues": 1, "read_queues": 1 }],
        "producers": [{ "name": "shop", "topic": "orders", "pattern": { "constant": { "per_second": 20 } } }],
        "groups": [{ "name": "billing", "mode": "clustering", "balance": "queue", "initial_offset": "earliest",
            "subscribe": [{ "topic": "orders", "filter": "*" }],
            "consumers": [{ "name": "C1", "threads": 2, "processing": { "constant": "10ms" } }] }],
        "actions": [
            { "at": "7s", "do": { "crash": { "consumer": "billing/C1" } } },
            { "at": "8s", "do": { "set_balance": { "group": "billing", "balance": "message" } } }
        ]
    }"#;
    let scenario = Scenario::parse(text).unwrap_or_else(|problems| panic!("{problems}"));
    let mut session = Session::new(scenario.into(), Series::default());
    for seconds in [6, 9] {
        session.run_until(Instant::from_secs(seconds), u64::MAX);
        check(session.observer(), session.world(), seconds);
    }
}
