//! What is in Redis, and the commands that read and write it.
//!
//! | key | is |
//! |---|---|
//! | `{PREFIX}:revocations` | the stream: an entry is one fact, in field `r` |
//! | `{PREFIX}:epoch` | which life of that stream this is; gone when Redis lost its data |
//! | `{PREFIX}:settling` | an epoch has just begun after a loss; goes by itself |

use std::fmt;

use redis::streams::StreamReadReply;
use redis::{Pipeline, RedisResult, Value, from_redis_value};
use sealpass_tower::sealpass::revocation::Revocation;

use super::link::Link;

/// The names of the keys. The braces put all on the same node of a Cluster.
#[derive(Clone, Debug)]
pub(super) struct Keys {
    stream: String,
    epoch: String,
    settling: String,
}

/// The id of an entry: milliseconds by the clock of Redis, and a number.
#[derive(Clone, Copy, Debug, Default, Eq, Ord, PartialEq, PartialOrd)]
pub(super) struct EntryId {
    pub(super) millis: u64,
    pub(super) number: u64,
}

/// An entry that was read. None: not one of ours, or of a later version.
pub(super) type Entry = (EntryId, Option<Revocation>);

/// What a look at the stream found.
#[derive(Debug)]
pub(super) struct Look {
    pub(super) epoch: Option<Epoch>,
    /// Whether every entry that is to be there is.
    pub(super) has_all: bool,
    pub(super) entries: Vec<Entry>,
}

/// One life of the stream.
#[derive(Clone, Debug, Eq, PartialEq)]
pub(super) struct Epoch(String);

impl Keys {
    pub(super) fn new(prefix: &str) -> Self {
        Self {
            stream: format!("{{{prefix}}}:revocations"),
            epoch: format!("{{{prefix}}}:epoch"),
            settling: format!("{{{prefix}}}:settling"),
        }
    }

    /// What came after `last`, waiting for it up to `block` milliseconds; 0 does not wait. And
    /// whether all of `expected`, which were read or written before, are still there.
    ///
    /// # Errors
    /// Whatever Redis says.
    pub(super) async fn look(
        &self,
        link: &mut Link,
        expected: &[EntryId],
        last: EntryId,
        block: u64,
    ) -> RedisResult<Look> {
        let mut ask = Pipeline::new();
        ask.cmd("GET").arg(&self.epoch);
        for id in expected.iter().map(EntryId::to_string) {
            ask.cmd("XRANGE").arg(&self.stream).arg(&id).arg(&id).arg("COUNT").arg(1);
        }
        // Last, since nothing behind it is answered before it is.
        let read = ask.cmd("XREAD").arg("COUNT").arg(PAGE);
        if block > 0 {
            read.arg("BLOCK").arg(block);
        }
        read.arg("STREAMS").arg(&self.stream).arg(last.to_string());
        let mut answers: Vec<Value> = link.query(&ask).await?;
        let read: Option<StreamReadReply> = from_redis_value(answers.pop().unwrap_or(Value::Nil))?;
        let found = answers.split_off(answers.len().min(1));
        let epoch: Option<String> = from_redis_value(answers.pop().unwrap_or(Value::Nil))?;
        let is_there = |answer: &Value| answer.as_sequence().is_some_and(|found| !found.is_empty());
        let has_all = found.len() == expected.len() && found.iter().all(is_there);
        let read = read.map(|read| read.keys).unwrap_or_default();
        let entries = read.into_iter().flat_map(|key| key.ids).map(|entry| {
            let bytes = entry.map.get(FIELD).cloned().map(from_redis_value::<Vec<u8>>);
            let fact = match bytes {
                Some(Ok(bytes)) => Revocation::decode(&bytes).ok(),
                Some(Err(_)) | None => None,
            };
            (EntryId::parse(&entry.id).unwrap_or_default(), fact)
        });
        Ok(Look { epoch: epoch.map(Epoch), has_all, entries: entries.collect() })
    }

