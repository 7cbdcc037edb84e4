//! The description of all routes: OpenAPI 3.1, made of the table that the router is made of.

use http::Method;
use sealdesk_protocol::json::schemas;
use serde_json::{Map, Value, json};

use super::answer::JSON;
use super::cosmos;
use super::problem::Errors;
use super::route::{Answer, Kind, Parameter, Place, Route};
use crate::http::problem::CONTENT_TYPE;

/// What the interface is, in a few words.
const ABOUT: &str = "A support desk on a ledger, whose tickets only their readers can open. Answers are this node's word: receipts are \
                     proven. Field names, enumerations and times are those of `sealdesk --output json`; paths of Cosmos answer in proto3 JSON.";
/// The name of how pieces of files are signed for.
const UPLOAD: &str = "SealdeskUpload";
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
    components.extend(schemas());
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
        "webhooks": { "event": { "post": webhook() } },
        "components": { "schemas": components, "securitySchemes": { UPLOAD: upload() } },
    })
}

/// How whoever brings a piece of a file says who they are.
fn upload() -> Value {
    json!({
        "type": "apiKey",
        "in": "header",
        "name": "authorization",
        "description": "`Sealdesk-Upload ACCOUNT TIME KEY SIGNATURE`; a piece that a message on the ledger names needs none.",
    })
}

/// What a node posts to an endpoint that its operator named, as Standard Webhooks has it.
fn webhook() -> Value {
    let header = |name: &str, about: &str| json!({ "name": name, "in": "header", "required": true, "schema": { "type": "string" }, "description": about });
    let message = json!({
        "type": "object",
        "description": "An event, or a test of the endpoint, whose `type` is sealdesk.webhooks.Test and whose `data` is empty.",
        "properties": {
            "type": { "type": "string", "description": "The event's: `data` has the same." },
            "timestamp": { "type": "string", "format": "date-time", "description": "When it happened." },
            "chain_id": { "type": "string" },
            "data": { "anyOf": [
                { "$ref": "#/components/schemas/Event" },
                { "type": "object", "additionalProperties": false },
            ] },
        },
        "required": ["type", "timestamp", "chain_id", "data"],
        "additionalProperties": false,
    });
    json!({
        "operationId": "postEvent",
        "summary": "What a node posts to the endpoints that `sealdesk webhooks add` names",
        "tags": ["events"],
        "parameters": [
            header("webhook-id", "The message's name, the same at every node and in every attempt."),
            header("webhook-timestamp", "When this attempt was made, in Unix seconds."),
            header("webhook-signature", "A signature for each secret that is valid by then, with blanks between them."),
        ],
        "requestBody": { "required": true, "content": { JSON: { "schema": message } } },
        "responses": {
            "2XX": { "description": "It has arrived." },
            "410": { "description": "No more of them, please." },
            "default": { "description": "It is posted again." },
        },
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
    let mut parameters: Vec<Value> = route.parameters.iter().map(parameter).collect();
    if has_etag(route) {
        parameters.push(json!({
            "name": "if-none-match",
            "in": "header",
            "schema": { "type": "string" },
            "description": "The ETag of an answer that one has: while nothing has changed the answer is 304.",
        }));
    }
    if !parameters.is_empty() {
        operation["parameters"] = parameters.into();
    }
    if route.method == Method::PUT {
        operation["security"] = json!([{ UPLOAD: [] }, {}]);
    }
    if let Some(body) = &route.body {
        let content =
            body.content.iter().map(|(media, schema)| ((*media).to_owned(), json!({ "schema": schema })));
        operation["requestBody"] = json!({ "required": true, "content": content.collect::<Map<_, _>>() });
    }
    operation
}

/// Whether who has an answer can say so.
fn has_etag(route: &Route) -> bool {
    let Answer { is_tagged, media_type, .. } = route.answer;
    route.method != Method::POST && is_tagged && media_type != "text/event-stream"
}

fn responses(route: &Route) -> Value {
    let content = |media: &str, schema: &Value| json!({ media: { "schema": schema } });
    let answer = &route.answer;
    let mut good = json!({ "description": answer.about });
    if !answer.media_type.is_empty() {
        good["content"] = content(answer.media_type, &answer.schema);
    }
    if has_etag(route) {
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
    if let Some(schema) = &route.at_once {
        responses["202"] = json!({
            "description": "It was taken, and waits for its block.",
            "content": content(answer.media_type, schema),
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
        "in": match parameter.place {
            Place::Path => "path",
            Place::Query => "query",
            Place::Header => "header",
        },
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
