//! Branches in a real browser: acting in the past, undoing by keyboard, comparing, and the browser's own back button.

use browser_tests::{Page, View, browse};
use mqscope::broker::{Command, ConsumerChange};
use mqscope::scenario::{Link, Scenario, bundled};
use mqscope::session::Session;
use mqscope::sim::Instant;

async fn names(page: &Page) -> Vec<String> {
    page.texts("#branches .branch-name").await
}

async fn fingerprint(page: &Page) -> String {
    page.attribute("[data-number=fingerprint]", "data-value").await.unwrap_or_default()
}

async fn until_at(page: &Page, us: u64) {
    page.until_shown(&format!("[data-number=now_us][data-value='{us}']")).await;
}

/// Adds a group at the present moment.
async fn add_group(page: &Page, name: &str) {
    page.click("#add-group").await;
    page.fill("#new-group-name", name).await;
    page.click(".add-form button[type=submit]").await;
    page.until_shown(&format!("[data-number='groups.{name}.accumulation']")).await;
}

async fn until_branches(page: &Page, count: usize) {
    page.until_shown(&format!("#branches [data-branches='{count}']")).await;
}

#[test]
fn the_past_branches_and_every_way_back_leads_to_the_same_place() {
    browse(View::default(), async |page| {
        page.open("?scenario=domain-model&at=5s&paused").await;
        until_at(&page, 5_000_000).await;
        let before = fingerprint(&page).await;
        let length = page.eval("return history.length").await;
        assert!(names(&page).await.is_empty(), "nothing was done yet");

        // Back by a step: this is the past, though nothing was done.
        page.press(",").await;
        page.until(
            "it is earlier",
            "return +document.querySelector('[data-number=now_us]').dataset.value < 5000000",
        )
        .await;
        let at_fork = fingerprint(&page).await;
        add_group(&page, "search").await;
        until_branches(&page, 2).await;
        page.until_text(".caption", "another branch begins here").await;
        let acted = fingerprint(&page).await;
        assert!(names(&page).await.iter().any(|name| name.contains("search")));

        page.press("Control+z").await;
        page.until(
            "it is undone",
            &format!(
                "return document.querySelector('[data-number=fingerprint]').dataset.value === '{at_fork}'"
            ),
        )
        .await;
        page.press("Control+Shift+z").await;
        page.until(
            "it is done again",
            &format!(
                "return document.querySelector('[data-number=fingerprint]').dataset.value === '{acted}'"
            ),
        )
        .await;

        page.click("#branches .branch .plain").await;
        page.until_text("#branches .branch-key", "They part at").await;
        page.until_text("#compared", "They part at").await;
        page.until("the messages are compared", "return !!document.querySelector(`[data-otherwise]`)").await;
        page.until_text(".plot svg[role=img]", "other branch").await;

        // The other branch by a click, this one again by the browser's button.
        page.click("#branches button.branch-open").await;
        page.until(
            "the group is gone",
            "return !document.querySelector(`[data-number='groups.search.accumulation']`)",
        )
        .await;
        page.eval("history.back()").await;
        page.until_shown("[data-number='groups.search.accumulation']").await;
        assert_eq!(fingerprint(&page).await, acted);
        until_branches(&page, 2).await;

        // Time leaves no entries.
        let entries = page.eval("return history.length").await;
        for key in [".", ".", ","] {
            page.press(key).await;
        }
        page.press(" ").await;
        page.until(
            "time goes on",
            "return +document.querySelector('[data-number=now_us]').dataset.value > 5500000",
        )
        .await;
        page.press(" ").await;
        assert_eq!(page.eval("return history.length").await, entries);
        assert!(entries.as_u64() > length.as_u64() && entries.as_u64() < length.as_u64().map(|n| n + 6));
        assert_ne!(before, acted);
    });
}

#[test]
fn the_back_button_leads_to_the_scenario_before() {
    browse(View::default(), async |page| {
        page.open("?scenario=domain-model&at=5s&paused").await;
        until_at(&page, 5_000_000).await;
        let before = fingerprint(&page).await;
        page.press("o").await;
        page.click(".scenarios li:nth-child(3) button").await;
        page.until("it is in the address", "return !location.search.includes('domain-model')").await;
        page.eval("history.back()").await;
        page.until(
            "it is the run before",
            &format!(
                "return document.querySelector('[data-number=fingerprint]')?.dataset.value === '{before}'"
            ),
        )
        .await;
        page.eval("history.forward()").await;
        page.until("and forward", "return !location.search.includes('domain-model')").await;
        page.until(
            "another run",
            &format!(
                "return document.querySelector('[data-number=fingerprint]')?.dataset.value !== '{before}'"
            ),
        )
        .await;
    });
}

