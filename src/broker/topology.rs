//! What people ask for: topics, producers, groups and consumers come, change and go.

use super::beginning::first_offset;
use super::command::{Command, ConsumerChange};
use super::consumer::{ConsumerStatus, Reach};
use super::consumer_group::GroupState;
use super::event::{Event, Refusal, TopicOrigin};
use super::fault::Client;
use super::id::{CommandId, ConsumerId, GroupId, ProducerId, ProgressId, TopicId};
use super::producer::Schedule;
use super::retry_names::shared_retry_topic;
use super::settings::CommitMode;
use super::spec::{
    Balance, Cleanup, ConsumeMode, ConsumerSpec, ConsumerType, FilterSpec, GroupSpec, InitialOffset,
    MessageType, Pattern, ProducerSpec, SubModel, TopicType,
};
use super::subscription::Filter;
use super::world::World;
use super::{
    balance, calls, consume, delivery, flow, link, lite, outage, p2p, pull, queues, reset, send, simple,
    timer, transaction,
};
use crate::sim::{Agenda, Instant, Stream, subject_of};

/// So many things of one kind a world holds at the most; ids and the agenda have room for more.
pub(super) const MOST: usize = 60_000;

/// Carries out a command, or refuses it.
pub(super) fn command(world: &World, id: CommandId, command: &Command, out: &mut Vec<Event>) {
    if let Err(reason) = try_command(world, id, command, out) {
        debug_assert!(out.is_empty(), "a refused command changes nothing");
        out.push(Event::CommandRefused { command: id, reason });
    }
}

