//! The page as a visitor has it: look, click, type, wait.

use crate::{
    View,
    console::{self, ChromeCommand},
    driver::Driver,
    keys, view,
};
use fantoccini::wd::WindowHandle;
use fantoccini::{Client, ClientBuilder, Locator, elements::Element, error::CmdError};
use hyper_util::client::legacy::connect::HttpConnector;
use serde_json::Value;
use std::{
    path::PathBuf,
    time::{Duration, Instant},
};

/// How long anything that must happen may take before it counts as not happening. Generous: only failures wait it out.
const DEADLINE: Duration = Duration::from_secs(60);

/// How often a condition is looked at.
const GLANCE: Duration = Duration::from_millis(20);

/// A page in a browser. All methods panic with a sentence when something does not work: they are for tests.
#[derive(Clone, Debug)]
pub struct Page {
    client: Client,
    address: String,
}

impl Page {
    /// Opens a browser on an empty page, set up as the view says.
    pub(crate) async fn connect(driver: &Driver, view: View) -> Self {
        let mut builder = ClientBuilder::new(HttpConnector::new());
        let connected = builder.capabilities(view.capabilities()).connect(&driver.address).await;
        let client = connected.unwrap_or_else(|problem| panic!("cannot open a browser: {problem}"));
        let address =
            std::env::var("MQSCOPE_PAGE").unwrap_or_else(|_unset| "http://127.0.0.1:8080/".to_owned());
        let page = Self { client, address };
        for (command, parameters) in view.emulation() {
            page.tools(command, &parameters).await;
        }
        page
    }

    /// Ends the browser.
    pub(crate) async fn close(self) {
        if let Err(problem) = self.client.close().await {
            eprintln!("cannot close the browser: {problem}");
        }
    }

    /// Opens the page with something appended to its address: nothing, a query, or a fragment.
    pub async fn open(&self, rest: &str) {
        self.open_at(&format!("{}{rest}", self.address)).await;
    }

    /// Opens any address.
    pub async fn open_at(&self, address: &str) {
        let opened = self.client.goto(address).await;
        opened.unwrap_or_else(|problem| {
            panic!(
                "cannot open {address}: {problem}; `cargo xtask test` or `cargo xtask serve` serves the page"
            )
        });
    }

    /// Opens somebody else's page, which has this one in a frame that may run scripts and nothing else, and looks at what is
    /// in the frame from then on. The test command serves that page; `cargo xtask serve` does not.
    pub async fn embed(&self, query: &str) {
        self.open(&format!("host?{query}")).await;
        done("go into the frame", self.find("iframe").await.enter_frame().await);
    }

    /// The tab that is looked at.
    pub async fn tab(&self) -> WindowHandle {
        done("tell which tab this is", self.client.window().await)
    }

    /// Opens another tab, and looks at that.
    pub async fn new_tab(&self) -> WindowHandle {
        let handle = done("open a tab", self.client.new_window(true).await).handle;
        self.switch_to(&handle).await;
        handle
    }

    /// Looks at another tab.
    pub async fn switch_to(&self, tab: &WindowHandle) {
        done("go to another tab", self.client.switch_to_window(tab.clone()).await);
    }

    /// The first element that a CSS selector names, as soon as there is one.
    pub async fn find(&self, css: &str) -> Element {
        let look = async || self.client.find(Locator::Css(css)).await.ok();
        self.poll(&format!("there is `{css}`"), look).await
    }

    /// Clicks an element as soon as it is there and nothing covers it.
    pub async fn click(&self, css: &str) {
        let click = async || self.client.find(Locator::Css(css)).await.ok()?.click().await.ok();
        self.poll(&format!("`{css}` can be clicked"), click).await;
    }

    /// Types into a field in place of what it holds, as a person does: a field that is emptied without a key press
    /// would be filled again by the page.
    pub async fn fill(&self, css: &str, text: &str) {
        self.click(css).await;
        self.press("Control+a").await;
        self.type_text(text).await;
    }

    /// Chooses an option of a list by its value.
    pub async fn choose(&self, css: &str, value: &str) {
        let choose =
            async || self.client.find(Locator::Css(css)).await.ok()?.select_by_value(value).await.ok();
        self.poll(&format!("`{css}` offers {value}"), choose).await;
    }

    /// Presses keys where the focus is: `Tab`, `Shift+Tab`, `ArrowRight`, `Space`, `a`.
    pub async fn press(&self, chord: &str) {
        done(&format!("press {chord}"), self.client.perform_actions(keys::chord(chord)).await);
        done(&format!("release {chord}"), self.client.release_actions().await);
    }

    /// Types text where the focus is.
    pub async fn type_text(&self, text: &str) {
        for character in text.chars() {
            let name = if character == ' ' { "Space".to_owned() } else { character.to_string() };
            self.press(&name).await;
        }
    }

    /// The visible text of an element, as soon as there is one.
    pub async fn text(&self, css: &str) -> String {
        done(&format!("read `{css}`"), self.find(css).await.text().await)
    }

    /// The text of every element that a selector names now, hidden or not.
    pub async fn texts(&self, css: &str) -> Vec<String> {
        let script = "return Array.from(document.querySelectorAll(arguments[0]), e => e.textContent.trim())";
        let texts = self.eval_with(script, vec![css.into()]).await;
        texts
            .as_array()
            .into_iter()
            .flatten()
            .map(|text| text.as_str().unwrap_or_default().to_owned())
            .collect()
    }

