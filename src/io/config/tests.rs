use super::*;
use proptest::prelude::*;

fn environment() -> Environment {
    Environment { config_dir: Some("/etc/x".into()), data_dir: None, default_data_dir: Some("/data".into()) }
}

fn config(text: &str) -> Result<Config, Vec<(usize, String)>> {
    let defaults = Config::defaults(&environment(), Some("/etc/x/lockstep.toml".into()));
    read::config(defaults, &environment(), text)
}

fn problems(text: &str) -> Vec<(usize, String)> {
    config(text).expect_err(text)
}

#[test]
fn a_whole_file_is_read_and_every_value_knows_its_line() {
    let config = config(
        "theme = 'mono'\nsigning_key = \"keys/id\"\ndata_dir = '/elsewhere'\n\n[transcript]\ncap = \"1GiB\"\n\n[intervals]\ncore = \"10s\"\n\n\
         [pairs.contoso]\nold = \"winrm://ec01\"\nnew = \"ssh://anna@ec02\"\nadd = 'local'\n",
    )
    .expect("a config");
    assert_eq!(config.theme, Setting { value: Look::Mono, from: Origin::File(1) });
    assert_eq!(config.signing_key.value, Some("/etc/x/keys/id".into()));
    assert_eq!(config.data_dir, Setting { value: Some("/elsewhere".into()), from: Origin::File(3) });
    assert_eq!(config.transcript_cap, Setting { value: 1 << 30, from: Origin::File(6) });
    assert_eq!(config.intervals().get(Group::Core), TimeDelta::seconds(10));
    assert_eq!(config.intervals().get(Group::Runs), TimeDelta::seconds(30));
    let pair = config.pair("contoso").expect("a pair");
    let roles: Vec<_> = pair.iter().map(|(role, _)| role.as_str()).collect();
    assert_eq!(roles, ["old", "new", "add"]);
    assert!(config.effective().contains(&("pairs.contoso.old".into(), "winrm://ec01".into(), Origin::File(12))));
    assert!(config.effective().contains(&("intervals.configuration".into(), "15m".into(), Origin::Default)));
}

#[test]
fn nothing_said_is_the_defaults() {
    let config = config("").expect("a config");
    assert_eq!(config.intervals(), Intervals::default());
    assert_eq!(config.transcript_cap.value, DEFAULT_TRANSCRIPT_CAP);
    assert!(config.effective().iter().all(|(_, _, from)| *from == Origin::Default));
}

#[test]
fn unknown_keys_say_their_line_and_what_was_meant() {
    assert_eq!(problems("\nintervalls = 1"), [(2, "unknown key 'intervalls'; did you mean 'intervals'?".into())]);
    let runs = problems("[intervals]\ncore = '5s'\nrunz = '5s'");
    assert_eq!(runs, [(3, "unknown key 'intervals.runz'; did you mean 'intervals.runs'?".into())]);
    assert_eq!(
        problems("x = 1")[0].1,
        "unknown key 'x'; the keys are data_dir, theme, signing_key, baselines, transcript, intervals, pairs"
    );
}

#[test]
fn wrong_values_say_what_was_expected_all_in_one_go() {
    let all = problems(
        "theme = 3\n[transcript]\ncap = 'much'\n[intervals]\ncore = '5'\nruns = '2d'\n[pairs]\na = 'b'\n[pairs.c]\n'1x' = 'local'\nnew = 'ftp://x'",
    );
    let lines: Vec<usize> = all.iter().map(|(line, _)| *line).collect();
    assert_eq!(lines, [1, 3, 5, 6, 8, 10, 11], "{all:#?}");
    assert!(all.iter().any(|(_, text)| text == "expected a look between quotes, found integer"), "{all:#?}");
    assert!(all.iter().any(|(_, text)| text == "intervals.runs is '2d', it may be 1s to 1d"), "{all:#?}");
}

#[test]
fn a_mistake_in_writing_says_its_line() {
    let all = problems("theme = 'mono'\n[pairs.contoso\nold = 'local'");
    assert_eq!(all[0].0, 2, "{all:?}");
}

#[test]
fn the_environment_has_the_last_word_and_files_are_found_by_it() {
    let folder = tempfile::tempdir().expect("a folder");
    let environment =
        Environment { config_dir: Some(folder.path().to_owned()), data_dir: Some("/mine".into()), default_data_dir: None };
    assert_eq!(Config::load_in(&environment).expect("no file is no error").file, Some(folder.path().join(FILE_NAME)));
    std::fs::write(folder.path().join(FILE_NAME), "\u{feff}data_dir = '/theirs'\n").expect("a file");
    let config = Config::load_in(&environment).expect("a config");
    assert_eq!(config.data_dir, Setting { value: Some("/mine".into()), from: Origin::Environment(DATA_DIR_VARIABLE) });
    std::fs::write(folder.path().join(FILE_NAME), b"theme = '\xff'").expect("a file");
    let broken = Config::load_in(&environment).expect_err("not UTF-8").to_string();
    assert!(broken.ends_with("lockstep.toml: is not UTF-8 at byte 9"), "{broken}");
    std::fs::write(folder.path().join(FILE_NAME), "theme = 1\nx = 2").expect("a file");
    let broken = Config::load_in(&environment).expect_err("wrong").to_string();
    assert!(
        broken.lines().count() == 2 && broken.contains("lockstep.toml:1: ") && broken.contains("lockstep.toml:2: "),
        "{broken}"
    );
}

