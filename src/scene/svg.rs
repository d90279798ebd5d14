//! A picture as SVG text: for examples, for print, and to look at without a browser.

use std::fmt::Write;

use super::picture::Picture;
use super::shape::{Anchor, Font, Form, Mark, Point, Role, Stroke};
use super::theme::{MONO, SANS, Theme};

/// The picture as a document of its own.
pub fn svg(picture: &Picture, theme: &Theme) -> String {
    let mut out = String::with_capacity(picture.shapes.len() * 96 + 512);
    // Writing to a string cannot fail.
    let _ = write_svg(&mut out, picture, theme);
    out
}

fn write_svg(out: &mut String, picture: &Picture, theme: &Theme) -> std::fmt::Result {
    let (w, h) = (picture.width, picture.height);
    writeln!(
        out,
        "<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"{w}\" height=\"{h}\" viewBox=\"0 0 {w} {h}\">"
    )?;
    writeln!(out, "<rect width=\"{w}\" height=\"{h}\" fill=\"{}\"/>", theme.colour(Role::Surface))?;
    for shape in &picture.shapes {
        write_form(out, picture, theme, &shape.form)?;
        out.push('\n');
    }
    out.push_str("</svg>\n");
    Ok(())
}

/// The attributes for a fill and a stroke.
fn paint(out: &mut String, theme: &Theme, fill: Option<Role>, stroke: Option<Stroke>) -> std::fmt::Result {
    match fill {
        Some(role) => write!(out, " fill=\"{}\"", theme.colour(role))?,
        None => out.push_str(" fill=\"none\""),
    }
    if let Some(Stroke { role, width, dash }) = stroke {
        let width = theme.line_width(width);
        write!(out, " stroke=\"{}\" stroke-width=\"{}\"", theme.colour(role), Px(width))?;
        let lengths = dash.lengths(width);
        if !lengths.is_empty() {
            let lengths: Vec<String> = lengths.iter().map(f32::to_string).collect();
            write!(out, " stroke-dasharray=\"{}\"", lengths.join(" "))?;
        }
    }
    Ok(())
}

/// A coordinate with two decimals at most.
struct Px(f32);

impl std::fmt::Display for Px {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let text = format!("{:.2}", self.0);
        f.write_str(text.trim_end_matches('0').trim_end_matches('.'))
    }
}

fn polygon(out: &mut String, points: impl Iterator<Item = Point>) -> std::fmt::Result {
    for (i, [x, y]) in points.enumerate() {
        let space = if i == 0 { "" } else { " " };
        write!(out, "{space}{},{}", Px(x), Px(y))?;
    }
    Ok(())
}

fn write_form(out: &mut String, picture: &Picture, theme: &Theme, form: &Form) -> std::fmt::Result {
    match *form {
        Form::Rect { x, y, w, h, radius, fill, stroke } => {
            write!(out, "<rect x=\"{}\" y=\"{}\" width=\"{}\" height=\"{}\"", Px(x), Px(y), Px(w), Px(h))?;
            if radius > 0.0 {
                write!(out, " rx=\"{}\"", Px(radius))?;
            }
            paint(out, theme, fill, stroke)?;
            out.push_str("/>");
        }
        Form::Line { from, to, stroke } => {
            let [[x1, y1], [x2, y2]] = [from, to];
            write!(out, "<line x1=\"{}\" y1=\"{}\" x2=\"{}\" y2=\"{}\"", Px(x1), Px(y1), Px(x2), Px(y2))?;
            paint(out, theme, None, Some(stroke))?;
            out.push_str("/>");
        }
        Form::Curve { from, bend: [a, b], to, stroke } => {
            write!(out, "<path d=\"M")?;
            polygon(out, [from].into_iter())?;
            out.push('C');
            polygon(out, [a, b, to].into_iter())?;
            out.push('"');
            paint(out, theme, None, Some(stroke))?;
            out.push_str("/>");
        }
        Form::Path { start, len, closed, fill, stroke } => {
            let tag = if closed { "polygon" } else { "polyline" };
            write!(out, "<{tag} points=\"")?;
            polygon(out, picture.path(start, len).iter().copied())?;
            out.push_str("\" stroke-linejoin=\"round\"");
            paint(out, theme, fill, stroke)?;
            out.push_str("/>");
        }
        Form::Ring { x, y, r, from, sweep, stroke } => {
            write!(out, "<circle cx=\"{}\" cy=\"{}\" r=\"{}\" fill=\"none\"", Px(x), Px(y), Px(r))?;
            write!(out, " stroke=\"{}\"", theme.colour(stroke.role))?;
            write!(out, " stroke-width=\"{}\"", Px(theme.line_width(stroke.width)))?;
            if sweep < 1.0 {
                // The circle's length counted as 100, so that no length of an arc need be known.
                let turn = from * 360.0 - 90.0;
                write!(out, " pathLength=\"100\" stroke-dasharray=\"{} 100\"", Px(sweep * 100.0))?;
                write!(out, " transform=\"rotate({} {} {})\"", Px(turn), Px(x), Px(y))?;
            }
            out.push_str("/>");
        }
        Form::Mark { x, y, r, mark, fill, stroke } => match mark {
            Mark::Circle => {
                write!(out, "<circle cx=\"{}\" cy=\"{}\" r=\"{}\"", Px(x), Px(y), Px(r * 0.92))?;
                paint(out, theme, fill, stroke)?;
                out.push_str("/>");
            }
            Mark::Pause => {
                for bar in super::shape::pause_bars(x, y, r) {
                    let [x, y, w, h] = bar;
                    write!(
                        out,
                        "<rect x=\"{}\" y=\"{}\" width=\"{}\" height=\"{}\"",
                        Px(x),
                        Px(y),
                        Px(w),
                        Px(h)
                    )?;
                    paint(out, theme, fill, stroke)?;
                    out.push_str("/>");
                }
            }
            _ => {
                out.push_str("<polygon points=\"");
                polygon(out, mark.outline().iter().map(|[dx, dy]| [x + dx * r, y + dy * r]))?;
                out.push('"');
                paint(out, theme, fill, stroke)?;
                out.push_str("/>");
            }
        },
        Form::Text { x, y, size, start, len, font, anchor, role, .. } => {
            write!(out, "<text x=\"{}\" y=\"{}\" font-size=\"{}\"", Px(x), Px(y), Px(size))?;
            let family = if matches!(font, Font::Mono | Font::MonoBold) { MONO } else { SANS };
            write!(out, " font-family=\"{family}\" fill=\"{}\"", theme.colour(role))?;
            if matches!(font, Font::Bold | Font::MonoBold) {
                out.push_str(" font-weight=\"700\"");
            }
            match anchor {
                Anchor::Start => {}
                Anchor::Middle => out.push_str(" text-anchor=\"middle\""),
                Anchor::End => out.push_str(" text-anchor=\"end\""),
            }
            out.push('>');
            for c in picture.text(start, len).chars() {
                match c {
                    '<' => out.push_str("&lt;"),
                    '>' => out.push_str("&gt;"),
                    '&' => out.push_str("&amp;"),
                    // XML forbids most control characters even as references.
                    c if c.is_control() => out.push('\u{fffd}'),
                    c => out.push(c),
                }
            }
            out.push_str("</text>");
        }
    }
    Ok(())
}
