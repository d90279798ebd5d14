//! Draws the charts of a small run into a directory, in every theme and several sizes, for people to look at:
//! `cargo run --example plot -- DIRECTORY`.

#[path = "../tests/plots/run.rs"]
mod run;

use mqscope::broker::QueueId;
use mqscope::lesson::words::{Language, Words};
use mqscope::plot::{self, Style, Subject};
use mqscope::scene::Theme;
use mqscope::sim::Instant;

fn main() -> std::io::Result<()> {
    let to = std::env::args().nth(1).unwrap_or_else(|| "target/plots".to_owned());
    std::fs::create_dir_all(&to)?;
    let run = run::shop(Instant::from_ms(53_412));
    let (series, world) = (&run.series, &run.broker.world);
    let subjects = [
        ("accumulation", Subject::Accumulation),
        ("offsets", Subject::Offsets(QueueId(1))),
        ("rates", Subject::Rates),
    ];
    for language in Language::ALL {
        let words = Words::new(language);
        for theme in Theme::ALL {
            for (width, height) in [(540, 240), (340, 240), (1100, 300), (280, 200)] {
                for (name, subject) in subjects {
                    let until = Instant::from_secs(60);
                    let style = Style { width, height, theme, words: &words, until, stands_alone: true };
                    let chart = plot::draw(subject, series, world, &style);
                    let file = format!("{to}/{name}-{width}-{}-{}.svg", theme.name, language.tag());
                    std::fs::write(file, chart.svg)?;
                    println!("{name} {width}×{height} {}: {}", theme.name, chart.summary);
                }
            }
        }
    }
    Ok(())
}
