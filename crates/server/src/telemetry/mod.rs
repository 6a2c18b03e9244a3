//! What the service tells of itself: a log for people, metrics for Prometheus, traces for OpenTelemetry.

mod log;
pub(crate) mod metrics;
mod traces;

pub(crate) use log::{Log, LogFormat, LostLines};
pub(crate) use traces::{TraceContext, TracesUnusable};

use tracing::level_filters::LevelFilter;
use tracing_subscriber::layer::SubscriberExt as _;
use tracing_subscriber::registry;
use tracing_subscriber::util::SubscriberInitExt as _;

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
        let spans = traces.as_ref().map(Traces::layer);
        // A second start, as only a test can make one, keeps the first one's settings.
        let _already_started = registry().with(lines).with(spans).try_init();
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
