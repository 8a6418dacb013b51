//! Keys in a folder: made, replaced and taken away. Secrets, made.

use std::fs;
use std::os::unix::fs::{MetadataExt as _, PermissionsExt as _};

use serde_json::{Value, json};

use crate::support::{Ended, Folder};

const DAY: u64 = 86_400;
const START: u64 = 1_800_000_000;

/// A folder with a configuration that has nothing but keys in it.
fn folder() -> Folder {
    let folder = Folder::new();
    folder.write("sealpass.toml", "[keys]\ndirectory = 'keys'\n");
    folder
}

fn keys(folder: &Folder, command: &[&str]) -> Ended {
    folder.run(&[&["keys"], command, &["--config", "sealpass.toml"]].concat(), "")
}

fn rotate(folder: &Folder, now: u64, more: &[&str]) -> Vec<String> {
    let now = now.to_string();
    let ended = keys(folder, &[&["rotate", "--now", &now], more].concat());
    assert_eq!((ended.code, ended.stderr.as_str()), (Some(0), ""));
    ended.stdout.lines().map(str::to_owned).collect()
}

/// The files of the folder, without those that begin with a dot.
fn files(folder: &Folder) -> Vec<String> {
    let names = fs::read_dir(folder.path("keys")).unwrap();
    let mut names: Vec<_> =
        names.map(|entry| entry.unwrap().file_name().into_string().unwrap()).collect();
    names.retain(|name| !name.starts_with('.'));
    names.sort();
    names
}

/// The name in a line such as `made the key NAME for ...` or `NAME\tEdDSA\tactive\t...`.
fn kid(line: &str) -> String {
    let rest = line.strip_prefix("made the key ").unwrap_or(line);
    rest.split([' ', '\t']).next().unwrap().to_owned()
}

#[test]
fn keys_are_made_in_time_and_deleted_when_they_open_nothing_and_twice_is_as_good_as_once() {
    let folder = folder();
    let said = rotate(&folder, START, &["--alg", "EdDSA"]);
    let first = kid(&said[0]);
    assert_eq!(
        said,
        [
            format!("made the key {first} for EdDSA, which seals from 2027-01-15T08:00:00Z"),
            format!("{first}\tEdDSA\tactive\t2027-01-15T08:00:00Z"),
        ]
    );
    let active = format!("{first}\tEdDSA\tactive\t2027-01-15T08:00:00Z");
    for now in [START, START + DAY, START + 29 * DAY - 1] {
        assert_eq!(rotate(&folder, now, &[]), ["nothing is due".to_owned(), active.clone()]);
    }
    // A day before its period is over there is another one, for the same algorithm.
    let said = rotate(&folder, START + 29 * DAY, &[]);
    let second = kid(&said[0]);
    assert_eq!(
        said,
        [
            format!("made the key {second} for EdDSA, which seals from 2027-02-14T08:00:00Z"),
            active.clone(),
            format!("{second}\tEdDSA\tnext\t2027-02-14T08:00:00Z"),
        ]
    );
    assert_eq!(rotate(&folder, START + 29 * DAY, &[])[0], "nothing is due");
    // It takes over by the clock alone.
    let said = rotate(&folder, START + 30 * DAY, &[]);
    assert_eq!(said[0], "nothing is due");
    assert!(said[1].contains("\tretired\t") && said[2].contains("\tactive\t"), "{said:?}");
    assert_eq!(rotate(&folder, START + 30 * DAY + 3_599, &[])[0], "nothing is due");
    let said = rotate(&folder, START + 30 * DAY + 3_600, &[]);
    assert_eq!(said[0], format!("deleted the key {first}"));
    assert_eq!(files(&folder), [format!("{second}.jwk")]);
    // After a year without a rotation, the next key is announced all the same.
    let said = rotate(&folder, START + 365 * DAY, &[]);
    assert!(said[0].ends_with("which seals from 2028-01-16T08:00:00Z"), "{said:?}");
}

