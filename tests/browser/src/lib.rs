//! Driving the built page in a real browser: what the tests in `tests/` are written with.
//!
//! `cargo xtask test --only browser` builds and serves the page and tells the tests where things are. To run one test
//! against a page that is served already, name its address:
//! `MQSCOPE_PAGE=http://127.0.0.1:8080/ cargo test --profile tool -p browser-tests opens`. With `MQSCOPE_SLOWER=8` the pages
//! are eight times slower than the machine, which shows what depends on its speed.
//!
//! ```no_run
//! use browser_tests::{View, browse};
//!
//! browse(View::default().dark(), async |page| {
//!     page.open("").await;
//!     page.click("button.play").await;
//!     page.until("time moves", "return Number(document.querySelector('time').dataset.us) > 0").await;
//! });
//! ```

mod axe;
mod console;
mod driver;
mod keys;
mod page;
mod view;

pub use page::Page;
pub use view::View;

use driver::Driver;
use std::{
    any::Any,
    future::poll_fn,
    panic::{AssertUnwindSafe, catch_unwind},
    pin::pin,
    task::Poll,
};

/// Runs a story in a fresh browser of its own. It fails when the story panics, and also when the page has written an
/// error to the console, unless the view expects that. A failure leaves a picture behind.
pub fn browse(view: View, story: impl AsyncFnOnce(Page)) {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build();
    runtime.expect("the system gives us sockets and timers").block_on(async {
        let driver = Driver::start();
        let expects_errors = view.expects_errors;
        let page = Page::connect(&driver, view).await;
        let mut outcome = catch(story(page.clone())).await;
        let errors = page.console_errors().await;
        if outcome.is_ok() && !expects_errors && !errors.is_empty() {
            outcome = Err(Box::new(format!("the console has errors:\n{}", errors.join("\n"))));
        }
        if let Err(panic) = outcome {
            page.shot_failure().await;
            if !errors.is_empty() {
                eprintln!("errors in the console:\n{}", errors.join("\n"));
            }
            page.close().await;
            drop(driver);
            std::panic::resume_unwind(panic);
        }
        page.close().await;
    });
}

/// Waits for a future and turns its panic into a value, so that the browser can be closed before the test fails.
async fn catch<T>(future: impl Future<Output = T>) -> Result<T, Box<dyn Any + Send>> {
    let mut future = pin!(future);
    poll_fn(|context| match catch_unwind(AssertUnwindSafe(|| future.as_mut().poll(context))) {
        Ok(poll) => poll.map(Ok),
        Err(panic) => Poll::Ready(Err(panic)),
    })
    .await
}
