//! What the marks on the stage mean: a small drawing of each, and a sentence.

use yew::{Html, Properties, function_component, html};

use super::super::session_ref::WordsRef;
use crate::broker::consumer::ConsumerStatus;
use crate::broker::fault::LinkState;
use crate::broker::spec::{MessageType, TopicType};
use crate::broker::{FilterId, World};
use crate::scene::Mark;

/// What there is in a world, and so on its stage, besides queues, messages and consumers.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Marks {
    ordered: bool,
    filtered: bool,
    expired: bool,
    by_message: bool,
    by_queue: bool,
    timer: bool,
    curtain: bool,
    batch: bool,
    answer: bool,
    hole: bool,
    busy: bool,
    lite: bool,
    lost: bool,
    paused: bool,
    calls: bool,
    p2p: bool,
    down: bool,
    unwritten: bool,
    cut: bool,
    on_hold: bool,
    refused: bool,
    differ: bool,
    moved: bool,
    resting: bool,
}

impl Marks {
    /// Those of a world. What is not on the broker's disk yet is only on some stages.
    pub fn of(world: &World, shows_disk: bool) -> Self {
        let live = &world.live;
        let links = || live.faults.iter().flat_map(|faults| faults.links.values());
        let resting = |status| matches!(status, ConsumerStatus::Paused | ConsumerStatus::Leaving);
        let is_of = |kind| world.topics().any(|(_, topic)| topic.message_type == TopicType::Of(kind));
        let groups: Vec<_> = world.groups().map(|(_, group)| group).collect();
        let all = FilterId::ALL;
        Self {
            ordered: is_of(MessageType::Fifo) || groups.iter().any(|group| group.orderly),
            filtered: groups.iter().any(|group| group.subscriptions.iter().any(|known| known.filter != all))
                || live.consumers.iter().any(|consumer| !consumer.filters.is_empty()),
            expired: live.queues.iter().any(|queue| queue.min_offset > 0),
            by_message: groups.iter().any(|group| group.by_message),
            by_queue: groups.iter().any(|group| !group.by_message),
            timer: is_of(MessageType::Delay) || live.producers.iter().any(|one| one.delay.is_some()),
            curtain: is_of(MessageType::Transaction)
                || live.producers.iter().any(|one| one.transaction.is_some()),
            batch: live.producers.iter().any(|one| one.batch() > 1),
            answer: live.producers.iter().any(|one| one.requests.is_some()),
            hole: world.topics().any(|(_, topic)| topic.compacts()),
            busy: world.settings.broker_send_tps > 0 || live.flow.busy.is_some(),
            lite: is_of(MessageType::Lite),
            lost: groups.iter().any(|group| group.pull),
            paused: live.progress.iter().any(|progress| progress.paused_since().is_some()),
            calls: !live.callers.is_empty() || !live.services.is_empty(),
            p2p: !live.p2p.is_empty(),
            down: world.is_down(),
            unwritten: shows_disk,
            cut: links().any(|link| matches!(link.state, LinkState::Cut | LinkState::Deaf)),
            on_hold: links().any(|link| link.state == LinkState::Held),
            refused: live.producers.iter().any(|one| one.refused > 0 || one.given_up > 0 || one.failed > 0),
            differ: world.groups().any(|(id, _)| world.is_inconsistent(id)),
            moved: groups.iter().any(|group| group.moved_at.is_some()),
            resting: live.consumers.iter().any(|consumer| resting(consumer.status)),
        }
    }
}

