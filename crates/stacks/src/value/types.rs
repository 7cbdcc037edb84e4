//! Whether values can stand in one list: Clarity gives a list one type of entry.

use std::collections::BTreeMap;

use super::{Kind, Value};
use crate::name::Name;

/// A value's type, as far as it matters for standing beside another: lengths do not.
#[derive(Clone)]
enum Type<'v> {
    /// What the inside of `none`, of an empty list, or the other side of a response says: nothing yet.
    Any,
    Plain(u8),
    Optional(Box<Type<'v>>),
    Response(Box<Type<'v>>, Box<Type<'v>>),
    List(Box<Type<'v>>),
    Tuple(BTreeMap<&'v Name, Type<'v>>),
}

/// Whether one type of entry holds all of them.
pub(super) fn fit_together(entries: &[Value]) -> bool {
    entry_type(entries).is_some()
}

fn entry_type(entries: &[Value]) -> Option<Type<'_>> {
    entries.iter().try_fold(Type::Any, |all, entry| join(all, type_of(entry)?))
}

/// `None` cannot come of a value that exists, whose lists were judged when they were made.
fn type_of(value: &Value) -> Option<Type<'_>> {
    Some(match value.kind() {
        Kind::None => Type::Optional(Box::new(Type::Any)),
        Kind::Some(inner) => Type::Optional(Box::new(type_of(inner)?)),
        Kind::Ok(inner) => Type::Response(Box::new(type_of(inner)?), Box::new(Type::Any)),
        Kind::Err(inner) => Type::Response(Box::new(Type::Any), Box::new(type_of(inner)?)),
        Kind::List(entries) => Type::List(Box::new(entry_type(entries)?)),
        Kind::Tuple(fields) => {
            let typed = fields.iter().map(|(name, value)| Some((name, type_of(value)?)));
            Type::Tuple(typed.collect::<Option<_>>()?)
        }
        Kind::Int(_) => Type::Plain(0),
        Kind::Uint(_) => Type::Plain(1),
        Kind::Bool(_) => Type::Plain(2),
        Kind::Buffer(_) => Type::Plain(3),
        Kind::Principal(_) => Type::Plain(4),
        Kind::Ascii(_) => Type::Plain(5),
        Kind::Utf8(_) => Type::Plain(6),
    })
}

/// The type that has the values of both.
fn join<'v>(one: Type<'v>, other: Type<'v>) -> Option<Type<'v>> {
    Some(match (one, other) {
        (Type::Any, known) | (known, Type::Any) => known,
        (Type::Plain(one), Type::Plain(other)) if one == other => Type::Plain(one),
        (Type::Optional(one), Type::Optional(other)) => Type::Optional(Box::new(join(*one, *other)?)),
        (Type::List(one), Type::List(other)) => Type::List(Box::new(join(*one, *other)?)),
        (Type::Response(ok, err), Type::Response(other_ok, other_err)) => {
            Type::Response(Box::new(join(*ok, *other_ok)?), Box::new(join(*err, *other_err)?))
        }
        (Type::Tuple(one), Type::Tuple(mut other)) if one.len() == other.len() => {
            let joined = one.into_iter().map(|(name, ty)| Some((name, join(ty, other.remove(name)?)?)));
            Type::Tuple(joined.collect::<Option<_>>()?)
        }
        _ => return None,
    })
}
