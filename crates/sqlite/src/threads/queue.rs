//! Bounded queues: what finds no room is refused at once instead of making everybody wait.

use std::iter;

use crossbeam_channel::{Receiver, Sender, TrySendError};

use crate::error::Trouble;

/// The end of a queue that jobs are put in at.
pub(crate) struct Queue<J>(Sender<Message<J>>);

/// The end that threads take jobs from; each job goes to one of them.
pub(crate) struct Jobs<J>(Receiver<Message<J>>);

enum Message<J> {
    Job(J),
    /// The thread that takes this ends.
    Stop,
}

/// A queue with room for so many jobs.
pub(crate) fn queue<J>(room: usize) -> (Queue<J>, Jobs<J>) {
    // A queue without room would only take a job while a thread happens to wait.
    let (sender, receiver) = crossbeam_channel::bounded(room.max(1));
    (Queue(sender), Jobs(receiver))
}

impl<J> Queue<J> {
    /// Puts a job in, if there is room.
    pub(crate) fn submit(&self, job: J) -> Result<(), Trouble> {
        self.0.try_send(Message::Job(job)).map_err(|error| match error {
            TrySendError::Full(_) => Trouble::QueueFull,
            TrySendError::Disconnected(_) => Trouble::Closed,
        })
    }

    /// Lets so many threads end once everything that waits already is done.
    pub(crate) fn stop(&self, threads: usize) {
        for _ in 0..threads {
            // It fails when every thread has ended, which is what was asked for.
            self.0.send(Message::Stop).ok();
        }
    }
}

impl<J> Clone for Jobs<J> {
    fn clone(&self) -> Self {
        Self(self.0.clone())
    }
}

impl<J> Jobs<J> {
    /// Waits for a job; `None` when it is time to end.
    pub(super) fn next(&self) -> Option<J> {
        match self.0.recv() {
            Ok(Message::Job(job)) => Some(job),
            Ok(Message::Stop) | Err(_) => None,
        }
    }

    /// Waits for a job and takes along those that wait behind it, `most` together; and whether it is time to end.
    pub(super) fn batch(&self, most: usize) -> (Vec<J>, bool) {
        let first = self.0.recv().unwrap_or(Message::Stop);
        let mut jobs = Vec::new();
        for message in iter::once(first).chain(self.0.try_iter()).take(most) {
            match message {
                Message::Job(job) => jobs.push(job),
                Message::Stop => return (jobs, true),
            }
        }
        (jobs, false)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_full_queue_refuses_at_once() {
        let (queue, jobs) = queue(2);
        queue.submit(1).unwrap();
        queue.submit(2).unwrap();
        assert!(matches!(queue.submit(3), Err(Trouble::QueueFull)));
        assert_eq!(jobs.next(), Some(1));
        queue.submit(3).unwrap();
    }

    #[test]
    fn a_batch_is_what_waits_up_to_its_bound_and_up_to_the_stop() {
        let (queue, jobs) = queue(8);
        (1..=4).for_each(|job| queue.submit(job).unwrap());
        queue.stop(1);
        queue.submit(5).unwrap();
        assert_eq!(jobs.batch(3), (vec![1, 2, 3], false));
        assert_eq!(jobs.batch(3), (vec![4], true));
    }

    #[test]
    fn a_queue_that_nobody_empties_is_closed() {
        let (queue, jobs) = queue(8);
        drop(jobs);
        assert!(matches!(queue.submit(1), Err(Trouble::Closed)));
        queue.stop(1);
    }
}
