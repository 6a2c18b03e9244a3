//! How long a session that is over is remembered.

use std::time::Duration;

/// Thirty days beyond the end of its time, whether it ended before or not.
pub const SESSIONS_KEPT: Duration = Duration::from_secs(30 * 24 * 60 * 60);
