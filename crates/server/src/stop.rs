//! When to stop: SIGTERM and SIGINT once ask for it, a second time they insist.

use std::io;
use std::process;
use std::sync::Arc;

use tokio::signal::unix::{Signal, SignalKind, signal};
use tokio::sync::Notify;

use crate::telemetry::Log;

/// What a process ended by a signal answers its shell, less the signal's number.
const ENDED_BY_SIGNAL: i32 = 128;

/// A request to stop.
pub(crate) struct Stop(Arc<Notify>);

impl Stop {
    /// Listens to signals from now on; `log` is finished before the process ends on the second.
    pub(crate) fn on_signals(log: Arc<Log>) -> io::Result<Self> {
        let mut signals = Signals::listen()?;
        let stop = Arc::new(Notify::new());
        let asked = Arc::clone(&stop);
        tokio::spawn(async move {
            signals.next().await;
            tracing::info!("stopping: finishing what is in flight");
            asked.notify_one();
            let insisted = signals.next().await;
            tracing::warn!("stopped at once, on a second signal");
            log.finish();
            process::exit(ENDED_BY_SIGNAL + insisted.as_raw_value());
        });
        Ok(Self(stop))
    }

    /// Waits until somebody asks. What is asked is told once.
    pub(crate) async fn asked(&self) {
        self.0.notified().await;
    }
}

struct Signals {
    terminate: Signal,
    interrupt: Signal,
}

impl Signals {
    fn listen() -> io::Result<Self> {
        Ok(Self { terminate: signal(SignalKind::terminate())?, interrupt: signal(SignalKind::interrupt())? })
    }

    async fn next(&mut self) -> SignalKind {
        tokio::select! {
            _ = self.terminate.recv() => SignalKind::terminate(),
            _ = self.interrupt.recv() => SignalKind::interrupt(),
        }
    }
}