fn try_command(world: &World, id: CommandId, command: &Command, out: &mut Vec<Event>) -> Result<(), Refusal> {
    if world.is_down() && outage::needs_broker(command) {
        return Err(Refusal::BrokerDown);
    }
    match command {
        Command::AddTopic(spec) => {
            if world.find_topic(&spec.name).is_some() {
                return Err(Refusal::NameTaken);
            }
            let queues = spec.write_queues.max(spec.read_queues);
            if spec.message_type == TopicType::Of(MessageType::Lite) && queues != 1 {
                return Err(Refusal::LiteHasOneQueue);
            }
            if spec.message_type == TopicType::Of(MessageType::Lite) && spec.cleanup == Cleanup::Compaction {
                return Err(Refusal::LiteIsNotCompacted);
            }
            if world.live.queues.len() + queues as usize > MOST {
                return Err(Refusal::TooMany);
            }
            let topic = TopicId::at(world.live.topics.len());
            out.push(Event::TopicCreated { topic, origin: TopicOrigin::Command(id), queues });
        }
        Command::AddProducer(spec) => add_producer(world, id, spec, out)?,
        Command::RemoveProducer { producer } => {
            let producer = world.find_producer(producer).ok_or(Refusal::UnknownProducer)?;
            out.push(Event::ProducerRemoved { producer });
            out.extend(link::ends(world, Client::Producer(producer)));
        }
        Command::SetPattern { producer, pattern } => {
            let producer = world.find_producer(producer).ok_or(Refusal::UnknownProducer)?;
            let state = world.producer(producer);
            let next_at = first_send(world, *pattern, state.interarrival.nth(state.scheduled));
            out.push(Event::PatternChanged { producer, command: id, next_at });
        }
        Command::Send { producer, count } => {
            let producer = world.find_producer(producer).ok_or(Refusal::UnknownProducer)?;
            send::by_hand(world, producer, *count, out);
        }
        Command::SendTo { producer, queue, count } => {
            let producer = world.find_producer(producer).ok_or(Refusal::UnknownProducer)?;
            send::by_hand_to(world, producer, *queue, *count, out)?;
        }
        Command::Throttle { sends, receives, lasting } => {
            room_for(world, 0)?;
            out.push(flow::command(world, *sends, *receives, *lasting));
        }
        Command::Recall { producer, number } => {
            let producer = world.find_producer(producer).ok_or(Refusal::UnknownProducer)?;
            if link::is_cut(world, Client::Producer(producer)) {
                return Err(Refusal::LinkCut);
            }
            out.push(timer::recall(world, producer, *number)?);
        }
        Command::EndTransaction { producer, number, commit } => {
            let producer = world.find_producer(producer).ok_or(Refusal::UnknownProducer)?;
            out.push(transaction::end(world, producer, *number, *commit)?);
        }
        Command::CrashProducer { producer } => {
            let producer = world.find_producer(producer).ok_or(Refusal::UnknownProducer)?;
            transaction::crash(world, producer, out);
        }
        Command::RestartProducer { producer } => out.push(transaction::restart(world, producer)?),
        Command::CrashBroker { how } => outage::crash(world, *how, out)?,
        Command::RestartBroker => out.push(outage::restart(world)?),
        Command::Link { client, change } => out.push(link::command(world, client, *change)?),
        Command::AddGroup(spec) => add_group(world, id, spec, out)?,
        Command::RemoveGroup { group } => {
            let group = world.find_group(group).ok_or(Refusal::UnknownGroup)?;
            out.push(Event::GroupRemoved { group });
        }
        Command::SetBalance { group, balance } => {
            let group = world.find_group(group).ok_or(Refusal::UnknownGroup)?;
            if world.group(group).spec.mode == ConsumeMode::Broadcasting {
                return Err(Refusal::BroadcastingIsByQueue);
            }
            if world.group(group).simple {
                return Err(Refusal::SimpleIsByMessage);
            }
            if world.lite_progress(group).is_some() {
                return Err(Refusal::LiteNeedsPush);
            }
            if world.group(group).pull {
                return Err(Refusal::PullIsByQueue);
            }
            let has_sql = |group: &GroupState| {
                let filters = group.subscriptions.iter().flat_map(|s| [s.filter, s.registered]);
                let own = group.consumers.iter().flat_map(|id| &world.consumer(*id).filters).map(|(_, f)| *f);
                filters.chain(own).any(|id| matches!(world.filter(id).spec(), FilterSpec::Sql(_)))
            };
            if *balance == Balance::Queue && !world.settings.sql_available && has_sql(world.group(group)) {
                return Err(Refusal::SqlDisabled);
            }
            if world.group(group).balance != *balance {
                out.push(Event::BalanceChanged { group, balance: *balance });
            }
        }
        Command::ResetOffset { group, topic, to } => {
            let group = world.find_group(group).ok_or(Refusal::UnknownGroup)?;
            let topic = subscribed(world, &world.group(group).topics, topic)?;
            if world.is_lite(topic) {
                return Err(Refusal::LiteHasNoReset);
            }
            reset::command(world, group, topic, *to, out)?;
        }
        Command::SetQueues { topic, write, read } => queues::command(world, topic, *write, *read, out)?,
        Command::SetFilter { group, topic, filter } => {
            let group = world.find_group(group).ok_or(Refusal::UnknownGroup)?;
            let topic = subscribed(world, &world.group(group).topics, topic)?;
            compiles(world, topic, world.group(group).by_message, filter)?;
            out.push(Event::FilterChanged { group, topic, consumer: None, command: id });
        }
        Command::AddConsumer { group, consumer } => {
            let group = world.find_group(group).ok_or(Refusal::UnknownGroup)?;
            own_filters(world, &world.group(group).topics, world.group(group).by_message, consumer)?;
            let parent = world.lite_progress(group).map(|id| world.queue(world.progress(id).queue).topic);
            let reading = (world.lite_progress(group), world.is_exclusive(group));
            lite::own_wishes(world, parent, reading, std::iter::once(consumer))?;
            let taken = |id: &ConsumerId| world.consumer(*id).spec.name == consumer.name;
            if world.group(group).consumers.iter().any(taken) {
                return Err(Refusal::NameTaken);
            }
            let state = world.group(group);
            let reads =
                if state.spec.mode == ConsumeMode::Broadcasting { readable(world, &state.topics) } else { 0 };
            room_for(world, slots_of_consumer(world, consumer) + reads)?;
            join(world, group, id, &state.topics, 0, &mut Places::of(world)?, out);
        }
        Command::Consumer { consumer, change } => {
            let consumer = world.find_consumer(consumer).ok_or(Refusal::UnknownConsumer)?;
            change_consumer(world, id, consumer, change, out)?;
        }
        Command::AddService(spec) => calls::add_service(world, id, spec, out)?,
        Command::AddCaller(spec) => calls::add_caller(world, id, spec, out)?,
        Command::Caller { caller, change } => calls::change_caller(world, id, caller, change, out)?,
        Command::Service { service, change } => calls::change_service(world, id, service, change, out)?,
        Command::AddP2pQueue(spec) => p2p::add(world, id, spec, out)?,
        Command::P2p { queue, change } => p2p::change(world, queue, *change, out)?,
    }
    Ok(())
}

