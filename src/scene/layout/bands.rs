//! Consumer groups: how much a band says, and where it stands.

use super::Type;
use crate::broker::consumer::{ConsumerState, ConsumerStatus};
use crate::broker::{ConsumerId, GroupId, World};
use crate::scene::picture::{Area, between};
use crate::sim::{Instant, Span};

/// A consumer that left cleanly is shown for so long.
const FAREWELL: Span = Span::from_secs(15);

/// One group.
#[derive(Clone, Debug)]
pub(in crate::scene) struct Band {
    pub id: GroupId,
    pub area: Area,
    pub style: BandStyle,
    pub head: f32,
    /// Height of the line at the bottom; 0 if its signs stand in the head.
    pub foot: f32,
    pub rows: Vec<(ConsumerId, Area)>,
    /// Consumers without room of their own: where that is said.
    pub more: Option<Area>,
    pub hidden: Vec<ConsumerId>,
    /// Where "no consumer running" is said.
    pub empty: Option<Area>,
}

/// How much a group's band says.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(in crate::scene) enum BandStyle {
    /// A row for each consumer.
    Rows,
    /// A slim row for each.
    Slim,
    /// The same without a line at the bottom: its signs stand in the head.
    Lines,
    /// A chip for each, several in a row.
    Chips,
    /// The same, as many as fit.
    Tight,
}
/// Groups with the consumers that are worth showing.
pub(super) struct Members(pub(super) Vec<(GroupId, Vec<ConsumerId>)>);

impl Members {
    pub(super) fn new(world: &World, now: Instant) -> Self {
        let shown = |consumer: &ConsumerState| {
            consumer.status != ConsumerStatus::Left || now - consumer.since < FAREWELL
        };
        let of =
            |group: &[ConsumerId]| group.iter().copied().filter(|id| shown(world.consumer(*id))).collect();
        Self(world.groups().map(|(id, group)| (id, of(&group.consumers))).collect())
    }
}

/// Head, height of a row and gap after it, foot, gap after the band.
fn measures(style: BandStyle, k: f32) -> [f32; 5] {
    match style {
        BandStyle::Rows => [48.0, 34.0, 5.0, 26.0, 12.0],
        BandStyle::Slim => [32.0, 24.0, 4.0, 25.0, 10.0],
        BandStyle::Lines => [28.0, 22.0, 3.0, 5.0, 8.0],
        BandStyle::Chips => [30.0, 21.0, 4.0, 6.0, 8.0],
        BandStyle::Tight => [26.0, 19.0, 3.0, 4.0, 5.0],
    }
    .map(|length| length * k)
}

/// How high a row becomes where there is room for that.
fn row_most(style: BandStyle, k: f32) -> f32 {
    let [_, row, ..] = measures(style, k);
    match style {
        BandStyle::Rows => row * 1.15,
        BandStyle::Slim => row * 1.4,
        BandStyle::Lines => row * 1.25,
        BandStyle::Chips | BandStyle::Tight => row,
    }
}

/// How many consumers stand side by side.
pub(super) fn across(style: BandStyle, wide: f32, k: f32) -> usize {
    if style < BandStyle::Chips { 1 } else { (((wide - 20.0) / (76.0 * k)) as usize).clamp(1, 6) }
}

/// The richest style that suits a number of consumers.
fn suits(consumers: usize) -> BandStyle {
    match consumers {
        0..=8 => BandStyle::Rows,
        9..=14 => BandStyle::Slim,
        _ => BandStyle::Chips,
    }
}

fn band_height(style: BandStyle, consumers: usize, wide: f32, k: f32) -> f32 {
    let [head, row, gap, foot, _] = measures(style, k);
    head + consumers.max(1).div_ceil(across(style, wide, k)) as f32 * (row + gap) + foot
}

fn bands_height(members: &Members, least: BandStyle, wide: f32, k: f32) -> f32 {
    let [.., gap] = measures(least, k);
    let of = |consumers: &[ConsumerId]| {
        band_height(suits(consumers.len()).max(least), consumers.len(), wide, k) + gap
    };
    members.0.iter().map(|(_, consumers)| of(consumers)).sum::<f32>() - gap
}

pub(super) fn natural_bands(members: &Members, [_, wide]: [f32; 2], kind: Type) -> f32 {
    let count = members.0.len();
    let style = match count {
        0..=4 => BandStyle::Rows,
        5..=6 => BandStyle::Slim,
        _ => BandStyle::Lines,
    };
    bands_height(members, style, wide, kind.k).max(0.0)
}

