//! When we made a mistake: a card that says so and how to see it again, never a white page and never a wrong picture.
//!
//! The page has no door for this. A broken invariant is brought about as a real one would be: the running program's
//! memory is not what it should be. A panic comes from a browser that refuses what no browser refuses.

use browser_tests::{Page, View, browse};
use serde_json::json;

const SEED: &str = "18446744073709551615";

/// The page in the middle of a run with a seed of its own, standing still.
async fn standing(page: &Page, language: &str) {
    page.open(&format!("?scenario=domain-model&seed={SEED}&at=20s&paused&lang={language}")).await;
    page.until_shown("[data-number=now_us][data-value='20000000']").await;
}

/// Makes the program remember that the groups had come further than they have: the next offset that one of them commits
/// then seems to move back. What it remembers lies in its memory as the tables show it: a row of pairs of numbers, each an
/// offset that was committed and the one that comes next.
async fn forget(page: &Page) {
    let script = "
        const files = document.querySelector('script[data-module]').dataset;
        import(new URL(files.module, document.baseURI)).then(program => program.default()).then(({ memory }) => {
            const shown = [...document.querySelectorAll('[data-number^=\"groups.billing.queues.orders/\"]')]
                .filter(e => e.dataset.number.endsWith('.committed_offset'))
                .map(e => BigInt(e.dataset.value));
            const words = new BigUint64Array(memory.buffer);
            let found = 0;
            for (let at = words.indexOf(shown[0]); at >= 0; at = words.indexOf(shown[0], at + 1)) {
                if (shown.every((offset, i) => words[at + 2 * i] === offset)) {
                    shown.forEach((offset, i) => { words[at + 2 * i] = offset + 1000n; });
                    found += 1;
                }
            }
            done([shown.length, found]);
        }, problem => done(String(problem)));";
    let changed = page.eval_async(script).await;
    let count = |index: usize| changed[index].as_u64().unwrap_or_default();
    assert!(count(0) == 4 && count(1) > 0, "four offsets, found in memory: {changed}");
}

/// The address that a card's link leads to.
async fn link(page: &Page, card: &str) -> String {
    page.until_shown(&format!("{card} a[href*=again]")).await;
    page.attribute(&format!("{card} a[href*=again]"), "href").await.expect("a link has an address")
}

#[test]
fn a_broken_invariant_stops_the_run_and_says_what_broke() {
    browse(View::default(), async |page| {
        standing(&page, "en").await;
        forget(&page).await;
        page.press(" ").await;
        let card = page.until_text(".crash", "made a mistake").await;
        assert!(card.contains("I19") && card.contains("never moves back"), "which invariant: {card}");
        assert!(card.contains("billing"), "of what: {card}");
        assert!(card.contains(SEED) && card.contains("domain-model"), "of which run: {card}");
        assert_eq!(page.eval("return document.querySelector('canvas').offsetParent").await, json!(null));
        assert_eq!(page.violations().await, Vec::<String>::new(), "and it breaks no accessibility rule");

        let stood = page.attribute("[data-number=now_us]", "data-value").await.expect("the clock is there");
        let address = link(&page, ".crash").await;
        assert!(address.starts_with("?again=") && address.contains("#mq1."), "a whole experiment: {address}");
        page.press(" ").await;
        page.press(".").await;
        assert_eq!(page.attribute("[data-number=now_us]", "data-value").await, Some(stood.clone()));

        // The run again, without the mistake: the same instant, and a picture.
        page.click(".crash a").await;
        page.until_shown(&format!("[data-number=now_us][data-value='{stood}']")).await;
        page.until_shown("canvas").await;
        assert_eq!(page.eval("return document.querySelector('#seed').value").await, SEED);
    });
}

#[test]
fn after_a_broken_invariant_the_page_plays_on() {
    browse(View::default(), async |page| {
        standing(&page, "zh-CN").await;
        forget(&page).await;
        page.press(" ").await;
        page.until_text(".crash", "出错了").await;
        page.click(".crash button:nth-of-type(2)").await;
        page.until_shown("dialog.picker").await;
        page.press("Escape").await;
        page.click(".crash button").await;
        page.until("the card is gone", "return !document.querySelector('.crash')").await;
        page.until_shown("canvas").await;
        page.press(" ").await;
        let running = "return +document.querySelector('[data-number=now_us]').dataset.value > 300000";
        page.until("time goes on", running).await;

        standing(&page, "en").await;
        forget(&page).await;
        page.press(" ").await;
        page.until_shown(".crash").await;
        page.press("o").await;
        page.click("dialog .scenario:not([aria-current])").await;
        page.until("another run is shown", "return !document.querySelector('.crash, dialog')").await;
        page.until("time goes on", running).await;
    });
}

/// Once the page asks for it, the browser refuses to put anything anywhere; the page's own library then gives up.
const REFUSE: &str = "
    const insertBefore = Node.prototype.insertBefore;
    Node.prototype.insertBefore = function (...what) {
        if (window.refuses) throw new Error('no more nodes');
        return insertBefore.apply(this, what);
    };";

#[test]
fn a_panic_leaves_a_card_and_a_way_back() {
    for (language, title, reload) in
        [("en", "made a mistake", "Load the page again"), ("zh-CN", "出错了", "重新加载")]
    {
        browse(View::default().before(REFUSE).expects_errors(), async |page| {
            standing(&page, language).await;
            page.eval("window.refuses = true").await;
            page.press("?").await;
            let card = page.until_text(".panic", title).await;
            assert!(card.contains("panicked"), "what: {card}");
            assert!(card.contains(SEED) && card.contains("domain-model"), "of which run: {card}");
            let seen = "return [...document.body.children].filter(e => e.getClientRects().length > 0).length";
            assert_eq!(page.eval(seen).await, 1, "the card alone: what else there was no longer answers");
            assert_eq!(page.violations().await, Vec::<String>::new(), "and it breaks no accessibility rule");
            assert!(card.contains(reload), "and how to go on: {card}");
            let address = link(&page, ".panic").await;
            assert!(address.contains("&at=20000000us#mq1."), "a whole experiment: {address}");
            page.click(".panic a").await;
            page.until_shown("[data-number=now_us][data-value='20000000']").await;
            page.until_shown("canvas").await;
            assert_eq!(page.eval("return document.querySelector('#seed').value").await, SEED);
        });
    }
}

#[test]
fn what_the_browser_throws_at_the_program_leaves_the_card_too() {
    browse(View::default().expects_errors(), async |page| {
        standing(&page, "en").await;
        page.eval("window.requestAnimationFrame = () => { throw new Error('no more frames') }").await;
        page.press(" ").await;
        let card = page.until_text(".panic", "made a mistake").await;
        assert!(card.contains(SEED) && card.contains("domain-model"), "{card}");
        page.click(".panic a:last-of-type").await;
        page.until_shown("canvas").await;
        page.until_shown("[data-number=now_us][data-value='20000000']").await;
    });
}
