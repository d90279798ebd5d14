//! The page in use: watched, changed by mouse and by keyboard alone, in both languages, and fed with nonsense.

use browser_tests::{Page, View, browse};
use mqscope::scenario::{Link, Scenario, bundled};

/// The page at an instant of the opening scenario, standing still.
async fn standing(page: &Page) {
    page.open("?scenario=domain-model&at=5s&paused").await;
    page.until_shown("[data-number=now_us][data-value='5000000']").await;
}

async fn number(page: &Page, path: &str) -> u64 {
    let script = format!("return document.querySelector(`[data-number='{path}']`)?.dataset.value ?? ''");
    page.eval(&script).await.as_str().and_then(|text| text.parse().ok()).unwrap_or_default()
}

/// Presses Tab until the element with this id has the keyboard.
async fn tab_to(page: &Page, id: &str) {
    for _ in 0..120 {
        if page.eval("return document.activeElement?.id ?? ''").await == id {
            return;
        }
        page.press("Tab").await;
    }
    panic!("the Tab key never comes to #{id}");
}

/// From now on the page remembers which words its picture is painted with.
async fn watch_picture(page: &Page) {
    page.eval(
        "const paint = CanvasRenderingContext2D.prototype.fillText;
         window.painted = new Set();
         CanvasRenderingContext2D.prototype.fillText = function (words, ...where) {
             window.painted.add(words);
             return paint.call(this, words, ...where);
         };",
    )
    .await;
}

/// The new group is in the picture, in the tables, in the log and among the things that can be looked into.
async fn is_there(page: &Page, name: &str) {
    page.until("the picture names it", &format!("return window.painted.has('{name}')")).await;
    page.until_shown(&format!("[data-number='groups.{name}.accumulation']")).await;
    page.until_text("#log", &format!("Consumer group {name} exists")).await;
    page.until_text("#inspector", name).await;
}

#[test]
fn it_plays_by_itself_and_stops_when_asked() {
    browse(View::default(), async |page| {
        page.open("").await;
        page.until(
            "time goes on",
            "return +document.querySelector('[data-number=now_us]')?.dataset.value > 500000",
        )
        .await;
        page.until(
            "messages are sent and stored",
            "return /[1-9][0-9]* messages? stored/.test(document.querySelector('#inspector').textContent)",
        )
        .await;
        page.press(" ").await;
        page.until_shown(".latencies-later, [data-number='groups.billing.latency_us.waiting.count']").await;
        page.until_shown("[data-number='groups.billing.latency_us.waiting.count']").await;
        let stood = number(&page, "now_us").await;
        page.press(".").await;
        page.until(
            "a step moves the clock",
            &format!("return +document.querySelector('[data-number=now_us]').dataset.value > {stood}"),
        )
        .await;
    });
}

#[test]
fn a_group_added_by_click_appears_everywhere() {
    browse(View::default(), async |page| {
        standing(&page).await;
        watch_picture(&page).await;
        page.click("#add-group").await;
        page.fill("#new-group-name", "search").await;
        page.click(".add-form button[type=submit]").await;
        is_there(&page, "search").await;
        // It is looked at now, and the form for another consumer of it has its place there.
        page.click("#other-consumer").await;
        page.until_shown(".inspector .add-form input").await;
    });
}

#[test]
fn a_group_added_by_keyboard_alone_appears_everywhere() {
    browse(View::default(), async |page| {
        standing(&page).await;
        watch_picture(&page).await;
        tab_to(&page, "add-group").await;
        page.press("Enter").await;
        page.until(
            "the first field has the keyboard",
            "return document.activeElement.id === 'new-group-name'",
        )
        .await;
        page.press("Control+a").await;
        page.type_text("archive").await;
        page.press("Enter").await;
        is_there(&page, "archive").await;
    });
}

#[test]
fn both_languages_are_spoken() {
    browse(View::default(), async |page| {
        page.open("?lang=zh-CN&at=5s&paused").await;
        page.until_text("#twin-title", "用数字表示").await;
        assert_eq!(
            page.attribute("html", "lang").await.as_deref(),
            Some("zh-CN"),
            "and the document says so"
        );
        page.press("l").await;
        page.until_text("#twin-title", "The same in numbers").await;
        assert_eq!(page.attribute("html", "lang").await.as_deref(), Some("en"));
    });
}

#[test]
fn a_bad_file_gets_sentences_and_changes_nothing() {
    browse(View::default(), async |page| {
        standing(&page).await;
        let fingerprint = "return document.querySelector('[data-number=fingerprint]').dataset.value";
        let before = page.eval(fingerprint).await;
        let file = r#"{"format":"mqscope.scenario/1","id":"bad","title":{"en":"Bad"},"seed":"1234567890123456789012345678901234567890",
            "topics":[{"name":"<img src=x onerror=alert(1)>","write_queues":1000000000}],
            "producers":[{"name":"p","topic":"nowhere","pattern":{"poisson":{"per_second":-1}}}]}"#;
        let paste = format!(
            "const data = new DataTransfer(); data.setData('text', {});
             document.dispatchEvent(new ClipboardEvent('paste', {{ clipboardData: data, bubbles: true }}))",
            serde_json::Value::from(file)
        );
        page.eval(&paste).await;
        let said = page.until_text(".problems", "seed").await;
        for part in ["topics[0].write_queues", "producers[0].pattern", "producers[0].topic"] {
            assert!(said.contains(part), "{part} is named: {said}");
        }
        assert_eq!(
            page.eval("return document.querySelectorAll('.problems img').length").await,
            0,
            "no HTML from it"
        );
        assert_eq!(page.eval(fingerprint).await, before, "the run is untouched");
        page.press("Escape").await;
        page.until("the list is gone", "return !document.querySelector('.problems')").await;
    });
}

