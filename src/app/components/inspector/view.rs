//! What every page of the inspector is made of: a heading with a mark, facts, and names that lead on.

use std::fmt::Display;

use yew::{Callback, Html, classes, html};

use crate::app::subject::{Subject, name, subject_of};
use crate::app::{Msg, PanelId, PanelProps, WordsRef};
use crate::broker::{GroupId, MessageRef, ProducerId, World};
use crate::lesson::{Explained, Part, Said, because};
use crate::scene::shape::PRODUCER_MARKS;
use crate::scene::theme::group_colour;
use crate::scene::{Mark, Role, Theme};
use crate::sim::Instant;
use crate::trace::Because;

/// The world as a page of the inspector sees it.
pub(super) struct View<'a> {
    /// What every panel gets.
    pub(super) panel: &'a PanelProps,
    /// The world.
    pub(super) world: &'a World,
    /// The catalogue.
    pub(super) words: &'a WordsRef,
    /// Colours for what is drawn.
    pub(super) theme: &'static Theme,
    selected: Option<Subject>,
    pick: Callback<Option<Subject>>,
}

impl<'a> View<'a> {
    pub(super) fn new(
        panel: &'a PanelProps,
        world: &'a World,
        selected: Option<Subject>,
        pick: Callback<Option<Subject>>,
    ) -> Self {
        let theme = panel.look.theme;
        Self { panel, world, words: &panel.words, theme, selected, pick }
    }

    pub(super) fn now(&self) -> Instant {
        self.world.live.now
    }

    pub(super) fn say(&self, key: &str) -> String {
        self.words.say(key)
    }

    /// A thing's name as a button that selects it; the picture shows where it is.
    pub(super) fn pick(&self, subject: Subject, text: impl Display) -> Html {
        let pick = self.pick.clone();
        let hover = |subject: Option<Subject>| self.panel.dispatch.reform(move |_| Msg::Hover(subject));
        html! {
            <button type="button" class="pick" onclick={Callback::from(move |_| pick.emit(Some(subject)))}
                onmouseenter={hover(Some(subject))} onmouseleave={hover(None)}>
                { text.to_string() }
            </button>
        }
    }

    /// The same with the name that sentences use.
    pub(super) fn thing(&self, subject: Subject) -> Html {
        self.pick(subject, name(self.world, subject))
    }

    /// A message, by where it lies.
    pub(super) fn message(&self, at: MessageRef) -> Html {
        self.thing(Subject::Message(at))
    }

    /// A sentence whose names can be selected.
    pub(super) fn sentence(&self, explained: &Explained) -> Html {
        let parts = explained.0.iter().map(|part| match part {
            Part::Text(text) => html! { text },
            Part::Thing(about, name) => self.pick(subject_of(*about), name),
        });
        html! { <>{ for parts }</> }
    }

    /// The way from everything to what is selected.
    pub(super) fn crumbs(&self) -> Html {
        let Some(selected) = self.selected else { return html! {} };
        let world = self.world;
        let queue_of =
            |at: MessageRef| vec![Subject::Topic(world.queue(at.queue).topic), Subject::Queue(at.queue)];
        let parents = match selected {
            Subject::Topic(_) | Subject::Producer(_) | Subject::Group(_) => vec![],
            Subject::Service(_) | Subject::Caller(_) | Subject::P2p(_) => vec![],
            Subject::Timer(id) | Subject::Curtain(id) => vec![Subject::Topic(id)],
            Subject::Lite(id) => {
                world.lites().map(|lites| Subject::Topic(lites.get(id).parent)).into_iter().collect()
            }
            Subject::Queue(id) => vec![Subject::Topic(world.queue(id).topic)],
            Subject::Message(at) => queue_of(at),
            Subject::Sending(id, _) => vec![Subject::Producer(id)],
            Subject::Cursor(id) => vec![Subject::Group(world.progress(id).group)],
            Subject::RetryShelf(id) | Subject::DeadLetters(id) => vec![Subject::Group(id)],
            Subject::Consumer(id) | Subject::Thread(id, _) => vec![Subject::Group(world.consumer(id).group)],
        };
        let pick = self.pick.clone();
        html! {
            <nav class="crumbs" aria-label={self.say("inspect.crumbs")}>
                <button type="button" class="pick" onclick={Callback::from(move |_| pick.emit(None))}>
                    { self.say("inspect.everything") }
                </button>
                <button type="button" class="pick to-picture" onclick={self.panel.dispatch.reform(|_| Msg::Focus(PanelId::Stage))}>
                    { self.say("inspect.to_picture") }
                </button>
                { for parents.into_iter().map(|parent| html! {
                    <>
                        <span aria-hidden="true">{ "›" }</span>
                        { self.thing(parent) }
                    </>
                }) }
            </nav>
        }
    }

