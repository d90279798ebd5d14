//! The whole stage: what is painted in which order.

use super::beside;
use super::faults;
use super::flights;
use super::groups;
use super::lanes;
use super::layout::Layout;
use super::picture::{Area, Picture, absent};
use super::producers;
use super::shape::{Anchor, Dash, Role, Stroke};
use super::view::View;
use crate::broker::World;
use crate::sim::Instant;

/// What [`draw`] and its helpers work with.
pub(super) struct Stage<'a> {
    pub world: &'a World,
    pub now: Instant,
    pub view: &'a View<'a>,
    pub layout: Layout,
}

/// The picture of `world` at `now`. A pure function: the same arguments give the same picture.
pub fn draw(world: &World, now: Instant, view: &View<'_>) -> Picture {
    let mut picture = Picture::default();
    draw_into(&mut picture, world, now, view);
    picture
}

/// The same into a picture that was used before, whose memory is used again.
pub fn draw_into(picture: &mut Picture, world: &World, now: Instant, view: &View<'_>) {
    let layout = Layout::new(world, now, view);
    picture.clear(view.width, layout.height);
    let stage = Stage { world, now, view, layout };
    if stage.layout.beside_only {
        beside::draw(picture, &stage);
        return picked(picture, &stage);
    }
    headings(picture, &stage);
    lanes::frames(picture, &stage);
    groups::grounds(picture, &stage);
    flights::ways(picture, &stage);
    producers::draw(picture, &stage);
    lanes::draw(picture, &stage);
    groups::draw(picture, &stage);
    flights::draw(picture, &stage);
    faults::draw(picture, &stage);
    beside::draw(picture, &stage);
    picked(picture, &stage);
}

/// The height at which the stage is comfortable for a view's width: what a canvas should have, if the page can give it.
pub fn natural_height(world: &World, now: Instant, view: &View<'_>) -> f32 {
    Layout::natural_height(world, now, view)
}

/// production → storage → consumption.
fn headings(picture: &mut Picture, stage: &Stage<'_>) {
    let labels = stage.view.labels;
    let layout = &stage.layout;
    let style = layout.kind.heading();
    let words = [&labels.production, &labels.storage, &labels.consumption];
    for (at, (word, area)) in words.into_iter().zip(layout.headings).enumerate() {
        let baseline = area.y + style.size * 0.85;
        let down = if at == 1 { faults::heading(stage) } else { None };
        let wide = match down {
            Some(down) => {
                let style = style.in_role(Role::Danger);
                picture.say(down, [area.x, baseline], Anchor::Start, style, area.w, None)
            }
            None => picture.say(word, [area.x, baseline], Anchor::Start, style, area.w, None),
        };
        // A dotted line leads on to the next word.
        let end = match layout.headings.get(at + 1) {
            Some(next) if !layout.stacked => next.x - 10.0,
            _ => area.right(),
        };
        let from = area.x + wide + 10.0;
        if end > from + 8.0 {
            let y = baseline - style.size * 0.35;
            picture.line([from, y], [end, y], Stroke::dashed(Role::LineStrong, 1.0, Dash::Dotted), None);
        }
    }
}

/// A place where something could be.
pub(super) fn placeholder(picture: &mut Picture, stage: &Stage<'_>, area: Area, word: &str) {
    let style = stage.layout.kind.body();
    picture.frame(area, 9.0, None, absent(Role::LineStrong), None);
    let at = [area.middle_x(), area.middle_y() + style.size * 0.35];
    picture.say(word, at, Anchor::Middle, style, area.w - 12.0, None);
}

/// Rings around what is selected and what is under the pointer.
fn picked(picture: &mut Picture, stage: &Stage<'_>) {
    let picks = [(stage.view.hover, false), (stage.view.selection, true)];
    for (subject, strong) in picks {
        let Some(subject) = subject else { continue };
        // A message is in the log, and perhaps on its way to several groups as well.
        for at in 0..picture.targets.len() {
            let target = picture.targets[at];
            if target.subject == subject {
                let small = target.area.w < 40.0;
                let room = target.area.inset(if small { -2.5 } else { -1.0 });
                picture.outline(room, if small { 5.0 } else { 9.0 }, strong, subject);
            }
        }
    }
}
