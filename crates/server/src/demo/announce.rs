//! What the demo prints when it is ready.

use std::io::{self, Write};

use sealpass_tower::sealpass::Origin;
use sealpass_tower::sealpass::cookie::CookieProfile;
use serde_json::json;

use super::account::Account;
use crate::cli::OutputFormat;

pub(super) fn announce(
    format: OutputFormat,
    url: &Origin,
    account: &Account,
    cookies: &CookieProfile,
) -> io::Result<()> {
    let text = match format {
        OutputFormat::Json => in_json(url, account),
        OutputFormat::Text => in_text(url, account, cookies),
    };
    let mut stdout = io::stdout().lock();
    stdout.write_all(text.as_bytes())?;
    stdout.flush()
}

fn in_json(url: &Origin, account: &Account) -> String {
    let line = json!({
        "url": url.to_string(),
        "username": Account::USERNAME,
        "password": account.password(),
    });
    format!("{line}\n")
}

/// The commands are for a POSIX shell, one line each; a comment ends with the status to expect.
fn in_text(url: &Origin, account: &Account, cookies: &CookieProfile) -> String {
    let (username, password, csrf_cookie) =
        (Account::USERNAME, account.password(), cookies.csrf_name());
    format!(
        r#"Sealpass demo. Everything is in memory and gone when you press Ctrl-C.

  open      {url}
  username  {username}
  password  {password}

The same with curl:

  jar=$(mktemp)
  json='Content-Type: application/json'
  status='\n%{{http_code}}\n'

  # Log in: the two cookies go into the jar, and no token is in the answer. 200
  curl -sS -w "$status" -c "$jar" -H "$json" -d '{{"username":"{username}","password":"{password}"}}' {url}/auth/login

  # A protected call. 200
  curl -sS -w "$status" -b "$jar" {url}/api/hello

  # A write that repeats the anti-CSRF cookie in a header. 200
  csrf=$(awk '$6 == "{csrf_cookie}" {{ print $7 }}' "$jar")
  curl -sS -w "$status" -b "$jar" -H "X-CSRF-Token: $csrf" -H "$json" -d '{{"text":"Hello from curl"}}' {url}/api/notes

  # The same without the header, as another site could make a browser send it. 403
  curl -sS -w "$status" -b "$jar" -H "$json" -d '{{"text":"Forged"}}' {url}/api/notes

  # Log out. 204
  curl -sS -w "$status" -b "$jar" -H "X-CSRF-Token: $csrf" -X POST {url}/auth/logout

  # The jar still has the old cookie, as a thief would. 401
  curl -sS -w "$status" -b "$jar" {url}/api/hello
"#
    )
}
