//! The page without a browser, for tests: it is rendered as text and read again. The reader is strict. It knows no
//! markup but what the renderer writes, so whatever a name could smuggle in makes it fail.

use std::future::Future;
use std::pin::pin;
use std::task::{Context, Poll, Waker};

use yew::{Callback, Html, LocalServerRenderer, Properties, function_component};

use super::components::page;
use super::components::stage::StageCanvas;
use super::components::transport::Hands;
use super::store::State;

/// Elements that have no end.
const VOID: [&str; 4] = ["br", "hr", "img", "input"];

/// The whole page as it is first shown in this state.
pub fn page(state: &State) -> Element {
    render(page::view(state, &StageCanvas::default(), &Hands::default(), &Callback::noop()))
}

/// Whatever a component shows first; effects do not run and nothing is pressed.
pub fn render(html: Html) -> Element {
    let rendering = LocalServerRenderer::<Shown>::with_props(ShownProps { html }).hydratable(false).render();
    let mut rendering = pin!(rendering);
    let mut context = Context::from_waker(Waker::noop());
    // No component waits for anything.
    let Poll::Ready(text) = rendering.as_mut().poll(&mut context) else {
        panic!("the page waits for something")
    };
    Element::read(&text)
}

#[derive(PartialEq, Properties)]
struct ShownProps {
    html: Html,
}

#[function_component]
fn Shown(props: &ShownProps) -> Html {
    props.html.clone()
}

/// An element and what is in it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Element {
    /// What it is; nothing for what holds the whole page.
    pub tag: String,
    /// Its attributes, with their values as they are meant.
    pub attributes: Vec<(String, String)>,
    inside: Vec<Node>,
}

#[derive(Clone, Debug, PartialEq, Eq)]
enum Node {
    Element(Element),
    Text(String),
}

impl Element {
    /// Reads what the renderer wrote.
    fn read(text: &str) -> Self {
        let mut open = vec![Self::default()];
        let mut rest = text;
        while let Some((before, after)) = rest.split_once('<') {
            add_text(&mut open, before);
            let end = end_of_tag(after);
            let tag = &after[..end];
            rest = &after[end + 1..];
            if let Some(name) = tag.strip_prefix('/') {
                let closed = open.pop().expect("what holds the page stays open");
                assert_eq!(closed.tag, name, "elements are nested");
                put(&mut open, Node::Element(closed));
                continue;
            }
            let element = Self::of_tag(tag);
            if VOID.contains(&element.tag.as_str()) {
                put(&mut open, Node::Element(element));
            } else {
                open.push(element);
            }
        }
        add_text(&mut open, rest);
        let page = open.pop().expect("what holds the page stays open");
        assert!(open.is_empty(), "<{}> is never closed", page.tag);
        page
    }

    fn of_tag(tag: &str) -> Self {
        let (name, mut list) = tag.split_once(' ').unwrap_or((tag, ""));
        let is_name = |name: &str| {
            !name.is_empty() && name.chars().all(|c| c.is_ascii_alphanumeric() || "-_:".contains(c))
        };
        assert!(is_name(name), "<{tag}> begins an element");
        let mut attributes = Vec::new();
        while !list.is_empty() {
            let end = list.find([' ', '=']).unwrap_or(list.len());
            let (name, after) = list.split_at(end);
            assert!(is_name(name), "{name:?} is the name of an attribute in <{tag}>");
            let (value, after) = match after.strip_prefix("=\"") {
                Some(quoted) => quoted.split_once('"').expect("the quote is closed"),
                None => ("", after),
            };
            attributes.push((name.to_owned(), plain(value)));
            assert!(after.is_empty() || after.starts_with(' '), "room between the attributes of <{tag}>");
            list = after.trim_start_matches(' ');
        }
        Self { tag: name.to_owned(), attributes, inside: Vec::new() }
    }

    /// An attribute's value.
    pub fn attribute(&self, name: &str) -> Option<&str> {
        self.attributes.iter().find(|(this, _)| this == name).map(|(_, value)| value.as_str())
    }

    /// Its words and those of everything in it, as they stand.
    pub fn text(&self) -> String {
        self.texts().concat()
    }