#[test]
fn no_way_of_the_browser_s_buttons_loses_a_branch() {
    browse(View::default(), async |page| {
        branch(&page).await;
        // The entry before is of the other branch; it is deleted.
        page.click("#branches .branch .quiet.square").await;
        until_branches(&page, 1).await;
        page.eval("history.back()").await;
        page.until_text(".caption", "is gone").await;
        until_branches(&page, 1).await;
        page.until_shown("[data-number='groups.search.accumulation']").await;
    });
}

#[test]
fn an_entry_of_an_earlier_opening_leads_to_its_run_and_nothing_is_lost() {
    browse(View::default(), async |page| {
        branch(&page).await;
        page.eval("location.reload()").await;
        page.until_shown("[data-number='groups.search.accumulation']").await;
        add_group(&page, "later").await;
        let there = fingerprint(&page).await;
        page.eval("window.isSameOpening = true; history.back()").await;
        page.until(
            "the run of the entry before",
            "return !document.querySelector(`[data-number='groups.search.accumulation']`)",
        )
        .await;
        page.eval("history.forward()").await;
        page.until_shown("[data-number='groups.later.accumulation']").await;
        assert_eq!(fingerprint(&page).await, there);
        assert_eq!(page.eval("return window.isSameOpening === true").await.as_bool(), Some(true));
    });
}

/// Does one thing at a moment that time has passed already.
async fn branch(page: &Page) {
    page.open("?scenario=domain-model&at=5s&paused").await;
    until_at(page, 5_000_000).await;
    page.press(",").await;
    page.until(
        "it is earlier",
        "return +document.querySelector('[data-number=now_us]').dataset.value < 5000000",
    )
    .await;
    add_group(page, "search").await;
    until_branches(page, 2).await;
}

async fn reload(page: &Page) {
    page.eval("window.isOld = true; location.reload()").await;
    page.until("the page is another", "return window.isOld === undefined").await;
    page.until_shown("canvas").await;
}

#[test]
fn back_and_loaded_anew_all_branches_are_there_and_a_deleted_one_is_not() {
    browse(View::default(), async |page| {
        branch(&page).await;
        page.eval("history.back()").await;
        page.until(
            "the branch before",
            "return !document.querySelector(`[data-number='groups.search.accumulation']`)",
        )
        .await;
        reload(&page).await;
        until_branches(&page, 2).await;
        page.click("#branches .branch .quiet.square").await;
        // One is left, and the list stays for as long as the other one can be brought back.
        until_branches(&page, 1).await;
        page.until_shown(".branch-restore").await;
        reload(&page).await;
        page.until("the one that is left needs no list", "return !document.querySelector('#branches')").await;
    });
}

#[test]
fn undoing_and_doing_again_leaves_no_entries() {
    browse(View::default(), async |page| {
        branch(&page).await;
        let entries = page.eval("return history.length").await;
        let group = "document.querySelector(`[data-number='groups.search.accumulation']`)";
        for _ in 0..3 {
            page.press("Control+z").await;
            page.until("it is undone", &format!("return !{group}")).await;
            page.press("Control+Shift+z").await;
            page.until("it is done again", &format!("return !!{group}")).await;
        }
        assert_eq!(page.eval("return history.length").await, entries);
        page.eval("history.back()").await;
        page.until("once is enough", &format!("return !{group}")).await;
    });
}

/// The page's own skip link leads to a place within it; the entry that it makes holds the run, too.
#[test]
fn after_a_jump_within_the_page_nothing_is_lost() {
    browse(View::default(), async |page| {
        page.open("?scenario=domain-model&at=5s&paused").await;
        until_at(&page, 5_000_000).await;
        add_group(&page, "search").await;
        page.eval("location.hash = 'twin'").await;
        page.until("it is in the address", "return location.hash.startsWith('#mq1.')").await;
        add_group(&page, "later").await;
        let there = fingerprint(&page).await;
        reload(&page).await;
        page.until_shown("[data-number='groups.later.accumulation']").await;
        assert_eq!(fingerprint(&page).await, there);
    });
}

