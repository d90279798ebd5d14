//! Producers: a card each, with the sign that its messages carry.

use super::faults;
use super::layout::CardSize;
use super::picture::{Area, Picture};
use super::requests;
use super::shape::{Anchor, Mark, PRODUCER_MARKS, Role, Stroke};
use super::stage::{Stage, placeholder};
use super::subject::Subject;
use super::text::{Ago, Number, PerSecond, Short, width};
use crate::broker::spec::{Pattern, Rate};
use crate::broker::{ProducerId, World};
use crate::sim::{Instant, Span};

/// The sign of a producer and of everything it sends.
pub(super) fn sign(id: ProducerId) -> Mark {
    PRODUCER_MARKS[id.index() % PRODUCER_MARKS.len()]
}

pub(super) fn draw(picture: &mut Picture, stage: &Stage<'_>) {
    let cards = &stage.layout.producers;
    let labels = stage.view.labels;
    let k = stage.layout.kind.k;
    for (id, area) in &cards.cards {
        card(picture, stage, *id, *area);
    }
    if let Some((area, count)) = cards.more {
        let style = stage.layout.kind.body();
        let at = [area.middle_x(), area.middle_y() + style.size * 0.35];
        let count = count as u64;
        picture.frame(area, 8.0, None, super::picture::absent(Role::LineStrong), None);
        let template = labels.more_producers.of(count);
        picture.say_filled(template, &[("n", &count)], at, Anchor::Middle, style, area.w - 12.0, None);
    }
    if cards.cards.is_empty() {
        let high = 44.0 * k;
        let middle = if stage.layout.stacked { cards.area.middle_y() } else { stage.layout.axis };
        let area = Area::new(cards.area.x, middle - high / 2.0, cards.area.w, high);
        placeholder(picture, stage, area, &labels.no_producer);
    }
}

fn card(picture: &mut Picture, stage: &Stage<'_>, id: ProducerId, area: Area) {
    let producer = stage.world.producer(id);
    let labels = stage.view.labels;
    let kind = stage.layout.kind;
    let k = kind.k;
    let subject = Some(Subject::Producer(id));
    picture.target(Subject::Producer(id), area);
    let border = if producer.running {
        Stroke::solid(Role::Line, 1.25)
    } else {
        super::picture::absent(Role::LineStrong)
    };
    picture.frame(area, 9.0, Some(Role::Raised), border, subject);

    let side = 11.0;
    let size = stage.layout.producers.size;
    let first = match size {
        CardSize::Full => area.y + 21.0 * k,
        CardSize::Middle => area.y + 19.0 * k,
        CardSize::Slim => area.middle_y() + 4.2 * k,
    };
    let name = kind.name();
    let r = 5.5 * k;
    picture.mark(sign(id), [area.x + side + r, first - name.size * 0.36], r, Role::Ink, subject);
    let name_x = area.x + side + 2.0 * r + 7.0;
    let room = area.right() - side - name_x;
    let name_wide = picture.say(&producer.spec.name, [name_x, first], Anchor::Start, name, room, subject);

    let second = first + 16.5 * k;
    if size == CardSize::Slim {
        let rate = rate_now(producer.schedule.pattern, producer.schedule.since, stage.now);
        let small = kind.small();
        if let Some(rate) = rate {
            let shown = PerSecond(rate.micros_per_second).to_string();
            let template = labels.per_second.of(rate.micros_per_second / 1_000_000);
            let room = room - name_wide - 6.0;
            if width(&template.replace("{n}", &shown), small.size, small.font) <= room {
                let at = [area.right() - side, first];
                picture.say_filled(template, &[("n", &shown)], at, Anchor::End, small, room, subject);
            }
        }
        return;
    }
    pattern(picture, stage, id, [area.x + side, second], area.w - 2.0 * side);
    if size == CardSize::Middle {
        return;
    }
    let small = kind.small();
    let line = Area::new(area.x + side, second + 6.0 * k, area.w - 2.0 * side, 17.0 * k);
    let rates = Recent::of(stage.world, id, stage.now);
    rates.draw(picture, line, subject);

    let third = area.bottom() - 9.0 * k;
    let room = area.w - 2.0 * side;
    let (sent, stored) = (producer.sent, producer.stored);
    let start = [area.x + side, third];
    let wide = picture.say_filled(
        labels.sent.of(sent),
        &[("n", &Number(sent))],
        start,
        Anchor::Start,
        small,
        room,
        subject,
    );
    // What was refused is news; what was stored is then less.
    let open = stage.world.live.requests.waiting(id);
    let backs_off = requests::backing_off(stage.world, id);
    let (acked, stored) = match (producer.refused, backs_off, producer.given_up) {
        _ if let Some(bad) = faults::unheard(stage, id) => bad,
        (_, _, given_up @ 1..) => (labels.given_up.of(given_up), given_up),
        (_, waiting @ 1.., _) => (labels.backing_off.of(waiting), waiting),
        (0, ..) if open > 0 => (labels.awaiting.of(open), open),
        (0, ..) => (labels.acknowledged.of(stored), stored),
        (refused, ..) => (labels.refused.of(refused), refused),
    };
    let long = width(&acked.replace("{n}", &Number(stored).to_string()), small.size, small.font);
    let left = room - wide - 10.0;
    let end = [area.right() - side, third];
    // What was given up and refused is gone: a cross stands for the words where there is no room.
    let is_bad = producer.given_up > 0 || producer.refused > 0;
    let small = if is_bad { small.in_role(Role::Danger) } else { small };
    let short = Short(stored).to_string();
    if is_bad && width(&acked.replace("{n}", &short), small.size, small.font) > left {
        let wide = picture.say(&short, end, Anchor::End, small, left, subject);
        let r = 3.2 * k;
        picture.mark(
            Mark::Cross,
            [end[0] - wide - 4.0 - r, third - small.size * 0.36],
            r,
            Role::Danger,
            subject,
        );
    } else if long <= left {
        picture.say_filled(acked, &[("n", &Number(stored))], end, Anchor::End, small, left, subject);
    } else if width(&acked.replace("{n}", &Short(stored).to_string()), small.size, small.font) <= left {
        picture.say_filled(acked, &[("n", &Short(stored))], end, Anchor::End, small, left, subject);
    }
}

