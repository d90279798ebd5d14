//! One ChromeDriver process for one test, on a port of its own choice.

use std::{
    ffi::OsString,
    io::{BufRead, BufReader},
    process::{Child, Command, Stdio},
};

/// A running ChromeDriver; it ends with this value.
pub(crate) struct Driver {
    process: Child,
    pub(crate) address: String,
}

impl Driver {
    /// Starts it, and waits until it says which port it took.
    pub(crate) fn start() -> Self {
        let program =
            std::env::var_os("MQSCOPE_CHROMEDRIVER").unwrap_or_else(|| OsString::from("chromedriver"));
        let started =
            Command::new(&program).arg("--port=0").stdout(Stdio::piped()).stderr(Stdio::null()).spawn();
        let mut process = match started {
            Ok(process) => process,
            Err(problem) => {
                panic!("cannot start {program:?}: {problem}; `cargo xtask test` installs it on Debian")
            }
        };
        let said = BufReader::new(process.stdout.take().expect("its output is piped"));
        let port = said.lines().map_while(Result::ok).find_map(|line| port(&line));
        let port = port.expect("ChromeDriver says which port it listens on");
        Self { process, address: format!("http://127.0.0.1:{port}") }
    }
}

impl Drop for Driver {
    fn drop(&mut self) {
        // It may have ended by itself; there is nobody to tell.
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}

/// The number in `ChromeDriver was started successfully on port 35555.`
fn port(line: &str) -> Option<u16> {
    let (_before, port) = line.split_once("started successfully on port ")?;
    port.trim_end_matches('.').parse().ok()
}
