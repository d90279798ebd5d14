//! Text as the Java code sees it.

/// Is this a character that Java calls whitespace (`Character.isWhitespace`)? The no-break spaces are not; the
/// separators of files, groups, records and units are.
pub(super) fn is_whitespace(c: char) -> bool {
    match c {
        '\u{a0}' | '\u{2007}' | '\u{202f}' | '\u{85}' => false,
        '\u{1c}'..='\u{1f}' => true,
        _ => c.is_whitespace(),
    }
}

/// Is there nothing but whitespace (`StringUtils.isBlank`)? The empty text is blank.
pub(super) fn is_blank(text: &str) -> bool {
    text.chars().all(is_whitespace)
}

/// Is there a control character: below the space, or from 7f to 9f (`Character.isISOControl`)?
pub(super) fn has_control(text: &str) -> bool {
    text.chars().any(char::is_control)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn blank_is_javas_blank() {
        for blank in ["", " ", "\t\n\u{b}\u{c}\r", "\u{1c}\u{1f}", "\u{3000}", "\u{2028}"] {
            assert!(is_blank(blank), "{blank:?}");
        }
        for not_blank in ["a", " a ", "\u{a0}", "\u{2007}", "\u{202f}", "\u{85}", "\u{200b}", "\0"] {
            assert!(!is_blank(not_blank), "{not_blank:?}");
        }
    }

    #[test]
    fn control_characters_are_those_of_latin_1() {
        assert!(["\0", "a\n", "\u{7f}", "\u{9f}"].iter().all(|text| has_control(text)));
        assert!(["", " ", "\u{a0}", "\u{200b}", "\u{2028}"].iter().all(|text| !has_control(text)));
    }
}
