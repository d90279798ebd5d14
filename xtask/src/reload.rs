//! Telling open pages that there is a newer build. The script is added on the way out, never to the built files.

use crate::server::Answer;
use std::{
    sync::{Condvar, Mutex, MutexGuard, PoisonError},
    time::{Duration, SystemTime},
};

/// Where the script and the question it asks live.
const SCRIPT: &str = "/_xtask/reload.js";
const QUESTION: &str = "/_xtask/newer-than/";

/// How long a question may stay open before it is answered with "nothing new".
const PATIENCE: Duration = Duration::from_secs(20);

/// The number of the newest build, and whoever waits for the next.
pub(crate) struct Reload {
    version: Mutex<u64>,
    changed: Condvar,
}

impl Reload {
    /// Starts at the clock, so that a page left open over a restart of the server reloads too.
    pub(crate) fn new() -> Self {
        let now = SystemTime::now().duration_since(SystemTime::UNIX_EPOCH).unwrap_or_default();
        Self { version: Mutex::new(now.as_secs()), changed: Condvar::new() }
    }

    /// There is a newer build.
    pub(crate) fn announce(&self) {
        *self.current() += 1;
        self.changed.notify_all();
    }

    fn current(&self) -> MutexGuard<'_, u64> {
        self.version.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Answers what the script asks; anything else is not ours.
    pub(crate) fn answer(&self, path: &str) -> Option<Answer> {
        if path == SCRIPT {
            let script = include_str!("reload.js").replace("VERSION", &self.current().to_string());
            return Some(Answer::new("text/javascript; charset=utf-8", script));
        }
        let known = path.strip_prefix(QUESTION)?.parse::<u64>().ok()?;
        let waited = self.changed.wait_timeout_while(self.current(), PATIENCE, |version| *version == known);
        let (version, _timed_out) = waited.unwrap_or_else(PoisonError::into_inner);
        Some(Answer::new("text/plain; charset=utf-8", version.to_string()))
    }

    /// The page with the script in it.
    pub(crate) fn inject(page: &str) -> String {
        page.replacen("</head>", &format!("<script src=\"{SCRIPT}\" defer></script>\n</head>"), 1)
    }
}
