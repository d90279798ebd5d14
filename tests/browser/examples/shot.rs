//! Takes a picture of a page that is served already:
//! `cargo run --profile tool -p browser-tests --example shot -- OUT.png [--page URL] [--size 1280x800] [--phone]
//! [--dark] [--calm] [--language zh-CN] [--wait CSS] [--script JS]`.

use browser_tests::{View, browse};
use std::path::PathBuf;

fn main() {
    let mut view = View::default();
    let (mut out, mut address, mut wait, mut script) = (None, None, None, None);
    let mut arguments = std::env::args().skip(1);
    while let Some(argument) = arguments.next() {
        let mut value = || arguments.next().unwrap_or_else(|| panic!("{argument} needs a value"));
        match argument.as_str() {
            "--page" => address = Some(value()),
            "--size" => {
                let size = value();
                let parsed = size.split_once('x').and_then(|(w, h)| Some((w.parse().ok()?, h.parse().ok()?)));
                let (width, height) = parsed.expect("a size looks like 1280x800");
                view = view.size(width, height);
            }
            "--phone" => view = view.phone(),
            "--dark" => view = view.dark(),
            "--calm" => view = view.calm(),
            "--language" => view = view.language(&value()),
            "--wait" => wait = Some(value()),
            "--script" => script = Some(value()),
            _ => out = Some(PathBuf::from(argument)),
        }
    }
    let out = out.expect("the first argument names the picture");
    browse(view.expects_errors(), async |page| {
        match address {
            Some(address) => page.open_at(&address).await,
            None => page.open("").await,
        }
        page.until_shown(wait.as_deref().unwrap_or("h1")).await;
        if let Some(script) = script {
            println!(
                "{}",
                page.eval_async(&format!("(async () => {{ {script} }})().then(done, e => done(String(e)))"))
                    .await
            );
        }
        page.shot_to(out).await;
        for error in page.console_errors().await {
            eprintln!("{error}");
        }
    });
}
