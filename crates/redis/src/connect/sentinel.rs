//! Where the primary is, from those who watch it.

use deadpool_redis::redis::cmd;
use futures_util::StreamExt;
use futures_util::stream::FuturesUnordered;
use tokio::time::timeout;

use super::ConnectError;
use super::dialer::{Dialer, failed};
use crate::url::Host;

/// The addresses that sentinels have for a service, those that most of them agree on first; otherwise what the last
/// one said.
///
/// All are asked at once. A sentinel that is cut off from the others may have the address of an old primary that is
/// cut off with it, so that the first answer is not the best.
pub(super) async fn primaries(
    dialer: &Dialer,
    sentinels: &[Host],
    service: &str,
) -> Result<Vec<Host>, Option<ConnectError>> {
    let mut answers: FuturesUnordered<_> =
        sentinels.iter().map(|sentinel| ask_in_time(dialer, sentinel, service)).collect();
    let mut votes: Vec<(usize, Host)> = Vec::new();
    let mut last = None;
    while let Some(answer) = answers.next().await {
        match answer {
            Ok(Some(host)) => {
                let count = count(&mut votes, host);
                if count * 2 > sentinels.len() {
                    break;
                }
            }
            Ok(None) => {}
            Err(error) => last = Some(error),
        }
    }
    if votes.is_empty() {
        return Err(last);
    }
    votes.sort_by(|(one, _), (other, _)| other.cmp(one));
    Ok(votes.into_iter().map(|(_, host)| host).collect())
}

/// Adds a vote, and answers how many there are.
fn count(votes: &mut Vec<(usize, Host)>, host: Host) -> usize {
    if let Some((votes, _)) = votes.iter_mut().find(|(_, known)| *known == host) {
        *votes += 1;
        return *votes;
    }
    votes.push((1, host));
    1
}

async fn ask_in_time(dialer: &Dialer, sentinel: &Host, service: &str) -> Result<Option<Host>, ConnectError> {
    let late = std::io::Error::from(std::io::ErrorKind::TimedOut);
    timeout(dialer.timeout, ask(dialer, sentinel, service))
        .await
        .unwrap_or_else(|_| Err(failed(sentinel, late.into())))
}

async fn ask(dialer: &Dialer, sentinel: &Host, service: &str) -> Result<Option<Host>, ConnectError> {
    let mut connection = dialer.open(sentinel).await?;
    let address: Option<(String, u16)> = cmd("SENTINEL")
        .arg("GET-MASTER-ADDR-BY-NAME")
        .arg(service)
        .query_async(&mut connection)
        .await
        .map_err(|source| failed(sentinel, source))?;
    Ok(address.map(|(name, port)| Host::new(&name, port)))
}
