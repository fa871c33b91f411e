//! `lockstep.toml`: pairs of servers by name, intervals, looks, limits. Every effective value knows where it came from; an
//! unknown key is an error with its line and what may have been meant.

use std::collections::BTreeMap;
use std::fmt;
use std::fs::File;
use std::io::{self, Read};
use std::path::{Path, PathBuf};

use chrono::TimeDelta;

use super::session_dir::{DATA_DIR_VARIABLE, default_data_dir};
use crate::facts::{Baselines, Intervals, ServerName};
use crate::rb1::Group;

mod baselines;
mod read;
#[cfg(test)]
mod tests;

/// The file's name in the config directory.
pub const FILE_NAME: &str = "lockstep.toml";
/// The environment variable that names the config directory.
pub const CONFIG_DIR_VARIABLE: &str = "LOCKSTEP_CONFIG_DIR";
/// The largest file that is read, in bytes: 1 MiB.
const LIMIT: u64 = 1 << 20;
/// The cap of a transcript where none is set, in bytes: 256 MiB.
pub const DEFAULT_TRANSCRIPT_CAP: u64 = 256 << 20;

/// Where a value came from.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Origin {
    /// Nothing was said: the program's own value
    Default,
    /// The file, at this line
    File(usize),
    /// This environment variable
    Environment(&'static str),
    /// This option of the command line
    Option(&'static str),
}

/// A value with where it came from.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Setting<T> {
    /// The value in effect
    pub value: T,
    /// Where it came from
    pub from: Origin,
}

impl<T> Setting<T> {
    fn default(value: T) -> Self {
        Self { value, from: Origin::Default }
    }
}

/// How the screen looks.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum Look {
    /// As the terminal and the environment ask
    #[default]
    Auto,
    /// Without colours
    Mono,
    /// With ASCII symbols only
    Ascii,
}

impl Look {
    /// Every look with the word of the file.
    pub const ALL: [(&'static str, Self); 3] = [("auto", Self::Auto), ("mono", Self::Mono), ("ascii", Self::Ascii)];

    /// The word of the file.
    pub fn name(self) -> &'static str {
        match self {
            Self::Auto => "auto",
            Self::Mono => "mono",
            Self::Ascii => "ascii",
        }
    }
}

/// What is in effect.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Config {
    /// The file that was read, or would be; none where the system names no home
    pub file: Option<PathBuf>,
    /// Where sessions are kept; none where the system names no home and nothing is set
    pub data_dir: Setting<Option<PathBuf>>,
    /// How the screen looks
    pub theme: Setting<Look>,
    /// The ssh key that seals are signed with
    pub signing_key: Setting<Option<PathBuf>>,
    /// Files with the standard rules of untouched installations, as `lockstep status --json` writes them
    pub baselines: Setting<Vec<PathBuf>>,
    /// The most bytes of a transcript that are kept, 0 for no limit
    pub transcript_cap: Setting<u64>,
    /// How often each group is asked for
    pub intervals: BTreeMap<Group, Setting<TimeDelta>>,
    /// Servers by the pair's name: role and target, in the file's order
    pub pairs: BTreeMap<String, Vec<(ServerName, Setting<String>)>>,
}

/// What the environment says.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Environment {
    /// `LOCKSTEP_CONFIG_DIR`, else the system's place for configuration
    pub config_dir: Option<PathBuf>,
    /// `LOCKSTEP_DATA_DIR`
    pub data_dir: Option<PathBuf>,
    /// The system's place for the user's own data
    pub default_data_dir: Option<PathBuf>,
}

impl Environment {
    /// This process's.
    pub fn of_process() -> Self {
        let named = |name| std::env::var_os(name).filter(|value| !value.is_empty()).map(PathBuf::from);
        let own = directories::ProjectDirs::from("", "", "lockstep").map(|dirs| dirs.config_dir().to_owned());
        Self {
            config_dir: named(CONFIG_DIR_VARIABLE).or(own),
            data_dir: named(DATA_DIR_VARIABLE),
            default_data_dir: default_data_dir(),
        }
    }
}

/// A file that cannot be used: every problem with its line.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Broken {
    /// The file
    pub file: PathBuf,
    /// Line (from 1, 0 for the file as a whole) and what is wrong, in the file's order
    pub problems: Vec<(usize, String)>,
}

impl fmt::Display for Broken {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (number, (line, text)) in self.problems.iter().enumerate() {
            let (end, file) = (if number == 0 { "" } else { "\n" }, self.file.display());
            if *line == 0 { write!(f, "{end}{file}: {text}")? } else { write!(f, "{end}{file}:{line}: {text}")? }
        }
        Ok(())
    }
}

impl std::error::Error for Broken {}

impl Config {
    /// What is in effect for this process.
    ///
    /// # Errors
    /// Where the file is there and cannot be read or used; a file that is not there is no error.
    pub fn load() -> Result<Self, Broken> {
        Self::load_in(&Environment::of_process())
    }

    /// What is in effect in an environment.
    ///
    /// # Errors
    /// As [`Self::load`].
    pub fn load_in(environment: &Environment) -> Result<Self, Broken> {
        let Some(file) = environment.config_dir.as_ref().map(|dir| dir.join(FILE_NAME)) else {
            return Ok(Self::defaults(environment, None));
        };
        match text_of(&file) {
            Ok(Some(text)) => read::config(Self::defaults(environment, Some(file.clone())), environment, &text)
                .map_err(|problems| Broken { file, problems }),
            Ok(None) => Ok(Self::defaults(environment, Some(file))),
            Err(why) => Err(Broken { file, problems: vec![(0, why)] }),
        }
    }

