//! `--json FIELD,…`: which fields of an answer a program gets. A script that needs two of them needs no other program to pick them out.

use std::collections::BTreeSet;

use serde_json::{Map, Value};

use crate::failure::Failure;

/// The fields of these names: of the answer, or where the answer is a list, of each of its entries.
///
/// An answer is a list where it is an array, or where one of its fields alone is an array of objects: the others say how the list goes
/// on. A field that an entry lacks is null there; one that no entry has is an error that names those there are.
pub(crate) fn choose(value: &Value, fields: &[String]) -> Result<Value, Failure> {
    let known: BTreeSet<&str> = value.as_object().into_iter().flat_map(names).collect();
    if !known.is_empty() && fields.iter().all(|field| known.contains(field.as_str())) {
        return Ok(picked(value, fields));
    }
    match entries(value) {
        Some([]) => Ok(Value::Array(Vec::new())),
        Some(entries) => {
            let of_entries: BTreeSet<&str> =
                entries.iter().filter_map(Value::as_object).flat_map(names).collect();
            if fields.iter().all(|field| of_entries.contains(field.as_str())) {
                return Ok(entries.iter().map(|entry| picked(entry, fields)).collect());
            }
            Err(unknown(fields, &of_entries, &known))
        }
        None => Err(unknown(fields, &known, &BTreeSet::new())),
    }
}

fn names(object: &Map<String, Value>) -> impl Iterator<Item = &str> {
    object.keys().map(String::as_str)
}

fn picked(value: &Value, fields: &[String]) -> Value {
    let field = |name: &String| (name.clone(), value.get(name).cloned().unwrap_or_default());
    Value::Object(fields.iter().map(field).collect())
}

/// The entries of an answer that is a list.
fn entries(value: &Value) -> Option<&[Value]> {
    let is_list = |list: &&Vec<Value>| list.iter().all(Value::is_object);
    match value {
        Value::Array(list) => Some(list).filter(is_list).map(Vec::as_slice),
        Value::Object(members) => {
            let mut lists = members.values().filter_map(Value::as_array).filter(is_list);
            lists.next().filter(|_| lists.next().is_none()).map(Vec::as_slice)
        }
        _ => None,
    }
}

fn unknown(fields: &[String], first: &BTreeSet<&str>, beside: &BTreeSet<&str>) -> Failure {
    let wrong = fields.iter().find(|field| !first.contains(field.as_str()));
    let wrong = wrong.map(String::as_str).unwrap_or_default();
    let list = |names: &BTreeSet<&str>| names.iter().copied().collect::<Vec<_>>().join(", ");
    let hint = match (first.is_empty(), beside.is_empty()) {
        (true, _) => "leave --json out, and use --output json".to_owned(),
        (false, true) => format!("the fields are {}", list(first)),
        (false, false) => {
            format!("the fields of its entries are {}; beside them it has {}", list(first), list(beside))
        }
    };
    Failure::usage(format!("the answer has no field '{wrong}'"), hint)
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn chosen(value: &Value, fields: &str) -> Result<Value, String> {
        let fields: Vec<String> = fields.split(',').map(str::to_owned).collect();
        choose(value, &fields).map_err(|failure| format!("{failure}; {}", failure.hint().unwrap_or_default()))
    }

    #[test]
    fn fields_are_those_of_the_answer_or_of_each_entry_of_a_list() {
        let one = json!({ "height": 7, "chain": "desk-1", "peers": null });
        assert_eq!(chosen(&one, "height,peers").unwrap(), json!({ "height": 7, "peers": null }));
        let list = json!({ "tickets": [{ "id": 1, "by": "a" }, { "id": 2, "to": "b" }], "next_cursor": "x" });
        assert_eq!(chosen(&list, "id,to").unwrap(), json!([{ "id": 1, "to": null }, { "id": 2, "to": "b" }]));
        assert_eq!(chosen(&list, "next_cursor").unwrap(), json!({ "next_cursor": "x" }));
        assert_eq!(chosen(&list["tickets"], "id").unwrap(), json!([{ "id": 1 }, { "id": 2 }]));
        assert_eq!(chosen(&json!({ "tickets": [], "next_cursor": "" }), "id").unwrap(), json!([]));
        assert_eq!(chosen(&json!([]), "id").unwrap(), json!([]));
    }

    #[test]
    fn a_field_that_is_not_there_is_an_error_that_lists_those_that_are() {
        let list = json!({ "keys": [{ "name": "a" }], "next_cursor": "" });
        let why = chosen(&list, "name,nmae").unwrap_err();
        assert!(why.contains("no field 'nmae'") && why.contains("entries are name;"), "{why}");
        let why = chosen(&json!({ "a": [1, 2], "b": 3 }), "c").unwrap_err();
        assert!(why.contains("the fields are a, b"), "{why}");
        // Two lists: nobody can say which is meant.
        assert!(chosen(&json!({ "mine": [{ "id": 1 }], "theirs": [{ "id": 2 }] }), "id").is_err());
        for value in [json!("text"), json!([1]), json!(null), json!({})] {
            assert!(chosen(&value, "id").is_err(), "{value}");
        }
    }
}
