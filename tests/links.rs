//! Recordings and links: a run that is given to somebody else is the same run there.

#[path = "../examples/bench/visitor.rs"]
mod visitor;

use std::collections::BTreeSet;
use std::rc::Rc;

use mqscope::broker::{Entry, Observer, World};
use mqscope::scenario::{Act, KeptBranch, Link, MODEL, Recorded, Scenario, bundled};
use mqscope::session::Session;
use mqscope::sim::{Chance, Draws, Instant, Stream};

struct Nobody;

impl Observer for Nobody {
    fn observe(&mut self, _: &World, _: &Entry) {}
}

fn scenario(id: &str) -> Scenario {
    let (_, text) = bundled().iter().find(|(known, _)| *known == id).expect("a bundled scenario");
    Scenario::parse(text).expect("a sound file")
}

/// Plays a scenario to its end, with ten things done on the way.
fn played(id: &str) -> Session<Nobody> {
    played_as(scenario(id))
}

fn played_as(scenario: Scenario) -> Session<Nobody> {
    let (until, name) = (scenario.until, scenario.id.clone());
    let mut session = Session::new(Rc::new(scenario), Nobody);
    for nth in 0..10 {
        session.run_until(Instant::from_us(until.as_us() / 11 * (nth + 1)), u64::MAX);
        let command = visitor::does(session.scenario(), nth);
        session.act(command);
    }
    session.run_until(until, u64::MAX);
    assert_eq!(session.acts().len(), 10, "{name}");
    session
}

fn view() -> Vec<(String, String)> {
    [("speed", "2"), ("select", "billing/C1")].map(|(name, value)| (name.to_owned(), value.to_owned())).into()
}

fn ids() -> impl Iterator<Item = &'static str> {
    bundled().iter().map(|(id, _)| *id)
}

fn read(fragment: &str) -> Link {
    Link::read(fragment).expect("an experiment").unwrap_or_else(|problems| panic!("{problems}"))
}

fn problems_of(fragment: &str) -> String {
    Link::read(fragment).expect("an experiment").expect_err("not a good one").to_string()
}

/// A recording is played to the same journal, whatever was done in it, and so is the same run in a link. A lesson that
/// comes with MQScope takes less than 1,500 characters with ten acts.
#[test]
fn a_run_given_away_is_the_same_run() {
    for id in ids() {
        let session = played(id);
        let recording = session.recording();
        let text = recording.to_json().to_string();
        let again = Scenario::parse(&text).unwrap_or_else(|problems| panic!("{id}: {problems}"));
        assert_eq!(again, recording, "{id}");
        let recorded = again.recorded.expect("it says where the run stood");
        let mut replayed = Session::new(Rc::new(again), Nobody);
        assert!(replayed.run_to(&recorded, u64::MAX) && replayed.is_at(&recorded), "{id}: another journal");
        assert_eq!(replayed.now(), session.now(), "{id}");
        assert_eq!(replayed.acts(), session.acts(), "{id}");

        let link = Link::new(recording, view());
        assert!(link.is_bundled, "{id}");
        let fragment = link.fragment();
        assert_eq!(read(&fragment), link, "{id}");
        assert!(fragment.len() < 1_500, "{id}: {} characters", fragment.len());
        println!("{id}: {} characters", fragment.len());
    }
}

/// A link to a moment leads into the middle of an instant, and what was done later will be done again.
#[test]
fn a_link_to_a_moment_keeps_what_comes_after_it() {
    let session = played("crash-and-redelivery");
    let mut back = Session::with_acts(Rc::clone(session.scenario()), Nobody, session.acts().to_vec());
    while back.acts().len() < 5 {
        assert!(back.step(session.now()));
    }
    let link = read(&Link::new(back.recording(), Vec::new()).fragment());
    let recorded = link.scenario.recorded.expect("a moment");
    assert!(recorded.entries < session.world().live.seq);
    let mut there = Session::new(Rc::new(link.scenario), Nobody);
    assert!(there.run_to(&recorded, u64::MAX) && there.is_at(&recorded));
    assert_eq!((there.acts().len(), there.acts_ahead().len()), (5, 5));
    there.run_until(session.now(), u64::MAX);
    assert_eq!(there.fingerprint(), session.fingerprint());
}

