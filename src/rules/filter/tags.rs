//! The tag filter: an expression of tags, and its two sieves.
//!
//! A queue's index holds no tag, only the 32-bit hash of it. The broker sieves by hash, which is cheap and lets through
//! tags that happen to hash alike (`Aa` and `BB`); the client, or the proxy, compares the tags themselves.
//!
//! Source: `FilterAPI`, `MessageExtBrokerInner.tagsString2tagsCode`, `ExpressionMessageFilter`, `FilterUtils`.

use std::collections::BTreeSet;
use std::fmt;

/// The expression that subscribes to every message.
const ALL: &str = "*";

/// The hash of a text: Java's `String.hashCode`, over UTF-16 code units.
pub fn hash_code(text: &str) -> i32 {
    text.encode_utf16().fold(0, |hash: i32, unit| hash.wrapping_mul(31).wrapping_add(i32::from(unit)))
}

/// What the index stores of a message's tag: its hash; 0 for a message without a tag, as for one with an empty tag.
pub fn tag_code(tag: Option<&str>) -> i32 {
    tag.map_or(0, hash_code)
}

/// What a tag expression subscribes to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TagFilter {
    expression: String,
    tags: BTreeSet<String>,
    codes: BTreeSet<i32>,
}

/// The expression is nothing but `||` signs.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct SplitsIntoNothing;

impl fmt::Display for SplitsIntoNothing {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            f,
            "there is no tag between the || signs; write tags as in TagA || TagB, or * for all messages."
        )
    }
}

impl std::error::Error for SplitsIntoNothing {}

impl TagFilter {
    /// The filter that lets every message through.
    pub fn all() -> Self {
        Self { expression: ALL.to_owned(), tags: BTreeSet::new(), codes: BTreeSet::new() }
    }

    /// Reads `TagA || TagB`. No expression, an empty one and `*` subscribe to everything. Tags are trimmed, and parts
    /// without a tag are left out; what remains may be nothing at all (a blank expression), and then nothing matches.
    /// Only an expression of bare `||` signs is an error.
    ///
    /// Source: `FilterAPI.buildSubscriptionData`.
    pub fn parse(expression: Option<&str>) -> Result<Self, SplitsIntoNothing> {
        let text = match expression {
            None | Some("" | ALL) => return Ok(Self::all()),
            Some(text) => text,
        };
        // Java's split drops empty parts at the end; so if all are empty, there are none.
        if text.split("||").all(str::is_empty) {
            return Err(SplitsIntoNothing);
        }
        let tags = text.split("||").map(java_trim).filter(|tag| !tag.is_empty());
        let tags: BTreeSet<String> = tags.map(str::to_owned).collect();
        let codes = tags.iter().map(|tag| hash_code(tag)).collect();
        Ok(Self { expression: text.to_owned(), tags, codes })
    }

    /// The expression as the subscription keeps it: as it was written, or `*`.
    pub fn expression(&self) -> &str {
        &self.expression
    }

    /// The tags asked for.
    pub fn tags(&self) -> &BTreeSet<String> {
        &self.tags
    }

    /// Their hashes.
    pub fn codes(&self) -> &BTreeSet<i32> {
        &self.codes
    }

    /// The first sieve, at the broker: is the message's [`tag_code`] among those asked for?
    pub fn matches_code(&self, code: i32) -> bool {
        self.expression == ALL || self.codes.contains(&code)
    }

    /// The second sieve, at the client or the proxy: is the tag itself among those asked for? A filter without tags is
    /// taken for one that asks for everything, even if it came from a blank expression and the first sieve lets
    /// nothing through.
    pub fn matches_tag(&self, tag: Option<&str>) -> bool {
        self.tags.is_empty() || tag.is_some_and(|tag| self.tags.contains(tag))
    }

    /// Both sieves in series: does a consumer get to see the message?
    pub fn delivers(&self, tag: Option<&str>) -> bool {
        self.matches_code(tag_code(tag)) && self.matches_tag(tag)
    }
}

/// Java's `trim`: everything up to the space counts as blank, and nothing beyond it does.
fn java_trim(text: &str) -> &str {
    text.trim_matches(|c| c <= ' ')
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parse(text: &str) -> TagFilter {
        TagFilter::parse(Some(text)).expect("an expression")
    }

    #[test]
    fn hashes_equal_the_golden_vectors() {
        let known = [("", 0), ("Aa", 2112), ("BB", 2112), ("AaAa", 2_031_744), ("BBBB", 2_031_744)];
        for (text, hash) in known.into_iter().chain([("TagA", 2_598_919), ("TagB", 2_598_920)]) {
            assert_eq!(hash_code(text), hash, "{text}");
        }
        // Beyond the basic plane a character is two units.
        assert_eq!(hash_code("\u{1f600}"), 0xd83d * 31 + 0xde00);
        assert_eq!(tag_code(None), tag_code(Some("")));
    }

    #[test]
    fn tags_are_trimmed_and_blank_parts_left_out() {
        let filter = parse("||\tTagB || TagA||TagA || ");
        assert_eq!(filter.tags().iter().collect::<Vec<_>>(), ["TagA", "TagB"]);
        assert_eq!(filter.codes().iter().copied().collect::<Vec<_>>(), [2_598_919, 2_598_920]);
        assert_eq!(filter.expression(), "||\tTagB || TagA||TagA || ");
        // A wide space is part of the tag; so is a single bar.
        assert_eq!(parse("\u{3000}A || |B").tags().iter().collect::<Vec<_>>(), ["|B", "\u{3000}A"]);
    }

    #[test]
    fn everything_nothing_and_an_error_are_three_things() {
        for text in [None, Some(""), Some("*")] {
            let filter = TagFilter::parse(text).expect("everything");
            assert_eq!(filter, TagFilter::all());
            assert!(filter.delivers(None) && filter.delivers(Some("TagA")));
        }
        for text in [" ", " || "] {
            assert!(!parse(text).delivers(None) && !parse(text).delivers(Some("TagA")), "{text:?}");
        }
        // A star among others is a tag like any other.
        assert!(parse("* || A").delivers(Some("*")) && !parse("* || A").delivers(Some("B")));
        for text in ["||", "||||"] {
            assert_eq!(TagFilter::parse(Some(text)), Err(SplitsIntoNothing), "{text}");
        }
    }

    #[test]
    fn tags_that_hash_alike_pass_the_first_sieve_only() {
        let filter = parse("Aa");
        assert!(filter.matches_code(tag_code(Some("BB"))));
        assert!(!filter.matches_tag(Some("BB")) && !filter.delivers(Some("BB")));
        assert!(filter.delivers(Some("Aa")) && !filter.delivers(None) && !filter.delivers(Some("aa")));
    }

    /// The second sieve only ever takes away, and what it takes away collided.
    #[test]
    fn no_wanted_tag_is_lost_at_the_first_sieve() {
        let letters = ["", "A", "B", "a", "b", "Aa", "BB", "C#", "AaBB", "BBAa"];
        for one in letters {
            for two in letters {
                let Ok(filter) = TagFilter::parse(Some(&format!("{one} || {two}"))) else { continue };
                for tag in letters.into_iter().filter(|tag| !tag.is_empty()) {
                    let wanted = tag == one || tag == two;
                    assert_eq!(filter.delivers(Some(tag)), wanted, "{one} {two} {tag}");
                }
            }
        }
    }
}
