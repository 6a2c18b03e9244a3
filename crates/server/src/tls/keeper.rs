//! Keeps the certificate of a running node up to date: it looks at the files every few seconds, and at once on SIGHUP.

use std::hash::RandomState;
use std::sync::Arc;
use std::time::Duration;

use doorward_domain::Timestamp;
use doorward_domain::port::Clock;
use doorward_tls::{Certificate, PairFiles, Presented, Standing, TlsError, Validity};
use tokio::task::JoinHandle;
use tokio::time::{MissedTickBehavior, interval};

use super::remark::Remark;
use crate::causes::with_causes;
use crate::file_system::FileSystem;
use crate::hangups::Hangups;
use crate::shared_keys::Date;

/// How often a node looks.
const LOOK_EVERY: Duration = Duration::from_secs(5);

/// After how long a certificate that clients refuse, or soon will, is told of again.
const REMINDER: Duration = Duration::from_secs(24 * 60 * 60);

/// Until when the certificate is good, in seconds since 1970: for an alert before it is too late.
const EXPIRY: &str = "doorward_tls_certificate_expiry_timestamp_seconds";

/// Looks after the certificate that is shown.
pub(crate) struct CertificateKeeper {
    files: PairFiles,
    presented: Arc<Presented>,
    clock: Arc<dyn Clock>,
    system: FileSystem,
    /// What is shown is known by its mark: the files are read each time, since their times and sizes may stay the same.
    marks: RandomState,
    used: u64,
    trouble: Option<Trouble>,
    /// When something was last said of the certificate's time, and what.
    told: Option<(Standing, i64)>,
}

/// What is wrong with the files, as of the last look.
struct Trouble {
    why: String,
    is_told: bool,
}

/// Somebody looks after the certificate until this is dropped.
pub(crate) struct KeptCertificate(JoinHandle<()>);

impl Drop for KeptCertificate {
    fn drop(&mut self) {
        self.0.abort();
    }
}

impl CertificateKeeper {
    /// Reads the files for the first time, which must do; also what will show the certificate.
    pub(crate) fn open(files: PairFiles, clock: Arc<dyn Clock>) -> Result<(Self, Arc<Presented>), TlsError> {
        let marks = RandomState::new();
        let pair = files.read()?;
        let (certificate, used) = (Certificate::of(&pair)?, pair.mark(&marks));
        let presented = Arc::new(Presented::new(certificate));
        let keeper = Self {
            files,
            presented: Arc::clone(&presented),
            clock,
            system: FileSystem::default(),
            marks,
            used,
            trouble: None,
            told: None,
        };
        Ok((keeper, presented))
    }

    /// Looks until it is dropped. It must be called within the runtime.
    pub(crate) fn keep(mut self, mut hangups: Hangups) -> KeptCertificate {
        KeptCertificate(tokio::spawn(async move {
            let mut looks = interval(LOOK_EVERY);
            looks.set_missed_tick_behavior(MissedTickBehavior::Delay);
            loop {
                let is_asked = tokio::select! {
                    _ = looks.tick() => false,
                    () = hangups.next() => true,
                };
                for remark in self.look(is_asked).await {
                    remark.log(&self.files);
                }
            }
        }))
    }

    /// Looks once; answers what there is to say. Whoever asked for it is always told something.
    pub(super) async fn look(&mut self, is_asked: bool) -> Vec<Remark> {
        let mut remarks = Vec::new();
        let (files, marks, used) = (self.files.clone(), self.marks.clone(), self.used);
        match self.system.ask(move || unless_used(&files, &marks, used)).await {
            Ok(Ok(None)) => {
                let was_told = self.trouble.take().is_some_and(|trouble| trouble.is_told);
                remarks.extend(was_told.then_some(Remark::Restored));
                remarks.extend((is_asked && !was_told).then_some(Remark::Unchanged));
            }
            Ok(Ok(Some((certificate, _)))) if let Some(why) = self.hindrance(certificate.validity()) => {
                remarks.extend(self.trouble(why, is_asked));
            }
            Ok(Ok(Some((certificate, mark)))) => {
                remarks.push(Remark::Renewed(certificate.validity()));
                self.presented.exchange(certificate);
                self.used = mark;
                (self.trouble, self.told) = (None, None);
            }
            Ok(Err(error)) => remarks.extend(self.trouble(with_causes(&error), is_asked)),
            Err(unanswered) => remarks.extend(self.trouble(with_causes(&unanswered), is_asked)),
        }
        remarks.extend(self.standing());
        remarks
    }

    /// Why clients would refuse the certificate, if they take the one that is in use.
    fn hindrance(&self, validity: Validity) -> Option<String> {
        let now = self.clock.now().seconds();
        let why = refusal(validity, now)?;
        refusal(self.presented.validity(), now).is_none().then_some(why)
    }

    /// Files are exchanged one after the other, or are not written to their end yet: what is wrong with them is told
    /// when it is still so at the next look, or when somebody asked, and then once.
    fn trouble(&mut self, why: String, is_asked: bool) -> Option<Remark> {
        let before = self.trouble.take().filter(|trouble| trouble.why == why);
        let (is_old, was_told) = before.map_or((false, false), |trouble| (true, trouble.is_told));
        let is_news = is_asked || (is_old && !was_told);
        let remark = is_news.then(|| Remark::Unusable(why.clone()));
        self.trouble = Some(Trouble { why, is_told: was_told || is_news });
        remark
    }

    /// What there is to say of the certificate's time: when that changes, and then once a day.
    fn standing(&mut self) -> Option<Remark> {
        let validity = self.presented.validity();
        #[expect(clippy::cast_precision_loss, reason = "it is exact until long after the year 9999")]
        metrics::gauge!(EXPIRY).set(validity.not_after as f64);
        let now = self.clock.now().seconds();
        let standing = validity.standing(now);
        let reminder = i64::try_from(REMINDER.as_secs()).unwrap_or(i64::MAX);
        let is_told = self.told.is_some_and(|(told, at)| told == standing && now - at < reminder);
        if is_told || standing == Standing::Good {
            return None;
        }
        self.told = Some((standing, now));
        Some(Remark::Standing(standing, validity))
    }

    #[cfg(test)]
    pub(super) fn system(&self) -> &FileSystem {
        &self.system
    }
}

/// Why clients refuse a certificate because of its time, if they do.
fn refusal(validity: Validity, now: i64) -> Option<String> {
    let date = |seconds| Date(Timestamp::from_seconds(seconds));
    match validity.standing(now) {
        Standing::Expired => Some(format!("it has expired: it was good until {}", date(validity.not_after))),
        Standing::NotYet => {
            Some(format!("it is not good yet: it will be from {}", date(validity.not_before)))
        }
        Standing::Good | Standing::EndsSoon => None,
    }
}

/// What is in the files, unless it is what is used. It blocks.
fn unless_used(
    files: &PairFiles,
    marks: &RandomState,
    used: u64,
) -> Result<Option<(Certificate, u64)>, TlsError> {
    let pair = files.read()?;
    let mark = pair.mark(marks);
    if mark == used {
        return Ok(None);
    }
    Ok(Some((Certificate::of(&pair)?, mark)))
}