/// Whoever changed the file gives the whole file away; another seed alone does not make it another file.
#[test]
fn an_edited_scenario_is_in_the_link_whole() {
    let mut scenario = scenario("demo");
    scenario.seed = u64::MAX;
    let link = Link::new(scenario.clone(), Vec::new());
    assert!(link.is_bundled);
    assert_eq!(read(&link.fragment()).scenario, scenario);
    scenario.producers[0].name = "<b>shop".to_owned();
    let link = Link::new(scenario.clone(), Vec::new());
    assert!(!link.is_bundled);
    let fragment = link.fragment();
    assert_eq!(read(&fragment), link);
    // As a chat program wraps it.
    let wrapped: String = fragment.chars().flat_map(|c| [c, '\n']).collect();
    assert_eq!(read(&format!("#{}", wrapped.replacen("m\nq\n1\n.\n", "mq1.", 1))), link);
}

const NEWER: &str = "recorded.model: it was recorded under version 99 of the rules, this MQScope knows version {here}; reload the page, or open it with a newer MQScope.";

/// One sentence says what is wrong with a link, and what to do.
#[test]
fn a_link_that_cannot_be_read_gets_a_sentence() {
    let good = Link::new(scenario("demo"), view()).fragment();
    let packed = |json: &str| {
        use base64::Engine as _;
        let bytes = miniz_oxide::deflate::compress_to_vec_zlib(json.as_bytes(), 9);
        format!("mq1.{}", base64::engine::general_purpose::URL_SAFE_NO_PAD.encode(bytes))
    };
    for (fragment, sentence) in [
        (
            good.replacen("mq1", "mq2", 1),
            "link: the link has version 2, this MQScope reads version 1; reload the page, or ask for the experiment as a file.",
        ),
        (
            good.replacen("mq1", "mq99999999999999", 1),
            "link: the link has version 9999999999, this MQScope reads version 1; reload the page, or ask for the experiment as a file.",
        ),
        (
            good[..good.len() / 2].to_owned(),
            "link: it is damaged or cut off; copy it again from its beginning to its end.",
        ),
        (
            format!("{good}AAAA<script>alert(1)</script>"),
            "link: it is damaged or cut off; copy it again from its beginning to its end.",
        ),
        ("mq1.".to_owned(), "link: it is damaged or cut off; copy it again from its beginning to its end."),
        (
            format!("mq1.{}", "A".repeat(100_001)),
            "link: 100001 characters are too many for a link; ask for the experiment as a file.",
        ),
        (
            packed(&" ".repeat(5 << 20)),
            "link: it holds more than 4194304 bytes; ask for a smaller experiment.",
        ),
        (packed("no JSON"), "link: it is damaged or cut off; copy it again from its beginning to its end."),
        (
            packed("{}"),
            "bundled: there is no bundled scenario \"\"; choose one in the menu, or ask for the experiment as a file.",
        ),
        (
            packed(r#"{"bundled":"demi"}"#),
            "bundled: there is no bundled scenario \"demi\"; the nearest is \"demo\".",
        ),
        (
            packed(r#"{"bundled":"demo","acts":[{"at":"2s","do":{"crash":{"consumer":"x"}}}]}"#),
            "acts[0].do.crash.consumer: \"x\" does not say which group the consumer is in; write the group's name, a slash and the consumer's name, such as \"billing/C1\".",
        ),
        (
            packed(
                r#"{"bundled":"demo","acts":[{"at":"2s","entry":9,"step":5,"do":{"remove_group":{"group":"billing"}}},{"at":"1s","entry":9,"step":4,"do":{"remove_group":{"group":"billing"}}}]}"#,
            ),
            "acts[1].at: 1s is before the act before it at 2s; write the acts in the order of their times.\nacts[1].entry: entry 9 does not come after entry 9; write the acts in the order of their entries.\nacts[1].step: step 4 is before step 5; write the acts in the order of their steps.",
        ),
        (
            packed(
                r#"{"bundled":"later","acts":[{"at":"1s","do":{"teleport":{"group":"billing"}}}],"recorded":{"model":99}}"#,
            ),
            NEWER,
        ),
        (packed(r#"{"file":{"format":"mqscope.scenario/1","recorded":{"model":99},"later":1}}"#), NEWER),
        (
            packed(r#"{"file":{"format":"mqscope.scenario/9"}}"#),
            "file.format: \"mqscope.scenario/9\" is a version that this program does not know; open the file with a newer MQScope, or write it as \"mqscope.scenario/1\".",
        ),
    ] {
        assert_eq!(problems_of(&fragment), sentence.replace("{here}", &MODEL.to_string()));
    }
    let act = r#"{"at":"1s","do":{"send":{"producer":"shop"}}},"#;
    let many =
        packed(&format!(r#"{{"bundled":"demo","acts":[{}]}}"#, act.repeat(80_000).trim_end_matches(',')));
    assert_eq!(problems_of(&many), "acts: 80000 items stand here; write at most 10000.");
    let million =
        packed(&format!(r#"{{"bundled":"demo","acts":[{}]}}"#, act.repeat(1_000_000).trim_end_matches(',')));
    assert!(problems_of(&million).starts_with("link: "), "{}", problems_of(&million));
    for nothing in ["", "#", "stage", "#inspector", "mq", "mqx.abc", "mq.abc", "mq1", "1.mq"] {
        assert_eq!(Link::read(nothing), None, "{nothing}");
    }
}

/// Ten thousand damaged links, and ten thousand with damaged content: a sentence each time, unless the damage does not
/// matter.
#[test]
fn ten_thousand_mutated_links() {
    use base64::Engine as _;
    let engine = base64::engine::general_purpose::URL_SAFE_NO_PAD;
    let mut edited = scenario("transactions");
    edited.id = "mine".to_owned();
    let links = [
        Link::new(played("demo").recording(), view()).fragment(),
        Link::new(played("fifo").recording(), view()).fragment(),
        Link::new(edited, view()).fragment(),
    ];
    let contents = links.clone().map(|link| {
        let bytes = engine.decode(&link["mq1.".len()..]).expect("base64");
        miniz_oxide::inflate::decompress_to_vec_zlib(&bytes).expect("zlib")
    });
    let mut said = [0, 0];
    for nth in 0..10_000 {
        let chance = Chance::new(nth).stream(Stream::World, 0);
        let which = nth as usize % links.len();
        let mut link = links[which].clone().into_bytes();
        mutate(&mut link, chance);
        said[0] += u32::from(is_refused(&String::from_utf8_lossy(&link)));
        let mut content = contents[which].clone();
        mutate(&mut content, chance);
        let packed = engine.encode(miniz_oxide::deflate::compress_to_vec_zlib(&content, 1));
        said[1] += u32::from(is_refused(&format!("mq1.{packed}")));
    }
    assert!(said.iter().all(|said| *said > 5_000), "most damage is noticed: {said:?}");
}

/// Is it an experiment that is refused, with a sentence?
fn is_refused(fragment: &str) -> bool {
    match Link::read(fragment) {
        None => false,
        Some(Ok(_)) => false,
        Some(Err(problems)) => {
            let sentence = problems.to_string();
            assert!(sentence.contains("; ") && sentence.ends_with(['.', 'e']), "{sentence}");
            true
        }
    }
}

/// Bits flipped, bytes replaced, pieces cut out, doubled, or put elsewhere.
fn mutate(bytes: &mut Vec<u8>, chance: Draws) {
    let draw = |n: u64, below: usize| chance.below(n, below.max(1) as u64) as usize;
    for round in 0..=draw(0, 3) as u64 {
        let n = 10 * (round + 1);
        let at = draw(n, bytes.len());
        let end = (at + draw(n + 1, 40)).min(bytes.len());
        if bytes.is_empty() {
            return;
        }
        match draw(n + 2, 6) {
            0 => bytes[at] ^= 1 << draw(n + 3, 7),
            1 => bytes[at] = b"{}[]\",:0-<>e.Zm~\0"[draw(n + 4, 17)],
            2 => bytes.truncate(at),
            3 => drop(bytes.drain(at..end)),
            4 => {
                let piece = bytes[at..end].to_vec();
                bytes.splice(at..at, piece);
            }
            _ => {
                let piece: Vec<u8> = bytes.drain(at..end).collect();
                let to = draw(n + 5, bytes.len());
                bytes.splice(to..to, piece);
            }
        }
    }
}

/// The forms that links have: what is in the folder beside a link to each bundled scenario.
fn forms() -> [(&'static str, Link); 4] {
    let view = || {
        let view = [("speed", "0.5"), ("select", "message:1.4"), ("step", "stage")];
        view.map(|(name, value)| (name.to_owned(), value.to_owned())).into()
    };
    let mut edited = scenario("domain-model");
    edited.id = "mine".to_owned();
    edited.title.en = "Mine, <b>edited</b>".to_owned();
    edited.actions.truncate(1);
    let another_seed = Scenario { seed: 20_260_101, ..scenario("fifo") };
    let mut branched = played("crash-and-redelivery").recording();
    branched.branches = [2, 5].map(|nth| left_after(&branched, nth)).into();
    let start = Scenario { recorded: None, ..played("transactions").recording() };
    [
        ("form-file", Link::new(played_as(edited).recording(), view())),
        ("form-seed", Link::new(played_as(another_seed).recording(), view())),
        ("form-branches", Link::new(branched, view())),
        ("form-start", Link::new(start, Vec::new())),
    ]
}

/// A branch of a run with only so many of its acts.
fn left_after(run: &Scenario, acts: usize) -> KeptBranch {
    let acts = run.acts[..acts].to_vec();
    let mut session = Session::with_acts(Rc::new(scenario(&run.id)), Nobody, acts);
    session.run_until(run.until, u64::MAX);
    let recording = session.recording();
    let left = recording.recorded.expect("where it stands");
    KeptBranch { acts: recording.acts, left, reached: left.at }
}

/// Plays what was done in a run to where it stood, if it says where, else to its end.
fn plays_to(scenario: &Rc<Scenario>, acts: &[Act], recorded: Option<&Recorded>, name: &str) {
    let mut session = Session::with_acts(Rc::clone(scenario), Nobody, acts.to_vec());
    match recorded {
        Some(recorded) => {
            let is_same = session.run_to(recorded, u64::MAX) && session.is_at(recorded);
            assert!(is_same || recorded.model < mqscope::scenario::MODEL, "{name}: another journal");
        }
        None => assert!(session.run_until(scenario.until, u64::MAX), "{name}"),
    }
    assert!(session.broken().is_none(), "{name}");
}

/// Links that were once given away. They open for ever; where a rule was corrected since, they say under which version
/// they were made. There is one to each bundled scenario, and one of each form that links ever had.
#[test]
fn old_links_open() {
    let folder = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/links");
    if std::env::var_os("FREEZE").is_some() {
        let of = |id: &str| (id.to_owned(), Link::new(played(id).recording(), view()));
        let forms = forms().into_iter().map(|(name, link)| (name.to_owned(), link));
        for (name, link) in ids().map(of).chain(forms) {
            let path = folder.join(format!("{name}.txt"));
            if !path.exists() {
                std::fs::write(path, format!("{}\n", link.fragment())).expect("a new link");
            }
        }
    }
    let mut seen = BTreeSet::new();
    for entry in std::fs::read_dir(folder).expect("a folder of old links") {
        let path = entry.expect("an entry").path();
        let name = path.file_stem().and_then(|name| name.to_str()).expect("a name").to_owned();
        let fragment = std::fs::read_to_string(&path).expect("a text");
        let link = read(fragment.trim());
        let scenario = Rc::new(link.scenario.clone());
        let Scenario { acts, branches, recorded, .. } = &link.scenario;
        plays_to(&scenario, acts, recorded.as_ref(), &name);
        for branch in branches {
            plays_to(&scenario, &branch.acts, Some(&branch.left), &name);
        }
        let has_step = acts.iter().any(|act| act.step.is_some());
        for (form, is_such) in [
            ("acts with steps", has_step),
            ("acts with entries alone", !has_step && acts.iter().any(|act| act.seq.is_some())),
            ("branches", !branches.is_empty()),
            ("a whole file", !link.is_bundled),
            ("from the start", recorded.is_none()),
            ("the step's size", link.view.iter().any(|(name, _)| name == "step")),
        ] {
            if is_such {
                seen.insert(form.to_owned());
            }
        }
        seen.insert(name);
    }
    let forms = ["acts with steps", "acts with entries alone", "branches", "a whole file", "from the start"];
    for wanted in ids().chain(forms).chain(["the step's size", "form-seed"]) {
        assert!(seen.contains(wanted), "no link is frozen: {wanted}; FREEZE=1 writes those that are missing");
    }
}