#[test]
fn text_typed_into_a_number_field_is_kept_and_explained() {
    browse(View::default(), async |page| {
        standing(&page).await;
        page.click("#add-topic").await;
        page.fill(".add-form input[inputmode=numeric]", "many").await;
        page.click(".add-form button[type=submit]").await;
        page.until_shown(".add-form [role=alert]").await;
        assert!(!page.text(".add-form [role=alert]").await.is_empty(), "a sentence says what would be right");
        let kept =
            page.eval("return document.querySelector('.add-form input[inputmode=numeric]').value").await;
        assert_eq!(kept, "many", "and what was typed is still there");
    });
}

/// The bar is a slider over the whole run: back and forth by mouse and by keys, always to the same world.
#[test]
fn the_bar_goes_to_any_instant_by_mouse_and_by_keyboard() {
    browse(View::default(), async |page| {
        standing(&page).await;
        let fingerprint = "return document.querySelector('[data-number=fingerprint]').dataset.value";
        let here = page.eval(fingerprint).await;
        page.click(".bar").await;
        page.until(
            "a press in the middle of the bar goes there",
            "return +document.querySelector('[data-number=now_us]').dataset.value > 40_000_000",
        )
        .await;
        page.press("Home").await;
        page.until_shown("[data-number=now_us][data-value='0']").await;
        page.press("End").await;
        page.until_shown("[data-number=now_us][data-value='90000000']").await;
        page.press("Home").await;
        page.until_shown("[data-number=now_us][data-value='0']").await;
        for _ in 0..5 {
            page.press("ArrowRight").await;
        }
        page.until_shown("[data-number=now_us][data-value='4500000']").await;
        page.press("PageDown").await;
        page.until_shown("[data-number=now_us][data-value='0']").await;
        page.open("?scenario=domain-model&at=7s&paused").await;
        page.until_shown("[data-number=now_us][data-value='7000000']").await;
        page.press(",").await;
        page.until(
            "a step back",
            "return +document.querySelector('[data-number=now_us]').dataset.value < 7_000_000",
        )
        .await;
        // Two stages of messages on, and two back.
        page.press("<").await;
        page.until_shown(".caption.is-news").await;
        let place = number(&page, "now_us").await;
        for (key, times) in [(">", 2), ("<", 2)] {
            for _ in 0..times {
                page.press(key).await;
            }
        }
        page.until_shown(&format!("[data-number=now_us][data-value='{place}']")).await;
        standing(&page).await;
        assert_eq!(page.eval(fingerprint).await, here, "the same instant is the same world");
    });
}

/// A bundled scenario, with something selected.
fn selected(id: &str, subject: &str) -> String {
    let (_, text) = bundled().iter().find(|(this, _)| *this == id).expect("it is bundled");
    let view = vec![("select".to_owned(), subject.to_owned())];
    Link::new(Scenario::parse(text).expect("it is sound"), view).fragment()
}

#[test]
fn a_message_that_waits_in_the_timer_is_opened_by_its_row() {
    browse(View::default(), async |page| {
        page.open(&format!("?at=10s&paused#{}", selected("delay", "timer:0"))).await;
        page.until_shown("[data-number=now_us][data-value='10000000']").await;
        page.until_text("#inspector .list", "shop #0").await;
        page.click("#inspector .list .pick").await;
        page.until_text("#inspector .kind", "Message in the timer").await;
        page.until_text("#inspector-title", "#0").await;
    });
}

#[test]
fn the_keyboard_goes_on_where_the_pressed_button_was() {
    let focus = async |page: &Page, css: &str| {
        page.until_shown(css).await;
        page.eval(&format!("document.querySelector(`{css}`).focus()")).await;
    };
    let is_on = async |page: &Page, css: &str| {
        page.until(
            &format!("the keyboard is on {css}"),
            &format!("return document.activeElement.matches(`{css}`)"),
        )
        .await;
    };
    browse(View::default(), async |page| {
        // Crashed and started again.
        for (subject, row) in [("producer:0", "#producer-status"), ("consumer:0", "#consumer-status")] {
            // Another fragment alone opens no page.
            page.open("").await;
            page.open(&format!("?at=5s&paused#{}", selected("domain-model", subject))).await;
            page.until_shown("[data-number=now_us][data-value='5000000']").await;
            for (button, becomes) in [(".danger", ".main-button"), (".main-button", ".danger")] {
                focus(&page, &format!("{row} {button}")).await;
                page.press("Enter").await;
                page.until_shown(&format!("{row} {becomes}")).await;
                is_on(&page, &format!("{row}, {row} button")).await;
            }
        }
        // Undone while the keyboard is on a branch.
        focus(&page, "#branches [aria-current=true]").await;
        page.press("Control+z").await;
        page.until_text("#said", "undone").await;
        is_on(&page, "#branches [aria-current=true]").await;
        // Another value for a setting.
        page.click(".model-link").await;
        page.click("dialog.model button.plain").await;
        let button = "button#setting-tx-maxChecks";
        for gives_up in [true, false] {
            focus(&page, button).await;
            page.press("Enter").await;
            is_on(&page, "input#setting-tx-maxChecks").await;
            if gives_up {
                page.press("Escape").await;
            } else {
                page.press("Control+a").await;
                page.type_text("7").await;
                page.press("Enter").await;
                page.until_text("[data-setting='tx.maxChecks'] .setting-values", "7").await;
            }
            is_on(&page, button).await;
        }
    });
}