    /// An attribute of an element, as soon as there is one.
    pub async fn attribute(&self, css: &str, name: &str) -> Option<String> {
        done(&format!("read {name} of `{css}`"), self.find(css).await.attr(name).await)
    }

    /// Waits until an element can be seen.
    pub async fn until_shown(&self, css: &str) {
        let look = async || {
            let element = self.client.find(Locator::Css(css)).await.ok()?;
            element.is_displayed().await.ok()?.then_some(())
        };
        self.poll(&format!("`{css}` can be seen"), look).await;
    }

    /// Waits until an element's text contains something, and gives the whole text.
    pub async fn until_text(&self, css: &str, part: &str) -> String {
        let look = async || {
            let text = self.client.find(Locator::Css(css)).await.ok()?.text().await.ok()?;
            text.contains(part).then_some(text)
        };
        self.poll(&format!("`{css}` says “{part}”"), look).await
    }

    /// Waits until a script returns something that JavaScript holds for true, and gives it.
    pub async fn until(&self, what: &str, script: &str) -> Value {
        let look = async || self.client.execute(script, Vec::new()).await.ok().filter(is_truthy);
        self.poll(what, look).await
    }

    /// Looks again and again until there is something, or the deadline has passed.
    async fn poll<T>(&self, what: &str, look: impl AsyncFn() -> Option<T>) -> T {
        let start = Instant::now();
        loop {
            if let Some(found) = look().await {
                return found;
            }
            if start.elapsed() > DEADLINE {
                let text =
                    self.client.execute("return document.body.innerText.slice(0, 600)", Vec::new()).await;
                panic!("it does not happen that {what}; the page says: {}", text.unwrap_or_default());
            }
            tokio::time::sleep(GLANCE).await;
        }
    }

    /// Runs a script in the page and gives what it returns.
    pub async fn eval(&self, script: &str) -> Value {
        self.eval_with(script, Vec::new()).await
    }

    /// Runs a script that finds values in `arguments`.
    pub async fn eval_with(&self, script: &str, arguments: Vec<Value>) -> Value {
        done("run a script", self.client.execute(script, arguments).await)
    }

    /// Runs a script that calls `done(value)` when it has finished.
    pub async fn eval_async(&self, script: &str) -> Value {
        let script = format!("const done = arguments[arguments.length - 1]; {script}");
        done("run a script", self.client.execute_async(&script, Vec::new()).await)
    }

    /// Makes the page so many times slower than the machine is.
    pub async fn slow_down(&self, rate: f64) {
        let (command, parameters) = view::slower(rate);
        self.tools(command, &parameters).await;
    }

    /// Sends a command of the developer tools' protocol.
    pub async fn tools(&self, command: &str, parameters: &Value) -> Value {
        done(command, self.client.issue_cmd(ChromeCommand::tools(command, parameters)).await)
    }

    /// The errors that the console has shown since the last time, broken security policies included.
    pub async fn console_errors(&self) -> Vec<String> {
        match self.client.issue_cmd(ChromeCommand::console()).await {
            Ok(Value::Array(entries)) => {
                entries.iter().filter(|e| console::is_error(e)).map(console::line).collect()
            }
            Ok(other) => vec![format!("the driver gives no console: {other}")],
            Err(problem) => vec![format!("the driver gives no console: {problem}")],
        }
    }

    /// Takes a picture of the window, named after the running test and the given word, and says where it is.
    pub async fn shot(&self, word: &str) -> PathBuf {
        let test = std::thread::current().name().unwrap_or("page").replace("::", "-");
        let path = folder().join(format!("{test}{}{word}.png", if word.is_empty() { "" } else { "-" }));
        self.shot_to(path.clone()).await;
        path
    }

    /// Takes a picture of the window into a file.
    pub async fn shot_to(&self, path: PathBuf) {
        let picture = done("take a picture", self.client.screenshot().await);
        let written = path
            .parent()
            .map_or(Ok(()), std::fs::create_dir_all)
            .and_then(|()| std::fs::write(&path, picture));
        written.unwrap_or_else(|problem| panic!("cannot write {}: {problem}", path.display()));
    }

    /// Takes a picture if it can; the test has failed already, so this must not panic too.
    pub(crate) async fn shot_failure(&self) {
        if self.client.title().await.is_ok() {
            eprintln!("picture of the failure: {}", self.shot("failed").await.display());
        }
    }
}

/// Where pictures go.
fn folder() -> PathBuf {
    std::env::var_os("MQSCOPE_SCREENSHOTS")
        .map_or_else(|| std::env::temp_dir().join("mqscope-screenshots"), PathBuf::from)
}

fn done<T>(what: &str, outcome: Result<T, CmdError>) -> T {
    outcome.unwrap_or_else(|problem| panic!("cannot {what}: {problem}"))
}

fn is_truthy(value: &Value) -> bool {
    match value {
        Value::Null => false,
        Value::Bool(value) => *value,
        Value::Number(number) => number.as_f64() != Some(0.0),
        Value::String(text) => !text.is_empty(),
        Value::Array(_) | Value::Object(_) => true,
    }
}
