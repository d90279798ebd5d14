//! Texts: which characters a name, a tag, a key may hold, and how many.

use crate::rules::{message_type, validation};
use crate::scenario::form::TextRule;
use crate::scenario::limits;
use crate::scenario::sentence::sentence;

/// A character that is not to be seen, and may change how others are: control characters, and those that turn the
/// direction of writing round.
pub fn is_unseen(c: char) -> bool {
    c.is_control() || matches!(c, '\u{200e}' | '\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}')
}

fn no_control(c: char) -> bool {
    !is_unseen(c)
}

fn lines(c: char) -> bool {
    c == '\n' || !is_unseen(c)
}

pub(in crate::scenario) static TOPIC_NAME: TextRule = TextRule {
    what: || sentence!("a topic's name of ASCII letters, digits, _, -, % and |"),
    most: limits::TOPIC_NAME_CHARS,
    allows: validation::is_name_char,
    pattern: "^[A-Za-z0-9_%|-]*$",
};

pub(in crate::scenario) static GROUP_NAME: TextRule = TextRule {
    what: || sentence!("a group's name of ASCII letters, digits, _, -, % and |"),
    most: limits::GROUP_NAME_CHARS,
    allows: validation::is_name_char,
    pattern: "^[A-Za-z0-9_%|-]*$",
};

pub(in crate::scenario) static NAME: TextRule = TextRule {
    what: || sentence!("a name without slash and control characters"),
    most: limits::NAME_CHARS,
    allows: |c| c != '/' && !is_unseen(c),
    pattern: "^[^/\\u0000-\\u001f\\u007f-\\u009f\\u200e\\u200f\\u202a-\\u202e\\u2066-\\u2069]*$",
};

pub(super) static FINGERPRINT: TextRule = TextRule {
    what: || sentence!("a fingerprint of 16 hex digits"),
    most: 16,
    allows: |c| c.is_ascii_digit() || ('a'..='f').contains(&c),
    pattern: "^[0-9a-f]*$",
};

pub(super) static ROOM: TextRule = TextRule {
    what: || sentence!("a machine room's name of ASCII letters, digits, _ and -"),
    most: limits::NAME_CHARS,
    allows: |c| c.is_ascii_alphanumeric() || "_-".contains(c),
    pattern: "^[A-Za-z0-9_-]*$",
};

pub(in crate::scenario) static CONSUMER: TextRule = TextRule {
    what: || sentence!("a group's name, a slash and a consumer's name, such as \"billing/C1\""),
    most: limits::GROUP_NAME_CHARS + 1 + limits::NAME_CHARS,
    allows: no_control,
    pattern: "^[^/]+/[^/]+$",
};

pub(in crate::scenario) static ID: TextRule = TextRule {
    what: || sentence!("an id of ASCII letters, digits, _ and -"),
    most: limits::NAME_CHARS,
    allows: |c| c.is_ascii_alphanumeric() || "_-".contains(c),
    pattern: "^[A-Za-z0-9_-]*$",
};

pub(in crate::scenario) static TITLE: TextRule = TextRule {
    what: || sentence!("text on one line"),
    most: limits::TITLE_CHARS,
    allows: no_control,
    pattern: "^[^\\u0000-\\u001f\\u007f-\\u009f\\u200e\\u200f\\u202a-\\u202e\\u2066-\\u2069]*$",
};

pub(in crate::scenario) static CAPTION: TextRule = TextRule {
    what: || sentence!("text without control characters other than line breaks"),
    most: limits::CAPTION_CHARS,
    allows: lines,
    pattern: "^[^\\u0000-\\u0009\\u000b-\\u001f\\u007f-\\u009f\\u200e\\u200f\\u202a-\\u202e\\u2066-\\u2069]*$",
};

