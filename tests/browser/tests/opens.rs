//! The page opens: for everybody, without a word in the console.

use browser_tests::{View, browse};

#[test]
fn opens_with_a_heading() {
    browse(View::default(), async |page| {
        page.open("").await;
        assert!(!page.text("h1.brand").await.is_empty(), "the page has a main heading that says something");
    });
}

#[test]
fn breaks_no_accessibility_rule() {
    browse(View::default(), async |page| {
        page.open("").await;
        page.until_shown("h1.brand").await;
        assert_eq!(page.violations().await, Vec::<String>::new(), "light, in English");
    });
}

#[test]
fn breaks_no_accessibility_rule_in_the_dark_on_a_phone_in_chinese() {
    browse(View::default().phone().dark().calm().language("zh-CN"), async |page| {
        page.open("").await;
        page.until_shown("h1.brand").await;
        assert_eq!(page.eval("return navigator.language").await, "zh-CN", "the view's language arrives");
        let queries =
            "return ['(prefers-color-scheme: dark)', '(prefers-reduced-motion: reduce)', '(width: 390px)']
            .map(query => matchMedia(query).matches)";
        assert_eq!(page.eval(queries).await, serde_json::json!([true, true, true]), "and its preferences");
        assert_eq!(page.violations().await, Vec::<String>::new(), "dark, narrow, in Chinese");
    });
}

/// With something selected, with a form open, with a wrong field, and with each dialog.
#[test]
fn breaks_no_accessibility_rule_while_it_is_used() {
    browse(View::default(), async |page| {
        page.open("?at=42s&paused").await;
        page.until_shown("[data-number=now_us][data-value='42000000']").await;
        let is_fine = async |what: &str| assert_eq!(page.violations().await, Vec::<String>::new(), "{what}");
        page.click("#inspector .pick").await;
        page.until_shown("#inspector .crumbs").await;
        is_fine("a producer is selected").await;
        page.click(".claims summary").await;
        page.click("#add-group").await;
        page.until_shown("#new-group-name").await;
        is_fine("a form is open").await;
        page.fill("#new-group-name", "billing").await;
        page.click(".add-form button[type=submit]").await;
        page.until_shown(".add-form .field-wrong").await;
        is_fine("a field is wrong").await;
        page.press("Escape").await;
        for key in ["?", "o"] {
            page.press(key).await;
            page.until_shown("dialog[open]").await;
            is_fine(&format!("the dialog of {key}")).await;
            page.press("Escape").await;
            page.until("it is closed", "return !document.querySelector('dialog[open]')").await;
        }
    });
}
