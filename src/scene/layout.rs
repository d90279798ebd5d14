//! Where things stand. Three columns on a wide stage, one on a phone; with less room things first lose words, then
//! shape, and in the end they are counted instead of drawn.

use super::beside::{self, Beside};
use super::picture::{Area, Style, between};
use super::shape::{Font, Role};
use super::text::Number;
use super::view::View;
use crate::broker::consumer::{ConsumerState, ConsumerStatus};
use crate::broker::spec::{MessageType, TopicType};
use crate::broker::{ConsumerId, GroupId, ProducerId, QueueId, TopicId, World};
use crate::sim::{Instant, Span};

/// Narrower than this, the three columns stand one below the other.
const PHONE: f32 = 600.0;

/// Narrower than this, columns are slim.
const WIDE: f32 = 900.0;

/// More queues than this are counted, not drawn.
const MOST_LANES: usize = 64;

/// With more room than they need, topics become so many times as high.
const STRETCH: f32 = 1.25;

/// A consumer that left cleanly is shown for so long.
const FAREWELL: Span = Span::from_secs(15);

/// The sizes of text, and the unit of everything that holds text.
#[derive(Clone, Copy, Debug)]
pub(super) struct Type {
    /// The text scale: heights of rows and the like are multiples of it.
    pub k: f32,
}

impl Type {
    pub(super) fn heading(self) -> Style {
        Style::new(Font::Bold, 12.0 * self.k, Role::InkMuted)
    }

    pub(super) fn title(self) -> Style {
        Style::new(Font::Bold, 15.0 * self.k, Role::Ink)
    }

    pub(super) fn name(self) -> Style {
        Style::new(Font::Bold, 13.0 * self.k, Role::Ink)
    }

    pub(super) fn body(self) -> Style {
        Style::new(Font::Regular, 12.0 * self.k, Role::InkMuted)
    }

    pub(super) fn small(self) -> Style {
        Style::new(Font::Regular, 12.0 * self.k, Role::InkMuted)
    }

    pub(super) fn mono(self) -> Style {
        Style::new(Font::Mono, 12.0 * self.k, Role::InkMuted)
    }

    pub(super) fn number(self) -> Style {
        Style::new(Font::Bold, 12.5 * self.k, Role::Ink)
    }
}

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

/// A topic and its lanes.
#[derive(Clone, Debug)]
pub(super) struct TopicFrame {
    pub id: TopicId,
    pub area: Area,
    pub head: f32,
    /// Messages can wait in the timer for it.
    pub is_timed: bool,
    /// Where they are, if there is room for that.
    pub clock: Option<Area>,
    /// Messages can be half messages first.
    pub is_curtained: bool,
    /// Where they are, if there is room for that.
    pub curtain: Option<Area>,
    pub readers: Vec<Reader>,
    pub lanes: Vec<Lane>,
    pub level: Level,
    /// Pixels for one message.
    pub pitch: f32,
    /// The size of a token.
    pub token: [f32; 2],
    /// Distance between bracket rows.
    pub step: f32,
    pub numbers: Numbers,
    /// The queue's name stands above its max offset, with a little room between them.
    pub two_lines: bool,
    /// Several columns of lanes: too many for curves.
    pub grid: bool,
    /// How many messages a whole lane stands for, where that is not obvious.
    pub scale: Option<u64>,
    pub more: Option<(Area, usize)>,
}

/// A group that reads a topic.
#[derive(Clone, Copy, Debug)]
pub(super) struct Reader {
    pub group: GroupId,
    /// Its bracket is above the lane, rather than below it.
    pub above: bool,
    /// How far from the lane, counted from 0.
    pub row: u8,
}

/// How messages of a lane are drawn.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Level {
    /// One by one, with the sign of their producer.
    Tokens,
    /// One by one, as narrow strips.
    Pixels,
    /// As lengths.
    Lengths,
}

/// Where a lane says how far each group is behind.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) enum Numbers {
    /// At the end of each bracket.
    Flags,
    /// In columns to the right, so wide each.
    Columns(f32),
    /// Only the largest.
    Worst(f32),
    /// Nowhere.
    Nowhere,
}

/// One queue.
#[derive(Clone, Copy, Debug)]
pub(super) struct Lane {
    pub queue: QueueId,
    /// All that belongs to it.
    pub area: Area,
    /// Where its messages lie.
    pub bed: Area,
}

