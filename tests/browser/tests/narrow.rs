//! The page where there is little room, or few colours: nothing lies over something else, is cut, or loses its mark.

use browser_tests::{Page, View, browse};
use serde_json::json;

/// A run with three branches, standing in one of them.
async fn three_branches(page: &Page) {
    page.open("?scenario=domain-model&at=5s&paused").await;
    page.until_shown("[data-number=now_us][data-value='5000000']").await;
    for (name, count) in [("search", 2), ("archive", 3)] {
        page.press(",").await;
        page.click("#add-group").await;
        page.fill("#new-group-name", name).await;
        page.click(".add-form button[type=submit]").await;
        page.until_shown(&format!("#branches [data-branches='{count}']")).await;
        page.press("Control+z").await;
        page.until_shown("#branches .branches-undo button:last-child:not(:disabled)").await;
    }
}

#[test]
fn on_a_telephone_nothing_is_cut() {
    for width in [390, 320] {
        browse(View::default().phone().size(width, 844), async |page| {
            three_branches(&page).await;
            page.until(
                "the clock and the speed have room each",
                "const box = css => document.querySelector(css).getBoundingClientRect();
                const parts = ['.transport .now-us', '#speed', '.transport-more', '.transport-buttons'].map(box);
                const card = box('.transport');
                const apart = (a, b) => a.right <= b.left || b.right <= a.left || a.bottom <= b.top || b.bottom <= a.top;
                return document.querySelector('.now-us').textContent.length === 3
                    && parts.every(part => part.width > 0 && part.left >= card.left && part.right <= card.right)
                    && parts.every((a, i) => parts.every((b, j) => i === j || apart(a, b)))",
            )
            .await;
            let list = "const list = document.querySelector('.branch-list');
                return [list.querySelectorAll('.branch').length, list.scrollHeight - list.clientHeight]";
            assert_eq!(page.eval(list).await, json!([3, 0]), "where one is can be seen");
            page.press("v").await;
            page.until_shown("dialog.promises .promise-table").await;
            let narrow = "const room = document.querySelector('.promise-table').clientWidth;
                return [...document.querySelectorAll('.promise-table :is(td:not(.is-empty), tbody th)')]
                    .filter(cell => cell.offsetWidth < room || cell.scrollWidth > cell.clientWidth)
                    .map(cell => cell.textContent)";
            assert_eq!(page.eval(narrow).await, json!([]), "each cell has the width of its card");
        });
    }
}

/// Two people compare the fingerprint, whatever they hold in their hands, and type the seed.
#[test]
fn seed_and_fingerprint_have_room_on_every_screen() {
    for width in [320, 390, 600, 768, 1000] {
        browse(View::default().phone().size(width, 844), async |page| {
            page.open("?scenario=domain-model&at=5s&paused").await;
            page.until_shown("canvas").await;
            let cut = "const parts = ['[for=seed]', '#seed', '.fingerprint output', '.header .switch', '.header .square'];
                const of = css => [...document.querySelectorAll(css)];
                const isCut = one => {
                    const box = one.getBoundingClientRect();
                    return box.width < 8 || box.left < 0 || box.right > document.documentElement.clientWidth;
                };
                return parts.filter(css => of(css).length === 0 || of(css).some(isCut))";
            assert_eq!(page.eval(cut).await, json!([]), "at {width} px");
            let named =
                "return document.querySelector('.fingerprint').textContent.trim().startsWith('Fingerprint')";
            assert_eq!(page.eval(named).await, json!(true));
        });
    }
}

#[test]
fn with_forced_colours_what_is_pressed_and_where_one_is_has_an_outline() {
    browse(View::default(), async |page| {
        let forced = json!({ "features": [{ "name": "forced-colors", "value": "active" }] });
        page.tools("Emulation.setEmulatedMedia", &forced).await;
        three_branches(&page).await;
        let outlined = "return [...document.querySelectorAll('.branch')].map(branch => {
            const is = css => {
                const one = branch.querySelector(css);
                return one && getComputedStyle(one).outlineStyle !== 'none' && one !== document.activeElement;
            };
            return [branch.classList.contains('is-here'), is('.branch-open'), is('.plain[aria-pressed]')];
        })";
        let before = page.eval(outlined).await;
        assert_eq!(before, json!([[true, true, null], [false, false, false], [false, false, false]]));
        page.click(".branch .plain[aria-pressed=false]").await;
        page.until_shown(".branch .plain[aria-pressed=true]").await;
        page.click("#branches h2, #branches h3").await;
        assert_eq!(page.eval(outlined).await[1], json!([false, false, true]));
    });
}

/// A telephone's button to go back asks to close, without a key.
#[test]
fn a_dialog_closes_without_a_key_and_opens_again() {
    browse(View::default(), async |page| {
        page.open("?at=5s&paused").await;
        page.until_shown("canvas").await;
        for _ in 0..2 {
            page.press("v").await;
            page.until_shown("dialog.promises[open]").await;
            assert_eq!(page.eval("return document.activeElement.id").await, "dialog-title");
            page.eval("document.querySelector('dialog').requestClose()").await;
            page.until("it is gone", "return !document.querySelector('dialog')").await;
        }
    });
}
