//! Message balancing: what a consumer holds, each message with the rest of its invisible time as a ring that shrinks.

use std::collections::BTreeMap;

use super::groups::{by_queue, colour};
use super::layout::Band;
use super::picture::{Area, Picture};
use super::shape::{Mark, Role, Stroke};
use super::stage::Stage;
use super::subject::Subject;
use crate::broker::progress::Holding;
use crate::broker::{ConsumerId, MessageRef};
use crate::sim::{Instant, Span, sort_by_key};

/// At most so many are drawn for a consumer; the words say how many there are.
const MOST: usize = 4;

/// The messages that the consumers of a group hold, the oldest first.
#[derive(Default)]
pub(super) struct Holdings(BTreeMap<ConsumerId, Vec<(MessageRef, Holding)>>);

impl Holdings {
    /// Those of a band's consumers.
    pub(super) fn of(stage: &Stage<'_>, band: &Band) -> Self {
        let mut by_consumer: BTreeMap<ConsumerId, Vec<(MessageRef, Holding)>> = BTreeMap::new();
        if by_queue(stage.world, band.id) {
            return Self::default();
        }
        for progress in &stage.world.group(band.id).progress {
            let progress = stage.world.progress(*progress);
            for (offset, holding) in &progress.held {
                let message = MessageRef { queue: progress.queue, offset: *offset };
                by_consumer.entry(holding.consumer).or_default().push((message, *holding));
            }
        }
        for held in by_consumer.values_mut() {
            sort_by_key(held, |(message, holding)| (holding.handed_out_at, *message));
            held.truncate(MOST);
        }
        Self(by_consumer)
    }

    /// Draws those of one consumer from right to left, as many as there is room for before `limit`.
    pub(super) fn draw(
        &self,
        picture: &mut Picture,
        stage: &Stage<'_>,
        band: &Band,
        id: ConsumerId,
        [mut right, middle]: [f32; 2],
        limit: f32,
    ) {
        let r = 5.6 * stage.layout.kind.k;
        let own = Role::Group(colour(band.id));
        let held = self.0.get(&id).map_or(&[][..], Vec::as_slice);
        for (message, holding) in held {
            let x = right - r;
            if x - r < limit {
                break;
            }
            let subject = Some(Subject::Message(*message));
            picture.mark(Mark::Square, [x, middle], r * 0.44, own, subject);
            picture.ring(
                [x, middle],
                r,
                [0.0, 1.0],
                Stroke::solid(Role::GroupEdge(colour(band.id)), 1.0),
                subject,
            );
            let left = invisible_part(stage, holding);
            // It shrinks towards the top, as the hand of a clock would sweep it away.
            picture.ring([x, middle], r, [1.0 - left, left], Stroke::solid(own, 2.2), subject);
            picture.target(Subject::Message(*message), Area::new(x - r, middle - r, 2.0 * r, 2.0 * r));
            right = x - r - 4.0;
        }
    }
}

/// How much of a message's invisible time is left. While its consumer lives the time is renewed whenever it ends.
fn invisible_part(stage: &Stage<'_>, holding: &Holding) -> f32 {
    let settings = &stage.world.settings;
    let part = |left: Span, whole: Span| (left.0 as f64 / whole.0.max(1) as f64).min(1.0) as f32;
    match holding.until {
        // What a simple consumer asked for, since it was handed out.
        Some(until) if holding.handle > 0 => part(left(stage.now, until), until - holding.handed_out_at),
        Some(until) => {
            // The offline time is what is given at the most once the consumer is gone.
            let whole = settings.push_offline_invisible.min(settings.push_invisible);
            part(left(stage.now, until), whole)
        }
        None => {
            let whole = settings.push_invisible.0.max(1);
            let gone = (stage.now - holding.handed_out_at).0 % whole;
            part(Span(whole - gone), Span(whole))
        }
    }
}

fn left(now: Instant, until: Instant) -> Span {
    if until > now { until - now } else { Span(0) }
}
