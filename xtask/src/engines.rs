//! The three engines that pages run in: how their browsers are started on an address, without a driver. What a page has
//! to say it sends back to the server that it came from.

use crate::process::{Outcome, find_program};
use std::{
    ffi::OsString,
    fs,
    io::{BufRead, BufReader},
    path::{Path, PathBuf},
    process::{Child, Command, Stdio},
};

/// An engine, by the browser that stands for it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Engine {
    Chromium,
    Firefox,
    WebKit,
}

impl Engine {
    pub(crate) const ALL: [Self; 3] = [Self::Chromium, Self::Firefox, Self::WebKit];

    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::Chromium => "Chromium",
            Self::Firefox => "Firefox",
            Self::WebKit => "WebKit",
        }
    }

    /// The variable that may name the program.
    pub(crate) fn variable(self) -> &'static str {
        match self {
            Self::Chromium => "MQSCOPE_CHROMIUM",
            Self::Firefox => "MQSCOPE_FIREFOX",
            Self::WebKit => "MQSCOPE_WEBKIT",
        }
    }

    /// What Debian calls what is needed.
    pub(crate) fn packages(self) -> &'static [&'static str] {
        match self {
            Self::Chromium => &["chromium"],
            Self::Firefox => &["firefox-esr"],
            Self::WebKit => &["webkit2gtk-driver", "xvfb"],
        }
    }

    /// What to install where there is no Debian.
    pub(crate) fn wanted(self) -> &'static str {
        match self {
            Self::Chromium => "Chromium or Chrome",
            Self::Firefox => "Firefox",
            Self::WebKit => "WebKitGTK's MiniBrowser (Debian: webkit2gtk-driver) and Xvfb",
        }
    }

    /// The program, if this machine has it and what it needs.
    pub(crate) fn find(self) -> Option<PathBuf> {
        let named = std::env::var_os(self.variable()).map(PathBuf::from);
        named.or_else(|| match self {
            Self::Chromium => find_program(&[
                "chromium",
                "chromium-browser",
                "google-chrome",
                "google-chrome-stable",
                "chrome",
            ])
            .or_else(|| file("/Applications/Google Chrome.app/Contents/MacOS/Google Chrome")),
            Self::Firefox => find_program(&["firefox-esr", "firefox"])
                .or_else(|| file("/Applications/Firefox.app/Contents/MacOS/firefox")),
            Self::WebKit => {
                find_program(&["Xvfb"])?;
                mini_browser()
            }
        })
    }

    /// Starts it on an address, in a folder of its own where it finds nothing of earlier visits.
    pub(crate) fn open(self, program: &Path, folder: &Path, address: &str) -> Outcome<Running> {
        let failed = |problem: std::io::Error| format!("cannot start {}: {problem}", self.name());
        // There may be nothing to remove.
        let _ = fs::remove_dir_all(folder);
        fs::create_dir_all(folder).map_err(failed)?;
        let mut command = Command::new(program);
        let mut screen = None;
        match self {
            Self::Chromium => {
                command.args([
                    "--headless=new",
                    "--no-sandbox",
                    "--disable-gpu",
                    "--disable-dev-shm-usage",
                    "--no-first-run",
                    "--disable-background-networking",
                    "--disable-component-update",
                    "--disable-sync",
                    "--window-size=1280,900",
                ]);
                command.arg(with_folder("--user-data-dir=", folder)).arg(address);
            }
            Self::Firefox => {
                fs::write(folder.join("user.js"), include_str!("firefox.js")).map_err(failed)?;
                command.args([
                    "--headless",
                    "--no-remote",
                    "--width",
                    "1280",
                    "--height",
                    "900",
                    "--profile",
                ]);
                command.arg(folder).arg(address);
            }
            Self::WebKit => {
                let (started, number) = Screen::start()?;
                screen = Some(started);
                command
                    .env("DISPLAY", format!(":{number}"))
                    .env("GDK_BACKEND", "x11")
                    .env("NO_AT_BRIDGE", "1");
                for variable in ["XDG_CONFIG_HOME", "XDG_CACHE_HOME", "XDG_DATA_HOME"] {
                    command.env(variable, folder);
                }
                command.arg("--private").arg(address);
            }
        }
        let process = command.stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null()).spawn();
        Ok(Running { process: process.map_err(failed)?, _screen: screen })
    }
}

fn file(path: &str) -> Option<PathBuf> {
    Some(PathBuf::from(path)).filter(|path| path.is_file())
}

/// It lies among the libraries, in a folder that names their version and, on Debian, the machine.
fn mini_browser() -> Option<PathBuf> {
    let machine = format!("/usr/lib/{}-linux-gnu", std::env::consts::ARCH);
    let folders = [machine.as_str(), "/usr/libexec", "/usr/lib", "/usr/lib64"];
    let versions = ["webkitgtk-6.0", "webkit2gtk-4.1", "webkit2gtk-4.0"];
    let places =
        folders.iter().flat_map(|folder| versions.map(|version| format!("{folder}/{version}/MiniBrowser")));
    places.map(PathBuf::from).find(|path| path.is_file())
}

fn with_folder(option: &str, folder: &Path) -> OsString {
    let mut argument = OsString::from(option);
    argument.push(folder);
    argument
}

/// A browser that runs; it ends with this value.
pub(crate) struct Running {
    process: Child,
    _screen: Option<Screen>,
}

impl Running {
    /// Whether it has ended by itself.
    pub(crate) fn has_ended(&mut self) -> bool {
        !matches!(self.process.try_wait(), Ok(None))
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        end(&mut self.process);
    }
}

/// A screen that nobody sees, for a browser that wants one.
struct Screen(Child);

impl Screen {
    /// Starts it, and says which number it took.
    fn start() -> Outcome<(Self, String)> {
        let mut command = Command::new("Xvfb");
        command.args(["-displayfd", "1", "-screen", "0", "1280x1024x24", "-nolisten", "tcp"]);
        let started = command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::null()).spawn();
        let mut screen = Self(started.map_err(|problem| format!("cannot start Xvfb: {problem}"))?);
        let said = screen.0.stdout.take().map(BufReader::new);
        let number = said.and_then(|said| said.lines().map_while(Result::ok).next());
        let number = number.ok_or("Xvfb does not say which screen it has made")?;
        Ok((screen, number.trim().to_owned()))
    }
}

impl Drop for Screen {
    fn drop(&mut self) {
        end(&mut self.0);
    }
}

fn end(process: &mut Child) {
    // It may have ended by itself; there is nobody to tell.
    let _ = process.kill();
    let _ = process.wait();
}
