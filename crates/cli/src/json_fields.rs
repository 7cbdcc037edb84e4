//! `--json FIELD,…`: which fields of an answer a program gets. A script that needs two of them needs no other program to pick them out.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::{Map, Value};

use crate::failure::Failure;

/// The fields of these names: of the answer, or where the answer is a list, of each of its entries. `open.ticket_id` is a field within
/// another one, and where that is a list, within each of its entries.
///
/// An answer is a list where it is an array, or where one of its fields alone is an array of objects: the others say how the list goes
/// on. A field that an entry lacks is null there; one that no entry has is an error that names those there are.
pub(crate) fn choose(value: &Value, fields: &[String]) -> Result<Value, Failure> {
    let is_object = value.as_object().is_some_and(|members| !members.is_empty());
    if is_object && fields.iter().all(|field| has(value, field)) {
        return Ok(picked(value, fields));
    }
    let Some(entries) = entries(value) else { return Err(unknown(fields, value, None)) };
    if entries.is_empty() || fields.iter().all(|field| entries.iter().any(|entry| has(entry, field))) {
        return Ok(entries.iter().map(|entry| picked(entry, fields)).collect());
    }
    Err(unknown(fields, value, Some(entries)))
}

/// Refuses a field that no answer of these names has.
pub(crate) fn check(fields: &[String], known: &BTreeSet<&str>) -> Result<(), Failure> {
    match fields.iter().find(|field| !known.contains(field.as_str())) {
        None => Ok(()),
        Some(wrong) => Err(has_not(wrong, format!("the fields are {}", list(known)))),
    }
}

/// The fields of these names, null where the answer lacks them.
pub(crate) fn picked(value: &Value, fields: &[String]) -> Value {
    let mut choice = Choice::default();
    for field in fields {
        field.split('.').fold(&mut choice, |within, name| within.0.entry(name).or_default());
    }
    choice.of(value)
}

/// The names that are chosen, and of each what is chosen within it; nothing = all of it.
#[derive(Default)]
struct Choice<'a>(BTreeMap<&'a str, Choice<'a>>);

impl Choice<'_> {
    fn of(&self, value: &Value) -> Value {
        match value {
            _ if self.0.is_empty() => value.clone(),
            Value::Array(list) => list.iter().map(|entry| self.of(entry)).collect(),
            Value::Object(members) => {
                let field = |(name, within): (&&str, &Self)| {
                    ((*name).to_owned(), members.get(*name).map(|value| within.of(value)).unwrap_or_default())
                };
                Value::Object(self.0.iter().map(field).collect())
            }
            _ => Value::Null,
        }
    }
}

/// Whether there is such a field. Of what is null or empty now, nobody can say what it lacks.
fn has(value: &Value, field: &str) -> bool {
    let (name, within) = field.split_once('.').map_or((field, None), |(name, within)| (name, Some(within)));
    match value {
        Value::Object(members) => members
            .get(name)
            .is_some_and(|value| within.is_none_or(|within| value.is_null() || has(value, within))),
        Value::Array(list) => list.is_empty() || list.iter().any(|entry| has(entry, field)),
        _ => false,
    }
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

/// The names of the fields that these have.
fn names(values: &[Value]) -> BTreeSet<&str> {
    values.iter().filter_map(Value::as_object).flat_map(Map::keys).map(String::as_str).collect()
}

fn list(names: &BTreeSet<&str>) -> String {
    names.iter().copied().collect::<Vec<_>>().join(", ")
}

fn unknown(fields: &[String], value: &Value, entries: Option<&[Value]>) -> Failure {
    let own = names(std::slice::from_ref(value));
    let of_entries = entries.map(names).unwrap_or_default();
    let is_here = |field: &&String| match entries {
        Some(entries) => entries.iter().any(|entry| has(entry, field)),
        None => has(value, field),
    };
    let wrong = fields.iter().find(|field| !is_here(field)).map(String::as_str).unwrap_or_default();
    let hint = match (own.is_empty(), of_entries.is_empty()) {
        (true, true) => "leave --json out, and use --output json".to_owned(),
        (false, true) => {
            let within = members_of(value).map(|name| format!("; those within one are written as {name}"));
            format!("the fields are {}{}", list(&own), within.unwrap_or_default())
        }
        (true, false) => format!("the fields are {}", list(&of_entries)),
        (false, false) => {
            format!("the fields of its entries are {}; beside them it has {}", list(&of_entries), list(&own))
        }
    };
    has_not(wrong, hint)
}

/// A field within a field of the answer, as an example.
fn members_of(value: &Value) -> Option<String> {
    value.as_object()?.iter().find_map(|(name, value)| {
        let inner = match value {
            Value::Array(list) => list.first()?.as_object()?,
            value => value.as_object()?,
        };
        inner.keys().next().map(|within| format!("{name}.{within}"))
    })
}

fn has_not(field: &str, hint: String) -> Failure {
    Failure::usage(format!("the answer has no field '{field}'"), hint)
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
    fn a_field_within_another_is_written_with_a_point_between() {
        let inbox = json!({
            "open": [{ "ticket_id": 1, "status": "open" }, { "ticket_id": 2, "status": "open" }],
            "assigned": [],
            "own": [{ "ticket_id": 3 }],
            "about": { "last": null, "due": { "at": 5 } },
        });
        let chosen = |fields| chosen(&inbox, fields);
        assert_eq!(
            chosen("open.ticket_id").unwrap(),
            json!({ "open": [{ "ticket_id": 1 }, { "ticket_id": 2 }] })
        );
        let two = json!({ "own": [{ "status": null, "ticket_id": 3 }] });
        assert!(chosen("own.ticket_id,own.status").is_err(), "no entry has it");
        assert_eq!(picked(&inbox, &["own.ticket_id".to_owned(), "own.status".to_owned()]), two);
        assert_eq!(chosen("assigned.ticket_id").unwrap(), json!({ "assigned": [] }));
        let within = json!({ "about": { "due": { "at": 5 }, "last": null } });
        assert_eq!(chosen("about.due.at,about.last.by").unwrap(), within);
        let why = chosen("ticket_id").unwrap_err();
        assert!(why.contains("no field 'ticket_id'") && why.contains("written as about.due"), "{why}");
        assert!(chosen("open.nothing").unwrap_err().contains("no field 'open.nothing'"));
        assert!(chosen("open.ticket_id.x").is_err() && chosen("").is_err() && chosen(".").is_err());
    }

    #[test]
    fn of_answers_that_come_one_by_one_any_may_lack_a_field_that_others_have() {
        let known = BTreeSet::from(["type", "ticket_id"]);
        let fields = ["type".to_owned(), "ticket_id".to_owned()];
        assert!(check(&fields, &known).is_ok());
        let one = json!({ "type": "EventRoleAssigned", "role": "support_agent" });
        assert_eq!(picked(&one, &fields), json!({ "type": "EventRoleAssigned", "ticket_id": null }));
        let why = check(&["tiket_id".to_owned()], &known).unwrap_err();
        assert!(why.hint().unwrap_or_default().contains("ticket_id, type"), "{why}");
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
