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