/// Whether a mark is explained, its words, and how it is drawn.
type Entry = (bool, &'static str, fn() -> Html);

/// Properties of the legend.
#[derive(Clone, PartialEq, Properties)]
pub struct LegendProps {
    /// The catalogue.
    pub words: WordsRef,
    /// What there is to explain.
    pub marks: Marks,
}

/// The legend: only of what may be seen on this stage.
#[function_component]
pub fn Legend(props: &LegendProps) -> Html {
    let entry = |key: &str, drawing: Html| {
        html! {
            <li key={key.to_owned()}>
                <svg class="legend-sign" viewBox="0 0 44 26" aria-hidden="true">{ drawing }</svg>
                <span>{ props.words.say(key) }</span>
            </li>
        }
    };
    let on = props.marks;
    let entries: [Entry; 37] = [
        (true, "legend.lane", lane),
        (true, "legend.message", messages),
        (on.ordered, "legend.message_group", message_group),
        (on.ordered, "legend.queue_lock", queue_lock),
        (on.paused, "legend.queue_paused", queue_paused),
        (true, "legend.states", states),
        (on.filtered, "legend.filtered", filtered),
        (on.expired, "legend.expired", expired),
        (true, "legend.flag", flag),
        (true, "legend.beyond", beyond),
        (on.moved, "legend.moved", moved),
        (on.differ, "legend.differ", differ),
        (on.lite, "legend.tooth", tooth),
        (on.lite, "legend.event_set", event_set),
        (true, "legend.ghost", ghosts),
        (true, "legend.thread", thread),
        (on.by_message, "legend.held", held),
        (true, "legend.gone", gone),
        (on.resting, "legend.resting", resting),
        (on.by_queue || on.lite, "legend.unread", unread),
        (on.timer, "legend.timer", timer),
        (on.curtain, "legend.curtain", curtain),
        (on.batch, "legend.batch", batch),
        (on.answer, "legend.answer", answer),
        (on.hole, "legend.hole", hole),
        (on.busy, "legend.busy", busy),
        (true, "legend.retry", retry),
        (true, "legend.dead", dead),
        (on.lost, "legend.lost", lost),
        (on.refused, "legend.refused", dead),
        (on.down, "legend.down", down),
        (on.unwritten, "legend.unwritten", unwritten),
        (on.cut, "legend.cut", cut),
        (on.on_hold, "legend.on_hold", on_hold),
        (on.calls, "legend.call", call),
        (on.calls, "legend.service", service),
        (on.p2p, "legend.p2p", p2p),
    ];
    html! {
        <ul class="legend-list">
            { for entries.into_iter().filter(|(is_on, ..)| *is_on).map(|(_, key, drawing)| entry(key, drawing())) }
        </ul>
    }
}

fn tooth() -> Html {
    html! {
        <>
            <rect class="legend-token is-done" x="4" y="4" width="8" height="15" rx="1.5" />
            <rect class="legend-token is-done" x="18" y="4" width="8" height="15" rx="1.5" />
            <rect class="legend-sign-on" x="18" y="11" width="8" height="8" />
            <rect class="legend-token is-done" x="32" y="4" width="8" height="15" rx="1.5" />
            <path class="legend-line" d="M4 22h8M18 22h5M32 22h2" />
        </>
    }
}

fn event_set() -> Html {
    html! {
        <>
            <rect class="legend-gone" x="1" y="3" width="42" height="20" rx="5" />
            <rect class="legend-bed" x="10" y="15" width="26" height="3" />
            <rect class="legend-own is-full" x="10" y="15" width="9" height="3" />
        </>
    }
}

fn lane() -> Html {
    html! {
        <>
            <rect class="legend-bed" x="10" y="7" width="33" height="12" rx="3" />
            { for [11, 18, 25].into_iter().map(|x| html! {
                <rect class="legend-token" x={x.to_string()} y="9" width="5" height="8" rx="1.5" />
            }) }
            <path class="legend-line" d="M0 13h7m-3 -3l3 3l-3 3" />
        </>
    }
}

fn messages() -> Html {
    html! {
        <>
            <rect class="legend-token" x="5" y="2" width="13" height="22" rx="3" />
            <rect class="legend-sign-on" x="8.5" y="10" width="6" height="6" />
            <rect class="legend-token is-done" x="25" y="2" width="13" height="22" rx="3" />
            <path class="legend-sign-on" d="M31.5 9.5l3.5 6.5h-7z" />
        </>
    }
}

/// The outline of a sign about a point.
fn marked(mark: Mark, x: f32, y: f32, r: f32) -> String {
    mark.outline().iter().map(|[dx, dy]| format!("{:.1},{:.1} ", x + dx * r, y + dy * r)).collect()
}

/// A padlock about a point.
fn padlock(x: f32, y: f32, r: f32) -> Html {
    html! { <polygon class="legend-own is-full" points={marked(Mark::Lock, x, y, r)} /> }
}

fn message_group() -> Html {
    html! {
        <>
            <rect class="legend-token" x="5" y="2" width="13" height="22" rx="3" />
            <text class="legend-number" x="8.5" y="17">{ "A" }</text>
            <rect class="legend-token" x="25" y="2" width="13" height="22" rx="3" />
            { padlock(31.5, 7.5, 3.6) }
            <text class="legend-number" x="28.5" y="20">{ "A" }</text>
        </>
    }
}

fn queue_lock() -> Html {
    html! {
        <>
            { padlock(5.0, 9.0, 4.2) }
            <rect class="legend-bed" x="12" y="7" width="31" height="12" rx="3" />
            <rect class="legend-token" x="14" y="9" width="5" height="8" rx="1.5" />
            <rect class="legend-token" x="21" y="9" width="5" height="8" rx="1.5" />
        </>
    }
}

fn queue_paused() -> Html {
    html! {
        <>
            <rect class="legend-own is-full" x="2" y="9" width="2.6" height="8" />
            <rect class="legend-own is-full" x="6.500" y="9" width="2.6" height="8" />
            <rect class="legend-bed" x="12" y="7" width="31" height="12" rx="3" />
            <rect class="legend-token" x="14" y="9" width="5" height="8" rx="1.5" />
            <rect class="legend-token" x="21" y="9" width="5" height="8" rx="1.5" />
        </>
    }
}

fn batch() -> Html {
    html! {
        <>
            <rect class="legend-own is-empty" x="11" y="2" width="11" height="16" rx="3" stroke-width="1.25" />
            <rect class="legend-own is-empty" x="14" y="4.5" width="11" height="16" rx="3" stroke-width="1.25" />
            <rect class="legend-token" x="17" y="7" width="11" height="16" rx="3" />
        </>
    }
}

fn answer() -> Html {
    html! {
        <>
            <path class="legend-line" d="M2 13h9m-6 -3l-3 3l3 3M33 13h9" />
            <circle class="legend-own is-empty" cx="22" cy="13" r="7" stroke-width="1.75" />
            <rect class="legend-own is-full" x="19" y="10" width="6" height="6" />
        </>
    }
}

fn hole() -> Html {
    html! {
        <>
            <rect class="legend-token" x="2" y="2" width="12" height="22" rx="3" />
            <rect class="legend-gone" x="17" y="3" width="10" height="20" rx="3" />
            <rect class="legend-token" x="30" y="2" width="12" height="22" rx="3" />
        </>
    }
}

fn busy() -> Html {
    html! {
        <>
            { padlock(10.0, 13.0, 5.0) }
            { for [20, 24, 28].into_iter().map(|x| html! {
                <rect class="legend-token" x={x.to_string()} y="8" width="2.2" height="10" rx="1" />
            }) }
            <text class="legend-number" x="34" y="17">{ "3" }</text>
        </>
    }
}

fn states() -> Html {
    html! {
        <>
            { for [1, 16, 31].into_iter().map(|x| html! {
                <rect class="legend-token" x={x.to_string()} y="2" width="12" height="22" rx="3" />
            }) }
            <circle class="legend-own" cx="7" cy="8" r="2.4" />
            <circle class="legend-own is-full" cx="22" cy="8" r="3" />
            <rect class="legend-own is-full" x="33.5" y="7" width="7" height="2.4" rx="1" />
        </>
    }
}

fn filtered() -> Html {
    html! {
        <>
            <rect class="legend-token" x="16" y="2" width="12" height="22" rx="3" />
            <path class="legend-line" d="M18.5 21l7 -5" />
        </>
    }
}

fn expired() -> Html {
    html! {
        <>
            <rect class="legend-bed" x="2" y="5" width="40" height="16" rx="3" />
            <rect class="legend-token" x="4" y="7" width="5" height="12" rx="1.5" />
            <rect class="legend-token" x="11" y="7" width="5" height="12" rx="1.5" />
            <path class="legend-line" d="M20 7v12M22 19l6 -12M29 19l6 -12M36 19l5 -10" />
        </>
    }
}

fn call() -> Html {
    html! {
        <>
            <path class="legend-line" d="M1 13h42" />
            <circle class="legend-token" cx="9" cy="13" r="4" />
            <circle class="legend-rest" cx="23" cy="13" r="4" />
            <path class="legend-dead" d="M33.500 9.500l7 7m0 -7l-7 7" />
        </>
    }
}

fn service() -> Html {
    html! {
        <>
            <rect class="legend-rest" x="1" y="3" width="42" height="20" rx="5" />
            <rect class="legend-token" x="6" y="9" width="8" height="8" rx="1.5" />
            <rect class="legend-token" x="18" y="9" width="8" height="8" rx="1.5" />
            <rect class="legend-line" x="30" y="9" width="8" height="8" rx="1.5" />
        </>
    }
}

fn p2p() -> Html {
    html! {
        <>
            <rect class="legend-bed" x="1" y="7" width="26" height="12" rx="3" />
            <rect class="legend-token" x="14" y="9" width="5" height="8" rx="1.5" />
            <rect class="legend-token" x="21" y="9" width="5" height="8" rx="1.5" />
            <path class="legend-line" d="M28 13h4" />
            <rect class="legend-token" x="33" y="8" width="10" height="10" rx="2" />
        </>
    }
}

fn flag() -> Html {
    html! {
        <>
            <path class="legend-own" d="M1 9h20v15" stroke-width="2" />
            <path class="legend-own is-full" d="M21 4.5h3l6 4.5l-6 4.5h-3z" />
            <text class="legend-number" x="33" y="13">{ "7" }</text>
        </>
    }
}

fn beyond() -> Html {
    let points = marked(Mark::Arrow, 36.0, 9.0, 5.0);
    html! {
        <>
            <path class="legend-own" d="M1 9h30" stroke-width="2" />
            <polygon class="legend-own is-full" {points} />
        </>
    }
}

fn moved() -> Html {
    html! { <polygon class="legend-own is-full" points={marked(Mark::Swap, 22.0, 13.0, 9.0)} /> }
}

fn differ() -> Html {
    html! { <polygon class="legend-danger" points={marked(Mark::Triangle, 22.0, 13.5, 9.0)} /> }
}

fn resting() -> Html {
    html! {
        <>
            <rect class="legend-rest is-thin" x="1" y="3" width="42" height="20" rx="5" />
            <rect class="legend-muted" x="13" y="8" width="2.6" height="10" />
            <rect class="legend-muted" x="18" y="8" width="2.6" height="10" />
            <polygon class="legend-muted" points={marked(Mark::Arrow, 31.0, 13.0, 5.0)} />
        </>
    }
}

fn down() -> Html {
    html! { <rect class="legend-gone is-danger" x="3" y="3" width="38" height="20" rx="5" /> }
}

fn unwritten() -> Html {
    html! {
        <>
            <rect class="legend-bed" x="2" y="5" width="40" height="16" rx="3" />
            <path class="legend-line" d="M4 19l6 -12M11 19l6 -12" />
            <path class="legend-gone" d="M22 4v18" />
            <rect class="legend-token" x="26" y="7" width="5" height="12" rx="1.5" />
            <rect class="legend-token" x="33" y="7" width="5" height="12" rx="1.5" />
        </>
    }
}

fn cut() -> Html {
    html! {
        <>
            <path class="legend-line" d="M0 13h44" />
            <circle class="legend-danger-ring" cx="12" cy="13" r="8" />
            <path class="legend-danger-line" d="M9 10l6 6m0 -6l-6 6" />
            <circle class="legend-danger-ring is-dotted" cx="32" cy="13" r="8" />
            <path class="legend-danger-line" d="M29 10l6 6m0 -6l-6 6" />
        </>
    }
}

fn on_hold() -> Html {
    html! {
        <>
            <path class="legend-line" d="M0 13h44" />
            <circle class="legend-sign-ring" cx="14" cy="13" r="8" />
            <rect class="legend-sign-on" x="10.500" y="9" width="2.4" height="8" />
            <rect class="legend-sign-on" x="15.100" y="9" width="2.4" height="8" />
            { for [26, 31, 36].into_iter().map(|x| html! {
                <rect class="legend-sign-ring" x={x.to_string()} y="9" width="3" height="8" rx="1" />
            }) }
        </>
    }
}

fn ghosts() -> Html {
    html! {
        <>
            <path class="legend-own is-faint" d="M0 13h44" />
            <rect class="legend-own is-empty" x="6" y="5" width="11" height="16" rx="3" stroke-width="2" />
            <rect class="legend-own is-empty is-dotted" x="27" y="5" width="11" height="16" rx="3" stroke-width="2" />
        </>
    }
}

fn thread() -> Html {
    html! {
        <>
            <circle class="legend-rest" cx="12" cy="13" r="7" />
            <circle class="legend-rest" cx="32" cy="13" r="7" />
            <path class="legend-own" d="M32 6a7 7 0 1 1 -6.7 9" stroke-width="2.6" />
        </>
    }
}

fn held() -> Html {
    html! {
        <>
            <circle class="legend-own is-faint" cx="22" cy="13" r="8" />
            <path class="legend-own" d="M22 5a8 8 0 0 0 -4 15" stroke-width="2.4" />
            <rect class="legend-own is-full" x="19" y="10" width="6" height="6" />
        </>
    }
}

fn gone() -> Html {
    html! { <rect class="legend-gone" x="3" y="4" width="38" height="18" rx="5" /> }
}

fn timer() -> Html {
    html! {
        <>
            <circle class="legend-rest" cx="22" cy="13" r="11" />
            <path class="legend-line" d="M22 13l5 -5M22 2v4M31.500 7.500l-3.400 2M31.500 18.500l-3.400 -2" />
        </>
    }
}

fn curtain() -> Html {
    html! {
        <>
            <path class="legend-line" d="M4 4h36M5 4v20M16 4v20M28 4v20M39 4v20" />
            <rect class="legend-rest" x="6.500" y="8" width="8" height="13" rx="2" />
            <rect class="legend-rest" x="18" y="8" width="8" height="13" rx="2" />
        </>
    }
}

fn retry() -> Html {
    html! {
        <>
            <path class="legend-own" d="M25 7.5a7 7 0 1 1 -7 0.4" stroke-width="1.8" />
            <path class="legend-own is-full" d="M21.5 6.6l-5 -2.2l0.6 6z" />
        </>
    }
}

fn dead() -> Html {
    html! { <path class="legend-dead" d="M16.5 7.5l11 11m0 -11l-11 11" /> }
}

fn lost() -> Html {
    html! {
        <>
            <rect class="legend-danger-ring is-dotted" x="14" y="5" width="16" height="16" rx="3" />
            <path class="legend-danger-line" d="M18 9l8 8m0 -8l-8 8" />
        </>
    }
}

fn unread() -> Html {
    html! {
        <>
            <path class="legend-own" d="M8 13h14" stroke-width="1.5" />
            <circle class="legend-own" cx="26" cy="13" r="4" stroke-width="1.5" />
            <path class="legend-own" d="M23 16l6 -6" stroke-width="1.5" />
        </>
    }
}
