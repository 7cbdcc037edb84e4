//! An authority that nobody knows but those whom a test tells of it, and the certificates that it signs.

use std::ops::Range;

use rcgen::{
    BasicConstraints, CertificateParams, DnType, IsCa, Issuer, KeyPair, KeyUsagePurpose, date_time_ymd,
};

/// Years in which certificates of tests are good, where they are.
const GOOD: Range<i32> = 2020..4000;
/// Years in which those were good that are over.
const OVER: Range<i32> = 2020..2021;

/// See the module.
pub struct Authority {
    issuer: Issuer<'static, KeyPair>,
    pem: String,
}

/// A certificate and its key, as files of PEM hold them.
pub struct Certified {
    pub cert: String,
    pub key: String,
}

impl Authority {
    /// A new one.
    pub fn new() -> Self {
        let mut params = params(&[], GOOD);
        params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
        params.key_usages = vec![KeyUsagePurpose::KeyCertSign, KeyUsagePurpose::DigitalSignature];
        params.distinguished_name.push(DnType::CommonName, "An authority of tests");
        let key = KeyPair::generate().unwrap();
        let pem = params.self_signed(&key).unwrap().pem();
        Self { issuer: Issuer::new(params, key), pem }
    }

    /// Its own certificate, as PEM: what a client is told to believe.
    pub fn pem(&self) -> &str {
        &self.pem
    }

    /// A certificate for these names and addresses.
    pub fn certify(&self, names: &[&str]) -> Certified {
        self.sign(names, GOOD)
    }

    /// One that was good once.
    pub fn certify_once(&self, names: &[&str]) -> Certified {
        self.sign(names, OVER)
    }

    fn sign(&self, names: &[&str], years: Range<i32>) -> Certified {
        let key = KeyPair::generate().unwrap();
        let cert = params(names, years).signed_by(&key, &self.issuer).unwrap();
        Certified { cert: cert.pem(), key: key.serialize_pem() }
    }
}

impl Default for Authority {
    fn default() -> Self {
        Self::new()
    }
}

fn params(names: &[&str], years: Range<i32>) -> CertificateParams {
    let names: Vec<String> = names.iter().map(|name| (*name).to_owned()).collect();
    let mut params = CertificateParams::new(names).unwrap();
    params.not_before = date_time_ymd(years.start, 1, 1);
    params.not_after = date_time_ymd(years.end, 1, 1);
    params
}
