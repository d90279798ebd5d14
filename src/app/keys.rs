//! The keyboard: one table drives the handler and the help sheet.

use wasm_bindgen::JsCast;
use web_sys::{Element, KeyboardEvent};

use super::speed::Speed;
use super::store::{Dialog, Msg, PanelId};

/// Something a key does.
pub struct Shortcut {
    /// The keys that do it, as the browser names them; the first one is shown.
    pub keys: &'static [&'static str],
    /// How the keys are shown.
    pub shown: &'static [&'static str],
    /// The catalogue's key of what it does.
    pub says: &'static str,
    /// What it does.
    pub msg: fn() -> Msg,
}

/// All of them, in the order of the help sheet.
pub const SHORTCUTS: &[Shortcut] = &[
    Shortcut { keys: &[" "], shown: &["Space"], says: "help.key_play", msg: || Msg::TogglePlay },
    Shortcut { keys: &[".", "n"], shown: &["."], says: "help.key_step", msg: || Msg::Step },
    Shortcut { keys: &[",", "p"], shown: &[","], says: "help.key_step_back", msg: || Msg::StepBack },
    Shortcut {
        keys: &[">", "N"],
        shown: &["Shift", "."],
        says: "help.key_stage_step",
        msg: || Msg::NextStage,
    },
    Shortcut {
        keys: &["<", "P"],
        shown: &["Shift", ","],
        says: "help.key_stage_step_back",
        msg: || Msg::PreviousStage,
    },
    Shortcut { keys: &["Home", "0"], shown: &["Home", "0"], says: "help.key_reset", msg: || Msg::Reset },
    Shortcut { keys: &["e", "E"], shown: &["E"], says: "help.key_event", msg: || Msg::NextEvent },
    Shortcut { keys: &["m"], shown: &["M"], says: "help.key_marker", msg: || Msg::NextMarker },
    Shortcut {
        keys: &["M"],
        shown: &["Shift", "M"],
        says: "help.key_marker_before",
        msg: || Msg::PreviousMarker,
    },
    Shortcut { keys: &["Control+z"], shown: &["Ctrl", "Z"], says: "help.key_undo", msg: || Msg::Undo },
    Shortcut {
        keys: &["Control+Z", "Control+y"],
        shown: &["Ctrl", "Shift", "Z"],
        says: "help.key_redo",
        msg: || Msg::Redo,
    },
    Shortcut { keys: &["+", "=", "]"], shown: &["+", "]"], says: "help.key_faster", msg: || Msg::Faster },
    Shortcut { keys: &["-", "_", "["], shown: &["-", "["], says: "help.key_slower", msg: || Msg::Slower },
    Shortcut { keys: &["1"], shown: &["1"], says: "help.key_real", msg: || Msg::SetSpeed(Speed::REAL) },
    Shortcut { keys: &["s", "S"], shown: &["S"], says: "help.key_stage", msg: || Msg::Focus(PanelId::Stage) },
    Shortcut {
        keys: &["i", "I"],
        shown: &["I"],
        says: "help.key_inspector",
        msg: || Msg::Focus(PanelId::Inspector),
    },
    Shortcut { keys: &["/"], shown: &["/"], says: "help.key_log", msg: || Msg::Focus(PanelId::Log) },
    Shortcut { keys: &["o", "O"], shown: &["O"], says: "help.key_picker", msg: || Msg::Open(Dialog::Picker) },
    Shortcut { keys: &["c", "C"], shown: &["C"], says: "help.key_share", msg: || Msg::Open(Dialog::Share) },
    Shortcut {
        keys: &["v", "V"],
        shown: &["V"],
        says: "help.key_promises",
        msg: || Msg::Open(Dialog::Promises),
    },
    Shortcut { keys: &["l", "L"], shown: &["L"], says: "help.key_language", msg: || Msg::NextLanguage },
    Shortcut { keys: &["t", "T"], shown: &["T"], says: "help.key_theme", msg: || Msg::NextTheme },
    Shortcut { keys: &["?"], shown: &["?"], says: "help.key_help", msg: || Msg::Open(Dialog::Help) },
    Shortcut { keys: &["Escape"], shown: &["Esc"], says: "help.key_close", msg: || Msg::Close },
];

/// Is it a key that types a letter, a digit or a sign? Speech input presses such keys by accident, so the visitor can
/// switch them off as shortcuts (WCAG 2.1.4).
fn is_character(key: &str) -> bool {
    key != " " && key.chars().count() == 1
}

/// What the keyboard's listener knows of the page, perhaps a little late.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Sense {
    /// Are letters, digits and signs shortcuts?
    pub characters: bool,
    /// What lies over the page.
    pub dialog: Option<Dialog>,
}