fn add_producer(
    world: &World,
    id: CommandId,
    spec: &ProducerSpec,
    out: &mut Vec<Event>,
) -> Result<(), Refusal> {
    world.find_topic(&spec.topic).ok_or(Refusal::UnknownTopic)?;
    if world.find_producer(&spec.name).is_some() {
        return Err(Refusal::NameTaken);
    }
    if world.live.producers.len() >= MOST {
        return Err(Refusal::TooMany);
    }
    let message = &spec.message;
    let is_normal = message.message_type() == MessageType::Normal;
    // Lite messages go one by one: each may be for another lite topic.
    let kept_for_later = message.lite_topic.is_some()
        || message.transaction.is_some()
        || message.delay.is_some()
        || message.delay_level.is_some();
    if message.batch.is_some() && (kept_for_later || message.request.is_some()) {
        return Err(Refusal::NotInBatches);
    }
    if message.request.is_some() && !is_normal {
        return Err(Refusal::RequestsAreNormal);
    }
    room_for(world, SLOTS_OF_PRODUCER)?;
    let producer = ProducerId::at(world.live.producers.len());
    let interarrival = world.chance.stream(Stream::Interarrival, subject_of(&spec.name));
    let next_at = first_send(world, spec.pattern, interarrival.nth(0));
    out.push(Event::ProducerAdded { producer, command: id, next_at });
    Ok(())
}

/// When a producer whose pattern begins now sends first.
pub(super) fn first_send(world: &World, pattern: Pattern, luck: u64) -> Instant {
    let now = world.live.now;
    Schedule::new(pattern, now).send_time(1, luck, now)
}

/// Slots of the agenda that each producer and each group takes.
const SLOTS_OF_PRODUCER: usize = 2;
const SLOTS_OF_GROUP: usize = 4;

/// Slots that a consumer takes: two, and one for each thread.
fn slots_of_consumer(world: &World, consumer: &ConsumerSpec) -> usize {
    2 + consumer.threads.unwrap_or(world.settings.push_threads) as usize
}

/// How many queues a reader of these topics sees.
fn readable(world: &World, topics: &[TopicId]) -> usize {
    topics.iter().map(|topic| world.topic(*topic).readable().len()).sum()
}

/// How many retry topics may come into being for a group that reads so many topics: with one family of load balancing one for
/// each of them, with the other one for all.
fn most_retry_topics(topics: usize) -> usize {
    topics + 1
}

/// Does the agenda hold so many more slots, and one for every retry topic that may still come into being?
pub(super) fn room_for(world: &World, slots: usize) -> Result<(), Refusal> {
    let retries: usize = world.groups().map(|(_, group)| most_retry_topics(group.topics.len())).sum();
    // The look at retention, the timer, the half messages, flow control, requests, compaction, unanswered sends and a broker that
    // comes back take one each once they are needed, and lite topics three. With checkpoints each group takes one more for its commits.
    let commits = match world.settings.pop_commit_mode {
        CommitMode::MinUnacked => 0,
        CommitMode::Checkpoint => world.live.groups.len() + 1,
    };
    let all = world.live.alarms.len() + retries + commits + slots + 11;
    if all > Agenda::SLOTS_MAX as usize { Err(Refusal::TooMany) } else { Ok(()) }
}