    /// Appends `facts`, all or none; the answer is the id of the last one. Entries from before
    /// `keep_from`, in milliseconds by the clock of Redis, are dropped.
    ///
    /// # Errors
    /// Whatever Redis says. They may then be there nevertheless.
    pub(super) async fn append<'a>(
        &self,
        link: &mut Link,
        facts: impl IntoIterator<Item = &'a Revocation>,
        keep_from: u64,
    ) -> RedisResult<Option<EntryId>> {
        let mut all = Pipeline::new();
        all.atomic();
        for (place, fact) in facts.into_iter().enumerate() {
            let mut bytes = Vec::new();
            fact.encode(&mut bytes);
            let add = all.cmd("XADD").arg(&self.stream);
            if place == 0 && keep_from > 0 {
                add.arg("MINID").arg("~").arg(keep_from);
            }
            add.arg("*").arg(FIELD).arg(bytes);
        }
        let ids: Vec<String> = link.query(&all).await?;
        Ok(ids.last().and_then(|id| EntryId::parse(id)))
    }

    /// The epoch, and whether everyone has had the time to add what they know to it. Without its
    /// stream, which may have been evicted alone, it is none.
    ///
    /// # Errors
    /// Whatever Redis says.
    pub(super) async fn epoch(&self, link: &mut Link) -> RedisResult<Option<(Epoch, bool)>> {
        let mut ask = Pipeline::new();
        ask.cmd("GET").arg(&self.epoch).cmd("EXISTS").arg(&self.stream);
        ask.cmd("EXISTS").arg(&self.settling);
        let (epoch, has_stream, is_settling): (Option<String>, bool, bool) =
            link.query(&ask).await?;
        Ok(epoch.filter(|_| has_stream).map(|epoch| (Epoch(epoch), !is_settling)))
    }

    /// Begins an epoch called `name`, unless there is one, with entries that say `first`, which are some;
    /// it settles for `settling` milliseconds.
    ///
    /// # Errors
    /// Whatever Redis says.
    pub(super) async fn begin_epoch(
        &self,
        link: &mut Link,
        name: &str,
        first: &[Revocation],
        settling: u64,
    ) -> RedisResult<()> {
        let mut set = Pipeline::new();
        set.atomic();
        // A trimmed stream is still there, one that never had an entry is not.
        for fact in first {
            let mut bytes = Vec::new();
            fact.encode(&mut bytes);
            set.cmd("XADD").arg(&self.stream).arg("*").arg(FIELD).arg(bytes).ignore();
        }
        set.cmd("SET").arg(&self.epoch).arg(name).arg("NX").ignore();
        if settling > 0 {
            set.cmd("SET").arg(&self.settling).arg(name).arg("PX").arg(settling).ignore();
        }
        link.query(&set).await
    }
}

impl EntryId {
    fn parse(text: &str) -> Option<Self> {
        let (millis, number) = text.split_once('-')?;
        Some(Self { millis: millis.parse().ok()?, number: number.parse().ok()? })
    }
}

impl fmt::Display for EntryId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}-{}", self.millis, self.number)
    }
}

/// Entries that one answer holds at most: fewer, and everything there is has been read.
pub(super) const PAGE: usize = 1_000;

const FIELD: &str = "r";

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ids_are_ordered_as_redis_orders_them() {
        let id = |text| EntryId::parse(text).unwrap();
        assert!(id("9-0") < id("10-0"));
        assert!(id("10-9") < id("10-10"));
        assert_eq!(id("18446744073709551615-3").to_string(), "18446744073709551615-3");
        for text in ["", "-", "1", "1-", "-1", "1-x", "18446744073709551616-0"] {
            assert_eq!(EntryId::parse(text), None, "{text}");
        }
    }

    #[test]
    fn all_keys_are_on_the_same_node_of_a_cluster() {
        let keys = Keys::new("shop");
        assert_eq!(keys.stream, "{shop}:revocations");
        assert_eq!(keys.epoch, "{shop}:epoch");
        assert_eq!(keys.settling, "{shop}:settling");
    }
}