#[test]
fn the_keyboard_stays_in_the_list_of_branches() {
    browse(View::default(), async |page| {
        branch(&page).await;
        let focus = async |css: &str| page.eval(&format!("document.querySelector('{css}').focus()")).await;
        let is_here = "const it = document.activeElement;
            return it.matches('#branches .branch-open[aria-current=true]') && it.id";
        focus("#branches button.branch-open").await;
        page.press("Enter").await;
        let first = page.until("it is in the branch that was opened", is_here).await;
        focus("#branches button.branch-open").await;
        page.press("Enter").await;
        let is_other = format!(
            "const it = document.activeElement;
            return it.matches('#branches .branch-open[aria-current=true]') && it.id !== {first} && it.id"
        );
        let second = page.until("it is in the other one", &is_other).await;
        focus("#branches .quiet.square").await;
        page.press("Enter").await;
        until_branches(&page, 1).await;
        assert_eq!(page.until("it is beside the one that is gone", is_here).await, second);
        page.until_text("#said", "was deleted").await;
        focus(".branch-restore").await;
        page.press("Enter").await;
        until_branches(&page, 2).await;
        page.until(
            "it is on the one that is back",
            &format!("return document.activeElement.matches('button.branch-open') && document.activeElement.id === {first}"),
        )
        .await;
    });
}

#[test]
fn a_page_that_is_come_back_to_is_where_it_was_left() {
    browse(View::default(), async |page| {
        page.open("?scenario=domain-model&at=5s&paused").await;
        until_at(&page, 5_000_000).await;
        add_group(&page, "search").await;
        for _ in 0..3 {
            let before = fingerprint(&page).await;
            page.press(".").await;
            let is_another = format!(
                "return document.querySelector('[data-number=fingerprint]').dataset.value !== '{before}'"
            );
            page.until("a step is made", &is_another).await;
        }
        let now = page.attribute("[data-number=now_us]", "data-value").await;
        let now = now.and_then(|now| now.parse().ok()).expect("it is a number");
        assert!(now > 5_000_000, "{now}");
        let there = fingerprint(&page).await;
        page.eval("location.href = location.pathname + '?scenario=fifo&paused'").await;
        page.until("it is another page", "return location.search.includes('fifo')").await;
        page.until_shown("canvas").await;
        page.eval("history.back()").await;
        until_at(&page, now).await;
        assert_eq!(fingerprint(&page).await, there);
    });
}

/// A browser takes the address to load anew before it tells the page.
#[test]
fn loaded_anew_the_run_is_where_it_stood() {
    browse(View::default(), async |page| {
        page.open("?scenario=domain-model&at=5s&paused").await;
        until_at(&page, 5_000_000).await;
        add_group(&page, "search").await;
        page.until("what was done is in the address", "return location.hash.startsWith('#mq1.')").await;
        let has_moved = async |page: &Page, was: &serde_json::Value| {
            page.until("the address follows", &format!("return location.hash !== {was}")).await;
            page.eval("return location.hash").await
        };
        let acted = page.eval("return location.hash").await;
        page.press(".").await;
        let stepped = has_moved(&page, &acted).await;
        let there = fingerprint(&page).await;
        reload(&page).await;
        page.until(
            "it is there",
            &format!(
                "return document.querySelector('[data-number=fingerprint]').dataset.value === '{there}'"
            ),
        )
        .await;
        assert_eq!(page.eval("return location.hash").await, stepped, "coming there is no going on");
        page.press("Space").await;
        let running = has_moved(&page, &stepped).await;
        assert_ne!(has_moved(&page, &running).await, running, "again and again while time runs");
    });
}

