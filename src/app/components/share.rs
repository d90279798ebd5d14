//! The run, to be given away: links with their QR codes, and the run as a file.

use std::rc::Rc;

use gloo::file::{Blob, ObjectUrl};
use gloo::utils::window;
use qrcodegen::{QrCode, QrCodeEcc};
use wasm_bindgen_futures::JsFuture;
use web_sys::HtmlInputElement;
use yew::platform::spawn_local;
use yew::{
    AttrValue, Callback, Html, NodeRef, Properties, function_component, html, use_mut_ref, use_node_ref,
    use_state,
};

use super::super::session_ref::{SessionRef, WordsRef};
use super::super::store::Msg;
use super::super::words::clock;
use super::super::{files, share};
use super::dialog::Dialog;
use super::icon::{Icon, Sign};
use crate::lesson::Said;
use crate::scenario::{MODEL, limits};
use crate::session::Branches;

/// Properties of the box.
#[derive(Clone, PartialEq, Properties)]
pub(super) struct ShareProps {
    /// The run.
    pub session: SessionRef,
    /// The catalogue.
    pub words: WordsRef,
    /// Where wishes go.
    pub dispatch: Callback<Msg>,
    /// Where the page is, without query and fragment.
    pub address: AttrValue,
    /// Its branches.
    pub branches: Rc<Branches>,
    /// How the run is looked at.
    pub view: share::View,
}

/// What a run can be given away as.
#[function_component]
pub(super) fn Share(props: &ShareProps) -> Html {
    let ShareProps { session, words, dispatch, address, branches, view } = props;
    let run = session.borrow();
    let fingerprint = run.fingerprint();
    let link = |fragment: String| AttrValue::from(format!("{address}#{fragment}"));
    let (moment, has_all) = share::with_branches(&run, *view, branches);
    let moment = link(moment);
    let start = link(share::from_the_start(&run, *view));
    let kept = use_mut_ref(|| None::<ObjectUrl>);
    let lacks = use_state(|| None::<String>);
    let onclick = {
        let (session, branches, kept) = (session.clone(), branches.clone(), kept.clone());
        let (words, lacks) = (words.clone(), lacks.clone());
        Callback::from(move |_| {
            let run = session.borrow();
            let saved = share::Saved::new(&run, &branches);
            let blob = Blob::new_with_options(saved.text.as_str(), Some("application/json"));
            kept.replace(Some(files::save(blob, &format!("{}.mqscope.json", run.scenario().id))));
            lacks.set(lack(&saved, &words));
        })
    };
    let time = clock(run.now()).0;
    html! {
        <Dialog class="share" title={words.say("share.title")} words={words.clone()} dispatch={dispatch.clone()}>
            <p>{ words.say("share.about") }</p>
            <p class="share-same">
                <output class="digits">{ fingerprint.short() }</output>
                <span class="muted">{ words.say("share.fingerprint") }</span>
            </p>
            <p class="muted">{ words.fill("share.model", &[("version", &MODEL)]) }</p>
            <Address name="share-moment" says={words.fill("share.moment", &[("time", &time)])} link={moment} words={words.clone()} />
            if !has_all && branches.all().len() > 1 {
                <p class="muted">{ words.say("share.without_branches") }</p>
            }
            <Address name="share-start" says={words.say("share.start")} link={start} words={words.clone()} />
            <div class="buttons">
                <button class="plain" {onclick}><Icon sign={Sign::File} />{ words.say("share.save") }</button>
                <span class="muted">{ words.say("share.open") }</span>
            </div>
            <p class="muted" role="status">{ (*lacks).clone() }</p>
        </Dialog>
    }
}

/// What a saved file lacks, in a sentence.
fn lack(saved: &share::Saved, words: &WordsRef) -> Option<String> {
    if saved.is_too_long() {
        return Some(words.say("share.file_too_long"));
    }
    (saved.left_out > 0).then(|| words.count("share.file_without", saved.left_out as u64, &[]))
}

