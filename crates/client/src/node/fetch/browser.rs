//! As whom a node's page is asked for: the browsers that people have, with the headers that each of them sends.

use http::{HeaderMap, HeaderName, HeaderValue};

/// A browser. A node that has another page for programs than for people should take some trouble, and for one kind of people, too.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Browser {
    /// Firefox, on Linux and in English.
    Firefox,
    /// Chrome, on Windows and in German.
    Chrome,
    /// Safari, on a telephone and in French.
    Safari,
}

/// What somebody does who is sent a file.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Purpose {
    /// They come to the page.
    Visit,
    /// The page loads a part of itself.
    Part,
}

impl Browser {
    /// All of them.
    pub const ALL: [Self; 3] = [Self::Firefox, Self::Chrome, Self::Safari];

    /// The headers with which it asks for a path, but for the form in which it wants it. Where nobody could listen in, it says what the
    /// file is for; elsewhere it does not.
    pub(super) fn headers(self, path: &str, purpose: Purpose, is_secure: bool) -> HeaderMap {
        let mut headers = HeaderMap::new();
        let mut say = |name: &'static str, value: &'static str| {
            headers.append(HeaderName::from_static(name), HeaderValue::from_static(value));
        };
        say("user-agent", self.name());
        say("accept", self.accepted(path, purpose));
        say("accept-language", self.languages());
        if purpose == Purpose::Visit {
            say("upgrade-insecure-requests", "1");
        }
        if is_secure {
            let (site, mode, dest) = match purpose {
                Purpose::Visit => ("none", "navigate", "document"),
                Purpose::Part => ("same-origin", mode(path), destination(path)),
            };
            say("sec-fetch-dest", dest);
            say("sec-fetch-mode", mode);
            say("sec-fetch-site", site);
            if purpose == Purpose::Visit {
                say("sec-fetch-user", "?1");
            }
            if self == Self::Chrome {
                say("sec-ch-ua", r#""Chromium";v="140", "Not=A?Brand";v="24", "Google Chrome";v="140""#);
                say("sec-ch-ua-mobile", "?0");
                say("sec-ch-ua-platform", r#""Windows""#);
            }
        }
        headers
    }

    fn name(self) -> &'static str {
        match self {
            Self::Firefox => "Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0",
            Self::Chrome => {
                "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/140.0.0.0 Safari/537.36"
            }
            Self::Safari => {
                "Mozilla/5.0 (iPhone; CPU iPhone OS 18_6 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/18.6 Mobile/15E148 Safari/604.1"
            }
        }
    }

    fn languages(self) -> &'static str {
        match self {
            Self::Firefox => "en-US,en;q=0.5",
            Self::Chrome => "de-DE,de;q=0.9,en-US;q=0.8,en;q=0.7",
            Self::Safari => "fr-FR,fr;q=0.9",
        }
    }

    fn accepted(self, path: &str, purpose: Purpose) -> &'static str {
        match (purpose, destination(path), self) {
            (Purpose::Visit, _, Self::Chrome) => {
                "text/html,application/xhtml+xml,application/xml;q=0.9,image/avif,image/webp,image/apng,*/*;q=0.8"
            }
            (Purpose::Visit, ..) => "text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8",
            (Purpose::Part, "style", _) => "text/css,*/*;q=0.1",
            (Purpose::Part, "image", _) => {
                "image/avif,image/webp,image/png,image/svg+xml,image/*;q=0.8,*/*;q=0.5"
            }
            (Purpose::Part, ..) => "*/*",
        }
    }
}

/// What a browser says that a part of a page is for.
fn destination(path: &str) -> &'static str {
    match path.rsplit('.').next() {
        Some("js") if path.contains("worker") => "worker",
        Some("js") => "script",
        Some("css") => "style",
        Some("svg" | "png") => "image",
        Some("woff2") => "font",
        Some("webmanifest") => "manifest",
        _ => "empty",
    }
}

fn mode(path: &str) -> &'static str {
    match destination(path) {
        "image" => "no-cors",
        "worker" => "same-origin",
        _ => "cors",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_browser_asks_as_itself_and_says_what_for_only_where_nobody_listens() {
        let names: std::collections::BTreeSet<&str> =
            Browser::ALL.iter().map(|browser| browser.name()).collect();
        assert_eq!(names.len(), Browser::ALL.len());
        for browser in Browser::ALL {
            let part = browser.headers("/assets/x-1.js", Purpose::Part, true);
            assert_eq!(part["sec-fetch-dest"], "script");
            assert_eq!(browser.headers("/", Purpose::Visit, true)["sec-fetch-mode"], "navigate");
            assert!(
                browser
                    .headers("/", Purpose::Visit, false)
                    .keys()
                    .all(|name| !name.as_str().starts_with("sec-"))
            );
        }
    }
}
