//! The description of all routes: OpenAPI 3.1, made of the table that the router is made of.

use http::Method;
use sealdesk_protocol::json::schemas;
use serde_json::{Map, Value, json};

use super::answer::JSON;
use super::cosmos;
use super::problem::Errors;
use super::route::{Kind, Parameter, Place, Route};
use crate::http::problem::CONTENT_TYPE;

/// What the interface is, in a few words.
const ABOUT: &str = "A support desk on a ledger, whose tickets only their readers can open. Answers are this node's word: receipts are \
                     proven. Field names, enumerations and times are those of `sealdesk --output json`; paths of Cosmos answer in proto3 JSON.";
/// The groups of routes.
const TAGS: [(&str, &str); 8] = [
    ("tickets", "Tickets and their responses. What is sealed stays sealed."),
    ("accounts", "Roles, and the keys that texts are sealed for."),
    ("transactions", "Sending what was signed, and what became of it."),
    ("events", "What has happened, and what happens."),
    ("documents", "What an account keeps for itself, what the staff share, and what everyone may read."),
    ("files", "Pieces of attached files, sealed before they come here."),
    ("ledger", "The ledger itself: where it stands, and what is proven of it."),
    ("cosmos", "What Cosmos's wallets and libraries ask."),
];

/// The document's text.
pub(super) fn text(routes: &[Route]) -> String {
    format!("{:#}\n", document(routes))
}

/// The document.
pub(super) fn document(routes: &[Route]) -> Value {
    let mut paths: Map<String, Value> = Map::new();
    for route in routes {
        let path = route.path.replace("{*", "{");
        let methods = paths.entry(path).or_insert_with(|| json!({}));
        methods[route.method.as_str().to_ascii_lowercase()] = operation(route);
    }
    let mut components: Map<String, Value> = cosmos::schemas(routes).into_iter().collect();
    components.extend(schemas().into_iter().map(|(name, schema)| (name.to_owned(), schema)));
    components.insert("Problem".to_owned(), problem());
    components.insert("CosmosError".to_owned(), cosmos_error());
    json!({
        "openapi": "3.1.0",
        "info": {
            "title": "Sealdesk",
            "version": env!("CARGO_PKG_VERSION"),
            "description": ABOUT,
            "license": { "name": "Apache-2.0", "identifier": "Apache-2.0" },
        },
        "tags": TAGS.map(|(name, description)| json!({ "name": name, "description": description })),
        "paths": paths,
        "components": { "schemas": components },
    })
}

fn operation(route: &Route) -> Value {
    let mut operation = json!({
        "operationId": route.id,
        "summary": route.summary,
        "tags": [route.tag],
        "responses": responses(route),
    });
    if !route.about.is_empty() {
        operation["description"] = route.about.into();
    }
    if !route.parameters.is_empty() {
        operation["parameters"] = route.parameters.iter().map(parameter).collect();
    }
    if let Some(body) = &route.body {
        let content =
            body.content.iter().map(|(media, schema)| ((*media).to_owned(), json!({ "schema": schema })));
        operation["requestBody"] = json!({ "required": true, "content": content.collect::<Map<_, _>>() });
    }
    operation
}

fn responses(route: &Route) -> Value {
    let content = |media: &str, schema: &Value| json!({ media: { "schema": schema } });
    let answer = &route.answer;
    let mut good = json!({ "description": answer.about });
    if !answer.media_type.is_empty() {
        good["content"] = content(answer.media_type, &answer.schema);
    }
    let is_post = route.method == Method::POST;
    if !is_post && answer.is_tagged && answer.media_type != "text/event-stream" {
        good["headers"] = json!({ "ETag": { "schema": { "type": "string" } } });
    }
    let (media, name) = match route.errors {
        Errors::Problem => (CONTENT_TYPE, "Problem"),
        Errors::Cosmos => (JSON, "CosmosError"),
    };
    let error = json!({ "$ref": format!("#/components/schemas/{name}") });
    let mut responses = json!({
        "200": good.clone(),
        "default": { "description": "Why not.", "content": content(media, &error) },
    });
    if is_post && route.errors == Errors::Problem {
        responses["202"] = json!({
            "description": "It was taken, and waits for its block.",
            "content": content(answer.media_type, &answer.schema),
        });
    }
    for (status, about) in &route.also {
        responses[*status] = json!({ "description": about });
    }
    if good.get("headers").is_some() {
        responses["304"] = json!({ "description": "Nothing has changed since the answer with the ETag that If-None-Match names." });
    }
    responses
}

