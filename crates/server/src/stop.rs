//! When to stop: SIGTERM and SIGINT once ask for it, a second time they insist.

use std::io;
use std::process;
use std::sync::Arc;

use tokio::signal::unix::{Signal, SignalKind, signal};
use tokio::sync::watch;

use crate::telemetry::Log;

/// What a process ended by a signal answers its shell, less the signal's number.
const ENDED_BY_SIGNAL: i32 = 128;

/// A request to stop: what the process answers its shell if it ends because of it.
pub(crate) struct Stop(watch::Receiver<Option<i32>>);

impl Stop {
    /// Listens to signals from now on; `log` is finished before the process ends on the second.
    pub(crate) fn on_signals(log: Arc<Log>) -> io::Result<Self> {
        let mut signals = Signals::listen()?;
        let (asked, stop) = watch::channel(None);
        tokio::spawn(async move {
            let signal = signals.next().await;
            tracing::info!("stopping: finishing what is in flight");
            asked.send_replace(Some(ENDED_BY_SIGNAL + signal.as_raw_value()));
            let insisted = signals.next().await;
            tracing::warn!("stopped at once, on a second signal");
            log.finish();
            process::exit(ENDED_BY_SIGNAL + insisted.as_raw_value());
        });
        Ok(Self(stop))
    }

    /// Waits until somebody asks.
    pub(crate) async fn asked(&self) {
        self.code().await;
    }

    /// Waits until somebody asks; answers what a process that did not do all it should answers its shell.
    pub(crate) async fn code(&self) -> u8 {
        let mut stop = self.0.clone();
        let asked = stop.wait_for(Option::is_some).await.map(|code| *code);
        match asked.ok().flatten() {
            Some(code) => u8::try_from(code).unwrap_or(u8::MAX),
            // Nobody listens to signals any more: the runtime is ending.
            None => std::future::pending().await,
        }
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
