use super::*;

#[test]
fn the_longest_address_has_as_many_characters_as_the_limit_says() {
    let address = Address { version: Version::MainnetSingle, hash: [0xff; HASH_BYTES] };
    assert_eq!(address.to_string().len(), ADDRESS_CHARS_MAX);
}

#[test]
fn a_second_spelling_is_refused_and_names_the_first() {
    let canonical = "SP000000000000000000002Q6VF78";
    for given in
        ["sp000000000000000000002q6vf78", "SPO00000000000000000O02Q6VF78", "Sp00000000000000000o002Q6vf78"]
    {
        let named = AddressError::Spelling { given: given.into(), canonical: canonical.into() };
        assert_eq!(Address::parse(given), Err(named));
    }
}
