//! What is being asked of a store by several requests.

use std::sync::Arc;

use doorward_domain::Timestamp;
use doorward_domain::port::{LiveSession, StoreError, UserFilter, UserQuery};
use doorward_domain::token::SessionId;
use doorward_domain::user::KeptDocument;

use crate::asked_together::AskedTogether;

/// What is being asked of a store.
#[derive(Debug, Default)]
pub struct Asked {
    /// Pages of accounts.
    pub pages: AskedTogether<UserQuery, Vec<Arc<KeptDocument>>>,
    /// How many accounts pass.
    pub counts: AskedTogether<UserFilter, u64>,
    live: AskedTogether<SessionId, Option<LiveSession>>,
}

impl Asked {
    /// The session that `read` finds live, or another request that reads it at the same time. That one's time of day may
    /// be a little earlier, so it is asked once more whether the session is live at `now`; or a little later, so that one
    /// which ends in between is not found, as if it had been asked for then.
    pub async fn live_session<F: Future<Output = Result<Option<LiveSession>, StoreError>>>(
        &self,
        id: SessionId,
        now: Timestamp,
        read: impl FnOnce() -> F,
    ) -> Result<Option<LiveSession>, StoreError> {
        Ok(self.live.ask(&id, read).await?.filter(|found| found.session.is_live(now)))
    }
}

#[cfg(test)]
mod tests {
    use std::pin::pin;
    use std::time::Duration;

    use doorward_testkit::sample;
    use futures_util::FutureExt as _;
    use tokio::sync::Notify;

    use super::*;

    #[tokio::test]
    async fn a_session_that_expires_between_two_who_ask_is_live_for_the_first_alone() {
        let (asked, leave) = (Asked::default(), Notify::new());
        let session = sample::session(&sample::user(1), 1, sample::seconds_later(0));
        let found = || LiveSession { session: session.clone(), user: sample::user(1) };
        let (before, after) = (session.expires_at.minus(Duration::from_secs(1)), session.expires_at);
        let slow = || async {
            leave.notified().await;
            Ok(Some(found()))
        };
        let mut first = pin!(asked.live_session(session.id, before, slow));
        assert!(first.as_mut().now_or_never().is_none());
        let mut leads = pin!(asked.live_session(session.id, before, async || Ok(Some(found()))));
        assert!(leads.as_mut().now_or_never().is_none());
        let mut follows =
            pin!(asked.live_session(session.id, after, || async { unreachable!("it is read once") }));
        assert!(follows.as_mut().now_or_never().is_none());
        leave.notify_one();
        assert_eq!(first.await.unwrap(), Some(found()));
        assert_eq!(leads.await.unwrap(), Some(found()));
        assert_eq!(follows.await.unwrap(), None);
    }
}
