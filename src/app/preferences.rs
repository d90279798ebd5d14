//! How the visitor likes the page: language, colours, keys. The address is asked first, then what was chosen here before,
//! then the browser.

use gloo::utils::window;
use web_sys::Storage;

use serde::Serialize;
use serde::de::DeserializeOwned;

use super::query::Query;
use crate::lesson::Language;

/// Which colours the page has.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Default)]
pub enum ThemeChoice {
    /// Those the system prefers.
    #[default]
    System,
    /// Dark on light.
    Light,
    /// Light on dark.
    Dark,
}

impl ThemeChoice {
    /// All of them, in the order of the switch.
    pub const ALL: [Self; 3] = [Self::System, Self::Light, Self::Dark];

    /// Its name in addresses and on the page's root element.
    pub fn name(self) -> &'static str {
        match self {
            Self::System => "system",
            Self::Light => "light",
            Self::Dark => "dark",
        }
    }

    /// The theme of this name.
    pub fn of_name(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|theme| theme.name() == name)
    }
}

/// Where the choices are kept.
const LANGUAGE: &str = "mqscope.language";
const THEME: &str = "mqscope.theme";
const CHARACTER_KEYS: &str = "mqscope.character-keys";
const LEGEND: &str = "mqscope.legend";

/// Where the browser keeps things for the page. In a frame that is shut off from its own address there is nothing of the
/// kind, and asking for it is an error already.
fn storage() -> Option<Storage> {
    window().local_storage().ok().flatten()
}

fn kept<T: DeserializeOwned>(name: &str) -> Option<T> {
    let text = storage()?.get_item(name).ok().flatten()?;
    serde_json::from_str(&text).ok()
}

fn keep(name: &str, value: impl Serialize) {
    if let (Some(storage), Ok(text)) = (storage(), serde_json::to_string(&value)) {
        storage.set_item(name, &text).ok();
    }
}

/// The language to begin with.
pub fn language(query: &Query) -> Language {
    let chosen = || {
        let tag: String = kept(LANGUAGE)?;
        Language::ALL.into_iter().find(|language| language.tag() == tag)
    };
    let browser = || Language::of_tag(&window().navigator().language().unwrap_or_default());
    query.language.or_else(chosen).unwrap_or_else(browser)
}

/// The theme to begin with.
pub fn theme(query: &Query) -> ThemeChoice {
    let chosen = || ThemeChoice::of_name(&kept::<String>(THEME)?);
    query.theme.or_else(chosen).unwrap_or_default()
}

/// Are letters, digits and signs shortcuts?
pub fn character_keys() -> bool {
    kept(CHARACTER_KEYS).unwrap_or(true)
}

/// Is the legend open? Only if it was left open: what a visitor sees first is the picture.
pub fn legend_is_open() -> bool {
    cfg!(target_family = "wasm") && kept(LEGEND).unwrap_or(false)
}

/// Remembers a choice. A browser that keeps nothing forgets it; that is no reason to trouble anybody.
pub fn remember_language(language: Language) {
    keep(LANGUAGE, language.tag());
}

/// The same for the theme.
pub fn remember_theme(theme: ThemeChoice) {
    keep(THEME, theme.name());
}

/// The same for the keys.
pub fn remember_character_keys(are_on: bool) {
    keep(CHARACTER_KEYS, are_on);
}

/// The same for the legend.
pub fn remember_legend(is_open: bool) {
    keep(LEGEND, is_open);
}

/// Does a media query hold?
pub fn media(query: &str) -> bool {
    window().match_media(query).ok().flatten().is_some_and(|list| list.matches())
}
