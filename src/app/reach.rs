//! Going from thing to thing on the stage with the arrow keys.

use crate::scene::{Picture, Subject};

/// Where an arrow points.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Direction {
    /// Towards the producers.
    Left,
    /// Towards the consumers.
    Right,
    /// Up.
    Up,
    /// Down.
    Down,
}

/// Turning aside costs so many times as much as going on.
const ASIDE: f32 = 2.5;

/// The thing nearest to the selected one in this direction; without a selection, the first thing on the stage.
pub fn towards(picture: &Picture, selected: Option<Subject>, direction: Direction) -> Option<Subject> {
    let Some((from, (x, y))) = selected.and_then(|it| Some((it, middle(picture, it)?))) else {
        return picture.targets.iter().map(|target| target.subject).find(|it| is_reached(*it));
    };
    let mut best: Option<(f32, Subject)> = None;
    for target in &picture.targets {
        if target.subject == from || !is_reached(target.subject) {
            continue;
        }
        let (dx, dy) = (target.area.middle_x() - x, target.area.middle_y() - y);
        let (ahead, aside) = match direction {
            Direction::Left => (-dx, dy.abs()),
            Direction::Right => (dx, dy.abs()),
            Direction::Up => (-dy, dx.abs()),
            Direction::Down => (dy, dx.abs()),
        };
        // Within a wedge of about 60 degrees to either side.
        if ahead < 1.0 || aside > ahead * 1.8 + 4.0 {
            continue;
        }
        let cost = ahead + aside * ASIDE;
        if best.is_none_or(|(least, _)| cost < least) {
            best = Some((cost, target.subject));
        }
    }
    best.map(|(_, subject)| subject)
}

/// What flies is too quick for the keyboard; it is reached where it comes from or goes to.
fn is_reached(subject: Subject) -> bool {
    !matches!(subject, Subject::Sending(..) | Subject::Thread(..))
}

fn middle(picture: &Picture, subject: Subject) -> Option<(f32, f32)> {
    picture.place_of(subject).map(|area| (area.middle_x(), area.middle_y()))
}
