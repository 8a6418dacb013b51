//! The flags of `sealpass serve`, made from the table of settings.

use clap::{Arg, ArgAction, ArgMatches, Args, Command, FromArgMatches};

use super::raw::Raw;
use super::setting::{Described, Fallback};
use super::table;

/// The settings that were given as flags.
#[derive(Clone, Debug, Default)]
pub(crate) struct Flags(Vec<(&'static str, String)>);

impl Flags {
    /// Adds them to `raw`, over what is there.
    pub(super) fn add_to(&self, raw: &mut Raw) {
        for (setting, flag) in flagged() {
            let given = self.0.iter().filter(|(given, _)| *given == flag);
            for (_, text) in given {
                raw.add_flag(setting, flag, text);
            }
        }
    }
}

impl Args for Flags {
    fn augment_args(command: Command) -> Command {
        flagged().fold(command, |command, (setting, flag)| {
            let default = match setting.default() {
                Fallback::Text(text) => format!("[default: {text}]"),
                Fallback::Required => "[required]".to_owned(),
                Fallback::Unset(_) => String::new(),
            };
            let doc = setting.doc();
            let (accepted, variable) = (setting.accepted(), setting.variable());
            let long = format!("{doc}\n\nExpects {accepted}\n\n[env: {variable}] {default}");
            command.arg(
                Arg::new(flag)
                    .long(flag)
                    .value_name("VALUE")
                    .action(ArgAction::Set)
                    .help(format!("{doc} {default}"))
                    .long_help(long),
            )
        })
    }

    fn augment_args_for_update(command: Command) -> Command {
        Self::augment_args(command)
    }
}

impl FromArgMatches for Flags {
    fn from_arg_matches(matches: &ArgMatches) -> Result<Self, clap::Error> {
        let given = flagged().filter_map(|(_, flag)| {
            matches.get_one::<String>(flag).map(|text| (flag, text.clone()))
        });
        Ok(Self(given.collect()))
    }

    fn update_from_arg_matches(&mut self, matches: &ArgMatches) -> Result<(), clap::Error> {
        *self = Self::from_arg_matches(matches)?;
        Ok(())
    }
}

fn flagged() -> impl Iterator<Item = (&'static dyn Described, &'static str)> {
    table::ALL.iter().filter_map(|setting| Some((*setting, setting.flag()?)))
}