/// One group.
#[derive(Clone, Debug)]
pub(super) struct Band {
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
pub(super) enum BandStyle {
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
        let cards = (running(world).len() as f32 * 100.0 - 16.0) * kind.k;
        let content = topics.max(bands).max(cards);
        let beside = beside::height(world, kind);
        if beside::is_alone(world) {
            return columns.top + beside;
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

/// Groups with the consumers that are worth showing.
struct Members(Vec<(GroupId, Vec<ConsumerId>)>);

impl Members {
    fn new(world: &World, now: Instant) -> Self {
        let shown = |consumer: &ConsumerState| {
            consumer.status != ConsumerStatus::Left || now - consumer.since < FAREWELL
        };
        let of =
            |group: &[ConsumerId]| group.iter().copied().filter(|id| shown(world.consumer(*id))).collect();
        Self(world.groups().map(|(id, group)| (id, of(&group.consumers))).collect())
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
    let top = if alone { columns.top } else { layout.height };
    let area = Area::new(columns.pad, top, view.width - 2.0 * columns.pad, high);
    let widths = if layout.stacked {
        [area.w * 0.36, area.w * 0.36]
    } else {
        [columns.production[1], columns.consumption[1]]
    };
    let beside = Some(beside::place(world, area, widths, layout.kind));
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
    let top = columns.top + between((room - wished * STRETCH) * 0.3, 0.0, 60.0 * k);
    let room = height - top - columns.pad;
    let column = |[x, w]: [f32; 2], h: f32| Area::new(x, top, w, h);
    let storage = column(columns.storage, room);
    let beside = natural_bands(members, columns.consumption, kind);
    let (topics, more_topics) = frames(world, storage, beside, view, kind);
    let used = more_topics.map(|(area, _)| area).or(topics.last().map(|last| last.area));
    let used = used.map_or(room.min(200.0 * k), |area| area.bottom() - storage.y);
    let (bands, more_groups) = bands(members, column(columns.consumption, room), used, kind);
    let producers = cards(&running(world), column(columns.production, room), used, kind);
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
        axis: storage.y + used / 2.0,
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
    let (bands, more_groups) = self::bands(members, room, natural, kind);
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

fn reader_count(world: &World, topic: TopicId) -> usize {
    world.groups().filter(|(_, group)| group.topics.contains(&topic)).count()
}

const HEAD: f32 = 38.0;
const FOOT: f32 = 18.0;
/// The line with the clock, below the head of a topic for which messages wait in the timer.
const CLOCK: f32 = 36.0;
/// What a comb of lite topics takes.
const COMB: f32 = 190.0;
/// Lanes together have at least this much before there is room for a clock.
const LANES_FIRST: f32 = 40.0;

/// Can messages wait in the timer for this topic? A question about what it is, not about how it is: nothing is to jump
/// when the first one comes.
fn is_timed(world: &World, id: TopicId) -> bool {
    match world.topic(id).message_type {
        TopicType::Of(message) => message == MessageType::Delay,
        TopicType::Mixed => world.live.producers.iter().any(|p| p.topic == id && p.delay.is_some()),
    }
}

/// Can there be half messages for it?
fn is_curtained(world: &World, id: TopicId) -> bool {
    match world.topic(id).message_type {
        TopicType::Of(message) => message == MessageType::Transaction,
        TopicType::Mixed => world.live.producers.iter().any(|p| p.topic == id && p.transaction.is_some()),
    }
}

/// The least height of a lane of tokens with so many brackets that end in numbers.
fn lane_with_flags(readers: usize, k: f32) -> f32 {
    20.0 * k + readers as f32 * 12.5 * k + 12.0
}

/// The height at which a topic stands comfortably.
fn natural_frame(world: &World, id: TopicId, [_, wide]: [f32; 2], kind: Type) -> f32 {
    let k = kind.k;
    let count = world.topic(id).queues.len();
    if world.is_lite(id) {
        return (HEAD + COMB + FOOT) * k;
    }
    let readers = reader_count(world, id).max(1);
    let lane = match count {
        0..=6 => 30.0 * k + readers.min(4) as f32 * 13.0 * k + 22.0,
        7..=8 => lane_with_flags(readers.min(3), k),
        _ => 0.0,
    };
    let lanes = match count {
        0..=8 => lane * count.max(1) as f32,
        9..=16 => count as f32 * 24.0 * k,
        _ => {
            let across = grid_columns(wide - 28.0, k);
            count.min(MOST_LANES).div_ceil(across) as f32 * 18.0 * k
                + if count > MOST_LANES { 22.0 * k } else { 0.0 }
        }
    };
    let clock = if is_timed(world, id) || is_curtained(world, id) { CLOCK } else { 0.0 };
    (HEAD + clock + FOOT) * k + lanes
}

/// The height at which all topics stand comfortably.
fn wished_frames(world: &World, column: [f32; 2], kind: Type) -> f32 {
    let gap = 12.0 * kind.k;
    let frames = world.shown_topics().map(|(id, _)| natural_frame(world, id, column, kind) + gap);
    (frames.sum::<f32>() - gap).max(0.0)
}

/// How many columns of lanes a width has room for.
fn grid_columns(wide: f32, k: f32) -> usize {
    ((wide / (140.0 * k)) as usize).clamp(1, 4)
}

/// All topics in the middle column, sharing its height by their number of lanes.
fn frames(
    world: &World,
    area: Area,
    beside: f32,
    view: &View<'_>,
    kind: Type,
) -> (Vec<TopicFrame>, Option<(Area, usize)>) {
    let k = kind.k;
    let gap = 12.0 * k;
    let all: Vec<TopicId> = world.shown_topics().map(|(id, _)| id).collect();
    if all.is_empty() {
        return (Vec::new(), None);
    }
    let least = (HEAD + FOOT + 24.0) * k;
    let most = (((area.h + gap) / (least + gap)) as usize).max(1);
    let shown = if all.len() > most { (most - 1).max(1) } else { all.len() };
    let more_high = if shown < all.len() { 26.0 * k + gap } else { 0.0 };
    let wishes: Vec<f32> =
        all[..shown].iter().map(|id| natural_frame(world, *id, [area.x, area.w], kind)).collect();
    let wished: f32 = wishes.iter().sum();
    let room = area.h - more_high - gap * (shown - 1) as f32;
    // What is above the least is shared out in proportion to the wishes.
    let spare = (room - least * shown as f32).max(0.0);
    let over: f32 = wished - least * shown as f32;
    // Level with the groups beside them, if that does not pull them apart.
    let stretch = between(beside.min(room) / wished, STRETCH, 1.6);
    let mut y = area.y;
    let mut out = Vec::with_capacity(shown);
    for (id, wish) in all[..shown].iter().zip(&wishes) {
        let high = if over > 0.0 { least + spare * (wish - least) / over } else { room / shown as f32 };
        let high = high.min(wish * stretch);
        out.push(frame(world, *id, Area::new(area.x, y, area.w, high), view, kind));
        y += high + gap;
    }
    let more = (shown < all.len()).then(|| (Area::new(area.x, y, area.w, 26.0 * k), all.len() - shown));
    (out, more)
}

/// One topic: how its lanes are drawn, and where.
fn frame(world: &World, id: TopicId, area: Area, view: &View<'_>, kind: Type) -> TopicFrame {
    let k = kind.k;
    let topic = world.topic(id);
    let groups: Vec<GroupId> =
        world.groups().filter(|(_, group)| group.topics.contains(&id)).map(|(id, _)| id).collect();
    let readers: Vec<Reader> = groups
        .iter()
        .enumerate()
        .map(|(i, group)| Reader { group: *group, above: i % 2 == 0, row: (i / 2) as u8 })
        .collect();
    let behind = largest_accumulation(world, &topic.queues);
    let newest = topic.queues.iter().map(|id| world.queue(*id).max_offset).max().unwrap_or(0);

    let side = if area.w < 360.0 * k { 10.0 } else { 14.0 };
    let is_timed = is_timed(world, id);
    let is_curtained = is_curtained(world, id);
    let has_line = (is_timed || is_curtained) && area.h >= (HEAD + CLOCK + LANES_FIRST + FOOT) * k;
    let head = HEAD + if has_line { CLOCK } else { 0.0 };
    let inner = Area::new(area.x + side, area.y + head * k, area.w - 2.0 * side, area.h - (head + FOOT) * k);
    // If both can wait there, they share the line.
    let both = if is_timed && is_curtained { inner.w / 2.0 } else { inner.w };
    let clock = Area::new(inner.x, area.y + HEAD * k - 4.0 * k, both, CLOCK * k);
    let curtain = Area { x: inner.right() - both, ..clock };
    let count = topic.queues.len().max(1);
    let pitch = (inner.h / count as f32).min(156.0 * k);
    let above = readers.len().div_ceil(2) as f32;
    let below = (readers.len() / 2) as f32;

    let gutter_digits = kind.mono().width(&Number(newest.max(100)).to_string());
    let name = kind.name().width(&format!("Q{}", topic.queues.len().saturating_sub(1).max(9)));
    let number = kind.number().width(&Number(behind.max(10)).to_string()) + 8.0;
    let columns = readers.len() as f32 * number;

    let flagged = lane_with_flags(readers.len(), k) <= pitch;
    let thin = 5.0;
    let listed = 20.0 * k + readers.len() as f32 * thin + 8.0 <= pitch;

    let mut frame = TopicFrame {
        id,
        area,
        head: head * k,
        is_timed,
        clock: (has_line && is_timed).then_some(clock),
        is_curtained,
        curtain: (has_line && is_curtained).then_some(curtain),
        lanes: Vec::new(),
        level: Level::Tokens,
        pitch: 0.0,
        token: [0.0; 2],
        step: 12.5 * k,
        numbers: Numbers::Flags,
        two_lines: flagged || listed,
        grid: false,
        scale: None,
        more: None,
        readers,
    };
    if world.is_lite(id) {
        let area = Area::new(inner.x, inner.y, inner.w, inner.h + FOOT * k - 8.0);
        frame.token = [11.0, 16.0];
        frame.two_lines = false;
        frame.lanes.extend(topic.queues.first().map(|queue| Lane { queue: *queue, area, bed: area }));
        return frame;
    }
    let lanes_top = inner.y + ((inner.h - pitch * count as f32) / 2.0).max(0.0);
    let gutter = gutter_digits.max(name) + 8.0;

    if flagged || listed {
        if !flagged {
            frame.step = thin;
            frame.numbers = columns_or_worst(columns, number, inner.w - gutter);
        }
        let brackets = (above + below) * frame.step;
        let high = between(pitch - brackets - if flagged { 14.0 } else { 10.0 }, 18.0 * k, 36.0 * k);
        let token = [(high * 0.48).floor().max(11.0), high.floor()];
        frame.token = token;
        let cap = match frame.numbers {
            Numbers::Flags => {
                let older = view.labels.older.of(newest).replace("{n}", &Number(newest.max(10)).to_string());
                let older = kind.small().width(&older).min(inner.w * 0.2);
                (number + 12.0 * k).max(older) + 2.0
            }
            Numbers::Columns(_) => columns + 4.0,
            Numbers::Worst(wide) => wide + 4.0,
            Numbers::Nowhere => 0.0,
        };
        let bed_x = inner.x + gutter;
        let bed_w = inner.right() - cap - bed_x;
        for (i, queue) in topic.queues.iter().enumerate() {
            let block = Area::new(inner.x, lanes_top + i as f32 * pitch, inner.w, pitch);
            let y = block.y + (pitch - brackets - high) / 2.0 + above * frame.step;
            frame.lanes.push(Lane {
                queue: *queue,
                area: block,
                bed: Area::new(bed_x, y.round(), bed_w, token[1]),
            });
        }
        set_scale(&mut frame, bed_w, behind, true);
        return frame;
    }

    // Rows, in as many columns as it takes.
    let row = 15.0 * k;
    let widest = grid_columns(inner.w, k);
    let shown = topic.queues.len().min(MOST_LANES);
    let mut across = 1;
    while across < widest && inner.h / (shown.div_ceil(across)) as f32 <= row {
        across += 1;
    }
    let full_rows = ((inner.h / row) as usize).max(1);
    let mut shown = shown.min(full_rows * across);
    let foot = if shown < topic.queues.len() { 18.0 * k } else { 0.0 };
    if foot > 0.0 {
        shown = shown.min((((inner.h - foot) / row) as usize).max(1) * across);
    }
    let rows = shown.div_ceil(across).max(1);
    let pitch = ((inner.h - foot) / rows as f32).min(30.0 * k);
    let gap = 14.0 * k;
    let wide = (inner.w - gap * (across - 1) as f32) / across as f32;
    let high = between(pitch * 0.5, 5.0, 14.0 * k).floor();
    let gutter = name + 6.0;
    frame.grid = across > 1;
    frame.numbers = columns_or_worst(columns, number, wide - gutter);
    let cap = match frame.numbers {
        Numbers::Columns(_) => columns,
        Numbers::Worst(wide) => wide,
        Numbers::Flags | Numbers::Nowhere => 0.0,
    };
    let bed_w = (wide - gutter - cap).max(4.0);
    frame.token = [4.0, high];
    frame.step = (pitch - high) / 2.0;
    for (i, queue) in topic.queues.iter().take(shown).enumerate() {
        let (column, line) = (i / rows, i % rows);
        let block =
            Area::new(inner.x + column as f32 * (wide + gap), inner.y + line as f32 * pitch, wide, pitch);
        let y = (block.y + (pitch - high) / 2.0).round();
        frame.lanes.push(Lane {
            queue: *queue,
            area: block,
            bed: Area::new(block.x + gutter, y, bed_w, high),
        });
    }
    if shown < topic.queues.len() {
        let y = inner.y + rows as f32 * pitch;
        frame.more = Some((Area::new(inner.x, y, inner.w, foot), shown));
    }
    set_scale(&mut frame, bed_w, behind, false);
    frame
}

fn columns_or_worst(columns: f32, number: f32, room: f32) -> Numbers {
    if columns <= room * 0.5 {
        Numbers::Columns(number)
    } else if number + 4.0 <= room * 0.6 {
        Numbers::Worst(number + 4.0)
    } else {
        Numbers::Nowhere
    }
}

/// How messages are drawn on beds so wide, if the slowest group is `behind`.
fn set_scale(frame: &mut TopicFrame, bed: f32, behind: u64, tokens: bool) {
    let each = frame.token[0] + 3.0;
    let fit = (bed / each) as u64;
    if tokens && behind <= fit + fit / 2 + 2 {
        frame.pitch = each;
        return;
    }
    let narrow = if frame.lanes.len() > 16 { f32::INFINITY } else { 5.0 };
    if behind <= (bed / narrow) as u64 {
        frame.level = Level::Pixels;
        frame.pitch = narrow;
        return;
    }
    let whole = round_up(behind.max(10));
    frame.level = Level::Lengths;
    frame.pitch = bed / whole as f32;
    frame.scale = Some(whole);
}

/// The smallest of 1, 2 and 5 times a power of ten that is not below `n`.
fn round_up(n: u64) -> u64 {
    let mut power = 1u64;
    loop {
        for factor in [1, 2, 5] {
            let candidate = power.saturating_mul(factor);
            if candidate >= n {
                return candidate;
            }
        }
        power = power.saturating_mul(10);
    }
}

fn largest_accumulation(world: &World, queues: &[QueueId]) -> u64 {
    let of_queue = |id: &QueueId| {
        let queue = world.queue(*id);
        let live = queue.progress.iter().map(|id| world.progress(*id));
        live.filter(|p| !world.group(p.group).removed).map(|p| p.accumulation(queue.max_offset)).max()
    };
    queues.iter().filter_map(of_queue).max().unwrap_or(0)
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

/// How many consumers stand side by side.
fn across(style: BandStyle, wide: f32, k: f32) -> usize {
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

fn natural_bands(members: &Members, [_, wide]: [f32; 2], kind: Type) -> f32 {
    let count = members.0.len();
    let style = match count {
        0..=4 => BandStyle::Rows,
        5..=6 => BandStyle::Slim,
        _ => BandStyle::Lines,
    };
    bands_height(members, style, wide, kind.k).max(0.0)
}

/// All groups in the right column. `used` is what the middle column needs: they stand level with it.
fn bands(members: &Members, area: Area, used: f32, kind: Type) -> (Vec<Band>, Option<(Area, usize)>) {
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
    let room = used.max(natural).min(area.h);
    // Spare room makes bands a little higher; what is left then stands above and below.
    let stretch = ((room - natural) / count).min(natural / count * 0.3).max(0.0);
    let mut y = area.y + (room - natural - stretch * count) / 2.0;
    let mut out = Vec::with_capacity(members.0.len());
    for (id, consumers) in &members.0 {
        let style = suits(consumers.len()).max(least);
        let high = band_height(style, consumers.len(), area.w, k) + stretch;
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
fn band(
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
    // Stretching makes rows a little higher too.
    let row =
        if style == BandStyle::Rows { between(inner.h / lines as f32 - gap, row, row * 1.15) } else { row };
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
