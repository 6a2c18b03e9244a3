//! Settings together with where each of them comes from, for those who look at them.

use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::PathBuf;

use super::given::Origin;
use super::written::Written;
use super::{REDACTED, Settings};

/// Settings, and who says so.
pub(crate) struct Sourced {
    /// The settings.
    pub(crate) settings: Settings,
    /// What was given for each, in the order of the table.
    pub(crate) values: Vec<SettingValue>,
    /// The settings file, if there is one.
    pub(crate) file: Option<PathBuf>,
}

impl Sourced {
    /// Tells of a settings file with secrets in it that others than its owner may read.
    pub(crate) fn readable_secrets(&self) -> Option<String> {
        let path = self.file.as_ref()?;
        let secrets = self.values.iter().filter(|value| {
            let is_masked = value.written.as_ref().is_some_and(|written| written.toml().contains(REDACTED));
            is_masked && matches!(value.origin, Some(Origin::File(_)))
        });
        let names: Vec<_> = secrets.map(|value| value.name).collect();
        let mode = fs::metadata(path).ok()?.permissions().mode() & 0o7777;
        (mode & 0o077 != 0 && !names.is_empty()).then(|| {
            let (path, names) = (path.display(), names.join(", "));
            format!(
                "{path}: others may read the secrets in it (mode {mode:04o}, {names}); run: chmod 600 {path}"
            )
        })
    }
}

/// One setting's value, without secrets.
#[derive(Clone)]
pub(crate) struct SettingValue {
    /// Its name.
    pub(crate) name: &'static str,
    /// What was given, or the default; `None` where nothing was and the default depends on something else.
    pub(crate) written: Option<Written>,
    /// Who gave it; `None` for a default.
    pub(crate) origin: Option<Origin>,
}

impl Settings {
    /// What a setting that nobody gave, and whose default depends on something else, is here; `None` for one that is
    /// not set at all.
    pub(crate) fn derived(&self, name: &str) -> Option<Written> {
        let path = |path: PathBuf| Some(Written::Text(path.to_string_lossy().into_owned()));
        let count = |count: usize| u64::try_from(count).ok().map(Written::count);
        match name {
            "keys_dir" => path(self.keys_path()),
            "pepper_file" => path(self.pepper_path()),
            "database_url" => Some(Written::Text(self.database().to_string())),
            "redis_documents_url" => Some(Written::Text(self.redis()?.documents_url.describe())),
            "hash_threads" => count(self.hash_thread_count()),
            "workers" => count(self.worker_count()),
            _ => None,
        }
    }
}
