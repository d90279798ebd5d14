//! A small server for the built page, on this machine only.

use crate::process::Outcome;
use std::{
    fs,
    io::{self, Cursor, Write},
    path::{Component, Path, PathBuf},
    sync::Arc,
    thread,
};
use tiny_http::{HTTPVersion, Header, Method, Request, Response, Server, StatusCode};

/// What the page may load, sent with every answer so that a violation shows while developing and in the tests. The
/// page needs nothing from elsewhere, so it works behind the strictest policy an embedding site may have.
const CONTENT_SECURITY_POLICY: &str = "default-src 'none'; script-src 'self' 'wasm-unsafe-eval'; style-src 'self'; \
    connect-src 'self'; img-src 'self' data:; base-uri 'none'; form-action 'none'";

/// What the page of somebody else may load that has ours in a frame.
const HOST_POLICY: &str = "default-src 'none'; frame-src 'self'";

/// What a page of the tests may load that looks at ours in a frame.
const FRAMES_POLICY: &str = "default-src 'none'; script-src 'self' 'wasm-unsafe-eval'; connect-src 'self'; \
    img-src data:; frame-src 'self'";

/// An answer to a request.
pub(crate) struct Answer {
    status: u16,
    kind: &'static str,
    policy: &'static str,
    is_alone: bool,
    body: Vec<u8>,
}

impl Answer {
    /// An answer that succeeds, of the given media type.
    pub(crate) fn new(kind: &'static str, body: impl Into<Vec<u8>>) -> Self {
        Self { status: 200, kind, policy: CONTENT_SECURITY_POLICY, is_alone: false, body: body.into() }
    }

    /// The same answer, which may have ours in a frame.
    pub(crate) fn with_frames(self) -> Self {
        Self { policy: FRAMES_POLICY, ..self }
    }

    /// The same answer, for a page that shares its process with nobody: such a page may look at a precise clock.
    pub(crate) fn alone(self) -> Self {
        Self { is_alone: true, ..self }
    }

    /// The same answer with its text changed, if it is a page.
    pub(crate) fn map_html(mut self, change: impl FnOnce(&str) -> String) -> Self {
        if self.status == 200 && self.kind.starts_with("text/html") {
            self.body = change(&String::from_utf8_lossy(&self.body)).into_bytes();
        }
        self
    }

    /// The answer where there is nothing.
    pub(crate) fn missing() -> Self {
        Self { status: 404, ..Self::new("text/plain; charset=utf-8", "There is nothing here.\n") }
    }
}

/// Answers requests on a port in threads of their own, until the program ends. Port 0 takes any free one; the port
/// taken is given back.
pub(crate) fn start(
    port: u16,
    answer: impl Fn(&mut Request) -> Answer + Send + Sync + 'static,
) -> Outcome<u16> {
    let server = Server::http(("127.0.0.1", port))
        .map_err(|problem| format!("cannot listen on port {port}: {problem}"))?;
    let port = server.server_addr().to_ip().map_or(port, |address| address.port());
    let answer = Arc::new(answer);
    thread::spawn(move || {
        for mut request in server.incoming_requests() {
            let answer = Arc::clone(&answer);
            thread::spawn(move || {
                let answer = answer(&mut request);
                // A visitor who has left is no problem of ours.
                let _ = respond(request, response(answer));
            });
        }
    });
    Ok(port)
}

/// Answers, and has the connection closed: to this end the answer is one of HTTP/1.0. `tiny_http` keeps a thread for
/// each connection that is open, and of several that are opened at the same moment it may queue some behind others,
/// where they wait until one is closed. Browsers keep theirs open for minutes.
fn respond(request: Request, response: Response<Cursor<Vec<u8>>>) -> io::Result<()> {
    let without_body = *request.method() == Method::Head;
    let mut writer = request.into_writer();
    response.raw_print(&mut writer, HTTPVersion(1, 0), &[], without_body, None)?;
    writer.flush()
}

fn response(answer: Answer) -> Response<Cursor<Vec<u8>>> {
    let headers = [
        ("content-type", answer.kind),
        ("content-security-policy", answer.policy),
        ("cache-control", "no-cache"),
        ("x-content-type-options", "nosniff"),
        // A frame that is shut off from its own address (`sandbox="allow-scripts"`) fetches the program as a stranger.
        ("access-control-allow-origin", "*"),
    ];
    let alone =
        [("cross-origin-opener-policy", "same-origin"), ("cross-origin-embedder-policy", "require-corp")];
    let headers = headers.into_iter().chain(alone.into_iter().filter(|_| answer.is_alone));
    let mut response = Response::from_data(answer.body).with_status_code(StatusCode(answer.status));
    for (name, value) in headers {
        response.add_header(Header::from_bytes(name, value).expect("our own headers are ASCII"));
    }
    response
}