#[test]
fn an_unknown_pair_says_which_there_are() {
    let none = config("").expect("a config").pair("contoso").expect_err("none");
    assert!(none.contains("names none"), "{none}");
    let other = config("[pairs.fabrikam]\nold = 'local'").expect("a config").pair("contoso").expect_err("another");
    assert!(other.ends_with("there are fabrikam"), "{other}");
}

#[test]
fn baselines_are_files_relative_to_the_file() {
    let named = config("theme = 'mono'\nbaselines = ['a.json', '/b.json']").expect("a config");
    assert_eq!(named.baselines, Setting { value: vec!["/etc/x/a.json".into(), "/b.json".into()], from: Origin::File(2) });
    let beside = Path::new("/etc/x").join("a.json");
    assert!(named.effective().contains(&("baselines".into(), format!("{}, /b.json", beside.display()), Origin::File(2))));
    assert_eq!(
        problems("\nbaselines = 'a.json'"),
        [(2, "'baselines' is a list of paths, found string; write baselines = [\"PATH\"]".into())]
    );
    assert_eq!(problems("baselines = ['a.json', 3]"), [(1, "expected a path between quotes, found integer".into())]);
}

#[test]
fn every_baseline_that_is_none_is_told_with_its_line() {
    let folder = tempfile::tempdir().expect("a folder");
    let file = |name: &str, bytes: &[u8]| {
        let path = folder.path().join(name);
        std::fs::write(&path, bytes).expect("a file");
        path
    };
    let utf16: Vec<u8> = "\u{feff}{\"servers\": []}".encode_utf16().flat_map(u16::to_le_bytes).collect();
    let files = [
        folder.path().join("none.json"),
        file("text.json", b"Version 2"),
        file("bytes.json", b"\xfe"),
        file("wide.json", &utf16),
    ];
    let text = format!("\nbaselines = [{}]", files.each_ref().map(|path| format!("'{}'", path.display())).join(", "));
    let broken = config(&text).expect("paths").baselines().expect_err("none is a baseline");
    assert_eq!(broken.problems.iter().map(|(line, _)| *line).collect::<Vec<_>>(), [2; 4]);
    let found = ["it cannot be read: ", "it is not JSON: ", "it is not UTF-8 at byte 0", "its array 'servers' is empty"];
    for ((path, found), (_, words)) in files.iter().zip(found).zip(&broken.problems) {
        assert!(words.starts_with(&format!("the baseline {}: {found}", path.display())), "{words}");
        assert!(words.contains("; expected ") && words.contains("lockstep status --server"), "{words}");
    }
    assert_eq!(config("").expect("nothing").baselines(), Ok(Baselines::default()));
}

proptest! {
    #[test]
    fn any_text_is_read_or_refused(text in "\\PC{0,60}(\n\\PC{0,20}){0,3}") {
        if let Err(problems) = config(&text) {
            prop_assert!(!problems.is_empty());
        }
    }

    #[test]
    fn sizes_read_back(size in any::<u64>()) {
        prop_assert_eq!(read::parse_size(&read::size_words(size)), Some(size));
    }

    #[test]
    fn intervals_read_back(seconds in 1_i64..86_400) {
        let span = TimeDelta::seconds(seconds);
        let words = read::interval_words(span);
        prop_assert_eq!(crate::runbook::parse_duration(&words).and_then(|span| TimeDelta::from_std(span).ok()), Some(span));
    }
}

#[test]
fn one_mistake_in_a_pair_is_one_problem() {
    for (text, line, words) in [
        ("[pairs]\nold = \"local\"\n", 2, "write [pairs.NAME]"),
        ("[pairs.contoso]\nold = \"winrm://ec 01\"\n", 2, "is no host name"),
        ("[pairs.contoso]\nold = \"ssh://anna:secret@ec01\"\n", 2, "holds no password"),
        ("[pairs.contoso]\n\"x-y\" = \"local\"\n", 2, "is no role's name"),
        ("[pairs.contoso]\n", 1, "names no server"),
    ] {
        let found = problems(text);
        assert_eq!(found.len(), 1, "{found:?}");
        assert_eq!(found[0].0, line, "{found:?}");
        assert!(found[0].1.contains(words) && !found[0].1.contains("secret"), "{found:?}");
    }
}
