//! What these settings promise, and what came of it; and the invariants of the model, which hold whatever is set.

use yew::{Callback, Html, Properties, classes, function_component, html};

use super::super::session_ref::{SessionRef, WordsRef};
use super::super::store::Msg;
use super::super::words::clock;
use super::dialog::Dialog;
use super::icon::{Icon, Sign};
use crate::broker::Entry;
use crate::lesson::promises::{Judged, Law, Verdict, judged, laws, name};

/// Properties of the list.
#[derive(Clone, PartialEq, Properties)]
pub(super) struct PromisesProps {
    /// The run.
    pub session: SessionRef,
    /// Grows while time runs: the list follows.
    pub revision: u64,
    /// The catalogue.
    pub words: WordsRef,
    /// Where wishes go.
    pub dispatch: Callback<Msg>,
}

/// The list.
#[function_component]
pub(super) fn Promises(props: &PromisesProps) -> Html {
    let PromisesProps { session, words, dispatch, .. } = props;
    let session = session.borrow();
    let world = session.world();
    let all = judged(world, session.promises(), words);
    let laws = laws(world, session.broken().map(|broken| &broken.violation), words);
    html! {
        <Dialog class="promises" title={words.say("promises.title")} words={words.clone()} dispatch={dispatch.clone()}>
            <p>{ words.say("promises.about") }</p>
            <p>{ words.fill("promises.until", &[("time", &clock(session.now()).0)]) }</p>
            <table class="promise-table">
                <caption>{ words.say("promises.settings") }</caption>
                <thead>
                    <tr>
                        <th scope="col">{ words.say("promises.what") }</th>
                        <th scope="col">{ words.say("promises.promised") }</th>
                        <th scope="col">{ words.say("promises.not_promised") }</th>
                        <th scope="col">{ words.say("promises.so_far") }</th>
                    </tr>
                </thead>
                <tbody>
                    { for all.iter().map(|one| row(one, words, dispatch)) }
                    if all.is_empty() {
                        <tr><td colspan="4">{ words.say("promises.none") }</td></tr>
                    }
                </tbody>
            </table>
            <h3>{ words.say("promises.invariants") }</h3>
            <p>{ words.say("promises.invariants_about") }</p>
            <ul class="laws">{ for laws.iter().map(|law| law_row(law, words)) }</ul>
        </Dialog>
    }
}

fn row(judged: &Judged, words: &WordsRef, dispatch: &Callback<Msg>) -> Html {
    let of = judged.about.as_ref().map(|(_, name)| name.clone());
    let id =
        of.as_ref().map_or(name(judged.promise).to_owned(), |of| format!("{}-{of}", name(judged.promise)));
    let column = |is_it: bool, says: &str| {
        let why = if is_it { judged.why.as_str() } else { "–" };
        let buys = judged.buys.as_ref().filter(|_| is_it);
        html! {
            <td class={classes!((!is_it).then_some("is-empty"))} data-label={words.say(says)}>
                { why }
                if let Some(buys) = buys { <p class="promise-buys">{ buys }</p> }
            </td>
        }
    };
    html! {
        <tr key={id.clone()} data-promise={id} data-promised={judged.promised.to_string()} data-verdict={judged.verdict.name()}>
            <th scope="row">
                if let Some(of) = of {
                    <span class="promise-of">{ of }</span>{ " " }
                }
                { judged.says.clone() }
            </th>
            { column(judged.promised, "promises.promised") }
            { column(!judged.promised, "promises.not_promised") }
            <td class="promise-verdict" data-label={words.say("promises.so_far")}>{ verdict(&judged.verdict, words, dispatch) }</td>
        </tr>
    }
}

fn verdict(verdict: &Verdict, words: &WordsRef, dispatch: &Callback<Msg>) -> Html {
    match verdict {
        Verdict::NotYet => html! { <span class="muted">{ words.say("promises.not_yet") }</span> },
        Verdict::Held => {
            html! { <span class="is-kept"><Icon sign={Sign::Check} />{ words.say("promises.held") }</span> }
        }
        Verdict::Broken { entry, was_promised, count, first } => html! {
            <>
                <span class="is-not-kept"><Icon sign={Sign::Cross} />{ words.say("promises.broken_at") }{ " " }{ instant(entry, words, dispatch) }</span>
                <p>{ count.clone() }</p>
                <p class="muted">{ first.to_string() }</p>
                if *was_promised {
                    <p role="alert">{ words.say("promises.was_promised") }</p>
                }
            </>
        },
    }
}

/// An instant, and the way there.
fn instant(entry: &Entry, words: &WordsRef, dispatch: &Callback<Msg>) -> Html {
    let at = entry.at;
    let onclick = {
        let dispatch = dispatch.clone();
        Callback::from(move |_| {
            dispatch.emit(Msg::Close);
            dispatch.emit(Msg::Seek(at));
        })
    };
    html! { <button type="button" class="thing digits" {onclick} title={words.say("promises.seek")}>{ clock(at).0 }</button> }
}

fn law_row(law: &Law, words: &WordsRef) -> Html {
    let (class, says) = match (&law.found, law.is_tested) {
        (Some(_), _) => ("is-not-kept", "promises.invariant_broken"),
        (None, true) => ("is-kept", "promises.invariant_held"),
        (None, false) => ("muted", "promises.not_yet"),
    };
    let sign = match class {
        "is-kept" => Some(Sign::Check),
        "is-not-kept" => Some(Sign::Cross),
        _ => None,
    };
    html! {
        <li key={law.id} data-law={law.id}>
            <span class="claim-id">{ law.id }</span>
            <span>{ law.says.clone() }</span>
            <span class={class}>
                if let Some(sign) = sign {
                    <Icon {sign} />
                }
                { words.say(says) }
            </span>
            if let Some(found) = &law.found {
                <span class="law-found">{ found.clone() }</span>
            }
        </li>
    }
}