    fn defaults(environment: &Environment, file: Option<PathBuf>) -> Self {
        let intervals = Intervals::default();
        let data_dir = match &environment.data_dir {
            Some(dir) => Setting { value: Some(dir.clone()), from: Origin::Environment(DATA_DIR_VARIABLE) },
            None => Setting::default(environment.default_data_dir.clone()),
        };
        Self {
            file,
            data_dir,
            theme: Setting::default(Look::Auto),
            signing_key: Setting::default(None),
            baselines: Setting::default(Vec::new()),
            transcript_cap: Setting::default(DEFAULT_TRANSCRIPT_CAP),
            intervals: Group::ALL.into_iter().map(|group| (group, Setting::default(intervals.get(group)))).collect(),
            pairs: BTreeMap::new(),
        }
    }

    /// The same with a transcript's cap from the command line, where there is one.
    #[must_use]
    pub fn with_transcript_cap(mut self, cap: Option<u64>) -> Self {
        if let Some(value) = cap {
            self.transcript_cap = Setting { value, from: Origin::Option("--transcript-cap") };
        }
        self
    }

    /// The intervals in effect.
    pub fn intervals(&self) -> Intervals {
        self.intervals.iter().fold(Intervals::default(), |all, (group, setting)| all.with(*group, setting.value))
    }

    /// What the files of `baselines` hold.
    ///
    /// # Errors
    /// Every file that cannot be read or is none, with the line that names it.
    pub fn baselines(&self) -> Result<Baselines, Broken> {
        let line = if let Origin::File(line) = self.baselines.from { line } else { 0 };
        baselines::read(&self.baselines.value).map_err(|problems| Broken {
            file: self.file.clone().unwrap_or_else(|| FILE_NAME.into()),
            problems: problems.into_iter().map(|text| (line, text)).collect(),
        })
    }

    /// A pair's servers: role and target.
    ///
    /// # Errors
    /// Where there is no such pair: which there are.
    pub fn pair(&self, name: &str) -> Result<Vec<(ServerName, String)>, String> {
        let targets = |pair: &Vec<(ServerName, Setting<String>)>| {
            pair.iter().map(|(role, target)| (role.clone(), target.value.clone())).collect()
        };
        self.pairs.get(name).map(targets).ok_or_else(|| {
            let file = self.file.as_ref().map_or_else(|| FILE_NAME.to_owned(), |file| file.display().to_string());
            match self.pairs.keys().cloned().collect::<Vec<_>>().as_slice() {
                [] => format!("there is no pair '{name}': {file} names none, write [pairs.{name}] with old = and new ="),
                known => format!("there is no pair '{name}' in {file}; there are {}", known.join(", ")),
            }
        })
    }

    /// Every value in effect: key, value as the file would have it, and where it came from.
    pub fn effective(&self) -> Vec<(String, String, Origin)> {
        let path = |path: &Option<PathBuf>| path.as_ref().map_or_else(String::new, |path| path.display().to_string());
        let cap = if self.transcript_cap.value == 0 { "0".to_owned() } else { read::size_words(self.transcript_cap.value) };
        let baselines: Vec<String> = self.baselines.value.iter().map(|path| path.display().to_string()).collect();
        let own = [
            ("data_dir", path(&self.data_dir.value), self.data_dir.from),
            ("theme", self.theme.value.name().to_owned(), self.theme.from),
            ("signing_key", path(&self.signing_key.value), self.signing_key.from),
            ("baselines", baselines.join(", "), self.baselines.from),
            ("transcript.cap", cap, self.transcript_cap.from),
        ];
        let intervals = self
            .intervals
            .iter()
            .map(|(group, setting)| (format!("intervals.{}", group.name()), read::interval_words(setting.value), setting.from));
        let pairs = self.pairs.iter().flat_map(|(pair, servers)| {
            servers.iter().map(move |(role, target)| (format!("pairs.{pair}.{role}"), target.value.clone(), target.from))
        });
        own.into_iter().map(|(key, value, from)| (key.to_owned(), value, from)).chain(intervals).chain(pairs).collect()
    }
}

/// Reads a size as the file has it: `256MiB`, `1GiB`, `0` for no limit.
///
/// # Errors
/// What was found and what is expected.
pub fn size(text: &str) -> Result<u64, String> {
    read::parse_size(text).ok_or_else(|| format!("'{text}' is no size; write it as 256MiB, 1GiB, or 0 for no limit"))
}

/// The text of a file; none where there is no file.
fn text_of(path: &Path) -> Result<Option<String>, String> {
    let mut bytes = Vec::new();
    let read = File::open(path).and_then(|file| file.take(LIMIT + 1).read_to_end(&mut bytes));
    match read {
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(None),
        Err(error) => return Err(format!("cannot be read: {error}")),
        Ok(_) if bytes.len() as u64 > LIMIT => return Err(format!("is larger than {}", read::size_words(LIMIT))),
        Ok(_) => {}
    }
    let text = String::from_utf8(bytes).map_err(|error| format!("is not UTF-8 at byte {}", error.utf8_error().valid_up_to()))?;
    Ok(Some(text.strip_prefix('\u{feff}').map_or(text.clone(), str::to_owned)))
}
