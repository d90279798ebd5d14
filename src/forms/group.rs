//! A new consumer group.

use super::consumer::threads;
use super::text::{self, NameRule};
use super::{
    Checks, FailureForm, FilterForm, ProcessingForm, RetryForm, StrategyForm, Wrong, Wrongs, group_name, lite,
};
use crate::broker::spec::{
    Application, Balance, ConsumeMode, ConsumerSpec, ConsumerType, DeliveryOrder, Failure, FilterSpec,
    GroupSpec, InitialOffset, RetryRule, Strategy, SubModel, SubscriptionSpec,
};
use crate::broker::{Command, TopicId, World};
use crate::scenario::limits;
use crate::sim::{Distribution, Span, sort_by_key};

/// What kind of consumers a new group gets.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Client {
    /// Push consumers.
    Push,
    /// Simple ones that work by themselves.
    Simple,
    /// The same, and they extend the invisible time of what they have not finished.
    SimpleRenewing,
    /// Simple ones that do what a person asks for.
    SimpleByHand,
    /// Pull consumers whose polls commit.
    Pull,
    /// Pull consumers that commit when they have processed what a poll returned.
    PullCommitting,
    /// Pull consumers that do what a person asks for.
    PullByHand,
}

impl Client {
    /// All of them, by the words of the choice.
    pub const WORDS: [&str; 7] =
        ["push", "simple", "renewing", "by_hand", "pull", "pull_committing", "pull_by_hand"];

    /// Those that can share out single messages, or whole queues.
    pub fn words(balance: Balance) -> Vec<&'static str> {
        let fits = |word: &&str| Self::of(word).fits(balance);
        Self::WORDS.into_iter().filter(fits).collect()
    }

    fn fits(self, balance: Balance) -> bool {
        match self {
            Self::Push => true,
            Self::Simple | Self::SimpleRenewing | Self::SimpleByHand => balance == Balance::Message,
            Self::Pull | Self::PullCommitting | Self::PullByHand => balance == Balance::Queue,
        }
    }

    fn consumer_type(self) -> ConsumerType {
        match self {
            Self::Push => ConsumerType::Push,
            Self::Simple | Self::SimpleRenewing | Self::SimpleByHand => ConsumerType::Simple,
            Self::Pull | Self::PullCommitting | Self::PullByHand => ConsumerType::Pull,
        }
    }

    fn application(self) -> Application {
        match self {
            Self::Push | Self::Simple | Self::Pull => Application::Loop,
            Self::SimpleRenewing => Application::Renewing,
            Self::PullCommitting => Application::Committing,
            Self::SimpleByHand | Self::PullByHand => Application::ByHand,
        }
    }

    /// The word for it.
    pub fn name(self) -> &'static str {
        Self::WORDS[self as usize]
    }

    /// What a word stands for.
    pub fn of(word: &str) -> Self {
        match word {
            "simple" => Self::Simple,
            "renewing" => Self::SimpleRenewing,
            "by_hand" => Self::SimpleByHand,
            "pull" => Self::Pull,
            "pull_committing" => Self::PullCommitting,
            "pull_by_hand" => Self::PullByHand,
            _ => Self::Push,
        }
    }
}

/// How often the business effect of a message is had.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Effect {
    /// Nobody counts.
    Uncounted,
    /// With every delivery.
    EachTime,
    /// Once for each business key.
    Once,
}

impl Effect {
    /// All of them, by the words of the choice.
    pub const WORDS: [&str; 3] = ["uncounted", "each_time", "once"];

    /// The word for it.
    pub fn name(self) -> &'static str {
        Self::WORDS[self as usize]
    }

    /// What a word stands for.
    pub fn of(word: &str) -> Self {
        match word {
            "each_time" => Self::EachTime,
            "once" => Self::Once,
            _ => Self::Uncounted,
        }
    }

    fn idempotent(self) -> Option<bool> {
        match self {
            Self::Uncounted => None,
            Self::EachTime => Some(false),
            Self::Once => Some(true),
        }
    }
}

