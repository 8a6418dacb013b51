//! Reads settings one by one and remembers every problem on the way.

use super::problem::{Place, Problem, Problems, Source};
use super::raw::{Given, Item, Raw, Texts};
use super::setting::{Accept, Described, Fallback, Setting, TableArray};

/// Takes the text of settings and gives their values.
#[derive(Debug)]
pub(super) struct Reader {
    raw: Raw,
    /// The table of an array that is being read, to which settings of the array belong.
    item: Option<Item>,
}

/// Proof that a problem was recorded: whoever has one may give up without another word.
#[derive(Clone, Copy, Debug)]
pub(super) struct Reported(());

impl Reader {
    pub(super) fn new(raw: Raw) -> Self {
        Self { raw, item: None }
    }

    /// The value of a setting, or of its default.
    ///
    /// # Errors
    /// [`Reported`] when it is missing or not what the setting accepts.
    pub(super) fn get<A: Accept>(&mut self, setting: &Setting<A>) -> Result<A::Value, Reported> {
        match self.optional(setting)? {
            Some(value) => Ok(value),
            None => Err(self.missing(setting)),
        }
    }

    /// The value of a setting that may be left out.
    ///
    /// # Errors
    /// [`Reported`] when it is not what the setting accepts.
    pub(super) fn optional<A: Accept>(
        &mut self,
        setting: &Setting<A>,
    ) -> Result<Option<A::Value>, Reported> {
        let values = self.values(setting)?;
        Ok(values.into_iter().next())
    }

    /// The values of a list, none when it is left out.
    ///
    /// # Errors
    /// [`Reported`] when an item is not what the setting accepts.
    pub(super) fn list<A: Accept>(
        &mut self,
        setting: &Setting<A, true>,
    ) -> Result<Vec<A::Value>, Reported> {
        self.values(setting)
    }

    /// What `read` makes of each table of an array, none when there is no table. All of them are read
    /// before one is given up.
    ///
    /// # Errors
    /// [`Reported`] when one cannot be made.
    pub(super) fn items<T>(
        &mut self,
        array: &TableArray,
        mut read: impl FnMut(&mut Self, &Place) -> Result<T, Reported>,
    ) -> Result<Vec<T>, Reported> {
        let mut values = Vec::new();
        let mut reported = None;
        for item in self.raw.items.remove(array.key).unwrap_or_default() {
            let place = item.place.clone();
            self.item = Some(item);
            match read(self, &place) {
                Ok(value) => values.push(value),
                Err(problem) => reported = Some(problem),
            }
        }
        self.item = None;
        reported.map_or(Ok(values), Err)
    }

    /// Records that a setting is needed and not there.
    pub(super) fn missing(&mut self, setting: &dyn Described) -> Reported {
        match self.place_of(setting) {
            Some(place) => {
                let problem = Problem::missing_in(place, setting);
                self.raw.problems.push(problem);
                Reported(())
            }
            None => self.absent(Problem::missing(setting)),
        }
    }

    /// Records that a setting follows from others, and these are not there.
    pub(super) fn undecided(&mut self, setting: &dyn Described, why: String) -> Reported {
        let (at, key) = (self.source(setting), self.name(setting));
        self.absent(Problem::Conflict { at, key, why })
    }

    /// Records that a setting does not go with others; `why` follows its name.
    pub(super) fn conflict(&mut self, setting: &dyn Described, why: String) -> Reported {
        let (at, key) = (self.source(setting), self.name(setting));
        self.raw.problems.push(Problem::Conflict { at, key, why });
        Reported(())
    }

    /// Records that a table of an array does not go with others; `why` follows its name.
    pub(super) fn conflict_at(&mut self, place: &Place, why: String) -> Reported {
        let (at, key) = (place.at.clone(), place.name());
        self.raw.problems.push(Problem::Conflict { at, key, why });
        Reported(())
    }

    /// Where a setting comes from.
    pub(super) fn source(&self, setting: &dyn Described) -> Source {
        let given = self.texts(setting).given.get(setting.key());
        given.map_or(Source::Default, |given| given.source.clone())
    }

    /// The table that a setting belongs to, if it is one of an array.
    fn place_of(&self, setting: &dyn Described) -> Option<&Place> {
        self.item.as_ref().map(|item| &item.place).filter(|place| place.holds(setting))
    }

    fn texts(&self, setting: &dyn Described) -> &Texts {
        match &self.item {
            Some(item) if item.place.holds(setting) => &item.texts,
            _ => &self.raw.texts,
        }
    }

    /// What a setting is called in messages.
    fn name(&self, setting: &dyn Described) -> String {
        let place = self.place_of(setting);
        place.map_or_else(|| setting.key().to_owned(), |place| place.name_of(setting))
    }

    /// `resolved`, unless there was any problem.
    pub(super) fn finish<T>(self, resolved: Result<T, Reported>) -> Result<T, Problems> {
        match resolved {
            Ok(resolved) if self.raw.problems.is_empty() => Ok(resolved),
            _ => Err(Problems(self.raw.problems)),
        }
    }

    /// In a file that could not be read there may well be what seems to be missing; that it could
    /// not be read is among the problems.
    fn absent(&mut self, problem: Problem) -> Reported {
        if !self.raw.unread {
            self.raw.problems.push(problem);
        }
        Reported(())
    }

    fn values<A: Accept, const MANY: bool>(
        &mut self,
        setting: &Setting<A, MANY>,
    ) -> Result<Vec<A::Value>, Reported> {
        let texts = self.texts(setting);
        if texts.refused.contains(setting.key) {
            return Err(Reported(()));
        }
        let given = match (texts.given.get(setting.key), setting.default) {
            (Some(given), _) => given.clone(),
            (None, Fallback::Text(text)) => {
                Given { source: Source::Default, items: vec![text.to_owned()] }
            }
            (None, Fallback::Required | Fallback::Unset(_)) => return Ok(Vec::new()),
        };
        let mut values = Vec::with_capacity(given.items.len());
        let mut reported = None;
        for text in &given.items {
            match setting.accepts.read(text) {
                Ok(value) => values.push(value),
                Err(why) => {
                    let key = self.name(setting);
                    self.raw.problems.push(Problem::Refused {
                        at: given.source.clone(),
                        key,
                        text: setting.accepts.may_be_shown().then(|| text.clone()),
                        why: why.into_owned(),
                        accepted: setting.accepted().into_owned(),
                    });
                    reported = Some(Reported(()));
                }
            }
        }
        reported.map_or(Ok(values), Err)
    }
}
