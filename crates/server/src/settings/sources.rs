//! Where settings come from: a file, over it the environment, over it the command line.

use std::collections::BTreeMap;
use std::ffi::OsString;
use std::path::{Path, PathBuf};

use figment::providers::{Format, Toml};
use figment::value::{Dict, Map, Value};
use figment::{Figment, Metadata, Profile, Provider};

use super::environment::{Variables, variable_of};
use super::fault::Fault;
use super::given::{Given, Origin, Raw};
use super::secret_files;

/// Read if it is there and no other file is named.
const USUAL_FILE: &str = "doorward.toml";

/// Settings that can be given on the command line.
#[derive(Clone, Debug, Default, clap::Args)]
pub(crate) struct Flags {
    /// Settings file (TOML); else the one `DOORWARD_CONFIG` names, else ./doorward.toml if there is one
    #[arg(long, global = true, value_name = "FILE")]
    pub(super) config: Option<PathBuf>,
    /// Address and port to listen on, such as 127.0.0.1:8080 (setting `bind`)
    #[arg(long, global = true, value_name = "ADDRESS")]
    pub(super) bind: Option<String>,
    /// Directory of everything that is kept (setting `data_dir`)
    #[arg(long, global = true, value_name = "DIRECTORY")]
    pub(super) data_dir: Option<String>,
}

/// What all sources gave together.
pub(super) struct Gathered {
    /// The strongest for each name.
    pub(super) given: BTreeMap<String, Given>,
    /// What could not be read, so that nobody knows what it would have given.
    pub(super) faults: Vec<Fault>,
    /// The settings file, if there is one.
    pub(super) file: Option<PathBuf>,
}

/// Gathers what all sources gave.
pub(super) fn gather(flags: &Flags, environment: impl IntoIterator<Item = (OsString, OsString)>) -> Gathered {
    let Variables { file, texts, mut faults } = Variables::of(environment);
    let named = flags.config.clone().or(file);
    let file = named.or_else(|| Path::new(USUAL_FILE).exists().then(|| PathBuf::from(USUAL_FILE)));
    let mut figment = Figment::new();
    if let Some(file) = &file {
        match read(file) {
            Ok(layer) => figment = layer,
            Err(fault) => faults.push(fault),
        }
    }
    let figment = figment.merge(Layer { name: Layer::ENVIRONMENT, texts }).merge(options(flags));
    let values = figment.data().ok().and_then(|mut profiles| profiles.remove(&Profile::Default));
    let given = |(name, value): (String, Value)| {
        let origin = origin(&figment, &name, &value);
        (name, Given { raw: Raw::from(value), origin })
    };
    let mut given = values.unwrap_or_default().into_iter().map(given).collect();
    faults.extend(secret_files::read(&mut given));
    Gathered { given, faults, file }
}

fn read(file: &Path) -> Result<Figment, Fault> {
    let layer = Figment::from(Toml::file_exact(file));
    match layer.data() {
        Ok(_) => Ok(layer),
        Err(error) => {
            let reason = without_drawing(&error.kind.to_string());
            let file = format!("the settings file {}", file.display());
            Err(Fault::new(&file, format!("cannot be read: {reason}")))
        }
    }
}

/// A TOML error tells where its line stands, and draws it: with the password that may be in it.
fn without_drawing(reason: &str) -> String {
    let is_drawn = |line: &&str| {
        let rest = line.trim_start_matches(|letter: char| letter.is_ascii_digit() || letter == ' ');
        rest.starts_with('|')
    };
    let told: Vec<&str> = reason.lines().filter(|line| !is_drawn(line)).collect();
    told.join("; ")
}

fn origin(figment: &Figment, name: &str, value: &Value) -> Origin {
    let metadata = figment.get_metadata(value.tag());
    match metadata.and_then(|metadata| metadata.source.as_ref()).and_then(figment::Source::file_path) {
        Some(path) => Origin::File(path.to_owned()),
        None if metadata.is_some_and(|metadata| metadata.name == Layer::ENVIRONMENT) => {
            Origin::Environment(variable_of(name))
        }
        None => Origin::CommandLine(format!("--{}", name.replace('_', "-"))),
    }
}

/// A source that gives nothing but texts.
struct Layer {
    name: &'static str,
    texts: Vec<(String, String)>,
}

impl Layer {
    const ENVIRONMENT: &str = "environment";
    const COMMAND_LINE: &str = "command line";
}

impl Provider for Layer {
    fn metadata(&self) -> Metadata {
        Metadata::named(self.name)
    }

    fn data(&self) -> figment::error::Result<Map<Profile, Dict>> {
        let values = self.texts.iter().map(|(name, text)| (name.clone(), Value::from(text.as_str())));
        Ok(Profile::Default.collect(values.collect::<Dict>()))
    }
}

fn options(flags: &Flags) -> Layer {
    let given = [("bind", &flags.bind), ("data_dir", &flags.data_dir)];
    let texts = given.into_iter().filter_map(|(name, text)| Some((name.to_owned(), text.clone()?)));
    Layer { name: Layer::COMMAND_LINE, texts: texts.collect() }
}
