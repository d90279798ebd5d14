//! Where things stand. Three columns on a wide stage, one on a phone; with less room things first lose words, then
//! shape, and in the end they are counted instead of drawn.

mod bands;
mod kind;
mod topics;

pub(super) use bands::{Band, BandStyle};
pub(super) use kind::Type;
pub(super) use topics::{Lane, Level, Numbers, Reader, TopicFrame};

use bands::{Members, natural_bands};
use topics::{frame, frames, natural_frame, stretch, wished_frames};

use super::beside::{self, Beside};
use super::picture::{Area, between};
use super::view::View;
use crate::broker::{ConsumerId, GroupId, ProducerId, QueueId, World};
use crate::sim::Instant;

/// Narrower than this, the three columns stand one below the other.
const PHONE: f32 = 600.0;

/// More producers than this are not given room for full cards.
const MANY_CARDS: f32 = 4.0;

/// Narrower than this, columns are slim.
const WIDE: f32 = 900.0;

/// Where everything on the stage stands.
#[derive(Clone, Debug)]
pub(super) struct Layout {
    pub height: f32,
    pub kind: Type,
    /// One below the other, instead of side by side.
    pub stacked: bool,
    /// Left edge, baseline and right edge of the three words.
    pub headings: [Area; 3],
    pub producers: Cards,
    pub topics: Vec<TopicFrame>,
    /// Topics without room: where that is said, and how many.
    pub more_topics: Option<(Area, usize)>,
    /// What stands for storage if there is no topic.
    pub storage: Area,
    pub bands: Vec<Band>,
    pub more_groups: Option<(Area, usize)>,
    /// What stands for consumption if there is no group.
    pub consumption: Area,
    /// Callers, services and point-to-point queues, if there are any.
    pub beside: Option<Beside>,
    /// There is nothing else.
    pub beside_only: bool,
    /// The height at which placeholders stand, on a wide stage.
    pub axis: f32,
}

/// The producers.
#[derive(Clone, Debug)]
pub(super) struct Cards {
    pub area: Area,
    pub size: CardSize,
    pub cards: Vec<(ProducerId, Area)>,
    pub more: Option<(Area, usize)>,
}

/// How much a producer's card says.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum CardSize {
    /// Name, rate, recent rate as a curve, counts.
    Full,
    /// Name and rate.
    Middle,
    /// Name.
    Slim,
}

impl Layout {
    pub(super) fn new(world: &World, now: Instant, view: &View<'_>) -> Self {
        let kind = Type { k: between(view.text_scale, 0.5, 3.0) };
        let members = Members::new(world, now);
        if view.width < PHONE * kind.k.max(1.0) {
            with_beside(stacked(world, view, kind, &members), world, view)
        } else {
            let height = view.height - beside::height(world, kind);
            with_beside(side_by_side(world, view, kind, &members, height), world, view)
        }
    }

    /// The height at which everything stands comfortably.
    pub(super) fn natural_height(world: &World, now: Instant, view: &View<'_>) -> f32 {
        let kind = Type { k: between(view.text_scale, 0.5, 3.0) };
        let members = Members::new(world, now);
        if view.width < PHONE * kind.k.max(1.0) {
            return with_beside(stacked(world, view, kind, &members), world, view).height;
        }
        let columns = Columns::new(view.width, kind.k);
        let topics = wished_frames(world, columns.storage, kind);
        let bands = natural_bands(&members, columns.consumption, kind);
        let producers = running(world).len() as f32;
        let cards = if producers <= MANY_CARDS { producers * 100.0 - 16.0 } else { producers * 58.0 - 10.0 };
        let cards = cards * kind.k;
        let content = topics.max(bands).max(cards);
        let beside = beside::height(world, kind);
        if beside::is_alone(world) {
            return beside;
        }
        between(columns.top + content + columns.pad, 300.0 * kind.k, 1_200.0 * kind.k) + beside
    }

    /// The lane of a queue, and the frame it is in.
    pub(super) fn lane(&self, queue: QueueId) -> Option<(&TopicFrame, &Lane)> {
        self.topics.iter().find_map(|frame| {
            // Lanes are in the order of their ids.
            let at = frame.lanes.binary_search_by_key(&queue, |lane| lane.queue).ok()?;
            Some((frame, &frame.lanes[at]))
        })
    }

    /// Where a consumer is, or what stands for it.
    pub(super) fn consumer(&self, group: GroupId, id: ConsumerId) -> Option<Area> {
        let Some(band) = self.bands.iter().find(|band| band.id == group) else {
            return self.more_groups.map(|(area, _)| area);
        };
        let row = band.rows.iter().find(|(consumer, _)| *consumer == id).map(|(_, area)| *area);
        Some(row.or(band.more).unwrap_or(band.area))
    }
}