/// All groups in the right column. `used` is what the middle column needs: they stand level with it.
pub(super) fn bands(
    members: &Members,
    area: Area,
    used: f32,
    kind: Type,
) -> (Vec<Band>, Option<(Area, usize)>) {
    let k = kind.k;
    let styles = [BandStyle::Rows, BandStyle::Slim, BandStyle::Lines, BandStyle::Chips];
    if members.0.is_empty() {
        return (Vec::new(), None);
    }
    let fitting = styles.into_iter().find(|style| bands_height(members, *style, area.w, k) <= area.h);
    let Some(least) = fitting else { return tight_bands(members, area, kind) };

    let natural = bands_height(members, least, area.w, k);
    let [.., gap] = measures(least, k);
    let count = members.0.len() as f32;
    let spare = used.max(natural).min(area.h) - natural;
    // Spare room goes to the rows, as far as they make use of it, then between the bands; the rest stands above and below.
    let growth = |consumers: &[ConsumerId]| {
        let style = suits(consumers.len()).max(least);
        let [_, row, ..] = measures(style, k);
        consumers.len().max(1).div_ceil(across(style, area.w, k)) as f32 * (row_most(style, k) - row)
    };
    let most: f32 = members.0.iter().map(|(_, consumers)| growth(consumers)).sum();
    let part = if most > 0.0 { (spare / most).min(1.0) } else { 0.0 };
    let rest = spare - most * part;
    let apart = (rest / count).min(gap);
    let gap = gap + apart;
    let mut y = area.y + (rest - apart * (count - 1.0)) / 2.0;
    let mut out = Vec::with_capacity(members.0.len());
    for (id, consumers) in &members.0 {
        let style = suits(consumers.len()).max(least);
        let high = band_height(style, consumers.len(), area.w, k) + growth(consumers) * part;
        out.push(band(*id, consumers, consumers.len(), style, Area::new(area.x, y, area.w, high), kind));
        y += high + gap;
    }
    (out, None)
}

/// There is no room for every consumer: each group shows as many as fit, and the last groups are counted if need be.
fn tight_bands(members: &Members, area: Area, kind: Type) -> (Vec<Band>, Option<(Area, usize)>) {
    let k = kind.k;
    let style = BandStyle::Tight;
    let [head, row, row_gap, foot, gap] = measures(style, k);
    let across = across(style, area.w, k);
    let fixed = head + foot + gap;
    let more_high = 22.0 * k;
    let most = (((area.h + gap) / fixed) as usize).max(1);
    let shown = if members.0.len() > most {
        (((area.h - more_high) / fixed) as usize).max(1)
    } else {
        members.0.len()
    };
    let more = members.0.len() - shown;
    let spare = area.h + gap - fixed * shown as f32 - if more > 0 { more_high + gap } else { 0.0 };
    let mut lines = (spare / (row + row_gap)).max(0.0) as usize;
    let wishes: Vec<usize> =
        members.0[..shown].iter().map(|(_, consumers)| consumers.len().max(1).div_ceil(across)).collect();
    // One line for each in turn, until there is none left.
    let mut given = vec![0; shown];
    while lines > 0 && given.iter().zip(&wishes).any(|(given, wish)| given < wish) {
        for (given, wish) in given.iter_mut().zip(&wishes) {
            if lines > 0 && *given < *wish {
                *given += 1;
                lines -= 1;
            }
        }
    }
    let mut y = area.y;
    let mut out = Vec::with_capacity(shown);
    for ((id, consumers), given) in members.0[..shown].iter().zip(given) {
        let high = head + given as f32 * (row + row_gap) + foot;
        out.push(band(*id, consumers, given * across, style, Area::new(area.x, y, area.w, high), kind));
        y += high + gap;
    }
    (out, (more > 0).then(|| (Area::new(area.x, y, area.w, more_high), more)))
}

/// One group with room for `places` consumers.
pub(super) fn band(
    id: GroupId,
    consumers: &[ConsumerId],
    places: usize,
    style: BandStyle,
    area: Area,
    kind: Type,
) -> Band {
    let k = kind.k;
    let [head, row, gap, foot, _] = measures(style, k);
    let across = across(style, area.w, k);
    let inner = Area::new(area.x + 14.0, area.y + head, area.w - 14.0 - 10.0, area.h - head - foot);
    let lines = places.max(1).div_ceil(across);
    // A stretched band has higher rows.
    let row = between(inner.h / lines as f32 - gap, row, row_most(style, k));
    let wide = (inner.w - 4.0 * (across - 1) as f32) / across as f32;
    let place = |at: usize| {
        let (line, column) = (at / across, at % across);
        Area::new(inner.x + column as f32 * (wide + 4.0), inner.y + line as f32 * (row + gap), wide, row)
    };
    // The last line says how many are not shown.
    let shown = if consumers.len() > places { places.saturating_sub(across) } else { consumers.len() };
    let rows = consumers.iter().take(shown).enumerate().map(|(i, id)| (*id, place(i))).collect();
    let more = (shown < consumers.len() && places > 0).then(|| {
        let first = place(shown);
        Area::new(inner.x, first.y, inner.w, first.h)
    });
    let empty = (consumers.is_empty() && places + 1 > 0).then(|| Area::new(inner.x, inner.y, inner.w, row));
    Band {
        id,
        area,
        style,
        head,
        foot: if style >= BandStyle::Lines { 0.0 } else { foot },
        rows,
        more,
        hidden: consumers[shown..].to_vec(),
        empty: empty.filter(|area_| area_.bottom() <= area.bottom()),
    }
}
