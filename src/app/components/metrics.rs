//! RocketMQ's own metrics of the present instant, to be read and to be taken away.

use gloo::file::{Blob, ObjectUrl};
use yew::{Callback, Html, Properties, function_component, html, use_mut_ref};

use super::super::files;
use super::super::session_ref::{SessionRef, WordsRef};
use super::super::store::Msg;
use super::dialog::Dialog;
use super::icon::{Icon, Sign};
use crate::lesson::Said;
use crate::metrics::exposition::{csv, prometheus};
use crate::metrics::meters::{self, Histogram, Labels, Meter, Series};

/// Properties of the metrics.
#[derive(Clone, PartialEq, Properties)]
pub struct MetricsProps {
    /// The run.
    pub session: SessionRef,
    /// The catalogue.
    pub words: WordsRef,
    /// Where wishes go.
    pub dispatch: Callback<Msg>,
}

/// The metrics as they stood when the box was opened.
#[function_component]
pub fn Metrics(props: &MetricsProps) -> Html {
    let MetricsProps { session, words, dispatch } = props;
    let (meters, name) = {
        let session = session.borrow();
        (meters::meters(session.world()), session.scenario().id.clone())
    };
    let kept = use_mut_ref(|| None::<ObjectUrl>);
    let save = |says: &str, file: String, kind: &'static str, text: fn(&[Meter]) -> String| {
        let (session, kept) = (session.clone(), kept.clone());
        let onclick = Callback::from(move |_| {
            let text = text(&meters::meters(session.borrow().world()));
            kept.replace(Some(files::save(Blob::new_with_options(text.as_str(), Some(kind)), &file)));
        });
        html! { <button class="plain" {onclick}><Icon sign={Sign::File} />{ words.say(says) }</button> }
    };
    html! {
        <Dialog class="metrics" title={words.say("metrics.title")} words={words.clone()} dispatch={dispatch.clone()}>
            <p>{ words.say("metrics.about") }</p>
            <p>{ words.say("metrics.offline") }</p>
            <div class="buttons">
                { save("metrics.save_prometheus", format!("{name}.prom"), "text/plain;charset=utf-8", prometheus) }
                { save("metrics.save_csv", format!("{name}-metrics.csv"), "text/csv;charset=utf-8", csv) }
            </div>
            <table>
                <thead>
                    <tr>
                        <th scope="col">{ words.say("metrics.metric") }</th>
                        <th scope="col">{ words.say("metrics.labels") }</th>
                        <th scope="col">{ words.say("metrics.value") }</th>
                    </tr>
                </thead>
                { for meters.iter().map(|meter| rows(meter, words)) }
            </table>
        </Dialog>
    }
}

/// A metric with its series. What there is none of yet has a row that says so.
fn rows(meter: &Meter, words: &WordsRef) -> Html {
    let lines: Vec<(&Labels, String)> = match &meter.series {
        Series::Gauge(all) | Series::Counter(all) => {
            all.iter().map(|(labels, value)| (labels, value.said())).collect()
        }
        Series::Histogram(all) => {
            all.iter().map(|(labels, histogram)| (labels, summary(histogram, words))).collect()
        }
    };
    let name = || html! { <th scope="row"><code>{ meter.name }</code></th> };
    let row = |(labels, value): (&Labels, String)| {
        let label = |(label, of): &(&str, String)| {
            html! { <span class="metric-label">{ format!("{label}={of} ") }</span> }
        };
        html! {
            <tr>
                { name() }
                <td>{ for labels.iter().map(label) }</td>
                <td class="number digits">{ value }</td>
            </tr>
        }
    };
    html! {
        <tbody>
            if lines.is_empty() {
                <tr>{ name() }<td>{ words.say("metrics.none") }</td><td class="number digits">{ "–" }</td></tr>
            }
            { for lines.into_iter().map(row) }
        </tbody>
    }
}

fn summary(histogram: &Histogram, words: &WordsRef) -> String {
    let count = histogram.count();
    words.count("metrics.samples", count, &[("sum", &histogram.sum)])
}