/// For tests: a page of somebody else, at `host?…`, with ours in a frame that may run scripts and nothing else. What is
/// asked of it is asked of ours.
pub(crate) fn host(request: &Request) -> Option<Answer> {
    let (path, query) = request.url().split_once('?').unwrap_or((request.url(), ""));
    // It comes from a browser, which writes quotes otherwise; nobody else sees this page.
    let is_plain = !query.contains(['"', '<', '>']);
    (path == "/host" && is_plain).then(|| {
        let frame =
            format!(r#"<iframe sandbox="allow-scripts" width="960" height="600" src="./?{query}"></iframe>"#);
        let page = format!("<!doctype html><html lang=\"en\"><title>Host</title><h1>Host</h1>{frame}</html>");
        Answer { policy: HOST_POLICY, ..Answer::new("text/html; charset=utf-8", page) }
    })
}

/// The path of a request's URL, without its query.
pub(crate) fn path_of(request: &Request) -> &str {
    request.url().split(['?', '#']).next().unwrap_or_default()
}

/// Answers with a file of a folder; a folder's own answer is its `index.html`.
pub(crate) fn file(folder: &Path, url_path: &str) -> Answer {
    let Some(path) = resolve(folder, url_path) else { return Answer::missing() };
    match fs::read(&path) {
        Ok(body) => Answer::new(media_type(&path), body),
        Err(_unreadable) => Answer::missing(),
    }
}

/// Where a URL's path leads: never out of the folder.
fn resolve(folder: &Path, url_path: &str) -> Option<PathBuf> {
    let relative = Path::new(url_path.trim_start_matches('/'));
    if !relative.components().all(|part| matches!(part, Component::Normal(_))) {
        return None;
    }
    let path = folder.join(relative);
    Some(if path.is_dir() { path.join("index.html") } else { path })
}

fn media_type(path: &Path) -> &'static str {
    match path.extension().and_then(|extension| extension.to_str()) {
        Some("html") => "text/html; charset=utf-8",
        Some("js" | "mjs") => "text/javascript; charset=utf-8",
        Some("css") => "text/css; charset=utf-8",
        Some("wasm") => "application/wasm",
        Some("json") => "application/json",
        Some("svg") => "image/svg+xml",
        Some("png") => "image/png",
        Some("txt" | "md") => "text/plain; charset=utf-8",
        _ => "application/octet-stream",
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::{
        io::{BufRead, BufReader},
        net::TcpStream,
        sync::mpsc,
        time::Duration,
    };

    /// As browsers do it: many connections at once, each kept unless the answer says otherwise.
    #[test]
    fn connections_do_not_wait_for_each_other() {
        let port =
            start(0, |_request| Answer::new("text/plain; charset=utf-8", "here")).expect("a free port");
        let (tell, told) = mpsc::channel();
        for _ in 0..200 {
            let tell = tell.clone();
            thread::spawn(move || {
                let mut connection = TcpStream::connect(("127.0.0.1", port)).expect("the server listens");
                connection.write_all(b"GET / HTTP/1.1\r\nHost: here\r\n\r\n").expect("it reads");
                let mut answer = String::new();
                let mut lines = BufReader::new(&connection);
                while !answer.ends_with("\r\n\r\n") {
                    lines.read_line(&mut answer).expect("it answers");
                }
                let kept = answer.starts_with("HTTP/1.1").then_some(connection);
                tell.send((answer, kept)).expect("somebody counts");
            });
        }
        let mut kept = Vec::new();
        for number in 0..200 {
            let (answer, connection) = told
                .recv_timeout(Duration::from_secs(20))
                .unwrap_or_else(|_silence| panic!("only {number} of 200 were answered"));
            assert!(answer.contains(" 200 OK"), "{answer}");
            kept.extend(connection);
        }
    }

    #[test]
    fn a_path_never_leaves_the_folder() {
        let folder = Path::new("built");
        assert_eq!(resolve(folder, "/a/b.css"), Some(folder.join("a/b.css")), "a file inside");
        assert_eq!(resolve(folder, "/../secret"), None, "the parent");
        assert_eq!(resolve(folder, "/a/../../secret"), None, "the parent, through a folder");
    }
}
