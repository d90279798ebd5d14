//! What is broken and what broke, as numbers; nothing where nothing ever did.

use yew::{Html, html};

use super::{Number, WordsRef};
use crate::broker::World;
use crate::metrics::faults::{FaultReport, faults};
use crate::metrics::report::half_messages;

/// A number: its field in the report, its key in the catalogue, and how to read it.
type Count = (&'static str, &'static str, fn(&FaultReport) -> u64);

const COUNTS: [Count; 10] = [
    ("broker_crashes", "fault.broker_crashes", |f| f.counts.broker_crashes),
    ("lost_messages", "fault.lost_messages", |f| f.counts.lost_messages),
    ("lost_sends", "fault.lost_sends", |f| f.counts.lost_sends),
    ("lost_answers", "fault.lost_answers", |f| f.counts.lost_answers),
    ("resends", "fault.resends", |f| f.counts.resends),
    ("duplicates", "fault.duplicates", |f| f.counts.duplicates),
    ("failed_sends", "fault.failed_sends", |f| f.counts.failed_sends),
    ("lost_results", "fault.lost_results", |f| f.counts.lost_results),
    ("unanswered", "fault.unanswered", |f| f.unanswered),
    ("held", "fault.held", |f| f.held),
];

/// The list, with its heading.
pub(super) fn list(words: &WordsRef, world: &World) -> Html {
    let Some(report) = faults(world) else { return Html::default() };
    let row = |says: String, value: Html| html! { <div><dt>{ says }</dt><dd>{ value }</dd></div> };
    let number = |path: String, value: u64| html! { <Number {path} {value} /> };
    let text = |path: String, value: &str, says: String| {
        html! { <span data-number={path} data-value={value.to_owned()}>{ says }</span> }
    };
    let broker = words.say(if report.broker == "up" { "fault.broker_up" } else { "fault.broker_down" });
    let counts = COUNTS
        .iter()
        .map(|(field, says, of)| row(words.say(says), number(format!("faults.{field}"), of(&report))));
    let links = report.links.iter().map(|link| {
        let path = |field: &str| format!("faults.links.{}.{field}", link.client);
        let state = text(path("state"), link.state, link.state.to_owned());
        row(
            words.fill("fault.link_of", &[("client", &link.client)]),
            html! { <>{ state }{ " " }{ number(path("held"), link.held) }</> },
        )
    });
    let halves = world.ordinary_topics().filter_map(|(id, topic)| {
        let lost = half_messages(world, id)?.lost;
        let path = format!("topics.{}.half_messages.lost", topic.name);
        (lost > 0)
            .then(|| row(words.fill("fault.lost_halves", &[("topic", &topic.name)]), number(path, lost)))
    });
    html! {
        <>
            <h3>{ words.say("control.faults") }</h3>
            <dl class="totals">
                { row(words.say("fault.broker"), text("faults.broker".to_owned(), report.broker, broker)) }
                { for counts }
                { for links }
                { for halves }
            </dl>
        </>
    }
}