/// The ids that the next consumer and the next progress will get.
struct Places {
    consumer: usize,
    progress: usize,
}

impl Places {
    fn of(world: &World) -> Result<Self, Refusal> {
        let places = Self { consumer: world.live.consumers.len(), progress: world.live.progress.len() };
        if places.consumer >= MOST { Err(Refusal::TooMany) } else { Ok(places) }
    }
}

fn add_group(world: &World, id: CommandId, spec: &GroupSpec, out: &mut Vec<Event>) -> Result<(), Refusal> {
    if world.find_group(&spec.name).is_some() {
        return Err(Refusal::NameTaken);
    }
    if world.groups().any(|(_, other)| shared_retry_topic(spec, &other.spec).is_some()) {
        return Err(Refusal::RetryTopicTaken);
    }
    if world.live.groups.len() >= MOST {
        return Err(Refusal::TooMany);
    }
    let find = |s: &super::spec::SubscriptionSpec| world.find_topic(&s.topic).ok_or(Refusal::UnknownTopic);
    let topics = spec.subscriptions.iter().map(find).collect::<Result<Vec<TopicId>, Refusal>>()?;
    let by_message = spec.balance == Balance::Message && spec.mode == ConsumeMode::Clustering;
    spec.subscriptions
        .iter()
        .zip(&topics)
        .try_for_each(|(wish, topic)| compiles(world, *topic, by_message, &wish.filter))?;
    let parent = lite_parent(world, spec, &topics)?;
    let exclusive = spec.sub_model(&world.settings) == SubModel::Exclusive;
    lite::own_wishes(world, parent, (None, exclusive), spec.consumers.iter())?;
    spec.consumers.iter().try_for_each(|consumer| own_filters(world, &topics, by_message, consumer))?;
    let reads = readable(world, &topics);
    let consumers: usize = spec.consumers.iter().map(|consumer| slots_of_consumer(world, consumer)).sum();
    let readers = if spec.mode == ConsumeMode::Broadcasting { spec.consumers.len() } else { 1 };
    room_for(world, SLOTS_OF_GROUP + most_retry_topics(topics.len()) + readers * reads + consumers)?;
    let mut places = Places::of(world)?;
    let group = GroupId::at(world.live.groups.len());
    out.push(Event::GroupCreated { group, command: id });
    if spec.mode == ConsumeMode::Clustering {
        start_progress(world, group, None, &topics, (spec.initial_offset, spec.balance), &mut places, out);
    }
    for nth in 0..spec.consumers.len() {
        let consumer = ConsumerId::at(places.consumer);
        out.push(Event::ConsumerJoined { consumer, group, command: id, nth: nth as u32 });
        places.consumer += 1;
        if spec.mode == ConsumeMode::Broadcasting {
            start_progress(
                world,
                group,
                Some(consumer),
                &topics,
                (spec.initial_offset, spec.balance),
                &mut places,
                out,
            );
        }
    }
    Ok(())
}

/// The topic of this name, if it is one of those that a group subscribes to.
fn subscribed(world: &World, topics: &[TopicId], name: &str) -> Result<TopicId, Refusal> {
    let topic = world.find_topic(name).ok_or(Refusal::UnknownTopic)?;
    if topics.contains(&topic) { Ok(topic) } else { Err(Refusal::NotSubscribed) }
}

