//! Whatever is written is read as it was; whatever is read is written as it was; nothing panics.

use proptest::prelude::*;
use sealdesk_stacks::address::{Address, Version};
use sealdesk_stacks::contract::Event;
use sealdesk_stacks::name::{ContractName, Name};
use sealdesk_stacks::principal::{ContractId, Principal};
use sealdesk_stacks::transaction::{
    AnchorMode, Asset, Call, ClarityVersion, Comparison, Deploy, Network, NftComparison, Payload,
    PostCondition, PostConditionMode, PostPrincipal, Terms, Transaction, Transfer, Unsigned,
};
use sealdesk_stacks::value::{Kind, Value};

fn address() -> impl Strategy<Value = Address> {
    (prop::sample::select(Version::ALL.to_vec()), any::<[u8; 20]>())
        .prop_map(|(version, hash)| Address { version, hash })
}

fn contract() -> impl Strategy<Value = ContractId> {
    (address(), "[a-zA-Z][a-zA-Z0-9_-]{0,39}")
        .prop_map(|(deployer, name)| ContractId { deployer, name: ContractName::parse(&name).unwrap() })
}

fn name() -> impl Strategy<Value = Name> {
    "([a-zA-Z][a-zA-Z0-9_!?+<>=/*-]{0,127}|[-+=/*<>]|<=|>=)".prop_map(|name| Name::parse(&name).unwrap())
}

fn principal() -> impl Strategy<Value = Principal> {
    prop_oneof![address().prop_map(Principal::from), contract().prop_map(Principal::from)]
}

fn value() -> impl Strategy<Value = Value> {
    let leaf = prop_oneof![
        any::<i128>().prop_map(Kind::Int),
        any::<u128>().prop_map(Kind::Uint),
        any::<bool>().prop_map(Kind::Bool),
        prop::collection::vec(any::<u8>(), 0..64).prop_map(Kind::Buffer),
        principal().prop_map(Kind::Principal),
        Just(Kind::None),
        "[ -~\n\t]{0,40}".prop_map(Kind::Ascii),
        any::<String>().prop_map(Kind::Utf8),
    ];
    leaf.prop_map(|kind| Value::new(kind).unwrap()).prop_recursive(6, 64, 6, |inner| {
        prop_oneof![
            inner.clone().prop_map(|value| Kind::Some(Box::new(value))),
            inner.clone().prop_map(|value| Kind::Ok(Box::new(value))),
            inner.clone().prop_map(|value| Kind::Err(Box::new(value))),
            (inner.clone(), 0_usize..4).prop_map(|(value, times)| Kind::List(vec![value; times])),
            prop::collection::btree_map(name(), inner, 1..5).prop_map(Kind::Tuple),
        ]
        .prop_map(|kind| Value::new(kind).unwrap())
    })
}

fn comparison() -> impl Strategy<Value = Comparison> {
    use Comparison as C;
    prop::sample::select(vec![C::Equal, C::Greater, C::GreaterOrEqual, C::Less, C::LessOrEqual])
}

fn post_condition() -> impl Strategy<Value = PostCondition> {
    let whose = || prop_oneof![Just(PostPrincipal::Origin), principal().prop_map(PostPrincipal::Named)];
    let asset = || (contract(), name()).prop_map(|(contract, name)| Asset { contract, name });
    let token = prop::sample::select(vec![NftComparison::Sent, NftComparison::Kept]);
    prop_oneof![
        (whose(), comparison(), any::<u64>()).prop_map(|(who, how, much)| PostCondition::Stx(who, how, much)),
        (whose(), asset(), comparison(), any::<u64>())
            .prop_map(|(who, what, how, much)| PostCondition::Fungible(who, what, how, much)),
        (whose(), asset(), value(), token)
            .prop_map(|(who, what, token, how)| PostCondition::NonFungible(who, what, token, how)),
    ]
}

fn payload() -> impl Strategy<Value = Payload> {
    let deploy = (contract(), "[ -~\n]{0,200}", prop::option::of(1_u8..=6));
    prop_oneof![
        (principal(), any::<u64>(), any::<[u8; 34]>())
            .prop_map(|(recipient, amount, memo)| Payload::Transfer(Transfer { recipient, amount, memo })),
        deploy.prop_map(|(contract, source, version)| Payload::Deploy(Deploy {
            name: contract.name,
            source,
            version: version.and_then(ClarityVersion::new),
        })),
        (contract(), name(), prop::collection::vec(value(), 0..4)).prop_map(
            |(contract, function, arguments)| Payload::Call(Call { contract, function, arguments })
        ),
    ]
}

fn key() -> k256::ecdsa::SigningKey {
    k256::ecdsa::SigningKey::from_slice(&[7; 32]).unwrap()
}

