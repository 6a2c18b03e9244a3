//! What is wrong with the settings, told so that somebody can put it right.

use std::fmt;

use super::given::{Given, Origin};
use super::secret_files::file_name;
use super::table::chapters;
use super::{PREFIX, environment_name};

/// How alike two names are, from 0 to 1, before one is suggested for the other.
const ALIKE: f64 = 0.75;

/// Everything that is wrong with the settings.
#[derive(Debug, thiserror::Error)]
pub(crate) struct Faults(pub(super) Vec<Fault>);

/// One thing that is wrong.
#[derive(Debug)]
pub(super) struct Fault(String);

impl Fault {
    /// Says of a setting what it must be.
    pub(super) fn new(setting: &str, problem: impl fmt::Display) -> Self {
        Self(format!("{setting} {problem}"))
    }

    /// Says that nothing is called that, and what was perhaps meant.
    pub(super) fn unknown(name: &str, given: &Given) -> Self {
        let nearest = nearest(name);
        let (subject, hint) = match &given.origin {
            Origin::Environment(variable) => (variable.clone(), nearest.as_deref().map(environment_name)),
            origin => (format!("{name} ({origin})"), nearest),
        };
        let hint = hint.map_or(String::new(), |hint| format!("; did you mean {hint}?"));
        Self(format!("{subject} is no setting{hint}"))
    }
}

fn nearest(name: &str) -> Option<String> {
    let name = name.to_lowercase();
    let name = name.strip_prefix(&PREFIX.to_lowercase()).unwrap_or(&name);
    chapters()
        .iter()
        .flat_map(|chapter| &chapter.settings)
        .flat_map(|setting| {
            let file = setting.is_secret.then(|| file_name(setting.name));
            [Some(setting.name.to_owned()), file].into_iter().flatten()
        })
        .map(|known| (strsim::jaro_winkler(name, &known), known))
        .filter(|(likeness, _)| *likeness >= ALIKE)
        .max_by(|(one, _), (other, _)| one.total_cmp(other))
        .map(|(_, name)| name)
}

impl fmt::Display for Faults {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self(faults) = self;
        match faults.len() {
            1 => write!(formatter, "a setting is wrong:")?,
            count => write!(formatter, "{count} settings are wrong:")?,
        }
        for Fault(text) in faults {
            write!(formatter, "\n  - {text}")?;
        }
        write!(formatter, "\n`doorward --help` lists every setting.")
    }
}