/// The parent of the lite topics that a group is to read, if it is one for that.
fn lite_parent(world: &World, spec: &GroupSpec, topics: &[TopicId]) -> Result<Option<TopicId>, Refusal> {
    let Some(&parent) = topics.iter().find(|topic| world.is_lite(**topic)) else { return Ok(None) };
    if topics.len() > 1 {
        return Err(Refusal::LiteBindsOneTopic);
    }
    let shares_messages = spec.balance == Balance::Message && spec.mode == ConsumeMode::Clustering;
    if !shares_messages || spec.consumer_type != ConsumerType::Push {
        return Err(Refusal::LiteNeedsPush);
    }
    Ok(Some(parent))
}

fn compiles(world: &World, topic: TopicId, by_message: bool, filter: &FilterSpec) -> Result<(), Refusal> {
    if world.is_lite(topic) && !filter.is_all() {
        return Err(Refusal::LiteHasNoFilter);
    }
    if matches!(filter, FilterSpec::Sql(_)) && !by_message && !world.settings.sql_available {
        return Err(Refusal::SqlDisabled);
    }
    match Filter::compile(filter, world.settings.sql_strict_eof) {
        Ok(_) => Ok(()),
        Err(_) => Err(Refusal::IllegalFilter),
    }
}

fn own_filters(
    world: &World,
    topics: &[TopicId],
    by_message: bool,
    consumer: &ConsumerSpec,
) -> Result<(), Refusal> {
    consumer.subscriptions.iter().try_for_each(|wish| {
        let topic = subscribed(world, topics, &wish.topic)?;
        compiles(world, topic, by_message, &wish.filter)
    })
}

fn join(
    world: &World,
    group: GroupId,
    id: CommandId,
    topics: &[TopicId],
    nth: u32,
    places: &mut Places,
    out: &mut Vec<Event>,
) {
    let consumer = ConsumerId::at(places.consumer);
    out.push(Event::ConsumerJoined { consumer, group, command: id, nth });
    places.consumer += 1;
    let spec = &world.group(group).spec;
    if spec.mode == ConsumeMode::Broadcasting {
        start_progress(
            world,
            group,
            Some(consumer),
            topics,
            (spec.initial_offset, spec.balance),
            places,
            out,
        );
    }
}

fn start_progress(
    world: &World,
    group: GroupId,
    member: Option<ConsumerId>,
    topics: &[TopicId],
    (initial, balance): (InitialOffset, Balance),
    places: &mut Places,
    out: &mut Vec<Event>,
) {
    let by_message = member.is_none() && balance == Balance::Message;
    for topic in topics {
        for &queue in world.topic(*topic).readable() {
            let offset = first_offset(world, queue, initial, by_message);
            let progress = ProgressId::at(places.progress);
            out.push(Event::ProgressStarted { progress, group, queue, member, offset });
            places.progress += 1;
        }
    }
}

