//! "No" in the words of whoever asked: gRPC's status, gRPC-web's, or a problem of RFC 9457.

use axum::body::Body;
use http::{HeaderMap, HeaderValue, Response, StatusCode, header};
use tonic::{Code, Status};

use crate::http::body::Ending;
use crate::http::names::Misdirected;
use crate::http::problem;

/// What a peer speaks, as far as a refusal is concerned.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Face {
    Grpc,
    GrpcWeb { text: bool },
    Plain,
}

impl Face {
    /// What the headers of a request speak.
    pub(super) fn of(headers: &HeaderMap) -> Self {
        match Ending::of(headers.get(header::CONTENT_TYPE)) {
            Ending::Grpc => Self::Grpc,
            Ending::GrpcWeb { .. } => {
                let accepted = Ending::of(headers.get(header::ACCEPT));
                Self::GrpcWeb { text: accepted == Ending::GrpcWeb { text: true } }
            }
            Ending::Plain => Self::Plain,
        }
    }

    /// The answer that says so.
    pub(super) fn refuse(self, status: Status) -> Response<Body> {
        let content_type = match self {
            Self::Plain => return problem::of_status(&status),
            Self::Grpc => "application/grpc",
            Self::GrpcWeb { text: false } => "application/grpc-web+proto",
            Self::GrpcWeb { text: true } => "application/grpc-web-text+proto",
        };
        let mut response = status.into_http();
        response.headers_mut().insert(header::CONTENT_TYPE, HeaderValue::from_static(content_type));
        response
    }

    /// The answer to a request that is not for this node, or from a page that may not ask.
    pub(super) fn misdirected(self, misdirected: &Misdirected) -> Response<Body> {
        match self {
            Self::Plain => problem::response(misdirected.status, &misdirected.words),
            _ => {
                let mut response = self.refuse(Status::permission_denied(misdirected.words.clone()));
                *response.status_mut() = misdirected.status;
                response
            }
        }
    }

    /// The answer to a request that leads nowhere.
    pub(super) fn nowhere(self, path: &str) -> Response<Body> {
        match self {
            Self::Plain => problem::of_code(
                StatusCode::NOT_FOUND,
                Code::Unimplemented,
                "there is nothing at this path; GET / says what this node answers",
            ),
            _ => self.refuse(Status::new(Code::Unimplemented, format!("this node has no method {path}"))),
        }
    }
}
