//! Turns what the sources gave into values and collects everything that is wrong.

use std::collections::{BTreeMap, BTreeSet};

use super::fault::{Fault, Faults};
use super::given::{Given, Raw};
use super::kind::{Kind, REDACTED};
use super::sourced::SettingValue;
use super::sources::Gathered;
use super::table::Unset;
use super::written::Written;

/// Reads settings one by one; what is wrong is told at the end, all at once.
pub(super) struct Reader {
    given: BTreeMap<String, Given>,
    is_whole: bool,
    shown: BTreeMap<&'static str, String>,
    faulty: BTreeSet<&'static str>,
    faults: Vec<Fault>,
    values: Vec<SettingValue>,
}

impl Reader {
    /// Starts with what the sources gave.
    pub(super) fn new(Gathered { given, faults, .. }: Gathered) -> Self {
        Self {
            given,
            is_whole: faults.is_empty(),
            shown: BTreeMap::new(),
            faulty: BTreeSet::new(),
            faults,
            values: Vec::new(),
        }
    }

    /// Reads one setting. Where it is faulty the default stands in for it, and the fault is kept.
    pub(super) fn read<K: Kind>(&mut self, name: &'static str, kind: &K, unset: Unset) -> Option<K::Value> {
        let default = || match unset {
            Unset::Is(text) => kind.read(text),
            Unset::Means(_) => kind.absent(),
        };
        let Some(given) = self.given.remove(name) else {
            let mut written = None;
            if let Unset::Is(text) = unset {
                self.shown.insert(name, format!("{name} = {text:?} (the default)"));
                written = Some(Written::of(&kind.form(), text));
            }
            self.values.push(SettingValue { name, written, origin: None });
            return default();
        };
        let value = value_of(kind, &given.raw);
        let shown = given.shown(name, kind.may_be_shown());
        if let Err(problem) = &value {
            self.faulty.insert(name);
            self.faults.push(Fault::new(&shown, problem));
        }
        self.shown.insert(name, shown);
        let written = given.raw.text().map(|text| Written::of(&kind.form(), &kind.masked(&text)));
        self.values.push(SettingValue { name, written, origin: Some(given.origin) });
        value.ok().or_else(default)
    }

    /// Demands that settings go together: `holds`, or else `name` `must` … `other`. Settings that are wrong by
    /// themselves are not compared; and none are where a source could not be read, which may give the other.
    pub(super) fn agree(&mut self, holds: bool, name: &'static str, must: &str, other: &'static str) {
        if !holds {
            self.refuse(name, &format!("must {must} {}", self.text_of(other)), other);
        }
    }

    /// Says of `name` what is wrong with it beside `other`, on the same terms.
    pub(super) fn refuse(&mut self, name: &'static str, problem: &str, other: &'static str) {
        if self.is_whole && !self.faulty.contains(name) && !self.faulty.contains(other) {
            self.faults.push(Fault::new(&self.text_of(name), problem));
        }
    }

    /// What was read, and everything that is wrong, names that no setting has included.
    pub(super) fn finish(self) -> (Vec<SettingValue>, Faults) {
        let unknown = self.given.into_iter().map(|(name, given)| Fault::unknown(&name, &given));
        (self.values, Faults(self.faults.into_iter().chain(unknown).collect()))
    }

    fn text_of(&self, name: &'static str) -> String {
        self.shown.get(name).cloned().unwrap_or_else(|| name.to_owned())
    }
}

/// The value, or what is wrong with it.
fn value_of<K: Kind>(kind: &K, raw: &Raw) -> Result<K::Value, String> {
    let is_masked = |text: &String| !kind.may_be_shown() && text.contains(REDACTED);
    if raw.text().as_ref().is_some_and(is_masked) {
        return Err(format!("was copied without its secrets; put them where {REDACTED} stands"));
    }
    let (value, reason) = match raw {
        Raw::Text(text) => (kind.read(text), kind.reason(text)),
        Raw::List(items) => (kind.read_list(items), kind.reason(&items.join(","))),
        Raw::Other => (None, None),
    };
    value.ok_or_else(|| match reason {
        Some(reason) => format!("cannot be used: {reason}"),
        None => format!("must be {}", kind.allowed()),
    })
}