fn change_consumer(
    world: &World,
    command: CommandId,
    consumer: ConsumerId,
    change: &ConsumerChange,
    out: &mut Vec<Event>,
) -> Result<(), Refusal> {
    let state = world.consumer(consumer);
    let only_if = |allowed: bool| if allowed { Ok(()) } else { Err(Refusal::WrongState) };
    // What is said to the broker, unlike what an application does by itself.
    let is_said = matches!(
        change,
        ConsumerChange::Lite(_)
            | ConsumerChange::Receive { .. }
            | ConsumerChange::Acknowledge { .. }
            | ConsumerChange::ChangeInvisible { .. }
            | ConsumerChange::SetFilter { .. }
            | ConsumerChange::Commit
            | ConsumerChange::Seek { .. }
            | ConsumerChange::SendBack { .. }
    );
    if is_said && link::is_cut(world, Client::Consumer(consumer)) {
        return Err(Refusal::LinkCut);
    }
    match change {
        ConsumerChange::Leave => {
            only_if(state.status.is_member())?;
            pull::done_by_hand(world, consumer, out);
            out.push(Event::ConsumerLeaving { consumer });
        }
        ConsumerChange::Crash => {
            only_if(state.is_alive())?;
            let detected_at = world.live.now + world.settings.consumer_crash_detection;
            let lost = pull::would_lose(world, consumer);
            out.push(Event::ConsumerCrashed { consumer, detected_at });
            if lost > 0 {
                out.push(Event::PolledLost { consumer, count: lost });
            }
        }
        ConsumerChange::Restart => {
            only_if(!state.is_alive())?;
            if link::is_cut(world, Client::Consumer(consumer)) {
                return Err(Refusal::LinkCut);
            }
            if state.status == ConsumerStatus::Crashed && !state.crash_detected {
                out.push(Event::CrashDetected { consumer });
            }
            out.push(Event::ConsumerRestarted { consumer });
        }
        ConsumerChange::Pause => {
            only_if(state.status == ConsumerStatus::Running)?;
            out.push(Event::ConsumerPaused { consumer });
        }
        ConsumerChange::Resume => {
            only_if(state.status == ConsumerStatus::Paused)?;
            out.push(Event::ConsumerResumed { consumer });
        }
        ConsumerChange::SetThreads(_) if state.is_by_hand() => return Err(Refusal::NoThreads),
        ConsumerChange::SetThreads(threads) => {
            room_for(world, (*threads as usize).saturating_sub(state.threads.len()))?;
            out.push(Event::ThreadsChanged { consumer, threads: *threads })
        }
        ConsumerChange::SetProcessing(_) => out.push(Event::ProcessingChanged { consumer, command }),
        ConsumerChange::SetFailure(_) => out.push(Event::FailureChanged { consumer, command }),
        ConsumerChange::FailNext(count) => out.push(Event::FailNextSet { consumer, count: *count }),
        ConsumerChange::Receive { .. } => simple::receive(world, consumer, command, change, out)?,
        ConsumerChange::Acknowledge { handle } => out.push(simple::acknowledge(world, consumer, *handle)?),
        ConsumerChange::ChangeInvisible { handle, invisible } => {
            simple::change_invisible(world, consumer, *handle, *invisible, out)?;
        }
        ConsumerChange::Poll => pull::poll_by_hand(world, consumer, out)?,
        ConsumerChange::Commit => pull::commit_by_hand(world, consumer, out)?,
        ConsumerChange::Seek { topic, queue, to } => pull::seek(world, consumer, topic, *queue, *to, out)?,
        ConsumerChange::PauseQueue { topic, queue } => out.push(pull::pause(world, consumer, topic, *queue)?),
        ConsumerChange::ResumeQueue { topic, queue } => {
            out.push(pull::resume(world, consumer, topic, *queue)?);
        }
        ConsumerChange::SendBack { topic, queue, offset, level, max_times } => {
            let (queue, offset, level, max_times) = (*queue, *offset, *level, *max_times);
            let what = pull::SendsBack { topic, queue, offset, level, max_times };
            pull::sends_back(world, consumer, &what, out)?;
        }
        ConsumerChange::Lite(change) => lite::change(world, command, consumer, change, out)?,
        ConsumerChange::SetFilter { topic, filter } => {
            let group = state.group;
            let topic = subscribed(world, &world.group(group).topics, topic)?;
            compiles(world, topic, world.group(group).by_message, filter)?;
            out.push(Event::FilterChanged { group, topic, consumer: Some(consumer), command });
        }
    }
    Ok(())
}

/// A consumer is connected now: it asks for messages, or for its share of the queues.
pub(super) fn connected(world: &World, consumer: ConsumerId, out: &mut Vec<Event>) {
    let group = world.consumer(consumer).group;
    if world.group(group).by_message {
        delivery::receive(world, consumer, out);
    } else {
        balance::schedule(world, group, out);
    }
}

/// A paused consumer goes on with its cache and takes new messages again.
pub(super) fn resumed(world: &World, consumer: ConsumerId, out: &mut Vec<Event>) {
    delivery::start_idle(world, consumer, out);
    if world.consumer(consumer).pulls {
        pull::start_idle(world, consumer, out);
        pull::go_on(world, consumer, out);
    }
    delivery::receive(world, consumer, out);
    if !world.group(world.consumer(consumer).group).by_message {
        for progress in owned_by(world, consumer) {
            delivery::hand_out_ready(world, progress, out);
        }
    }
}

