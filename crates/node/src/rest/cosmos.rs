//! Cosmos's REST: each method whose `google.api.http` annotation names a path is answered there, in proto3 JSON as Cosmos writes it.
//!
//! Nothing here knows a service: [`binding`] reads the annotations, [`request`] makes the method's request of path, query and body,
//! [`shown`] writes what it answers, [`schema`] describes both. Unknown parameters are passed over, as Cosmos's gateway does.

mod binding;
mod request;
mod schema;
mod shown;

use std::sync::{Arc, LazyLock};

use http::Method;
use prost_reflect::{DescriptorPool, MethodDescriptor};
use sealdesk_protocol::wire;

use super::answer;
use super::problem::Errors;
use super::route::{ADMISSION, ADMITTED_BY, Answer, Body, Kind, Parameter, Place, Route};
use crate::api::Api;
use crate::api::dispatch::BROADCAST;
use binding::Binding;

pub(super) use schema::schemas;
pub(super) use shown::any_json;

/// The group in which these routes are described.
const TAG: &str = "cosmos";

/// The whole contract. It was compiled with this program, so that it can be read.
static POOL: LazyLock<DescriptorPool> = LazyLock::new(|| {
    DescriptorPool::decode(wire::DESCRIPTORS).unwrap_or_else(|error| {
        tracing::error!("the contract cannot be read: {error}");
        DescriptorPool::new()
    })
});

/// A route for each path that an annotation names.
pub(super) fn routes() -> Vec<Route> {
    let services: Vec<_> = POOL.services().collect();
    let methods = services.iter().flat_map(|service| service.methods().collect::<Vec<_>>());
    methods
        .flat_map(|method| binding::of(&method).into_iter().map(move |found| route(&method, found)))
        .collect()
}

fn route(method: &MethodDescriptor, binding: Binding) -> Route {
    let service = method.parent_service().full_name().to_owned();
    let id = format!("{service}.{}", method.name());
    let mut route = Route::get(&binding.path, TAG, &id, &format!("{service}/{}", method.name()));
    route.method = binding.method.clone();
    route.parameters = parameters(method, &binding);
    route.body = (binding.method == Method::POST)
        .then(|| Body { content: vec![(answer::JSON, schema::reference_taken(&method.input()))] });
    route.answer = Answer {
        media_type: answer::JSON,
        schema: schema::reference(&method.output()),
        about: "The answer, in proto3 JSON.",
        is_tagged: true,
    };
    route.errors = Errors::Cosmos;
    let path = format!("/{service}/{}", method.name());
    if path == BROADCAST {
        route = route.header(ADMISSION, Kind::Text, ADMITTED_BY);
    }
    let shared = Arc::new((method.clone(), binding, path));
    route.by(move |rest, asked| {
        let shared = shared.clone();
        Box::pin(async move {
            let (method, binding, path) = &*shared;
            let message = request::message(method.input(), binding, &asked)?;
            let answered = rest.call(path, &asked, message).await?;
            let headers = if binding.method == Method::GET { asked.headers } else { Default::default() };
            let output = method.output();
            // A page of transactions takes its time in JSON, so it has a reader's turn.
            let written = move |_: &Api| {
                Ok(shown::json(output, answered).and_then(|value| answer::json(&headers, &value)))
            };
            rest.0.api.work(asked.source, written).await?
        })
    })
}

/// What path and query may name.
fn parameters(method: &MethodDescriptor, binding: &Binding) -> Vec<Parameter> {
    let parameter = |name: &str, place, schema, repeated| Parameter {
        name: name.to_owned(),
        place,
        kind: Kind::Field(schema),
        repeated,
        about: String::new(),
    };
    let fields = request::fields(&method.input());
    let of = |name: &str| fields.iter().find(|field| field.name == name);
    let mut all: Vec<Parameter> = binding
        .names()
        .map(|name| {
            let schema = of(name)
                .map_or_else(|| serde_json::json!({ "type": "string" }), |field| field.schema.clone());
            parameter(name, Place::Path, schema, false)
        })
        .collect();
    if binding.method == Method::GET {
        let named: Vec<&str> = binding.names().collect();
        let rest = fields.iter().filter(|field| !named.contains(&field.name.as_str()));
        all.extend(
            rest.map(|field| parameter(&field.name, Place::Query, field.schema.clone(), field.repeated)),
        );
    }
    all
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_annotation_has_its_route_and_no_two_have_the_same() {
        let routes = routes();
        let mut named: Vec<String> =
            routes.iter().map(|route| format!("{} {}", route.method, route.axum_path())).collect();
        for expected in [
            "GET /cosmos/tx/v1beta1/txs",
            "POST /cosmos/tx/v1beta1/txs",
            "GET /cosmos/tx/v1beta1/txs/{p1}",
            "GET /cosmos/auth/v1beta1/accounts/{p1}",
        ] {
            assert!(named.iter().any(|name| name == expected), "{expected} is not in {named:?}");
        }
        let all = named.len();
        named.sort();
        named.dedup();
        assert_eq!(named.len(), all);
    }
}
