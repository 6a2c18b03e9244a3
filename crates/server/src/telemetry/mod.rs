//! What the service tells of itself: a log for people, metrics for Prometheus, traces for OpenTelemetry.

mod log;
pub(crate) mod metrics;
mod traces;

pub(crate) use log::{Log, LogFormat, LostLines};
pub(crate) use traces::{TraceContext, TracesUnusable};

use tracing::Dispatch;
use tracing::level_filters::LevelFilter;
use tracing_subscriber::layer::SubscriberExt as _;
use tracing_subscriber::registry::Registry;
use tracing_subscriber::util::SubscriberInitExt as _;
use tracing_subscriber::{Layer, registry};

use self::traces::Traces;
use crate::settings::Settings;

/// Everything that tells, as long as it lives.
pub(crate) struct Telemetry {
    /// Log lines.
    pub(crate) log: std::sync::Arc<Log>,
    /// Sent when it is dropped, as far as the collector takes them in time.
    traces: Option<Traces>,
}

impl Telemetry {
    /// Starts logging from `level` on, and tracing if the settings name a collector and `with_traces`.
    pub(crate) fn start(
        settings: &Settings,
        level: LevelFilter,
        with_traces: bool,
    ) -> Result<Self, TracesUnusable> {
        let traces = if with_traces { Traces::of(settings)? } else { None };
        let (lines, log) = log::lines(settings.log_format, level);
        // A second start, as only a test can make one, keeps the first one's settings.
        let _already_started = dispatch(lines, traces.as_ref()).try_init();
        log::tell_panics();
        Ok(Self { log: std::sync::Arc::new(log), traces })
    }

    /// What joins a request to the trace of whoever asked, where there are traces.
    pub(crate) fn traces(&self) -> Option<std::sync::Arc<dyn doorward_http::RequestTraces>> {
        self.traces.as_ref().map(|_| std::sync::Arc::new(TraceContext::new()) as _)
    }

    /// Writes and sends what waits.
    pub(crate) fn finish(&self) {
        if let Some(traces) = &self.traces {
            traces.finish();
        }
        self.log.finish();
    }
}

impl Drop for Telemetry {
    fn drop(&mut self) {
        self.finish();
    }
}

/// What events and spans go to. Where nobody collects traces no layer for them stands there, not even an empty one: that
/// would count as one that wants spans, and each request would make some.
fn dispatch(lines: impl Layer<Registry> + Send + Sync, traces: Option<&Traces>) -> Dispatch {
    let lines = registry().with(lines);
    match traces {
        Some(traces) => lines.with(traces.layer()).into(),
        None => lines.into(),
    }
}

#[cfg(test)]
mod tests {
    use tracing::dispatcher::with_default;

    use super::*;

    fn makes_spans(traces: Option<&Traces>) -> bool {
        let (lines, _log) = log::lines(LogFormat::Json, LevelFilter::TRACE);
        // An own callsite each time: what a callsite has heard of one dispatcher it may keep.
        with_default(&dispatch(lines, traces), || {
            if traces.is_some() {
                !tracing::info_span!(target: "doorward", "traced").is_disabled()
            } else {
                !tracing::info_span!(target: "doorward", "untraced").is_disabled()
            }
        })
    }

    #[test]
    fn spans_are_made_only_where_somebody_collects_them() {
        assert!(!makes_spans(None));
        // A collector that nobody runs: nothing is sent before there is a batch.
        let endpoint = Some("http://127.0.0.1:9".parse().unwrap());
        let settings = Settings { otlp_endpoint: endpoint, ..Settings::default() };
        assert!(makes_spans(Traces::of(&settings).unwrap().as_ref()));
    }
}