/// What is typed for a new group.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct GroupForm {
    /// Its name.
    pub name: String,
    /// Do its consumers share the messages?
    pub mode: ConsumeMode,
    /// What is shared out.
    pub balance: Balance,
    /// Which kind of client its consumers are, and what works them. Simple ones share single messages,
    /// pull consumers whole queues.
    pub client: Client,
    /// How queues are shared out.
    pub strategy: StrategyForm,
    /// Are its messages delivered in order?
    pub delivery_order: DeliveryOrder,
    /// When failed messages are tried again.
    pub retry: RetryForm,
    /// Do its listeners answer requests?
    pub replies: bool,
    /// Where it starts.
    pub initial_offset: InitialOffset,
    /// What it listens to.
    pub topics: Vec<TopicId>,
    /// May several of its clients subscribe to one lite topic? As in the settings, if it is not said.
    pub lite_sub_model: Option<SubModel>,
    /// The lite topics that each of its consumers subscribes to, if it reads a parent of some.
    pub lite_topics: String,
    /// Which messages of a topic, where something else than all was typed.
    pub filters: Vec<(TopicId, FilterForm)>,
    /// Does the effect of its messages count?
    pub effect: Effect,
    /// How many consumers it starts with.
    pub consumers: String,
    /// Threads of each.
    pub threads: String,
    /// How long their listeners take.
    pub processing: ProcessingForm,
    /// When they fail.
    pub failure: FailureForm,
}

impl GroupForm {
    /// A proposal.
    pub fn new(world: &World) -> Self {
        Self {
            name: group_name(world),
            mode: ConsumeMode::Clustering,
            balance: Balance::Queue,
            client: Client::Push,
            strategy: StrategyForm::default(),
            delivery_order: DeliveryOrder::Concurrent,
            retry: RetryForm::default(),
            replies: false,
            initial_offset: InitialOffset::Latest,
            topics: world.ordinary_topics().map(|(id, _)| id).take(1).collect(),
            lite_sub_model: None,
            lite_topics: String::new(),
            filters: Vec::new(),
            effect: Effect::Uncounted,
            consumers: "2".into(),
            threads: "1".into(),
            processing: ProcessingForm::of(&Distribution::Exponential { mean: Span::from_ms(100) }),
            failure: FailureForm::of(&Failure::NEVER),
        }
    }

    /// Chooses a topic, or no longer.
    pub fn toggle(&mut self, topic: TopicId) {
        if self.topics.contains(&topic) {
            self.topics.retain(|chosen| *chosen != topic);
        } else {
            self.topics.push(topic);
            sort_by_key(&mut self.topics, |topic| *topic);
        }
    }

    /// Does it read lite topics? They go one by one, to push consumers that share the messages.
    pub fn is_lite(&self, world: &World) -> bool {
        self.topics.iter().any(|topic| world.is_lite(*topic))
    }

    /// What is shared out, and to which kind of client, with what the topics decide by themselves. What is not shown is
    /// not asked.
    fn sharing(&self, world: &World) -> (ConsumeMode, Balance, Client) {
        if self.is_lite(world) {
            return (ConsumeMode::Clustering, Balance::Message, Client::Push);
        }
        match self.mode {
            // Broadcasting has nothing to share out but whole queues.
            ConsumeMode::Broadcasting => (self.mode, Balance::Queue, Client::Push),
            ConsumeMode::Clustering if self.client.fits(self.balance) => {
                (self.mode, self.balance, self.client)
            }
            ConsumeMode::Clustering => (self.mode, self.balance, Client::Push),
        }
    }

    /// What is typed for the filter of a topic.
    pub fn filter(&self, topic: TopicId) -> FilterForm {
        let typed = self.filters.iter().find(|(of, _)| *of == topic).map(|(_, form)| form.clone());
        typed.unwrap_or_else(|| FilterForm::of(&FilterSpec::All))
    }

    /// Types a filter for a topic.
    pub fn set_filter(&mut self, topic: TopicId, form: FilterForm) {
        self.filters.retain(|(of, _)| *of != topic);
        self.filters.push((topic, form));
    }

