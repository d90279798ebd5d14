//! Draws a moment of a run as an SVG file:
//! `cargo run --example picture -- WHAT [WIDTH HEIGHT [light|dark|projector [SECONDS]]] > out.svg`.
//!
//! WHAT is a scenario file, drawn after so many seconds, or one of the small worlds of the tests; without it they are
//! listed. HEIGHT 0 is whatever the picture needs.

use std::rc::Rc;

use mqscope::broker::World;
use mqscope::scenario::Scenario;
use mqscope::scene::{self, Theme, View};
use mqscope::session::Session;
use mqscope::sim::Instant;

#[path = "../tests/frames/worlds.rs"]
mod worlds;

fn main() {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let Some(name) = arguments.first() else {
        println!("{}", worlds::NAMES.join("\n"));
        return;
    };
    let number =
        |at: usize, default: f32| arguments.get(at).and_then(|text| text.parse().ok()).unwrap_or(default);
    let wished = arguments.get(3).map_or("light", String::as_str);
    let theme = Theme::ALL.into_iter().find(|theme| theme.name == wished).unwrap_or(&Theme::LIGHT);
    let mut view = View::new(number(1, 1060.0), number(2, 490.0));
    let mut print = |world: &World| {
        if view.height == 0.0 {
            view.height = scene::natural_height(world, world.live.now, &view);
        }
        print!("{}", scene::svg(&scene::draw(world, world.live.now, &view), theme));
    };
    if !name.ends_with(".json") {
        print(worlds::named(name).world());
        return;
    }
    let text = std::fs::read_to_string(name).unwrap_or_else(|error| panic!("{name}: {error}"));
    let scenario = Scenario::parse(&text).unwrap_or_else(|problems| panic!("{name}: {problems}"));
    let mut session = Session::new(Rc::new(scenario), ());
    session.run_until(Instant::from_ms((number(4, 10.0) * 1_000.0) as u64), u64::MAX);
    print(session.world());
}
