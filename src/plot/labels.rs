//! Where the words of a chart stand: at the ends of their lines if there is room beside the plot, in a legend above
//! it if there is not.

use crate::scene::shape::Font;
use crate::scene::text::width;

/// Shortens a name to a width, with an ellipsis if anything is taken away.
pub(super) fn shortened(name: &str, size: f32, font: Font, room: f32) -> String {
    if width(name, size, font) <= room {
        return name.to_owned();
    }
    let room = room - width("…", size, font);
    let mut wide = 0.0;
    let fits = |c: &char| {
        wide += width(c.encode_utf8(&mut [0; 4]), size, font);
        wide <= room
    };
    let mut kept: String = name.chars().take_while(fits).collect();
    kept.push('…');
    kept
}

/// Moves labels apart that want to stand at these heights: each keeps `gap` to the next, all stay between `top` and
/// `bottom`, and those that fit where they are stay there. Gives the heights in the order of the wishes.
pub(super) fn apart(wishes: &[i32], gap: i32, top: i32, bottom: i32) -> Vec<i32> {
    let mut order: Vec<usize> = (0..wishes.len()).collect();
    order.sort_by_key(|&index| (wishes[index], index));
    // Heaps of labels that touch: how many, and where the first of them stands. A heap stands where the wishes in it
    // are met best on average; heaps that come to overlap become one.
    let mut heaps: Vec<(i32, i32, i32)> = Vec::new();
    for (nth, &index) in order.iter().enumerate() {
        let nth = nth as i32;
        // What the first label of a heap would wish, if this one were in it: the wish less the distance to it.
        let mut heap = (1, wishes[index] - nth * gap, nth);
        while let Some(&(count, sum, first)) = heaps.last() {
            let ends = place(count, sum, first, gap, top, bottom, wishes.len()) + count * gap;
            let starts = place(heap.0, heap.1, heap.2, gap, top, bottom, wishes.len());
            if ends <= starts {
                break;
            }
            heap = (count + heap.0, sum + heap.1, first);
            heaps.pop();
        }
        heaps.push(heap);
    }
    let mut heights = vec![0; wishes.len()];
    for (count, sum, first) in heaps {
        let start = place(count, sum, first, gap, top, bottom, wishes.len());
        for nth in 0..count {
            heights[order[(first + nth) as usize]] = start + nth * gap;
        }
    }
    heights
}

/// Where a heap of `count` labels begins: `first` is the number of its first label, `sum` the sum of its wishes.
fn place(count: i32, sum: i32, first: i32, gap: i32, top: i32, bottom: i32, all: usize) -> i32 {
    let after = all as i32 - first - count;
    let lowest = bottom - (count - 1 + after) * gap;
    (sum.div_euclid(count) + first * gap).min(lowest).max(top + first * gap)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn labels_that_fit_stay_and_others_share_the_way() {
        assert!(apart(&[], 15, 0, 100).is_empty());
        assert_eq!(apart(&[50], 15, 0, 100), [50]);
        assert_eq!(apart(&[80, 20], 15, 0, 100), [80, 20]);
        assert_eq!(apart(&[50, 50], 16, 0, 100), [42, 58]);
        assert_eq!(apart(&[50, 52, 10], 16, 0, 100), [43, 59, 10]);
        assert_eq!(apart(&[0, 0, 0], 15, 0, 100), [0, 15, 30]);
        assert_eq!(apart(&[100, 99, 98], 15, 0, 100), [100, 85, 70]);
    }

    #[test]
    fn no_two_labels_touch_and_none_leaves_the_plot() {
        for seed in 0..2_000u64 {
            let draws = crate::sim::Chance::new(seed).stream(crate::sim::Stream::World, 3);
            let count = draws.below(0, 9) as usize;
            let wishes: Vec<i32> = (0..count).map(|n| draws.below(n as u64 + 1, 131) as i32).collect();
            let heights = apart(&wishes, 15, 5, 125);
            let mut sorted = heights.clone();
            sorted.sort_unstable();
            assert!(sorted.windows(2).all(|pair| pair[1] - pair[0] >= 15), "{wishes:?} {heights:?}");
            assert!(heights.iter().all(|height| (5..=125).contains(height)), "{wishes:?} {heights:?}");
        }
    }

    #[test]
    fn long_names_end_in_an_ellipsis() {
        assert_eq!(shortened("billing", 12.0, Font::Bold, 100.0), "billing");
        let short = shortened("billing-and-invoices", 12.0, Font::Bold, 80.0);
        assert!(short.ends_with('…') && width(&short, 12.0, Font::Bold) <= 80.0, "{short}");
    }
}