/// A run that nobody has touched has a short address while it runs; at rest, its moment stands in it.
#[test]
fn loaded_anew_a_run_in_which_nothing_was_done_is_where_it_rested() {
    browse(View::default(), async |page| {
        page.open("?scenario=domain-model").await;
        page.until(
            "time runs",
            "return +document.querySelector('[data-number=now_us]').dataset.value > 1000000",
        )
        .await;
        assert_eq!(page.eval("return location.hash").await.as_str(), Some(""));
        page.press("Space").await;
        page.until("the address follows", "return location.hash.startsWith('#mq1.')").await;
        let now = page.attribute("[data-number=now_us]", "data-value").await;
        let now = now.and_then(|now| now.parse().ok()).expect("it is a number");
        let there = fingerprint(&page).await;
        reload(&page).await;
        until_at(&page, now).await;
        assert_eq!(fingerprint(&page).await, there);
        page.press("Home").await;
        page.until("at its start the query is enough", "return !location.hash").await;
    });
}

/// The way to where a link leads can be long. Who stops on it, and loads the page anew, is where they stopped.
#[test]
fn who_stops_on_the_way_is_there_after_loading_anew() {
    let (_, text) = bundled().iter().find(|(id, _)| *id == "demo").expect("it is bundled");
    let text = text.replace("\"per_second\": 40", "\"per_second\": 20000");
    let mut scenario = Scenario::parse(&text).expect("it is sound");
    (scenario.stop_after_messages, scenario.until) = (None, Instant::from_secs(300));
    let link = Link::new(scenario, Vec::new()).fragment();
    browse(View::default(), async |page| {
        page.open(&format!("?at=300s&paused#{link}")).await;
        page.until_shown("canvas").await;
        page.press("Space").await;
        let is_another = format!(
            "return location.hash !== '#{link}' && document.querySelector('[data-number=now_us]').dataset.value"
        );
        let stopped = page.until("the address is that of where it stopped", &is_another).await;
        let stopped = stopped.as_str().and_then(|now| now.parse().ok()).expect("an instant");
        assert!(stopped < 300_000_000, "{stopped}");
        reload(&page).await;
        until_at(&page, stopped).await;
    });
}

#[test]
fn the_keyboard_stays_on_what_has_nothing_more_to_do_or_becomes_something_else() {
    let (_, text) = bundled().iter().find(|(id, _)| *id == "domain-model").expect("it is bundled");
    let view = vec![("select".to_owned(), "consumer:0".to_owned())];
    let link = Link::new(Scenario::parse(text).expect("it is sound"), view).fragment();
    browse(View::default(), async |page| {
        page.open(&format!("?at=5s&paused#{link}")).await;
        until_at(&page, 5_000_000).await;
        let focus = async |css: &str| page.eval(&format!("document.querySelector('{css}').focus()")).await;
        for (button, becomes) in [(".plain", ".main-button"), (".main-button", ".plain")] {
            focus(&format!("#link-status {button}")).await;
            page.press("Enter").await;
            page.until_shown(&format!("#link-status {becomes}")).await;
            page.until("the keyboard is there", "return !!document.activeElement.closest('#link-status')")
                .await;
        }
        focus(".branches-undo button").await;
        for _ in 0..3 {
            page.press("Space").await;
        }
        page.until_shown(".branches-undo button:first-child[aria-disabled=true]:focus").await;
        assert_eq!(page.attribute("[data-number=now_us]", "data-value").await.as_deref(), Some("5000000"));
        // The link to be copied is that of what is seen.
        page.press("Control+Shift+z").await;
        page.until_shown(".branches-undo button:first-child:not([aria-disabled])").await;
        page.press("c").await;
        page.until_shown("dialog.share").await;
        let before = fingerprint(&page).await;
        for key in ["Control+z", ".", "e"] {
            page.press(key).await;
        }
        page.press("Escape").await;
        page.until("it is closed", "return !document.querySelector('dialog')").await;
        assert_eq!(fingerprint(&page).await, before);
        focus("#branches .branch .plain").await;
        page.press("Enter").await;
        page.until_shown("#branches .branch-key button").await;
        focus("#branches .branch-key button").await;
        page.press("Enter").await;
        page.until("the keyboard is in the list", "return document.activeElement.matches('.branch-open')")
            .await;
    });
}

/// A fragment with so many acts that it is long.
fn long_fragment() -> String {
    let (_, text) = bundled().iter().find(|(id, _)| *id == "domain-model").expect("it is bundled");
    let mut session = Session::new(Scenario::parse(text).expect("it is sound").into(), ());
    for nth in 0..400_u32 {
        session.run_until(Instant(u64::from(nth) * 7_919 + u64::from(nth * nth % 6_871)), u64::MAX);
        let change = ConsumerChange::SetThreads(1 + nth * 37 % 64);
        session.act(Command::Consumer { consumer: "billing/C1".to_owned(), change });
    }
    let fragment = Link::new(session.recording(), Vec::new()).fragment();
    assert!((5_000..90_000).contains(&fragment.len()), "{}", fragment.len());
    fragment
}

