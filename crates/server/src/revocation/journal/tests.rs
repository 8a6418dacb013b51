//! The journal on a real disk.

use std::fs;
use std::os::unix::fs::{MetadataExt as _, PermissionsExt as _};
use std::path::Path;

use sealpass_tower::sealpass::SessionId;
use sealpass_tower::sealpass::credential::Subject;
use sealpass_tower::sealpass::revocation::journal as format;
use tempfile::TempDir;

use super::*;

const NOW: u64 = 1_800_000_000;

fn at(seconds: u64) -> NumericDate {
    NumericDate::from_secs(seconds)
}

fn clock() -> NumericDate {
    at(NOW)
}

fn session(subject: &str) -> (SessionId, Revocation) {
    let sid = SessionId::generate().unwrap();
    let subject = Some(Subject::new(subject).unwrap());
    let fact = Revocation::Session { sid, subject, auth_time: at(NOW), until: at(NOW + 3_600) };
    (sid, fact)
}

fn open(path: &Path) -> Result<(Journal, Arc<RevocationList>), OpenError> {
    let list = Arc::new(RevocationList::default());
    Journal::open(path.to_owned(), Arc::clone(&list), Before::Unknown, clock)
        .map(|journal| (journal, list))
}

fn error(path: &Path) -> String {
    open(path).map(|_| ()).unwrap_err().to_string()
}

/// A journal with three logouts of three moments.
async fn three_logouts(path: &Path) -> [SessionId; 3] {
    let (journal, _) = open(path).unwrap();
    let [first, second, third] = ["ada", "bob", "eve"].map(session);
    for (_, fact) in [&first, &second, &third] {
        journal.record(std::slice::from_ref(fact)).await.unwrap();
    }
    [first.0, second.0, third.0]
}

#[tokio::test]
async fn what_was_acknowledged_is_known_after_a_restart() {
    let folder = TempDir::new().unwrap();
    let path = folder.path().join("revocations");
    let sids = three_logouts(&path).await;
    let (_journal, list) = open(&path).unwrap();
    let later = at(NOW + 1);
    for (sid, subject) in sids.into_iter().zip(["ada", "bob", "eve"]) {
        assert!(list.is_revoked(sid, subject, later), "{subject}");
    }
    assert!(!list.is_revoked(SessionId::generate().unwrap(), "ada", later));
}

#[tokio::test]
async fn a_new_journal_knows_nothing_of_before_and_says_so_ever_after() {
    let folder = TempDir::new().unwrap();
    let path = folder.path().join("revocations");
    for _ in 0..2 {
        let (_journal, list) = open(&path).unwrap();
        let anyone = SessionId::generate().unwrap();
        assert!(list.is_revoked(anyone, "ada", at(NOW)), "a login from before was let in");
        assert!(!list.is_revoked(anyone, "ada", at(NOW + 1)));
    }
}

#[tokio::test]
async fn only_its_owner_may_open_it() {
    let folder = TempDir::new().unwrap();
    let path = folder.path().join("revocations");
    drop(open(&path).unwrap());
    assert_eq!(fs::metadata(&path).unwrap().mode() & 0o777, 0o600);
    fs::set_permissions(&path, fs::Permissions::from_mode(0o640)).unwrap();
    assert!(error(&path).contains("mode 0640"), "{}", error(&path));
}

#[tokio::test]
async fn a_second_process_is_refused() {
    let folder = TempDir::new().unwrap();
    let path = folder.path().join("revocations");
    let first = open(&path).unwrap();
    assert!(error(&path).contains("in use by another process"), "{}", error(&path));
    drop(first);
    assert!(open(&path).is_ok());
}

#[tokio::test]
async fn a_crash_at_any_byte_loses_nothing_acknowledged() {
    let folder = TempDir::new().unwrap();
    let path = folder.path().join("revocations");
    let (_, torn_fact) = session("eve");
    three_logouts(&path).await;
    let safe = fs::read(&path).unwrap();
    let mut torn = safe.clone();
    format::append([&torn_fact], &mut torn);
    for cut in safe.len()..torn.len() {
        fs::write(&path, &torn[..cut]).unwrap();
        let (journal, list) = open(&path).unwrap();
        assert_eq!(list.len(), 3, "{cut}");
        // What comes next must not stand behind the torn bytes.
        journal.record(&[session("ada").1]).await.unwrap();
        drop(journal);
        assert_eq!(open(&path).unwrap().1.len(), 4, "{cut}");
    }
}