/// The same with what stands beside the broker below it, or in its place.
fn with_beside(layout: Layout, world: &World, view: &View<'_>) -> Layout {
    let high = beside::height(world, layout.kind);
    if high <= 0.0 {
        return layout;
    }
    let columns = Columns::new(view.width, layout.kind.k);
    let alone = beside::is_alone(world);
    let top = if alone { 0.0 } else { layout.height };
    let room = if alone { high.max(view.height) } else { high };
    let area = Area::new(columns.pad, top, view.width - 2.0 * columns.pad, room);
    let three = if layout.stacked {
        // Only point-to-point queues have something in the middle.
        let side = area.w * if world.live.p2p.is_empty() { 0.4 } else { 0.26 };
        beside::Columns {
            left: side,
            middle: [area.x + side + 16.0, area.right() - side - 16.0],
            right: side,
        }
    } else {
        let [from, wide] = columns.storage;
        beside::Columns {
            left: columns.production[1],
            middle: [from, from + wide],
            right: columns.consumption[1],
        }
    };
    let beside = Some(beside::place(world, area, three, layout.kind));
    let height = area.bottom().max(if alone { view.height } else { 0.0 });
    Layout { beside, beside_only: alone, height, ..layout }
}

/// Left, width of each column.
struct Columns {
    pad: f32,
    top: f32,
    production: [f32; 2],
    storage: [f32; 2],
    consumption: [f32; 2],
}

impl Columns {
    fn new(width: f32, k: f32) -> Self {
        let wide = width >= WIDE * k.max(1.0);
        let pad = if wide { 18.0 } else { 12.0 };
        let inner = width - 2.0 * pad;
        let (left, right) = if wide { (0.155, 0.265) } else { (0.15, 0.27) };
        let left = between(inner * left, 92.0, 190.0 * k.max(1.0));
        let right = between(inner * right, 150.0, 330.0 * k.max(1.0));
        let [gap_in, gap_out] = if wide { [52.0, 58.0] } else { [30.0, 36.0] };
        let storage = pad + left + gap_in;
        let consumption = width - pad - right;
        Self {
            pad,
            top: 46.0 * k,
            production: [pad, left],
            storage: [storage, consumption - gap_out - storage],
            consumption: [consumption, right],
        }
    }
}

fn running(world: &World) -> Vec<ProducerId> {
    let all = world.live.producers.iter().enumerate();
    all.filter(|(_, p)| p.running || p.is_down() || !p.transit.is_empty())
        .map(|(i, _)| ProducerId::at(i))
        .collect()
}

fn side_by_side(world: &World, view: &View<'_>, kind: Type, members: &Members, height: f32) -> Layout {
    let k = kind.k;
    let columns = Columns::new(view.width, k);
    let height = height.max(240.0 * k);
    let room = height - columns.top - columns.pad;
    let headings = [columns.production, columns.storage, columns.consumption]
        .map(|[x, w]| Area::new(x, 18.0 * k, w, 12.0 * k));

    // Little content stands a little below the top rather than in it.
    let wished =
        wished_frames(world, columns.storage, kind).max(natural_bands(members, columns.consumption, kind));
    let top = columns.top + between((room - wished * stretch(room, wished)) * 0.35, 0.0, 90.0 * k);
    let room = height - top - columns.pad;
    let column = |[x, w]: [f32; 2], h: f32| Area::new(x, top, w, h);
    let storage = column(columns.storage, room);
    let beside = natural_bands(members, columns.consumption, kind);
    let (mut topics, mut more_topics) = frames(world, storage, beside, view, kind);
    let used = more_topics.map(|(area, _)| area).or(topics.last().map(|last| last.area));
    let used = used.map_or(room.min(200.0 * k), |area| area.bottom() - storage.y);
    let (bands, more_groups) = bands::bands(members, column(columns.consumption, room), used, kind);
    // Topics that are less high than the groups beside them stand in the middle of these.
    let lower = ((beside.min(room) - used) / 2.0).max(0.0).round();
    topics.iter_mut().for_each(|topic| topic.move_down(lower));
    if let Some((area, _)) = &mut more_topics {
        area.y += lower;
    }
    let [x, wide] = columns.production;
    let production = Area::new(x, top + lower, wide, room - lower);
    let producers = cards(&running(world), production, used, kind);
    Layout {
        height,
        kind,
        stacked: false,
        headings,
        producers,
        topics,
        more_topics,
        storage,
        bands,
        more_groups,
        consumption: column(columns.consumption, room),
        beside: None,
        beside_only: false,
        axis: storage.y + lower + used / 2.0,
    }
}