    /// The top of a page: what kind of thing it is, its mark and its name.
    pub(super) fn head(&self, kind: &str, mark: Html, title: impl Display) -> Html {
        html! {
            <header class="inspector-head">
                <p class="kind">{ self.say(kind) }</p>
                <h2 id="inspector-title" tabindex="-1">{ mark }<span>{ title.to_string() }</span></h2>
            </header>
        }
    }

    /// One fact.
    pub(super) fn fact(&self, label: &str, value: Html) -> Html {
        html! { <><dt>{ self.say(label) }</dt><dd>{ value }</dd></> }
    }

    /// A fact that is a number or a short text.
    pub(super) fn plain(&self, label: &str, value: impl Said) -> Html {
        self.fact(label, html! { <span class="digits">{ value.said() }</span> })
    }

    /// Numbers in a small grid, each below its name.
    pub(super) fn numbers(&self, numbers: &[(&str, impl Said)]) -> Html {
        html! {
            <dl class="stats">
                { for numbers.iter().map(|(label, value)| html! {
                    <div><dt>{ self.say(label) }</dt><dd class="digits">{ value.said() }</dd></div>
                }) }
            </dl>
        }
    }

    /// A heading inside a page.
    pub(super) fn section(&self, label: &str) -> Html {
        html! { <h3>{ self.say(label) }</h3> }
    }

    /// The sign of a producer, as on its messages.
    pub(super) fn producer_mark(&self, id: ProducerId) -> Html {
        let mark = PRODUCER_MARKS[usize::from(id.0) % PRODUCER_MARKS.len()];
        self.mark(mark, Role::Ink)
    }

    /// A square in a group's colour.
    pub(super) fn group_mark(&self, id: GroupId) -> Html {
        self.mark(Mark::Flag, Role::Group(group_colour(id)))
    }

    /// A sign in a colour.
    pub(super) fn mark(&self, mark: Mark, role: Role) -> Html {
        let fill = self.theme.colour(role).to_string();
        let shape = match mark.outline() {
            [] => html! { <circle cx="0" cy="0" r="1" {fill} /> },
            outline => {
                let points: Vec<String> = outline.iter().map(|[x, y]| format!("{x},{y}")).collect();
                html! { <polygon points={points.join(" ")} {fill} /> }
            }
        };
        html! {
            <svg class="mark" viewBox="-1.2 -1.2 2.4 2.4" aria-hidden="true" focusable="false">{ shape }</svg>
        }
    }

    /// A question, and the chain of causes that answers it.
    pub(super) fn why(&self, question: String, chain: &[Because]) -> Html {
        if chain.is_empty() {
            return html! {};
        }
        html! {
            <div class="why">
                <h3>{ question }</h3>
                <ol>
                    { for chain.iter().enumerate().map(|(index, link)| html! {
                        <li>
                            if index > 0 {
                                <span class="visually-hidden">{ self.say("why.because") }</span>
                            }
                            { self.sentence(&because(self.world, link, self.words)) }
                        </li>
                    }) }
                </ol>
            </div>
        }
    }

    /// A list of things to choose from: the first few of so many, and how many more there are. Only what is shown is
    /// looked at.
    pub(super) fn list(
        &self,
        items: impl Iterator<Item = Html>,
        (count, most): (usize, usize),
        nothing: &str,
    ) -> Html {
        let more = count.saturating_sub(most);
        if count == 0 {
            return html! { <p class="muted">{ self.say(nothing) }</p> };
        }
        html! {
            <ul class="list">
                { for items.take(most).map(|item| html! { <li>{ item }</li> }) }
                if more > 0 {
                    <li class="muted">{ self.words.count("inspect.more", more as u64, &[]) }</li>
                }
            </ul>
        }
    }

    /// An instant, to the microsecond.
    pub(super) fn time(&self, at: Instant) -> Html {
        html! { <time class={classes!("digits")}>{ at.to_string() }</time> }
    }

    /// For how long something has been so.
    pub(super) fn since(&self, at: Instant) -> String {
        self.words.fill("inspect.for_time", &[("time", &self.words.span(self.now() - at))])
    }

    /// When something will be, or was.
    pub(super) fn distance(&self, at: Instant) -> String {
        if at > self.now() {
            self.words.fill("inspect.in_time", &[("time", &self.words.span(at - self.now()))])
        } else {
            self.words.fill("inspect.time_ago", &[("time", &self.words.span(self.now() - at))])
        }
    }
}
