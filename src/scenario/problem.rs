//! What is wrong with a scenario file, in sentences: where, what, and what would be right.

use std::fmt;

use super::limits;
use super::sentence::Sentence;

/// One thing that is wrong.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Problem {
    /// Where: `groups[0].consumers[2].failure`, or `line 3, column 7` of a text that is not JSON; empty if it is the
    /// file as a whole.
    pub path: String,
    /// What is wrong there.
    pub what: Sentence,
    /// What would be right.
    pub instead: Sentence,
}

impl fmt::Display for Problem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let path = if self.path.is_empty() { "the file" } else { &self.path };
        write!(f, "{path}: {}; {}.", self.what, self.instead)
    }
}

impl std::error::Error for Problem {}

/// Everything that is wrong with a file, in the order in which it was found.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Problems {
    kept: Vec<Problem>,
    count: usize,
}

/// So many problems are printed in full.
const SHOWN: usize = 50;

impl Problems {
    /// The problems, of which [`limits::PROBLEMS`] are kept at the most.
    pub fn iter(&self) -> std::slice::Iter<'_, Problem> {
        self.kept.iter()
    }

    /// How many there are, those that were only counted included.
    pub fn len(&self) -> usize {
        self.count
    }

    /// Is nothing wrong?
    pub fn is_empty(&self) -> bool {
        self.count == 0
    }

    /// Those worth showing to a person, and how many more there are.
    pub fn shown(&self) -> (&[Problem], usize) {
        let shown = &self.kept[..self.kept.len().min(SHOWN)];
        (shown, self.count - shown.len())
    }

    /// Will this many be enough for anybody? From then on help such as a nearest name is not looked for.
    pub(super) fn are_many(&self) -> bool {
        self.count >= SHOWN
    }

    pub(super) fn push(&mut self, path: String, what: Sentence, instead: Sentence) {
        self.count += 1;
        if self.kept.len() < limits::PROBLEMS as usize {
            self.kept.push(Problem { path, what, instead });
        }
    }
}

impl<'a> IntoIterator for &'a Problems {
    type Item = &'a Problem;
    type IntoIter = std::slice::Iter<'a, Problem>;

    fn into_iter(self) -> Self::IntoIter {
        self.iter()
    }
}

impl From<Problem> for Problems {
    fn from(problem: Problem) -> Self {
        Self { kept: vec![problem], count: 1 }
    }
}

/// One sentence a line; after fifty of them, how many more there are.
impl fmt::Display for Problems {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (shown, more) = self.shown();
        for (index, problem) in shown.iter().enumerate() {
            let newline = if index == 0 { "" } else { "\n" };
            write!(f, "{newline}{problem}")?;
        }
        if more > 0 { write!(f, "\nand {more} more") } else { Ok(()) }
    }
}

impl std::error::Error for Problems {}

/// The way from the top of the file to where one is looking.
#[derive(Clone, Debug, Default)]
pub(super) struct Path<'a>(Vec<Step<'a>>);

#[derive(Clone, Copy, Debug)]
enum Step<'a> {
    Key(&'a str),
    Index(usize),
}

impl<'a> Path<'a> {
    pub(super) fn enter_key(&mut self, key: &'a str) {
        self.0.push(Step::Key(key));
    }

    pub(super) fn enter_item(&mut self, index: usize) {
        self.0.push(Step::Index(index));
    }

    pub(super) fn leave(&mut self) {
        self.0.pop();
    }

    /// Looks at what a key holds.
    pub(super) fn key<T>(&mut self, key: &'a str, look: impl FnOnce(&mut Self) -> T) -> T {
        self.enter_key(key);
        let seen = look(self);
        self.leave();
        seen
    }

    /// Looks at an item of a list.
    pub(super) fn item<T>(&mut self, index: usize, look: impl FnOnce(&mut Self) -> T) -> T {
        self.enter_item(index);
        let seen = look(self);
        self.leave();
        seen
    }
}

