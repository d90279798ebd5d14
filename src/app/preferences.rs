//! How the visitor likes the page: language, colours, keys. The address is asked first, then what was chosen here before,
//! then the browser.

use gloo::storage::{LocalStorage, Storage};

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

/// The language to begin with.
pub fn language(query: &Query) -> Language {
    let chosen = || {
        let tag = LocalStorage::get::<String>(LANGUAGE).ok()?;
        Language::ALL.into_iter().find(|language| language.tag() == tag)
    };
    let browser = || Language::of_tag(&gloo::utils::window().navigator().language().unwrap_or_default());
    query.language.or_else(chosen).unwrap_or_else(browser)
}

/// The theme to begin with.
pub fn theme(query: &Query) -> ThemeChoice {
    let chosen = || ThemeChoice::of_name(&LocalStorage::get::<String>(THEME).ok()?);
    query.theme.or_else(chosen).unwrap_or_default()
}

/// Are letters, digits and signs shortcuts?
pub fn character_keys() -> bool {
    LocalStorage::get(CHARACTER_KEYS).unwrap_or(true)
}

/// Is the legend open? Only if it was left open: what a visitor sees first is the picture.
pub fn legend_is_open() -> bool {
    cfg!(target_family = "wasm") && LocalStorage::get(LEGEND).unwrap_or(false)
}

/// Remembers a choice. A browser that keeps nothing forgets it; that is no reason to trouble anybody.
pub fn remember_language(language: Language) {
    LocalStorage::set(LANGUAGE, language.tag()).ok();
}

/// The same for the theme.
pub fn remember_theme(theme: ThemeChoice) {
    LocalStorage::set(THEME, theme.name()).ok();
}

/// The same for the keys.
pub fn remember_character_keys(are_on: bool) {
    LocalStorage::set(CHARACTER_KEYS, are_on).ok();
}

/// The same for the legend.
pub fn remember_legend(is_open: bool) {
    LocalStorage::set(LEGEND, is_open).ok();
}

/// Does a media query hold?
pub fn media(query: &str) -> bool {
    gloo::utils::window().match_media(query).ok().flatten().is_some_and(|list| list.matches())
}
