//! One part of the cache, behind one lock: sets of a few places each.

use std::sync::Arc;

use sealpass_jose::{NumericDate, Secret, constant_time_eq};

use crate::claims::Opened;
use crate::request::Channel;

/// Where a token belongs: a keyed hash, whose low half chooses the shard and high half the set.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(super) struct Address(pub(super) u64);

impl Address {
    pub(super) fn shard(self, shards: usize) -> usize {
        reduce(self.0 & u64::from(u32::MAX), shards)
    }

    fn set(self, sets: usize) -> usize {
        reduce(self.0 >> 32, sets)
    }
}

/// The places of a shard. A token may be in any place of its set.
pub(super) struct Shard<C> {
    sets: Box<[Set<C>]>,
}

struct Set<C> {
    places: [Option<Kept<C>>; WAYS],
    /// The place that is given up next when all are taken.
    next: usize,
}

struct Kept<C> {
    address: Address,
    channel: Channel,
    /// The whole text, wiped when it is given up.
    token: Secret<Box<[u8]>>,
    opened: Arc<Opened<C>>,
}

const WAYS: usize = 4;

impl<C> Shard<C> {
    /// Places in each set.
    pub(super) const WAYS: usize = WAYS;

    pub(super) fn new(places: usize) -> Self {
        let set = || Set { places: [const { None }; WAYS], next: 0 };
        Self { sets: std::iter::repeat_with(set).take(places.div_ceil(WAYS)).collect() }
    }

    pub(super) fn find(
        &self,
        address: Address,
        channel: Channel,
        token: &[u8],
    ) -> Option<Arc<Opened<C>>> {
        let set = self.sets.get(address.set(self.sets.len()))?;
        // The address is a keyed hash: to learn where it differs tells nobody anything.
        let kept = set.places.iter().flatten().find(|kept| kept.address == address)?;
        let same = kept.channel == channel && constant_time_eq(kept.token.expose(), token);
        same.then(|| Arc::clone(&kept.opened))
    }

    pub(super) fn insert(
        &mut self,
        address: Address,
        channel: Channel,
        token: &[u8],
        opened: &Arc<Opened<C>>,
        now: NumericDate,
    ) {
        let index = address.set(self.sets.len());
        let Some(set) = self.sets.get_mut(index) else { return };
        let place = set.place_for(address, now);
        if let Some(place) = set.places.get_mut(place) {
            *place = Some(Kept {
                address,
                channel,
                token: Secret::new(token.into()),
                opened: Arc::clone(opened),
            });
        }
    }

    pub(super) fn clear(&mut self) {
        for set in &mut self.sets {
            set.places = [const { None }; WAYS];
        }
    }

    #[cfg(test)]
    pub(super) fn len(&self) -> usize {
        self.sets.iter().map(|set| set.places.iter().flatten().count()).sum()
    }
}

impl<C> Set<C> {
    /// The place of a token with this address, or a free one, or one whose token can never count
    /// again, or else each in turn.
    fn place_for(&mut self, address: Address, now: NumericDate) -> usize {
        let is_over = |kept: &Kept<C>| now >= kept.opened.session.idle_expires_at;
        let find = |wanted: &dyn Fn(&Option<Kept<C>>) -> bool| self.places.iter().position(wanted);
        find(&|place| place.as_ref().is_some_and(|kept| kept.address == address))
            .or_else(|| find(&Option::is_none))
            .or_else(|| find(&|place| place.as_ref().is_some_and(is_over)))
            .unwrap_or_else(|| {
                let next = self.next;
                self.next = (next + 1) % WAYS;
                next
            })
    }
}

/// Spreads 32 random bits over `0..count`.
fn reduce(bits: u64, count: usize) -> usize {
    let spread = (u128::from(bits) * count as u128) >> 32;
    usize::try_from(spread).unwrap_or_default()
}