#[test]
fn new_keys_are_for_the_owner_of_the_folder_alone() {
    let folder = folder();
    rotate(&folder, START, &[]);
    assert_eq!(fs::metadata(folder.path("keys")).unwrap().mode() & 0o777, 0o700);
    let [file] = &files(&folder)[..] else { panic!("{:?}", files(&folder)) };
    let path = folder.path("keys").join(file);
    assert_eq!(fs::metadata(&path).unwrap().mode() & 0o777, 0o600);
    let key: Value = serde_json::from_str(&fs::read_to_string(path).unwrap()).unwrap();
    assert_eq!((&key["nbf"], &key["alg"]), (&json!(START), &json!("A256GCM")));
}

#[test]
fn another_algorithm_comes_with_the_next_key_and_early_if_wanted() {
    let folder = folder();
    rotate(&folder, START, &[]);
    let said = rotate(&folder, START + 5, &["--alg", "ES256", "--early"]);
    assert!(said[0].contains(" for ES256, which seals from 2027-01-16T08:00:05Z"), "{said:?}");
    assert!(said[1].contains("\tdir with A256GCM\tactive\t"), "{said:?}");
    assert!(said[2].contains("\tES256\tnext\t"), "{said:?}");
    // There is a next one already.
    assert_eq!(rotate(&folder, START + 6, &["--early"])[0], "nothing is due");
    let listed = folder.done(&["keys", "list", "keys"], "");
    assert_eq!(listed.lines().count(), 2);
    assert!(listed.contains("\tES256\tsig\tprivate\t"), "{listed}");
    assert!(listed.contains("\tshared\t-\t2027-01-15T08:00:00Z\n"), "{listed}");
}

#[test]
fn a_compromised_key_is_gone_and_an_active_one_has_a_successor_at_once() {
    let folder = folder();
    let made = keys(&folder, &["rotate", "--alg", "EdDSA"]);
    let first = kid(&made.stdout);
    let ended = keys(&folder, &["compromise", &first]);
    assert_eq!((ended.code, ended.stderr.as_str()), (Some(0), ""));
    let said: Vec<_> = ended.stdout.lines().collect();
    let second = kid(said[0]);
    assert_eq!(said[0], format!("made the key {second} for EdDSA, which seals from now on"));
    assert_eq!(
        said[1],
        format!(
            "deleted the key {first}: a running server refuses all that it sealed 10 s from now at \
             the latest"
        )
    );
    assert_eq!(said[2], "a reader that has kept the JWK Set may believe it for 300 s more");
    assert_eq!(files(&folder), [format!("{second}.jwk")]);

    // Of a key that does not seal, nothing takes the place.
    let next = kid(&keys(&folder, &["rotate", "--early"]).stdout);
    let ended = keys(&folder, &["compromise", &next]);
    assert_eq!((ended.code, ended.stdout.lines().count()), (Some(0), 2));
    assert_eq!(files(&folder), [format!("{second}.jwk")]);

    // A slip of the fingers does not look like success.
    for unknown in [&first[..], "nobody", ""] {
        let ended = keys(&folder, &["compromise", unknown]);
        assert_eq!((ended.code, ended.stdout.as_str()), (Some(1), ""));
        assert!(ended.stderr.contains("key_unknown: there is no key"), "{}", ended.stderr);
        assert!(ended.stderr.contains(&second), "{}", ended.stderr);
    }
}

