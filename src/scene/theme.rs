//! Themes: what colour each role has in light, in dark, and on a projector.
//!
//! The groups' colours follow Okabe and Ito: they stay apart for the three common kinds of colour blindness. Each group
//! has a line pattern too, so nothing is said by colour alone. Words keep the contrast of WCAG 2.2 AA against every
//! ground they stand on; a test computes it.

use std::fmt;

use super::shape::{Dash, GROUP_COLOURS, Role};
use crate::broker::GroupId;

/// The page's face, for words.
pub const SANS: &str = "system-ui, -apple-system, 'Segoe UI', Roboto, 'Noto Sans', 'DejaVu Sans', \
                        'PingFang SC', 'Microsoft YaHei', 'Noto Sans CJK SC', sans-serif";

/// The page's face for figures and codes.
pub const MONO: &str = "ui-monospace, 'SF Mono', Menlo, Consolas, 'DejaVu Sans Mono', monospace";

/// A colour as 0xRRGGBB; prints itself as CSS does.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Colour(pub u32);

impl fmt::Display for Colour {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "#{:06x}", self.0)
    }
}

impl Colour {
    /// This much (in hundredths) of `self`, the rest `other`.
    const fn mix(self, other: Self, hundredths: u32) -> Self {
        let (a, b) = (self.0, other.0);
        let mut out = 0;
        let mut shift = 0;
        while shift < 24 {
            let (x, y) = (a >> shift & 0xff, b >> shift & 0xff);
            out |= ((x * hundredths + y * (100 - hundredths) + 50) / 100) << shift;
            shift += 8;
        }
        Self(out)
    }
}

/// One colour for each role.
#[derive(Clone, Debug, PartialEq)]
pub struct Theme {
    /// Its name, in files and on the command line.
    pub name: &'static str,
    /// Thin lines are so many times as thick ([`Theme::line_width`]).
    pub thickness: f32,
    colours: [Colour; Role::COUNT],
}

/// What a theme is made from; the rest is mixed.
struct Palette {
    plain: [u32; 13],
    groups: [u32; GROUP_COLOURS as usize],
    /// Hundredths of the group's colour in its ground, and in its thin lines.
    soft: u32,
    edge: u32,
}

impl Theme {
    /// For a page by day.
    pub const LIGHT: Self = Self::new(
        "light",
        1.0,
        &Palette {
            plain: [
                0xffffff, // surface
                0xffffff, // raised
                0x17181c, // ink
                0x565c6b, // ink, muted
                0xdee0e6, // line
                0xaab0bd, // line, strong
                0xf0f1f5, // lane
                0xc5cbd8, // token
                0x2f3543, // its mark
                0xe6e8ee, // token, done
                0xa9afbd, // its mark
                0x3b47d1, // accent
                0xb3261e, // danger
            ],
            // blue, vermilion, bluish green, reddish purple, brown, indigo, olive, crimson
            groups: [0x0067a6, 0xb54708, 0x007355, 0x9c3a7d, 0x7a5600, 0x5644b5, 0x4c6b12, 0x9f2b46],
            soft: 10,
            edge: 55,
        },
    );

    /// For a page by night.
    pub const DARK: Self = Self::new(
        "dark",
        1.0,
        &Palette {
            plain: [
                0x1a1c23, // surface
                0x14161b, // raised
                0xf3f4f6, // ink
                0xa6abb9, // ink, muted
                0x32353f, // line
                0x5b606e, // line, strong
                0x22252d, // lane
                0x565d6f, // token
                0xf3f4f6, // its mark
                0x2d313a, // token, done
                0x656b7a, // its mark
                0x8f9bff, // accent
                0xff8a80, // danger
            ],
            groups: [0x56b4e9, 0xf5a259, 0x3ecfa3, 0xe79ac6, 0xe3c34f, 0xaaa3ff, 0xa8cf60, 0xff97a4],
            soft: 15,
            edge: 60,
        },
    );

