//! Where the page cannot start, it says why in both languages.

use browser_tests::{Page, View, browse};
use serde_json::json;

async fn says(page: &Page, problem: &str, english: &str, chinese: &str) {
    page.until_shown(&format!("[data-problem={problem}] body > main")).await;
    let text = page.text("body > main").await;
    assert!(text.contains(english), "the English sentence is there: {text}");
    assert!(text.contains(chinese), "the Chinese sentence is there: {text}");
    assert_eq!(page.violations().await, Vec::<String>::new(), "and it breaks no accessibility rule");
}

#[test]
fn without_web_assembly() {
    browse(View::default().before("delete window.WebAssembly"), async |page| {
        page.open("").await;
        says(&page, "no-wasm", "needs WebAssembly", "需要 WebAssembly").await;
    });
}

#[test]
fn without_a_canvas() {
    browse(View::default().before("delete HTMLCanvasElement.prototype.getContext"), async |page| {
        page.open("").await;
        says(&page, "no-canvas", "draws on a canvas", "画布").await;
    });
}

#[test]
fn when_the_program_does_not_arrive() {
    browse(View::default().expects_errors(), async |page| {
        page.open("without/.wasm/").await;
        says(&page, "not-loaded", "could not be loaded", "未能加载").await;
    });
}

#[test]
fn when_a_script_does_not_arrive() {
    browse(View::default().expects_errors(), async |page| {
        page.open("without/start.js/").await;
        says(&page, "not-loaded", "could not be loaded", "未能加载").await;
    });
}

#[test]
fn without_java_script() {
    browse(View::default().expects_errors(), async |page| {
        page.tools("Emulation.setScriptExecutionDisabled", &json!({ "value": true })).await;
        page.open("").await;
        let text = page.text("noscript .boot").await;
        assert!(
            text.contains("needs JavaScript") && text.contains("需要 JavaScript"),
            "both sentences: {text}"
        );
    });
}
