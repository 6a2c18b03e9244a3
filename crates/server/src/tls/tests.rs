//! What a keeper makes of files that change under it.

use std::fs;
use std::os::unix::fs::{PermissionsExt, symlink};
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use doorward_domain::Timestamp;
use doorward_domain::port::Clock as _;
use doorward_testkit::fake::ManualClock;
use doorward_tls::{PairFiles, PemFile, Presented, Standing, Validity};
use rcgen::{CertificateParams, KeyPair, date_time_ymd};
use tempfile::TempDir;

use super::keeper::CertificateKeeper;
use super::remark::Remark;

const DAY: Duration = Duration::from_secs(24 * 60 * 60);

/// A certificate from 2020 until the end of a year, and its key.
struct Issued {
    certificate: String,
    key: String,
}

impl Issued {
    fn until(year: i32) -> Self {
        Self::between(2020, year)
    }

    /// From the first day of a year to the last of another.
    fn between(first: i32, year: i32) -> Self {
        let key = KeyPair::generate().unwrap();
        let mut parameters = CertificateParams::new(vec!["localhost".to_owned()]).unwrap();
        parameters.not_before = date_time_ymd(first, 1, 1);
        parameters.not_after = date_time_ymd(year, 12, 31);
        let certificate = parameters.self_signed(&key).unwrap().pem();
        Self { certificate, key: key.serialize_pem() }
    }

    fn write(&self, directory: &Path) {
        fs::write(directory.join("tls.crt"), &self.certificate).unwrap();
        fs::write(directory.join("tls.key"), &self.key).unwrap();
        fs::set_permissions(directory.join("tls.key"), fs::Permissions::from_mode(0o600)).unwrap();
    }
}

struct Scene {
    directory: TempDir,
    clock: Arc<ManualClock>,
    keeper: CertificateKeeper,
    presented: Arc<Presented>,
}

impl Scene {
    /// The year is 2030.
    fn with(issued: &Issued) -> Self {
        let directory = tempfile::tempdir().unwrap();
        issued.write(directory.path());
        Self::at(directory, "")
    }

    fn at(directory: TempDir, place: &str) -> Self {
        let clock = Arc::new(ManualClock::default());
        clock.set(Timestamp::from_seconds(1_893_456_000));
        let place = directory.path().join(place);
        let files = PairFiles { certificate: place.join("tls.crt"), key: place.join("tls.key") };
        let (keeper, presented) = CertificateKeeper::open(files, clock.clone()).unwrap();
        Self { directory, clock, keeper, presented }
    }

    fn file(&self, name: &str) -> std::path::PathBuf {
        self.directory.path().join(name)
    }

    async fn look(&mut self) -> Vec<Remark> {
        self.keeper.look(false).await
    }

    /// The year until whose end the certificate is good that is shown.
    fn shown(&self) -> i64 {
        1970 + self.presented.validity().not_after / 31_556_952
    }
}

fn renewed(remarks: &[Remark]) -> bool {
    matches!(remarks, [Remark::Renewed(_)])
}

fn why(remarks: &[Remark]) -> &str {
    let [Remark::Unusable(why)] = remarks else { panic!("{remarks:?}") };
    why
}

#[tokio::test]
async fn web_08_a_renewed_certificate_is_shown_without_a_restart() {
    let mut scene = Scene::with(&Issued::until(2040));
    assert_eq!(scene.look().await, []);
    Issued::until(2041).write(scene.directory.path());
    assert!(renewed(&scene.look().await));
    assert_eq!((scene.shown(), scene.look().await), (2041, vec![]));
}

/// As Kubernetes does it with a secret: the files are links into `..data`, which is a link that is exchanged.
#[tokio::test]
async fn a_certificate_behind_links_is_followed() {
    let directory = tempfile::tempdir().unwrap();
    for (name, year) in [("first", 2040), ("second", 2041)] {
        fs::create_dir(directory.path().join(name)).unwrap();
        Issued::until(year).write(&directory.path().join(name));
    }
    symlink("first", directory.path().join("..data")).unwrap();
    for name in ["tls.crt", "tls.key"] {
        symlink(Path::new("..data").join(name), directory.path().join(name)).unwrap();
    }
    let mut scene = Scene::at(directory, "");
    assert_eq!((scene.look().await, scene.shown()), (vec![], 2040));
    symlink("second", scene.file("..next")).unwrap();
    fs::rename(scene.file("..next"), scene.file("..data")).unwrap();
    assert!(renewed(&scene.look().await));
    assert_eq!(scene.shown(), 2041);
}

#[tokio::test]
async fn what_cannot_be_used_is_told_once_and_the_certificate_before_stays() {
    let issued = Issued::until(2040);
    let other = Issued::until(2041);
    let mut scene = Scene::with(&issued);
    let half = &other.certificate[..other.certificate.len() / 2];
    for (certificate, expected) in
        [(&*other.certificate, "cannot be used together"), (half, "no certificate in PEM")]
    {
        fs::write(scene.file("tls.crt"), certificate).unwrap();
        assert_eq!(scene.look().await, [], "it may not be written to its end");
        let told = scene.look().await;
        assert!(why(&told).contains(expected), "{told:?}");
        assert_eq!((scene.look().await, scene.shown()), (vec![], 2040));
    }
    fs::remove_file(scene.file("tls.crt")).unwrap();
    scene.look().await;
    assert!(why(&scene.look().await).contains("tls.crt cannot be read: No such file"));
    issued.write(scene.directory.path());
    assert_eq!(scene.look().await, [Remark::Restored]);
    other.write(scene.directory.path());
    assert!(renewed(&scene.look().await));
}