#[test]
fn a_long_address_is_written_once_for_all_that_is_done_and_never_lost() {
    browse(View::default(), async |page| {
        page.open(&format!("?paused#{}", long_fragment())).await;
        page.until_shown("canvas").await;
        add_group(&page, "search").await;
        let count = "window.writes = 0;
            const write = history.replaceState.bind(history);
            history.replaceState = (state, title, address) => {
                window.writes += address ? 1 : 0;
                return write(state, title, address);
            };
            const before = location.hash;
            for (let n = 0; n < 6; n++) {
                document.body.dispatchEvent(new KeyboardEvent('keydown', { key: 'z', ctrlKey: true, bubbles: true }));
            }
            return before";
        let before = page.eval(count).await;
        page.until("the address is another", &format!("return location.hash !== {before}")).await;
        assert_eq!(page.eval("return window.writes").await, 1);
        // Something is done, and at once the page is left.
        add_group(&page, "other").await;
        page.click("#add-group").await;
        page.fill("#new-group-name", "last").await;
        let leave = "const leave = () => {
                if (document.querySelector(`[data-number='groups.last.accumulation']`)) {
                    location.href = location.pathname + '?scenario=fifo&paused';
                } else {
                    requestAnimationFrame(leave);
                }
            };
            document.querySelector('.add-form button[type=submit]').click();
            leave()";
        page.slow_down(8.0).await;
        page.eval(leave).await;
        page.until("it is another page", "return location.search.includes('fifo')").await;
        page.until_shown("canvas").await;
        page.eval("history.back()").await;
        page.until("it is back", "return location.hash.startsWith('#mq1.')").await;
        reload(&page).await;
        page.until_shown("[data-number='groups.last.accumulation']").await;
    });
}

/// Entries that the page did not make: an address that was typed, or that a program put there.
#[test]
fn an_entry_of_somebody_else_opens_what_it_says_or_says_why_not() {
    browse(View::default(), async |page| {
        page.open("?scenario=domain-model&at=5s&paused").await;
        until_at(&page, 5_000_000).await;
        let before = fingerprint(&page).await;
        let until_before = async || {
            let script = format!(
                "return document.querySelector('[data-number=fingerprint]').dataset.value === '{before}'"
            );
            page.until("it is the run before", &script).await;
        };
        let (_, text) = bundled().iter().find(|(id, _)| *id == "fifo").expect("it is bundled");
        let mut session = Session::new(Scenario::parse(text).expect("it is sound").into(), ());
        session.run_until(Instant::from_secs(7), u64::MAX);
        let link = Link::new(session.recording(), Vec::new()).fragment();
        page.eval(&format!("location.hash = '{link}'")).await;
        until_at(&page, 7_000_000).await;
        page.eval("history.back()").await;
        until_before().await;
        page.eval("history.forward()").await;
        until_at(&page, 7_000_000).await;
        page.eval("history.back()").await;
        until_before().await;
        page.eval("location.hash = 'mq1.damaged'").await;
        page.until_text(".caption", "This link cannot be opened").await;
        until_before().await;
        page.eval("history.back()").await;
        page.until("it is the entry before", "return !location.hash").await;
        until_before().await;
        // Another query without another fragment.
        page.eval(
            "history.pushState({ whose: 'theirs' }, '', '?scenario=fifo&at=3s&paused'); history.back()",
        )
        .await;
        page.until("it is the entry before", "return location.search.includes('domain-model')").await;
        page.eval("history.forward()").await;
        until_at(&page, 3_000_000).await;
        page.until("it is another scenario", "return location.search.includes('fifo')").await;
        page.eval("history.back()").await;
        until_before().await;
        // An entry whose address could not hold everything.
        page.eval("history.replaceState(history.state + ' part', '')").await;
        page.eval("window.isOld = true; location.reload()").await;
        page.until("the page is another", "return window.isOld === undefined").await;
        page.until_text(".caption", "Not all that was done").await;
    });
}
