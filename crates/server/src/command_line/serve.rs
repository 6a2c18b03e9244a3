//! `doorward serve`: from settings to a service that runs until it is told to stop.

use std::io;
use std::net::SocketAddr;
use std::sync::Arc;

use doorward_domain::accounts::{Accounts, RegistrationHold};
use doorward_tls::TlsError;
use tokio::sync::Notify;

use super::terminal;
use crate::banner;
use crate::care::Care;
use crate::first_admin::{self, FirstAdmin, FirstAdminError};
use crate::hangups::Hangups;
use crate::listen::{ListenError, listen};
use crate::settings::Settings;
use crate::stop::Stop;
use crate::telemetry::Telemetry;
use crate::telemetry::metrics::{MetricsError, Recorder, Watched};
use crate::tls::ServerTls;
use crate::wiring::{self, Wired, WiringError};

/// Why the service does not run.
#[derive(Debug, thiserror::Error)]
pub(super) enum ServeError {
    /// The runtime or the signals are not to be had.
    #[error("the service cannot be started")]
    Start(#[source] io::Error),
    /// Nobody can connect.
    #[error(transparent)]
    Listen(#[from] ListenError),
    /// The certificate will not do.
    #[error(transparent)]
    Tls(#[from] TlsError),
    /// A part is missing.
    #[error(transparent)]
    Wiring(#[from] WiringError),
    /// There is nobody to begin with.
    #[error(transparent)]
    FirstAdmin(#[from] FirstAdminError),
    /// Nobody can be told how it fares.
    #[error(transparent)]
    Metrics(#[from] MetricsError),
    /// The server failed.
    #[error("the HTTP server failed")]
    Http(#[source] io::Error),
}

impl ServeError {
    /// Whether trying later may help.
    pub(super) fn is_temporary(&self) -> bool {
        matches!(self, Self::Wiring(error) if error.is_temporary())
    }
}

/// Serves until a signal says stop.
///
/// HTTP workers bring their own runtimes; the one that this runs on only watches over them.
pub(super) async fn serve(settings: &Settings, telemetry: &Telemetry) -> Result<(), ServeError> {
    let stop = Stop::on_signals(Arc::clone(&telemetry.log)).map_err(ServeError::Start)?;
    let hangups = Hangups::listen().map_err(ServeError::Start)?;
    let tls = ServerTls::open(settings)?;
    let (listener, bound) = listen(settings.bind)?;
    // Before anything is made that counts.
    let recorder = Recorder::start(settings)?;
    // A database that is not there yet is waited for; nobody has to wait for that.
    let Wired { service, store, hasher, beside, keys, _ownership } = tokio::select! {
        wired = wiring::service(settings, telemetry.traces()) => wired?,
        () = stop.asked() => {
            tracing::info!("stopped");
            return Ok(());
        }
    };
    let accounts = service.accounts.clone();
    let metrics = recorder.map(|recorder| {
        recorder.serve(Watched {
            store: store.clone(),
            hasher,
            hash_queue: settings.hash_queue,
            probes: service.probes.clone(),
            lost_lines: telemetry.log.lost_lines(),
        })
    });
    let care = Care::begin(service.audit.clone());
    let (tls, certificate, unneeded) = match tls {
        Some(ServerTls { config, keeper }) => (Some(config), Some(keeper.keep(hangups)), None),
        None => (None, None, Some(hangups.answer())),
    };
    let scheme = scheme(settings);
    tracing::info!(address = %bound, scheme, version = env!("CARGO_PKG_VERSION"), "serving");
    if !bound.ip().is_loopback() && !settings.speaks_tls() {
        tracing::warn!(
            "{bound} can be reached from other machines and speaks no TLS: put a proxy that does before it"
        );
    }
    let serving = doorward_http::serve(listener, service, wiring::http_settings(settings), tls, stop.asked());
    let over = Notify::new();
    let serving = async {
        let served = serving.await;
        over.notify_one();
        served.map_err(ServeError::Http)
    };
    // The service answers while the first admin's password is still being hashed, but nobody registers meanwhile: the
    // admin's address might be gone. A node that starts again has nothing to wait for.
    let has_admin = accounts.has_admin().await.unwrap_or(false);
    let hold = (!has_admin).then(|| accounts.hold_registration());
    let welcoming = async { Ok(welcome(&accounts, hold, settings, bound, &over).await?) };
    tokio::try_join!(serving, welcoming)?;
    drop((care, certificate, unneeded));
    beside.tasks.finish(settings.shutdown_timeout).await;
    drop(beside);
    drop(keys);
    if let Some(metrics) = metrics {
        metrics.finish().await;
    }
    store.close();
    tracing::info!("stopped");
    Ok(())
}

/// What URLs of this service begin with.
fn scheme(settings: &Settings) -> &'static str {
    if settings.speaks_tls() { "https" } else { "http" }
}

async fn welcome(
    accounts: &Accounts,
    hold: Option<RegistrationHold<'_>>,
    settings: &Settings,
    bound: SocketAddr,
    over: &Notify,
) -> Result<(), FirstAdminError> {
    let admin = first_admin::ensure(accounts, settings, over).await?;
    drop(hold);
    match &admin {
        FirstAdmin::There => {}
        FirstAdmin::Made(_) => tracing::info!("the first admin's account was opened"),
        FirstAdmin::Missing(obstacle) => {
            tracing::error!("{}: {obstacle}; `doorward admin create` makes one", obstacle.means());
        }
    }
    if let Err(error) = terminal::say(&banner::text(scheme(settings), bound, settings.docs, &admin)) {
        tracing::warn!(%error, "the banner could not be printed; `doorward admin create` makes an admin at any time");
    }
    Ok(())
}
