//! The sealpass server.

fn main() {}
