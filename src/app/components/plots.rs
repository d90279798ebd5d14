//! The charts: three pictures that share the time axis of the transport and one cursor, each with its numbers.

use std::cell::RefCell;
use std::rc::Rc;

use gloo::file::{Blob, ObjectUrl};
use web_sys::{Element, HtmlSelectElement};
use yew::{
    AttrValue, Callback, Event, Html, PointerEvent, Properties, TargetCast, classes, function_component,
    html, use_effect_with, use_mut_ref, use_node_ref, use_state_eq,
};

use super::super::files;
use super::super::panel::{Look, PanelProps};
use super::super::session_ref::{Observers, SessionRef, WordsRef};
use super::super::store::{ComparisonRef, Msg};
use super::super::words::clock;
use super::seen::use_seen;
use super::width::use_width;
use crate::broker::{MessageRef, QueueId, World};
use crate::plot::{self, Chart, Column, Reading, Style};
use crate::scene::{Role, Subject};
use crate::session::Session;
use crate::sim::Instant;

/// Rows of the table in the page; the file has all there are.
const ROWS: usize = 200;

/// Properties of the charts.
#[derive(Clone, PartialEq, Properties)]
pub struct PlotsProps {
    /// What every panel gets.
    pub panel: PanelProps,
    /// For each chart, what its panel's revision is.
    pub revisions: [u64; 6],
    /// Another branch of the run, if one is compared with this.
    pub comparison: Option<ComparisonRef>,
    /// How much there is to be seen of that.
    pub compared: u64,
}

/// The charts. While time runs they are drawn again in turn, never two in one frame.
#[function_component]
pub fn Plots(props: &PlotsProps) -> Html {
    let PanelProps { session, words, look, .. } = &props.panel;
    let [accumulation, offsets, rates, calls, times, in_use] =
        props.revisions.map(|revision| PanelProps { revision, ..props.panel.clone() });
    let other = || props.comparison.clone().map(|it| (it, props.compared));
    let picked = use_state_eq(|| None::<QueueId>);
    {
        let picked = picked.clone();
        let session = session.clone();
        use_effect_with(look.selected, move |selected| {
            if let Some(queue) = selected.and_then(|subject| queue_of(session.borrow().world(), subject)) {
                picked.set(Some(queue));
            }
        });
    }
    let (has_messages, has_beside, has_calls) = {
        let session = session.borrow();
        let beside = &session.observer().0.calls;
        let live = &session.world().live;
        let has_messages = !(live.topics.is_empty() && live.groups.is_empty());
        (has_messages || !beside.is_used(), beside.is_used(), beside.since.is_some())
    };
    let queues = queues(session.borrow().world());
    // What was picked may be of another run.
    let known = |queue: &QueueId| queues.iter().any(|(id, _)| id == queue);
    let queue = picked.filter(known).or(queues.first().map(|(id, _)| *id)).unwrap_or_default();
    let pick = Callback::from(move |queue| picked.set(Some(queue)));
    html! {
        <>
            if has_messages {
                <Figure panel={accumulation} subject={plot::Subject::Accumulation} name="accumulation" other={other()} />
                <Figure panel={offsets} subject={plot::Subject::Offsets(queue)} name="offsets" other={other()}>
                    <QueuePicker {queues} {queue} {pick} label={words.say("plot.queue")} />
                </Figure>
                <Figure panel={rates} subject={plot::Subject::Rates} name="rates" other={other()} />
            }
            if has_beside {
                <Figure panel={calls} subject={plot::Subject::Calls} name="calls" other={other()} />
                <Figure panel={in_use} subject={plot::Subject::InUse} name="in-use" other={other()} />
            }
            if has_calls {
                <Figure panel={times} subject={plot::Subject::Times} name="times" other={other()} />
            }
        </>
    }
}

/// The queue that something is in, if it is in one.
fn queue_of(world: &World, subject: Subject) -> Option<QueueId> {
    match subject {
        Subject::Queue(queue) | Subject::Message(MessageRef { queue, .. }) => Some(queue),
        Subject::Cursor(id) => world.live.progress.get(id.index()).map(|_| world.progress(id).queue),
        _ => None,
    }
}

/// All queues with their names, ordinary topics first.
fn queues(world: &World) -> Vec<(QueueId, AttrValue)> {
    let ordinary = |topic: &&crate::broker::topic::TopicState| topic.is_ordinary();
    let (first, then): (Vec<_>, Vec<_>) = world.topics().map(|(_, topic)| topic).partition(ordinary);
    let all = first.into_iter().chain(then).flat_map(|topic| &topic.queues);
    all.map(|id| (*id, world.queue_name(*id).into())).collect()
}