    /// For a projector in a lit room, and for whoever asks for more contrast: black on white, thick lines, deep colours.
    pub const PROJECTOR: Self = Self::new(
        "projector",
        1.7,
        &Palette {
            plain: [
                0xffffff, // surface
                0xffffff, // raised
                0x000000, // ink
                0x2f3136, // ink, muted
                0x8d929c, // line
                0x50545c, // line, strong
                0xe4e6ec, // lane
                0x9aa2b4, // token
                0x000000, // its mark
                0xd2d6df, // token, done
                0x6f7684, // its mark
                0x1f2bb8, // accent
                0x8e0f0a, // danger
            ],
            groups: [0x004d80, 0x803000, 0x00543e, 0x7a2260, 0x5c4000, 0x3f2f96, 0x39520a, 0x7d1a33],
            soft: 8,
            edge: 75,
        },
    );

    /// For whoever asks for more contrast on a dark page: white on black, thick lines, bright colours.
    pub const CONTRAST: Self = Self::new(
        "contrast",
        1.7,
        &Palette {
            plain: [
                0x000000, // surface
                0x000000, // raised
                0xffffff, // ink
                0xd6d9e0, // ink, muted
                0x7a808c, // line
                0xb4b9c4, // line, strong
                0x16181d, // lane
                0x565d6f, // token
                0xffffff, // its mark
                0x30343d, // token, done
                0x9aa1b0, // its mark
                0xb9c1ff, // accent
                0xffb0a8, // danger
            ],
            groups: [0x7cc8f5, 0xffb873, 0x5fe0b8, 0xf2b3d6, 0xf0d469, 0xc1bcff, 0xbfe57a, 0xffb0ba],
            soft: 12,
            edge: 75,
        },
    );

    /// All of them.
    pub const ALL: [&'static Self; 4] = [&Self::LIGHT, &Self::DARK, &Self::PROJECTOR, &Self::CONTRAST];

    /// The one for a light or a dark page, with more contrast if that is asked for.
    pub fn suited(is_dark: bool, wants_contrast: bool) -> &'static Self {
        match (is_dark, wants_contrast) {
            (false, false) => &Self::LIGHT,
            (true, false) => &Self::DARK,
            (false, true) => &Self::PROJECTOR,
            (true, true) => &Self::CONTRAST,
        }
    }

    const fn new(name: &'static str, thickness: f32, palette: &Palette) -> Self {
        let mut colours = [Colour(0); Role::COUNT];
        let mut at = 0;
        while at < palette.plain.len() {
            colours[at] = Colour(palette.plain[at]);
            at += 1;
        }
        let surface = colours[0];
        let count = palette.groups.len();
        let mut n = 0;
        while n < count {
            let own = Colour(palette.groups[n]);
            colours[at + n] = own;
            colours[at + count + n] = own.mix(surface, palette.soft);
            colours[at + 2 * count + n] = own.mix(surface, palette.edge);
            n += 1;
        }
        Self { name, thickness, colours }
    }

    /// How wide a line is that is `width` wide in the picture: thin lines gain most.
    pub fn line_width(&self, width: f32) -> f32 {
        let more = width * (self.thickness - 1.0);
        if more < 0.8 { width + more } else { width + 0.8 }
    }

    /// The colour of a role.
    pub fn colour(&self, role: Role) -> Colour {
        self.colours[role.index()]
    }
}

/// The number of a group's colour: its own, whatever other groups come and go.
pub fn group_colour(id: GroupId) -> u8 {
    (id.0 % u16::from(GROUP_COLOURS)) as u8
}

/// The pattern of a group's lines. Two groups that share a colour do not share the pattern.
pub fn group_dash(id: GroupId) -> Dash {
    let colours = u16::from(GROUP_COLOURS);
    [Dash::Solid, Dash::Dashed, Dash::Dotted, Dash::DashDot][usize::from((id.0 + id.0 / colours) % 4)]
}

#[cfg(test)]
mod tests {
    use super::*;

