//! How the page is laid out.

use yew::{Callback, Html, html};

use super::super::panel::PanelProps;
use super::super::store::{Msg, State};
use super::controls::Controls;
use super::inspector::Inspector;
use super::plots::Plots;
use super::stage::{Stage, StageCanvas};

/// The page as it is now.
pub(in crate::app) fn view(state: &State, stage: &StageCanvas, dispatch: &Callback<Msg>) -> Html {
    let props = PanelProps {
        session: state.session.clone(),
        revision: state.revision,
        words: state.words.clone(),
        dispatch: dispatch.clone(),
        look: state.look(),
    };
    html! {
        <main>
            <h1>{ "MQScope" }</h1>
            <Stage canvas={stage.canvas()} panel={props.clone()} />
            <Inspector ..props.clone() />
            <Controls ..props.clone() />
            <Plots ..props />
        </main>
    }
}
