//! The painter: puts a picture of `scene` on a canvas. The only code that touches a drawing context.
//!
//! It sets a property of the context only when it changes, and keeps every string it needs (colours, fonts, dash
//! patterns) from frame to frame, so a frame allocates next to nothing.

use std::cell::RefCell;
use std::f64::consts::TAU;

use js_sys::Array;
use wasm_bindgen::JsValue;
use web_sys::CanvasRenderingContext2d;

use crate::scene::shape::{Anchor, Font, pause_bars};
use crate::scene::theme::{MONO, SANS};
use crate::scene::{Dash, Form, Mark, Picture, Role, Stroke, Theme};

/// What stays from frame to frame: strings and lists that a context wants, made once.
#[derive(Default)]
struct Kept {
    /// The theme's name, and its colours as CSS writes them.
    colours: Option<(&'static str, Vec<String>)>,
    fonts: Vec<(Font, u32, String)>,
    dashes: Vec<(&'static [f32], Array)>,
}

thread_local! {
    static KEPT: RefCell<Kept> = RefCell::default();
}

/// Paints `picture` on a canvas that has `ratio` device pixels for each CSS pixel of it.
pub fn paint(context: &CanvasRenderingContext2d, picture: &Picture, theme: &Theme, ratio: f64) {
    KEPT.with_borrow_mut(|kept| Painter::new(kept, theme).paint(context, picture, ratio));
}

/// One frame being painted.
struct Painter<'a> {
    theme: &'a Theme,
    colours: &'a [String],
    fonts: &'a mut Vec<(Font, u32, String)>,
    dashes: &'a mut Vec<(&'static [f32], Array)>,
    pen: Pen,
}

/// What the context is set to.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
struct Pen {
    fill: Option<Role>,
    stroke: Option<Role>,
    width: f32,
    dash: Option<&'static [f32]>,
    font: Option<usize>,
    anchor: Option<Anchor>,
}

impl<'a> Painter<'a> {
    fn new(kept: &'a mut Kept, theme: &'a Theme) -> Self {
        if kept.colours.as_ref().is_none_or(|(name, _)| *name != theme.name) {
            let colours = Role::all().map(|role| theme.colour(role).to_string()).collect();
            kept.colours = Some((theme.name, colours));
        }
        let Kept { colours, fonts, dashes } = kept;
        let colours = colours.as_ref().map_or(&[][..], |(_, colours)| colours);
        Self { theme, colours, fonts, dashes, pen: Pen::default() }
    }

    fn paint(&mut self, context: &CanvasRenderingContext2d, picture: &Picture, ratio: f64) {
        // The one error is a factor that is no number.
        let _ = context.set_transform(ratio, 0.0, 0.0, ratio, 0.0, 0.0);
        context.clear_rect(0.0, 0.0, picture.width.into(), picture.height.into());
        for shape in &picture.shapes {
            match shape.form {
                Form::Rect { x, y, w, h, radius, fill, stroke } => {
                    self.rect(context, [x, y, w, h], radius, fill, stroke);
                }
                Form::Line { from, to, stroke } => {
                    self.set_stroke(context, stroke);
                    context.begin_path();
                    context.move_to(from[0].into(), from[1].into());
                    context.line_to(to[0].into(), to[1].into());
                    context.stroke();
                }
                Form::Curve { from, bend: [a, b], to, stroke } => {
                    self.set_stroke(context, stroke);
                    context.begin_path();
                    context.move_to(from[0].into(), from[1].into());
                    let [ax, ay, bx, by] = [a[0], a[1], b[0], b[1]].map(f64::from);
                    context.bezier_curve_to(ax, ay, bx, by, to[0].into(), to[1].into());
                    context.stroke();
                }
                Form::Path { start, len, closed, fill, stroke } => {
                    polygon(context, picture.path(start, len), closed, 0.0, 0.0, 1.0);
                    self.finish(context, fill, stroke);
                }
                Form::Ring { x, y, r, from, sweep, stroke } => {
                    self.set_stroke(context, stroke);
                    context.begin_path();
                    let start = (f64::from(from) - 0.25) * TAU;
                    // The one error is a negative radius.
                    let _ = context.arc(x.into(), y.into(), r.into(), start, start + f64::from(sweep) * TAU);
                    context.stroke();
                }
                Form::Mark { x, y, r, mark, fill, stroke } => {
                    self.mark(context, [x, y], r, mark, fill, stroke)
                }
                Form::Text { x, y, size, start, len, font, anchor, role, .. } => {
                    self.set_font(context, font, size);
                    self.set_anchor(context, anchor);
                    self.set_fill(context, role);
                    // The one error is a position that is no number.
                    let _ = context.fill_text(picture.text(start, len), x.into(), y.into());
                }
            }
        }
    }

