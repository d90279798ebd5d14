//! The page where it is not alone: in a frame of somebody else's page, in two tabs, and with files that are none.

use browser_tests::{Page, View, browse};
use serde_json::json;

async fn number(page: &Page, path: &str) -> u64 {
    let value = page.attribute(&format!("[data-number='{path}']"), "data-value").await;
    value.and_then(|value| value.parse().ok()).unwrap_or_else(|| panic!("{path} is a number"))
}

/// A frame that may run scripts and nothing else: no storage, no clipboard, no origin.
#[test]
fn it_starts_in_a_frame_that_is_shut_off() {
    browse(View::default(), async |page| {
        page.embed("scenario=fifo&panels=stage&at=5s&paused").await;
        page.until_shown("canvas").await;
        assert_eq!(page.eval("return self.origin").await, json!("null"), "it is a stranger to everybody");
        let shown = "return ['header', 'aside', '.plots', '.log', '#twin'].filter(css => document.querySelector(css))";
        assert_eq!(page.eval(shown).await, json!([]), "the picture and its bar are alone");
        assert_eq!(number(&page, "now_us").await, 5_000_000);
        page.click("button.round.main").await;
        let running = "return +document.querySelector('[data-number=now_us]').dataset.value > 5500000";
        page.until("time goes on", running).await;
        // What would be remembered elsewhere, copied or saved.
        page.press("l").await;
        page.until("it speaks Chinese", "return document.documentElement.lang === 'zh-CN'").await;
        page.press("t").await;
        page.press("c").await;
        page.click("dialog.share .share-row button").await;
        page.until("it says what to do", "return document.querySelector('.share [role=status]').textContent")
            .await;
        page.press("Escape").await;
        page.press("v").await;
        page.until_shown("dialog.promises [data-promise='order-shipping']").await;
        page.shot("embedded").await;
    });
}

#[test]
fn alone_on_a_page_of_its_own_it_breaks_no_accessibility_rule() {
    browse(View::default().phone().dark(), async |page| {
        page.open("?panels=stage&at=5s&paused").await;
        page.until_shown("canvas").await;
        assert_eq!(page.violations().await, Vec::<String>::new());
    });
}

#[test]
fn two_tabs_on_one_link_are_independent() {
    browse(View::default(), async |page| {
        let link = "?scenario=demo&at=5s&paused";
        page.open(link).await;
        page.until_shown("canvas").await;
        let first = page.tab().await;
        let second = page.new_tab().await;
        page.open(link).await;
        page.until_shown("canvas").await;
        let before = number(&page, "events").await;
        page.press(".").await;
        page.press("t").await;
        page.until(
            "something happened",
            &format!("return +document.querySelector('[data-number=events]').dataset.value > {before}"),
        )
        .await;
        page.switch_to(&first).await;
        assert_eq!((number(&page, "events").await, number(&page, "now_us").await), (before, 5_000_000));
        page.press("Home").await;
        page.until_shown("[data-number=now_us][data-value='0']").await;
        page.switch_to(&second).await;
        assert!(number(&page, "events").await > before && number(&page, "now_us").await >= 5_000_000);
    });
}

#[test]
fn a_huge_file_gets_one_sentence_and_is_not_read() {
    browse(View::default(), async |page| {
        page.open("?scenario=demo&at=5s&paused").await;
        page.until_shown("canvas").await;
        let before = number(&page, "events").await;
        page.eval(
            "for (const name of ['readAsText', 'readAsArrayBuffer']) {
                 const read = FileReader.prototype[name];
                 FileReader.prototype[name] = function (...what) { window.hasRead = true; return read.apply(this, what) };
             }
             const data = new DataTransfer();
             data.items.add(new File([new ArrayBuffer(200e6)], 'huge.json', { type: 'application/json' }));
             document.dispatchEvent(new DragEvent('drop', { dataTransfer: data, bubbles: true, cancelable: true }))",
        )
        .await;
        let said = page.until_text(".problems", "200000000").await;
        assert_eq!(page.texts(".problem-row").await.len(), 1, "one sentence: {said}");
        assert_eq!(page.eval("return window.hasRead === true").await, json!(false));
        assert_eq!(number(&page, "events").await, before, "the run is untouched");
    });
}

/// The list follows the run, and leads to the instant.
#[test]
fn a_broken_promise_leads_to_its_instant() {
    browse(View::default(), async |page| {
        page.open("?scenario=pull-and-seek&at=10s&paused").await;
        page.until_shown("canvas").await;
        page.click(".promises-open").await;
        let row =
            |verdict: &str| format!("dialog [data-promise='at_least_once-early'][data-verdict='{verdict}']");
        page.until_shown(&row("kept")).await;
        assert_eq!(page.violations().await, Vec::<String>::new());
        page.press("Escape").await;
        page.click("button.round.main").await;
        page.press("v").await;
        page.until_shown(&row("not kept")).await;
        page.click(&format!("{} button", row("not kept"))).await;
        page.until("the list is gone", "return !document.querySelector('dialog')").await;
        page.click("button.round.main").await;
        let close =
            "return Math.abs(+document.querySelector('[data-number=now_us]').dataset.value - 11e6) < 5e6";
        page.until("it is there", close).await;
    });
}