/// Properties of a link.
#[derive(Clone, PartialEq, Properties)]
struct AddressProps {
    name: &'static str,
    says: String,
    link: AttrValue,
    words: WordsRef,
}

/// What became of the wish to copy.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Copied {
    NotYet,
    Yes,
    /// The browser does not let the page.
    ByHand,
}

/// A link to be copied, or photographed.
#[function_component]
fn Address(props: &AddressProps) -> Html {
    let AddressProps { name, says, link, words } = props;
    let field = use_node_ref();
    let copied = use_state(|| Copied::NotYet);
    let shows_code = use_state(|| false);
    let copy = {
        let (link, field, copied) = (link.clone(), field.clone(), copied.clone());
        Callback::from(move |_| {
            let (link, field, copied) = (link.clone(), field.clone(), copied.clone());
            spawn_local(async move {
                copied.set(if copy(&link).await { Copied::Yes } else { select(&field) });
            });
        })
    };
    let show = {
        let shows_code = shows_code.clone();
        Callback::from(move |_| shows_code.set(!*shows_code))
    };
    let length = link.chars().count();
    if link.split_once('#').is_some_and(|(_, fragment)| fragment.len() as u64 > limits::LINK_CHARS) {
        let holes: [(&str, &dyn Said); 2] = [("n", &length), ("most", &limits::LINK_CHARS)];
        return html! {
            <div class="share-link">
                <p>{ says.clone() }</p>
                <p class="muted">{ words.fill("share.too_long", &holes) }</p>
            </div>
        };
    }
    let said = match *copied {
        Copied::NotYet => words.count("share.characters", length as u64, &[]),
        Copied::Yes => words.say("share.copied"),
        Copied::ByHand => words.say("share.by_hand"),
    };
    html! {
        <div class="share-link">
            <label for={*name}>{ says.clone() }</label>
            <div class="share-row">
                <input id={*name} ref={field} class="digits" type="text" readonly=true value={link.clone()} />
                <button class="plain" onclick={copy}>{ words.say("share.copy") }</button>
                <button class="plain" onclick={show} aria-expanded={shows_code.to_string()}>{ words.say("share.code") }</button>
            </div>
            <p class="muted" role="status">{ said }</p>
            if *shows_code {
                { code(link, words) }
            }
        </div>
    }
}

/// Says whether the link is on the clipboard.
async fn copy(link: &str) -> bool {
    // A frame without the permission has no clipboard at all.
    let navigator = window().navigator();
    let has_one = js_sys::Reflect::get(&navigator, &"clipboard".into()).is_ok_and(|it| it.is_object());
    has_one && JsFuture::from(navigator.clipboard().write_text(link)).await.is_ok()
}

fn select(field: &NodeRef) -> Copied {
    if let Some(input) = field.cast::<HtmlInputElement>() {
        input.focus().ok();
        input.select();
    }
    Copied::ByHand
}

/// The link as a QR code, black on white in every theme: cameras want it so.
fn code(link: &str, words: &WordsRef) -> Html {
    let Ok(code) = QrCode::encode_text(link, QrCodeEcc::Low) else {
        return html! { <p>{ words.say("share.code_too_long") }</p> };
    };
    let size = code.size();
    let dark =
        (0..size).flat_map(|y| (0..size).map(move |x| (x, y))).filter(|(x, y)| code.get_module(*x, *y));
    let path: String = dark.map(|(x, y)| format!("M{x} {y}h1v1h-1z")).collect();
    // Four modules of quiet around it.
    let view = format!("-4 -4 {0} {0}", size + 8);
    html! {
        <svg class="share-code" viewBox={view} role="img" aria-label={words.say("share.code_about")} shape-rendering="crispEdges">
            <rect x="-4" y="-4" width="100%" height="100%" fill="#fff" />
            <path d={path} fill="#000" />
        </svg>
    }
}