    /// The command it asks for.
    pub fn check(&self, world: &World) -> Result<Command, Wrongs> {
        let mut checks = Checks::default();
        let name = text::name(&self.name, NameRule::Group, |name| world.find_group(name).is_some());
        let name = checks.take("name", name);
        if world.live.groups.len() as u64 >= limits::GROUPS {
            checks.object("name", Wrong::new("control.wrong_too_many").with("most", limits::GROUPS));
        }
        if self.topics.is_empty() {
            checks.object("topics", Wrong::new("control.wrong_no_subscription"));
        }
        let is_lite = self.is_lite(world);
        if is_lite && self.topics.len() > 1 {
            checks.object("topics", Wrong::new("control.wrong_lite_alone"));
        }
        let lite_topics = if is_lite {
            checks.take("lite_topics", lite::wishes(&self.lite_topics))
        } else {
            Some(Vec::new())
        };
        let (mode, balance, client) = self.sharing(world);
        let wish = |id: &TopicId| {
            let filter = if is_lite { FilterSpec::All } else { self.filter(*id).check(world)? };
            Ok(SubscriptionSpec { topic: world.topic(*id).name.to_string(), filter })
        };
        let subscriptions = self.topics.iter().map(wish).collect::<Result<Vec<_>, Wrongs>>();
        let subscriptions = checks.part(subscriptions);
        let room = limits::CONSUMERS.saturating_sub(world.live.consumers.len() as u64).min(1_000);
        let consumers = checks.take("consumers", text::count(&self.consumers, 0, room));
        let each = u64::from(consumers.unwrap_or(1));
        let threads = checks.take("threads", threads(world, &self.threads, 0, each));
        let processing = checks.part(self.processing.check());
        let failure = checks.part(self.failure.check());
        let broadcasts = mode == ConsumeMode::Broadcasting;
        let strategy = if broadcasts || balance != Balance::Queue {
            Some(Strategy::Avg)
        } else {
            checks.part(self.strategy.check(world, &self.topics))
        };
        let is_orderly = self.delivery_order == DeliveryOrder::Orderly && !broadcasts && !is_lite;
        let retry = if broadcasts || is_orderly {
            Some(RetryRule::default())
        } else {
            checks.part(self.retry.check())
        };
        if let Some(consumers) = consumers {
            self.check_progresses(world, consumers, &mut checks);
        }
        let rules = failure.zip(strategy.zip(retry));
        let spec = match (name, subscriptions, consumers, threads, processing, rules.zip(lite_topics)) {
            (
                Some(name),
                Some(subscriptions),
                Some(consumers),
                Some(threads),
                Some(processing),
                Some(((failure, (strategy, retry)), lite_topics)),
            ) => {
                let is_orderly = is_orderly && client.consumer_type() != ConsumerType::Pull;
                let consumer = |n: u32| ConsumerSpec {
                    application: client.application(),
                    name: format!("C{n}"),
                    threads: Some(threads),
                    processing,
                    failure: failure.clone(),
                    lite_topics: lite_topics.clone(),
                    subscriptions: Vec::new(),
                };
                let delivery_order =
                    if is_orderly { DeliveryOrder::Orderly } else { DeliveryOrder::Concurrent };
                Some(GroupSpec {
                    consumer_type: client.consumer_type(),
                    idempotent: self.effect.idempotent(),
                    replies: self.replies,
                    name,
                    mode,
                    balance,
                    strategy,
                    retry,
                    delivery_order,
                    lite_sub_model: self.lite_sub_model.filter(|_| is_lite),
                    initial_offset: self.initial_offset,
                    subscriptions,
                    consumers: (1..=consumers).map(consumer).collect(),
                })
            }
            _ => None,
        };
        checks.finish(spec.map(Command::AddGroup))
    }

    /// Every reader keeps its progress on every queue, and there is room for so many.
    fn check_progresses(&self, world: &World, consumers: u32, checks: &mut Checks) {
        let queues: u64 = self.topics.iter().map(|id| world.topic(*id).queues.len() as u64).sum();
        let readers = if self.mode == ConsumeMode::Broadcasting { u64::from(consumers) } else { 1 };
        if world.live.progress.len() as u64 + queues * readers > limits::PROGRESSES {
            checks.object("consumers", Wrong::new("control.wrong_too_many").with("most", limits::PROGRESSES));
        }
    }
}
