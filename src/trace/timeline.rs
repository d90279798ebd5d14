//! What a group did about a message at every instant: intervals of several copies and deliveries, laid over each other
//! and cut so that they tile the time.

use crate::sim::{Instant, Span, sort_by_key};

/// What a message is doing for one group.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum StageKind {
    /// Handed to a consumer that never answered: it crashed, or its queue moved on.
    Unanswered,
    /// Failed, and on the group's retry shelf until it is due.
    RetryWait,
    /// Stored, visible and not handed out.
    Waits,
    /// Handed out and on its way to a consumer.
    OnTheWay,
    /// In a consumer's cache, waiting for a thread.
    Cached,
    /// In a listener.
    Processing,
}

impl StageKind {
    /// All of them, in the order of an ordinary journey.
    pub const ALL: [Self; 6] =
        [Self::Waits, Self::OnTheWay, Self::Cached, Self::Processing, Self::RetryWait, Self::Unanswered];

    /// The word that stands for it in catalogues and class names.
    pub fn name(self) -> &'static str {
        match self {
            Self::Waits => "waits",
            Self::OnTheWay => "on_the_way",
            Self::Cached => "cached",
            Self::Processing => "processing",
            Self::RetryWait => "retry_wait",
            Self::Unanswered => "unanswered",
        }
    }
}

/// A stretch of time in which one thing was the case.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Stage {
    /// What.
    pub kind: StageKind,
    /// From when.
    pub from: Instant,
    /// To when: where the next one begins.
    pub to: Instant,
    /// Which of the reader's deliveries it belongs to; none while nobody has the message.
    pub delivery: Option<usize>,
}

impl Stage {
    /// How long it lasted.
    pub fn lasted(&self) -> Span {
        self.to - self.from
    }
}

/// Intervals as they come, in no order and overlapping.
#[derive(Clone, Debug, Default)]
pub(super) struct Timeline(Vec<Stage>);

impl Timeline {
    /// Adds an interval; one without length says nothing.
    pub(super) fn add(&mut self, kind: StageKind, from: Instant, to: Instant, delivery: Option<usize>) {
        if from < to {
            self.0.push(Stage { kind, from, to, delivery });
        }
    }

    /// The stages from `from` to `to`, without overlap. Where several intervals lie over each other the one that is
    /// nearest to an answer counts: a message that is being processed is not waiting, although a copy of it may be.
    /// Of equal ones the later counts, because it took over.
    /// Where there is none it is `unknown`, if that may be.
    pub(super) fn tiles(&self, from: Instant, to: Instant, unknown: Option<StageKind>) -> Vec<Stage> {
        let mut cuts: Vec<Instant> = self.0.iter().flat_map(|stage| [stage.from, stage.to]).collect();
        cuts.retain(|at| from < *at && *at < to);
        cuts.extend([from, to]);
        sort_by_key(&mut cuts, |at| *at);
        cuts.dedup();
        let mut tiles: Vec<Stage> = Vec::new();
        for pair in cuts.windows(2) {
            let covers = |stage: &&Stage| stage.from <= pair[0] && pair[1] <= stage.to;
            let (from, to) = (pair[0], pair[1]);
            let on_top = self.0.iter().filter(covers).max_by_key(|s| (s.kind, s.from)).copied();
            let unknown = || unknown.map(|kind| Stage { kind, from, to, delivery: None });
            let Some(on_top) = on_top.or_else(unknown) else { continue };
            let tile = Stage { from, to, ..on_top };
            match tiles.last_mut() {
                Some(last)
                    if last.to == tile.from && last.kind == tile.kind && last.delivery == tile.delivery =>
                {
                    last.to = tile.to;
                }
                _ => tiles.push(tile),
            }
        }
        tiles
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_nearest_to_an_answer_counts_and_equal_neighbours_melt() {
        let mut timeline = Timeline::default();
        timeline.add(StageKind::Waits, Instant(0), Instant(10), None);
        timeline.add(StageKind::Processing, Instant(4), Instant(6), Some(0));
        timeline.add(StageKind::Unanswered, Instant(6), Instant(20), Some(0));
        timeline.add(StageKind::Waits, Instant(7), Instant(7), None);
        let tiles: Vec<_> = timeline
            .tiles(Instant(0), Instant(15), None)
            .iter()
            .map(|s| (s.kind, s.from.0, s.to.0))
            .collect();
        assert_eq!(
            tiles,
            [
                (StageKind::Waits, 0, 4),
                (StageKind::Processing, 4, 6),
                (StageKind::Waits, 6, 10),
                (StageKind::Unanswered, 10, 15)
            ]
        );
    }
}
