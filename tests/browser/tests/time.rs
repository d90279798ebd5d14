//! The bar under a mouse and under a finger, and the address after something was done.

use browser_tests::{Page, View, browse};
use serde_json::{Value, json};

/// The opening scenario at an instant, standing still, with its bar in sight.
async fn standing(page: &Page) {
    page.open("?scenario=domain-model&at=5s&paused").await;
    page.until_shown("[data-number=now_us][data-value='5000000']").await;
    page.eval("document.querySelector('.bar').scrollIntoView({ block: 'center', behavior: 'instant' })")
        .await;
}

/// Where on the screen a part of the bar's width is, and which instant that is.
async fn on_bar(page: &Page, part: f64) -> (f64, f64, f64) {
    let script = "const bar = document.querySelector('.bar'), place = bar.getBoundingClientRect();
        const x = Math.round(place.left + arguments[0] * place.width);
        const at = (x - place.left) / place.width * bar.getAttribute('aria-valuemax') * 1000;
        return [x, place.top + place.height / 2, at];";
    let place = page.eval_with(script, vec![part.into()]).await;
    let number = |nth: usize| place.get(nth).and_then(Value::as_f64).expect("the bar is somewhere");
    (number(0), number(1), number(2))
}

async fn now(page: &Page) -> f64 {
    let now = page.eval("return +document.querySelector('[data-number=now_us]').dataset.value").await;
    now.as_f64().expect("the clock shows an instant")
}

async fn until_near(page: &Page, at: f64) {
    // A press near a tick means the tick.
    let script = format!(
        "return Math.abs(document.querySelector('[data-number=now_us]').dataset.value - {at}) < 2500000"
    );
    page.until("time is there", &script).await;
}

async fn preview(page: &Page) -> String {
    page.until_shown(".bar-preview.digits").await;
    page.texts(".bar-preview.digits").await.concat()
}

/// The minutes and seconds of an instant, as the bar says them.
fn clock(at: f64) -> String {
    let seconds = (at / 1e6) as u64;
    format!("{}:{:02}", seconds / 60, seconds % 60)
}

async fn mouse(page: &Page, kind: &str, (x, y): (f64, f64), buttons: u32) {
    let button = if kind == "mouseMoved" && buttons == 0 { "none" } else { "left" };
    let event =
        json!({ "type": kind, "x": x, "y": y, "button": button, "buttons": buttons, "clickCount": 1 });
    page.tools("Input.dispatchMouseEvent", &event).await;
}

#[test]
fn the_bar_goes_nowhere_if_the_press_began_elsewhere_or_is_given_up() {
    browse(View::default(), async |page| {
        standing(&page).await;
        let is_still = async |why: &str| assert!((now(&page).await - 5e6).abs() < 1.0, "{why}");
        let (x, y, _) = on_bar(&page, 0.62).await;
        let (later, _, _) = on_bar(&page, 0.3).await;
        // Pressed above it, let go over it.
        mouse(&page, "mousePressed", (x, y - 300.0), 1).await;
        mouse(&page, "mouseMoved", (x, y), 1).await;
        mouse(&page, "mouseReleased", (x, y), 0).await;
        is_still("it was not pressed").await;
        // Pressed on it, given up, let go over it.
        mouse(&page, "mousePressed", (x, y), 1).await;
        mouse(&page, "mouseMoved", (later, y), 1).await;
        preview(&page).await;
        page.press("Escape").await;
        mouse(&page, "mouseReleased", (later, y), 0).await;
        is_still("it was given up").await;
        // The next press counts again.
        let (_, _, to) = on_bar(&page, 0.3).await;
        mouse(&page, "mousePressed", (x, y), 1).await;
        mouse(&page, "mouseMoved", (later, y), 1).await;
        mouse(&page, "mouseReleased", (later, y), 0).await;
        until_near(&page, to).await;
    });
}