/// A consumer is cleanly gone: its offsets are reported, its queues belong to nobody until the next rebalance.
pub(super) fn left(world: &World, consumer: ConsumerId, out: &mut Vec<Event>) {
    let group = world.consumer(consumer).group;
    if world.group(group).by_message {
        // What it would have tried again in place is still with it.
        return cut_invisible_times(world, consumer, out);
    }
    for progress in owned_by(world, consumer) {
        balance::hand_over(world, progress, None, out);
    }
    balance::schedule(world, group, out);
}

/// The broker knows that a consumer is gone: what it held becomes visible again soon, its queues belong to nobody.
pub(super) fn crash_detected(world: &World, consumer: ConsumerId, out: &mut Vec<Event>) {
    let group = world.consumer(consumer).group;
    if world.group(group).by_message {
        cut_invisible_times(world, consumer, out);
        lite::goes(world, consumer, out);
    } else {
        // What the dead process knew of its progress is lost, even if it has been started again by now.
        for progress in owned_by(world, consumer) {
            balance::take_back(world, progress, out);
        }
        balance::schedule(world, group, out);
    }
}

/// Message balancing: what a consumer that is gone still holds is visible again soon.
fn cut_invisible_times(world: &World, consumer: ConsumerId, out: &mut Vec<Event>) {
    let until = world.live.now + world.settings.push_offline_invisible;
    for &progress in &world.group(world.consumer(consumer).group).progress {
        for (&offset, held) in &world.progress(progress).held {
            // Nobody cuts the time of what a simple consumer has a receipt handle for.
            if held.consumer == consumer && held.until.is_none() && held.handle == 0 {
                out.push(Event::InvisibleTimeCut { progress, offset, until });
            }
        }
    }
}

/// What is shared out inside a group changed: everything unfinished goes back, and sharing begins anew.
pub(super) fn balance_changed(world: &World, group: GroupId, out: &mut Vec<Event>) {
    for &progress in &world.group(group).progress {
        balance::hand_over(world, progress, None, out);
    }
    out.push(Event::RebalanceScheduled { group, at: world.live.now });
}

/// The progresses of a consumer's group that it owns now.
pub(super) fn owned_by(world: &World, consumer: ConsumerId) -> impl Iterator<Item = ProgressId> {
    let group = world.group(world.consumer(consumer).group);
    group.progress.iter().copied().filter(move |id| world.progress(*id).owner == Some(consumer))
}

/// A consumer's turn to tell the broker how far it has come in each of its queues.
pub(super) fn persist_offsets(world: &World, consumer: ConsumerId, out: &mut Vec<Event>) {
    if !world.consumer(consumer).is_alive() {
        return;
    }
    if world.consumer(consumer).pulls {
        return pull::polls_again(world, consumer, out);
    }
    let gets_through = world.consumer(consumer).reach != Reach::Cut;
    for progress in owned_by(world, consumer).filter(|_| gets_through) {
        let state = world.progress(progress);
        if state.done_below() > state.committed {
            out.push(Event::OffsetCommitted { progress, offset: state.done_below() });
        }
    }
    let next_at = world.live.now + world.settings.classic_persist_offset_interval;
    out.push(Event::OffsetsPersisted { consumer, next_at });
}

/// A consumer began to shut down. What it still holds is worked off, also if it was paused; it may hold nothing.
pub(super) fn leaving(world: &World, consumer: ConsumerId, out: &mut Vec<Event>) {
    lite::goes(world, consumer, out);
    delivery::start_idle(world, consumer, out);
    if world.consumer(consumer).pulls {
        pull::start_idle(world, consumer, out);
    }
    consume::leave_when_done(world, consumer, out);
}
