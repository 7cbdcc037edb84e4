//! Where a bucket is, and by which credentials it is used: from `[blobs]` of config.toml, a file, and the environment; never from the
//! command line.

use std::fs;
use std::os::unix::fs::PermissionsExt as _;
use std::path::{Path, PathBuf};

use http::Uri;
use thiserror::Error;
use zeroize::Zeroizing;

use crate::home::BlobsConfig;

const REGION_DEFAULT: &str = "us-east-1";
/// The section of a file of credentials that is read.
const PROFILE: &str = "default";
/// Longest file of credentials, in bytes.
const CREDENTIALS_BYTES_MAX: u64 = 16_384;

/// Why a bucket cannot be used as it is named.
#[derive(Debug, Error)]
pub(crate) enum PlaceError {
    /// Not a bucket.
    #[error(
        "s3 in [blobs] of config.toml: '{0}' is not a bucket; write s3://BUCKET, or s3://BUCKET/PREFIX with letters, digits and - _ ."
    )]
    Bucket(String),
    /// Not an address.
    #[error("s3_endpoint in [blobs] of config.toml: '{0}' is not an address; write https://s3.example")]
    Endpoint(String),
    /// What belongs to a bucket, and none is named.
    #[error("{0} in [blobs] of config.toml belongs to a bucket: name it as s3 = \"s3://BUCKET/PREFIX\"")]
    NoBucket(&'static str),
    /// The file cannot be read.
    #[error("s3_credentials in [blobs] of config.toml: {}: {error}", path.display())]
    File {
        /// Which.
        path: PathBuf,
        /// What the system says.
        #[source]
        error: std::io::Error,
    },
    /// Everyone on the machine can read it.
    #[error("{} can be read by everyone on this machine: chmod 600 {}", .0.display(), .0.display())]
    Readable(PathBuf),
    /// Not such a file. Nothing of it is shown.
    #[error(
        "{} has no aws_access_key_id and aws_secret_access_key in its section [{PROFILE}]: write a line NAME = VALUE for each", .0.display()
    )]
    Credentials(PathBuf),
    /// Nothing says by which credentials.
    #[error(
        "there are no credentials for the bucket: name a file as s3_credentials in [blobs] of config.toml, or set AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY"
    )]
    NoCredentials,
}

/// See the module.
pub(super) struct Place {
    pub(super) bucket: String,
    /// Before the name of each piece; empty, or parts with a slash between each two.
    pub(super) prefix: String,
    pub(super) endpoint: Option<String>,
    pub(super) region: String,
    pub(super) credentials: Credentials,
}

/// Whose name and secret requests are signed with. Not printable.
pub(super) struct Credentials {
    pub(super) id: Zeroizing<String>,
    pub(super) secret: Zeroizing<String>,
    pub(super) token: Option<Zeroizing<String>>,
}

impl Place {
    /// The place that a configuration names; `None` where it names none. `variable` looks up the environment.
    pub(super) fn of(
        config: &BlobsConfig,
        variable: impl Fn(&str) -> Option<String>,
    ) -> Result<Option<Self>, PlaceError> {
        let Some(url) = &config.s3 else {
            let beside = [
                ("s3_endpoint", config.s3_endpoint.is_some()),
                ("s3_region", config.s3_region.is_some()),
                ("s3_credentials", config.s3_credentials.is_some()),
            ];
            return match beside.into_iter().find(|(_, said)| *said) {
                Some((name, _)) => Err(PlaceError::NoBucket(name)),
                None => Ok(None),
            };
        };
        let (bucket, prefix) = split(url).ok_or_else(|| PlaceError::Bucket(url.clone()))?;
        let endpoint = config.s3_endpoint.as_deref().map(endpoint).transpose()?;
        let region = config.s3_region.clone().or_else(|| variable("AWS_REGION"));
        let region = region.unwrap_or_else(|| REGION_DEFAULT.to_owned());
        let credentials = match &config.s3_credentials {
            Some(path) => Credentials::read(path)?,
            None => Credentials::of_environment(variable).ok_or(PlaceError::NoCredentials)?,
        };
        Ok(Some(Self { bucket, prefix, endpoint, region, credentials }))
    }
}

impl Credentials {
    fn of_environment(variable: impl Fn(&str) -> Option<String>) -> Option<Self> {
        let secret = |name: &str| variable(name).filter(|value| !value.is_empty()).map(Zeroizing::new);
        let (id, key) = (secret("AWS_ACCESS_KEY_ID")?, secret("AWS_SECRET_ACCESS_KEY")?);
        Some(Self { id, secret: key, token: secret("AWS_SESSION_TOKEN") })
    }

    fn read(path: &Path) -> Result<Self, PlaceError> {
        let failed = |error| PlaceError::File { path: path.to_owned(), error };
        let wrong = || PlaceError::Credentials(path.to_owned());
        let found = fs::metadata(path).map_err(failed)?;
        if found.permissions().mode() & 0o007 != 0 {
            return Err(PlaceError::Readable(path.to_owned()));
        }
        if found.len() > CREDENTIALS_BYTES_MAX {
            return Err(wrong());
        }
        let text = Zeroizing::new(fs::read_to_string(path).map_err(failed)?);
        Self::parse(&text).ok_or_else(wrong)
    }

    fn parse(text: &str) -> Option<Self> {
        let text = text.strip_prefix('\u{feff}').unwrap_or(text);
        let (mut id, mut secret, mut token, mut is_ours) = (None, None, None, true);
        for line in text.lines().map(str::trim) {
            if let Some(section) = line.strip_prefix('[') {
                is_ours = section.strip_suffix(']').map(str::trim) == Some(PROFILE);
                continue;
            }
            let Some((name, value)) = line.split_once('=').filter(|_| is_ours) else { continue };
            let place = match name.trim() {
                "aws_access_key_id" => &mut id,
                "aws_secret_access_key" => &mut secret,
                "aws_session_token" => &mut token,
                _ => continue,
            };
            let value = value.trim();
            *place = (!value.is_empty()).then(|| Zeroizing::new(value.to_owned()));
        }
        Some(Self { id: id?, secret: secret?, token })
    }
}