fn origin(network: Network) -> Address {
    let point = key().verifying_key().to_sec1_point(true);
    Address::of_public_key(network.single_version(), point.as_bytes().try_into().unwrap())
}

fn terms() -> impl Strategy<Value = Terms> {
    (
        prop::sample::select(vec![Network::Mainnet, Network::Testnet]),
        any::<(u64, u64)>(),
        prop::sample::select(vec![AnchorMode::OnChain, AnchorMode::OffChain, AnchorMode::Any]),
        prop::sample::select(vec![PostConditionMode::Allow, PostConditionMode::Deny]),
        prop::collection::vec(post_condition(), 0..4),
        payload(),
    )
        .prop_map(
            |(network, (nonce, fee), anchor_mode, post_condition_mode, post_conditions, payload)| {
                let origin = origin(network);
                Terms {
                    network,
                    origin,
                    nonce,
                    fee,
                    anchor_mode,
                    post_condition_mode,
                    post_conditions,
                    payload,
                }
            },
        )
}

/// What the one key makes of terms.
fn sign(terms: Terms) -> Vec<u8> {
    use k256::ecdsa::signature::hazmat::PrehashSigner as _;
    let unsigned = Unsigned::new(terms).unwrap();
    let signature: k256::ecdsa::Signature = key().sign_prehash(&unsigned.digest()).unwrap();
    unsigned.signed(&signature.normalize_s().to_bytes().into()).unwrap().bytes().to_vec()
}

/// Changes, cuts and lengthens.
fn mutation() -> impl Strategy<Value = (Vec<(prop::sample::Index, u8)>, Option<prop::sample::Index>, Vec<u8>)>
{
    (
        prop::collection::vec(any::<(prop::sample::Index, u8)>(), 0..4),
        any::<Option<prop::sample::Index>>(),
        prop::collection::vec(any::<u8>(), 0..3),
    )
}

fn mutate(
    mut bytes: Vec<u8>,
    (changes, cut, more): (Vec<(prop::sample::Index, u8)>, Option<prop::sample::Index>, Vec<u8>),
) -> Vec<u8> {
    for (place, byte) in changes {
        let place = place.index(bytes.len());
        bytes[place] = byte;
    }
    if let Some(cut) = cut {
        bytes.truncate(cut.index(bytes.len()) + 1);
    }
    bytes.extend(more);
    bytes
}

/// Reads bytes as everything that can be read, and checks that what is accepted is written again as it was.
fn assert_total_and_canonical(bytes: &[u8]) {
    if let Ok(value) = Value::decode(bytes) {
        assert_eq!(value.encode(), bytes);
        assert_eq!(value.encoded_len(), bytes.len());
        let _ = (value.to_string(), Event::read(value));
    }
    if let Ok(transaction) = Transaction::decode(bytes) {
        assert_eq!(transaction.bytes(), bytes);
        let _ = transaction.verify();
    }
    if let Ok(text) = str::from_utf8(bytes)
        && let Ok(principal) = Principal::parse(text)
    {
        assert_eq!(principal.to_string(), text);
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(256))]

    #[test]
    fn a_principal_is_read_as_it_is_written(principal in principal()) {
        prop_assert_eq!(Principal::parse(&principal.to_string()), Ok(principal));
    }

    #[test]
    fn no_two_spellings_name_one_address(address in address(), place in any::<prop::sample::Index>(), other in "[0-9A-Za-z]") {
        let mut text = address.to_string();
        let at = place.index(text.len());
        text.replace_range(at..=at, &other);
        prop_assert_eq!(Address::parse(&text).is_ok(), text == address.to_string());
    }

    #[test]
    fn a_value_is_read_as_it_is_written(value in value()) {
        let bytes = value.encode();
        prop_assert_eq!(bytes.len(), value.encoded_len());
        prop_assert_eq!(Value::decode(&bytes), Ok(value));
    }

    #[test]
    fn a_changed_value_is_refused_or_another_value(value in value(), mutation in mutation()) {
        assert_total_and_canonical(&mutate(value.encode(), mutation));
    }

    #[test]
    fn noise_never_panics(bytes in prop::collection::vec(any::<u8>(), 0..512)) {
        assert_total_and_canonical(&bytes);
    }

    #[test]
    fn a_transaction_is_read_as_it_is_written_and_verified(terms in terms()) {
        let bytes = sign(terms.clone());
        let read = Transaction::decode(&bytes).unwrap();
        prop_assert_eq!(read.terms(), &terms);
        prop_assert!(read.verify().is_ok());
    }

    #[test]
    fn a_changed_transaction_is_not_its_origins(terms in terms(), mutation in mutation()) {
        let bytes = sign(terms);
        let changed = mutate(bytes.clone(), mutation);
        assert_total_and_canonical(&changed);
        if changed != bytes && let Ok(transaction) = Transaction::decode(&changed) {
            prop_assert!(transaction.verify().is_err());
        }
    }
}