/// Properties of the picker.
#[derive(Clone, PartialEq, Properties)]
struct QueuePickerProps {
    queues: Vec<(QueueId, AttrValue)>,
    queue: QueueId,
    pick: Callback<QueueId>,
    label: String,
}

/// Chooses the queue whose offsets are drawn.
#[function_component]
fn QueuePicker(props: &QueuePickerProps) -> Html {
    let onchange = {
        let ids: Vec<QueueId> = props.queues.iter().map(|(id, _)| *id).collect();
        let pick = props.pick.clone();
        Callback::from(move |event: Event| {
            let select: HtmlSelectElement = event.target_unchecked_into();
            let index = usize::try_from(select.selected_index()).unwrap_or(usize::MAX);
            if let Some(queue) = ids.get(index) {
                pick.emit(*queue);
            }
        })
    };
    html! {
        <select class="plot-queue" aria-label={props.label.clone()} {onchange} disabled={props.queues.is_empty()}>
            { for props.queues.iter().map(|(id, name)| html! {
                <option key={id.0} value={id.0.to_string()} selected={*id == props.queue}>{ name }</option>
            }) }
        </select>
    }
}

/// Properties of a chart.
#[derive(Clone, PartialEq, Properties)]
struct FigureProps {
    panel: PanelProps,
    subject: plot::Subject,
    /// Its name in file names and ids.
    name: &'static str,
    /// The branch under it, and how much there is to be seen of that.
    other: Option<(ComparisonRef, u64)>,
    /// What else stands in its heading.
    #[prop_or_default]
    children: Html,
}

/// One chart: heading, picture, the same in a sentence, and its numbers.
#[function_component]
fn Figure(props: &FigureProps) -> Html {
    let FigureProps { panel, subject, name, other, children } = props;
    let PanelProps { session, words, look, .. } = panel;
    let room = use_node_ref();
    let width = use_width(&room, 0);
    let revision = use_seen(panel.revision, look.is_playing, &room);
    let is_open = use_state_eq(|| false);
    let drawn = use_mut_ref(|| None::<Drawn>);
    let saved = use_mut_ref(|| None::<ObjectUrl>);

    let state = Key {
        session: session.clone(),
        subject: *subject,
        words: words.clone(),
        look: (look.theme.name, look.end.0),
        width,
        other: other.clone(),
    };
    draw(&mut drawn.borrow_mut(), state, panel, revision, *is_open);
    let drawn = drawn.borrow();

    let run = session.borrow();
    let (series, world) = (&run.observer().0, run.world());
    let (title, unit) = plot::heading(*subject, series, world, words);
    let readings = look.cursor.map(|at| plot::readings(*subject, series, world, words, at));
    let id = format!("plot-{name}");
    let save = |kind: &'static str, label: &str| {
        let (panel, subject, saved) = (panel.clone(), *subject, saved.clone());
        let file = format!("mqscope-{name}.{kind}");
        let onclick = Callback::from(move |_| save(&panel, subject, width, kind, &file, &saved));
        html! {
            <button type="button" class="plot-save" {onclick} aria-label={words.fill(label, &[("chart", &title)])}>
                { words.say(if kind == "csv" { "plot.csv" } else { "plot.svg" }) }
            </button>
        }
    };
    html! {
        <figure class="card plot" aria-labelledby={id.clone()} data-plot={*name}>
            <div class="plot-head">
                <h2 {id}>{ &title }</h2>
                if matches!(subject, plot::Subject::Offsets(_)) {
                    { children.clone() }
                } else {
                    <span class="plot-unit">{ unit }</span>
                }
            </div>
            <div class="plot-room" ref={room}>
                if let Some(drawn) = &*drawn {
                    <Picture chart={drawn.chart.clone()} readings={readings.clone()} look={*look}
                        dispatch={panel.dispatch.clone()} />
                }
            </div>
            <figcaption class="plot-says">
                if let Some((at, readings)) = look.cursor.zip(readings.as_ref().filter(|all| !all.is_empty())) {
                    <Readings at={clock(at).0} readings={readings.clone()} />
                } else if let Some(drawn) = &*drawn {
                    { drawn.chart.0.summary.clone() }
                }
            </figcaption>
            <span class="plot-saves">
                { save("csv", "plot.save_csv") }
                { save("svg", "plot.save_svg") }
            </span>
            <details ontoggle={toggle(&is_open)}>
                <summary>{ words.say("plot.data") }</summary>
                if let Some(table) = drawn.as_ref().and_then(|drawn| drawn.table.clone()) {
                    <Numbers table={table} title={title} words={words.clone()} />
                }
            </details>
        </figure>
    }
}

