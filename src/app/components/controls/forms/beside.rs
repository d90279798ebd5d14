//! The forms for what stands beside the broker: a new service, a new caller, a new point-to-point queue.

use yew::{Callback, Html, html};

use super::super::fields::Choice;
use super::super::parts::Fields;
use super::{Draft, edit};
use crate::broker::{GroupId, ProducerId, ServiceId, World};
use crate::forms::{ArrivalsForm, CallerForm, HandlerForm, P2pForm, PatternKind, ServiceForm};

/// Nobody can press a button for a caller or a sender.
const KINDS: [PatternKind; 3] = [PatternKind::Constant, PatternKind::Poisson, PatternKind::Bursts];

pub(super) fn service(
    fields: &Fields<'_>,
    form: &ServiceForm,
    world: &World,
    change: &Callback<Draft>,
) -> Html {
    let handler =
        edit(form, change, Draft::Service, |form: &mut ServiceForm, handler| form.handler = handler);
    html! {
        <>
            { fields.text("name", "control.name", &form.name, ("text", None),
                edit(form, change, Draft::Service, |form, text| form.name = text)) }
            { fields.text("workers", "control.workers", &form.workers, ("numeric", Some("control.workers_hint")),
                edit(form, change, Draft::Service, |form, text| form.workers = text)) }
            { fields.text("line", "control.waiting_line", &form.line, ("numeric", Some("control.waiting_line_hint")),
                edit(form, change, Draft::Service, |form, text| form.line = text)) }
            { handling(fields, &form.handler, "control.call_takes", world, &handler) }
            { fields.text("fails", "control.call_fails", &form.failure, ("ratio", Some("control.probability_hint")),
                edit(form, change, Draft::Service, |form, text| form.failure = text)) }
        </>
    }
}

pub(super) fn caller(
    fields: &Fields<'_>,
    form: &CallerForm,
    world: &World,
    change: &Callback<Draft>,
) -> Html {
    let arrivals =
        edit(form, change, Draft::Caller, |form: &mut CallerForm, arrivals| form.arrivals = arrivals);
    html! {
        <>
            { fields.text("name", "control.name", &form.name, ("text", None),
                edit(form, change, Draft::Caller, |form, text| form.name = text)) }
            { services(fields, form, world, change) }
            { arriving(fields, &form.arrivals, ("control.when_it_calls", "control.calls_per_second"), world, &arrivals) }
            { fields.text("timeout", "control.call_timeout", &form.timeout, ("span", Some("control.call_timeout_hint")),
                edit(form, change, Draft::Caller, |form, text| form.timeout = text)) }
        </>
    }
}

pub(super) fn p2p(fields: &Fields<'_>, form: &P2pForm, world: &World, change: &Callback<Draft>) -> Html {
    let arrivals = edit(form, change, Draft::P2p, |form: &mut P2pForm, arrivals| form.arrivals = arrivals);
    let handler = edit(form, change, Draft::P2p, |form: &mut P2pForm, handler| form.handler = handler);
    html! {
        <>
            { fields.text("name", "control.name", &form.name, ("text", None),
                edit(form, change, Draft::P2p, |form, text| form.name = text)) }
            { fields.text("senders", "control.p2p_senders", &form.senders, ("numeric", None),
                edit(form, change, Draft::P2p, |form, text| form.senders = text)) }
            { arriving(fields, &form.arrivals, ("control.when_each_sends", "control.per_second"), world, &arrivals) }
            { fields.text("consumers", "control.p2p_consumers", &form.consumers, ("numeric", None),
                edit(form, change, Draft::P2p, |form, text| form.consumers = text)) }
            { handling(fields, &form.handler, "control.processing", world, &handler) }
        </>
    }
}

