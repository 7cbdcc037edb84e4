//! As much of JSON Schema as the description uses. A word that is not known here fails, so that nothing goes unchecked.

use serde_json::{Map, Value};

/// Why a value is not what a schema says; `None` where it is. References lead into `document`.
pub(crate) fn mismatch(document: &Value, schema: &Value, value: &Value) -> Option<String> {
    let words = schema.as_object().unwrap_or_else(|| panic!("not a schema: {schema}"));
    words.iter().find_map(|(word, says)| {
        let wrong = one(document, word, says, words, value);
        wrong.map(|why| if why.is_empty() { format!("{word} {says}: {value}") } else { why })
    })
}

/// Whether one word of a schema is broken; an empty text says no more than that.
fn one(
    document: &Value,
    word: &str,
    says: &Value,
    words: &Map<String, Value>,
    value: &Value,
) -> Option<String> {
    let broken = |fits: bool| (!fits).then(String::new);
    match word {
        "$ref" => {
            let pointer = says.as_str().unwrap().trim_start_matches('#');
            let schema = document.pointer(pointer).unwrap_or_else(|| panic!("{says} leads nowhere"));
            mismatch(document, schema, value)
        }
        "anyOf" => {
            let all: Vec<String> = says
                .as_array()
                .unwrap()
                .iter()
                .map_while(|schema| mismatch(document, schema, value))
                .collect();
            (all.len() == says.as_array().unwrap().len()).then(|| all.join(" or "))
        }
        "oneOf" => {
            let all = says.as_array().unwrap().iter();
            let fitting = all.filter(|schema| mismatch(document, schema, value).is_none()).count();
            (fitting != 1).then(|| format!("{fitting} schemas of one fit {value}"))
        }
        "const" => broken(says == value),
        "type" => broken(match says {
            Value::String(name) => is(name, value),
            names => names.as_array().unwrap().iter().any(|name| is(name.as_str().unwrap(), value)),
        }),
        "enum" => broken(says.as_array().unwrap().contains(value)),
        "minimum" => broken(value.as_f64().is_none_or(|number| number >= says.as_f64().unwrap())),
        "maximum" => broken(value.as_f64().is_none_or(|number| number <= says.as_f64().unwrap())),
        "pattern" => broken(value.as_str().is_none_or(|text| fits(says.as_str().unwrap(), text))),
        "required" => {
            let members = value.as_object()?;
            let missing =
                says.as_array().unwrap().iter().find(|name| !members.contains_key(name.as_str().unwrap()))?;
            Some(format!("{missing} is missing: {value}"))
        }
        "properties" => value.as_object()?.iter().find_map(|(name, member)| {
            mismatch(document, says.get(name)?, member).map(|why| format!("{name}: {why}"))
        }),
        "additionalProperties" => {
            let known = words.get("properties").and_then(Value::as_object);
            value
                .as_object()?
                .iter()
                .filter(|(name, _)| known.is_none_or(|known| !known.contains_key(*name)))
                .find_map(|(name, member)| match says {
                    Value::Bool(false) => Some(format!("{name} is not a member: {value}")),
                    schema => mismatch(document, schema, member),
                })
        }
        "items" => value.as_array()?.iter().find_map(|item| mismatch(document, says, item)),
        "format" if says == "date-time" => broken(
            value.as_str().is_none_or(|text| text.len() >= 20 && text.ends_with('Z') && text.contains('T')),
        ),
        "contentEncoding" => {
            use base64::Engine as _;
            let decoded = |text| base64::engine::general_purpose::STANDARD.decode(text).is_ok();
            broken(value.as_str().is_none_or(decoded))
        }
        "format" | "description" | "discriminator" => None,
        other => panic!("'{other}' is a word that this test does not know"),
    }
}

fn is(name: &str, value: &Value) -> bool {
    match name {
        "object" => value.is_object(),
        "array" => value.is_array(),
        "string" => value.is_string(),
        "boolean" => value.is_boolean(),
        "integer" => value.is_i64() || value.is_u64(),
        "number" => value.is_number(),
        "null" => value.is_null(),
        other => panic!("'{other}' is not a type"),
    }
}

/// The patterns that there are: numbers as text, and cursors.
fn fits(pattern: &str, text: &str) -> bool {
    let digits = |text: &str| !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
    match pattern {
        "^-?[0-9]{1,19}$" => digits(text.strip_prefix('-').unwrap_or(text)) && text.len() <= 20,
        "^[0-9]{1,20}$" => digits(text) && text.len() <= 20,
        "^[A-Za-z0-9_-]*$" => text.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"_-".contains(&byte)),
        other => panic!("'{other}' is a pattern that this test does not know"),
    }
}

#[test]
fn what_does_not_fit_is_noticed() {
    use serde_json::json;
    let document = json!({ "s": { "type": "object", "properties": { "a": { "type": "integer", "minimum": 1 } },
        "required": ["a"], "additionalProperties": false } });
    let schema = json!({ "anyOf": [{ "$ref": "#/s" }, { "type": "null" }] });
    for good in [json!({ "a": 1 }), json!(null)] {
        assert_eq!(mismatch(&document, &schema, &good), None);
    }
    for bad in [json!({ "a": 0 }), json!({}), json!({ "a": 1, "b": 2 }), json!({ "a": "1" }), json!([])] {
        assert!(mismatch(&document, &schema, &bad).is_some(), "{bad}");
    }
}
