//! What plotters leaves to us: several drawings as groups of one SVG, each group with attributes that plotters has no
//! notion of (line patterns, round joins), and a scale, since plotters' backend knows whole pixels only.

use std::fmt::Write;

use plotters::backend::SVGBackend;
use plotters::coord::Shift;
use plotters::prelude::{DrawingArea, IntoDrawingArea};

/// Layers are drawn this much larger than they appear: lines keep a quarter of a pixel.
pub(super) const SCALE: i32 = 4;

/// An SVG being written.
pub(super) struct Document {
    text: String,
    size: (u32, u32),
}

/// What plotters draws on.
pub(super) type Area<'a> = DrawingArea<SVGBackend<'a>, Shift>;

impl Document {
    /// An empty picture of this size, described by a sentence.
    pub(super) fn new(size: (u32, u32), description: &str) -> Self {
        let (w, h) = size;
        let mut text = format!(
            "<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"{w}\" height=\"{h}\" viewBox=\"0 0 {w} {h}\" \
             role=\"img\" aria-label=\""
        );
        escape(&mut text, description);
        text.push_str("\">\n");
        Self { text, size }
    }

    /// Adds what `draw` draws, in pixels, as one group with these attributes.
    pub(super) fn layer(&mut self, attributes: &[(&str, &str)], draw: impl FnOnce(&Area<'_>) -> Drawn) {
        self.group(attributes, self.size, draw);
    }

    /// The same for what has to be more exact: `draw` draws in quarters of pixels.
    pub(super) fn fine_layer(&mut self, attributes: &[(&str, &str)], draw: impl FnOnce(&Area<'_>) -> Drawn) {
        let size = (self.size.0 * SCALE as u32, self.size.1 * SCALE as u32);
        let attributes: Vec<_> = [("transform", "scale(0.25)")].iter().chain(attributes).copied().collect();
        self.group(&attributes, size, draw);
    }

    fn group(
        &mut self,
        attributes: &[(&str, &str)],
        size: (u32, u32),
        draw: impl FnOnce(&Area<'_>) -> Drawn,
    ) {
        let mut drawn = String::new();
        let result = draw(&SVGBackend::with_string(&mut drawn, size).into_drawing_area());
        debug_assert!(result.is_ok(), "writing into a string does not fail");
        // Between plotters' own <svg …> and </svg>.
        let inside = drawn.split_once(">\n").map_or("", |(_, rest)| rest);
        let inside = inside.trim_end().strip_suffix("</svg>").unwrap_or_default();
        if inside.is_empty() {
            return;
        }
        self.text.push_str("<g");
        for (name, value) in attributes {
            let _ = write!(self.text, " {name}=\"");
            escape(&mut self.text, value);
            self.text.push('"');
        }
        self.text.push_str(">\n");
        // plotters says of everything how opaque it is, even when it is.
        self.text.push_str(&inside.replace(" opacity=\"1\"", ""));
        self.text.push_str("</g>\n");
    }

    /// The whole text.
    pub(super) fn finish(mut self) -> String {
        self.text.push_str("</svg>\n");
        self.text
    }
}

/// How drawing something ended.
pub(super) type Drawn = Result<(), plotters::drawing::DrawingAreaErrorKind<std::io::Error>>;

/// Writes `text` so that it is text in XML and in HTML, between tags and inside quotes. Characters that XML does not
/// know become the sign for that.
pub(super) fn escape(out: &mut String, text: &str) {
    for c in text.chars() {
        match c {
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '&' => out.push_str("&amp;"),
            '"' => out.push_str("&quot;"),
            '\'' => out.push_str("&apos;"),
            c => out.push(printable(c)),
        }
    }
}

/// The character, or the sign for one that XML does not know.
pub(super) fn printable(c: char) -> char {
    match c {
        '\u{0}'..='\u{1f}' | '\u{7f}'..='\u{9f}' | '\u{fffe}' | '\u{ffff}' => '\u{fffd}',
        // They would turn round the order of what stands beside them.
        '\u{200e}' | '\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}' => '\u{fffd}',
        c => c,
    }
}