#[tokio::test]
async fn files_that_are_exchanged_one_after_the_other_are_no_trouble() {
    let mut scene = Scene::with(&Issued::until(2040));
    let other = Issued::until(2041);
    fs::write(scene.file("tls.crt"), &other.certificate).unwrap();
    assert_eq!(scene.look().await, []);
    fs::write(scene.file("tls.key"), &other.key).unwrap();
    assert!(renewed(&scene.look().await));
}

#[tokio::test]
async fn a_key_that_was_opened_to_others_is_not_taken_over() {
    let mut scene = Scene::with(&Issued::until(2040));
    Issued::until(2041).write(scene.directory.path());
    fs::set_permissions(scene.file("tls.key"), fs::Permissions::from_mode(0o644)).unwrap();
    scene.look().await;
    assert!(why(&scene.look().await).contains("is open to others (mode 0644)"));
    assert_eq!(scene.shown(), 2040);
}

#[tokio::test]
async fn whoever_asks_is_told_at_once() {
    let mut scene = Scene::with(&Issued::until(2040));
    assert_eq!(scene.keeper.look(true).await, [Remark::Unchanged]);
    fs::write(scene.file("tls.crt"), "").unwrap();
    for _ in 0..2 {
        assert!(why(&scene.keeper.look(true).await).contains("no certificate in PEM"));
    }
    assert_eq!(scene.look().await, []);
    Issued::until(2041).write(scene.directory.path());
    assert!(renewed(&scene.keeper.look(true).await));
}

#[tokio::test(start_paused = true)]
async fn files_that_do_not_answer_change_nothing() {
    let mut scene = Scene::with(&Issued::until(2040));
    Issued::until(2041).write(scene.directory.path());
    scene.keeper.system().be_silent(true);
    assert_eq!(scene.look().await, []);
    assert_eq!(why(&scene.look().await), "the file system does not answer");
    scene.keeper.system().be_silent(false);
    assert!(renewed(&scene.look().await));
}

#[tokio::test]
async fn a_certificate_is_told_of_before_its_end_and_every_day_then() {
    let mut scene = Scene::with(&Issued::until(2030));
    let end = scene.presented.validity().not_after;
    let told = |standing: Standing, validity: Validity| vec![Remark::Standing(standing, validity)];
    let validity = scene.presented.validity();
    scene.clock.set(Timestamp::from_seconds(end).minus(DAY * 14));
    assert_eq!(scene.look().await, []);
    scene.clock.advance(Duration::from_secs(1));
    assert_eq!(scene.look().await, told(Standing::EndsSoon, validity));
    scene.clock.advance(DAY / 2);
    assert_eq!(scene.look().await, []);
    scene.clock.advance(DAY / 2);
    assert_eq!(scene.look().await, told(Standing::EndsSoon, validity));
    scene.clock.set(Timestamp::from_seconds(end + 1));
    assert_eq!(scene.look().await, told(Standing::Expired, validity));
    assert_eq!(scene.look().await, []);
    Issued::until(2050).write(scene.directory.path());
    assert!(renewed(&scene.look().await));
    assert!(scene.clock.now().seconds() > end && scene.look().await.is_empty());
}

#[tokio::test]
async fn a_certificate_that_clients_refuse_does_not_take_the_place_of_a_good_one() {
    let issued = Issued::until(2040);
    let mut scene = Scene::with(&issued);
    Issued::until(2029).write(scene.directory.path());
    assert_eq!(scene.look().await, [], "it may be exchanged again at once");
    let told = scene.look().await;
    assert_eq!(why(&told), "it has expired: it was good until 2029-12-31T00:00:00Z");
    assert_eq!((scene.look().await, scene.shown()), (vec![], 2040));
    Issued::between(2035, 2050).write(scene.directory.path());
    assert_eq!(
        why(&scene.keeper.look(true).await),
        "it is not good yet: it will be from 2035-01-01T00:00:00Z"
    );
    assert_eq!(scene.shown(), 2040);
    issued.write(scene.directory.path());
    assert_eq!(scene.look().await, [Remark::Restored]);
    // It is taken as soon as it is good, and by a service that has nothing better.
    Issued::between(2035, 2050).write(scene.directory.path());
    scene.look().await;
    scene.clock.advance(DAY * 366 * 6);
    assert!(renewed(&scene.look().await));
    assert_eq!(scene.shown(), 2050);
    let mut scene = Scene::with(&Issued::until(2028));
    Issued::until(2029).write(scene.directory.path());
    let told = scene.look().await;
    assert!(matches!(&told[..], [Remark::Renewed(_), Remark::Standing(Standing::Expired, _)]), "{told:?}");
}

#[tokio::test]
async fn a_certificate_of_tomorrow_is_told_of() {
    let mut scene = Scene::with(&Issued::until(2040));
    scene.clock.set(Timestamp::from_seconds(scene.presented.validity().not_before - 1));
    assert_eq!(scene.look().await, [Remark::Standing(Standing::NotYet, scene.presented.validity())]);
}

/// Two crates know who may read a secret, and neither may know the other.
#[test]
fn the_key_of_a_certificate_may_be_read_by_whom_any_other_secret_may_be() {
    let directory = tempfile::tempdir().unwrap();
    let file = directory.path().join("tls.key");
    fs::write(&file, Issued::until(2040).key).unwrap();
    for mode in (0..0o1000).filter(|mode| mode & 0o400 != 0) {
        fs::set_permissions(&file, fs::Permissions::from_mode(mode)).unwrap();
        let is_taken = PemFile::read_private(&file).is_ok();
        assert_eq!(is_taken, doorward_crypto::is_private(&fs::metadata(&file).unwrap()), "{mode:o}");
    }
}
