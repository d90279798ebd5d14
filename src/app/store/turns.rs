//! Which panel shows what is new, and when.

/// For each panel a number that grows when it should show what is new. While time runs they take turns: no frame brings
/// more than one of them.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Revisions {
    turn: usize,
    /// Whose turn it is of two charts that share one: those about messages, those about what stands beside the broker.
    is_beside: bool,
    /// The bar, the header, the caption.
    pub bar: u64,
    /// The inspector.
    pub inspector: u64,
    /// The log.
    pub log: u64,
    /// Each of the charts.
    pub plots: [u64; 6],
    /// Each of the tables.
    pub twin: [u64; 3],
}

/// A panel, or a part of one, that has a turn of its own.
#[derive(Clone, Copy, Debug)]
enum Turn {
    Bar,
    Inspector,
    Log,
    Plot(usize),
    Table(usize),
}

/// Who comes after whom: with 30 turns a second bar, log and inspector come five times a second, each chart and each
/// table half as often.
const TURNS: [Turn; 12] = [
    Turn::Bar,
    Turn::Plot(0),
    Turn::Log,
    Turn::Inspector,
    Turn::Table(0),
    Turn::Plot(1),
    Turn::Bar,
    Turn::Table(1),
    Turn::Log,
    Turn::Inspector,
    Turn::Plot(2),
    Turn::Table(2),
];

impl Revisions {
    pub(super) fn grow_all(&mut self) {
        let Self { turn: _, is_beside: _, bar, inspector, log, plots, twin } = self;
        for revision in [bar, inspector, log].into_iter().chain(plots).chain(twin) {
            *revision += 1;
        }
    }

    pub(super) fn grow_in_turn(&mut self, has_beside: bool) {
        self.turn = (self.turn + 1) % TURNS.len();
        if self.turn == 0 {
            self.is_beside = has_beside && !self.is_beside;
        }
        let of = if self.is_beside { 3 } else { 0 };
        *match TURNS[self.turn] {
            Turn::Bar => &mut self.bar,
            Turn::Inspector => &mut self.inspector,
            Turn::Log => &mut self.log,
            Turn::Plot(number) => &mut self.plots[of + number],
            Turn::Table(number) => &mut self.twin[number],
        } += 1;
    }
}
