//! The settings of rules for paths, and that no two rules say different things about one request.

use std::borrow::Cow;
use std::sync::Arc;

use http::Method;
use serde_json::Value;

use super::problem::{Place, Source};
use super::reader::{Reader, Reported};
use super::setting::Accept;
use super::table;
use crate::route::{Access, Needs, Routes, Rule, RulePath};
use crate::serve::app::is_under_auth;

/// Whether a path wants a session.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) enum AccessKind {
    Public,
    Session,
}

/// A path and everything below it.
#[derive(Debug)]
pub(crate) struct RoutePath;

impl Accept for RoutePath {
    type Value = RulePath;

    fn read(&self, text: &str) -> Result<RulePath, Cow<'static, str>> {
        let path = RulePath::parse(text)?;
        if is_under_auth(path.folded()) {
            return Err("is under `/auth`, which is answered here".into());
        }
        Ok(path)
    }

    fn accepted(&self) -> Cow<'static, str> {
        "a path as people write it, such as `/orders`, without `*`".into()
    }
}

/// A method, in upper case as on the wire.
#[derive(Debug)]
pub(crate) struct MethodName;

impl Accept for MethodName {
    type Value = Method;

    fn read(&self, text: &str) -> Result<Method, Cow<'static, str>> {
        let method = text.parse::<Method>().map_err(|_| "is no method")?;
        if text.bytes().any(|byte| byte.is_ascii_lowercase()) {
            return Err("is not in upper case".into());
        }
        Ok(method)
    }

    fn accepted(&self) -> Cow<'static, str> {
        "a method in upper case, such as `POST`".into()
    }
}

/// A claim, and one of the values it may have.
#[derive(Debug)]
pub(crate) struct ClaimValue;

impl Accept for ClaimValue {
    type Value = (String, Value);

    fn read(&self, text: &str) -> Result<(String, Value), Cow<'static, str>> {
        let (claim, json) = text.split_once('=').ok_or("has no value")?;
        if claim.is_empty() || claim.len() > 64 || claim.chars().any(char::is_control) {
            return Err("has a claim without a name, or with one that is too long".into());
        }
        if crate::user::is_reserved_claim(claim) {
            return Err("is a claim of the token itself".into());
        }
        let value = serde_json::from_str(json).map_err(|_| "has a value that JSON cannot say")?;
        Ok((claim.to_owned(), value))
    }

    fn accepted(&self) -> Cow<'static, str> {
        "claims and their values, such as `{ role = [\"admin\", \"owner\"], level = 3 }`".into()
    }

    fn is_pair(&self) -> bool {
        true
    }
}

/// The rules, each on its own and then together.
pub(super) fn routes(reader: &mut Reader) -> Result<Routes, Reported> {
    let rules = reader.items(&table::ROUTES, rule)?;
    Routes::new(rules).or_else(|collisions| {
        let mut routes = Ok(Routes::default());
        for [first, second] in collisions {
            let why = format!(
                "is for the same path and the same methods as {first}, so neither decides; make them \
                 one, or give each methods of its own",
            );
            routes = Err(reader.conflict_at(&second, why));
        }
        routes
    })
}

fn rule(reader: &mut Reader, place: &Place) -> Result<Rule, Reported> {
    let path = reader.get(&table::ROUTE_PATH);
    let is_exact = reader.get(&table::ROUTE_EXACT);
    let methods = reader.list(&table::ROUTE_METHODS);
    let kind = reader.get(&table::ROUTE_ACCESS);
    let max_age = reader.optional(&table::ROUTE_MAX_AGE);
    let claims = reader.list(&table::ROUTE_CLAIMS);
    let (path, is_exact, methods, kind) = (path?, is_exact?, methods?, kind?);
    let (max_age, claims) = (max_age?, claims?);
    // Whoever empties a list may think of nothing, and would get everything.
    if methods.is_empty() && reader.source(&table::ROUTE_METHODS) != Source::Default {
        let why =
            "is empty, so that the rule would be for no request; leave it out for every method";
        return Err(reader.conflict(&table::ROUTE_METHODS, why.to_owned()));
    }
    if claims.is_empty() && reader.source(&table::ROUTE_CLAIMS) != Source::Default {
        let why = "names no claim; leave it out if any session will do";
        return Err(reader.conflict(&table::ROUTE_CLAIMS, why.to_owned()));
    }
    let access = match kind {
        AccessKind::Session => Access::Session(Arc::new(Needs::new(max_age, claims))),
        AccessKind::Public if max_age.is_some() => {
            let why = "asks for a login, and the rule is `public`";
            return Err(reader.conflict(&table::ROUTE_MAX_AGE, why.to_owned()));
        }
        AccessKind::Public if !claims.is_empty() => {
            let why = "asks for a session, and the rule is `public`";
            return Err(reader.conflict(&table::ROUTE_CLAIMS, why.to_owned()));
        }
        AccessKind::Public => Access::Public,
    };
    Ok(Rule { place: place.clone(), path, is_exact, methods, access })
}
