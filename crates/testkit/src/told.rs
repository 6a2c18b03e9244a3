//! What the code under test tells operators: counters, log lines and spans.

use std::collections::{BTreeMap, HashMap};
use std::fmt::Debug;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, OnceLock};

use metrics::{Counter, Gauge, Histogram, Key, KeyName, Metadata, Recorder, SharedString, Unit};
use parking_lot::Mutex;
use tracing::field::{Field, Visit};
use tracing::span::{Attributes, Id, Record};
use tracing::{Event, Subscriber};

/// Counters by name and labels, as in `name{label=value,other=value}`.
#[derive(Clone, Default)]
pub struct Counters(Arc<Mutex<BTreeMap<String, Arc<AtomicU64>>>>);

impl Counters {
    /// How much was counted.
    pub fn value(&self, name: &str) -> u64 {
        self.0.lock().get(name).map_or(0, |counter| counter.load(Ordering::SeqCst))
    }
}

impl Recorder for Counters {
    fn describe_counter(&self, _: KeyName, _: Option<Unit>, _: SharedString) {}

    fn describe_gauge(&self, _: KeyName, _: Option<Unit>, _: SharedString) {}

    fn describe_histogram(&self, _: KeyName, _: Option<Unit>, _: SharedString) {}

    fn register_counter(&self, key: &Key, _: &Metadata<'_>) -> Counter {
        let labels: Vec<_> = key.labels().map(|label| format!("{}={}", label.key(), label.value())).collect();
        let name = match labels.as_slice() {
            [] => key.name().to_owned(),
            labels => format!("{}{{{}}}", key.name(), labels.join(",")),
        };
        Counter::from_arc(Arc::clone(self.0.lock().entry(name).or_default()))
    }

    fn register_gauge(&self, _: &Key, _: &Metadata<'_>) -> Gauge {
        Gauge::noop()
    }

    fn register_histogram(&self, _: &Key, _: &Metadata<'_>) -> Histogram {
        Histogram::noop()
    }
}

/// The fields of a log line or a span, as text; `level`, and `message` of a line or `span` of a span, are among them.
pub type Fields = HashMap<String, String>;

/// Log lines and spans.
#[derive(Clone, Default)]
pub struct Lines {
    lines: Arc<Mutex<Vec<Fields>>>,
    spans: Arc<Mutex<Vec<Fields>>>,
}

impl Lines {
    /// The lines in which a field says this.
    pub fn with(&self, field: &str, value: &str) -> Vec<Fields> {
        those_with(&self.lines.lock(), field, value)
    }

    /// The spans in which a field says this.
    pub fn spans_with(&self, field: &str, value: &str) -> Vec<Fields> {
        those_with(&self.spans.lock(), field, value)
    }
}

fn those_with(told: &[Fields], field: &str, value: &str) -> Vec<Fields> {
    told.iter().filter(|fields| fields.get(field).is_some_and(|text| text == value)).cloned().collect()
}

struct Reader<'a>(&'a mut Fields);

impl Visit for Reader<'_> {
    fn record_debug(&mut self, field: &Field, value: &dyn Debug) {
        self.0.insert(field.name().to_owned(), format!("{value:?}"));
    }

    fn record_str(&mut self, field: &Field, value: &str) {
        self.0.insert(field.name().to_owned(), value.to_owned());
    }
}

impl Subscriber for Lines {
    fn enabled(&self, metadata: &tracing::Metadata<'_>) -> bool {
        metadata.target().starts_with("doorward")
    }

    fn new_span(&self, attributes: &Attributes<'_>) -> Id {
        let mut fields = Fields::from([("span".to_owned(), attributes.metadata().name().to_owned())]);
        attributes.record(&mut Reader(&mut fields));
        let mut spans = self.spans.lock();
        spans.push(fields);
        Id::from_u64(spans.len() as u64)
    }

    fn record(&self, span: &Id, values: &Record<'_>) {
        let mut spans = self.spans.lock();
        let place = usize::try_from(span.into_u64()).unwrap() - 1;
        values.record(&mut Reader(&mut spans[place]));
    }

    fn record_follows_from(&self, _: &Id, _: &Id) {}

    fn event(&self, event: &Event<'_>) {
        let mut fields = Fields::from([("level".to_owned(), event.metadata().level().to_string())]);
        event.record(&mut Reader(&mut fields));
        self.lines.lock().push(fields);
    }

    fn enter(&self, _: &Id) {}

    fn exit(&self, _: &Id) {}
}

/// What all threads of this process count and tell from the first call on.
pub fn everywhere() -> &'static (Counters, Lines) {
    static TOLD: OnceLock<(Counters, Lines)> = OnceLock::new();
    TOLD.get_or_init(|| {
        let told = (Counters::default(), Lines::default());
        metrics::set_global_recorder(told.0.clone()).unwrap_or_else(|error| panic!("{error}"));
        tracing::subscriber::set_global_default(told.1.clone()).unwrap();
        told
    })
}
