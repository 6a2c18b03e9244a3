//! Metrics for Prometheus: what the parts have counted, and what is looked at when somebody asks.

#[cfg(test)]
mod page;
mod table;

use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use doorward_crypto::BcryptPool;
use doorward_domain::port::Probe;
use futures_util::FutureExt as _;
use futures_util::future::join_all;
use metrics::{counter, gauge};
use metrics_exporter_prometheus::{BuildError, Matcher, PrometheusBuilder, PrometheusHandle};
use metrics_process::Collector;
use tokio::sync::{Mutex, oneshot};
use tokio::task::JoinHandle;
use tokio::time::{Instant, MissedTickBehavior, interval};

use self::table::{Kind, METRICS};
use super::LostLines;
use crate::listen::{ListenError, listen};
use crate::settings::Settings;
use crate::store::Store;

/// Upper bounds of times, in seconds: from a copy in memory to what a client no longer waits for.
const SECONDS: [f64; 14] =
    [0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0];

/// How often what was measured is summed up, so that it takes no room while nobody asks.
const UPKEEP: Duration = Duration::from_secs(5);

/// Why nobody is told how the service fares.
#[derive(Debug, thiserror::Error)]
pub(crate) enum MetricsError {
    /// What counts cannot be made.
    #[error("the metrics cannot be counted")]
    Recorder(#[source] BuildError),
    /// Nobody can ask.
    #[error("metrics_bind: {0}")]
    Listen(#[from] ListenError),
}

/// Counts from now on: whoever is made later counts here.
pub(crate) struct Recorder {
    handle: PrometheusHandle,
    listener: std::net::TcpListener,
    bound: SocketAddr,
}

/// What is looked at when somebody asks.
#[derive(Clone)]
pub(crate) struct Watched {
    pub(crate) store: Arc<Store>,
    pub(crate) hasher: Arc<BcryptPool>,
    pub(crate) hash_queue: usize,
    pub(crate) probes: Vec<Arc<dyn Probe>>,
    pub(crate) lost_lines: LostLines,
}

/// Answers until it is stopped.
pub(crate) struct MetricsServer {
    serving: JoinHandle<()>,
    upkeep: JoinHandle<()>,
    stop: oneshot::Sender<()>,
}

impl Recorder {
    /// As the settings say; `None` where they name no listener: then nothing is counted.
    pub(crate) fn start(settings: &Settings) -> Result<Option<Self>, MetricsError> {
        let Some(address) = settings.metrics_bind else { return Ok(None) };
        let (listener, bound) = listen(address)?;
        let mut builder = PrometheusBuilder::new();
        for metric in METRICS.iter().filter(|metric| metric.kind == Kind::Histogram) {
            let name = Matcher::Full(metric.name.to_owned());
            builder = builder.set_buckets_for_metric(name, &SECONDS).map_err(MetricsError::Recorder)?;
        }
        let recorder = builder.build_recorder();
        let handle = recorder.handle();
        // A second one, as only a test can make one, counts nothing.
        let _already_there = metrics::set_global_recorder(recorder);
        METRICS.iter().for_each(table::Metric::describe);
        Ok(Some(Self { handle, listener, bound }))
    }

    /// Answers whoever asks.
    pub(crate) fn serve(self, watched: Watched) -> MetricsServer {
        let Self { handle, listener, bound } = self;
        tracing::info!(listener = %bound, "metrics are told");
        if !bound.ip().is_loopback() {
            tracing::warn!("{bound} tells metrics to whoever can reach it: keep it within your own network");
        }
        let process = Collector::default();
        process.describe();
        let summing = handle.clone();
        let together = Arc::new(Together::default());
        let scrape: doorward_http::Scrape = Arc::new(move || {
            let (watched, handle, process) = (watched.clone(), handle.clone(), process.clone());
            let together = together.clone();
            async move {
                together.look(async || watched.look().await).await;
                process.collect();
                handle.render()
            }
            .boxed()
        });
        let (stop, stopped) = oneshot::channel();
        let serving = tokio::spawn(async move {
            let stopped = async { stopped.await.unwrap_or(()) };
            if let Err(error) = doorward_http::serve_metrics(listener, scrape, stopped).await {
                tracing::error!(%error, "metrics are no longer told");
            }
        });
        let upkeep = tokio::spawn(async move {
            let mut turns = interval(UPKEEP);
            turns.set_missed_tick_behavior(MissedTickBehavior::Delay);
            loop {
                turns.tick().await;
                summing.run_upkeep();
            }
        });
        MetricsServer { serving, upkeep, stop }
    }
}

impl MetricsServer {
    /// Lets whoever is asking have an answer, and ends.
    pub(crate) async fn finish(self) {
        let Self { serving, upkeep, stop } = self;
        upkeep.abort();
        stop.send(()).ok();
        serving.await.ok();
    }
}

impl Watched {
    async fn look(&self) {
        gauge!("doorward_build_info", "version" => env!("CARGO_PKG_VERSION")).set(1.0);
        gauge!("doorward_password_hashing_queue_length").set(amount(self.hasher.queued()));
        gauge!("doorward_password_hashing_queue_limit").set(amount(self.hash_queue));
        counter!("doorward_log_lines_lost_total")
            .absolute(u64::try_from(self.lost_lines.count()).unwrap_or(u64::MAX));
        self.store.measure();
        let states =
            join_all(self.probes.iter().map(|probe| async { (probe.name(), probe.probe().await.is_ok()) }));
        for (name, is_up) in states.await {
            gauge!("doorward_dependency_up", "name" => name).set(if is_up { 1.0 } else { 0.0 });
        }
    }
}

/// Those who ask at once are told the same: however many they are, every store is asked once.
#[derive(Default)]
struct Together(Mutex<Option<Instant>>);

impl Together {
    /// Looks, unless somebody has done so while it was waited for them.
    async fn look(&self, look: impl AsyncFnOnce()) {
        let came = Instant::now();
        let mut looked = self.0.lock().await;
        if looked.is_none_or(|looked| looked < came) {
            look().await;
            *looked = Some(Instant::now());
        }
    }
}

/// A number of things, for a gauge.
pub(crate) fn amount(number: usize) -> f64 {
    u32::try_from(number).unwrap_or(u32::MAX).into()
}

#[cfg(test)]
mod tests {
    use std::cell::Cell;

    use tokio::task::yield_now;

    use super::*;

    #[tokio::test]
    async fn those_who_ask_at_once_share_one_look_and_a_later_one_looks_again() {
        let (together, looks) = (Together::default(), Cell::new(0));
        let ask = || {
            together.look(async || {
                looks.set(looks.get() + 1);
                yield_now().await;
            })
        };
        tokio::join!(ask(), ask(), ask());
        assert_eq!(looks.get(), 1);
        ask().await;
        assert_eq!(looks.get(), 2);
    }
}