/// "40 msg/s · Poisson"
fn pattern(picture: &mut Picture, stage: &Stage<'_>, id: ProducerId, at: [f32; 2], room: f32) {
    let producer = stage.world.producer(id);
    let labels = stage.view.labels;
    let body = stage.layout.kind.body();
    let subject = Some(Subject::Producer(id));
    if !producer.running {
        if let Some(crashed_at) = producer.crashed_at {
            let gone = Ago(stage.now - crashed_at);
            picture.say_filled(&labels.crashed, &[("t", &gone)], at, Anchor::Start, body, room, subject);
            return;
        }
        picture.say(&labels.stopped, at, Anchor::Start, body, room, subject);
        return;
    }
    let schedule = producer.schedule;
    let word = match schedule.pattern {
        Pattern::Constant(_) => &labels.constant,
        Pattern::Poisson(_) => &labels.poisson,
        Pattern::Bursts { .. } => &labels.bursts,
        Pattern::ByHand => &labels.by_hand,
    };
    let mut x = at[0];
    if let Some(rate) = rate_now(schedule.pattern, schedule.since, stage.now) {
        let template = labels.per_second.of(rate.micros_per_second / 1_000_000);
        let shown = PerSecond(rate.micros_per_second);
        let style = body.in_role(Role::Ink);
        x += picture.say_filled(template, &[("n", &shown)], at, Anchor::Start, style, room, subject);
        let left = at[0] + room - x;
        let wide = body.width(word) + body.width(" · ");
        if wide <= left {
            x += body.width(" ");
            picture.say(format_args!("· {word}"), [x, at[1]], Anchor::Start, body, left, subject);
        }
    } else {
        picture.say(word, [x, at[1]], Anchor::Start, body, room, subject);
    }
}

/// The rate in force.
fn rate_now(pattern: Pattern, since: Instant, now: Instant) -> Option<Rate> {
    match pattern {
        Pattern::Constant(rate) | Pattern::Poisson(rate) => Some(rate),
        Pattern::Bursts { rate, burst_rate, every, lasting } => {
            let within = (now - since).0 % every.0.max(1);
            Some(if within < lasting.0 { burst_rate } else { rate })
        }
        Pattern::ByHand => None,
    }
}

