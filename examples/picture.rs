//! Draws a world as an SVG file: `cargo run --example picture -- NAME [WIDTH HEIGHT [light|dark|projector]] > out.svg`.
//! Without a name it lists those there are.

use mqscope::scene::{self, Theme, View};

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
    let play = worlds::named(name);
    let world = play.world();
    let mut view = View::new(number(1, 1060.0), number(2, 490.0));
    if view.height == 0.0 {
        view.height = scene::natural_height(world, world.live.now, &view);
    }
    print!("{}", scene::svg(&scene::draw(world, world.live.now, &view), theme));
}
