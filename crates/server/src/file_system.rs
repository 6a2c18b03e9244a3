//! Files that may be on another machine, which may never answer: nobody waits for it for long, and it is not asked again
//! before it does.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use tokio::task::{JoinError, spawn_blocking};
use tokio::time::timeout;

/// How long an answer may take.
const ANSWERS_WITHIN: Duration = Duration::from_secs(5);

/// Some files that one task looks at again and again. Each question that is not answered holds a thread until it is, so
/// there is one at most.
#[derive(Default)]
pub(crate) struct FileSystem {
    /// Whether it owes an answer.
    is_asked: Arc<AtomicBool>,
}

/// Why there is no answer.
#[derive(Debug, thiserror::Error)]
pub(crate) enum Unanswered {
    /// Somebody panicked over the question, or the runtime is ending.
    #[error("looking at the files was broken off")]
    Task(#[from] JoinError),
    /// It does not answer.
    #[error("the file system does not answer")]
    Silence,
}

/// It has answered, or somebody panicked over the question.
struct Answered(Arc<AtomicBool>);

impl Drop for Answered {
    fn drop(&mut self) {
        self.0.store(false, Ordering::Release);
    }
}

impl FileSystem {
    /// What it answers. The question may block.
    pub(crate) async fn ask<T: Send + 'static>(
        &self,
        question: impl FnOnce() -> T + Send + 'static,
    ) -> Result<T, Unanswered> {
        if self.is_asked.swap(true, Ordering::AcqRel) {
            return Err(Unanswered::Silence);
        }
        let is_asked = Arc::clone(&self.is_asked);
        let answer = spawn_blocking(move || {
            let _over = Answered(is_asked);
            question()
        });
        Ok(timeout(ANSWERS_WITHIN, answer).await.map_err(|_| Unanswered::Silence)??)
    }

    /// From now on it owes an answer, or it does no more.
    #[cfg(test)]
    pub(crate) fn be_silent(&self, is_silent: bool) {
        self.is_asked.store(is_silent, Ordering::Release);
    }
}

#[cfg(test)]
mod tests {
    use std::sync::mpsc::channel;

    use tokio::time::advance;

    use super::*;

    #[tokio::test(start_paused = true)]
    async fn what_does_not_answer_is_not_asked_again_before_it_does() {
        let files = FileSystem::default();
        let (release, released) = channel::<()>();
        let late = async { tokio::join!(files.ask(move || released.recv()), advance(ANSWERS_WITHIN)).0 };
        assert!(matches!(late.await, Err(Unanswered::Silence)));
        assert!(matches!(files.ask(|| ()).await, Err(Unanswered::Silence)));
        drop(release);
        while files.ask(|| ()).await.is_err() {
            tokio::task::yield_now().await;
        }
    }

    #[tokio::test]
    async fn a_question_that_ends_in_a_panic_is_answered() {
        let files = FileSystem::default();
        assert!(matches!(files.ask(|| panic!("as a test wants it")).await, Err(Unanswered::Task(_))));
        assert_eq!(files.ask(|| 7).await.unwrap(), 7);
    }
}
