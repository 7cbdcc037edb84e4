//! What stands in the table: a path, what may be asked there, what is answered, and how.

use std::pin::Pin;
use std::sync::Arc;

use axum::response::Response;
use http::{HeaderMap, Method};
use prost::Message;
use serde_json::Value;

use super::answer::json;
use super::arguments::Arguments;
use super::problem::{Errors, Problem};
use super::{Rest, written};
use crate::http::source::Source;

/// What lets an account in that is new to the ledger.
pub(super) const ADMISSION: &str = "sealdesk-admission-bin";
/// What that header has.
pub(super) const ADMITTED_BY: &str =
    "What the node asked of an account that is new to the ledger, in base64 (docs/spec/admission.md).";
/// Metadata of gRPC that a caller may send as headers of the same name.
const PASSED_ON: [&str; 2] = [ADMISSION, crate::api::BLOCK_HEIGHT];

/// An answer that is on its way.
pub(super) type Answering = Pin<Box<dyn Future<Output = Result<Response, Problem>> + Send>>;
/// How a request is answered.
pub(super) type Handler = Arc<dyn Fn(Rest, Asked) -> Answering + Send + Sync>;

/// A path with a method.
#[derive(Clone)]
pub(super) struct Route {
    pub(super) method: Method,
    /// Parameters stand in braces; a last one that begins with `*` takes the rest of the path.
    pub(super) path: String,
    /// The group in which it is described.
    pub(super) tag: &'static str,
    /// Its name in generated clients.
    pub(super) id: String,
    /// One line.
    pub(super) summary: String,
    /// In the order of the path, then as a query may name them.
    pub(super) parameters: Vec<Parameter>,
    pub(super) body: Option<Body>,
    pub(super) answer: Answer,
    pub(super) errors: Errors,
    pub(super) handler: Handler,
    /// What else there is to know, in a paragraph; empty where the summary says it.
    pub(super) about: &'static str,
    /// What is answered with 202, where it can be left to come later.
    pub(super) at_once: Option<Value>,
    /// Statuses that have no body, beside the usual one.
    pub(super) also: Vec<(&'static str, &'static str)>,
    /// The gRPC methods that answer it.
    pub(super) calls: Vec<&'static str>,
}

/// Something that a request names.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Parameter {
    pub(super) name: String,
    pub(super) place: Place,
    pub(super) kind: Kind,
    /// Whether it may be named more than once.
    pub(super) repeated: bool,
    pub(super) about: String,
}

/// Where a parameter stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Place {
    Path,
    Query,
    /// A header: whoever answers reads it.
    Header,
}

/// What a parameter may be.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Kind {
    /// Any text; who answers judges it.
    Text,
    /// A number in a range.
    Number { min: u64, max: u64 },
    /// `true` or `false`.
    Flag,
    /// One of these.
    OneOf(Vec<&'static str>),
    /// Where a page begins.
    Cursor,
    /// A field of a message in proto3 JSON, as this schema says; who reads the message judges it.
    Field(Value),
}

/// What a request's body may be.
#[derive(Clone, Debug)]
pub(super) struct Body {
    /// Media types, and the schema of each.
    pub(super) content: Vec<(&'static str, Value)>,
}

/// What is answered where nothing goes wrong. Without a media type there is no body.
#[derive(Clone, Debug)]
pub(super) struct Answer {
    pub(super) media_type: &'static str,
    pub(super) schema: Value,
    pub(super) about: &'static str,
    /// Whether it has an ETag.
    pub(super) is_tagged: bool,
}

/// A request, read.
#[derive(Debug)]
pub(super) struct Asked {
    /// Whose it is.
    pub(super) source: Source,
    pub(super) arguments: Arguments,
    pub(super) headers: HeaderMap,
    /// Empty where the route takes none.
    pub(super) body: bytes::Bytes,
}

impl Asked {
    /// What of its headers goes on to the service.
    pub(super) fn metadata(&self) -> HeaderMap {
        let found = self.headers.iter().filter(|(name, _)| PASSED_ON.contains(&name.as_str()));
        found.map(|(name, value)| (name.clone(), value.clone())).collect()
    }
}

impl Route {
    /// A question, in our own JSON.
    pub(super) fn get(path: &str, tag: &'static str, id: &str, summary: &str) -> Self {
        Self {
            method: Method::GET,
            path: path.to_owned(),
            tag,
            id: id.to_owned(),
            summary: summary.to_owned(),
            parameters: Vec::new(),
            body: None,
            answer: Answer {
                media_type: super::answer::JSON,
                schema: Value::Null,
                about: "The answer.",
                is_tagged: true,
            },
            errors: Errors::Problem,
            handler: Arc::new(|_, _| Box::pin(async { Err(Problem::no_such_path()) })),
            about: "",
            at_once: None,
            also: Vec::new(),
            calls: Vec::new(),
        }
    }

