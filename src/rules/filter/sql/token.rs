//! The words of an expression: the longest one that can be read, then the next.

use super::problem::{CompileError, Problem};

/// One word.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Token<'a> {
    /// The end of the expression.
    End,
    /// A reserved word, in any case.
    Word(Word),
    /// The name of a property.
    Name(&'a str),
    /// A text, without its outer quotes, quotes inside still doubled.
    Text(&'a str),
    /// A whole number, perhaps with an `L` behind it. It may be too large.
    Integer(&'a str),
    /// A number with a fraction or an exponent. It may be too large or too small.
    Double(&'a str),
    /// `=`
    Equal,
    /// `<>`
    NotEqual,
    /// `>`
    Greater,
    /// `>=`
    GreaterOrEqual,
    /// `<`
    Less,
    /// `<=`
    LessOrEqual,
    /// `(`
    Opening,
    /// `)`
    Closing,
    /// `,`
    Comma,
    /// `+`
    Plus,
    /// `-`
    Minus,
}

/// The reserved words.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[allow(missing_docs, reason = "the words say it")]
pub enum Word {
    Not,
    And,
    Or,
    Between,
    In,
    True,
    False,
    Null,
    Is,
    Contains,
    StartsWith,
    EndsWith,
}

/// How each is written.
const WORDS: [(&str, Word); 12] = [
    ("NOT", Word::Not),
    ("AND", Word::And),
    ("OR", Word::Or),
    ("BETWEEN", Word::Between),
    ("IN", Word::In),
    ("TRUE", Word::True),
    ("FALSE", Word::False),
    ("NULL", Word::Null),
    ("IS", Word::Is),
    ("CONTAINS", Word::Contains),
    ("STARTSWITH", Word::StartsWith),
    ("ENDSWITH", Word::EndsWith),
];

/// Signs, those of two characters before those they begin with.
const SIGNS: [(&str, Token<'_>); 11] = [
    ("<>", Token::NotEqual),
    (">=", Token::GreaterOrEqual),
    ("<=", Token::LessOrEqual),
    ("=", Token::Equal),
    (">", Token::Greater),
    ("<", Token::Less),
    ("(", Token::Opening),
    (")", Token::Closing),
    (",", Token::Comma),
    ("+", Token::Plus),
    ("-", Token::Minus),
];

/// Reads words from a text, one at a time: what is never asked for is never wrong.
#[derive(Clone, Debug)]
pub struct Tokens<'a> {
    text: &'a str,
    /// What has been read, in bytes.
    position: usize,
}

/// A word and where it stands, in bytes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Placed<'a> {
    /// The word.
    pub token: Token<'a>,
    /// Where it begins.
    pub start: usize,
    /// Where it has ended.
    pub end: usize,
}

impl<'a> Tokens<'a> {
    /// The words of a text.
    pub fn new(text: &'a str) -> Self {
        Self { text, position: 0 }
    }

    /// The text.
    pub fn text(&self) -> &'a str {
        self.text
    }

    /// The next word; [`Token::End`] for ever at the end.
    pub fn read(&mut self) -> Result<Placed<'a>, CompileError> {
        self.skip_blanks()?;
        let start = self.position;
        let rest = &self.text[start..];
        let Some(first) = rest.chars().next() else {
            return Ok(Placed { token: Token::End, start, end: start });
        };
        let (token, length) = match first {
            'a'..='z' | 'A'..='Z' | '_' | '$' => name(rest),
            '\'' => {
                let length = text_length(rest).ok_or_else(|| self.problem(start, Problem::UnclosedText))?;
                (Token::Text(&rest[1..length - 1]), length)
            }
            '0'..='9' | '.' => {
                number(rest).ok_or_else(|| self.problem(start, Problem::UnknownCharacter(first)))?
            }
            _ => {
                let sign = SIGNS.iter().find(|(sign, _)| rest.starts_with(sign));
                let (sign, token) =
                    sign.ok_or_else(|| self.problem(start, Problem::UnknownCharacter(first)))?;
                (*token, sign.len())
            }
        };
        self.position = start + length;
        Ok(Placed { token, start, end: self.position })
    }

    /// An error at a place, which is told in characters.
    pub(super) fn problem(&self, start: usize, problem: Problem) -> CompileError {
        CompileError { at: self.text[..start].chars().count(), problem }
    }

    fn skip_blanks(&mut self) -> Result<(), CompileError> {
        loop {
            let rest = &self.text[self.position..];
            if rest.starts_with([' ', '\t', '\n', '\r', '\u{c}']) {
                self.position += 1;
            } else if let Some(comment) = rest.strip_prefix("/*") {
                let length = comment.find("*/");
                let length = length.ok_or_else(|| self.problem(self.position, Problem::UnclosedComment))?;
                self.position += 2 + length + 2;
            } else if let Some(length) = line_comment(rest) {
                self.position += length;
            } else {
                return Ok(());
            }
        }
    }
}

/// A comment to the end of the line. On a last line without an end it is none: there it is two minus signs.
fn line_comment(rest: &str) -> Option<usize> {
    let length = rest.starts_with("--").then(|| rest.find(['\n', '\r']))??;
    Some(length + 1)
}

fn name(rest: &str) -> (Token<'_>, usize) {
    let is_part = |c: char| c.is_ascii_alphanumeric() || c == '_' || c == '$';
    let name = rest.split(|c| !is_part(c)).next().unwrap_or_default();
    let word = WORDS.iter().find(|(word, _)| word.eq_ignore_ascii_case(name));
    (word.map_or(Token::Name(name), |(_, word)| Token::Word(*word)), name.len())
}

