//! Bounded queues: what finds no room is refused at once instead of making everybody wait, and what waited too long
//! is refused instead of being carried out for somebody who has given up.

use std::iter;
use std::time::{Duration, Instant};

use crossbeam_channel::{Receiver, Sender, TrySendError};

use crate::error::Trouble;

/// Something that waits in a queue.
pub(crate) trait Waiting {
    /// Tells whoever waits for it that it is not carried out.
    fn refuse(self, trouble: Trouble);
}

/// The end of a queue that jobs are put in at.
pub(crate) struct Queue<J>(Sender<Message<J>>);

/// The end that threads take jobs from; each job goes to one of them.
pub(crate) struct Jobs<J> {
    messages: Receiver<Message<J>>,
    patience: Duration,
}

enum Message<J> {
    Job {
        job: J,
        since: Instant,
    },
    /// The thread that takes this ends.
    Stop,
}

/// A queue with room for so many jobs, each of which is refused when its turn comes after `patience` or later.
pub(crate) fn queue<J>(room: usize, patience: Duration) -> (Queue<J>, Jobs<J>) {
    // A queue without room would only take a job while a thread happens to wait.
    let (sender, messages) = crossbeam_channel::bounded(room.max(1));
    (Queue(sender), Jobs { messages, patience })
}

impl<J> Queue<J> {
    /// Puts a job in, if there is room.
    pub(crate) fn submit(&self, job: J) -> Result<(), Trouble> {
        self.0.try_send(Message::Job { job, since: Instant::now() }).map_err(|error| match error {
            TrySendError::Full(_) => Trouble::QueueFull,
            TrySendError::Disconnected(_) => Trouble::Closed,
        })
    }

    /// How many wait.
    pub(crate) fn len(&self) -> usize {
        self.0.len()
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
        Self { messages: self.messages.clone(), patience: self.patience }
    }
}

impl<J: Waiting> Jobs<J> {
    /// Waits for a job; `None` when it is time to end.
    pub(super) fn next(&self) -> Option<J> {
        loop {
            match self.messages.recv() {
                Ok(Message::Job { job, since }) => {
                    if let Some(job) = self.in_time(job, since) {
                        return Some(job);
                    }
                }
                Ok(Message::Stop) | Err(_) => return None,
            }
        }
    }

    /// Waits for a job and takes along those that wait behind it, `most` together; and whether it is time to end.
    /// There may be none left of them.
    pub(super) fn batch(&self, most: usize) -> (Vec<J>, bool) {
        let first = self.messages.recv().unwrap_or(Message::Stop);
        let mut jobs = Vec::new();
        for message in iter::once(first).chain(self.messages.try_iter()).take(most) {
            match message {
                Message::Job { job, since } => jobs.extend(self.in_time(job, since)),
                Message::Stop => return (jobs, true),
            }
        }
        (jobs, false)
    }

    /// The job, unless it has waited too long; then it is refused.
    fn in_time(&self, job: J, since: Instant) -> Option<J> {
        if since.elapsed() < self.patience {
            return Some(job);
        }
        job.refuse(Trouble::WaitedTooLong);
        None
    }
}

#[cfg(test)]
mod tests {
    use std::sync::mpsc;

    use super::*;

    const LONG: Duration = Duration::from_secs(60);

    impl Waiting for i32 {
        fn refuse(self, trouble: Trouble) {
            panic!("{self}: {trouble}");
        }
    }

    /// A job that tells of its refusal.
    struct Loud(mpsc::Sender<Trouble>);

    impl Waiting for Loud {
        fn refuse(self, trouble: Trouble) {
            self.0.send(trouble).unwrap();
        }
    }

    /// A queue with one job that has waited for [`LONG`], and one that has just come.
    fn late_and_new() -> (Jobs<Loud>, [mpsc::Receiver<Trouble>; 2]) {
        let (queue, jobs) = queue(2, LONG);
        let [(late, told_late), (new, told_new)] = [mpsc::channel(), mpsc::channel()];
        let since = Instant::now().checked_sub(LONG).unwrap();
        queue.0.try_send(Message::Job { job: Loud(late), since }).ok().unwrap();
        queue.submit(Loud(new)).unwrap();
        (jobs, [told_late, told_new])
    }

    #[test]
    fn what_waited_too_long_is_refused_and_the_next_one_taken() {
        let (jobs, [late, new]) = late_and_new();
        let taken = jobs.next();
        assert!(matches!(late.try_recv(), Ok(Trouble::WaitedTooLong)));
        assert!(taken.is_some() && new.try_recv().is_err());
    }

    #[test]
    fn a_batch_leaves_out_what_waited_too_long() {
        let (jobs, [late, new]) = late_and_new();
        let (batch, ending) = jobs.batch(8);
        assert!(matches!(late.try_recv(), Ok(Trouble::WaitedTooLong)));
        assert!(batch.len() == 1 && !ending && new.try_recv().is_err());
    }

    #[test]
    fn a_full_queue_refuses_at_once() {
        let (queue, jobs) = queue(2, LONG);
        queue.submit(1).unwrap();
        queue.submit(2).unwrap();
        assert!(matches!(queue.submit(3), Err(Trouble::QueueFull)));
        assert_eq!(jobs.next(), Some(1));
        queue.submit(3).unwrap();
    }

    #[test]
    fn a_batch_is_what_waits_up_to_its_bound_and_up_to_the_stop() {
        let (queue, jobs) = queue(8, LONG);
        (1..=4).for_each(|job| queue.submit(job).unwrap());
        queue.stop(1);
        queue.submit(5).unwrap();
        assert_eq!(jobs.batch(3), (vec![1, 2, 3], false));
        assert_eq!(jobs.batch(3), (vec![4], true));
    }

    #[test]
    fn a_queue_that_nobody_empties_is_closed() {
        let (queue, jobs) = queue::<i32>(8, LONG);
        drop(jobs);
        assert!(matches!(queue.submit(1), Err(Trouble::Closed)));
        queue.stop(1);
    }
}