/// The bucket and the prefix of `s3://BUCKET/PREFIX`.
fn split(url: &str) -> Option<(String, String)> {
    let rest = url.strip_prefix("s3://")?;
    let (bucket, prefix) = rest.split_once('/').unwrap_or((rest, ""));
    let prefix = prefix.strip_suffix('/').unwrap_or(prefix);
    let is_name = |part: &str| {
        let plain = part.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"-_.".contains(&byte));
        plain && !part.is_empty() && part != "." && part != ".."
    };
    let is_whole = is_name(bucket) && (prefix.is_empty() || prefix.split('/').all(is_name));
    is_whole.then(|| (bucket.to_owned(), prefix.to_owned()))
}

fn endpoint(text: &str) -> Result<String, PlaceError> {
    let wrong = || PlaceError::Endpoint(text.to_owned());
    let uri: Uri = text.parse().map_err(|_| wrong())?;
    let known = matches!(uri.scheme_str(), Some("http" | "https"));
    let bare = matches!(uri.path(), "" | "/") && uri.query().is_none();
    let authority = uri.authority().filter(|authority| known && bare && !authority.as_str().contains('@'));
    authority.ok_or_else(wrong)?;
    Ok(text.trim_end_matches('/').to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn nothing(_: &str) -> Option<String> {
        None
    }

    fn of_url(url: &str) -> Option<(String, String)> {
        split(url)
    }

    #[test]
    fn a_bucket_has_a_name_and_perhaps_a_prefix() {
        let of = |bucket: &str, prefix: &str| Some((bucket.to_owned(), prefix.to_owned()));
        assert_eq!(of_url("s3://desk"), of("desk", ""));
        assert_eq!(of_url("s3://desk/a/b.c/"), of("desk", "a/b.c"));
        for wrong in ["", "desk", "s3://", "s3:///a", "s3://a//b", "s3://a/..", "s3://a/b?c", "https://a/b"] {
            assert_eq!(of_url(wrong), None, "{wrong}");
        }
    }

    #[test]
    fn what_is_not_an_address_is_said() {
        assert_eq!(endpoint("https://s3.example/").unwrap(), "https://s3.example");
        assert_eq!(endpoint("http://127.0.0.1:9000").unwrap(), "http://127.0.0.1:9000");
        for wrong in ["", "s3.example", "ftp://a", "http://a@b", "http://a/b", "http://a?b"] {
            assert!(matches!(endpoint(wrong), Err(PlaceError::Endpoint(_))), "{wrong}");
        }
    }

    #[test]
    fn credentials_come_from_the_default_section_of_a_file() {
        let text =
            "# ours\naws_access_key_id = ID\naws_secret_access_key=SE=CRET\n[other]\naws_session_token = T";
        let found = Credentials::parse(text).unwrap();
        assert_eq!((found.id.as_str(), found.secret.as_str()), ("ID", "SE=CRET"));
        assert!(found.token.is_none());
        let marked = format!("\u{feff}[other]\r\naws_access_key_id = X\r\n[default]\r\n{text}");
        assert_eq!(Credentials::parse(&marked).unwrap().id.as_str(), "ID");
        for wrong in
            ["", "aws_access_key_id = ID", "[other]\naws_access_key_id = A\naws_secret_access_key = B"]
        {
            assert!(Credentials::parse(wrong).is_none(), "{wrong}");
        }
    }

    #[test]
    fn a_file_that_everyone_can_read_is_refused_and_no_error_shows_a_secret() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("s3");
        fs::write(&path, "aws_access_key_id = ID\naws_secret_access_key = HUSH").unwrap();
        fs::set_permissions(&path, fs::Permissions::from_mode(0o644)).unwrap();
        let config = BlobsConfig {
            s3: Some("s3://desk".to_owned()),
            s3_credentials: Some(path.clone()),
            ..BlobsConfig::default()
        };
        let why = |config: &BlobsConfig| Place::of(config, nothing).err().unwrap().to_string();
        assert!(why(&config).contains("chmod 600"), "{}", why(&config));
        fs::set_permissions(&path, fs::Permissions::from_mode(0o600)).unwrap();
        assert_eq!(Place::of(&config, nothing).unwrap().unwrap().region, "us-east-1");
        fs::write(&path, "[default]\nsecret = HUSH").unwrap();
        assert!(!why(&config).contains("HUSH"), "{}", why(&config));
    }

    #[test]
    fn the_environment_has_credentials_too_and_what_is_beside_a_bucket_needs_one() {
        let environment = |name: &str| match name {
            "AWS_ACCESS_KEY_ID" | "AWS_SECRET_ACCESS_KEY" => Some("x".to_owned()),
            "AWS_REGION" => Some("eu-central-1".to_owned()),
            _ => None,
        };
        let config = BlobsConfig { s3: Some("s3://desk".to_owned()), ..BlobsConfig::default() };
        assert_eq!(Place::of(&config, environment).unwrap().unwrap().region, "eu-central-1");
        assert!(matches!(Place::of(&config, nothing), Err(PlaceError::NoCredentials)));
        let config = BlobsConfig { s3_region: Some("eu".to_owned()), ..BlobsConfig::default() };
        assert!(matches!(Place::of(&config, environment), Err(PlaceError::NoBucket("s3_region"))));
        assert!(Place::of(&BlobsConfig::default(), environment).unwrap().is_none());
    }
}
