//! Keys by the names that the page's help sheet uses.

use fantoccini::{
    actions::{InputSource, KeyAction, KeyActions},
    key::Key,
};

/// Presses and releases for a chord such as `Shift+Tab`, `ArrowRight`, `Space` or `a`.
pub(crate) fn chord(chord: &str) -> KeyActions {
    let keys: Vec<char> = if chord == "+" { vec!['+'] } else { chord.split('+').map(key).collect() };
    let mut actions = KeyActions::new("keyboard".to_owned());
    for value in keys.iter().copied() {
        actions = actions.then(KeyAction::Down { value });
    }
    for value in keys.iter().rev().copied() {
        actions = actions.then(KeyAction::Up { value });
    }
    actions
}

fn key(name: &str) -> char {
    let key = match name {
        "Tab" => Key::Tab,
        "Enter" => Key::Enter,
        "Escape" => Key::Escape,
        "Backspace" => Key::Backspace,
        "Delete" => Key::Delete,
        "Shift" => Key::Shift,
        "Control" => Key::Control,
        "Alt" => Key::Alt,
        "ArrowLeft" => Key::Left,
        "ArrowRight" => Key::Right,
        "ArrowUp" => Key::Up,
        "ArrowDown" => Key::Down,
        "Home" => Key::Home,
        "End" => Key::End,
        "PageUp" => Key::PageUp,
        "PageDown" => Key::PageDown,
        "Space" => return ' ',
        other => {
            return other.chars().next().filter(|_| other.chars().count() == 1).expect("a key has a name");
        }
    };
    key.chars().next().expect("each special key has a code")
}