#[tokio::test]
async fn damage_before_the_end_is_refused_with_path_and_offset() {
    let folder = TempDir::new().unwrap();
    let path = folder.path().join("revocations");
    three_logouts(&path).await;
    let mut bytes = fs::read(&path).unwrap();
    bytes[30] ^= 1;
    fs::write(&path, &bytes).unwrap();
    let text = error(&path);
    let place = format!("{}: the bytes at offset 16 are damaged", path.display());
    assert!(text.contains(&place) && text.contains("everyone logs in again"), "{text}");
    // Beside Redis nobody has to.
    let opened = Journal::open(path.clone(), Arc::default(), Before::Elsewhere, clock);
    let text = opened.unwrap_err().to_string();
    assert!(text.contains("never reached Redis") && !text.contains("everyone"), "{text}");
    assert_eq!(fs::read(&path).unwrap(), bytes, "it was changed");
}

#[tokio::test]
async fn a_file_of_something_else_is_refused_and_left_alone() {
    let folder = TempDir::new().unwrap();
    let path = folder.path().join("users.toml");
    for content in ["", "[ada]\nhash = 'x'\n"] {
        fs::write(&path, content).unwrap();
        fs::set_permissions(&path, fs::Permissions::from_mode(0o600)).unwrap();
        assert!(error(&path).contains("no revocation journal"), "{}", error(&path));
        assert_eq!(fs::read_to_string(&path).unwrap(), content);
    }
}

#[tokio::test]
async fn a_folder_that_is_not_there_is_named() {
    let folder = TempDir::new().unwrap();
    let path = folder.path().join("missing/revocations");
    assert!(error(&path).contains("missing/revocations"), "{}", error(&path));
}

#[tokio::test]
async fn logouts_at_once_are_all_recorded() {
    let folder = TempDir::new().unwrap();
    let path = folder.path().join("revocations");
    let (journal, list) = open(&path).unwrap();
    let journal = Arc::new(journal);
    let mut logouts = tokio::task::JoinSet::new();
    for number in 0..500 {
        let (journal, fact) = (Arc::clone(&journal), session(&format!("user-{number}")).1);
        logouts.spawn(async move { journal.record(&[fact]).await });
    }
    while let Some(recorded) = logouts.join_next().await {
        recorded.unwrap().unwrap();
    }
    assert_eq!(list.len(), 500, "an answer came before it took effect");
    drop(journal);
    assert_eq!(open(&path).unwrap().1.len(), 500);
}

#[tokio::test]
async fn more_facts_than_a_frame_are_safe_from_a_crash_one_frame_at_a_time() {
    let folder = TempDir::new().unwrap();
    let path = folder.path().join("revocations");
    let (journal, _) = open(&path).unwrap();
    let long = "u".repeat(Subject::MAX - 8);
    let facts: Vec<_> = (0..5_000).map(|n| session(&format!("{long}{n}")).1).collect();
    journal.record(&facts).await.unwrap();
    drop(journal);
    assert!(fs::metadata(&path).unwrap().len() > format::MAX_FRAME as u64);
    assert_eq!(open(&path).unwrap().1.len(), 5_000);
}

#[tokio::test]
async fn a_rewrite_keeps_what_lives_and_what_comes_meanwhile() {
    let folder = TempDir::new().unwrap();
    let path = folder.path().join("revocations");
    let (journal, _) = open(&path).unwrap();
    let dead = |n: usize| {
        let (sid, subject) = (SessionId::generate().unwrap(), Subject::new(n.to_string()).ok());
        Revocation::Session { sid, subject, auth_time: at(NOW), until: at(NOW) }
    };
    let before = session("ada");
    journal.record(&[before.1]).await.unwrap();
    let dead: Vec<_> = (0..40_000).map(dead).collect();
    journal.record(&dead).await.unwrap();
    let full = fs::metadata(&path).unwrap().len();
    // The rewrite goes on beside these; that it is done shows in the size.
    let mut living = vec![before.0];
    while fs::metadata(&path).unwrap().len() >= full {
        let (sid, fact) = session("ada");
        journal.record(&[fact]).await.unwrap();
        living.push(sid);
    }
    drop(journal);
    let (_journal, list) = open(&path).unwrap();
    assert!(living.iter().all(|sid| list.is_revoked(*sid, "ada", at(NOW + 1))));
    assert!(list.is_revoked(SessionId::generate().unwrap(), "ada", at(NOW)), "since when");
    assert_eq!(fs::metadata(&path).unwrap().mode() & 0o777, 0o600);
}

#[tokio::test]
async fn a_rewrite_that_a_crash_left_behind_is_no_obstacle() {
    let folder = TempDir::new().unwrap();
    let path = folder.path().join("revocations");
    let (file, list) = (three_logouts(&path).await, RevocationList::default());
    fs::write(folder.path().join("revocations.new"), vec![7; 10_000]).unwrap();
    let mut journal = open::open(&path, &list, Before::Unknown, clock()).unwrap();
    journal.replace_by(file::Rewritten::write(&path, &list, clock()).unwrap()).unwrap();
    drop(journal);
    assert_eq!(open(&path).unwrap().1.len(), file.len());
}
