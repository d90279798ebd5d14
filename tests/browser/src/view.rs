//! Who looks at the page, and through what.

use fantoccini::wd::Capabilities;
use serde_json::{Value, json};

/// A visitor's window and preferences. The default is a laptop, light, in English.
#[derive(Clone, Debug)]
pub struct View {
    width: u32,
    height: u32,
    is_phone: bool,
    is_dark: bool,
    is_calm: bool,
    language: String,
    pub(crate) before: Vec<String>,
    pub(crate) expects_errors: bool,
}

impl Default for View {
    fn default() -> Self {
        Self {
            width: 1280,
            height: 800,
            is_phone: false,
            is_dark: false,
            is_calm: false,
            language: "en-US".to_owned(),
            before: Vec::new(),
            expects_errors: false,
        }
    }
}

impl View {
    /// A narrow screen that is touched.
    #[must_use]
    pub fn phone(self) -> Self {
        Self { is_phone: true, ..self.size(390, 844) }
    }

    /// A window of this size, in CSS pixels.
    #[must_use]
    pub fn size(self, width: u32, height: u32) -> Self {
        Self { width, height, ..self }
    }

    /// Prefers dark colours.
    #[must_use]
    pub fn dark(self) -> Self {
        Self { is_dark: true, ..self }
    }

    /// Prefers reduced motion.
    #[must_use]
    pub fn calm(self) -> Self {
        Self { is_calm: true, ..self }
    }

    /// The browser's language, for example `zh-CN`.
    #[must_use]
    pub fn language(self, language: &str) -> Self {
        Self { language: language.to_owned(), ..self }
    }

    /// Runs a script in each page before the page's own, for example to take something away that browsers have.
    #[must_use]
    pub fn before(mut self, script: &str) -> Self {
        self.before.push(script.to_owned());
        self
    }

    /// The test provokes errors in the console, so they do not fail it.
    #[must_use]
    pub fn expects_errors(self) -> Self {
        Self { expects_errors: true, ..self }
    }

    /// What the driver is asked for: a browser that nobody sees, that fetches nothing by itself and keeps its console.
    pub(crate) fn capabilities(&self) -> Capabilities {
        let mut options = json!({
            "args": [
                "--headless=new", "--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage", "--disable-quic",
                "--no-first-run", "--disable-background-networking", "--disable-component-update", "--disable-sync",
                "--hide-scrollbars", "--force-color-profile=srgb", format!("--lang={}", self.language),
                format!("--window-size={},{}", self.width, self.height),
            ],
            "prefs": { "intl.accept_languages": self.language },
        });
        if let Ok(binary) = std::env::var("MQSCOPE_CHROMIUM") {
            options["binary"] = json!(binary);
        }
        let capabilities =
            json!({ "goog:chromeOptions": options, "goog:loggingPrefs": { "browser": "ALL" } });
        let Value::Object(capabilities) = capabilities else {
            unreachable!("it is written as an object above")
        };
        capabilities
    }

    /// Commands of the developer tools that set up what capabilities cannot.
    pub(crate) fn emulation(&self) -> Vec<(&'static str, Value)> {
        let scheme = if self.is_dark { "dark" } else { "light" };
        let motion = if self.is_calm { "reduce" } else { "no-preference" };
        let mut commands = vec![
            (
                "Emulation.setDeviceMetricsOverride",
                json!({
                    "width": self.width,
                    "height": self.height,
                    "deviceScaleFactor": if self.is_phone { 2 } else { 1 },
                    "mobile": self.is_phone,
                }),
            ),
            (
                "Emulation.setEmulatedMedia",
                json!({ "features": [
                    { "name": "prefers-color-scheme", "value": scheme },
                    { "name": "prefers-reduced-motion", "value": motion },
                ] }),
            ),
            ("Emulation.setTouchEmulationEnabled", json!({ "enabled": self.is_phone })),
        ];
        if let Some(rate) = slowness() {
            commands.push(slower(rate));
        }
        for script in &self.before {
            commands.push(("Page.addScriptToEvaluateOnNewDocument", json!({ "source": script })));
        }
        commands
    }
}

/// How many times slower browsers are to be than the machine, if they are to be.
fn slowness() -> Option<f64> {
    let rate = std::env::var("MQSCOPE_SLOWER").ok()?;
    Some(rate.parse().expect("MQSCOPE_SLOWER is a number"))
}

/// The command that makes a page so many times slower.
pub(crate) fn slower(rate: f64) -> (&'static str, Value) {
    ("Emulation.setCPUThrottlingRate", json!({ "rate": rate }))
}
