//! The parts that several forms share: when a producer sends, how long a listener takes, when it fails.

use yew::{AttrValue, Callback, Html, html};

use super::fields::{Choice, Segments, SelectField, TextField};
use crate::app::WordsRef;
use crate::forms::{
    FailureForm, FailureKind, FilterForm, FilterKind, PatternForm, PatternKind, ProcessingForm,
    ProcessingKind, QueuesForm, ResetForm, ResetKind, Wrongs,
};

/// What a part of a form works with.
pub(super) struct Fields<'a> {
    /// A prefix for the ids of its fields.
    pub(super) id: &'a str,
    /// The catalogue.
    pub(super) words: &'a WordsRef,
    /// What is wrong.
    pub(super) wrongs: Option<&'a Wrongs>,
    /// Say it even before a field is left.
    pub(super) insists: bool,
}

impl Fields<'_> {
    pub(super) fn id(&self, field: &str) -> String {
        format!("{}-{field}", self.id)
    }

    /// One text field of a form, by its name there.
    pub(super) fn text(
        &self,
        field: &'static str,
        label: &str,
        value: &str,
        (inputmode, hint): (&'static str, Option<&str>),
        oninput: Callback<String>,
    ) -> Html {
        let wrong = self.wrongs.and_then(|wrongs| wrongs.of(field)).map(|wrong| wrong.say(self.words));
        html! {
            <TextField key={field} id={self.id(field)} label={self.words.say(label)} value={value.to_owned()} {inputmode}
                hint={hint.map(|key| AttrValue::from(self.words.say(key)))} wrong={wrong.map(AttrValue::from)}
                insists={self.insists} is_wide={inputmode == "text"} {oninput} />
        }
    }

    pub(super) fn select(
        &self,
        field: &'static str,
        label: &str,
        choices: Vec<Choice>,
        value: String,
        onchange: Callback<String>,
    ) -> Html {
        html! {
            <SelectField key={field} id={self.id(field)} label={self.words.say(label)} {choices} {value} {onchange}
                is_wide=true />
        }
    }

    pub(super) fn segments(
        &self,
        field: &'static str,
        (label, hint): (&str, Option<String>),
        choices: Vec<Choice>,
        value: &'static str,
        onchange: Callback<String>,
    ) -> Html {
        html! {
            <Segments key={field} id={self.id(field)} label={self.words.say(label)} {choices} {value} {onchange}
                hint={hint.map(AttrValue::from)} />
        }
    }

    /// The choices of a field, with a word of the catalogue for each.
    pub(super) fn choices(&self, prefix: &str, values: &[&'static str]) -> Vec<Choice> {
        let choice = |value: &&'static str| Choice {
            value: AttrValue::Static(value),
            label: self.words.say(&format!("{prefix}{value}")).into(),
        };
        values.iter().map(choice).collect()
    }

    /// When a producer sends.
    pub(super) fn pattern(&self, form: &PatternForm, onchange: &Callback<PatternForm>) -> Html {
        self.pattern_of(form, &PatternKind::ALL, ("control.pattern", "control.per_second"), onchange)
    }

    /// When a caller calls. Nobody can press a button for it.
    pub(super) fn call_pattern(&self, form: &PatternForm, onchange: &Callback<PatternForm>) -> Html {
        let kinds = [PatternKind::Constant, PatternKind::Poisson, PatternKind::Bursts];
        self.pattern_of(form, &kinds, ("control.calls_by", "control.calls_per_second"), onchange)
    }

    /// When something happens by itself, by one of some kinds of pattern.
    pub(super) fn pattern_of(
        &self,
        form: &PatternForm,
        kinds: &[PatternKind],
        (label, per_second): (&str, &str),
        onchange: &Callback<PatternForm>,
    ) -> Html {
        let typed = |set: fn(&mut PatternForm, String)| {
            let (form, onchange) = (form.clone(), onchange.clone());
            Callback::from(move |text| {
                let mut form = form.clone();
                set(&mut form, text);
                onchange.emit(form);
            })
        };
        let names: Vec<&'static str> = kinds.iter().map(|kind| kind.name()).collect();
        let kinds = self.choices("control.pattern_", &names);
        let kind = typed(|form, name| {
            form.kind = PatternKind::ALL.into_iter().find(|kind| kind.name() == name).unwrap_or(form.kind);
        });
        let per_second = Some(per_second);
        let is_bursts = form.kind == PatternKind::Bursts;
        let rate_label = if is_bursts { "control.rate_between" } else { "control.rate" };
        html! {
            <>
                { self.select("kind", label, kinds, form.kind.name().into(), kind) }
                if form.kind != PatternKind::ByHand {
                    { self.text("rate", rate_label, &form.rate, ("decimal", per_second), typed(|form, text| form.rate = text)) }
                }
                if is_bursts {
                    { self.text("burst_rate", "control.burst_rate", &form.burst_rate, ("decimal", per_second),
                        typed(|form, text| form.burst_rate = text)) }
                    { self.text("every", "control.every", &form.every, ("span", None), typed(|form, text| form.every = text)) }
                    { self.text("lasting", "control.lasting", &form.lasting, ("span", None),
                        typed(|form, text| form.lasting = text)) }
                }
            </>
        }
    }

    /// Which messages of a topic are wanted.
    pub(super) fn filter(&self, form: &FilterForm, label: &str, onchange: &Callback<FilterForm>) -> Html {
        let typed = |set: fn(&mut FilterForm, String)| {
            let (form, onchange) = (form.clone(), onchange.clone());
            Callback::from(move |text| {
                let mut form = form.clone();
                set(&mut form, text);
                onchange.emit(form);
            })
        };
        let choices = self.choices("control.filter_", &FilterKind::ALL.map(FilterKind::name));
        let kind = typed(|form, name| {
            form.kind = FilterKind::ALL.into_iter().find(|kind| kind.name() == name).unwrap_or(form.kind);
        });
        let (value, hint) = match form.kind {
            FilterKind::Tags => (form.kind.name(), "control.filter_hint_tags"),
            FilterKind::Sql => (form.kind.name(), "control.filter_hint_sql"),
        };
        let wrong = self.wrongs.and_then(|wrongs| wrongs.of("filter")).map(|wrong| wrong.say(self.words));
        html! {
            <>
                <SelectField id={self.id("kind")} label={label.to_owned()} {choices} value={value} onchange={kind}
                    is_wide=true />
                <TextField id={self.id("filter")} label={self.words.say("control.filter_expression")}
                    value={form.text.clone()} hint={AttrValue::from(self.words.say(hint))}
                    wrong={wrong.map(AttrValue::from)} insists={self.insists} is_wide=true
                    oninput={typed(|form, text| form.text = text)} />
            </>
        }
    }

    /// Where a group goes on.
    pub(super) fn reset(&self, form: &ResetForm, label: &str, onchange: &Callback<ResetForm>) -> Html {
        let choices = self.choices("control.reset_", &ResetKind::ALL.map(ResetKind::name));
        let kind = {
            let (form, onchange) = (form.clone(), onchange.clone());
            Callback::from(move |name: String| {
                let kind = ResetKind::ALL.into_iter().find(|kind| kind.name() == name).unwrap_or(form.kind);
                onchange.emit(ResetForm { kind, ..form.clone() });
            })
        };
        let time = {
            let (form, onchange) = (form.clone(), onchange.clone());
            Callback::from(move |time| onchange.emit(ResetForm { time, ..form.clone() }))
        };
        let queue = {
            let (form, onchange) = (form.clone(), onchange.clone());
            Callback::from(move |queue| onchange.emit(ResetForm { queue, ..form.clone() }))
        };
        let offset = {
            let (form, onchange) = (form.clone(), onchange.clone());
            Callback::from(move |offset| onchange.emit(ResetForm { offset, ..form.clone() }))
        };
        let hint = Some("control.reset_time_hint");
        html! {
            <>
                <SelectField id={self.id("kind")} label={label.to_owned()} {choices} value={form.kind.name()}
                    onchange={kind} is_wide=true />
                if form.kind == ResetKind::Time {
                    { self.text("time", "control.reset_time_of", &form.time, ("text", hint), time) }
                }
                if form.kind == ResetKind::Offset {
                    { self.text("queue", "control.reset_queue", &form.queue, ("numeric", None), queue) }
                    { self.text("offset", "control.reset_offset_of", &form.offset, ("numeric", None), offset) }
                }
            </>
        }
    }

    /// How many queues a topic shows.
    pub(super) fn queues(&self, form: &QueuesForm, onchange: &Callback<QueuesForm>) -> Html {
        let write = {
            let (form, onchange) = (form.clone(), onchange.clone());
            Callback::from(move |write| onchange.emit(QueuesForm { write, ..form.clone() }))
        };
        let read = {
            let (form, onchange) = (form.clone(), onchange.clone());
            Callback::from(move |read| onchange.emit(QueuesForm { read, ..form.clone() }))
        };
        html! {
            <>
                { self.text("write", "inspect.write_queues", &form.write, ("numeric", None), write) }
                { self.text("read", "inspect.read_queues", &form.read, ("numeric", Some("control.queues_hint")), read) }
            </>
        }
    }

    /// How long a listener takes.
    pub(super) fn processing(&self, form: &ProcessingForm, onchange: &Callback<ProcessingForm>) -> Html {
        self.handling(form, "control.processing", onchange)
    }

    /// How long something takes.
    pub(super) fn handling(
        &self,
        form: &ProcessingForm,
        label: &str,
        onchange: &Callback<ProcessingForm>,
    ) -> Html {
        let typed = |set: fn(&mut ProcessingForm, String)| {
            let (form, onchange) = (form.clone(), onchange.clone());
            Callback::from(move |text| {
                let mut form = form.clone();
                set(&mut form, text);
                onchange.emit(form);
            })
        };
        let kinds = self.choices("control.processing_", &ProcessingKind::ALL.map(ProcessingKind::name));
        let kind = typed(|form, name| {
            form.kind = ProcessingKind::ALL.into_iter().find(|kind| kind.name() == name).unwrap_or(form.kind);
        });
        let (first, second) = match form.kind {
            ProcessingKind::Constant => ("control.time", "control.time"),
            ProcessingKind::Uniform => ("control.shortest", "control.longest"),
            ProcessingKind::Exponential => ("control.mean", "control.mean"),
            ProcessingKind::LogNormal => ("control.median", "control.p99"),
        };
        html! {
            <>
                { self.select("processing", label, kinds, form.kind.name().into(), kind) }
                { self.text("first", first, &form.first, ("span", None), typed(|form, text| form.first = text)) }
                if form.has_second() {
                    { self.text("second", second, &form.second, ("span", None), typed(|form, text| form.second = text)) }
                }
            </>
        }
    }

    /// When a listener fails.
    pub(super) fn failure(&self, form: &FailureForm, onchange: &Callback<FailureForm>) -> Html {
        let typed = |set: fn(&mut FailureForm, String)| {
            let (form, onchange) = (form.clone(), onchange.clone());
            Callback::from(move |text| {
                let mut form = form.clone();
                set(&mut form, text);
                onchange.emit(form);
            })
        };
        let kinds = self.choices("control.failure_", &FailureKind::ALL.map(FailureKind::name));
        let kind = typed(|form, name| {
            form.kind = FailureKind::ALL.into_iter().find(|kind| kind.name() == name).unwrap_or(form.kind);
        });
        let field = match form.kind {
            FailureKind::Probability => self.text(
                "probability",
                "control.probability",
                &form.probability,
                ("ratio", Some("control.probability_hint")),
                typed(|form, text| form.probability = text),
            ),
            FailureKind::PoisonTag => self.text(
                "tag",
                "control.tag",
                &form.tag,
                ("word", None),
                typed(|form, text| form.tag = text),
            ),
            FailureKind::PoisonKey => self.text(
                "key",
                "control.key",
                &form.key,
                ("word", None),
                typed(|form, text| form.key = text),
            ),
            FailureKind::FirstAttempts => self.text(
                "attempts",
                "control.attempts",
                &form.attempts,
                ("numeric", None),
                typed(|form, text| form.attempts = text),
            ),
        };
        html! {
            <>
                { self.select("failure", "control.failure", kinds, form.kind.name().into(), kind) }
                { field }
            </>
        }
    }
}