pub(in crate::scenario) static TAG: TextRule = TextRule {
    what: || sentence!("a tag without | and control characters"),
    most: limits::WORD_CHARS,
    allows: |c| message_type::is_tag_char(c) && !is_unseen(c),
    pattern: "^[^|\\u0000-\\u001f\\u007f-\\u009f\\u200e\\u200f\\u202a-\\u202e\\u2066-\\u2069]*$",
};

pub(in crate::scenario) static TAG_EXPRESSION: TextRule = TextRule {
    what: || sentence!("tags such as \"A || B\", or \"*\" for all messages"),
    most: limits::FILTER_CHARS,
    allows: no_control,
    pattern: "^[^\\u0000-\\u001f\\u007f-\\u009f\\u200e\\u200f\\u202a-\\u202e\\u2066-\\u2069]*$",
};

pub(in crate::scenario) static CONDITION: TextRule = TextRule {
    what: || sentence!("an SQL-92 condition such as \"region = 'eu' AND amount > 100\""),
    most: limits::FILTER_CHARS,
    allows: |_| true,
    pattern: "",
};

pub(in crate::scenario) static WORD: TextRule = TextRule {
    what: || sentence!("text without control characters"),
    most: limits::WORD_CHARS,
    allows: no_control,
    pattern: "^[^\\u0000-\\u001f\\u007f-\\u009f\\u200e\\u200f\\u202a-\\u202e\\u2066-\\u2069]*$",
};

pub(in crate::scenario) static MESSAGE_GROUP: TextRule = TextRule {
    what: || sentence!("a message group without control characters"),
    most: limits::MESSAGE_GROUP_BYTES,
    allows: no_control,
    pattern: "^[^\\u0000-\\u001f\\u007f-\\u009f]*$",
};

pub(in crate::scenario) static LITE_NAME: TextRule = TextRule {
    what: || {
        sentence!(
            "the name of a lite topic, or a series such as \"session-{{0-99}}\", without control characters"
        )
    },
    most: limits::LITE_NAME_CHARS,
    allows: no_control,
    pattern: "^[^\\u0000-\\u001f\\u007f-\\u009f\\u200e\\u200f\\u202a-\\u202e\\u2066-\\u2069]*$",
};

pub(in crate::scenario) static BODY: TextRule =
    TextRule { what: || sentence!("text"), most: limits::BODY_CHARS, allows: |_| true, pattern: "" };

#[cfg(test)]
mod tests {
    use serde_json::Value;

    use super::*;
    use crate::scenario::form::{Kind, text};

    /// What a file may say the client takes, and the proxy after it. How many bytes a message group may have is a setting.
    #[test]
    fn texts_are_those_that_client_and_proxy_take() {
        let limits = validation::Limits { message_group_bytes: 65, ..validation::Limits::default() };
        let is_read = |rule, what: &str| text(&Kind::Text(rule), &Value::from(what)).is_ok();
        let long = "g".repeat(64);
        let texts = [
            "", " ", "a", " a ", "a|b", "a b", "é", "中", "a\n", "\u{7f}", "\u{1c}", "\u{3000}", "\u{a0}",
            &long,
        ];
        for what in texts {
            assert!(!is_read(&TAG, what) || validation::tag(what).is_ok(), "{what:?}");
            assert!(!is_read(&TAG, what) || message_type::check_tag(what).is_ok(), "{what:?}");
            assert!(!is_read(&WORD, what) || validation::message_key(what).is_ok(), "{what:?}");
            assert!(!is_read(&WORD, what) || message_type::check_not_blank(what).is_ok(), "{what:?}");
            let takes_group = validation::message_group(what, &limits).is_ok();
            assert!(!is_read(&MESSAGE_GROUP, what) || takes_group, "{what:?}");
            assert_eq!(is_read(&TOPIC_NAME, what), validation::topic(what).is_ok(), "{what:?}");
            assert_eq!(is_read(&GROUP_NAME, what), validation::consumer_group(what).is_ok(), "{what:?}");
        }
    }
}
