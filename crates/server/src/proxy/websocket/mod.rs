//! WebSockets (RFC 6455): a request like any other until it is answered, then bytes both ways.

mod frame;
mod handshake;
mod tunnel;

pub(super) use handshake::Handshake;
pub(super) use tunnel::Tunnel;