/// The services of a caller, with the order in which each call goes to them.
fn services(fields: &Fields<'_>, form: &CallerForm, world: &World, change: &Callback<Draft>) -> Html {
    let words = fields.words;
    let wrong = fields.wrongs.and_then(|wrongs| wrongs.of("services")).map(|wrong| wrong.say(words));
    let wrong_id = fields.id("services-wrong");
    html! {
        <fieldset class="field is-wide" aria-describedby={wrong.as_ref().map(|_| wrong_id.clone())}>
            <legend>{ words.say("control.call_services") }</legend>
            { for world.services().map(|(id, service)| {
                let toggle = edit(form, change, Draft::Caller, |form: &mut CallerForm, id: ServiceId| form.toggle(id));
                let nth = form.services.iter().position(|chosen| *chosen == id).map(|at| at as u64 + 1);
                html! {
                    <label class="check" key={id.0}>
                        <input type="checkbox" checked={nth.is_some()} onchange={toggle.reform(move |_| id)} />
                        <span>{ &service.spec.name }</span>
                        if let Some(nth) = nth.filter(|_| form.services.len() > 1) {
                            { " " }<span class="muted">{ words.fill("control.call_order", &[("n", &nth)]) }</span>
                        }
                    </label>
                }
            }) }
            if let Some(wrong) = wrong {
                <span class="field-wrong" id={wrong_id} role="alert">{ wrong }</span>
            }
        </fieldset>
    }
}

/// When: by a pattern, or with a producer.
fn arriving(
    fields: &Fields<'_>,
    form: &ArrivalsForm,
    (label, per_second): (&str, &str),
    world: &World,
    onchange: &Callback<ArrivalsForm>,
) -> Html {
    let words = fields.words;
    let own = Choice { value: "own".into(), label: words.say("control.arrivals_own").into() };
    let running = world.live.producers.iter().enumerate().filter(|(_, producer)| producer.running);
    let with = running.map(|(index, producer)| Choice {
        value: index.to_string().into(),
        label: words.fill("control.arrivals_with", &[("producer", &producer.spec.name)]).into(),
    });
    let choices: Vec<Choice> = std::iter::once(own).chain(with).collect();
    let chosen = form.same_as.map_or_else(|| "own".to_owned(), |id| id.0.to_string());
    let choose = {
        let (form, onchange) = (form.clone(), onchange.clone());
        Callback::from(move |value: String| {
            let same_as = value.parse().ok().map(ProducerId);
            onchange.emit(ArrivalsForm { same_as, ..form.clone() });
        })
    };
    let pattern = {
        let (form, onchange) = (form.clone(), onchange.clone());
        Callback::from(move |pattern| onchange.emit(ArrivalsForm { pattern, ..form.clone() }))
    };
    html! {
        <>
            { fields.select("arrivals", label, choices, chosen, choose) }
            if form.same_as.is_none() {
                { fields.pattern_of(&form.pattern, &KINDS, ("control.arrivals_pattern", per_second), &pattern) }
            }
        </>
    }
}

/// How: so long, and perhaps with the luck of a group.
fn handling(
    fields: &Fields<'_>,
    form: &HandlerForm,
    label: &str,
    world: &World,
    onchange: &Callback<HandlerForm>,
) -> Html {
    let words = fields.words;
    let own = Choice { value: "own".into(), label: words.say("control.luck_own").into() };
    let groups = world.groups().map(|(id, group)| Choice {
        value: id.0.to_string().into(),
        label: words.fill("control.luck_of", &[("group", &group.spec.name)]).into(),
    });
    let choices: Vec<Choice> = std::iter::once(own).chain(groups).collect();
    let chosen = form.same_as.map_or_else(|| "own".to_owned(), |id| id.0.to_string());
    let choose = {
        let (form, onchange) = (form.clone(), onchange.clone());
        Callback::from(move |value: String| {
            let same_as = value.parse().ok().map(GroupId);
            onchange.emit(HandlerForm { same_as, ..form.clone() });
        })
    };
    let processing = {
        let (form, onchange) = (form.clone(), onchange.clone());
        Callback::from(move |processing| onchange.emit(HandlerForm { processing, ..form.clone() }))
    };
    html! {
        <>
            { fields.handling(&form.processing, label, &processing) }
            { fields.select("luck", "control.luck", choices, chosen, choose) }
        </>
    }
}
