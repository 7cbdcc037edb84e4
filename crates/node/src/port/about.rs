//! `/about`: what this is and where to go, as a page for browsers and as text for everyone else, who get it at `/` too. Nothing in it is
//! anybody's but this node's.

use axum::body::Body;
use axum::extract::{Request, State};
use axum::response::Response;
use http::{HeaderValue, header};

use crate::api::Context;
use crate::http::html::escaped;
use crate::page::{accepts_html, is_here};

/// What the page may do: show itself, with its own style, and nothing else.
const CONTENT_POLICY: &str = "default-src 'none'; style-src 'unsafe-inline'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'";
/// How the page looks, by day and by night.
const STYLE: &str = "body{font:16px/1.5 system-ui,sans-serif;max-width:44rem;margin:3rem auto;padding:0 1rem;color-scheme:light dark}\
     dt{font-weight:600;margin-top:.6rem}dd{margin:0}code{font:14px ui-monospace,monospace}";

/// One line of the page: what there is, and how it is reached.
struct Line {
    name: &'static str,
    /// Words that lead there. `{url}` is the node's address, `{host}` the same without its scheme, `{plaintext}` what says to grpcurl that
    /// it speaks no TLS.
    how: &'static str,
    /// Where a browser can go.
    link: Option<&'static str>,
}

/// What there is on this port.
const LINES: &[Line] = &[
    Line { name: "The desk, for people", how: "{url}/", link: Some("/") },
    Line { name: "The program", how: "sealdesk inbox --node {url}", link: None },
    Line { name: "gRPC and gRPC-web, with reflection", how: "grpcurl {plaintext}{host} list", link: None },
    Line { name: "REST: each path, to read about and to try", how: "{url}/api", link: Some("/api") },
    Line {
        name: "REST, described for programs",
        how: "curl {url}/openapi.json",
        link: Some("/openapi.json"),
    },
    Line { name: "Events as they happen", how: "curl -N {url}/api/v1/events", link: None },
    Line {
        name: "JSON-RPC as CometBFT's, for CosmJS and Keplr",
        how: "curl {url}/status",
        link: Some("/status"),
    },
    Line { name: "Whether the ledger runs", how: "curl {url}/health", link: Some("/health") },
];

pub(super) async fn front(State(context): State<Context>, request: Request) -> Response {
    let url = url(&context, &request);
    let for_browsers = accepts_html(request.headers());
    let (body, content_type) = match for_browsers {
        true => (html(&context, &url), "text/html; charset=utf-8"),
        false => (text(&context, &url), "text/plain; charset=utf-8"),
    };
    let mut response = Response::new(Body::from(body));
    let headers = response.headers_mut();
    for (name, value) in [
        (header::CONTENT_TYPE, content_type),
        (header::CONTENT_SECURITY_POLICY, CONTENT_POLICY),
        (header::X_CONTENT_TYPE_OPTIONS, "nosniff"),
        (header::REFERRER_POLICY, "no-referrer"),
        (header::CACHE_CONTROL, "no-store"),
        (header::VARY, "accept"),
    ] {
        headers.insert(name, HeaderValue::from_static(value));
    }
    response
}

/// How this node is reached: by its public URL where it has one, else at the address that was asked.
fn url(context: &Context, request: &Request) -> String {
    if let Some(public) = context.addresses.get("public") {
        return public.clone();
    }
    let own = context.addresses.get("grpc").and_then(|url| url.split_once("://"));
    let (scheme, address) = own.unwrap_or(("http", "localhost"));
    let host = request.headers().get(header::HOST).and_then(|host| host.to_str().ok());
    let host = request.uri().authority().map(http::uri::Authority::as_str).or(host).unwrap_or(address);
    format!("{scheme}://{host}")
}

fn text(context: &Context, url: &str) -> String {
    let mut text = format!(
        "Sealdesk {}: a support desk whose tickets only their readers can open.\nThis node serves the ledger {}.\n\n",
        env!("CARGO_PKG_VERSION"),
        context.genesis.chain_id
    );
    for line in present() {
        text.push_str(&format!("{}:\n  {}\n", line.name, filled(line.how, url)));
    }
    text
}

fn html(context: &Context, url: &str) -> String {
    let mut lines = String::new();
    for line in present() {
        let how = format!("<code>{}</code>", escaped(&filled(line.how, url)));
        let how = match line.link {
            Some(link) => format!("<a href=\"{link}\">{how}</a>"),
            None => how,
        };
        lines.push_str(&format!("<dt>{}</dt><dd>{how}</dd>\n", line.name));
    }
    format!(
        "<!doctype html>\n<html lang=\"en\"><head><meta charset=\"utf-8\"><meta name=\"viewport\" content=\"width=device-width\">\
         <title>Sealdesk</title><style>{STYLE}</style></head><body>\n<h1>Sealdesk</h1>\n\
         <p>A support desk whose tickets only their readers can open. This node serves the ledger <code>{}</code>.</p>\n\
         <dl>\n{lines}</dl>\n<p>Sealdesk {}</p>\n</body></html>\n",
        escaped(context.genesis.chain_id.as_ref()),
        env!("CARGO_PKG_VERSION"),
    )
}

/// What there is, in this program.
fn present() -> impl Iterator<Item = &'static Line> {
    LINES.iter().filter(|line| is_here() || line.link != Some("/"))
}

fn filled(how: &str, url: &str) -> String {
    let (scheme, host) = url.split_once("://").unwrap_or(("http", url));
    let plaintext = if scheme == "http" { "-plaintext " } else { "" };
    how.replace("{url}", url).replace("{plaintext}", plaintext).replace("{host}", host)
}