/// How many intervals the little curve has.
const INTERVALS: usize = 24;

/// What a producer stored in each of the last intervals. Counted from the messages' numbers, found by halving, so it
/// costs the same for a hundred messages and for a million.
struct Recent {
    counts: [u64; INTERVALS],
    /// Before this one, the run had not begun.
    first: usize,
    /// Counting would take too long, or says nothing, because messages are not stored in the order of their numbers.
    unknown: bool,
}

impl Recent {
    fn of(world: &World, id: ProducerId, now: Instant) -> Self {
        let producer = world.producer(id);
        let queues = world.topic(producer.topic).writable();
        let mut recent = Self { counts: [0; INTERVALS], first: INTERVALS, unknown: false };
        // Many producers on many queues would need a longer look than the little curve is worth.
        let waits = producer.delay.is_some() || producer.transaction.is_some();
        recent.unknown = queues.len() > 16 || world.live.producers.len() > 12 || waits;
        if recent.unknown || producer.stored == 0 {
            return recent;
        }
        let step = interval(producer.schedule.pattern);
        // Intervals begin at fixed instants, so the curve moves on without trembling; the one that is not over is
        // left out.
        let current = now.0 / step;
        let mut before = None;
        for at in 0..=INTERVALS {
            let Some(index) = (current + at as u64).checked_sub(INTERVALS as u64) else { continue };
            let sent = sent_before(world, id, Instant(index * step));
            if let Some(before) = before {
                recent.counts[at - 1] = sent - before;
                recent.first = recent.first.min(at - 1);
            }
            before = Some(sent);
        }
        recent
    }

    fn draw(&self, picture: &mut Picture, area: Area, subject: Option<Subject>) {
        let most = self.counts.iter().copied().max().unwrap_or(0);
        if self.unknown {
            return;
        }
        let base = area.bottom() - 1.0;
        picture.line([area.x, base], [area.right(), base], Stroke::solid(Role::Line, 1.0), subject);
        // A stub would say nothing.
        if self.first + 5 > INTERVALS || most == 0 {
            return;
        }
        let step = area.w / (INTERVALS - 1) as f32;
        let high = area.h - 4.0;
        // Noise stays small: the curve has its full height only when counts differ by much.
        let top = (most as f32 * 1.1).max(4.0);
        let point =
            |(i, count): (usize, &u64)| [area.x + i as f32 * step, base - 1.0 - high * *count as f32 / top];
        let points = self.counts.iter().enumerate().skip(self.first).map(point);
        picture.chain(points, None, Some(Stroke::solid(Role::InkMuted, 1.25)), subject);
    }
}

/// An interval in which a few messages are sent.
fn interval(pattern: Pattern) -> u64 {
    let micros = match pattern {
        Pattern::Constant(rate) | Pattern::Poisson(rate) => rate.micros_per_second,
        // Two whole cycles.
        Pattern::Bursts { every, .. } => return (every.0 * 2 / INTERVALS as u64).max(1_000),
        Pattern::ByHand => 0,
    };
    if micros == 0 {
        return Span::from_secs(1).0;
    }
    let wish = 4_000_000_000_000 / micros;
    let steps = [5, 10, 20, 50, 100, 200, 500, 1_000, 2_000, 5_000];
    steps.into_iter().map(|ms| ms * 1_000).find(|us| *us >= wish).unwrap_or(5_000_000)
}

/// How many of a producer's messages were stored before `until`.
fn sent_before(world: &World, id: ProducerId, until: Instant) -> u64 {
    let queues = world.topic(world.producer(id).topic).writable();
    let last_in = |queue: &crate::broker::QueueId| {
        let log = &world.log.queues[queue.index()];
        let (mut low, mut high) = (0, world.queue(*queue).max_offset);
        while low < high {
            let middle = low + (high - low) / 2;
            if log.stored_at(middle) < until {
                low = middle + 1;
            } else {
                high = middle;
            }
        }
        // The producer's own latest is among the last few.
        let mine =
            (low.saturating_sub(64)..low).rev().map(|offset| log.sender(offset)).find(|(who, _)| *who == id);
        mine.map_or(0, |(_, number)| number + 1)
    };
    queues.iter().map(last_in).max().unwrap_or(0)
}