impl fmt::Display for Path<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (depth, step) in self.0.iter().enumerate() {
            let plain = |c: char| c.is_ascii_alphanumeric() || "_.-".contains(c);
            match step {
                Step::Index(index) => write!(f, "[{index}]")?,
                Step::Key(key) if !key.is_empty() && key.len() <= 64 && key.chars().all(plain) => {
                    write!(f, "{}{key}", if depth == 0 { "" } else { "." })?;
                }
                Step::Key(key) => write!(f, "[{}]", quoted(key))?,
            }
        }
        Ok(())
    }
}

/// A text in quotes as JSON writes it, cut if it is long.
pub(super) fn quoted(text: &str) -> String {
    const MOST: usize = 60;
    let mut start: String = text.chars().take(MOST).collect();
    if start.len() < text.len() {
        start.push('…');
    }
    serde_json::Value::String(start).to_string()
}

/// The known word that was most likely meant, if one is near: a few letters added, lost, changed or swapped, or
/// one a part of the other.
pub(super) fn nearest<'a>(word: &str, known: impl IntoIterator<Item = &'a str>) -> Option<&'a str> {
    const LONGEST: usize = 64;
    const TRIED: usize = 1_000;
    let simple = |text: &str| -> Vec<char> {
        text.chars().filter(|c| !"_-. ".contains(*c)).flat_map(char::to_lowercase).collect()
    };
    if word.len() > LONGEST {
        return None;
    }
    let meant = simple(word);
    let tolerated = (meant.len() / 3).clamp(1, 4);
    let near = known.into_iter().take(TRIED).filter(|known| known.len() <= LONGEST).filter_map(|known| {
        let candidate = simple(known);
        let apart = candidate.len().abs_diff(meant.len());
        let part = meant.len() >= 4 && known.contains(word) || known.len() >= 4 && word.contains(known);
        let distance = match apart > tolerated {
            true if part => tolerated,
            true => apart,
            false => edits(&meant, &candidate),
        };
        (distance <= tolerated).then_some((distance, known))
    });
    // The first of the nearest.
    near.reduce(|best, next| if next.0 < best.0 { next } else { best }).map(|(_, known)| known)
}

/// How many letters have to be added, removed, changed or swapped with their neighbour (Damerau and Levenshtein).
fn edits(a: &[char], b: &[char]) -> usize {
    let mut rows = [vec![0; b.len() + 1], vec![0; b.len() + 1], (0..=b.len()).collect::<Vec<usize>>()];
    for i in 1..=a.len() {
        rows.rotate_left(1);
        let [before, above, row] = &mut rows;
        row[0] = i;
        for j in 1..=b.len() {
            let changed = above[j - 1] + usize::from(a[i - 1] != b[j - 1]);
            row[j] = changed.min(above[j] + 1).min(row[j - 1] + 1);
            if i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1] {
                row[j] = row[j].min(before[j - 2] + 1);
            }
        }
    }
    rows[2][b.len()]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_nearest_word_is_the_one_with_the_fewest_edits() {
        let keys = ["name", "threads", "processing", "failure"];
        assert_eq!(nearest("thread", keys), Some("threads"));
        assert_eq!(nearest("porcessing", keys), Some("processing"));
        assert_eq!(nearest("Failures", keys), Some("failure"));
        assert_eq!(nearest("processing_time", keys), Some("processing"));
        assert_eq!(nearest("colour", keys), None);
        assert_eq!(nearest("", keys), None);
        assert_eq!(nearest("push_threads", ["push.threads"]), Some("push.threads"));
    }

    #[test]
    fn edits_count_swaps_as_one() {
        let count = |a: &str, b: &str| edits(&a.chars().collect::<Vec<_>>(), &b.chars().collect::<Vec<_>>());
        assert_eq!(count("abcd", "abdc"), 1);
        assert_eq!(count("kitten", "sitting"), 3);
        assert_eq!(count("", "abc"), 3);
        assert_eq!(count("abc", ""), 3);
        assert_eq!(count("same", "same"), 0);
    }

    #[test]
    fn a_path_reads_like_the_way_one_would_take() {
        let mut path = Path::default();
        path.key("groups", |path| {
            path.item(0, |path| {
                path.key("fail ure", |path| assert_eq!(path.to_string(), "groups[0][\"fail ure\"]"));
                path.key("failure", |path| assert_eq!(path.to_string(), "groups[0].failure"));
            });
        });
        assert_eq!(path.to_string(), "");
    }
}
