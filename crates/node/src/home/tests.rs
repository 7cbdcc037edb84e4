use std::os::unix::fs::PermissionsExt as _;

use super::*;
use crate::data_files::{BLOCKS_DIR, SIGNED_FILE};

fn desk(home: &Home) -> Result<Genesis, HomeError> {
    let prefix = Prefix::parse(Prefix::DEFAULT).unwrap();
    let administrator = Address::of_public_key(&prefix, &[2; 33]);
    home.init_desk(&new_chain_id("desk").unwrap(), &prefix, 1_700_000_000, &[administrator])
}

#[test]
fn a_new_home_has_a_genesis_of_its_own_key_and_is_made_once() {
    let dir = tempfile::tempdir().unwrap();
    let home = Home::new(dir.path().join("new"));
    assert!(matches!(home.genesis(), Err(HomeError::Missing(_))));
    let genesis = desk(&home).unwrap();
    assert_eq!(home.genesis().unwrap(), genesis);
    assert_eq!(genesis.validators[0].pub_key.value, home.key().unwrap().public_key());
    assert!(matches!(desk(&home), Err(HomeError::Exists(_))));
}

#[test]
fn an_attempt_that_ended_half_way_is_taken_up_again() {
    let dir = tempfile::tempdir().unwrap();
    let home = Home::new(dir.path());
    let key = home.make_key().unwrap().public_key();
    fs::write(home.path().join(".genesis.json.0011223344556677.draft"), b"{").unwrap();
    assert_eq!(desk(&home).unwrap().validators[0].pub_key.value, key);
}

#[test]
fn a_key_of_which_nothing_was_written_is_made_again() {
    let dir = tempfile::tempdir().unwrap();
    let home = Home::new(dir.path());
    fs::write(home.key_file(), b"").unwrap();
    let key = home.prepare().unwrap();
    assert_eq!((home.prepare().unwrap(), home.key().unwrap().public_key()), (key, key));
    fs::write(home.key_file(), b"{").unwrap();
    assert!(matches!(home.prepare(), Err(HomeError::Key(_))), "what is there is never written over");
}

#[test]
fn nothing_is_made_over_data_without_a_genesis_nor_in_the_place_of_a_lost_key() {
    let dir = tempfile::tempdir().unwrap();
    let home = Home::new(dir.path());
    let genesis = desk(&home).unwrap();
    // Empty places are what an attempt to open it leaves.
    fs::create_dir(home.data_dir().join(BLOCKS_DIR)).unwrap();
    fs::write(home.path().join(SIGNED_FILE), b"").unwrap();
    fs::remove_file(home.genesis_file()).unwrap();
    home.prepare().unwrap();
    for place in
        ["data/state.redb", "data/blocks/1", "data/headers/1", SIGNED_FILE, "comet/data/blockstore.db/1"]
    {
        let place = home.path().join(place);
        fs::create_dir_all(place.parent().unwrap()).unwrap();
        fs::write(&place, b"1").unwrap();
        let refused = [
            home.init(genesis.clone()).err(),
            home.join(&genesis).err(),
            home.prepare().err(),
            home.genesis().err(),
        ];
        for error in refused {
            assert!(matches!(error, Some(HomeError::GenesisMissing(_))), "{place:?}: {error:?}");
        }
        assert!(!home.is_initialised());
        fs::remove_file(&place).unwrap();
    }
    home.join(&genesis).unwrap();
    fs::remove_file(home.key_file()).unwrap();
    assert!(matches!(home.prepare(), Err(HomeError::Key(_))));
    assert!(!home.key_file().exists());
}

#[test]
fn a_chain_id_is_never_made_twice() {
    let ids: std::collections::BTreeSet<String> =
        (0..100).map(|_| new_chain_id("desk").unwrap().to_string()).collect();
    assert_eq!(ids.len(), 100);
    assert!(ids.iter().all(|id| id.len() == "desk-".len() + 16));
}

#[test]
fn a_state_sync_is_added_to_what_the_configuration_says_and_never_twice() {
    let dir = tempfile::tempdir().unwrap();
    let home = Home::new(dir.path());
    fs::write(home.config_file(), "listen = \"127.0.0.1:1\"\n[comet]\nmoniker = \"one\"\n").unwrap();
    let section = StateSyncConfig {
        servers: vec!["http://a:1".to_owned(), "http://b:1".to_owned()],
        trust_height: 7,
        trust_hash: "AB".repeat(32),
        key_never_signed: false,
    };
    fs::set_permissions(home.config_file(), fs::Permissions::from_mode(0o600)).unwrap();
    home.add_state_sync(&section).unwrap();
    let mode = fs::metadata(home.config_file()).unwrap().permissions().mode() & 0o777;
    assert_eq!(mode, 0o600, "it stays as closed as its owner made it");
    let config = home.config().unwrap();
    assert_eq!(
        (config.comet.moniker.as_deref(), config.comet.state_sync.as_ref()),
        (Some("one"), Some(&section))
    );
    let text = fs::read(home.config_file()).unwrap();
    assert!(matches!(home.add_state_sync(&section), Err(HomeError::Config { .. })));
    assert_eq!(fs::read(home.config_file()).unwrap(), text);
}

#[test]
fn a_word_that_the_configuration_does_not_know_is_refused() {
    let dir = tempfile::tempdir().unwrap();
    let home = Home::new(dir.path());
    assert_eq!(home.config().unwrap(), Config::default());
    fs::write(home.config_file(), "listen = \"127.0.0.1:1\"").unwrap();
    assert_eq!(home.config().unwrap().listen.unwrap().port(), 1);
    fs::write(home.config_file(), "lissten = \"127.0.0.1:1\"").unwrap();
    assert!(matches!(home.config(), Err(HomeError::Config { .. })));
}

#[test]
fn the_places_of_the_port_are_read_by_their_names() {
    let dir = tempfile::tempdir().unwrap();
    let home = Home::new(dir.path());
    let text = "[port]\nconnections = 10000\nconnections_per_address = 200\nsubscribers = 9000\nsubscribers_per_address = 100\n";
    fs::write(home.config_file(), text).unwrap();
    let said = home.config().unwrap().port;
    assert_eq!((said.connections, said.connections_per_address), (Some(10_000), Some(200)));
    assert_eq!((said.subscribers, said.subscribers_per_address), (Some(9_000), Some(100)));
    let started = PortConfig { subscribers: Some(7), ..PortConfig::default() }.or(said);
    assert_eq!((started.connections, started.subscribers), (Some(10_000), Some(7)));
}

#[test]
fn the_blocks_to_keep_are_all_or_enough() {
    let dir = tempfile::tempdir().unwrap();
    let home = Home::new(dir.path());
    for (text, fits) in [("0", true), ("1000", true), ("999", false), ("-1", false)] {
        fs::write(home.config_file(), format!("keep_blocks = {text}\n")).unwrap();
        assert_eq!(home.config().is_ok(), fits, "{text}");
    }
}

#[test]
fn the_page_cache_is_what_the_configuration_says_within_its_bounds() {
    let dir = tempfile::tempdir().unwrap();
    let home = Home::new(dir.path());
    for (text, fits) in [("8", true), ("65536", true), ("7", false), ("65537", false), ("-1", false)] {
        fs::write(home.config_file(), format!("page_cache = {text}\n")).unwrap();
        assert_eq!(home.config().is_ok(), fits, "{text}");
    }
}