    /// The same, piece by piece.
    pub fn texts(&self) -> Vec<&str> {
        let pieces = self.inside.iter().flat_map(|node| match node {
            Node::Text(text) => vec![text.as_str()],
            Node::Element(element) => element.texts(),
        });
        pieces.collect()
    }

    /// The elements directly in it.
    pub fn children(&self) -> impl Iterator<Item = &Self> {
        self.inside.iter().filter_map(|node| match node {
            Node::Element(element) => Some(element),
            Node::Text(_) => None,
        })
    }

    /// Everything in it, in the order of the page.
    pub fn everything(&self) -> Vec<&Self> {
        self.children().flat_map(|child| std::iter::once(child).chain(child.everything())).collect()
    }

    /// The elements in it that a selector names: `button`, `.card`, `#seed`, `[data-number=events]`, several of them
    /// together, and steps down with spaces between.
    pub fn all(&self, css: &str) -> Vec<&Self> {
        let (first, then) = css.split_once(' ').unwrap_or((css, ""));
        let found = self.everything().into_iter().filter(|element| element.is(first));
        if then.is_empty() { found.collect() } else { found.flat_map(|element| element.all(then)).collect() }
    }

    /// The one element that a selector names.
    pub fn one(&self, css: &str) -> &Self {
        match self.all(css)[..] {
            [only] => only,
            ref all => panic!("{} elements are `{css}` in: {}", all.len(), self.text()),
        }
    }

    fn is(&self, compound: &str) -> bool {
        let next = |from: usize| compound[from + 1..].find(['.', '#', '[']).map(|at| at + from + 1);
        let mut from = 0;
        loop {
            let end = next(from).unwrap_or(compound.len());
            let part = &compound[from..end];
            let fits = match part.split_at(1) {
                (".", class) => {
                    self.attribute("class").is_some_and(|all| all.split(' ').any(|this| this == class))
                }
                ("#", id) => self.attribute("id") == Some(id),
                ("[", rest) => match rest.trim_end_matches(']').split_once('=') {
                    Some((name, value)) => self.attribute(name) == Some(value),
                    None => self.attribute(rest.trim_end_matches(']')).is_some(),
                },
                _ => self.tag == part,
            };
            if !fits || end == compound.len() {
                return fits;
            }
            from = end;
        }
    }
}

/// Where a tag ends: a `>` inside a value is none.
fn end_of_tag(text: &str) -> usize {
    let mut is_quoted = false;
    let end = text.bytes().position(|byte| {
        is_quoted ^= byte == b'"';
        byte == b'>' && !is_quoted
    });
    end.expect("a tag ends")
}

fn put(open: &mut [Element], node: Node) {
    open.last_mut().expect("everything closed was opened").inside.push(node);
}

fn add_text(open: &mut [Element], text: &str) {
    assert!(!text.contains('>'), "a loose > in {text:?}");
    if !text.is_empty() {
        put(open, Node::Text(plain(text)));
    }
}

/// Text as it is meant: without its entities.
fn plain(text: &str) -> String {
    let mut parts = text.split('&');
    let mut out = parts.next().unwrap_or_default().to_owned();
    for part in parts {
        let (entity, rest) = part.split_once(';').expect("an ampersand begins an entity");
        out.push(match entity {
            "lt" => '<',
            "gt" => '>',
            "amp" => '&',
            "quot" => '"',
            "#x27" => '\'',
            other => panic!("unknown entity {other}"),
        });
        out.push_str(rest);
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_was_written_is_read() {
        let page = Element::read(
            "<p class=\"a b\" id=\"x\">1 &lt; <b>2</b><input value=\"a > b\" checked></p><p lang=\"en\"></p>",
        );
        assert_eq!(page.one("p.b#x").text(), "1 < 2");
        assert_eq!(page.one("#x input[checked]").attribute("value"), Some("a > b"));
        assert_eq!(page.all("p").len(), 2);
        assert_eq!(page.all("p[lang=zh]").len() + page.all(".c").len(), 0);
    }

    #[test]
    #[should_panic(expected = "elements are nested")]
    fn what_is_not_closed_is_noticed() {
        Element::read("<p><b></p>");
    }
}