/// Does it make sense with what lies over the page? What is behind a dialog is not seen; but what came of the promises is
/// followed through time.
pub fn makes_sense(msg: &Msg, dialog: Option<Dialog>) -> bool {
    let Some(dialog) = dialog else { return true };
    match msg {
        Msg::Close => true,
        Msg::TogglePlay
        | Msg::Step
        | Msg::StepBack
        | Msg::NextStage
        | Msg::PreviousStage
        | Msg::Reset
        | Msg::NextEvent
        | Msg::NextMarker
        | Msg::PreviousMarker
        | Msg::Faster
        | Msg::Slower
        | Msg::SetSpeed(_) => dialog == Dialog::Promises,
        _ => false,
    }
}

/// What a key press asks for. `is_typing` says that it goes into a field, which then has it to itself; a button or
/// link keeps the space bar, which presses it; `characters`, that letters, digits and signs are shortcuts.
pub fn msg_for(key: &str, is_typing: bool, on_button: bool, characters: bool) -> Option<Msg> {
    let is_off = !characters && is_character(key);
    if (is_typing && key != "Escape") || (on_button && key == " ") || is_off {
        return None;
    }
    let shortcut = SHORTCUTS.iter().find(|shortcut| shortcut.keys.contains(&key))?;
    Some((shortcut.msg)())
}

/// What a key press in the page asks for.
pub(super) fn pressed(event: &KeyboardEvent, characters: bool) -> Option<Msg> {
    if event.alt_key() || event.is_composing() || event.default_prevented() {
        return None;
    }
    let key = match (event.ctrl_key() || event.meta_key(), event.shift_key()) {
        (true, true) => format!("Control+{}", event.key().to_uppercase()),
        (true, false) => format!("Control+{}", event.key().to_lowercase()),
        (false, _) => event.key(),
    };
    let target = event.target().and_then(|target| target.dyn_into::<Element>().ok());
    let within =
        |css: &str| target.as_ref().and_then(|element| element.closest(css).ok().flatten()).is_some();
    let is_typing =
        within("input:not([type=checkbox]):not([type=radio]), select, textarea, [contenteditable]");
    // A button that a pointer pressed is done: the space bar is its own only if the keyboard came to it.
    let is_reached = target.as_ref().is_some_and(|element| element.matches(":focus-visible").unwrap_or(true));
    let on_button = is_reached && within("button, a[href], summary, input, [role=button], [role=tab]");
    msg_for(&key, is_typing, on_button, characters)
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;
    use crate::lesson::{Language, Words};

    #[test]
    fn no_key_does_two_things_and_each_has_words() {
        let mut seen = BTreeSet::new();
        let words = Words::new(Language::English);
        for shortcut in SHORTCUTS {
            for key in shortcut.keys {
                assert!(seen.insert(*key), "{key} does two things");
            }
            assert_ne!(words.text(shortcut.says), shortcut.says, "{} is in the catalogue", shortcut.says);
        }
    }

    #[test]
    fn a_field_keeps_its_keys_and_a_button_its_space_bar() {
        assert_eq!(msg_for(" ", false, false, true), Some(Msg::TogglePlay));
        assert_eq!(msg_for(" ", false, true, true), None);
        assert_eq!(msg_for(".", false, true, true), Some(Msg::Step));
        assert_eq!(msg_for(".", true, false, true), None);
        assert_eq!(msg_for("Escape", true, false, true), Some(Msg::Close));
        assert_eq!(msg_for("q", false, false, true), None);
    }

    #[test]
    fn without_character_shortcuts_only_keys_that_type_nothing_work() {
        for shortcut in SHORTCUTS {
            for key in shortcut.keys {
                let works = msg_for(key, false, false, false).is_some();
                assert_eq!(
                    works,
                    matches!(*key, " " | "Home" | "Escape") || key.starts_with("Control"),
                    "{key}"
                );
            }
        }
    }

    #[test]
    fn over_the_page_only_what_can_be_seen_there_has_a_key() {
        let works =
            |dialog, key| msg_for(key, false, false, true).is_some_and(|msg| makes_sense(&msg, Some(dialog)));
        let keys = || SHORTCUTS.iter().flat_map(|shortcut| shortcut.keys);
        for dialog in [Dialog::Share, Dialog::Picker, Dialog::Settings, Dialog::Problems, Dialog::Help] {
            for key in keys() {
                assert_eq!(works(dialog, key), *key == "Escape", "{dialog:?} {key}");
            }
        }
        // The list of promises follows time.
        for key in keys() {
            let is_of_time = [" ", ".", ",", ">", "<", "Home", "e", "m", "M", "+", "-", "1", "Escape"];
            let others = ["n", "p", "N", "P", "0", "E", "=", "]", "_", "["];
            let works = works(Dialog::Promises, key);
            assert_eq!(works, is_of_time.contains(key) || others.contains(key), "{key}");
        }
    }
}
