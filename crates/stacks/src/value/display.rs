//! A value as Clarity source writes it.

use std::fmt;

use super::{Kind, Value};

impl fmt::Display for Value {
    /// Writes the literal that gives this value: `u1`, `0xff`, `'ST….name`, `(some true)`, `(list 1 2)`, `(tuple (a 1))`.
    /// Control characters and what is not ASCII are escaped, so that it can be shown anywhere.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.kind() {
            Kind::Int(number) => write!(f, "{number}"),
            Kind::Uint(number) => write!(f, "u{number}"),
            Kind::Bool(truth) => write!(f, "{truth}"),
            Kind::Buffer(bytes) => write!(f, "0x{}", hex::encode(bytes)),
            Kind::Principal(principal) => write!(f, "'{principal}"),
            Kind::Ok(value) => write!(f, "(ok {value})"),
            Kind::Err(value) => write!(f, "(err {value})"),
            Kind::None => f.write_str("none"),
            Kind::Some(value) => write!(f, "(some {value})"),
            Kind::List(entries) => {
                f.write_str("(list")?;
                entries.iter().try_for_each(|entry| write!(f, " {entry}"))?;
                f.write_str(")")
            }
            Kind::Tuple(fields) => {
                f.write_str("(tuple")?;
                fields.iter().try_for_each(|(name, value)| write!(f, " ({name} {value})"))?;
                f.write_str(")")
            }
            Kind::Ascii(text) => write_quoted(f, "\"", text),
            Kind::Utf8(text) => write_quoted(f, "u\"", text),
        }
    }
}

fn write_quoted(f: &mut fmt::Formatter<'_>, begin: &str, text: &str) -> fmt::Result {
    f.write_str(begin)?;
    text.chars().try_for_each(|character| match character {
        '"' | '\\' => write!(f, "\\{character}"),
        '\n' => f.write_str("\\n"),
        '\r' => f.write_str("\\r"),
        '\t' => f.write_str("\\t"),
        ' '..='~' => write!(f, "{character}"),
        other => write!(f, "\\u{{{:x}}}", u32::from(other)),
    })?;
    f.write_str("\"")
}