fn parameter(parameter: &Parameter) -> Value {
    let schema = match &parameter.kind {
        Kind::Text => json!({ "type": "string" }),
        Kind::Number { min, max } => json!({ "type": "integer", "minimum": min, "maximum": max }),
        Kind::Flag => json!({ "type": "boolean" }),
        Kind::OneOf(names) => json!({ "type": "string", "enum": names }),
        Kind::Cursor => json!({ "type": "string", "pattern": "^[A-Za-z0-9_-]*$" }),
        Kind::Field(schema) => schema.clone(),
    };
    // A form sends the fields that nobody filled in, too: they count as not named.
    let may_be_empty = parameter.place == Place::Query
        && matches!(parameter.kind, Kind::Number { .. } | Kind::Flag | Kind::OneOf(_));
    let schema = if may_be_empty { json!({ "anyOf": [schema, { "const": "" }] }) } else { schema };
    let schema = if parameter.repeated { json!({ "type": "array", "items": schema }) } else { schema };
    let mut shown = json!({
        "name": parameter.name,
        "in": match parameter.place { Place::Path => "path", Place::Query => "query" },
        "schema": schema,
    });
    if parameter.place == Place::Path {
        shown["required"] = true.into();
    }
    if !parameter.about.is_empty() {
        shown["description"] = parameter.about.as_str().into();
    }
    shown
}

/// What an error of ours is.
fn problem() -> Value {
    json!({
        "type": "object",
        "description": "Why a request is not answered with what it asks for (RFC 9457).",
        "properties": {
            "type": { "type": "string" },
            "title": { "type": "string" },
            "status": { "type": "integer", "minimum": 400, "maximum": 599 },
            "detail": { "type": "string", "description": "What happened and why, in words that may change." },
            "codespace": { "type": "string", "description": "What `code` counts in: `support`, `roles`, `encryption` or `sdk` for refusals of the ledger, else `node`." },
            "code": { "type": "integer", "minimum": 1, "description": "The number that stays: the refusal's, or of `node` gRPC's." },
            "hint": { "type": "string", "description": "What to do next." },
            "txhash": { "type": "string", "description": "Of a transaction: its hash." },
            "height": { "type": "integer", "description": "Of a transaction that was refused in a block: the block." },
            "history_from": { "type": "integer", "description": "The first block whose results and events this node has." },
            "history_cursor": { "type": "string", "description": "The cursor from which its events have no gap." },
            "ledger_height": { "type": "integer", "description": "The ledger's newest block, which is before the one that a cursor is of." },
            "ledger_cursor": { "type": "string", "description": "The cursor after that block." },
            "details": { "type": "array", "items": { "type": "object" }, "description": "Messages of proto, such as what is asked of a new account." },
        },
        "required": ["type", "title", "status", "detail", "codespace", "code", "hint"],
    })
}

/// What an error to Cosmos's clients is.
fn cosmos_error() -> Value {
    json!({
        "type": "object",
        "description": "An error as Cosmos REST has it.",
        "properties": {
            "code": { "type": "integer", "description": "gRPC's." },
            "message": { "type": "string" },
            "details": { "type": "array", "items": { "type": "object" } },
        },
        "required": ["code", "message", "details"],
    })
}