fn stacked(world: &World, view: &View<'_>, kind: Type, members: &Members) -> Layout {
    let k = kind.k;
    let pad = 14.0;
    let inner = view.width - 2.0 * pad;
    let heading = |y: f32| Area::new(pad, y, inner, 12.0 * k);
    let mut y = 14.0;
    let mut headings = [heading(y); 3];
    y += 24.0 * k;

    let all = running(world);
    let across = if inner >= 300.0 * k { 2 } else { 1 };
    let (high, gap) = (44.0 * k, 8.0);
    let most = 3 * across;
    let shown = if all.len() > most { most - 1 } else { all.len() };
    let wide = (inner - gap * (across - 1) as f32) / across as f32;
    let place = |at: usize| {
        Area::new(
            pad + (at % across) as f32 * (wide + gap),
            y + (at / across) as f32 * (high + gap),
            wide,
            high,
        )
    };
    let cards: Vec<(ProducerId, Area)> =
        all.iter().take(shown).enumerate().map(|(i, id)| (*id, place(i))).collect();
    let more = (shown < all.len()).then(|| (place(shown), all.len() - shown));
    let rows = (shown + usize::from(more.is_some())).max(1).div_ceil(across);
    let area = Area::new(pad, y, inner, rows as f32 * (high + gap) - gap);
    let producers = Cards { area, size: CardSize::Middle, cards, more };
    y = area.bottom() + 34.0;

    headings[1] = heading(y);
    y += 24.0 * k;
    let start = y;
    let mut topics = Vec::new();
    let mut more_topics = None;
    let total = world.shown_topics().count();
    for (at, (id, _)) in world.shown_topics().enumerate() {
        if at == 8 {
            more_topics = Some((Area::new(pad, y, inner, 28.0 * k), total - at));
            y += 40.0 * k;
            break;
        }
        let high = natural_frame(world, id, [pad, inner], kind);
        topics.push(frame(world, id, Area::new(pad, y, inner, high), view, kind));
        y += high + 12.0;
    }
    if total == 0 {
        y += 90.0 * k;
    }
    let storage = Area::new(pad, start, inner, y - start - 12.0);
    y += 22.0;

    headings[2] = heading(y);
    y += 24.0 * k;
    let natural = natural_bands(members, [pad, inner], kind);
    let room = Area::new(pad, y, inner, natural.max(80.0 * k));
    let (bands, more_groups) = bands::bands(members, room, natural, kind);
    let end = bands.last().map_or(room.bottom(), |band| band.area.bottom());
    let end = more_groups.map_or(end, |(area, _)| area.bottom());
    Layout {
        height: (end + pad).ceil(),
        kind,
        stacked: true,
        headings,
        producers,
        topics,
        more_topics,
        storage,
        bands,
        more_groups,
        consumption: room,
        beside: None,
        beside_only: false,
        axis: storage.middle_y(),
    }
}

/// The producers one below the other, in the middle of the upper `used` of `area` if they fit there.
fn cards(all: &[ProducerId], area: Area, used: f32, kind: Type) -> Cards {
    let k = kind.k;
    let full = all.len() as f32 * 100.0 * k;
    let area = if full <= used { Area { h: used, ..area } } else { area };
    let sizes = [(CardSize::Full, 84.0, 16.0), (CardSize::Middle, 48.0, 10.0), (CardSize::Slim, 26.0, 6.0)];
    let fits =
        |(_, high, gap): &(CardSize, f32, f32)| all.len() as f32 * (high + gap) * k - gap * k <= area.h;
    let (size, high, gap) = sizes.into_iter().find(fits).unwrap_or(sizes[2]);
    let (high, gap) = (high * k, gap * k);
    let most = (((area.h + gap) / (high + gap)) as usize).max(1);
    let shown = if all.len() > most { most - 1 } else { all.len() };
    let rows = shown + usize::from(shown < all.len());
    let top = area.y + ((area.h - (rows as f32 * (high + gap) - gap)) / 2.0).max(0.0);
    let place = |at: usize| Area::new(area.x, top + at as f32 * (high + gap), area.w, high);
    Cards {
        area,
        size,
        cards: all.iter().take(shown).enumerate().map(|(i, id)| (*id, place(i))).collect(),
        more: (shown < all.len()).then(|| (place(shown), all.len() - shown)),
    }
}