    fn luminance(colour: Colour) -> f64 {
        let part = |shift: u32| {
            let c = f64::from(colour.0 >> shift & 0xff) / 255.0;
            if c <= 0.04045 { c / 12.92 } else { libm::pow((c + 0.055) / 1.055, 2.4) }
        };
        0.2126 * part(16) + 0.7152 * part(8) + 0.0722 * part(0)
    }

    /// As WCAG 2.2 defines it.
    fn contrast(a: Colour, b: Colour) -> f64 {
        let (a, b) = (luminance(a), luminance(b));
        (a.max(b) + 0.05) / (a.min(b) + 0.05)
    }

    #[test]
    fn words_are_readable_on_every_ground_they_stand_on() {
        for theme in Theme::ALL {
            let least = if theme.thickness > 1.0 { 7.0 } else { 4.5 };
            let grounds: Vec<Role> = [Role::Surface, Role::Raised, Role::LaneFill]
                .into_iter()
                .chain((0..GROUP_COLOURS).map(Role::GroupSoft))
                .collect();
            for ground in grounds {
                let mut words = vec![Role::Ink, Role::InkMuted, Role::Accent, Role::Danger];
                match ground {
                    Role::GroupSoft(n) => words.push(Role::Group(n)),
                    _ => words.extend((0..GROUP_COLOURS).map(Role::Group)),
                }
                for word in words {
                    let found = contrast(theme.colour(word), theme.colour(ground));
                    assert!(found >= least, "{}: {word:?} on {ground:?} has {found:.2}", theme.name);
                }
            }
        }
    }

    #[test]
    fn what_carries_meaning_stands_out_from_its_ground() {
        for theme in Theme::ALL {
            let pairs = [(Role::TokenMark, Role::Token), (Role::Ink, Role::Surface)];
            let lines = (0..GROUP_COLOURS).map(|n| (Role::Group(n), Role::Token));
            for (sign, ground) in pairs.into_iter().chain(lines) {
                let found = contrast(theme.colour(sign), theme.colour(ground));
                let least = if matches!(sign, Role::Group(_)) { 2.0 } else { 3.0 };
                assert!(found >= least, "{}: {sign:?} on {ground:?} has {found:.2}", theme.name);
            }
            for n in 0..GROUP_COLOURS {
                for ground in [Role::Surface, Role::LaneFill, Role::GroupSoft(n)] {
                    let found = contrast(theme.colour(Role::Group(n)), theme.colour(ground));
                    assert!(found >= 3.0, "{}: group {n} on {ground:?} has {found:.2}", theme.name);
                }
            }
        }
    }

    #[test]
    fn more_contrast_has_more_contrast() {
        for is_dark in [false, true] {
            let [plain, more] = [false, true].map(|wants| Theme::suited(is_dark, wants));
            for role in [Role::InkMuted, Role::Line, Role::LineStrong, Role::Danger, Role::Accent] {
                let of = |theme: &Theme| contrast(theme.colour(role), theme.colour(Role::Surface));
                assert!(of(more) > of(plain), "{role:?} in {}", more.name);
            }
            assert!(more.thickness > plain.thickness);
        }
    }

    #[test]
    fn groups_of_one_colour_differ_in_pattern() {
        for n in 0..64 {
            let look = |id| (group_colour(GroupId(id)), group_dash(GroupId(id)));
            assert!((n + 1..n + 16).all(|other| look(n) != look(other)), "{n}");
        }
        let first: Vec<Dash> = (0..4).map(|n| group_dash(GroupId(n))).collect();
        assert_eq!(first, [Dash::Solid, Dash::Dashed, Dash::Dotted, Dash::DashDot]);
    }

    #[test]
    fn colours_print_as_css_does() {
        assert_eq!(Colour(0x0067a6).to_string(), "#0067a6");
        assert_eq!(Colour(0x000000).mix(Colour(0xffffff), 50), Colour(0x808080));
    }
}