    /// What the path names.
    pub(super) fn of(mut self, name: &str, kind: Kind, about: &str) -> Self {
        self.parameters.push(Parameter::new(name, Place::Path, kind, about));
        self
    }

    /// What a query may name.
    pub(super) fn may(mut self, name: &str, kind: Kind, about: &str) -> Self {
        self.parameters.push(Parameter::new(name, Place::Query, kind, about));
        self
    }

    /// The same, as often as one likes.
    pub(super) fn may_repeat(mut self, name: &str, kind: Kind, about: &str) -> Self {
        self.parameters.push(Parameter { repeated: true, ..Parameter::new(name, Place::Query, kind, about) });
        self
    }

    /// What a header may say.
    pub(super) fn header(mut self, name: &str, kind: Kind, about: &str) -> Self {
        self.parameters.push(Parameter::new(name, Place::Header, kind, about));
        self
    }

    /// What a query may name where the answer is a page of a list.
    pub(super) fn paged(self) -> Self {
        self.may("cursor", Kind::Cursor, "Where to continue: `next_cursor` of the page before.").may(
            "limit",
            Kind::Number { min: 1, max: sealdesk_protocol::limits::PAGE_RECORDS_MAX.into() },
            "Records to answer with, 50 unless it is named.",
        )
    }

    /// The answer's schema.
    pub(super) fn answers(mut self, schema: Value) -> Self {
        self.answer.schema = schema;
        self
    }

    /// Which gRPC methods answer it, where a handler of its own calls them.
    pub(super) fn calls(mut self, methods: &[&'static str]) -> Self {
        self.calls.extend_from_slice(methods);
        self
    }

    /// How it is answered.
    pub(super) fn by(mut self, handler: impl Fn(Rest, Asked) -> Answering + Send + Sync + 'static) -> Self {
        self.handler = Arc::new(handler);
        self
    }

    /// It is answered by a gRPC method: `ask` makes its request, `show` our JSON of its answer.
    pub(super) fn by_method<Q, A, V>(
        self,
        method: &'static str,
        ask: fn(&Arguments) -> Result<Q, Problem>,
        show: fn(A, &Arguments) -> Result<V, Problem>,
    ) -> Self
    where
        Q: Message + 'static,
        A: Message + Default + 'static,
        V: serde::Serialize + 'static,
    {
        self.calls(&[method]).by(move |rest, asked| {
            Box::pin(async move {
                let message = ask(&asked.arguments)?.encode_to_vec();
                let answered = rest.call(method, &asked, message).await?;
                let (source, bytes) = (asked.source, answered.len());
                let write = move || {
                    let answered = A::decode(answered).map_err(|_| Problem::broken())?;
                    json(&asked.headers, &show(answered, &asked.arguments)?)
                };
                written(&rest, source, bytes, write).await
            })
        })
    }

    /// The path as axum has it: parameters are named by their place, since each route may name them as it likes.
    pub(super) fn axum_path(&self) -> String {
        let mut number = 0;
        let segment = |segment: &str| {
            let Some(name) = segment.strip_prefix('{') else { return segment.to_owned() };
            number += 1;
            if name.starts_with('*') { format!("{{*p{number}}}") } else { format!("{{p{number}}}") }
        };
        self.path.split('/').map(segment).collect::<Vec<_>>().join("/")
    }
}

impl Parameter {
    fn new(name: &str, place: Place, kind: Kind, about: &str) -> Self {
        Self { name: name.to_owned(), place, kind, repeated: false, about: about.to_owned() }
    }
}
