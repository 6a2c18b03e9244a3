//! Turns what the sources gave into values and collects everything that is wrong.

use std::collections::{BTreeMap, BTreeSet};

use super::fault::{Fault, Faults};
use super::given::{Given, Raw};
use super::kind::Kind;
use super::sources::Gathered;
use super::table::Unset;

/// Reads settings one by one; what is wrong is told at the end, all at once.
pub(super) struct Reader {
    given: BTreeMap<String, Given>,
    is_whole: bool,
    shown: BTreeMap<&'static str, String>,
    faulty: BTreeSet<&'static str>,
    faults: Vec<Fault>,
}

impl Reader {
    /// Starts with what the sources gave.
    pub(super) fn new(Gathered { given, faults }: Gathered) -> Self {
        let is_whole = faults.is_empty();
        Self { given, is_whole, shown: BTreeMap::new(), faulty: BTreeSet::new(), faults }
    }

    /// Reads one setting. Where it is faulty the default stands in for it, and the fault is kept.
    pub(super) fn read<K: Kind>(&mut self, name: &'static str, kind: &K, unset: Unset) -> Option<K::Value> {
        let default = || match unset {
            Unset::Is(text) => kind.read(text),
            Unset::Means(_) => kind.absent(),
        };
        let Some(given) = self.given.remove(name) else {
            if let Unset::Is(text) = unset {
                self.shown.insert(name, format!("{name} = {text:?} (the default)"));
            }
            return default();
        };
        let (value, reason) = match &given.raw {
            Raw::Text(text) => (kind.read(text), kind.reason(text)),
            Raw::List(items) => (kind.read_list(items), kind.reason(&items.join(","))),
            Raw::Other => (None, None),
        };
        let shown = given.shown(name, kind.may_be_shown());
        if value.is_none() {
            self.faulty.insert(name);
            let problem = match reason {
                Some(reason) => format!("cannot be used: {reason}"),
                None => format!("must be {}", kind.allowed()),
            };
            self.faults.push(Fault::new(&shown, problem));
        }
        self.shown.insert(name, shown);
        value.or_else(default)
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

    /// Everything that is wrong, names that no setting has included.
    pub(super) fn finish(self) -> Faults {
        let unknown = self.given.into_iter().map(|(name, given)| Fault::unknown(&name, &given));
        Faults(self.faults.into_iter().chain(unknown).collect())
    }

    fn text_of(&self, name: &'static str) -> String {
        self.shown.get(name).cloned().unwrap_or_else(|| name.to_owned())
    }
}
