//! Reads settings one by one and remembers every problem on the way.

use super::problem::{Problem, Problems, Source};
use super::raw::{Given, Raw};
use super::setting::{Accept, Described, Fallback, Setting};

/// Takes the text of settings and gives their values.
#[derive(Debug)]
pub(super) struct Reader(Raw);

/// Proof that a problem was recorded: whoever has one may give up without another word.
#[derive(Clone, Copy, Debug)]
pub(super) struct Reported(());

impl Reader {
    pub(super) fn new(raw: Raw) -> Self {
        Self(raw)
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

    /// Records that a setting is needed and not there.
    pub(super) fn missing(&mut self, setting: &dyn Described) -> Reported {
        self.absent(Problem::missing(setting))
    }

    /// Records that a setting follows from others, and these are not there.
    pub(super) fn undecided(&mut self, setting: &dyn Described, why: String) -> Reported {
        let at = self.source(setting);
        self.absent(Problem::Conflict { at, key: setting.key(), why })
    }

    /// Records that a setting does not go with others; `why` follows its name.
    pub(super) fn conflict(&mut self, setting: &dyn Described, why: String) -> Reported {
        let at = self.source(setting);
        self.0.problems.push(Problem::Conflict { at, key: setting.key(), why });
        Reported(())
    }

    /// Where a setting comes from.
    pub(super) fn source(&self, setting: &dyn Described) -> Source {
        self.0.get(setting.key()).map_or(Source::Default, |given| given.source.clone())
    }

    /// `resolved`, unless there was any problem.
    pub(super) fn finish<T>(self, resolved: Result<T, Reported>) -> Result<T, Problems> {
        match resolved {
            Ok(resolved) if self.0.problems.is_empty() => Ok(resolved),
            _ => Err(Problems(self.0.problems)),
        }
    }

    /// In a file that could not be read there may well be what seems to be missing; that it could
    /// not be read is among the problems.
    fn absent(&mut self, problem: Problem) -> Reported {
        if !self.0.unread {
            self.0.problems.push(problem);
        }
        Reported(())
    }

    fn values<A: Accept, const MANY: bool>(
        &mut self,
        setting: &Setting<A, MANY>,
    ) -> Result<Vec<A::Value>, Reported> {
        if self.0.refused.contains(setting.key) {
            return Err(Reported(()));
        }
        let given = match (self.0.get(setting.key), setting.default) {
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
                    self.0.problems.push(Problem::Refused {
                        at: given.source.clone(),
                        key: setting.key,
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
