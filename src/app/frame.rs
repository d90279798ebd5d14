//! When the next picture is drawn, and how much time has passed since the last one.

use gloo::render::{AnimationFrame, request_animation_frame};

/// A gap longer than this between two frames is no time that passed: the tab was hidden or the machine asleep.
const GAP_MAX_MS: f64 = 500.0;
/// What such a gap counts for.
const FRAME_MS: f64 = 1000.0 / 60.0;
/// While time runs, the turn of some panel comes this often: with every other frame, a little less for the clock's sake.
const PANELS_MS: f64 = 30.0;

/// The one loop of the page. Dropping it ends it.
#[derive(Debug, Default)]
pub(super) struct Frames {
    requested: Option<AnimationFrame>,
    last: Option<f64>,
    panels_at: f64,
}

impl Frames {
    /// Asks for a frame, if none has been asked for yet.
    pub(super) fn request(&mut self, callback: impl FnOnce(f64) + 'static) {
        if self.requested.is_none() {
            self.requested = Some(request_animation_frame(callback));
        }
    }

    /// A frame has come: how many milliseconds are to pass in it.
    pub(super) fn arrive(&mut self, timestamp: f64) -> f64 {
        self.requested = None;
        match self.last.replace(timestamp) {
            Some(last) => elapsed(last, timestamp),
            None => 0.0,
        }
    }

    /// Time stands still now: the next frame is the first one again.
    pub(super) fn rest(&mut self) {
        self.last = None;
    }

    /// Is it time for the panels again?
    pub(super) fn panels_are_due(&mut self, timestamp: f64) -> bool {
        let due = timestamp - self.panels_at >= PANELS_MS || timestamp < self.panels_at;
        if due {
            self.panels_at = timestamp;
        }
        due
    }
}

fn elapsed(last: f64, now: f64) -> f64 {
    let gap = now - last;
    if gap > GAP_MAX_MS { FRAME_MS } else { gap.max(0.0) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_hidden_tab_makes_no_time_jump() {
        assert_eq!(elapsed(100.0, 116.0), 16.0);
        assert_eq!(elapsed(100.0, 10_000.0), FRAME_MS);
        assert_eq!(elapsed(100.0, 90.0), 0.0);
    }

    /// The machine slept, somebody set its clock, or a browser says what no clock says.
    #[test]
    fn clocks_that_jump_do_no_harm() {
        let mut frames = Frames::default();
        let hour = 3_600_000.0;
        let stamps = [
            50_000.0,
            50_016.0,
            50_016.0 + 5.0 * hour,
            40_000.0,
            40_016.0,
            -7.0 * hour,
            f64::MAX,
            0.0,
            f64::NAN,
            16.0,
            f64::INFINITY,
            32.0,
        ];
        let mut passed = 0.0;
        for stamp in stamps {
            let elapsed = frames.arrive(stamp);
            assert!((0.0..=GAP_MAX_MS).contains(&elapsed), "{elapsed} ms at {stamp}");
            passed += elapsed;
        }
        assert!(passed < 150.0, "{passed} ms");
        frames.panels_are_due(f64::MAX);
        assert!(frames.panels_are_due(100.0), "panels are shown, whatever was said before");
        assert!(!frames.panels_are_due(110.0) && frames.panels_are_due(131.0));
    }
}