fn toggle(is_open: &yew::UseStateHandle<bool>) -> Callback<Event> {
    let is_open = is_open.clone();
    Callback::from(move |event: Event| {
        let details: Element = event.target_unchecked_into();
        is_open.set(details.has_attribute("open"));
    })
}

/// Where the charts' time axes end.
fn axis_end(panel: &PanelProps) -> Instant {
    plot::ticks::axis_end(panel.session.borrow().now(), panel.look.end)
}

/// What a chart was drawn from, but for what has happened since.
#[derive(Clone, PartialEq)]
struct Key {
    session: SessionRef,
    subject: plot::Subject,
    words: WordsRef,
    /// Its colours, and where the run ends; where the pointer is does not matter.
    look: (&'static str, u64),
    width: u32,
    other: Option<(ComparisonRef, u64)>,
}

/// A chart handed on without copying.
#[derive(Clone)]
struct ChartRef(Rc<Chart>);

impl PartialEq for ChartRef {
    fn eq(&self, other: &Self) -> bool {
        Rc::ptr_eq(&self.0, &other.0)
    }
}

/// A chart as it was drawn last.
struct Drawn {
    key: Key,
    revision: u64,
    chart: ChartRef,
    /// Its numbers, while somebody looks at them.
    table: Option<TableRef>,
}

/// Draws the chart again, if it must be: at once when something else is to be seen, and when its turn comes.
fn draw(drawn: &mut Option<Drawn>, key: Key, panel: &PanelProps, revision: u64, is_open: bool) {
    if key.width == 0 {
        return;
    }
    if let Some(last) = drawn
        && last.key == key
        && last.table.is_some() == is_open
        && last.revision == revision
    {
        return;
    }
    let session = panel.session.borrow();
    let chart = drawn_over(&key, &session, &style(panel, key.width));
    let table = is_open.then(|| {
        let table = plot::table(key.subject, &session.observer().0, session.world(), &panel.words, ROWS);
        TableRef(Rc::new(table))
    });
    *drawn = Some(Drawn { key, revision, chart: ChartRef(Rc::new(chart)), table });
}

fn drawn_over(key: &Key, session: &Session<Observers>, style: &Style<'_>) -> Chart {
    let here = (&session.observer().0, session.world());
    match &key.other {
        Some((comparison, _)) => {
            let run = &comparison.borrow().run;
            plot::draw_over(key.subject, here, (&run.observer().0, run.there()), style)
        }
        None => plot::draw(key.subject, here.0, here.1, style),
    }
}

fn style(panel: &PanelProps, width: u32) -> Style<'_> {
    Style {
        width,
        height: if width < 420 { 200 } else { 220 },
        theme: panel.look.theme,
        words: &panel.words,
        until: axis_end(panel),
        stands_alone: false,
    }
}

/// Properties of a picture.
#[derive(Clone, PartialEq, Properties)]
struct PictureProps {
    chart: ChartRef,
    /// What the lines are at the cursor.
    readings: Option<Vec<Reading>>,
    look: Look,
    dispatch: Callback<Msg>,
}

/// The picture, and over it the cursor that all charts share.
#[function_component]
fn Picture(props: &PictureProps) -> Html {
    let frame = props.chart.0.frame;
    let move_to = props.dispatch.reform(move |event: PointerEvent| {
        let place = event.target_unchecked_into::<Element>().closest(".plot-picture").ok().flatten();
        let left = place.map_or(0.0, |place| place.get_bounding_client_rect().left());
        // Whole pixels: within one of them there is nothing new to see.
        let x = (f64::from(event.client_x()) - left).round();
        let is_inside = (f64::from(frame.x.0) - 4.0..=f64::from(frame.x.1) + 4.0).contains(&x);
        Msg::Cursor(is_inside.then(|| frame.instant_at(x)))
    });
    let leave = props.dispatch.reform(|_: PointerEvent| Msg::Cursor(None));
    let (w, h) = frame.size;
    html! {
        <div class="plot-picture" onpointermove={move_to} onpointerleave={leave}>
            <PictureText chart={props.chart.clone()} />
            if let Some(at) = props.look.cursor.filter(|at| *at <= frame.until) {
                <svg class="plot-cursor" width={w.to_string()} height={h.to_string()} viewBox={format!("0 0 {w} {h}")}
                    aria-hidden="true" focusable="false">
                    <line x1={frame.x_of(at).to_string()} x2={frame.x_of(at).to_string()} y1={frame.y.1.to_string()}
                        y2={frame.y.0.to_string()} />
                    { for props.readings.iter().flatten().map(|reading| html! {
                        <circle class={class_of(reading.role)} cx={frame.x_of(at).to_string()}
                            cy={frame.y_of(reading.height).to_string()} r="4" />
                    }) }
                </svg>
            }
        </div>
    }
}

