//! Where an axis has its ticks, and what stands at them: round numbers only, as many as there is room for, and never
//! fewer than two.

use crate::sim::{Instant, Number, Span};

/// Steps of a time axis that a clock suggests, in microseconds; below and above them come 1, 2 and 5 times powers
/// of ten.
const CLOCK: [u64; 24] = {
    const S: u64 = 1_000_000;
    [
        S,
        2 * S,
        5 * S,
        10 * S,
        15 * S,
        30 * S,
        60 * S,
        120 * S,
        300 * S,
        600 * S,
        900 * S,
        1_800 * S,
        3_600 * S,
        7_200 * S,
        10_800 * S,
        21_600 * S,
        43_200 * S,
        86_400 * S,
        172_800 * S,
        432_000 * S,
        864_000 * S,
        1_728_000 * S,
        4_320_000 * S,
        8_640_000 * S,
    ]
};

/// 1, 2 or 5 times a power of ten, in order from 1 on.
fn round_steps() -> impl Iterator<Item = u64> + Clone {
    (0..19).flat_map(|power| [1, 2, 5].map(|step| step * 10u64.pow(power)))
}

/// Ticks from 0 to the first round number that is not below `highest`, at most `most` of them (but at least two), in
/// steps of at least `least`, which is itself a power of ten.
pub fn amounts(highest: u64, most: usize, least: u64) -> Vec<u64> {
    let gaps = most.max(2) as u64 - 1;
    let fits = |step: &u64| *step >= least && highest.div_ceil(*step) <= gaps;
    let step = round_steps().find(fits).unwrap_or(highest.max(1));
    (0..=highest.div_ceil(step).max(1)).map(|n| n * step).collect()
}

/// Ticks from 0 to `until`, at most `most` of them (but at least two, if `until` is not 0), and the step between them.
pub fn times(until: Instant, most: usize) -> (Vec<Instant>, Span) {
    let gaps = most.max(2) as u64 - 1;
    let second = CLOCK[0];
    let steps = round_steps().take_while(move |step| *step < second).chain(CLOCK);
    let step = steps.clone().find(|step| until.0 / step <= gaps).unwrap_or(CLOCK[CLOCK.len() - 1]);
    // A step that leaves only the 0 is one too many.
    let step =
        if until.0 < step { steps.take_while(|step| *step <= until.0).last().unwrap_or(1) } else { step };
    ((0..=until.0 / step).map(|n| Instant(n * step)).collect(), Span(step))
}

/// Where the time axis of a run that has come to `now` ends: the next of the steps of a clock, so that the lines have
/// most of the width and the axis stays put for a while; at most the `end` of the run, and at least ten seconds.
pub fn axis_end(now: Instant, end: Instant) -> Instant {
    const SECONDS: [u64; 16] =
        [10, 15, 20, 30, 45, 60, 90, 120, 180, 300, 450, 600, 900, 1_200, 1_800, 3_600];
    let hour = CLOCK[12];
    let next = SECONDS.iter().map(|s| s * CLOCK[0]).find(|bound| now.0 <= *bound);
    Instant(next.unwrap_or(now.0.div_ceil(hour).saturating_mul(hour))).min(end.max(now))
}

/// What stands at a tick of a time axis with this step: minutes and seconds, and no more decimals than the step has.
pub fn time_label(at: Instant, step: Span) -> String {
    let (seconds, micros) = (at.0 / 1_000_000, at.0 % 1_000_000);
    let mut label = format!("{}:{:02}", seconds / 60, seconds % 60);
    let below = step.0 % 1_000_000;
    if below > 0 {
        let zeros = (0..6).take_while(|n| below.is_multiple_of(10u64.pow(n + 1))).count();
        label.push_str(&format!(".{micros:06}")[..7 - zeros]);
    }
    label
}

/// What stands at a tick of an axis of amounts: `500`, `2,000`, `20k`, `1.5M`.
pub fn amount_label(amount: u64) -> String {
    let (unit, letter) = match amount {
        0..10_000 => return Number(amount).to_string(),
        10_000..1_000_000 => (1_000, "k"),
        1_000_000..1_000_000_000 => (1_000_000, "M"),
        _ => (1_000_000_000, "G"),
    };
    let (whole, rest) = (amount / unit, amount % unit * 1_000 / unit);
    let decimals = format!("{rest:03}");
    match decimals.trim_end_matches('0') {
        "" => format!("{whole}{letter}"),
        decimals => format!("{whole}.{decimals}{letter}"),
    }
}