    fn rect(
        &mut self,
        context: &CanvasRenderingContext2d,
        area: [f32; 4],
        radius: f32,
        fill: Option<Role>,
        stroke: Option<Stroke>,
    ) {
        let [x, y, w, h] = area.map(f64::from);
        if radius == 0.0 && stroke.is_none() {
            if let Some(role) = fill {
                self.set_fill(context, role);
                context.fill_rect(x, y, w, h);
            }
            return;
        }
        context.begin_path();
        // The one error is a negative radius.
        let _ = context.round_rect_with_f64(x, y, w, h, radius.into());
        self.finish(context, fill, stroke);
    }

    fn mark(
        &mut self,
        context: &CanvasRenderingContext2d,
        [x, y]: [f32; 2],
        r: f32,
        mark: Mark,
        fill: Option<Role>,
        stroke: Option<Stroke>,
    ) {
        match mark {
            Mark::Square if stroke.is_none() => {
                let side = 1.6 * r;
                self.rect(context, [x - 0.8 * r, y - 0.8 * r, side, side], 0.0, fill, None);
                return;
            }
            Mark::Circle => {
                context.begin_path();
                // The one error is a negative radius.
                let _ = context.arc(x.into(), y.into(), f64::from(r) * 0.92, 0.0, TAU);
            }
            Mark::Pause => {
                for bar in pause_bars(x, y, r) {
                    self.rect(context, bar, 0.0, fill, stroke);
                }
                return;
            }
            _ => polygon(context, mark.outline(), true, x, y, r),
        }
        self.finish(context, fill, stroke);
    }

    /// Fills and strokes the path that was just made.
    fn finish(&mut self, context: &CanvasRenderingContext2d, fill: Option<Role>, stroke: Option<Stroke>) {
        if let Some(role) = fill {
            self.set_fill(context, role);
            context.fill();
        }
        if let Some(stroke) = stroke {
            self.set_stroke(context, stroke);
            context.stroke();
        }
    }

    fn set_fill(&mut self, context: &CanvasRenderingContext2d, role: Role) {
        if self.pen.fill != Some(role) {
            self.pen.fill = Some(role);
            context.set_fill_style_str(&self.colours[role.index()]);
        }
    }

    fn set_stroke(&mut self, context: &CanvasRenderingContext2d, stroke: Stroke) {
        let Stroke { role, width, dash } = stroke;
        if self.pen.stroke != Some(role) {
            self.pen.stroke = Some(role);
            context.set_stroke_style_str(&self.colours[role.index()]);
        }
        let width = self.theme.line_width(width);
        if self.pen.width != width {
            self.pen.width = width;
            context.set_line_width(width.into());
        }
        let lengths = Dash::lengths(dash, width);
        if self.pen.dash != Some(lengths) {
            self.pen.dash = Some(lengths);
            self.set_dash(context, lengths);
        }
    }

    fn set_dash(&mut self, context: &CanvasRenderingContext2d, lengths: &'static [f32]) {
        let known = self.dashes.iter().position(|(kept, _)| *kept == lengths);
        let index = known.unwrap_or_else(|| {
            let array = lengths.iter().map(|length| JsValue::from_f64(f64::from(*length))).collect();
            self.dashes.push((lengths, array));
            self.dashes.len() - 1
        });
        // The one error is a list that holds something else than numbers.
        let _ = context.set_line_dash(&self.dashes[index].1);
    }

    fn set_font(&mut self, context: &CanvasRenderingContext2d, font: Font, size: f32) {
        let known = self.fonts.iter().position(|(kept, bits, _)| *kept == font && *bits == size.to_bits());
        let index = known.unwrap_or_else(|| {
            let (weight, family) = match font {
                Font::Regular => (400, SANS),
                Font::Bold => (700, SANS),
                Font::Mono => (400, MONO),
                Font::MonoBold => (700, MONO),
            };
            self.fonts.push((font, size.to_bits(), format!("{weight} {size}px {family}")));
            self.fonts.len() - 1
        });
        if self.pen.font != Some(index) {
            self.pen.font = Some(index);
            context.set_font(&self.fonts[index].2);
        }
    }

    fn set_anchor(&mut self, context: &CanvasRenderingContext2d, anchor: Anchor) {
        if self.pen.anchor != Some(anchor) {
            self.pen.anchor = Some(anchor);
            context.set_text_align(match anchor {
                Anchor::Start => "left",
                Anchor::Middle => "center",
                Anchor::End => "right",
            });
        }
    }
}

/// Makes a path through points, each `r` times as far from (x, y) as it says.
fn polygon(context: &CanvasRenderingContext2d, points: &[[f32; 2]], closed: bool, x: f32, y: f32, r: f32) {
    context.begin_path();
    for (i, [dx, dy]) in points.iter().enumerate() {
        let (px, py) = (f64::from(x + dx * r), f64::from(y + dy * r));
        if i == 0 { context.move_to(px, py) } else { context.line_to(px, py) }
    }
    if closed {
        context.close_path();
    }
}