/// The length of a text with both quotes. Two quotes are a quote inside; where that leaves the text without an end, the
/// first of the last two was its end, since the longest text that can be read counts.
fn text_length(rest: &str) -> Option<usize> {
    let bytes = rest.as_bytes();
    let mut closed = None;
    let mut position = 1;
    while let Some(quote) = rest[position..].find('\'') {
        let end = position + quote + 1;
        closed = Some(end);
        if bytes.get(end) != Some(&b'\'') {
            break;
        }
        position = end + 1;
    }
    closed
}

/// `5`, `5L`, `5.`, `5.5`, `.5`, each of the last three and `5` also with an exponent. A whole number that begins with 0
/// ends there: `05` is two words.
fn number(rest: &str) -> Option<(Token<'_>, usize)> {
    let digits_from = |from: usize| rest[from..].bytes().take_while(u8::is_ascii_digit).count();
    let whole = digits_from(0);
    let bytes = rest.as_bytes();
    let has_point = bytes.get(whole) == Some(&b'.');
    let fraction = if has_point { digits_from(whole + 1) } else { 0 };
    if whole == 0 && fraction == 0 {
        return None;
    }
    let mantissa = whole + usize::from(has_point) + fraction;
    let exponent = exponent(&rest[mantissa..]);
    let length = mantissa + exponent;
    if has_point || exponent > 0 {
        return Some((Token::Double(&rest[..length]), length));
    }
    let length = match bytes {
        [b'0', ..] => 1,
        _ => whole + usize::from(matches!(bytes.get(whole), Some(b'l' | b'L'))),
    };
    Some((Token::Integer(&rest[..length]), length))
}

/// The length of an exponent, 0 if there is none.
fn exponent(rest: &str) -> usize {
    let Some(after) = rest.strip_prefix(['e', 'E']) else { return 0 };
    let unsigned = after.strip_prefix(['+', '-']).unwrap_or(after);
    let digits = unsigned.bytes().take_while(u8::is_ascii_digit).count();
    if digits == 0 { 0 } else { rest.len() - unsigned.len() + digits }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn tokens(text: &str) -> Vec<Token<'_>> {
        let mut tokens = Tokens::new(text);
        let read = std::iter::from_fn(|| Some(tokens.read().expect("words").token));
        read.take_while(|token| *token != Token::End).collect()
    }

    fn problem(text: &str) -> CompileError {
        let mut tokens = Tokens::new(text);
        loop {
            match tokens.read() {
                Ok(Placed { token: Token::End, .. }) => panic!("{text} can be read"),
                Ok(_) => {}
                Err(problem) => return problem,
            }
        }
    }

    #[test]
    fn the_longest_word_counts() {
        use Token::*;
        assert_eq!(
            tokens("a>=b<>IN$"),
            [Name("a"), GreaterOrEqual, Name("b"), NotEqual, Name("IN$")],
            "two signs that belong together, and a name that begins like a word"
        );
        assert_eq!(tokens("nOt_ nOt"), [Name("nOt_"), Word(self::Word::Not)]);
        assert_eq!(tokens("12abc"), [Integer("12"), Name("abc")]);
    }

    #[test]
    fn numbers_end_where_they_stop_being_numbers() {
        use Token::*;
        assert_eq!(tokens("5 5L 5l"), [Integer("5"), Integer("5L"), Integer("5l")]);
        assert_eq!(tokens("007"), [Integer("0"), Integer("0"), Integer("7")]);
        assert_eq!(tokens("0L"), [Integer("0"), Name("L")]);
        assert_eq!(tokens("5. 5.5 .5 00.5"), [Double("5."), Double("5.5"), Double(".5"), Double("00.5")]);
        assert_eq!(tokens("5E10 5.e-1 .5e+1"), [Double("5E10"), Double("5.e-1"), Double(".5e+1")]);
        assert_eq!(tokens("1.5.5 1e"), [Double("1.5"), Double(".5"), Integer("1"), Name("e")]);
        assert_eq!(tokens("1e+"), [Integer("1"), Name("e"), Plus]);
    }

    #[test]
    fn a_quote_inside_a_text_is_written_twice() {
        use Token::*;
        assert_eq!(tokens("'it''s' '' ''''"), [Text("it''s"), Text(""), Text("''")]);
        // `'it'` is a text; only what follows cannot be read.
        let mut tokens = Tokens::new("'it''s");
        assert_eq!(tokens.read().expect("a text").token, Text("it"));
        assert_eq!(tokens.read(), Err(CompileError { at: 4, problem: Problem::UnclosedText }));
    }

    #[test]
    fn comments_are_blanks_and_an_unfinished_line_is_two_minus_signs() {
        use Token::*;
        assert_eq!(tokens("a/* - ** / */b/**/c/***/"), [Name("a"), Name("b"), Name("c")]);
        assert_eq!(tokens("a -- b\r\n-- c\rd"), [Name("a"), Name("d")]);
        assert_eq!(tokens("a --b"), [Name("a"), Minus, Minus, Name("b")]);
        assert_eq!(problem("a /* b"), CompileError { at: 2, problem: Problem::UnclosedComment });
    }

    #[test]
    fn places_are_counted_in_characters() {
        let unknown = |at, c| CompileError { at, problem: Problem::UnknownCharacter(c) };
        assert_eq!(problem("a = '\u{4e2d}\u{6587}' #"), unknown(9, '#'));
        assert_eq!(problem("\u{e9}"), unknown(0, '\u{e9}'));
        assert_eq!(problem("a\u{b}"), unknown(1, '\u{b}'));
        assert_eq!(problem("a = ."), unknown(4, '.'));
    }
}