/// Properties of a picture's text.
#[derive(Clone, PartialEq, Properties)]
struct PictureTextProps {
    chart: ChartRef,
}

/// The picture itself, written past the virtual DOM, which would make the old one's elements go one by one. Whatever
/// names it contains are text in it: `tests/plots.rs` reads pictures full of hostile names with a parser that knows
/// nothing but the few elements and attributes charts are made of.
#[function_component]
fn PictureText(props: &PictureTextProps) -> Html {
    let place = use_node_ref();
    use_effect_with((place.clone(), props.chart.clone()), |(place, chart)| {
        if let Some(place) = place.cast::<Element>() {
            place.set_inner_html(&chart.0.svg);
        }
    });
    html! { <div ref={place} class="plot-svg"></div> }
}

/// Properties of the readings.
#[derive(Clone, PartialEq, Properties)]
struct ReadingsProps {
    at: String,
    readings: Vec<Reading>,
}

/// What the lines are at the cursor.
#[function_component]
fn Readings(props: &ReadingsProps) -> Html {
    html! {
        <>
            <span class="digits">{ &props.at }</span>
            { for props.readings.iter().map(|reading| html! {
                <span class={classes!("plot-reading", class_of(reading.role))}>
                    { format!(" {} {}", reading.name, reading.value) }
                </span>
            }) }
        </>
    }
}

/// The class that gives an element a line's colour.
fn class_of(role: Role) -> Option<String> {
    match role {
        Role::Group(n) => Some(format!("g{n}")),
        _ => None,
    }
}

/// Numbers handed on without copying.
#[derive(Clone)]
struct TableRef(Rc<plot::Table>);

impl PartialEq for TableRef {
    fn eq(&self, other: &Self) -> bool {
        Rc::ptr_eq(&self.0, &other.0)
    }
}

/// Properties of the numbers.
#[derive(Clone, PartialEq, Properties)]
struct NumbersProps {
    table: TableRef,
    title: String,
    words: WordsRef,
}

/// A chart's numbers as a table, the newest first.
#[function_component]
fn Numbers(props: &NumbersProps) -> Html {
    let table = &props.table.0;
    let head =
        |column: &Column| html! { <th scope="col">{ format!("{} ({})", column.name, column.unit) }</th> };
    let row = |cells: &Vec<plot::Cell>| {
        let rest = cells.iter().skip(1).map(|cell| html! { <td class="number digits">{ &cell.shown }</td> });
        html! {
            <tr>
                <th scope="row" class="digits">{ cells.first().map(|cell| cell.shown.clone()) }</th>
                { for rest }
            </tr>
        }
    };
    html! {
        <>
            <p class="muted plot-rows">{ props.words.say("plot.rows") }</p>
            <div class="scroll plot-table" tabindex="0" role="region" aria-label={props.title.clone()}>
                <table>
                    <thead><tr>{ for table.columns.iter().map(head) }</tr></thead>
                    <tbody>{ for table.rows.iter().rev().map(row) }</tbody>
                </table>
            </div>
        </>
    }
}

/// Gives the chart away as a file: its numbers, all there are, or its picture.
fn save(
    panel: &PanelProps,
    subject: plot::Subject,
    width: u32,
    kind: &str,
    file: &str,
    kept: &RefCell<Option<ObjectUrl>>,
) {
    let session = panel.session.borrow();
    kept.replace(Some(files::save(content(&session, panel, subject, width, kind), file)));
}

fn content(
    session: &Session<Observers>,
    panel: &PanelProps,
    subject: plot::Subject,
    width: u32,
    kind: &str,
) -> Blob {
    let (series, world) = (&session.observer().0, session.world());
    if kind == "csv" {
        let table = plot::table(subject, series, world, &panel.words, usize::MAX);
        return Blob::new_with_options(table.csv().as_str(), Some("text/csv;charset=utf-8"));
    }
    let style = style(panel, width.max(480));
    let chart = plot::draw(subject, series, world, &Style { height: 300, stands_alone: true, ..style });
    Blob::new_with_options(chart.svg.as_str(), Some("image/svg+xml"))
}
