//! The pair of tokens, and how it is exchanged for the next without ever looking like a thief.

use std::time::{Duration, Instant};

use crate::answers::Tokens;
use crate::client::Client;
use crate::error::{Error, ErrorCode};
use crate::routes;
use crate::secret::Secret;
use crate::wire::Ask;

/// The pause before the second try; each later one is twice as long.
const FIRST_PAUSE: Duration = Duration::from_millis(100);

#[derive(Debug)]
pub(crate) struct Pair {
    pub(crate) access: Secret,
    /// `None` once it must not be shown any more.
    pub(crate) refresh: Option<Secret>,
    /// How many pairs came before this one.
    pub(crate) turn: u64,
    /// Whether nobody knows what became of the refresh token.
    pub(crate) in_doubt: bool,
    /// When the refresh token was first shown, unless it is certain that it was not spent. It outlives a caller who
    /// does not wait for the answer.
    shown_at: Option<Instant>,
}

impl Pair {
    pub(crate) fn new(access: Secret, refresh: Option<Secret>) -> Self {
        Self { access, refresh, turn: 0, in_doubt: false, shown_at: None }
    }

    /// Exchanges the pair for the next.
    pub(crate) async fn renew(&mut self, client: &Client) -> Result<(), Error> {
        // The service's clock begins after ours, and the last try needs time to get there.
        let window = client.replay_window.mul_f32(0.8);
        let mut pause = FIRST_PAUSE;
        loop {
            let Some(refresh) = self.refresh.clone() else { return Err(Error::InDoubt) };
            let shown_before = self.shown_at.is_some();
            let first = *self.shown_at.get_or_insert_with(Instant::now);
            if shown_before && first.elapsed() >= window {
                return Err(self.give_up());
            }
            // A third of the time for each try, so that there is more than one.
            let ask = Ask::new(routes::REFRESH).timeout((window / 3).max(Duration::from_secs(1)));
            match client.wire.results::<Tokens>(ask, Some(&refresh)).await {
                Ok(tokens) => {
                    self.follow(tokens);
                    return Ok(());
                }
                Err(error) if error.is_ambiguous() => {}
                Err(error) if !is_verdict(&error) => {
                    // This try did nothing; one before may have.
                    if !shown_before {
                        self.shown_at = None;
                        return Err(error);
                    }
                }
                Err(error) => {
                    self.refresh = None;
                    return Err(error);
                }
            }
            if first.elapsed() + pause >= window {
                return Err(self.give_up());
            }
            tokio::time::sleep(pause).await;
            pause *= 2;
        }
    }

    /// Does what answers the next pair by itself, and spends the refresh token on the way.
    pub(crate) async fn spend(&mut self, client: &Client, ask: Ask<'_>) -> Result<(), Error> {
        let shown_before = self.shown_at;
        self.shown_at.get_or_insert_with(Instant::now);
        match client.wire.results::<Tokens>(ask, Some(&self.access)).await {
            Ok(tokens) => {
                self.follow(tokens);
                Ok(())
            }
            Err(error) => {
                if !error.is_ambiguous() {
                    self.shown_at = shown_before;
                }
                Err(error)
            }
        }
    }

    fn follow(&mut self, tokens: Tokens) {
        *self = Self { turn: self.turn + 1, ..Self::new(tokens.access_token, Some(tokens.refresh_token)) };
    }

    fn give_up(&mut self) -> Error {
        self.refresh = None;
        self.in_doubt = true;
        Error::InDoubt
    }
}

/// Whether the service has judged the token itself, so that to show it again is of no use.
fn is_verdict(error: &Error) -> bool {
    use ErrorCode::{TokenExpired, TokenInvalid, TokenReused, TokenRevoked, WrongTokenType};
    matches!(error.code(), Some(TokenExpired | TokenInvalid | TokenReused | TokenRevoked | WrongTokenType))
}
