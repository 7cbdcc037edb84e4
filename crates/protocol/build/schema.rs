//! The fields of every message that a transaction can hold, as a table: what a browser needs of `proto/` to show a wallet a transaction as
//! JSON. The descriptors themselves are thirty times as large, comments included.

use std::collections::BTreeMap;
use std::fmt::Write as _;

use prost_types::field_descriptor_proto::{Label, Type};
use prost_types::{DescriptorProto, FieldDescriptorProto, FileDescriptorSet};

/// The packages whose messages a transaction can hold.
const PACKAGES: [&str; 4] =
    ["virtengine.support.v1", "virtengine.encryption.v1", "virtengine.roles.v1", "sealdesk.ledger.v1"];

/// The table as Rust: names with their fields, ascending by name.
///
/// # Errors
/// A field of a kind that the table does not know.
pub(crate) fn of(files: &FileDescriptorSet) -> Result<String, String> {
    let mut all = BTreeMap::new();
    for file in &files.file {
        for message in &file.message_type {
            gather(&mut all, &format!(".{}", file.package()), message);
        }
    }
    let is_of_transactions = |name: &str| {
        let (package, last) = name.trim_start_matches('.').rsplit_once('.').unwrap_or_default();
        PACKAGES.contains(&package) && last.starts_with("Msg") && !last.ends_with("Response")
    };
    let mut left: Vec<String> = all.keys().filter(|name| is_of_transactions(name)).cloned().collect();
    let mut used = BTreeMap::new();
    while let Some(name) = left.pop() {
        let Some(message) = all.get(&name).filter(|_| !used.contains_key(&name)) else { continue };
        left.extend(message.field.iter().map(|field| field.type_name().to_owned()));
        used.insert(name, *message);
    }
    let mut text = "&[\n".to_owned();
    for (name, message) in &used {
        // Writing to a string does not fail.
        let _ = writeln!(text, "    ({:?}, &[", name.trim_start_matches('.'));
        for field in &message.field {
            let repeated = field.label() == Label::Repeated;
            let kind = kind(field, &all)?;
            let _ = writeln!(
                text,
                "        Field {{ number: {}, name: {:?}, kind: {kind}, repeated: {repeated} }},",
                field.number(),
                field.name()
            );
        }
        text.push_str("    ]),\n");
    }
    text.push_str("]\n");
    Ok(text)
}

fn gather<'a>(all: &mut BTreeMap<String, &'a DescriptorProto>, parent: &str, message: &'a DescriptorProto) {
    let name = format!("{parent}.{}", message.name());
    for nested in &message.nested_type {
        gather(all, &name, nested);
    }
    all.insert(name, message);
}

fn kind(field: &FieldDescriptorProto, all: &BTreeMap<String, &DescriptorProto>) -> Result<String, String> {
    Ok(match field.r#type() {
        Type::Bool => "Kind::Bool".to_owned(),
        Type::Int32 | Type::Enum => "Kind::I32".to_owned(),
        Type::Uint32 => "Kind::U32".to_owned(),
        Type::Int64 => "Kind::I64".to_owned(),
        Type::Uint64 => "Kind::U64".to_owned(),
        Type::String => "Kind::Text".to_owned(),
        Type::Bytes => "Kind::Bytes".to_owned(),
        Type::Message => {
            let options = all.get(field.type_name()).and_then(|message| message.options.as_ref());
            match options.is_some_and(|options| options.map_entry()) {
                true => "Kind::Map".to_owned(),
                false => format!("Kind::Message({:?})", field.type_name().trim_start_matches('.')),
            }
        }
        // No message of a transaction has fractions, or numbers of another form.
        other => return Err(format!("{}: the table of amino JSON knows no {other:?}", field.name())),
    })
}
