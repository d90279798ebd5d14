//! What is selected, from the inside: facts, numbers, the way of a message, and why things stand as they do.

use std::cell::Cell;
use std::rc::Rc;

use yew::{Callback, Html, function_component, html, use_effect_with, use_mut_ref};

use super::controls::focus;
use crate::app::subject::{Subject, exists};
use crate::app::{Msg, PanelProps};
use crate::broker::World;

mod beside;
mod consumer;
mod curtain;
mod find;
mod group;
mod lite;
mod message;
mod overview;
mod producer;
mod progress;
mod queue;
mod timer;
mod trace;
mod view;

use view::View;

/// What is selected; without a selection, everything that can be.
#[function_component]
pub fn Inspector(props: &PanelProps) -> Html {
    let session = props.session.borrow();
    let world = session.world();
    let subject = props.look.selected.filter(|subject| is_there(world, *subject));
    let picked_here = use_mut_ref(|| Rc::new(Cell::new(false)));
    let picked_here = Rc::clone(&picked_here.borrow());
    // Whoever selects something in here has pressed a button that is gone now: the keyboard goes on at the heading.
    use_effect_with(subject, {
        let picked_here = Rc::clone(&picked_here);
        move |_| {
            if picked_here.take() {
                focus("inspector-title");
            }
        }
    });
    let pick = {
        let dispatch = props.dispatch.clone();
        Callback::from(move |subject: Option<Subject>| {
            picked_here.set(true);
            // The button under the pointer is about to go, and will not say that it was left.
            dispatch.emit(Msg::Hover(None));
            dispatch.emit(Msg::Select(subject));
        })
    };
    let view = View::new(props, world, subject, pick);
    let page = match subject {
        None => overview::page(&view),
        Some(Subject::Topic(id)) => queue::topic(&view, id),
        Some(Subject::Curtain(id)) => curtain::page(&view, id),
        Some(Subject::Timer(id)) => timer::page(&view, id),
        Some(Subject::Lite(id)) => lite::page(&view, id),
        Some(Subject::Queue(id)) => queue::page(&view, id),
        Some(Subject::Message(at)) => message::page(&view, at),
        Some(Subject::Sending(producer, number)) => message::sending(&view, producer, number),
        Some(Subject::Producer(id)) => producer::page(&view, id),
        Some(Subject::Group(id)) => group::page(&view, id),
        Some(Subject::RetryShelf(id)) => group::shelf(&view, id),
        Some(Subject::DeadLetters(id)) => group::dead_letters(&view, id),
        Some(Subject::Cursor(id)) => progress::page(&view, id),
        Some(Subject::Service(id)) => beside::service(&view, id),
        Some(Subject::Caller(id)) => beside::caller(&view, id),
        Some(Subject::P2p(id)) => beside::p2p(&view, id),
        Some(Subject::Consumer(id) | Subject::Thread(id, _)) => consumer::page(&view, id),
    };
    let key = subject.map_or_else(|| "everything".to_owned(), |subject| subject.to_string());
    html! {
        <section class="card inspector" aria-labelledby="inspector-title">
            <div class="inspector-page" {key}>
                { view.crumbs() }
                { page }
            </div>
        </section>
    }
}

/// Does the world hold it, and its group too? A deleted group takes its consumers and its progress with it.
fn is_there(world: &World, subject: Subject) -> bool {
    let group = match subject {
        _ if !exists(world, subject) => return false,
        Subject::Consumer(id) | Subject::Thread(id, _) => world.consumer(id).group,
        Subject::Cursor(id) => world.progress(id).group,
        _ => return true,
    };
    !world.group(group).removed
}
