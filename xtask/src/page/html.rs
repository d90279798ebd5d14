//! The `data-trunk` links of `index.html`: reading them, and putting what they stand for in their place.

use crate::process::Outcome;
use html5gum::{DefaultEmitter, StartTag, Token, Tokenizer};
use std::ops::Range;

/// A link, and where in the source it stands.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Link {
    pub(crate) span: Range<usize>,
    pub(crate) asset: Asset,
}

/// What a link asks for. Trunk knows more kinds; one that is not here is an error, not a silent difference.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Asset {
    /// `rel="rust"`: the program.
    Rust(Program),
    /// `rel="css"`: a style sheet.
    Css(String),
    /// `rel="icon"`: the page's icon.
    Icon { path: String, kind: String },
    /// `rel="copy-file"`: a file that something else refers to.
    File(String),
    /// `rel="copy-dir"`: a folder of such files.
    Folder(String),
}

/// How the program is built.
#[derive(Debug, Default, PartialEq, Eq)]
pub(crate) struct Program {
    /// The binary's name, and the name of its files in the built page.
    pub(crate) bin: String,
    /// Cargo features, as cargo takes them.
    pub(crate) features: String,
    /// Cargo's profile for the page that ships.
    pub(crate) release_profile: String,
}

/// All `data-trunk` links, in order.
pub(crate) fn links(source: &str) -> Outcome<Vec<Link>> {
    let mut emitter = DefaultEmitter::<usize>::new_with_span();
    emitter.naively_switch_states(true);
    let mut links = Vec::new();
    for Ok(token) in Tokenizer::new_with_emitter(source, emitter) {
        let Token::StartTag(tag) = token else { continue };
        if tag.name.as_slice() == b"link" && tag.attributes.contains_key(b"data-trunk".as_slice()) {
            links.push(Link { span: tag.span.start..tag.span.end, asset: asset(&tag)? });
        }
    }
    Ok(links)
}

fn asset(tag: &StartTag<usize>) -> Outcome<Asset> {
    let attribute = |name: &str| {
        let value = tag.attributes.get(name.as_bytes())?;
        Some(String::from_utf8_lossy(value.value.as_slice()).into_owned())
    };
    let rel = attribute("rel").unwrap_or_default();
    let href =
        || attribute("href").ok_or_else(|| format!("index.html: the link of kind `{rel}` has no href"));
    match rel.as_str() {
        "rust" => Ok(Asset::Rust(Program {
            bin: attribute("data-bin").ok_or("index.html: the link of kind `rust` has no data-bin")?,
            features: attribute("data-cargo-features").unwrap_or_default(),
            release_profile: attribute("data-cargo-profile-release").unwrap_or_else(|| "release".to_owned()),
        })),
        "css" => Ok(Asset::Css(href()?)),
        "icon" => Ok(Asset::Icon { path: href()?, kind: attribute("type").unwrap_or_default() }),
        "copy-file" => Ok(Asset::File(href()?)),
        "copy-dir" => Ok(Asset::Folder(href()?)),
        other => Err(format!("index.html: xtask does not know links of kind `{other}`")),
    }
}

/// The elements that fetch the program early and start it. Trunk writes the same script element through `Trunk.toml`.
pub(crate) fn loader(bin: &str) -> String {
    format!(
        r#"<link rel="modulepreload" href="./{bin}.js" />
    <link rel="preload" href="./{bin}_bg.wasm" as="fetch" type="application/wasm" crossorigin />
    <script type="module" src="./start.js" data-module="./{bin}.js" data-wasm="./{bin}_bg.wasm"></script>"#
    )
}

/// The source with other text in the given places, which stand in order.
pub(crate) fn replace(source: &str, replacements: &[(Range<usize>, String)]) -> String {
    let mut page = String::with_capacity(source.len() * 2);
    let mut rest = 0;
    for (span, text) in replacements {
        page.push_str(&source[rest..span.start]);
        page.push_str(text);
        rest = span.end;
    }
    page.push_str(&source[rest..]);
    page
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn links_are_read_and_replaced_where_they_stand() {
        let source = r#"<p>é</p><!-- <link data-trunk rel="css" href="no"> --><link data-trunk rel="css" href="a/b.css" />!"#;
        let links = links(source).expect("the source is sound");
        assert_eq!(links.len(), 1, "the one in the comment does not count");
        assert_eq!(links[0].asset, Asset::Css("a/b.css".to_owned()), "kind and path");
        let page = replace(source, &[(links[0].span.clone(), "X".to_owned())]);
        assert!(page.ends_with("-->X!"), "the link is gone, its neighbours stay: {page}");
    }

    #[test]
    fn a_kind_that_only_trunk_knows_is_an_error() {
        let problem = links(r#"<link data-trunk rel="sass" href="a.scss">"#).expect_err("sass is not known");
        assert!(problem.contains("sass"), "the sentence names the kind: {problem}");
    }

    #[test]
    fn trunk_starts_the_program_with_the_same_element() {
        let trunk = include_str!("../../../Trunk.toml");
        let pattern =
            trunk.lines().find_map(|line| line.strip_prefix("pattern_script = '")?.strip_suffix('\''));
        let pattern = pattern.expect("Trunk.toml has a pattern for the script");
        let ours = pattern.replace("{base}", "./").replace("{js}", "m.js").replace("{wasm}", "m_bg.wasm");
        assert!(loader("m").ends_with(&ours), "the pattern in Trunk.toml gives {ours}");
    }

    #[test]
    fn the_program_names_its_features_and_profile() {
        let source = r#"<link data-trunk rel="rust" data-bin="m" data-cargo-features="web" data-cargo-profile-release="web">"#;
        let expected =
            Program { bin: "m".to_owned(), features: "web".to_owned(), release_profile: "web".to_owned() };
        let links = links(source).expect("the source is sound");
        assert_eq!(links[0].asset, Asset::Rust(expected), "all three attributes are read");
    }
}