#[test]
fn a_key_is_taken_out_of_a_file_with_others() {
    let folder = folder();
    let key = |kid: &str, nbf: u64| {
        let file = format!("{kid}.jwk");
        folder.done(&["keys", "generate", "--alg", "EdDSA", "--kid", kid, "--out", &file], "");
        let mut key: Value = serde_json::from_str(&folder.read(&file)).unwrap();
        key["nbf"] = json!(nbf);
        key
    };
    let set = json!({ "keys": [key("a", 1), key("b", 2), key("c", 4_000_000_000)] });
    fs::create_dir(folder.path("keys")).unwrap();
    folder.write("keys/set.json", &set.to_string());
    fs::set_permissions(folder.path("keys/set.json"), fs::Permissions::from_mode(0o600)).unwrap();
    let before = folder.done(&["keys", "list", "keys"], "");
    let ended = keys(&folder, &["compromise", "a"]);
    assert_eq!(ended.code, Some(0));
    // Whoever made a session with it may hold one that `b` has renewed, and `c` seals nothing yet.
    let told = "renewed since, with b: compromise that as well";
    assert!(ended.stdout.contains(told), "{}", ended.stdout);
    let after = folder.done(&["keys", "list", "keys"], "");
    let rest: Vec<_> = before.lines().filter(|line| !line.starts_with("a\t")).collect();
    assert_eq!(after.lines().collect::<Vec<_>>(), rest, "the others are what they were");
    assert_eq!(fs::metadata(folder.path("keys/set.json")).unwrap().mode() & 0o777, 0o600);
}

#[test]
fn what_cannot_be_rotated_is_told_with_the_way_out() {
    let folder = folder();
    for (variables, why) in [
        ("", "`keys.directory` is not set: the keys are those of a running server"),
        ("[keys]\nsecret = 'env:A'", "the keys are derived from the secret of `keys.secret`"),
        ("[keys]\nsource = 'files'", "`keys.directory` is missing"),
        ("[keys]\ndirectory = 'k'\nlead = '31d'", "`keys.lead` is 31d, not shorter than"),
        ("[keys]\ndirectory = 'k'\nperoid = '1d'", "there is no setting `keys.peroid`"),
    ] {
        folder.write("sealpass.toml", variables);
        for command in [&["rotate"][..], &["compromise", "a"]] {
            let ended = keys(&folder, command);
            assert_eq!((ended.code, ended.stdout.as_str()), (Some(2), ""), "{variables}");
            assert!(ended.stderr.contains(why), "{variables}: {}", ended.stderr);
        }
    }
    folder.write("sealpass.toml", "[keys]\ndirectory = 'keys'");
    for alg in ["RSA-OAEP-256", "ECDH-ES", "ECDH-ES+A256KW"] {
        let ended = keys(&folder, &["rotate", "--alg", alg]);
        assert_eq!(ended.code, Some(2));
        assert!(ended.stderr.contains("anyone could make a session"), "{}", ended.stderr);
    }
    rotate(&folder, START, &[]);
    folder.write("keys/broken.pem", "-----BEGIN");
    let ended = keys(&folder, &["rotate"]);
    assert_eq!((ended.code, ended.stdout.as_str()), (Some(1), ""));
    assert!(ended.stderr.contains("keys/broken.pem: its mode is"), "{}", ended.stderr);
}

#[test]
fn rotations_at_the_same_time_make_one_key() {
    let folder = folder();
    std::thread::scope(|scope| {
        for _ in 0..4 {
            scope.spawn(|| rotate(&folder, START, &[]));
        }
    });
    assert_eq!(files(&folder).len(), 1);
}

#[test]
fn a_secret_is_for_its_owner_alone_is_never_printed_and_is_not_overwritten() {
    let folder = Folder::new();
    let said = folder.done(&["keys", "secret", "--out", "secret"], "");
    assert_eq!(said, "wrote a secret to secret\n");
    assert_eq!(fs::metadata(folder.path("secret")).unwrap().mode() & 0o777, 0o600);
    let secret = folder.read("secret");
    assert_eq!(secret.trim_end().len(), 43);
    let ended = folder.run(&["keys", "secret", "--out", "secret"], "");
    assert_eq!(ended.code, Some(2));
    assert_eq!(folder.read("secret"), secret);
    folder.done(&["keys", "secret", "--out", "other"], "");
    assert_ne!(folder.read("other"), secret);
}