#[test]
fn the_bar_says_what_a_mouse_is_over_and_goes_there_when_it_lets_go() {
    browse(View::default(), async |page| {
        standing(&page).await;
        let mouse =
            async |kind: &str, place: (f64, f64), buttons: u32| mouse(&page, kind, place, buttons).await;
        let (x, y, at) = on_bar(&page, 0.62).await;
        mouse("mouseMoved", (x, y), 0).await;
        let said = preview(&page).await;
        assert!(said.starts_with(&clock(at)), "{said} at {at}");
        assert!((now(&page).await - 5e6).abs() < 1.0, "looking is not going");
        mouse("mouseMoved", (x, y - 300.0), 0).await;
        page.until("it is not over the bar", "return !document.querySelector('.bar-cursor')").await;
        // Pressed in one place, let go in another.
        let (later, _, to) = on_bar(&page, 0.3).await;
        mouse("mousePressed", (x, y), 1).await;
        mouse("mouseMoved", (later, y), 1).await;
        assert!((now(&page).await - 5e6).abs() < 1.0, "it is held");
        mouse("mouseReleased", (later, y), 0).await;
        until_near(&page, to).await;
    });
}

#[test]
fn a_finger_on_the_bar_is_told_where_it_is_and_goes_there_when_it_is_lifted() {
    browse(View::default().phone(), async |page| {
        standing(&page).await;
        let touch = async |kind: &str, points: Value| {
            page.tools("Input.dispatchTouchEvent", &json!({ "type": kind, "touchPoints": points })).await;
        };
        let (x, y, at) = on_bar(&page, 0.7).await;
        touch("touchStart", json!([{ "x": x, "y": y }])).await;
        let said = preview(&page).await;
        assert!(!said.is_empty(), "a finger does not hover");
        let (other, _, to) = on_bar(&page, 0.2).await;
        for step in 1..=5 {
            let x = x + (other - x) * f64::from(step) / 5.0;
            touch("touchMove", json!([{ "x": x, "y": y }])).await;
        }
        page.until(
            "it follows",
            &format!(
                "return document.querySelector('.bar-preview.digits')?.textContent !== '{}'",
                said.replace('\'', "\\'")
            ),
        )
        .await;
        assert!((now(&page).await - 5e6).abs() < 1.0, "the finger is still there");
        touch("touchEnd", json!([])).await;
        until_near(&page, to).await;
        assert!((to - at).abs() > 1e7);
        page.until("nothing is over the bar", "return !document.querySelector('.bar-cursor')").await;
    });
}

async fn until_is(page: &Page, fingerprint: &str) {
    let is_it = format!(
        "return document.querySelector('[data-number=fingerprint]')?.dataset.value === '{fingerprint}'"
    );
    page.until("it is the same run", &is_it).await;
}

#[test]
fn after_something_was_done_reloading_and_the_browsers_buttons_give_the_same_experiment() {
    browse(View::default(), async |page| {
        standing(&page).await;
        page.click("#add-group").await;
        page.fill("#new-group-name", "search").await;
        page.click(".add-form button[type=submit]").await;
        page.until_shown("[data-number='groups.search.accumulation']").await;
        let fingerprint =
            page.attribute("[data-number=fingerprint]", "data-value").await.expect("there is one");
        let entries = page.eval("return history.length").await;
        page.until("it is in the address", "return location.hash.startsWith('#mq1.')").await;
        page.eval("window.isOld = true; location.reload()").await;
        page.until("the page is another", "return window.isOld === undefined").await;
        until_is(&page, &fingerprint).await;
        assert_eq!(page.eval("return history.length").await, entries, "the same entry of the history");
        // To another scenario, and there and back by the browser's buttons.
        page.press("o").await;
        page.click(".scenarios li:nth-child(3) button").await;
        page.until("it is another scenario", "return !location.search.includes('domain-model')").await;
        page.eval("history.back()").await;
        until_is(&page, &fingerprint).await;
        page.until_shown("[data-number='groups.search.accumulation']").await;
        page.eval("history.forward()").await;
        let is_gone = "return !document.querySelector(`[data-number='groups.search.accumulation']`)";
        page.until("the group is gone", is_gone).await;
    });
}
