//! Who is who: small numbers that name the things of one world. They are given in order of creation and never
//! reused, so a number in an old event always means the same thing.

macro_rules! ids {
    ($($(#[$doc:meta])* $name:ident($inner:ty);)*) => {$(
        $(#[$doc])*
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Default)]
        pub struct $name(pub $inner);

        impl $name {
            /// Its place in the world's list of such things.
            #[inline(always)]
            pub fn index(self) -> usize {
                self.0 as usize
            }

            /// The id of the thing at `index`; lists are far shorter than the id's range (`scenario` limits them).
            pub fn at(index: usize) -> Self {
                Self(<$inner>::try_from(index).unwrap_or(<$inner>::MAX))
            }
        }
    )*};
}

ids! {
    /// A topic, retry and dead-letter topics included.
    TopicId(u32);
    /// A message queue of any topic, counted over all topics; the number *within* its topic is
    /// [`QueueState::number`](super::message_queue::QueueState).
    QueueId(u32);
    /// A producer.
    ProducerId(u16);
    /// A consumer group.
    GroupId(u16);
    /// A consumer of any group.
    ConsumerId(u16);
    /// A service that is called.
    ServiceId(u16);
    /// A caller of services.
    CallerId(u16);
    /// A point-to-point queue.
    P2pId(u16);
    /// A lite topic of any parent; one that expired and is used again has the same.
    LiteId(u32);
    /// The progress of one group (in broadcasting: of one consumer) on one queue.
    ProgressId(u32);
    /// A command given to the world, counted from 0.
    CommandId(u32);
    /// A filter that some subscription has had; 0 is `*`.
    FilterId(u32);
}

/// Where one stored copy of a message lies: RocketMQ's (topic, queue id, queue offset).
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct MessageRef {
    /// The queue that holds it.
    pub queue: QueueId,
    /// Its offset there.
    pub offset: u64,
}
