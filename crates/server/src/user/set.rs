//! The accounts of a users file.

use std::collections::{BTreeMap, HashMap};
use std::hash::{BuildHasher as _, RandomState};
use std::sync::LazyLock;

use sealpass_tower::sealpass::credential::Subject;

use super::claims::Claims;
use super::name::UserName;
use super::password::{HashCost, PasswordHash};

/// Random at every start of the process, so that nobody outside can tell which cost an unknown name
/// gets; the same for every reading of the file, so that the cost of a name does not change with it.
static SPREAD: LazyLock<RandomState> = LazyLock::new(RandomState::new);

/// Accounts by their folded name.
#[derive(Clone, Debug, Default)]
pub(crate) struct Users {
    by_name: BTreeMap<UserName, User>,
    /// What each account's hash costs, in the order of names.
    costs: Vec<HashCost>,
    /// The names of each subject, nearly always one.
    by_subject: HashMap<Subject, Vec<UserName>>,
}

/// One account.
#[derive(Clone, Debug)]
pub(crate) struct User {
    pub(crate) hash: PasswordHash,
    pub(crate) subject: Subject,
    pub(crate) claims: Claims,
}

impl Users {
    pub(crate) fn get(&self, name: &UserName) -> Option<&User> {
        self.by_name.get(name)
    }

    /// The accounts of a subject.
    pub(crate) fn of_subject(&self, subject: &Subject) -> impl Iterator<Item = &User> {
        let names = self.by_subject.get(subject).into_iter().flatten();
        names.filter_map(|name| self.by_name.get(name))
    }

    pub(crate) fn iter(&self) -> impl Iterator<Item = (&UserName, &User)> {
        self.by_name.iter()
    }

    pub(crate) fn len(&self) -> usize {
        self.by_name.len()
    }

    /// Adds an account, or puts it in place of the one of that name.
    pub(crate) fn insert(&mut self, name: UserName, user: User) {
        self.by_name.insert(name, user);
        self.index();
    }

    /// Removes an account; whether there was one.
    pub(crate) fn remove(&mut self, name: &UserName) -> bool {
        let was_there = self.by_name.remove(name).is_some();
        self.index();
        was_there
    }

    /// What checking a password costs for a name that no account has.
    ///
    /// Hashes may differ in cost, so one fixed cost would give unknown names away. An unknown name
    /// gets the cost of an account picked by its hash: always the same for one name, and each cost
    /// as often as among the accounts. The name is folded, as known ones are: `EVE` is `eve`.
    pub(crate) fn cost_of_unknown(&self, typed: &str) -> HashCost {
        let accounts = u64::try_from(self.costs.len()).unwrap_or(u64::MAX);
        let picked = SPREAD.hash_one(typed.to_lowercase()).checked_rem(accounts);
        let cost = picked.and_then(|picked| self.costs.get(usize::try_from(picked).ok()?));
        cost.copied().unwrap_or(HashCost::DEFAULT)
    }

    fn index(&mut self) {
        self.costs = self.by_name.values().map(|user| user.hash.cost()).collect();
        self.by_subject.clear();
        for (name, user) in &self.by_name {
            self.by_subject.entry(user.subject.clone()).or_default().push(name.clone());
        }
    }
}

impl FromIterator<(UserName, User)> for Users {
    fn from_iter<I: IntoIterator<Item = (UserName, User)>>(accounts: I) -> Self {
        let mut users = Self { by_name: accounts.into_iter().collect(), ..Self::default() };
        users.index();
        users
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn account(name: &str, params: &str) -> (UserName, User) {
        let hash = format!("$argon2id$v=19${params}$c29tZXNhbHQ$bAxDxlCRYSTMFCxn5YTDKoQRTDfL/kVg");
        let user = User {
            hash: PasswordHash::parse(&hash).unwrap(),
            subject: Subject::new(name).unwrap(),
            claims: Claims::new(),
        };
        (UserName::fold(name).unwrap(), user)
    }

    #[test]
    fn without_accounts_an_unknown_name_costs_what_a_new_hash_costs() {
        assert_eq!(Users::default().cost_of_unknown("eve"), HashCost::DEFAULT);
    }

    #[test]
    fn unknown_names_cost_what_the_accounts_cost() {
        let users: Users = [account("ada", "m=4096,t=3,p=1"), account("bob", "m=8192,t=1,p=1")]
            .into_iter()
            .collect();
        let costs: Vec<_> = users.iter().map(|(_, user)| user.hash.cost()).collect();
        let mut seen = [0_usize; 2];
        for n in 0..1000 {
            let name = format!("unknown-{n}");
            let cost = users.cost_of_unknown(&name);
            assert_eq!(users.cost_of_unknown(&name), cost, "one name, two costs");
            seen[costs.iter().position(|known| *known == cost).unwrap()] += 1;
        }
        // Each is expected 500 times; 300 is 12 standard deviations away.
        assert!(seen.iter().all(|count| *count > 300), "{seen:?}");
    }

    #[test]
    fn an_unknown_name_costs_the_same_in_every_spelling_and_after_every_reading() {
        let read = || -> Users {
            let costs = ["m=4096,t=3,p=1", "m=8192,t=1,p=1", "m=8192,t=2,p=1", "m=4096,t=4,p=1"];
            let names = ["ada", "bob", "carol", "dan"];
            names.into_iter().zip(costs).map(|(name, cost)| account(name, cost)).collect()
        };
        let (before, after) = (read(), read());
        for n in 0..100 {
            let name = format!("eve-{n}");
            let cost = before.cost_of_unknown(&name);
            assert_eq!(before.cost_of_unknown(&name.to_uppercase()), cost, "{name}");
            assert_eq!(after.cost_of_unknown(&name), cost, "{name}");
        }
    }

    #[test]
    fn a_removed_account_is_gone_for_the_costs_too() {
        let mut users: Users = [account("ada", "m=4096,t=3,p=1"), account("bob", "m=8192,t=1,p=1")]
            .into_iter()
            .collect();
        assert!(users.remove(&UserName::fold("ADA").unwrap()));
        assert!(!users.remove(&UserName::fold("ada").unwrap()));
        assert_eq!(users.len(), 1);
        let bob = users.get(&UserName::fold("Bob").unwrap()).unwrap().hash.cost();
        assert!((0..100).all(|n| users.cost_of_unknown(&format!("unknown-{n}")) == bob));
    }
}