/// The same for an axis of thousandths: `0.5`, `60`, `20k`.
pub fn thousandths_label(thousandths: u64) -> String {
    match (thousandths / 1_000, thousandths % 1_000 / 100) {
        (whole, 0) => amount_label(whole),
        (whole, tenths) => format!("{whole}.{tenths}"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn amounts_stand_at_round_numbers() {
        let cases: [(u64, usize, &[u64]); 16] = [
            (0, 4, &[0, 1]),
            (1, 4, &[0, 1]),
            (3, 4, &[0, 1, 2, 3]),
            (4, 4, &[0, 2, 4]),
            (7, 4, &[0, 5, 10]),
            (10, 4, &[0, 5, 10]),
            (11, 4, &[0, 5, 10, 15]),
            (46, 4, &[0, 20, 40, 60]),
            (60, 4, &[0, 20, 40, 60]),
            (61, 4, &[0, 50, 100]),
            (126, 6, &[0, 50, 100, 150]),
            (999, 6, &[0, 200, 400, 600, 800, 1_000]),
            (1_001, 6, &[0, 500, 1_000, 1_500]),
            (1_234_567, 4, &[0, 500_000, 1_000_000, 1_500_000]),
            (5, 0, &[0, 5]),
            (6, 2, &[0, 10]),
        ];
        for (highest, most, ticks) in cases {
            assert_eq!(amounts(highest, most, 1), ticks, "up to {highest}, at most {most}");
        }
        assert_eq!(amounts(30, 4, 100), [0, 100], "no finer than the least step");
        assert_eq!(amounts(250, 4, 100), [0, 100, 200, 300]);
    }

    #[test]
    fn amounts_cover_what_there_is_with_as_many_ticks_as_fit() {
        for most in 2..9 {
            for highest in (0..200).chain((0..62).map(|bit| (1 << bit) + bit)) {
                let ticks = amounts(highest, most, 1);
                assert!((2..=most).contains(&ticks.len()), "{highest} {most}: {ticks:?}");
                assert!(ticks[0] == 0 && ticks[ticks.len() - 1] >= highest, "{highest} {most}: {ticks:?}");
                let step = ticks[1];
                assert!(ticks.windows(2).all(|pair| pair[1] - pair[0] == step));
                assert!([1, 2, 5].contains(&(step / 10u64.pow(step.ilog10()))), "{step} is round");
            }
        }
    }

    #[test]
    fn amounts_are_written_as_everywhere() {
        let shown = [500, 2_000, 20_000, 1_500_000].map(amount_label);
        assert_eq!(shown, ["500", "2,000", "20k", "1.5M"]);
        assert_eq!([500, 60_000, 2_000_000].map(thousandths_label), ["0.5", "60", "2,000"]);
    }

    #[test]
    fn times_stand_where_a_clock_has_marks() {
        let cases = [
            (60_000, 5, "0:00 0:15 0:30 0:45 1:00"),
            (60_000, 9, "0:00 0:10 0:20 0:30 0:40 0:50 1:00"),
            (60_000, 2, "0:00 1:00"),
            (53_412, 5, "0:00 0:15 0:30 0:45"),
            (90_000, 5, "0:00 0:30 1:00 1:30"),
            (10_000, 6, "0:00 0:02 0:04 0:06 0:08 0:10"),
            (1_000, 5, "0:00.0 0:00.5 0:01.0"),
            (700, 5, "0:00.0 0:00.2 0:00.4 0:00.6"),
            (30, 5, "0:00.00 0:00.01 0:00.02 0:00.03"),
            (3_600_000, 5, "0:00 15:00 30:00 45:00 60:00"),
            (7_000_000, 5, "0:00 30:00 60:00 90:00"),
            (29_000, 2, "0:00 0:15"),
        ];
        for (ms, most, labels) in cases {
            let (ticks, step) = times(Instant::from_ms(ms), most);
            let shown: Vec<String> = ticks.into_iter().map(|at| time_label(at, step)).collect();
            assert_eq!(shown.join(" "), labels, "up to {ms} ms, at most {most}");
        }
    }

    #[test]
    fn a_time_axis_has_two_ticks_at_least() {
        for most in 2..12 {
            for us in (1..3_000).chain((0..=44).map(|bit| (1 << bit) - u64::from(bit > 0))) {
                let (ticks, step) = times(Instant(us), most);
                assert!((2..=most.max(3)).contains(&ticks.len()), "{us} {most}: {ticks:?}");
                assert!(ticks[ticks.len() - 1].0 <= us);
                let shown: Vec<String> = ticks.iter().map(|at| time_label(*at, step)).collect();
                assert!(shown.windows(2).all(|pair| pair[0] != pair[1]), "{shown:?}");
            }
        }
        assert_eq!(times(Instant::ZERO, 5).0, [Instant::ZERO]);
    }

    #[test]
    fn the_axis_grows_with_the_run() {
        let end = |now, end| axis_end(Instant::from_ms(now), Instant::from_ms(end)).0 / 1_000;
        let shown = [0, 10_000, 10_001, 42_000, 61_000, 89_999].map(|now| end(now, 90_000));
        assert_eq!(shown, [10_000, 10_000, 15_000, 45_000, 90_000, 90_000]);
        assert_eq!((end(1_000, 7_000), end(70_000, 60_000)), (7_000, 70_000));
        assert_eq!(end(3_600_001, 99_000_000), 7_200_000);
        assert_eq!(axis_end(Instant::MAX, Instant::MAX), Instant::MAX);
    }

    #[test]
    fn labels_are_short() {
        let shown =
            [0, 500, 9_999, 10_000, 25_000, 500_000, 1_500_000, 20_000_000, 2_000_000_000].map(amount_label);
        assert_eq!(shown, ["0", "500", "9,999", "10k", "25k", "500k", "1.5M", "20M", "2G"]);
        let shown = [0, 100, 500, 1_000, 1_500, 60_000, 20_000_000].map(thousandths_label);
        assert_eq!(shown, ["0", "0.1", "0.5", "1", "1.5", "60", "20k"]);
    }
}
