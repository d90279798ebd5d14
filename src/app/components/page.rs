//! How the page is laid out.

use yew::{AttrValue, Callback, Html, html};

use super::super::panel::{Look, PanelProps};
use super::super::share;
use super::super::store::{Dialog, Msg, Revisions, State};
use super::super::words::local;
use super::branches::{BranchPanel, ComparedPanel};
use super::caption::CaptionStrip;
use super::controls::Controls;
use super::crash::CrashCard;
use super::dialogs::{Help, Model, Picker, ProblemList};
use super::header::Header;
use super::inspector::Inspector;
use super::live::Live;
use super::log::Log;
use super::metrics::Metrics;
use super::plots::Plots;
use super::promises::Promises;
use super::settings::SettingsPanel;
use super::share::Share;
use super::stage::{Stage, StageCanvas};
use super::transport::{Hands, Transport};
use super::twin::Twin;

/// The page as it is now.
pub fn view(state: &State, stage: &StageCanvas, hands: &Hands, dispatch: &Callback<Msg>) -> Html {
    let words = state.words.clone();
    let panel_at = |revision: u64| PanelProps {
        session: state.session.clone(),
        revision,
        words: words.clone(),
        dispatch: dispatch.clone(),
        look: Look { cursor: None, ..state.look() },
    };
    let Revisions { bar, inspector, log, plots, twin, .. } = state.revisions;
    let panel = panel_at(bar);
    let (compared, drawn) = state.comparison.as_ref().map_or((0, 0), |comparison| {
        let comparison = comparison.borrow();
        (comparison.revision, comparison.drawn)
    });
    let is_broken = state.session.borrow().broken().is_some();
    let can_undo = state.can_undo();
    let crash = |panel: &PanelProps| {
        let link = is_broken.then(|| share::again(&state.session.borrow())).flatten().map(AttrValue::from);
        html! { if is_broken { <CrashCard panel={panel.clone()} {link} /> } }
    };
    if state.shows_stage_only {
        let title = local(&state.session.borrow().scenario().title, words.language()).to_owned();
        return html! {
            <main class="page is-embedded">
                <h1 class="embedded-title">{ title }<span class="muted">{ " · MQScope" }</span></h1>
                <div class="stage-column" hidden={is_broken}>
                    if state.notice.is_some() || state.news.is_some() {
                        <CaptionStrip panel={panel.clone()} notice={state.notice.clone()} news={state.news.clone()} />
                    }
                    <Stage parts={stage.parts()} panel={panel.clone()} is_missing={state.is_canvas_missing} />
                </div>
                { crash(&panel) }
                <Transport panel={PanelProps { look: state.look(), ..panel }} speed={state.speed} step_size={state.step_size}
                    behind={state.behind()} comparison={state.comparison.clone()} compared={drawn} known={state.known()}
                    hands={hands.clone()} />
                { live(state) }
                { dialog(state, dispatch) }
            </main>
        };
    }
    html! {
        <>
            <a class="skip" href="#twin">{ words.say("page.skip") }</a>
            <Header panel={panel.clone()} theme={state.theme} />
            <main class="page">
                <div class="stage-column" hidden={is_broken}>
                    <CaptionStrip panel={panel.clone()} notice={state.notice.clone()} news={state.news.clone()} />
                    <Stage parts={stage.parts()} panel={panel.clone()} is_missing={state.is_canvas_missing} />
                </div>
                { crash(&panel) }
                <Transport panel={PanelProps { look: state.look(), ..panel }} speed={state.speed} step_size={state.step_size}
                    behind={state.behind()} comparison={state.comparison.clone()} compared={drawn} known={state.known()}
                    hands={hands.clone()} />
                <aside class="side" id="inspector" tabindex="-1" aria-label={words.say("page.inspector")}>
                    <Inspector ..panel_at(inspector) />
                    <Controls ..panel_at(inspector) />
                </aside>
                <section class="plots" id="plots" tabindex="-1" aria-label={words.say("page.plots")}>
                    <BranchPanel panel={panel_at(bar)} branches={state.branches.clone()} comparison={state.comparison.clone()} {compared} {can_undo} />
                    <Plots panel={PanelProps { look: state.look(), ..panel_at(plots.iter().sum()) }} revisions={plots}
                        comparison={state.comparison.clone()} compared={drawn} />
                    <ComparedPanel panel={panel_at(bar)} branches={state.branches.clone()} comparison={state.comparison.clone()} {compared} {can_undo} />
                </section>
                <div class="below">
                    <Log ..panel_at(log) />
                    <Twin panel={panel_at(twin.iter().sum())} revisions={twin} />
                </div>
            </main>
            { live(state) }
            { dialog(state, dispatch) }
        </>
    }
}

fn live(state: &State) -> Html {
    html! {
        <Live session={state.session.clone()} words={state.words.clone()} spoken={state.spoken} after_step={state.after_step}
            deed={state.deed.clone()} selected={state.selected} />
    }
}

fn dialog(state: &State, dispatch: &Callback<Msg>) -> Html {
    let (words, dispatch) = (state.words.clone(), dispatch.clone());
    match state.dialog {
        None => html! {},
        Some(Dialog::Picker) => html! { <Picker session={state.session.clone()} {words} {dispatch} /> },
        Some(Dialog::Help) => html! { <Help {words} {dispatch} character_keys={state.character_keys} /> },
        Some(Dialog::Settings) => {
            html! { <SettingsPanel session={state.session.clone()} {words} {dispatch} /> }
        }
        Some(Dialog::Model) => html! { <Model {words} {dispatch} /> },
        Some(Dialog::Metrics) => html! { <Metrics session={state.session.clone()} {words} {dispatch} /> },
        Some(Dialog::Promises) => {
            let revision = state.revisions.bar;
            html! { <Promises session={state.session.clone()} {revision} {words} {dispatch} /> }
        }
        Some(Dialog::Share) => {
            let view = state.view();
            html! { <Share session={state.session.clone()} {words} {dispatch} address={state.address.clone()} branches={state.branches.clone()} {view} /> }
        }
        Some(Dialog::Problems) => {
            html! { <ProblemList problems={state.problems.clone()} {words} {dispatch} /> }
        }
    }
}
