//! The environment's part: which variables are ours, and what they are called as settings.

use std::ffi::{OsStr, OsString};
use std::path::PathBuf;

use super::fault::Fault;
use super::{PREFIX, environment_name};

/// Names the settings file; it is no setting itself.
const FILE_VARIABLE: &str = "DOORWARD_CONFIG";

/// Options of a command that are given in the environment, since they hold passwords; no settings either.
pub(crate) const TRANSFER_FROM: &str = "DOORWARD_TRANSFER_FROM";
pub(crate) const TRANSFER_FROM_FILE: &str = "DOORWARD_TRANSFER_FROM_FILE";
pub(crate) const TRANSFER_TO: &str = "DOORWARD_TRANSFER_TO";
pub(crate) const TRANSFER_TO_FILE: &str = "DOORWARD_TRANSFER_TO_FILE";

/// What the environment gave.
pub(super) struct Variables {
    /// The settings file that it names.
    pub(super) file: Option<PathBuf>,
    /// The settings.
    pub(super) texts: Vec<(String, String)>,
    /// Variables that are no Unicode text.
    pub(super) faults: Vec<Fault>,
}

impl Variables {
    /// Takes the variables that are ours.
    pub(super) fn of(environment: impl IntoIterator<Item = (OsString, OsString)>) -> Self {
        let mut found = Self { file: None, texts: Vec::new(), faults: Vec::new() };
        for (variable, value) in environment {
            if !variable.as_encoded_bytes().starts_with(PREFIX.as_bytes()) {
                continue;
            }
            match (variable.to_str(), value.to_str()) {
                (Some(FILE_VARIABLE), _) => found.file = Some(PathBuf::from(value)),
                (Some(TRANSFER_FROM | TRANSFER_FROM_FILE | TRANSFER_TO | TRANSFER_TO_FILE), _) => {}
                (Some(variable), Some(text)) if is_service_link(variable, text) => {}
                (Some(variable), Some(text)) => found.texts.push((name_of(variable), text.to_owned())),
                _ => {
                    let fault = Fault::new(&OsStr::to_string_lossy(&variable), "must be text in UTF-8");
                    found.faults.push(fault);
                }
            }
        }
        found
    }
}

/// `DOORWARD_DATA_DIR` is `data_dir`. A variable in any other form keeps its name and so is no setting.
fn name_of(variable: &str) -> String {
    let name = variable.strip_prefix(PREFIX).unwrap_or(variable).to_lowercase();
    if environment_name(&name) == variable { name } else { variable.to_owned() }
}

/// The variable that a name in [`Variables::texts`] came from.
pub(super) fn variable_of(name: &str) -> String {
    if name.starts_with(PREFIX) { name.to_owned() } else { environment_name(name) }
}

/// Whether Kubernetes made the variable: beside a Service called `doorward` every container is given
/// `DOORWARD_SERVICE_HOST`, `DOORWARD_PORT=tcp://…`, `DOORWARD_PORT_8080_TCP_ADDR` and the like.
fn is_service_link(variable: &str, value: &str) -> bool {
    let numbered = |rest: &str| rest.starts_with(|first: char| first.is_ascii_digit());
    variable.ends_with("_SERVICE_HOST")
        || variable.contains("_SERVICE_PORT")
        || (variable.ends_with("_PORT") && value.contains("://"))
        || variable.split("_PORT_").skip(1).any(numbered)
}
