//! `/api`: all routes as a page for people, and `/openapi.json` for programs. The page is plain HTML with a style sheet: it runs no script,
//! loads nothing from elsewhere, and works without a network.

use std::sync::Arc;

use axum::Router;
use axum::http::HeaderMap;
use axum::response::Response;
use axum::routing::get;
use http::{HeaderValue, Method, header};

use super::answer::{JSON, Tagged};
use super::openapi;
use super::route::{Kind, Parameter, Place, Route};
use crate::http::html::escaped;

/// What the page may do: show itself with its style sheet, and ask this node.
const CONTENT_POLICY: &str =
    "default-src 'none'; style-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'";
const STYLE: &str = include_str!("page.css");

/// The page, its style and the document.
pub(super) fn router(routes: &[Route]) -> Router {
    let shown = |media_type: &'static str, text: String| {
        let shown = Arc::new(Tagged::new(media_type, text));
        get(move |headers: HeaderMap| {
            let shown = shown.clone();
            async move { guarded(shown.answer(&headers)) }
        })
    };
    Router::new()
        .route("/openapi.json", shown(JSON, openapi::text(routes)))
        .route("/api", shown("text/html; charset=utf-8", html(routes)))
        .route("/api/page.css", shown("text/css; charset=utf-8", STYLE.to_owned()))
}

fn guarded(mut response: Response) -> Response {
    let headers = response.headers_mut();
    headers.insert(header::CONTENT_SECURITY_POLICY, HeaderValue::from_static(CONTENT_POLICY));
    headers.insert(header::REFERRER_POLICY, HeaderValue::from_static("no-referrer"));
    response
}

fn html(routes: &[Route]) -> String {
    let mut tags: Vec<&str> = Vec::new();
    for route in routes {
        if !tags.contains(&route.tag) {
            tags.push(route.tag);
        }
    }
    let sections: String = tags.iter().map(|tag| section(tag, routes)).collect();
    format!(
        "<!doctype html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n\
         <meta name=\"viewport\" content=\"width=device-width\">\n<title>Sealdesk: the interface</title>\n\
         <link rel=\"stylesheet\" href=\"/api/page.css\">\n</head>\n<body>\n<h1>Sealdesk: the interface</h1>\n\
         <p>All that this node answers over plain HTTP. <a href=\"/openapi.json\">openapi.json</a> says the same to programs.</p>\n\
         {sections}</body>\n</html>\n"
    )
}

fn section(tag: &str, routes: &[Route]) -> String {
    let routes: String = routes.iter().filter(|route| route.tag == tag).map(one).collect();
    format!("<h2>{tag}</h2>\n{routes}")
}

/// A route, closed until somebody wants to know more.
fn one(route: &Route) -> String {
    let path = escaped(&route.path.replace("{*", "{"));
    let rows: String = route.parameters.iter().map(row).collect();
    let names = if rows.is_empty() { String::new() } else { format!("<dl>\n{rows}</dl>\n") };
    let about =
        if route.about.is_empty() { String::new() } else { format!("<p>{}</p>\n", escaped(route.about)) };
    let answer = match route.answer.media_type {
        "" => String::new(),
        media_type => format!("<code>{media_type}</code>. "),
    };
    let body: String = route
        .body
        .iter()
        .flat_map(|body| body.content.iter().map(|(media, _)| format!("<p>Body: <code>{media}</code></p>\n")))
        .collect();
    format!(
        "<details id=\"{}\">\n<summary><b>{}</b> <code>{path}</code> {}</summary>\n{about}{names}{body}<p>Answer: {answer}{}</p>\n{}</details>\n",
        escaped(&route.id),
        route.method,
        escaped(&route.summary),
        escaped(route.answer.about),
        form(route),
    )
}

fn row(parameter: &Parameter) -> String {
    let place = match parameter.place {
        Place::Path => "in the path",
        Place::Query => "in the query",
        Place::Header => "as a header",
    };
    let kind = match &parameter.kind {
        Kind::Number { min, max } => format!(", {min} to {max}"),
        Kind::Flag => ", true or false".to_owned(),
        Kind::OneOf(names) => format!(": {}", names.join(", ")),
        Kind::Text | Kind::Cursor | Kind::Field(_) => String::new(),
    };
    format!(
        "<dt><code>{}</code> {place}{}</dt><dd>{}</dd>\n",
        escaped(&parameter.name),
        escaped(&kind),
        escaped(&parameter.about)
    )
}

/// Where a browser can ask without a script: a path that names nothing. What is left empty there is as if it were not named.
fn form(route: &Route) -> String {
    if route.method != Method::GET || route.path.contains('{') || route.answer.media_type != JSON {
        return String::new();
    }
    let fields: String = route
        .parameters
        .iter()
        .filter(|parameter| parameter.place == Place::Query)
        .map(|parameter| {
            let name = escaped(&parameter.name);
            format!("<label>{name} <input name=\"{name}\"></label>\n")
        })
        .collect();
    match fields.is_empty() {
        true => format!("<p><a href=\"{}\">Ask</a></p>\n", escaped(&route.path)),
        false => {
            format!("<form action=\"{}\">\n{fields}<button>Ask</button>\n</form>\n", escaped(&route.path))
        }
    }
}

#[cfg(test)]
mod tests {
    use axum::body::Body;
    use http::Request;
    use http_body_util::BodyExt as _;
    use tower::ServiceExt as _;

    #[tokio::test]
    async fn what_is_the_same_for_everyone_is_in_memory_once() {
        let router = super::router(&crate::rest::table());
        for path in ["/openapi.json", "/api", "/api/page.css"] {
            let body = async || {
                let request = Request::get(path).body(Body::empty()).unwrap();
                let answer = router.clone().oneshot(request).await.unwrap();
                answer.into_body().collect().await.unwrap().to_bytes()
            };
            let (one, other) = (body().await, body().await);
            assert!(!one.is_empty() && one.as_ptr() == other.as_ptr(), "{path} is copied");
        }
    }
}
